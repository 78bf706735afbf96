"""What past heats of a plant teach: the recovery of an element from an addition, and how magnesium fades."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from forgecast.melting.learning import Fade, LearntRecovery, fit_fade, learn_recovery
from forgecast.melting.material import Recovery
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow
from forgecast.tasks.plant_lots import contents_on_record, kind_of

#: An addition teaches a recovery where it brings at least this share of all the element added between two samples.
ALONE = 0.98
_FURNACE = frozenset(("melt_down", "adjusted", "final"))


@dataclass(frozen=True, slots=True)
class _Added:
    """Something put into a bath: when, what kind, how much of it, and what it holds."""

    at: float
    kind: str
    mass: float
    contents: Mapping[str, float]


class MeltHistory:
    """The samples, additions and treatments of a plant, read once.

    Parameters
    ----------
    plant : PlantFolder
    sample_spread : mapping of str to float
        Standard deviation of the spectrometer by element [1], for instruments without one on record.
    """

    def __init__(self, plant: PlantFolder, sample_spread: Mapping[str, float]) -> None:
        read = plant.records.read
        self._spread = sample_spread
        self._uncertain = {(str(r["quantity"]), str(r["instrument"])): _standard(r) for r in
                           read("measurement_uncertainty")}  # fmt: skip
        self._samples = [row for row in read("sample") if row["valid"] is not False]
        self._masses = {str(row["id"]): _number(row["mass"]) for row in read("heat")}
        contents = {str(row["id"]): contents_on_record(row) for row in read("lot")}
        kinds = {str(row["id"]): kind_of(str(row["material"])) for row in read("lot")}
        self._treatments = read("treatment")
        self._added: dict[str, list[_Added]] = {}
        for row in read("charge_item"):
            self._add(row, row["added_at"], kind_of(str(row["material"])), contents)
        for row in self._treatments:
            self._add(row, row["started_at"], kinds.get(str(row["lot"]), ""), contents)

    def _add(self, row: StoredRow, at: object, kind: str, contents: Mapping[str, Mapping[str, float]]) -> None:
        if row["heat"] is not None and isinstance(at, int):
            one = _Added(float(at), kind, _number(row["mass"]), contents.get(str(row["lot"]), {}))
            self._added.setdefault(str(row["heat"]), []).append(one)

    def spread_of(self, element: str, sample: StoredRow) -> float:
        """Return the standard deviation of an element in a sample [1]; NaN where nobody has told it."""
        for instrument in (str(sample["instrument"]), "all"):
            known = self._uncertain.get((f"{element}_percent", instrument))
            if known is not None:
                return known / 100.0
        return self._spread.get(element, math.nan)

    def recovery(
        self, kind: str, element: str, mass_doubt: float, prior: Recovery | None = None
    ) -> LearntRecovery | None:
        """Return the recovery of an element from a kind of addition, or None where too few heats tell it.

        Parameters
        ----------
        kind, element : str
        mass_doubt : float
            Standard deviation of the bath's mass as a share of it [1].
        prior : Recovery or None

        Notes
        -----
        Between two samples of a furnace the bath gains M2 w2 − M1 w1, M2 the mass tapped and M1 = M2 less what was
        added between. A pair teaches where the kind brought at least `ALONE` of the element added, all contents being
        on record; the noise is that of both samples and of the bath's mass.
        """
        rows = [row for row in self._pairs(kind, element, mass_doubt) if all(math.isfinite(v) for v in row)]
        if len(rows) < 2:
            return None
        added, gained, noise = np.array(rows).T
        return learn_recovery(added, gained, noise, prior=prior)

    def _pairs(self, kind: str, element: str, mass_doubt: float) -> Iterable[tuple[float, float, float]]:
        field = f"{element}_percent"
        by_heat: dict[str, list[StoredRow]] = {}
        for row in self._samples:
            if row["heat"] is not None and row["ladle"] is None and row["stage"] in _FURNACE and row[field] is not None:
                by_heat.setdefault(str(row["heat"]), []).append(row)
        for heat, samples in by_heat.items():
            samples.sort(key=lambda row: _number(row["taken_at"]))
            mass = self._masses.get(heat, math.nan)
            for before, after in pairwise(samples):
                start, end = _number(before["taken_at"]), _number(after["taken_at"])
                between = [one for one in self._added.get(heat, ()) if start < one.at <= end]
                brought = _brought(between, kind, element)
                if not brought > 0.0:
                    continue
                first, last = _number(before[field]) / 100.0, _number(after[field]) / 100.0
                mass_before = mass - sum(one.mass for one in between)
                noise = math.hypot(
                    mass * self.spread_of(element, after),
                    mass_before * self.spread_of(element, before),
                    mass_doubt * mass * (last - first),
                )
                yield brought, mass * last - mass_before * first, noise

    def fade(self, element: str) -> Fade | None:
        """Return how an element fades in ladles after the nodularising treatment, or None where samples do not tell.

        Notes
        -----
        Times count from the end of the treatment (its beginning where the end is not on record) of the same filling.
        """
        treated = {
            str(row["ladle"]): _number(row["started_at"] if row["ended_at"] is None else row["ended_at"])
            for row in self._treatments
            if row["kind"] == "nodularising" and row["ladle"] is not None
        }
        found = []
        for row in self._samples:
            ladle, value = str(row["ladle"]), row[f"{element}_percent"]
            if ladle in treated and value is not None and _number(value) > 0.0:
                since = (_number(row["taken_at"]) - treated[ladle]) / 1e6
                spread = self.spread_of(element, row)
                if since >= 0.0 and spread > 0.0:
                    found.append((since, _number(value) / 100.0, spread, ladle))
        times: dict[str, set[float]] = {}
        for since, _, _, ladle in found:
            times.setdefault(ladle, set()).add(since)
        if not any(len(one) > 1 for one in times.values()):
            return None
        passed, contents, spreads, ladles = zip(*found, strict=True)
        return fit_fade(passed, contents, spreads, ladles)


def _brought(between: Iterable[_Added], kind: str, element: str) -> float:
    """Return the element that a kind brought [kg]; 0 where it did not bring nearly all, NaN where that is not known."""
    own = other = 0.0
    for one in between:
        if element not in one.contents:
            return math.nan
        brought = one.mass * one.contents[element]
        own, other = (own + brought, other) if one.kind == kind else (own, other + brought)
    return own if own > 0.0 and own >= ALONE * (own + other) else 0.0


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _standard(row: StoredRow) -> float:
    """Return the standard uncertainty of an expanded one, in the unit of its field."""
    return _number(row["expanded"]) / _number(row["coverage_factor"])
