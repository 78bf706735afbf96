"""Registers of Modbus: how values lie in them, and how many wanted ones are read with few requests."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from forgecast.gateway.point import Point

#: Registers a type takes, in the order in which instruments.toml offers them.
SIZES = {
    "int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "int64": 4, "uint64": 4, "float32": 2, "float64": 4, "bit": 1,
}  # fmt: skip
_FORMS = {
    "int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q", "uint64": ">Q", "float32": ">f",
    "float64": ">d",
}  # fmt: skip
#: Most registers (or coils) that one request may ask for (Modbus application protocol: 125 registers, 2000 bits).
TABLES = {"holding": 125, "input": 125, "coil": 2_000, "discrete": 2_000}


@dataclass(frozen=True, slots=True)
class Register:
    """One value of a device.

    Parameters
    ----------
    table : str
        ``holding``, ``input``, ``coil`` or ``discrete``.
    address : int
        As the request carries it, from 0: what manuals call 40001 is holding 0.
    kind : str
        One of `SIZES`.
    bit : int
        For ``bit`` in a register: which, 0 the lowest.
    word_order, byte_order : str
        ``big`` (the standard's) or ``little``: order of the registers of a value, of the two bytes of a register.
    scale, offset : float
        ``value = raw * scale + offset``, in the unit of the point.
    missing : float or None
        Raw number by which the device says that it has no value.
    point : Point
    """

    table: str
    address: int
    kind: str
    bit: int = 0
    word_order: str = "big"
    byte_order: str = "big"
    scale: float = 1.0
    offset: float = 0.0
    missing: float | None = None
    point: Point = field(default_factory=lambda: Point("", "", ""))

    @property
    def size(self) -> int:
        """Return how many registers (or coils) it takes."""
        return SIZES[self.kind]

    def value(self, words: Sequence[int]) -> float | None:
        """Return the value in the point's unit; None where the device has none.

        Parameters
        ----------
        words : sequence of int
            Its registers, 0 to 65535 each; a single 0 or 1 for a coil.
        """
        if self.kind == "bit":
            shift = 0 if self.table in ("coil", "discrete") else self.bit
            raw = float((words[0] >> shift) & 1)
        else:
            raw = float(struct.unpack(_FORMS[self.kind], self._ordered(words))[0])
        if not math.isfinite(raw) or raw == self.missing:
            return None
        return raw * self.scale + self.offset

    def words(self, value: float) -> list[int]:
        """Return the registers that hold a value: what a simulator shows."""
        raw = (value - self.offset) / self.scale
        if self.kind == "bit":
            return [int(raw != 0) << (0 if self.table in ("coil", "discrete") else self.bit)]
        form = _FORMS[self.kind]
        content = struct.pack(form, raw if form in (">f", ">d") else round(raw))
        words = [int.from_bytes(content[k : k + 2], self._bytes()) for k in range(0, len(content), 2)]
        return words if self.word_order == "big" else words[::-1]

    def _ordered(self, words: Sequence[int]) -> bytes:
        in_order = words if self.word_order == "big" else words[::-1]
        return b"".join(word.to_bytes(2, self._bytes()) for word in in_order)

    def _bytes(self) -> Literal["big", "little"]:
        return "big" if self.byte_order == "big" else "little"


@dataclass(frozen=True, slots=True)
class Block:
    """Registers that one request reads.

    Parameters
    ----------
    table : str
    address, count : int
    registers : tuple of Register
    """

    table: str
    address: int
    count: int
    registers: tuple[Register, ...]

    def values(self, words: Sequence[int]) -> list[tuple[Register, float | None]]:
        """Return each wanted register with its value."""
        return [
            (one, one.value(words[one.address - self.address : one.address - self.address + one.size]))
            for one in self.registers
        ]

    def halves(self) -> tuple[Block, ...]:
        """Return two blocks for one that the device refuses, so that one wrong register takes nothing else along."""
        middle = len(self.registers) // 2
        return tuple(_block(some) for some in (self.registers[:middle], self.registers[middle:]) if some)


def blocks_of(registers: Sequence[Register], gap: int) -> tuple[Block, ...]:
    """Return the requests that read all registers.

    Parameters
    ----------
    registers : sequence of Register
    gap : int
        Registers between two wanted ones that are read along.
    """
    blocks: list[list[Register]] = []
    for one in sorted(registers, key=lambda r: (r.table, r.address, r.size)):
        last = blocks[-1] if blocks else []
        if (
            last
            and last[0].table == one.table
            and one.address - max(r.address + r.size for r in last) <= gap
            and one.address + one.size - last[0].address <= TABLES[one.table]
        ):
            last.append(one)
        else:
            blocks.append([one])
    return tuple(_block(some) for some in blocks)


def _block(registers: Sequence[Register]) -> Block:
    first = registers[0].address
    return Block(registers[0].table, first, max(r.address + r.size for r in registers) - first, tuple(registers))
