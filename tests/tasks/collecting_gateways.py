"""A gateway for the tests of the collector that fails, falls silent or dies as its settings say."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(holds: Callable[[], object], patience_s: float = 300.0) -> Callable[[], bool]:
    """Return a function that says stop when a condition holds, and fails the test if it never does."""
    end = time.monotonic() + patience_s

    def stop() -> bool:
        assert time.monotonic() < end, "the condition did not come about"
        return bool(holds())

    return stop
