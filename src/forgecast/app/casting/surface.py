"""The casting's own surface coloured by solidification time: ``surface.glb`` for any viewer, ``.vtp`` for ParaView."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from forgecast.app.casting.fields import write_surface_fields
from forgecast.app.casting.outcome import Body, Floats, Outcome
from forgecast.app.casting.pictures import time_colours, time_range

#: Edges longer than so many cells are halved, or a plain face would have colours at its corners only.
_CELLS: Final = 1.5
#: A surface is never made finer than so many triangles.
_MOST: Final = 400_000
#: Where the metal was still liquid at the end.
_GREY: Final = (150, 150, 150, 255)


def write_surface(outcome: Outcome, folder: Path) -> tuple[Path, ...]:
    """Write the surface of the casting with the times at which it became solid.

    Returns
    -------
    tuple of Path
        ``surface.glb`` and ``surface.vtp``, which holds the times themselves. Vertices are those of the part file in
        metres. A glb holds no colour bar: the times of its darkest and brightest colour stand in its extras.
    """
    (casting,) = [body for body in outcome.bodies if body.kind == "casting"]
    vertices, faces = _refined(casting, _CELLS * float(min(w.min() for w in outcome.grid.widths)))
    times = times_at(outcome, vertices)
    paths = (folder / "surface.glb", folder / "surface.vtp")
    paths[0].write_bytes(_glb(vertices, faces, times, time_range(outcome)))
    write_surface_fields(paths[1], vertices, faces, {"solidification_time [s]": times})
    return paths


def times_at(outcome: Outcome, points: Floats) -> NDArray[np.float32]:
    """Return the solidification time at each point from the casting's nearest cells; NaN where those are still liquid.

    The cells of a skin are steps, some deeper than others, so that one alone would speckle the surface: the times of
    the eight nearest are averaged, each weighted by the inverse square of its distance.

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
    times = outcome.time_solidus[k, j, i].astype(np.float64)
    far, near = cKDTree(np.column_stack((x[i], y[j], z[k]))).query(points, k=min(8, len(times)))
    far, near = far.reshape(len(points), -1), near.reshape(len(points), -1)
    found, weight = times[near], 1.0 / np.maximum(far, 1e-12) ** 2
    weight[np.isnan(found)] = 0.0
    mean = np.sum(weight * np.nan_to_num(found), axis=1) / np.maximum(weight.sum(axis=1), 1e-300)
    return np.where(np.isnan(found[:, 0]), np.nan, mean).astype(np.float32)


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


def _glb(vertices: Floats, faces: NDArray[np.int64], times: NDArray[np.float32], between: tuple[float, float]) -> bytes:
    import trimesh  # noqa: PLC0415

    known = np.isfinite(times)
    first, last = between
    colours: NDArray[Any] = np.empty((len(vertices), 4), dtype=np.uint8)
    colours[:] = _GREY
    colours[known] = np.round(255 * time_colours()((times[known] - first) / (last - first))).astype(np.uint8)
    mesh = trimesh.Trimesh(vertices, faces, vertex_colors=colours, process=False)
    mesh.metadata["solidification_time_s"] = {"darkest": first, "brightest": last}
    # In glTF +y is up, so the node is turned; its vertices are not.
    scene = trimesh.Scene()
    scene.add_geometry(mesh, transform=np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], dtype=float))
    export: Any = scene.export
    content = export(file_type="glb")
    assert isinstance(content, bytes)  # noqa: S101  (a glb is asked for)
    return content
