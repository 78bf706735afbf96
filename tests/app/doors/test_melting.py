"""Doors of the melt shop answer what its tasks say, in the units their names tell."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from forgecast.app.doors.melting import DOORS
from forgecast.ground.dates import local_day
from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.balance_metal import balance_metal
from forgecast.tasks.import_files import import_files
from forgecast.tasks.new_plant import new_plant
from tests.app.doors.calls import Asking

DOOR = {door.name: door for door in DOORS}


@pytest.fixture(scope="module")
def ask(sample_plant: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with PlantFolder.open(sample_plant) as plant:
        yield Asking(plant, tmp_path_factory.mktemp("asked"))


@pytest.fixture(scope="module")
def shop(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """Return what asks the doors of the example's melt shop, whose lots have prices and analyses."""
    folder = tmp_path_factory.mktemp("shop")
    new_plant(folder / "plant", name="Melt shop")
    with PlantFolder.open(folder / "plant") as plant:
        import_files(plant, sorted((root / "examples" / "plants" / "melt_shop").glob("*.csv")))
        yield Asking(plant, folder / "asked")


def case(root: Path, name: str) -> dict[str, object]:
    return tomllib.loads((root / "examples" / "melting" / f"{name}.toml").read_text("utf-8"))


def test_without_a_day_the_last_one_with_a_heat_is_told(ask: Asking):
    rows = ask.plant.records.read("heat")
    zone = ask.plant.settings.zone
    last = max(local_day(int(row["tapped_at"] or 0), zone) for row in rows)
    told = ask(DOOR["heats"])
    assert told["from_on"] == told["to_on"] == last.isoformat()
    expected = {str(row["id"]) for row in rows if local_day(int(row["tapped_at"] or 0), zone) == last}
    assert {one["id"] for one in told["heats"]} == expected


def test_days_add_up_to_the_heats_on_record(ask: Asking):
    told = ask(DOOR["days"], days=365)["days"]
    assert len(told) == 365
    assert sum(day["heats"] for day in told) == ask.plant.records.count("heat")
    total = sum(float(row["mass"] or 0.0) for row in ask.plant.records.read("heat"))
    assert sum(day["mass_kg"] for day in told) == pytest.approx(total, rel=1e-12)  # sums in another order


def test_a_heat_comes_with_all_that_names_it_or_its_ladles(ask: Asking):
    ladle = ask.plant.records.read("ladle")[-1]
    told = ask(DOOR["heat"], id=str(ladle["heat"]))
    ladles = ask.plant.records.read("ladle", heat=str(ladle["heat"]))
    assert [one["key"][0] for one in told["ladles"]] == [str(row["id"]) for row in ladles]
    treated = ask.plant.records.read("treatment", ladle=[str(row["id"]) for row in ladles])
    assert len(told["treatments"]) == len(treated) > 0
    assert told["energy_kWh_per_t"] == pytest.approx(
        1000.0 * told["values"]["energy_kWh"] / told["values"]["mass"], rel=1e-12
    )
    assert list(told["contents_percent"])[:3] == ["C", "Si", "Mn"]


def test_a_heat_that_is_not_there_is_said(ask: Asking):
    with pytest.raises(ForgecastError, match="no heat H-0"):
        ask(DOOR["heat"], id="H-0")


def test_a_charge_out_of_a_form_is_that_of_the_same_case_as_a_file(ask: Asking, root: Path):
    from forgecast.gateway.charge_case import read_charge_case
    from forgecast.tasks.mix_charge import mix_charge

    told = ask(DOOR["charge"], case=case(root, "ductile_iron"))
    other = mix_charge(read_charge_case(root / "examples" / "melting" / "ductile_iron.toml"))
    assert told["cost_per_t"] == pytest.approx(other.mix.cost_per_tonne, rel=1e-9)  # the same solver, twice
    assert told["binding"]


