"""Batches as bytes: for the outbox of a gateway box and for the line to the plant."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forgecast.signals.batch import Batch

_MARK = b"FCB1"
_COLUMNS = (("tag", "<i4", np.int32), ("t", "<i8", np.int64), ("value", "<f8", np.float64), ("flag", "<i1", np.int8))


class PackingError(ValueError):
    """Bytes that are no batch, or one that was damaged on the way."""


def packed(batch: Batch) -> bytes:
    """Return a batch as bytes with a check sum."""
    body = b"".join(getattr(batch, name).astype(form).tobytes() for name, form, _ in _COLUMNS)
    head = json.dumps({
        "source": batch.source, "seq": batch.seq, "tags": batch.tags, "rows": len(batch), "crc": zlib.crc32(body),
    }, ensure_ascii=False).encode()  # fmt: skip
    return _MARK + struct.pack("<I", len(head)) + head + zlib.compress(body, 1)


def unpacked(content: bytes) -> Batch:
    """Return the batch that `packed` wrote.

    Raises
    ------
    PackingError
        If the bytes are none, or are damaged.
    """
    try:
        if content[:4] != _MARK:
            raise PackingError(content[:4])
        (length,) = struct.unpack_from("<I", content, 4)
        head = json.loads(content[8 : 8 + length])
        body = zlib.decompress(content[8 + length :])
        rows, place = int(head["rows"]), 0
        if zlib.crc32(body) != head["crc"]:
            raise PackingError(head["crc"])
        columns: dict[str, NDArray[Any]] = {}
        for name, form, kind in _COLUMNS:
            columns[name] = np.frombuffer(body, form, rows, place).astype(kind)
            place += rows * np.dtype(form).itemsize
        return Batch(
            str(head["source"]), int(head["seq"]), tuple(map(str, head["tags"])), columns["tag"], columns["t"],
            columns["value"], columns["flag"],
        )  # fmt: skip
    except (struct.error, zlib.error, KeyError, TypeError, ValueError) as error:
        raise PackingError(str(error)) from error
