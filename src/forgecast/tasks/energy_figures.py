"""Energy and carbon of a plant: by month from meter readings, in coal equivalent and CO2, per tonne, load, balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import reduce
from typing import cast

import numpy as np
from numpy.typing import NDArray

from forgecast.energy.balance import month_balance
from forgecast.energy.baseline import expected_energy, fit_baseline, outside_band, specific_energy
from forgecast.energy.carrier import coal_equivalent, electricity_carbon, fuel_carbon, total
from forgecast.energy.factor import COUNTRY, Conversion, Factor, FactorKind, Factors, shipped_factors
from forgecast.energy.load_curve import LoadFigures, load_figures, power_factor_contradictions
from forgecast.energy.month import sums_by_period
from forgecast.ground.dates import Validity, day_start_us, from_us
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, bilingual, text
from forgecast.ground.units import convert
from forgecast.plant.record import record
from forgecast.tasks.assessment import Curve, KeyFigure
from forgecast.tasks.monthly import FloatArray, key_figure, lacking, month_sums, production_by_month, whole
from forgecast.tasks.plant_view import PlantView, Row, short

#: Carriers that are counted as energy; water is metered too, but is a resource.
NOT_ENERGY = ("water",)
METER_READINGS = text("meter readings")
#: The variant under which each kind is asked for.
OWN_VARIANTS: dict[FactorKind, str] = {"coal_equivalent": "equivalent", "grid_emission": "average"}


@dataclass(slots=True)
class EnergyFigures:
    """Key figures, curves, findings and factors used."""

    figures: list[KeyFigure] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    factors: list[Factor] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Used:
    """What one carrier's main meters show by month (NaN where not known), in the meters' unit."""

    carrier: str
    unit: str
    monthly: FloatArray
    meters: tuple[Row, ...]


def energy_figures(view: PlantView) -> EnergyFigures:
    """Return all energy and carbon figures of the period."""
    found = EnergyFigures()
    used = carriers_used(view)
    good = production_by_month(view, "good_mass_t")
    for one in used:
        title = text("Use of {carrier}", carrier=carrier_text(one.carrier))
        why = lacking(view, one.monthly, METER_READINGS)
        basis = text("main meters {meters}", meters=short(m.text("id") for m in one.meters))
        figure_id = f"use_{one.carrier}"
        found.figures.append(
            key_figure(
                view,
                figure_id,
                "energy",
                title,
                one.unit,
                one.monthly,
                value=whole(one.monthly),
                basis=basis,
                why_missing=why,
            )
        )
    if used:
        _coal_equivalent(view, used, good, found)
        _carbon(view, used, good, found)
        _electricity(view, used, good, found)
    for one in used:
        _balance(view, one, found)
    _load(view, found)
    return found


def carrier_text(carrier: str) -> Text:
    """Return the name of a carrier in both languages, from the record `meter`."""
    choices = record("meter").field("carrier").choices
    zh = next((choice.zh for choice in choices if choice.code == carrier), carrier)
    return Text(carrier.replace("_", " "), zh)


def carriers_used(view: PlantView) -> tuple[Used, ...]:
    """Return what the main meters of each carrier show, from monthly readings, else from interval series."""
    meters: dict[str, list[Row]] = {}
    for meter in view.rows("meter"):
        if not meter.text("parent") and meter.text("carrier") not in NOT_ENERGY:
            meters.setdefault(meter.text("carrier"), []).append(meter)
    found = []
    for carrier, mains in meters.items():
        unit = mains[0].text("unit")
        same = [meter for meter in mains if meter.text("unit") == unit]
        monthly = np.sum([meter_months(view, meter) for meter in same], axis=0)
        found.append(Used(carrier, unit, monthly, tuple(same)))
    return tuple(found)


def meter_months(view: PlantView, meter: Row) -> FloatArray:
    """Return a meter's quantity by month in its own unit; NaN where neither a reading nor a whole series tells it."""
    name = meter.text("id")
    read = month_sums(view, view.rows("meter_reading"), "quantity", where=lambda row: row.text("meter") == name)
    missing = np.isnan(read)
    if missing.any():
        read = np.where(missing, series_months(view, meter), read)
    return read


