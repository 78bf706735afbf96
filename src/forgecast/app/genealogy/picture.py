"""The picture of a trace as SVG: kinds from left to right, what is on record solid, what follows from times dashed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from forgecast.app.genealogy.grouping import Box, Drawing, Line, drawing
from forgecast.ground.dates import from_us
from forgecast.ground.texts import Language, Text, text
from forgecast.plant.lineage import KIND_TITLES, Relation
from forgecast.tasks.trace_piece import Trace

INK, SOFT, RULE, WASH, ACCENT = "#1f2933", "#52606d", "#d8d4cb", "#f1eee8", "#c2410c"
_FONT: Final = "'IBM Plex Sans','Noto Sans SC','Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif"
_COLOURS: Final[Mapping[str, str]] = {
    "lot": "#57534e",
    "heat": "#c2410c",
    "ladle": "#b45309",
    "holding_fill": "#b45309",
    "mould": "#0f766e",
    "shot": "#0f766e",
    "piece": "#1d4ed8",
    "heat_treatment": "#7c3aed",
    "shipment": "#15803d",
}
#: Columns from left to right; pieces take one more for each time they moved.
_COLUMN: Final[Mapping[str, int]] = {
    "lot": 0,
    "heat": 1,
    "ladle": 2,
    "holding_fill": 2,
    "mould": 3,
    "shot": 3,
    "piece": 4,
}
BOX_WIDTH, BOX_HEIGHT, _GAP_X, _GAP_Y = 142.0, 36.0, 100.0, 12.0
_LEFT, _TOP, _BOTTOM = 40.0, 92.0, 92.0
#: Room for lines round the first column, and what is written beside them.
_ROUND: Final = 56.0
#: Widths of characters at 11 px: a full-width one takes twice as much.
_ROOM: Final = 19


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box stands: its column, and its left upper corner [px]."""

    column: int
    x: float
    y: float


def trace_svg(trace: Trace, language: Language, zone: str = "UTC") -> str:
    """Return the picture of a trace.

    A line is as wide as the share its parent has in the child; a dashed one follows from times and order, with its
    probability; a moved count stands beside its line. Like subjects are drawn together where there are many.

    Parameters
    ----------
    trace : Trace
    language : Language
    zone : str
        IANA zone in which times are written.
    """
    shown = drawing((trace.kind, trace.name), trace.pieces, trace.kin, trace.links)
    places = places_of(shown)
    width = max(place.x for place in places) + BOX_WIDTH + _LEFT
    height = max(place.y for place in places) + BOX_HEIGHT + _BOTTOM
    width = max(width, 760.0)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{_FONT}" font-size="11" role="img">'
        ),
        f"<title>{escape(_title(trace).say(language))}</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        _said(_LEFT, 30.0, _title(trace).say(language), size=17, weight=600),
        _said(_LEFT, 48.0, _subtitle(shown).say(language), colour=SOFT),
        *_heads(shown.boxes, places, language),
        *(_line(one, shown.boxes, places) for one in shown.lines),
        *(_box(one, place, language, zone) for one, place in zip(shown.boxes, places, strict=True)),
        *_labels(shown, places, language),
        *_legend(height, language),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _title(trace: Trace) -> Text:
    kind = KIND_TITLES[trace.kind]
    if trace.direction == "forward":
        return text("What came of {kind} {name}", kind=kind, name=trace.name)
    return text("What {kind} {name} came from", kind=kind, name=trace.name)


def _subtitle(shown: Drawing) -> Text:
    subjects = sum(len(box.names) for box in shown.boxes)
    if shown.left_out:
        return text(
            "{shown} subjects, {hidden} more are not drawn; the table has them", shown=subjects, hidden=shown.left_out
        )
    return text("{shown} subjects, {lines} kinds of link between them", shown=subjects, lines=len(shown.lines))


def places_of(shown: Drawing) -> tuple[Place, ...]:
    """Return where each box of a drawing stands."""
    columns = _columns(shown)
    used = {column: at for at, column in enumerate(sorted(set(columns)))}
    rows: dict[int, list[int]] = {}
    order = sorted(range(len(columns)), key=lambda i: (shown.boxes[i].time or 0, shown.boxes[i].names))
    for box in order:
        rows.setdefault(columns[box], []).append(box)
    _untangle(rows, shown.lines)
    tallest = max(len(some) for some in rows.values())
    found: dict[int, Place] = {}
    first = min(rows)
    around = any(columns[one.parent] == columns[one.child] == first for one in shown.lines)
    left = _LEFT + (_ROUND if around else 0.0)
    for column, some in rows.items():
        offset = (tallest - len(some)) * (BOX_HEIGHT + _GAP_Y) / 2.0
        for at, box in enumerate(some):
            x = left + used[column] * (BOX_WIDTH + _GAP_X)
            found[box] = Place(column, x, _TOP + offset + at * (BOX_HEIGHT + _GAP_Y))
    return tuple(found[i] for i in range(len(columns)))


