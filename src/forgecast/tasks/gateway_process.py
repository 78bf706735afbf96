"""The process of one gateway: it speaks with instruments, and with the collector over a pipe."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import signal
import threading
import traceback
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

from forgecast.gateway.drop.settings import DropSettings
from forgecast.gateway.drop.watch import Taken, run_drop
from forgecast.gateway.feed import Feed, FeedState, now_us
from forgecast.gateway.hj212.mapping import Hj212Map
from forgecast.gateway.hj212.server import Hj212Server
from forgecast.gateway.instruments import Gateway, Hj212Settings
from forgecast.gateway.modbus.settings import ModbusSettings
from forgecast.gateway.mqtt.forward import ForwardSettings, run_receiver
from forgecast.gateway.mqtt.settings import MqttSettings
from forgecast.gateway.opcua.settings import OpcUaSettings
from forgecast.ground.errors import ForgecastError, PlantError
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Text, text
from forgecast.signals.batch import Batch, NotStoredError

#: How often a gateway says that it lives [s].
BEAT_S = 0.5
#: How long a gateway that is asked to stop may still write [s].
SETTLE_S = 10.0


@dataclass(frozen=True, slots=True)
class GatewayJob:
    """What a gateway process is to do.

    Parameters
    ----------
    settings : Gateway
    source : str
        Name under which its batches are numbered.
    units : mapping of str to str or None
        Unit by tag; None where nothing is known of tags.
    zone : str
        Time zone of the plant.
    plant : Path or None
        Plant folder, for files that are dropped.
    """

    settings: Gateway
    source: str
    units: Mapping[str, str] | None
    zone: str
    plant: Path | None


class PipeSink:
    """The collector's sink, reached over a pipe: `take` returns when the collector has made the batch durable."""

    def __init__(self, talk: Connection) -> None:
        self._talk = talk
        self._asking, self._sending = threading.Lock(), threading.Lock()

    def send(self, kind: str, content: object) -> None:
        """Say something that has no answer."""
        with self._sending, contextlib.suppress(OSError):
            self._talk.send((kind, content))

    def last(self, source: str) -> int:
        """Return the highest number taken from a source (`forgecast.signals.batch.Sink`)."""
        return int(cast("int", self._ask("last", source)))

    def take(self, batch: Batch) -> bool:
        """Make a batch durable (`forgecast.signals.batch.Sink`)."""
        return bool(self._ask("take", batch))

    def _ask(self, kind: str, content: object) -> object:
        with self._asking:
            with self._sending:
                self._talk.send((kind, content))
            how, answer = self._talk.recv()
        if how == "answer":
            return answer
        what, where, repair = answer
        raise (NotStoredError if how == "not-stored" else ForgecastError)(what, where=where, repair=repair)


def gateway_process(job: GatewayJob, talk: Connection, orders: Connection) -> None:
    """Run a gateway until it is ordered to stop, or the collector is gone.

    Parameters
    ----------
    job : GatewayJob
    talk : Connection
        Batches, findings and beats to the collector, and its answers.
    orders : Connection
        Anything that comes here, its end included, means: stop.
    """
    # Ctrl-C reaches every process of a terminal; only the collector answers it, and orders the others to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable(logging.CRITICAL)  # what libraries would say is told as findings
    sink = PipeSink(talk)
    try:
        asyncio.run(_run(job, sink, orders))
    except ForgecastError as error:
        sink.send("failed", (error.what, error.where, error.repair))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the collector is gone; what it has not answered was not acknowledged to the instrument either
    except Exception:  # noqa: BLE001  (a defect of one gateway is told, and the collector starts it again)
        sink.send("crashed", traceback.format_exc())


