"""Time stamps as plants write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.gateway.clock import mend_midnight, read_stamps, wall_clock_to_us
from forgecast.ground.dates import DAY_US, MINUTE_US, local_to_us
from forgecast.ground.errors import ImportRefusedError
from tests.gateway.writing import at, mapped, taken, told, written

EARLIEST, LATEST = datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2999-12-31")
MOMENTS = st.datetimes(EARLIEST, LATEST).map(lambda d: d.replace(microsecond=0))
FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒", "%Y%m%d%H%M%S",
           "%d-%b-%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S")  # fmt: skip


def microseconds(moment: datetime) -> int:
    return (moment - datetime.fromisoformat("1970-01-01")) // timedelta(microseconds=1)


@given(moments=st.lists(MOMENTS, min_size=1, max_size=8), form=st.sampled_from(FORMATS))
def test_what_python_writes_is_read_back(moments: list[datetime], form: str) -> None:
    stamps = read_stamps(pa.array([m.strftime(form) for m in moments]), day_first=True)
    assert stamps.local[stamps.valid].tolist() == [microseconds(m) for m in moments]


@given(moments=st.lists(MOMENTS, min_size=1, max_size=8), form=st.sampled_from(["%m-%d/%Y %H.%M.%S", "%y%m%d"]))
def test_a_format_of_the_map_is_read_back(moments: list[datetime], form: str) -> None:
    moments = [m.replace(year=2000 + m.year % 100, day=min(m.day, 28)) for m in moments]
    stamps = read_stamps(pa.array([m.strftime(form) for m in moments]), day_first=None, form=form)
    wanted = [datetime.strptime(m.strftime("%Y%m%d" if "H" not in form else "%Y%m%d%H%M%S"),  # noqa: DTZ007
                                "%Y%m%d" if "H" not in form else "%Y%m%d%H%M%S") for m in moments]  # fmt: skip
    assert stamps.local.tolist() == [microseconds(m) for m in wanted]


@pytest.mark.parametrize(
    ("written_as", "meant"),
    [
        ("2025-3-1 8:05", "2025-03-01 08:05:00"),
        ("2025-03-01 24:00", "2025-03-02 00:00:00"),
        ("2025-02-28 24:00:00", "2025-03-01 00:00:00"),
        ("２０２５－０３－０１", "2025-03-01 00:00:00"),
        ("2025年3月1日 下午 3:05", "2025-03-01 15:05:00"),
        ("2025-03-01 12:10 AM", "2025-03-01 00:10:00"),
        ("2025-03-01 12:10 PM", "2025-03-01 12:10:00"),
        ("2025-03-01 08:05:06.5", "2025-03-01 08:05:06.500000"),
        ("2025-03-01T08:05:06.123456789", "2025-03-01 08:05:06.123456"),
        (" 2025-03-01 ", "2025-03-01 00:00:00"),
        ("2025-02-29", None),
        ("2024-02-29", "2024-02-29 00:00:00"),
        ("1900-02-29", None),
        ("2000-02-29", "2000-02-29 00:00:00"),
        ("2025-13-01", None),
        ("2025-00-01", None),
        ("2025-03-01 24:01", None),
        ("2025-03-01 08:60", None),
        ("0001-01-01", None),
        ("08:05", None),
        ("soon", None),
    ],
)
def test_single_stamps(written_as: str, meant: str | None) -> None:
    stamps = read_stamps(pa.array([written_as]), day_first=None)
    assert stamps.valid.tolist() == [meant is not None]
    if meant is not None:
        assert stamps.local.tolist() == [microseconds(datetime.fromisoformat(meant))]


@given(st.lists(st.integers(0, 60_000_000), max_size=30))
def test_the_table_of_hours_agrees_with_the_slow_way(minutes: list[int]) -> None:
    local = np.array(minutes, dtype=np.int64) * MINUTE_US
    for zone in ("Asia/Shanghai", "Europe/Berlin"):
        assert wall_clock_to_us(local, zone).tolist() == local_to_us(local, zone).tolist()


def meters(folder: Path, stamps: list[str], **time: object) -> tuple[list[int], object]:
    entry = mapped(series={"columns": {"v": {"tag": "V", "unit": "kWh"}}}, time={"column": "time", **time})
    lines = ["time,v", *(f"{stamp},{i}" for i, stamp in enumerate(stamps, start=1))]
    result = taken(written(folder, "e.csv", "\n".join(lines)), entry)
    return [int(t) for t in result.readings[0].t], result


def test_a_day_above_twelve_settles_the_column(tmp_path: Path) -> None:
    t, result = meters(tmp_path, ["1/2/2025 0:15", "13/2/2025 0:15"])
    assert t == [at("2025-02-01 00:15"), at("2025-02-13 00:15")]
    assert told(result, "day-first-date") == [("note", "time", 2, None, None)]
    t, result = meters(tmp_path, ["1/2/2025 0:15", "2/13/2025 0:15"])
    assert t == [at("2025-01-02 00:15"), at("2025-02-13 00:15")]


def test_a_day_above_twelve_far_down_settles_it_too(tmp_path: Path) -> None:
    """The piece read first leaves the order open; the column as a whole does not."""
    stamps = [f"{1 + i % 9}/{1 + i % 8}/2025 0:15" for i in range(300_000)] + ["31/12/2025 0:15"]
    t, _ = meters(tmp_path, stamps)
    assert max(t) == at("2025-12-31 00:15")


def test_a_column_that_leaves_it_open_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="leave open") as caught:
        meters(tmp_path, ["1/2/2025 0:15", "3/4/2025 0:15"])
    assert "day_first" in caught.value.repair.say("en")
    t, _ = meters(tmp_path, ["1/2/2025 0:15", "3/4/2025 0:15"], day_first=True)
    assert t == [at("2025-02-01 00:15"), at("2025-04-03 00:15")]


def test_a_column_of_both_orders_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="day first and dates with the month first"):
        meters(tmp_path, ["13/2/2025 0:15", "2/13/2025 0:15"])


def test_several_ways_to_write_a_date_are_told(tmp_path: Path) -> None:
    t, result = meters(tmp_path, ["2025-03-01 00:15", "2025-03-01 00:30", "20250301 004500", "2025-03-01 01:00"])
    assert t == [at(f"2025-03-01 {clock}") for clock in ("00:15", "00:30", "00:45", "01:00")]
    assert told(result, "mixed-date-formats") == [("doubtful", "time", 1, None, None)]
    _, result = meters(tmp_path, ["2025-03-01 0:15", "2025-03-01 00:30"])
    assert told(result, "mixed-date-formats") == [("note", "time", 1, None, None)]


@pytest.mark.parametrize("piece", [1, 7, 96, 1000])
def test_midnight_that_closes_its_own_day(piece: int) -> None:
    """In steps of 15 min from 0:15, each day's last stamp reads 0:00 of its own date; read in pieces of any size."""
    true = np.arange(1, 10 * 96 + 1, dtype=np.int64) * 15 * MINUTE_US
    as_written = np.where(true % DAY_US == 0, true - DAY_US, true)
    last: int | None = None
    mended = []
    for start in range(0, true.size, piece):
        part = as_written[start : start + piece]
        part = np.where(mend_midnight(part, last), part + DAY_US, part)
        last = int(part[-1])
        mended.append(part)
    assert np.concatenate(mended).tolist() == true.tolist()


