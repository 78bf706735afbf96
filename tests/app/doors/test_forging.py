"""Doors of forging: each answers what its task finds."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, cast

import pytest

from forgecast.app.doors.door import Door
from forgecast.app.doors.forging import DOORS
from forgecast.gateway.forging_case import read_forging_case
from forgecast.ground.errors import ForgecastError
from forgecast.metal.flow_metals import flow_metal
from forgecast.tasks.estimate_forging import estimate_forging
from tests.app.doors.calls import Asking

DOOR: dict[str, Door[Any]] = {door.name: door for door in DOORS}
EXAMPLES = Path(__file__).parents[3] / "examples"
METAL = {"metal": "c45", "density_kg_per_m3": 7500.0, "specific_heat_J_per_kgK": 690.0, "conductivity_W_per_mK": 29.0}
#: examples/forging/blank.toml, field by field.
BLANK = {
    **METAL, "title": "gear blank, made up", "part_cm3": 200.0, "billet_mm": 55.0, "flash_percent": 15.0,
    "scale_percent": 1.5, "target_degC": 1200.0, "spread_K": 50.0, "efficiency_percent": 55.0,
    "air_convection_W_per_m2K": 10.0, "air_emissivity_percent": 80.0, "transport_s": 6.0, "friction": 0.3,
    "speed_mm_per_s": 300.0, "cavity_mm": 96.0, "flash_thickness_mm": 2.2, "flash_width_mm": 9.0,
    "flash_temperature_degC": 1050.0, "machines": "machines.csv", "pieces_per_min": 8.0,
    "forming_efficiency_percent": 40.0, "heating_factor_kgCO2_per_kWh": 0.55, "forming_factor_kgCO2_per_kWh": 0.55,
}  # fmt: skip


@pytest.fixture
def ask(tmp_path: Path) -> Asking:
    """Return what asks doors; uploads are files of its folder."""
    asking = Asking(cast("Any", None), tmp_path / "attempt")  # no door of forging reads the plant
    for path in (EXAMPLES / "forging" / "machines.csv", *(EXAMPLES / "dies").glob("*.csv")):
        (asking.folder / path.name).write_bytes(path.read_bytes())
    return asking


def test_the_estimate_is_that_of_the_same_case_in_a_file(ask: Asking) -> None:
    found = ask(DOOR["estimate"], **BLANK)
    told = estimate_forging(read_forging_case(EXAMPLES / "forging" / "blank.toml")).as_json()
    chart = found.pop("chart")
    for findings in (found["findings"], told["findings"]):
        for one in findings:
            one["place"].pop("file")  # the form has no file of its own
    assert found == told
    assert max(chart["series"][0]["values"]) == pytest.approx(found["stroke"]["force_N"] / 1e6)
    assert len(chart["x"]) == len(chart["series"][0]["values"])


def test_what_the_form_of_dies_needs_and_lacks_is_named(ask: Asking) -> None:
    with pytest.raises(ForgecastError) as refused:
        ask(DOOR["estimate"], **{**BLANK, "cavity_mm": None})
    assert "cavity" in refused.value.say("en")


def test_a_billet_weighs_what_goes_into_it(ask: Asking) -> None:
    found = ask(DOOR["billet"], part_cm3=200, density_kg_per_m3=7500, diameter_mm=55, flash_percent=15, scale_percent=2)
    assert found["mass_kg"] == pytest.approx(7500 * 200e-6 * 1.15 / 0.98)
    assert found["length_mm"] == pytest.approx(1000 * 200e-6 * 1.15 / 0.98 / (math.pi / 4 * 0.055**2))
    assert found["scale_kg"] == pytest.approx(0.02 * found["mass_kg"])


def test_the_flow_stress_of_a_metal_is_its_law(ask: Asking) -> None:
    assert "c45" in {one["name"] for one in ask(DOOR["metals"])["metals"]}
    found = ask(DOOR["flow-stress"], metal="c45", strain=0.5, at_degC=[1100.0], rate_per_s=[10.0])
    (value,) = found["values"]
    assert value["stress_Pa"] == pytest.approx(float(flow_metal("c45").law.stress(0.5, 10.0, 1373.15)))
    assert len(found["chart"]["series"]) == 1
    with pytest.raises(ForgecastError):
        ask(DOOR["flow-stress"], metal="c45", rate_per_s=[-1.0])


def test_rings_tell_the_friction_they_were_made_with(ask: Asking) -> None:
    from forgecast.forging.ring import upset_ring

    ring = upset_ring(0.036, 0.018, 0.012, 0.25, reduction=0.45)
    rows = ["height [mm],bore [mm]"]
    for at in (0.2, 0.3, 0.4):
        bore = 18.0 * (1.0 - float(ring.bore_decrease(at)))
        rows.append(f"{12.0 * (1.0 - at)!r},{bore!r}")
    (ask.folder / "rings.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = ask(DOOR["ring-test"], rings="rings.csv", outer_mm=36.0, bore_mm=18.0, height_mm=12.0)
    # The rings were made by the same theory, so only the search for the best factor is between.
    assert found["friction_factor"] == pytest.approx(0.25, abs=2e-3)
    assert found["chart"]["series"][-1]["values"] == pytest.approx([100 * r["bore_decrease"] for r in found["rings"]])


def test_values_that_belong_together_are_all_asked(ask: Asking) -> None:
    (ask.folder / "curves.csv").write_text("strain [1]\n0.1\n", encoding="utf-8")
    with pytest.raises(ForgecastError, match="belong together"):
        ask(DOOR["fit-flow-stress"], curves="curves.csv", friction=0.2)


def test_coefficients_come_back_from_curves_of_their_own_law(ask: Asking) -> None:
    law = flow_metal("c45").law
    rows = ["strain [1],rate [1/s],temperature [degC],stress [MPa]"]
    for degC in (950, 1050, 1150):
        for rate in (0.1, 1.0, 10.0):
            rows += [f"{s / 20},{rate},{degC},{float(law.stress(s / 20, rate, degC + 273.15)) / 1e6!r}"
                     for s in range(1, 17)]  # fmt: skip
    (ask.folder / "curves.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = ask(DOOR["fit-flow-stress"], curves="curves.csv")
    assert found["points"] == 9 * 16
    # Another form than the one the curves were made with: what is left over is its lack of fit.
    assert found["root_mean_square"] < 0.1
    assert {"flow_stress.png", "flow_stress.toml", "summary.json"} == {path.name for path in ask.files.iterdir()}


@pytest.mark.slow
def test_a_stroke_is_drawn_step_by_step(ask: Asking) -> None:
    found = ask(
        DOOR["press"], **METAL, billet_mm=50.0, height_mm=32.3, billet_degC=1200.0, lower="gear_blank_lower.csv",
        upper="gear_blank_upper.csv", unit="mm", friction=0.3, flash_from_mm=36.0, machines="machines.csv",
        machine="crank press 6.3 MN", side_mm=4.0,
    )  # fmt: skip
    assert found["ended"] == "closed"
    assert max(found["chart"]["series"][0]["values"]) == pytest.approx(found["force_high_N"] / 1e6)
    for field in ("temperature", "strain"):
        left = [one["left_mm"] for one in found["pictures"][field]]
        assert left == sorted(left, reverse=True)
        assert all((ask.files / one["file"]).is_file() for one in found["pictures"][field])
