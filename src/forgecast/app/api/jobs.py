"""Jobs over the network: how far they are, what they answered, the files they left, and stopping them."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from forgecast.app.api.archive import archived
from forgecast.app.api.files import file_answer
from forgecast.app.api.identity import asker_of, house_of
from forgecast.app.api.problem import Trouble
from forgecast.app.doors.asking import Asker
from forgecast.app.doors.door import Words
from forgecast.app.doors.shelf import doors
from forgecast.app.jobs.places import answer_of, files_of
from forgecast.app.server.house import House
from forgecast.app.server.refusals import ConflictError, NotPermittedError, NotThereError
from forgecast.ground.dates import from_us
from forgecast.ground.texts import text
from forgecast.store.server import jobs
from forgecast.store.server.jobs import Job, State
from forgecast.store.server.rights import Right

routes = APIRouter(prefix="/plants/{plant}/jobs", tags=["jobs"])
#: Between two looks at a job that somebody follows [s].
_LOOK_S = 0.5
_JSON = "application/json"

#: What each state is called.
_STATES = {
    State.QUEUED: text("queued"),
    State.RUNNING: text("running"),
    State.DONE: text("done"),
    State.FAILED: text("failed"),
    State.STOPPED: text("stopped"),
}

TheHouse = Annotated[House, Depends(house_of)]
TheAsker = Annotated[Asker, Depends(asker_of)]


class JobAnswer(BaseModel):
    """A job as it stands."""

    id: str
    plant: str
    door: str
    state: State
    by: str
    question: dict[str, Any]
    share: float
    said: Words | None
    submitted_at: str
    begun_at: str | None
    ended_at: str | None
    stop_asked_by: str | None
    error: Trouble | None


class JobList(BaseModel):
    """A page of jobs, the latest first."""

    jobs: list[JobAnswer]
    next: str | None


class JobFile(BaseModel):
    """A file that a run has left."""

    name: str
    size: int


class JobFiles(BaseModel):
    """All files that a run has left."""

    files: list[JobFile]


def job_answer(job: Job) -> JobAnswer:
    """Return a job as the API tells it."""
    return JobAnswer(
        id=job.id,
        plant=job.plant_id,
        door=job.door,
        state=job.state,
        by=job.by,
        question=dict(job.question),
        share=job.share,
        said=None if job.said is None else Words.model_validate(job.said.as_json()),
        submitted_at=_at(job.submitted_us),
        begun_at=None if job.begun_us is None else _at(job.begun_us),
        ended_at=None if job.ended_us is None else _at(job.ended_us),
        stop_asked_by=job.stop_asked_by,
        error=None if job.error is None else Trouble.model_validate(job.error["error"]),
    )


def job_for(house: House, asker: Asker, plant: str, job_id: str) -> Job:
    """Return a job of a plant, if its door is open to whoever asks.

    Raises
    ------
    NotThereError
    """
    job = jobs.job_of(house.store, job_id)
    if job is None or job.plant_id != plant or job.door not in _open_doors(asker):
        raise NotThereError(job_id)
    return job


def _job(plant: str, job: Annotated[str, InPath(pattern="^[0-9a-f]{32}$")], asker: TheAsker, house: TheHouse) -> Job:
    return job_for(house, asker, plant, job)


TheJob = Annotated[Job, Depends(_job)]


@routes.get("", response_model=JobList, summary="Jobs of a plant, the latest first")
def jobs_listed(
    plant: str,
    asker: TheAsker,
    house: TheHouse,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str, Query(max_length=80)] = "",
) -> JobList:
    """Return a page of jobs."""
    found, following = jobs.jobs_of_plant(house.store, plant, limit=limit, after=after, doors=_open_doors(asker))
    return JobList(jobs=[job_answer(job) for job in found], next=following)


@routes.get("/{job}", response_model=JobAnswer, summary="A job as it stands")
def job_told(job: TheJob) -> JobAnswer:
    """Return a job."""
    return job_answer(job)


@routes.post("/{job}/stop", response_model=JobAnswer, status_code=202, summary="Ask a job to stop")
def job_stopped(job: TheJob, asker: TheAsker, house: TheHouse) -> JobAnswer:
    """Stop a job that waits, ask one that runs to stop; one that has ended stays as it is."""
    if job.account_id != asker.account_id and Right.MANAGE not in asker.rights:
        raise NotPermittedError(Right.MANAGE, job.id)
    asked = jobs.ask_to_stop(house.store, job.id, asker.by)
    if asked is None:
        raise NotThereError(job.id)
    return job_answer(asked)


@routes.get(
    "/{job}/answer",
    response_class=Response,
    responses={200: {"content": {_JSON: {}}, "description": "What the door answers."}, 304: {}},
    summary="The answer of a job that is done",
)
def job_answered(job: TheJob, house: TheHouse, request: Request) -> Response:
    """Return what was worked out."""
    _be_done(job)
    path = answer_of(house.home, job)
    if not path.is_file():
        raise NotThereError(job.id)
    return file_answer(request, path, media_type=_JSON)


@routes.get("/{job}/files", response_model=JobFiles, summary="Files of a run that is done")
def job_files(job: TheJob, house: TheHouse) -> JobFiles:
    """Return which files there are."""
    _be_done(job)
    found = _files(house, job)
    return JobFiles(files=[JobFile(name=name, size=path.stat().st_size) for name, path in found.items()])


@routes.get(
    "/{job}/files/{name:path}",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The file."},
        206: {},
        304: {},
        416: {},
    },
    summary="A file of a run that is done",
)
def job_file(job: TheJob, name: str, house: TheHouse, request: Request) -> Response:
    """Return a file."""
    _be_done(job)
    path = _files(house, job).get(name)
    if path is None:
        raise NotThereError(name[:200])
    return file_answer(request, path, name=path.name)


@routes.get(
    "/{job}/archive",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "All files of the run in one archive."}},
    summary="All files of a run that is done, as one archive",
)
def job_archive(job: TheJob, house: TheHouse) -> StreamingResponse:
    """Return all files, packed while they are sent."""
    _be_done(job)
    name = f"{job.door.replace('/', '-')}-{job.id[:8]}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache",
               "Content-Encoding": "identity"}  # fmt: skip
    return StreamingResponse(archived(_files(house, job)), media_type="application/zip", headers=headers)


@routes.get(
    "/{job}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "One event for each change."}},
    summary="How far a job is, as it changes",
)
async def job_followed(job: TheJob, house: TheHouse) -> StreamingResponse:
    """Tell a job each time it has changed, until it has ended."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(house, job), media_type="text/event-stream", headers=headers)


