"""Proofs of the estimates of forging: closed forms, limits that reduce to known solutions, balances."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forgecast.forging.billet import cut_billet
from forgecast.forging.billet_cooling import STEFAN_BOLTZMANN, Air, cool_in_air
from forgecast.forging.choose_machine import Candidate, choose_machine
from forgecast.forging.error import ForgingError
from forgecast.forging.flash import FlashLand, flash_rules, long_die_load, round_die_load
from forgecast.forging.heating import Metal, heat_by_induction, heat_in_furnace, lumped_time, scaled_mass
from forgecast.forging.machine import CrankPress, EnergyMachine, HydraulicPress
from forgecast.forging.piece_energy import piece_energy
from forgecast.forging.plane_strain import platens_shear
from forgecast.forging.ring import upset_ring
from forgecast.forging.stroke import Stroke, closed, stroke, upset_bar, upset_cylinder, upset_of_ring
from forgecast.forging.upsetting import shear_friction_pressure

STEEL = Metal(7500.0, 690.0, 29.0)
STRESS = 100e6


class Rigid:
    """A metal of one flow stress."""

    def stress(self, strain, rate, temperature):
        return np.full(np.broadcast(strain, rate, temperature).shape, STRESS)

    def rate_slope(self, strain, rate, temperature):
        return np.zeros(np.broadcast(strain, rate, temperature).shape)


def test_a_billet_holds_the_part_and_what_is_lost() -> None:
    billet = cut_billet(200e-6, 7500.0, 0.055, flash=30e-6, clips=10e-6, scale_share=0.02)
    assert billet.volume * 0.98 == pytest.approx(240e-6, rel=1e-12)
    assert math.pi * 0.055**2 / 4.0 * billet.length == pytest.approx(billet.volume, rel=1e-12)
    assert billet.mass == pytest.approx(7500.0 * billet.volume, rel=1e-12)
    assert billet.metal_yield == pytest.approx(200.0 * 0.98 / 240.0, rel=1e-12)


def test_an_even_body_under_radiation_alone_takes_its_closed_form() -> None:
    furnace = Air(1553.15, 0.0, 0.8)

    def primitive(t: float) -> float:
        ratio = t / furnace.temperature
        return (math.log((1 + ratio) / (1 - ratio)) + 2 * math.atan(ratio)) / (4 * furnace.temperature**3)

    exact = 7500.0 * 690.0 * 0.0125 * (primitive(1473.15) - primitive(293.15)) / (0.8 * STEFAN_BOLTZMANN)
    assert lumped_time(293.15, 1473.15, furnace, STEEL, 0.0125) == pytest.approx(exact, rel=1e-8)


def test_an_even_body_under_convection_alone_takes_its_logarithm() -> None:
    furnace = Air(1500.0, 100.0, 0.0)
    exact = 7500.0 * 690.0 * 0.0125 / 100.0 * math.log((1500.0 - 300.0) / (1500.0 - 1400.0))
    assert lumped_time(300.0, 1400.0, furnace, STEEL, 0.0125) == pytest.approx(exact, rel=1e-8)


def test_a_billet_that_conducts_well_heats_as_an_even_body() -> None:
    furnace = Air(1553.15, 20.0, 0.8)
    even = heat_in_furnace(0.05, 293.15, 1473.15, furnace, Metal(7500.0, 690.0, 2.9e4), spread=30.0)
    # Steps of the heat equation, a thousandth of the time each, in second order; times told to 1/240.
    assert even.time == pytest.approx(even.lumped, rel=2e-3)
    real = heat_in_furnace(0.05, 293.15, 1473.15, furnace, STEEL, spread=30.0)
    # Conduction holds the surface up, so it takes in less: the real billet is slower.
    assert 1.005 * real.lumped < real.time < 1.3 * real.lumped
    assert real.curve.mean[-1] >= 1473.15
    assert real.curve.surface[-1] - real.curve.centre[-1] <= 30.0


def test_the_spread_decides_where_it_is_narrow() -> None:
    furnace = Air(1553.15, 20.0, 0.8)
    wide, narrow = (heat_in_furnace(0.12, 293.15, 1473.15, furnace, STEEL, spread=s) for s in (60.0, 8.0))
    assert narrow.time > 1.05 * wide.time
    assert narrow.curve.surface[-1] - narrow.curve.centre[-1] <= 8.0


def test_a_coil_heats_as_the_parabola_of_a_steady_flux() -> None:
    made = heat_by_induction(0.05, 2.0, 293.15, 1473.15, STEEL, efficiency=0.6, spread=40.0)
    assert made.uneven == pytest.approx(40.0, rel=1e-12)
    assert made.heat == pytest.approx(2.0 * 690.0 * 1180.0, rel=1e-12)
    assert made.power * made.time * 0.6 == pytest.approx(made.heat, rel=1e-12)
    # The same flux, as a film so steep that the billet's own temperature does not matter, through the rings.
    hot = 1e7
    film = Air(hot, made.heat / 2.0 * 7500.0 * 0.0125 / made.time / hot, 0.0)
    rings = cool_in_air(0.05, 293.15, [made.time], film, density=7500.0, specific_heat=690.0, conductivity=29.0,
                        step=made.time / 2000)  # fmt: skip
    # The outermost ring of eighty and the film's 1.5e-4.
    assert rings.surface[-1] - rings.centre[-1] == pytest.approx(40.0, rel=0.005)


def test_scale_grows_with_the_root_of_time_and_adds_up_in_squares() -> None:
    t = np.linspace(0.0, 900.0, 400)
    k = 2.0 * math.exp(-150e3 / (8.31446261815324 * 1473.15))
    assert scaled_mass(t, np.full(t.size, 1473.15), 2.0, 150e3) == pytest.approx(math.sqrt(k * 900.0), rel=1e-9)
    kelvin = np.linspace(900.0, 1473.15, t.size)
    first, second = scaled_mass(t[:200], kelvin[:200], 2.0, 150e3), scaled_mass(t[199:], kelvin[199:], 2.0, 150e3)
    assert scaled_mass(t, kelvin, 2.0, 150e3) ** 2 == pytest.approx(first**2 + second**2, rel=1e-9)


def test_a_closed_die_of_one_height_is_an_upset_cylinder() -> None:
    land = FlashLand(0.02, 0.01, None)
    load = round_die_load(0.04, 0.02, land, stress=STRESS, flash_stress=STRESS, m=0.4)
    ratio = shear_friction_pressure(0.05, 0.02, 0.4)
    assert load.mean == pytest.approx(float(ratio) * STRESS, rel=1e-12)
    bar = long_die_load(0.08, 0.02, land, length=0.3, stress=STRESS, flash_stress=STRESS, m=0.4)
    plane = 2.0 / math.sqrt(3.0) * float(platens_shear(0.10, 0.02, 0.4))
    assert bar.mean == pytest.approx(plane * STRESS, rel=1e-12)


@pytest.mark.parametrize("long", [False, True])
def test_the_force_of_a_closed_die_is_its_pressure_added_up(long: bool) -> None:
    land = FlashLand(0.002, 0.009, None)
    given = {"stress": STRESS, "flash_stress": 1.6 * STRESS, "m": 0.35}
    load = (
        long_die_load(0.09, 0.028, land, length=0.3, **given) if long else round_die_load(0.045, 0.028, land, **given)
    )
    around = 2.0 * 0.3 if long else 2.0 * math.pi * load.place
    assert float(np.trapezoid(around * load.pressure, load.place)) == pytest.approx(load.force, rel=1e-3)
    thin = round_die_load(0.045, 0.028, FlashLand(0.001, 0.009, None), **given)
    assert thin.force > 1.3 * round_die_load(0.045, 0.028, land, **given).force


def test_a_frictionless_stroke_takes_the_work_of_its_strain() -> None:
    volume = 2e-4
    way = stroke(Rigid(), 1400.0, 0.3, 0.09, 0.03, upset_cylinder(volume, 0.0))
    # The trapezium of 1/h in 120 steps.
    assert way.work == pytest.approx(STRESS * volume * math.log(3.0), rel=2e-4)
    assert way.force[-1] == pytest.approx(STRESS * volume / 0.03, rel=1e-12)
    assert way.strain[-1] == pytest.approx(math.log(3.0), rel=1e-12)
    assert way.rate[-1] == pytest.approx(10.0, rel=1e-12)
    bar = stroke(Rigid(), 1400.0, 0.3, 0.09, 0.03, upset_bar(volume, 0.2, 0.0))
    assert bar.work == pytest.approx(2.0 / math.sqrt(3.0) * STRESS * volume * math.log(3.0), rel=2e-4)


def test_the_stroke_of_a_ring_is_that_of_the_ring_test() -> None:
    way = stroke(Rigid(), 1400.0, 0.3, 0.012, 0.006, upset_of_ring(0.036, 0.018, 0.012, 0.3))
    ring = upset_ring(0.036, 0.018, 0.012, 0.3, reduction=0.5)
    area = math.pi / 4.0 * (ring.outer[-1] ** 2 - ring.bore[-1] ** 2)
    assert way.force[-1] == pytest.approx(area * ring.pressure[-1] * STRESS, rel=1e-9)


def test_the_rise_to_the_last_load_is_a_triangle_more() -> None:
    opened = stroke(Rigid(), 1400.0, 0.3, 0.09, 0.03, upset_cylinder(2e-4, 0.3))
    last = 4.0 * float(opened.force[-1])
    shut = closed(opened, last, 0.002)
    assert shut.force[-1] == pytest.approx(last)
    at = float(np.interp(0.002, opened.travel[::-1], opened.force[::-1]))
    before = float(np.interp(0.002, opened.travel[::-1], opened.works[::-1]))
    assert shut.work == pytest.approx(before + 0.001 * (at + last), rel=1e-4)


def steady(force: float, way: float) -> Stroke:
    travel = np.linspace(way, 0.0, 400)
    flat = np.ones(400)
    return Stroke(travel, force * flat, flat, flat, flat)


def test_machines_are_judged_by_force_energy_stroke_and_time() -> None:
    asked = steady(1e6, 0.05)  # 50 kJ
    nan = math.nan
    judged = {
        one.candidate.name: one
        for one in choose_machine(
            (
                Candidate("slow", "hydraulic", HydraulicPress(0.1, 2e6), 0.6, nan, nan),
                Candidate("weak", "hydraulic", HydraulicPress(0.1, 0.9e6), 0.6, nan, nan),
                Candidate("short", "hydraulic", HydraulicPress(0.1, 2e6), 0.04, nan, nan),
                Candidate("screw", "screw", EnergyMachine(100e3, 0.6, 0.7, 5e6), 0.4, nan, nan),
                Candidate("small screw", "screw", EnergyMachine(60e3, 0.6, 0.7, 5e6), 0.4, nan, nan),
                Candidate("hammer", "hammer", EnergyMachine(25e3, 5.0, 0.8), 0.9, 1.5, nan),
                Candidate("high crank", "crank", CrankPress(0.2, 1.0, 1.5, 1.2e6, 0.005), 0.2, 1.5, 80e3),
            ),
            asked,
            pieces=nan,
        )
    }
    assert judged["slow"].fits is True
    assert judged["slow"].force_used == pytest.approx(0.5)
    assert judged["slow"].contact == pytest.approx(0.5, rel=1e-3)  # 50 mm at 100 mm/s
    assert judged["weak"].fits is False
    assert judged["short"].fits is False
    assert judged["screw"].fits is True
    # Speed falls as sqrt(1 - W/E) with W in a line: the mean of its inverse is 2 (1 - sqrt(1-a)) / a; midpoints.
    a = 50.0 / 70.0
    assert judged["screw"].contact == pytest.approx(0.05 / 0.6 * 2 * (1 - math.sqrt(1 - a)) / a, rel=1e-3)
    assert judged["small screw"].fits is False
    assert judged["hammer"].blows == 3  # 50 kJ at 20 kJ each
    assert judged["hammer"].fits is True
    # 50 mm above the bottom the torque of 1.2 MN at 5 mm gives far less.
    assert judged["high crank"].fits is False
    assert judged["high crank"].force_used > 2.0


def test_the_most_used_machine_that_fits_comes_first_and_what_is_not_known_is_said() -> None:
    asked = steady(1e6, 0.05)
    nan = math.nan
    judged = choose_machine(
        (
            Candidate("large", "hydraulic", HydraulicPress(0.1, 9e6), nan, nan, nan),
            Candidate("right", "hydraulic", HydraulicPress(0.1, 1.2e6), nan, nan, nan),
            Candidate("weak", "hydraulic", HydraulicPress(0.1, 0.5e6), nan, nan, nan),
        ),
        asked,
    )
    assert [one.candidate.name for one in judged] == ["right", "large", "weak"]
    (asked_for,) = choose_machine((Candidate("right", "hydraulic", HydraulicPress(0.1, 1.2e6), nan, nan, nan),), asked,
                                  pieces=0.1)  # fmt: skip
    assert asked_for.fits is None


def test_energy_adds_up_and_what_is_not_known_stays_so() -> None:
    made = piece_energy(1.4e6, 20e3, heating_efficiency=0.5, forming_efficiency=0.4, heating_factor=1e-7,
                        forming_factor=2e-7)  # fmt: skip
    assert made.total == pytest.approx(2.8e6 + 50e3)
    assert made.carbon == pytest.approx(0.28 + 0.01)
    assert math.isnan(piece_energy(1.4e6, 20e3, heating_efficiency=0.5).forming)
    assert math.isnan(piece_energy(1.4e6, 20e3, heating_efficiency=0.5, forming_efficiency=0.4).carbon)
    with pytest.raises(ForgingError, match="cannot be"):
        piece_energy(1.0, 1.0, heating_efficiency=1.2)


def test_rules_for_the_land_are_marked_as_not_verified() -> None:
    for land in flash_rules(1.5, 7e-3).values():
        assert land.source is not None
        assert land.source.confidence == "unverified"
        assert 0.001 < land.thickness < land.width < 0.02
