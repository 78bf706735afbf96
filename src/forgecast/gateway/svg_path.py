"""The one path of an SVG file as points, heights upwards."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.gateway.case_file import CaseError
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]
_TOKEN = re.compile(r"([MmLlHhVvCcAaZz])|([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([A-Za-z])")
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "A": 7, "Z": 0}
#: Points on a curve of Bézier, and turn of an arc between two points.
_CURVE, _TURN = 24, math.radians(5.0)


def read_svg(path: Path) -> FloatArray:
    """Return the points of the one path of an SVG file, in its user units, y turned upwards.

    Raises
    ------
    CaseError
        If it cannot be read, has not exactly one path, is transformed, or a command of the path is not one of M, L, H,
        V, C, A and Z.
    """
    try:
        content = path.read_bytes()
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise _refused(path, 0)
        root = ET.fromstring(content)  # noqa: S314  (no document type, so no entities)
    except OSError as error:
        raise CaseError(
            text("the file cannot be read: {why}", why=str(error.strerror or error)),
            where=str(path),
            repair=text("check the path and the name"),
        ) from None
    except ET.ParseError as error:
        raise CaseError(
            text("the file is no SVG: {why}", why=str(error)),
            where=str(path),
            repair=text("save it again as plain SVG"),
        ) from None
    paths = [one for one in root.iter() if one.tag.rpartition("}")[2] == "path"]
    if len(paths) != 1:
        raise _refused(path, len(paths))
    if any("transform" in one.attrib for one in root.iter()):
        raise CaseError(
            text("the drawing is transformed"),
            where=str(path),
            repair=text("apply the transforms to the path before saving"),
        )
    points = _points(paths[0].attrib.get("d", ""), path)
    return np.asarray(points * np.array([1.0, -1.0]), dtype=np.float64)


def _refused(path: Path, count: int) -> CaseError:
    return CaseError(
        text("the drawing has {count} paths that can be read, one is wanted", count=count),
        where=str(path),
        repair=text("save the profile alone as one path, as plain SVG"),
    )


def _points(words: str, path: Path) -> FloatArray:
    made: list[FloatArray] = []
    at = start = np.zeros(2)
    command, numbers = "", []
    tokens = [*_TOKEN.findall(words), ("", "", "")]
    begun = False
    for letter, number, other in tokens:
        if other:
            raise _unknown(other, path)
        if number:
            numbers.append(float(number))
        count = _COUNTS.get(command.upper(), 0)
        if command and count and len(numbers) == count:
            if command.upper() == "M" and not begun:
                at = start = np.array(numbers)
                made.append(at[None, :])
                begun, command = True, "L" if command == "M" else "l"
            elif command.upper() == "M":
                raise _refused(path, 2)
            else:
                stretch = _stretch(command, numbers, at)
                made.append(stretch)
                at = stretch[-1]
            numbers = []
        if letter or not number:
            if numbers or (letter and not begun and letter.upper() != "M"):
                raise _unknown(letter or command, path)
            command = letter
            if letter.upper() == "Z":
                made.append(start[None, :])
    return np.concatenate(made) if made else np.zeros((0, 2))


def _unknown(word: str, path: Path) -> CaseError:
    return CaseError(
        text("the path is not understood at {word}", word=word),
        where=str(path),
        repair=text("use M, L, H, V, C, A and Z only, with all their numbers"),
    )


def _stretch(command: str, numbers: list[float], at: FloatArray) -> FloatArray:
    base = at if command.islower() else np.zeros(2)
    kind = command.upper()
    if kind == "H":
        return np.array([[numbers[0] + base[0], at[1]]])
    if kind == "V":
        return np.array([[at[0], numbers[0] + base[1]]])
    if kind == "C":
        a, b, c = (np.array(numbers[n : n + 2]) + base for n in (0, 2, 4))
        t = np.linspace(0.0, 1.0, _CURVE + 1)[1:, None]
        return np.asarray((1 - t) ** 3 * at + 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t**2 * b + t**3 * c)
    if kind == "A":
        return _arc(at, np.array(numbers[5:7]) + base, numbers)
    return (np.array(numbers) + base)[None, :]


def _arc(start: FloatArray, end: FloatArray, numbers: list[float]) -> FloatArray:
    """Return an elliptic arc by its end points (SVG 1.1, appendix F.6)."""
    radii = np.abs(np.array(numbers[:2]))
    turn, large, sweep = math.radians(numbers[2]), numbers[3] != 0.0, numbers[4] != 0.0
    if np.any(radii == 0.0) or np.all(start == end):
        return end[None, :]
    turned = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    half = turned @ (0.5 * (start - end)) / radii
    short = float(half @ half)
    if short > 1.0:
        radii, half, short = radii * math.sqrt(short), half / math.sqrt(short), 1.0
    away = math.sqrt(max(1.0 / short - 1.0, 0.0)) * (-1.0 if large == sweep else 1.0)
    centre = away * np.array([half[1], -half[0]])
    first = math.atan2(*(half - centre)[::-1])
    last = math.atan2(*(-half - centre)[::-1])
    way = (last - first) % (2.0 * math.pi)
    way = way if sweep else way - 2.0 * math.pi
    angle = first + way * np.linspace(0.0, 1.0, max(math.ceil(abs(way) / _TURN), 2) + 1)[1:]
    circle = np.column_stack([np.cos(angle), np.sin(angle)]) + centre
    made = (circle * radii) @ turned + 0.5 * (start + end)
    made[-1] = end
    return np.asarray(made, dtype=np.float64)
