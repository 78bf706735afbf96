"""Several web processes beside each other, each at a port of its own; a proxy before them shares out the browsers.

A page lives in the process that built it, so a browser must come back to the same one (`deploy/nginx.conf` does that by
the session's cookie). The API may be asked anywhere: all that counts is in the database.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from forgecast.app.jobs.kept import Kept
from forgecast.app.server.ending import Ending, listening_for_the_end
from forgecast.app.server.house import House
from forgecast.app.server.listening import listener
from forgecast.app.server.log_lines import set_up_log
from forgecast.app.server.web import GRACE_S, run_web
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

_LOG = logging.getLogger("forgecast.processes")
_LOOK_S = 0.25
#: A machine that does much else starts it slowly.
_READY_S = 300.0
#: What a process may need beyond its grace to end [s].
_LEEWAY_S = 5.0


@dataclass(frozen=True, slots=True)
class WebSettings:
    """What a web process is told.

    Parameters
    ----------
    home : Path
    database : str
    host : str
    port : int
    """

    home: Path
    database: str
    host: str
    port: int


def web_process(settings: WebSettings, line: Connection) -> None:
    """Serve until told to end over the line, or until whoever started this has died."""
    set_up_log()
    try:
        with listening_for_the_end(ctrl_c=False) as ending:
            threading.Thread(target=_hear, args=(line, ending), name="ears", daemon=True).start()
            with listener(settings.host, settings.port) as socket, House(settings.home, settings.database) as house:
                run_web(house, socket, ending, lambda: line.send("ready"))
    except ForgecastError as error:
        _LOG.critical("%s", error.say("en"))
        raise SystemExit(error.exit_code) from error


def _hear(line: Connection, ending: Ending) -> None:
    with contextlib.suppress(EOFError, OSError):
        line.recv()
    ending.now()


class WebProcesses:
    """The web processes of a server; use it in a ``with`` block.

    Parameters
    ----------
    home : Path
    database, host : str
    ports : tuple of int
        One a process.
    """

    def __init__(self, home: Path, database: str, host: str, ports: tuple[int, ...]) -> None:
        self._kept = [Kept(f"web process {port}", web_process, (WebSettings(home, database, host, port),))
                      for port in ports]  # fmt: skip
        self._renew = False

    def run(self, ending: Ending, renewed: Callable[[], None]) -> None:
        """Keep them running until told to end; at the word SIGHUP, renew one after the other and then say so."""
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, self._heard)
        while not ending.wait(_LOOK_S):
            if self._renew:
                self._renew = False
                self._renew_all(ending)
                renewed()
            for one in self._kept:
                one.look_after()

    def _heard(self, *_: object) -> None:
        self._renew = True

    def _renew_all(self, ending: Ending) -> None:
        for one in self._kept:
            if ending.is_due:
                return
            _LOG.warning("%s is renewed", one.name)
            one.drain()
            one.end(time.monotonic() + GRACE_S + _LEEWAY_S)
            one.start()
            # If it does not come, the others go on and `look_after` tries again.
            _is_ready(one, ending)

    def __enter__(self) -> Self:
        for one in self._kept:
            one.start()
        return self

    def wait_until_ready(self, ending: Ending) -> None:
        """Wait until all of them answer requests.

        Raises
        ------
        ForgecastError
            If one does not start.
        """
        for one in self._kept:
            if not _is_ready(one, ending) and not ending.is_due:
                raise ForgecastError(
                    text("{name} does not start", name=one.name),
                    repair=text("see the lines of the log before this one"),
                )

    def __exit__(self, *_: object) -> None:
        for one in self._kept:
            one.drain()
        until = time.monotonic() + GRACE_S + _LEEWAY_S
        for one in self._kept:
            one.end(until)


def _is_ready(one: Kept, ending: Ending) -> bool:
    until = time.monotonic() + _READY_S
    while time.monotonic() < until and not ending.is_due:
        try:
            if one.line is not None and one.line.poll(_LOOK_S):
                return bool(one.line.recv() == "ready")
        except (EOFError, OSError):
            return False
    return False
