"""The fast answers from the order of the files are those of the questions written in narwhals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US
from forgecast.ground.errors import PlantError
from forgecast.signals.reading import Readings
from forgecast.store import questions, series_files, sorted_files
from forgecast.store.importing import Source
from forgecast.store.manifest import SeriesFile, Span
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings
from forgecast.store.telemetry import Telemetry

START = 1_738_195_200_000_000  # 2025-01-30T00:00Z, so that the series reach over a month
TAGS = ("a", "b b", "炉")
#: Steps of half an hour meet the hour's edge every second time; a microsecond beside it is no edge.
INSTANT = st.builds(lambda step, off: START + step * 30 * MINUTE_US + off, st.integers(0, 150), st.sampled_from([0, 1]))
VALUE = st.sampled_from([-3.0, 0.0, 0.1, 7.5, 1e9])
FLAG = st.sampled_from([0, 0, 0, 1, 2])


@st.composite
def files_of_readings(draw):
    """Some files one after the other; they overlap, repeat instants, and split tags as they like."""
    files = []
    for _ in range(draw(st.integers(1, 4))):
        tags = draw(st.lists(st.sampled_from(TAGS), min_size=1, max_size=3, unique=True))
        pieces = []
        for tag in tags:
            points = draw(st.dictionaries(INSTANT, st.tuples(VALUE, FLAG), min_size=1, max_size=25))
            t = np.array(sorted(points), dtype=np.int64)
            value = np.array([points[k][0] for k in t.tolist()])
            pieces.append(Readings(tag, t, value, np.array([points[k][1] for k in t.tolist()], np.int8)))
        files.append(pieces)
    return files


class Listed(Telemetry):
    """Series whose manifest is a list in memory: a database for every example would take too long."""

    def __init__(self, folder: Path, sources: Sequence[Sequence[Readings]]) -> None:
        self._folder = folder
        self._listed: list[SeriesFile] = []
        for number, pieces in enumerate(sources):
            writer = series_files.SeriesWriter(folder, f"{number}", self._listed)
            for piece in pieces:
                writer.add(piece)
            change = writer.seal()
            self._listed = [file for file in self._listed if file.path not in change.retired] + change.files

    def _live(self):
        return tuple(self._listed)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The series of some files imported one after the other, in a new folder at each call."""
    numbers = count()
    place = tmp_path_factory.mktemp("fast")

    def make(sources) -> Listed:
        folder = place / f"{next(numbers)}"
        (folder / "telemetry").mkdir(parents=True)
        return Listed(folder, sources)

    return make


@pytest.fixture(autouse=True)
def small_row_groups(monkeypatch):
    # A tag shall lie in several row groups, and several tags in one.
    monkeypatch.setattr(series_files, "GROUP_ROWS", 10)


def _stretch(draw_low, draw_high):
    return (None if draw_low is None else START + draw_low * HOUR_US, None if draw_high is None else START + draw_high)


def _columns(frame, *names):
    collected = frame.collect()
    return [collected[name].to_list() for name in names]


def _same_hours(hours, frame):
    tag, hour, n, n_good, low, high, mean = _columns(frame, "tag", "hour", "n", "n_good", "min", "max", "mean")
    assert [hours.tags[k] for k in hours.tag] == tag
    assert hours.hour.tolist() == hour
    assert hours.n.tolist() == n
    assert hours.n_good.tolist() == n_good
    nothing = [None if count == 0 else value for count, value in zip(n_good, hours.min.tolist(), strict=True)]
    assert nothing == low
    assert [None if count == 0 else value for count, value in zip(n_good, hours.max.tolist(), strict=True)] == high
    ours = np.where(hours.n_good > 0, hours.mean, np.nan)
    # Three doubles up to 1e9 summed in another order differ by less than 1e-6.
    np.testing.assert_allclose(ours, np.array(mean, dtype=float), rtol=1e-12, atol=1e-6)


@settings(max_examples=25)
@given(
    files=files_of_readings(),
    low=st.none() | st.integers(-2, 60),
    high=st.none() | st.integers(-2, 60 * 3_600_000_000),
    tags=st.none() | st.lists(st.sampled_from(TAGS), max_size=2),
    closing=st.sets(st.sampled_from(TAGS)),
    cores=st.sampled_from([1, 2]),
)
def test_every_fast_answer_is_that_of_the_engine(made, files, low, high, tags, closing, cores):
    start, end = _stretch(low, high)
    series = made(files)
    scan = series.scan(tags, start, end)
    hours = series.hourly_from_raw(tags, start, end, closing=closing, cores=cores)
    _same_hours(hours, questions.hourly(scan, closing=closing))
    found = series.gaps(HOUR_US, tags, start, end, cores=cores)
    tag, begins, ends = _columns(questions.gaps(scan, HOUR_US), "tag", "start", "end")
    assert [found.tags[k] for k in found.tag] == tag
    assert found.start.tolist() == begins
    assert found.end.tolist() == ends


@settings(max_examples=25)
@given(files=files_of_readings(), asked=st.lists(st.tuples(st.sampled_from((*TAGS, "no")), INSTANT), max_size=40))
def test_as_of_is_that_of_the_engine(made, files, asked):
    series = made(files)
    tags, t = [tag for tag, _ in asked], np.array([t for _, t in asked], dtype=np.int64)
    at, value = _columns(questions.as_of(series.scan(), tags, t), "at", "value")
    for cores in (1, 2):
        found = series.as_of(tags, t, cores=cores)
        assert [None if x < 0 else x for x in found.at.tolist()] == at
        assert [None if np.isnan(x) else x for x in found.value.tolist()] == value


