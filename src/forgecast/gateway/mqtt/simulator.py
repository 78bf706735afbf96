"""A Sparkplug B edge node with one device that shows the values of a function, and a broker inside this process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from forgecast.gateway.feed import now_us
from forgecast.gateway.mqtt.sparkplug_host import NAMESPACE
from forgecast.gateway.mqtt.sparkplug_wire import BOOLEAN, DOUBLE, INT64, Metric, Payload, packed_payload
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID

#: Values by name at an instant in microseconds UTC, each with its flag.
Values = Callable[[int], Mapping[str, tuple[float, int]]]

_QUALITY = {GOOD: None, DOUBTFUL: 500, INVALID: 0}


class SparkplugSimulator:
    """An edge node that publishes births and data; use it in a ``with`` block.

    Parameters
    ----------
    values : callable
    host : str
    port : int
    group, node, device : str
    period_s : float
        Time between two messages; 0 for none (call `publish`).
    clock : callable
        Instant of a message, microseconds UTC.
    """

    def __init__(
        self,
        values: Values,
        host: str,
        port: int,
        *,
        group: str = "forgecast",
        node: str = "edge",
        device: str = "furnace",
        period_s: float = 1.0,
        clock: Callable[[], int] = now_us,
    ) -> None:
        self._values, self._clock, self._period_s = values, clock, period_s
        self._address = (host, port)
        self._way = (group, node, device)
        self._births = -1
        self._seq = 0
        self._aliases: dict[str, int] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.born = threading.Event()
        self._beat: threading.Thread | None = None
        self._client = self._made()

    def _made(self) -> Client:
        group, node, _ = self._way
        self._births += 1
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"{group}-{node}")
        death = Payload(None, None, (self._birth_number(),))
        client.will_set(f"{NAMESPACE}/{group}/NDEATH/{node}", packed_payload(death), qos=1)
        client.on_connect, client.on_message = self._on_connect, self._on_message
        return client

    def __enter__(self) -> Self:
        self._client.connect(*self._address)
        self._client.loop_start()
        if self._period_s > 0:
            self._beat = threading.Thread(target=self._publish_always, daemon=True)
            self._beat.start()
        return self

    def __exit__(self, *ending: object) -> None:
        del ending
        self._stop.set()
        if self._beat is not None:
            self._beat.join()
        group, node, _ = self._way
        death = packed_payload(Payload(None, None, (self._birth_number(),)))
        with contextlib.suppress(ValueError, RuntimeError):
            self._client.publish(f"{NAMESPACE}/{group}/NDEATH/{node}", death, qos=1).wait_for_publish(2.0)
        self._client.disconnect()
        self._client.loop_stop()

    def birth(self) -> None:
        """Publish the births of the node and its device, with the values of this moment."""
        group, node, device = self._way
        with self._lock:
            t = self._clock()
            self._seq = 0
            metrics = (
                self._birth_number(),
                Metric("Node Control/Rebirth", None, t // 1_000, value=False, datatype=BOOLEAN),
            )
            self._send(f"{NAMESPACE}/{group}/NBIRTH/{node}", t, metrics)
            values = self._values(t)
            self._aliases = {name: number for number, name in enumerate(values, start=1)}
            births = tuple(
                Metric(name, self._aliases[name], t // 1_000, float(value), DOUBLE, quality=_QUALITY[flag])
                for name, (value, flag) in values.items()
            )
            self._send(f"{NAMESPACE}/{group}/DBIRTH/{node}/{device}", t, births)
        self.born.set()

    def publish(self) -> None:
        """Publish the values of this moment."""
        group, node, device = self._way
        with self._lock:
            t = self._clock()
            metrics = tuple(
                Metric(None, self._aliases[name], t // 1_000, float(value), quality=_QUALITY[flag])
                for name, (value, flag) in self._values(t).items()
                if name in self._aliases
            )
            self._send(f"{NAMESPACE}/{group}/DDATA/{node}/{device}", t, metrics)

    def skip(self) -> None:
        """Leave out a number, as if a message had been lost."""
        with self._lock:
            self._seq = (self._seq + 1) % 256

    def _birth_number(self) -> Metric:
        return Metric("bdSeq", None, None, self._births, INT64)

    def _send(self, topic: str, t: int, metrics: tuple[Metric, ...]) -> None:
        self._client.publish(topic, packed_payload(Payload(t // 1_000, self._seq, metrics)))
        self._seq = (self._seq + 1) % 256

    def _on_connect(self, client: Client, _data: Any, _flags: Any, _reason: Any, _more: Any) -> None:  # noqa: ANN401
        group, node, _ = self._way
        client.subscribe(f"{NAMESPACE}/{group}/NCMD/{node}", 1)
        self.birth()

    def _on_message(self, _client: Client, _data: Any, _message: MQTTMessage) -> None:  # noqa: ANN401
        # The only command it knows is the request for a rebirth.
        self.birth()

    def _publish_always(self) -> None:
        while not self._stop.wait(self._period_s):
            if self.born.is_set():
                self.publish()


class EmbeddedBroker:
    """A broker in this process, for the demo and for tests without another one; use it in an ``async with`` block.

    Parameters
    ----------
    port : int
        0 for a free one.
    """

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._broker: Any = None

    async def __aenter__(self) -> Self:
        from amqtt.broker import Broker  # type: ignore[import-untyped]  # noqa: PLC0415  (heavy, and for the demo only)

        logging.getLogger("amqtt").setLevel(logging.CRITICAL)
        logging.getLogger("transitions").setLevel(logging.CRITICAL)
        if self.port == 0:
            asked = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
            self.port = asked.sockets[0].getsockname()[1]
            asked.close()
            await asked.wait_closed()
        self._broker = Broker({
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{self.port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        })  # fmt: skip
        await self._broker.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._broker.shutdown()
