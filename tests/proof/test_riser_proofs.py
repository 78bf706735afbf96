"""Proofs of the rules for risers, feeding and gating: problems whose solution is known, and their solution."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from forgecast.casting.chill import chill_gain, chill_mass, chilled_modulus
from forgecast.casting.feeding import feeding_distance
from forgecast.casting.gating import (
    GRAVITY,
    choke_area,
    effective_head,
    find_ratio,
    spread,
    sprue_top_area,
    still_fall,
    surface_velocity,
)
from forgecast.casting.pouring import pouring_times
from forgecast.casting.riser import Fed, Form, compare_rules, propose_riser, shape_factor, shipped_constants

#: Steel plate 250 x 250 x 50 mm: V = 3125 cm3, A = 1750 cm2, M = 1.785714 cm.
PLATE = Fed(0.25 * 0.25 * 0.05, 2 * 0.25 * 0.25 + 4 * 0.25 * 0.05, shape_factor(0.25, 0.25, 0.05))


@pytest.mark.parametrize(
    ("family", "rule", "height_ratio", "centimetres"),
    [
        # Caine's hyperbola solved by hand calculation, worked textbook exercise; six digits are stated.
        ("steel", "caine", 1.0, 12.8456),
        ("aluminium", "caine", 1.0, 13.4934),
        ("grey-iron", "caine", 1.0, 15.0187),
        ("steel", "modulus", 1.0, 12.8571),
        ("steel", "modulus", 1.5, 11.4286),
        ("steel", "shape-factor", 1.0, 12.2033),
        ("steel", "volume", 1.0, 13.03),
    ],
)
def test_a_side_riser_for_a_plate(family, rule, height_ratio, centimetres):
    """Cylindrical side riser of a plate: every rule's diameter as worked by hand (half a unit of the last digit)."""
    found = {
        s.rule: s.diameter
        for s in compare_rules(PLATE, Form("cylinder", "side", height_ratio), shipped_constants(family))
    }
    digits = len(str(centimetres).partition(".")[2])
    assert 100.0 * found[rule] == pytest.approx(centimetres, abs=0.501 * 10.0**-digits)


@pytest.mark.parametrize(
    ("factor", "share"),
    [(2, 1.5028), (4, 0.8998), (6, 0.6666), (8, 0.5387), (10, 0.4567), (15, 0.3384), (20, 0.2735), (25, 0.2318)],
)
def test_volume_by_shape_factor(factor, share):
    """Vr/Vc = 2.51 SF^-0.74, worked by hand to four digits."""
    form = Form("cylinder", "side", 1.0)
    fed = Fed(1.0, 6.0, float(factor))
    found = {s.rule: s.diameter for s in compare_rules(fed, form, shipped_constants("steel"))}
    assert form.volume(found["shape-factor"]) == pytest.approx(share, abs=0.00006)


def test_a_plate_as_castcalc_works_it():
    """Published check of CastCalc: steel plate 20 x 20 x 2 cm, top riser, H/D 1.5.

    M = 0.8333 cm. In sand the volume governs with 0.05 x 800 / 0.09 = 444.4 cm3; with insulation 160 cm3, diameter
    5.1 cm and height 7.7 cm as it prints them.
    """
    fed = Fed(800e-6, 960e-4)
    assert fed.modulus == pytest.approx(0.83333e-2, abs=5e-8)
    plain = propose_riser(fed, Form(), shipped_constants("steel"))
    assert (plain.governing, plain.volume) == ("volume", pytest.approx(0.05 * 800e-6 / 0.09, rel=1e-12))
    insulated = propose_riser(fed, Form(), shipped_constants("steel", "insulating"))
    assert (insulated.governing, insulated.volume) == ("volume", pytest.approx(160e-6, rel=1e-12))
    assert (round(100 * insulated.diameter, 1), round(100 * insulated.height, 1)) == (5.1, 7.7)


def test_a_riser_of_one_centimetre_modulus():
    """Top riser, base not cooling, H/D 1.5: M = DH/(4H + D), so D = 7/1.5 cm at M = 1 cm."""
    form = Form("cylinder", "top", 1.5)
    diameter = form.diameter_of_modulus(0.01)
    assert diameter == pytest.approx(0.07 / 1.5, rel=1e-14)
    height = 1.5 * diameter
    assert diameter * height / (4 * height + diameter) == pytest.approx(0.01, rel=1e-14)


