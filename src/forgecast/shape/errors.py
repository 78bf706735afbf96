"""The error of this room."""

from __future__ import annotations

from forgecast.ground.errors import ForgecastError


class ShapeError(ForgecastError):
    """A solid, its file or the grid asked for it cannot be used as it is."""

    code = "shape"
