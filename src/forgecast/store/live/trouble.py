"""What the live log finds: clocks that jump, a disk that refused, ends that were torn, bytes that are damaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, MINUTE_US, SECOND_US, from_us
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.signals.reading import Readings
from forgecast.store.live.record import Record
from forgecast.store.live.segment import DAMAGED, Segment

#: A reading may lie so far ahead of this machine's clock: clocks that are set over a network differ by less.
AHEAD_US = 5 * MINUTE_US
#: A reading that lies so far behind one that came before it is more than late.
BEHIND_US = DAY_US
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
            lost=segment.lost,
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


def reading_clocks(source: str, come: Readings, arrived: NDArray[np.int64], before: int, zone: str) -> list[Finding]:
    """Return how many of a tag's readings lie ahead of this machine's clock, or far behind what came before.

    Parameters
    ----------
    source : str
        For the place of the finding.
    come : Readings
        In the order in which they came.
    arrived : (n,) int64 array
        When each came, by this machine's clock, microseconds UTC.
    before : int
        Last instant of the tag that was stored before; 0 where there is none.
    zone : str
    """
    ahead = come.t - arrived > AHEAD_US
    # What is ahead says nothing about what is late: otherwise one wrong year made all that follows look old.
    latest = np.maximum.accumulate(np.where(ahead, 0, come.t))
    latest = np.maximum(np.concatenate([[0], latest[:-1]]), min(before, int(arrived[0])))
    behind = (latest - come.t > BEHIND_US) & ~ahead
    found = []
    if ahead.any():
        reason = text(
            "{tag}: {count} readings lie ahead of this machine's clock, by {seconds} s at most",
            tag=come.tag,
            count=int(ahead.sum()),
            seconds=int((come.t - arrived).max()) // SECOND_US,
        )
        found.append(_clock("reading-ahead", source, come, ahead, reason, zone))
    if behind.any():
        reason = text(
            "{tag}: {count} readings lie more than a day behind one that came before them",
            tag=come.tag,
            count=int(behind.sum()),
        )
        found.append(_clock("reading-far-behind", source, come, behind, reason, zone))
    return found


def _clock(code: str, source: str, come: Readings, odd: NDArray[np.bool_], reason: Text, zone: str) -> Finding:
    return Finding(
        code,
        Severity.DOUBTFUL,
        Place(source, column=come.tag),
        from_us(int(come.t[odd][0]), zone).isoformat(),
        reason,
        text("check the clock of the instrument, and whether it keeps its time zone; the readings are stored as given"),
        int(odd.sum()),
    )
