"""Proofs of the identification: a known interface coefficient must come back from readings, within what is promised."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erfc, erfcx

from forgecast.casting.heat_run import Accuracy
from forgecast.casting.identify import Unknown, identify, profile_interval
from forgecast.casting.interface_model import PLATE_PAIR, InterfaceModel, Knots, Plate, plate_layout
from forgecast.casting.thermocouple import ThermocoupleRecord
from forgecast.ground.texts import verbatim
from forgecast.metal.medium import Medium
from forgecast.tasks.identify_interface import identify_interface

KELVIN = 273.15
POUR, MOULD = 700.0 + KELVIN, 200.0 + KELVIN


def steel():
    knots = np.array([0.0, 900.0]) + KELVIN
    return Medium("die", verbatim("die"), knots, 7800.0 * 480.0 * (knots - KELVIN), np.full(2, 28.0), None, 7800.0)


def aluminium():
    """A made-up alloy that freezes evenly between 555 and 615 degC."""
    knots = np.concatenate([[0.0], np.linspace(555.0, 615.0, 61), [900.0]]) + KELVIN
    liquid = np.clip((knots - KELVIN - 555.0) / 60.0, 0.0, 1.0)
    heat = 2540.0 * (1000.0 * (knots - KELVIN) + 425e3 * liquid)
    return Medium("alloy", verbatim("alloy"), knots, heat, 160.0 - 90.0 * liquid, 1.0 - liquid, 2540.0)


NAMES = ("casting", "mould 2", "mould 5", "mould 15")
PLACE = np.array([[-0.010], [0.002], [0.005], [0.015]])
TIME = np.linspace(0.5, 40.0, 32)


def record(place=PLACE, temperature=None, time=TIME):
    if temperature is None:
        temperature = np.linspace(300.0, 400.0, len(time))[:, None] * np.ones(len(NAMES))
    return ThermocoupleRecord("trial", time, temperature, NAMES, place)


@pytest.fixture(scope="module")
def layout():
    return plate_layout(Plate(aluminium(), steel(), 0.015, 0.06, POUR, MOULD))


def truth(knots, coefficient, place=PLACE):
    """Temperatures of a grid twice as fine with steps of a fifth of the error: not the model that is fitted."""
    fine = plate_layout(Plate(aluminium(), steel(), 0.015, 0.06, POUR, MOULD), first=1 / 120, growth=1.04)
    model = InterfaceModel(fine, PLATE_PAIR, knots, record(place), accuracy=Accuracy(tolerance=0.02))
    return model(np.array(coefficient))


def half_spaces(h, x, time, k, rho_c, start):
    """Two half spaces in contact through h: temperature at x, negative in the first one.

    With b = sqrt(k rho c) and H = h (1/b1 + 1/b2), the second one rises by (T1 - T2) b1/(b1 + b2) times
    erfc(s) - exp(-s^2) erfcx(s + H sqrt(t)), s = x/(2 sqrt(a2 t)); the first falls by the mirror image. Source: H. S.
    Carslaw, J. C. Jaeger, Conduction of Heat in Solids, 2nd ed. 1959, section 2.5 and 2.15 combined; checked below by
    its flux.
    """
    b = np.sqrt(k * rho_c)
    rate = h * (1.0 / b[0] + 1.0 / b[1])
    side = 0 if x < 0.0 else 1
    s = abs(x) / (2.0 * np.sqrt(k[side] / rho_c[side] * time))
    part = erfc(s) - np.exp(-(s**2)) * erfcx(s + rate * np.sqrt(time))
    other = 1 - side
    return start[side] + (start[other] - start[side]) * b[other] / (b[0] + b[1]) * part


def test_half_spaces_keep_their_flux():
    """The closed form's own check: the flux at the interface, from both slopes, is h times the jump."""
    k, rho_c, start = np.array([100.0, 28.0]), np.array([2.5e6, 3.7e6]), np.array([900.0, 500.0])
    step = 1e-6
    for time in (0.5, 5.0, 50.0):
        left, left_in = (half_spaces(1500.0, x, time, k, rho_c, start) for x in (-1e-12, -step))
        right, right_in = (half_spaces(1500.0, x, time, k, rho_c, start) for x in (1e-12, step))
        flux = 1500.0 * (left - right)
        # Differences over a micrometre of temperatures of 1e3 K.
        assert k[0] * (left_in - left) / step == pytest.approx(flux, rel=1e-3)
        assert k[1] * (right - right_in) / step == pytest.approx(flux, rel=1e-3)


