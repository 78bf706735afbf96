"""One test body, every database: what a plant remembers does not depend on where its records are."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from forgecast.ground.errors import PlantError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text
from forgecast.plant.record import records
from forgecast.plant.rows import RecordRows
from forgecast.signals.reading import Readings
from forgecast.store.database import engine
from forgecast.store.importing import Source
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.tables import metadata

T = 1_735_689_600_000_000
SAMPLES = {
    "text": "文本 ✓", "code": None, "month": "2025-01", "integer": 2**40, "flag": False, "date": date(2024, 2, 29),
    "time": T,
}  # fmt: skip


#: What makes the sample a plant in which every decision and shipment is possible.
POSSIBLE = {
    ("piece", "result"): "good",
    ("disposition", "subject"): "piece",
    ("disposition", "decision"): "concession",
    ("batch_step", "from_piece"): "another",
}


def _sample(kind, field, number):
    if (kind.name, field.name) in POSSIBLE:
        return POSSIBLE[kind.name, field.name]
    if field.is_number:
        return 0.1 + number
    if field.kind == "code":
        return field.choices[number % len(field.choices)].code
    if field.key and field.kind == "text":
        return f"键{number}"
    return SAMPLES[field.kind]


def _rows(kind, numbers, sheet=""):
    columns = {field.name: [_sample(kind, field, number) for number in numbers] for field in kind.fields}
    return RecordRows(kind.name, columns, np.array([number + 2 for number in numbers]), sheet)


def test_the_migrated_schema_is_the_tables_built_from_the_records(new_plant):
    plant = new_plant()
    with plant._database.connect() as connection:
        found = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True}),
            metadata(),
        )
    assert found == []


def test_the_comparison_sees_a_field_that_has_no_migration(new_plant):
    plant = new_plant()
    changed = sa.MetaData()
    for table in metadata().tables.values():
        table.to_metadata(changed)
    changed.tables["heat"].append_column(sa.Column("Ti_percent", sa.Double()))
    changed.tables["tag"].c["unit"].type = sa.BigInteger()
    with plant._database.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), changed)
    assert len(found) == 2


@pytest.mark.parametrize("again", [False, True])
def test_every_field_of_every_record_comes_back_as_it_was(new_plant, again):
    plant = new_plant()
    for _ in range(1 + again):
        with plant.importing(Source("all.xlsx", "all.xlsx", "0", 1)) as entry:
            for kind in records().values():
                entry.put_rows(_rows(kind, range(3), "表1"))
    for kind in records().values():
        stored = plant.records.read(kind.name)
        key_samples = {tuple(_sample(kind, kind.field(name), n) for name in kind.key): n for n in range(3)}
        assert len(stored) == len(key_samples), kind.name
        for row in stored:
            number = key_samples[tuple(row[name] for name in kind.key)]
            assert row.values == {f.name: _sample(kind, f, number) for f in kind.fields}, kind.name
            assert (row.file, row.row) == ("all.xlsx!表1", number + 2)
    counts = plant.records.imports()[-1].counts
    assert counts["rows_changed"] == 0
    assert (counts["rows_new"] == 0) is again


def test_rows_readings_findings_and_imports_together(new_plant):
    plant = new_plant()
    kind = records()["heat"]
    points = np.arange(T, T + 5)
    note = Finding("doubt", Severity.DOUBTFUL, Place("a.csv", 2, None, "x"), "1", text("why {n}", n=1.5), text("so"), 4)
    for number in range(2):
        with plant.importing(Source("a.csv", "a.csv", str(number), 10)) as entry:
            entry.put_rows(_rows(kind, range(number, number + 2)))
            entry.put_readings([Readings("a", points + number, points * 1.0, np.zeros(5, np.int8))])
            entry.put_findings([note])
    assert [row["id"] for row in plant.records.read("heat")] == ["键0", "键1", "键2"]
    assert plant.telemetry.series("a").t.tolist() == list(range(T, T + 6))
    assert [dict(i.counts) for i in plant.records.imports()] == [
        {"rows_new": 2, "rows_changed": 0, "rows_same": 0, "rows_refused": 0,
         "readings_new": 5, "readings_changed": 0, "readings_same": 0},
        {"rows_new": 1, "rows_changed": 0, "rows_same": 1, "rows_refused": 0,
         "readings_new": 1, "readings_changed": 4, "readings_same": 0},
    ]  # fmt: skip
    assert note in plant.records.findings()
    assert plant.records.read("heat", id="键1")[0].place("mass") == "a.csv:3:mass"
    assert plant.records.columns("heat", ["tapped_at"], id=["键1", "键2"])["tapped_at"].dtype == np.int64
    assert plant.records.columns("piece", ["count"])["count"].size == 0
    assert {f.place.column for f in plant.records.dangling_references()} == {"furnace", "alloy"}


def test_an_import_that_breaks_leaves_nothing(new_plant):
    plant = new_plant()

    def stumble():
        with plant.importing(Source("a.csv", "a.csv", "0", 1)) as entry:
            entry.put_rows(_rows(records()["heat"], range(2)))
            entry.put_readings([Readings("a", np.array([T]), np.array([1.0]), np.zeros(1, np.int8))])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stumble()
    assert plant.records.imports() == ()
    assert plant.records.filled() == frozenset()
    assert plant.telemetry.tags() == ()
    assert not list(plant.path.rglob("*.parquet"))


def test_one_writer_at_a_time_and_readers_in_between(new_plant):
    first = new_plant()
    with PlantFolder.open(first.path, busy_timeout_s=0.1) as second, first.importing(Source("a", "a", "0", 1)) as entry:
        entry.put_rows(_rows(records()["heat"], range(2)))
        with pytest.raises(PlantError, match="another import is writing"), second.importing(Source("b", "b", "1", 1)):
            pass
        assert second.records.count("heat") == 0
    assert first.records.count("heat") == 2


@pytest.mark.postgres
def test_a_server_that_does_not_answer_is_named(postgres_url):
    away = sa.make_url(postgres_url).set(port=1)
    database = engine(away.render_as_string(hide_password=False))
    from forgecast.store.database import reading

    with pytest.raises(PlantError, match="records database refused") as caught, reading(database, "plant"):
        pass
    assert "server runs" in caught.value.repair.say("en")
