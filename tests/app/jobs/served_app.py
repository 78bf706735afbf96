"""A server of jobs, uploads, drafts and changes, to be killed: ``served_app.py HOME URL WORKERS``; prints its port."""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Header
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, Response

from forgecast.app.api import jobs as jobs_api
from forgecast.app.api import problem, uploads
from forgecast.app.api.identity import asker_of, house_of
from forgecast.app.api.said_before import once
from forgecast.app.doors.asking import Asker
from forgecast.app.jobs.supervise import Workers
from forgecast.app.jobs.worker import WorkerSettings
from forgecast.app.server.house import House
from forgecast.store.server import drafts
from forgecast.store.server.rights import Right
from tests.app.jobs.made_up_doors import DOORS, shelf


def asker(x_rights: Annotated[str, Header()] = "see record engineer", x_account: Annotated[int, Header()] = 1) -> Asker:
    return Asker(x_account, "li", "en", frozenset(Right(right) for right in x_rights.split()))


def application(house: House) -> FastAPI:
    app = FastAPI()
    app.state.house = house
    app.state.largest_upload = 1_500_000_000
    app.dependency_overrides[asker_of] = asker
    jobs_api.doors = lambda: DOORS  # type: ignore[assignment]
    problem.install(app)
    app.include_router(jobs_api.routes)
    app.include_router(uploads.routes)
    app.add_middleware(GZipMiddleware, minimum_size=1000)

    @app.put("/plants/{plant}/drafts/{form}")
    def draft(
        plant: str, form: str, content: dict[str, Any], who: Annotated[Asker, Depends(asker_of)]
    ) -> dict[str, Any]:
        drafts.save(house.store, who.account_id, plant, form, content)
        return {}

    @app.post("/plants/{plant}/changes")
    def change(
        who: Annotated[Asker, Depends(asker_of)],
        here: Annotated[House, Depends(house_of)],
        idempotency_key: Annotated[str, Header()],
        word: str,
        seconds: float = 0.0,
    ) -> Response:
        def work() -> Response:
            with (here.home / "changed.txt").open("a", encoding="utf-8") as file:
                file.write(f"{word}\n")
            time.sleep(seconds)
            return JSONResponse({"changed": word})

        return once(here, who, idempotency_key, word, work, mark="link 5")

    return app


def main(home: str, url: str, workers: str) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with House(Path(home), url) as house:
        settings = WorkerSettings(house.home, house.database, shelf=shelf, grace_s=1.0)
        with Workers(settings, int(workers)):
            print(listener.getsockname()[1], flush=True)
            config = uvicorn.Config(application(house), log_config=None, access_log=False, timeout_graceful_shutdown=1)
            uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
