"""The error of this room."""

from __future__ import annotations

from forgecast.ground.errors import ForgecastError


class ForgingError(ForgecastError):
    """A billet, a tool, a machine or a test is described in a way that cannot be computed."""

    code = "forging"
