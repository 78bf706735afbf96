"""Findings gathered so that one repair cures many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forgecast.app.report.numbers import count, pretty_text
from forgecast.app.report.words import SEVERITY_TEXTS
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Language, text

_ORDER = {Severity.REFUSED: 0, Severity.DOUBTFUL: 1, Severity.NOTE: 2}


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One place of a kind of defect: where, what stood there, how often, and its reason where it differs."""

    place: str
    value: str
    count: str
    reason: str


@dataclass(frozen=True, slots=True)
class QualityGroup:
    """A kind of defect with all its places, most frequent first."""

    code: str
    severity_key: str
    severity: str
    what: str
    repairs: tuple[str, ...]
    total: int
    count: str
    places: tuple[PlaceLine, ...]


def quality_groups(findings: Sequence[Finding], language: Language) -> tuple[QualityGroup, ...]:
    """Return findings grouped by severity, code and kind of sentence; refused first, then by how many values."""
    gathered: dict[tuple[int, str, str], list[Finding]] = {}
    for finding in findings:
        gathered.setdefault((_ORDER[finding.severity], finding.code, finding.reason.template), []).append(finding)
    groups = [(key[0], _group(members, language)) for key, members in gathered.items()]
    groups.sort(key=lambda ranked: (ranked[0], -ranked[1].total, ranked[1].code))
    return tuple(group for _, group in groups)


def place_text(place: Place, language: Language) -> str:
    """Return a place in words: file, row or rows, column."""
    parts = [place.file]
    if place.row is not None:
        if place.last_row in (None, place.row):
            parts.append(text("row {row}", row=place.row).say(language))
        else:
            parts.append(text("rows {row}–{last}", row=place.row, last=place.last_row).say(language))
    if place.column:
        parts.append(text("column {column}", column=place.column).say(language))
    return ("，" if language == "zh" else ", ").join(parts)


def _group(members: list[Finding], language: Language) -> QualityGroup:
    members = sorted(members, key=lambda finding: (-finding.count, str(finding.place)))
    first = members[0]
    what = pretty_text(first.reason.say(language))
    repairs = dict.fromkeys(pretty_text(finding.repair.say(language)) for finding in members)
    total = sum(finding.count for finding in members)
    return QualityGroup(
        code=first.code,
        severity_key=str(first.severity),
        severity=SEVERITY_TEXTS[first.severity].say(language),
        what=what,
        repairs=tuple(repairs),
        total=total,
        count=count(total),
        places=tuple(_line(finding, what, language) for finding in members),
    )


def _line(finding: Finding, shown_above: str, language: Language) -> PlaceLine:
    reason = pretty_text(finding.reason.say(language))
    return PlaceLine(
        place=place_text(finding.place, language),
        value=finding.value,
        count=count(finding.count),
        reason="" if reason == shown_above else reason,
    )
