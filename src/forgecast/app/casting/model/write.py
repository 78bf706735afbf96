"""What the browser turns, cuts and colours of a run, and the small picture for lists, written into its folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.app.casting.compose import shown_bodies
from forgecast.app.casting.mesh_buffer import Mark, MeshBody, Quantity, mesh_bytes
from forgecast.app.casting.model.inside import inside_of
from forgecast.app.casting.model.level import level_surface
from forgecast.app.casting.model.moments import kept_moments
from forgecast.app.casting.model.picture import small_picture
from forgecast.app.casting.model.sampling import Sampler
from forgecast.app.casting.model.shell import FINE, QUICK, Shell, shell_of
from forgecast.app.casting.outcome import Body, Outcome
from forgecast.app.casting.pictures import time_colours, time_range
from forgecast.ground.texts import Text, text
from forgecast.shape.grid import Grid
from forgecast.shape.solid import Solid
from forgecast.tasks.mould_layout import Body as MouldBody

Field: TypeAlias = "NDArray[np.floating]"

MODEL: Final = ("model.mesh", "model_fine.mesh", "inside.mesh", "picture.png")
PREVIEW: Final = "preview.mesh"
_ZERO = 273.15
#: Edges longer than so many cells are halved, as long as there are triangles left.
_CELLS: Final = 1.5
#: Of a preview: edges up to this share of its diagonal.
_PLAIN: Final = 1.0
#: Porosity is shown as a body where it is above this share [1].
_POROUS: Final = 0.01


@dataclass(frozen=True, slots=True)
class _Seen:
    """A quantity with its field over cells, in the unit that is shown; steps have a field each."""

    quantity: Quantity
    field: Field
    steps: tuple[Field, ...] = ()


def write_model(outcome: Outcome, folder: Path, moments: Path | None = None) -> list[Path]:
    """Write surfaces with values, the inside for sections, and the small picture.

    Parameters
    ----------
    outcome : Outcome
    folder : Path
        There already.
    moments : Path or None
        Where temperatures were kept during the run (`Moments`).
    """
    seen = _seen(outcome, moments)
    quantities = [one.quantity for one in seen]
    marks = [Mark(spot.number, spot.place, spot.body) for spot in outcome.spots]
    hollows = _hollows(outcome)
    quick = list(_coloured(outcome, seen, QUICK, steps=True))
    fine = _coloured(outcome, [one for one in seen if not one.steps], FINE, steps=False)
    still = [one.quantity for one in seen if not one.steps]
    inside = inside_of(
        outcome.grid,
        outcome.part > 0,
        {one.quantity.key: one.field for one in seen if not one.steps},
        {one.quantity.key: one.quantity for one in seen},
    )
    contents = (
        mesh_bytes([*quick, *hollows], quantities, marks=marks),
        mesh_bytes([*fine, *hollows], still, marks=marks),
        mesh_bytes([], still, inside),
        _picture(quick[0], time_range(outcome)),
    )
    return [_written(folder / name, content) for name, content in zip(MODEL, contents, strict=True)]


def write_preview(casting: Solid, others: Sequence[MouldBody], folder: Path) -> tuple[tuple[Body, ...], list[Path]]:
    """Write a part with its risers and chills as it will be frozen; returns its bodies and the files."""
    bodies = shown_bodies(casting, tuple(others))
    diagonal = float(np.linalg.norm(np.ptp(casting.vertices, axis=0)))
    meshes = [
        _mesh(body, number, shell_of(body.vertices, body.faces, most=QUICK, longest=_PLAIN * diagonal))
        for number, body in enumerate(bodies)
    ]
    picture = small_picture(meshes[0].vertices, np.asarray(meshes[0].faces), None)
    return bodies, [_written(folder / PREVIEW, mesh_bytes(meshes)), _written(folder / MODEL[3], picture)]


def _seen(outcome: Outcome, moments: Path | None) -> list[_Seen]:
    """Return what the run can be coloured by, as far as it is known."""
    first, last = time_range(outcome)
    found = [_Seen(Quantity("solid_after", text("solid after"), "s", first, last, "time"), outcome.time_solidus)]
    temperatures = _temperatures(outcome, moments)
    if temperatures is not None:
        found.append(temperatures)
    for key, title, unit, name, factor, palette, low in (
        ("modulus", text("modulus of the feeding zone"), "mm", "feeding_zone_modulus [m]", 1e3, "time", None),
        ("niyama", text("Niyama value"), "K^0.5 s^0.5/mm", "niyama [K^0.5 s^0.5/m]", 1e-3, "margin", 0.0),
        ("porosity", text("microporosity"), "%", "porosity_share [1]", 1e2, "share", 0.0),
        ("cavity", text("share of a cell left empty"), "%", "cavity_share [1]", 1e2, "share", 0.0),
    ):
        values = outcome.fields.get(name)
        if values is None or not np.isfinite(values[outcome.part > 0]).any():
            continue
        shown = factor * np.asarray(values, dtype=np.float64)
        known = shown[(outcome.part > 0) & np.isfinite(shown)]
        # A few extreme cells would leave all others one colour.
        high = float(np.quantile(known, 0.95)) if palette == "margin" else float(known.max())
        least = float(known.min()) if low is None else low
        quantity = Quantity(key, title, unit, least, high if high > least else least + 1.0, palette)
        found.append(_Seen(quantity, shown))
    return found


def _temperatures(outcome: Outcome, folder: Path | None) -> _Seen | None:
    if folder is None:
        return None
    kept = kept_moments(folder, outcome.part > 0)
    if not kept:
        return None
    fields = tuple((values - _ZERO).astype(np.float32) for _, values in kept)
    low = float(np.nanmin(fields[-1]))
    high = max(float(np.nanmax(one)) for one in fields)
    times = tuple(time for time, _ in kept)
    quantity = Quantity(
        "temperature", text("temperature"), "degC", low, high if high > low else low + 1.0, "heat", times
    )
    return _Seen(quantity, fields[-1], fields)


def _coloured(outcome: Outcome, seen: Sequence[_Seen], most: int, *, steps: bool) -> Iterable[MeshBody]:
    """Yield the bodies, those of metal with values."""
    grid: Grid = outcome.grid
    longest = _CELLS * float(min(widths.min() for widths in grid.widths))
    metal = 0
    for number, body in enumerate(outcome.bodies):
        share = most if body.kind == "casting" else most // 5
        shell = shell_of(body.vertices, body.faces, most=share, longest=longest if body.is_metal else 1e9)
        if not body.is_metal:
            yield _mesh(body, number, shell)
            continue
        metal += 1
        chosen = outcome.part == metal
        if not chosen.any():
            yield _mesh(body, number, shell)
            continue
        sampler = Sampler(grid, chosen, shell.vertices)
        values = {
            one.quantity.key: [sampler.at_points(field) for field in one.steps]
            if one.steps and steps
            else sampler.at_points(one.field)
            for one in seen
        }
        yield _mesh(body, number, shell, values)


def _mesh(body: Body, number: int, shell: Shell, values: Mapping[str, object] | None = None) -> MeshBody:
    key = body.kind if body.kind == "casting" else f"{body.kind}-{number}"
    return MeshBody(key, body.kind, body.name, shell.vertices, shell.faces, values or {})  # type: ignore[arg-type]


def _hollows(outcome: Outcome) -> list[MeshBody]:
    """Return cavities and porous regions as bodies of their own."""
    wanted: list[tuple[str, Text, Field | None, float]] = [
        ("cavities", text("shrinkage cavities"), outcome.void, 0.5),
        ("porous", text("porosity above {share} %", share=round(100 * _POROUS)), outcome.porosity, _POROUS),
    ]
    found = []
    for key, name, values, level in wanted:
        if values is None or not np.isfinite(values).any():
            continue
        most = float(np.nanmax(values))
        if most <= 0.0 or (key == "porous" and most <= level):
            continue
        # A cavity smaller than a cell leaves it half full at most; it is shown all the same.
        vertices, faces = level_surface(outcome.grid, values, min(level, 0.5 * most))
        if len(faces) > QUICK:
            made = shell_of(vertices, faces, most=QUICK, longest=1e9)
            vertices, faces = made.vertices, made.faces
        found.append(MeshBody(key, "cavity" if key == "cavities" else "porous", name, vertices, faces))
    return found


def _picture(casting: MeshBody, between: tuple[float, float]) -> bytes:
    times = np.asarray(casting.values["solid_after"], dtype=np.float64)
    first, last = between
    colours = np.full((len(times), 3), 150.0)
    known = np.isfinite(times)
    colours[known] = 255.0 * time_colours()((times[known] - first) / (last - first))[:, :3]
    return small_picture(np.asarray(casting.vertices), np.asarray(casting.faces), colours)


def _written(path: Path, content: bytes) -> Path:
    aside = path.with_name(f".{path.name}.part")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return aside.replace(path)