async def _run(job: GatewayJob, sink: PipeSink, orders: Connection) -> None:
    stop = asyncio.Event()
    threading.Thread(target=_hear, args=(orders, asyncio.get_running_loop(), stop), daemon=True).start()
    # A broker sends few messages before it waits for answers, so its batches gather only shortly.
    linger_s = 0.01 if isinstance(job.settings, MqttSettings) else 0.1
    feed = Feed(job.source, sink, lambda one: sink.send("told", one), job.units, linger_s=linger_s)
    beating = asyncio.create_task(_beat(feed.state, sink))
    writing = asyncio.create_task(feed.run())
    working = asyncio.create_task(_work(job, feed, sink, stop))
    try:
        done, _ = await asyncio.wait({writing, working}, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()
        await feed.settled(SETTLE_S)
    finally:
        for task in (working, writing, beating):
            task.cancel()
        await asyncio.gather(working, writing, beating, return_exceptions=True)
        sink.send("beat", dataclasses.asdict(feed.state))


def _hear(orders: Connection, loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    with contextlib.suppress(EOFError, OSError):
        orders.recv()
    with contextlib.suppress(RuntimeError):  # the loop has ended by itself
        loop.call_soon_threadsafe(stop.set)


async def _beat(state: FeedState, sink: PipeSink) -> None:
    while True:
        sink.send("beat", dataclasses.asdict(state))
        await asyncio.sleep(BEAT_S)


def _work(job: GatewayJob, feed: Feed, sink: PipeSink, stop: asyncio.Event) -> Coroutine[Any, Any, None]:
    settings = job.settings
    if isinstance(settings, OpcUaSettings):
        return _opcua()(settings, feed, stop)
    if isinstance(settings, MqttSettings):
        from forgecast.gateway.mqtt.client import run_mqtt  # noqa: PLC0415  (a gateway loads what it needs)

        return run_mqtt(settings, feed, stop)
    if isinstance(settings, ModbusSettings):
        from forgecast.gateway.modbus.client import run_modbus  # noqa: PLC0415

        return run_modbus(settings, feed, stop)
    if isinstance(settings, ForwardSettings):
        return run_receiver(settings, sink, feed.state, feed.tell, stop)
    if isinstance(settings, DropSettings):
        plant = job.plant
        assert plant is not None  # noqa: S101  (asked before any process is started)

        async def take(path: Path) -> Taken | None:
            return await asyncio.to_thread(take_dropped, plant, path, settings.map, settings.name)

        return run_drop(settings, take, feed.state, feed.tell, stop)
    return _run_hj212(settings, job, feed, sink, stop)


def _opcua() -> Callable[[OpcUaSettings, Feed, asyncio.Event], Coroutine[Any, Any, None]]:
    try:
        from forgecast.gateway.opcua.client import run_opcua  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError as error:
        raise ForgecastError(
            text("OPC UA needs a library that is not installed: {name}", name=str(error.name)),
            where="opcua",
            repair=text("install it with `pip install 'forgecast[opcua]'`"),
        ) from None
    return run_opcua


def take_dropped(plant: Path, path: Path, map_path: Path | None, by: str) -> Taken | None:
    """Take a dropped file into a plant; None where the plant is busy and it is to be tried again.

    Parameters
    ----------
    plant : Path
        Plant folder.
    path : Path
    map_path : Path or None
    by : str
        Gateway that answers for it.
    """
    # Only a folder of files needs the records; the other gateways start faster without them.
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.import_files import import_files  # noqa: PLC0415

    try:
        with PlantFolder.open(plant) as opened:
            (report,) = import_files(opened, [path], map_path=map_path, by=by).files
    except PlantError:
        return None
    except ForgecastError as error:
        return Taken(accepted=False, notes=(error.what, error.repair, *(f.reason for f in error.findings)))
    return Taken(
        accepted=True,
        rows=sum(fed.new + fed.changed for fed in report.fed),
        notes=tuple(_noted(f) for f in report.findings),
    )


def _noted(one: Finding) -> Text:
    return text("{place}: {reason} → {repair}", place=str(one.place), reason=one.reason, repair=one.repair)


async def _run_hj212(settings: Hj212Settings, job: GatewayJob, feed: Feed, sink: PipeSink, stop: asyncio.Event) -> None:
    server = Hj212Server(
        hj212_map(settings, job.zone, feed), sink, host=settings.listen, port=settings.port, source=job.source,
        expected_s=dict(settings.expected_s),
    )  # fmt: skip
    counted: dict[tuple[str, str], int] = {}
    try:
        await server.start()
    except OSError as error:
        raise ForgecastError(
            text("cannot listen at {host}:{port}: {why}", host=settings.listen, port=settings.port,
                 why=str(error.strerror or error)),
            where=settings.at,
            repair=text("give an address of this machine at `listen`, and a port that is free"),
        ) from None  # fmt: skip
    try:
        while not stop.is_set():
            _account(server, feed, counted)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), BEAT_S)
    finally:
        await server.stop()
        _account(server, feed, counted)


def _account(server: Hj212Server, feed: Feed, counted: dict[tuple[str, str], int]) -> None:
    """Bring the server's own account into the state that the status page shows."""
    metrics, state = server.metrics(), feed.state
    state.connected = metrics.connections > 0
    state.batches, state.rows, state.waiting = metrics.stored, metrics.readings, metrics.waiting
    if metrics.lag_s is not None:
        state.last_us = now_us() - int(1e6 * metrics.lag_s)
    for one in server.findings():
        key = (one.code, str(one.place))
        new = one.count - counted.get(key, 0)
        if new > 0:
            counted[key] = one.count
            feed.tell(dataclasses.replace(one, count=new))


def hj212_map(settings: Hj212Settings, zone: str, feed: Feed) -> Hj212Map:
    """Return the map of an HJ 212 server in the units of the tags, with the passwords of the environment.

    Raises
    ------
    ForgecastError
        If an environment variable that should hold a password is not set.
    """
    devices, points = [], iter(settings.units)
    for device, name in zip(settings.devices, settings.password_env, strict=True):
        channels = []
        for channel in device.channels:
            scale = feed.units.scale(channel.tag, next(points).unit)
            if scale is not None:
                factor, offset = scale
                channels.append(
                    dataclasses.replace(
                        channel, factor=channel.factor * factor, offset=channel.offset * factor + offset
                    )
                )  # fmt: skip
        password = os.environ.get(name, "") if name else ""
        if name and not password:
            raise ForgecastError(
                text("the environment variable {name} is not set", name=name),
                where=settings.at,
                repair=text("set it to the password of {mn}, or take `password_env` out", mn=device.mn),
            )
        devices.append(dataclasses.replace(device, channels=tuple(channels), password=password))
    return Hj212Map(zone, tuple(devices))
