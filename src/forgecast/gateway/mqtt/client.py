"""The MQTT client: topics to tags, and an acknowledgement only for what is durable.

Messages are asked for with quality of service 1. With 2 the broker forgets a message before it is durable here (paho
answers PUBREC on arrival), so a crash would lose it; a repeat, which 1 allows, has the same tag and time and counts
once.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.reasoncodes import ReasonCode

from forgecast.gateway.feed import Feed, Reading, finding, now_us
from forgecast.gateway.mqtt.connection import begin, new_client
from forgecast.gateway.mqtt.payload import PayloadError, read_payload
from forgecast.gateway.mqtt.settings import MqttSettings, SparkplugMetric, TopicRule, tag_of
from forgecast.gateway.mqtt.sparkplug_host import NAMESPACE, Heard, SparkplugHost, rebirth_request
from forgecast.gateway.mqtt.sparkplug_wire import WireError, unpacked_payload
from forgecast.ground.finding import Finding, Severity
from forgecast.ground.texts import Text, text

#: Messages that may be on their way to the store; beyond them the broker is read no further.
LIMIT = 5_000


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came, and over which connection (an answer must not go over another one)."""

    topic: str
    payload: bytes
    mid: int
    qos: int
    retained: bool
    arrived_us: int
    connection: int


class MqttReader:
    """Turns messages into readings; remembers Sparkplug nodes and what it has told already.

    Parameters
    ----------
    settings : MqttSettings
    feed : Feed
    """

    def __init__(self, settings: MqttSettings, feed: Feed) -> None:
        self._settings, self._feed = settings, feed
        self._host = SparkplugHost()
        self._metrics: dict[tuple[str, str, str, str], SparkplugMetric] = {
            (node.group, node.node, metric.device, metric.metric): metric
            for node in settings.sparkplug
            for metric in node.metrics
        }
        self._told: set[tuple[str, str]] = set()

    def filters(self) -> list[str]:
        """Return the filters to subscribe to."""
        sparkplug = [f"{NAMESPACE}/{node.group}/+/{node.node}/#" for node in self._settings.sparkplug]
        return [*dict.fromkeys([rule.topic for rule in self._settings.topics] + sparkplug)]

    def readings(self, topic: str, payload: bytes, arrived_us: int, *, retained: bool = False) -> list[Reading]:
        """Return the readings of a message; whatever is wrong with it is told."""
        found, _ = self.read(topic, payload, arrived_us, retained=retained)
        return found

    def read(
        self, topic: str, payload: bytes, arrived_us: int, *, retained: bool = False
    ) -> tuple[list[Reading], tuple[str, str] | None]:
        """Return the readings of a message, and the Sparkplug node to ask for a rebirth (None for none)."""
        if topic.startswith(f"{NAMESPACE}/"):
            return self._sparkplug(topic, payload, arrived_us)
        found = []
        for rule in self._settings.topics:
            tag = tag_of(rule, topic)
            if tag is None:
                continue
            reading = self._plain(rule, topic, tag, payload, arrived_us, retained=retained)
            if reading is not None:
                found.append(reading)
        return found, None

    def _plain(
        self, rule: TopicRule, topic: str, tag: str, payload: bytes, arrived_us: int, *, retained: bool
    ) -> Reading | None:
        if not rule.time:
            if retained:
                self._tell("retained-without-time", topic, payload[:40])
                return None
            self._tell("message-without-time", rule.topic, topic)
        try:
            value, t = read_payload(rule, payload, arrived_us)
        except PayloadError as error:
            self._tell(error.code, topic, error.seen)
            return None
        return self._feed.reading(tag, t, value, 0, rule.point.unit)

    def _sparkplug(self, topic: str, payload: bytes, arrived_us: int) -> tuple[list[Reading], tuple[str, str] | None]:
        _, group, _, node, *_ = (*topic.split("/"), "", "", "")
        try:
            heard: Heard = self._host.hear(topic, unpacked_payload(payload), arrived_us)
        except WireError as error:
            self._tell("unreadable-payload", topic, error)
            return [], None
        for code, where, seen in heard.defects:
            self._tell(code, f"{group}/{node}/{where}".rstrip("/"), seen, again=code not in {"no-birth"})
        found = []
        for one in heard.values:
            metric = self._metrics.get((group, node, one.device, one.metric))
            if metric is None:
                continue  # of many metrics a plant names those it wants
            number = metric.point.number(one.value)
            if number is None:
                self._tell("not-a-number", f"{group}/{node}/{one.device}/{one.metric}", one.value)
                continue
            reading = self._feed.reading(metric.point.tag, one.t, number, one.flag, metric.point.unit)
            if reading is not None:
                found.append(reading)
        return found, (group, node) if heard.rebirth else None

    def _tell(self, code: str, where: str, seen: object, *, again: bool = False) -> None:
        if not again and (code, where) in self._told:
            return
        self._told.add((code, where))
        severity, reason, repair = SENTENCES[code]
        self._feed.tell(finding(code, severity, self._settings.name, where, seen, reason, repair))


