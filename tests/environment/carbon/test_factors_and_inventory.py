"""Which emission factor holds, what a new one changes, and sums that do not hide what they lack."""

import math
from datetime import date

import numpy as np
import pytest

from forgecast.environment.carbon.chance import spread_of_sum
from forgecast.environment.carbon.factor import EmissionFactor, EmissionFactors, FactorError, restated
from forgecast.environment.carbon.inventory import Activity, counted, scope_totals
from forgecast.ground.dates import Validity
from forgecast.ground.texts import verbatim

DAY = date(2026, 5, 1)


def factor(number, value=1.0, **more):
    more = {"category": "electricity", "per": "kWh", "confidence": "secondary", "item": "electricity", **more}
    return EmissionFactor(id=number, value=value, source=verbatim("a document"), **more)


def find(*factors, **asked):
    return EmissionFactors(factors).find("electricity", "electricity", on=DAY, **asked)


def test_the_narrowest_region_and_the_supplier_come_first():
    wide, east = factor("cn", region="CN"), factor("east", region="CN-east")
    own = factor("contract", supplier="S1", region="CN")
    assert find(wide, east, region="CN-east").factor is east
    assert find(wide, east, region="CN-GD").factor is wide
    assert find(wide, east, own, region="CN-east", supplier="S1").factor is own
    assert find(wide, own, region="CN", supplier="S2").factor is wide


def test_a_restating_factor_replaces_and_the_log_says_what_changes():
    old, new = factor("old", 0.55), factor("new", 0.53, restates="old")
    before, after = find(old), find(old, new)
    assert after.factor is new
    assert old in after.passed_over
    (change,) = restated([("electricity", before)], [("electricity", after)])
    assert (change.before, change.after) == (old, new)
    assert restated([("electricity", before)], [("electricity", before)]) == ()


def test_an_unverified_factor_never_decides():
    found = find(factor("remembered", confidence="unverified"))
    assert found.factor is None
    assert "unverified" in str(found.why_missing)
    # An unverified restatement does not push a known number aside either.
    known = factor("known")
    assert find(known, factor("rumour", restates="known", confidence="unverified")).factor is known


def test_days_bases_and_ties():
    late = factor("2027", validity=Validity(date(2027, 1, 1), None))
    assert "2026-05-01" in str(find(late).why_missing)
    assert "no emission factor" in str(find().why_missing)
    assert find(factor("market", basis="market"), basis="location").factor is None
    assert "alike" in str(find(factor("a"), factor("b")).why_missing)


def test_factors_that_contradict_one_another_are_refused():
    with pytest.raises(FactorError, match="twice"):
        EmissionFactors([factor("a"), factor("a")])
    with pytest.raises(FactorError, match="not there"):
        EmissionFactors([factor("a", restates="b")])
    with pytest.raises(FactorError, match="circle"):
        EmissionFactors([factor("a", restates="b"), factor("b", restates="a")])
    with pytest.raises(FactorError, match="finite"):
        EmissionFactors([factor("a", math.nan)])


def test_an_inventory_converts_units_and_does_not_hide_what_is_missing():
    factors = EmissionFactors(
        [factor("grid", 0.5306), factor("pig", 1.66, item="pig_iron", category="material", per="kg")]
    )

    def choose(activity):
        return factors.find(activity.item, activity.category, on=DAY)

    lines = counted(
        [
            Activity("electricity", "electricity", "2026-05", 2.0, "MWh"),
            Activity("pig_iron", "material", "2026-05", 3.0, "t"),
            Activity("pig_iron", "material", "2026-05", 3.0, "m3"),
            Activity("resin", "material", "2026-05", 3.0, "t"),
        ],
        choose,
    )
    assert lines[0].emission_kg == pytest.approx(1061.2, rel=1e-12)
    assert lines[1].emission_kg == pytest.approx(4980.0, rel=1e-12)
    assert [line.emission_kg for line in lines[2:]] == [None, None]
    one, two, three = scope_totals(lines, draws=100)
    assert (one.total_kg, one.lines) == (None, 0)
    assert two.total_kg == pytest.approx(1061.2, rel=1e-12)
    assert (three.total_kg, three.missing) == (None, 2)
    assert three.known_kg == pytest.approx(4980.0, rel=1e-12)
    assert three.spread.unstated


def test_the_spread_of_one_product_is_the_closed_form():
    # Relative variances of independent factors a f add up as (1 + u^2)(1 + v^2) - 1.
    u, v = 0.05, 0.12
    z = 1.959963984540054
    found = spread_of_sum([100.0], [2.0], [z * u], [z * v], draws=400_000, confidence=0.95)
    sigma = 200.0 * math.sqrt((1 + u**2) * (1 + v**2) - 1.0)
    # 400,000 draws give the 2.5 % quantile to about 0.5 % of sigma (three standard errors); skewness adds 1 %.
    assert found.high - found.low == pytest.approx(2 * z * sigma, rel=0.02)
    assert found.value == 200.0


def test_a_factor_shared_by_two_amounts_is_drawn_once():
    z = 1.959963984540054
    shared = spread_of_sum([1.0, 1.0], [1.0], [0.0, 0.0], [z * 0.1], factor_of=[0, 0], draws=200_000)
    apart = spread_of_sum([1.0, 1.0], [1.0, 1.0], [0.0, 0.0], [z * 0.1, z * 0.1], draws=200_000)
    width = [one.high - one.low for one in (shared, apart)]
    # Standard deviations add up where the factor is one, variances where there are two.
    assert width[0] / width[1] == pytest.approx(math.sqrt(2.0), rel=0.02)
    assert shared.shares.sum() == pytest.approx(1.0)


def test_a_wide_uncertainty_stays_positive_and_keeps_its_mean():
    found = spread_of_sum([1.0], [1.0], [0.0], [2.0], draws=200_000)
    assert found.low > 0.0
    assert np.isfinite(found.high)


def test_nothing_uncertain_is_exact_and_unstated_is_told():
    found = spread_of_sum([2.0], [3.0], [np.nan], [0.0], draws=100)
    assert (found.low, found.value, found.high) == (6.0, 6.0, 6.0)
    assert found.unstated == (0,)
    with pytest.raises(ValueError, match="finite"):
        spread_of_sum([np.nan], [1.0], [0.0], [0.0])
