"""How many requests are allowed: a bucket of tokens for each account or address, in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Buckets:
    """Buckets that fill steadily and are emptied by requests.

    Parameters
    ----------
    per_s : float
        How fast a bucket fills.
    burst : float
        How much it holds.
    clock : callable
        Seconds.
    """

    per_s: float
    burst: float
    clock: Callable[[], float] = time.monotonic
    _held: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, who: str) -> float:
        """Take one and return 0, or return how long to wait for the next one [s]."""
        now = self.clock()
        held, at = self._held.get(who, (self.burst, now))
        held = min(self.burst, held + (now - at) * self.per_s)
        if held < 1.0:
            self._held[who] = held, now
            return (1.0 - held) / self.per_s
        self._held[who] = held - 1.0, now
        if len(self._held) > 20_000:
            self._forget_full(now)
        return 0.0

    def _forget_full(self, now: float) -> None:
        # A bucket that is full again is like one that was never used.
        self._held = {
            who: (held, at) for who, (held, at) in self._held.items() if held + (now - at) * self.per_s < self.burst
        }
