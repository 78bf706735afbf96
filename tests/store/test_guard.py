"""Impossible moves are refused by the store whatever brings them, and corrections that shake the past are told."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Severity
from forgecast.store.entry import EntryRefusedError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from forgecast.tasks.record_entry import record_entries
from forgecast.tasks.subject_status import subject_status

DAY = 86_400_000_000
T = 20_000 * DAY
HEAT = {"tapped_at": T, "furnace": "F1", "alloy": "QT450-10", "mass": 900.0}
PIECE = {"product": "P1", "made_at": T + 1}


@pytest.fixture
def tell(plant):
    def entered(name: str, *rows: dict[str, object]) -> list[str]:
        return [finding.code for finding in record_entries(plant, name, rows, by="QA").findings]

    entered("heat", HEAT | {"id": "H1"}, HEAT | {"id": "H2"})
    entered("piece", PIECE | {"id": "A", "heat": "H1"}, PIECE | {"id": "B", "heat": "H2", "count": 10})
    entered("shipment", {"id": "S1", "customer": "C", "shipped_at": T + 5 * DAY})
    return entered


def _decide(subject: str, number: str, decision: str, at: int = T + DAY) -> dict[str, object]:
    return {"subject": subject, "subject_id": number, "decided_at": at, "decision": decision, "decided_by": "QA"}


def _ship(tell, piece: str, shipment: str = "S1", **more: object) -> None:
    assert tell("shipment_item", {"shipment": shipment, "piece": piece} | more) == []


def _refused(tell, piece: str, **more: object) -> list[str]:
    with pytest.raises(EntryRefusedError) as caught:
        tell("shipment_item", {"shipment": "S1", "piece": piece} | more)
    return [str(f.reason) for f in caught.value.findings] or [str(caught.value.what)]


def _write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_refused_rows_of_a_file_are_findings_and_the_rest_goes_in(plant, tell, tmp_path):
    tell("disposition", _decide("heat", "H1", "release"))
    file = _write(tmp_path / "shipment_item.csv", "shipment,piece,count", "S1,A,", "S1,B,4", "S9,A,")
    report = import_files(plant, [file]).files[0]
    assert [(fed.name, fed.new, fed.refused) for fed in report.fed] == [("shipment_item", 1, 2)]
    found = {(f.place.row, f.value): f for f in report.findings if f.severity is Severity.REFUSED}
    assert {f.code for f in found.values()} == {"impossible-move"}
    assert "heat H2 is not released" in str(found[3, "B"].reason)
    assert "subject heat" in str(found[3, "B"].repair)
    assert "shipment S9 is not recorded" in str(found[4, "A"].reason)
    assert [row["piece"] for row in plant.records.read("shipment_item")] == ["A"]
    assert plant.verify().whole
    # Given again as it is, once what was missing is there; and only then is it settled.
    tell("disposition", _decide("heat", "H2", "release"))
    assert not import_files(plant, [file]).files[0].already_in
    tell("shipment", {"id": "S9", "customer": "C", "shipped_at": T + 3 * DAY})
    again = import_files(plant, [file]).files[0]
    assert [(fed.new, fed.same, fed.refused) for fed in again.fed] == [(0, 2, 1)]
    (found,) = [f for f in again.findings if f.severity is Severity.REFUSED]
    assert "none would be left" in str(found.reason)  # A has left with S1
    file = _write(tmp_path / "shipment_item.csv", "shipment,piece,count", "S1,A,", "S1,B,4")
    assert not import_files(plant, [file]).files[0].already_in
    assert import_files(plant, [file]).files[0].already_in


def test_rows_that_share_a_reason_are_one_finding(plant, tell, tmp_path):
    tell("piece", *(PIECE | {"id": f"C{i}", "heat": "H1"} for i in range(20)))
    file = _write(tmp_path / "shipment_item.csv", "shipment,piece,count", *(f"S1,C{i}," for i in range(20)))
    (found,) = [f for f in import_files(plant, [file]).files[0].findings if f.severity is Severity.REFUSED]
    assert (found.count, found.place.row, found.place.last_row) == (20, 2, 21)


def test_decisions_of_a_file_are_taken_in_order_of_time(plant, tell, tmp_path):
    lines = [
        "heat,H1,2030-01-03 10:00,remelt,QA",
        "heat,H1,2030-01-02 10:00,scrap,QA",
        "heat,H1,2030-01-04 10:00,release,QA",
        "heat,H7,2030-01-04 10:00,release,QA",
    ]
    tell("heat", {"id": "H1", "tapped_at": T})
    head = "subject,subject_id,decided_at,decision,decided_by"
    lines = [line.replace("2030", "2025") for line in lines]
    report = import_files(plant, [_write(tmp_path / "disposition.csv", head, *lines)]).files[0]
    refused = {f.place.row: str(f.reason) for f in report.findings if f.severity is Severity.REFUSED}
    assert refused == {
        4: "heat H1 is remelted: it cannot be decided to release",
        5: "the record heat has no row for H7",
    }
    assert subject_status(plant, "heat", "H1").life.at() == "remelted"


def test_a_workbook_may_hold_its_sheets_in_any_order(plant, tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, head, row in (
        ("shipment_item", ["shipment", "piece"], ["S1", "A"]),
        ("disposition", ["subject", "subject_id", "decided_at", "decision", "decided_by"],
         ["heat", "H1", "2025-01-02 12:00", "release", "QA"]),
        ("shipment", ["id", "customer", "shipped_at"], ["S1", "C", "2025-01-03 12:00"]),
        ("piece", ["id", "product", "made_at", "heat"], ["A", "P1", "2025-01-02 11:00", "H1"]),
        ("heat", ["id", "tapped_at", "furnace", "alloy", "mass (kg)"], ["H1", "2025-01-02 10:00", "F1", "A", 900]),
    ):  # fmt: skip
        sheet = book.create_sheet(name)
        sheet.append(head)
        sheet.append(row)
    book.save(tmp_path / "all.xlsx")
    report = import_files(plant, [tmp_path / "all.xlsx"]).files[0]
    assert {fed.name: (fed.new, fed.refused) for fed in report.fed if fed.refused or not fed.new} == {}
    assert plant.records.count("shipment_item") == 1


@pytest.mark.parametrize(
    ("piece", "more"),
    [
        ({"ladle": "L1"}, [("ladle", {"id": "L1", "heat": "H1", "filled_at": T})]),
        ({"mould": "M1"}, [("mould", {"id": "M1", "heat": "H1", "poured_at": T})]),
        (
            {"mould": "M1"},
            [
                ("ladle", {"id": "L1", "heat": "H1", "filled_at": T}),
                ("mould", {"id": "M1", "ladle": "L1", "poured_at": T}),
            ],
        ),
    ],
)
def test_the_heat_of_a_piece_is_found_over_ladle_and_mould(tell, piece, more):
    tell("piece", PIECE | {"id": "C"} | piece)
    assert "the heat of piece C is not known" in _refused(tell, "C")[0]
    for name, row in more:
        tell(name, row)
    assert _refused(tell, "C") == ["heat H1 is not released"]
    tell("disposition", _decide("heat", "H1", "release"))
    _ship(tell, "C")


def test_a_batch_has_the_heats_of_all_it_came_out_of(tell):
    tell("piece", PIECE | {"id": "M"}, PIECE | {"id": "N"})
    tell("batch_step", {"id": "1", "at": T + 2, "kind": "mix", "from_piece": "A", "to_piece": "M", "count": 1})
    tell("batch_step", {"id": "2", "at": T + 2, "kind": "mix", "from_piece": "B", "to_piece": "M", "count": 6})
    tell("disposition", _decide("heat", "H1", "release"))
    assert _refused(tell, "M") == ["heat H2 is not released"]
    # A third part of unknown heat: no heat answers for all of them.
    tell("batch_step", {"id": "3", "at": T + 3, "kind": "mix", "from_piece": "N", "to_piece": "M", "count": 1})
    tell("disposition", _decide("heat", "H2", "release"))
    assert "the heat of piece M is not known" in _refused(tell, "M")[0]
    tell("disposition", _decide("piece", "M", "concession"))
    assert "8 pieces, of which 0" in _refused(tell, "M", count=9)[0]
    _ship(tell, "M", count=8)
    # What went into M has left B: 4 of its 10 remain.
    assert "piece B has 4 pieces" in _refused(tell, "B", count=5)[0]
    _ship(tell, "B")


def test_a_furnace_load_binds_what_was_in_it_and_what_was_split_off_after(tell):
    tell("disposition", _decide("heat", "H2", "release"))
    tell("heat_treatment", {"id": "Q1", "process": "quenching", "started_at": T + 10, "ended_at": T + 20})
    tell("heat_treatment_load", {"heat_treatment": "Q1", "piece": "B"})
    tell("disposition", _decide("heat_treatment", "Q1", "block"))
    tell("piece", PIECE | {"id": "early"}, PIECE | {"id": "late"})
    for number, (piece, at) in enumerate((("early", T + 5), ("late", T + 30))):
        step = {"id": f"{number}", "at": at, "kind": "split", "from_piece": "B", "to_piece": piece, "count": 2}
        tell("batch_step", step)
    _ship(tell, "early")
    assert _refused(tell, "late") == ["heat treatment Q1 is blocked"]
    assert _refused(tell, "B") == ["heat treatment Q1 is blocked"]


def test_what_came_into_a_batch_after_it_left_does_not_bind_it(tell):
    tell("disposition", _decide("heat", "H1", "release"))
    tell("piece", PIECE | {"id": "M"}, PIECE | {"id": "N"})
    tell("heat_treatment", {"id": "Q1", "process": "quenching", "started_at": T + 10})
    tell("heat_treatment_load", {"heat_treatment": "Q1", "piece": "N"})
    tell("disposition", _decide("heat_treatment", "Q1", "block"))
    for number, (piece, at) in enumerate((("A", T + 2), ("N", T + 6 * DAY))):
        step = {"id": f"{number}", "at": at, "kind": "merge", "from_piece": piece, "to_piece": "M", "count": 1}
        tell("batch_step", step)
    _ship(tell, "M", count=1)


def test_a_nonconformity_binds_the_narrowest_thing_it_names(tell):
    tell("disposition", _decide("heat", "H1", "release"), _decide("heat", "H2", "release"))
    report = {"id": "N1", "raised_at": T + 5, "stage": "inspection", "severity": "minor"}
    tell("nonconformity", report | {"heat": "H1", "piece": "B"})
    _ship(tell, "A")
    assert _refused(tell, "B") == ["nonconformity N1 about it is not closed"]
    tell("disposition", _decide("nonconformity", "N1", "close"))
    _ship(tell, "B")


def test_more_pieces_than_the_batch_has_cannot_leave(tell):
    tell("disposition", _decide("heat", "H1", "release"), _decide("heat", "H2", "release"))
    tell("shipment", {"id": "S2", "customer": "C", "shipped_at": T + 6 * DAY})
    _ship(tell, "B", count=7)
    assert "of which 7 are shipped already; 4 more cannot be" in _refused(tell, "B", shipment="S2", count=4)[0]
    _ship(tell, "B", "S2")  # the rest
    assert "none would be left" in _refused(tell, "B", shipment="S1", count=10)[0]  # for S2
    _ship(tell, "A")
    assert "none would be left" in _refused(tell, "A", shipment="S2")[0]
    tell("disposition", _decide("piece", "A", "return", T + 5 * DAY + 1))
    tell("disposition", _decide("piece", "A", "release", T + 5 * DAY + 2))
    _ship(tell, "A", "S2")


def test_what_changes_under_a_shipped_piece_goes_in_and_is_doubtful(plant, tell):
    tell("disposition", _decide("heat", "H1", "release"), _decide("heat", "H2", "release"))
    _ship(tell, "A")
    assert tell("heat", {"id": "H2", "C_percent": 3.5}) == []  # nothing of it has left
    assert tell("heat", {"id": "H1", "C_percent": 3.6}) == ["changed-after-shipment"]
    # A new row about it is no change of what was known; unless it shakes the shipment.
    late = {"id": "N1", "raised_at": T + 9 * DAY, "stage": "customer", "piece": "A"}
    assert tell("nonconformity", late) == []
    assert tell("nonconformity", late | {"id": "N2", "raised_at": T + 2 * DAY}) == ["shipment-now-doubtful"]
    assert tell("disposition", _decide("piece", "A", "concession", T + 3 * DAY)) == []
    assert tell("disposition", _decide("heat", "H1", "block", T + 4 * DAY)) == ["shipment-now-doubtful"]
    assert tell("piece", {"id": "A", "heat": "H2"}) == ["changed-after-shipment"]
    # Shipped before it was made, and before its heat was released.
    assert tell("shipment", {"id": "S1", "shipped_at": T}) == [
        "changed-after-shipment", "shipment-now-doubtful", "shipment-now-doubtful",
    ]  # fmt: skip
    assert plant.records.read("piece", id="A")[0]["heat"] == "H2"
    assert {f.severity for f in plant.records.findings()} == {Severity.DOUBTFUL}
    assert plant.verify().whole


def test_a_decision_put_before_others_that_it_makes_impossible_is_told(plant, tell):
    tell("disposition", _decide("heat", "H1", "release", T + 3 * DAY))
    assert tell("disposition", _decide("heat", "H1", "remelt", T + 2 * DAY)) == ["decision-now-impossible"]
    life = subject_status(plant, "heat", "H1").life
    assert (life.at(), [bool(step.refusal) for step in life.steps]) == ("remelted", [False, True])


def test_a_changed_decision_is_judged_as_a_new_one(tell):
    tell("disposition", _decide("heat", "H1", "release"))
    with pytest.raises(EntryRefusedError, match="cannot be decided to close"):
        tell("disposition", _decide("heat", "H1", "close"))
    assert tell("disposition", _decide("heat", "H1", "block")) == []
    assert _refused(tell, "A") == ["heat H1 is blocked"]
    assert tell("disposition", _decide("heat", "H1", "block")) == []  # said again


def test_of_two_writers_at_once_only_one_ships_the_last_piece(plant, tell):
    tell("disposition", _decide("heat", "H1", "release"))
    tell("shipment", {"id": "S2", "customer": "C", "shipped_at": T + 5 * DAY})
    said: list[str] = []

    def ship(shipment: str) -> None:
        with PlantFolder.open(plant.path) as own:
            try:
                record_entries(own, "shipment_item", [{"shipment": shipment, "piece": "A"}])
                said.append("shipped")
            except EntryRefusedError:
                said.append("refused")

    threads = [threading.Thread(target=ship, args=(shipment,)) for shipment in ("S1", "S2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["refused", "shipped"]


def test_a_plant_without_decisions_takes_everything_as_before(plant, tell):
    assert tell("piece", PIECE | {"id": "A", "heat": "H2"}) == []
    assert tell("heat", {"id": "H1", "mass": 1.0}) == []
    assert plant.records.findings() == ()


def test_status_says_what_may_be_decided_and_what_is_missing(plant, tell):
    standing = subject_status(plant, "piece", "A")
    assert [str(one.reason) for one in standing.shipping] == ["heat H1 is not released"]
    assert standing.life.at() == "recorded"
    lacking = dict(standing.next)
    assert lacking["scrap"] is None
    assert str(lacking["return"]) == "nothing of piece A has been shipped"
    tell("disposition", _decide("heat", "H1", "release"))
    assert subject_status(plant, "piece", "A").shipping == ()
    assert subject_status(plant, "heat", "H1").shipping is None
    with pytest.raises(ForgecastError, match="no row for H9"):
        subject_status(plant, "heat", "H9")
    with pytest.raises(ForgecastError, match="nothing is decided on furnace"):
        subject_status(plant, "furnace", "F1")
