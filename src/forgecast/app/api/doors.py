"""The routes of all doors: GET for what is read, POST for what runs or changes; built from their forms."""

import hashlib
import inspect
import re
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import Body, Depends, FastAPI, Header, Query, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from forgecast.app.api.identity import asker_of, house_of
from forgecast.app.api.jobs import JobAnswer, job_answer
from forgecast.app.api.problem import responses
from forgecast.app.api.said_before import once
from forgecast.app.doors.asking import Answered, Asker, ask, check_right
from forgecast.app.doors.door import Door, Question, Way
from forgecast.app.doors.shelf import doors
from forgecast.app.server.house import House
from forgecast.store.server.rights import Right

#: Longest time a request may ask to be held until a figure is worked out [s].
LONGEST_WAIT_S = 30.0
_LOOK_AGAIN_S = 0.1
_JSON = "application/json"


def add_routes(app: FastAPI, prefix: str) -> None:
    """Add the routes of all doors to an application, below ``prefix/plants/{plant}``.

    Not by a router: FastAPI would build each of them twice, which takes seconds.
    """
    for door in doors().values():
        _add(app, f"{prefix}/plants/{{plant}}", door)


class _DoorRoute(APIRoute):
    """A route that first looks at the end of the address: most requests pass more than a hundred of them."""

    def __init__(self, path: str, *args: Any, **given: Any) -> None:  # noqa: ANN401  (FastAPI's own)
        super().__init__(path, *args, **given)
        self._end = path.rpartition("}")[2]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether this is the route of a request."""
        return super().matches(scope) if scope["path"].endswith(self._end) else (Match.NONE, {})


def _add(app: FastAPI, below: str, door: Door[Any]) -> None:
    reads = door.way in {Way.READ, Way.FIGURE}
    described: dict[int | str, dict[str, Any]] = responses()
    if door.way in {Way.FIGURE, Way.RUN}:
        described[202] = {"model": JobAnswer, "description": "A worker is at it; ask again, or follow the job."}
    if reads:
        described[304] = {"description": "What you have is what there is."}
    app.router.add_api_route(
        f"{below}/{door.area}/{door.name}",
        _endpoint(door, reads=reads),
        methods=["GET"] if reads else ["POST"],
        response_model=JobAnswer if door.way is Way.RUN else door.answers,
        status_code=202 if door.way is Way.RUN else 200,
        responses=described,
        summary=door.sentence.say("en"),
        description=door.sentence.say("zh"),
        tags=[door.area],
        operation_id=f"{door.area}_{door.name}".replace("-", "_"),
        openapi_extra={"x-right": str(door.right), "x-way": str(door.way)},
        route_class_override=_DoorRoute,
    )


def _endpoint(door: Door[Any], *, reads: bool) -> Callable[..., Awaitable[Response]]:
    async def read(
        plant: str, question: Question, request: Request, asker: Asker, house: House, prefer: str
    ) -> Response:
        answered = await _asked(house, asker, plant, door, question, _patience(prefer))
        return _answer(answered, request.headers.get("if-none-match", ""))

    async def change(
        plant: str, question: Question, asker: Asker, house: House, idempotency_key: str | None
    ) -> Response:
        def work() -> Response:
            return _answer(ask(house, asker, plant, door, question), "")

        def told() -> Response:
            request = f"{plant} {door.id} {question.model_dump_json()}"
            mark = f"{plant}: {house.plant(plant).audit_head().link}" if idempotency_key else ""
            return once(house, asker, idempotency_key, request, work, mark=mark)

        return await anyio.to_thread.run_sync(told)

    given = inspect.Parameter.KEYWORD_ONLY
    where = Query() if reads else Body()
    signed = [
        inspect.Parameter("plant", given, annotation=str),
        inspect.Parameter("question", given, annotation=Annotated[door.asks, where]),
        inspect.Parameter("asker", given, annotation=Annotated[Asker, Depends(_holder(door.right))]),
        inspect.Parameter("house", given, annotation=Annotated[House, Depends(house_of)]),
    ]
    if reads:
        signed.append(inspect.Parameter("request", given, annotation=Request))
        signed.append(inspect.Parameter("prefer", given, annotation=Annotated[str, Header()], default=""))
    else:
        key = Annotated[str | None, Header(max_length=200)]
        signed.append(inspect.Parameter("idempotency_key", given, annotation=key, default=None))
    endpoint: Callable[..., Awaitable[Response]] = read if reads else change
    endpoint.__signature__ = inspect.Signature(signed, return_annotation=Response)  # type: ignore[attr-defined]
    return endpoint


@lru_cache(maxsize=len(Right))
def _holder(right: Right) -> Callable[..., Awaitable[Asker]]:
    """Return a dependency that lets in whoever holds a right; it comes before the question is judged.

    Whoever may not ask learns nothing of how a question must be, and costs no more than a look at his rights.
    """

    async def holder(plant: str, asker: Annotated[Asker, Depends(asker_of)]) -> Asker:
        check_right(asker, plant, right)
        return asker

    return holder


def _patience(prefer: str) -> float:
    """Return how long the caller would wait (RFC 7240, ``Prefer: wait=10``), in seconds."""
    found = re.search(r"(?:^|,)\s*wait\s*=\s*(\d{1,4})", prefer)
    return min(float(found[1]), LONGEST_WAIT_S) if found else 0.0


async def _asked(
    house: House, asker: Asker, plant: str, door: Door[Any], question: Question, wait_s: float
) -> Answered:
    until = time.monotonic() + wait_s
    while True:
        answered = await anyio.to_thread.run_sync(lambda: ask(house, asker, plant, door, question))
        if answered.content is not None or time.monotonic() > until or _ended(answered):
            return answered
        await anyio.sleep(_LOOK_AGAIN_S)


def _ended(answered: Answered) -> bool:
    return answered.job is not None and answered.job.ended_us is not None


def _answer(answered: Answered, known: str) -> Response:
    if answered.content is None:
        assert answered.job is not None  # noqa: S101  (`ask` gives one of the two)
        told = job_answer(answered.job)
        location = f"/api/v1/plants/{answered.job.plant_id}/jobs/{answered.job.id}"
        return Response(told.model_dump_json(), 202, {"Location": location, "Retry-After": "1"}, media_type=_JSON)
    tag = f'"{hashlib.sha256(answered.content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in {one.strip().removeprefix("W/") for one in known.split(",")}:
        return Response(None, 304, headers)
    return Response(answered.content, 200, headers, media_type=_JSON)
