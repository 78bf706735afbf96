"""The live log: what was answered is on the disk, whatever the disk does."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.ground.errors import PlantError
from forgecast.signals.batch import Batch, NotStoredError
from forgecast.store.live import segment as segment_module
from forgecast.store.live.log import SourceLog
from forgecast.store.live.record import columns_of, next_whole, note_of, record_of, whole_records
from forgecast.store.live.segment import SegmentFile, read_segment, segments_of
from forgecast.store.live.sink import BatchRefusedError
from tests.store.live_batches import T, batch, points_of, sealed_points, second


def _joined(*records) -> memoryview:
    return memoryview(b"".join(bytes(part) for record in records for part in record))


def _read(log) -> list[int]:
    return [one.seq for path in segments_of(log.folder) for one in read_segment(path).records if one.note is None]


def _log(tmp_path, sealed: int = 0, **more) -> SourceLog:
    return SourceLog(tmp_path / "telemetry" / "live" / "furnace-1", lambda: sealed, **more)


TAGS = st.lists(st.text(st.characters(exclude_categories=()), max_size=8), min_size=1, max_size=5, unique=True)


@given(
    tags=TAGS,
    rows=st.lists(
        st.tuples(
            st.integers(0, 4),
            st.integers(0, 2**63 - 1),
            st.floats(allow_nan=False),
            st.integers(0, 2),
        ),
        max_size=30,
    ),
    seq=st.integers(1, 2**60),
)
def test_a_batch_comes_back_from_its_record_to_the_bit(tags, rows, seq):
    rows = [row for row in rows if row[0] < len(tags)]
    tag, t, value, flag = (
        np.array([row[k] for row in rows], kind) for k, kind in enumerate((np.int32, np.int64, float, np.int8))
    )
    given_batch = Batch("s", seq, tuple(tags), tag, t, value, flag)
    (record,) = whole_records(_joined(record_of(given_batch, 7)))
    got = columns_of(record)
    assert (record.seq, record.arrived, record.rows, got.tags) == (seq, 7, len(rows), tuple(tags))
    assert got.tag.tolist() == tag.tolist()
    assert got.t.tolist() == t.tolist()
    assert got.value.tobytes() == value.tobytes()
    assert got.flag.tolist() == flag.tolist()


def test_many_names_need_wider_numbers():
    tags = tuple(f"T{k}" for k in range(70_000))
    n = np.arange(70_000)
    given_batch = Batch("s", 1, tags, n.astype(np.int32), T + n, n.astype(float), np.zeros(70_000, np.int8))
    got = columns_of(next(whole_records(_joined(record_of(given_batch, 0)))))
    assert (got.tag == n).all()
    assert (got.t == T + n).all()


def test_a_reading_costs_fourteen_bytes_at_most():
    n = 10_000
    one = Batch("s", 1, ("a", "b"), np.zeros(n, np.int32), T + np.arange(n), np.zeros(n), np.zeros(n, np.int8))
    assert len(_joined(record_of(one, 0))) / n < 14


def test_any_byte_that_is_changed_is_noticed():
    first, last = record_of(second(1), 5), record_of(second(2), 6)
    whole = _joined(first, last)
    border = len(_joined(first))
    for place in range(border):
        broken = bytearray(whole)
        broken[place] ^= 0x41
        assert list(whole_records(memoryview(broken))) == []
        after = next_whole(memoryview(broken), 1)
        assert after is not None
        assert (after.seq, after.begin) == (2, border)


def test_a_note_stands_between_batches():
    records = list(
        whole_records(_joined(record_of(second(1), 5), note_of({"what": "é"}, 2, 6), record_of(second(2), 7)))
    )
    assert [(one.seq, one.note) for one in records] == [(1, None), (2, {"what": "é"}), (2, None)]


def test_a_number_taken_before_is_a_repeat(tmp_path):
    log = _log(tmp_path)
    assert log.take(second(3))
    assert not log.take(second(3))
    assert not log.take(second(2))
    assert log.take(second(9))
    assert (log.last, _read(log)) == (9, [3, 9])
    log.close()
    again = _log(tmp_path)
    assert again.last == 9
    assert not again.take(second(9))
    assert again.take(second(10))
    again.close()


def test_what_the_manifest_has_sealed_counts_as_taken(tmp_path):
    log = _log(tmp_path, sealed=41)
    assert log.last == 41
    assert not log.take(second(41))
    log.close()


def test_the_order_of_calls_puts_the_bytes_on_the_disk_before_the_answer(tmp_path, monkeypatch):
    said: list[str] = []

    class Watched(SegmentFile):
        def write(self, parts):
            said.append("write")
            super().write(parts)

    real, folder = segment_module.force, segment_module.sync_folder
    monkeypatch.setattr(segment_module, "force", lambda file: (said.append("force"), real(file)))
    monkeypatch.setattr("forgecast.store.live.log.sync_folder", lambda path: (said.append("folder"), folder(path)))
    log = _log(tmp_path, opened=Watched)
    log.take(second(1))
    log.take(second(2))
    log.close()
    assert said == ["folder", "write", "force", "write", "force"]


def test_a_torn_end_is_cut_off_and_said_wherever_it_is_torn(plant):
    log = _log(plant.path)
    log.take(second(1))
    log.close()
    (path,) = segments_of(log.folder)
    whole = path.read_bytes()
    tail = bytes(_joined(record_of(second(2), 5)))
    for cut in (1, 31, 32, 60, len(tail) - 1):
        path.write_bytes(whole + tail[:cut])
        again = _log(plant.path)
        assert again.last == 1
        assert path.read_bytes() == whole
        again.close()
    path.write_bytes(whole + tail[:39])
    with plant.live() as live:
        assert live.take(second(2))
    plant.seal()
    assert sealed_points(plant) == points_of(second(1), second(2))
    (finding,) = plant.records.findings()
    assert (finding.code, str(finding.severity)) == ("torn-tail", "note")
    assert "39 bytes" in str(finding.reason)


def test_a_log_of_which_only_a_note_is_left_goes_on(plant):
    failing = type("Failing", (_Failing,), {"plan": ["half"]})
    log = _log(plant.path, opened=failing)
    with pytest.raises(NotStoredError):
        log.take(second(1))
    log.take(second(1))
    log.close()
    (path,) = segments_of(log.folder)
    note, _ = read_segment(path).records
    path.write_bytes(path.read_bytes()[: note.end + 50])
    with plant.live() as live:
        assert live.last("furnace-1") == 0
        assert live.take(second(1))
    plant.seal()
    assert sealed_points(plant) == points_of(second(1))
    assert sorted(finding.code for finding in plant.records.findings()) == ["disk-refused", "torn-tail"]


def test_a_full_disk_leaves_no_room_ahead_but_takes_what_fits(tmp_path, monkeypatch):
    real = SegmentFile._put

    def nearly_full(self, parts, place):
        if len(parts[0]) > 10_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(self, parts, place)

    monkeypatch.setattr(SegmentFile, "_put", nearly_full)
    log = _log(tmp_path)
    for seq in (1, 2, 3):
        assert log.take(second(seq))
    assert _read(log) == [1, 2, 3]
    log.close()


def test_a_segment_is_closed_when_it_is_long_enough(tmp_path):
    log = _log(tmp_path, rows_a_segment=30)
    for seq in range(1, 6):
        log.take(second(seq))
    assert [[one.seq for one in read_segment(path).records] for path in segments_of(log.folder)] == [
        [1, 2],
        [3, 4],
        [5],
    ]
    log.close()


def test_room_made_ahead_is_used_and_given_back(tmp_path):
    log = _log(tmp_path)
    log.take(second(1))
    (path,) = segments_of(log.folder)
    size = path.stat().st_size
    for seq in range(2, 50):
        log.take(second(seq))
    assert path.stat().st_size == size
    segment = read_segment(path)
    assert (len(segment.records), segment.lost, segment.torn) == (49, 0, 0)
    copied = path.read_bytes()
    log.close()
    assert path.stat().st_size == segment.end
    path.write_bytes(copied)  # as a crash leaves it
    again = _log(tmp_path)
    assert again.last == 49
    assert path.stat().st_size == segment.end
    again.close()


def test_damage_inside_is_reported_and_the_file_kept_aside(plant):
    with plant.live() as live:
        for seq in range(1, 6):
            live.take(second(seq))
    (path,) = segments_of(plant.path / "telemetry" / "live" / "furnace-1")
    content = bytearray(path.read_bytes())
    size = len(content) // 5
    content[2 * size + 50] ^= 1
    path.write_bytes(content)
    with plant.live() as live:
        assert live.last("furnace-1") == 5
    plant.seal()
    assert sealed_points(plant) == points_of(*(second(seq) for seq in (1, 2, 4, 5)))
    (finding,) = plant.records.findings()
    assert (finding.code, str(finding.severity)) == ("damaged-log", "doubtful")
    assert f"{size} bytes" in str(finding.reason)
    kept = path.parent / "damaged" / path.name
    assert kept.read_bytes() == bytes(content)
    assert plant.seal().rows == 0
    assert len(plant.records.findings()) == 1


def test_a_second_writer_is_refused_and_the_first_is_named(plant):
    with plant.live() as live:
        live.take(second(1))
        with plant.live() as other, pytest.raises(PlantError, match=f"process {os.getpid()} @ .* furnace-1") as caught:
            other.take(second(2))
        assert "source name of its own" in str(caught.value.repair)
        code = (
            "import sys; from pathlib import Path; from forgecast.store.plant_folder import PlantFolder\n"
            "with PlantFolder.open(Path(sys.argv[1])) as p, p.live() as live: live.last('furnace-1')"
        )
        child = subprocess.run(
            [sys.executable, "-c", code, str(plant.path)], capture_output=True, text=True, check=False
        )
        assert child.returncode != 0
        assert "PlantError" in child.stderr
        assert live.take(second(2))
    with plant.live() as later:
        assert later.last("furnace-1") == 2


class _Failing(SegmentFile):
    """A file on a disk that fails in a way that tests choose."""

    plan: list[str]

    def write(self, parts):
        what = type(self).plan.pop(0) if type(self).plan else ""
        if what == "half":
            self._put([b"".join(bytes(part) for part in parts)[:-9]], self.end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if what == "fsync":  # all bytes are in the page cache, none of them surely on the disk
            self._put(parts, self.end)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if what == "stopped":
            self._put([b"".join(bytes(part) for part in parts)[:50]], self.end)
            raise KeyboardInterrupt
        super().write(parts)


@pytest.mark.parametrize(
    ("how", "says", "repair"),
    [("half", "the disk is full", "free some space"), ("fsync", "the disk refused", "check the disk")],
)
@pytest.mark.parametrize("before", [0, 2])
def test_what_the_disk_refuses_is_not_answered_and_the_rest_goes_on(plant, how, says, repair, before):
    failing = type("Failing", (_Failing,), {"plan": [*["", ""][:before], how, how, ""]})
    log = _log(plant.path, opened=failing)
    for seq in range(1, before + 1):
        assert log.take(second(seq))
    for _ in range(2):
        with pytest.raises(NotStoredError, match=says) as caught:
            log.take(second(7))
        assert repair in str(caught.value.repair)
        assert caught.value.where == str(log.folder)
        assert log.last == before
        # Nothing that was refused stands in the log: it would count after a restart.
        assert _read(log) == list(range(1, before + 1))
    assert log.take(second(8))  # the source may give up number 7
    assert log.take(second(9))
    assert not log.take(second(7))
    log.close()
    plant.seal()
    assert sealed_points(plant) == points_of(*(second(seq) for seq in [*range(1, before + 1), 8, 9]))
    (finding,) = plant.records.findings()
    assert (finding.code, finding.count) == ("disk-refused", 2)


def test_a_disk_that_refuses_to_cut_back_keeps_all_waiting(tmp_path, monkeypatch):
    failing = type("Failing", (_Failing,), {"plan": ["", "fsync"]})
    log = _log(tmp_path, opened=failing)
    log.take(second(1))
    with monkeypatch.context() as broken:
        broken.setattr("forgecast.store.live.log.force", lambda _file: (_ for _ in ()).throw(OSError(errno.EIO, "no")))
        for _ in range(3):
            with pytest.raises(NotStoredError):
                log.take(second(2))
    assert log.take(second(2))
    assert _read(log) == [1, 2]
    log.close()


def test_a_writer_that_is_interrupted_leaves_nothing_half(tmp_path):
    log = _log(tmp_path, opened=type("Failing", (_Failing,), {"plan": ["", "stopped"]}))
    log.take(second(1))
    with pytest.raises(KeyboardInterrupt):
        log.take(second(2))
    assert log.take(second(2))
    assert _read(log) == [1, 2]
    log.close()


def test_a_disk_that_refuses_the_folder_refuses_the_batch(tmp_path, monkeypatch):
    def full(_self: SegmentFile, _path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    log = _log(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(SegmentFile, "__init__", full)
        with pytest.raises(NotStoredError, match="full"):
            log.take(second(1))
    assert log.take(second(1))
    log.close()


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from forgecast.signals.batch import NotStoredError
from forgecast.store.live.log import SourceLog
from tests.store.live_batches import second
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = SourceLog(Path(sys.argv[1]), lambda: 0)
assert log.take(second(1))
free = resource.getrlimit(resource.RLIMIT_FSIZE)
taken = log._whole
resource.setrlimit(resource.RLIMIT_FSIZE, (taken + 300, free[1]))
refused = 0
for _ in range(3):
    try:
        log.take(second(2, tags=50))
    except NotStoredError as error:
        refused += 1
assert log.take(second(3))  # a small one finds room in a segment of its own
resource.setrlimit(resource.RLIMIT_FSIZE, free)
assert log.take(second(4, tags=50))
print(refused, log.last)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a process's files")
def test_the_system_itself_refuses_bytes_in_the_middle_of_a_record(tmp_path, root):
    """No fault of ours is injected: the kernel takes part of a record and refuses the rest."""
    folder = tmp_path / "telemetry" / "live" / "furnace-1"
    given = [sys.executable, "-c", _LIMITED, str(folder)]
    child = subprocess.run(given, capture_output=True, text=True, check=False, cwd=root)
    assert child.returncode == 0, child.stderr
    assert child.stdout.split() == ["3", "4"]
    assert [one.seq for path in segments_of(folder) for one in read_segment(path).records if one.note is None] == [
        1,
        3,
        4,
    ]
    assert all(read_segment(path).lost == 0 for path in segments_of(folder))


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (batch(1, ("a", -1, 1.0)), "before 1970"),
        (batch(1, ("a", T, float("nan"))), "not a number"),
        (batch(0, ("a", T, 1.0)), "begin at 1"),
        (batch(1, ("a", T, 1.0), source="../a"), "named"),
        (batch(1, ("a", T, 1.0), source=".a"), "named"),
        (
            Batch("s", 1, ("a",), np.array([1], np.int32), np.array([T]), np.ones(1), np.zeros(1, np.int8)),
            "without a name",
        ),
        (Batch("s", 1, ("a",), np.zeros(2, np.int32), np.array([T]), np.ones(1), np.zeros(1, np.int8)), "one length"),
    ],
)
def test_a_batch_that_no_store_could_keep_is_refused(plant, bad, why):
    with plant.live() as live, pytest.raises(BatchRefusedError, match=why):
        live.take(bad)


def test_a_closed_log_takes_nothing_and_says_so(plant):
    with plant.live() as live:
        live.take(second(1))
    for source in ("furnace-1", "new"):
        with pytest.raises(NotStoredError, match="closed"):
            live.take(second(2, source))
    with plant.live() as live:
        assert live.take(second(2))


def test_threads_give_their_sources_at_once(plant):
    numbers = range(1, 60)

    def give(live, source: str) -> None:
        for seq in numbers:
            assert live.take(second(seq, source))

    with plant.live() as live:
        threads = [threading.Thread(target=give, args=(live, f"s{k}")) for k in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        live.seal()
    assert sealed_points(plant) == points_of(*(second(seq, f"s{k}") for k in range(6) for seq in numbers))
