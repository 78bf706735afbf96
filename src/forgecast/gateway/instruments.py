"""`instruments.toml`: what is connected how, and which node, topic, register or column is which tag."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from forgecast.gateway.case_file import CaseError, CaseTable, read_case
from forgecast.gateway.drop.settings import DropSettings, read_drop
from forgecast.gateway.hj212.mapping import Hj212Channel, Hj212Device, Hj212Map
from forgecast.gateway.modbus.settings import ModbusSettings, read_modbus
from forgecast.gateway.mqtt.forward import ForwardSettings, read_forward
from forgecast.gateway.mqtt.settings import MqttSettings, read_mqtt
from forgecast.gateway.opcua.settings import OpcUaSettings, read_opcua
from forgecast.gateway.point import Point, read_name, read_number, read_one_of, read_point, read_whole
from forgecast.ground.texts import text
from forgecast.signals.reading import DOUBTFUL, GOOD

FILE_NAME = "instruments.toml"


@dataclass(frozen=True, slots=True)
class Hj212Settings:
    """An HJ 212 server for the data loggers of stacks.

    Parameters
    ----------
    name : str
    listen : str
        Address of this machine at which the data loggers report.
    port : int
    devices : tuple of Hj212Device
        Without passwords.
    units : tuple of Point
        One for each channel, in the order of devices and channels.
    password_env : tuple of str
        For each device the environment variable with its password; empty where any is accepted.
    expected_s : tuple of (command, seconds)
        Interval of the data of a command; what is left out is asked for.
    at : str
        Place in `instruments.toml`.
    """

    name: str
    listen: str
    port: int
    devices: tuple[Hj212Device, ...]
    units: tuple[Point, ...]
    password_env: tuple[str, ...]
    expected_s: tuple[tuple[str, float], ...]
    at: str


Gateway: TypeAlias = OpcUaSettings | MqttSettings | ModbusSettings | DropSettings | Hj212Settings | ForwardSettings


@dataclass(frozen=True, slots=True)
class Instruments:
    """What is connected.

    Parameters
    ----------
    path : Path
    gateways : tuple of settings
        In the order of the kinds, then of the file.
    forward : ForwardSettings or None
        On a gateway box: the plant everything is forwarded to.
    """

    path: Path
    gateways: tuple[Gateway, ...]
    forward: ForwardSettings | None = None

    def points(self) -> Iterator[tuple[str, Point]]:
        """Yield the gateway's name and the point of everything that is a tag."""
        for one in self.gateways:
            for point in points_of(one):
                yield one.name, point


def kind_of(gateway: Gateway) -> str:
    """Return the protocol of a gateway, as its table in `instruments.toml` is called."""
    return _NAMES[type(gateway)]


def points_of(gateway: Gateway) -> tuple[Point, ...]:
    """Return the points of a gateway; none for files and forwarded batches, which name their tags themselves."""
    if isinstance(gateway, OpcUaSettings):
        return tuple(node.point for node in gateway.nodes)
    if isinstance(gateway, MqttSettings):
        metrics = tuple(metric.point for node in gateway.sparkplug for metric in node.metrics)
        return tuple(rule.point for rule in gateway.topics) + metrics
    if isinstance(gateway, ModbusSettings):
        return tuple(register.point for register in gateway.registers)
    return gateway.units if isinstance(gateway, Hj212Settings) else ()


def read_instruments(folder: Path) -> Instruments:
    """Read `instruments.toml` of a plant folder or of a gateway box.

    Raises
    ------
    CaseError
        Naming line and key of what is wrong: also where two gateways have one name, or a tag is fed twice.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise CaseError(
            text("nothing says what is connected: there is no {name}", name=FILE_NAME),
            where=str(folder),
            repair=text("write it as docs/how_to/connect_instruments.md shows, beginning from its example"),
        )
    top = read_case(path)
    top.only(*_READERS, "forward")
    gateways = tuple(read(table) for name, read in _READERS.items() for table in top.tables(name))
    forward = read_forward(top.table("forward", "")) if top.has("forward") else None
    _once(gateways)
    return Instruments(path, gateways, forward)


def _once(gateways: tuple[Gateway, ...]) -> None:
    """Refuse a name or a tag that is given twice."""
    names: dict[str, str] = {}
    tags: dict[str, str] = {}
    for one in gateways:
        if one.name in names:
            raise CaseError(
                text(
                    "two gateways are named {name}; the other one is at {place}", name=one.name, place=names[one.name]
                ),
                where=one.at,
                repair=text("give each a name of its own: their readings are numbered by it"),
            )
        names[one.name] = one.at
        for point in points_of(one):
            if point.tag in tags:
                raise CaseError(
                    text("the tag {tag} is fed twice; the other time at {place}", tag=point.tag, place=tags[point.tag]),
                    where=point.at,
                    repair=text("give each value a tag of its own"),
                )
            tags[point.tag] = point.at


def _read_hj212(table: CaseTable) -> Hj212Settings:
    table.only("name", "listen", "port", "expected", "device")
    devices, units, passwords = [], [], []
    for one in table.tables("device"):
        one.only("mn", "password_env", "unflagged", "channel")
        channels = []
        for channel in one.tables("channel"):
            made, point = _channel(channel)
            channels.append(made)
            units.append(point)
        unflagged = DOUBTFUL if read_one_of(one, "unflagged", ("doubtful", "good")) == "doubtful" else GOOD
        devices.append(Hj212Device(one.word("mn", 'mn = "88888880000001"'), "", tuple(channels), unflagged))
        passwords.append(one.word("password_env"))
    with table.placed():
        Hj212Map("UTC", tuple(devices))  # what cannot be meant is refused here, with its place
    expected = []
    if table.has("expected"):
        inner = table.table("expected", "")
        inner.only("2011", "2051", "2061", "2031")
        expected = [(name, inner.quantity(name, "time_span", "10 min")) for name in inner.content]
    return Hj212Settings(
        read_name(table), table.word("listen", 'listen = "192.168.1.10"'), read_whole(table, "port", 0, 65_535),
        tuple(devices), tuple(units), tuple(passwords), tuple(expected), table.at(),
    )  # fmt: skip


def _channel(table: CaseTable) -> tuple[Hj212Channel, Point]:
    table.only("code", "tag", "unit", "field", "command", "factor", "offset")
    point = read_point(table)
    with table.placed():
        made = Hj212Channel(
            table.word("code", 'code = "a21026"'),
            point.tag,
            table.word("field") or "Rtd",
            table.word("command") or "2011",
            read_number(table, "factor", 1.0),
            read_number(table, "offset", 0.0),
        )
    return made, point


_READERS: dict[str, Callable[[CaseTable], Gateway]] = {
    "opcua": read_opcua,
    "mqtt": read_mqtt,
    "modbus": read_modbus,
    "hj212": _read_hj212,
    "drop": read_drop,
    "receive": read_forward,
}
_NAMES: dict[type, str] = {
    OpcUaSettings: "opcua",
    MqttSettings: "mqtt",
    ModbusSettings: "modbus",
    Hj212Settings: "hj212",
    DropSettings: "drop",
    ForwardSettings: "receive",
}
