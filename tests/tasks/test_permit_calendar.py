"""The calendar of duties: last days by the book, proofs that count, and what stays open."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forgecast.rules.verdict import Confidence
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.permit_calendar import DutyDay, DutyState, PermitCalendar, permit_calendar
from tests.tasks.enterprise_plant import enterprise_plant
from tests.tasks.making import made_plant


def calendar_of(plant: Path, day: date) -> PermitCalendar:
    with PlantFolder.open(plant) as opened:
        return permit_calendar(opened, at=day)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return enterprise_plant(tmp_path_factory.mktemp("calendar"))


def of(calendar: PermitCalendar, duty: str) -> dict[date, DutyDay]:
    return {one.span.last: one for one in calendar.duties if one.duty == duty}


def test_reports_of_key_management(plant: Path) -> None:
    """The judged twelve months begin on 2025-07-01; the third quarter was proven in time, the year a day late."""
    found = calendar_of(plant, date(2026, 6, 30))
    year = of(found, "annual_report")
    assert year[date(2025, 12, 31)].due == date(2026, 1, 31)
    assert year[date(2025, 12, 31)].state is DutyState.LATE
    assert year[date(2025, 12, 31)].evidence == "drawer 3"
    assert year[date(2026, 12, 31)].state is DutyState.DUE
    quarters = of(found, "quarterly_report")
    assert {last: one.state for last, one in quarters.items() if last <= date(2026, 6, 30)} == {
        date(2025, 9, 30): DutyState.DONE,
        date(2025, 12, 31): DutyState.OVERDUE,
        date(2026, 3, 31): DutyState.OVERDUE,
        date(2026, 6, 30): DutyState.DUE,
    }
    assert quarters[date(2026, 3, 31)].due == date(2026, 4, 15)
    assert max(quarters) == date(2026, 12, 31)  # the permit ends in that quarter
    assert quarters[date(2026, 3, 31)].confidence is Confidence.UNVERIFIED


def test_the_last_day_itself_is_not_overdue(plant: Path) -> None:
    def state(day: date) -> DutyState:
        return of(calendar_of(plant, day), "quarterly_report")[date(2025, 12, 31)].state

    assert state(date(2026, 1, 15)) is DutyState.DUE
    assert state(date(2026, 1, 16)) is DutyState.OVERDUE


def test_a_proof_of_a_later_day_is_none_yet(plant: Path) -> None:
    year = of(calendar_of(plant, date(2026, 1, 31)), "annual_report")
    assert year[date(2025, 12, 31)].state is DutyState.DUE
    assert year[date(2025, 12, 31)].done_on is None


def test_renewal_and_yearly_duties_of_titles(plant: Path) -> None:
    found = calendar_of(plant, date(2026, 6, 30))
    assert of(found, "renewal")[date(2026, 12, 31)].due == date(2026, 11, 1)
    assert of(found, "champion_update")[date(2026, 12, 31)].state is DutyState.DONE
    assert of(found, "green_factory_form")[date(2026, 12, 31)].state is DutyState.LATE
    assert of(found, "green_factory_form")[date(2027, 12, 31)].state is DutyState.DUE
    assert date(2027, 12, 31) not in of(found, "champion_update")  # that title ends in 2026


@pytest.mark.parametrize(("kind", "asked"), [("simplified", {"annual_report"}), ("registration", set())])
def test_the_class_says_which_reports_are_asked(tmp_path: Path, kind: str, asked: set[str]) -> None:
    table = f"id,site,kind,valid_from,valid_until\nW,S,{kind},2024-01-01,2028-12-31"
    found = calendar_of(made_plant(tmp_path, {"site": "id,name\nS,Works", "permit": table}), date(2026, 6, 30))
    assert {one.duty for one in found.duties if one.duty.endswith("report")} == asked


def test_the_reader_s_own_number_moves_the_day(tmp_path: Path) -> None:
    plant = enterprise_plant(tmp_path)
    (plant / "books").mkdir(exist_ok=True)
    (plant / "books" / "own.yaml").write_text(
        'overlay: {book: permit_duties, layer: national, title: {en: mine, zh: 自有}, version: "1"}\n'
        "limits:\n"
        "  - {requirement: annual_report, value: 40, unit: day, clause: mine, source: mine, confidence: primary}\n",
        encoding="utf-8",
    )
    year = of(calendar_of(plant, date(2026, 6, 30)), "annual_report")[date(2025, 12, 31)]
    assert (year.due, year.state, year.confidence) == (date(2026, 2, 9), DutyState.DONE, Confidence.PRIMARY)


def test_a_plant_without_permit_is_told_what_to_enter(tmp_path: Path) -> None:
    found = calendar_of(made_plant(tmp_path, {"site": "id,name\nS,Works"}), date(2026, 6, 30))
    assert found.duties == ()
    assert [gap.record for gap in found.gaps] == ["permit", "duty_proof"]
