"""A cluster of generated plants: the same whoever makes it, flat in memory, and nobody given away."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.rules.book import Policy
from forgecast.rules.evaluate import evaluate
from forgecast.rules.index.peers import LEAST_PEERS
from forgecast.rules.index.scheme import shipped_scheme
from forgecast.rules.index.score import score_of
from forgecast.rules.shelf import packaged_books
from forgecast.rules.verdict import Word
from forgecast.sample.cluster import CLASSES, light_plant, light_plants
from forgecast.tasks.assess_cluster import (
    ClusterRoll,
    ClusterRow,
    base_of,
    generated_rows,
    read_rows,
    rolled_up,
    row_of,
)
from forgecast.tasks.compare_peers import compare_peers, peer_group
from forgecast.tasks.index_inputs import IndexInputs, inputs_of, readings_of

QUESTIONS = ("spc_in_use", "traceability")
GOALS = next(book for book in packaged_books() if book.id == "opinion_goals")


@pytest.fixture(scope="module")
def rows() -> list[ClusterRow]:
    return list(generated_rows(count=24))


def test_a_plant_is_the_same_whoever_makes_it() -> None:
    whole = list(light_plants(QUESTIONS, count=8))
    assert whole[5] == light_plant(5, QUESTIONS)
    assert list(light_plants(QUESTIONS, first=3, count=5)) == whole[3:]
    assert light_plant(5, QUESTIONS, seed=8) != whole[5]


def test_the_classes_come_in_their_shares() -> None:
    count = Counter(plant.product_class for plant in light_plants(QUESTIONS, count=568))
    for name, (share, _, _) in CLASSES.items():
        # Five standard deviations of a binomial share.
        assert abs(count[name] / 568 - share) < 5 * (share * (1 - share) / 568) ** 0.5


def test_every_plant_is_judged_by_the_real_books(rows: list[ClusterRow]) -> None:
    words = {word for row in rows for (_, word), _ in row.words.items()}
    assert {"met", "not met", "not known", "not applicable"} <= words
    assert all(row.evaluations == sum(row.words.values()) > 100 for row in rows)


def test_a_better_plant_of_the_law_meets_more_of_the_goals() -> None:
    plant = light_plant(1, QUESTIONS)
    verdicts = evaluate(GOALS, base_of(plant), policy=Policy(minimum_coverage=0.75))
    told = {one.requirement: one for one in verdicts}
    goal = told["cnc_share"]
    assert goal.figure_value == plant.figures["cnc_share"]
    assert (goal.word is Word.MET) == (plant.figures["cnc_share"] > 70)


def test_the_roll_up_is_the_sum_of_its_rows(rows: list[ClusterRow]) -> None:
    roll = rolled_up(rows)
    assert roll.plants == 24
    assert roll.evaluations == sum(row.evaluations for row in rows)
    assert sum(sum(steps) for steps in roll.histograms.values()) == 24
    told = json.loads(json.dumps(roll.as_json()))
    assert set(told["verdicts"]) == {book for row in rows for book, _ in row.words}
    # A median within one step of that of the rows themselves.
    values = sorted(row.score.total.value for row in rows if row.product_class == "iron_casting")
    middle = told["index"]["iron_casting"]["p50"]
    assert values[(len(values) - 1) // 2 - 1] - 1 <= middle <= values[(len(values) - 1) // 2 + 1] + 1
    assert all(one["plants"] >= LEAST_PEERS for one in told["index"].values())
    assert told["suppressed_classes"] == len(roll.histograms) - len(told["index"])


def made_row(name: str, figure: float, output: float, kind: str = "casting") -> ClusterRow:
    """Return a plant with one goal of 10 that it misses by as much as its figure is below it."""
    inputs = IndexInputs({}, {"digital_rd_share": figure, f"good_{kind}": output}, {}, 0)
    score = score_of(shipped_scheme(), readings_of(shipped_scheme(), inputs))
    short = max(10.0 - figure, 0.0)
    return row_of(name, inputs, score, {"goal": ("not met" if short else "met", short or None)})


def test_a_shortfall_is_attributed_by_output() -> None:
    plants = [made_row(f"C{n}", 6.0, 100.0) for n in range(5)]
    plants += [made_row(f"F{n}", 9.0, 200.0, "forging") for n in range(5)]
    plants += [made_row("M", 12.0, 1500.0)]
    goal = rolled_up(plants).goals["goal"].as_json()
    # 5 * 4 * 100 = 2000 of castings, 5 * 1 * 200 = 1000 of forgings, over 3000 t.
    assert goal["attributed"] == pytest.approx({"casting": 2 / 3, "forging": 1 / 3})
    assert goal["mean_shortfall_by_output"] == pytest.approx(1.0)
    assert goal["plants"] == {"not met": 10, "met": 1}


def test_four_plants_of_a_class_hide_the_next_class_too() -> None:
    plants = [made_row(f"C{n}", 6.0, 100.0) for n in range(5)] + [
        made_row(f"F{n}", 9.0, 9.0, "forging") for n in range(4)
    ]
    told = rolled_up(plants).as_json()
    assert told["index"] == {}
    assert told["suppressed_classes"] == 2
    assert rolled_up(plants).goals["goal"].as_json()["attributed"] == {}


def test_memory_does_not_grow_with_the_number_of_plants(rows: list[ClusterRow]) -> None:
    def held(times: int) -> int:
        tracemalloc.start()
        roll = ClusterRoll()
        for _ in range(times):
            for row in rows:
                roll.add(row)
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert roll.plants == times * len(rows)
        return size

    held(1)
    # Sums of larger numbers may take a few bytes more.
    assert held(40) < held(2) + 10_000


def test_peers_are_of_the_same_kind_and_at_least_five(rows: list[ClusterRow]) -> None:
    own = next(row for row in rows if peer_group(row.inputs) == "casting")
    answer = compare_peers(own, rows)
    count = sum(peer_group(row.inputs) == "casting" for row in rows)
    assert answer.peers == count - 1
    assert 1 <= answer.sure_rank.best <= answer.known_rank.best <= answer.known_rank.worst <= answer.sure_rank.worst
    assert answer.sure_rank.worst <= count
    assert answer.efficiency is not None
    assert answer.efficiency_constant is not None
    assert 0 < answer.efficiency_constant <= answer.efficiency + 1e-6 <= 1 + 2e-6
    with pytest.raises(ForgecastError, match="only 4 peers"):
        compare_peers(own, [row for row in rows if peer_group(row.inputs) == "casting" and row is not own][:4])


def test_an_assessment_file_gives_the_same_row_as_its_verdicts(tmp_path: Path) -> None:
    from tests.app.made_up_assessment import made_up_assessment

    made = made_up_assessment()
    place = tmp_path / "a.json"
    place.write_text(json.dumps(made.as_json(), ensure_ascii=False), encoding="utf-8")
    (row,) = read_rows([tmp_path])
    inputs = inputs_of(made.verdicts, {one.id: one.value for one in made.figures}, {})
    assert row.score.total == score_of(shipped_scheme(), readings_of(shipped_scheme(), inputs)).total
    assert row.words == Counter((v.book, str(v.word)) for v in made.verdicts)
    assert row.inputs.duties_broken == inputs.duties_broken


@pytest.mark.parametrize("content", ["[]", "{}", "no json", '{"verdicts": 3, "figures": []}'])
def test_what_is_no_assessment_is_refused_with_its_place(tmp_path: Path, content: str) -> None:
    place = tmp_path / "a.json"
    place.write_text(content, encoding="utf-8")
    with pytest.raises(ForgecastError) as raised:
        list(read_rows([place]))
    assert "a.json" in str(raised.value.as_json())
    with pytest.raises(ForgecastError):
        list(read_rows([tmp_path / "nothing"]))
