from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.plant.record import records
from forgecast.plant.rows import RecordRows
from forgecast.store.importing import Source


def _heat(number, **more):
    return {"id": f"H{number}", "tapped_at": 1_700_000_000_000_000 + number, "furnace": "F1", "alloy": "QT450", **more}


def _counts(entry):
    return tuple(entry.counts[name] for name in ("rows_new", "rows_changed", "rows_same"))


def test_new_changed_and_same_rows_are_told_apart(plant, put, heats):
    assert _counts(put(plant, heats(_heat(1), _heat(2), _heat(3)), name="first.csv")) == (3, 0, 0)
    second = put(plant, heats(_heat(4), _heat(1), _heat(2, furnace="F2")), name="second.csv")
    assert _counts(second) == (1, 1, 1)
    assert [finding.code for finding in second.findings] == ["rows-changed"]
    assert str(second.findings[0].place) == "second.csv:4"
    rows = {row["id"]: row for row in plant.records.read("heat")}
    assert {name: row["furnace"] for name, row in rows.items()} == {"H1": "F1", "H2": "F2", "H3": "F1", "H4": "F1"}
    # A row that is the same keeps the place it first came from; a changed one stands where it was changed.
    assert [rows[name].place("furnace") for name in ("H1", "H2", "H4")] == [
        "first.csv:2:furnace", "second.csv:4:furnace", "second.csv:2:furnace",
    ]  # fmt: skip


def test_a_column_the_file_lacks_keeps_what_is_known_and_an_empty_cell_does_not(plant, put, heats):
    put(plant, heats(_heat(1, mass=900.0, C_percent=3.6), _heat(2, mass=901.0, C_percent=3.5)))
    entry = put(plant, heats(_heat(1, mass=None), _heat(2, mass=950.0)))
    rows = {row["id"]: row for row in plant.records.read("heat")}
    assert (rows["H1"]["mass"], rows["H1"]["C_percent"]) == (None, 3.6)
    assert (rows["H2"]["mass"], rows["H2"]["C_percent"]) == (950.0, 3.5)
    kept = next(finding for finding in entry.findings if finding.code == "values-kept")
    assert kept.count == 2
    assert "C_percent" in kept.reason.say("en")


def test_a_file_with_fewer_columns_that_says_nothing_new_changes_nothing(plant, put, heats):
    put(plant, heats(_heat(1, mass=900.0)))
    assert _counts(put(plant, heats(_heat(1)))) == (0, 0, 1)


def test_a_key_given_twice_in_one_file_is_doubtful_and_the_last_wins(plant, put, heats):
    entry = put(plant, heats(_heat(1, mass=1.0), _heat(1, mass=2.0), _heat(1, mass=3.0)))
    assert _counts(entry) == (1, 0, 2)
    assert [row["mass"] for row in plant.records.read("heat")] == [3.0]
    assert [(f.code, f.count, str(f.place)) for f in entry.findings] == [("repeated-key", 2, "file0.csv:2-3:id")]


def test_every_kind_of_value_comes_back_as_it_was(plant, put):
    rows = RecordRows(
        "permit",
        {"id": ["许-1", "许-2"], "site": ["S", "S"], "kind": ["key", None], "valid_from": [date(2023, 1, 1), None],
         "valid_until": [date(2027, 12, 31), None]},
        np.array([2, 3]),
    )  # fmt: skip
    shots = RecordRows(
        "shot",
        {"id": ["1"], "shot_at": [1_700_000_000_123_456], "die": ["D"], "number_of_day": [7], "running": [False],
         "trial": [None], "cast_pressure_bar": [5], "result": ["good"]},
        np.array([2]),
    )  # fmt: skip
    production = RecordRows(
        "production", {"month": ["2025-01"], "line": ["L1"], "route": ["casting"], "good_mass_t": [0.1]}, np.array([2])
    )
    put(plant, rows, shots, production)
    permit = plant.records.read("permit")[0].values
    assert permit == {
        "id": "许-1", "site": "S", "kind": "key", "valid_from": date(2023, 1, 1), "valid_until": date(2027, 12, 31),
    }  # fmt: skip
    shot = plant.records.read("shot")[0]
    assert shot["shot_at"] == 1_700_000_000_123_456
    assert shot["running"] is False
    assert shot["trial"] is None
    assert shot["cast_pressure_bar"] == 5.0
    assert plant.records.read("production", month="2025-01", line=["L1", "L2"])[0]["good_mass_t"] == 0.1
    assert plant.records.filled() == {"permit", "shot", "production"}


def test_keys_of_several_fields(plant, put):
    def months(values):
        return RecordRows(
            "meter_reading",
            {"meter": ["E1", "E1", "G1"], "month": ["2025-01", "2025-02", "2025-01"], "quantity": values},
            np.array([2, 3, 4]),
        )

    put(plant, months([1.0, 2.0, 3.0]))
    assert _counts(put(plant, months([1.0, 2.5, 3.0]))) == (0, 1, 2)
    assert [row["quantity"] for row in plant.records.read("meter_reading")] == [1.0, 2.5, 3.0]