def _columns(shown: Drawing) -> list[int]:
    """Return the column of each box; a piece stands right of those it came out of."""
    columns = [_COLUMN.get(box.kind, 0) for box in shown.boxes]
    moves = [one for one in shown.lines if one.relation in (Relation.MOVED, Relation.REMELTED, Relation.HEEL)]
    for _ in range(len(shown.boxes)):
        changed = False
        for one in moves:
            if one.relation is Relation.MOVED and columns[one.child] <= columns[one.parent] < 60:
                columns[one.child] = columns[one.parent] + 1
                changed = True
        if not changed:
            break
    last = max((c for c, box in zip(columns, shown.boxes, strict=True) if box.kind == "piece"), default=4)
    return [
        last + 1 if box.kind == "heat_treatment" else last + 2 if box.kind == "shipment" else column
        for column, box in zip(columns, shown.boxes, strict=True)
    ]


def _untangle(rows: dict[int, list[int]], lines: Sequence[Line]) -> None:
    """Order the boxes of each column by the mean place of their neighbours, a few times to and fro."""
    around: dict[int, list[int]] = {}
    for one in lines:
        around.setdefault(one.parent, []).append(one.child)
        around.setdefault(one.child, []).append(one.parent)
    for turn in range(6):
        place = {box: (at + 0.5) / len(some) for some in rows.values() for at, box in enumerate(some)}
        for column in sorted(rows, reverse=bool(turn % 2)):
            some = rows[column]
            mean = {
                box: sum(place[other] for other in around[box]) / len(around[box]) if box in around else place[box]
                for box in some
            }
            ranked = sorted((round(mean[box], 6), place[box], box) for box in some)
            rows[column] = [box for _, _, box in ranked]
            place |= {box: (at + 0.5) / len(some) for at, box in enumerate(rows[column])}


