"""Runs the server: its web processes and its workers, until it is told to end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from forgecast.app.jobs.supervise import WORKERS, Workers
from forgecast.app.jobs.worker import WorkerSettings
from forgecast.app.server.ending import Ending, listening_for_the_end
from forgecast.app.server.home import home_of, register_plant
from forgecast.app.server.house import House
from forgecast.app.server.listening import Listening, address, free_ports, listener
from forgecast.app.server.log_lines import choose_log, set_up_log
from forgecast.app.server.many import WebProcesses
from forgecast.app.server.start_key import new_start_key
from forgecast.app.server.web import run_web
from forgecast.store.server.plant_schema import share_password

Ready = Callable[[Listening], None]


@dataclass(frozen=True, slots=True)
class Serving:
    """How a server is to run.

    Parameters
    ----------
    host : str
        Address of this machine to listen at.
    port : int
        Of the first web process; 0 takes free ones.
    database : str
        SQLAlchemy address of the server's own database; empty for a file in its home.
    workers : int
        Processes that work out figures and runs; 0: those of other machines do.
    processes : int
        Web processes, at consecutive ports.
    log : str
        ``plain`` or ``json``.
    log_requests : bool
        Whether each request has a line in the log.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    database: str = ""
    workers: int = WORKERS
    processes: int = 1
    log: str = "plain"
    log_requests: bool = False


def serve(folder: Path, serving: Serving, ready: Ready = lambda _listening: None) -> None:
    """Serve a plant, or the plants of a home folder, until the process is told to end.

    Parameters
    ----------
    folder : Path
        A plant folder, or the home folder of a server of many plants.
    serving : Serving
    ready : callable
        Is told once the server answers.

    Raises
    ------
    ForgecastError
        If the folder is none, a port is taken or a plant cannot be opened; then nothing was started.
    """
    choose_log(serving.log, access=serving.log_requests)
    share_password(serving.database)
    home = home_of(folder, named_database=bool(serving.database))
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(home.path / "ui"))
    with listening_for_the_end() as ending:
        if serving.processes > 1:
            _many(home.path, home.plant, serving, ending, ready)
        else:
            _one(home.path, home.plant, serving, ending, ready)


def _one(home: Path, plant: Path | None, serving: Serving, ending: Ending, ready: Ready) -> None:
    with listener(serving.host, serving.port) as socket, House(home, serving.database) as house:
        key = _prepared(house, plant)
        listening = _listening(serving.host, (int(socket.getsockname()[1]),), key)
        with _workers(house.home, house.database, serving.workers):
            run_web(house, socket, ending, lambda: ready(listening))


def _many(home: Path, plant: Path | None, serving: Serving, ending: Ending, ready: Ready) -> None:
    ports = free_ports(serving.host, serving.port, serving.processes)
    with House(home, serving.database) as house:
        key = _prepared(house, plant)
    with (
        _workers(house.home, house.database, serving.workers) as workers,
        WebProcesses(house.home, house.database, serving.host, ports) as web,
    ):
        web.wait_until_ready(ending)
        if not ending.is_due:
            ready(_listening(serving.host, ports, key))
        web.run(ending, workers.renew)


def _prepared(house: House, plant: Path | None) -> str | None:
    """Register the one plant, if there is one, and return the key of the first start, where nobody has an account."""
    if plant is not None:
        register_plant(house, plant)
    with house.store.writing() as connection:
        return new_start_key(connection, house.home)


@contextmanager
def _workers(home: Path, database: str, count: int) -> Iterator[Workers]:
    set_up_log()
    with Workers(WorkerSettings(home=home, url=database, set_up=set_up_log), count) as workers:
        yield workers


def _listening(host: str, ports: tuple[int, ...], key: str | None) -> Listening:
    addresses = tuple(address(host, port) for port in ports)
    return Listening(addresses, None if key is None else f"{addresses[0]}/start?key={key}")
