"""Fitting flow stress to raw curves: friction and self-heating put on known curves are taken off again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forgecast.gateway.compression_table import CompressionCurves
from forgecast.ground.errors import ForgecastError
from forgecast.metal.flow_metals import flow_metal
from forgecast.metal.flow_stress import ZERO_DEGC, HenselSpittel
from forgecast.tasks.fit_flow_stress import FitAsked, OwnHeat, PlatenFriction, fit_flow_stress

LAW = flow_metal("c45").law
HEAT = OwnHeat(7600.0, 650.0, 0.9, ((0.1, 0.0), (10.0, 1.0)))


def raw(*, heat: bool = False, friction: float = 0.0) -> CompressionCurves:
    """Return curves as a machine would write them: the specimen warms by its own work, the platens rub."""
    strain = np.linspace(0.0, 0.9, 181)[1:]
    parts = []
    for number, (degC, rate) in enumerate((t, r) for t in (900, 1000, 1100, 1200) for r in (0.1, 1.0, 10.0)):
        kelvin, warmer, stress = degC + ZERO_DEGC, 0.0, np.empty(strain.size)
        for n, e in enumerate(strain):
            stress[n] = LAW.stress(e, rate, kelvin + warmer)
            kept = HEAT.kept_at(rate) if heat else 0.0
            warmer += HEAT.work_to_heat * kept * stress[n] * 0.005 / (HEAT.density * HEAT.specific_heat)
        radius, height = 0.005 * np.exp(0.5 * strain), 0.015 * np.exp(-strain)
        pressure = stress * (1.0 + 2.0 * friction * radius / (3.0 * math.sqrt(3.0) * height))
        parts.append((strain, np.full(180, rate), np.full(180, kelvin), pressure, np.full(180, number)))
    e, r, t, s, curve = (np.concatenate(one) for one in zip(*parts, strict=True))
    return CompressionCurves("raw", e, r, t, s, curve.astype(np.int64), tuple(map(str, range(12))), 0)


def error(law: object) -> float:
    """Return the largest relative error of a law at conditions where heat and friction matter most."""
    assert isinstance(law, HenselSpittel)
    at = np.array([(e, 10.0, t + ZERO_DEGC) for e in (0.5, 0.9) for t in (900, 1200)]).T
    return float(np.abs(law.stress(*at) / LAW.stress(*at) - 1.0).max())


def test_self_heating_is_taken_off() -> None:
    curves = raw(heat=True)
    plain = fit_flow_stress(curves, FitAsked())
    assert error(plain.fit.law) > 0.05  # 50 K and more at 900 °C and 10 1/s
    made = fit_flow_stress(curves, FitAsked(heat=HEAT))
    # Heat is summed from the first point on, and the ratio of the fit's two temperatures is itself fitted.
    assert error(made.fit.law) < 0.006
    slow, quick = (next(one for one in made.conditions if one.rate == rate) for rate in (0.1, 10.0))
    assert slow.warmest == 0.0
    assert quick.warmest > 25.0
    assert any("self-heating was not taken off" in str(note) for note in plain.notes)
    assert not any("self-heating was not taken off" in str(note) for note in made.notes)


def test_friction_is_taken_off() -> None:
    curves = raw(friction=0.3)
    assert error(fit_flow_stress(curves, FitAsked()).fit.law) > 0.05
    made = fit_flow_stress(curves, FitAsked(friction=PlatenFriction(0.3, 0.010, 0.015)))
    assert error(made.fit.law) < 1e-6
    assert all(one.corrected < 0.97 for one in made.conditions)


def test_strains_bound_the_validity() -> None:
    made = fit_flow_stress(raw(), FitAsked(strain_from=0.1, strain_to=0.8))
    assert made.validity.strain == pytest.approx((0.1, 0.8))
    assert made.validity.rate == (0.1, 10.0)
    assert made.points + made.left_out == 12 * 180
    with pytest.raises(ForgecastError, match="no point of the curves"):
        fit_flow_stress(raw(), FitAsked(strain_from=2.0))


def test_the_share_of_heat_kept_goes_by_the_logarithm_of_the_rate() -> None:
    assert [HEAT.kept_at(rate) for rate in (0.01, 0.1, 1.0, 10.0, 100.0)] == pytest.approx([0, 0, 0.5, 1, 1])


def test_sellars_and_tegart_are_fitted_too() -> None:
    truth = flow_metal("aa6082").law
    t = np.repeat([673.15, 723.15, 773.15, 823.15], 4)
    r = np.tile([0.1, 1.0, 10.0, 100.0], 4)
    curves = CompressionCurves("flat", np.full(16, 0.4), r, t, truth.stress(0.4, r, t), np.arange(16), ("a",) * 16, 0)
    made = fit_flow_stress(curves, FitAsked(form="sellars-tegart"))
    assert made.fit.law.stress(0.4, 3.0, 700.0) == pytest.approx(float(truth.stress(0.4, 3.0, 700.0)), rel=1e-3)
    assert any("knows no strain" in str(note) for note in made.notes)
