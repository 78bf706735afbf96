"""The casting's own surface coloured by solidification time: ``surface.glb`` for any viewer, ``.vtp`` for ParaView."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from forgecast.app.casting.fields import write_surface_fields
from forgecast.app.casting.outcome import Body, Floats, Outcome
from forgecast.app.casting.pictures import time_colours

#: Edges longer than so many cells are halved, or a plain face would have colours at its corners only.
_CELLS: Final = 1.5
#: A surface is never made finer than so many triangles.
_MOST: Final = 400_000
#: Where the metal was still liquid at the end.
_GREY: Final = (150, 150, 150, 255)


def write_surface(outcome: Outcome, folder: Path) -> tuple[Path, ...]:
    """Write the surface of the casting with the time at which the nearest cell of it became solid.

    Returns
    -------
    tuple of Path
        ``surface.glb`` (metres, z up as in the part file; a glb holds no colour bar: the range of its colours stands
        in ``summary.json`` and in its own extras) and ``surface.vtp`` (the times themselves).
    """
    (casting,) = [body for body in outcome.bodies if body.kind == "casting"]
    vertices, faces = _refined(casting, _CELLS * float(min(w.min() for w in outcome.grid.widths)))
    times = times_at(outcome, vertices)
    paths = (folder / "surface.glb", folder / "surface.vtp")
    paths[0].write_bytes(_glb(vertices, faces, times))
    write_surface_fields(paths[1], vertices, faces, {"solidification_time [s]": times})
    return paths


def times_at(outcome: Outcome, points: Floats) -> NDArray[np.float32]:
    """Return the solidification time of the casting's cell nearest to each point; NaN where that is still liquid.

    Parameters
    ----------
    outcome : Outcome
    points : (n, 3) float64
        [m].

    Returns
    -------
    (n,) float32
        [s].
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415

    k, j, i = np.nonzero(outcome.part == 1)
    x, y, z = outcome.grid.centres
    _, nearest = cKDTree(np.column_stack((x[i], y[j], z[k]))).query(points)
    times: NDArray[np.float32] = np.asarray(outcome.time_solidus[k, j, i], dtype=np.float32)[nearest]
    return times


def _refined(body: Body, longest: float) -> tuple[Floats, NDArray[np.int64]]:
    """Halve long edges; where that would make too many triangles, settle for longer edges."""
    from trimesh import remesh  # noqa: PLC0415

    corners = body.vertices[body.faces]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    while len(body.faces) < _MOST:
        count = float((4.0 ** np.maximum(0.0, np.ceil(np.log2(np.maximum(sides, 1e-30) / longest)))).sum())
        if count <= _MOST:
            subdivide: Any = remesh.subdivide_to_size
            vertices, faces = subdivide(body.vertices, body.faces, longest, max_iter=60)
            return vertices, np.asarray(faces, dtype=np.int64)
        longest *= 1.25
    return body.vertices, body.faces


def _glb(vertices: Floats, faces: NDArray[np.int64], times: NDArray[np.float32]) -> bytes:
    import trimesh  # noqa: PLC0415

    known = np.isfinite(times)
    longest = float(times[known].max()) if known.any() else 1.0
    colours: NDArray[Any] = np.empty((len(vertices), 4), dtype=np.uint8)
    colours[:] = _GREY
    colours[known] = np.round(255 * time_colours()(times[known] / longest)).astype(np.uint8)
    mesh = trimesh.Trimesh(vertices, faces, vertex_colors=colours, process=False)
    mesh.metadata["solidification_time_s"] = {"darkest": 0.0, "brightest": longest}
    content = mesh.export(file_type="glb")
    assert isinstance(content, bytes)  # noqa: S101  (a glb is asked for)
    return content
