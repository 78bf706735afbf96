"""Collect readings from everything that is connected to a plant: one supervised process for each gateway."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from forgecast.gateway.drop.settings import DropSettings
from forgecast.gateway.feed import now_us
from forgecast.gateway.instruments import Instruments
from forgecast.ground.errors import ForgecastError, PlantError
from forgecast.ground.texts import text
from forgecast.signals.batch import Batch, Sink
from forgecast.store.live.sink import Live
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.check_instruments import check_instruments
from forgecast.tasks.gateway_process import GatewayJob
from forgecast.tasks.supervise import Supervised, Told

#: File of a plant folder (or of a gateway box) that says how collecting goes.
STATUS = "collecting.json"
#: A status older than this is of a collector that has gone [s].
STALE_S = 15.0
_LOOK_S = 0.2
_WRITE_S = 1.0

#: Is given each batch after it is durable: alarms, live verdicts.
Listener = Callable[[Batch], None]


@dataclass(frozen=True, slots=True)
class CollectingStatus:
    """How collecting goes, as the status file says it.

    Parameters
    ----------
    written_us : int
        When the file was written, microseconds UTC.
    running : bool
        Whether the collector was alive then.
    gateways : tuple of mapping
        By gateway: name, kind, running, connected, batches, rows, waiting, last_us, stored_us, reconnects, restarts,
        findings, slow_s.
    findings : tuple of mapping
        Of each kind and place one, with how often and when last.
    trouble : str
        Why sealing or forwarding does not work now; empty where it does.
    """

    written_us: int
    running: bool
    gateways: tuple[Mapping[str, object], ...]
    findings: tuple[Mapping[str, object], ...]
    trouble: str

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer, and what the status file holds."""
        return {
            "ok": True,
            "written_us": self.written_us,
            "running": self.running,
            "gateways": list(self.gateways),
            "findings": list(self.findings),
            "trouble": self.trouble,
        }


def collect_signals(
    plant: PlantFolder,
    *,
    listeners: Sequence[Listener] = (),
    should_stop: Callable[[], bool] = lambda: False,
    watch: Callable[[CollectingStatus], None] = lambda _status: None,
    by: str = "",
) -> CollectingStatus:
    """Collect until asked to stop; then what was acknowledged is durable and sealed.

    Each gateway runs in a process of its own: if one fails it is started again with growing pauses, and the others go
    on. Batches are made durable here before their instrument is answered.

    Parameters
    ----------
    plant : PlantFolder
    listeners : sequence of callable
        Each is given every batch once it is durable, in the order of storing, in a thread of their own. What one
        raises is told as a finding and stops nothing; where they fall behind, batches are left out, which is told (the
        store has them).
    should_stop : callable
        Asked several times a second.
    watch : callable
        Is shown the status about once a second.
    by : str
        Who answers for what is sealed.

    Returns
    -------
    CollectingStatus
        At the end.

    Raises
    ------
    CaseError
        If `instruments.toml` is missing or wrong.
    PlantError
        If another collector runs, or the last seal was refused (the readings then wait in the log).
    """
    checked = check_instruments(plant)
    if not checked.instruments.gateways:
        raise ForgecastError(
            text("nothing is connected: instruments.toml names no gateway"),
            where=str(checked.instruments.path),
            repair=text("add a table such as [[opcua]], [[mqtt]], [[modbus]], [[hj212]] or [[drop]]"),
        )
    told = Told()
    for one in checked.findings:
        told.tell(one)
    with plant.live(by=by) as live:
        jobs = jobs_of(checked.instruments, checked.units, plant.settings.zone, plant.path)
        status = run_gateways(
            jobs, live, plant.path / STATUS, listeners=listeners, should_stop=should_stop, watch=watch,
            told=told, trouble=lambda: _trouble(live),
        )  # fmt: skip
        live.seal()
    return status


def _trouble(live: Live) -> str:
    return "" if live.trouble is None else str(live.trouble.what)


