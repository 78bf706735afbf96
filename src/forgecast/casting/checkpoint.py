"""A run kept on disk, so that it can go on where it was stopped."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from forgecast.casting.heat_run import HeatError, HeatRun
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import Layout
from forgecast.ground.texts import text

#: Changes when the kept state means something else.
FORM = 1


def digest(layout: Layout) -> str:
    """Return a hash of all that decides how a layout freezes."""
    found = hashlib.sha256(f"{FORM}".encode())
    for edges in (layout.grid.x, layout.grid.y, layout.grid.z):
        found.update(edges.tobytes())
    for one in layout.media:
        if isinstance(one, Surroundings):
            found.update(np.float64(one.temperature).tobytes())
            continue
        for curve in (one.temperature, one.enthalpy, one.conductivity, one.solid_fraction):
            found.update(b"-" if curve is None else curve.tobytes())
        found.update(repr(one.ignition).encode())
    for cells in (layout.medium, layout.part, layout.filling, layout.skin):
        found.update(b"-" if cells is None else cells.tobytes())
    for pair, contact in sorted(layout.contacts.items()):
        found.update(repr((pair, contact.over, contact.emissivity)).encode())
        found.update(contact.at.tobytes() + contact.coefficient.tobytes())
    found.update(repr((layout.start, sorted(layout.sides.items()))).encode())
    return found.hexdigest()


def save(run: HeatRun, path: Path) -> None:
    """Keep a run; the file is either the old one or the new one, whatever happens."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        np.savez(file, digest=np.array(digest(run.layout)), **run.state())  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def resume(run: HeatRun, path: Path) -> None:
    """Bring a fresh run of the same layout to where the kept one was.

    Raises
    ------
    HeatError
        If the file is damaged or was kept of another layout.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            state = {name: kept[name] for name in kept.files}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise HeatError(
            text("the kept run cannot be read: {error}", error=type(error).__name__),
            where=path.name,
            repair=text("delete the file and start anew"),
        ) from error
    if str(state.pop("digest", "")) != digest(run.layout):
        raise HeatError(
            text("the kept run is of another part, mould, alloy or grid"),
            where=path.name,
            repair=text("give the settings it was begun with, or delete the file and start anew"),
        )
    run.restore(state)
