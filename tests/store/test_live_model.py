"""Whatever the order of taking, repeating, sealing, importing, closing and crashing, the store equals a dict."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from forgecast.signals.batch import Batch
from forgecast.signals.reading import Readings
from forgecast.store.importing import Source
from forgecast.store.live.record import record_of
from forgecast.store.live.segment import segments_of
from forgecast.store.live.sink import Live
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings
from tests.store.live_batches import Points, T, batch, points_of, sealed_points

HALF_DAY = 43_200_000_000
POINTS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(0, 30).map(lambda k: T + k * HALF_DAY // 4),
        st.integers(0, 3).map(float),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=12,
)
#: Steps of a seal that may fail; after the last of them it is in.
STEPS = ("SeriesWriter.seal", "list_files", "_move_on", "Trail.seal", "set_aside")


class _CrashError(Exception):
    pass


class LiveStore(RuleBasedStateMachine):
    """Two sources and imports feed one plant; the truth is a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="live-model-"))
        self.plant = PlantFolder.create(self.place / "p", PlantSettings("p", "p"))
        self.live: Live = self.plant.live(seal_rows=10**9)
        self.truth: Points = {}
        self.given: dict[str, list[Batch]] = {"s1": [], "s2": []}
        #: What is not sealed yet, in the order in which it was taken; a seal puts one source after the other.
        self.waiting: dict[str, list[Batch]] = {"s1": [], "s2": []}
        self.imports = 0

    @initialize()
    def begin(self) -> None:
        assert self.live.last("s1") == 0

    @rule(points=POINTS, source=st.sampled_from(["s1", "s2"]), step=st.integers(1, 3))
    def take(self, points, source, step):
        # Sources have tags of their own: what two of them say of one instant has no order.
        points = [(f"{source}.{tag}", t, value, flag) for tag, t, value, flag in points]
        one = batch(self.live.last(source) + step, *points, source=source)
        assert self.live.take(one)
        self.given[source].append(one)
        self.waiting[source].append(one)

    @precondition(lambda self: any(self.given.values()))
    @rule(data=st.data())
    def repeat(self, data):
        one = data.draw(st.sampled_from([one for given in self.given.values() for one in given]))
        assert not self.live.take(one)

    @rule()
    def seal(self):
        self.live.seal()
        self._settle()
        assert sealed_points(self.plant) == self.truth

    @rule(step=st.sampled_from(STEPS))
    def seal_fails(self, step):
        owner, _, name = step.rpartition(".")
        with pytest.MonkeyPatch.context() as broken:

            def fail(*_given, **_more):
                raise _CrashError

            broken.setattr(f"forgecast.store.live.sealing.{owner + '.' if owner else ''}{name}", fail)
            try:
                self.live.seal()
            except _CrashError:
                if step == "set_aside":
                    self._settle()

    @rule(points=POINTS)
    def import_file(self, points):
        """An import holds only instants that no source has under way: they would come later than it."""
        waiting = points_of(*(one for some in self.waiting.values() for one in some))
        wanted = {(f"s1.{tag}", t): (value, flag) for tag, t, value, flag in points}
        wanted = {key: value for key, value in wanted.items() if key not in waiting}
        self.imports += 1
        with self.plant.importing(Source(f"{self.imports}.csv", "", str(self.imports), 1)) as entry:
            for tag in {tag for tag, _ in wanted}:
                rows = sorted((t, *value) for (name, t), value in wanted.items() if name == tag)
                t, value, flag = (
                    np.array([row[k] for row in rows], kind) for k, kind in enumerate((np.int64, float, np.int8))
                )
                entry.put_readings([Readings(tag, t, value, flag)])
        self.truth |= wanted

    @rule(seals=st.booleans())
    def restart(self, seals):
        self.live.close()
        if seals:
            self.plant.seal()
            self._settle()
        self.live = self.plant.live(seal_rows=10**9)

    @rule(points=POINTS, source=st.sampled_from(["s1", "s2"]), share=st.floats(0, 1, exclude_max=True))
    def crash_with_a_torn_end(self, points, source, share):
        last = self.live.last(source)
        self.live.close()
        segments = segments_of(self.plant.path / "telemetry" / "live" / source)
        if segments:
            torn = b"".join(bytes(part) for part in record_of(batch(last + 1, *points, source=source), 5))
            with segments[-1].open("ab") as file:
                file.write(torn[: int(share * len(torn))])
        self.live = self.plant.live(seal_rows=10**9)
        assert self.live.last(source) == last

    @invariant()
    def all_is_seen(self):
        waiting = points_of(*(one for some in self.waiting.values() for one in some))
        expected = self.truth | waiting
        seen: Points = {}
        for tag in {tag for tag, _ in expected}:
            one = self.plant.tail.series(tag)
            for t, value, flag in zip(one.t.tolist(), one.value.tolist(), one.flag.tolist(), strict=True):
                seen[tag, t] = (value, flag)
        assert seen == expected

    def _settle(self) -> None:
        for some in self.waiting.values():
            self.truth |= points_of(*some)
            some.clear()

    def teardown(self) -> None:
        self.live.close()
        self.plant.seal()
        self._settle()
        assert sealed_points(self.plant) == self.truth
        assert self.plant.telemetry.hourly().n.sum() == len(self.truth)
        assert self.plant.verify().breaks == []
        self.plant.close()
        shutil.rmtree(self.place)


LiveStore.TestCase.settings = settings(max_examples=5, stateful_step_count=10)
TestLiveStore = LiveStore.TestCase


class LongLiveStore(LiveStore):
    """The same, for longer."""


LongLiveStore.TestCase.settings = settings(max_examples=100, stateful_step_count=30)
TestLongLiveStore = pytest.mark.slow(LongLiveStore.TestCase)
