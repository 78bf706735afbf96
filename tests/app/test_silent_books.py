"""Books of which nothing is on record are named once, and stop being so with the first record."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from forgecast.app.report.content import content_of
from forgecast.app.report.settle import silent_books
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment
from tests.tasks.making import made_plant

SITE = {"site": "id,name,sector\nS,Works,C3391"}
CLAIM = "book,requirement,answered_on,degree [1],answered_by\ngb_39116_2020,im_data,2026-01-05,0.8,Li"


def assessed(plant: Path) -> Assessment:
    with PlantFolder.open(plant) as opened:
        return assess_plant(opened, at=date(2026, 6, 30))


def test_silent_books_are_named_once_and_group_last(tmp_path: Path) -> None:
    assessment = assessed(made_plant(tmp_path, SITE))
    silent = silent_books(assessment.verdicts)
    assert {"project_review_2023", "gb_39116_2020", "incentives"} <= silent
    report = content_of(assessment, "en")
    assert f"Nothing is on record yet for {len(silent)} rulebooks" in report.summary[-1]
    last = report.not_known[-len(silent) :]
    assert {card.book for group in last for card in group.cards} == silent
    # Every open verdict stands somewhere; none of a silent book asks for a record of its own.
    assert not [card for group in report.not_known[: -len(silent)] for card in group.cards if card.book in silent]


def test_one_answer_ends_the_silence_even_where_the_rule_is_not_verified(tmp_path: Path) -> None:
    assert "gb_39116_2020" not in silent_books(assessed(made_plant(tmp_path, SITE | {"claim": CLAIM})).verdicts)
