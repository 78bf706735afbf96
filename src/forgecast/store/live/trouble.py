"""What the live log finds: clocks that jump, a disk that refused, ends that were torn, bytes that are damaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, MINUTE_US, SECOND_US, from_us
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text
from forgecast.signals.reading import Readings
from forgecast.store.live.record import Record
from forgecast.store.live.segment import DAMAGED, Segment

#: A reading may lie so far ahead of this machine's clock: clocks that are set over a network differ by less.
AHEAD_US = 5 * MINUTE_US
#: A reading that lies so far behind one that came before it is more than late.
BEHIND_US = DAY_US
#: Findings of which there may be one in each seal while nobody sets a clock.
GROWING = frozenset({"reading-ahead", "reading-far-behind"})
#: Of so many tags the names are told.
_SHOWN = 5
#: This machine's clock may be set back so far without a word.
_SET_BACK_US = 10 * SECOND_US


def noted(note: Mapping[str, Any], source: str) -> Finding:
    """Return what a log said about itself as a finding."""
    if note["what"] == "torn-tail":
        return Finding(
            "torn-tail",
            Severity.NOTE,
            Place(f"{source}/{note['file']}"),
            "",
            text(
                "the log of {source} ended in {bytes} bytes of a batch that was never acknowledged; they were cut off",
                source=source,
                bytes=note["bytes"],
            ),
            text("nothing to do: the source gives that batch again"),
        )
    return Finding(
        "disk-refused",
        Severity.DOUBTFUL,
        Place(source),
        str(note["reason"]),
        text(
            "the disk refused {times} times to take readings of {source} ({reason}); none of those was acknowledged",
            times=note["times"],
            source=source,
            reason=note["reason"],
        ),
        text("check the disk and its free space; the source has given its readings again since"),
        int(note["times"]),
    )


def damaged(segment: Segment) -> Finding:
    """Return the finding of a segment of which some bytes are in no whole record."""
    path: Path = segment.path
    numbers = [one.seq for one in segment.records if one.note is None]
    return Finding(
        "damaged-log",
        Severity.DOUBTFUL,
        Place(f"{path.parent.name}/{path.name}"),
        "",
        text(
            "{lost} bytes of the log of {source} are damaged; the {count} batches that are whole are stored",
            lost=segment.lost + segment.torn,
            source=path.parent.name,
            count=len(numbers),
        ),
        text(
            "check the disk; have the source give again what is missing. The file is kept as {kept}",
            kept=f"{path.parent.name}/{DAMAGED}/{path.name}",
        ),
    )


def clock_set_back(records: Sequence[tuple[str, Record]], zone: str) -> list[Finding]:
    """Return where this machine's own clock was set back between two batches of a source."""
    found = []
    before: dict[str, int] = {}
    for source, record in records:
        back = before.get(source, record.arrived) - record.arrived
        before[source] = record.arrived
        if back > _SET_BACK_US:
            found.append(
                Finding(
                    "clock-set-back",
                    Severity.DOUBTFUL,
                    Place(source),
                    from_us(record.arrived, zone).isoformat(),
                    text(
                        "the clock of this machine went back by {seconds} s between two batches of {source}",
                        seconds=back // SECOND_US,
                        source=source,
                    ),
                    text("keep the machine's clock by a time server"),
                )
            )
    return found


def is_odd(t: NDArray[np.int64], arrived: int) -> bool:
    """Whether readings of a batch lie so far from the moment at which it came that their clock is to be looked at."""
    return t.size > 0 and bool(t.max() - arrived > AHEAD_US or arrived - t.min() > BEHIND_US)


class ReadingClocks:
    """Counts readings whose instants cannot be right, over all tags of a seal."""

    def __init__(self) -> None:
        self._ahead: list[tuple[str, int, int]] = []
        self._behind: list[tuple[str, int, int]] = []
        self._most = 0

    def look_at(self, come: Readings, arrived: NDArray[np.int64], before: int) -> None:
        """Look at a tag's readings.

        Parameters
        ----------
        come : Readings
            In the order in which they came.
        arrived : (n,) int64 array
            When each came, by this machine's clock, microseconds UTC.
        before : int
            Last instant of the tag that was stored before; 0 where there is none.
        """
        ahead = come.t - arrived > AHEAD_US
        # What is ahead says nothing about what is late: otherwise one wrong year made all that follows look old.
        latest = np.maximum.accumulate(np.where(ahead, 0, come.t))
        latest = np.maximum(np.concatenate([[0], latest[:-1]]), min(before, int(arrived[0])))
        behind = (latest - come.t > BEHIND_US) & ~ahead
        if ahead.any():
            self._ahead.append((come.tag, int(ahead.sum()), int(come.t[ahead][0])))
            self._most = max(self._most, int((come.t - arrived).max()))
        if behind.any():
            self._behind.append((come.tag, int(behind.sum()), int(come.t[behind][0])))

    def findings(self, source: str, zone: str) -> list[Finding]:
        """Return one finding for each way in which clocks are wrong."""
        ahead = text(
            "readings of {tags} lie ahead of this machine's clock, by {seconds} s at most",
            tags=_named(self._ahead),
            seconds=self._most // SECOND_US,
        )
        behind = text(
            "readings of {tags} lie more than a day behind others that came before them", tags=_named(self._behind)
        )
        found = (("reading-ahead", self._ahead, ahead), ("reading-far-behind", self._behind, behind))
        return [
            Finding(
                code,
                Severity.DOUBTFUL,
                Place(source),
                from_us(min(first for _, _, first in odd), zone).isoformat(),
                reason,
                text("check the clock of the instrument and its time zone; the readings are stored as given"),
                sum(count for _, count, _ in odd),
            )
            for code, odd, reason in found
            if odd
        ]


def _named(odd: Sequence[tuple[str, int, int]]) -> str:
    return ", ".join(tag for tag, _, _ in odd[:_SHOWN]) + (" …" if len(odd) > _SHOWN else "")
