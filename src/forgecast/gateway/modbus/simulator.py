"""A small Modbus TCP server that shows the values of a function in registers: an instrument for tests and the demo."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Self, cast

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from forgecast.gateway.feed import now_us
from forgecast.gateway.modbus.registers import Register
from forgecast.signals.reading import INVALID

#: Values by name at an instant in microseconds UTC, each with its flag.
Values = Callable[[int], Mapping[str, tuple[float, int]]]

_FUNCTIONS = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}


class ModbusSimulator:
    """Serves registers; use it in an ``async with`` block.

    Parameters
    ----------
    values : callable
        Asked at each request. A value that is invalid is shown as the register's `missing`, or as no number.
    registers : mapping of str to Register
        Where each name stands.
    port : int
        0 for a free one.
    clock : callable
        Microseconds UTC.
    """

    def __init__(
        self, values: Values, registers: Mapping[str, Register], port: int = 0, *, clock: Callable[[], int] = now_us
    ) -> None:
        self._values, self._registers, self._clock = values, dict(registers), clock
        self.port = port
        #: Requests served.
        self.requests = 0
        self._server: ModbusTcpServer | None = None

    async def __aenter__(self) -> Self:
        blocks = []
        for table in ("coil", "discrete", "holding", "input"):
            ends = [r.address + r.size for r in self._registers.values() if r.table == table]
            size = -(-max([1, *ends]) // 16) * 16
            bits = table in ("coil", "discrete")
            blocks.append([
                SimData(0, values=[False] * size, datatype=DataType.BITS)
                if bits
                else SimData(0, values=[0] * size, datatype=DataType.REGISTERS)
            ])  # fmt: skip
        device = SimDevice(0, (blocks[0], blocks[1], blocks[2], blocks[3]), action=self._show)
        self._server = ModbusTcpServer(device, address=("127.0.0.1", self.port))
        await self._server.serve_forever(background=True)
        listening = cast("asyncio.Server", self._server.transport)
        self.port = listening.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]

    async def _show(
        self, function: int, start: int, _address: int, _count: int, registers: list[int],
        _written: Sequence[int] | Sequence[bool] | None,
    ) -> ExcCodes | None:  # fmt: skip
        self.requests += 1
        table = _FUNCTIONS.get(function, "")
        values = self._values(self._clock())
        for name, register in self._registers.items():
            if register.table != table or name not in values:
                continue
            value, flag = values[name]
            words = self._words(register, value, flag)
            if table in ("coil", "discrete"):
                word, bit = divmod(register.address - 16 * start, 16)
                registers[word] = registers[word] & ~(1 << bit) | (words[0] << bit)
            else:
                registers[register.address - start : register.address - start + register.size] = words
        return None

    @staticmethod
    def _words(register: Register, value: float, flag: int) -> list[int]:
        if flag != INVALID or register.kind == "bit":
            return register.words(value)
        if register.missing is not None:
            return register.words(register.missing * register.scale + register.offset)
        return register.words(float("nan")) if register.kind.startswith("float") else register.words(value)