SENTENCES: dict[str, tuple[Severity, Text, Text]] = {
    "unreadable-payload": (
        Severity.REFUSED,
        text("a message cannot be read"),
        text("see what the sender sends, and correct `payload` in instruments.toml"),
    ),
    "not-a-number": (
        Severity.REFUSED,
        text("a message does not hold a number"),
        text("say what its words count as (words = {{ Running = 1 }}), or take the topic out"),
    ),
    "no-value": (
        Severity.REFUSED,
        text("a message holds nothing where the value should stand"),
        text("correct `value` in instruments.toml: the way to it, as data.0.value"),
    ),
    "no-time": (
        Severity.REFUSED,
        text("a message holds no time where it should stand"),
        text("correct `time` and `time_unit` in instruments.toml"),
    ),
    "message-without-time": (
        Severity.NOTE,
        text("messages say no time, so that of arrival is taken; after a break it would be wrong"),
        text("let the sender put the time into the message, and name its place with `time`"),
    ),
    "retained-without-time": (
        Severity.NOTE,
        text("the broker has kept a message that says no time; it is not taken, for nobody knows when it was"),
        text("let the sender put the time into the message, and name its place with `time`"),
    ),
    "sequence-gap": (
        Severity.DOUBTFUL,
        text("messages of a Sparkplug node are missing; a rebirth is asked for"),
        text("see whether the line to the broker is overloaded; what was missing is a gap"),
    ),
    "no-birth": (
        Severity.NOTE,
        text("a Sparkplug node sends values before its birth; a rebirth is asked for"),
        text("nothing, unless it goes on: then the node does not answer the request"),
    ),
    "unknown-alias": (
        Severity.DOUBTFUL,
        text("a Sparkplug node sends a number that its birth did not name; a rebirth is asked for"),
        text("nothing, unless it goes on: then the node does not answer the request"),
    ),
    "node-dead": (
        Severity.DOUBTFUL,
        text("a Sparkplug node has gone; until its next birth all its values are a gap"),
        text("see whether the node and its line are switched on"),
    ),
    "device-dead": (
        Severity.DOUBTFUL,
        text("a device of a Sparkplug node has gone; until its next birth all its values are a gap"),
        text("see whether the device is switched on"),
    ),
    "null-value": (
        Severity.DOUBTFUL,
        text("a Sparkplug metric has no value: a gap"),
        text("see at the instrument what is wrong"),
    ),
    "topic-refused": (
        Severity.REFUSED,
        text("the broker does not let this user hear the topic"),
        text("give the user the right to read it at the broker"),
    ),
}


