"""Hours judged as readings arrive: the same as afterwards, late data anew, a warning before it is too late."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forgecast.ground.dates import HOUR_US, MINUTE_US, Period, day_start_us
from forgecast.ground.texts import verbatim
from forgecast.rules.verdict import Word
from forgecast.signals.batch import Batch, NotStoredError, batch_of
from forgecast.signals.reading import GOOD, INVALID
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from forgecast.tasks.judge_hours import judge_hours
from forgecast.tasks.judge_live_hours import LiveHours
from tests.tasks.making import made_plant
from tests.tasks.test_assessed_stacks import SITE, STACK


class JudgedSink:
    """Hands batches on to a store and, once they are durable and new, to whoever judges hours, as a collector does."""

    def __init__(self, store, hours):
        self.store, self.hours = store, hours

    def last(self, source):
        return self.store.last(source)

    def take(self, batch):
        taken = self.store.take(batch)
        if taken:
            self.hours.stored(batch)
        return taken


DAY = date(2025, 6, 2)
NIGHT = day_start_us(DAY, "Asia/Shanghai")
TAGS = """id,measures,unit,stack,interval (s),reading,basis
S.nox,nox,mg/m3,DA1,60,mean,dry_standard
S.o2,oxygen,%,DA1,60,mean,
"""
TEN = NIGHT + 10 * HOUR_US


def a_plant(folder: Path) -> Path:
    return made_plant(folder, {"site": SITE, "stack": STACK, "tag": TAGS})


def minutes(start: int, count: int, nox: float, *, oxygen: float = 15.0, flag: int = GOOD, seq: int = 1) -> Batch:
    """Return minute values; a value is stamped with the end of its minute. At 15 % oxygen nothing is converted."""
    readings = []
    for n in range(1, count + 1):
        readings += [("S.nox", start + n * MINUTE_US, nox, flag), ("S.o2", start + n * MINUTE_US, oxygen, GOOD)]
    return batch_of("stack", seq, readings)


def test_a_finished_hour_is_judged_after_its_grace_and_entered_once(tmp_path: Path) -> None:
    with PlantFolder.open(a_plant(tmp_path)) as plant:
        live = LiveHours(plant, now_us=TEN, grace_s=300.0)
        live.stored(minutes(TEN, 60, 350.0))
        early = live.tick(TEN + HOUR_US + 4 * MINUTE_US)
        done = live.tick(TEN + HOUR_US + 5 * MINUTE_US)
        again = live.tick(TEN + HOUR_US + 6 * MINUTE_US)
        rows = plant.records.read("ledger_entry")
    assert [one.hour for one in early.judged] == [TEN // HOUR_US - 1]
    assert early.judged[0].word is Word.NOT_KNOWN  # the hour before: nothing was heard in it
    (hour,) = done.judged
    assert (hour.word, hour.value, hour.limit) == (Word.NOT_MET, 350.0, 300.0)
    assert (len(done.entered.new), again.judged, again.entered.new) == (1, (), ())
    assert len(rows) == 1


def test_late_data_judge_a_finished_hour_anew(tmp_path: Path) -> None:
    with PlantFolder.open(a_plant(tmp_path)) as plant:
        live = LiveHours(plant, now_us=TEN, grace_s=60.0)
        live.stored(minutes(TEN, 60, 350.0))
        first = live.tick(TEN + HOUR_US + 2 * MINUTE_US)
        live.stored(minutes(TEN, 60, 250.0, seq=2))  # the instrument corrects itself
        second = live.tick(TEN + HOUR_US + 30 * MINUTE_US)
        (row,) = plant.records.read("ledger_entry")
    assert [one.word for one in first.judged if one.hour == TEN // HOUR_US] == [Word.NOT_MET]
    assert [one.word for one in second.judged] == [Word.MET]
    assert (len(second.entered.new), len(second.entered.anew)) == (0, 1)
    assert "no longer above" in str(row["what"])


def test_live_and_stored_hours_have_the_same_words(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    with PlantFolder.open(a_plant(tmp_path)) as plant:
        live = LiveHours(plant, now_us=TEN, grace_s=0.0)
        answers, rows = [], ["tag,t,value,flag"]
        for hour in range(4):
            start = TEN + hour * HOUR_US
            level = (180.0, 420.0, 300.0, 240.0)[hour]
            batches = [
                minutes(
                    start + at * MINUTE_US,
                    15,
                    level + float(draw.uniform(-5, 5)),
                    oxygen=float(draw.uniform(14.5, 15.5)),
                    flag=GOOD if hour < 3 or at else INVALID,
                )
                for at in (0, 15, 30, 45)
            ]
            draw.shuffle(batches)  # late within the hour
            for batch in batches:
                live.stored(batch)
                rows += [
                    f"{batch.tags[n]},{t},{v!r},{f}"
                    for n, t, v, f in zip(
                        batch.tag, batch.t.tolist(), batch.value.tolist(), batch.flag.tolist(), strict=True
                    )
                ]
            answers += live.tick(start + HOUR_US).judged
        path = tmp_path / "readings.parquet"
        _parquet_of(path, rows[1:])
        import_files(plant, [path])
        (stored,) = judge_hours(plant, Period(DAY, date(2025, 6, 3))).stacks
    by_hour = {one.hour: one for one in stored}
    assert len(answers) == 5
    for one in answers:
        then = by_hour[one.hour]
        assert (one.word, one.share) == (then.word, then.share)
        # The store adds the reading on the hour last, the live hour in the order of time: the last digit may differ.
        assert one.value == (None if then.value is None else pytest.approx(then.value, rel=1e-13))
    assert {one.word for one in answers} >= {Word.MET, Word.NOT_MET}


def _parquet_of(path: Path, rows: list[str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    cells = [row.split(",") for row in rows]
    columns = {
        "tag": [cell[0] for cell in cells],
        "t": np.array([int(cell[1]) for cell in cells], np.int64),
        "value": [float(cell[2]) for cell in cells],
        "flag": np.array([int(cell[3]) for cell in cells], np.int8),
    }
    pq.write_table(pa.table(columns), path)


def test_a_running_hour_warns_once_and_again_when_it_is_lost(tmp_path: Path) -> None:
    with PlantFolder.open(a_plant(tmp_path)) as plant:
        live = LiveHours(plant, now_us=TEN)
        live.stored(minutes(TEN, 10, 400.0))
        too_early = live.tick(TEN + 10 * MINUTE_US)
        live.stored(minutes(TEN + 10 * MINUTE_US, 20, 400.0, seq=2))
        first = live.tick(TEN + 30 * MINUTE_US)
        second = live.tick(TEN + 31 * MINUTE_US)
        live.stored(minutes(TEN + 30 * MINUTE_US, 20, 400.0, seq=3))
        lost = live.tick(TEN + 50 * MINUTE_US)
    assert too_early.warnings == ()
    (warning,) = first.warnings
    assert (warning.forecast.mean, warning.forecast.projected) == (400.0, 400.0)
    # 300 · 60 = 400 · 30 + x · 30
    assert warning.forecast.allowed == pytest.approx(200.0)
    assert "remaining 30 minutes average below 200 mg/m3" in str(warning.what)
    assert second.warnings == ()
    (after,) = lost.warnings
    assert after.forecast.lost
    assert first.judged == () or all(one.hour < TEN // HOUR_US for one in first.judged)


def test_an_hour_below_its_limit_does_not_warn(tmp_path: Path) -> None:
    with PlantFolder.open(a_plant(tmp_path)) as plant:
        live = LiveHours(plant, now_us=TEN)
        live.stored(minutes(TEN, 30, 290.0))
        assert live.tick(TEN + 30 * MINUTE_US).warnings == ()


class Store:
    """A store that takes each number once, and refuses when it is full."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.full = False

    def last(self, source: str) -> int:
        del source
        return max(self.taken, default=0)

    def take(self, batch: Batch) -> bool:
        if self.full:
            raise NotStoredError(verbatim("full"), repair=verbatim("make room"))
        new = batch.seq not in self.taken
        self.taken.append(batch.seq)
        return new


