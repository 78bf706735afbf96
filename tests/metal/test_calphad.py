"""Freezing from composition, against values computed elsewhere (the databases' README) and handbook ranges."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from forgecast.metal import calphad
from forgecast.metal.alloy import alloy
from forgecast.metal.calphad import Freezing, cache_folder, freezing, with_freezing
from forgecast.metal.error import MaterialError


@pytest.fixture(scope="session")
def databases(shared):
    pytest.importorskip("scheil", reason="the extra calphad is not installed")
    return shared / "data" / "thermo-tdb"


def _liquid_at(got: Freezing, temperature: float) -> float:
    return 1.0 - float(np.interp(temperature, got.temperature, got.solid_fraction))


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "low", "high", "liquid"), [("COST507.tdb", 888.0, 890.0, 0.673), ("cost507R.TDB", 890.0, 892.0, 0.662)]
)
def test_al_7si_freezes_as_the_readme_of_the_databases_says(databases, tmp_path, file, low, high, liquid):
    got = freezing(databases / file, "Al", {"Si": 0.07}, cache=tmp_path)
    assert got.model == "scheil"
    assert low < got.liquidus < high
    assert 840.0 < got.solidus < 870.0
    # README: mole fraction in equilibrium at 870 K; by mass and Scheil it differs by less than 2 %.
    assert _liquid_at(got, 870.0) == pytest.approx(liquid, abs=0.02)
    # Phase diagram: eutectic at 850 K, half of the alloy freezing there.
    assert got.solidus == pytest.approx(850.0, abs=1.0)
    assert 389e3 < got.latent_heat < 480e3
    assert got.solid_fraction[0] == 1.0
    assert got.solid_fraction[-1] == 0.0
    assert (np.diff(got.solid_fraction) <= 0.0).all()


@pytest.mark.slow
@pytest.mark.real_data
def test_cast_iron_freezes_as_the_readme_of_the_databases_says(databases, tmp_path):
    got = freezing(databases / "iron4cd.TDB", "FE", {"C": 0.036, "SI": 0.024}, cache=tmp_path)
    assert got.model == "lever"
    assert 1430.0 <= got.solidus <= 1440.0 <= got.liquidus <= 1450.0
    # 2.10 of the facts: 220 to 250 kJ/kg for the irons.
    assert 220e3 < got.latent_heat < 250e3
    assert "GRAPHITE_A9" in got.phases
    assert "FCC_A1" not in got.phases
    iron = with_freezing(alloy("QT400-15"), got, licence="CC BY 4.0")
    assert iron.solidus == got.solidus
    melt = iron.medium()
    at = np.interp([got.solidus - 5.0, got.liquidus + 5.0], melt.temperature, melt.enthalpy)
    # Latent heat over a range of a few kelvin: the rest is cooling by 10 to 15 K at under 1 kJ/(kg K).
    assert (at[1] - at[0]) / melt.density == pytest.approx(got.latent_heat, abs=15e3)
    ours = [source for source in iron.sources if "iron4cd" in source.source.say("en")]
    assert any(source.licence == "CC BY 4.0" and "latent heat" in source.what.say("en") for source in ours)


@pytest.mark.slow
@pytest.mark.real_data
def test_a_carbon_steel_freezes_within_its_known_range(databases, tmp_path):
    got = freezing(databases / "cfe_broshe.tdb", "FE", {"C": 0.0045}, cache=tmp_path)
    # README, Fe-0.45C: 0.691 mole of liquid at 1765 K, all liquid at 1780 K, austenite alone up to 1700 K.
    assert got.solidus > 1700.0
    assert 1765.0 < got.liquidus < 1780.0
    assert _liquid_at(got, 1765.0) == pytest.approx(0.691, abs=0.02)


@pytest.mark.slow
@pytest.mark.real_data
def test_the_shipped_a356_and_the_computed_one_freeze_alike(databases, tmp_path):
    """The shipped solid fraction is another program's; Scheil with Mg2Si must come near it."""
    got = freezing(
        databases / "COST507.tdb", "AL", {"SI": 0.07, "MG": 0.0035},
        phases=("LIQUID", "FCC_A1", "DIAMOND_A4", "MG2SI"), cache=tmp_path,
    )  # fmt: skip
    shipped = alloy("A356")
    assert got.liquidus == pytest.approx(shipped.liquidus, abs=2.0)
    assert got.solidus == pytest.approx(shipped.solidus, abs=2.0)
    at = np.linspace(shipped.solidus + 20.0, shipped.liquidus - 2.0, 30)
    apart = np.abs(np.interp(at, got.temperature, got.solid_fraction) - shipped.solid_fraction.at(at))
    # Around the eutectic a shift of 2 K moves the fraction by up to 0.2; elsewhere they agree closely.
    assert np.median(apart) < 0.02
    assert got.latent_heat == pytest.approx(shipped.latent_heat, rel=0.02)


