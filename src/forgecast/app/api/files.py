"""Files as they are given out: streamed, in parts where parts are asked for, and not at all where they are known."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

#: Kinds that a browser may show in its window; all others are only saved: a page among the files of somebody must not
#: run here in the name of whoever looks at it.
_SHOWN = frozenset({"image/png", "image/jpeg", "application/pdf", "application/json", "text/csv", "text/plain"})
#: Larger files go out as they are: compressing them would take the server longer than the line.
_COMPRESSED_UP_TO = 8 * 1024**2


def file_answer(request: Request, path: Path, *, tag: str = "", name: str = "", media_type: str = "") -> Response:
    """Return a file as an answer, with its ETag; ``Range`` is honoured.

    Parameters
    ----------
    request : Request
    path : Path
        Of a file that does not change any more.
    tag : str
        What tells it from every other; without it, its size and time do.
    name : str
        Under which it is saved; empty for what is not to be saved by a browser.
    media_type : str
        Told by the name where it is empty.
    """
    stat = path.stat()
    etag = f'"{tag}"' if tag else f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    headers: Mapping[str, str] = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    }
    if etag in {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}:
        return Response(None, 304, headers)
    kind = media_type or mimetypes.guess_type(name or path.name)[0] or "application/octet-stream"
    if "range" in request.headers or stat.st_size > _COMPRESSED_UP_TO:
        headers = {**headers, "Content-Encoding": "identity"}
    shown = "inline" if kind in _SHOWN else "attachment"
    return FileResponse(
        path,
        headers=headers,
        media_type=kind,
        filename=name or None,
        stat_result=stat,
        content_disposition_type=shown,
    )
