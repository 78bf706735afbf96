"""The check digits of HJ 212: a CRC-16 on a shifted register, which is weaker than a CRC-16 and quicker to compute.

The annex of the standard moves the register right by eight bits *before* it takes in a byte, so the low half is lost
at every step and the register is really eight bits wide: ``h' = L(h xor byte)``, with ``L`` linear over GF(2).
Applied eight times, ``L`` gives every byte back (`tests/gateway/hj212/test_checksum.py` goes through all 256). Two
things follow. Bytes that stand eight apart can be added up first, so a telegram costs one pass of 64-bit exclusive-ors
and eight look-ups. And only 256 of the 65,536 check values ever occur: damage slips through once in 256 times, and
always where two equal errors stand eight bytes apart. The receiver therefore reads lengths and numbers strictly too.
"""

from __future__ import annotations

import struct
from functools import reduce
from operator import xor

_POLYNOMIAL = 0xA001
_INITIAL_HIGH = 0xFF
_LANES = 8


def _shifted(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ _POLYNOMIAL if byte & 1 else byte >> 1
    return byte


def _powers() -> tuple[bytes, ...]:
    """Return the tables of the zeroth to the seventh power of the step on the high half."""
    step = [_shifted(byte) >> 8 for byte in range(256)]
    tables = [list(range(256))]
    for _ in range(_LANES - 1):
        tables.append([step[value] for value in tables[-1]])
    return tuple(bytes(table) for table in tables)


_VALUE = tuple(_shifted(byte) for byte in range(256))
_POWER = _powers()
_P0, _P1, _P2, _P3, _P4, _P5, _P6, _P7 = _POWER


def check_value(data: bytes) -> int:
    """Return the check value of a data segment.

    Parameters
    ----------
    data : bytes
        From ``QN=`` to the closing ``&&``.

    Returns
    -------
    int
        0 to 65535; HJ 212-2017, Annex A (register 0xFFFF, polynomial 0xA001, register shifted right by eight bits
        before each byte).
    """
    size = len(data)
    if size == 0:
        return 0xFFFF
    padded = bytes(-size % _LANES) + data
    folded: int = reduce(xor, struct.unpack(f"<{len(padded) // _LANES}Q", padded))
    lanes = folded.to_bytes(_LANES, "little")
    # fmt: off
    return _VALUE[
        _P7[lanes[0]] ^ _P6[lanes[1]] ^ _P5[lanes[2]] ^ _P4[lanes[3]]
        ^ _P3[lanes[4]] ^ _P2[lanes[5]] ^ _P1[lanes[6]] ^ _P0[lanes[7]]
        ^ _POWER[(size - 1) % _LANES][_INITIAL_HIGH]
    ]
    # fmt: on


def check_digits(data: bytes) -> bytes:
    """Return the four digits that stand behind a data segment, high byte first, in capitals."""
    return b"%04X" % check_value(data)
