"""Times of HJ 212: local wall clock written as YYYYMMDDhhmmss, with milliseconds in QN."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from forgecast.ground.dates import SECOND_US, from_us, zone

_TEN_MINUTES = 11


@lru_cache(maxsize=4096)
def _start_of(ten_minutes: str, zone_name: str) -> tuple[int, bool] | None:
    """Return the first instant of ten minutes of wall clock, and whether the clocks leave it in doubt."""
    try:
        local = datetime.strptime(ten_minutes + "0", "%Y%m%d%H%M").replace(tzinfo=zone(zone_name))
    except ValueError:
        return None
    doubtful = local.utcoffset() != local.replace(fold=1).utcoffset()
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return (local - epoch) // timedelta(microseconds=1), doubtful


def instant_of(stamp: str, zone_name: str) -> tuple[int, bool] | None:
    """Read a local time.

    Parameters
    ----------
    stamp : str
        ``YYYYMMDDhhmmss``, or with three digits of milliseconds.
    zone_name : str
        Of the plant.

    Returns
    -------
    (int, bool) or None
        Microseconds UTC, and whether the change of clocks makes the time twice or never (then the first one is
        taken); None where it cannot be read.
    """
    if len(stamp) not in (14, 17) or not (stamp.isascii() and stamp.isdigit()):
        return None
    start = _start_of(stamp[:_TEN_MINUTES], zone_name)
    if start is None or int(stamp[12:14]) > 59:
        return None
    seconds = 60 * int(stamp[11]) + int(stamp[12:14])
    milliseconds = int(stamp[14:17]) if len(stamp) == 17 else 0
    return start[0] + seconds * SECOND_US + milliseconds * 1000, start[1]


def stamp_of(t: int, zone_name: str, *, milliseconds: bool = False) -> str:
    """Write an instant (microseconds UTC) as local time; finer digits are cut off."""
    local = from_us(t, zone_name)
    return local.strftime("%Y%m%d%H%M%S") + (f"{local.microsecond // 1000:03d}" if milliseconds else "")