class Ear:
    """Paho's callbacks: they run in its thread and hand everything over to the event loop."""

    def __init__(self, client: Client, filters: list[str], loop: asyncio.AbstractEventLoop) -> None:
        self.connection = 0
        self.stopping = False
        self.connected = asyncio.Event()
        self.messages: asyncio.Queue[Message] = asyncio.Queue()
        self.events: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.room = threading.BoundedSemaphore(LIMIT)
        self._loop, self._filters = loop, filters
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_connect_fail, client.on_message = self._on_connect_fail, self._on_message
        client.on_subscribe = self._on_subscribe

    def _say(self, code: str, what: str) -> None:
        self._loop.call_soon_threadsafe(self.events.put_nowait, (code, what))

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: ReasonCode, _more: Any) -> None:  # noqa: ANN401
        if reason.is_failure:
            self._say("out-of-reach", str(reason))
            return
        if self._filters:
            client.subscribe([(one, 1) for one in self._filters])
        self._say("connected", "")

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _more: Any) -> None:  # noqa: ANN401
        for one, reason in zip(self._filters, reasons, strict=False):
            if reason.is_failure:
                self._say("topic-refused", one)

    def _on_connect_fail(self, _client: Client, _data: Any) -> None:  # noqa: ANN401
        self._say("out-of-reach", "connection refused")

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _more: Any) -> None:  # noqa: ANN401
        self.connection += 1
        self._say("out-of-reach", str(reason))

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:  # noqa: ANN401
        while not self.stopping and not self.room.acquire(timeout=0.2):
            pass  # the broker waits with us: TCP hands the pause on
        if self.stopping:
            return
        try:
            topic = message.topic
        except UnicodeDecodeError:  # matches no rule, and is answered like any other
            topic = ""
        came = Message(
            topic, bytes(message.payload), message.mid, message.qos, message.retain, now_us(), self.connection
        )
        self._loop.call_soon_threadsafe(self.messages.put_nowait, came)


async def run_mqtt(settings: MqttSettings, feed: Feed, stop: asyncio.Event) -> None:
    """Listen to a broker until asked to stop; breaks are bridged by the session the broker keeps for us.

    Parameters
    ----------
    settings : MqttSettings
    feed : Feed
    stop : asyncio.Event

    Raises
    ------
    ForgecastError
        If the file of certificates cannot be read.
    """
    client = new_client(settings.broker)
    reader = MqttReader(settings, feed)
    ear = Ear(client, reader.filters(), asyncio.get_running_loop())
    begin(client, settings.broker)
    reading = asyncio.create_task(_read(client, reader, ear, feed))
    watching = asyncio.create_task(_watch(client, settings, ear, feed))
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({reading, watching, stopped}, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()
    finally:
        ear.stopping = True
        for task in (reading, watching, stopped):
            task.cancel()
        await asyncio.gather(reading, watching, stopped, return_exceptions=True)
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)
        feed.state.connected = False


async def _read(client: Client, reader: MqttReader, ear: Ear, feed: Feed) -> None:
    """Store what has come, then answer for it, again and again."""
    while True:
        messages = [await ear.messages.get()]
        while not ear.messages.empty() and len(messages) < LIMIT:
            messages.append(ear.messages.get_nowait())
        readings = []
        for one in messages:
            found, reborn = reader.read(one.topic, one.payload, one.arrived_us, retained=one.retained)
            readings += found
            if reborn is not None:
                client.publish(*rebirth_request(*reborn, now_us() // 1_000))
        await feed.put(readings)
        for one in messages:
            # Over another connection the number may mean another message; the broker sends this one again there.
            if one.qos and one.connection == ear.connection:
                client.ack(one.mid, one.qos)
            ear.room.release()


async def _watch(client: Client, settings: MqttSettings, ear: Ear, feed: Feed) -> None:
    """Keep account of the connection, and ask Sparkplug nodes for their births at its beginning."""
    connections, told = 0, False
    while True:
        code, what = await ear.events.get()
        if code == "connected":
            feed.state.connected, told = True, False
            connections += 1
            feed.state.reconnects = connections - 1
            for node in settings.sparkplug:
                client.publish(*rebirth_request(node.group, node.node, now_us() // 1_000))
        elif code == "topic-refused":
            feed.tell(finding(code, SENTENCES[code][0], settings.name, what, "", *SENTENCES[code][1:]))
        else:
            feed.state.connected = False
            if not told:
                told = True
                feed.tell(out_of_reach(settings.name, settings.broker.host, what))


def out_of_reach(name: str, host: str, why: str) -> Finding:
    """Return the finding that a broker does not answer."""
    return finding(
        "out-of-reach", Severity.NOTE, name, host, why,
        text("the broker cannot be reached: {why}", why=why),
        text("see whether it is switched on and the address is right; it is tried again until it answers"),
    )  # fmt: skip
