"""Server and emulated data logger together: nothing lost, nothing doubled, nothing answered before it is durable."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forgecast.gateway.hj212.decoder import Decoder
from forgecast.gateway.hj212.emulator import Hj212Emulator
from forgecast.gateway.hj212.logger import written
from forgecast.gateway.hj212.outbox import Outbox
from forgecast.gateway.hj212.server import Hj212Server, NoAnswerError
from forgecast.gateway.hj212.telegram import Telegram, write
from tests.gateway.hj212.stand import MAP, MINUTE_US, MN, PASSWORD, START, ZONE, Kept, stack, until, wanted


def logger(folder, port, source=stack, **more):
    settings_ = {"minute_s": 0, "hour_s": 0, "pause_s": (0.01, 0.05)} | more
    return Hj212Emulator(source, folder, mn=MN, password=PASSWORD, host="127.0.0.1", port=port, zone=ZONE, **settings_)


@asynccontextmanager
async def running(emulator):
    task = asyncio.create_task(emulator.run())
    try:
        yield emulator
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        emulator.close()


def codes(server):
    return {finding.code: finding.count for finding in server.findings()}


def test_what_the_logger_samples_the_store_keeps(tmp_path):
    async def play():
        sink = Kept()
        async with Hj212Server(MAP, sink) as server, running(logger(tmp_path, server.port)) as emulator:
            assert emulator.produce(START, START + 200 * MINUTE_US) == 200
            await asyncio.wait_for(emulator.drained(), 300)
            assert emulator.metrics().answered == 200
            assert server.metrics().readings == len(sink.readings())
            assert codes(server) == {}
        assert sorted(sink.readings()) == sorted(wanted(START, START + 200 * MINUTE_US))

    asyncio.run(play())


def test_means_of_minutes_and_hours_come_with_their_period(tmp_path):
    async def play():
        sink = Kept()
        more = {"minute_s": 600, "hour_s": 3600}
        async with Hj212Server(MAP, sink) as server, running(logger(tmp_path, server.port, **more)) as emulator:
            emulator.produce(START, START + 121 * MINUTE_US)
            await asyncio.wait_for(emulator.drained(), 300)
        kept = {(tag, t): value for tag, t, value, flag in sink.readings() if flag == 0}
        for hour in (0, 1):
            begin = START + hour * 60 * MINUTE_US
            samples = [stack(begin + n * MINUTE_US)["a21002"][0] for n in range(60)]
            # Means are rounded to three places.
            assert kept["nox.hour", begin] == pytest.approx(float(sum(samples) / 60), abs=0.0005)
        assert sum(tag == "nox.minute" for tag, _ in kept) == 12

    asyncio.run(play())


NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15).map(lambda x: round(x, 12)),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.tuples(NUMBERS, st.sampled_from("NFMSDCTB"), NUMBERS), min_size=1, max_size=8))
def test_every_value_arrives_as_it_was_printed(tmp_path, values):
    flags = {"N": 0, "S": 1, "T": 1}

    def source(t):
        value, flag, converted = values[(t - START) // MINUTE_US]
        return {"a21026": (value, flag, converted)}

    async def play():
        sink = Kept()
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        async with Hj212Server(MAP, sink) as server, running(logger(folder, server.port, source)) as emulator:
            emulator.produce(START, START + len(values) * MINUTE_US)
            await asyncio.wait_for(emulator.drained(), 300)
            assert codes(server) == {}
        want = []
        for n, (value, flag, converted) in enumerate(values):
            for tag, one in (("so2", value), ("so2.zs", converted)):
                want.append((tag, START + n * MINUTE_US, float(one), flags.get(flag, 2)))
        assert sink.readings() == want

    asyncio.run(play())


@given(NUMBERS)
def test_a_printed_number_reads_back_to_itself(value):
    assert float(written(value)) == float(value)
    if isinstance(value, Decimal):
        assert Decimal(written(value)) == value
    assert not set(written(value)) - set("-0123456789.")


def test_long_telegrams_go_in_parts(tmp_path):
    def source(t):
        del t
        return {f"a{n:05d}": (Decimal("123456.789"), "N", Decimal(n)) for n in range(60)} | {"a21026": (1.0, "N")}

    async def play():
        sink, sizes = Kept(), []
        server = Hj212Server(MAP, sink, watch=lambda _, seen: sizes.append(seen.size))
        async with server, running(logger(tmp_path, server.port, source)) as emulator:
            assert emulator.produce(START, START + 2 * MINUTE_US) > 4
            await asyncio.wait_for(emulator.drained(), 300)
            assert max(sizes) <= 1024 + 12
        assert sink.readings() == [("so2", START, 1.0, 0), ("so2", START + MINUTE_US, 1.0, 0)]

    asyncio.run(play())


def test_the_server_away_under_load_loses_nothing(tmp_path):
    async def play():
        sink = Kept()
        server = Hj212Server(MAP, sink)
        await server.start()
        port = server.port
        async with running(logger(tmp_path, port)) as emulator:
            made = 0
            for outage in range(4):
                for _ in range(5):
                    emulator.produce(START + made * MINUTE_US, START + (made + 100) * MINUTE_US)
                    made += 100
                await until(lambda server=server, least=20 + outage: server.metrics().stored > least)
                await server.stop()
                for _ in range(3):
                    emulator.produce(START + made * MINUTE_US, START + (made + 100) * MINUTE_US)
                    made += 100
                server = Hj212Server(MAP, sink, port=port)
                await server.start()
            await asyncio.wait_for(emulator.drained(), 300)
            await server.stop()
            assert emulator.metrics().connected >= 5
        readings = sink.readings()
        assert set(readings) == wanted(START, START + made * MINUTE_US)
        assert len(readings) == len(set(readings))
        order = [t for tag, t, _, _ in readings if tag == "nox"]
        assert order == sorted(order)

    asyncio.run(play())


def test_a_logger_that_crashed_sends_what_it_had_not_sent(tmp_path):
    async def play():
        sink = Kept()
        first = logger(tmp_path, 1)
        first.produce(START, START + 50 * MINUTE_US)
        first.close()
        path = tmp_path / "outbox.log"
        path.write_bytes(path.read_bytes() + b"+51 0000 torn")  # the crash came in the middle of a line
        async with Hj212Server(MAP, sink) as server, running(logger(tmp_path, server.port)) as emulator:
            assert emulator.metrics().waiting == 50
            emulator.produce(START + 50 * MINUTE_US, START + 60 * MINUTE_US)
            await asyncio.wait_for(emulator.drained(), 300)
        assert sorted(sink.readings()) == sorted(wanted(START, START + 60 * MINUTE_US))
        last = logger(tmp_path, 1)
        assert last.metrics().waiting == 0
        last.close()

    asyncio.run(play())


def test_nothing_is_answered_before_it_is_durable(tmp_path):
    async def play():
        sink = Kept()
        sink.gate.clear()
        async with Hj212Server(MAP, sink) as server, running(logger(tmp_path, server.port)) as emulator:
            emulator.produce(START, START + 5 * MINUTE_US)
            await until(lambda: server.metrics().telegrams == 5)
            await asyncio.sleep(0.05)
            assert emulator.metrics().answered == server.metrics().answered == 0
            sink.gate.set()
            await asyncio.wait_for(emulator.drained(), 300)

    asyncio.run(play())


def test_a_store_that_refuses_is_asked_again_and_loses_nothing(tmp_path):
    async def play():
        sink = Kept()
        sink.refusals = 3
        server = Hj212Server(MAP, sink, retry_s=0.01)
        async with server, running(logger(tmp_path, server.port, answer_s=0.05)) as emulator:
            emulator.produce(START, START + 5 * MINUTE_US)
            await asyncio.wait_for(emulator.drained(), 300)
            assert codes(server)["not-stored"] == 3
        assert sorted(sink.readings()) == sorted(wanted(START, START + 5 * MINUTE_US))

    asyncio.run(play())


def test_a_number_used_by_another_does_not_make_ours_a_repeat(tmp_path):
    async def play():
        sink = Kept()
        async with Hj212Server(MAP, sink) as server, running(logger(tmp_path, server.port)) as emulator:
            emulator.produce(START, START + MINUTE_US)
            await asyncio.wait_for(emulator.drained(), 300)
            batch = sink.batches[-1]
            sink.batches.append(
                type(batch)(batch.source, 99, (), *(a[:0] for a in (batch.tag, batch.t, batch.value, batch.flag)))
            )
            emulator.produce(START + MINUTE_US, START + 2 * MINUTE_US)
            await asyncio.wait_for(emulator.drained(), 300)
        assert sorted(sink.readings()) == sorted(wanted(START, START + 2 * MINUTE_US))

    asyncio.run(play())


class Peer:
    """A bare connection."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.decoder, self.heard = reader, writer, Decoder(), []

    @classmethod
    @asynccontextmanager
    async def to(cls, server):
        peer = cls(*await asyncio.open_connection("127.0.0.1", server.port))
        try:
            yield peer
        finally:
            peer.writer.close()
            await asyncio.gather(peer.writer.wait_closed(), return_exceptions=True)

    def say(self, data):
        self.writer.write(write(data) if isinstance(data, Telegram) else data)

    async def hear(self):
        while not self.heard:
            data = await asyncio.wait_for(self.reader.read(65536), 300)
            if not data:
                return None
            self.heard += [seen.telegram for seen in self.decoder.feed(data)]
        return self.heard.pop(0)


