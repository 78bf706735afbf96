"""Contain a signal: from a point out of control to the pieces it touches, what was decided on them, and the effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from forgecast.ground.dates import day_start_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.plant.lineage import Lineage
from forgecast.plant.record import record
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow
from forgecast.tasks.affected_pieces import AffectedPiece, Decisions, affected_pieces, traced_kind
from forgecast.tasks.chart_quality import ChartPlan, GroupChart, QualityChart, chart_quality
from forgecast.tasks.lineage_of_plant import lineage_of_plant
from forgecast.tasks.proven_effect import Effect, effect_of
from forgecast.tasks.quality_points import needed_labels
from forgecast.tasks.watched import Wanted, Watched
from forgecast.tasks.watched_records import reaches, watched_in_plant

#: What a row may refer to, the nearest to the piece first.
_NEAREST = ("piece", "mould", "shot", "ladle", "heat_treatment", "heat", "lot")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A stretch of a chart that is out of control, from after the last good point to its last signal.

    Parameters
    ----------
    group : str
    first, last : int
        Points, counted from 0.
    rules : tuple of str
        Signs of the rules.
    last_good : str
        Name of the point before it; empty where there is none.
    since, until : str
        Local times of its first and last row.
    kind : str
        What the suspects are: heat, shot, piece …
    subjects : tuple of str
        Their numbers, those between the points included.
    pieces : tuple of AffectedPiece
    nonconformities : tuple of str
        Reports on record that name one of them.
    effects : tuple of Effect
    """

    group: str
    first: int
    last: int
    rules: tuple[str, ...]
    last_good: str
    since: str
    until: str
    kind: str
    subjects: tuple[str, ...]
    pieces: tuple[AffectedPiece, ...]
    nonconformities: tuple[str, ...]
    effects: tuple[Effect, ...]

    @property
    def most(self) -> int:
        """Return how many pieces are affected at most."""
        return sum(piece.most for piece in self.pieces)

    @property
    def open(self) -> tuple[AffectedPiece, ...]:
        """Return the pieces that nobody has held: nothing decided, let go, or shipped."""
        return tuple(piece for piece in self.pieces if not piece.held or piece.shipments)

    def as_json(self) -> dict[str, object]:
        """Return the stretch with all its pieces."""
        return {
            "group": self.group,
            "points": [self.first + 1, self.last + 1],
            "rules": list(self.rules),
            "last_good": self.last_good,
            "since": self.since,
            "until": self.until,
            "kind": self.kind,
            "subjects": list(self.subjects),
            "pieces_at_most": self.most,
            "pieces": [piece.as_json() for piece in self.pieces],
            "nonconformities": list(self.nonconformities),
            "effects": [effect.as_json() for effect in self.effects],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Containment:
    """Signals of a chart and what became of the pieces they touch."""

    chart: QualityChart
    suspects: tuple[Suspect, ...]
    not_followed: int
    notes: tuple[Text, ...]

    @property
    def contained(self) -> bool | None:
        """Whether every affected piece is held; None where suspects lead to no piece on record."""
        if any(suspect.open for suspect in self.suspects):
            return False
        return True if all(suspect.pieces for suspect in self.suspects) else None

    def as_json(self) -> dict[str, object]:
        """Return chart and stretches with both languages inside."""
        return {
            "contained": self.contained,
            "suspects": [suspect.as_json() for suspect in self.suspects],
            "not_followed": self.not_followed,
            "notes": [note.as_json() for note in self.notes],
            "chart": self.chart.as_json(),
        }


def contain_signal(
    plant: PlantFolder,
    wanted: Wanted,
    plan: ChartPlan,
    *,
    by: str = "",
    done: date | None = None,
    most: int = 20,
) -> Containment:
    """Follow the signals of a chart to the pieces they touch, and ask whether they are held and the effect is proven.

    Parameters
    ----------
    plant : PlantFolder
    wanted : Wanted
        One field of a record.
    plan : ChartPlan
    by : str
        Label of the groups.
    done : date or None
        Day on which something was done; None takes the actions on record.
    most : int
        Stretches that are followed, the latest first.

    Raises
    ------
    ForgecastError
        If rows of the record lead to nothing that is traced.
    """
    kind = record(wanted.fields[0].partition(".")[0])
    refers = {field.refers: field.name for field in kind.fields if traced_kind(field.refers)}
    own = traced_kind(kind.name)
    if not own and not refers:
        raise ForgecastError(
            text("rows of {record} lead to no heat, mould, shot or piece", record=kind.name),
            where=wanted.fields[0],
            repair=text("chart a field of what is traced, or of what is measured on it"),
        )
    links = () if own else tuple(refers[name] for name in _NEAREST if name in refers)
    days = needed_labels(plan.subgroup, result=wanted.fields[0].endswith(".result"))
    heat = ("heat",) if kind.name != "heat" and reaches(kind, "heat") else ()
    labels = tuple(dict.fromkeys((*wanted.labels, by, plan.stage, *links, *heat, *days)))
    watched = watched_in_plant(plant, replace(wanted, labels=labels))
    chart = chart_quality(watched, plan, by=by)
    stretches = [(group, *run) for group in chart.groups for run in _stretches(group)]
    stretches.sort(key=lambda one: int(one[0].points.last[one[2]]))
    followed = stretches[max(len(stretches) - most, 0) :]
    lineage, decisions = lineage_of_plant(plant), Decisions.of(plant)
    rows_of = _Followed(plant, lineage, decisions, kind.name if own else "", links, done)
    suspects = tuple(rows_of.suspect(group, first, last, rules) for group, first, last, rules in followed)
    return Containment(chart, suspects, len(stretches) - len(followed), lineage.assumptions.told())


def _stretches(group: GroupChart) -> list[tuple[int, int, tuple[str, ...]]]:
    """Return stretches out of control: first point of the pattern, last point flagged, signs of the rules."""
    panel = group.panels[0]
    begin = np.full(panel.values.size, -1, dtype=np.int64)
    for mark in panel.marks:
        reach = np.maximum(mark.at - mark.reach + 1, 0)
        begin[mark.at] = np.where(begin[mark.at] < 0, reach, np.minimum(begin[mark.at], reach))
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for at in panel.flagged:
        first = int(begin[at])
        if found and first <= found[-1][1] + 1:
            first, last = min(found[-1][0], first), int(at)
            found[-1] = (first, last, ())
        else:
            found.append((first, int(at), ()))
    return [
        (first, last, tuple(m.sign for m in panel.marks if ((m.at >= first) & (m.at <= last)).any()))
        for first, last, _ in found
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Followed:
    """What it takes to follow a stretch of a chart down to its pieces."""

    plant: PlantFolder
    lineage: Lineage
    decisions: Decisions
    own: str
    links: tuple[str, ...]
    done: date | None

    def suspect(self, group: GroupChart, first: int, last: int, rules: tuple[str, ...]) -> Suspect:
        points, rows = group.points, group.points.rows
        begun = int(points.last[first - 1]) + 1 if first else 0
        ended = int(points.last[last])
        kind, subjects = self._subjects(rows, begun, ended)
        pieces = affected_pieces(self.lineage, self.decisions, {kind: subjects}) if subjects else ()
        heats = {str(word) for word in rows.labels["heat"][begun : ended + 1]} if "heat" in rows.labels else set()
        reports = self._reports(kind, subjects, pieces, heats)
        good = rows.columns[0].values[:begun]
        good = good[~np.isnan(good)]
        level = float(good.mean()) if good.size else float(np.nanmean(group.panels[0].centre))
        effects = self._effects(rows, begun, level, reports)
        return Suspect(
            group=group.group,
            first=first,
            last=last,
            rules=rules,
            last_good=str(points.names[first - 1]) if first else "",
            since=rows.moment(begun),
            until=rows.moment(ended),
            kind=kind,
            subjects=subjects,
            pieces=pieces,
            nonconformities=tuple(str(row["id"]) for row in reports),
            effects=effects,
        )

    def _subjects(self, rows: Watched, begun: int, ended: int) -> tuple[str, tuple[str, ...]]:
        """Return the suspects of rows; where not each was measured, those made between are suspect too."""
        if self.own:
            return self.own, tuple(dict.fromkeys(str(name) for name in rows.names[begun : ended + 1]))
        for field in self.links:
            named = [str(word) for word in rows.labels[field][begun : ended + 1] if word is not None]
            if named:
                before = [str(word) for word in rows.labels[field][:begun] if word is not None]
                kind = record(rows.record).field(field).refers
                return kind, self._with_between(kind, tuple(dict.fromkeys(named)), before[-1:])
        return _NEAREST[0], ()

    def _with_between(self, kind: str, named: tuple[str, ...], good: Sequence[str]) -> tuple[str, ...]:
        times = {name: self._made(kind, name) for name in (*named, *good)}
        known = [times[name] for name in named if times[name] >= 0]
        start = next((times[name] for name in good if times[name] >= 0), min(known, default=-1) - 1)
        if not known:
            return named
        span = self.lineage.span(kind)
        made = self.lineage.time[span]
        between = span.start + np.flatnonzero((made > start) & (made <= max(known)))
        names = [self.lineage.name(int(node)) for node in between]
        if kind == "piece":
            products = {self.decisions.product.get(name, "") for name in named}
            names = [name for name in names if self.decisions.product.get(name, "") in products]
        return tuple(dict.fromkeys((*named, *names)))

    def _made(self, kind: str, name: str) -> int:
        try:
            return int(self.lineage.time[self.lineage.nodes(kind, name)[0]])
        except ForgecastError:
            return -1

    def _reports(
        self, kind: str, subjects: tuple[str, ...], pieces: tuple[AffectedPiece, ...], heats: set[str]
    ) -> tuple[StoredRow, ...]:
        """Return the reports of nonconformity that name a suspect, its heat, or a piece that comes of it."""
        named = set(subjects)
        touched = {piece.name for piece in pieces} | (named if kind == "piece" else set())
        return tuple(
            row
            for row in self.plant.records.read("nonconformity")
            if row["piece"] in touched
            or row["heat"] in heats
            or (kind in ("heat", "lot", "heat_treatment") and row[kind] in named)
        )

    def _effects(self, rows: Watched, begun: int, good: float, reports: tuple[StoredRow, ...]) -> tuple[Effect, ...]:
        if self.done is not None:
            return (effect_of(rows, begun, good, day_start_us(self.done, rows.zone)),)
        if not reports:
            return ()
        actions = self.plant.records.read("action", nonconformity=[str(row["id"]) for row in reports])
        return tuple(
            effect_of(
                rows, begun, good, int(str(row["done_at"])), action=str(row["id"]), what=str(row["what"]),
                said=None if row["effective"] is None else bool(row["effective"]),
            )
            for row in actions
            if row["done_at"] is not None
        )  # fmt: skip
