"""Workers at their work, as real processes: none lost, none twice, and nothing half done is ever shown."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from forgecast.app.jobs.places import answer_of, files_of
from forgecast.app.jobs.supervise import Workers
from forgecast.app.jobs.worker import WorkerSettings
from forgecast.store.server import jobs
from forgecast.store.server.jobs import State
from tests.app.jobs.made_up_doors import let_go, ran, shelf
from tests.processes import command_of

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@contextmanager
def working(served, count: int = 1, **settings) -> Iterator[Workers]:
    with Workers(WorkerSettings(served.home, served.url, shelf=shelf, grace_s=0.5, **settings), count) as workers:
        yield workers


def answer(served, job) -> object:
    return json.loads(answer_of(served.home, job).read_bytes())


def plant_folder(served, name: str = "p1") -> Path:
    return served.home / "plants" / name / "plant"


def test_a_figure_is_worked_out(served):
    with working(served):
        made = served.submit("t/double", key="k1", n=21)
        done = served.ended(made.id)
    assert (done.state, answer(served, done)) == (State.DONE, {"twice": 42, "by": "li"})
    assert answer_of(served.home, done) == served.home / "answers" / "p1" / "k1.json"
    assert not (served.home / "jobs" / made.id).exists(), "nothing else is left of a figure"


def test_a_run_leaves_its_files_and_tells_how_far_it_is(on_sqlite):
    with working(on_sqlite):
        made = on_sqlite.submit("t/held", n=7, seconds=2.5)
        under_way = on_sqlite.wait(made.id, lambda job: 0.2 < job.share < 1)
        assert under_way.said.say("en") == "solving for 2.5 s"
        assert not files_of(on_sqlite.home, made).exists(), "half a run is not where runs are looked for"
        let_go(plant_folder(on_sqlite), 7)
        done = on_sqlite.ended(made.id)
    assert done.state is State.DONE
    assert answer(on_sqlite, done) == {"n": 7, "language": "zh"}
    folder = files_of(on_sqlite.home, done)
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert found == ["begun.txt", "deep/page.html", "结果.csv"]
    assert sorted(path.name for path in folder.parent.iterdir()) == ["answer.json", "files"]


def test_equal_figures_asked_at_once_run_once(on_sqlite):
    with working(on_sqlite, 2):
        with ThreadPoolExecutor(10) as pool:
            made = list(pool.map(lambda _: on_sqlite.submit("t/double", key="k", n=4, seconds=0.2), range(50)))
        done = on_sqlite.ended(made[0].id)
        again = on_sqlite.submit("t/double", key="k", n=4)
    assert done.state is State.DONE
    assert again.id == done.id
    assert ran(plant_folder(on_sqlite)) == ["4"]


@pytest.mark.parametrize(
    ("door", "code", "says"),
    [
        ("t/refuses", "wrong-input", "no"),
        ("t/defect", "defect", "a defect of Forgecast"),
        ("t/not-a-number", "defect", "a defect of Forgecast"),
        ("t/unknown", "wrong-input", "t/unknown"),
        ("t/uploaded", "plant", "no uploaded file"),
        pytest.param("t/dies", "wrong-input", "code -11", marks=POSIX),
        pytest.param("t/fills-disk", "wrong-input", "the disk of the server is full", marks=POSIX),
    ],
)
def test_what_goes_wrong_is_said_and_the_next_job_is_worked_out(on_sqlite, door, code, says):
    with working(on_sqlite):
        bad = on_sqlite.ended(on_sqlite.submit(door, n=1000).id)
        good = on_sqlite.ended(on_sqlite.submit("t/double", key="k", n=1).id)
    assert (bad.state, good.state) == (State.FAILED, State.DONE)
    assert bad.error["error"]["code"] == code
    assert says in bad.error["error"]["what"]["en"]
    assert "of the traceback" not in json.dumps(bad.error)
    assert not answer_of(on_sqlite.home, bad).exists()
    assert not (on_sqlite.home / "jobs" / bad.id).exists()


def test_workers_are_renewed_and_what_they_did_is_done_by_the_new_ones(on_sqlite):
    with working(on_sqlite, 2) as workers:
        made = on_sqlite.submit("t/held", n=7)
        on_sqlite.wait(made.id, lambda job: job.share > 0)
        before = {one["pid"] for one in workers.as_json()}
        workers.renew()
        # Only the new ones can end it: it is let go after the last of the old ones has ended.
        on_sqlite.wait(made.id, lambda _: all(one["starts"] == 2 and one["pid"] for one in workers.as_json()))
        let_go(plant_folder(on_sqlite), 7)
        done = on_sqlite.ended(made.id)
        after = {one["pid"] for one in workers.as_json()}
    assert done.state is State.DONE
    assert answer(on_sqlite, done) == {"n": 7, "language": "zh"}
    assert len(after) == 2
    assert not before & after


def test_a_run_that_is_asked_stops_and_leaves_nothing(on_sqlite):
    # Killed it would be only after an hour: that it ends at all says that it heard of it.
    with working(on_sqlite, stop_s=3600.0):
        made = on_sqlite.submit("t/held")
        on_sqlite.wait(made.id, lambda job: job.share > 0)
        jobs.ask_to_stop(on_sqlite.store, made.id, "wang")
        ended = on_sqlite.ended(made.id)
        assert on_sqlite.ended(on_sqlite.submit("t/double", key="k").id).state is State.DONE
    assert (ended.state, ended.stop_asked_by) == (State.STOPPED, "wang")
    assert not (on_sqlite.home / "jobs" / made.id).exists()


def test_a_run_that_does_not_listen_is_killed(on_sqlite):
    with working(on_sqlite, stop_s=0.5):
        made = on_sqlite.submit("t/deaf", seconds=3600)
        on_sqlite.wait(made.id, lambda _: bool(ran(plant_folder(on_sqlite))))
        jobs.ask_to_stop(on_sqlite.store, made.id, "wang")
        assert on_sqlite.ended(made.id).state is State.STOPPED
        assert on_sqlite.ended(on_sqlite.submit("t/double", key="k").id).state is State.DONE
    assert not (on_sqlite.home / "jobs" / made.id).exists()


def test_a_run_does_not_keep_figures_waiting(on_sqlite):
    with working(on_sqlite, 2):
        runs = [on_sqlite.submit("t/deaf", seconds=3600) for _ in range(2)]
        on_sqlite.wait(runs[0].id, lambda job: job.state is State.RUNNING)
        assert on_sqlite.ended(on_sqlite.submit("t/double", key="k").id).state is State.DONE
        assert on_sqlite.job(runs[1].id).state is State.QUEUED


def test_at_shutdown_what_runs_goes_back_into_the_queue(on_sqlite):
    before = set(psutil.Process().children(recursive=True))  # left by tests of other files
    with working(on_sqlite):
        made = on_sqlite.submit("t/deaf", seconds=3600)
        on_sqlite.wait(made.id, lambda _: bool(ran(plant_folder(on_sqlite))))
    now = on_sqlite.job(made.id)
    assert (now.state, now.attempts, now.worker) == (State.QUEUED, 0, None)
    there = set(psutil.Process().children(recursive=True)) - before
    left = [command for one in there if (command := command_of(one))]
    assert all("resource_tracker" in command for command in left), left  # multiprocessing's own may stay


@POSIX
def test_a_killed_worker_loses_its_job_to_the_next_one(served):
    with working(served) as workers:
        made = served.submit("t/held", n=1)
        served.wait(made.id, lambda job: job.share > 0)
        pid = workers.as_json()[0]["pid"]
        child = psutil.Process(pid).children()[0]
        os.kill(pid, signal.SIGKILL)
        child.wait(120)  # it does not go on without its worker
        assert not answer_of(served.home, made).exists()
        let_go(plant_folder(served), 1)
        done = served.ended(made.id)
        assert workers.as_json()[0]["starts"] == 2
    assert (done.state, done.attempts) == (State.DONE, 2)
    assert ran(plant_folder(served)) == ["1", "1"]
    assert answer(served, done) == {"n": 1, "language": "zh"}
    assert not list((served.home / "jobs" / made.id).glob("_attempt*"))


@POSIX
def test_a_job_that_takes_its_worker_with_it_twice_has_failed(on_sqlite):
    with working(on_sqlite) as workers:
        made = on_sqlite.submit("t/deaf", seconds=3600)
        for attempt in (1, 2):
            on_sqlite.wait(made.id, lambda job, n=attempt: (job.state, job.attempts) == (State.RUNNING, n))
            os.kill(workers.as_json()[0]["pid"], signal.SIGKILL)
        ended = on_sqlite.ended(made.id)
    assert ended.state is State.FAILED
    assert ended.error["error"]["what"]["en"] == "the worker ended without an answer"


@pytest.mark.slow
@POSIX
def test_four_workers_lose_none_of_400_jobs_and_do_none_twice(served):
    for n in range(400):
        served.submit("t/double", plant=f"p{1 + n % 2}", key=f"k{n}", n=n)
    with working(served, 4):
        until = time.monotonic() + 900
        while jobs.count_of_states(served.store)[State.DONE] < 400:
            assert time.monotonic() < until, jobs.count_of_states(served.store)
            time.sleep(0.05)
    done = Counter(ran(plant_folder(served)) + ran(plant_folder(served, "p2")))
    assert done == {str(n): 1 for n in range(400)}
    for n in range(400):
        path = served.home / "answers" / f"p{1 + n % 2}" / f"k{n}.json"
        assert json.loads(path.read_bytes())["twice"] == 2 * n
