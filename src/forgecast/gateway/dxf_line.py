"""One line out of a DXF file: its lines, arcs and polylines joined end to end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.gateway.case_file import CaseError
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]
#: Values of $INSUNITS that are lengths of a workshop; 0 says nothing.
_UNITS = {"1": "in", "2": "ft", "4": "mm", "5": "cm", "6": "m"}
#: Turn of an arc between two of its points, rad.
_TURN = math.radians(5.0)
#: Ends nearer than this share of the drawing's size are one.
_JOIN = 1e-5


def read_dxf(path: Path) -> tuple[FloatArray, str]:
    """Return the points of the one line of a DXF file (ASCII), in its units, and the unit it names; empty for none.

    Raises
    ------
    CaseError
        If it cannot be read, or its lines, arcs and polylines do not join to one line.
    """
    try:
        words = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise CaseError(
            text("the file cannot be read: {why}", why=str(error.strerror or error)),
            where=str(path),
            repair=text("check the path and the name"),
        ) from None
    pairs = [(code.strip(), value.strip()) for code, value in zip(words[::2], words[1::2], strict=False)]
    unit = ""
    for (code, value), after in pairwise(pairs):
        if code == "9" and value == "$INSUNITS" and after[0] == "70":
            unit = _UNITS.get(after[1], "")
    try:
        pieces = [piece for piece in _pieces(pairs) if len(piece) > 1]
    except (ValueError, KeyError):
        raise CaseError(
            text("a coordinate of the drawing is missing or no number"),
            where=str(path),
            repair=text("save it again as ASCII DXF"),
        ) from None
    if not pieces:
        raise CaseError(
            text("the drawing has no line, arc or polyline"),
            where=str(path),
            repair=text("save the profile alone, as ASCII DXF with LINE, ARC or LWPOLYLINE"),
        )
    return _joined(pieces, path), unit


def _pieces(pairs: list[tuple[str, str]]) -> Iterator[FloatArray]:
    starts = [n for n, (code, _) in enumerate(pairs) if code == "0"]
    inside = False
    for n, after in zip(starts, [*starts[1:], len(pairs)], strict=True):
        kind, body = pairs[n][1], pairs[n + 1 : after]
        if kind == "SECTION":
            inside = ("2", "ENTITIES") in body
        elif inside and kind == "LINE":
            got = dict(body)
            yield np.array([(float(got["10"]), float(got["20"])), (float(got["11"]), float(got["21"]))])
        elif inside and kind == "ARC":
            got = dict(body)
            first, last = math.radians(float(got["50"])), math.radians(float(got["51"]))
            turn = (last - first) % (2.0 * math.pi)
            yield _arc(np.array([float(got["10"]), float(got["20"])]), float(got["40"]), first, turn)
        elif inside and kind == "LWPOLYLINE":
            yield _polyline(body)


def _arc(centre: FloatArray, radius: float, first: float, turn: float) -> FloatArray:
    angle = first + turn * np.linspace(0.0, 1.0, max(math.ceil(abs(turn) / _TURN), 2) + 1)
    return np.asarray(centre + radius * np.column_stack([np.cos(angle), np.sin(angle)]), dtype=np.float64)


def _polyline(body: list[tuple[str, str]]) -> FloatArray:
    points: list[list[float]] = []
    bulges: list[float] = []
    closed = False
    for code, value in body:
        if code == "10":
            points.append([float(value), 0.0])
            bulges.append(0.0)
        elif code == "20" and points:
            points[-1][1] = float(value)
        elif code == "42" and points:
            bulges[-1] = float(value)
        elif code == "70":
            closed = bool(int(value) & 1)
    if closed and points:
        points.append(points[0])
        bulges.append(0.0)
    made = [np.array(points[:1])]
    for a, b, bulge in zip(points, points[1:], bulges, strict=False):
        made.append(_bulged(np.array(a), np.array(b), bulge)[1:])
    return np.concatenate(made) if points else np.zeros((0, 2))


def _bulged(a: FloatArray, b: FloatArray, bulge: float) -> FloatArray:
    """Return a stretch of a polyline: straight, or an arc of the turn 4 atan(bulge)."""
    if bulge == 0.0:
        return np.array([a, b])
    turn = 4.0 * math.atan(bulge)
    chord = b - a
    across = np.array([-chord[1], chord[0]])
    centre = 0.5 * (a + b) + across * (1.0 - bulge**2) / (4.0 * bulge)
    way = a - centre
    return _arc(centre, float(np.linalg.norm(way)), math.atan2(way[1], way[0]), turn)


def _joined(pieces: list[FloatArray], path: Path) -> FloatArray:
    size = float(np.ptp(np.concatenate(pieces), axis=0).max())
    line, rest = pieces[0], list(pieces[1:])
    while rest:
        for n, piece in enumerate(rest):
            for turned in (piece, piece[::-1]):
                if np.linalg.norm(turned[0] - line[-1]) <= _JOIN * size:
                    line = np.concatenate([line, turned[1:]])
                    break
                if np.linalg.norm(turned[-1] - line[0]) <= _JOIN * size:
                    line = np.concatenate([turned[:-1], line])
                    break
            else:
                continue
            rest.pop(n)
            break
        else:
            raise CaseError(
                text("the drawing is not one line: {count} of its pieces touch nothing", count=len(rest)),
                where=str(path),
                repair=text("save the profile alone, its pieces meeting end to end"),
            )
    return line
