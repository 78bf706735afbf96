"""Pictures of quality: every signal is drawn, a long chart stays small, and both languages are there."""

from __future__ import annotations

import re

import numpy as np
import pytest

from forgecast.app.quality.bars import Bar, draw_bars
from forgecast.app.quality.control_chart import _few, _signs, draw_control_chart
from forgecast.app.quality.digits import digits_for, fixed
from forgecast.ground.texts import verbatim
from forgecast.tasks.chart_quality import ChartPlan, chart_quality
from forgecast.tasks.watched import Column, Watched


def watched(values: np.ndarray, **labels: np.ndarray) -> Watched:
    n = values.size
    names = np.array([str(i) for i in range(n)], dtype=object)
    times = 1_740_000_000_000_000 + np.arange(n, dtype=np.int64) * 60_000_000
    column = Column("d", verbatim("d"), "mm", values)
    return Watched("file", (column,), labels, names, times, "UTC", np.ones(n))


def drawn(folder, values, language="en", *, by="", **labels):
    made = chart_quality(watched(values, **labels), ChartPlan(rules="nelson"), by=by)
    path = folder / "chart.svg"
    draw_control_chart(made, path, language)
    return made, path.read_text(encoding="utf-8")


def test_ninety_thousand_points_make_a_small_picture_with_their_extremes(tmp_path):
    values = np.random.default_rng(1).normal(0.0, 1.0, 90_177)
    values[50_000] = 9.0
    made, svg = drawn(tmp_path, values)
    # A line of all points would have 90,177 corners in each of two panels, some megabytes.
    assert len(svg) < 900_000
    (group,) = made.groups
    panel = group.panels[0]
    assert 50_000 in _few(panel.values, panel.flagged)


def test_the_same_chart_gives_the_same_bytes(tmp_path):
    values = np.random.default_rng(2).normal(0.0, 1.0, 60)
    assert drawn(tmp_path, values)[1] == drawn(tmp_path, values)[1]


def test_the_sign_of_a_rule_stands_where_it_begins_to_flag(tmp_path):
    values = np.random.default_rng(3).normal(0.0, 1.0, 60)
    values[30:45] += 2.0
    made, _ = drawn(tmp_path, values)
    panel = made.groups[0].panels[0]
    begins = {int(mark.at[0]) for mark in panel.marks if mark.at.size}
    assert {at for at, _ in _signs(panel)} & begins


def test_groups_beyond_the_twelfth_are_told_not_drawn(tmp_path):
    values = np.random.default_rng(4).normal(0.0, 1.0, 15 * 8)
    die = np.array([f"D{i // 8:02d}" for i in range(values.size)], dtype=object)
    _, svg = drawn(tmp_path, values, by="die", die=die)
    assert len(re.findall(r'id="axes_\d+"', svg)) == 12


def test_a_chart_without_limits_and_one_without_points_are_drawn_too(tmp_path):
    for values in (np.array([1.0, 2.0]), np.full(3, np.nan)):
        assert "<svg" in drawn(tmp_path, values, "zh")[1]


@pytest.mark.parametrize(
    ("scatter", "value", "said"),
    [(0.0136, 42.00345, "42.003"), (20.0, 1493.4, "1,493"), (0.5, -0.004, "0"), (0.0, 1.0, "1.000")],
)
def test_a_value_has_the_digits_its_scatter_is_worth(scatter, value, said):
    assert fixed(value, digits_for(scatter)) == said


def test_bars_are_drawn_in_their_order(tmp_path):
    path = tmp_path / "bars.svg"
    draw_bars([Bar("气孔", 3.0, "3", 1.0, loud=True), Bar("x", 1.0, "1")], path, "title", "under", "axis [%]")
    assert "<svg" in path.read_text(encoding="utf-8")
