"""Doors of standing: the first page and what it links to say what the tasks say."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from forgecast.app.doors.rules.kept import ASSESSMENT
from forgecast.app.doors.standing import DOORS
from forgecast.app.doors.standing.home import month_before
from forgecast.ground.errors import ForgecastError
from forgecast.rules.index.peers import LEAST_PEERS
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.open_matters import open_matters
from forgecast.tasks.permit_calendar import permit_calendar
from forgecast.tasks.record_entry import record_entries
from forgecast.tasks.score_plant import score_plant
from tests.app.doors.calls import Asking

DOOR = {door.name: door for door in DOORS}
NOON = 1_767_000_000_000_000


@pytest.fixture(scope="module")
def plant(sample_plant: Path) -> Iterator[PlantFolder]:
    with PlantFolder.open(sample_plant) as opened:
        yield opened


@pytest.fixture(scope="module")
def ask(plant: PlantFolder, tmp_path_factory: pytest.TempPathFactory) -> Asking:
    return Asking(plant, tmp_path_factory.mktemp("asked"))


def test_the_first_page_tells_the_index_and_the_worst_first(ask: Asking, plant: PlantFolder):
    told = ask(DOOR["home"])
    score = score_plant(plant).score
    assert told["score"] == score.total.as_json()
    assert [one["id"] for one in told["directions"]] == [one.direction.id for one in score.directions]
    assert len(told["directions"]) == 7
    not_met = [v for v in assess_plant(plant).verdicts if str(v.word) == "not met"]
    assert len(told["urgent"]) + told["urgent_more"] == len(not_met)
    assert told["urgent"][0]["force"] == "duty"
    assert told["plant"]["synthetic"] is True


def test_the_first_page_tells_what_changed_and_what_is_due(ask: Asking, plant: PlantFolder):
    told = ask(DOOR["home"])
    assert told["since"]["before_on"] == month_before(date.fromisoformat(told["at"])).isoformat()
    calendar = permit_calendar(plant)
    assert told["duty_counts"] == {str(state): count for state, count in calendar.as_json()["counts"].items()}
    states = [one["state"]["en"] for one in told["duties"]]
    assert set(states) <= {"overdue", "due"}
    assert states == sorted(states, key=["overdue", "due"].index)


def test_a_month_before_is_a_day_there_is():
    assert month_before(date(2025, 3, 31)) == date(2025, 2, 28)
    assert month_before(date(2025, 12, 31)) == date(2025, 11, 30)
    assert month_before(date(2025, 5, 15)) == date(2025, 4, 15)
    assert month_before(date(2025, 2, 28)) == date(2025, 1, 31)


def test_material_that_is_blocked_is_open_until_it_is_released(sample_plant: Path, tmp_path: Path):
    shutil.copytree(sample_plant, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as plant:
        heat = next(row for row in plant.records.read("heat"))
        begun = int(heat["tapped_at"])  # type: ignore[call-overload]
        held_before = len(open_matters(plant).held)

        def decide(decision: str, later_s: int) -> None:
            record_entries(
                plant,
                "disposition",
                [
                    {
                        "subject": "heat",
                        "subject_id": heat["id"],
                        "decided_at": begun + later_s * 1_000_000,
                        "decision": decision,
                        "decided_by": "Q-1",
                        "reason": "Mg 0.02 %",
                    }
                ],
                by="A. Tester",
            )

        # After whatever the sample plant has decided on this heat itself.
        decide("block", 40_000_000)
        held = {one.id: one for one in open_matters(plant).held}
        assert held[str(heat["id"])].reason == "Mg 0.02 %"
        told = Asking(plant, tmp_path / "asked")(DOOR["now"])
        assert {"blocked"} <= {one["state"] for one in told["held"]}
        decide("release", 40_000_600)
        assert str(heat["id"]) not in {one.id for one in open_matters(plant).held}
        assert len(open_matters(plant).held) == held_before


def test_a_plant_that_is_not_collected_calls_no_series_late(plant: PlantFolder):
    newest = open_matters(plant).newest
    assert newest is not None
    long_after = open_matters(plant, now=lambda: newest + 30 * 86_400_000_000)
    assert not long_after.collected
    assert long_after.late == ()


def test_series_that_stopped_while_others_go_on_are_late(plant: PlantFolder):
    newest = open_matters(plant).newest
    assert newest is not None
    soon = open_matters(plant, now=lambda: newest + 3_600_000_000)
    assert soon.collected
    # An hour after the last reading every series with a declared interval of minutes is overdue.
    assert soon.late
    ages = [one.age for one in soon.late]
    assert ages == sorted(ages, reverse=True)


def test_the_score_is_an_interval_and_the_radar_has_a_corner_for_each_direction(ask: Asking):
    told = ask(DOOR["score"])
    assert told["score"]["low"] <= told["score"]["value_over_known"] <= told["score"]["high"]
    assert len(told["radar"]["axes"]) == len([one for one in told["directions"] if one["score"]])
    low, high, _value = (one["values"] for one in told["radar"]["series"])
    assert all(a <= b for a, b in zip(low, high, strict=True))


def test_peers_are_at_least_five_and_none_is_told(ask: Asking):
    told = ask(DOOR["peers"], generated=12, all_groups=True)
    assert told["peers"] == 12
    assert told["least_peers"] == LEAST_PEERS == 5
    assert told["synthetic_peers"] is True
    assert all(cell["plants"] >= 5 for cell in told["quartiles"] if cell["quartiles"])
    with pytest.raises(ForgecastError, match="either assessments"):
        ask(DOOR["peers"])


def test_assessments_of_others_are_compared_by_their_uploads(ask: Asking, plant: PlantFolder):
    content = json.dumps(Asking(plant, ask.folder)(ASSESSMENT))
    names = []
    for number in range(6):
        other = json.loads(content)
        other["plant"]["id"] = f"other-{number}"
        (ask.folder / f"up{number}").write_text(json.dumps(other), encoding="utf-8")
        names.append(f"up{number}")
    told = ask(DOOR["peers"], assessments=names)
    assert told["peers"] == 6
    assert [cell["plants"] for cell in told["quartiles"] if cell["quartiles"]] == [6]
    assert told["synthetic_peers"] is False
    with pytest.raises(ForgecastError, match="at least 5"):
        ask(DOOR["peers"], assessments=names[:3])
    assert ask(DOOR["cluster"], assessments=names)["plants"] == 6


def test_duties_grade_evidence_and_incentives_are_those_of_the_tasks(ask: Asking, plant: PlantFolder):
    duties = ask(DOOR["duties"])
    dated = [one for one in permit_calendar(plant).duties if one.due is not None]
    assert len(duties["timeline"]["tasks"]) == len(dated)
    assert all(one["start_at"] <= one["end_at"] for one in duties["timeline"]["tasks"])
    assert [one["grade"] for one in ask(DOOR["grade"])["grades"]] == ["A", "B", "C"]
    assert all(0 <= (one["degree_shown"] or 0) <= 1 for one in ask(DOOR["evidence"])["evidence"])
    with_loan = ask(DOOR["incentives"], loan_CNY=1e6, loan_rate_percent=3.45)
    saved = next(row for row in with_loan["table"]["rows"] if row["id"] == "incentives/in_relending")
    assert saved["base"] == 1e6


def test_ladders_are_read_from_the_kept_assessment(ask: Asking):
    ask(ASSESSMENT)
    told = ask(DOOR["maturity"])
    assert "gb_39116_2020" in {one["book"] for one in told["ladders"]}
    assert all(sum(one["words"].values()) == len(one["rows"]) for one in told["ladders"])


@pytest.mark.slow
def test_the_report_leaves_pdf_and_html(ask: Asking):
    names = ask(DOOR["report"])["files"]
    assert {name.rpartition(".")[2] for name in names} == {"pdf", "html"}
    pdf = next(name for name in names if name.endswith(".pdf"))
    assert (ask.files / pdf).read_bytes().startswith(b"%PDF")
