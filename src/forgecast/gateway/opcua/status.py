"""What an OPC UA status code says of a value: good, doubtful or bad, and whether values before it were dropped."""

from __future__ import annotations

from datetime import UTC, datetime

from forgecast.ground.dates import to_us
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID

#: Two highest bits of a status code -> flag (OPC UA Part 4, StatusCode: severity 00 good, 01 uncertain, 10 bad; 11 is
#: reserved and is treated as bad there).
_FLAGS = (GOOD, DOUBTFUL, INVALID, INVALID)
#: Bits 10 and 11: the lower ones speak of a data value; bit 7 then says that the queue has run over.
_ABOUT_DATA, _INFO_BITS, _OVERFLOW = 0x0400, 0x0C00, 0x0080


def flag_of_status(code: int) -> int:
    """Return the flag of a value with a status code: a bad one is never good."""
    return _FLAGS[(code >> 30) & 0b11]


def overflowed(code: int) -> bool:
    """Return whether a status code says that values before this one were dropped by the server."""
    return code & _INFO_BITS == _ABOUT_DATA and bool(code & _OVERFLOW)


def instant(source: datetime | None, server: datetime | None, here_us: int) -> tuple[int, str]:
    """Return when a value was taken, microseconds UTC, and whose clock said so.

    Parameters
    ----------
    source, server : datetime or None
        Time stamps of the instrument and of the server; without a zone they are UTC, as the standard has them.
    here_us : int
        This machine's clock.

    Returns
    -------
    int, str
        Microseconds UTC; ``source``, ``server`` or ``here``.
    """
    for stamp, whose in ((source, "source"), (server, "server")):
        # A server that has no time sends the beginning of its calendar, 1601.
        if stamp is not None and stamp.year >= 1971:
            return to_us(stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=UTC)), whose
    return here_us, "here"