def data(qn="20250301080000000", value="1", **more):
    cp = (("DataTime", "20250301080000"), ("a21026-Rtd", value), ("a21026-Flag", "N"))
    return Telegram(qn, "31", **({"cn": "2011", "pw": PASSWORD, "mn": MN, "flag": 5, "cp": cp} | more))


def test_answers_carry_the_number_and_the_edition():
    async def play():
        sink = Kept()
        async with Hj212Server(MAP, sink) as server, Peer.to(server) as peer:
            for flag, edition in ((5, 1), (9, 2)):
                peer.say(data(qn=f"2025030108000000{edition}", flag=flag))
                answer = await peer.hear()
                assert (answer.cn, answer.qn, answer.st, answer.mn) == ("9014", f"2025030108000000{edition}", "91", MN)
                assert answer.flag == edition << 2
            peer.say(data(qn="20250301080000003", flag=4))  # wants no answer, and gets none
            peer.say(data(qn="20250301080000004", cn="9015", cp=()))
            assert (await peer.hear()).cn == "9013"

    asyncio.run(play())


def test_a_repeat_is_answered_again_and_stored_once():
    async def play():
        sink = Kept()
        async with Hj212Server(MAP, sink) as server, Peer.to(server) as peer:
            for _ in range(3):
                peer.say(data())
                assert (await peer.hear()).cn == "9014"
            assert server.metrics().repeats == 2
        assert len(sink.readings()) == 1

    asyncio.run(play())


