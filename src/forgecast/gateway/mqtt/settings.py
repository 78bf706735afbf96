"""What `instruments.toml` says of an MQTT broker: where it is, and which of its topics are which tags."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forgecast.gateway.case_file import CaseTable
from forgecast.gateway.point import NAME, POINT_KEYS, Point, read_name, read_one_of, read_point, read_whole
from forgecast.ground.texts import text

TIME_UNITS = ("ms", "s", "us", "iso")
_PART = re.compile(r"\{(\d+)\}")


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker and how to speak with it.

    Parameters
    ----------
    host : str
    port : int
    version : str
        ``3.1.1`` or ``5``.
    client : str
        Client identifier: the broker keeps for it what it could not deliver.
    user, password_env : str
        User, and the environment variable that holds the password; empty for none.
    tls : bool
    ca : str
        File of the certificates that the broker's is checked against; empty for those of the system.
    """

    host: str
    port: int
    version: str
    client: str
    user: str = ""
    password_env: str = ""
    tls: bool = False
    ca: str = ""


@dataclass(frozen=True, slots=True)
class TopicRule:
    """Topics whose messages are tags.

    Parameters
    ----------
    topic : str
        Filter with ``+`` for one level and ``#`` for the rest.
    payload : str
        ``number`` or ``json``.
    value, time : str
        Where value and time stand in the JSON, as ``data.0.value``; no time means that of arrival.
    time_unit : str
        One of `TIME_UNITS`.
    point : Point
        Its tag may hold ``{1}`` for what the first ``+`` stands for, and so on.
    """

    topic: str
    payload: str
    value: str
    time: str
    time_unit: str
    point: Point


@dataclass(frozen=True, slots=True)
class SparkplugMetric:
    """A metric of a Sparkplug node (empty `device`) or of a device below it."""

    device: str
    metric: str
    point: Point


@dataclass(frozen=True, slots=True)
class SparkplugNode:
    """An edge node of Sparkplug B whose metrics are tags."""

    group: str
    node: str
    metrics: tuple[SparkplugMetric, ...]


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """A broker to listen to.

    Parameters
    ----------
    name : str
    broker : Broker
    topics : tuple of TopicRule
    sparkplug : tuple of SparkplugNode
    at : str
        Place in `instruments.toml`.
    """

    name: str
    broker: Broker
    topics: tuple[TopicRule, ...]
    sparkplug: tuple[SparkplugNode, ...]
    at: str


BROKER_KEYS = ("host", "port", "version", "client", "user", "password_env", "tls", "ca")


def read_broker(table: CaseTable, name: str) -> Broker:
    """Return the broker of a table.

    Raises
    ------
    CaseError
        Naming line and key of what is wrong.
    """
    tls = table.flag("tls")
    return Broker(
        table.word("host", 'host = "broker.plant.lan"'),
        read_whole(table, "port", 1, 65_535, 8883 if tls else 1883),
        read_one_of(table, "version", ("3.1.1", "5")),
        table.word("client") or f"forgecast-{name}",
        table.word("user"),
        table.word("password_env"),
        tls,
        table.word("ca"),
    )


def read_mqtt(table: CaseTable) -> MqttSettings:
    """Return the settings of a table ``[[mqtt]]``.

    Raises
    ------
    CaseError
        Naming line and key of what is wrong.
    """
    table.only("name", *BROKER_KEYS, "topic", "sparkplug")
    name = read_name(table)
    return MqttSettings(
        name,
        read_broker(table, name),
        tuple(_topic(one) for one in table.tables("topic")),
        tuple(_sparkplug(one) for one in table.tables("sparkplug")),
        table.at(),
    )


def _topic(table: CaseTable) -> TopicRule:
    table.only("topic", "payload", "value", "time", "time_unit", *POINT_KEYS)
    topic = table.word("topic", 'topic = "foundry/+/temperature"')
    levels = topic.split("/")
    if any("#" in level and (level != "#" or place < len(levels) - 1) for place, level in enumerate(levels)) or any(
        "+" in level and level != "+" for level in levels
    ):
        table.refuse(
            "topic",
            text("{topic} is no filter of topics", topic=topic),
            text("write + for exactly one level, and # only as the last level"),
        )
    payload = read_one_of(table, "payload", ("number", "json"))
    value, time = table.word("value"), table.word("time")
    if payload == "json" and not value:
        table.refuse("value", text("{key} is missing", key="value"), text("write {example}", example='value = "value"'))
    point = read_point(table)
    wild = levels.count("+")
    for part in _PART.findall(point.tag):
        if not 1 <= int(part) <= wild:
            table.refuse(
                "tag",
                text("the tag takes part {part} of the topic, which has {count} of them", part=int(part), count=wild),
                text("number the + signs of the topic from 1 on"),
            )
    if wild and not _PART.search(point.tag):
        table.refuse(
            "tag",
            text("the topic stands for several values, but the tag is one"),
            text("put the part that differs into the tag, as in {example}", example='tag = "{1}.temperature"'),
        )
    return TopicRule(topic, payload, value, time, read_one_of(table, "time_unit", TIME_UNITS), point)


def _sparkplug(table: CaseTable) -> SparkplugNode:
    table.only("group", "node", "metric")
    metrics = []
    for one in table.tables("metric"):
        one.only("device", "metric", *POINT_KEYS)
        metrics.append(
            SparkplugMetric(one.word("device"), one.word("metric", 'metric = "Furnace/Power"'), read_point(one))
        )
    return SparkplugNode(table.word("group", 'group = "foundry"'), table.word("node", 'node = "edge1"'), tuple(metrics))


def tag_of(rule: TopicRule, topic: str) -> str | None:
    """Return the tag of a message's topic; None where the rule's filter does not match."""
    parts = []
    levels, wanted = topic.split("/"), rule.topic.split("/")
    for place, level in enumerate(wanted):
        if level == "#":
            break
        if place >= len(levels):
            return None
        if level == "+":
            parts.append(levels[place])
        elif level != levels[place]:
            return None
    else:
        if len(levels) != len(wanted):
            return None
    return _PART.sub(lambda found: parts[int(found[1]) - 1], rule.point.tag)


def read_forward_name(table: CaseTable, key: str, example: str) -> str:
    """Return a name that stands in the topics of forwarded batches.

    Raises
    ------
    CaseError
        If it is missing or holds what a topic may not.
    """
    word = table.word(key, example)
    if NAME.fullmatch(word) is None:
        table.refuse(
            key,
            text("{name} cannot name a gateway", name=word),
            text("use 1 to 64 letters, digits, `.`, `_` or `-`, beginning with a letter or digit"),
        )
    return word
