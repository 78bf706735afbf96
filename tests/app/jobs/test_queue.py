"""The queue of jobs in the server's database, on each engine."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from forgecast.app.jobs import watch
from forgecast.app.jobs.watch import Watch
from forgecast.app.server.running_settings import Keep
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server import jobs
from forgecast.store.server.database import ServerStore
from forgecast.store.server.jobs import FIGURE_PRIORITY, State
from forgecast.store.server.presence import Presence, is_gone
from forgecast.store.server.tables import JOB


def test_a_job_goes_its_way(served):
    made = served.submit("t/files", n=3)
    assert (made.state, made.by, made.question, made.language, made.attempts) == (
        State.QUEUED, "li", {"n": 3}, "zh", 0,
    )  # fmt: skip
    taken = jobs.claim(served.store, "w1")
    assert taken is not None
    assert (taken.id, taken.state, taken.worker, taken.attempts) == (made.id, State.RUNNING, "w1", 1)
    assert jobs.claim(served.store, "w2") is None
    assert jobs.beat(served.store, taken, 0.5, text("row {row}: no mass", row=4)).held
    jobs.beat(served.store, taken, 0.25, None)
    now = served.job(made.id)
    assert now.share == 0.5, "a share never goes back"
    assert now.said == text("row {row}: no mass", row=4)
    done = []
    assert jobs.finish(served.store, taken, lambda: done.append(1))
    now = served.job(made.id)
    assert (now.state, now.share, now.error, len(done)) == (State.DONE, 1.0, None, 1)
    assert now.submitted_us <= now.begun_us <= now.ended_us


def test_whoever_lost_a_job_changes_nothing(served):
    made = served.submit("t/files")
    lost = jobs.claim(served.store, "w1")
    assert lost is not None
    assert jobs.take_back(served.store, served.job(made.id)).state is State.QUEUED
    held = jobs.claim(served.store, "w1")
    assert held is not None
    published = []
    assert not jobs.finish(served.store, lost, lambda: published.append(1))
    assert not jobs.fail(served.store, lost, {"error": {}})
    assert not jobs.stopped(served.store, lost)
    assert not jobs.beat(served.store, lost, 0.9, None).held
    assert published == []
    assert (served.job(made.id).state, served.job(made.id).share) == (State.RUNNING, 0.0)
    assert jobs.finish(served.store, held, lambda: published.append(1))


def test_a_publishing_that_fails_leaves_the_job_running(served):
    served.submit("t/files")
    taken = jobs.claim(served.store, "w1")

    def refuse() -> None:
        raise OSError(28, "no space")

    with pytest.raises(ForgecastError):
        jobs.finish(served.store, taken, refuse)
    assert served.job(taken.id).state is State.RUNNING


def test_figures_go_first_and_a_worker_may_be_kept_for_them(served):
    run = served.submit("t/files")
    figure = served.submit("t/double", key="k")
    assert jobs.claim(served.store, "w", up_to_priority=FIGURE_PRIORITY).id == figure.id
    assert jobs.claim(served.store, "w", up_to_priority=FIGURE_PRIORITY) is None
    assert jobs.claim(served.store, "w").id == run.id


def test_one_plant_does_not_keep_another_waiting(served):
    for n in range(5):
        served.submit("t/files", plant="p1", n=n)
    served.submit("t/files", plant="p2")
    order = [jobs.claim(served.store, f"w{n}").plant_id for n in range(3)]
    assert order == ["p1", "p2", "p1"]


def test_also_a_single_worker_is_fair(served):
    for plant in ("p1", "p1", "p1", "p2", "p2"):
        served.submit("t/files", plant=plant)
    order = []
    for _ in range(5):
        job = jobs.claim(served.store, "w")
        order.append(job.plant_id)
        jobs.finish(served.store, job, lambda: None)
    assert order == ["p1", "p2", "p1", "p2", "p1"]


def test_equal_figures_are_one_job(served):
    first = served.submit("t/double", key="k")
    assert served.submit("t/double", key="k", account=2).id == first.id
    assert served.submit("t/double", key="other").id != first.id
    taken = jobs.claim(served.store, "w")
    assert served.submit("t/double", key="k").id == first.id
    jobs.finish(served.store, taken, lambda: None)
    assert served.submit("t/double", key="k").state is State.DONE
    with served.store.writing() as connection:
        new = jobs.new_job("p1", 1, "t/double", "{}", answer_key="k")
        assert jobs.submit(connection, new, answer_lies=lambda: False).state is State.QUEUED


def test_equal_runs_are_jobs_of_their_own(served):
    assert served.submit("t/files", n=1).id != served.submit("t/files", n=1).id


def test_a_figure_that_just_failed_is_told_and_later_made_again(served):
    first = served.submit("t/double", key="k")
    jobs.fail(served.store, jobs.claim(served.store, "w"), {"error": {"code": "x"}})
    told = served.submit("t/double", key="k")
    assert (told.id, told.state, told.error) == (first.id, State.FAILED, {"error": {"code": "x"}})
    with served.store.writing() as connection:
        connection.execute(sa.update(JOB).values(ended_us=JOB.c.ended_us - jobs.JUST_NOW_US - 1))
    assert served.submit("t/double", key="k").state is State.QUEUED


def test_equal_figures_asked_at_once_are_one_job(served):
    with ThreadPoolExecutor(12) as pool:
        made = list(pool.map(lambda n: served.submit("t/double", key="same", account=1 + n % 2), range(50)))
    assert len({job.id for job in made}) == 1
    assert len(jobs.known_jobs(served.store)) == 1


def test_no_job_is_given_to_two(served):
    for n in range(120):
        served.submit("t/files", plant=f"p{1 + n % 2}", n=n)

    def work(number: int) -> list[str]:
        got = []
        with ServerStore(served.url) as store:
            while (job := jobs.claim(store, f"w{number}")) is not None:
                got.append(job.id)
        return got

    with ThreadPoolExecutor(4) as pool:
        taken = Counter(job for got in pool.map(work, range(4)) for job in got)
    assert len(taken) == 120
    assert set(taken.values()) == {1}


def test_stopping(served):
    waits, runs, ended = (served.submit("t/files", n=n) for n in range(3))
    taken = {job.id: job for job in (jobs.claim(served.store, "w"), jobs.claim(served.store, "w"))}
    last = next(iter({waits.id, runs.id, ended.id} - set(taken)))
    first, second = taken.values()
    assert jobs.ask_to_stop(served.store, last, "wang").state is State.STOPPED
    jobs.finish(served.store, first, lambda: None)
    assert jobs.ask_to_stop(served.store, first.id, "wang").stop_asked_by is None
    assert jobs.ask_to_stop(served.store, second.id, "wang").state is State.RUNNING
    assert jobs.beat(served.store, second, 0.1, None) == jobs.Beat(held=True, stop_asked_by="wang")
    assert jobs.stopped(served.store, second)
    assert jobs.ask_to_stop(served.store, "0" * 32, "wang") is None


def test_a_job_whose_worker_ended_is_begun_again_once_and_fails_then(served):
    made = served.submit("t/files")
    look = Watch(served.store, served.home).look
    with Presence(served.home, "worker") as worker:
        jobs.claim(served.store, worker.name)
        assert look() == 0
    assert look() == 1
    assert served.job(made.id).state is State.QUEUED
    with Presence(served.home, "worker") as worker:
        jobs.claim(served.store, worker.name)
    assert look() == 1
    now = served.job(made.id)
    assert now.state is State.FAILED
    assert now.error["error"]["what"]["en"] == "the worker ended without an answer"


def test_a_worker_that_says_nothing_loses_its_job_whatever_the_clocks_say(served):
    made = served.submit("t/files")
    now = [1000.0]
    watching = Watch(served.store, served.home, clock=lambda: now[0])
    with Presence(served.home, "worker") as worker:
        taken = jobs.claim(served.store, worker.name)
        watching.look()
        now[0] += watch.SILENCE_S - 1
        with served.store.writing() as connection:  # the database's clock was set back by a year
            connection.execute(sa.update(JOB).values(beat_us=JOB.c.beat_us - 365 * 86_400_000_000))
        assert watching.look() == 0
        now[0] += watch.SILENCE_S - 1
        jobs.beat(served.store, taken, 0.1, None)
        assert watching.look() == 0
        now[0] += watch.SILENCE_S + 1
        assert watching.look() == 1
    assert served.job(made.id).state is State.QUEUED


def test_a_beat_is_never_twice_the_same(served):
    served.submit("t/files")
    taken = jobs.claim(served.store, "w")
    with served.store.writing() as connection:  # it beats in the future: the clock was set back since
        connection.execute(sa.update(JOB).values(beat_us=JOB.c.beat_us + 10**12))
    before = served.job(taken.id).beat_us
    jobs.beat(served.store, taken, 0.1, None)
    assert served.job(taken.id).beat_us != before


def test_a_worker_that_ends_in_order_gives_its_job_back(served):
    served.submit("t/files")
    for _ in range(5):
        taken = jobs.claim(served.store, "w")
        assert taken.attempts == 1
        assert jobs.give_back(served.store, taken)


def test_jobs_are_listed_page_by_page(served):
    made = [served.submit("t/files" if n % 3 else "t/deaf", n=n).id for n in range(25)]
    served.submit("t/files", plant="p2")
    seen, after = [], ""
    while True:
        page, following = jobs.jobs_of_plant(served.store, "p1", limit=10, after=after)
        seen += [job.id for job in page]
        if following is None:
            break
        after = following
    assert sorted(seen) == sorted(made)
    assert len(seen) == 25
    only, _ = jobs.jobs_of_plant(served.store, "p1", doors=["t/deaf"])
    assert {job.door for job in only} == {"t/deaf"}
    with pytest.raises(ForgecastError):
        jobs.jobs_of_plant(served.store, "p1", after="nonsense")


def test_old_jobs_are_forgotten_and_their_folders_removed(served):
    old, young = served.submit("t/files"), served.submit("t/files")
    for _ in range(2):
        jobs.finish(served.store, jobs.claim(served.store, "w"), lambda: None)
    with served.store.writing() as connection:
        long_ago = JOB.c.ended_us - (Keep().job_days + 1) * 86_400_000_000
        connection.execute(sa.update(JOB).where(JOB.c.id == old.id).values(ended_us=long_ago))
    for job in (old, young):
        (served.home / "jobs" / job.id).mkdir(parents=True)
    watch.tidy(served.store, served.home)
    assert jobs.known_jobs(served.store) == {young.id}
    assert [path.name for path in (served.home / "jobs").iterdir()] == [young.id]


def test_a_process_is_there_until_it_closes(tmp_path):
    with Presence(tmp_path, "worker") as one, Presence(tmp_path, "worker") as other:
        assert one.name != other.name
        assert not is_gone(tmp_path, one.name)
    assert is_gone(tmp_path, one.name)
    assert is_gone(tmp_path, "worker-1-never")
