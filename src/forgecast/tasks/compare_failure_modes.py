"""Compare failure modes with what really occurred: the rated occurrence beside the observed rate and its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from forgecast.ground.citation import Source
from forgecast.ground.dates import DAY_US, day_start_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual, text
from forgecast.quality.scrap import FloatArray, wilson_interval
from forgecast.store.plant_folder import PlantFolder


@dataclass(frozen=True, slots=True)
class Counted:
    """Pieces with a defect in one record: how many, of how many inspected (None where that is not on record)."""

    record: str
    bad: int
    inspected: int | None


@dataclass(frozen=True, slots=True)
class ComparedMode:
    """A failure mode and its occurrence.

    Parameters
    ----------
    id, step, failure, defect : str
    product : str
        Empty for all products.
    severity, occurrence, detection : int or None
        As rated.
    counted : tuple of Counted
        What each record says; they are never added, for one bad piece may stand in several.
    rate, low, high : float or None
        Observed rate with its 95 % Wilson interval [1], from the first record that says how many were inspected.
    seen : (int, int) or None
        Lowest and highest rating that the interval allows.
    why_missing : Text or None
    """

    id: str
    product: str
    step: str
    failure: str
    defect: str
    severity: int | None
    occurrence: int | None
    detection: int | None
    counted: tuple[Counted, ...]
    rate: float | None
    low: float | None
    high: float | None
    seen: tuple[int, int] | None
    why_missing: Text | None

    @property
    def priority(self) -> int | None:
        """Return severity times occurrence times detection (RPN), None where one is not rated."""
        if self.severity is None or self.occurrence is None or self.detection is None:
            return None
        return self.severity * self.occurrence * self.detection

    @property
    def disagrees(self) -> Text | None:
        """Return how the rated occurrence disagrees with the observed one, None where it does not or is not known."""
        if self.seen is None or self.occurrence is None or self.seen[0] <= self.occurrence <= self.seen[1]:
            return None
        if self.occurrence < self.seen[0]:
            return text("rated {rated}, seen at least {seen}", rated=self.occurrence, seen=self.seen[0])
        return text("rated {rated}, seen at most {seen}", rated=self.occurrence, seen=self.seen[1])

    def as_json(self) -> dict[str, object]:
        """Return the failure mode."""
        return {
            "id": self.id,
            "product": self.product,
            "step": self.step,
            "failure": self.failure,
            "defect": self.defect,
            "severity": self.severity,
            "occurrence": self.occurrence,
            "detection": self.detection,
            "rpn": self.priority,
            "counted": [{"record": c.record, "bad": c.bad, "inspected": c.inspected} for c in self.counted],
            "rate": self.rate,
            "rate_low": self.low,
            "rate_high": self.high,
            "seen_occurrence": None if self.seen is None else list(self.seen),
            "disagrees": None if self.disagrees is None else self.disagrees.as_json(),
            "why_missing": None if self.why_missing is None else self.why_missing.as_json(),
        }


@dataclass(frozen=True, slots=True)
class ComparedModes:
    """The register of failure modes of a plant, each beside its occurrence.

    Parameters
    ----------
    plant : str
    modes : tuple of ComparedMode
        By priority, the highest first.
    unlinked : tuple of (str, int)
        Defects that occurred and no failure mode names, with their pieces, most first.
    scale : Source
        Of the rating of occurrence.
    synthetic : bool
    """

    plant: str
    modes: tuple[ComparedMode, ...]
    unlinked: tuple[tuple[str, int], ...]
    scale: Source
    synthetic: bool

    @property
    def disagreeing(self) -> int:
        """Return how many ratings disagree with what is seen."""
        return sum(mode.disagrees is not None for mode in self.modes)

    def as_json(self) -> dict[str, object]:
        """Return the register with both languages inside."""
        return {
            "plant": self.plant,
            "synthetic": self.synthetic,
            "disagreeing": self.disagreeing,
            "failure_modes": [mode.as_json() for mode in self.modes],
            "defects_without_failure_mode": [{"defect": name, "count": count} for name, count in self.unlinked],
            "scale": self.scale.as_json(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Book:
    """Rows of one record: product, defect, bad pieces, inspected pieces (NaN where not on record)."""

    record: str
    product: list[str]
    defect: list[str]
    bad: FloatArray
    inspected: FloatArray

    def count(self, product: str, defect: str) -> Counted | None:
        """Return what it says of a defect; None where it has no row of the product."""
        mine = np.array([not product or p == product for p in self.product], dtype=np.bool_)
        if not mine.any():
            return None
        named = mine & np.array([d == defect for d in self.defect], dtype=np.bool_)
        whole = self.inspected[mine]
        return Counted(
            self.record, round(float(self.bad[named].sum())), None if np.isnan(whole).any() else round(whole.sum())
        )


def compare_failure_modes(
    plant: PlantFolder, *, since: date | None = None, until: date | None = None, confidence: float = 0.95
) -> ComparedModes:
    """Compare every failure mode of a plant with the pieces that had its defect.

    Parameters
    ----------
    plant : PlantFolder
    since, until : date or None
        First and last local day, both included.
    confidence : float
        Of the interval of the rate.

    Raises
    ------
    ForgecastError
        If the plant has no failure mode on record.

    Notes
    -----
    A failure mode is linked by its field `defect`, letter by letter, to the same field of pieces, inspections and
    nonconformities. The action priority of the AIAG-VDA handbook is not told: its table was not read.
    """
    rows = plant.records.read("failure_mode")
    if not rows:
        raise ForgecastError(
            text("no failure mode is on record"),
            where=str(plant.path),
            repair=text("import a table of them; `forgecast plant fields failure_mode --template fmea.csv` writes one"),
        )
    books = _books(plant, since, until)
    modes = [_compared(row.values, books, confidence) for row in rows]
    known = {mode.defect for mode in modes}
    pieces = books[0]
    others: dict[str, int] = {}
    for defect, bad in zip(pieces.defect, pieces.bad, strict=True):
        if defect and defect not in known and bad > 0.0:
            others[defect] = others.get(defect, 0) + round(float(bad))
    return ComparedModes(
        plant=plant.settings.name,
        modes=tuple(sorted(modes, key=lambda mode: -(mode.priority or 0))),
        unlinked=tuple(sorted(others.items(), key=lambda pair: -pair[1])),
        scale=_scale()[1],
        synthetic=plant.settings.synthetic,
    )


def rating_of(rate: float) -> int:
    """Return the rating of occurrence of a rate, a rate between two having the higher one.

    Parameters
    ----------
    rate : float
        [1]
    """
    return next(rating for rating, highest in _scale()[0] if rate <= highest)


def _scale() -> tuple[list[tuple[int, float]], Source]:
    table = read_table("occurrence_rating")
    pairs = [(int(row["rating"]), float(row["highest_rate"])) for row in table]
    first = next(iter(table))
    what = text("rating of occurrence")
    return sorted(pairs), Source(what, bilingual(first["source"], first["source_zh"]), first["confidence"])


def _compared(row: Mapping[str, object], books: tuple[_Book, ...], confidence: float) -> ComparedMode:
    product, defect = str(row["product"] or ""), str(row["defect"] or "")
    counted: tuple[Counted, ...] = ()
    why: Text | None = None
    if not defect:
        why = text("the failure mode names no defect, so nothing can be counted")
    else:
        counted = tuple(found for book in books if (found := book.count(product, defect)) is not None)
    whole = next(((one.bad, one.inspected) for one in counted if one.inspected), None)
    if why is None and whole is None:
        why = text("no inspected pieces are on record")
    rate = low = high = None
    if whole is not None and whole[1] is not None:
        bounds = wilson_interval(whole[0], whole[1], confidence=confidence)
        rate, low, high = whole[0] / whole[1], float(bounds[0]), float(bounds[1])
    return ComparedMode(
        id=str(row["id"]),
        product=product,
        step=str(row["step"]),
        failure=str(row["failure"]),
        defect=defect,
        severity=_rating(row["severity"]),
        occurrence=_rating(row["occurrence"]),
        detection=_rating(row["detection"]),
        counted=counted,
        rate=rate,
        low=low,
        high=high,
        seen=None if low is None or high is None else (rating_of(low), rating_of(high)),
        why_missing=why,
    )


def _rating(value: object) -> int | None:
    return None if value is None else int(str(value))


def _books(plant: PlantFolder, since: date | None, until: date | None) -> tuple[_Book, ...]:
    """Return what pieces, inspections and nonconformities say, in the order in which a rate is taken from them."""
    zone = plant.settings.zone
    start = -np.inf if since is None else day_start_us(since, zone)
    end = np.inf if until is None else day_start_us(until, zone) + DAY_US
    pieces = _held(plant, "piece", ("product", "made_at", "count", "result", "defect"), start, end)
    number = _or_one(pieces["count"])
    known = np.array([word is not None for word in pieces["result"]], dtype=np.bool_)
    reject = np.array([word == "reject" for word in pieces["result"]], dtype=np.bool_)
    own = _Book(
        "piece", _words(pieces["product"]), _words(pieces["defect"]), np.where(reject, number, 0.0),
        np.where(known, number, 0.0),
    )  # fmt: skip
    seen = _held(plant, "inspection", ("piece", "inspected_at", "count", "count_bad", "result", "defect"), start, end)
    all_pieces = plant.records.columns("piece", ["id", "product"])
    of = dict(zip(_words(all_pieces["id"]), _words(all_pieces["product"]), strict=True))
    bad = seen["count_bad"].astype(np.float64)
    alone = np.array([word == "reject" for word in seen["result"]], dtype=np.float64)
    inspected = _Book(
        "inspection", [of.get(piece, "") for piece in _words(seen["piece"])], _words(seen["defect"]),
        np.where(np.isnan(bad), alone, bad), _or_one(seen["count"]),
    )  # fmt: skip
    told = _held(plant, "nonconformity", ("product", "raised_at", "count", "defect"), start, end)
    reported = _or_one(told["count"])
    raised = _Book(
        "nonconformity", _words(told["product"]), _words(told["defect"]), reported, np.full(reported.shape, np.nan)
    )
    return own, inspected, raised


def _held(
    plant: PlantFolder, record: str, fields: tuple[str, ...], start: float, end: float
) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    held = plant.records.columns(record, fields)
    times = held[fields[1]].astype(np.float64)
    inside = (times >= start) & (times < end)
    return {name: values[inside] for name, values in held.items()}


def _words(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> list[str]:
    return ["" if word is None else str(word) for word in values]


def _or_one(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> FloatArray:
    """Return counts; a row of one piece may leave it out, as the fields say."""
    counts = values.astype(np.float64)
    return np.where(np.isnan(counts), 1.0, counts)