def test_midnights_are_found_where_a_piece_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever row a piece begins with: the stamp before it is remembered."""
    stamps = [f"2025-03-{day:02d} {h % 24:02d}:00" for day in range(1, 21) for h in range(1, 25)]
    for block in (300, 330, 370, 410, 450):
        monkeypatch.setattr("forgecast.gateway.delimited._BLOCK", block)
        t, result = meters(tmp_path, stamps)
        assert np.diff(t).tolist() == [60 * MINUTE_US] * 479
        assert told(result, "midnight-of-same-day") == [("doubtful", "time", 20, 25, 481)]


def test_midnights_that_mean_what_they_say_are_left_alone() -> None:
    hours = np.arange(72, dtype=np.int64) * 60 * MINUTE_US
    assert not mend_midnight(hours, None).any()
    assert not mend_midnight(hours[::-1].copy(), None).any(), "newest first: 0:00 after 1:00 is no end of a day"
    assert not mend_midnight(np.array([0, 18 * 60 * MINUTE_US, 0]), None).any(), "six hours before the end of the day"


def test_midnight_may_be_kept_as_written(tmp_path: Path) -> None:
    stamps = ["2025-03-01 23:30", "2025-03-01 23:45", "2025-03-01 0:00"]
    t, result = meters(tmp_path, stamps)
    assert t[-1] == at("2025-03-02 00:00")
    assert told(result, "midnight-of-same-day") == [("doubtful", "time", 1, 4, 4)]
    t, result = meters(tmp_path, stamps, midnight="as written")
    assert t[0] == at("2025-03-01 00:00")
    assert told(result, "midnight-of-same-day") == []
    assert told(result, "unsorted-time") == [("note", "time", 1, 4, 4)]


def test_start_labels_are_moved_to_the_end_of_their_interval(tmp_path: Path) -> None:
    t, _ = meters(tmp_path, ["2025-03-01 00:00", "2025-03-01 01:00"], label="start", interval="1h")
    assert t == [at("2025-03-01 01:00"), at("2025-03-01 02:00")]


def test_another_zone_and_counted_time(tmp_path: Path) -> None:
    t, _ = meters(tmp_path, ["2025-03-01 00:00"], zone="UTC")
    assert t == [at("2025-03-01 08:00")]
    t, _ = meters(tmp_path, ["1740787200"], format="epoch_s")
    assert t == [at("2025-03-01 08:00")]
    t, _ = meters(tmp_path, ["45717.25"], format="excel_day")
    assert t == [at("2025-03-01 06:00")]
    with pytest.raises(ImportRefusedError, match="leave open"):
        meters(tmp_path, ["1/2/25 0:00", "3/4/25"])


def test_the_future_is_refused(tmp_path: Path) -> None:
    t, result = meters(tmp_path, ["2025-12-31 00:00", "2027-03-01 00:00"])
    assert len(t) == 1
    assert told(result, "future-time") == [("refused", "time", 1, 3, 3)]