def test_a_coefficient_out_of_a_closed_form():
    """Two half spaces that do not freeze, h = 1500 W/(m2 K): the solver must find it in exact temperatures.

    Within 40 s heat goes sqrt(4 a t) = 35 mm into the second body and 80 mm into the first; both are cut off at four
    times that.
    """
    k, rho_c, start = np.array([100.0, 28.0]), np.array([2.5e6, 3.744e6]), np.array([900.0, 500.0])
    knots = np.array([300.0, 1000.0])
    first = Medium("first", verbatim("first"), knots, rho_c[0] * knots, np.full(2, k[0]), np.array([1.0, 0.0]), 2500.0)
    second = Medium("second", verbatim("second"), knots, rho_c[1] * knots, np.full(2, k[1]), None, 7800.0)
    time = np.linspace(1.0, 40.0, 40)
    place = np.array([[-0.02], [-0.005], [0.003], [0.010]])
    exact = np.column_stack([half_spaces(1500.0, x, time, k, rho_c, start) for x in place[:, 0]])
    lay = plate_layout(Plate(first, second, 0.32, 0.14, 900.0, 500.0), first=1 / 140)
    model = InterfaceModel(lay, PLATE_PAIR, Knots("constant", np.zeros(1)), record(place, exact, time))
    fit = identify(model, exact, [Unknown("h", 300.0, 1.0, 1e5)])
    # Temperatures of the model are wrong by 0.1 K (its cells and steps), and 10 % of h moves them by 3 K.
    assert fit.noise < 0.15
    assert fit.estimates[0].value == pytest.approx(1500.0, rel=0.005)


def test_a_constant_comes_back(layout):
    """h = 800 W/(m2 K) with noise of 1 K: within the interval, which the profile likelihood confirms."""
    knots = Knots("constant", np.zeros(1))
    exact = truth(knots, [800.0])
    readings = exact + np.random.default_rng(120).normal(0.0, 1.0, exact.shape)
    readings[10:20, 1] = np.nan
    got = identify_interface(record(temperature=readings), layout, start=3000.0, place_error=0.0)
    (h,) = got.fit.estimates
    assert h.low < 800.0 < h.high
    assert h.high - h.low < 0.01 * 800.0
    assert got.fit.noise == pytest.approx(1.0, abs=0.19)  # three standard errors of a spread from 118 readings
    # Linear over so small an interval; the profile is followed to 2 %.
    assert got.profile == pytest.approx((h.low, h.high), abs=0.05 * (h.high - h.low))
    assert [finding.code for finding in got.findings] == ["gaps"]


def test_a_coefficient_over_temperature_comes_back(layout):
    """400 at 450 degC to 800 at 650 degC, noise of 1 K."""
    knots = Knots("temperature", np.array([450.0, 650.0]) + KELVIN)
    exact = truth(knots, [400.0, 800.0])
    readings = exact + np.random.default_rng(21).normal(0.0, 1.0, exact.shape)
    got = identify_interface(record(temperature=readings), layout, over="temperature", at=knots.at, place_error=0.0)
    low, high = got.fit.estimates
    assert low.low < 400.0 < low.high
    assert high.low < 800.0 < high.high
    assert (low.high - low.low) / 400.0 < 0.2
    assert got.profiled == low.name == "h(450 °C)"
    assert got.contact.over == "temperature"


@pytest.mark.slow
def test_a_coefficient_over_time_comes_back(layout):
    """3000 at the pour, 1000 after 10 s, 500 after 40 s, noise of 1 K.

    The run holds the coefficient over a step; steps finer than usual keep that below a fourth of the interval.
    """
    knots = Knots("time", np.array([0.0, 10.0, 40.0]))
    exact = truth(knots, [3000.0, 1000.0, 500.0])
    readings = exact + np.random.default_rng(22).normal(0.0, 1.0, exact.shape)
    got = identify_interface(
        record(temperature=readings),
        layout,
        over="time",
        at=knots.at,
        place_error=0.0,
        accuracy=Accuracy(tolerance=0.02),
    )
    for estimate, value in zip(got.fit.estimates, (3000.0, 1000.0, 500.0), strict=True):
        assert estimate.low < value < estimate.high
        assert estimate.high < 1.3 * estimate.low


def test_places_that_are_off_are_found_and_counted(layout):
    """Thermocouples sit 0.5 mm off (one standard error each, at random); steep gradients turn that into kelvins.

    Taken as exact they leave departures that follow one another, which a finding says. With the error stated the truth
    is within the interval, the places are found and noise is all that is left.
    """
    rng = np.random.default_rng(23)
    off = rng.normal(0.0, 0.0005, (4, 1))
    exact = truth(Knots("constant", np.zeros(1)), [800.0], PLACE + off)
    trial = record(temperature=exact + rng.normal(0.0, 1.0, exact.shape))
    naive = identify_interface(trial, layout, place_error=0.0)
    assert naive.fit.noise > 1.3
    assert "correlated-residuals" in {finding.code for finding in naive.findings}
    got = identify_interface(trial, layout, place_error=0.0005)
    h, *moved = got.fit.estimates
    assert h.low < 800.0 < h.high
    for estimate, value in zip(moved, off[:, 0], strict=True):
        # Intervals of 95 %: twice their half width is four standard errors.
        assert abs(estimate.value - value) < estimate.high - estimate.low
    assert got.fit.noise == pytest.approx(1.0, abs=0.19)
    # What is not known of the places widens the interval of h: with exact places it is (see above) 0.3 %.
    assert 1.005 < h.high / h.low < 1.05


