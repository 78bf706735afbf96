"""The genealogy of a plant folder, kept beside its records until these change."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import zipfile
import zlib
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import unpacked
from forgecast.plant.lineage import KINDS, Assumptions, Lineage, Links, Moves
from forgecast.plant.lineage_build import lineage
from forgecast.plant.lineage_names import COLUMNS
from forgecast.store.plant_folder import PlantFolder

#: Raised whenever a genealogy is built otherwise from the same records.
_FORM = 1
_FOLDER = "cache"
#: A plant of fewer rows is read anew faster than anybody notices.
WORTH_KEEPING = 20_000


def lineage_of_plant(plant: PlantFolder, assumptions: Assumptions | None = None) -> Lineage:
    """Return the genealogy of a plant.

    A large one is kept in the folder `cache` of the plant, under a name made of the head of the audit trail (which
    changes with every row) and the assumptions; it is built anew when one of these has changed. The folder may be
    deleted at any time.

    Parameters
    ----------
    plant : PlantFolder
    assumptions : Assumptions, optional
    """
    taken = assumptions if assumptions is not None else Assumptions()
    if sum(plant.records.count(name) for name in COLUMNS) < WORTH_KEEPING:
        return _read(plant, taken)
    key = _key(plant, taken)
    place = plant.path / _FOLDER / f"lineage-{key}.npz"
    if place.is_file():
        # A file that was cut short by a crash is no loss: it is made again.
        with contextlib.suppress(
            OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, pa.ArrowInvalid
        ):
            return _loaded(place, taken)
    made = _read(plant, taken)
    # If somebody wrote meanwhile, nobody knows of which state this is.
    if _key(plant, taken) == key:
        _keep(place, made)
    return made


def _read(plant: PlantFolder, assumptions: Assumptions) -> Lineage:
    columns = {name: plant.records.columns(name, named) for name, named in COLUMNS.items()}
    return lineage(columns, assumptions)


def _key(plant: PlantFolder, assumptions: Assumptions) -> str:
    head = plant.audit_head()
    told = json.dumps([_FORM, asdict(assumptions), head.link, head.hash], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _keep(place: Path, made: Lineage) -> None:
    arrays: dict[str, Any] = {}
    for one in fields(made):
        value = getattr(made, one.name)
        if isinstance(value, np.ndarray):
            arrays[one.name] = value
        elif isinstance(value, Links | Moves):
            arrays |= {f"{one.name}.{part.name}": getattr(value, part.name) for part in fields(value)}
    for kind, names in made.names.items():
        arrays[f"names.{kind}"] = _packed(names)
    arrays["findings"] = np.frombuffer(
        json.dumps([_finding_packed(one) for one in made.findings], ensure_ascii=False).encode(), dtype=np.uint8
    )
    # What cannot be kept (a full disk, a folder that may only be read) is made again next time.
    with contextlib.suppress(OSError):
        place.parent.mkdir(exist_ok=True)
        for old in place.parent.glob("lineage-*.npz"):
            old.unlink()
        building = place.with_name(f".{place.name}.{os.getpid()}")
        with building.open("wb") as file:
            np.savez(file, **arrays)
        building.replace(place)


def _loaded(place: Path, assumptions: Assumptions) -> Lineage:
    with place.open("rb") as file, np.load(file, allow_pickle=False) as held:
        parts: dict[str, Any] = {}
        for one in fields(Lineage):
            if one.name in held.files:
                parts[one.name] = held[one.name]
        for name, kind in (("links", Links), ("moves", Moves), ("loads", Moves)):
            parts[name] = kind(**{part.name: held[f"{name}.{part.name}"] for part in fields(kind)})
        parts["names"] = {kind: _unpacked(held[f"names.{kind}"]) for kind in KINDS}
        found = json.loads(held["findings"].tobytes().decode())
    parts["findings"] = tuple(_finding_unpacked(one) for one in found)
    return replace(Lineage(**parts), assumptions=assumptions)


def _packed(names: pa.StringArray) -> np.ndarray[Any, np.dtype[np.uint8]]:
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([names], names=["name"])
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return np.frombuffer(sink.getvalue(), dtype=np.uint8)


def _unpacked(packed: np.ndarray[Any, np.dtype[np.uint8]]) -> pa.StringArray:
    with pa.ipc.open_stream(pa.py_buffer(packed.tobytes())) as reader:
        table = reader.read_all()
    chunks = table.column("name").chunks
    return chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks) if chunks else pa.array([], type=pa.string())


def _finding_packed(one: Finding) -> dict[str, Any]:
    return {
        "code": one.code,
        "severity": str(one.severity),
        "file": one.place.file,
        "value": one.value,
        "reason": one.reason.packed(),
        "repair": one.repair.packed(),
        "count": one.count,
    }


def _finding_unpacked(one: dict[str, Any]) -> Finding:
    return Finding(
        one["code"],
        Severity(one["severity"]),
        Place(one["file"]),
        one["value"],
        unpacked(one["reason"]),
        unpacked(one["repair"]),
        one["count"],
    )
