"""Play the made-up plant at work: instruments speak, readings are stored and watched, hours judged, the ledger kept."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

from forgecast.gateway.hj212.emulator import Hj212Emulator
from forgecast.gateway.mqtt.simulator import EmbeddedBroker, SparkplugSimulator
from forgecast.ground.dates import HOUR_US, MINUTE_US, SECOND_US, from_us
from forgecast.ground.errors import PlantError
from forgecast.ground.texts import Language, Text, text
from forgecast.rules.verdict import Word
from forgecast.sample.live import LiveScript, furnace_shows, press_shows, script_of, stack_shows
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.collect_signals import CollectingStatus, collect_signals
from forgecast.tasks.draft_incidents import drafts_of, record_incidents
from forgecast.tasks.import_files import import_files
from forgecast.tasks.judge_hours import pollutant_text
from forgecast.tasks.judge_live_hours import LiveAnswer, LiveHours
from forgecast.tasks.watch_signals import SignalWatch

#: How many seconds of the plant go by in a second of the clock on the wall.
SPEED = 240.0
#: The play: three hours, and the grace an hour waits for late data.
HOURS, GRACE_S = 3, 300.0
MN, PASSWORD = "88888880000001", "123456"
#: Name at the instrument, tag, unit.
_FURNACE = (
    ("power", "IF-1.power", "kW"),
    ("coolant_flow", "IF-1.coolant_flow", "m3/h"),
    ("coolant_temperature", "IF-1.coolant_temperature", "°C"),
    ("leakage_current", "IF-1.leakage_current", "mA"),
    ("melt_temperature", "IF-1.melt_temperature", "°C"),
)
#: HJ 212 code, name at the instrument, tag, unit.
_STACK = (
    ("a34013", "pm", "DA001.pm", "mg/m3"),
    ("a21026", "so2", "DA001.so2", "mg/m3"),
    ("a21002", "nox", "DA001.nox", "mg/m3"),
    ("a19001", "o2", "DA001.o2", "%"),
    ("a01012", "temperature", "DA001.temperature", "°C"),
    ("a01014", "moisture", "DA001.moisture", "%"),
)
#: A machine that does much else starts the instruments and their gateways slowly.
_START_TIMEOUT_S = 300.0
#: Library a protocol of the play needs.
_NEEDS = {"opcua": "asyncua", "mqtt": "amqtt"}


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that happened in the play: when (in the plant's time), and what."""

    at: int
    kind: str
    what: Text


@dataclass(slots=True)
class Play:
    """How the play went.

    Parameters
    ----------
    scenes : list of Scene
    readings : int
        Stored.
    alarms, hours, over, entries, incidents : int
        Alarm events journalled, hours judged, hours over a limit, ledger entries made, incidents drafted.
    without : list of str
        Protocols that could not play along: the extra `play` is not installed.
    """

    scenes: list[Scene] = field(default_factory=list)
    readings: int = 0
    alarms: int = 0
    hours: int = 0
    over: int = 0
    entries: int = 0
    incidents: int = 0
    without: list[str] = field(default_factory=list)


class _Clock:
    """The plant's time: it stands until the instruments are connected, then runs fast."""

    def __init__(self, begin: int, speed: float) -> None:
        self.begin, self._speed, self._started = begin, speed, 0.0

    def start(self) -> None:
        """Let it run."""
        self._started = self._started or time.monotonic()

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._started > 0.0

    def now(self) -> int:
        """Return the plant's time, microseconds UTC."""
        gone = time.monotonic() - self._started if self._started else 0.0
        return self.begin + round(gone * self._speed * SECOND_US)

    def minute(self) -> int:
        """Return the last full minute of the plant's time."""
        return self.now() // MINUTE_US * MINUTE_US