def series_months(view: PlantView, meter: Row) -> FloatArray:
    """Return a meter's quantity by month from its interval series; NaN for a month that lacks any interval."""
    tag = energy_tag(view, meter)
    if tag is None or not tag.text("unit") or meter.text("unit") != "kWh":
        return np.full(len(view.months), np.nan)
    return convert(quantity_by_month(view, tag, whole=True), "energy", tag.text("unit"), "kWh")


def quantity_by_month(view: PlantView, tag: Row, *, whole: bool) -> FloatArray:
    """Return what a tag's interval quantities add up to in each month, in its unit.

    Parameters
    ----------
    whole : bool
        Whether a month that lacks an interval is missing (NaN); else what is there is added up, and only a month
        without any interval is missing.
    """
    interval = tag.number_of("interval")
    if not interval > 0:
        return np.full(len(view.months), np.nan)
    start, end = view.bounds_us
    # Intervals are stamped with their end: the last one of the period carries the period's end.
    series = view.folder.telemetry.series(tag.text("id"), start, end + 1)
    good = series.flag == 0
    edges = np.array([*(view.month_bounds_us(month)[0] for month in view.months), end], dtype=np.int64)
    sums = sums_by_period(series.t[good], series.value[good], edges, interval_us=round(interval * 1e6))
    return sums.total if whole else np.where(sums.covered > 0, sums.known, np.nan)


def energy_tag(view: PlantView, meter: Row) -> Row | None:
    """Return the tag of a meter's interval quantities."""
    for tag in view.tags.values():
        if (
            tag.text("meter") == meter.text("id")
            and tag.text("measures") == "energy"
            and tag.text("reading") == "quantity"
        ):
            return tag
    return None


def _by_month(
    view: PlantView, used: Sequence[Used], of: str, found: EnergyFigures
) -> tuple[FloatArray, FloatArray, list[Text]]:
    """Return totals by month (NaN where a part is missing), the known part, and why parts are missing."""
    totals, known = np.full(len(view.months), np.nan), np.zeros(len(view.months))
    reasons: dict[Text, None] = {}
    region = grid_region(view)
    factors = own_factors(view)
    for at in range(len(view.months)):
        parts: list[Conversion] = []
        for one in used:
            quantity = float(one.monthly[at]) if np.isfinite(one.monthly[at]) else None
            if of == "tce":
                parts.append(coal_equivalent(one.carrier, quantity, one.unit, on=view.at, factors=factors))
            elif one.carrier == "electricity":
                parts.append(electricity_carbon(quantity, one.unit, on=view.at, region=region, factors=factors))
            else:
                parts.append(fuel_carbon(one.carrier, quantity, one.unit, on=view.at, factors=factors))
        summed = total(parts, of)
        known[at] = summed.known
        totals[at] = np.nan if summed.value is None else summed.value
        reasons.update(dict.fromkeys(summed.why_missing))
        for factor in summed.factors:
            if factor not in found.factors:
                found.factors.append(factor)
    return totals, known, list(reasons)


def own_factors(view: PlantView) -> Factors:
    """Return the shipped factors with those the plant has entered from its own sources before them."""
    own = []
    for row in view.rows("factor"):
        until = row.day("valid_until")
        validity = Validity(row.day("valid_from"), None if until is None else until + timedelta(days=1))
        kind = cast("FactorKind", row.text("kind"))  # the choices of the field are the kinds (a test holds that)
        # The plant answers for its own number; it was read by whoever entered it, in the source named there.
        own.append(
            Factor(
                kind=kind,
                carrier=row.text("carrier"),
                value=row.number_of("value"),
                unit=row.text("unit"),
                title=carrier_text(row.text("carrier")),
                source=bilingual(
                    "{source} ({place})", "{source}（{place}）", source=row.text("source"), place=row.place
                ),
                edition="",
                confidence="secondary",
                validity=validity,
                variant=OWN_VARIANTS.get(kind, ""),
                data_year=view.at.year if kind == "grid_emission" else None,
            )
        )
    return shipped_factors().with_own(*own)


