"""Facts of enterprise, projects and duties: as the records tell, for the day judged, and missing where they do not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forgecast.rules.fact import FactBase, Figure, Subject
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.duty_facts import Span, quarters_ended, years_ended
from forgecast.tasks.join_record_facts import with_record_facts
from forgecast.tasks.plant_view import PlantView, period_of
from tests.tasks.enterprise_plant import enterprise_plant
from tests.tasks.making import made_plant

DAY = date(2026, 6, 30)


def facts_of(plant: Path, day: date = DAY) -> FactBase:
    with PlantFolder.open(plant) as opened:
        period, at = period_of(opened, day)
        view = PlantView(opened, period, at)
        return with_record_facts(view, FactBase(Subject("site", "S", "S"), (), period.start, period.end))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> FactBase:
    return facts_of(enterprise_plant(tmp_path_factory.mktemp("enterprise")))


def value(subject: Subject, name: str) -> float | None:
    (figure,) = subject.figures[name]
    assert isinstance(figure, Figure)
    return figure.value


def one(base: FactBase, kind: str, name: str) -> Subject:
    (found,) = [subject for subject in base.of_kind(kind) if subject.id == name]
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("revenue", 6000.0),
        ("main_business_share", 100 * 5500 / 6000),
        ("liability_share", 50.0),
        ("rd_expense_low_2y", 600.0),
        ("rd_expense_sum_2y", 1300.0),
        ("rd_share_low_2y", 100 * 600 / 5600),
        ("revenue_growth_2y", 100 * ((6000 / 5400) ** 0.5 - 1)),
        ("main_revenue_mean_3y", 5000.0),
        ("score_best_2y", 62.0),
        ("class_one_in_use", 2.0),  # A and D; E has run out the day before, F is granted the day after
        ("class_one_own", 2.0),  # A and B; C is fourth, D was bought in
        ("innovative_smes", 1.0),
        ("specialised_smes", 0.0),
        ("specialised_or_higher", 1.0),  # the little giant holds on its last day
        ("maturity_level", 3.0),
        ("certificates_quality", 1.0),
        ("certificates_environment", 0.0),
        ("permits_valid", 1.0),
        ("months_stopped", 2.0),
        ("claim_im_data", 0.5),  # the newest answer of the day judged; a later one does not count yet
    ],
)
def test_figures_of_the_enterprise(base: FactBase, name: str, expected: float) -> None:
    assert value(base.site, name) == pytest.approx(expected, rel=1e-12)  # a handful of operations in doubles


def test_a_year_that_lacks_is_named_and_never_replaced(tmp_path: Path) -> None:
    """The last year is 2025; a figure of 2024 is no figure of it."""
    base = facts_of(made_plant(tmp_path, {"year_figure": "year,indicator,value\n2024,revenue,100"}))
    (figure,) = base.site.figures["revenue"]
    assert isinstance(figure, Figure)
    assert figure.value is None
    assert "revenue 2025" in figure.why_missing.say("en")
    assert set(base.site.figures) == {
        "revenue", "main_business_share", "rd_share_low_2y", "revenue_growth_2y"
    }  # fmt: skip


def test_the_last_year_ends_on_its_last_day(tmp_path: Path) -> None:
    plant = made_plant(tmp_path, {"year_figure": "year,indicator,value\n2025,revenue,7\n2024,revenue,6"})
    assert value(facts_of(plant, date(2025, 12, 31)).site, "revenue") == 7.0
    assert value(facts_of(plant, date(2025, 11, 30)).site, "revenue") == 6.0


def test_no_records_no_facts(tmp_path: Path) -> None:
    base = facts_of(made_plant(tmp_path, {"site": "id,name\nS,Works"}))
    assert (dict(base.site.figures), base.subjects, base.complete_kinds) == ({}, (), frozenset())


def test_titles_carry_their_recheck_and_yearly_duties(base: FactBase) -> None:
    giant = one(base, "honour", "H2")
    assert giant.facts["recheck_year"].value == 2026
    assert value(giant, "recheck_main_share") == pytest.approx(100 * 5500 / 6000)
    assert value(one(base, "honour", "H3"), "updates_in_time") == 100.0
    assert value(one(base, "honour", "H5"), "forms_in_time") == 0.0  # 16 April is a day late
    assert value(giant, "certificate_age") == pytest.approx(3.0, abs=0.01)  # three years; a year has 365.25 days


def test_permit_duties(base: FactBase) -> None:
    permit = one(base, "permit", "W")
    assert value(permit, "annual_report_days") == 32.0
    (quarters,) = permit.figures["quarterly_report_days"]
    assert isinstance(quarters, Figure)
    assert quarters.value is None  # one of four is proven
    assert "2025-12-31" in quarters.why_missing.say("en")
    assert value(permit, "days_left") == 184.0
    assert value(permit, "disclosures") == 0.0


def test_projects(base: FactBase) -> None:
    first, second = one(base, "project", "P1"), one(base, "project", "P2")
    assert {
        n: first.facts[n].value
        for n in ("started", "filed", "eia_approved", "permitted", "budget_named", "permit_class")
    } == {
        "started": True,
        "filed": True,
        "eia_approved": True,
        "permitted": False,  # a day after production began
        "budget_named": True,
        "permit_class": "key",
    }
    assert (second.facts["started"].value, second.facts["filed"].value) == (False, False)
    assert "safety_reviewed" not in first.facts  # an empty day says nothing
    assert "budget_named" not in second.facts
    assert value(first, "energy_unreviewed") == 900.0
    assert "energy_unreviewed" not in second.figures


def test_purchases_after_the_day_do_not_count(base: FactBase) -> None:
    assert [subject.id for subject in base.of_kind("investment")] == ["I1", "I2", "I3"]
    assert value(one(base, "investment", "I2"), "base_share") == 60.0


def test_spans_end_within_the_days_asked() -> None:
    assert years_ended(date(2025, 7, 1), date(2026, 7, 1)) == [Span(date(2025, 1, 1), date(2025, 12, 31))]
    assert years_ended(date(2026, 1, 1), date(2026, 12, 31)) == []
    assert [span.last for span in quarters_ended(date(2025, 12, 31), date(2026, 7, 1))] == [
        date(2025, 12, 31),
        date(2026, 3, 31),
        date(2026, 6, 30),
    ]
