"""Modbus TCP against a real server: types and orders by bytes worked out by hand, blocks, refusals, the schedule."""

from __future__ import annotations

import asyncio
import math
import struct
import time
from collections.abc import Sequence

import pytest

from forgecast.gateway.case_file import CaseError, read_case
from forgecast.gateway.modbus.client import run_modbus
from forgecast.gateway.modbus.registers import SIZES, Register, blocks_of
from forgecast.gateway.modbus.settings import ModbusSettings, read_modbus
from forgecast.gateway.modbus.simulator import ModbusSimulator
from forgecast.ground.finding import Finding
from forgecast.signals.reading import GOOD, INVALID
from tests.gateway.collecting import Kept, running, until


def settings(folder, port: int, registers: str, interval: str = "0.05 s", more: str = "") -> ModbusSettings:
    path = folder / "instruments.toml"
    path.write_text(
        f'[[modbus]]\nname = "press"\nhost = "127.0.0.1"\nport = {port}\ninterval = "{interval}"\n'
        f'timeout = "120 s"\n{more}\n{registers}',  # a machine that stalls is no device that does not answer
        encoding="utf-8",
    )
    return read_modbus(read_case(path).tables("modbus")[0])


def of_device(told: Sequence[Finding]) -> list[Finding]:
    """Return the findings without those of missed polls, which a machine that stalls brings about by itself."""
    return [one for one in told if one.code != "polls-missed"]


# 123456.789 as a float32 is 0x47F12065; the four orders are those in which manuals print its bytes.
A, B, C, D = struct.pack(">f", 123456.789)


@pytest.mark.parametrize(
    ("words", "bytes_", "registers"),
    [
        ("big", "big", [A << 8 | B, C << 8 | D]),
        ("little", "big", [C << 8 | D, A << 8 | B]),
        ("big", "little", [B << 8 | A, D << 8 | C]),
        ("little", "little", [D << 8 | C, B << 8 | A]),
    ],
)
def test_orders_of_words_and_bytes(words, bytes_, registers):
    register = Register("holding", 0, "float32", word_order=words, byte_order=bytes_)
    assert register.value(registers) == pytest.approx(123456.789, rel=1e-7)  # single precision
    assert register.words(123456.789) == registers


@pytest.mark.parametrize(
    ("kind", "registers", "value"),
    [
        ("int16", [0xFFFE], -2.0),
        ("uint16", [0xFFFE], 65534.0),
        ("int32", [0xFFFF, 0xFFFE], -2.0),
        ("uint32", [0x0001, 0x0000], 65536.0),
        ("int64", [0xFFFF] * 4, -1.0),
        ("uint64", [0, 1, 0, 0], 2.0**32),
        ("float64", [0x4004, 0, 0, 0], 2.5),
        ("float32", [0x7FC0, 0], None),  # no number
        ("float32", [0x7F80, 0], None),  # infinite
    ],
)
def test_types(kind, registers, value):
    assert Register("holding", 0, kind).value(registers) == value
    assert len(registers) == SIZES[kind]


def test_scale_missing_and_bits():
    scaled = Register("input", 0, "int16", scale=0.1, offset=-40.0, missing=-32768)
    assert scaled.value([650]) == pytest.approx(25.0)
    assert scaled.value([0x8000]) is None
    assert [Register("holding", 0, "bit", bit=n).value([0b100]) for n in range(4)] == [0.0, 0.0, 1.0, 0.0]
    assert Register("coil", 0, "bit", bit=3).value([1]) == 1.0


def test_few_requests_read_many_registers():
    near = [Register("holding", a, "float32") for a in (0, 2, 4, 10)]
    assert [(b.address, b.count) for b in blocks_of(near, 0)] == [(0, 6), (10, 2)]
    assert [(b.address, b.count) for b in blocks_of(near, 4)] == [(0, 12)]
    many = [Register("input", a, "uint16") for a in range(300)]
    assert [(b.address, b.count) for b in blocks_of(many, 0)] == [(0, 125), (125, 125), (250, 50)]
    mixed = [Register("coil", 0, "bit"), Register("discrete", 1, "bit"), Register("coil", 1, "bit")]
    assert [(b.table, b.address, b.count) for b in blocks_of(mixed, 0)] == [("coil", 0, 2), ("discrete", 1, 1)]


@pytest.mark.parametrize(
    ("register", "says"),
    [
        ('address = 70000\ntag = "t"', "from 0 to 65535"),
        ('address = 1\ntype = "real"\ntag = "t"', "not known here"),
        ('address = 1\ntag = "t"\nscale = 0', "every value the same"),
        ("address = 1", "tag is missing"),
        ('address = 1\ntag = "t"\nadress = 2', "means nothing"),
    ],
)
def test_a_register_that_cannot_be_meant_is_refused(tmp_path, register, says):
    with pytest.raises(CaseError, match=says):
        settings(tmp_path, 502, f"[[modbus.register]]\n{register}\n")


REGISTERS = """
word_order = "little"
[[modbus.register]]
address = 0
type = "float32"
tag = "load"
unit = "kN"
[[modbus.register]]
table = "input"
address = 3
type = "int16"
scale = 0.5
tag = "oil"
[[modbus.register]]
table = "coil"
address = 19
tag = "runs"
[[modbus.register]]
table = "discrete"
address = 2
tag = "guard"
"""


