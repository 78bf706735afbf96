"""The solver behind freezing from composition, against a made-up alloy whose equilibria are known in closed form.

Elements A (10 g/mol) and B (40 g/mol), 0.4 mole of B in the alloy, 0.6 in the solid. Between 800 and 900 K the liquid's
amount grows evenly from 1/3 to 1 mole; below 800 K, the eutectic, nothing is liquid. Lever rule: the liquid holds
``0.6 - 0.2 / n`` of B, so that no atom is lost. By mass, liquid is ``n * M_liquid / 22``.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from forgecast.metal.calphad import _Solver
from forgecast.metal.error import MaterialError

LATENT = 250e3


def _liquid(temperature):
    """Return moles of liquid and its share of B."""
    moles = np.where(temperature < 800.0, 0.0, np.clip(1.0 / 3.0 + (temperature - 800.0) / 150.0, 0.0, 1.0))
    share = 0.6 - 0.2 / np.where(moles > 0.0, moles, 1.0)
    return moles, share


def _mass(temperature):
    moles, share = _liquid(temperature)
    return moles * (10.0 + 30.0 * share) / 22.0


def _values(array):
    return SimpleNamespace(values=np.asarray(array))


class _Library:
    """Answers as pycalphad and scheil do; some points are not found, as happens there."""

    variables = SimpleNamespace(T="T", P="P", N="N", X=lambda name: f"X({name})")

    def __init__(self, lost: float = 0.0):
        self.lost = lost

    def instantiate_models(self, *_arguments):
        return {}

    def PhaseRecordFactory(self, *_arguments):
        return {}

    def equilibrium(self, _db, _components, _phases, conditions, **_options):
        t = np.asarray(conditions["T"])
        moles, share = _liquid(t)
        found = np.random.default_rng(t.size).uniform(size=t.size) >= self.lost
        nan = np.where(found, 1.0, np.nan)
        phase = np.stack([np.where(moles > 0.0, "LIQUID", ""), np.where(moles < 1.0, "SOLID", "")], axis=1)
        amount = np.stack([moles, 1.0 - moles], axis=1) * nan[:, None]
        x = np.stack([np.stack([1.0 - share, share], axis=1), np.tile([0.4, 0.6], (t.size, 1))], axis=1)
        heat = 0.022 * (1000.0 * t + LATENT * _mass(t)) * nan
        return SimpleNamespace(
            NP=_values(amount[None, None]), Phase=_values(phase[None, None]), X=_values(x[None, None]),
            GM=_values(nan[None, None]), HM=_values(heat[None, None]), component=_values(["A", "B"]),
        )  # fmt: skip

    def scheil(self, *_arguments, start_temperature, **_options):
        assert start_temperature > 900.0
        return SimpleNamespace(
            temperatures=[902.0, 901.0, 880.0, 850.0, 820.0, 819.5],
            fraction_liquid=[1.0, 1.0, 0.8, 0.5, 0.3, 0.0],
            x_liquid={"A": [0.6, 0.6, 0.65, 0.7, 0.75, np.nan], "B": [0.4, 0.4, 0.35, 0.3, 0.25, np.nan]},
        )


def _solver(**options) -> _Solver:
    db = SimpleNamespace(refstates={"A": {"mass": 10.0}, "B": {"mass": 40.0}})
    # 0.4 mole of B of 40 g in 22 g of alloy.
    return _Solver(_Library(**options), db, "A", {"B": 0.4 * 40.0 / 22.0}, ["LIQUID", "SOLID"])


def test_shares_by_mass_become_moles_and_back():
    got = _solver()
    assert got.shares == pytest.approx({"A": 0.6, "B": 0.4})
    assert got.molar_mass == pytest.approx(0.022)
    temperature, liquid, _ = got.at(np.array([850.0]))
    # Half way: 2/3 mole with 0.3 of B, 19 g/mol.
    assert temperature.tolist() == [850.0]
    assert liquid[0] == pytest.approx(2.0 / 3.0 * 19.0 / 22.0)


@pytest.mark.parametrize("lost", [0.0, 0.2])
def test_solidus_and_liquidus_are_found_sharply_even_where_points_are_lost(lost):
    got = _solver(lost=lost)
    # The grids narrow to 0.0025 K; with lost points the last one found may be a step or two further off.
    allowed = 0.01 if lost == 0.0 else 5.0
    assert got.solidus == pytest.approx(800.0, abs=allowed)
    assert got.liquidus == pytest.approx(900.0, abs=allowed)


def test_the_lever_rule_gives_mass_and_the_eutectic_as_a_jump():
    temperature, fraction = _solver().lever(1.0)
    assert temperature[0] == temperature[1]
    assert fraction[0] == 1.0
    # At the eutectic 1/3 mole of pure A is liquid: 10/3 g of 22 g.
    assert fraction[1] == pytest.approx(1.0 - 10.0 / 3.0 / 22.0, abs=1e-3)
    assert fraction[-1] == 0.0
    inner = temperature[2:-1]
    np.testing.assert_allclose(fraction[2:-1], 1.0 - _mass(inner), atol=1e-9)


def test_scheil_gives_mass_and_ends_solid():
    temperature, fraction = _solver().scheil(1.0)
    assert temperature.tolist()[:-1] == [819.5, 820.0, 850.0, 880.0]
    assert temperature[-1] == pytest.approx(900.0, abs=0.01)
    # Liquid by mass: moles times 10 (1 - x) + 40 x, over 22.
    want = [1.0, 1.0 - 0.3 * 17.5 / 22.0, 1.0 - 0.5 * 19.0 / 22.0, 1.0 - 0.8 * 20.5 / 22.0, 0.0]
    np.testing.assert_allclose(fraction, want, atol=1e-12)


def test_the_latent_heat_is_what_remains_when_cooling_is_taken_off():
    # Both specific heats are 1000 J/(kg K); all else of the enthalpy is latent.
    assert _solver().latent_heat() == pytest.approx(LATENT, rel=1e-6)


def test_an_alloy_that_never_melts_is_refused():
    class Solid(_Library):
        def equilibrium(self, _db, _components, _phases, conditions, **_options):
            t = np.full(len(conditions["T"]), 300.0)
            return super().equilibrium(None, None, None, {"T": t})

    db = SimpleNamespace(refstates={"A": {"mass": 10.0}, "B": {"mass": 40.0}})
    with pytest.raises(MaterialError, match="no solidus and liquidus"):
        _Solver(Solid(), db, "A", {"B": 0.5}, ["LIQUID", "SOLID"])
