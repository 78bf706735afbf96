"""Takes jobs back from workers that have ended, and clears away what is old."""

from __future__ import annotations

import logging
import shutil
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from forgecast.app.doors.answers import ANSWERS, JOBS
from forgecast.app.jobs.places import clear_away
from forgecast.app.server.running_settings import Keep
from forgecast.ground.dates import DAY_US
from forgecast.store.durable import remove_file
from forgecast.store.server import drafts, jobs, said_before, uploads
from forgecast.store.server.database import ServerStore
from forgecast.store.server.jobs import Job
from forgecast.store.server.presence import is_gone

_LOG = logging.getLogger("forgecast.jobs")
#: A worker that has told nothing for so long is taken for dead, even where nobody can see its lock [s].
SILENCE_S = 60.0


class Watch:
    """Looks at the jobs that run. It goes by what it sees change and by its own clock, never by two clocks compared."""

    def __init__(self, store: ServerStore, home: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._home, self._clock = store, home, clock
        self._seen: dict[tuple[str, int], tuple[int | None, float]] = {}

    def look(self) -> int:
        """Take back the jobs whose worker has ended or fallen silent; returns how many."""
        now, seen, taken = self._clock(), {}, 0
        for job in jobs.running(self._store):
            beat, since = self._seen.get((job.id, job.attempts), (job.beat_us, now))
            if beat != job.beat_us:
                since = now
            seen[job.id, job.attempts] = (job.beat_us, since)
            if now - since > SILENCE_S or job.worker is None or is_gone(self._home, job.worker):
                taken += self._take(job)
        self._seen = seen
        return taken

    def _take(self, job: Job) -> bool:
        now = jobs.take_back(self._store, job)
        if now is None:
            return False
        _LOG.warning("job %s: its worker %s has ended; it is %s", job.id, job.worker, now.state)
        if now.ended:
            clear_away(self._home, job, now.state)
        return True


def tidy(
    store: ServerStore,
    home: Path,
    keep: Keep = Keep(),  # noqa: B008  (frozen)
) -> None:
    """Forget and remove what is old, and what broken uploads and deleted jobs have left.

    Parameters
    ----------
    store : ServerStore
    home : Path
    keep : Keep
        How long what is kept.
    """
    with store.reading() as connection:
        now = jobs.now_us(connection)
    jobs.forget_old(store, ended_before_us=now - keep.job_days * DAY_US)
    drafts.forget_old(store, saved_before_us=now - keep.draft_days * DAY_US)
    said_before.forget_old(store, before_us=now - keep.request_days * DAY_US)
    uploads.sweep(store, home, received_before_us=now - keep.upload_days * DAY_US)
    folders = list((home / JOBS).glob("*"))  # before the rows: a folder is never older than its row
    known = jobs.known_jobs(store)
    for folder in folders:
        if folder.name not in known:
            shutil.rmtree(folder, ignore_errors=True)
    for path in _old_answers(home / ANSWERS, keep):
        remove_file(path)


def _old_answers(folder: Path, keep: Keep) -> list[Path]:
    """Return the answers that are old, or have enough newer ones of the same question beside them."""
    by_question: dict[tuple[str, str], list[tuple[float, Path]]] = defaultdict(list)
    for path in folder.glob("*/*.json"):
        with suppress(FileNotFoundError):
            question = path.name.partition("-")[0]
            by_question[path.parent.name, question].append((path.stat().st_mtime, path))
    oldest = time.time() - keep.answer_days * DAY_US / 1_000_000
    old = []
    for answers in by_question.values():
        answers.sort(reverse=True)
        old += [path for rank, (at, path) in enumerate(answers) if at < oldest or rank >= keep.answers_a_question]
    return old
