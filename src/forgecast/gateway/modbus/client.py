"""The Modbus TCP client: polls on a fixed schedule, and says which blocks a device refuses."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from forgecast.gateway.feed import BackOff, Feed, backing_off, finding, now_us
from forgecast.gateway.modbus.registers import Block, blocks_of
from forgecast.gateway.modbus.settings import ModbusSettings
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text
from forgecast.signals.reading import GOOD

#: What the exception codes of the protocol mean.
_EXCEPTIONS = {
    1: text("it does not know the request"),
    2: text("it has no such address"),
    3: text("it does not allow that many at once"),
    4: text("it has failed"),
    6: text("it is busy"),
    10: text("the way to it is not set up in the converter"),
    11: text("it does not answer the converter"),
}
_ILLEGAL_ADDRESS, _ILLEGAL_VALUE = 2, 3


class _LostError(Exception):
    """The connection broke in the middle of a poll."""


async def run_modbus(
    settings: ModbusSettings, feed: Feed, stop: asyncio.Event, clock: Callable[[], float] = time.monotonic
) -> None:
    """Poll a device until asked to stop.

    Poll number n is due at the begin plus n intervals, so polls do not drift; a poll that comes too late for the next
    is told, and the schedule goes on where it would have been.

    Parameters
    ----------
    settings : ModbusSettings
    feed : Feed
    stop : asyncio.Event
    clock : callable
        Seconds, ascending.
    """
    poll = _Poll(settings, feed)
    pauses, told, connections = BackOff(), False, 0
    while not stop.is_set():
        client = AsyncModbusTcpClient(
            settings.host, port=settings.port, name=settings.name, timeout=settings.timeout_s, retries=0,
            reconnect_delay=0,
        )  # fmt: skip
        try:
            with contextlib.suppress(OSError, ModbusException):
                await client.connect()
            if client.connected:
                told, feed.state.connected = False, True
                connections += 1
                feed.state.reconnects = connections - 1
                pauses.done()
                await _poll_on_time(client, poll, stop, clock)
        except _LostError:
            pass
        finally:
            feed.state.connected = False
            client.close()
        if stop.is_set():
            return
        if not told:
            told = True
            feed.tell(
                finding(
                    "out-of-reach", Severity.NOTE, settings.name, f"{settings.host}:{settings.port}", "",
                    text("the device does not answer"),
                    text("see whether it is switched on and the address is right; it is tried again until it answers"),
                )
            )  # fmt: skip
        await backing_off(pauses, stop)


async def _poll_on_time(
    client: AsyncModbusTcpClient, poll: _Poll, stop: asyncio.Event, clock: Callable[[], float]
) -> None:
    begun, number = clock(), 0
    while not stop.is_set():
        await poll.once(client)
        due = int((clock() - begun) / poll.settings.interval_s) + 1
        if due > number + 1:
            poll.missed(due - number - 1)
        number = due
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), max(0.0, begun + number * poll.settings.interval_s - clock()))


class _Poll:
    """The blocks of a device, and what has been told of them."""

    def __init__(self, settings: ModbusSettings, feed: Feed) -> None:
        self.settings, self.feed = settings, feed
        self._blocks = list(blocks_of(settings.registers, settings.gap))
        self._refused: dict[tuple[str, int, int], int] = {}
        self._gaps: set[tuple[str, int]] = set()
        self._before: asyncio.Task[None] | None = None

    async def once(self, client: AsyncModbusTcpClient) -> None:
        """Read all blocks once; they become durable while the next poll is waited for, and at the latest before it."""
        readings = []
        for block in list(self._blocks):
            before = now_us()
            words = await self._read(client, block)
            if words is None:
                continue
            # The device took its values between question and answer.
            t = (before + now_us()) // 2
            for register, value in block.values(words):
                if value is None:
                    self._tell_gap(register.table, register.address, register.point.tag)
                    continue
                self._gaps.discard((register.table, register.address))
                reading = self.feed.reading(register.point.tag, t, value, GOOD, register.point.unit)
                if reading is not None:
                    readings.append(reading)
        # Nobody waits for an answer here, so the store has the interval; where that is not enough, polls are missed.
        if self._before is not None:
            await self._before
        self._before = asyncio.create_task(self.feed.put(readings))

    async def _read(self, client: AsyncModbusTcpClient, block: Block) -> list[int] | None:
        ask: Callable[..., Awaitable[Any]] = {
            "holding": client.read_holding_registers,
            "input": client.read_input_registers,
            "coil": client.read_coils,
            "discrete": client.read_discrete_inputs,
        }[block.table]
        try:
            answer = await ask(block.address, count=block.count, device_id=self.settings.device)
        except (ModbusException, OSError) as error:
            raise _LostError from error
        key = (block.table, block.address, block.count)
        if answer.isError():
            code = int(answer.exception_code)
            if code in (_ILLEGAL_ADDRESS, _ILLEGAL_VALUE) and len(block.registers) > 1:
                self._blocks.remove(block)
                self._blocks += block.halves()
            elif self._refused.get(key) != code:
                self._tell_refused(block, code)
            self._refused[key] = code
            return None
        self._refused.pop(key, None)
        bits = block.table in ("coil", "discrete")
        return [int(one) for one in (answer.bits if bits else answer.registers)]

    def missed(self, polls: int) -> None:
        """Tell that polls were left out."""
        self.feed.tell(
            finding(
                "polls-missed", Severity.DOUBTFUL, self.settings.name, "", polls,
                text("{count} polls were left out: device or store took too long", count=polls),
                text("give a longer interval, or see what is slow"),
            )
        )  # fmt: skip

    def _tell_refused(self, block: Block, code: int) -> None:
        self.feed.tell(
            finding(
                "device-refuses", Severity.REFUSED, self.settings.name, f"{block.table} {block.address}", code,
                text("the device refuses {tags}: {why}", tags=", ".join(r.point.tag for r in block.registers),
                     why=_EXCEPTIONS.get(code, text("exception {code}", code=code))),
                text("compare table and address with the device's manual; the others go on"),
            )
        )  # fmt: skip

    def _tell_gap(self, table: str, address: int, tag: str) -> None:
        if (table, address) in self._gaps:
            return
        self._gaps.add((table, address))
        self.feed.tell(
            finding(
                "no-value", Severity.DOUBTFUL, self.settings.name, f"{table} {address}", "",
                text("the device has no value for {tag}: a gap", tag=tag),
                text("see at the instrument what is wrong"),
            )
        )  # fmt: skip
