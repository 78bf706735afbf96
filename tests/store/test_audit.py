"""The audit trail: nothing a row ever held is lost, and nothing can be changed behind its back."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from forgecast.ground.errors import ForgecastError
from forgecast.plant.rows import RecordRows
from forgecast.store.importing import Source
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings
from forgecast.tasks.record_entry import record_entries
from forgecast.tasks.row_history import row_history

IDS = ("H1", "H2", "熔3")
FIELDS = {
    "tapped_at": st.integers(0, 2**50),
    "furnace": st.sampled_from(("F1", "F\x1f2", "炉")),
    "alloy": st.text("ab\x1e\x1f\"'", max_size=3),
    "mass": st.floats(0, 1e6, allow_nan=False) | st.just(-0.0),
}
_ROW = st.fixed_dictionaries({"id": st.sampled_from(IDS)}, optional={n: st.none() | one for n, one in FIELDS.items()})


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    return _made(tmp_path_factory.mktemp("empty") / "plant")


def _made(folder: Path) -> Path:
    PlantFolder.create(folder, PlantSettings("p", "p")).close()
    return folder


def _rows(rows: list[dict[str, object]], names: tuple[str, ...], sheet: str = "") -> RecordRows:
    columns = {name: [row.get(name) for row in rows] for name in ("id", *names)}
    return RecordRows("heat", columns, np.arange(2, 2 + len(rows)), sheet)


class AnyHistory(RuleBasedStateMachine):
    """Imports and entries in any order: the trail stays whole and tells every value each row ever held."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        folder = Path(self.place.name) / "plant"
        shutil.copytree(self.template, folder)
        self.plant = PlantFolder.open(folder)
        self.number = 0
        #: By heat: all it held, oldest first; what the trail must tell.
        self.held: dict[str, list[tuple[str, dict[str, object]]]] = {}

    def teardown(self) -> None:
        assert self.plant.verify().breaks == []
        self.plant.close()
        self.place.cleanup()

    def _wrote(self, by: str, rows: list[dict[str, object]], names: tuple[str, ...]) -> None:
        for row in {row["id"]: row for row in rows}.values():  # the last of each key counts
            versions = self.held.setdefault(str(row["id"]), [])
            now = dict(versions[-1][1]) if versions else {"id": row["id"]}
            now |= {name: row.get(name) for name in names}
            now = {name: value + 0.0 if name == "mass" else value for name, value in now.items() if value is not None}
            if not versions or versions[-1][1] != now:
                versions.append((by, now))

    @rule(
        rows=st.lists(_ROW, min_size=1, max_size=4),
        names=st.sets(st.sampled_from(sorted(FIELDS))),
        by=st.sampled_from("AB"),
    )
    def take_a_file(self, rows, names, by):
        self.number += 1
        chosen = tuple(sorted(names))
        with self.plant.importing(Source(f"f{self.number}", f"f{self.number}", f"{self.number}", 1), by=by) as entry:
            entry.put_rows(_rows(rows, chosen, "\x1f表" if self.number % 2 else ""))
        self._wrote(by, rows, chosen)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), mass=st.integers(400, 20_000).map(lambda n: n / 4), by=st.sampled_from("AB"))
    def enter(self, data, mass, by):
        number = data.draw(st.sampled_from(sorted(self.held)))
        record_entries(self.plant, "heat", [{"id": number, "mass": mass}], by=by)
        self._wrote(by, [{"id": number, "mass": mass}], ("mass",))

    @rule()
    def break_off(self):
        def stumble() -> None:
            with self.plant.importing(Source("x", "x", "x", 1)) as entry:
                entry.put_rows(_rows([{"id": "H1", "mass": 1.0}], ("mass",)))
                raise RuntimeError

        with pytest.raises(RuntimeError):
            stumble()

    @invariant()
    def everything_is_told(self):
        for number, versions in self.held.items():
            told = [(one.by, dict(one.values)) for one in row_history(self.plant, "heat", [number])]
            assert told == versions


@pytest.fixture(scope="module")
def machine(empty):
    AnyHistory.template = empty
    return AnyHistory


@pytest.mark.parametrize("examples", [4, pytest.param(30, marks=pytest.mark.slow)])
def test_any_history_verifies_and_is_told_in_full(machine, examples):
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=10))


