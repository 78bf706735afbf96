"""Monthly figures: sums by month from rows, and key figures with their trend."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from forgecast.energy.trend import monthly_trend
from forgecast.ground.texts import Text, text
from forgecast.tasks.assessment import KeyFigure, Point
from forgecast.tasks.plant_view import PlantView, Row

FloatArray = NDArray[np.float64]


def month_sums(
    view: PlantView, rows: Iterable[Row], field: str, *, where: Callable[[Row], bool] = lambda _: True
) -> FloatArray:
    """Return the sum of a field for each month of the period.

    Returns
    -------
    (m,) float64 array
        NaN for a month without a row, and for a month in which a chosen row lacks the field: a part is no sum.
    """
    at = {month: place for place, month in enumerate(view.months)}
    sums = np.zeros(len(at))
    told = np.zeros(len(at), dtype=np.bool_)
    for row in rows:
        place = at.get(row.text("month"))
        if place is not None and where(row):
            told[place] = True
            sums[place] += row.number_of(field)
    return np.where(told, sums, np.nan)


def production_by_month(view: PlantView, field: str, *, route: str = "") -> FloatArray:
    """Return a mass of the record `production` by month, over all lines of a route (or of the plant).

    Returns
    -------
    (m,) float64 array
        NaN where a line that worked before and after lacks the month: the other lines' sum is not the plant's.
    """
    sums = month_sums(view, view.rows("production"), field, where=lambda row: route in ("", row.text("route")))
    lines = {row.text("line") for row in view.of_months("production") if route in ("", row.text("route"))}
    for line, months in production_gaps(view).items():
        for month in months if line in lines else ():
            sums[view.months.index(month)] = np.nan
    return sums


def production_gaps(view: PlantView) -> dict[str, tuple[str, ...]]:
    """Return by line the months between its first and its last in the period that are not on record."""
    told: dict[str, set[str]] = {}
    for row in view.of_months("production"):
        told.setdefault(row.text("line"), set()).add(row.text("month"))
    gaps = {}
    for line, months in told.items():
        missing = tuple(m for m in view.months if min(months) < m < max(months) and m not in months)
        if missing:
            gaps[line] = missing
    return gaps


def key_figure(
    view: PlantView,
    id_: str,
    group: str,
    title: Text,
    unit: str,
    monthly: FloatArray,
    *,
    value: float | None,
    basis: Text,
    why_missing: Text | None = None,
) -> KeyFigure:
    """Return a key figure with its months and its trend.

    Parameters
    ----------
    value : float or None
        For the whole period; None where it cannot be computed.
    why_missing : Text or None
        Needed where `value` is None.
    """
    slope = monthly_trend(view.months, monthly).slope_per_year if np.isfinite(monthly).any() else None
    points = tuple(
        Point(month, float(number) if np.isfinite(number) else None)
        for month, number in zip(view.months, monthly, strict=True)
    )
    if value is None and why_missing is None:
        why_missing = text("no month has all the records it needs")
    return KeyFigure(id_, group, title, value, unit, why_missing if value is None else None, points, slope, basis)


def whole(monthly: FloatArray) -> float | None:
    """Return the sum of all months, or None where one is missing: a part of a year is not the year."""
    return float(monthly.sum()) if monthly.size and np.isfinite(monthly).all() else None


def lacking(view: PlantView, monthly: FloatArray, record: Text) -> Text:
    """Return which months a sum over the period lacks."""
    months = [month for month, number in zip(view.months, monthly, strict=True) if not np.isfinite(number)]
    if len(months) == len(view.months):
        return text("{record}: no month of the period is on record", record=record)
    return text("{record}: not on record for {months}", record=record, months=", ".join(months))