def _said(
    x: float, y: float, words: str, *, size: float = 11, weight: int = 400, colour: str = INK, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


def _heads(boxes: Sequence[Box], places: Sequence[Place], language: Language) -> list[str]:
    heads: dict[float, list[str]] = {}
    for box, place in zip(boxes, places, strict=True):
        some = heads.setdefault(place.x, [])
        if box.kind not in some:
            some.append(box.kind)
    return [
        _said(x, _TOP - 14.0, " / ".join(KIND_TITLES[kind].say(language) for kind in kinds), weight=600, colour=SOFT)
        for x, kinds in heads.items()
    ]


def _box(box: Box, place: Place, language: Language, zone: str) -> str:
    colour = _COLOURS[box.kind]
    name = box.names[0] if len(box.names) == 1 else counted(box).say(language)
    facts = []
    if len(box.names) > 1:
        facts.append(f"{box.names[0]} … {box.names[-1]}")
    elif box.time is not None and not (box.low < 0.995 and box.pieces > 1):
        short = box.low < 0.995 or box.pieces > 1
        facts.append(f"{from_us(box.time, zone):{'%m-%d %H:%M' if short else '%Y-%m-%d %H:%M'}}")
    if len(box.names) == 1 and box.pieces > 1:
        facts.insert(0, text("{count} pieces", count=box.pieces).say(language))
    if box.low < 0.995:
        facts.insert(0, f"P {box.low:.2f}" if box.high - box.low < 0.005 else f"P {box.low:.2f}–{box.high:.2f}")
    stroke = f'stroke="{ACCENT}" stroke-width="2.5"' if box.subject else f'stroke="{colour}" stroke-width="1"'
    shape = (
        f'<rect x="{place.x:.1f}" y="{place.y:.1f}" width="{BOX_WIDTH:.0f}" height="{BOX_HEIGHT:.0f}" rx="5" '
        f'fill="{"#fff7ed" if box.subject else WASH}" {stroke}/>'
        f'<rect x="{place.x:.1f}" y="{place.y:.1f}" width="4" height="{BOX_HEIGHT:.0f}" rx="2" fill="{colour}"/>'
    )
    full = escape(", ".join(box.names[:50]))
    first = _said(place.x + 10.0, place.y + 15.0, _cut(name, _ROOM), weight=600, size=11.5)
    second = _said(place.x + 10.0, place.y + 29.0, _cut(" · ".join(facts), _ROOM + 7), size=9.5, colour=SOFT)
    return f"<g><title>{full}</title>{shape}{first}{second}</g>"


def counted(box: Box) -> Text:
    """Return how many subjects a box stands for."""
    many = len(box.names)
    if box.kind == "piece":
        pieces = max(box.pieces, many)
        if pieces == many:
            return text("{count} pieces", count=many)
        return text("{batches} batches, {count} pieces", batches=many, count=pieces)
    return text("{count} × {kind}", count=many, kind=KIND_TITLES[box.kind])


def _cut(words: str, room: int) -> str:
    taken = 0.0
    for at, letter in enumerate(words):
        taken += 2.0 if ord(letter) > 0x2E80 else 1.0
        if taken > room:
            return words[: max(at - 1, 1)] + "…"
    return words


def _curve(one: Line, places: Sequence[Place]) -> tuple[str, tuple[float, float], tuple[float, float]]:
    """Return the path of a line, and its ends at parent and child."""
    treated = one.relation is Relation.TREATED
    a, b = (places[one.child], places[one.parent]) if treated else (places[one.parent], places[one.child])
    x1, y1, x2, y2 = a.x + BOX_WIDTH, a.y + BOX_HEIGHT / 2, b.x, b.y + BOX_HEIGHT / 2
    if a.column == b.column:  # a heel, or returns: round the left side of the column
        x1, bend = a.x, 30.0
        path = f"M{x1:.1f},{y1:.1f} C{x1 - bend:.1f},{y1:.1f} {x2 - bend:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
    else:
        bend = max((x2 - x1) * 0.45, 30.0)
        path = f"M{x1:.1f},{y1:.1f} C{x1 + bend:.1f},{y1:.1f} {x2 - bend:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
    return path, (x1, y1), (x2, y2)


def _line(one: Line, boxes: Sequence[Box], places: Sequence[Place]) -> str:
    path, _, _ = _curve(one, places)
    width = 1.0 + 3.0 * (0.3 if one.share is None else one.share)
    dash = "" if one.recorded else ' stroke-dasharray="5 4"'
    colour = _COLOURS[boxes[one.parent].kind]
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-opacity="0.6" stroke-width="{width:.2f}"{dash}/>'


def _labels(shown: Drawing, places: Sequence[Place], language: Language) -> list[str]:
    """Return what is written beside lines: at the end where fewer of them meet, one under the other."""
    told = [one for one in shown.lines if labelled(one)]
    into, out_of = Counter(one.child for one in told), Counter(one.parent for one in told)
    ends: dict[tuple[str, int], list[tuple[float, float, str]]] = {}
    for one in told:
        _, (x1, y1), (x2, y2) = _curve(one, places)
        words = label_of(one, shown.boxes).say(language)
        at_child = into[one.child] <= out_of[one.parent] or places[one.parent].column == places[one.child].column
        if at_child:
            ends.setdefault(("end", one.child), []).append((y1, x2 - 5.0, words))
        else:
            ends.setdefault(("start", one.parent), []).append((y2, x1 + 5.0, words))
    parts = []
    for (anchor, box), some in ends.items():
        middle = places[box].y + BOX_HEIGHT / 2 + 3.0
        for at, (_, x, words) in enumerate(sorted(some)):
            y = middle + (at - (len(some) - 1) / 2.0) * 11.0
            parts.append(
                f'<text x="{x:.1f}" y="{y:.1f}" font-size="9.5" text-anchor="{anchor}" fill="{INK}" stroke="#ffffff" '
                f'stroke-width="3" stroke-linejoin="round" paint-order="stroke">{escape(words)}</text>'
            )
    return parts


def labelled(one: Line) -> bool:
    """Whether something is written beside a line: its share, its probability or what moved is worth telling."""
    mixed = one.share is None or one.share < 0.995
    doubtful = not one.recorded and one.low < 0.995
    return doubtful or mixed or (one.count is not None and one.relation is not Relation.TREATED)


def label_of(one: Line, boxes: Sequence[Box]) -> Text:
    """Return what is written beside a line."""
    if one.count is not None:
        return text("{count} of {all}", count=one.count, all=max(boxes[one.child].pieces, one.count))
    if not one.recorded and one.low < 0.995:
        low, high = round(100 * one.low), round(100 * one.high)
        if low == high:
            return text("P {percent} %", percent=low)
        return text("P {low} to {high} %", low=low, high=high)
    if one.share is None:
        return text("share not known")
    return text("share {percent} %", percent=round(100 * one.share, 1 if one.share < 0.1 else 0))


def _legend(height: float, language: Language) -> list[str]:
    y = height - 46.0
    entries = (
        ('stroke-width="4"', text("on record; as wide as the share")),
        ('stroke-width="2" stroke-dasharray="5 4"', text("follows from times and order; P is its probability")),
    )
    parts = [f'<line x1="{_LEFT}" y1="{y - 22:.0f}" x2="736" y2="{y - 22:.0f}" stroke="{RULE}"/>']
    x = _LEFT
    for style, words in entries:
        said = words.say(language)
        parts.append(f'<line x1="{x}" y1="{y}" x2="{x + 36}" y2="{y}" stroke="{SOFT}" {style}/>')
        parts.append(_said(x + 44.0, y + 4.0, said))
        x += 60.0 + sum(11.5 if ord(letter) > 0x2E80 else 6.2 for letter in said)
    note = text("Box with a thick edge: what was asked for. P in a box: that it belongs here at all.")
    parts.append(_said(_LEFT, y + 24.0, note.say(language), colour=SOFT))
    return parts