def test_only_what_is_durable_and_new_is_judged(tmp_path: Path) -> None:
    with PlantFolder.open(a_plant(tmp_path)) as plant:
        live, store = LiveHours(plant, now_us=TEN, grace_s=0.0), Store()
        sink = JudgedSink(store, live)
        store.full = True
        with pytest.raises(NotStoredError):
            sink.take(minutes(TEN, 60, 350.0))
        before = live.tick(TEN + HOUR_US).judged
        store.full = False
        assert sink.take(minutes(TEN, 60, 350.0))
        assert not sink.take(minutes(TEN, 60, 100.0))  # a repeat, whatever it holds
        (judged,) = live.tick(TEN + 2 * HOUR_US - 1).judged
    assert {one.word for one in before} <= {Word.NOT_KNOWN}
    assert (judged.word, judged.value, sink.last("stack")) == (Word.NOT_MET, 350.0, 1)


def test_what_the_store_has_counts_even_where_it_was_not_heard(tmp_path: Path) -> None:
    """A listener that falls behind misses batches; the store does not, sealed or not."""
    with PlantFolder.open(a_plant(tmp_path)) as plant, plant.live(seals=False) as store:
        hours = LiveHours(plant, now_us=TEN, grace_s=0.0)
        sink = JudgedSink(store, hours)
        assert sink.take(minutes(TEN, 30, 350.0, seq=1))
        assert store.take(minutes(TEN + 30 * MINUTE_US, 30, 370.0, seq=2))  # not heard
        done = hours.tick(TEN + HOUR_US)
        (judged,) = [one for one in done.judged if one.hour == TEN // HOUR_US]
        assert (judged.word, judged.value) == (Word.NOT_MET, pytest.approx(360.0, rel=1e-13))
        hours.tick(TEN + 20 * HOUR_US)  # long forgotten
        assert sink.take(minutes(TEN, 30, 150.0, seq=3))  # corrected after all
        (again,) = hours.tick(TEN + 20 * HOUR_US + MINUTE_US).judged
        (row,) = plant.records.read("ledger_entry")
    assert (again.word, again.value) == (Word.MET, pytest.approx(260.0, rel=1e-13))
    assert row["value"] == pytest.approx(260.0)


def test_a_watch_begun_within_an_hour_knows_what_came_before(tmp_path: Path) -> None:
    with PlantFolder.open(a_plant(tmp_path)) as plant, plant.live(seals=False) as store:
        store.take(minutes(TEN, 20, 600.0, seq=1))
        hours = LiveHours(plant, now_us=TEN + 20 * MINUTE_US)
        (warning,) = hours.tick(TEN + 30 * MINUTE_US).warnings
    assert warning.forecast.mean == 600.0
