"""Mass of a stack: what is covered, what is not, and removal."""

from __future__ import annotations

import numpy as np

from forgecast.environment.mass_flow import mass_flow_kg_h, period_mass, removal_efficiency
from forgecast.environment.missing import Missing


def test_mass_flow_by_hand_and_its_missing_parts():
    got = mass_flow_kg_h([100.0, np.nan, 100.0], [20_000.0, 20_000.0, np.nan])
    assert got.values[0] == 2.0  # 100 mg/m3 x 20 000 m3/h = 2 kg/h
    assert got.missing.tolist() == [Missing.PRESENT, Missing.NO_VALUE, Missing.NO_FLOW]


def test_missing_hours_are_counted_and_never_filled():
    got = period_mass([1.0, np.nan, 3.0, np.nan], np.array([True, True, True, False]))
    assert (got.mass, got.covered_hours, got.missing_hours, got.not_due_hours) == (4.0, 2, 1, 1)
    assert period_mass([1.0, np.nan]).missing_hours == 1


def test_a_period_without_any_hour_has_no_mass_rather_than_zero():
    got = period_mass([np.nan, np.nan])
    assert got.mass is None
    assert got.why_missing is not None
    assert got.missing_hours == 2


def test_removal():
    got = removal_efficiency([10.0, 10.0, 0.0, np.nan], [2.0, 12.0, 0.0, 1.0])
    assert np.allclose(got.values[:2], [0.8, -0.2], rtol=1e-15)
    assert got.missing.tolist() == [0, 0, Missing.NOTHING_ENTERS, Missing.NO_VALUE]
