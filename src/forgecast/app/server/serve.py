"""Runs the server: the web process here, the workers beside it, until it is told to end."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from forgecast.app.jobs.supervise import WORKERS, Workers
from forgecast.app.jobs.worker import WorkerSettings
from forgecast.app.server.home import home_of, register_plant
from forgecast.app.server.house import House
from forgecast.app.server.quiet_logs import keep_secrets_out
from forgecast.app.server.start_key import new_start_key
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: How long open requests may take to end at shutdown [s].
GRACE_S = 10


@dataclass(frozen=True, slots=True)
class Listening:
    """What a server says once it listens.

    Parameters
    ----------
    address : str
        Where a browser finds it.
    start : str or None
        Where the first administrator makes his account; None where there are accounts.
    """

    address: str
    start: str | None


def serve(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    database: str = "",
    workers: int = WORKERS,
    ready: Callable[[Listening], None] = lambda _listening: None,
) -> None:
    """Serve a plant, or the plants of a home folder, until the process is told to end.

    Parameters
    ----------
    folder : Path
        A plant folder, or the home folder of a server of many plants.
    host : str
        Address of this machine to listen at.
    port : int
        0 takes a free one.
    database : str
        SQLAlchemy address of the server's own database; empty for a file in its home.
    workers : int
        Processes that work out figures and runs.
    ready : callable
        Is told once the server listens.

    Raises
    ------
    ForgecastError
        If the folder is none, the port is taken or a plant cannot be opened; then nothing was started.
    """
    import uvicorn  # noqa: PLC0415  (the web's libraries load only where a server starts)

    from forgecast.app.server.build import application  # noqa: PLC0415

    home = home_of(folder, named_database=bool(database))
    listener = _listener(host, port)
    with listener, House(home.path, database) as house:
        if home.plant is not None:
            register_plant(house, home.plant)
        with house.store.writing() as connection:
            key = new_start_key(connection, house.home)
        app = application(house)
        settings = WorkerSettings(home=house.home, url=house.database, set_up=quiet)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=GRACE_S,
                server_header=False,
                ws_ping_interval=20.0,
            )
        )
        quiet()
        with Workers(settings, workers):
            address = f"http://{_shown(host)}:{listener.getsockname()[1]}"
            ready(Listening(address, None if key is None else f"{address}/start?key={key}"))
            server.run(sockets=[listener])


def quiet() -> None:
    """Send what goes wrong to the standard error stream, without secrets."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    keep_secrets_out(handler)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        # On Windows this would let a second server take the same port.
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(2048)
    except OSError as error:
        made.close()
        raise ForgecastError(
            text("port {port} cannot be listened at: {reason}", port=port, reason=error.strerror or str(error)),
            where=f"{host}:{port}",
            repair=text("end what uses it, or choose another: `--port 8081`"),
        ) from error
    return made


def _shown(host: str) -> str:
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104  (compared, not listened at)
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
