"""A small OPC UA server that shows the values of a function: an instrument for tests and the demo."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Self, cast

from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server
from asyncua.ua.status_codes import StatusCodes

from forgecast.gateway.feed import now_us
from forgecast.signals.reading import DOUBTFUL, INVALID

#: Values by name at an instant in microseconds UTC, each with its flag.
Values = Callable[[int], Mapping[str, tuple[float, int]]]

URI = "urn:forgecast:simulator"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS = {DOUBTFUL: StatusCodes.UncertainLastUsableValue, INVALID: StatusCodes.BadSensorFailure}


class OpcUaSimulator:
    """Serves the names of a function as variables ``ns=2;s=<name>``; use it in an ``async with`` block.

    Parameters
    ----------
    values : callable
    port : int
        0 for a free one.
    period_s : float
        Time between two updates; 0 for none (call `update`).
    clock : callable
        Instant of an update, microseconds UTC.
    """

    def __init__(
        self, values: Values, port: int = 0, *, period_s: float = 1.0, clock: Callable[[], int] = now_us
    ) -> None:
        self._values, self._port, self._period_s, self._clock = values, port, period_s, clock
        self._server = Server()
        self._nodes: dict[str, Node] = {}
        self._index = 0
        self._beat: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Return the port it listens at."""
        return self._port

    @property
    def url(self) -> str:
        """Return the address a client connects to."""
        return f"opc.tcp://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self._server.init()
        # A free port cannot be asked of asyncua, so one is looked for and taken at once.
        if self._port == 0:
            self._port = await _free_port()
        self._server.set_endpoint(self.url)
        self._server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        self._index = await self._server.register_namespace(URI)
        await self.update()
        await self._server.start()
        if self._period_s > 0:
            self._beat = asyncio.create_task(self._update_always())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._beat is not None:
            self._beat.cancel()
            await asyncio.gather(self._beat, return_exceptions=True)
        await self._server.stop()

    async def update(self) -> None:
        """Show the values of this moment."""
        t = self._clock()
        for name, (value, flag) in self._values(t).items():
            if name not in self._nodes:
                node_id = ua.NodeId(ua.String(name), ua.Int16(self._index))
                self._nodes[name] = await self._server.nodes.objects.add_variable(node_id, name, float(value))
            await self.write(name, value, _STATUS.get(flag, StatusCodes.Good), t)

    async def write(self, name: str, value: float | None, status: int, t: int | None) -> None:
        """Show one value with a status code and a source time (None for none)."""
        kind = ua.VariantType.Null if value is None else ua.VariantType.Double
        sent = ua.DataValue(
            ua.Variant(None if value is None else float(value), kind),
            ua.StatusCode(ua.UInt32(status)),
            None if t is None else cast("ua.DateTime", _EPOCH + timedelta(microseconds=t)),
        )
        await self._server.write_attribute_value(self._nodes[name].nodeid, sent)

    async def _update_always(self) -> None:
        while True:
            await asyncio.sleep(self._period_s)
            await self.update()


async def _free_port() -> int:
    asked = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port: int = asked.sockets[0].getsockname()[1]
    asked.close()
    await asked.wait_closed()
    return port
