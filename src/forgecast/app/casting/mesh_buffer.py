"""Bodies in three dimensions as bytes that a browser draws without reading them: a header in JSON, then plain arrays.

``FCM1``, the length of the header (uint32), the header (UTF-8, padded with blanks), then the arrays; all little-endian
and each beginning at a multiple of four bytes. The header holds

* ``bodies``: ``{"key", "kind", "name": {en, zh}, "positions", "triangles", "values": {quantity: array or null}}``;
* ``quantities``: ``{"key", "title": {en, zh}, "unit", "low", "high", "palette", "steps": null or [{"time_s"} ..]}``;
  where a quantity has steps, its values are a list of arrays, one a step;
* ``volume``: null, or ``{"shape": [nx, ny, nz], "low_m", "high_m", "values": {quantity: array}}``, one byte a cell, x
  fastest: 0 outside the metal, 1 to 255 from the quantity's low to its high;
* ``marks``: ``{"number", "place_m", "name": {en, zh}}``.

An array is ``{"type": "f32" | "u32" | "u8", "count", "offset"}``, the offset counted from the end of the header.
Lengths are metres, z is up; a value that is not there is NaN.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import Text

MAGIC: Final = b"FCM1"
Array: TypeAlias = "NDArray[Any]"
#: Values of a quantity at the corners of a body: one array, or one a step.
Values: TypeAlias = "Array | Sequence[Array]"


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a body is coloured by.

    Parameters
    ----------
    key : str
    title : Text
    unit : str
    low, high : float
        Ends of the colours.
    palette : str
        ``time``, ``heat``, ``share`` or ``margin``.
    times : tuple of float
        Of its steps [s]; empty where it does not change with time.
    """

    key: str
    title: Text
    unit: str
    low: float
    high: float
    palette: str
    times: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class MeshBody:
    """A surface with values at its corners.

    Parameters
    ----------
    key, kind : str
    name : Text
    vertices : (n, 3) array
        [m].
    faces : (m, 3) array
    values : mapping of str to values
        By quantity.
    """

    key: str
    kind: str
    name: Text
    vertices: Array
    faces: Array
    values: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Volume:
    """The inside, for sections.

    Parameters
    ----------
    shape : (int, int, int)
        Along x, y and z.
    low, high : (float, float, float)
        Corners [m].
    values : mapping of str to (nz, ny, nx) uint8
    """

    shape: tuple[int, int, int]
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    values: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered place."""

    number: int
    place: tuple[float, float, float]
    name: Text


def mesh_bytes(
    bodies: Sequence[MeshBody],
    quantities: Sequence[Quantity] = (),
    volume: Volume | None = None,
    marks: Sequence[Mark] = (),
) -> bytes:
    """Return bodies, quantities, the inside and marks in the form of this module."""
    arrays = _Arrays()
    header = {
        "bodies": [
            {
                "key": body.key,
                "kind": body.kind,
                "name": body.name.as_json(),
                "positions": arrays.put(body.vertices, np.float32),
                "triangles": arrays.put(body.faces, np.uint32),
                "values": {key: arrays.put_values(values) for key, values in body.values.items()},
            }
            for body in bodies
        ],
        "quantities": [_quantity(one) for one in quantities],
        "volume": None
        if volume is None
        else {
            "shape": list(volume.shape),
            "low_m": list(volume.low),
            "high_m": list(volume.high),
            "values": {key: arrays.put(values, np.uint8) for key, values in volume.values.items()},
        },
        "marks": [{"number": m.number, "place_m": list(m.place), "name": m.name.as_json()} for m in marks],
    }
    told = json.dumps(header, ensure_ascii=False, allow_nan=False).encode("utf-8")
    told += b" " * (-len(told) % 4)
    return b"".join((MAGIC, len(told).to_bytes(4, "little"), told, *arrays.parts))


def _quantity(one: Quantity) -> dict[str, object]:
    return {
        "key": one.key,
        "title": one.title.as_json(),
        "unit": one.unit,
        "low": one.low,
        "high": one.high,
        "palette": one.palette,
        "steps": [{"time_s": time} for time in one.times] or None,
    }


class _Arrays:
    """The arrays behind a header, with their places."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._at = 0

    def put(self, values: Array, kind: type[np.float32 | np.uint32 | np.uint8]) -> dict[str, object]:
        """Append an array and return how the header tells of it."""
        name = {np.float32: "f32", np.uint32: "u32", np.uint8: "u8"}[kind]
        stored = np.ascontiguousarray(values, dtype=np.dtype(kind).newbyteorder("<")).tobytes()
        told = {"type": name, "count": int(np.size(values)), "offset": self._at}
        stored += b"\0" * (-len(stored) % 4)
        self.parts.append(stored)
        self._at += len(stored)
        return told

    def put_values(self, values: Values) -> object:
        """Append the values of a quantity: one array, or one a step."""
        if isinstance(values, np.ndarray):
            return self.put(values, np.float32)
        return [self.put(one, np.float32) for one in values]
