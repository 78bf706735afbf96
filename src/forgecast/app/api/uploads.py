"""Uploads over the network: a file in one stream, or in parts that go on where a broken line stopped."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi import Path as InPath
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from forgecast.app.api.files import file_answer
from forgecast.app.api.identity import asker_of, house_of
from forgecast.app.api.problem import Problem
from forgecast.app.doors.asking import Asker
from forgecast.app.server.house import House
from forgecast.app.server.refusals import ConflictError, NotPermittedError, NotThereError, RefusedError
from forgecast.ground.dates import from_us
from forgecast.ground.texts import text
from forgecast.store.server import uploads
from forgecast.store.server.rights import Right
from forgecast.store.server.uploads import Begun, OffsetError, Part, Receiving, TooLargeError, Upload

routes = APIRouter(prefix="/plants/{plant}/uploads", tags=["uploads"])
#: So much is handed to the disk at once.
_PIECE = 1024**2
_TOO_LARGE: dict[int | str, dict[str, Any]] = {413: {"model": Problem}}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class UploadAnswer(BaseModel):
    """A file that is there."""

    id: str
    file_name: str
    size: int
    sha256: str
    received_at: str


class UploadList(BaseModel):
    """A page of files, the latest first."""

    uploads: list[UploadAnswer]
    next: str | None


class BegunAnswer(BaseModel):
    """A file that comes in parts: the next one begins at `offset`."""

    id: str
    file_name: str
    size: int
    offset: int
    upload: UploadAnswer | None


class TooLargeRefusedError(RefusedError):
    """A file is larger than the server takes."""

    code = "too-large"
    status = 413


async def uploader(asker: Annotated[Asker, Depends(asker_of)]) -> Asker:
    """Return who asks, if he may give files to the plant: whoever records, or engineers, may."""
    if not asker.rights & {Right.RECORD, Right.ENGINEER}:
        raise NotPermittedError(Right.RECORD)
    return asker


TheHouse = Annotated[House, Depends(house_of)]
TheUploader = Annotated[Asker, Depends(uploader)]
FileName = Annotated[str, Query(min_length=1, max_length=1000)]
Sha256 = Annotated[str, Query(pattern="^([0-9a-fA-F]{64})?$")]
UploadId = Annotated[str, InPath(pattern="^[0-9a-f]{32}$")]


@routes.post(
    "",
    response_model=UploadAnswer,
    status_code=201,
    openapi_extra=_BODY,
    responses=_TOO_LARGE,
    summary="Give the plant a file",
)
async def received(
    plant: str, request: Request, asker: TheUploader, house: TheHouse, file_name: FileName, sha256: Sha256 = ""
) -> UploadAnswer:
    """Take a file in; once this is answered it is on the disk."""
    largest = _largest(request)
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > largest:
        raise _too_large(TooLargeError(largest))
    beginning = partial(
        Receiving,
        house.store,
        house.home,
        plant_id=plant,
        account_id=asker.account_id,
        file_name=file_name,
        largest=largest,
    )
    with await anyio.to_thread.run_sync(beginning) as receiving:
        await _pour(request, receiving.write)
        return _told(await anyio.to_thread.run_sync(partial(receiving.keep, sha256=sha256)))


@routes.get("", response_model=UploadList, summary="Files the plant was given, the latest first")
def listed(
    plant: str,
    _asker: TheUploader,
    house: TheHouse,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str, Query(pattern="^([0-9a-f]{32})?$")] = "",
) -> UploadList:
    """Return a page of files."""
    found = uploads.uploads_of_plant(house.store, plant, limit=limit + 1, after=after)
    more = len(found) > limit
    return UploadList(uploads=[_told(one) for one in found[:limit]], next=found[limit - 1].id if more else None)


@routes.post(
    "/parts",
    response_model=BegunAnswer,
    status_code=201,
    responses=_TOO_LARGE,
    summary="Begin a file that comes in parts",
)
def begun(
    plant: str,
    request: Request,
    asker: TheUploader,
    house: TheHouse,
    file_name: FileName,
    size: Annotated[int, Query(ge=0, le=2**53)],
) -> BegunAnswer:
    """Begin a file; send its parts to ``parts/{id}``."""
    try:
        made = uploads.begin(
            house.home,
            plant_id=plant,
            account_id=asker.account_id,
            file_name=file_name,
            size=size,
            largest=_largest(request),
        )
    except TooLargeError as error:
        raise _too_large(error) from error
    return _how_far(made, None)


@routes.get("/parts/{upload}", response_model=BegunAnswer, summary="How much of a file has come")
def how_far(plant: str, upload: UploadId, asker: TheUploader, house: TheHouse) -> BegunAnswer:
    """Tell where the next part begins."""
    return _under_way(house, asker, plant, upload)[1]


@routes.patch(
    "/parts/{upload}",
    response_model=BegunAnswer,
    openapi_extra=_BODY,
    responses=_TOO_LARGE,
    summary="Send the next part of a file",
)
async def part_received(
    plant: str,
    upload: UploadId,
    request: Request,
    asker: TheUploader,
    house: TheHouse,
    upload_offset: Annotated[int, Header(ge=0, le=2**53)],
    sha256: Sha256 = "",
) -> BegunAnswer:
    """Take the next part in; the last one makes the file whole. What came before a line broke is kept."""
    begun, told = await anyio.to_thread.run_sync(_under_way, house, asker, plant, upload)
    if begun is None:
        return told
    try:
        with await anyio.to_thread.run_sync(Part, house.home, begun, upload_offset) as part:
            try:
                await _pour(request, part.write)
            finally:
                begun = await anyio.to_thread.run_sync(part.keep)
        if begun.offset < begun.size:
            return _how_far(begun, None)
        done = partial(uploads.complete, house.store, house.home, begun, sha256=sha256)
        return _how_far(begun, await anyio.to_thread.run_sync(done))
    except OffsetError as error:
        raise ConflictError(error.what, where=error.where, repair=error.repair) from error


@routes.get("/{upload}", response_model=UploadAnswer, summary="What is known of a file")
def known(plant: str, upload: UploadId, _asker: TheUploader, house: TheHouse) -> UploadAnswer:
    """Return what is known of a file."""
    return _told(_the(house, plant, upload))


@routes.get(
    "/{upload}/content",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The file."},
        206: {},
        304: {},
        416: {},
    },
    summary="The file as it was given",
)
def content(plant: str, upload: UploadId, _asker: TheUploader, house: TheHouse, request: Request) -> Response:
    """Return a file."""
    found = _the(house, plant, upload)
    path = uploads.upload_path(house.store, house.home, plant, upload)
    return file_answer(request, path, tag=found.sha256, name=found.file_name, media_type="application/octet-stream")


@routes.delete("/{upload}", status_code=204, response_class=Response, summary="Delete a file")
def deleted(plant: str, upload: UploadId, asker: TheUploader, house: TheHouse) -> Response:
    """Delete a file, which whoever gave it may do, and whoever manages the plant."""
    found = _the(house, plant, upload)
    if found.account_id != asker.account_id and Right.MANAGE not in asker.rights:
        raise NotPermittedError(Right.MANAGE, upload)
    uploads.delete(house.store, house.home, plant, upload)
    return Response(None, 204)


async def _pour(request: Request, write: Callable[[bytes], None]) -> None:
    """Hand what comes to the disk piece by piece; memory holds one piece."""
    try:
        async for piece in _pieces(request):
            await anyio.to_thread.run_sync(write, piece)
    except TooLargeError as error:
        raise _too_large(error) from error
    except ClientDisconnect as error:  # nobody reads this; it is no defect of ours, so it is not logged as one
        raise RefusedError(
            text("the line broke before the file was whole"),
            where="",
            repair=text("send it again; a file sent in parts goes on where it stopped"),
        ) from error


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    held = bytearray()
    async for some in request.stream():
        held += some
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _under_way(house: House, asker: Asker, plant: str, upload_id: str) -> tuple[Begun | None, BegunAnswer]:
    """Return a file that comes in parts, for whoever sends it; one that has become whole is told, not found."""
    done = uploads.upload_of(house.store, plant, upload_id)
    if done is not None and done.account_id == asker.account_id:
        whole = Begun(done.id, plant, done.account_id, done.file_name, done.size, done.size)
        return None, _how_far(whole, done)
    found = uploads.begun_of(house.home, plant, upload_id)
    if found is None or found.account_id != asker.account_id:
        raise NotThereError(upload_id)
    return found, _how_far(found, None)


def _the(house: House, plant: str, upload_id: str) -> Upload:
    found = uploads.upload_of(house.store, plant, upload_id)
    if found is None:
        raise NotThereError(upload_id)
    return found


def _told(upload: Upload) -> UploadAnswer:
    return UploadAnswer(
        id=upload.id,
        file_name=upload.file_name,
        size=upload.size,
        sha256=upload.sha256,
        received_at=from_us(upload.received_us).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


def _how_far(begun: Begun, upload: Upload | None) -> BegunAnswer:
    return BegunAnswer(
        id=begun.id,
        file_name=begun.file_name,
        size=begun.size,
        offset=begun.offset,
        upload=None if upload is None else _told(upload),
    )


def _largest(request: Request) -> int:
    return int(getattr(request.app.state, "largest_upload", uploads.LARGEST_BYTES))


def _too_large(error: TooLargeError) -> TooLargeRefusedError:
    return TooLargeRefusedError(error.what, where=error.where, repair=error.repair)
