"""Data quality that only the whole plant shows: gaps and stuck sensors in series, lapsed permits, loose ends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from forgecast.environment.hour import HourlyPartials
from forgecast.ground.dates import HOUR_US, from_us
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text
from forgecast.signals.gate.gaps import empty_hours
from forgecast.signals.gate.still import MAY_STAND_STILL, still_hours
from forgecast.tasks.plant_view import PlantView, Row, short


def data_quality(view: PlantView) -> list[Finding]:
    """Return the findings on series, permits and references of the period, in that order."""
    return [
        *_series(view),
        *_undescribed(view),
        *_silent(view),
        *_permits(view),
        *view.folder.records.dangling_references(),
    ]


def _series(view: PlantView) -> Iterator[Finding]:
    for tag in view.tags.values():
        partials = view.partials(tag)
        if partials is None:
            continue
        yield from _gaps(view, tag, partials)
        if tag.text("measures") not in MAY_STAND_STILL:
            yield from _stuck(view, tag, partials)


def _gaps(view: PlantView, tag: Row, partials: HourlyPartials) -> Iterator[Finding]:
    """Yield one finding for all hours between a tag's first and last reading that have none."""
    jumps = empty_hours(partials.hours, tag.number_of("interval"))
    if jumps is None:
        return
    at = int(np.argmax(jumps))
    name = tag.text("id")
    yield Finding(
        "series-gap",
        Severity.DOUBTFUL,
        Place(name),
        _hours(view, int(partials.hours[at]) + 1, int(partials.hours[at + 1])),
        text(
            "{tag} has no reading in {hours} hours, in {gaps} gaps; the longest, of {longest} hours, is {when}",
            tag=name,
            hours=int(jumps[jumps > 0].sum()),
            gaps=int((jumps > 0).sum()),
            longest=int(jumps[at]),
            when=_hours(view, int(partials.hours[at]) + 1, int(partials.hours[at + 1])),
        ),
        text(
            "fetch the hours from the source system's memory, or note the outage in the ledger; nothing was filled in"
        ),
        count=int((jumps > 0).sum()),
    )


def _stuck(view: PlantView, tag: Row, partials: HourlyPartials) -> Iterator[Finding]:
    """Yield one finding for each stretch of a day or more in which a series shows one value other than zero."""
    for first, last in still_hours(partials.hours, partials.good, partials.lowest, partials.highest):
        hours = last - first + 1
        name = tag.text("id")
        value = float(partials.lowest[first])
        when = _hours(view, int(partials.hours[first]), int(partials.hours[last]) + 1)
        yield Finding(
            "stuck-sensor",
            Severity.DOUBTFUL,
            Place(name),
            f"{value:g}",
            text(
                "{tag} shows {value} {unit} without any change for {hours} hours ({when})",
                tag=name,
                value=value,
                unit=tag.text("unit"),
                hours=hours,
                when=when,
            ),
            text("check sensor, transmitter and logger; mark the hours as invalid if they are not measured"),
        )


def _hours(view: PlantView, first: int, end: int) -> str:
    start, stop = (from_us(hour * HOUR_US, view.zone) for hour in (first, end))
    return f"{start:%Y-%m-%d %H:%M} – {stop:%Y-%m-%d %H:%M}"


def _undescribed(view: PlantView) -> Iterator[Finding]:
    names = [name for name in view.spans if name not in view.by_id("tag")]
    if names:
        yield Finding(
            "tag-not-described",
            Severity.DOUBTFUL,
            Place("tag"),
            short(names, 3),
            text(
                "{count} series are not described, so no figure uses them: {names}",
                count=len(names),
                names=short(names),
            ),
            text("add them to the record `tag`: what they measure, their unit, stack, meter or machine"),
            count=len(names),
        )


def _silent(view: PlantView) -> Iterator[Finding]:
    names = [name for name in view.by_id("tag") if name not in view.spans]
    if names:
        yield Finding(
            "tag-without-readings",
            Severity.NOTE,
            Place("tag"),
            short(names, 3),
            text("{count} described tags have no readings: {names}", count=len(names), names=short(names)),
            text("take in their series, or delete them from the record `tag`"),
            count=len(names),
        )


def _permits(view: PlantView) -> Iterator[Finding]:
    for permit in view.rows("permit"):
        until = permit.day("valid_until")
        if until is None or until >= view.at:
            continue
        if any(_renews(other, permit, view) for other in view.rows("permit")):
            continue
        yield Finding(
            "permit-lapsed",
            Severity.DOUBTFUL,
            Place(permit.file, permit.number, None, "valid_until"),
            until.isoformat(),
            text(
                "permit {permit} ended on {until}, before {at}",
                permit=permit.text("id"),
                until=until.isoformat(),
                at=view.at.isoformat(),
            ),
            text("record the renewed permit, or apply for it"),
        )


def _renews(other: Row, permit: Row, view: PlantView) -> bool:
    until = other.day("valid_until")
    return other.text("site") == permit.text("site") and until is not None and until >= view.at
