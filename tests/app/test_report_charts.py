"""Charts: nothing that matters is thinned away, no text is lost, and the same curve is the same picture."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.app.report.chart import curve_alt, curve_svg
from forgecast.app.report.figure import spark, spark_svg
from forgecast.app.report.thin import over, thin
from forgecast.ground.texts import bilingual
from forgecast.tasks.assessment import Assessment, Curve
from tests.app.made_up_assessment import HOSTILE

ZONE = "Asia/Shanghai"
SERIES = st.lists(st.one_of(st.none(), st.floats(-10.0, 10.0)), min_size=1, max_size=400)


@given(series=SERIES, bins=st.integers(2, 40))
def test_thinning_keeps_every_exceedance_every_extreme_and_every_gap(series: list[float | None], bins: int) -> None:
    values = np.array([np.nan if value is None else value for value in series])
    broken = over(values, 5.0)
    kept = thin(values, broken, bins=bins)
    assert np.all(np.diff(kept) > 0)
    assert set(np.flatnonzero(broken)) <= set(kept.tolist())
    if np.isfinite(values).any():
        assert np.nanmax(values[kept]) == np.nanmax(values)
        assert np.nanmin(values[kept]) == np.nanmin(values)
    # Between two drawn neighbours there is a gap exactly where the series has one: no line bridges missing hours.
    valid = np.isfinite(values)
    for first, second in itertools.pairwise(kept):
        if valid[first] and valid[second]:
            assert valid[first : second + 1].all()


def test_thinning_makes_a_quiet_year_light() -> None:
    values = np.sin(np.arange(8760.0))
    kept = thin(values, np.zeros(values.size, dtype=bool), bins=420)
    assert kept.size <= 2 * 420 + 2  # a least and a greatest value for each bin, and both ends


def test_a_lower_limit_is_broken_from_below() -> None:
    assert over(np.array([1.0, 3.0, np.nan]), 2.0, upper=False).tolist() == [True, False, False]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_year_of_hours_is_a_light_well_formed_picture(synthetic: Assessment, language: str) -> None:
    svg = curve_svg(synthetic.curves[0], language, ZONE)  # type: ignore[arg-type]
    ET.fromstring(svg)  # noqa: S314  (our own picture)
    assert len(svg) < 100_000
    # Texts are drawn as outlines: no typeface is needed where the chart is looked at.
    assert "<text" not in svg


def test_equal_curves_are_equal_pictures_even_from_many_threads(synthetic: Assessment) -> None:
    alone = curve_svg(synthetic.curves[0], "zh", ZONE)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda _: curve_svg(synthetic.curves[0], "zh", ZONE), range(4)))
    assert together == [alone] * 4


@pytest.mark.parametrize(
    ("t", "values"),
    [((), ()), (("2025-01-01T00:00:00",), (3.0,)), (("2025-01", "2025-02"), (None, None)),
     (("2025-01-01", "2025-01-02", "2025-01-03"), (None, 2.0, None)), (("2025-01", "2025-02"), (-3.0, 4.0))],
)  # fmt: skip
def test_odd_curves_are_drawn(t: tuple[str, ...], values: tuple[float | None, ...]) -> None:
    title = bilingual("odd", "特殊")
    curve = Curve(
        "odd", "tCO2/t", title, t, values, 2.0, bilingual("limit {name}", "限值{name}", name=HOSTILE + "👍 CO₂")
    )
    for language in ("en", "zh"):
        ET.fromstring(curve_svg(curve, language, ZONE))  # noqa: S314  (our own picture)
        assert title.say(language) in curve_alt(curve, language)


def test_the_text_for_the_ear_tells_the_exceedances(synthetic: Assessment) -> None:
    curve = synthetic.curves[0]
    assert curve.limit is not None
    hours = sum(1 for value in curve.values if value is not None and value > curve.limit)
    assert f"values over the limit: {hours}" in curve_alt(curve, "en")
    assert "over the limit: 0" in curve_alt(replace(curve, limit=1e6), "en")


def test_small_lines_break_where_a_month_is_missing() -> None:
    assert spark((1.0, None, 3.0)) == "▁·█"
    assert spark((None,)) == ""
    assert spark_svg((1.0, 2.0, None, 3.0, 4.0)).count("<polyline") == 2
    assert spark_svg((None, None)) == ""
