"""The error of this room: a material is unknown, incomplete or not covered where it is needed."""

from __future__ import annotations

from forgecast.ground.errors import ForgecastError


class MaterialError(ForgecastError):
    """A material is unknown, contradicts itself, or its table does not reach the temperature asked for."""

    code = "material"
