"""Serves the look to everybody, signed in or not: theme, typefaces, the mark."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import resources

import anyio.to_thread
from fastapi import FastAPI, Request
from starlette.responses import FileResponse, Response

from forgecast.app.pages.look import webfonts
from forgecast.app.pages.look.icons import MARK

#: Where the look begins; whoever guards the server lets everybody in here.
LOOK = "/assets"
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@lru_cache(maxsize=1)
def theme() -> tuple[str, str]:
    """Return the style sheet and its address, which changes with it."""
    own = (resources.files("forgecast.app.pages.look") / "theme.css").read_text(encoding="utf-8")
    sheet = webfonts.style_sheet(f"{LOOK}/fonts") + "\n" + own
    return sheet, f"{LOOK}/theme-{hashlib.sha256(sheet.encode()).hexdigest()[:16]}.css"


@lru_cache(maxsize=1)
def frame_script() -> tuple[str, str]:
    """Return what the frame does in the browser, and its address."""
    own = (resources.files("forgecast.app.pages.look") / "frame.js").read_text(encoding="utf-8")
    return own, f"{LOOK}/frame-{hashlib.sha256(own.encode()).hexdigest()[:16]}.js"


def add_look(app: FastAPI) -> None:
    """Add the addresses of the look to an application."""
    sheet, address = theme()
    frame, frame_address = frame_script()

    async def style(_request: Request) -> Response:
        return Response(sheet, media_type="text/css", headers=_FOR_EVER)

    async def font(request: Request) -> Response:
        path = await anyio.to_thread.run_sync(webfonts.slice_file, request.path_params["name"])
        if path is None:
            return Response(status_code=404)
        return FileResponse(path, media_type="font/woff", headers=_FOR_EVER)

    async def script(_request: Request) -> Response:
        return Response(frame, media_type="text/javascript", headers=_FOR_EVER)

    async def mark(_request: Request) -> Response:
        picture = MARK.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" color="#2c4a68" ')
        return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})

    app.add_route(address, style, include_in_schema=False)
    app.add_route(frame_address, script, include_in_schema=False)
    app.add_route(f"{LOOK}/fonts/{{name}}", font, include_in_schema=False)
    app.add_route(f"{LOOK}/mark.svg", mark, include_in_schema=False)
