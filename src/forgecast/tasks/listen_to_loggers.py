"""Listen to data loggers of HJ 212 and show what they say: into a plant, or without answering anybody."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from forgecast.gateway.feed import Feed
from forgecast.gateway.hj212.decoder import Seen
from forgecast.gateway.hj212.mapping import Hj212Map
from forgecast.gateway.hj212.server import Hj212Metrics, Hj212Server
from forgecast.gateway.instruments import Hj212Settings, read_instruments
from forgecast.ground.dates import CHINA
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding
from forgecast.ground.texts import text
from forgecast.signals.batch import Batch, Sink
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.gateway_process import hj212_map

Watch = Callable[[str, Seen], None]


class _Nobody:
    """Takes nothing: without a plant no device is known, so nothing comes as far as this."""

    def last(self, source: str) -> int:
        del source
        return 0

    def take(self, batch: Batch) -> bool:
        del batch
        return False


def listen_to_loggers(
    *,
    host: str,
    port: int,
    watch: Watch,
    ready: Callable[[int], None],
    for_s: float | None = None,
    plant: Path | None = None,
) -> tuple[Hj212Metrics, tuple[Finding, ...]]:
    """Listen until stopped.

    Parameters
    ----------
    host, port : str, int
    watch : callable (peer, Seen)
        Told everything that comes.
    ready : callable (port)
        Told when it listens.
    for_s : float or None
        How long; None until interrupted.
    plant : Path or None
        A plant folder whose ``instruments.toml`` names the devices: what they report is stored, and then answered.
        Without one nothing is stored, so nothing is answered, and devices keep their data.

    Raises
    ------
    ForgecastError
        If the port is taken, or the plant names no HJ 212 device.
    """
    if plant is None:
        return asyncio.run(
            _listened(
                Hj212Map(CHINA, ()), _Nobody(), "hj212", host=host, port=port, watch=watch, ready=ready, for_s=for_s
            )
        )
    found = [one for one in read_instruments(plant).gateways if isinstance(one, Hj212Settings)]
    if not found:
        raise ForgecastError(
            text("instruments.toml names no HJ 212 device"),
            where=str(plant),
            repair=text("add a table [[hj212]] with the devices and their codes"),
        )
    with PlantFolder.open(plant) as opened:
        units = {str(row.values["id"]): str(row.values["unit"] or "") for row in opened.records.read("tag")}
        with opened.live() as sink:
            feed = Feed(found[0].name, sink, lambda _: None, units)
            mapping = hj212_map(found[0], opened.settings.zone, feed)
            return asyncio.run(
                _listened(mapping, sink, found[0].name, host=host, port=port, watch=watch, ready=ready, for_s=for_s)
            )


async def _listened(
    mapping: Hj212Map,
    sink: Sink,
    source: str,
    *,
    host: str,
    port: int,
    watch: Watch,
    ready: Callable[[int], None],
    for_s: float | None,
) -> tuple[Hj212Metrics, tuple[Finding, ...]]:
    server = Hj212Server(mapping, sink, host=host, port=port, source=source, watch=watch)
    try:
        await server.start()
    except OSError as error:
        raise ForgecastError(
            text("cannot listen at {host}:{port}: {why}", host=host, port=port, why=str(error.strerror or error)),
            where=f"{host}:{port}",
            repair=text("give an address of this machine, and a port that is free"),
        ) from None
    ready(server.port)
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(for_s):
                await asyncio.Event().wait()
    finally:
        metrics = server.metrics()
        await server.stop()
    return metrics, server.findings()
