"""The collector: real gateways in processes of their own, into a real plant; one that dies stops nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psutil
import pytest

from forgecast.gateway.case_file import CaseError
from forgecast.gateway.hj212.emulator import Hj212Emulator
from forgecast.gateway.instruments import read_instruments
from forgecast.gateway.modbus.registers import Register
from forgecast.gateway.modbus.simulator import ModbusSimulator
from forgecast.ground.errors import ForgecastError, PlantError
from forgecast.signals.batch import Batch
from forgecast.signals.reading import GOOD
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.check_instruments import check_instruments
from forgecast.tasks.collect_signals import CollectingStatus, collect_signals, read_status
from forgecast.tasks.forward_readings import forward_readings
from tests.gateway.mqtt.broker import Mosquitto
from tests.ports import free_port
from tests.processes import command_of
from tests.tasks.collecting_gateways import until
from tests.tasks.small_plants import plant_of

TAGS = "id,measures,unit\nload,force,kN\noil,temperature,°C\nfurnace,temperature,°C\n"


@contextlib.contextmanager
def press(port: int = 0) -> Iterator[ModbusSimulator]:
    """Run a press in a thread of its own."""
    where = {"load": Register("holding", 0, "float32"), "oil": Register("holding", 2, "float32")}
    simulator = ModbusSimulator(lambda _t: {"load": (812.5, GOOD), "oil": (51.5, GOOD)}, where, port)
    loop, up = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        async with simulator:
            up.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert up.wait(120.0)
    try:
        yield simulator
    finally:  # a test that fails must not leave a thread for which the whole run would wait
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def modbus(name: str, port: int, *tags: str) -> str:
    words = f'[[modbus]]\nname = "{name}"\nhost = "127.0.0.1"\nport = {port}\ninterval = "0.1 s"\n'
    for tag in tags:
        address, unit = {"load": (0, "kN"), "oil": (2, "°C"), "odd": (2, "kN")}[tag]
        words += f'[[modbus.register]]\naddress = {address}\ntype = "float32"\ntag = "{tag}"\nunit = "{unit}"\n'
    return words


def write(folder: Path, words: str) -> None:
    (folder / "instruments.toml").write_text(words, "utf-8")


def by_name(status: CollectingStatus) -> dict[str, dict[str, object]]:
    return {str(one["name"]): dict(one) for one in status.gateways}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows knows no SIGKILL")
def test_gateways_collect_into_the_plant_and_one_that_dies_stops_nothing(tmp_path):
    plant = plant_of(tmp_path, {"tag": TAGS})
    heard: list[Batch] = []
    seen: list[CollectingStatus] = []
    killed: list[int] = []
    gave: set[str] = set()
    before = set(psutil.Process().children(recursive=True))  # left by tests of other files

    def broken(batch: Batch) -> None:
        raise RuntimeError(batch.source)

    def watch(status: CollectingStatus) -> None:
        seen.append(status)
        gave.update(name for name, one in by_name(status).items() if int(str(one.get("rows", 0))))
        one = by_name(status)["press"]
        if int(str(one.get("rows", 0))) > 4 and not killed:
            children = [child for child in psutil.Process().children(recursive=True) if child not in before]
            killed.extend(child.pid for child in children if "spawn_main" in command_of(child))
            os.kill(killed[0], signal.SIGKILL)

    def done() -> bool:
        if not seen or not killed:
            return False
        now = by_name(seen[-1])
        # Whichever was killed counts anew from nought, and a folder whose file was taken in stays there.
        return gave == set(now) and any(int(str(one["restarts"])) for one in now.values())

    with press() as device, PlantFolder.open(plant) as opened:
        drop = '[[drop]]\nname = "lab"\nfolder = "in"\npattern = "*.csv"\nsettle = "0.2 s"\n'
        write(plant, modbus("press", device.port, "load") + modbus("hydraulics", device.port, "oil") + drop)
        (plant / "in").mkdir()
        (plant / "in" / "furnace.csv").write_text("time,furnace (°C)\n2026-01-02 03:04:05,1450\n", "utf-8")
        (plant / "in" / "empty.csv").write_text("", "utf-8")
        status = collect_signals(
            opened, listeners=[broken, heard.append], should_stop=until(done), watch=watch, by="test"
        )  # fmt: skip
    assert not status.running
    codes = {str(f["code"]) for f in status.findings}
    assert {"gateway-ended", "listener-failed", "file-refused"} <= codes
    assert {b.source for b in heard} == {"press", "hydraulics"}
    assert {p.name for p in (plant / "in" / "taken").iterdir()} >= {"furnace.csv"}
    assert (plant / "in" / "refused" / "empty.csv.findings.txt").is_file()
    # Everything that was heard is in the series, once, though a process was killed.
    with PlantFolder.open(plant) as opened:
        for tag, value in (("load", 812.5), ("oil", 51.5)):
            stored = opened.telemetry.series(tag)
            times = sorted({int(t) for b in heard if tag in b.tags for t in b.t})
            assert [int(t) for t in stored.t] == times
            assert set(stored.value) == {value}
        assert list(opened.telemetry.series("furnace").value) == [1450.0]
    assert read_status(plant).as_json() == status.as_json()


def test_a_second_collector_is_refused(tmp_path):
    plant = plant_of(tmp_path, {"tag": TAGS})
    with press() as device, PlantFolder.open(plant) as opened:
        write(plant, modbus("press", device.port, "load"))
        refused: list[str] = []

        def watch(status: CollectingStatus) -> None:
            if status.running and not refused:
                with pytest.raises(PlantError, match="being collected here already") as caught:
                    collect_signals(opened)
                refused.append(str(caught.value.what))

        collect_signals(opened, should_stop=until(lambda: refused), watch=watch)
        assert refused


def test_units_are_compared_with_the_record(tmp_path):
    plant = plant_of(tmp_path, {"tag": TAGS})
    write(plant, modbus("press", 1, "load", "odd").replace('tag = "odd"', 'tag = "oil"') + """
