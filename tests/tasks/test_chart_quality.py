"""Charts of a plant's or a file's quantities: which rows make which point, in which order, and what signals."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.tasks.chart_quality import ChartPlan, chart_quality, rules_named
from forgecast.tasks.read_watched import read_watched
from forgecast.tasks.watched import Wanted
from tests.tasks.small_plants import chain, plant_of


@pytest.fixture(scope="module")
def works(tmp_path_factory):
    return chain(tmp_path_factory.mktemp("works"))


def table(folder, content):
    path = folder / "table.csv"
    path.write_text(content, encoding="utf-8")
    return path


def charted(source, field, *, by="", of="", labels=(), where=(), since=None, until=None, time="", **plan):
    made = ChartPlan(**plan)
    subgroup = () if made.subgroup.isdigit() else (made.subgroup,)
    fields = (field, *filter(None, [of])) if isinstance(field, str) else field
    wanted = Wanted(fields, (by, made.stage, *subgroup, *labels), where, since, until, time)
    return chart_quality(read_watched(source, wanted), made, by=by, of=of)


def test_single_values_have_the_limits_of_their_moving_ranges(tmp_path):
    """Values 10 and 12 in turn: mean 11, every moving range 2, so σ = 2/1.128."""
    path = table(tmp_path, "d [mm]\n" + "\n".join(["10", "12"] * 10) + "\n30\n")
    (group,) = charted(path, "d").groups
    values = np.array([10.0, 12.0] * 10 + [30.0])
    sigma = np.abs(np.diff(values)).mean() / (2.0 / np.sqrt(np.pi))
    assert group.panels[0].upper[0] == pytest.approx(values.mean() + 3.0 * sigma, rel=1e-12)
    assert group.panels[0].unit == "mm"
    assert group.panels[0].marks[0].at.tolist() == [20]
    assert group.points.names[20] == "22"  # the row of the file: the header is the first


def test_a_blank_row_makes_no_point_and_no_row_moves(tmp_path):
    path = table(tmp_path, "d,e\n" + "".join(f"{n % 3},{n}\n" for n in range(8)) + ",8\n" + "9,9\n")
    (group,) = charted(path, "d").groups
    assert group.points.names.tolist() == [str(n) for n in (*range(2, 10), 11)]


def test_subgroups_of_a_number_begin_anew_with_every_stage(tmp_path):
    rows = "".join(f"{n % 4},{'a' if n < 7 else 'b'}\n" for n in range(14))
    (group,) = charted(table(tmp_path, f"d,die\n{rows}"), "d", kind="xbar-r", subgroup="3", stage="die").groups
    assert group.points.first.tolist() == [0, 3, 6, 7, 10, 13]
    assert group.points.last.tolist() == [2, 5, 6, 9, 12, 13]
    assert group.stages.tolist() == ["a", "a", "a", "b", "b", "b"]


def test_equal_words_make_a_subgroup_in_the_order_of_their_first_row(tmp_path):
    rows = "5,z\n1,a\n7,z\n3,a\n2,\n"
    (group,) = charted(table(tmp_path, f"d,heat\n{rows}"), "d", subgroup="heat").groups
    assert group.points.names.tolist() == ["z", "a"]
    assert group.panels[0].values.tolist() == [6.0, 2.0]
    assert group.points.of_row.tolist() == [0, 1, 0, 1, -1]


def test_counts_of_bad_pieces_are_charted_of_the_pieces_inspected(tmp_path):
    rows = "".join(f"{k},{n}\n" for k, n in ((2, 100), (1, 50), (3, 100), (2, 100), (0, 50), (12, 100)))
    (group,) = charted(table(tmp_path, f"bad,n\n{rows}"), "bad", of="n", kind="p", rules="limits").groups
    share = 20.0 / 500.0
    assert group.panels[0].centre[0] == pytest.approx(share, rel=1e-12)
    assert group.panels[0].upper[0] == pytest.approx(share + 3.0 * np.sqrt(share * (1.0 - share) / 100.0), rel=1e-12)
    assert group.panels[0].flagged.tolist() == [5]


def test_results_are_counted_by_the_day_with_their_pieces_and_without_trials(tmp_path):
    rows = "S1,2025-03-01 23:59,D1,yes,reject\n"
    for day in range(1, 8):
        rows += "".join(
            f"S{day}-{n},2025-03-0{day} {n:02d}:30,D1,no,{'reject' if n < 2 else 'good'}\n" for n in range(8)
        )
    place = plant_of(tmp_path, {"shot": f"id,shot_at,die,trial,result\n{rows}"})
    made = charted(place, "shot.result", labels=("day",), kind="p")
    (group,) = made.groups
    assert group.points.names.tolist() == [f"2025-03-0{day}" for day in range(1, 8)]
    assert group.panels[0].values.tolist() == [0.25] * 7
    assert any("1 trial shots" in str(note) for note in made.notes)


def test_a_batch_counts_with_its_pieces(tmp_path):
    rows = "".join(f"B{n}g,P1,2025-03-0{n} 08:00,90,good\nB{n}r,P1,2025-03-0{n} 08:00,10,reject\n" for n in range(1, 8))
    place = plant_of(tmp_path, {"product": "id,name\nP1,a\n", "piece": f"id,product,made_at,count,result\n{rows}"})
    (group,) = charted(place, "piece.result", labels=("day",), kind="p").groups
    assert group.panels[0].values.tolist() == [0.1] * 7


def test_rows_stand_in_order_of_time_and_days_are_those_of_the_plant(tmp_path):
    # 17:00 UTC is one o'clock of the next day in China.
    times = ("2025-03-02 01:00", "2025-03-01 23:00", "2025-03-02 23:59", "2025-03-03 00:00")
    degrees = (1410, 1400, 1420, 1430)
    rows = "".join(f"H{n},F,{at},{t}\n" for n, (at, t) in enumerate(zip(times, degrees, strict=True), start=1))
    place = plant_of(tmp_path, {"heat": f"id,furnace,tapped_at,tap_temperature_degC\n{rows}"})
    field = "heat.tap_temperature_degC"
    (group,) = charted(place, field).groups
    assert group.panels[0].values.tolist() == [1400.0, 1410.0, 1420.0, 1430.0]
    (group,) = charted(place, field, since=date(2025, 3, 2), until=date(2025, 3, 2)).groups
    assert group.points.names.tolist() == ["H1", "H3"]
    assert group.points.moment(1) == "2025-03-02 23:59:00"


def test_the_time_is_the_one_that_every_row_states(tmp_path):
    """When a mould was made may be left out, when it was poured not."""
    rows = "M1,,2025-03-02 10:00,1410\nM2,2025-03-04 09:00,2025-03-02 09:00,1400\n"
    place = plant_of(tmp_path, {"mould": f"id,made_at,poured_at,pour_temperature_degC\n{rows}"})
    (group,) = charted(place, "mould.pour_temperature_degC").groups
    assert group.points.names.tolist() == ["M2", "M1"]


def test_a_label_is_found_over_what_a_row_refers_to(works):
    """The pieces name their mould only; the mould its ladle, the ladle its heat."""
    made = charted(works, "piece.result", by="heat", labels=("day",), kind="np")
    assert [group.group for group in made.groups] == sorted(f"H{n}" for n in range(1, 13))
    with pytest.raises(ForgecastError, match="has a field nonsense"):
        charted(works, "piece.result", by="nonsense", labels=("day",))


def test_what_is_not_there_is_listed(works, tmp_path):
    with pytest.raises(ForgecastError, match="nothing that can be watched") as told:
        charted(works, "heat.nothing")
    assert "heat.tap_temperature_degC" in str(told.value.repair)
    with pytest.raises(ForgecastError, match="no column width") as told:
        charted(table(tmp_path, "d [mm]\n1\n"), "width")
    assert "d [mm]" in str(told.value.repair)
    with pytest.raises(ForgecastError, match="names no field of a record"):
        charted(works, "tap_temperature")
    with pytest.raises(ForgecastError, match="counted, not measured"):
        charted(works, "piece.result", kind="i-mr")
    with pytest.raises(ForgecastError, match="x is no number"):
        charted(table(tmp_path, "d\n1\nx\n"), "d")
    with pytest.raises(ForgecastError, match="nothing says how many pieces"):
        charted(table(tmp_path, "bad\n1\n2\n"), "bad", kind="p")


def test_rows_are_chosen_by_their_words(tmp_path):
    path = table(tmp_path, "d,die\n1,a\n2,b\n3,a\n4,\n")
    assert charted(path, "d", where=(("die", "a"),), labels=("die",)).groups[0].panels[0].values.tolist() == [1.0, 3.0]
    assert charted(path, "d", where=(("die", "!a"),), labels=("die",)).groups[0].panels[0].values.tolist() == [2.0]
    with pytest.raises(ForgecastError, match="no row has die = c") as told:
        charted(path, "d", where=(("die", "c"),), labels=("die",))
    assert "a, b" in str(told.value.repair)


def test_a_time_column_orders_the_rows_and_an_open_date_is_refused(tmp_path):
    path = table(tmp_path, "t,d\n2025-03-02 08:00,2\n2025-03-01 08:00,1\n")
    (group,) = charted(path, "d", time="t").groups
    assert group.panels[0].values.tolist() == [1.0, 2.0]
    assert group.points.moment(0) == "2025-03-01 08:00:00"


def test_charts_that_remember_learn_from_the_first_points(tmp_path):
    """Of 10 and 12 in turn and then 13 for good, a sum signals; learnt from the first ten, centre 11, σ = 2/1.128."""
    path = table(tmp_path, "d\n" + "\n".join(["10", "12"] * 10 + ["13"] * 10))
    (group,) = charted(path, "d", kind="cusum", baseline=10).groups
    (panel,) = group.panels
    sigma = 2.0 / (2.0 / np.sqrt(np.pi))
    step = (13.0 - 11.0) / sigma - 0.5
    assert panel.values[-1] - panel.values[-2] == pytest.approx(step, rel=1e-9)
    assert panel.flagged.size
    assert panel.flagged.min() >= 20
    (group,) = charted(path, "d", kind="ewma", baseline=10).groups
    assert group.panels[0].centre[0] == pytest.approx(11.0)


def test_limits_learnt_from_the_first_points_are_not_moved_by_a_shift(tmp_path):
    """Ten values of 10 and 12 in turn, then 20 for good: centre 11 and σ = 2/1.128 whatever comes after."""
    path = table(tmp_path, "d\n" + "\n".join(["10", "12"] * 5 + ["20"] * 10))
    (group,) = charted(path, "d", baseline=10, rules="limits").groups
    assert group.panels[0].centre[-1] == pytest.approx(11.0)
    assert group.panels[0].upper[-1] == pytest.approx(11.0 + 3.0 * np.sqrt(np.pi), rel=1e-12)
    assert group.panels[0].flagged.tolist() == list(range(10, 20))
    with pytest.raises(ForgecastError, match="not where stages part them"):
        charted(table(tmp_path, "d,e\n1,a\n2,b\n"), "d", baseline=2, stage="e")


def test_several_values_are_watched_together_and_the_odd_one_is_named(tmp_path):
    rng = np.random.default_rng(3)
    x = rng.normal(0.0, 1.0, (60, 2))
    x[40] = (0.0, 9.0)
    path = table(tmp_path, "a,b\n" + "\n".join(f"{p},{q}" for p, q in x))
    (group,) = charted(path, ("a", "b"), kind="t2").groups
    assert 40 in group.panels[0].flagged
    assert "b" in str(dict(group.details)[40])


def test_rules_are_known_by_name():
    assert [rule.name for rule in rules_named("nelson-1,nelson-5")] == ["nelson-1", "nelson-5"]
    assert rules_named("none") == ()
    with pytest.raises(ForgecastError, match="no rule named 9"):
        rules_named("9")


def test_a_chart_that_mostly_signals_says_what_to_do(tmp_path):
    path = table(tmp_path, "d\n" + "\n".join(str(n // 10) for n in range(200)))
    made = charted(path, "d")
    assert any("the level moves" in str(note) for note in made.notes)
    assert not made.stable
    assert made.as_json()["groups"][0]["points"] == 200
