"""Check the measurements of a plant's pieces against the limits of their characteristics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.plant.rows import Value
from forgecast.quality.release import WORD_OF_DECISION, Decision, DecisionRule, Measured, decide
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow


@dataclass(frozen=True, slots=True)
class Dimension:
    """A characteristic of a product and what its measurements say.

    Parameters
    ----------
    product, name, unit : str
        The unit is empty where none is on record.
    nominal, lower, upper : float or None
        In that unit.
    expanded : float or None
        Largest expanded uncertainty (k = 2) that entered a decision; None where simple acceptance decided all.
    measured, met, not_met, not_known : int
        Values measured, and how many of them meet the limits, do not, or cannot be told.
    lowest, highest : float or None
        Of the values.
    why_not_known : Text or None
        Why some cannot be told.
    """

    product: str
    name: str
    unit: str
    nominal: float | None
    lower: float | None
    upper: float | None
    expanded: float | None
    measured: int
    met: int
    not_met: int
    not_known: int
    lowest: float | None
    highest: float | None
    why_not_known: Text | None

    def as_json(self) -> dict[str, object]:
        """Return the dimension as the JSON answer shows it."""
        return {
            "product": self.product,
            "name": self.name,
            "unit": self.unit,
            "nominal": self.nominal,
            "lower": self.lower,
            "upper": self.upper,
            "expanded_uncertainty_k2": self.expanded,
            "measured": self.measured,
            "met": self.met,
            "not_met": self.not_met,
            "not_known": self.not_known,
            "lowest": self.lowest,
            "highest": self.highest,
            "why_not_known": None if self.why_not_known is None else self.why_not_known.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Outlier:
    """A value that does not meet its limits, or lies too near to one to tell.

    Parameters
    ----------
    product, name, piece : str
    measured_at : int
        Microseconds UTC.
    sequence : int or None
    value : float
        In the unit of the characteristic.
    limit : float
        The limit it is beyond, or next to.
    beyond : float
        How far outside that limit; negative inside.
    word : str
        ``not met``, or ``not known`` where its uncertainty reaches across the limit.
    place : str
        File and row it was imported from.
    """

    product: str
    name: str
    piece: str
    measured_at: int
    sequence: int | None
    value: float
    limit: float
    beyond: float
    word: str
    place: str

    def as_json(self, zone: str) -> dict[str, object]:
        """Return the value as the JSON answer shows it."""
        return {
            "product": self.product,
            "characteristic": self.name,
            "piece": self.piece,
            "measured_at": from_us(self.measured_at, zone).isoformat(),
            "sequence": self.sequence,
            "value": self.value,
            "limit": self.limit,
            "beyond": self.beyond,
            "word": self.word,
            "place": self.place,
        }


@dataclass(frozen=True, slots=True)
class DimensionCheck:
    """What the measurements of a plant say of its limits.

    Show: `notes`; each of `dimensions` with its counts; each of `outliers` with piece, time, value and limit.
    """

    dimensions: tuple[Dimension, ...]
    outliers: tuple[Outlier, ...]
    notes: tuple[Text, ...]
    zone: str

    @property
    def not_met(self) -> int:
        """Return how many values do not meet their limits."""
        return sum(dimension.not_met for dimension in self.dimensions)

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "dimensions": [dimension.as_json() for dimension in self.dimensions],
            "outliers": [outlier.as_json(self.zone) for outlier in self.outliers],
            "notes": [note.as_json() for note in self.notes],
        }


def check_dimensions(plant: PlantFolder, *, product: str = "") -> DimensionCheck:
    """Check every measurement against the limits of its characteristic.

    Where the record `measurement_uncertainty` knows the gauge (or all gauges) for a characteristic, a value meets its
    limits only inside them by the expanded uncertainty and fails only outside them by it; what lies between is not
    known. Elsewhere the value alone decides, and a note says so.

    Parameters
    ----------
    plant : PlantFolder
    product : str
        Only this product; all where empty.

    Raises
    ------
    ForgecastError
        If nothing was measured, or the product is not on record; those that are are named.
    """
    measurements = plant.records.read("measurement")
    if not measurements:
        raise ForgecastError(
            text("the plant holds no measurements"),
            where=str(plant.path),
            repair=text("import a table of the record `measurement`; `forgecast plant fields measurement` lists it"),
        )
    limits = {(str(row["product"]), str(row["name"])): row for row in plant.records.read("characteristic")}
    uncertain = {
        (str(row["quantity"]), str(row["instrument"])): _standard(row)
        for row in plant.records.read("measurement_uncertainty")
    }
    products = {str(row["id"]): row["product"] for row in plant.records.read("piece")}
    groups: dict[tuple[str, str], list[StoredRow]] = {}
    for row in measurements:
        owner = row["product"] or products.get(str(row["piece"])) or ""
        if not product or owner == product:
            groups.setdefault((str(owner), str(row["characteristic"])), []).append(row)
    if not groups:
        known = sorted({str(row["product"] or products.get(str(row["piece"])) or "—") for row in measurements})
        raise ForgecastError(
            text("no measurement is of the product {product}", product=product),
            where="--product",
            repair=text("use one of: {names}", names=", ".join(known)[:400]),
        )
    checked = [_checked(key, groups[key], limits.get(key), uncertain) for key in sorted(groups)]
    dimensions = tuple(dimension for dimension, _ in checked)
    outliers = tuple(outlier for _, found in checked for outlier in found)
    return DimensionCheck(dimensions, outliers, _notes(dimensions), plant.settings.zone)


def _standard(row: StoredRow) -> float:
    expanded, factor = row["expanded"], row["coverage_factor"]
    assert isinstance(expanded, float)  # noqa: S101  (both are required in the record)
    assert isinstance(factor, float)  # noqa: S101
    return expanded / factor


def _checked(
    key: tuple[str, str],
    rows: list[StoredRow],
    described: StoredRow | None,
    uncertain: Mapping[tuple[str, str], float],
) -> tuple[Dimension, list[Outlier]]:
    """Judge the values of one characteristic in the order of their time."""
    nominal, lower, upper = (
        (None, None, None) if described is None else tuple(_number(described[n]) for n in ("nominal", "lower", "upper"))
    )
    values = [_number(row["value"]) for row in rows]
    read = [value for value in values if value is not None]
    counts = dict.fromkeys(("met", "not met", "not known"), 0)
    outliers, widest = [], None
    why = _no_limits(key, described, lower, upper)
    for row, value in zip(rows, values, strict=True):
        u = uncertain.get((key[1], str(row["gauge"])), uncertain.get((key[1], "all")))
        if value is None or why is not None:
            counts["not known"] += 1
            continue
        decision = decide(
            Measured(value, u), lower, upper, rule=DecisionRule.SIMPLE if u is None else DecisionRule.BOTH
        )
        word = "not known" if decision is None else WORD_OF_DECISION[decision]
        counts[word] += 1
        widest = widest if u is None else max(2.0 * u, widest or 0.0)
        if decision is not Decision.PASS:
            outliers.append(_outlier(key, row, value, lower, upper, word))
    if why is None and counts["not known"]:
        why = text("the values lie within their uncertainty of a limit")
    outliers.sort(key=lambda one: (one.measured_at, one.piece))
    return Dimension(
        product=key[0], name=key[1], unit=str((described["unit"] if described else None) or ""),
        nominal=nominal, lower=lower, upper=upper, expanded=widest,
        measured=len(rows), met=counts["met"], not_met=counts["not met"], not_known=counts["not known"],
        lowest=min(read, default=None), highest=max(read, default=None), why_not_known=why,
    ), outliers  # fmt: skip


def _no_limits(
    key: tuple[str, str], described: StoredRow | None, lower: float | None, upper: float | None
) -> Text | None:
    if not key[0]:
        return text("nothing says which product the pieces are")
    if described is None:
        return text("the characteristic is not on record; import its limits in the record `characteristic`")
    if lower is None and upper is None:
        return text("the characteristic has no limits on record")
    return None


def _outlier(
    key: tuple[str, str], row: StoredRow, value: float, lower: float | None, upper: float | None, word: str
) -> Outlier:
    sides = [(lower - value, lower)] if lower is not None else []
    sides += [(value - upper, upper)] if upper is not None else []
    beyond, limit = max(sides)
    at, sequence = row["measured_at"], row["sequence"]
    return Outlier(
        product=key[0], name=key[1], piece=str(row["piece"]), measured_at=at if isinstance(at, int) else 0,
        sequence=sequence if isinstance(sequence, int) else None, value=value, limit=limit, beyond=beyond, word=word,
        place=row.place(),
    )  # fmt: skip


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _notes(dimensions: tuple[Dimension, ...]) -> tuple[Text, ...]:
    simple = [d.name for d in dimensions if d.expanded is None and d.met + d.not_met]
    if not simple:
        return ()
    return (
        text(
            "simple acceptance: of {count} characteristics no measurement uncertainty is on record, so the value alone "
            "decides; enter it in the record `measurement_uncertainty`",
            count=len(simple),
        ),
    )
