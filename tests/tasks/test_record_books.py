"""The books of enterprise, projects and duties, applied to a plant that has the records, and to one that has none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forgecast.rules.verdict import Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.judge_plant import judge_plant
from forgecast.tasks.plant_view import PlantView, period_of
from tests.tasks.enterprise_plant import enterprise_plant
from tests.tasks.making import made_plant

BOOKS = (
    "project_review_2023", "permit_duties", "gb_39116_2020", "sme_ladder_2026", "champion_2023", "green_factory_2025",
    "smart_factory_2025", "incentives",
)  # fmt: skip


def judged(plant: Path, day: date = date(2026, 6, 30)) -> dict[str, str]:
    with PlantFolder.open(plant) as opened:
        period, at = period_of(opened, day)
        verdicts = judge_plant(PlantView(opened, period, at)).verdicts
    return {verdict.id: str(verdict.word) for verdict in verdicts if verdict.book in BOOKS}


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judged(enterprise_plant(tmp_path_factory.mktemp("books")))


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        ("project_review_2023/eia_book/P1", "not met"),  # 100,000 t of iron with a form
        ("project_review_2023/eia_form/P2", "met"),
        ("project_review_2023/permit_key/P1", "met"),  # a cupola, and the permit is one of key management
        ("project_review_2023/permit_forging/P2", "met"),
        ("project_review_2023/filing/P1", "not known"),  # the rule itself is from memory
        ("permit_duties/annual_report/W", "not known"),
        ("sme_ladder_2026/sp_prerequisite/S", "met"),
        ("sme_ladder_2026/lg_prerequisite/S", "not met"),
        ("sme_ladder_2026/lg_main_business/S", "met"),  # 91.7 %
        ("sme_ladder_2026/lg_growth/S", "met"),  # 5.41 % a year
        ("sme_ladder_2026/lg_rd_sum/S", "met"),
        ("sme_ladder_2026/lg_class_one/S", "not known"),  # two of four, and the exemption was never answered
        ("sme_ladder_2026/lg_market/S", "met"),  # third at home
        ("sme_ladder_2026/lg_no_champion/S", "not met"),
        ("sme_ladder_2026/lg_old_recheck/H2", "met"),
        ("sme_ladder_2026/lg_old_recheck/H1", "not applicable"),
        ("champion_2023/ch_years/S", "not known"),  # eight years, and nobody said whether the product is new
        ("champion_2023/ch_revenue/S", "not met"),
        ("champion_2023/ch_update/H3", "met"),
        ("green_factory_2025/gf_form/H5", "not met"),
        ("green_factory_2025/gf_quality_system/S", "met"),
        ("green_factory_2025/gf_environment_system/S", "not met"),
        ("green_factory_2025/gf_running/S", "met"),
        ("smart_factory_2025/sf_excellent_level/S", "met"),
        ("smart_factory_2025/sf_leading_level/S", "not met"),
        ("gb_39116_2020/im_data/S", "not known"),
        ("incentives/in_special_equipment/I1", "met"),
        ("incentives/in_special_equipment/I3", "not met"),
        ("incentives/in_digital/I2", "met"),
        ("incentives/in_vat/S", "met"),
    ],
)
def test_words(words: dict[str, str], verdict: str, word: str) -> None:
    assert words[verdict] == word


def test_before_its_day_the_ladder_of_2026_is_not_asked(tmp_path: Path) -> None:
    words = judged(enterprise_plant(tmp_path), date(2026, 3, 31))
    assert words["sme_ladder_2026/sp_prerequisite/S"] == "not applicable"


def test_a_plant_without_these_records_gets_no_judgement(tmp_path: Path) -> None:
    """Nothing is met or broken by silence, and each open verdict names what would settle it."""
    plant = made_plant(tmp_path, {"site": "id,name,sector\nS,Works,C3391"})
    with PlantFolder.open(plant) as opened:
        period, at = period_of(opened, date(2026, 6, 30))
        verdicts = [v for v in judge_plant(PlantView(opened, period, at)).verdicts if v.book in BOOKS]
    assert {verdict.word for verdict in verdicts} <= {Word.NOT_KNOWN, Word.NOT_APPLICABLE}
    assert {verdict.book for verdict in verdicts} == set(BOOKS)
    assert [verdict.id for verdict in verdicts if verdict.word is Word.NOT_KNOWN and not verdict.missing] == []