def grid_region(view: PlantView) -> str:
    """Return the grid region of the site's province if the newest factors know it, else the country.

    A plant that has entered a grid factor of its own is answered from that.
    """
    if any(row.text("kind") == "grid_emission" for row in view.rows("factor")):
        return COUNTRY
    factors = shipped_factors()
    newest = factors.newest_data_year(view.at)
    for site in view.rows("site"):
        code = factors.region_of(site.text("province")) if site.text("province") else None
        if code is not None:
            factor, why = factors.find(
                "grid_emission", "electricity", on=view.at, region=code, variant="average", data_year=newest
            )
            if factor is not None and why is None:
                return code
    return COUNTRY


def _coal_equivalent(view: PlantView, used: Sequence[Used], good: FloatArray, found: EnergyFigures) -> None:
    totals, _known, reasons = _by_month(view, used, "tce", found)
    why = reasons[0] if reasons else lacking(view, totals, METER_READINGS)
    basis = text("all main meters, equivalent value (当量值), factors listed under sources")
    title = text("Energy in coal equivalent")
    found.figures.append(
        key_figure(
            view, "energy_tce", "energy", title, "tce", totals, value=whole(totals), basis=basis, why_missing=why
        )
    )
    per = specific_energy(totals * 1000.0, good)
    title = text("Energy per tonne of good product")
    per_basis = text("coal equivalent over good castings and forgings, months with both")
    why = reasons[0] if reasons else text("production and all main meters of a month are needed")
    found.figures.append(
        key_figure(
            view,
            "specific_energy",
            "energy",
            title,
            "kgce/t",
            per.monthly,
            value=per.overall,
            basis=per_basis,
            why_missing=why,
        )
    )


def _carbon(view: PlantView, used: Sequence[Used], good: FloatArray, found: EnergyFigures) -> None:
    totals, known, reasons = _by_month(view, used, "tCO2", found)
    why = reasons[0] if reasons else lacking(view, totals, METER_READINGS)
    if whole(totals) is None and known.sum() > 0:
        why = text("{why} (known part: {known} tCO2)", why=why, known=round(float(known.sum()), 1))
    title = text("CO2 from energy")
    basis = text(
        "fuels by NCV · carbon · oxidation · 44/12, electricity by grid factor of {region}", region=grid_region(view)
    )
    found.figures.append(
        key_figure(
            view, "carbon_tco2", "carbon", title, "tCO2", totals, value=whole(totals), basis=basis, why_missing=why
        )
    )
    per = specific_energy(totals * 1000.0, good)
    title = text("CO2 from energy per tonne of good product")
    found.figures.append(
        key_figure(
            view,
            "carbon_per_tonne",
            "carbon",
            title,
            "kgCO2/t",
            per.monthly,
            value=per.overall,
            basis=basis,
            why_missing=why,
        )
    )


def _electricity(view: PlantView, used: Sequence[Used], good: FloatArray, found: EnergyFigures) -> None:
    for one in used:
        if one.carrier != "electricity" or one.unit != "kWh":
            continue
        per = specific_energy(one.monthly, good)
        title = text("Electricity per tonne of good product")
        basis = text("main electricity meters over good castings and forgings")
        why = text("production and meter readings of a month are needed")
        found.figures.append(
            key_figure(
                view,
                "electricity_per_tonne",
                "energy",
                title,
                "kWh/t",
                per.monthly,
                value=per.overall,
                basis=basis,
                why_missing=why,
            )
        )
        _baseline(view, one, good, found)