def test_sphere_cube_and_equal_cylinder_have_one_modulus():
    """V/A = D/6 of sphere, cube and cylinder H = D; so has a domed one of H = D, by its volume 5/24 and area 5/4 pi."""
    assert Form("cylinder", "side", 1.0).modulus(1.0) == pytest.approx(1.0 / 6.0, rel=1e-15)
    assert Form("domed", "side", 1.0).modulus(1.0) == pytest.approx(1.0 / 6.0, rel=1e-15)
    assert Form("domed", "side", 1.0).volume(1.0) == pytest.approx(5.0 * math.pi / 24.0, rel=1e-15)


def test_a_top_that_lets_no_heat_out_leaves_the_wall_only():
    """Top riser under a perfect topping: V/A = (pi D2 H/4) / (pi D H) = D/4, whatever its height."""
    for ratio in (0.7, 1.0, 2.0):
        assert Form("cylinder", "top", ratio, 0.0).modulus(0.2) == pytest.approx(0.05, rel=1e-14)


@given(st.floats(1e-6, 10.0), st.floats(0.002, 0.5), st.sampled_from(["steel", "aluminium", "grey-iron"]))
def test_caine_is_met(volume, modulus, family):
    """Whatever the casting, the riser found satisfies X = a/(Y - b) + c and lies above the pole."""
    fed, form = Fed(volume, volume / modulus), Form("cylinder", "side", 1.5)
    constants = shipped_constants(family)
    (found,) = (s for s in compare_rules(fed, form, constants) if s.rule == "caine")
    a, b, c = (constant.value for constant in constants.caine)
    x, y = form.modulus(found.diameter) / modulus, form.volume(found.diameter) / volume
    # A thin casting comes close to the pole; multiplied by Y - b nothing is divided by a small number.
    assert y > b
    assert (x - c) * (y - b) == pytest.approx(a, rel=1e-6, abs=1e-9 * x)


@given(st.floats(0.5, 3.0), st.floats(1e-3, 1.0))
def test_rules_scale_with_the_casting(ratio, size):
    """All rules are free of absolute lengths: a casting twice as large has a riser twice as large."""
    form = Form("cylinder", "top", ratio)
    for small, large in zip(
        compare_rules(PLATE, form, shipped_constants("steel")),
        compare_rules(
            Fed(PLATE.volume * size**3, PLATE.area * size**2, PLATE.shape_factor), form, shipped_constants("steel")
        ),
        strict=True,
    ):
        assert large.diameter == pytest.approx(size * small.diameter, rel=1e-9)


def test_a_sleeve_that_freezes_later_extends_the_modulus_by_its_root():
    """Time to solidus +55 % and +44 % (Hardin et al. 2013): t ~ M2, so 1.245 and 1.200."""
    assert shipped_constants("steel", "insulating").extension.value == pytest.approx(1.24499, abs=5e-6)
    assert shipped_constants("steel", "exothermic").extension.value == pytest.approx(1.2, abs=5e-6)


def test_feeding_distances_of_50_mm():
    """Plate of 50 mm: 225 mm to the end, 200 mm between risers, 2 inches more with a chill; bar 6 sqrt(T/in) in."""
    at = lambda section, end: feeding_distance(section, 0.05, end, family="steel").length  # noqa: E731
    assert at("plate", "mould") == pytest.approx(0.225, rel=1e-12)
    assert at("plate", "riser") == pytest.approx(0.200, rel=1e-12)
    assert at("plate", "chill") == pytest.approx(0.2758, rel=1e-12)
    assert at("bar", "mould") == pytest.approx(0.2138, abs=5e-5)
    assert at("bar", "chill") == pytest.approx(0.2638, abs=5e-5)


def test_a_chill_takes_up_the_heat_it_spares_the_sand():
    """Slab cooled from two faces, one chilled: with gain 2 the area doubles, the modulus halves, and the chill takes
    half the slab's heat: m c dT = rho V q / 2."""
    slab = Fed(2e-3, 0.2)
    chilled = chilled_modulus(slab, 0.1, chill_gain("tight"))
    assert chilled == pytest.approx(0.5 * slab.modulus, rel=1e-15)
    mass = chill_mass(slab, chilled, density=7000.0, heat=3e5, heat_capacity=500.0, temperature_rise=600.0)
    assert mass * 500.0 * 600.0 == pytest.approx(0.5 * 7000.0 * 2e-3 * 3e5, rel=1e-14)


# ------------------------------------------------------------------ gating