@settings(max_examples=25)
@given(files=files_of_readings(), closing=st.sets(st.sampled_from(TAGS)))
def test_hours_from_raw_are_the_stored_ones(made, files, closing):
    series = made(files)
    raw, stored = series.hourly_from_raw(closing=closing), series.hourly(closing=closing)
    assert raw.tags == stored.tags
    for name in ("tag", "hour", "n", "n_good", "min", "max", "first_t", "last_t"):
        np.testing.assert_array_equal(getattr(raw, name), getattr(stored, name), err_msg=name)
    np.testing.assert_allclose(raw.sum, stored.sum, rtol=1e-12, atol=1e-6)


def _put(plant: PlantFolder, number: int, *pieces: Readings) -> None:
    with plant.importing(Source(f"{number}", f"{number}", f"{number}", 1)) as entry:
        entry.put_readings(list(pieces))


def _plain(tag: str, t: np.ndarray) -> Readings:
    return Readings(tag, t, np.arange(t.size, dtype=float), np.zeros(t.size, np.int8))


def test_files_that_lie_in_one_another_are_answered_as_one(tmp_path):
    """Late data may lie in a file of its own among the readings of another: here every second reading does."""
    with PlantFolder.create(tmp_path / "plant", PlantSettings("p", "p")) as plant:
        t = START + np.arange(400) * 10 * MINUTE_US
        t = np.delete(t, [50, 51, 52, 53, 54, 55, 56, 57])
        ours = []
        for number in range(2):
            writer = series_files.SeriesWriter(plant.path, f"x{number}", ())
            for tag in TAGS:
                writer.add(_plain(tag, t[number::2]))
            ours += [file for file in writer.seal().files if file.level == "raw"]
        groups = sorted_files.groups(plant.path, ours, None, None, None)
        found = sorted_files.gaps(groups, None, None, 10 * MINUTE_US, 1)
        assert found.tags == TAGS
        assert found.start.tolist() == [t[49]] * 3
        assert found.end.tolist() == [t[50]] * 3
        hours = sorted_files.hourly(groups, None, None, (), 1)
        assert hours.n.tolist() == np.tile(np.unique(t // HOUR_US, return_counts=True)[1], 3).tolist()
        answer = sorted_files.as_of(groups, ["a"] * t.size, t + 1, 1)
        assert answer.at.tolist() == t.tolist()


def test_a_file_that_the_manifest_does_not_describe_is_refused(tmp_path):
    with PlantFolder.create(tmp_path / "plant", PlantSettings("p", "p")) as plant:
        t = START + np.arange(100) * MINUTE_US
        _put(plant, 0, _plain("a", t), _plain("b", t))
        (file,) = plant.telemetry.files("raw")
        spans = {"a": Span(101, int(t[0]), int(t[-1])), "b": Span(99, int(t[0]), int(t[-1]))}
        wrong = SeriesFile(file.path, "raw", file.period, spans, file.rows, file.bytes, file.sha256)
        with pytest.raises(PlantError, match="manifest counts"):
            sorted_files.groups(plant.path, [wrong], None, None, None)


def test_only_what_is_needed_is_read(tmp_path, monkeypatch):
    """Row groups of other tags and other times stay unread, and an answered question reads no earlier group."""
    seen: list[tuple[str, int]] = []
    real = pq.ParquetFile.read_row_group

    def watched(self, number, **more):
        seen.append((",".join(more["columns"]), number))
        return real(self, number, **more)

    with PlantFolder.create(tmp_path / "plant", PlantSettings("p", "p")) as plant:
        for day in range(3):
            t = START - 5 * DAY_US + day * DAY_US + np.arange(40) * MINUTE_US
            _put(plant, day, _plain("a", t), _plain("b", t))
        monkeypatch.setattr(pq.ParquetFile, "read_row_group", watched)
        plant.telemetry.gaps(HOUR_US, ["a"], START - 4 * DAY_US)
        assert seen == [("t", 0)] * 2
        seen.clear()
        answer = plant.telemetry.as_of(["b"], np.array([START]))
        assert answer.value.tolist() == [39.0]
        assert seen == [("t,value,flag", 1)]


def test_of_nothing_nothing_is_found(tmp_path):
    with PlantFolder.create(tmp_path / "plant", PlantSettings("p", "p")) as plant:
        assert len(plant.telemetry.hourly_from_raw()) == 0
        assert len(plant.telemetry.gaps(1)) == 0
        assert plant.telemetry.as_of([], np.array([], dtype=np.int64)).at.size == 0
        assert plant.telemetry.as_of(["a"], np.array([START])).at.tolist() == [-1]


def test_a_missing_file_is_named(tmp_path):
    with PlantFolder.create(tmp_path / "plant", PlantSettings("p", "p")) as plant:
        _put(plant, 0, _plain("a", START + np.arange(3) * MINUTE_US))
        (file,) = plant.telemetry.files("raw")
        (Path(plant.path) / file.path).unlink()
        with pytest.raises(PlantError, match="missing"):
            plant.telemetry.gaps(1)
