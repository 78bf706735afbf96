"""A backup of a running server: whole, of one state a plant, and the same server elsewhere."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from forgecast.app.server import archive, postgres_copy
from forgecast.app.server.archive import BackupError
from forgecast.app.server.backup import make_backup
from forgecast.app.server.build import application
from forgecast.app.server.house import House
from forgecast.app.server.made_plant import make_plant
from forgecast.app.server.restore import restore_backup
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.server import uploads
from forgecast.store.server.plants import add_enterprise, add_plant, kept_folder
from forgecast.tasks.record_entry import record_entries
from tests.app.server.serving import FREE, Served
from tests.stores.conftest import postgres_schema  # noqa: F401  (a fixture)
from tests.stores.server_people import NOW, settle

ROOT = Path(__file__).resolve().parents[3]
ASKED = (
    "/api/v1/plants/a1/plant/series",
    "/api/v1/plants/a1/plant/rows?record=heat&limit=50",
    "/api/v1/plants/a1/uploads",
    "/api/v1/plants",
)


def home_of_many(home: Path, sample: Path) -> Path:
    """Make a server with a full plant outside its home and two empty ones within it."""
    elsewhere = home.parent / "elsewhere"
    shutil.copytree(sample, elsewhere)
    (elsewhere / "rulebooks").mkdir(exist_ok=True)
    (elsewhere / "rulebooks" / "own.yaml").write_text("# ours\n", encoding="utf-8")
    home.mkdir()
    (home / "server.toml").write_text(FREE, encoding="utf-8")
    folders = {"a1": elsewhere, "a2": home / "plants" / "a2", "b1": home / "plants" / "b1"}
    with House(home) as house:
        for name in ("a2", "b1"):
            make_plant(folders[name], name=name.upper(), id_=name, database=house.database)
        with house.store.writing() as connection:
            settle(connection, {name: kept_folder(home, folder) for name, folder in folders.items()})
        with uploads.Receiving(house.store, home, plant_id="a1", account_id=1, file_name="part.stl") as receiving:
            receiving.write(b"solid x")
            receiving.keep()
    return elsewhere


def answers(home: Path) -> list[tuple[int, object]]:
    """Ask the server of a home, as a person of it."""
    with House(home) as house, start_blocking_portal() as portal:
        app = application(house, pages=False)
        with house.store.reading() as connection:
            from forgecast.store.server.accounts import account_named

            ids = {"a1-engineer": account_named(connection, "a1-engineer").id}
        browser = Served(house, app, portal, type("People", (), {"ids": ids})()).signed_in("a1-engineer")
        return [(got.status_code, got.json()) for got in (browser.get(path) for path in ASKED)]


@pytest.fixture(scope="module")
def served_home(tmp_path_factory, sample_plant):
    home = tmp_path_factory.mktemp("backup") / "home"
    home_of_many(home, sample_plant)
    return home


@pytest.fixture(scope="module")
def made(served_home, tmp_path_factory):
    """Return a backup; tests must not change it."""
    out = tmp_path_factory.mktemp("made") / "out.tar.gz"
    with House(served_home) as house:
        make_backup(served_home, house.store, house.database, out)
    return out


@pytest.fixture
def backup(made, tmp_path):
    """Return a backup that a test may change."""
    return Path(shutil.copy(made, tmp_path / "out.tar.gz"))


def test_elsewhere_it_answers_the_same(served_home, made, tmp_path):
    before = answers(served_home)
    assert [status for status, _ in before] == [200] * len(ASKED)
    told = restore_backup(made, tmp_path / "again")
    assert [one["id"] for one in told["plants"]] == ["a1", "a2", "b1"]
    shutil.move(tmp_path / "again", tmp_path / "moved")
    assert answers(tmp_path / "moved") == before
    plant = tmp_path / "moved" / "plants" / "a1"
    assert (plant / "rulebooks" / "own.yaml").read_text(encoding="utf-8") == "# ours\n"
    assert list((tmp_path / "moved" / "uploads").glob("a1/*/part.stl"))
    assert (tmp_path / "moved" / "server.toml").read_text(encoding="utf-8") == FREE
    with PlantFolder.open(plant) as there, PlantFolder.open(served_home.parent / "elsewhere") as here:
        assert there.audit_head() == here.audit_head()
        assert there.verify().whole
    assert not list(served_home.rglob("_backup-*"))


def test_it_names_every_file_with_its_sum_and_is_for_its_owner_only(made):
    out = made
    with tarfile.open(out) as tar:
        names = tar.getnames()
        told = json.load(tar.extractfile("manifest.json"))
        for name, one in told["files"].items():
            content = tar.extractfile(name).read()
            assert (hashlib.sha256(content).hexdigest(), len(content)) == (one["sha256"], one["bytes"])
    assert names[-1] == "manifest.json"
    assert sorted(told["files"]) == sorted(names[:-1])
    if os.name == "posix":
        assert out.stat().st_mode & 0o077 == 0


def test_nothing_is_written_over(served_home, backup, tmp_path):
    out = backup
    kept = out.read_bytes()
    with House(served_home) as house, pytest.raises(BackupError, match="something here already"):
        make_backup(served_home, house.store, house.database, out)
    assert out.read_bytes() == kept
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    with pytest.raises(BackupError, match="something here already"):
        restore_backup(out, tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("how", ["cut", "flipped", "no manifest", "other sum", "climbs", "link", "text"])
def test_a_damaged_one_is_refused_and_nothing_is_left(backup, tmp_path, how):
    out = backup
    content = bytearray(out.read_bytes())
    if how == "cut":
        out.write_bytes(content[: len(content) * 2 // 3])
    elif how == "flipped":
        content[len(content) // 2] ^= 1
        out.write_bytes(content)
    elif how == "text":
        out.write_text("no tar at all")
    else:
        _rewritten(out, tmp_path / "rewritten", how)
    with pytest.raises(BackupError) as caught:
        restore_backup(out, tmp_path / "to" / "again")
    assert "nothing was put back" in caught.value.say("en")
    assert list((tmp_path / "to").iterdir()) == []
    assert not (tmp_path / "climbed").exists()


def _rewritten(out: Path, other: Path, how: str) -> None:
    with tarfile.open(out) as old, tarfile.open(other, "w:gz") as new:
        if how == "climbs":
            member = tarfile.TarInfo("home/../../../climbed")
            new.addfile(member)
        if how == "link":
            member = tarfile.TarInfo("home/link")
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            new.addfile(member)
        for member in old:
            content = old.extractfile(member).read()
            if member.name == "manifest.json":
                if how == "no manifest":
                    continue
                if how == "other sum":
                    told = json.loads(content)
                    told["files"]["home/server.toml"]["sha256"] = "0" * 64
                    content = json.dumps(told).encode()
                    member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    other.replace(out)


@pytest.mark.slow
def test_while_others_write_each_plant_is_in_one_state(served_home, tmp_path):
    folders = {"a1": served_home.parent / "elsewhere", "b1": served_home / "plants" / "b1"}
    command = [sys.executable, "-m", "tests.stores.many_writers"]
    writers = [
        subprocess.Popen(
            [*command, str(folder), str(number), "1000000", "imports"], cwd=ROOT, stdout=subprocess.DEVNULL
        )
        for number, folder in enumerate(folders.values())
    ]
    try:
        opened = {name: PlantFolder.open(folder) for name, folder in folders.items()}
        begun = {name: plant.audit_head().link for name, plant in opened.items()}
        _until(lambda: all(plant.audit_head().link > begun[name] + 3 for name, plant in opened.items()))
        before = {name: plant.audit_head() for name, plant in opened.items()}
        with House(served_home) as house:
            make_backup(served_home, house.store, house.database, tmp_path / "out.tar.gz")
        at_end = {name: plant.audit_head() for name, plant in opened.items()}
        _until(lambda: all(plant.audit_head().link > at_end[name].link + 3 for name, plant in opened.items()))
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    restore_backup(tmp_path / "out.tar.gz", tmp_path / "again")
    for name, plant in opened.items():
        with PlantFolder.open(tmp_path / "again" / "plants" / name) as there:
            kept = there.audit_head()
            assert before[name].link <= kept.link <= at_end[name].link, "what was answered before is in it"
            assert there.verify(noted=before[name].hash).whole
            written = record_entries(there, "supplier", [{"id": "after", "name": "after"}], by="test")
            assert written.head.link == kept.link + 1, "it can be written to"
        plant.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_killed_in_the_middle_it_leaves_no_file_that_looks_whole(served_home, tmp_path):
    big = served_home / "uploads" / "a1" / ("0" * 32)
    big.mkdir(parents=True)
    (big / "big.bin").write_bytes(os.urandom(1 << 20) * 200)
    out = tmp_path / "out.tar.gz"
    program = [sys.executable, "-c", "from forgecast.app.cli.main import main; main()", "server", "backup"]
    process = subprocess.Popen([*program, str(served_home), "--out", str(out)], cwd=ROOT)
    try:
        part = out.with_name(f"_part-{out.name}")
        _until(lambda: part.exists() and part.stat().st_size > 1 << 20)
        assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not out.exists()
        with pytest.raises(BackupError):
            restore_backup(part, tmp_path / "again")
        assert not (tmp_path / "again").exists()
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(big)


@pytest.mark.slow
@pytest.mark.postgres
def test_on_postgres_the_server_and_its_plants_come_back(postgres_schema, postgres_url, tmp_path):  # noqa: F811
    import sqlalchemy as sa

    from forgecast.app.server.postgres_copy import drop_schemas, schema_in
    from forgecast.store.server.plant_schema import schema_of

    home, name = tmp_path / "home", f"p-{os.getpid()}-{time.time_ns()}"
    server, plant = schema_in(postgres_schema), schema_of(name)
    try:
        with House(home, postgres_schema) as house:
            make_plant(home / "plants" / name, name="P", id_=name, database=house.database)
            with house.store.writing() as connection:
                add_enterprise(connection, "north", "North", NOW)
                add_plant(connection, name, enterprise_id="north", name="P", folder=f"plants/{name}", now_us=NOW)
            with PlantFolder.open(home / "plants" / name) as opened:
                assert plant in opened.settings.records
                record_entries(opened, "supplier", [{"id": "s1", "name": "one"}], by="test")
                head = opened.audit_head()
            make_backup(home, house.store, house.database, tmp_path / "out.tar.gz")
        with pytest.raises(BackupError, match="was in PostgreSQL"):
            restore_backup(tmp_path / "out.tar.gz", tmp_path / "again")
        with pytest.raises(BackupError, match="is not empty"):
            restore_backup(tmp_path / "out.tar.gz", tmp_path / "again", database=postgres_schema)
        drop_schemas(postgres_schema, [server, plant])
        restore_backup(tmp_path / "out.tar.gz", tmp_path / "again", database=postgres_schema)
        with House(tmp_path / "again", postgres_schema) as house:
            again = house.plant(name)
            assert again.audit_head() == head
            assert again.verify().whole
            assert [row["name"] for row in again.browse("supplier").rows] == ["one"]
    finally:
        drop_schemas(postgres_url, [plant])
        engine = sa.create_engine(postgres_url)
        with engine.begin() as connection:
            connection.execute(sa.schema.CreateSchema(server, if_not_exists=True))
        engine.dispose()


def test_without_the_programs_of_postgres_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres_copy, "_found", lambda _program: None)
    with pytest.raises(BackupError) as caught:
        postgres_copy.load_schema("postgresql+psycopg://nobody@127.0.0.1/x", "s", tmp_path / "x")
    assert "postgresql-client" in caught.value.say("en")
    assert archive.BackupError.code == "backup"


def _until(what, within_s: float = 300.0) -> None:
    end = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)