def cheap(x, rows=40):
    """A lumped casting cooling through h = p0 and p1: two thermocouples, two parameters, no solver."""
    time = np.linspace(0.0, 60.0, rows)
    total = x[0] + x[1]
    casting = 300.0 + 600.0 * np.exp(-total * time / 4e4)
    mould = 300.0 + 150.0 * x[0] / total * (1.0 - np.exp(-total * time / 4e4))
    return np.column_stack([casting, mould])


UNKNOWNS = (Unknown("a", 500.0, 1.0, 1e5), Unknown("b", 500.0, 1.0, 1e5))


def test_intervals_hold_what_they_promise():
    """200 draws of noise on a model without a solver: the 95 % interval of both parameters holds the truth.

    Solution: 0.95 of the draws with a standard error of 0.015, four of which are allowed. Where residuals happen to
    look correlated, intervals are widened, so slightly more is right.
    """
    exact = cheap(np.array([1200.0, 300.0]))
    rng = np.random.default_rng(39726)
    inside = np.zeros(2)
    for _ in range(200):
        fit = identify(cheap, exact + rng.normal(0.0, 2.0, exact.shape), UNKNOWNS)
        inside += [e.low < v < e.high for e, v in zip(fit.estimates, (1200.0, 300.0), strict=True)]
    assert inside / 200 == pytest.approx(np.full(2, 0.95), abs=0.06)


def test_intervals_hold_where_noise_is_correlated():
    """As before with noise of first order, r = 0.8, in 200 rows: without widening a third of the draws or more is lost.

    Solution: sqrt((1 + r)/(1 - r)) = 3, so bare intervals reach 0.65 standard errors and hold in 0.49 of the draws. An
    r estimated from a short record is too small, so from 0.88 up is asked of the widened ones.
    """

    def model(x):
        return cheap(x, 200)

    exact = model(np.array([1200.0, 300.0]))
    rng = np.random.default_rng(5)
    inside, bare = np.zeros(2), np.zeros(2)
    for _ in range(200):
        noise = rng.normal(0.0, 2.0, exact.shape)
        for row in range(1, len(noise)):
            noise[row] = 0.8 * noise[row - 1] + 0.6 * noise[row]
        fit = identify(model, exact + noise, UNKNOWNS)
        for n, value in enumerate((1200.0, 300.0)):
            e = fit.estimates[n]
            away = abs(np.log(value / e.value))
            inside[n] += e.low < value < e.high
            bare[n] += away < np.log(e.high / e.value) / fit.widened
    assert (inside / 200 >= 0.88).all()
    assert (bare / 200 < 0.67).all()


def test_a_linear_model_is_the_textbook_least_squares():
    """Displacements enter linearly: estimate and covariance of the normal equations, with a row for what was known."""
    rng = np.random.default_rng(1)
    design = rng.normal(size=(30, 2, 2))

    def model(p):
        return design @ np.array([np.log(p[0]), p[1]])

    noise = rng.normal(0.0, 0.05, (30, 2))
    measured = model(np.array([2.0, 0.3])) + noise
    unknowns = [Unknown("free", 1.0, 1e-3, 1e3), Unknown("known", 0.0, -5.0, 5.0, 0.2)]
    fit = identify(model, measured, unknowns)
    rows = np.vstack([design.reshape(-1, 2) / (fit.noise * fit.widened), [0.0, 1.0 / 0.2]])
    values = np.append(measured.ravel() / (fit.noise * fit.widened), 0.0)
    solution = np.linalg.lstsq(rows, values, rcond=None)[0]
    errors = np.sqrt(np.diag(np.linalg.inv(rows.T @ rows)))
    # The search ends when a step is below 1e-4, and weights settle to 5 %.
    assert np.log(fit.estimates[0].value) == pytest.approx(solution[0], abs=1e-3)
    assert fit.estimates[1].value == pytest.approx(solution[1], abs=1e-3)
    assert [e.standard_error for e in fit.estimates] == pytest.approx(errors.tolist(), rel=1e-6)
    low, high = profile_interval(model, measured, unknowns, fit)
    # Linear, so the profile is that of the slopes, with the normal's quantile for Student's: 2 % at 59 readings.
    assert (low, high) == pytest.approx((fit.estimates[0].low, fit.estimates[0].high), rel=0.005)


@pytest.mark.slow
def test_coverage_through_the_solver(layout):
    """40 draws of noise on the plate: from 85 to 100 % of the 95 % intervals hold h(T) at both knots.

    Solution: 38 of 40; fewer than 34 has a chance of one in a hundred.
    """
    knots = Knots("temperature", np.array([450.0, 650.0]) + KELVIN)
    exact = truth(knots, [400.0, 800.0])
    rng = np.random.default_rng(24)
    inside = np.zeros(2)
    model = InterfaceModel(layout, PLATE_PAIR, knots, record())
    unknowns = [Unknown("low", 500.0, 1.0, 1e6), Unknown("high", 700.0, 1.0, 1e6)]
    for _ in range(40):
        fit = identify(model, exact + rng.normal(0.0, 1.0, exact.shape), unknowns)
        inside += [e.low < v < e.high for e, v in zip(fit.estimates, (400.0, 800.0), strict=True)]
    assert (inside / 40 >= 0.85).all()
