"""Entries without a file are checked as an import is, go in all or none, and leave no trace when nothing is new."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Severity
from forgecast.store.entry import EntryRefusedError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from forgecast.tasks.new_plant import new_plant
from forgecast.tasks.record_entry import entry_of, record_entries

T = 1_735_783_200_000_000  # 2025-01-02 10:00 in China
HEAT = {"tapped_at": T, "furnace": "F1", "alloy": "QT450-10"}


@pytest.fixture
def plant(tmp_path: Path):
    new_plant(tmp_path / "plant", name="一号厂")
    with PlantFolder.open(tmp_path / "plant") as opened:
        yield opened


def test_words_values_and_chinese_headers_say_the_same(plant):
    first = record_entries(
        plant,
        "heat",
        [entry_of("heat", ["id=H1", "tapped_at=2025-01-02 10:00", "furnace=F1", "alloy=QT450-10", "mass=0.9 t"])],
    )
    assert (first.new, first.changed, first.same) == (1, 0, 0)
    for row in (
        HEAT | {"id": "H1", "mass": 900.0},
        {"炉次号": "H1", "mass (kg)": "900"},
        {"id": "H1", "出炉质量（t）": "0.9"},
        entry_of("heat", ["id=H1", "出炉质量=900kg"]),
    ):
        assert record_entries(plant, "heat", [row]).same == 1, row
    assert plant.records.read("heat")[0]["mass"] == 900.0
    assert plant.audit_head() == first.head


def test_what_is_not_given_stays_and_what_is_empty_goes(plant):
    record_entries(plant, "heat", [HEAT | {"id": "H1", "mass": 900.0, "C_percent": 3.6}])
    record_entries(plant, "heat", [{"id": "H1", "mass": 950.0}, {"id": "H1", "C_percent": None}])
    row = plant.records.read("heat")[0]
    assert (row["mass"], row["alloy"], row["C_percent"]) == (950.0, "QT450-10", None)


def test_the_place_of_an_entry_is_its_person_and_its_link(plant):
    done = record_entries(plant, "heat", [HEAT | {"id": "H1", "mass": 900.0}], by="王工")
    assert plant.records.read("heat")[0].place("mass") == f"entry:王工:{done.head.link}:mass"
    record_entries(plant, "heat", [HEAT | {"id": "H2"}], by="王工")
    (listed,) = plant.records.imports()
    assert (listed.name, listed.fed, listed.counts["rows_new"]) == ("entry:王工", ("heat",), 2)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"id": "H2", "furnace": "F1", "alloy": "A"}, "`tapped_at` of Heat is needed and is not given"),
        ({"id": "H1", "tapped_at": None}, "`tapped_at` of Heat is needed and is not given"),
        ({"id": "H1", "tap_temperature_degC": "14800"}, "tap_temperature_degC"),
        ({"id": "H1", "mass": "900"}, "nothing says in which unit `mass` is 900"),
        ({"id": "H1", "mass (m)": "900"}, "the unit m does not fit"),
        ({"id": "H1", "mass": 1.0e9}, "mass"),
        ({"id": "H1", "tapped_at": "yesterday"}, "tapped_at"),
        ({"id": "H1", "colour": "red"}, "has no field colour"),
        ({"mass": 1.0}, "known by id, which is not given"),
        ({"id": "H1", "mass": 5.0, "mass (t)": "1"}, "`mass` is given twice"),
    ],
)
def test_what_an_import_would_refuse_is_refused(plant, row, why):
    record_entries(plant, "heat", [HEAT | {"id": "H1"}])
    before = plant.records.read("heat")
    with pytest.raises(ForgecastError) as caught:
        record_entries(plant, "heat", [HEAT | {"id": "H3"}, row])
    assert why in caught.value.say("en")
    assert plant.records.read("heat") == before
    assert plant.verify().links == 2


def test_words_of_a_code_are_read_in_both_languages_and_others_refused(plant):
    head = {"subject_id": "H1", "decided_at": T + 1, "decided_by": "QA"}
    record_entries(plant, "heat", [HEAT | {"id": "H1"}])
    record_entries(plant, "disposition", [head | {"subject": "炉次", "decision": "放行"}])
    assert plant.records.read("disposition")[0]["decision"] == "release"
    with pytest.raises(EntryRefusedError, match="is not one of the words"):
        record_entries(plant, "disposition", [head | {"subject": "heat", "decision": "wave through"}])


def test_days_flags_and_whole_numbers_come_back_as_they_went_in(plant):
    record_entries(plant, "piece", [{"id": "A", "product": "P", "made_at": T, "marked": True, "count": 3}])
    record_entries(
        plant, "action", [{"id": "1", "kind": "corrective", "what": "dry the sand", "due": date(2025, 3, 1)}]
    )
    piece, action = plant.records.read("piece")[0], plant.records.read("action")[0]
    assert (piece["marked"], piece["count"], piece["made_at"], action["due"]) == (True, 3, T, date(2025, 3, 1))


def test_an_entry_and_a_file_correct_each_other(plant, tmp_path):
    file = tmp_path / "heat.csv"
    file.write_text("id,tapped_at,furnace,alloy,mass (kg)\nH1,2025-01-02 10:00,F1,QT450-10,900\n", encoding="utf-8")
    import_files(plant, [file], by="Anna")
    record_entries(plant, "heat", [{"id": "H1", "mass": 950.0}], by="Bo")
    report = import_files(plant, [file], again=True, by="Anna").files[0]
    assert [(fed.changed, fed.same) for fed in report.fed] == [(1, 0)]
    assert [one.by for one in plant.history("heat", ["H1"])] == ["Anna", "Bo", "Anna"]
    assert all(finding.severity is not Severity.REFUSED for finding in plant.records.findings())


def test_many_rows_at_a_time(plant):
    rows = [HEAT | {"id": f"H{i}", "mass": 100.0 + i} for i in range(5_000)]
    assert record_entries(plant, "heat", rows).new == 5_000
    assert record_entries(plant, "heat", rows).same == 5_000
    assert plant.verify().links == 2


@pytest.mark.parametrize(("word", "why"), [("H1", "does not say which field"), ("=5", "does not say which field")])
def test_a_word_without_its_field_is_told(word, why):
    with pytest.raises(ForgecastError, match=why):
        entry_of("heat", [word])
    with pytest.raises(ForgecastError, match="given twice"):
        entry_of("heat", ["id=H1", "id=H2"])