def _made_up() -> Freezing:
    return Freezing(
        temperature=(850.0, 850.0, 870.0, 889.0),
        solid_fraction=(1.0, 0.5, 0.3, 0.0),
        latent_heat=440e3,
        model="scheil",
        phases=("LIQUID", "FCC_A1"),
        database="made up",
        composition=(("SI", 0.07),),
        base="AL",
    )


def test_a_result_on_the_disk_is_taken_without_the_library(tmp_path, monkeypatch):
    database = tmp_path / "made_up.tdb"
    database.write_text("ELEMENT AL FCC_A1 26.98 4577 28.3 !", encoding="utf-8")
    calls = []

    class Solver:
        def __init__(self, *_arguments):
            calls.append("solved")

        def scheil(self, _step):
            return np.array(_made_up().temperature), np.array(_made_up().solid_fraction)

        def latent_heat(self):
            return 440e3

    monkeypatch.setattr(calphad, "_library", lambda: None)
    monkeypatch.setattr(calphad, "_database", lambda *_arguments: None)
    monkeypatch.setattr(calphad, "_phases", lambda *_arguments: ["LIQUID", "FCC_A1"])
    monkeypatch.setattr(calphad, "_Solver", Solver)
    cache = tmp_path / "cache"
    first = freezing(database, "AL", {"SI": 0.07}, cache=cache)
    again = freezing(database, "al", {"si": 0.07}, cache=cache)
    assert calls == ["solved"]
    assert again == first
    assert again.temperature == _made_up().temperature
    # Another composition, model or content of the database is another result.
    freezing(database, "AL", {"SI": 0.071}, cache=cache)
    database.write_text("ELEMENT AL FCC_A1 26.98 4577 28.4 !", encoding="utf-8")
    freezing(database, "AL", {"SI": 0.07}, cache=cache)
    assert len(calls) == 3
    # A damaged file is computed anew; half a file never stands there.
    for kept in cache.iterdir():
        assert kept.suffix == ".json"
        json.loads(kept.read_text(encoding="utf-8"))
        kept.write_text("{", encoding="utf-8")
    freezing(database, "AL", {"SI": 0.07}, cache=cache)
    assert len(calls) == 4


def test_a_computed_alloy_keeps_the_rest_and_shows_its_origin():
    shipped = alloy("A356")
    got = with_freezing(shipped, _made_up())
    assert (got.solidus, got.liquidus, got.latent_heat) == (850.0, 889.0, 440e3)
    assert got.number("viscosity") == shipped.number("viscosity")
    assert got.number("eutectic") is None
    text = [
        source
        for source in got.sources
        if "solid fraction" in source.what.say("en") and "made up" in source.source.say("en")
    ]
    assert len(text) == 1
    assert "7Si" in text[0].source.say("zh")
    melt = got.medium()
    assert melt.enthalpy[-1] > melt.enthalpy[0]
    jump = np.flatnonzero(np.diff(melt.temperature) == 0.0)
    assert melt.temperature[jump].tolist() == [850.0]
    assert np.diff(melt.enthalpy)[jump[0]] == pytest.approx(0.5 * 440e3 * melt.density, rel=1e-9)


def test_without_the_extra_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    database = tmp_path / "some.tdb"
    database.write_text("", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "scheil", None)
    with pytest.raises(MaterialError) as caught:
        freezing(database, "AL", {"SI": 0.07}, cache=tmp_path)
    assert 'pip install "forgecast[calphad]"' in caught.value.repair.say("en")


@pytest.mark.parametrize("composition", [{}, {"SI": 7.0}, {"SI": -0.07}, {"AL": 0.5}, {"SI": 0.5, "CU": 0.45}])
def test_a_composition_that_makes_no_sense_is_refused(tmp_path, composition):
    with pytest.raises(MaterialError, match="composition"):
        freezing(tmp_path / "none.tdb", "AL", composition, cache=tmp_path)


def test_a_database_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(MaterialError, match="cannot be read"):
        freezing(tmp_path / "none.tdb", "AL", {"SI": 0.07}, cache=tmp_path)


@pytest.mark.real_data
def test_phases_and_elements_the_database_lacks_are_refused(databases, tmp_path):
    with pytest.raises(MaterialError, match="does not know CR, MOONDUST"):
        freezing(
            databases / "cfe_broshe.tdb", "FE", {"C": 0.01, "CR": 0.01}, phases=("LIQUID", "MOONDUST"), cache=tmp_path
        )
    with pytest.raises(MaterialError, match="no liquid"):
        freezing(databases / "cfe_broshe.tdb", "FE", {"C": 0.01}, phases=("FCC_A1", "BCC_A2"), cache=tmp_path)
    broken = tmp_path / "broken.tdb"
    broken.write_text("this is no database", encoding="utf-8")
    with pytest.raises(MaterialError):
        freezing(broken, "FE", {"C": 0.01}, cache=tmp_path)


def test_the_cache_lies_where_the_system_keeps_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_folder() == tmp_path / "forgecast" / "calphad"
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.setattr(sys, "platform", "win32")
    assert cache_folder() == tmp_path / "local" / "forgecast" / "calphad"
