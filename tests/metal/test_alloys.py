"""Alloys: found by any name, complete, plausible, and refused where their tables contradict themselves."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from forgecast.ground.tables import read_table
from forgecast.metal.alloy import FAMILIES, alloy, alloys
from forgecast.metal.error import MaterialError
from forgecast.metal.media import covers
from forgecast.metal.naming import plain, shipped_names
from forgecast.metal.own_table import read_alloy
from forgecast.metal.property import PROPERTIES
from forgecast.metal.provenance import weakest

NAMES = [row["alloy"] for row in read_table("alloy")]

OWN = """property,temperature_degC,value,unit,source,family
density,0,2700,kg/m3,my foundry,aluminium
density,560,2560,kg/m3,my foundry,aluminium
density,615,2430,kg/m3,my foundry,aluminium
density,900,2340,kg/m3,my foundry,aluminium
conductivity,0,180,W/(m K),my foundry,aluminium
conductivity,560,160,W/(m K),my foundry,aluminium
conductivity,615,80,W/(m K),my foundry,aluminium
conductivity,900,85,W/(m K),my foundry,aluminium
specific_heat,0,890,J/(kg K),my foundry,aluminium
specific_heat,560,1130,J/(kg K),my foundry,aluminium
specific_heat,615,1140,J/(kg K),my foundry,aluminium
specific_heat,900,1160,J/(kg K),my foundry,aluminium
solid_fraction,560,1,1,my foundry,aluminium
solid_fraction,575,0.5,1,my foundry,aluminium
solid_fraction,615,0,1,my foundry,aluminium
liquidus,,615,degC,my foundry,aluminium
solidus,,560,degC,my foundry,aluminium
latent_heat,,430,kJ/kg,my foundry,aluminium
"""


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("A356", "a356"),
        ("alsi7mg0.3", "a356"),
        ("EN AC-42100", "a356"),
        ("en_ac 42100", "a356"),
        ("ZL101A", "a356"),
        ("HT250", "gjl-250"),
        ("en-gjl-250", "gjl-250"),
        ("QT400-15", "gjs-400-15"),
        ("qt 500-7", "gjs-500-7"),
        ("ZG230-450", "wcb"),
        ("cf8m", "cf8m"),
        ("锡青铜", "cusn10"),
        ("AlSi9Cu3(Fe)", "alsi9cu3"),
    ],
)
def test_an_alloy_is_found_by_its_names_in_the_standards(name, want):
    assert alloy(name).name == want


def test_no_name_means_two_alloys_or_two_media():
    for table in ("alloy", "medium"):
        names = [(plain(row["name"]), row[table]) for row in read_table(f"{table}_name")]
        meant: dict[str, set[str]] = {}
        for name, material in [*names, *((plain(r[table]), r[table]) for r in read_table(table))]:
            meant.setdefault(name, set()).add(material)
        assert {name: found for name, found in meant.items() if len(found) > 1 or not name} == {}
        assert set(shipped_names(table).values()) == {row[table] for row in read_table(table)}


@pytest.mark.parametrize(
    ("name", "near"), [("A357", "a356"), ("HT200", "gjl-250"), ("CF3M", "cf3mn"), ("QT500", "gjs-500-7")]
)
def test_an_unknown_alloy_is_refused_with_the_nearest_names(name, near):
    with pytest.raises(MaterialError) as caught:
        alloy(name)
    assert name in caught.value.what.say("en")
    assert near in caught.value.repair.say("en")
    assert name in caught.value.what.say("zh")


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_alloy_is_complete_and_plausible(name):
    got = alloy(name)
    assert got.family in FAMILIES
    assert got.synonyms
    assert got.liquidus > got.solidus
    # Latent heats of the metals cast: copper alloys below 210, silicon-rich aluminium up to 500 kJ/kg.
    assert 150e3 < got.latent_heat < 500e3
    assert 0.02 < got.solidification_contraction < 0.08
    assert 3e-5 < got.liquid_contraction < 3e-4
    assert 0.5 <= (got.number("feeding_stop") or 0.0) <= 1.0
    assert got.number("mass of the moon") is None
    values = got.solid_fraction.value
    assert values[0] == 1.0
    assert values[-1] == 0.0
    assert (np.diff(values) <= 0.0).all()
    # Density falls with temperature throughout: metals expand.
    assert (np.diff(got.density.value) <= 0.0).all()
    for curve in ("density", "conductivity", "specific_heat"):
        known = PROPERTIES[curve]
        assert (got.properties.curve(curve).value >= known.low).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_medium_of_an_alloy_reaches_what_a_pour_reaches(name):
    got = alloy(name)
    medium = got.medium()
    covers(medium, 273.15, got.liquidus + 150.0)
    assert (np.diff(medium.enthalpy) > 0.0).all()
    assert (np.diff(medium.temperature) >= 0.0).all()
    assert medium.solid_fraction is not None
    assert medium.solid_fraction[0] == 1.0
    assert medium.solid_fraction[-1] == 0.0
    assert medium.density == pytest.approx(float(got.density.at(got.solidus)), rel=1e-12)
    with pytest.raises(MaterialError, match="is missing") as caught:
        covers(medium, 200.0, 3000.0)
    assert "-73.15 … 0 °C" in caught.value.what.say("en")


def test_every_value_of_the_tables_has_a_source_a_reader_can_follow():
    for table in ("alloy_property", "medium_property", "contact"):
        for row in read_table(table):
            words = row["source"].casefold()
            # A number nobody read says so; one that was read names its document.
            honest = ("recalled", "extended", "assumed", "choice of the model", "taken")
            assert (row["confidence"] == "unverified") == any(word in words for word in honest), row
            assert row["confidence"] != "primary"


def test_the_weakest_source_is_named():
    confidence, having = weakest(alloy("a356").sources)
    assert confidence == "unverified"
    assert any("feeding" in source.what.say("en") for source in having)
    assert all(source.confidence == "unverified" for source in having)
    assert weakest(s for s in alloy("a356").sources if "latent heat of freezing" in s.what.say("en"))[0] == "secondary"
    assert weakest(()) == ("unverified", ())


def test_an_alloy_of_ones_own_is_read(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(OWN, encoding="utf-8")
    got = read_alloy(path)
    assert (got.name, got.family) == ("mine", "aluminium")
    assert got.latent_heat == 430e3
    assert got.liquidus == pytest.approx(888.15)
    assert {source.confidence for source in got.sources} == {"unverified"}
    assert got.medium().density == 2560.0


def test_an_alloy_of_ones_own_may_be_toml(tmp_path):
    lines = [line.split(",") for line in OWN.splitlines()[1:]]
    out = ['name = "mine"', 'family = "aluminium"', 'source = "my foundry"']
    for name, rows in itertools.groupby(lines, key=lambda cells: cells[0]):
        found = list(rows)
        out += [f"[{name}]", f'unit = "{found[0][3]}"']
        if found[0][1]:
            out.append("rows = [" + ", ".join(f"[{cells[1]}, {cells[2]}]" for cells in found) + "]")
        else:
            out.append(f"value = {found[0][2]}")
    toml, plain_table = tmp_path / "mine.toml", tmp_path / "mine.csv"
    toml.write_text("\n".join(out), encoding="utf-8")
    plain_table.write_text(OWN, encoding="utf-8")
    np.testing.assert_array_equal(read_alloy(toml).medium().enthalpy, read_alloy(plain_table).medium().enthalpy)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("solidus,,560", "solidus,,620", "not below the liquidus"),
        ("solid_fraction,575,0.5", "solid_fraction,575,1.5", "outside 0.0 to 1.0"),
        ("solid_fraction,560,1,1", "solid_fraction,560,0.4,1", "rises with temperature"),
        ("solid_fraction,615,0,1", "solid_fraction,615,0.1,1", "must be 1 up to the solidus"),
        ("solid_fraction,615", "solid_fraction,610", "must be 1 up to the solidus"),
        ("density,615,2430", "density,550,2430", "temperatures of the curve fall"),
        ("density,900,2340,kg/m3", "density,900,2.34,g/cm3", "is given in g/cm3"),
        ("density,900,2340", "density,900,", "has no value"),
        ("density,900,2340", "density,,2340", "has no temperature"),
        ("latent_heat,,430", "latent_heat,600,430", "is one number"),
        ("latent_heat,,430,kJ/kg", "latent_heat,,430000,kJ/kg", "outside"),
        ("latent_heat,,430", "hidden_heat,,430", "no property `hidden_heat`"),
        ("latent_heat,,430,kJ/kg,my foundry,aluminium\n", "", "is not known"),
        ("conductivity,615,80,W/(m K),my foundry,aluminium\nconductivity,900,85,W/(m K),my foundry,aluminium\n", "",
         "covers 0 to 560 °C, not the freezing range"),
        ("specific_heat,615,1140", "specific_heat,590,4800", "holds latent heat"),
        (",family\n", ",kin\n", "no family"),
        ("latent_heat,,430,kJ/kg,my foundry,aluminium", "latent_heat,,430,kJ/kg,my foundry,steel", "names 2 families"),
        ("430,kJ/kg,my foundry,aluminium", "430,kJ/kg,my foundry,aluminium,x", "more or fewer"),
        (",unit,", ",units,", "no column unit"),
    ],
)  # fmt: skip
def test_a_table_that_contradicts_itself_is_refused(tmp_path, old, new, says):
    assert old in OWN
    path = tmp_path / "mine.csv"
    path.write_text(OWN.replace(old, new), encoding="utf-8")
    with pytest.raises(MaterialError, match=says) as caught:
        read_alloy(path)
    assert caught.value.repair.say("en")


def test_a_curve_is_not_extrapolated():
    density = alloy("a356").density
    with pytest.raises(MaterialError, match="covers 0 to 900 °C, and 20 to 950 °C"):
        density.at([293.15, 1223.15])


def test_all_alloys_of_the_issue_are_there():
    wanted = (
        "A356",
        "AlSi9Cu3(Fe)",
        "EN-GJL-250",
        "HT250",
        "EN-GJS-400-15",
        "EN-GJS-500-7",
        "WCB",
        "CF3MN",
        "CF8M",
        "CuSn10",
    )
    assert {alloy(name).name for name in wanted} <= {got.name for got in alloys()}