[[mqtt]]
name = "hall"
host = "x"
[[mqtt.topic]]
topic = "a"
tag = "furnace"
[[mqtt.topic]]
topic = "b"
tag = "nobody"
[[mqtt.topic]]
topic = "c/+"
tag = "{1}"
""")  # fmt: skip
    with PlantFolder.open(plant) as opened:
        checked = check_instruments(opened)
    assert [(f.code, str(f.place)) for f in checked.findings] == [
        ("unit-not-said", "hall:furnace"), ("undescribed-tag", "hall:nobody"), ("unit-does-not-fit", "press:oil"),
    ] or [(f.code, str(f.place)) for f in checked.findings] == [
        ("unit-does-not-fit", "press:oil"), ("unit-not-said", "hall:furnace"), ("undescribed-tag", "hall:nobody"),
    ]  # fmt: skip
    assert not checked.ok
    json.dumps(checked.as_json())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", "names no gateway"),
        ('[[opcua]]\nname = "a"\nurl = "x"\n[[opcua]]\nname = "a"\nurl = "y"\n', "two gateways are named a"),
        (modbus("a", 1, "load") + modbus("b", 1, "load"), "fed twice"),
        ("[[opcau]]\n", "means nothing"),
        ('[[hj212]]\nname = "s"\nlisten = "127.0.0.1"\nport = 0\n[[hj212.device]]\nmn = "a b"\n', "no identity"),
        (modbus("a b", 1, "load"), "cannot name a gateway"),
    ],
)
def test_what_cannot_be_meant_is_said_with_its_place(tmp_path, words, says):
    plant = plant_of(tmp_path, {"tag": TAGS})
    write(plant, words)
    with PlantFolder.open(plant) as opened, pytest.raises(ForgecastError, match=says) as caught:
        collect_signals(opened)
    assert "instruments.toml" in caught.value.where


def test_without_instruments_or_a_past_it_says_what_to_do(tmp_path):
    with pytest.raises(CaseError, match="nothing says what is connected"):
        read_instruments(tmp_path)
    with pytest.raises(ForgecastError, match="nothing has been collected"):
        read_status(tmp_path)
    write(tmp_path, modbus("a", 1, "load"))
    with pytest.raises(ForgecastError, match="where to forward"):
        forward_readings(tmp_path)


def test_a_box_forwards_to_the_plant(tmp_path):
    plant, box = plant_of(tmp_path, {"tag": TAGS}), tmp_path / "box"
    box.mkdir()
    state: dict[str, CollectingStatus] = {}
    ended = threading.Event()
    with press() as device, Mosquitto(tmp_path) as broker:
        line = f'plant = "foundry"\nhost = "127.0.0.1"\nport = {broker.port}\n'
        write(box, modbus("press", device.port, "load") + f'[forward]\nname = "box1"\n{line}')
        write(plant, f'[[receive]]\nname = "boxes"\n{line}')

        def at_the_box() -> None:
            state["box"] = forward_readings(box, should_stop=ended.is_set)

        thread = threading.Thread(target=at_the_box)
        thread.start()
        try:
            with PlantFolder.open(plant) as opened:
                rows: list[int] = []

                def watch(status: CollectingStatus) -> None:
                    rows.append(int(str(by_name(status)["boxes"].get("rows", 0))))

                collect_signals(opened, should_stop=until(lambda: rows and rows[-1] > 5), watch=watch)
                stored = opened.telemetry.series("load")
        finally:
            ended.set()
            thread.join()
    assert set(stored.value) == {812.5}
    assert len(stored) >= rows[-1] > 5
    assert by_name(state["box"])["box1"]["kind"] == "forward"


def test_a_stack_reports_by_hj_212(tmp_path, monkeypatch):
    monkeypatch.setenv("STACK_PASSWORD", "123456")
    plant = plant_of(tmp_path, {"tag": "id,measures,unit\nnox,nox,mg/m3\n"})
    port = free_port()
    write(plant, f'[[hj212]]\nname = "stacks"\nlisten = "127.0.0.1"\nport = {port}\n'
                 '[[hj212.device]]\nmn = "010000A8900016F000169DC0"\npassword_env = "STACK_PASSWORD"\n'
                 '[[hj212.device.channel]]\ncode = "a21002"\ntag = "nox"\nunit = "g/m3"\n')  # fmt: skip
    start, count = 1_740_787_200_000_000, 5
    stop = threading.Event()

    async def report() -> None:
        logger = Hj212Emulator(
            lambda _t: {"a21002": (Decimal("0.0805"), "N")}, tmp_path / "logger", mn="010000A8900016F000169DC0",
            password=os.environ["STACK_PASSWORD"], host="127.0.0.1", port=port, minute_s=0, hour_s=0,
        )  # fmt: skip
        logger.produce(start, start + count * 60_000_000)
        work = asyncio.create_task(logger.run())
        await asyncio.to_thread(stop.wait)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        logger.close()

    thread = threading.Thread(target=lambda: asyncio.run(report()))
    thread.start()
    seen: list[CollectingStatus] = []
    try:
        with PlantFolder.open(plant) as opened:
            done = until(lambda: seen and by_name(seen[-1])["stacks"].get("rows") == count)
            status = collect_signals(opened, should_stop=done, watch=seen.append)
            stored = opened.telemetry.series("nox")
    finally:
        stop.set()
        thread.join()
    # 0.0805 g/m³ as the logger sends it is 80.5 mg/m³ as the tag has it.
    assert [(int(t), round(float(v), 9)) for t, v in zip(stored.t, stored.value, strict=True)] == [
        (start + n * 60_000_000, 80.5) for n in range(count)
    ]
    assert [f["code"] for f in status.findings if f["severity"] == "refused"] == []