def test_more_rows_than_are_looked_up_at_once(plant, put, heats):
    rows = heats(*(_heat(i, mass=float(i + 1)) for i in range(2_500)))
    assert _counts(put(plant, rows)) == (2_500, 0, 0)
    assert _counts(put(plant, rows)) == (0, 0, 2_500)
    columns = plant.records.columns("heat", ["mass", "tapped_at", "id"])
    assert columns["mass"].sum() == 2_500 * 2_501 / 2
    assert columns["tapped_at"].dtype == np.int64
    assert sorted(columns["id"]) == list(columns["id"])


def test_missing_values_in_columns_are_nan_never_zero(plant, put, heats):
    put(plant, heats(_heat(1, mass=None), _heat(2, mass=2.0)))
    mass = plant.records.columns("heat", ["mass"])["mass"]
    assert np.isnan(mass[0])
    assert mass[1] == 2.0
    assert plant.records.columns("piece", ["count", "made_at"])["count"].size == 0


def test_unknown_names_are_refused_with_the_known_ones(plant):
    with pytest.raises(ForgecastError) as caught:
        plant.records.read("heat", masss=1)
    assert "masss" in str(caught.value)
    assert "mass" in caught.value.repair.say("en")
    with pytest.raises(ForgecastError):
        plant.records.columns("heats", ["mass"])


def test_a_reference_to_nothing_is_found_when_asked_whatever_the_order(plant, put, heats):
    put(plant, heats(_heat(1), _heat(2), _heat(3, furnace="F2")), name="heats.csv")
    furnaces = RecordRows("equipment", {"id": ["F1"]}, np.array([2]))
    found = [f for f in plant.records.dangling_references() if f.place.column == "furnace"]
    assert [(f.value, f.count, str(f.place)) for f in found] == [
        ("F1", 2, "heats.csv:2-3:furnace"), ("F2", 1, "heats.csv:4:furnace"),
    ]  # fmt: skip
    put(plant, furnaces)
    assert [f.value for f in plant.records.dangling_references() if f.place.column == "furnace"] == ["F2"]


def test_a_reference_within_one_record(plant, put):
    put(plant, RecordRows("meter", {"id": ["E1", "E2", "E3"], "parent": [None, "E1", "E9"]}, np.array([2, 3, 4])))
    assert [(f.value, f.place.row) for f in plant.records.dangling_references()] == [("E9", 4)]


def test_a_row_of_a_workbook_is_placed_in_its_sheet(plant, put, heats):
    def sheet(name, *rows):
        return replace(heats(*rows), sheet=name)

    first = put(plant, sheet("一季度", _heat(1), _heat(2)), sheet("二季度", _heat(3)), name="heats.xlsx")
    assert first.findings == []
    put(plant, heats(_heat(4)), name="heats.csv")
    rows = {row["id"]: row for row in plant.records.read("heat")}
    assert [rows[name].place("mass") for name in ("H1", "H2", "H3", "H4")] == [
        "heats.xlsx!一季度:2:mass", "heats.xlsx!一季度:3:mass", "heats.xlsx!二季度:2:mass", "heats.csv:2:mass",
    ]  # fmt: skip
    # A changed row stands in the sheet that changed it; so says the finding.
    again = put(plant, sheet("更正", _heat(3, furnace="F2"), _heat(5), _heat(5)), name="heats.xlsx")
    assert [(f.code, str(f.place)) for f in again.findings] == [
        ("repeated-key", "heats.xlsx!更正:3:id"), ("rows-changed", "heats.xlsx!更正:2"),
    ]  # fmt: skip
    assert plant.records.read("heat", id="H3")[0].file == "heats.xlsx!更正"
    dangling = [f for f in plant.records.dangling_references() if f.place.column == "furnace"]
    assert {(f.value, f.place.file): f.count for f in dangling} == {
        ("F1", "heats.xlsx!一季度"): 2, ("F2", "heats.xlsx!更正"): 1, ("F1", "heats.csv"): 1,
        ("F1", "heats.xlsx!更正"): 1,
    }  # fmt: skip


def test_what_headers_say_fills_in_and_takes_nothing_away(plant):
    with plant.importing(Source("tags.csv", "tags.csv", "0", 1)) as entry:
        entry.put_rows(RecordRows("tag", {"id": ["a"], "name": ["炉温"], "unit": ["°C"]}, np.array([2])))
    with plant.importing(Source("readings.csv", "readings.csv", "1", 1)) as entry:
        told = RecordRows("tag", {"id": ["a", "b"], "unit": [None, "kW"], "low": [None, 0]}, np.array([0, 0]))
        assert entry.put_rows(told, only_known=True).same == 1
    rows = plant.records.read("tag")
    assert [(row["id"], row["name"], row["unit"], row["low"]) for row in rows] == [
        ("a", "炉温", "°C", None), ("b", None, "kW", 0.0),
    ]  # fmt: skip
    assert [row.place("unit") for row in rows] == ["tags.csv:2:unit", "readings.csv:unit"]


def test_every_reference_is_to_a_record_with_one_key():
    for kind in records().values():
        for field in kind.fields:
            if field.refers:
                assert len(records()[field.refers].key) == 1, (kind.name, field.name)
