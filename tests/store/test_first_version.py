"""A plant of the first version, with rows in every record, is brought to today: nothing lost, the trail opened."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.config import Config

from forgecast.plant.record import record, records
from forgecast.plant.rows import RecordRows, Value
from forgecast.store.database import engine, sqlite_url
from forgecast.store.importing import Source
from forgecast.store.migrate import MIGRATIONS, newest_version
from forgecast.store.packing import row_hash
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings, written_settings

T = 1_735_689_600_000_000
ROWS = 3
OURS = {"import_id", "source_sheet", "source_row", "row_hash"}


def _first_schema(path: Path) -> None:
    database = engine(sqlite_url(path))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    database.dispose()


def _value(kind: str, name: str, column_type: str, number: int) -> Value:
    field = next((f for f in record(kind).fields if f.name == name), None)
    if field is not None and field.kind == "code":
        return field.choices[number % len(field.choices)].code
    return {
        "TEXT": f"{name}{number}", "BIGINT": T + number, "BOOLEAN": number == 1, "DATE": date(2024, 2, 28 - number),
        "DOUBLE": 0.1 + number,
    }[column_type]  # fmt: skip


def _filled(path: Path) -> dict[str, list[dict[str, Value]]]:
    """Fill every record of the first version as it wrote rows, and return what was written."""
    made: dict[str, list[dict[str, Value]]] = {}
    with closing(sqlite3.connect(path)) as database:
        for number in (1, 2):
            columns = "name, path, sha256, bytes, map_sha256, imported_at, fed, rows_new, rows_changed, rows_same,"
            columns += " rows_refused, readings_new, readings_changed, readings_same"
            values = (f"f{number}.csv", f"/f{number}.csv", f"{number}", 9, "", T, "heat", 1, 0, 0, 0, 0, 0, 0)
            marks = ",".join("?" * len(values))
            database.execute(f"insert into import_file ({columns}) values ({marks})", values)  # noqa: S608
        tables = {row[0] for row in database.execute("select name from sqlite_master where type='table'")}
        for name in sorted(tables & records().keys()):
            shape = [(one[1], one[2]) for one in database.execute(f"pragma table_info({name})")]
            fields = [one for one in shape if one[0] not in OURS]
            for number in range(ROWS):
                row = {field: _value(name, field, kind, number) for field, kind in fields}
                if number == 2:  # a row of which only the key is known
                    keys = record(name).key
                    row = {field: value if field in keys else None for field, value in row.items()}
                made.setdefault(name, []).append(row)
                stored = [v.isoformat() if isinstance(v, date) else v for v in row.values()]
                listed = ", ".join(f'"{field}"' for field in (*row, *sorted(OURS)))
                ours = [1 + number % 2, row_hash(row), number + 2, "表" if number else ""]
                marks = ",".join("?" * (len(stored) + 4))
                values = f"insert into {name} ({listed}) values ({marks})"  # noqa: S608
                order = dict(zip(sorted(OURS), ours, strict=True))
                assert list(order) == ["import_id", "row_hash", "source_row", "source_sheet"]
                database.execute(values, [*stored, *order.values()])
        database.commit()
    return made


@pytest.fixture
def first(tmp_path: Path) -> tuple[Path, dict[str, list[dict[str, Value]]]]:
    folder = tmp_path / "plant"
    (folder / "telemetry").mkdir(parents=True)
    (folder / "plant.toml").write_text(written_settings(PlantSettings("p", "p")), encoding="utf-8")
    _first_schema(folder / "records.sqlite")
    return folder, _filled(folder / "records.sqlite")


def test_nothing_is_lost_and_the_trail_opens_with_what_was_there(first):
    folder, written = first
    assert len(written) == 23
    with PlantFolder.open(folder) as plant:
        for name, rows in written.items():
            stored = plant.records.read(name)
            by_key = {tuple(row[key] for key in record(name).key): row for row in stored}
            assert len(stored) == len(rows) == ROWS
            for row in rows:
                found = by_key[tuple(row[key] for key in record(name).key)].values
                assert {field: found[field] for field in row} == row
                assert all(value is None for field, value in found.items() if field not in row)
            places = {(row.file, row.row) for row in stored}
            assert places == {("f1.csv", 2), ("f2.csv!表", 3), ("f1.csv!表", 4)}
        found = plant.verify()
        assert (found.breaks, found.links, found.opened_with) == ([], 1, ROWS * len(written))
        (opening,) = plant.history("heat", ["id0"])
        assert (opening.opening, opening.place(), opening.values["id"]) == (True, "f1.csv:2", "id0")
    copy = folder / "records.before-0001.sqlite"
    assert copy.is_file()
    with closing(sqlite3.connect(copy)) as before:
        assert before.execute("select version_num from alembic_version").fetchall() == [("0001",)]
        assert before.execute("select count(*) from heat").fetchall() == [(ROWS,)]
    with closing(sqlite3.connect(folder / "records.sqlite")) as now:
        assert now.execute("select version_num from alembic_version").fetchall() == [(newest_version(),)]


def test_old_rows_given_again_are_the_same_and_a_correction_keeps_what_was(first):
    folder, written = first
    with PlantFolder.open(folder) as plant:
        with plant.importing(Source("again.xlsx", "again.xlsx", "again", 1)) as entry:
            for name, rows in written.items():
                columns = {field: [row[field] for row in rows] for field in rows[0]}
                done = entry.put_rows(RecordRows(name, columns, np.arange(2, 2 + ROWS)))
                assert (done.new, done.changed, done.same) == (0, 0, ROWS), name
        with plant.importing(Source("right.csv", "right.csv", "right", 1), by="Anna") as entry:
            entry.put_rows(RecordRows("heat", {"id": ["id1"], "mass": [950.0]}, np.array([7])))
        before, after = plant.history("heat", ["id1"])
        assert (before.values["mass"], after.values["mass"], after.by, after.place()) == (
            1.1,
            950.0,
            "Anna",
            "right.csv:7",
        )
        assert plant.verify().breaks == []