async def _events(house: House, job: Job) -> AsyncIterator[str]:
    before, now = "", job
    while True:
        told = job_answer(now).model_dump_json()
        if told != before:
            yield f"event: job\ndata: {told}\n\n"
            before = told
        if now.ended:
            return
        await anyio.sleep(_LOOK_S)
        looked = await anyio.to_thread.run_sync(jobs.job_of, house.store, job.id)
        if looked is None:
            return
        now = looked


def _open_doors(asker: Asker) -> list[str]:
    return [name for name, door in doors().items() if door.right in asker.rights]


def _be_done(job: Job) -> None:
    if job.state is State.DONE:
        return
    raise ConflictError(
        text("this job has no answer: it is {state}", state=_STATES[job.state]),
        where=job.id,
        repair=text("follow it until it is done; ask again if it failed or was stopped"),
    )


def _files(house: House, job: Job) -> dict[str, Path]:
    """Return the files by their name within the folder; what is no plain file of it is not there."""
    folder = files_of(house.home, job)
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root) / name
            if path.is_file() and not path.is_symlink():
                found[path.relative_to(folder).as_posix()] = path
    return dict(sorted(found.items()))


def _at(us: int) -> str:
    return from_us(us).isoformat(timespec="milliseconds").replace("+00:00", "Z")
