"""Dates: zones and their changes of clock, periods, validity and shifts."""

# ruff: noqa: DTZ001  (wall clocks without a zone are what is tested)
from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forgecast.ground.dates import (
    DAY_US,
    HOUR_US,
    Period,
    Shift,
    ShiftCalendar,
    Validity,
    day_start_us,
    from_us,
    local_day,
    local_to_us,
    month_start,
    next_month,
    to_us,
    zone,
)
from forgecast.ground.errors import ForgecastError

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Chatham",
         "America/Havana", "Asia/Beirut", "UTC"]  # fmt: skip


def _wall(*parts: int) -> int:
    return to_us(datetime(*parts, tzinfo=UTC))


def test_chinese_plants_are_eight_hours_ahead():
    assert from_us(0, "Asia/Shanghai").isoformat() == "1970-01-01T08:00:00+08:00"
    assert day_start_us(date(2025, 1, 1), "Asia/Shanghai") == _wall(2024, 12, 31, 16)
    assert local_day(_wall(2024, 12, 31, 16), "Asia/Shanghai") == date(2025, 1, 1)
    assert local_day(_wall(2024, 12, 31, 16) - 1, "Asia/Shanghai") == date(2024, 12, 31)


def test_a_microsecond_survives():
    moment = datetime(2025, 6, 1, 12, 0, 0, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert to_us(moment) == _wall(2025, 6, 1, 4) + 1
    assert from_us(to_us(moment), "Asia/Shanghai") == moment


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)), st.sampled_from(ZONES))
def test_an_instant_survives_every_zone(moment, name):
    assert to_us(from_us(to_us(moment), name)) == to_us(moment)
    assert from_us(to_us(moment), "UTC") == moment


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        to_us(datetime(2025, 1, 1))


@pytest.mark.parametrize("name", ["Asia/Peking", "", "../etc/passwd", "北京", "Asia"])
def test_an_unknown_zone_is_an_error_with_its_repair(name):
    with pytest.raises(ForgecastError) as caught:
        zone(name)
    assert "Asia/Shanghai" in caught.value.repair.say("en")


def test_the_hour_that_comes_twice_is_its_first_and_the_hour_that_never_comes_keeps_the_old_offset():
    local = np.array(
        [_wall(2025, 3, 30, 1, 59), _wall(2025, 3, 30, 2, 30), _wall(2025, 3, 30, 3),
         _wall(2025, 10, 26, 1, 59), _wall(2025, 10, 26, 2, 30), _wall(2025, 10, 26, 3)]
    )  # fmt: skip
    wanted = [_wall(2025, 3, 30, 0, 59), _wall(2025, 3, 30, 1, 30), _wall(2025, 3, 30, 1),
              _wall(2025, 10, 25, 23, 59), _wall(2025, 10, 26, 0, 30), _wall(2025, 10, 26, 2)]  # fmt: skip
    assert local_to_us(local, "Europe/Berlin").tolist() == wanted


@given(
    st.lists(st.datetimes(datetime(1970, 1, 2), datetime(2037, 1, 1)), max_size=8),
    st.sampled_from(ZONES),
)
@example([datetime(2025, 4, 6, 1, 45), datetime(2025, 10, 5, 2, 31)], "Australia/Lord_Howe")  # half an hour
@example([datetime(2025, 9, 28, 3, 50), datetime(2025, 9, 28, 2, 50)], "Pacific/Chatham")  # at a quarter to three
@example([datetime(2025, 3, 30, 0, 30), datetime(2025, 10, 25, 23, 30)], "Asia/Beirut")  # at midnight
def test_wall_clocks_read_together_are_what_python_reads_one_by_one(moments, name):
    place = ZoneInfo(name)
    local = np.array([to_us(moment.replace(tzinfo=UTC)) for moment in moments], dtype=np.int64)
    one_by_one = [to_us(moment.replace(tzinfo=place)) for moment in moments]
    assert local_to_us(local, name).tolist() == one_by_one


def test_a_day_with_a_change_of_clock_is_longer_or_shorter():
    spring, autumn = Period(date(2025, 3, 30), date(2025, 3, 31)), Period(date(2025, 10, 26), date(2025, 10, 27))
    lengths = [(after - first) / HOUR_US for first, after in (p.bounds_us("Europe/Berlin") for p in (spring, autumn))]
    assert lengths == [23.0, 25.0]
    first, after = spring.bounds_us("Asia/Shanghai")
    assert after - first == DAY_US


