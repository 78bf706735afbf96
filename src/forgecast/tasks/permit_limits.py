"""The limits of a plant's own permits, for the rules to lay over the law's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text
from forgecast.rules.overlay import PermitLimit
from forgecast.rules.verdict import Verdict, Word
from forgecast.tasks.plant_view import PlantView


def permit_limits(view: PlantView) -> tuple[tuple[PermitLimit, ...], tuple[Finding, ...]]:
    """Return the permit limits that can be dated, and a finding for each permit that cannot."""
    permits = view.by_id("permit")
    limits, findings = [], []
    for row in view.rows("permit_limit"):
        permit = permits.get(row.text("permit"))
        start = None if permit is None else permit.day("valid_from")
        if permit is None or start is None:
            findings.append(
                Finding(
                    "permit-without-date",
                    Severity.DOUBTFUL,
                    Place(row.file, row.number, None, "permit"),
                    row.text("permit"),
                    text(
                        "the limit of permit {permit} is not judged: the day the permit begins is not on record",
                        permit=row.text("permit"),
                    ),
                    text("fill `valid_from` in the record `permit`"),
                )
            )
            continue
        until = permit.day("valid_until")
        limits.append(
            PermitLimit(
                stack=row.text("stack"),
                figure=row.text("pollutant"),
                value=row.number_of("limit_mg_m3"),
                unit="mg/m3",
                start=start,
                until=None if until is None else until + timedelta(days=1),
                permit=row.text("permit"),
                entry=row.place,
            )
        )
    return tuple(limits), tuple(findings)


def without_law(limits: Iterable[PermitLimit], verdicts: Iterable[Verdict]) -> tuple[PermitLimit, ...]:
    """Return the permit limits no verdict of the law has judged: of a stack or a figure the law does not limit.

    Where nobody knows whether the law applies, or its number is not verified, it has judged nothing: no limit stands
    in its verdict, and the permit asks all the same.
    """
    judged = {
        (v.subject_id, v.figure_name)
        for v in verdicts
        if v.word is not Word.NOT_APPLICABLE and not (v.word is Word.NOT_KNOWN and v.limit is None)
    }
    return tuple(limit for limit in limits if (limit.stack, limit.figure) not in judged)
