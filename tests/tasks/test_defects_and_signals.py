"""Defects by class, failure modes beside what occurred, and signals followed down to shipped pieces."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.ground.tables import read_table
from forgecast.ground.texts import verbatim
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.chart_quality import ChartPlan
from forgecast.tasks.compare_failure_modes import compare_failure_modes, rating_of
from forgecast.tasks.contain_signal import contain_signal
from forgecast.tasks.defect_classes import class_of, classes
from forgecast.tasks.proven_effect import effect_of
from forgecast.tasks.rank_defects import rank_defects
from forgecast.tasks.watched import Column, Wanted, Watched
from tests.tasks.small_plants import COLD, chain, plant_of


@pytest.fixture(scope="module")
def works(tmp_path_factory):
    return chain(tmp_path_factory.mktemp("works"))


def test_the_table_of_defects_has_the_seven_classes_and_no_word_twice():
    assert sorted(classes()) == list("ABCDEFG")
    words: dict[str, str] = {}
    for row in read_table("defect_class").where(kind="defect"):
        for word in row["words"].split(";"):
            assert words.setdefault(word, row["class"]) == row["class"], word
        assert row["class"] in classes()


@pytest.mark.parametrize(
    ("word", "code", "sure"),
    [("气孔", "B", True), ("Cold-Shut", "C", True), ("砂眼", "G", False), ("夹渣 ", "G", True)],
)
def test_a_word_of_the_shop_floor_has_its_class(word, code, sure):
    found = class_of(word)
    assert found is not None
    assert (found.code, found.sure) == (code, sure)


def test_a_word_without_a_class_on_record_has_none():
    assert class_of("折叠") is None


def test_defects_are_ranked_by_their_pieces_not_their_rows(tmp_path):
    rows = "a,P1,2025-03-01 08:00,1,reject,砂眼\nb,P1,2025-03-01 08:00,5,reject,气孔\nc,P1,2025-03-02 08:00,90,good,\n"
    rows += (
        "d,P1,2025-03-02 08:00,2,reject,\ne,P1,2025-03-02 08:00,1,reject,砂眼\nf,P1,2025-03-02 08:00,1,reject,夹渣\n"
    )
    pieces = f"id,product,made_at,count,result,defect\n{rows}"
    place = plant_of(tmp_path, {"product": "id,name\nP1,a\n", "piece": pieces})
    ranked = rank_defects(place)
    assert [(row.name, row.count) for row in ranked.rows] == [("气孔", 5), ("砂眼", 2), ("夹渣", 1)]
    assert ranked.unnamed == 2
    by_class = rank_defects(place, by="class")
    assert [(row.name, row.count) for row in by_class.rows] == [("B", 5), ("G", 3)]
    with pytest.raises(ForgecastError, match="one side of 2026"):
        rank_defects(place, compare=date(2026, 1, 1))


def test_what_grew_is_named_where_chance_does_not_explain_it(tmp_path):
    path = tmp_path / "scrap.csv"
    rows = [
        ("2025-01-10", "砂眼", 60),
        ("2025-01-11", "气孔", 40),
        ("2025-06-10", "砂眼", 40),
        ("2025-06-11", "气孔", 80),
    ]
    path.write_text("day,缺陷,件数\n" + "\n".join(f"{a},{b},{c}" for a, b, c in rows), encoding="utf-8")
    wanted = Wanted((), time="day")
    ranked = rank_defects(path, by="缺陷", count="件数", compare=date(2025, 3, 1), wanted=wanted)
    # Pearson's chi-square of two by two by hand, with one degree of freedom.
    squares = 220 * (60 * 80 - 40 * 40) ** 2 / (100 * 120 * 100 * 120)
    assert ranked.chance == pytest.approx(math.erfc(math.sqrt(squares / 2.0)), rel=1e-9)
    assert ranked.grew == ("气孔",)
    assert ranked.rows[0].before == pytest.approx(0.4)
    assert ranked.rows[0].known is not None
    assert ranked.rows[0].known.code == "B"


def test_a_rate_has_the_rating_of_the_scale():
    assert [rating_of(rate) for rate in (0.0, 1e-5, 0.0011, 0.005, 0.0051, 0.06)] == [1, 1, 5, 6, 7, 10]


def test_a_failure_mode_stands_beside_what_occurred(works):
    with PlantFolder.open(works) as plant:
        compared = compare_failure_modes(plant)
        early = compare_failure_modes(plant, until=date(2025, 3, COLD - 1))
    modes = {mode.id: mode for mode in compared.modes}
    cold = modes["FM1"]
    assert [(c.record, c.bad, c.inspected) for c in cold.counted] == [("piece", 1, 24), ("nonconformity", 1, None)]
    # one of 24; Wilson's lower bound is about 0.7 %, which the scale rates 7 or more
    assert cold.rate == pytest.approx(1 / 24)
    assert cold.seen is not None
    assert cold.seen[0] == 7
    assert "rated 2, seen at least 7" in str(cold.disagrees)
    # none of 24 may still be as many as one in seven: the low rating is not disproved, the high one neither
    assert modes["FM2"].rate == 0.0
    assert modes["FM2"].disagrees is None
    assert modes["FM3"].why_missing is not None
    assert modes["FM3"].seen is None
    assert cold.priority == 30
    (before,) = [mode for mode in early.modes if mode.id == "FM1"]
    assert before.rate == 0.0


def test_a_plant_without_failure_modes_is_told_how_to_make_some(tmp_path):
    with (
        PlantFolder.open(plant_of(tmp_path, {"product": "id,name\nP1,a\n"})) as plant,
        pytest.raises(ForgecastError) as told,
    ):
        compare_failure_modes(plant)
    assert "--template" in str(told.value.repair)


def followed(works, field, **choice):
    by = choice.pop("by", "")
    done = choice.pop("done", None)
    with PlantFolder.open(works) as plant:
        return contain_signal(plant, Wanted((field,)), ChartPlan(rules="limits", **choice), by=by, done=done)


def test_a_cold_heat_is_followed_to_its_pieces_and_the_shipped_one_stays_open(works):
    found = followed(works, "heat.tap_temperature_degC")
    (suspect,) = found.suspects
    assert (suspect.kind, suspect.subjects, suspect.last_good) == ("heat", (f"H{COLD}",), f"H{COLD - 1}")
    pieces = {piece.name: piece for piece in suspect.pieces}
    assert set(pieces) == {f"P{COLD}-1", f"P{COLD}-2"}
    assert pieces[f"P{COLD}-1"].held
    assert pieces[f"P{COLD}-2"].shipments == ("S1",)
    assert suspect.nonconformities == ("N1",)
    assert not found.contained
    assert [piece.name for piece in suspect.open] == [f"P{COLD}-2"]


def test_what_was_measured_on_a_ladle_is_followed_from_the_ladle(works):
    (suspect,) = followed(works, "ladle.temperature_degC").suspects
    assert (suspect.kind, suspect.subjects) == ("ladle", (f"L{COLD}",))
    assert len(suspect.pieces) == 2
    # the report names a piece, which comes of the ladle
    assert suspect.nonconformities == ("N1",)


def test_an_effect_is_proven_only_with_enough_that_is_stable_after(works):
    """One cold heat and six good ones after it: the mean since the signal is one value, so no interval can be told."""
    (suspect,) = followed(works, "heat.tap_temperature_degC").suspects
    (effect,) = suspect.effects
    assert (effect.action, effect.before, effect.after) == ("A1", 1, 6)
    assert effect.verdict == "not known"
    assert effect.said is True


def test_a_shift_that_was_mended_is_proven_and_one_that_was_not_is_not(tmp_path):
    def rows(last):
        levels = [1400] * 12 + [1440] * 8 + [last] * 12
        return "".join(
            f"H{n},F,2025-03-{1 + n // 4:02d} {6 * (n % 4):02d}:00,{level + n % 3}\n" for n, level in enumerate(levels)
        )

    for last, verdict in ((1401, "proven"), (1440, "not proven"), (1480, "not proven")):
        folder = tmp_path / str(last)
        folder.mkdir()
        place = plant_of(folder, {"heat": f"id,furnace,tapped_at,tap_temperature_degC\n{rows(last)}"})
        found = followed(place, "heat.tap_temperature_degC", baseline=12, done=date(2025, 3, 6))
        verdicts = {effect.verdict for suspect in found.suspects for effect in suspect.effects if effect.before > 1}
        assert verdicts == {verdict}, last


def test_a_few_values_after_it_prove_nothing_yet():
    """A large shift that was mended: with five values after it nobody knows whether it lasts, with six it is proven."""
    for after, verdict in ((5, "not known"), (6, "proven")):
        values = np.array([10.0, 10.2] * 6 + [14.0, 14.2] * 4 + [10.0, 10.2, 10.1, 10.2, 10.0, 10.1][:after])
        times = np.arange(values.size, dtype=np.int64)
        names = np.array([str(n) for n in times], dtype=object)
        column = Column("d", verbatim("d"), "mm", values)
        rows = Watched("s", (column,), {}, names, times, "UTC", np.ones(values.size))
        effect = effect_of(rows, 12, 10.1, 20)
        assert (effect.before, effect.after, effect.verdict) == (8, after, verdict)


def test_pieces_between_two_that_were_measured_are_suspect_too(tmp_path):
    pieces = "".join(f"P{n:02d},V,2025-03-01 {n:02d}:00\n" for n in range(24))
    measured = "".join(
        f"P{n:02d},bore,2025-03-02 {n:02d}:00,V,{60 + 0.001 * (n % 4) + (0.5 if n == 20 else 0.0):.3f}\n"
        for n in range(0, 24, 2)
    )
    place = plant_of(tmp_path, {
        "product": "id,name\nV,Valve\n",
        "piece": f"id,product,made_at\n{pieces}",
        "measurement": f"piece,characteristic,measured_at,product,value\n{measured}",
    })  # fmt: skip
    (suspect,) = followed(place, "measurement.bore").suspects
    assert set(suspect.subjects) == {"P19", "P20"}
    assert {piece.name for piece in suspect.pieces} == {"P19", "P20"}


def test_suspects_without_a_piece_on_record_are_not_called_contained(tmp_path):
    rows = "".join(f"S{n},2025-03-01 {n:02d}:00,D1,{30 + n % 3 + (40 if n == 15 else 0)}\n" for n in range(24))
    found = followed(plant_of(tmp_path, {"shot": f"id,shot_at,die,biscuit_mm\n{rows}"}), "shot.biscuit_mm")
    (suspect,) = found.suspects
    assert suspect.subjects == ("S15",)
    assert suspect.pieces == ()
    assert found.contained is None


def test_a_record_that_leads_nowhere_is_refused(works):
    with pytest.raises(ForgecastError, match="lead to no heat"):
        followed(works, "failure_mode.severity")
