"""MQTT against a real broker: topics and payloads, what is not durable comes again, and Sparkplug through deaths."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from forgecast.gateway.case_file import CaseError, read_case
from forgecast.gateway.mqtt.client import run_mqtt
from forgecast.gateway.mqtt.payload import PayloadError, read_payload
from forgecast.gateway.mqtt.settings import MqttSettings, read_mqtt, tag_of
from forgecast.gateway.mqtt.simulator import EmbeddedBroker, SparkplugSimulator
from forgecast.signals.reading import DOUBTFUL, GOOD
from tests.gateway.collecting import Kept, running, until
from tests.gateway.mqtt.broker import Mosquitto

T0 = 1_790_000_000_123_000


def settings(folder: Path, port: int, rules: str, version: str = "3.1.1") -> MqttSettings:
    path = folder / "instruments.toml"
    path.write_text(
        f'[[mqtt]]\nname = "hall"\nhost = "127.0.0.1"\nport = {port}\nversion = "{version}"\n{rules}', encoding="utf-8"
    )
    return read_mqtt(read_case(path).tables("mqtt")[0])


@contextmanager
def sender(port: int) -> Iterator[Client]:
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


JSON_RULE = """
[[mqtt.topic]]
topic = "hall/+/power"
payload = "json"
value = "d.0.v"
time = "d.0.t"
unit = "kW"
tag = "{1}.power"
"""


def said(value: float, t: int) -> bytes:
    return json.dumps({"d": [{"v": value, "t": t / 1_000}]}).encode()


def test_filters_of_topics_name_tags(tmp_path):
    (rule,) = settings(tmp_path, 1, JSON_RULE).topics
    assert tag_of(rule, "hall/F1/power") == "F1.power"
    assert tag_of(rule, "hall/F1/power/x") is None
    assert tag_of(rule, "hall/power") is None
    (rest,) = settings(tmp_path, 1, '[[mqtt.topic]]\ntopic = "a/+/#"\ntag = "x{1}"\n').topics
    assert tag_of(rest, "a/b") == "xb"
    assert tag_of(rest, "a/b/c/d") == "xb"


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ('topic = "a/b+"\ntag = "t"', "no filter"),
        ('topic = "a/#/b"\ntag = "t"', "no filter"),
        ('topic = "a/+"\ntag = "t"', "the tag is one"),
        ('topic = "a/+"\ntag = "{2}"', "takes part 2"),
        ('topic = "a"\ntag = "t"\npayload = "json"', "value is missing"),
        ('topic = "a"\ntag = "t"\nunit = "bushel/fortnite"', "not known"),
        ('topic = "a"\ntag = "t"\ntime_unit = "h"', "not known here"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(tmp_path, rule, says):
    with pytest.raises(CaseError, match=says):
        settings(tmp_path, 1, f"[[mqtt.topic]]\n{rule}\n")


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"\xff", "unreadable-payload"),
        (b'{"d":', "unreadable-payload"),
        (b'{"d": []}', "no-value"),
        (b'{"d": [{"v": "hot", "t": 1790000000123}]}', "not-a-number"),
        (b'{"d": [{"v": NaN, "t": 1790000000123}]}', "not-a-number"),
        (b'{"d": [{"v": 1}]}', "no-time"),
        (b'{"d": [{"v": 1, "t": 1790000000}]}', "no-time"),  # seconds where milliseconds are said
        (b'{"d": [{"v": 1, "t": Infinity}]}', "no-time"),
    ],
)
def test_a_payload_that_does_not_hold_what_the_rule_says(tmp_path, payload, code):
    (rule,) = settings(tmp_path, 1, JSON_RULE).topics
    with pytest.raises(PayloadError) as caught:
        read_payload(rule, payload, 0)
    assert caught.value.code == code


def test_numbers_words_and_iso_times(tmp_path):
    (plain,) = settings(tmp_path, 1, '[[mqtt.topic]]\ntopic = "a"\ntag = "t"\nwords = { on = 1, off = 0 }\n').topics
    assert [read_payload(plain, p, 7) for p in (b" 2.5 ", b"on", b"1e3")] == [(2.5, 7), (1.0, 7), (1000.0, 7)]
    rule = '[[mqtt.topic]]\ntopic = "a"\ntag = "t"\npayload = "json"\nvalue = "v"\ntime = "t"\ntime_unit = "iso"\n'
    (iso,) = settings(tmp_path, 1, rule).topics
    # 2026-09-21T14:13:20Z is 1790000000 s: 20717 days and 51200 s
    assert read_payload(iso, b'{"v": "3", "t": "2026-09-21T22:13:20.5+08:00"}', 0) == (3.0, 1_790_000_000_500_000)


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_messages_become_readings_and_bad_ones_findings(tmp_path, version):
    async def go(broker: Mosquitto) -> None:
        sink = Kept()
        plain = '[[mqtt.topic]]\ntopic = "hall/door"\ntag = "door"\n'
        chosen = settings(tmp_path, broker.port, JSON_RULE + plain, version)
        with sender(broker.port) as out:
            out.publish("hall/door", b"5", retain=True).wait_for_publish(120.0)
            async with running(lambda f, s: run_mqtt(chosen, f, s), sink, {"F1.power": "MW", "door": ""}) as (
                feed,
                told,
            ):
                await until(lambda: feed.state.connected and told)
                out.publish("hall/F1/power", b"nonsense", qos=1)
                out.publish("hall/F1/power", said(1500.0, T0), qos=2)
                out.publish("hall/door", b"1", qos=0)
                await until(lambda: len(sink.rows()) == 2)
                assert sink.rows("F1.power") == [("F1.power", T0, 1.5, GOOD)]
                assert sink.rows("door")[0][2] == 1.0
                assert [f.code for f in told] == [
                    "retained-without-time", "unreadable-payload", "message-without-time",
                ]  # fmt: skip

    with Mosquitto(tmp_path) as broker:
        asyncio.run(go(broker))


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_what_was_not_durable_is_sent_again(tmp_path, version):
    """The store refuses and the gateway is stopped; the broker has kept every message that was not durable."""

    async def go(broker: Mosquitto) -> None:
        sink = Kept()
        chosen = settings(tmp_path, broker.port, JSON_RULE, version)
        with sender(broker.port) as out:
            async with running(lambda f, s: run_mqtt(chosen, f, s), sink, {"F1.power": "kW"}) as (feed, told):
                await until(lambda: feed.state.connected)
                out.publish("hall/F1/power", said(1.0, T0), qos=1)
                await until(sink.rows)
                sink.full = True
                for n in range(1, 50):
                    out.publish("hall/F1/power", said(n + 1.0, T0 + 1_000 * n), qos=1)
                await until(lambda: told)
                assert [f.code for f in told] == ["not-stored"]
            assert len(sink.rows()) == 1
            sink.full = False
            async with running(lambda f, s: run_mqtt(chosen, f, s), sink, {"F1.power": "kW"}):
                await until(lambda: len({t for _, t, *_ in sink.rows()}) == 50, seen=lambda: len(sink.rows()))
        assert {(t, v) for _, t, v, _ in sink.rows()} == {(T0 + 1_000 * n, n + 1.0) for n in range(50)}

    with Mosquitto(tmp_path) as broker:
        asyncio.run(go(broker))


def test_the_broker_goes_and_comes_back(tmp_path):
    async def go(broker: Mosquitto) -> None:
        sink = Kept()
        chosen = settings(tmp_path, broker.port, JSON_RULE)
        async with running(lambda f, s: run_mqtt(chosen, f, s), sink, {"F1.power": "kW"}) as (feed, told):
            await until(lambda: feed.state.connected)
            await asyncio.to_thread(broker.stop)
            await until(lambda: told and not feed.state.connected)
            assert [f.code for f in told] == ["out-of-reach"]
            await asyncio.to_thread(broker.start)
            await until(lambda: feed.state.connected)
            assert feed.state.reconnects == 1
            with sender(broker.port) as out:
                out.publish("hall/F1/power", said(1.0, T0), qos=1)
                await until(sink.rows)

    with Mosquitto(tmp_path) as broker:
        asyncio.run(go(broker))


SPARKPLUG = """
[[mqtt.sparkplug]]
group = "g"
node = "n"
[[mqtt.sparkplug.metric]]
device = "furnace"
metric = "P"
unit = "kW"
tag = "F1.power"
"""


async def _sparkplug(folder: Path, port: int) -> None:
    sink = Kept()
    ticks = itertools.count()
    chosen = settings(folder, port, SPARKPLUG)
    node = SparkplugSimulator(
        lambda _t: {"P": (100.0, DOUBTFUL), "other": (1.0, GOOD)}, "127.0.0.1", port, group="g", node="n",
        period_s=0, clock=lambda: T0 + 1_000 * next(ticks),
    )  # fmt: skip
    with node:
        assert await asyncio.to_thread(node.born.wait, 120.0)
        async with running(lambda f, s: run_mqtt(chosen, f, s), sink, {"F1.power": "kW"}) as (feed, told):
            await until(lambda: feed.state.connected)
            # It was born before we listened; asked for a rebirth it says its names.
            await until(sink.rows)
            assert sink.rows()[0][2:] == (100.0, DOUBTFUL)
            before = len(sink.rows())
            await asyncio.to_thread(node.publish)
            await until(lambda: len(sink.rows()) > before)
            assert "sequence-gap" not in [f.code for f in told]
            node.skip()
            await asyncio.to_thread(node.publish)
            await until(lambda: "sequence-gap" in [f.code for f in told])
            await asyncio.to_thread(node.__exit__)
            await until(lambda: "node-dead" in [f.code for f in told])


def test_sparkplug_over_a_real_broker(tmp_path):
    with Mosquitto(tmp_path) as broker:
        asyncio.run(_sparkplug(tmp_path, broker.port))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_broker_of_the_demo_carries_sparkplug_too(tmp_path):
    async def go() -> None:
        async with EmbeddedBroker() as broker:
            await _sparkplug(tmp_path, broker.port)

    asyncio.run(go())
