"""Evidence for release out of a plant's records: compositions and mechanical tests with their uncertainty."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from forgecast.metal.rule_formula import PROPERTIES
from forgecast.plant.rows import Value
from forgecast.quality.certificate import Analysis, MechanicalTest
from forgecast.quality.conformity import Evidence
from forgecast.quality.release import Measured
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow

#: Stages of sampling that stand for the metal in the castings; earlier ones are of metal still being made.
STANDING: Final = ("ladle", "final")
_EVERY: Final = "all"
_PERCENT: Final = "_percent"


class Uncertainties:
    """Standard uncertainties of a plant's measurements, by field and instrument.

    Parameters
    ----------
    plant : PlantFolder
    """

    def __init__(self, plant: PlantFolder) -> None:
        self._known: dict[tuple[str, str], float] = {}
        for row in plant.records.read("measurement_uncertainty"):
            expanded, factor = row["expanded"], row["coverage_factor"]
            assert isinstance(expanded, float)  # noqa: S101  (a required number)
            assert isinstance(factor, float)  # noqa: S101
            self._known[str(row["quantity"]), str(row["instrument"])] = expanded / factor

    def measured(self, field: str, value: float, *instruments: str) -> Measured:
        """Return a value with the uncertainty of the first instrument that has one, else of every instrument."""
        for instrument in (*instruments, _EVERY):
            if (field, instrument) in self._known:
                return Measured(value, self._known[field, instrument])
        return Measured(value)


def word(value: Value) -> str:
    """Return a text of a record, empty where it is not known."""
    return "" if value is None else str(value)


def number(value: Value) -> float | None:
    """Return a quantity of a record."""
    return float(value) if isinstance(value, int | float) else None


def origin_of(name: str, row: StoredRow) -> str:
    """Return how a verdict names a row: its number and where it stands."""
    return f"{word(row['id'])} ({row.place()})" if row.file else f"{name} {word(row['id'])}"


def analyses_of(
    plant: PlantFolder, heat: str, uncertainties: Uncertainties, *, ladles: Collection[str] = ()
) -> list[Analysis]:
    """Return the compositions that stand for a heat.

    Parameters
    ----------
    plant : PlantFolder
    heat : str
    uncertainties : Uncertainties
    ladles : collection of str
        Ladle fillings meant; empty means every one of the heat.

    Returns
    -------
    list of Analysis
        The last valid sample of each ladle; where no ladle was sampled, the last valid final sample of the heat; where
        there is none either, what the heat's own record gives. Empty where nothing is on record.
    """
    own = {word(row["id"]) for row in plant.records.read("ladle", heat=heat)}
    meant = set(ladles) & own or own
    rows = {row["id"]: row for row in plant.records.read("sample", heat=heat)}
    if own:
        rows |= {row["id"]: row for row in plant.records.read("sample", ladle=sorted(own))}
    valid = sorted(
        (row for row in rows.values() if row["valid"] is not False and row["stage"] in STANDING),
        key=lambda row: (row["taken_at"], row["id"]),
    )
    last: dict[str, StoredRow] = {}
    for row in valid:
        ladle = word(row["ladle"])
        if ladle in meant or (row["stage"] == "ladle" and not ladle):
            last[ladle] = row
    if not last:
        finals = [row for row in valid if not row["ladle"] and row["stage"] == "final"]
        if finals:
            last[""] = finals[-1]
    found = [analysis_of_sample(row, heat, uncertainties) for row in last.values()]
    if found:
        return found
    (known, *_) = (*plant.records.read("heat", id=heat), None)
    return [] if known is None else _own(known, heat, "heat", uncertainties)


def analysis_of_sample(row: StoredRow, source: str, uncertainties: Uncertainties) -> Analysis:
    """Return a row of the record `sample` as the composition of a heat, lot or piece."""
    instrument = word(row["instrument"])
    return Analysis(
        source,
        word(row["id"]),
        word(row["stage"]),
        instrument,
        _shares(row, uncertainties, instrument),
        origin_of("sample", row),
    )


def analyses_of_lot(plant: PlantFolder, lot: str, uncertainties: Uncertainties) -> list[Analysis]:
    """Return the composition a lot of bar or billet came with."""
    return [one for row in plant.records.read("lot", id=lot) for one in _own(row, lot, "lot", uncertainties)]


def _own(row: StoredRow, source: str, stage: str, uncertainties: Uncertainties) -> list[Analysis]:
    shares = _shares(row, uncertainties, "")
    return [Analysis(source, "", stage, "", shares, origin_of(stage, row))] if shares else []


def _shares(row: StoredRow, uncertainties: Uncertainties, instrument: str) -> dict[str, Measured]:
    made = {}
    for field, value in row.values.items():
        share = number(value)
        if field.endswith(_PERCENT) and share is not None:
            made[field.removesuffix(_PERCENT)] = uncertainties.measured(field, share, instrument)
    return made


def tested(row: StoredRow, source: str, uncertainties: Uncertainties) -> MechanicalTest:
    """Return a row of the record `mechanical_test` as a test that stands for a heat, lot or piece."""
    laboratory, standard = word(row["laboratory"]), word(row["standard"])
    values = {}
    for name, (field, _) in PROPERTIES.items():
        value = number(row[field])
        if value is not None:
            values[name] = uncertainties.measured(field, value, laboratory, standard)
    tested = row["tested_at"]
    assert isinstance(tested, int)  # noqa: S101  (a required time)
    return MechanicalTest(
        word(row["id"]),
        source,
        word(row["heat_treatment"]),
        word(row["specimen"]),
        standard,
        laboratory,
        tested,
        number(row["impact_temperature_degC"]),
        values,
        origin_of("mechanical_test", row),
    )


def evidence_of(analyses: Iterable[Analysis], tests: Iterable[MechanicalTest]) -> tuple[Evidence, ...]:
    """Return compositions and tests as what a grade judges."""
    samples = tuple(Evidence(one.origin, one.shares, mechanical=False) for one in analyses)
    return samples + tuple(
        Evidence(one.origin, one.values, mechanical=True, specimen=one.specimen, temperature=one.temperature)
        for one in tests
    )


def given_evidence(values: Mapping[str, tuple[float, float | None]]) -> tuple[Evidence, ...]:
    """Return values given by hand, each with its expanded uncertainty (k = 2), as what a grade judges.

    They are taken as measured on whatever specimen a rule asks for: who gives them says so.
    """
    measured = {name: Measured(value, None if u is None else u / 2.0) for name, (value, u) in values.items()}
    parts = []
    for mechanical in (False, True):
        chosen = {name: one for name, one in measured.items() if (name in PROPERTIES) is mechanical}
        if chosen:
            parts.append(Evidence("", chosen, mechanical=mechanical, any_specimen=True))
    return tuple(parts)
