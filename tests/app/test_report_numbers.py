"""Numbers, units and times as readers see them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.app.report.numbers import (
    local_hour,
    long_day,
    pretty_text,
    pretty_unit,
    shown,
    shown_limit,
    shown_limit_with_unit,
    shown_with_unit,
)

VALUES = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False).filter(lambda v: v == 0 or abs(v) > 1e-9)


def read(number: str) -> Decimal:
    return Decimal(number.replace(",", "").replace("−", "-"))


def test_a_value_just_over_its_limit_is_never_printed_as_the_limit() -> None:
    assert shown(40.02, 40.0) == "40.02"
    assert shown(40.0000004, 40.0) == "40.0000004"
    assert shown(39.98, 40.0) == "39.98"
    assert shown(40.0212345, 40.0) == "40.02"  # no more digits than it takes
    assert shown(40.02) == "40.0"


@given(value=VALUES, limit=VALUES)
def test_rounding_keeps_the_side_of_the_limit(value: float, limit: float) -> None:
    printed, exact, bound = read(shown(value, limit)), Decimal(repr(value)), Decimal(repr(limit))
    assert printed.compare(bound) == exact.compare(bound)
    assert read(shown_limit(limit)) == bound


@given(value=VALUES)
def test_three_digits_are_kept(value: float) -> None:
    # Half a unit of the third significant digit is at most 0.5 % of the value; integers are printed in full.
    assert abs(float(read(shown(value))) - value) <= 0.005 * abs(value)


@pytest.mark.parametrize(
    ("unit", "fine"),
    [("mg/m3", "mg/m³"), ("kWh/t", "kWh/t"), ("tCO2/t", "t CO₂/t"), ("1", ""), ("degC", "°C"), ("Nm3/h", "Nm³/h"),
     ("ug/m3", "µg/m³"), ("kg*m", "kg·m")],
)  # fmt: skip
def test_units_are_set_with_raised_digits(unit: str, fine: str) -> None:
    assert pretty_unit(unit) == fine


@pytest.mark.parametrize("name", ["SO2_mg_m3", "tap_temperature_degC", "[*a*]", "bug/42", "O2-7", "room3", "PM2.5"])
def test_names_of_columns_and_people_stay_as_they_are(name: str) -> None:
    assert pretty_text(name) == name


def test_units_stand_where_a_line_cannot_break() -> None:
    assert shown_with_unit(612.0, "kWh/t") == "612\u00a0kWh/t"
    assert shown_with_unit(61.3, "%") == "61.3%"
    assert shown_with_unit(None, "t") == "—"
    assert shown_limit_with_unit(40.0, "mg/m3", "<=") == "≤\u00a040\u00a0mg/m³"
    assert shown_limit_with_unit(0.05, "", ">=") == "≥\u00a00.05"


def test_hours_are_local_and_days_are_said_in_both_languages() -> None:
    assert local_hour("2025-03-12T16:00:00+00:00", "Asia/Shanghai") == "2025-03-13 00:00"
    assert local_hour("2025-03-12T16:00:00", "Asia/Shanghai") == "2025-03-12 16:00"
    assert local_hour("2025-03", "Asia/Shanghai") == "2025-03"
    assert long_day(date(2025, 3, 2), "zh") == "2025年3月2日"
    assert long_day(date(2025, 3, 2), "en") == "2\u00a0Mar\u00a02025"