def _baseline(view: PlantView, used: Used, good: FloatArray, found: EnergyFigures) -> None:
    """Add what a month takes without production and for each further tonne, and the months that are outside."""
    line = fit_baseline(good, used.monthly)
    basis = text(
        "line through the months' electricity over good mass, R² {r2}, {months} months",
        r2=None if line.r2 is None else round(line.r2, 3),
        months=line.months,
    )
    nothing = np.full(len(view.months), np.nan)
    for id_, title, unit, value in (
        ("baseline_idle", text("Electricity of a month without production"), "kWh", line.base),
        ("baseline_per_tonne", text("Electricity of each further tonne"), "kWh/t", line.per_tonne),
    ):
        why = line.why_missing
        found.figures.append(
            key_figure(view, id_, "energy", title, unit, nothing, value=value, basis=basis, why_missing=why)
        )
    if line.base is None:
        return
    expected = expected_energy(line, good)
    for at in np.flatnonzero(outside_band(expected, used.monthly)):
        month = view.months[int(at)]
        reason = text(
            "electricity of {month} is outside what the other months lead to expect ({low} to {high} kWh)",
            month=month,
            low=round(float(expected.low[at])),
            high=round(float(expected.high[at])),
        )
        repair = text("look for holding, leaks or a wrong reading in that month")
        place, seen = Place("meter_reading", None, None, month), f"{used.monthly[at]:.0f} kWh"
        found.findings.append(Finding("outside-baseline", Severity.NOTE, place, seen, reason, repair))


def _balance(view: PlantView, used: Used, found: EnergyFigures) -> None:
    main = {meter.text("id") for meter in used.meters}
    below = [meter for meter in view.rows("meter") if meter.text("parent") in main and meter.text("unit") == used.unit]
    if not below:
        return
    balance = month_balance(view.months, used.monthly, {meter.text("id"): meter_months(view, meter) for meter in below})
    for month, balanced, reason in zip(balance.months, balance.balanced, balance.reasons, strict=True):
        if balanced is False and reason is not None:
            found.findings.append(
                Finding(
                    "meters-do-not-balance",
                    Severity.DOUBTFUL,
                    Place("meter_reading", None, None, month),
                    month,
                    text(
                        "{carrier}, {month}: {reason}", carrier=carrier_text(used.carrier), month=month, reason=reason
                    ),
                    text(
                        "compare the readings of that month with the meter book; "
                        "look for a meter not read or read twice"
                    ),
                )
            )


def _load(view: PlantView, found: EnergyFigures) -> None:
    """Add peak, load factor and power factor of the main electricity meter, from its interval series."""
    mains = [m for m in view.rows("meter") if not m.text("parent") and m.text("carrier") == "electricity"]
    for meter in mains[:1]:
        tag = energy_tag(view, meter)
        if tag is None or not tag.number_of("interval") > 0 or not tag.text("unit"):
            continue
        start, end = view.bounds_us
        # A quantity is stamped with the end of its interval: the period's last one is stamped with the period's end.
        series = view.folder.telemetry.series(tag.text("id"), start + 1, end + 1)
        good = series.flag == 0
        energy = convert(series.value[good], "energy", tag.text("unit"), "kWh")
        load = load_figures(series.t[good], energy, interval=tag.number_of("interval"))
        if load.peak_kW is None:
            continue
        _load_figures(view, meter, tag, load, found)
        _power_factor(view, meter, tag, found)
        _recorded_power_factor(view, meter, tag, found)
        found.curves.append(_daily_peaks(view, tag, series.t[good], energy))


def _load_figures(view: PlantView, meter: Row, tag: Row, load: LoadFigures, found: EnergyFigures) -> None:
    nothing = np.full(len(view.months), np.nan)
    when = "—" if load.peak_start_us is None else f"{from_us(load.peak_start_us, view.zone):%Y-%m-%d %H:%M}"
    basis = text(
        "series {tag}; peak at {when}; {missing} intervals missing",
        tag=tag.text("id"),
        when=when,
        missing=load.missing_intervals,
    )
    name = meter.text("id")
    rows = (
        ("load_peak", text("Peak load of meter {meter}", meter=name), "kW", load.peak_kW),
        ("load_base", text("Base load of meter {meter}", meter=name), "kW", load.base_kW),
        (
            "load_factor",
            text("Load factor of meter {meter}", meter=name),
            "%",
            None if load.load_factor is None else 100 * load.load_factor,
        ),
    )
    for figure_id, title, unit, value in rows:
        found.figures.append(key_figure(view, figure_id, "energy", title, unit, nothing, value=value, basis=basis))


