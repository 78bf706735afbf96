"""CBAM of a good: the tables against a second transcription, worked values, closed forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.environment.carbon.cbam import Precursor, free_allocation, owed, specific_embedded
from forgecast.environment.carbon.cbam_tables import (
    CbamError,
    Scope,
    benchmark,
    correction_factor,
    default_value,
    free_share,
    scope_of,
    unknown_origin_value,
)

# Implementing Regulation (EU) 2025/2621 as amended by 2026/1740, China, in a transcription other than the package's:
# CN code, value without mark-up, with that of 2026, 2027, 2028.
CHINA = [
    ("7201", 1.660, 1.826, 1.992, 2.158),
    ("7202 11", 1.690, 1.859, 2.028, 2.197),
    ("7202 60 00", 6.150, 6.765, 7.380, 7.995),
    ("7206 10 00", 1.740, 1.914, 2.088, 2.262),
    ("7207 11 90", 3.314, 3.645, 3.976, 4.308),
    ("7214 10 00", 3.314, 3.645, 3.976, 4.308),
    ("7224 10", 6.180, 6.798, 7.416, 8.034),
    ("7303 00", 2.191, 2.410, 2.629, 2.848),
    ("7307 11", 3.252, 3.577, 3.902, 4.228),
    ("7307 19 90", 3.252, 3.577, 3.902, 4.228),
    ("7307 21 00", 5.035, 5.539, 6.042, 6.546),
    ("7307 91 00", 3.252, 3.577, 3.902, 4.228),
    ("7326 11 00", 3.076, 3.384, 3.691, 3.999),
    ("7326 19", 3.076, 3.384, 3.691, 3.999),
    ("7302", 6.205, 6.826, 7.446, 8.067),
    ("7601", 3.000, 3.300, 3.600, 3.900),
    ("7616 99 10", 4.542, 4.996, 5.450, 5.904),
    ("7616 99 90", 5.559, 6.115, 6.671, 7.227),
]
#: Directive 2003/87/EC, Article 10a(1a).
KEPT = {2026: 0.975, 2027: 0.95, 2028: 0.90, 2029: 0.775, 2030: 0.515, 2031: 0.39, 2032: 0.265, 2033: 0.14, 2034: 0.0}


@pytest.mark.parametrize(("code", "base", "y2026", "y2027", "y2028"), CHINA)
def test_default_values_agree_with_a_second_transcription(code, base, y2026, y2027, y2028):
    for year, marked in ((2026, y2026), (2027, y2027), (2028, y2028), (2031, y2028)):
        found = default_value(code, country="CN", year=year)
        assert (found.base, found.marked_up, found.listed) == (base, marked, True)


@pytest.mark.parametrize(
    ("code", "net"),
    [("7326 19", 1.796), ("7303 00", 0.963), ("7616 99 10", 3.528)],
)
def test_the_worked_values_of_2026_with_defaults(code, net):
    default = default_value(code, country="CN", year=2026)
    mark = benchmark(code, column="default", route=default.route, year=2026)
    # The correction factor of 2026 is not published; the worked values take it as 1.
    assert correction_factor(2026) is None
    free = free_allocation(free_share(2026), 1.0, mark)
    # The worked values are printed to three digits.
    assert owed("default", default.marked_up, free).net == pytest.approx(net, abs=5.1e-4)


@pytest.mark.parametrize(
    ("code", "route", "actual", "default"),
    [
        ("7326 19", "C", 0.303, 1.629),
        ("7326 19", "E", 0.303, 0.331),
        ("7207 11 90", "D", 0.330, 0.740),
        ("7303 00", "", 0.163, 1.484),
        ("7307 11", "", 0.163, 1.409),
        ("7616 99 10", "L", 0.046, 0.140),
        ("7228 40", "F", 0.303, 1.807),
    ],
)
def test_benchmarks_of_both_columns(code, route, actual, default):
    assert benchmark(code, column="actual", route=route, year=2026) == actual
    assert benchmark(code, column="default", route=route, year=2026) == default


def test_a_benchmark_that_depends_on_the_route_is_not_guessed():
    with pytest.raises(CbamError, match="production route"):
        benchmark("7207 11 90", column="actual", route="", year=2026)
    with pytest.raises(CbamError, match="no production route"):
        benchmark("7326 19", column="actual", route="Z", year=2026)


def test_the_share_kept_falls_to_nothing():
    assert {year: free_share(year) for year in KEPT} == KEPT
    assert free_share(2040) == 0.0
    with pytest.raises(CbamError, match="2025"):
        free_share(2025)


@pytest.mark.parametrize(
    ("code", "scope"),
    [
        ("7303 00 10", Scope.COVERED),
        ("7326 19 90", Scope.COVERED),
        ("7325 99 10", Scope.PROPOSED),
        ("8413 70 35", Scope.PROPOSED),
        ("8481", Scope.OUTSIDE),
    ],
)
def test_castings_are_outside_today_and_forgings_inside(code, scope):
    assert scope_of(code).scope is scope


def test_steel_counts_direct_emissions_only():
    assert scope_of("7326 19 90").direct_only is True
    assert scope_of("7325 99 10").direct_only is None


def test_an_unknown_origin_costs_the_highest_value():
    # Annex IV: 7.920 for pig iron, with 10 % in 2026.
    assert unknown_origin_value("7201", year=2026) == pytest.approx(7.920 * 1.1, abs=1e-9)
    assert unknown_origin_value("9403 20", year=2026) is None


def test_a_country_is_known_by_code_or_name_and_a_slip_is_told():
    by_code, by_name = (default_value("7601", country=name, year=2026) for name in ("TR", "Türkiye"))
    assert by_code == by_name
    assert default_value("7601", country="LI", year=2026).listed is False
    for code in ("BA", "CD", "CG", "CI", "HK", "MM", "TT"):
        assert default_value("7601", country=code, year=2026).listed is True
    with pytest.raises(CbamError, match="no country"):
        default_value("7601", country="Chnia", year=2026)
    with pytest.raises(CbamError, match="no CN code"):
        default_value("73O3", country="CN", year=2026)


def test_embedded_emissions_in_closed_form():
    pig = Precursor("pig iron", 600.0, 1.66, verified=True)
    from_the_union = Precursor("ingots", 100.0, None, eu_origin=True)
    found = specific_embedded(250.0, 1000.0, [pig, from_the_union])
    assert (found.own, found.precursors) == (0.25, pytest.approx(0.996, abs=1e-12))
    assert found.total == pytest.approx(1.246, abs=1e-12)


def test_an_unknown_precursor_leaves_the_total_unknown():
    found = specific_embedded(250.0, 1000.0, [Precursor("FeMn", 10.0, None)])
    assert found.total is None
    assert "FeMn" in str(found.why_missing)


@given(
    st.floats(0.0, 1e6), st.floats(1.0, 1e6), st.lists(st.tuples(st.floats(0.0, 1e5), st.floats(0.0, 9.0)), max_size=5)
)
def test_embedded_emissions_conserve(own, output, precursors):
    given_in = [Precursor(str(i), mass, see) for i, (mass, see) in enumerate(precursors)]
    total = specific_embedded(own, output, given_in).total * output
    expected = own + sum(mass * see for mass, see in precursors)
    # Sums of up to six doubles.
    assert total == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_a_precursor_of_a_precursor_is_counted_like_one_made_on_the_spot():
    inner = specific_embedded(166.0, 100.0)
    outer = specific_embedded(20.0, 80.0, [Precursor("own ingot", 90.0, inner.total)])
    assert outer.total == pytest.approx((20.0 + 90.0 * 1.66) / 80.0, rel=1e-14)


def test_nothing_is_owed_below_the_free_allocation():
    found = owed("actual", 0.2, 0.3, price=80.0)
    assert (found.net, found.cost) == (0.0, 0.0)
    assert owed("actual", 1.0, 0.25, price=80.0).cost == 60.0
    assert owed("actual", 1.0, 0.25).cost is None
    with pytest.raises(CbamError, match="not negative"):
        owed("actual", float("nan"), 0.3)


def test_periods_without_output_are_refused():
    with pytest.raises(CbamError, match="not made"):
        specific_embedded(1.0, 0.0)
