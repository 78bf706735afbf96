"""Capability, gauge, scatter and sampling as a person asks for them: limits, refusals, files with one's own headers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.quality.capability import Limits
from forgecast.tasks.judge_capability import judge_capability
from forgecast.tasks.plan_sampling import plan_sampling
from forgecast.tasks.read_watched import read_watched
from forgecast.tasks.split_scatter import split_scatter
from forgecast.tasks.study_gauge import StudyColumns, study_gauge
from forgecast.tasks.watched import Wanted
from tests.proof.test_quality_capability_proofs import READINGS
from tests.tasks.small_plants import plant_of


def values_file(folder, values):
    path = folder / "values.csv"
    path.write_text("d [mm]\n" + "\n".join(f"{v:.9f}" for v in values), encoding="utf-8")
    return path


def judged(path, limits, **choice):
    return judge_capability(read_watched(path, Wanted(("d",))), limits, **choice).groups[0]


def test_a_stable_process_has_indices_by_their_definition(tmp_path):
    x = np.random.default_rng(5).normal(10.0, 0.5, 120)
    group = judged(values_file(tmp_path, x), Limits(8.0, 12.0))
    assert group.found.refused == ()
    # the file holds nine decimals
    assert group.found.ppk.value == pytest.approx(
        min(12.0 - x.mean(), x.mean() - 8.0) / (3.0 * x.std(ddof=1)), rel=1e-6
    )
    assert group.outside == 0


def test_a_process_that_moves_is_refused_though_no_value_is_out(tmp_path):
    x = np.random.default_rng(5).normal(10.0, 0.05, 120) + np.linspace(0.0, 1.0, 120)
    group = judged(values_file(tmp_path, x), Limits(8.0, 12.0))
    assert group.outside == 0
    assert group.found.cpk is None
    assert any("level of the process moves" in str(reason) for reason in group.found.refused)


def test_skew_values_are_judged_by_their_percentiles_or_not_at_all(tmp_path):
    skew = np.random.default_rng(8).lognormal(0.0, 0.5, 1500)
    many = judged(values_file(tmp_path, skew), Limits(upper=8.0))
    assert many.shape == "empirical"
    middle, high = np.quantile(skew, [0.5, 1.0 - 0.0013498980316301035])
    assert many.found.ppk.value == pytest.approx((8.0 - middle) / (high - middle), rel=1e-6)
    few = judged(values_file(tmp_path, skew[:200]), Limits(upper=8.0))
    assert few.found.ppk is None
    assert any("not normal" in str(reason) for reason in few.found.refused)
    told = judged(values_file(tmp_path, skew[:200]), Limits(upper=8.0), shape="lognormal")
    assert told.found.ppk is not None


def test_limits_come_from_the_characteristic_of_the_product(tmp_path):
    x = np.random.default_rng(2).normal(60.02, 0.003, 60)
    rows = "".join(f"P{n},bore,2025-03-01 {n // 6:02d}:{n % 6}0,V,{v:.6f}\n" for n, v in enumerate(x))
    pieces = "".join(f"P{n},V,2025-03-01 00:00\n" for n in range(60))
    place = plant_of(tmp_path, {
        "product": "id,name\nV,Valve\n",
        "characteristic": "product,name,unit,nominal,lower,upper\nV,bore,mm,60,60,60.046\nV,depth,mm,,,\n",
        "piece": f"id,product,made_at\n{pieces}",
        "measurement": f"piece,characteristic,measured_at,product,value\n{rows}P0,depth,2025-03-01 08:00,V,1\n",
    })  # fmt: skip
    watched = read_watched(place, Wanted(("measurement.bore",)))
    found = judge_capability(watched, None)
    assert (found.limits.lower, found.limits.upper, found.limits.target) == (60.0, 60.046, None)
    assert found.unit == "mm"
    assert found.groups[0].found.cpk is not None
    with pytest.raises(ForgecastError, match="no limits are known"):
        judge_capability(read_watched(place, Wanted(("measurement.depth",))), None)


def study_file(folder, headers, readings, name="study.csv"):
    rows = [
        f"{p + 1},{'ABC'[o]},{readings[p, o, t]}"
        for t in range(readings.shape[2])
        for o in range(readings.shape[1])
        for p in range(readings.shape[0])
    ]
    path = folder / name
    path.write_text("\n".join([headers, *rows]), encoding="utf-8")
    return path


def test_the_reference_study_of_aiag_from_a_file(tmp_path):
    """AIAG's reference: 27.86 % GRR and four categories; the numbers stand in the proof of the science."""
    studied = study_gauge(study_file(tmp_path, "零件,评价人,读数", READINGS), tolerance=10.0)
    assert (studied.parts, studied.operators, studied.trials) == (10, 3, 3)
    assert studied.anova.share == pytest.approx(0.2786, abs=5e-5)
    assert studied.anova.categories == 4
    grr = studied.rows(studied.anova)[0]
    assert grr[5] == pytest.approx(6.0 * math.sqrt(studied.anova.gauge) / 10.0)


def test_a_study_with_a_reading_missing_or_strange_headers_is_refused(tmp_path):
    path = study_file(tmp_path, "part,operator,value", READINGS)
    short = tmp_path / "short.csv"
    short.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:-1]), encoding="utf-8")
    with pytest.raises(ForgecastError, match="measured part 10 2 times"):
        study_gauge(short)
    odd = study_file(tmp_path, "x,y,z", READINGS, "odd.csv")
    with pytest.raises(ForgecastError, match="is headed part"):
        study_gauge(odd)
    assert study_gauge(odd, StudyColumns("x", "y", "z")).anova.categories == 4


def test_a_gauge_that_sees_mostly_itself_refuses_capability(tmp_path):
    x = np.random.default_rng(5).normal(0.0, 0.5, 120)
    gauge = study_gauge(study_file(tmp_path, "part,operator,value", READINGS)).anova
    found = judged(values_file(tmp_path, x), Limits(-2.0, 2.0), gauge=gauge).found
    assert found.cpk is None
    assert any("the gauge makes" in str(reason) for reason in found.refused)


def test_most_of_the_scatter_is_named_where_it_arises(tmp_path):
    rng = np.random.default_rng(1)
    rows = []
    for heat in range(20):
        level = rng.normal(0.0, 5.0)
        rows += [f"H{heat},{m},{level + rng.normal(0.0, 1.0):.6f}" for m in range(4) for _ in range(3)]
    rows.append("H1,,7")
    path = tmp_path / "hardness.csv"
    path.write_text("heat,mould,HB\n" + "\n".join(rows), encoding="utf-8")
    split = split_scatter(read_watched(path, Wanted(("HB",), ("heat", "mould"))), ("heat", "mould"))
    assert int(np.argmax(split.found.shares)) == 0
    assert "from heat to heat" in str(split.words)
    assert split.left_out == 1


def test_the_plan_keeps_both_risks_and_one_piece_less_does_not():
    planned = plan_sampling(0.01, 0.05)
    assert planned.producers_risk <= 0.05
    assert planned.consumers_risk <= 0.10
    less = plan_sampling(0.01, 0.05, given=(planned.plan.sample - 1, planned.plan.acceptance))
    assert less.producers_risk > 0.05 or less.consumers_risk > 0.10
    assert any("GB/T 2828.1" in str(note) for note in planned.notes)
    assert plan_sampling(0.01, 0.08, lot=200).counting == "lot"
