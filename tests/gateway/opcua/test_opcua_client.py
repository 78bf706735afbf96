"""OPC UA against a real server on the loopback: quality, time, unknown nodes, breaks, and a store that refuses."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from datetime import UTC, datetime

import pytest

from forgecast.gateway.case_file import read_case
from forgecast.gateway.opcua.settings import OpcUaSettings, read_opcua
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID
from tests.gateway.collecting import Kept, running, until

asyncua = pytest.importorskip("asyncua")

from asyncua import ua  # noqa: E402
from asyncua.common.subscription import DataChangeEvent, DataChangeNotif, SubscriptionItemData  # noqa: E402
from asyncua.ua.status_codes import StatusCodes  # noqa: E402

from forgecast.gateway.feed import Feed  # noqa: E402
from forgecast.gateway.opcua.client import _Held, _Watch, run_opcua  # noqa: E402
from forgecast.gateway.opcua.simulator import URI, OpcUaSimulator  # noqa: E402

T0 = 1_790_000_000_123_456


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """Take no server for silent that shares its thread with us: where the machine stalls, both of us do."""
    monkeypatch.setattr("forgecast.gateway.opcua.client.KEEP_ALIVE_S", 300.0)


def settings(tmp_path, url: str, nodes: str) -> OpcUaSettings:
    path = tmp_path / "instruments.toml"
    path.write_text(
        f'[[opcua]]\nname = "furnace"\nurl = "{url}"\nsampling = "0.05 s"\npublishing = "0.05 s"\n{nodes}',
        encoding="utf-8",
    )
    return read_opcua(read_case(path).tables("opcua")[0])


def node(name: str, tag: str, more: str = "") -> str:
    return f'[[opcua.node]]\nnode = "ns=2;s={name}"\ntag = "{tag}"\n{more}\n'


def ticking(values):
    """Return a clock that goes on by a tenth of a second at each look, and the values at each."""
    ticks = itertools.count()
    return lambda: T0 + 100_000 * next(ticks), lambda _t: values


def test_values_come_with_their_quality_and_source_time(tmp_path):
    async def go():
        sink = Kept()
        clock, values = ticking({"P": (1250.5, GOOD), "T": (1480.0, DOUBTFUL)})
        async with OpcUaSimulator(values, period_s=0, clock=clock) as server:
            chosen = settings(
                tmp_path, server.url,
                node("P", "F1.power", 'unit = "kW"') + node("T", "F1.t", 'unit = "K"')
                + f'[[opcua.node]]\nnode = "nsu={URI};s=P"\ntag = "F1.again"\n',
            )  # fmt: skip
            units = {"F1.power": "MW", "F1.t": "°C", "F1.again": ""}
            async with running(lambda f, s: run_opcua(chosen, f, s), sink, units) as (_, told):
                await until(lambda: len(sink.rows()) >= 3, seen=lambda: (sink.rows(), told))
                assert sink.rows("F1.power") == [("F1.power", T0, pytest.approx(1.2505), GOOD)]
                assert sink.rows("F1.t") == [("F1.t", T0, pytest.approx(1480.0 - 273.15), DOUBTFUL)]
                assert sink.rows("F1.again") == [("F1.again", T0, 1250.5, GOOD)]
                assert told == []
                # A steady value that is measured anew is no gap.
                await server.update()
                await until(lambda: len(sink.rows("F1.power")) == 2)
                assert sink.rows("F1.power")[1][:2] == ("F1.power", T0 + 100_000)

    asyncio.run(go())


def event(value: object, code: int) -> DataChangeEvent:
    """Return what a server sends that keeps the last value beside its status (asyncua's own server sends none)."""
    item = SubscriptionItemData()
    item.client_handle = 1
    sent = ua.DataValue(ua.Variant(value), ua.StatusCode(code), datetime(2026, 1, 2, tzinfo=UTC))
    notice = DataChangeNotif(item, ua.MonitoredItemNotification(1, sent))
    return DataChangeEvent(None, value, notice)


def test_a_bad_status_with_a_value_is_kept_as_invalid_and_told_once(tmp_path):
    async def go():
        sink, told = Kept(), []
        feed = Feed("furnace", sink, told.append, linger_s=0.0)
        writer = asyncio.create_task(feed.run())
        watch = _Watch(settings(tmp_path, "opc.tcp://x", node("P", "p", "words = { Running = 1 }")), feed)
        bad = event(7.0, StatusCodes.BadSensorFailure)
        await watch.taken([event(7.0, 0), bad, bad, event(7.5, 0), bad])
        await watch.taken([event(True, 0), event("Running", 0), event("Gone", 0), event(None, 0), event(1.0, 0x480)])
        assert [(v, f) for _, _, v, f in sink.rows()] == [
            (7.0, GOOD), (7.0, INVALID), (7.0, INVALID), (7.5, GOOD), (7.0, INVALID), (1.0, GOOD), (1.0, GOOD),
            (1.0, GOOD),
        ]  # fmt: skip
        # Once for each time it turned bad; a word without a number and dropped values are told too.
        assert [f.code for f in told] == ["bad-status", "bad-status", "not-a-number", "values-dropped"]
        writer.cancel()

    asyncio.run(go())


def test_a_bad_status_without_a_value_stores_nothing_and_is_told(tmp_path):
    async def go():
        sink = Kept()
        clock, values = ticking({"P": (7.0, GOOD)})
        async with OpcUaSimulator(values, period_s=0, clock=clock) as server:
            chosen = settings(tmp_path, server.url, node("P", "p"))
            async with running(lambda f, s: run_opcua(chosen, f, s), sink) as (_, told):
                await until(sink.rows)
                await server.write("P", None, StatusCodes.BadNoCommunication, T0 + 1_000_000)
                await until(lambda: told)
                assert told[0].code == "bad-status"
                assert "BadNoCommunication" in str(told[0].reason)
                await server.write("P", 8.0, StatusCodes.Good, T0 + 2_000_000)
                await until(lambda: len(sink.rows()) == 2)
                assert sink.rows() == [("p", T0, 7.0, GOOD), ("p", T0 + 2_000_000, 8.0, GOOD)]

    asyncio.run(go())


def test_one_unknown_node_is_told_and_stops_nothing(tmp_path):
    async def go():
        sink = Kept()
        clock, values = ticking({"P": (7.0, GOOD)})
        async with OpcUaSimulator(values, period_s=0, clock=clock) as server:
            nodes = (
                node("nobody", "a") + node("P", "p") + '[[opcua.node]]\nnode = "gibberish"\ntag = "b"\n'
                + '[[opcua.node]]\nnode = "nsu=urn:nobody;s=P"\ntag = "c"\n'
            )  # fmt: skip
            chosen = settings(tmp_path, server.url, nodes)
            async with running(lambda f, s: run_opcua(chosen, f, s), sink) as (_, told):
                await until(lambda: sink.rows("p"))
                assert [(f.code, f.place.column) for f in told] == [
                    ("unknown-node", "gibberish"),
                    ("unknown-node", "nsu=urn:nobody;s=P"),
                    ("unknown-node", "ns=2;s=nobody"),
                ]

    asyncio.run(go())


@pytest.mark.slow
def test_the_gateway_waits_for_a_server_and_comes_back_after_a_break(tmp_path):
    async def go():
        sink = Kept()
        clock, values = ticking({"P": (7.0, GOOD)})
        server = OpcUaSimulator(values, period_s=0.1, clock=clock)
        async with server:
            pass  # its port is free again
        port = server.port
        chosen = settings(tmp_path, server.url, node("P", "p"))
        async with running(lambda f, s: run_opcua(chosen, f, s), sink) as (feed, told):
            await until(lambda: told)
            assert told[0].code == "out-of-reach"
            async with OpcUaSimulator(values, port, period_s=0.1, clock=clock):
                await until(lambda: len(sink.rows()) > 3)
            await until(lambda: not feed.state.connected)
            before = len(sink.rows())
            async with OpcUaSimulator(values, port, period_s=0.1, clock=clock):
                await until(lambda: len(sink.rows()) > before + 3, seen=lambda: (before, len(sink.rows()), feed.state))
            assert feed.state.reconnects == 1
            assert {f.code for f in told} == {"out-of-reach"}

    asyncio.run(go())


def test_while_the_store_refuses_the_server_keeps_what_comes(tmp_path):
    async def go():
        sink = Kept()
        clock, values = ticking({"P": (7.0, GOOD)})
        async with OpcUaSimulator(values, period_s=0, clock=clock) as server:
            chosen = settings(tmp_path, server.url, node("P", "p"))
            async with running(lambda f, s: run_opcua(chosen, f, s), sink) as (feed, told):
                await until(sink.rows)
                sink.full = True
                await server.update()
                await until(lambda: told)
                waiting = feed.state.waiting
                for _ in range(29):
                    await server.update()
                    await asyncio.sleep(0.02)
                assert [f.code for f in told] == ["not-stored"]
                # The first message is not answered yet, so the server sends no other.
                assert feed.state.connected
                assert feed.state.waiting == waiting < 30
                sink.full = False
                await until(lambda: len(sink.rows()) == 31)
                assert [t for _, t, *_ in sink.rows()] == [T0 + 100_000 * n for n in range(31)]

    asyncio.run(go())


def test_a_server_that_we_hold_up_ourselves_has_not_fallen_silent():
    async def go():
        begun, gate = asyncio.Event(), asyncio.Event()

        async def taken(_events: object) -> None:
            begun.set()
            await gate.wait()

        parameters = ua.CreateSubscriptionParameters()
        parameters.RequestedPublishingInterval, parameters.RequestedMaxKeepAliveCount = 1.0, 1
        held = _Held(None, parameters, taken)
        held.subscription_id, held.last_publish_at = 1, time.monotonic() - 3600.0
        assert held.is_stale(1.5)
        message = ua.NotificationMessage(7, datetime(2026, 1, 2, tzinfo=UTC), [])
        work = asyncio.create_task(held.publish_callback(ua.PublishResult(1, NotificationMessage=message)))
        await begun.wait()
        held.last_publish_at = time.monotonic() - 3600.0
        assert not held.is_stale(1.5)
        gate.set()
        await work
        assert held.last_sequence_number == 7

    asyncio.run(go())


class Cable:
    """A line to a server that can be cut and mended."""

    def __init__(self, port: int) -> None:
        self._there, self._writers, self.port = port, set(), 0
        self._server: asyncio.Server | None = None

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._there)
        self._writers |= {writer, far_writer}
        ways = [asyncio.create_task(self._pass(a, b)) for a, b in ((reader, far_writer), (far_reader, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for one in (writer, far_writer):
            one.close()
        await asyncio.gather(*ways, return_exceptions=True)

    @staticmethod
    async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()


@pytest.mark.slow
def test_values_of_a_short_break_are_fetched_afterwards(tmp_path):
    async def go():
        sink = Kept()
        clock, values = ticking({"P": (7.0, GOOD)})
        async with OpcUaSimulator(values, period_s=0, clock=clock) as server:
            cable = Cable(server.port)
            await cable.mend()
            chosen = settings(tmp_path, f"opc.tcp://127.0.0.1:{cable.port}", node("P", "p"))
            async with running(lambda f, s: run_opcua(chosen, f, s), sink) as (feed, told):
                await until(sink.rows)
                for _ in range(5):
                    await server.update()
                await until(lambda: len(sink.rows()) == 6)
                await cable.cut()
                await until(lambda: not feed.state.connected)
                for _ in range(20):
                    await server.update()
                    await asyncio.sleep(0.02)
                await cable.mend()
                await until(lambda: feed.state.connected)
                await server.update()
                await until(lambda: len({t for _, t, *_ in sink.rows()}) == 27, seen=lambda: len(sink.rows()))
                assert {t for _, t, *_ in sink.rows()} == {T0 + 100_000 * n for n in range(27)}
                assert [f.code for f in told] == ["out-of-reach"]
            await cable.cut()

    asyncio.run(go())
