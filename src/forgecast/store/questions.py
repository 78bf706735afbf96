"""Questions over raw readings, written once in narwhals over INT64 time and answered alike by every engine.

A frame is what `Telemetry.scan` gives: ``tag``, ``t`` (microseconds UTC, not before 1970), ``value``, ``flag``. Counts,
keys and instants are equal on all engines to the bit; a mean may differ by the order in which it was summed.
`Telemetry.hourly_from_raw`, `gaps` and `as_of` give the same answers faster, from the order of the files.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from forgecast.environment.stack import AIR_OXYGEN_PERCENT, HIGHEST_OXYGEN_PERCENT
from forgecast.ground.dates import HOUR_US
from forgecast.signals.reading import GOOD
from forgecast.store.engines import beside
from forgecast.store.windows import Windows

Frame = nw.LazyFrame[Any]


def hourly(frame: Frame, *, closing: Collection[str] = ()) -> Frame:
    """Ask for each tag's hours.

    Parameters
    ----------
    frame : narwhals LazyFrame
    closing : collection of str
        Tags whose readings close an interval: a reading exactly on the hour then belongs to the hour before.

    Returns
    -------
    narwhals LazyFrame
        By ``tag`` and ``hour`` (hours since 1970-01-01T00:00Z): ``n`` readings, ``n_good`` of them good, ``share`` =
        n_good / n, and ``mean``, ``min``, ``max`` of the good ones (null where there is none).
    """
    hour = nw.col("t") // HOUR_US
    if closing:
        # Written so that it never divides a negative number: engines disagree about that.
        before = (nw.col("t") + (HOUR_US - 1)) // HOUR_US - 1
        hour = nw.when(nw.col("tag").is_in(sorted(closing))).then(before).otherwise(hour)
    return _summed(frame.with_columns(hour=hour), "hour")


def by_window(frame: Frame, windows: Windows) -> Frame:
    """Ask for each tag's readings by calendar window: local days, months, shifts.

    Parameters
    ----------
    frame : narwhals LazyFrame
    windows : Windows
        What lies in none of them is left out.

    Returns
    -------
    narwhals LazyFrame
        By ``tag`` and ``window`` (index into `windows`), with the columns of `hourly`.
    """
    step, number = windows.steps()
    table = beside(frame, {"step": pa.array(step), "window": pa.array(number)})
    placed = frame.with_columns(step=nw.col("t") // windows.step_us).join(table, on="step", how="inner")
    return _summed(placed, "window")


def worst_hours(
    frame: Frame,
    concentration: str,
    oxygen: str,
    reference_oxygen_percent: float,
    *,
    least_share: float,
    count: int = 10,
) -> Frame:
    """Ask for the hours of highest concentration at reference oxygen.

    Concentration and oxygen are joined instant by instant; an instant is valid if both readings are good. The hour's
    mean is converted with its mean oxygen, as `forgecast.environment.stack.to_reference_oxygen` does it.

    Parameters
    ----------
    frame : narwhals LazyFrame
    concentration, oxygen : str
        Tags; oxygen in percent by volume.
    reference_oxygen_percent : float
    least_share : float
        An hour counts if at least this share of its concentration readings is valid, 0 to 1.
    count : int
        How many hours.

    Returns
    -------
    narwhals LazyFrame
        ``hour``, ``n``, ``n_good``, ``measured``, ``oxygen`` (means of the valid instants) and ``value``, highest
        first. Hours whose oxygen is that of air, or below zero, have no value and are left out.
    """
    good = nw.col("flag") == GOOD
    measured = frame.filter(nw.col("tag") == concentration).select("t", "value", good=good)
    beside_it = frame.filter((nw.col("tag") == oxygen) & good).select("t", oxygen="value")
    both = measured.join(beside_it, on="t", how="left")
    valid = nw.col("good") & ~nw.col("oxygen").is_null()
    hours = (
        both.with_columns(hour=nw.col("t") // HOUR_US, valid=valid)
        .with_columns(value=nw.when(nw.col("valid")).then("value"), oxygen=nw.when(nw.col("valid")).then("oxygen"))
        .group_by("hour")
        .agg(
            n=nw.len().cast(nw.Int64),
            n_good=nw.col("valid").cast(nw.Int64).sum().cast(nw.Int64),
            measured=nw.col("value").mean(),
            oxygen=nw.col("oxygen").mean(),
        )
        .filter(
            (nw.col("n_good") > 0)
            & (nw.col("n_good") >= nw.col("n") * least_share)
            & (nw.col("oxygen") >= 0.0)
            & (nw.col("oxygen") <= HIGHEST_OXYGEN_PERCENT)
        )
    )
    above = AIR_OXYGEN_PERCENT - reference_oxygen_percent
    value = nw.col("measured") * above / (AIR_OXYGEN_PERCENT - nw.col("oxygen"))
    return hours.with_columns(value=value).sort("value", "hour", descending=[True, False]).head(count)


def as_of(frame: Frame, tags: Sequence[str], t: NDArray[np.int64]) -> Frame:
    """Ask for the last good reading at or before each of many instants.

    Readings and instants are put one under the other and the last reading is carried forward: an engine's own as-of
    join is not portable, and one that is given unsorted sides may answer wrongly without saying so.

    Parameters
    ----------
    frame : narwhals LazyFrame
    tags : sequence of str, n
        The tag asked at each instant.
    t : (n,) int64 array
        Microseconds UTC, in any order.

    Returns
    -------
    narwhals LazyFrame
        ``number`` (0 to n-1, ascending), ``tag``, ``t``, and the reading's instant ``at`` and ``value``; both null
        where nothing good came before.
    """
    numbers = pa.array(np.arange(len(tags), dtype=np.int64))
    asked = beside(frame, {"tag": pa.array(list(tags), pa.string()), "t": pa.array(t), "number": numbers})
    nothing = nw.lit(None)
    both = nw.concat(
        [
            frame.filter((nw.col("flag") == GOOD) & nw.col("tag").is_in(sorted(set(tags)))).select(
                "tag", "t", number=nw.lit(-1).cast(nw.Int64), at=nw.col("t"), value=nw.col("value")
            ),
            asked.select("tag", "t", "number", at=nothing.cast(nw.Int64), value=nothing.cast(nw.Float64)),
        ],
        how="vertical",
    )
    # The reading has number -1, so that it stands before the questions of its own instant.
    carried = [
        nw.col(name).fill_null(strategy="forward").over("tag", order_by=["t", "number"]) for name in ("at", "value")
    ]
    return (
        both.with_columns(*carried)
        .filter(nw.col("number") >= 0)
        .sort("number")
        .select("number", "tag", "t", "at", "value")
    )


def gaps(frame: Frame, longer_than_us: int) -> Frame:
    """Ask for stretches without any reading, good or not.

    Parameters
    ----------
    frame : narwhals LazyFrame
    longer_than_us : int
        Microseconds; a gap is longer than this.

    Returns
    -------
    narwhals LazyFrame
        ``tag``, ``start`` (the last reading before) and ``end`` (the first one after), by tag and start.
    """
    return (
        frame.select("tag", end=nw.col("t"), start=nw.col("t").shift(1).over("tag", order_by="t"))
        .filter(nw.col("end") - nw.col("start") > longer_than_us)
        .sort("tag", "start")
        .select("tag", "start", "end")
    )


def flat_lines(frame: Frame, at_least_us: int, *, longest_gap_us: int) -> Frame:
    """Ask for stretches in which a value does not move at all: a dead sensor, a frozen transmitter, a held signal.

    Parameters
    ----------
    frame : narwhals LazyFrame
    at_least_us : int
        From the first to the last of the equal readings, microseconds.
    longest_gap_us : int
        A longer gap ends the stretch: of what nobody read nobody knows that it stood still.

    Returns
    -------
    narwhals LazyFrame
        ``tag``, ``start``, ``end`` (first and last of the equal readings), ``n`` and ``value``, by tag and start.
    """
    before = {name: nw.col(name).shift(1).over("tag", order_by="t") for name in ("t", "value")}
    seen = frame.with_columns(before=before["t"], was=before["value"])
    same = (nw.col("value") == nw.col("was")) & (nw.col("t") - nw.col("before") <= longest_gap_us)
    turned = nw.when(nw.col("before").is_null() | ~same).then(nw.lit(1)).otherwise(nw.lit(0))
    numbered = seen.with_columns(turned=turned.cast(nw.Int64)).with_columns(
        run=nw.col("turned").cum_sum().over("tag", order_by="t")
    )
    return (
        numbered.group_by("tag", "run")
        .agg(start=nw.col("t").min(), end=nw.col("t").max(), n=nw.len().cast(nw.Int64), value=nw.col("value").min())
        .filter((nw.col("end") - nw.col("start") >= at_least_us) & (nw.col("n") > 1))
        .sort("tag", "start")
        .select("tag", "start", "end", "n", "value")
    )


def _summed(frame: Frame, key: str) -> Frame:
    good = nw.col("flag") == GOOD
    return (
        frame.with_columns(good=good.cast(nw.Int64), seen=nw.when(good).then(nw.col("value")))
        .group_by("tag", key)
        .agg(
            n=nw.len().cast(nw.Int64),
            n_good=nw.col("good").sum().cast(nw.Int64),  # (DuckDB sums INT64 into 128 bits)
            mean=nw.col("seen").mean(),
            min=nw.col("seen").min(),
            max=nw.col("seen").max(),
        )
        .with_columns(share=nw.col("n_good") / nw.col("n"))
        .sort("tag", key)
        .select("tag", key, "n", "n_good", "share", "mean", "min", "max")
    )