@pytest.fixture(scope="module")
def grown(empty, tmp_path_factory) -> Path:
    """A plant of some links: files, a correction, an entry, series, and a file that changes nothing."""
    from forgecast.signals.reading import Readings

    folder = tmp_path_factory.mktemp("grown") / "plant"
    shutil.copytree(empty, folder)
    names = tuple(FIELDS)
    rows = [{"id": f"H{i}", "tapped_at": i, "furnace": "F1", "alloy": "A", "mass": float(i)} for i in range(1, 5)]
    with PlantFolder.open(folder) as plant:
        for number, some in enumerate((rows, rows[:2], [rows[1] | {"mass": 7.5}, rows[2] | {"alloy": "B"}])):
            with plant.importing(Source(f"f{number}.csv", f"f{number}.csv", f"{number}", 9), by="Anna") as entry:
                entry.put_rows(_rows(some, names))
                t = np.arange(5) + 1_000 * number
                entry.put_readings([Readings("T1", t, t * 1.0, np.zeros(5, np.int8))])
        record_entries(plant, "heat", [{"id": "H2", "mass (kg)": "8"}], by="王工")
        with plant.importing(Source("same.csv", "same.csv", "same", 9)) as entry:
            entry.put_rows(_rows(rows[3:], names))
        assert plant.verify().breaks == []
    return folder


def _tables(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "records.sqlite")) as database:
        counted = {}
        for name in ("audit_link", "audit_change", "heat"):
            counted[name] = len(database.execute(f"select 1 from {name}").fetchall())  # noqa: S608
        return counted


_OTHER = {
    int: lambda old: old + 1,
    float: lambda old: old + 0.5,
    str: lambda old: ("0" if old[:1] != "0" else "1") + old[1:],
}


@pytest.mark.parametrize("examples", [25, pytest.param(200, marks=pytest.mark.slow)])
def test_any_single_thing_changed_removed_or_swapped_is_found(grown, examples):
    with PlantFolder.open(grown) as plant:
        noted = plant.audit_head().hash
    tables = _tables(grown)

    @given(data=st.data())
    @settings(max_examples=examples)
    def find(data: st.DataObject) -> None:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "plant"
            shutil.copytree(grown, folder)
            with closing(sqlite3.connect(folder / "records.sqlite", isolation_level=None)) as database:
                if not _meddle(database, tables, data):
                    return
            with PlantFolder.open(folder) as plant:
                assert plant.verify(noted=noted).breaks

    find()


def _meddle(database: sqlite3.Connection, tables: dict[str, int], data: st.DataObject) -> bool:
    """Change, remove or swap one thing; return whether anything differs then."""
    name = data.draw(st.sampled_from(sorted(tables)), "table")
    deed = data.draw(st.sampled_from(("change", "remove", "swap")), "deed")
    row = data.draw(st.integers(0, tables[name] - 1), "row")
    other = (row + data.draw(st.integers(1, tables[name] - 1), "other")) % tables[name]
    before = database.execute(f"select * from {name} order by rowid").fetchall()  # noqa: S608
    columns = [one[1] for one in database.execute(f"pragma table_info({name})")]
    ids = [one[0] for one in database.execute(f"select rowid from {name} order by rowid")]  # noqa: S608
    if deed == "remove":
        database.execute(f"delete from {name} where rowid=?", (ids[row],))  # noqa: S608
        return True
    column = data.draw(st.sampled_from(columns), "column")
    at = columns.index(column)
    old = before[row][at]
    if deed == "swap":
        if before[other][at] == old:
            return False
        _set(database, name, column, {ids[row]: before[other][at], ids[other]: old})
        return True
    new = _OTHER[type(old)](old) if old is not None else 1.0 if name == "heat" else "x"
    _set(database, name, column, {ids[row]: new})
    return True


def _set(database: sqlite3.Connection, name: str, column: str, values: dict[int, object]) -> None:
    put = f'update {name} set "{column}"=? where rowid=?'  # noqa: S608
    if column in {"id", "link", "number"}:  # keys are unique: out of the way first
        for rowid in values:
            database.execute(put, (f"aside{rowid}" if name == "heat" else -rowid, rowid))
    for rowid, value in values.items():
        try:
            database.execute(put, (value, rowid))
        except sqlite3.IntegrityError:  # the key is taken: away with the row, which is a change too
            database.execute(f"delete from {name} where rowid=?", (rowid,))  # noqa: S608


