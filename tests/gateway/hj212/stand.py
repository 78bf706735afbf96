"""A sink that behaves like the store, and a stack that can be sampled at any instant."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from decimal import Decimal

from forgecast.gateway.hj212.mapping import Hj212Device, Hj212Map, channels_of
from forgecast.ground.texts import text
from forgecast.signals.batch import Batch, NotStoredError

ZONE = "Asia/Shanghai"
MN, PASSWORD = "010000A8900016F000169DC0", "123456"
CODES = {"a21026": "so2", "a21002": "nox", "a34013": "dust", "a01012": "temperature"}
MAP = Hj212Map(
    ZONE,
    (
        Hj212Device(
            MN, PASSWORD, tuple(c for code, tag in CODES.items() for c in channels_of(code, tag, converted=True))
        ),
    ),
)
START = 1_740_787_200_000_000  # 2025-03-01 00:00 UTC, 08:00 at the plant
MINUTE_US = 60_000_000


class Kept:
    """Keeps batches in memory; may be told to refuse, or to wait at a gate."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.refusals = 0
        self.gate = threading.Event()
        self.gate.set()

    def last(self, source: str) -> int:
        return max((b.seq for b in self.batches if b.source == source), default=0)

    def take(self, batch: Batch) -> bool:
        assert self.gate.wait(300)
        if self.refusals:
            self.refusals -= 1
            raise NotStoredError(text("the disk is full"), repair=text("free some space"))
        if batch.seq <= self.last(batch.source):
            return False
        self.batches.append(batch)
        return True

    def readings(self) -> list[tuple[str, int, float, int]]:
        return [
            (b.tags[tag], int(t), float(value), int(flag))
            for b in self.batches
            for tag, t, value, flag in zip(b.tag, b.t, b.value, b.flag, strict=True)
        ]


def stack(t: int) -> dict[str, tuple[Decimal, str, Decimal] | tuple[Decimal, str]]:
    """Return samples that differ from instant to instant."""
    n = (t - START) // MINUTE_US
    value = Decimal(1000 + n % 977) / 100
    return {
        "a21026": (value, "N" if n % 50 else "C", value * 2),
        "a21002": (value + 1, "N", value),
        "a01012": (Decimal(80) + Decimal(n % 13) / 10, "N"),
    }


def wanted(begin: int, end: int) -> set[tuple[str, int, float, int]]:
    """Return the real-time readings of the stack in a stretch of time."""
    flags = {"N": 0, "C": 2}
    found = set()
    for t in range(begin, end, MINUTE_US):
        for code, (value, flag, *converted) in stack(t).items():
            found.add((CODES[code], t, float(value), flags[flag]))
            found |= {(f"{CODES[code]}.zs", t, float(one), flags[flag]) for one in converted}
    return found


async def until(condition: Callable[[], object], *, patience_s: float = 300.0) -> None:
    """Wait for a condition, looking often."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience_s
    while not condition():
        assert loop.time() < end, "waited in vain"
        await asyncio.sleep(0.005)