def test_a_period_holds_its_first_day_and_not_its_end():
    period = Period(date(2025, 1, 31), date(2025, 3, 1))
    assert date(2025, 1, 31) in period
    assert date(2025, 2, 28) in period
    assert date(2025, 3, 1) not in period
    assert date(2025, 1, 30) not in period
    assert period.days == 29
    assert period.months() == ("2025-01", "2025-02")


def test_a_period_names_every_month_it_touches():
    assert Period(date(2024, 11, 30), date(2025, 2, 2)).months() == ("2024-11", "2024-12", "2025-01", "2025-02")
    assert Period(date(2025, 1, 1), date(2025, 2, 1)).months() == ("2025-01",)
    assert [month_start(one) for one in Period(date(178, 11, 1), date(178, 12, 1)).months()] == [date(178, 11, 1)]


@pytest.mark.parametrize("end", [date(2025, 1, 1), date(2024, 12, 31)])
def test_a_period_without_a_day_is_refused(end):
    with pytest.raises(ForgecastError, match="not after its start"):
        Period(date(2025, 1, 1), end)


@pytest.mark.parametrize(
    ("end", "start", "after"),
    [
        (date(2025, 7, 15), date(2024, 7, 1), date(2025, 7, 1)),
        (date(2025, 7, 31), date(2024, 8, 1), date(2025, 8, 1)),  # the last day closes its own month
        (date(2025, 7, 1), date(2024, 7, 1), date(2025, 7, 1)),
        (date(2025, 12, 31), date(2025, 1, 1), date(2026, 1, 1)),
        (date(2024, 2, 29), date(2023, 3, 1), date(2024, 3, 1)),
        (date(2024, 2, 28), date(2023, 2, 1), date(2024, 2, 1)),  # not the last day of that February
        (date(2025, 2, 28), date(2024, 3, 1), date(2025, 3, 1)),
    ],
)
def test_the_twelve_months_before_a_day(end, start, after):
    assert Period.twelve_months_to(end) == Period(start, after)


@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)))
def test_twelve_months_are_twelve_and_lie_before_the_day(day):
    period = Period.twelve_months_to(day)
    assert len(period.months()) == 12
    assert period.start.day == period.end.day == 1
    assert period.end <= day + timedelta(days=1)
    assert (day - period.end).days < 31


@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)))
def test_the_next_month_begins_where_this_one_ends(day):
    after = next_month(day)
    assert after.day == 1
    assert (after - timedelta(days=1)).month == day.month
    assert month_start(f"{day:%Y-%m}") == day.replace(day=1)


def test_validity_is_from_a_day_until_before_another():
    assert date(2023, 7, 1) in Validity(date(2023, 7, 1), date(2025, 1, 1))
    assert date(2023, 6, 30) not in Validity(date(2023, 7, 1))
    assert date(2025, 1, 1) not in Validity(None, date(2025, 1, 1))
    assert date(1900, 1, 1) in Validity()


THREE_SHIFTS = ShiftCalendar((Shift("早班", time(8)), Shift("中班", time(16)), Shift("夜班", time(23, 30))))


@pytest.mark.parametrize(
    ("local", "day", "name"),
    [
        (datetime(2025, 5, 2, 8, 0), date(2025, 5, 2), "早班"),
        (datetime(2025, 5, 2, 15, 59, 59, 999999), date(2025, 5, 2), "早班"),
        (datetime(2025, 5, 2, 16, 0), date(2025, 5, 2), "中班"),
        (datetime(2025, 5, 2, 23, 30), date(2025, 5, 2), "夜班"),
        (datetime(2025, 5, 3, 0, 0), date(2025, 5, 2), "夜班"),  # after midnight still yesterday's shift
        (datetime(2025, 5, 3, 7, 59, 59, 999999), date(2025, 5, 2), "夜班"),
        (datetime(2025, 1, 1, 3, 0), date(2024, 12, 31), "夜班"),
    ],
)
def test_a_shift_over_midnight_belongs_to_the_day_it_began(local, day, name):
    assert THREE_SHIFTS.shift_of(to_us(local.replace(tzinfo=ZoneInfo("Asia/Shanghai")))) == (day, name)


def test_a_calendar_that_begins_at_midnight_never_reaches_back():
    calendar = ShiftCalendar((Shift("A", time(0)), Shift("B", time(12))))
    assert calendar.shift_of(day_start_us(date(2025, 5, 2), "Asia/Shanghai")) == (date(2025, 5, 2), "A")


@pytest.mark.parametrize("starts", [(), (time(16), time(8)), (time(8), time(8))])
def test_shifts_out_of_order_are_refused(starts):
    with pytest.raises(ForgecastError, match="order"):
        ShiftCalendar(tuple(Shift(str(start), start) for start in starts))
