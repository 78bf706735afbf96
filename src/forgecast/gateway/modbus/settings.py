"""What `instruments.toml` says of a Modbus TCP device: where it is, and which of its registers are which tags."""

from __future__ import annotations

from dataclasses import dataclass

from forgecast.gateway.case_file import CaseTable
from forgecast.gateway.modbus.registers import SIZES, TABLES, Register
from forgecast.gateway.point import POINT_KEYS, read_name, read_number, read_one_of, read_point, read_whole
from forgecast.ground.texts import text


@dataclass(frozen=True, slots=True)
class ModbusSettings:
    """A Modbus TCP device to poll.

    Parameters
    ----------
    name : str
    host : str
    port : int
    device : int
        Unit identifier behind the address.
    interval_s : float
        Time between two polls [s].
    timeout_s : float
        How long an answer may take [s].
    gap : int
        Registers between two wanted ones that are read along rather than asking twice.
    registers : tuple of Register
    at : str
        Place in `instruments.toml`.
    """

    name: str
    host: str
    port: int
    device: int
    interval_s: float
    timeout_s: float
    gap: int
    registers: tuple[Register, ...]
    at: str


def read_modbus(table: CaseTable) -> ModbusSettings:
    """Return the settings of a table ``[[modbus]]``.

    Raises
    ------
    CaseError
        Naming line and key of what is wrong.
    """
    table.only("name", "host", "port", "device", "interval", "timeout", "gap", "word_order", "byte_order", "register")
    orders = {
        key: read_one_of(table, key, ("big", "little")) for key in ("word_order", "byte_order")
    }  # of the whole device; a register may differ
    interval = table.quantity("interval", "time_span", "1 s")
    if interval < 0.01:
        table.refuse("interval", text("the device would be asked all the time"), text('write interval = "1 s"'))
    timeout = table.maybe("timeout", "time_span", "2 s")
    return ModbusSettings(
        read_name(table),
        table.word("host", 'host = "10.0.0.7"'),
        read_whole(table, "port", 1, 65_535, 502),
        read_whole(table, "device", 0, 255, 1),
        interval,
        2.0 if timeout is None else timeout,
        read_whole(table, "gap", 0, 100, 0),
        tuple(_register(one, orders) for one in table.tables("register")),
        table.at(),
    )


def _register(table: CaseTable, orders: dict[str, str]) -> Register:
    table.only("table", "address", "type", "bit", "word_order", "byte_order", "scale", "offset", "missing", *POINT_KEYS)
    where = read_one_of(table, "table", tuple(TABLES))
    coils = where in ("coil", "discrete")
    kind = "bit" if coils else read_one_of(table, "type", tuple(SIZES))
    scale = read_number(table, "scale", 1.0)
    if scale == 0.0:
        table.refuse("scale", text("a scale of 0 makes every value the same"), text("write scale = 0.1, say"))
    return Register(
        where,
        read_whole(table, "address", 0, 65_535),
        kind,
        read_whole(table, "bit", 0, 15, 0),
        _order(table, "word_order", orders),
        _order(table, "byte_order", orders),
        scale=scale,
        offset=read_number(table, "offset", 0.0),
        missing=None if not table.has("missing") else read_number(table, "missing"),
        point=read_point(table),
    )


def _order(table: CaseTable, key: str, orders: dict[str, str]) -> str:
    """Return an order of a register; that of the device where it says none."""
    return read_one_of(table, key, ("big", "little")) if table.has(key) else orders[key]
