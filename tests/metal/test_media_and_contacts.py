"""Mould media and contacts: complete, plausible, and nothing taken from another pair."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.ground.tables import parse_table, read_table
from forgecast.metal.alloy import FAMILIES, alloys
from forgecast.metal.contact import PROCESSES, contact, outside, perfect
from forgecast.metal.error import MaterialError
from forgecast.metal.media import covers, kind, medium
from forgecast.metal.own_table import read_medium

NAMES = [row["medium"] for row in read_table("medium")]

OWN = """property,temperature_degC,value,unit,source
density,20,1500,kg/m3,my sand
conductivity,0,0.7,W/(m K),my sand
conductivity,800,0.6,W/(m K),my sand
specific_heat,0,800,J/(kg K),my sand
specific_heat,700,1100,J/(kg K),my sand
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_medium_is_complete_and_reaches_a_pour_of_steel(name):
    got = medium(name)
    assert (np.diff(got.enthalpy) > 0.0).all()
    assert got.solid_fraction is None
    assert 100.0 < got.density < 10000.0
    covers(got, 273.15, 273.15 + (1400.0 if name == "h13" else 1800.0))
    assert kind(name).word in {"sand", "shell", "die", "iron-chill", "copper-chill", "graphite-chill", "sleeve"}
    # Effusivity sets the heat a mould draws: sleeves below sands below chills.
    mean = (got.enthalpy[-1] - got.enthalpy[0]) / (got.temperature[-1] - got.temperature[0])
    effusivity = np.sqrt(float(got.conductivity[0]) * mean)
    low, high = {"sleeve": (200, 1000), "sand": (900, 2200), "shell": (1200, 3000)}.get(kind(name).word, (7000, 50000))
    assert low < effusivity < high


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("Green Sand", "green-sand"),
        ("树脂砂", "resin-sand"),
        ("H13", "h13"),
        ("冷铁", "iron-chill"),
        ("chromite", "chromite-sand"),
    ],
)
def test_a_medium_is_found_by_its_names(name, want):
    assert medium(name).name == want


def test_an_unknown_medium_is_refused_with_the_nearest_names():
    with pytest.raises(MaterialError) as caught:
        medium("green sands")
    assert "green-sand" in caught.value.repair.say("en")


def test_only_the_exothermic_sleeve_burns():
    burning = {name for name in NAMES if medium(name).ignition}
    assert burning == {"exothermic-sleeve"}
    sleeve = medium("exothermic-sleeve")
    assert sleeve.ignition is not None
    # 200 to 900 kJ/kg in practice, at the sleeve's density.
    assert 200e3 * sleeve.density <= sleeve.ignition.heat <= 900e3 * sleeve.density
    assert 400.0 <= sleeve.ignition.temperature - 273.15 <= 700.0


@pytest.mark.parametrize("share", [-0.01, 0.3, float("nan")])
def test_a_moisture_that_makes_no_sense_is_refused(share):
    with pytest.raises(MaterialError, match="moisture"):
        medium("green-sand", moisture=share)


def test_a_dry_medium_cannot_be_made_moist_without_its_drying_range():
    with pytest.raises(MaterialError, match="boil off"):
        medium("chromite-sand", moisture=0.03)


def test_a_medium_of_ones_own_ends_where_its_shortest_curve_ends(tmp_path):
    path = tmp_path / "sand.csv"
    path.write_text(OWN, encoding="utf-8")
    got = read_medium(path)
    with pytest.raises(MaterialError, match=r"covers 0 to 700 °C; 700 … 1550 °C is missing"):
        covers(got, 293.15, 1550.0 + 273.15)
    covers(got, 273.15, 973.15)


def test_every_family_touches_every_medium_with_a_coefficient():
    for family in FAMILIES:
        for name in NAMES:
            got = contact(family, name)
            # From sand that has shrunk away to a squeeze casting; 2.11 of the facts.
            assert ((got.coefficient >= 50.0) & (got.coefficient <= 20000.0)).all()
            assert (np.diff(got.at) > 0.0).all()
            assert got.sources


def test_processes_of_die_casting_differ():
    got = {process: contact("aluminium", "h13", process=process).coefficient.max() for process in PROCESSES[:4]}
    assert got["low-pressure"] < got["gravity"] < got["squeeze"] <= got["high-pressure"]
    assert contact("aluminium", "h13", process="high-pressure").over == "time"


def test_steel_on_sand_follows_the_table():
    got = contact("steel", "green-sand")
    assert got.over == "temperature"
    at = np.interp(np.array([900.0, 1100.0, 1200.0, 1700.0]) + 273.15, got.at, got.coefficient)
    np.testing.assert_allclose(at, [104.0, 242.0, 380.0, 940.0])


def test_a_coefficient_is_never_taken_from_another_pair():
    with pytest.raises(MaterialError, match="no interface coefficient"):
        contact("steel", "green-sand", process="squeeze")
    with pytest.raises(MaterialError, match="no family"):
        contact("unobtainium", "green-sand")


def test_a_row_for_a_medium_goes_before_one_for_its_kind_and_no_kind_lends_to_another(monkeypatch):
    head = "family,against,process,over,at,at_unit,value,unit,range,licence,confidence,source,source_zh\n"
    row = "steel,{},gravity,constant,,,{},W/(m2 K),,,unverified,made up,虚构\n"
    own = parse_table("contact", head + row.format("sand", 500) + row.format("chromite-sand", 900))
    monkeypatch.setattr("forgecast.metal.contact.read_table", lambda _name: own)
    assert contact("steel", "chromite-sand").coefficient.tolist() == [900.0]
    assert contact("steel", "zircon-sand").coefficient.tolist() == [500.0]
    with pytest.raises(MaterialError, match="no interface coefficient"):
        contact("steel", "copper-chill")
    with pytest.raises(MaterialError, match="no interface coefficient"):
        contact("aluminium", "green-sand")


@pytest.mark.parametrize(("over", "at"), [("temperature", ""), ("constant", "20")])
def test_rows_that_do_not_fit_together_are_refused(monkeypatch, over, at):
    head = "family,against,process,over,at,at_unit,value,unit,range,licence,confidence,source,source_zh\n"
    row = f"steel,sand,gravity,{over},{at},,500,W/(m2 K),,,unverified,made up,虚构\n"
    monkeypatch.setattr("forgecast.metal.contact.read_table", lambda _name: parse_table("contact", head + row))
    with pytest.raises(MaterialError, match="do not fit together"):
        contact("steel", "green-sand")


def test_the_outside_loses_heat_by_convection_and_radiation():
    for name in NAMES:
        got = outside(name) if kind(name).emissivity is not None else None
        assert got is not None, name
        assert 5.0 <= got.coefficient[0] <= 15.0
        assert 0.3 <= got.emissivity <= 1.0
        assert len(got.sources) == 2
    assert np.isinf(perfect().coefficient).all()


def test_a_family_is_named_by_every_alloy():
    assert {got.family for got in alloys()} == set(FAMILIES)
