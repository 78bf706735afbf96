"""Scrap of inspected pieces and of die-casting shots: rate, what it comes from, and the months that stand out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.quality.control_chart import share_chart
from forgecast.quality.scrap import Outcome, ScrapTable, outcomes, pareto, scrap_table
from forgecast.tasks.assessment import KeyFigure
from forgecast.tasks.monthly import FloatArray, key_figure
from forgecast.tasks.plant_view import PlantView, short

#: Defects named in a figure's basis.
MOST_DEFECTS = 3


@dataclass(frozen=True, slots=True)
class _Inspected:
    """A record whose rows are inspected: when, whether trials are told apart, how many pieces a row stands for."""

    record: str
    title: Text
    when: str
    trial: str = ""
    count: str = ""
    defect: str = ""


INSPECTED = (
    _Inspected("piece", text("Scrap rate, inspected pieces"), "made_at", count="count", defect="defect"),
    _Inspected("shot", text("Scrap rate, die-casting shots"), "shot_at", trial="trial"),
)


def scrap_figures(view: PlantView) -> tuple[list[KeyFigure], list[Finding]]:
    """Return the scrap rates of the period, trials left out, and a finding for each month that stands out."""
    figures: list[KeyFigure] = []
    findings: list[Finding] = []
    for kind in INSPECTED:
        fields = [kind.when, "result", *filter(None, (kind.trial, kind.count, kind.defect))]
        held = view.folder.records.columns(kind.record, fields)
        start, end = view.bounds_us
        times = held[kind.when].astype(np.float64)
        inside = (times >= start) & (times < end)
        if not inside.any():
            continue
        columns = {name: values[inside] for name, values in held.items()}
        results = outcomes([str(word) if word is not None else None for word in columns["result"]])
        # A row of one piece may leave its count out; that is what the field's sentence says.
        pieces = _filled(columns[kind.count].astype(np.float64)) if kind.count else None
        trials = np.array([flag is True for flag in columns[kind.trial]]) if kind.trial else None
        table = scrap_table(_months(view, times[inside]), results, trial=trials, pieces=pieces)
        defects = _defects(columns[kind.defect], results, pieces) if kind.defect else None
        figures.append(_rate(view, kind, table, defects))
        findings += _signals(kind, table)
    return figures, findings


def _filled(counts: FloatArray) -> FloatArray:
    return np.where(np.isfinite(counts), counts, 1.0)


def _months(view: PlantView, times: FloatArray) -> NDArray[np.str_]:
    starts = np.array([view.month_bounds_us(month)[0] for month in view.months], dtype=np.float64)
    return np.array(view.months)[np.searchsorted(starts, times, side="right") - 1]


def _defects(named: NDArray[np.generic], results: NDArray[np.int8], pieces: FloatArray | None) -> Text | None:
    """Return the most frequent defects of the scrapped pieces in words."""
    scrapped = results == Outcome.SCRAP
    words = np.array([str(word) if word is not None else "" for word in named])[scrapped]
    ordered = pareto(words, pieces=None if pieces is None else pieces[scrapped])
    if not ordered.names:
        return None
    top = zip(ordered.names[:MOST_DEFECTS], ordered.share[:MOST_DEFECTS], strict=True)
    return text("most frequent defects: {list}", list=", ".join(f"{name} {100 * share:.0f} %" for name, share in top))


def _rate(view: PlantView, kind: _Inspected, table: ScrapTable, defects: Text | None) -> KeyFigure:
    monthly = np.full(len(view.months), np.nan)
    for month, rate in zip(table.groups, table.rate, strict=True):
        monthly[view.months.index(month)] = 100.0 * rate
    overall = table.overall()
    basis = text("record `{name}`", name=kind.record)
    if overall.low is not None and overall.high is not None:
        basis = text(
            "{scrap} of {inspected} inspected, 95 % interval {low} to {high} % (Wilson); "
            "{trial} trial and {unknown} without result left out",
            scrap=overall.scrap,
            inspected=overall.inspected,
            low=round(100 * overall.low, 2),
            high=round(100 * overall.high, 2),
            trial=int(table.trial.sum()),
            unknown=int(table.not_known.sum()),
        )
    if defects is not None:
        basis = text("{basis}; {defects}", basis=basis, defects=defects)
    value = None if overall.rate is None else 100.0 * overall.rate
    name, why = f"scrap_rate_{kind.record}", overall.why_missing
    return key_figure(view, name, "quality", kind.title, "%", monthly, value=value, basis=basis, why_missing=why)


def _signals(kind: _Inspected, table: ScrapTable) -> list[Finding]:
    """Return a finding if months lie outside the limits of the p′ chart of all months."""
    chart = share_chart(table.scrap, table.inspected)
    outside = np.flatnonzero(chart.signal)
    if not outside.size or chart.centre is None:
        return []
    shares = [f"{table.groups[at]} {100 * chart.share[at]:.2f} %" for at in outside]
    reason = text(
        "{figure}: {months} lie outside what the months among themselves lead to expect about {centre} %",
        figure=kind.title,
        months=short(shares, 12),
        centre=round(100 * chart.centre, 2),
    )
    repair = text("look for what differs or drifts: material, die or pattern, crew, inspection")
    place = Place(kind.record, None, None, table.groups[outside[0]])
    return [Finding("scrap-out-of-control", Severity.NOTE, place, shares[0], reason, repair, count=len(shares))]
