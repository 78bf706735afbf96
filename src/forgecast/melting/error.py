"""The error of this room."""

from __future__ import annotations

from forgecast.ground.errors import ForgecastError


class MeltingError(ForgecastError):
    """A charge, an addition, a cooling curve or a balance is described in a way that cannot be computed."""

    code = "melting"
