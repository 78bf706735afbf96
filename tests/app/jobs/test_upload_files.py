"""Uploads on the disk and in the database: whole or not there, and names that cannot do harm."""

from __future__ import annotations

import hashlib
import os
import sys
import time

import pytest

from forgecast.ground.errors import ForgecastError, PlantError
from forgecast.store.server import uploads
from forgecast.store.server.database import ServerStore
from forgecast.store.server.uploads import OffsetError, Part, Receiving, TooLargeError, clean_name

WORDS = bytes(range(256)) * 5000


def receive(served, content: bytes = WORDS, name: str = "part.stl", sha256: str = "", **more):
    with Receiving(served.store, served.home, plant_id="p1", account_id=1, file_name=name, **more) as receiving:
        receiving.write(content)
        return receiving.keep(sha256=sha256)


def left(served) -> list[str]:
    folder = served.home / "uploads" / "p1"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_file_is_taken_in(served):
    made = receive(served)
    assert (made.size, made.sha256, made.file_name) == (len(WORDS), hashlib.sha256(WORDS).hexdigest(), "part.stl")
    path = uploads.upload_path(served.store, served.home, "p1", made.id)
    assert path.name == "part.stl"
    assert path.read_bytes() == WORDS
    assert uploads.upload_of(served.store, "p1", made.id) == made
    assert uploads.upload_of(served.store, "p2", made.id) is None, "another plant's"
    with pytest.raises(PlantError):
        uploads.upload_path(served.store, served.home, "p2", made.id)
    assert left(served) == [made.id]


def test_what_is_not_kept_is_gone(served):
    with Receiving(served.store, served.home, plant_id="p1", account_id=1, file_name="a") as receiving:
        receiving.write(WORDS)
        assert left(served)
    assert left(served) == []
    with pytest.raises(TooLargeError):
        receive(served, largest=len(WORDS) - 1)
    with pytest.raises(ForgecastError, match="not the one that was sent"):
        receive(served, sha256="0" * 64)
    assert left(served) == []
    assert uploads.uploads_of_plant(served.store, "p1") == []


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_on_a_full_disk_nothing_is_left(on_sqlite):
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, before[1]))
    try:
        with pytest.raises(PlantError):
            receive(on_sqlite)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert left(on_sqlite) == []
    assert uploads.uploads_of_plant(on_sqlite.store, "p1") == []


def send(served, begun, offset: int, content: bytes):
    with Part(served.home, begun, offset) as part:
        part.write(content)
        return part.keep()


def test_a_file_comes_in_parts_and_goes_on_after_a_crash(served):
    begun = uploads.begin(served.home, plant_id="p1", account_id=1, file_name="large.step", size=len(WORDS))
    begun = send(served, begun, 0, WORDS[:300_000])
    with pytest.raises(OffsetError) as refused:
        send(served, begun, 0, WORDS)
    assert refused.value.offset == 300_000
    # The server dies after bytes were written and before they were told of: they do not count.
    path = next(path for path in (served.home / "uploads" / "p1").iterdir() if not path.suffix)
    with path.open("ab") as file:
        file.write(b"x" * 7777)
    found = uploads.begun_of(served.home, "p1", begun.id)
    assert found.offset == 300_000
    with pytest.raises(OffsetError):
        uploads.complete(served.store, served.home, found)
    assert uploads.upload_of(served.store, "p1", begun.id) is None
    found = send(served, found, 300_000, WORDS[300_000:])
    made = uploads.complete(served.store, served.home, found, sha256=hashlib.sha256(WORDS).hexdigest().upper())
    assert uploads.upload_path(served.store, served.home, "p1", made.id).read_bytes() == WORDS
    assert left(served) == [made.id]
    assert uploads.begun_of(served.home, "p1", begun.id) is None