def test_limits_that_conflict_are_named_with_the_smallest_way_out(ask: Asking, root: Path):
    content = case(root, "ductile_iron")
    content["limit"] = [*content["limit"], {"name": "no silicon", "element": "Si", "highest": "0.1 %"}]  # type: ignore[misc]
    content["limit"] = [one for one in content["limit"] if one.get("element") != "Si" or "name" in one]
    content["limit"].append({"name": "silicon", "element": "Si", "lowest": "2.4 %"})
    told = ask(DOOR["charge"], case=content)
    assert told["feasible"] is False
    assert told["conflict"]["members"]
    assert told["cost_per_t"] is None


def test_what_is_wrong_in_a_form_is_said_by_its_field(ask: Asking, root: Path):
    content = case(root, "ductile_iron")
    content["material"][0]["price"] = "3300"  # type: ignore[index]
    with pytest.raises(ForgecastError) as raised:
        ask(DOOR["charge"], case=content)
    assert "material[1].price" in raised.value.where


def test_a_case_over_the_network_reads_no_file_of_the_server(ask: Asking, root: Path):
    content = {**case(root, "ductile_iron"), "materials": "/etc/passwd"}
    with pytest.raises(ForgecastError, match="stand in it"):
        ask(DOOR["charge"], case=content)


def test_lots_of_the_yard_are_charged(shop: Asking, root: Path):
    content = {key: value for key, value in case(root, "from_lots").items() if key != "materials"}
    told = shop(DOOR["charge"], case=content, lots=True, ranges=0)
    assert told["feasible"]
    start = shop(DOOR["start"])
    stock = {one["lot"]: one["stock_kg"] for one in start["lots"]}
    used = {one["material"]: one["mass_kg"] for one in told["masses"] if one["mass_kg"] > 1e-6}
    lots = {name: mass for name, mass in used.items() if name in stock}
    assert lots
    assert all(mass <= stock[name] * (1.0 + 1e-9) for name, mass in lots.items())  # the solver's own tolerance


def test_a_ladle_is_corrected_as_from_its_file(ask: Asking, root: Path):
    from forgecast.gateway.correction_case import read_correction_case
    from forgecast.tasks.correct_melt import correct_melt

    told = ask(DOOR["correct"], case=case(root, "ladle"), history=False)
    other = correct_melt(read_correction_case(root / "examples" / "melting" / "ladle.toml"))
    assert [one["mass_kg"] for one in told["additions"]] == pytest.approx(list(other.correction.additions), rel=1e-9)


def test_a_cooling_curve_is_read_and_drawn(ask: Asking, root: Path):
    shutil.copy(root / "examples" / "melting" / "cup.csv", ask.folder / "cup.csv")
    told = ask(DOOR["curve"], upload="cup.csv", alloy="iron", graphite_degC=1153.0, white_degC=1113.0)
    signs = [mark["sign"] for mark in told["marks"]]
    assert signs == ["TL", "TElow", "TEhigh", "TS"]
    low = next(mark for mark in told["marks"] if mark["sign"] == "TElow")
    assert low["temperature_degC"] == pytest.approx(told["eutectic"]["low"]["temperature_K"] - 273.15, abs=1e-9)
    assert (ask.files / told["picture"]).read_bytes()[:4] == b"\x89PNG"
    assert len(told["time_s"]) == len(told["readings_degC"]) <= 4000


def test_the_balance_is_that_of_the_task_and_judges_nothing_unasked(shop: Asking):
    told = shop(DOOR["balance"])
    assert told["alloys"] == balance_metal(shop.plant).as_json()["alloys"]
    assert all(month["closes"] is None for one in told["alloys"] for month in one["months"])
    judged = shop(DOOR["balance"], scale=0.005, doubts=["loss=0.1"])
    assert judged["doubts"]["loss"] == 0.1
    with pytest.raises(ForgecastError, match="no doubt of a stream"):
        shop(DOOR["balance"], scale=0.005, doubts=["steam=0.1"])


def test_a_plant_without_sampled_ladles_is_told_what_to_record(ask: Asking):
    with pytest.raises(ForgecastError) as raised:
        ask(DOOR["fade"], spread_percent=0.001)
    assert "nodularising" in raised.value.repair.say("en")