def play_plant(
    plant: PlantFolder,
    *,
    language: Language = "en",
    speed: float = SPEED,
    tell: Callable[[Scene], None] = lambda _scene: None,
    progress: Callable[[float], None] = lambda _share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Play:
    """Play three hours of the made-up plant: the cupola's filter bags tear, and a furnace's cooling water dwindles.

    A data logger reports the stack by HJ 212; with the extra `play` a furnace is asked by OPC UA and a press publishes
    by Sparkplug B; the collector stores, alarms ring, hours are judged, the ledger is kept.

    Parameters
    ----------
    plant : PlantFolder
        Of the made-up plant; its `instruments.toml` is written anew.
    language : Language
        Of the incidents' evaluation.
    speed : float
        Seconds of the plant in a second.
    tell : callable
        Is given each scene as it happens.
    progress : callable
        Told the share done.
    should_stop : callable
        Asked several times a second.

    Raises
    ------
    PlantError
        If the plant is a real one, or an instrument does not connect within five minutes.
    """
    if not plant.settings.synthetic:
        raise PlantError(
            text("this plant is real: made-up readings are never mixed into it"),
            where=str(plant.path),
            repair=text("make a synthetic one with `forgecast demo`"),
        )
    begin = (time.time_ns() // 1000) // HOUR_US * HOUR_US - HOURS * HOUR_US
    clock, script = _Clock(begin, speed), script_of(begin)
    play = Play()
    _prepare(plant)
    end = begin + HOURS * HOUR_US + round(2.0 * GRACE_S * SECOND_US)
    with _instruments(plant, clock, script, play), SignalWatch(plant, now=clock.now, grace_s=GRACE_S / 5.0) as alarms:
        hours = LiveHours(plant, now_us=begin + HOUR_US, grace_s=GRACE_S)
        director = _Director(clock, alarms, hours, play, tell)
        waited = time.monotonic()

        def watch(status: CollectingStatus) -> None:
            play.readings = sum(int(str(one.get("rows", 0))) for one in status.gateways)
            connected = all(bool(one.get("connected")) for one in status.gateways)
            if not clock.running and status.running and connected:
                clock.start()
            elif not clock.running and time.monotonic() - waited > _START_TIMEOUT_S:
                raise PlantError(
                    text("an instrument of the play does not connect"),
                    where=str(plant.path / "instruments.toml"),
                    repair=text("see `forgecast signals status {folder}`", folder=str(plant.path)),
                )
            director.look()
            progress(min((clock.now() - begin) / (end - begin), 1.0))

        collect_signals(
            plant,
            listeners=[alarms.take, hours.stored],
            should_stop=lambda: should_stop() or clock.now() >= end,
            watch=watch,
            by="play",
        )
        director.look()
        alarms.flush()
    play.incidents = record_incidents(plant, drafts_of(plant), language, by="play")
    return play


class _Director:
    """Looks at the clock: lets alarms and hours go on, and tells what is new."""

    def __init__(
        self, clock: _Clock, alarms: SignalWatch, hours: LiveHours, play: Play, tell: Callable[[Scene], None]
    ) -> None:
        self._clock, self._alarms, self._hours, self._play, self._tell = clock, alarms, hours, play, tell
        self._told: set[tuple[int, Text]] = set()
        self._words: dict[tuple[str, str, int], Word] = {}

    def look(self) -> None:
        """Go on to now."""
        if not self._clock.running:
            return
        now = self._clock.now()
        self._alarms.tick(now)
        for number, watching in sorted(self._alarms.standings.items()):
            for at, what in (
                (watching.standing.raised_at, text("alarm {number} is raised", number=number)),
                (watching.standing.returned_at, text("alarm {number} has returned", number=number)),
            ):
                if at is not None and at >= self._clock.begin and (at, what) not in self._told:
                    self._told.add((at, what))
                    self._play.alarms += 1
                    self._add(at, "alarm", what)
        self._judge(self._hours.tick(now), now)

    def _judge(self, answer: LiveAnswer, now: int) -> None:
        for warning in answer.warnings:
            self._add(now, "warning", warning.what)
        for verdict in answer.judged:
            # Late data has an hour judged anew: it is one hour all the same, and what was said last counts.
            self._words[verdict.stack, verdict.pollutant, verdict.hour] = verdict.word
            if verdict.word is Word.NOT_MET:
                self._add(
                    now,
                    "verdict",
                    text(
                        "{stack} {pollutant}: {why}",
                        stack=verdict.stack,
                        pollutant=pollutant_text(verdict.pollutant),
                        why=verdict.why,
                    ),
                )
        self._play.hours = len(self._words)
        self._play.over = sum(word is Word.NOT_MET for word in self._words.values())
        for entry in answer.entered.new:
            self._play.entries += 1
            self._add(now, "ledger", text("written into the ledger: {entry}", entry=entry))

    def _add(self, at: int, kind: str, what: Text) -> None:
        scene = Scene(at, kind, what)
        self._play.scenes.append(scene)
        self._tell(scene)


def _prepare(plant: PlantFolder) -> None:
    """Take in the tags and alarms of the play."""
    with TemporaryDirectory() as folder:
        paths = []
        for record in ("tag", "alarm"):
            source = resources.files("forgecast") / "sample" / "master" / f"live_{record}.csv"
            path = Path(folder) / f"{record}.csv"
            path.write_bytes(source.read_bytes())
            paths.append(path)
        import_files(plant, paths)


@contextmanager
def _instruments(plant: PlantFolder, clock: _Clock, script: LiveScript, play: Play) -> Iterator[None]:
    """Run the instruments in a thread of their own, and write where they are into `instruments.toml`."""
    speaks = frozenset(name for name, needs in _NEEDS.items() if importlib.util.find_spec(needs) is not None)
    play.without += sorted(set(_NEEDS) - speaks)
    ports = _free_ports(3)
    loop, up, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    failed: list[BaseException] = []

    async def serve() -> None:
        try:
            async with _speaking(plant.path, clock, script, ports, speaks=speaks):
                up.set()
                await stop.wait()
        except BaseException as error:
            failed.append(error)
            up.set()
            raise

    (plant.path / "instruments.toml").write_text(_toml(ports, speaks=speaks), encoding="utf-8", newline="\n")
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(_quietly(serve())), name="instruments", daemon=True
    )
    thread.start()
    up.wait(_START_TIMEOUT_S)
    if failed:
        raise failed[0]
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(_START_TIMEOUT_S)
        loop.close()


async def _quietly(work: Awaitable[None]) -> None:
    with contextlib.suppress(Exception):  # kept in `failed`, and raised where it is waited for
        await work


@asynccontextmanager
async def _speaking(
    folder: Path, clock: _Clock, script: LiveScript, ports: tuple[int, ...], *, speaks: frozenset[str]
) -> AsyncIterator[None]:
    hj212, opcua, mqtt = ports
    logger = Hj212Emulator(
        lambda t: {code: (stack_shows(script, t)[name][0], "N") for code, name, _, _ in _STACK},
        folder / "cache" / "logger",
        mn=MN,
        password=PASSWORD,
        host="127.0.0.1",
        port=hj212,
        real_s=60,
        minute_s=0,
        hour_s=0,
        clock=clock.now,
    )
    async with contextlib.AsyncExitStack() as stack:
        if "mqtt" in speaks:
            await stack.enter_async_context(EmbeddedBroker(mqtt))
            # Births and messages need the broker's own loop free, so the edge node has a thread.
            press = SparkplugSimulator(
                lambda t: press_shows(script, t), "127.0.0.1", mqtt, group="sample", node="forge", device="FP-1",
                period_s=0.5, clock=clock.now,
            )  # fmt: skip
            await asyncio.to_thread(press.__enter__)
            stack.push_async_callback(asyncio.to_thread, press.__exit__, None, None, None)
        if "opcua" in speaks:
            from forgecast.gateway.opcua.simulator import OpcUaSimulator  # noqa: PLC0415  (an extra)

            # The play is on this machine alone; that it is not encrypted is meant.
            logging.getLogger("asyncua").setLevel(logging.ERROR)
            furnace = OpcUaSimulator(lambda t: furnace_shows(script, t), opcua, period_s=0.25, clock=clock.minute)
            await stack.enter_async_context(furnace)
        tasks = [asyncio.create_task(logger.run()), asyncio.create_task(_log(logger, clock))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            logger.close()


async def _log(logger: Hj212Emulator, clock: _Clock) -> None:
    """Let the data logger sample each minute that has gone by."""
    done = clock.begin + MINUTE_US
    while True:
        now = clock.now() // MINUTE_US * MINUTE_US + 1
        if now > done:
            logger.produce(done, now)
            done = now
        await asyncio.sleep(0.1)


def _toml(ports: tuple[int, ...], *, speaks: frozenset[str]) -> str:
    hj212, opcua, mqtt = ports
    lines = ["# Instruments of the play (synthetic): simulators on this machine.", "# 虚构演示的仪表：本机模拟器。", ""]
    lines += [
        "[[hj212]]",
        'name = "stack"',
        'listen = "127.0.0.1"',
        f"port = {hj212}",
        "",
        "[[hj212.device]]",
        f'mn = "{MN}"',
        "",
    ]
    for code, _, tag, unit in _STACK:
        lines += ["[[hj212.device.channel]]", f'code = "{code}"', f'tag = "{tag}"', f'unit = "{unit}"', ""]
    if "opcua" in speaks:
        lines += [
            "[[opcua]]",
            'name = "furnace"',
            f'url = "opc.tcp://127.0.0.1:{opcua}"',
            'sampling = "0.05 s"',
            'publishing = "0.1 s"',
            "",
        ]
        for name, tag, unit in _FURNACE:
            lines += ["[[opcua.node]]", f'node = "ns=2;s={name}"', f'tag = "{tag}"', f'unit = "{unit}"', ""]
    if "mqtt" in speaks:
        lines += ["[[mqtt]]", 'name = "forge"', 'host = "127.0.0.1"', f"port = {mqtt}", 'version = "3.1.1"', ""]
        lines += ["[[mqtt.sparkplug]]", 'group = "sample"', 'node = "forge"', ""]
        lines += [
            "[[mqtt.sparkplug.metric]]",
            'device = "FP-1"',
            'metric = "peak_force"',
            'tag = "FP-1.peak_force"',
            'unit = "kN"',
            "",
        ]
    return "\n".join(lines)


def _free_ports(count: int) -> tuple[int, ...]:
    """Return ports nobody listens at; they are taken right after."""
    asked = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = tuple(one.getsockname()[1] for one in asked)
    for one in asked:
        one.close()
    return ports


def local_time(at: int, zone: str) -> str:
    """Return a time of the play on the plant's clock."""
    return f"{from_us(at, zone):%H:%M}"