def test_no_more_comes_than_was_announced_and_not_two_parts_at_once(on_sqlite):
    begun = uploads.begin(on_sqlite.home, plant_id="p1", account_id=1, file_name="a", size=10)
    with pytest.raises(TooLargeError):
        send(on_sqlite, begun, 0, b"x" * 11)
    with Part(on_sqlite.home, begun, 0), pytest.raises(OffsetError):
        Part(on_sqlite.home, begun, 0)
    with pytest.raises(TooLargeError):
        uploads.begin(on_sqlite.home, plant_id="p1", account_id=1, file_name="a", size=uploads.LARGEST_BYTES + 1)


def test_a_crash_between_the_file_and_its_row_is_made_good(on_sqlite):
    begun = uploads.begin(on_sqlite.home, plant_id="p1", account_id=1, file_name="a", size=4)
    begun = send(on_sqlite, begun, 0, b"abcd")
    with ServerStore(on_sqlite.url) as gone:
        gone.close()

    class Away:
        def writing(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        uploads.complete(Away(), on_sqlite.home, begun)
    made = uploads.complete(on_sqlite.store, on_sqlite.home, uploads.begun_of(on_sqlite.home, "p1", begun.id))
    assert uploads.upload_path(on_sqlite.store, on_sqlite.home, "p1", made.id).read_bytes() == b"abcd"


def _age(path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_sweeping_takes_what_is_broken_and_leaves_what_is_under_way(on_sqlite):
    served = on_sqlite
    kept = receive(served)
    folder = served.home / "uploads" / "p1"
    broken = folder / f"_part-{'a' * 32}"
    broken.write_bytes(b"half")
    rowless, young = folder / ("b" * 32), folder / ("c" * 32)
    for path in (rowless, young):
        path.mkdir()
        (path / "x.stl").write_bytes(b"x")
    _age(rowless, 7200)
    _age(folder / kept.id, 7200)
    waits = uploads.begin(served.home, plant_id="p1", account_id=1, file_name="a", size=10)
    given_up = uploads.begin(served.home, plant_id="p1", account_id=1, file_name="a", size=10)
    _age(folder / f"_part-{given_up.id}", uploads.PATIENCE_S + 60)
    with Receiving(served.store, served.home, plant_id="p1", account_id=1, file_name="a") as receiving:
        receiving.write(b"under way" * 100_000)
        assert uploads.sweep(served.store, served.home) == 3
        receiving.keep()
    assert uploads.begun_of(served.home, "p1", waits.id) is not None
    assert uploads.begun_of(served.home, "p1", given_up.id) is None
    assert not broken.exists()
    assert not rowless.exists()
    assert young.exists()
    assert uploads.upload_path(served.store, served.home, "p1", kept.id).exists()
    assert len(uploads.uploads_of_plant(served.store, "p1")) == 2


def test_old_uploads_are_deleted(served):
    made = receive(served)
    uploads.sweep(served.store, served.home, received_before_us=made.received_us)
    assert uploads.upload_of(served.store, "p1", made.id) is not None
    uploads.sweep(served.store, served.home, received_before_us=made.received_us + 1)
    assert uploads.upload_of(served.store, "p1", made.id) is None
    assert left(served) == []
    assert not uploads.delete(served.store, served.home, "p1", made.id)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("part.stl", "part.stl"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\li\\铸件 1.STEP", "铸件 1.STEP"),
        ("..", "file"),
        ("", "file"),
        ("/", "file"),
        (".hidden", "hidden"),
        ("a\x00b\r\n.csv", "ab.csv"),
        ("\u202egnp.exe", "gnp.exe"),
        ("CON", "_CON"),
        ("lpt1.txt", "_lpt1.txt"),
        ('a<b>:"|?*.csv', "a_b______.csv"),
        ("_part-x", "__part-x"),
        ("name. ", "name"),
    ],
)
def test_names_are_cleaned(given, kept):
    assert clean_name(given) == kept


def test_long_names_keep_their_ending():
    name = clean_name("铸" * 300 + ".stl")
    assert name.endswith("铸.stl")
    assert len(name.encode()) <= 120
    assert len(clean_name("x" * 300).encode()) <= 120
