"""Numbers of exchanges (QN): time stamps with milliseconds, never twice, never backwards."""

from __future__ import annotations

from collections.abc import Callable

from forgecast.gateway.hj212.instants import stamp_of

_MILLISECOND_US = 1000


class Numbering:
    """Gives out numbers.

    Parameters
    ----------
    clock : callable
        Microseconds UTC.
    zone_name : str
        The numbers are its wall clock.
    """

    def __init__(self, clock: Callable[[], int], zone_name: str) -> None:
        self._clock, self._zone = clock, zone_name
        self._last = 0
        self._said = ""

    def next(self) -> str:
        """Return the number of now, or the next free one."""
        self._last = max(self._clock() // _MILLISECOND_US, self._last + 1)
        said = self._stamp()
        while said <= self._said:
            # The wall clock goes back an hour in autumn; the numbers go on from where they were.
            self._last += 60_000
            said = self._stamp()
        self._said = said
        return said

    def _stamp(self) -> str:
        return stamp_of(self._last * _MILLISECOND_US, self._zone, milliseconds=True)

    def after(self, said: str) -> None:
        """Go on behind a number given out before a restart."""
        self._said = max(self._said, said)