def test_osann_is_torricelli_in_other_units():
    """Iron of 7000 kg/m3: rho sqrt(2g) is 0.31 in kg, cm and s, so A = G/(0.31 mu t sqrt(H)) (CastCalc's own check).

    100 kg in 13.6 s under 27.5 cm, mu 0.42. The printed constant has two digits: 0.3101 against 0.31 is 0.03 %.
    """
    centimetres2 = 100.0 / (0.31 * 0.42 * 13.6 * math.sqrt(27.5))
    got = choke_area(100.0, 13.6, density=7000.0, head=0.275, discharge=0.42)
    assert 1e4 * got == pytest.approx(centimetres2, rel=5e-4)


def test_grey_iron_as_castcalc_works_it():
    """100 kg, wall 15 mm: 1.36 sqrt(100) = 13.6 s; half the casting above the gates: 30 - 10^2/40 = 27.5 cm."""
    times = {t.rule: t.seconds for t in pouring_times("grey-iron", casting_mass=80.0, poured_mass=100.0, wall=0.015)}
    assert times["wall-class"] == pytest.approx(13.6, rel=1e-12)
    assert effective_head(0.30, 0.20, 0.10) == pytest.approx(0.275, rel=1e-12)
    sprue, runner, ingate = spread(1.0, find_ratio("grey-iron"))
    assert (sprue, runner, ingate) == (pytest.approx(1.15), pytest.approx(1.10), pytest.approx(1.0))


def test_pouring_times_by_fluidity():
    """Grey iron by hand: 0.8 (1.41 + 20/14.59) sqrt(100) = 22.246 s; 0.8 (1.236 + 20/16.65) 1000^(1/3) = 19.498 s."""
    light, heavy = (
        {t.rule: t.seconds for t in pouring_times("grey-iron", casting_mass=m, poured_mass=m, wall=0.02, fluidity=0.8)}
        for m in (100.0, 1000.0)
    )
    assert light["fluidity"] == pytest.approx(22.246, abs=5e-4)
    assert heavy["fluidity"] == pytest.approx(19.498, abs=5e-4)


@given(st.floats(0.05, 1.0), st.floats(0.01, 0.99), st.floats(0.0, 1.0))
def test_the_exact_head_fills_in_the_time_of_the_falling_one(head, share, below):
    """A mould of unit cross-section fills at sqrt(2g h): its time, integrated, is that under the exact head."""
    above = share * head
    height = above + below * head
    exact = effective_head(head, height, above, "exact")
    rising, _ = quad(lambda z: 1.0 / math.sqrt(2.0 * GRAVITY * (head - z)), 0.0, above, epsabs=0.0, epsrel=1e-10)
    seconds = (height - above) / math.sqrt(2.0 * GRAVITY * head) + rising
    assert height / math.sqrt(2.0 * GRAVITY * exact) == pytest.approx(seconds, rel=1e-8)
    # The mean of the heads is larger than the head of the mean slowness (Jensen), and both agree for a flat casting.
    assert exact <= effective_head(head, height, above) * (1.0 + 1e-12)


def test_mean_and_exact_head_of_gates_at_the_top_are_the_whole_head():
    for method in ("mean", "exact"):
        assert effective_head(0.4, 0.3, 0.0, method) == pytest.approx(0.4, rel=1e-15)


def test_a_falling_stream_narrows():
    """Torricelli at both ends of a sprue: A v is the same at its top and at its foot."""
    top = sprue_top_area(4e-4, foot_depth=0.45, top_depth=0.05)
    assert top == pytest.approx(3.0 * 4e-4, rel=1e-14)  # sqrt(0.45/0.05) = 3
    assert top * math.sqrt(2 * GRAVITY * 0.05) == pytest.approx(4e-4 * math.sqrt(2 * GRAVITY * 0.45), rel=1e-14)


def test_half_a_metre_a_second_is_a_fall_of_thirteen_millimetres():
    """h = v2/2g = 12.74 mm (printed with g = 9.81: half a unit of the last digit and 0.03 % of g)."""
    assert 1000.0 * still_fall(0.5) == pytest.approx(12.74, abs=0.01)


def test_liquid_aluminium_folds_over_at_half_a_metre_a_second():
    """gamma about 1 N/m, 2400 kg/m3: the critical velocity that experiments found is that of a sessile drop's height.

    The surface tension is known to a tenth, its fourth root to 2.5 %.
    """
    assert surface_velocity(1.0, 2400.0) == pytest.approx(0.5, rel=0.025)
