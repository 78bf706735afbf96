"""Records of the live log: a batch as bytes with a checksum, and what is whole of a file of them."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.signals.batch import Batch

#: First bytes of a record of readings, and of a note of the log about itself.
READINGS, NOTE = b"TLM1", b"TLN1"
#: Magic, CRC-32 of everything after it, bytes of the payload, rows, number of the batch, instant of its arrival.
_HEAD = struct.Struct("<4sIIIQq")
_CHECKED = 8
#: Least instant, bytes of the names, bytes of an instant and of a tag number, whether there are flags.
_FORM = struct.Struct("<qIBBH")

Part: TypeAlias = "bytes | memoryview"


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A whole record of the log.

    Parameters
    ----------
    seq : int
        Number of the batch; of a note, the number that the next batch may have.
    arrived : int
        By the clock of this machine, microseconds UTC.
    begin, end : int
        Place in the file, bytes.
    rows : int
    note : mapping or None
        What the log says about itself; None in a record of readings.
    payload : memoryview
        Of the readings; `columns_of` reads it.
    """

    seq: int
    arrived: int
    begin: int
    end: int
    rows: int
    note: Mapping[str, Any] | None
    payload: memoryview


@dataclass(frozen=True, slots=True, eq=False)
class RecordColumns:
    """The readings of a record: names, number of the name, time, value and flag."""

    tags: tuple[str, ...]
    tag: NDArray[Any]
    t: NDArray[np.int64]
    value: NDArray[np.float64]
    flag: NDArray[np.int8]


def record_of(batch: Batch, arrived: int) -> list[Part]:
    """Return a batch as the parts of its record.

    Plain little-endian columns: a value as it is, an instant as what it is after the first one (4 bytes within 71
    minutes), the tag's number in as few bytes as the names need, flags only where one is not good.
    """
    n = len(batch)
    low = int(batch.t.min()) if n else 0
    short = n > 0 and int(batch.t.max()) - low < 1 << 32
    width = 1 if len(batch.tags) <= 1 << 8 else 2 if len(batch.tags) <= 1 << 16 else 4
    flagged = bool(batch.flag.any())
    names = _packed_names(batch.tags)
    parts: list[Part] = [
        _FORM.pack(low, len(names), 4 if short else 8, width, flagged),
        names,
        np.ascontiguousarray(batch.value, "<f8").data.cast("B") if n else b"",
        (batch.t - low).astype("<u4" if short else "<i8").tobytes(),
        batch.tag.astype(f"<u{width}").tobytes(),
        batch.flag.astype("i1").tobytes() if flagged else b"",
    ]
    return _sealed(READINGS, batch.seq, arrived, n, parts)


def note_of(note: Mapping[str, Any], seq: int, arrived: int) -> list[Part]:
    """Return something the log says about itself as the parts of a record."""
    return _sealed(NOTE, seq, arrived, 0, [json.dumps(dict(note), ensure_ascii=False).encode()])


def _sealed(magic: bytes, seq: int, arrived: int, rows: int, parts: list[Part]) -> list[Part]:
    size = sum(len(part) for part in parts)
    pad = -size % 8  # so that the columns of the next record lie where a processor reads them quickest
    if pad:
        parts.append(bytes(pad))
    head = _HEAD.pack(magic, 0, size + pad, rows, seq, arrived)
    crc = zlib.crc32(head[_CHECKED:])
    for part in parts:
        crc = zlib.crc32(part, crc)
    return [_HEAD.pack(magic, crc, size + pad, rows, seq, arrived), *parts]


@lru_cache(maxsize=256)
def _packed_names(tags: tuple[str, ...]) -> bytes:
    packed = json.dumps(tags, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return packed + b" " * (-len(packed) % 8)


@lru_cache(maxsize=256)
def _unpacked_names(packed: bytes) -> tuple[str, ...]:
    return tuple(json.loads(packed.decode("utf-8", "surrogatepass")))


def columns_of(record: Record) -> RecordColumns:
    """Return the readings of a record; the arrays are views of the file's bytes where they can be."""
    low, names, short, width, flagged = _FORM.unpack_from(record.payload)
    at, n = _FORM.size, record.rows
    tags = _unpacked_names(bytes(record.payload[at : at + names]))
    at += names
    value = np.frombuffer(record.payload, "<f8", n, at)
    at += 8 * n
    t = np.frombuffer(record.payload, "<u4" if short == 4 else "<i8", n, at).astype(np.int64) + low
    at += short * n
    tag = np.frombuffer(record.payload, f"<u{width}", n, at)
    at += width * n
    flag = np.frombuffer(record.payload, "i1", n, at) if flagged else np.zeros(n, np.int8)
    return RecordColumns(tags, tag, t, value, flag)


def whole_records(data: memoryview, begin: int = 0) -> Iterator[Record]:
    """Yield records one after the other, up to the first that is not whole."""
    while (record := _record_at(data, begin)) is not None:
        yield record
        begin = record.end


def next_whole(data: memoryview, begin: int) -> Record | None:
    """Return the first whole record at or after a place, None if there is none."""
    content = bytes(data[begin:])
    places = (_finder(content, READINGS), _finder(content, NOTE))
    for place in sorted(one for found in places for one in found):
        record = _record_at(data, begin + place)
        if record is not None:
            return record
    return None


def _finder(content: bytes, magic: bytes) -> Iterator[int]:
    place = content.find(magic)
    while place >= 0:
        yield place
        place = content.find(magic, place + 1)


def _record_at(data: memoryview, begin: int) -> Record | None:
    if begin + _HEAD.size > len(data):
        return None
    magic, crc, size, rows, seq, arrived = _HEAD.unpack_from(data, begin)
    end = begin + _HEAD.size + size
    if magic not in {READINGS, NOTE} or end > len(data) or zlib.crc32(data[begin + _CHECKED : end]) != crc:
        return None
    payload = data[begin + _HEAD.size : end]
    note = json.loads(bytes(payload).rstrip(b"\0")) if magic == NOTE else None
    return Record(seq, arrived, begin, end, rows, note, payload)