@pytest.mark.parametrize(
    ("what", "code"),
    [({"pw": "000000"}, "wrong-password"), ({"pw": ""}, "wrong-password"), ({"mn": "STRANGER"}, "unknown-device")],
)
def test_strangers_are_neither_stored_nor_answered(what, code):
    async def play():
        sink = Kept()
        async with Hj212Server(MAP, sink) as server, Peer.to(server) as peer:
            peer.say(data(**what))
            peer.say(data(qn="20250301080000009"))
            assert (await peer.hear()).qn == "20250301080000009"
            assert codes(server) == {code: 1}
            assert server.metrics().rejected == 1
        assert len(sink.readings()) == 1

    asyncio.run(play())


def test_every_rejected_telegram_is_counted_and_the_rest_goes_on():
    async def play():
        sink = Kept()
        async with Hj212Server(MAP, sink) as server, Peer.to(server) as peer:
            good = write(data())
            peer.say(good.replace(b"a21026-Rtd=1", b"a21026-Rtd=9", 1) * 3 + b"noise" + good[:60] + good)
            assert (await peer.hear()).cn == "9014"
            assert server.metrics().rejected == 4
            assert codes(server) == {"wrong-check-digits": 3, "torn": 1, "stray": 5}
        assert len(sink.readings()) == 1

    asyncio.run(play())


def test_a_device_that_asks_gets_the_time(tmp_path):
    async def play():
        clock = START
        server = Hj212Server(MAP, Kept(), clock=lambda: clock)
        async with server, running(logger(tmp_path, server.port, ask_time=True)) as emulator:
            await until(lambda: emulator.time_set)
            assert emulator.time_set == "20250301080000"
            outcome = await server.ask(MN, "1011")
            assert outcome.exe_return == "1"
            assert outcome.replies[0].first("SystemTime")

    asyncio.run(play())


def test_a_clock_that_is_ahead_is_reported():
    async def play():
        async with Hj212Server(MAP, Kept(), clock=lambda: START) as server, Peer.to(server) as peer:
            peer.say(data(qn="20250301080500000"))
            await peer.hear()
            (finding,) = server.findings()
            assert (finding.code, finding.value) == ("fast-clock", "300")

    asyncio.run(play())


