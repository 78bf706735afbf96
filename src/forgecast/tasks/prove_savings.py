"""What an energy measure has saved: baseline before it, reporting period after it, interval, CUSUM and change point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from forgecast.energy.driver_model import Method
from forgecast.energy.savings import ChangePoint, Savings, change_point, savings
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.energy_drivers import default_drivers, driver_values
from forgecast.tasks.energy_series import By, meter_of, meter_sums, stretches, view_of
from forgecast.tasks.fit_energy_baseline import FittedBaseline, fitted, known, model_json
from forgecast.tasks.plant_view import PlantView, Row


@dataclass(frozen=True, slots=True, eq=False)
class ProvenSavings:
    """The savings of one measure.

    Parameters
    ----------
    measure, name : str
    baseline : FittedBaseline
    periods : tuple of str
        Of the reporting period.
    saved : Savings
    change : ChangePoint or None
        In the savings of the reporting period.
    expected_kWh : float or None
        Expected for a year by the record.
    per_year : float
        Saved, scaled to a year by the days reported.
    static : tuple of Text
        What else changed, for which nothing is adjusted.
    """

    measure: str
    name: str
    baseline: FittedBaseline
    periods: tuple[str, ...]
    saved: Savings
    change: ChangePoint | None
    expected_kWh: float | None
    per_year: float
    static: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return the answer; what is not known is null."""
        s = self.saved
        base = self.baseline
        return {
            "measure": self.measure,
            "name": self.name,
            "meter": base.meter,
            "unit": base.unit,
            "by": base.by,
            "saved": s.saved,
            "low_95": s.low,
            "high_95": s.high,
            "share": known(s.share),
            "significant": s.significant,
            "periods": s.periods,
            "left_out": s.left_out,
            "per_year": self.per_year,
            "expected_a_year": self.expected_kWh,
            "baseline": model_json(base.model, base.worth, base.periods),
            "reporting": [
                {
                    "period": p,
                    "expected": known(s.expected.value[n]),
                    "measured": known(s.expected.value[n] - s.monthly[n]),
                    "saved": known(s.monthly[n]),
                    "cusum": known(s.cusum[n]),
                    "cusum_half_95": known(s.cusum_half[n]),
                }
                for n, p in enumerate(self.periods)
            ],
            "change_point": None
            if self.change is None
            else {
                "period": self.periods[self.change.position],
                "before": self.change.before,
                "after": self.change.after,
                "p": self.change.p,
            },
            "static_factors": [one.as_json() for one in self.static],
            "outside_range": [one.as_json() for one in s.expected.outside],
        }


def prove_savings(
    folder: PlantFolder,
    measure: str,
    *,
    drivers: Sequence[str] = (),
    by: By = "month",
    since: date | None = None,
    until: date | None = None,
    method: Method = "ols",
) -> ProvenSavings:
    """Return what a measure on record has saved.

    Parameters
    ----------
    folder : PlantFolder
    measure : str
        Number in the record `energy_measure`.
    drivers, by, method
        As `fit_energy_baseline`.
    since : date or None
        First day of the baseline; without, twelve months before the work began.
    until : date or None
        Last day reported; without, the last one on record.

    Raises
    ------
    ForgecastError
        If the measure is not on record, or too few periods lie before or after it.
    """
    whole = view_of(folder, None, until)
    row = _measure(whole, measure)
    begun, done = row.day("begun_on"), row.day("done_on")
    assert begun is not None  # noqa: S101  (required fields)
    assert done is not None  # noqa: S101
    last = whole.at
    if last < done:
        raise ForgecastError(
            text("nothing is on record after {day}, when the measure was done", day=str(done)),
            repair=text("take in meter readings since then"),
        )
    before = view_of(folder, since or begun.replace(day=1).replace(year=begun.year - 1), begun - timedelta(days=1))
    after = view_of(folder, done, last)
    meter = meter_of(before, row.text("meter"))
    chosen = tuple(drivers) or default_drivers(before, by)
    base = fitted(before, meter, chosen, by, method)
    stretch = stretches(after, by)
    energy = meter_sums(after, meter, stretch, by)
    saved = savings(base.model, energy, driver_values(after, chosen, stretch, by))
    change = change_point(saved.monthly, correlation=base.model.correlation)
    days = (stretch.edges_us[-1] - stretch.edges_us[0]) / 86.4e9 * saved.periods / len(stretch.names)
    expected = row.number_of("expected_saving_kWh")
    return ProvenSavings(
        measure,
        row.text("name"),
        base,
        stretch.names,
        saved,
        change,
        known(expected),
        saved.saved * 365.0 / float(days),
        tuple(_static(whole, row, before.period.start, last)),
    )


def _measure(view: PlantView, name: str) -> Row:
    rows = view.by_id("energy_measure")
    if name in rows:
        return rows[name]
    raise ForgecastError(
        text("there is no energy measure {name}", name=name),
        where="energy_measure",
        repair=text("on record are: {names}", names=", ".join(sorted(rows)) or "–"),
    )


def _static(view: PlantView, measure: Row, first: date, last: date) -> list[Text]:
    """Return what else changed between the first day of the baseline and the last one reported."""
    found = []
    for row in view.rows("equipment"):
        begun, ended = row.day("in_use_from"), row.day("in_use_until")
        if begun is not None and first <= begun <= last:
            found.append(text("{machine} was put to use on {day}", machine=row.text("id"), day=str(begun)))
        if ended is not None and first <= ended <= last:
            found.append(text("{machine} was taken out of use on {day}", machine=row.text("id"), day=str(ended)))
    for row in view.rows("energy_measure"):
        begun, done = row.day("begun_on"), row.day("done_on")
        if row.text("id") == measure.text("id") or begun is None or done is None:
            continue
        if done >= first and begun <= last:
            found.append(
                text("measure {id} ({name}) falls into the same time", id=row.text("id"), name=row.text("name"))
            )
    if measure.text("note"):
        found.append(text("the record says: {note}", note=measure.text("note")))
    return found