def jobs_of(
    instruments: Instruments, units: Mapping[str, str] | None, zone: str, plant: Path | None, prefix: str = ""
) -> tuple[GatewayJob, ...]:
    """Return what each gateway process is to do.

    Parameters
    ----------
    instruments : Instruments
    units : mapping of str to str or None
        Unit by tag; None on a box that only forwards.
    zone : str
    plant : Path or None
    prefix : str
        Stands before the names of sources: that of the box.

    Raises
    ------
    ForgecastError
        If a box is to take files: only a plant can.
    """
    for one in instruments.gateways:
        if isinstance(one, DropSettings) and plant is None:
            raise ForgecastError(
                text("a gateway box cannot take files"),
                where=one.at,
                repair=text("drop them at the plant, or send their readings by MQTT"),
            )
    return tuple(GatewayJob(one, prefix + one.name, units, zone, plant) for one in instruments.gateways)


def run_gateways(
    jobs: Sequence[GatewayJob],
    sink: Sink,
    status_path: Path,
    *,
    listeners: Sequence[Listener] = (),
    should_stop: Callable[[], bool] = lambda: False,
    watch: Callable[[CollectingStatus], None] = lambda _status: None,
    told: Told | None = None,
    trouble: Callable[[], str] = lambda: "",
    beside: Callable[[], tuple[Mapping[str, object], ...]] = tuple,
) -> CollectingStatus:
    """Run gateways into a sink until asked to stop; parameters as of `collect_signals`.

    Parameters
    ----------
    jobs : sequence of GatewayJob
    sink : Sink
        Threads call it at once, one for each gateway.
    status_path : Path
        Written about once a second.
    told : Told
        Where findings go, with those known before.
    trouble : callable
        Returns why something else does not work now.
    beside : callable
        Returns what the status shows beside the gateways: the line to the plant.

    Raises
    ------
    PlantError
        If another collector runs.
    """
    _refuse_second(status_path)
    told = Told() if told is None else told
    with Supervised(jobs, sink, told, listeners) as gateways:
        written = -_WRITE_S
        while not should_stop():
            gateways.look_after()
            if time.monotonic() - written >= _WRITE_S:
                written = time.monotonic()
                watch(_written(status_path, (*gateways.as_json(), *beside()), told, trouble(), running=True))
            time.sleep(_LOOK_S)
        gateways.stop()
    status = _written(status_path, (*gateways.as_json(), *beside()), told, trouble(), running=False)
    watch(status)
    return status


def read_status(folder: Path) -> CollectingStatus:
    """Read how collecting goes, or went last, in a plant folder or on a gateway box.

    Raises
    ------
    ForgecastError
        If nothing was ever collected there.
    """
    try:
        held = json.loads((folder / STATUS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ForgecastError(
            text("nothing has been collected here yet"),
            where=str(folder),
            repair=text("start it with `forgecast signals collect {folder}`", folder=str(folder)),
        ) from None
    fresh = now_us() - int(held["written_us"]) < STALE_S * 1e6
    return CollectingStatus(
        int(held["written_us"]), bool(held["running"]) and fresh, tuple(held["gateways"]), tuple(held["findings"]),
        str(held["trouble"]),
    )  # fmt: skip


def _refuse_second(path: Path) -> None:
    try:
        running = read_status(path.parent).running
    except ForgecastError:
        return
    if running:
        raise PlantError(
            text("readings are being collected here already"),
            where=str(path.parent),
            repair=text("stop the other collector first; after a crash wait {count} s", count=round(STALE_S)),
        )


def _written(
    path: Path, gateways: tuple[Mapping[str, object], ...], told: Told, trouble: str, *, running: bool
) -> CollectingStatus:
    status = CollectingStatus(now_us(), running, gateways, told.as_json(), trouble)
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    # Shown only: a full disk, or a reader that has it open (Windows), stops nothing.
    with contextlib.suppress(OSError):
        beside.write_text(json.dumps(status.as_json(), ensure_ascii=False), encoding="utf-8")
        beside.replace(path)
    return status
