"""Doors of the environment: hours, ledger, duties, masses, reports and telegrams, against the tasks and the records."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from pydantic import ValidationError

from forgecast.app.doors.environment import DOORS
from forgecast.ground.dates import Period
from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.judge_hours import judge_hours
from tests.app.doors.green_calls import asked, call_of
from tests.app.test_hj212_cli import GOOD_ONE

#: The sample plant's hidden trouble: a torn bag filter of the cupola in the week of 15 September 2025.
WEEK = {"since_on": "2025-09-15", "until_on": "2025-09-19"}


@pytest.fixture(scope="module")
def plant(sample_plant: Path) -> Iterator[PlantFolder]:
    with PlantFolder.open(sample_plant) as opened:
        yield opened


@pytest.fixture
def own(sample_plant: Path, tmp_path: Path) -> Iterator[PlantFolder]:
    """Return a copy that a test may change."""
    shutil.copytree(sample_plant, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as opened:
        yield opened


def test_the_calendar_says_what_the_hours_say(plant: PlantFolder) -> None:
    answer = asked(DOORS, "hours", call_of(plant), month="2025-09")
    judged = judge_hours(plant, Period(date(2025, 9, 1), date(2025, 10, 1)))
    over = {(one.stack, one.pollutant, one.hour) for one in judged.exceedances()}
    assert over
    for stack in answer["stacks"]:
        assert [len(day["states"]) for day in stack["days"]] == [24] * 30
        counted = sum(day["over_h"] for day in stack["days"])
        assert counted == sum(one[:2] == (stack["stack"], stack["pollutant"]) for one in over)
    only = asked(DOORS, "hours", call_of(plant), month="2025-09", stack=["DA001"])
    assert {one["stack"] for one in only["stacks"]} == {"DA001"}
    with pytest.raises(ForgecastError, match="no stack"):
        asked(DOORS, "hours", call_of(plant), month="2025-09", stack=["DA999"])


def test_a_day_shows_measured_converted_limit_and_why(plant: PlantFolder) -> None:
    answer = asked(DOORS, "day", call_of(plant), day_on="2025-09-16", stack="DA001", pollutant="pm")
    hours = answer["hours"]
    assert len(hours) == 24
    assert hours[0]["begins_at"] == "2025-09-15T16:00:00Z"  # midnight in China is 16:00 UTC of the day before
    over = [one for one in hours if one["state"] == "x"]
    assert over
    for one in over:
        assert one["value_mg_m3"] > one["limit_mg_m3"]
        assert one["word"] == "not met"
        assert one["over"][0]["limit"] <= one["value_mg_m3"]
    rest = next(one for one in hours if one["state"] == "r")
    assert rest["why"]["en"] == "the stack stood still"
    (chart,) = answer["charts"].values()
    assert chart["series"][0]["values"] == [one["value_mg_m3"] for one in hours]
    assert chart["times"][1] - chart["times"][0] == 3_600_000


def test_an_hour_shows_the_readings_it_rests_on(plant: PlantFolder) -> None:
    answer = asked(DOORS, "hour", call_of(plant), stack="DA001", begins_at="2025-09-16T11:00:00+08:00")
    assert answer["begins_at"] == "2025-09-16T03:00:00Z"
    pm = next(one for one in answer["series"] if one["measures"] == "pm")
    assert pm["count"] == len(pm["values"])
    assert pm["mean"] == pytest.approx(sum(pm["values"]) / len(pm["values"]))  # all are good in this hour
    # Sampled every ten minutes, each for the interval behind it: the first reading of the hour bears its tenth minute.
    assert all(0 <= t - 1_757_991_600_000 <= 3_600_000 for t in pm["times"])
    assert {one["pollutant"] for one in answer["hours"]} == {"pm", "so2", "nox"}
    with pytest.raises(ForgecastError, match="no instant"):
        asked(DOORS, "hour", call_of(plant), stack="DA001", begins_at="2025-09-16T11:00:00")


def test_now_is_the_last_day_with_readings_where_nothing_is_collected(plant: PlantFolder) -> None:
    answer = asked(DOORS, "now", call_of(plant))
    assert answer["live"] is False
    assert answer["on"] == "2025-12-31"
    for one in answer["stacks"]:
        assert len(one["states"]) == 24
        assert one["over_h"] == one["states"].count("x")
    assert "DA002" in answer["silent"]  # a stack with manual tests only
    reach = asked(DOORS, "reach", call_of(plant))
    assert reach["month"] == "2025-12"
    assert set(reach["pollutants"]) == {"pm", "so2", "nox"}


def test_exceedances_are_explained_once_and_on_the_trail(own: PlantFolder) -> None:
    before = asked(DOORS, "exceedances", call_of(own), **WEEK)
    first = before["events"][0]
    assert before["unexplained"] == len(before["events"])
    said = {"stack": first["stack"], "pollutant": first["pollutant"], "cause": "bag torn", "response": "bag renewed",
            "begins_at": first["begins_at"], "ends_at": first["ends_at"], "reported_on": "2025-09-16"}  # fmt: skip
    done = asked(DOORS, "explain-exceedance", call_of(own), **said)
    assert len(done["entries"]) == first["hours"]
    after = asked(DOORS, "exceedances", call_of(own), **WEEK)
    assert after["unexplained"] == before["unexplained"] - 1
    assert [after["events"][0][name] for name in ("cause", "response", "reported_on")] == [
        "bag torn", "bag renewed", "2025-09-16",
    ]  # fmt: skip
    again = asked(DOORS, "explain-exceedance", call_of(own), **said)
    assert (again["new"], again["changed"], again["same"]) == (0, 0, first["hours"])
    rows = own.records.read("ledger_entry", section="abnormal", automatic=True)
    assert sum(row["cause"] == "bag torn" for row in rows) == first["hours"]


def test_a_calm_day_is_not_explained_and_leaves_no_trace(own: PlantFolder) -> None:
    head = own.audit_head()
    with pytest.raises(ForgecastError, match="was over a limit"):
        asked(DOORS, "explain-exceedance", call_of(own), stack="DA001", pollutant="pm",
              begins_at="2025-08-01T00:00:00Z", ends_at="2025-08-02T00:00:00Z", cause="none")  # fmt: skip
    assert own.audit_head() == head


def test_the_ledger_lists_what_lacks_first_and_page_by_page(own: PlantFolder) -> None:
    whole = asked(DOORS, "ledger", call_of(own), **WEEK, limit=1000)
    lacking = [one["lacking"] for one in whole["rows"]]
    assert whole["lacking"] == sum(lacking) > 0
    assert lacking == sorted(lacking, reverse=True)
    assert sum(whole["counts"].values()) == len(whole["rows"])
    rows: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = asked(DOORS, "ledger", call_of(own), **WEEK, limit=37, after=after)
        rows += page["rows"]
        after = page["next"]
    assert rows == whole["rows"]
    entered = asked(DOORS, "enter-exceedances", call_of(own), **WEEK)
    assert len(entered["new"]) == whole["lacking"]
    assert asked(DOORS, "enter-exceedances", call_of(own), **WEEK) == {"new": [], "anew": [], "same": whole["lacking"]}


def test_an_entry_by_hand_stands_in_its_section(own: PlantFolder) -> None:
    done = asked(DOORS, "record-entry", call_of(own), section="other", began_at="2025-09-15T09:30:00+08:00",
                 what="fence repaired", equipment="")  # fmt: skip
    assert done["new"] == 1
    page = asked(DOORS, "ledger", call_of(own), **WEEK, section="other", limit=1000)
    (line,) = (one for one in page["rows"] if one["origin"] == done["entries"][0])
    assert (line["began"], line["what"]["en"], line["automatic"]) == ("2025-09-15 09:30", "fence repaired", False)
    head = own.audit_head()
    with pytest.raises(ForgecastError, match="no instant"):
        asked(DOORS, "record-entry", call_of(own), section="other", began_at="2025-09-15T09:30:00", what="x")
    assert own.audit_head() == head


def test_a_duty_is_done_once_its_proof_is_entered(own: PlantFolder) -> None:
    before = asked(DOORS, "duties", call_of(own))
    one = next(
        d for d in before["duties"] if d["done_on"] is None and d["duty"] in ("annual_report", "quarterly_report")
    )
    asked(DOORS, "prove-duty", call_of(own), duty=one["duty"], period_from_on=one["span_from_on"],
          period_until_on=one["span_until_on"], done_on=before["at_on"], evidence="shelf 4")  # fmt: skip
    after = asked(DOORS, "duties", call_of(own))
    (same,) = (d for d in after["duties"] if (d["duty"], d["span_from_on"]) == (one["duty"], one["span_from_on"]))
    assert (same["done_on"], same["evidence"]) == (before["at_on"], "shelf 4")
    assert same["state"] in ("done", "done late")


def test_masses_add_up_to_their_table_and_stay_within_their_bounds(plant: PlantFolder) -> None:
    answer = asked(DOORS, "mass", call_of(plant), year=2025)
    pm = next(one for one in answer["totals"] if one["pollutant"] == "pm")
    assert pm["permitted_t"] is not None
    stacks = next(table for table in answer["tables"] if table["id"] != "mass" and "method" in table["rows"][0])
    known = [row["mass"] for row in stacks["rows"] if row["pollutant"]["en"] == "PM" and row["mass"] is not None]
    assert pm["mass_t"] == pytest.approx(sum(known) / 1000.0)  # the table of stacks is in kg
    assert pm["low_t"] <= pm["mass_t"]
    chart = answer["charts"]["months"]
    assert len(chart["x"]) == 12


def test_flows_tell_tables_and_a_warning_shows_its_measures(own: PlantFolder) -> None:
    waste = asked(DOORS, "waste", call_of(own), year=2025)
    assert "hazardous" in {table["id"] for table in waste["tables"]}
    sand = asked(DOORS, "sand", call_of(own), year=2025, scale_share=0.01)
    assert sand["tables"][0]["rows"]
    before = asked(DOORS, "emergency", call_of(own), month="2025-11")
    asked(DOORS, "record-warning", call_of(own), level="red", from_at="2025-11-20T08:00:00+08:00",
          until_at="2025-11-22T08:00:00+08:00", source="notice 7")  # fmt: skip
    after = asked(DOORS, "emergency", call_of(own), month="2025-11")
    assert len(after["warnings"]) == len(before["warnings"]) + 1
    new = next(one for one in after["warnings"] if one["source"] == "notice 7")
    assert (new["level"], new["begun_at"], new["ended_at"]) == ("red", "2025-11-20T00:00:00Z", "2025-11-22T00:00:00Z")


def test_the_report_leaves_files_that_open(plant: PlantFolder, tmp_path: Path) -> None:
    look = asked(DOORS, "report-preview", call_of(plant), quarter="2025Q3", scale_share=0.01)
    assert look["period"] == {"since_on": "2025-07-01", "until_on": "2025-09-30"}
    made = asked(DOORS, "execution-report", call_of(plant, tmp_path), quarter="2025Q3", scale_share=0.01)
    assert made["first_page"] == look["first_page"]
    pdf, xlsx = (tmp_path / name for name in made["files"])
    assert len(pypdfium2.PdfDocument(pdf)) > 3
    sheets = openpyxl.load_workbook(xlsx).sheetnames
    assert {"compliance", "exceedances", "gaps"} <= set(sheets)


@pytest.mark.parametrize("of", ["hours", "ledger", "mass", "waste", "sand", "emergency"])
def test_every_workbook_opens(plant: PlantFolder, tmp_path: Path, of: str) -> None:
    made = asked(DOORS, "workbook", call_of(plant, tmp_path), of=of, month="2025-09", scale_share=0.01)
    book = openpyxl.load_workbook(tmp_path / made["files"][0])
    assert len(book.sheetnames) > 1


def test_a_sand_workbook_asks_how_well_masses_are_known(plant: PlantFolder, tmp_path: Path) -> None:
    with pytest.raises(ForgecastError, match="how well masses are known"):
        asked(DOORS, "workbook", call_of(plant, tmp_path), of="sand", month="2025-09")


def test_telegrams_are_counted_and_the_password_stays_out(plant: PlantFolder, tmp_path: Path) -> None:
    path = tmp_path / "capture.txt"
    path.write_bytes(GOOD_ONE + GOOD_ONE.replace(b"12.5", b"13.5"))
    answer = asked(DOORS, "telegrams", call_of(plant, tmp_path, {"u1": path}), upload_id="u1")
    assert (answer["telegrams"], answer["rejected"], answer["sound"]) == (1, 1, False)
    assert "wrong-check-digits" in {one["code"] for one in answer["findings"]}
    assert "secret" not in str(answer)  # nor in what is said of the damaged one


@pytest.mark.parametrize(
    ("asked_for", "what"),
    [
        ({"month": "2025-09", "year": 2025}, "cannot be asked for together"),
        ({"since_on": "2025-09-01"}, "one end"),
        ({"since_on": "2025-09-02", "until_on": "2025-09-01"}, "no stretch"),
        ({"since_on": "2015-01-01", "until_on": "2025-09-01"}, "no stretch"),
    ],
)
def test_days_that_cannot_be_asked_for_are_refused(plant: PlantFolder, asked_for: dict[str, Any], what: str) -> None:
    with pytest.raises(ForgecastError, match=what):
        asked(DOORS, "exceedances", call_of(plant), **asked_for)


@pytest.mark.parametrize("month", ["2025-13", "0000-01", "9999-12", "2025-9"])
def test_months_that_are_none_are_refused(plant: PlantFolder, month: str) -> None:
    with pytest.raises(ValidationError):
        asked(DOORS, "exceedances", call_of(plant), month=month)
