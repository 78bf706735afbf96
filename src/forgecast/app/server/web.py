"""One web process: the application over a socket, until it is told to end."""

from __future__ import annotations

import contextlib
import gc
import socket
import sys
from collections.abc import Callable, Iterator

import uvicorn

from forgecast.app.server.build import application
from forgecast.app.server.ending import Ending
from forgecast.app.server.house import House
from forgecast.app.server.measured import Measured
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: How long open requests may take to end at shutdown [s].
GRACE_S = 10
_PING_S = 20.0
_MIB = 1 << 20
#: How long a thread may keep its turn while others wait [s].
_TURN_S = 0.001
#: New objects before the newest are looked through, and how many such looks before the older ones are.
_COLLECT_AFTER = (20_000, 10, 10)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Uvicorn would raise the signal once more after its own shutdown, and the workers would not be drained.
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _be_quick() -> None:
    """Let nothing hold up the requests that wait.

    A look through all memory for garbage does: what was loaded at the start stays for good and need not be looked
    through, and what a request leaves behind is gone with the first, small look. And so does a thread that works an
    answer out, for as long as it keeps its turn.
    """
    sys.setswitchinterval(_TURN_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def run_web(house: House, listener: socket.socket, ending: Ending, ready: Callable[[], None]) -> None:
    """Serve an open house until told to end; requests under way are answered, for a while.

    Parameters
    ----------
    house : House
    listener : socket
    ending : Ending
    ready : callable
        Is told once requests are answered.

    Raises
    ------
    ForgecastError
        If the server ends by itself.
    """
    app = application(house)
    app.state.largest_upload = round(house.access.largest_upload_MiB * _MIB)
    config = uvicorn.Config(
        Measured(app, house),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        ws_ping_interval=_PING_S,
    )
    server = _Server(config, ready)
    _be_quick()
    with ending.telling(lambda: setattr(server, "should_exit", True)):
        server.run(sockets=[listener])
    if not ending.is_due:
        raise ForgecastError(
            text("the web server ended by itself"),
            repair=text("see the lines of the log before this one"),
        )
