"""What a Sparkplug B host remembers of edge nodes: births, aliases, sequence numbers, and who is dead.

Pure: messages in, values, defects and requests for rebirth out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from forgecast.gateway.mqtt.payload import EARLIEST_US, LATEST_US
from forgecast.gateway.mqtt.sparkplug_wire import BOOLEAN, Metric, Payload, packed_payload, signed
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID

NAMESPACE = "spBv1.0"
_KINDS = ("NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH")
#: Property `Quality` -> flag.
_QUALITY = {192: GOOD, 500: DOUBTFUL, 0: INVALID}
#: A node is asked for a rebirth at most this often.
REBIRTH_PAUSE_US = 5_000_000


@dataclass(frozen=True, slots=True)
class SparkplugValue:
    """A value of a metric; `device` is empty for one of the node itself."""

    device: str
    metric: str
    t: int
    value: int | float | bool | str
    flag: int
    datatype: int | None


@dataclass(slots=True)
class Heard:
    """What a message said: values, defects as (code, device or metric, seen), and whether to ask for a rebirth."""

    values: list[SparkplugValue] = field(default_factory=list)
    defects: list[tuple[str, str, str]] = field(default_factory=list)
    rebirth: bool = False


@dataclass(slots=True)
class _Node:
    alive: bool = False
    birth: int | None = None
    following: int | None = None
    #: Alias -> device, metric, data type.
    aliases: dict[int, tuple[str, str, int | None]] = field(default_factory=dict)
    types: dict[tuple[str, str], int | None] = field(default_factory=dict)
    devices: set[str] = field(default_factory=set)
    asked_us: int = -REBIRTH_PAUSE_US
    null: set[tuple[str, str]] = field(default_factory=set)


class SparkplugHost:
    """Listens to edge nodes."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, str], _Node] = {}

    def hear(self, topic: str, payload: Payload, arrived_us: int) -> Heard:
        """Take a message in.

        Parameters
        ----------
        topic : str
            As ``spBv1.0/group/DDATA/node/device``.
        payload : Payload
        arrived_us : int
            Microseconds UTC.
        """
        heard = Heard()
        parts = topic.split("/")
        if len(parts) not in (4, 5) or parts[0] != NAMESPACE or parts[2] not in _KINDS:
            return heard
        kind, device = parts[2], parts[4] if len(parts) == 5 else ""
        node = self._nodes.setdefault((parts[1], parts[3]), _Node())
        if kind == "NDEATH":
            self._death(node, payload, heard)
        elif kind == "NBIRTH":
            self._birth(node, payload)
            self._values(node, "", payload, arrived_us, heard)
        elif not node.alive:
            heard.defects.append(("no-birth", device, kind))
            heard.rebirth = True
        else:
            self._in_order(node, payload, heard)
            self._of_device(node, kind, device, payload, arrived_us, heard)
        if heard.rebirth:
            heard.rebirth = arrived_us - node.asked_us >= REBIRTH_PAUSE_US
            if heard.rebirth:
                node.asked_us = arrived_us
        return heard

    @staticmethod
    def _death(node: _Node, payload: Payload, heard: Heard) -> None:
        number = next((m.value for m in payload.metrics if m.name == "bdSeq"), None)
        if node.alive and number is not None and node.birth is not None and number != node.birth:
            return  # the will of an earlier connection; the node has been born again since
        if node.alive:
            heard.defects.append(("node-dead", "", ""))
        node.alive = False
        node.devices.clear()

    @staticmethod
    def _birth(node: _Node, payload: Payload) -> None:
        number = next((m.value for m in payload.metrics if m.name == "bdSeq"), None)
        node.alive, node.birth = True, number if isinstance(number, int) else None
        node.following = None if payload.seq is None else (payload.seq + 1) % 256
        node.aliases.clear()
        node.types.clear()
        node.devices.clear()

    @staticmethod
    def _in_order(node: _Node, payload: Payload, heard: Heard) -> None:
        if payload.seq is None:
            return
        if node.following is not None and payload.seq != node.following:
            heard.defects.append(("sequence-gap", "", f"{payload.seq} ≠ {node.following}"))
            heard.rebirth = True
        node.following = (payload.seq + 1) % 256

    def _of_device(self, node: _Node, kind: str, device: str, payload: Payload, arrived_us: int, heard: Heard) -> None:
        if kind == "DDEATH":
            node.devices.discard(device)
            heard.defects.append(("device-dead", device, ""))
        elif kind == "DBIRTH":
            node.devices.add(device)
            self._values(node, device, payload, arrived_us, heard)
        elif device and device not in node.devices:
            heard.defects.append(("no-birth", device, kind))
            heard.rebirth = True
        else:
            self._values(node, device, payload, arrived_us, heard)

    def _values(self, node: _Node, device: str, payload: Payload, arrived_us: int, heard: Heard) -> None:
        for metric in payload.metrics:
            named = self._named(node, device, metric)
            if named is None:
                heard.defects.append(("unknown-alias", device, str(metric.alias)))
                heard.rebirth = True
                continue
            of_device, name, datatype = named
            if metric.transient or name == "bdSeq":
                continue
            if metric.null or metric.value is None:
                if metric.null and (of_device, name) not in node.null:
                    heard.defects.append(("null-value", f"{of_device}/{name}".lstrip("/"), ""))
                    node.null.add((of_device, name))
                continue
            node.null.discard((of_device, name))
            value = signed(metric.value, datatype)
            t_ms = metric.t_ms if metric.t_ms is not None else payload.t_ms
            if t_ms is not None and not EARLIEST_US <= 1_000 * t_ms <= LATEST_US:
                heard.defects.append(("no-time", f"{of_device}/{name}".lstrip("/"), str(t_ms)))
                continue
            flag = GOOD if metric.quality is None else _QUALITY.get(metric.quality, DOUBTFUL)
            assert value is not None  # noqa: S101  (asked above)
            heard.values.append(
                SparkplugValue(of_device, name, arrived_us if t_ms is None else 1_000 * t_ms, value, flag, datatype)
            )

    @staticmethod
    def _named(node: _Node, device: str, metric: Metric) -> tuple[str, str, int | None] | None:
        """Return device, name and data type of a metric, and remember what a birth says of it."""
        if metric.name:
            known = node.types.get((device, metric.name))
            datatype = metric.datatype if metric.datatype is not None else known
            node.types[device, metric.name] = datatype
            if metric.alias is not None:
                node.aliases[metric.alias] = (device, metric.name, datatype)
            return device, metric.name, datatype
        return None if metric.alias is None else node.aliases.get(metric.alias)


def rebirth_request(group: str, node: str, t_ms: int) -> tuple[str, bytes]:
    """Return topic and payload by which a host asks an edge node for a rebirth."""
    asked = Metric("Node Control/Rebirth", None, t_ms, value=True, datatype=BOOLEAN)
    return f"{NAMESPACE}/{group}/NCMD/{node}", packed_payload(Payload(t_ms, None, (asked,)))