def _power_factor(view: PlantView, meter: Row, active: Row, found: EnergyFigures) -> None:
    """Add the power factor by month, P/√(P² + Q²) of the summed energies."""
    lagging = _meter_tag(view, meter, "reactive_energy_lagging")
    if lagging is None:
        return
    p, q = (quantity_by_month(view, tag, whole=False) for tag in (active, lagging))
    both = np.isfinite(p) & np.isfinite(q) & (p > 0)
    monthly = np.where(both, p / np.sqrt(np.where(both, p * p + q * q, 1.0)), np.nan)
    overall = None
    if both.any():
        overall = float(p[both].sum() / np.hypot(p[both].sum(), q[both].sum()))
    title = text("Power factor of meter {meter}", meter=meter.text("id"))
    basis = text("active and lagging reactive energy of each month, P/√(P² + Q²)")
    found.figures.append(key_figure(view, "power_factor", "energy", title, "1", monthly, value=overall, basis=basis))


def _recorded_power_factor(view: PlantView, meter: Row, active: Row, found: EnergyFigures) -> None:
    """Find where the power factor a meter recorded contradicts the energies it recorded."""
    lagging, recorded = (_meter_tag(view, meter, name) for name in ("reactive_energy_lagging", "power_factor"))
    if lagging is None or recorded is None or recorded.text("unit") != "%" or recorded.text("reading") != "mean":
        return
    start, end = view.bounds_us
    p, q, factor = (view.folder.telemetry.series(tag.text("id"), start, end + 1) for tag in (active, lagging, recorded))
    same = reduce(np.intersect1d, (series.t[series.flag == 0] for series in (p, q, factor)))
    values = [series.value[np.searchsorted(series.t, same)] for series in (p, q, factor)]
    wrong = power_factor_contradictions(*values)
    if wrong.size:
        first = from_us(int(same[wrong[0]]), view.zone)
        found.findings.append(
            Finding(
                "power-factor-contradiction",
                Severity.DOUBTFUL,
                Place(recorded.text("id")),
                f"{values[2][wrong[0]]:g} %",
                text(
                    "the recorded power factor contradicts the recorded energies in {count} of {all} intervals, "
                    "first at {when}",
                    count=int(wrong.size),
                    all=int(same.size),
                    when=f"{first:%Y-%m-%d %H:%M}",
                ),
                text("check which of the three the meter computes, and the transformer ratios of the other two"),
                count=int(wrong.size),
            )
        )


def _meter_tag(view: PlantView, meter: Row, measures: str) -> Row | None:
    name = meter.text("id")
    tags = view.tags.values()
    return next((tag for tag in tags if tag.text("meter") == name and tag.text("measures") == measures), None)


def _daily_peaks(view: PlantView, tag: Row, t: NDArray[np.int64], energy: FloatArray) -> Curve:
    """Return the highest interval mean of each day of the period."""
    power = energy * 3600.0 / tag.number_of("interval")
    starts = t - round(tag.number_of("interval") * 1e6)
    days = [view.period.start + timedelta(days=n) for n in range(view.period.days)]
    edges = np.array([day_start_us(day, view.zone) for day in days])
    at = np.searchsorted(edges, starts, side="right") - 1
    highest = np.full(len(days), -np.inf)
    np.maximum.at(highest, at[at >= 0], power[at >= 0])
    peaks = tuple(float(peak) if np.isfinite(peak) else None for peak in highest)
    title = text("Highest load of each day, {tag}", tag=tag.text("id"))
    return Curve("daily_peak", "kW", title, tuple(day.isoformat() for day in days), peaks, None, None)
