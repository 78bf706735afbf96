"""Units: points and differences, spellings of plants, refusals, and journeys there and back."""

from __future__ import annotations

import math

import numpy as np
import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.ground.errors import UnitError
from forgecast.ground.units import _SURE, AMBIGUOUS, KINDS, SPELLINGS, convert, registry, scale, spelled, to_si

# A conversion multiplies once and adds once, each exact to half a unit in the last place; factors of pint are
# products of a few more. 1e-12 is a thousand times that and a millionth of the best instrument's error.
REL = 1e-12


def test_a_temperature_is_a_point_and_a_difference_is_none():
    assert to_si(20.0, "temperature", "°C") == pytest.approx(293.15, rel=REL)
    assert to_si(20.0, "temperature_difference", "°C") == 20.0
    assert convert(212.0, "temperature", "°F", "°C") == pytest.approx(100.0, rel=REL)
    assert convert(9.0, "temperature_difference", "°F", "K") == pytest.approx(5.0, rel=REL)


@pytest.mark.parametrize(
    ("value", "kind", "unit", "target", "wanted"),
    [
        (3.0, "mass", "万吨", "kg", 3e7),
        (2.5, "mass", "吨", "千克", 2500.0),
        (1.2, "energy", "万千瓦时", "kWh", 12000.0),
        (1.0, "energy", "kWh", "MJ", 3.6),
        (1.0, "energy", "kW·h", "kJ", 3600.0),
        (25.0, "concentration", "毫克/立方米", "mg/m3", 25.0),
        (25000.0, "concentration", "μg/m³", "mg/m3", 25.0),
        (1.0, "concentration", "kg/m3", "mg/m³", 1e6),
        (1.0, "volume_rate", "万m3/h", "m3/s", 1e4 / 3600),
        (60.0, "volume_rate", "Nm³/min", "m3/s", 1.0),
        (5.0, "mass_rate", "吨/小时", "kg/h", 5000.0),
        (36.0, "specific_energy", "千瓦时/吨", "kJ/kg", 129.6),
        (85.0, "share", "％", "1", 0.85),
        (5.0, "share", "‰", "%", 0.5),
        (2.0, "money", "万元", "元", 20000.0),
        (500.0, "leak", "µmol/mol", "ppm", 500.0),
        (1.0, "time_span", "小时", "分钟", 60.0),
        (7.0, "apparent_power", "千伏安", "kVA", 7.0),
        (1.0, "reactive_energy", "kvarh", "kVarh", 1.0),
        (40.0, "pressure", " MPa ", "bar", 400.0),
    ],
)
def test_the_spellings_of_plants(value, kind, unit, target, wanted):
    assert convert(value, kind, unit, target) == pytest.approx(wanted, rel=REL)


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        ("mass", "kWh"),
        ("temperature", "kg"),
        ("energy", "kW"),
        ("concentration", "ppm"),  # a volume fraction needs a molar mass to become a concentration
        ("power", "kVA"),
        ("power", "kvar"),
        ("apparent_power", "kW"),
        ("reactive_energy", "kWh"),
        ("energy", "kvarh"),
        ("mass", "m3"),
        ("temperature", "°C/min"),
    ],
)
def test_a_unit_of_another_kind_is_refused_both_ways(kind, unit):
    good = KINDS[kind].unit
    with pytest.raises(UnitError) as one:
        convert(1.0, kind, unit, good)
    with pytest.raises(UnitError) as other:
        convert(1.0, kind, good, unit)
    for caught in (one, other):
        assert unit in caught.value.what.say("en")
        assert KINDS[kind].zh in caught.value.what.say("zh")
        assert good in caught.value.repair.say("en")


@pytest.mark.parametrize("unit", ["ton", "ton/h", "kWh/ton", "度", "kWh/mt", "TON", "万度"])
def test_a_unit_with_two_meanings_is_refused(unit):
    with pytest.raises(UnitError, match="more than one meaning"):
        spelled(unit)


def test_a_word_of_two_meanings_has_no_spelling():
    assert not AMBIGUOUS & set(SPELLINGS)


@pytest.mark.parametrize(
    "unit",
    [
        "nan",
        "nan kg",
        "inf kg",
        "-1 kg",
        "0 kg",
        "furlongs of sand",
        "kg/",
        "/",
        "a/b/c",
        "((",
        "1/0",
        "吨标准煤",
        "h-1",
    ],
)
def test_nonsense_is_refused(unit):
    with pytest.raises(UnitError):
        scale("mass", unit, "kg")


@given(st.text(max_size=12))
def test_any_text_is_a_unit_or_refused(unit):
    try:
        factor, offset = scale("mass", unit, "kg")
    except UnitError:
        return
    assert factor > 0
    assert math.isfinite(factor)
    assert offset == 0.0


@pytest.mark.parametrize("unit", sorted(SPELLINGS))
def test_every_spelling_measures_some_kind(unit):
    fitting = []
    for kind in KINDS:
        try:
            factor, offset = scale(kind, unit, KINDS[kind].unit)
        except UnitError:
            continue
        assert factor > 0
        assert offset == 0.0 or KINDS[kind].point
        fitting.append(kind)
    assert fitting


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_chinese_name_and_its_own_unit_is_the_identity(kind):
    assert KINDS[kind].zh
    assert scale(kind, KINDS[kind].unit, KINDS[kind].unit) == (1.0, 0.0)


@given(
    st.sampled_from([(kind, unit) for kind in KINDS for unit in SPELLINGS]),
    st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-9),
)
def test_there_and_back_again(pair, value):
    kind, unit = pair
    try:
        si = to_si(value, kind, unit)
    except UnitError:
        return
    back = convert(si, kind, KINDS[kind].unit, unit)
    # A point on a scale loses the digits below those of its zero: 273.15 K (459.67 °F) times 1e-15, and ten of them.
    assert back == pytest.approx(value, rel=REL, abs=5e-12 if KINDS[kind].point else 0.0)


@given(st.sampled_from(sorted(SPELLINGS)), st.floats(allow_nan=False, allow_infinity=False))
def test_the_same_unit_leaves_a_value_exactly_as_it_was(unit, value):
    for kind in KINDS:
        try:
            assert convert(value, kind, unit, unit) == value
        except UnitError:
            continue


def test_arrays_go_through_and_keep_their_gaps():
    got = convert(np.array([0.0, np.nan, 100.0]), "temperature", "°C", "K")
    assert got[[0, 2]] == pytest.approx([273.15, 373.15], rel=REL)
    assert np.isnan(got[1])


def test_the_registry_of_other_libraries_is_left_alone():
    registry()
    assert "CNY" not in pint.get_application_registry()


def test_factors_known_without_asking_the_registry_are_those_of_the_registry() -> None:
    for (kind, unit, target), factor in _SURE.items():
        here, there = registry().Unit(unit), registry().Unit(target)
        assert here.is_compatible_with(registry().Unit(KINDS[kind].unit))
        assert registry().Quantity(3.0, here).to(there).magnitude == pytest.approx(3.0 * factor, rel=1e-12)