def _altered(folder: Path, to: Path, *statements: str) -> PlantFolder:
    shutil.copytree(folder, to)
    with closing(sqlite3.connect(to / "records.sqlite", isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)
    return PlantFolder.open(to)


def test_a_break_names_link_record_key_and_what_differs(grown, tmp_path):
    with _altered(grown, tmp_path / "a", "update heat set mass=99 where id='H2'") as plant:
        (one,) = plant.verify().breaks
    assert (one.link, one.record, one.key) == (5, "heat", '["H2"]')
    assert str(one.what) == "the values of the row are not those of its last change"
    change = "update audit_change set before=replace(before, '7.5', '7.0') where record='heat' and link=5"
    with _altered(grown, tmp_path / "b", change) as plant:
        breaks = plant.verify().breaks
    assert {(one.link, one.record, one.key) for one in breaks} == {(5, "heat", '["H2"]'), (5, "", "")}
    with _altered(grown, tmp_path / "c", "delete from heat where id='H4'") as plant:
        (one,) = plant.verify().breaks
    assert (one.record, one.key, str(one.what)) == ("heat", '["H4"]', "the row is gone")


def test_a_tail_that_was_cut_off_shows_against_a_noted_head_only(grown, tmp_path):
    with PlantFolder.open(grown) as plant:
        noted = plant.audit_head()
    assert noted.link == 6
    with _altered(grown, tmp_path / "cut", "delete from audit_link where id=6") as plant:
        assert plant.verify().breaks == []
        assert [str(b.what) for b in plant.verify(noted=noted.hash[:20]).breaks] == [
            f"the noted head {noted.hash[:20]} is not in the trail: its end was cut off"
        ]
        with pytest.raises(ForgecastError, match="too short"):
            plant.verify(noted=noted.hash[:4])
    with PlantFolder.open(grown) as plant:
        assert plant.verify(noted=noted.hash.upper()).whole


def test_series_files_that_are_changed_or_missing_are_named(grown, tmp_path):
    shutil.copytree(grown, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as plant:
        changed = plant.path / plant.telemetry.files("raw")[0].path
        missing = plant.path / plant.telemetry.files("hourly")[0].path
        changed.write_bytes(changed.read_bytes()[:-1] + b"x")
        missing.unlink()
        said = [str(one.what) for one in plant.verify().breaks]
    assert said == [f"the series file {missing.relative_to(tmp_path / 'plant').as_posix()} is missing",
                    f"the series file {changed.relative_to(tmp_path / 'plant').as_posix()} was changed"]  # fmt: skip
    listed = "update series_file set sha256='0' where retired_at is null"
    with _altered(grown, tmp_path / "listed", listed) as plant:
        assert "the list of series files is not the one the last link was sealed with" in {
            str(one.what) for one in plant.verify().breaks
        }


def test_what_a_row_held_is_kept_with_who_when_and_where(grown):
    with PlantFolder.open(grown) as plant:
        versions = row_history(plant, "heat", ["H2"])
    assert [(one.by, one.place(), one.values["mass"]) for one in versions] == [
        ("Anna", "f0.csv:3", 2.0), ("Anna", "f2.csv:2", 7.5), ("王工", "entry:王工:5", 8.0),
    ]  # fmt: skip
    assert versions[2].changed(versions[1]) == {"mass": (7.5, 8.0)}


def test_a_row_without_a_history_and_a_wrong_key_are_told(grown):
    with PlantFolder.open(grown) as plant:
        with pytest.raises(ForgecastError, match="no row H9"):
            row_history(plant, "heat", ["H9"])
        with pytest.raises(ForgecastError, match="known by shipment, piece"):
            row_history(plant, "shipment_item", ["S1"])


def test_who_is_named_given_or_by_environment_or_by_account(empty, tmp_path, monkeypatch):
    from forgecast.store import who as module

    shutil.copytree(empty, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as plant:

        def wrote(by: str) -> str:
            number = plant.audit_head().link
            with plant.importing(Source("a", "a", f"{number}", 1), by=by) as entry:
                entry.put_rows(_rows([{"id": "H1", "mass": number * 1.0}], ("mass",)))
            return row_history(plant, "heat", ["H1"])[-1].by

        monkeypatch.delenv("FORGECAST_BY", raising=False)
        assert wrote("  Anna \n Li ") == "Anna Li"
        assert wrote(" ") == module._account() != ""
        monkeypatch.setenv("FORGECAST_BY", "night shift")
        assert wrote("") == "night shift"
        assert wrote("Bo") == "Bo"
    monkeypatch.delenv("FORGECAST_BY")
    monkeypatch.setattr(module, "_account", lambda: "")
    with pytest.raises(ForgecastError, match="nobody is named"):
        module.who("")
