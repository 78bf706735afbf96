"""A small picture of the casting for lists: seen slantwise from above, coloured by solidification time."""

from __future__ import annotations

import io
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"

_WIDTH, _HEIGHT, _OVER = 320, 220, 2
#: Directions to the right, up and towards the eye, as in the slanted view of the browser.
_RIGHT = np.array([0.788, 0.616, 0.0])
_EYE = np.array([0.53, -0.68, 0.51])
_UP = np.cross(_EYE / np.linalg.norm(_EYE), _RIGHT)
_LIGHT: Final = np.array([0.35, -0.5, 0.79])
_PLAIN: Final = np.array([150.0, 155.0, 162.0])


def small_picture(vertices: Floats, faces: NDArray[np.int64], colours: Floats | None) -> bytes:
    """Return a PNG on a transparent ground.

    Parameters
    ----------
    vertices : (n, 3) float64
        [m].
    faces : (m, 3) int64
    colours : (n, 3) float64 or None
        0 to 255 for each vertex; None draws it grey.
    """
    from PIL import Image, ImageDraw  # noqa: PLC0415  (only runs draw)

    eye = _EYE / np.linalg.norm(_EYE)
    flat = np.column_stack((vertices @ _RIGHT, -(vertices @ _UP)))
    low, high = flat.min(axis=0), flat.max(axis=0)
    size = np.array([_WIDTH, _HEIGHT]) * _OVER
    scale = float((0.9 * size / np.maximum(high - low, 1e-12)).min())
    drawn = (flat - (low + high) / 2) * scale + size / 2
    corners = vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1), 1e-30)[:, None]
    seen = normals @ eye > 0.0
    order = np.flatnonzero(seen)
    order = order[np.argsort((corners[order].mean(axis=1)) @ eye)]
    shade = 0.45 + 0.55 * np.clip(normals @ (_LIGHT / np.linalg.norm(_LIGHT)), 0.0, 1.0)
    base = np.broadcast_to(_PLAIN, (len(faces), 3)) if colours is None else colours[faces].mean(axis=1)
    inks = np.clip(base * shade[:, None], 0, 255).astype(int)
    image = Image.new("RGBA", (int(size[0]), int(size[1])), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for triangle in order.tolist():
        ink = (*inks[triangle].tolist(), 255)
        pen.polygon([tuple(at) for at in drawn[faces[triangle]].tolist()], fill=ink, outline=ink)
    content = io.BytesIO()
    image.resize((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS).save(content, format="png")
    return content.getvalue()