def test_values_of_all_four_tables(tmp_path):
    async def go():
        where = {
            "load": Register("holding", 0, "float32", word_order="little"),
            "oil": Register("input", 3, "int16", scale=0.5),
            "runs": Register("coil", 19, "bit"),
            "guard": Register("discrete", 2, "bit"),
        }
        state = {"load": (812.5, GOOD), "oil": (-3.5, GOOD), "runs": (1.0, GOOD), "guard": (0.0, GOOD)}
        sink = Kept()
        async with ModbusSimulator(lambda _t: state, where) as server:
            chosen = settings(tmp_path, server.port, REGISTERS)
            units = {"load": "MN", "oil": "", "runs": "", "guard": ""}
            async with running(lambda f, s: run_modbus(chosen, f, s), sink, units) as (_, told):
                await until(lambda: len(sink.rows()) >= 8)
                assert [(tag, v) for tag, _, v, _ in sink.rows()[:4]] == [
                    ("runs", 1.0), ("guard", 0.0), ("load", pytest.approx(0.8125)), ("oil", -3.5),
                ]  # fmt: skip
                assert of_device(told) == []
                state["load"] = (1.0, INVALID)
                await until(lambda: of_device(told))
                assert [(f.code, f.place.column) for f in of_device(told)] == [("no-value", "holding 0")]
                # What was read before it may still be on its way; behind two later polls it has arrived.
                after = len(sink.rows("oil")) + 2
                await until(lambda: len(sink.rows("oil")) > after)
                before = len(sink.rows("load"))
                await until(lambda: len(sink.rows("oil")) > after + 2)
                assert len(sink.rows("load")) == before

    asyncio.run(go())


def test_one_register_the_device_does_not_have_takes_nothing_else_along(tmp_path):
    async def go():
        sink = Kept()
        where = {"a": Register("holding", 14, "uint16"), "b": Register("holding", 15, "uint16")}
        async with ModbusSimulator(lambda _t: {"a": (1.0, GOOD), "b": (2.0, GOOD)}, where) as server:
            # The simulator has registers 0 to 15; the third one wanted is beyond.
            text = "".join(f'[[modbus.register]]\naddress = {14 + n}\ntype = "uint16"\ntag = "{"abc"[n]}"\n'
                           for n in range(3))  # fmt: skip
            chosen = settings(tmp_path, server.port, text)
            async with running(lambda f, s: run_modbus(chosen, f, s), sink) as (_, told):
                await until(lambda: sink.rows("a") and sink.rows("b") and of_device(told))
                found = [(f.code, f.place.column, f.value) for f in of_device(told)]
                assert found == [("device-refuses", "holding 16", "2")]
                before = len(sink.rows("a"))
                await until(lambda: len(sink.rows("a")) > before + 3)
                assert len(of_device(told)) == 1

    asyncio.run(go())


def test_polls_keep_their_schedule_and_missed_ones_are_told(tmp_path):
    """Poll n is due n intervals after the begin: none comes before, and however late some come, none drifts."""

    async def go():
        sink = Kept()
        looks: list[float] = []
        asked: list[tuple[float, int]] = []
        missed = [0]

        def clock() -> float:
            looks.append(time.monotonic())
            return looks[-1]

        def values(_t: int) -> dict[str, tuple[float, int]]:
            asked.append((time.monotonic(), missed[0]))
            time.sleep(0.02)  # the device takes its time
            return {"a": (1.0, GOOD)}

        async with ModbusSimulator(values, {"a": Register("holding", 0, "uint16")}) as server:
            chosen = settings(tmp_path, server.port, '[[modbus.register]]\naddress = 0\ntype = "uint16"\ntag = "a"\n')
            async with running(lambda f, s: run_modbus(chosen, f, s, clock), sink) as (feed, told):
                tell = feed.tell

                def counted(one: Finding) -> None:
                    missed[0] += int(one.value) if one.code == "polls-missed" else 0
                    tell(one)

                feed.tell = counted
                await until(lambda: len(asked) > 25)
                # In intervals, how long after its time each was asked. Were the pause counted from the end of the one
                # before, the tenth would come four intervals late, and each one after it later still.
                late = [(at - looks[0]) / 0.05 - (n + left_out) for n, (at, left_out) in enumerate(asked)]
                assert min(late) > -0.1  # the clock's own steps
                assert min(late[10:]) < 2.0
                before = len(told)
                sink.slow_s = 0.3
                await until(lambda: any(f.code == "polls-missed" and int(f.value) >= 3 for f in told[before:]))

    asyncio.run(go())


def test_the_device_goes_and_comes_back(tmp_path):
    async def go():
        sink = Kept()
        where = {"a": Register("holding", 0, "uint16")}
        server = ModbusSimulator(lambda _t: {"a": (1.0, GOOD)}, where)
        async with server:
            chosen = settings(tmp_path, server.port, '[[modbus.register]]\naddress = 0\ntype = "uint16"\ntag = "a"\n')
            work = running(lambda f, s: run_modbus(chosen, f, s), sink)
            feed, told = await work.__aenter__()
            await until(sink.rows)
        await until(lambda: of_device(told))
        assert [f.code for f in of_device(told)] == ["out-of-reach"]
        before = len(sink.rows())
        async with ModbusSimulator(lambda _t: {"a": (2.0, GOOD)}, where, server.port):
            await until(lambda: len(sink.rows()) > before)
            assert feed.state.reconnects == 1
            await work.__aexit__(None, None, None)
        assert not math.isnan(sink.rows()[-1][2])

    asyncio.run(go())
