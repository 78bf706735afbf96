"""Filling a book: what is open is listed; what is entered decides from then on and stands in the plant's folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.rules.verdict import Confidence
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.fill_book import OwnCopy, book_of_plant, fill_book, open_entries, own_file
from forgecast.tasks.judge_plant import judge_plant
from forgecast.tasks.new_plant import new_plant
from forgecast.tasks.plant_view import PlantView, period_of
from tests.tasks.small_plants import plant_of

BOOK = """
book:
  id: own
  title: {en: Own, zh: 自编}
  layer: national
  version: "1"
  source: nobody
  confidence: unverified
  comparison: "<="
  unit: mg/m3
  basis: {en: 1-h mean, zh: 1小时均值}
validity:
  - {from: 2021-01-01, for: "site.enterprise_status == 'new'"}
  - {from: 2023-07-01}
parameters:
  - {id: tall, value: 15, unit: m, clause: "2"}
evidence:
  pm: {en: tests of PM, zh: 颗粒物监测}
requirements:
  - id: pm
    clause: "1"
    title: {en: PM, zh: 颗粒物}
    subject: stack
    figure: pm
    limits:
      - {value: 50, until: 2023-07-01, from: 2021-01-01}
      - {pending: {en: not issued, zh: 尚未发布}, from: 2023-07-01}
  - id: height
    clause: "2"
    title: {en: Stack height, zh: 排气筒高度}
    subject: stack
    required: "height >= param.tall"
"""
TABLES = {
    "site": "id,name,enterprise_status,sector\nS,Works,existing,C3391\n",
    "stack": "id,name,process,height (m)\nDA1,one,cleaning,12\n",
    "stack_test": "id,stack,pollutant,sampled_at,concentration_mg_m3\nT1,DA1,pm,2025-05-06 10:00,20\n",
}


@pytest.fixture
def plant(tmp_path: Path) -> Path:
    place = plant_of(tmp_path, TABLES)
    own = place / "books" / "own"
    own.mkdir(parents=True)
    for name, content in (("limits.yaml", BOOK), ("book.md", ""), ("cases.yaml", "cases: []"), ("CHANGES.md", "")):
        (own / name).write_text(content, encoding="utf-8")
    return place


def words(place: Path) -> dict[str, str]:
    with PlantFolder.open(place) as folder:
        period, day = period_of(folder, date(2025, 5, 31))
        judged = judge_plant(PlantView(folder, period, day))
    return {v.requirement: str(v.word) for v in judged.verdicts if v.book == "own"}


def fill(place: Path, name: str, value: float | None = None, **more: object) -> Path:
    told = {"unit": "", "clause": "4.1", "source": "the copy on my desk", "confidence": Confidence.PRIMARY} | more
    with PlantFolder.open(place) as folder:
        return fill_book(folder, "own", OwnCopy(name, value, **told))


def test_what_is_open_is_listed_by_name(plant: Path) -> None:
    with PlantFolder.open(plant) as folder:
        found = {one.name: one for one in open_entries(book_of_plant(folder, "own"))}
    assert list(found) == ["param.tall", "pm.0", "pm.1", "height"]
    assert (found["pm.0"].value, found["pm.1"].value) == (50.0, None)
    assert str(found["pm.1"].why) == "not issued"
    assert found["height"].is_state
    assert "height" in str(found["param.tall"].title)


def test_what_is_entered_decides_from_then_on(plant: Path) -> None:
    assert words(plant) == {"pm": "not known", "height": "not known"}
    fill(plant, "pm.1", 19.5, unit="mg/m3")
    assert words(plant) == {"pm": "not met", "height": "not known"}
    fill(plant, "height")
    assert words(plant)["height"] == "not known"  # its number is open still
    path = fill(plant, "param.tall", 12.0)
    assert words(plant) == {"pm": "not met", "height": "met"}
    with PlantFolder.open(plant) as folder:
        assert path == own_file(folder, "own")
        assert [one.name for one in open_entries(book_of_plant(folder, "own"))] == ["pm.0"]
    assert "the copy on my desk" in path.read_text(encoding="utf-8")


def test_what_is_entered_for_one_stack_leaves_the_others_open(plant: Path) -> None:
    fill(plant, "pm.1", 30.0, addressed="id == 'DA2'")
    assert words(plant)["pm"] == "not known"
    fill(plant, "pm.1", 30.0, addressed="id == 'DA1'")
    assert words(plant)["pm"] == "met"


@pytest.mark.parametrize("said", ['say "so": it\'s 5 % {of} #1', "第4.1条：限值", "no", "2024-01-01", "a\nb"])
def test_any_words_of_a_source_come_back_as_they_were(plant: Path, said: str) -> None:
    fill(plant, "pm.1", 30.0, source=said)
    with PlantFolder.open(plant) as folder:
        value = book_of_plant(folder, "own").requirement("pm").values[-1]
    assert value.source.say("zh") == value.source.say("en") == said


@pytest.mark.parametrize(
    ("name", "value", "more", "match"),
    [
        ("nobody", 1.0, {}, "nothing named"),
        ("pm.1", None, {}, "is missing"),
        ("pm.1", 1.0, {"unit": "g/m3"}, "the unit is"),
        ("pm.1", 1.0, {"source": ""}, "missing"),
        ("height", 1.0, {}, "no value"),
        ("pm.1", 1.0, {"confidence": Confidence.UNVERIFIED}, "no way to know"),
    ],
)
def test_what_is_not_complete_is_refused_and_nothing_is_written(plant: Path, name, value, more, match) -> None:
    with pytest.raises(ForgecastError, match=match) as caught:
        fill(plant, name, value, **more)
    assert str(caught.value.repair)
    assert not list((plant / "books").glob("*.yaml"))


def test_a_book_that_ships_is_filled_in_an_empty_plant(tmp_path: Path) -> None:
    place = tmp_path / "empty"
    new_plant(place, name="W", zone_name="Asia/Shanghai")
    with PlantFolder.open(place) as folder:
        book = book_of_plant(folder, "gb_39726_2020")
        before = open_entries(book)
        assert before
        state = next(one for one in before if not one.is_state)
        value = 1.0 if state.value is None else None
        told = OwnCopy(state.name, value, "", "b", "the method as issued", Confidence.PRIMARY)
        fill_book(folder, book.id, told)
        after = open_entries(book_of_plant(folder, book.id))
        assert [one.name for one in before if one not in after] == [state.name]
        with pytest.raises(ForgecastError, match="no rulebook"):
            book_of_plant(folder, "nobody")