def test_history_is_fetched_and_durable_when_it_returns(tmp_path):
    async def play():
        sink = Kept()
        more = {"real_s": 0, "minute_s": 60, "hour_s": 0}
        emulator = logger(tmp_path, 1, **more)
        emulator.produce(START, START + 100 * MINUTE_US)
        for number in list(emulator._outbox.waiting):
            emulator._outbox.done(number)  # as if they had been sent to a server that lost them
        async with Hj212Server(MAP, sink) as server:
            emulator.port = server.port
            async with running(emulator):
                emulator.produce(START + 100 * MINUTE_US, START + 102 * MINUTE_US)
                await asyncio.wait_for(emulator.drained(), 300)
                before = len(sink.readings())
                outcome = await server.history(MN, "2051", START + 10 * MINUTE_US, START + 19 * MINUTE_US)
                assert (outcome.exe_return, len(outcome.replies)) == ("1", 10)
                fetched = [t for tag, t, _, _ in sink.readings()[before:] if tag == "nox.minute"]
                assert fetched == [START + n * MINUTE_US for n in range(10, 20)]
                outcome = await server.history(MN, "2051", START - 10 * MINUTE_US, START - MINUTE_US)
                assert outcome.exe_return == "100"
                with pytest.raises(NoAnswerError, match="refuses"):
                    await server.ask(MN, "3012")
                with pytest.raises(NoAnswerError, match="not connected"):
                    await server.ask("nobody", "1011")

    asyncio.run(play())


def test_a_gap_is_asked_for_by_itself(tmp_path):
    async def play():
        sink = Kept()
        emulator = logger(tmp_path, 1, real_s=0, minute_s=60, hour_s=0)
        server = Hj212Server(MAP, sink, expected_s={"2051": 60})
        await server.start()
        emulator.port = server.port
        async with running(emulator):
            emulator.produce(START, START + 5 * MINUTE_US)
            await asyncio.wait_for(emulator.drained(), 300)
            emulator.host = "256.0.0.1"  # cut off; what it makes meanwhile is lost to the wire
            emulator.produce(START + 5 * MINUTE_US, START + 5 * MINUTE_US)
            stored = server.metrics().stored
            held = emulator._outbox.waiting
            for minute in range(5, 30):
                emulator.produce(START + minute * MINUTE_US, START + (minute + 1) * MINUTE_US)
                for number in list(held):
                    emulator._outbox.done(number)
            emulator.produce(START + 30 * MINUTE_US, START + 31 * MINUTE_US)
            await until(lambda: server.metrics().stored >= stored + 26)
            assert codes(server).get("gap") == 1
            assert "gap-open" not in codes(server)
        await server.stop()
        times = sorted({t for tag, t, _, _ in sink.readings() if tag == "nox.minute"})
        assert times == [START + n * MINUTE_US for n in range(30)]

    asyncio.run(play())


def test_a_silent_connection_is_closed():
    async def play():
        async with Hj212Server(MAP, Kept(), idle_s=0.05) as server, Peer.to(server) as peer:
            assert await peer.hear() is None
            await until(lambda: server.metrics().connections == 0)
            assert codes(server) == {"idle": 1}

    asyncio.run(play())


def test_a_slow_store_makes_devices_wait_and_memory_does_not_grow():
    async def play():
        sink = Kept()
        sink.gate.clear()
        async with Hj212Server(MAP, sink, queue=10) as server, Peer.to(server) as peer:
            for number in range(3000):
                peer.say(data(qn=f"2025030108{number:07d}"))
            await until(lambda: server.metrics().waiting == 10)
            await asyncio.sleep(0.05)
            # A batch of ten, a queue of ten and the one at its door.
            assert server.metrics().telegrams <= 21
            sink.gate.set()
            for _ in range(3000):
                assert (await peer.hear()).cn == "9014"
        assert len(sink.readings()) == 3000

    asyncio.run(play())


def test_the_outbox_grows_no_further_than_what_waits(tmp_path):
    box = Outbox(tmp_path / "box")
    for _ in range(60):
        box.put([write(data())] * 100)
        for number in list(box.waiting):
            box.done(number)
    assert (tmp_path / "box").stat().st_size < 5000 * len(write(data()))
    box.put([b"##one\r\n", b"##two\r\n"])
    box.close()
    again = Outbox(tmp_path / "box")
    assert list(again.waiting.values()) == [b"##one\r\n", b"##two\r\n"]
    again.close()
