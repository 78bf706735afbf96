"""The description of the API (OpenAPI 3.1) without a server."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from forgecast.app.server.build import application, described
from forgecast.app.server.house import House


def description() -> dict[str, Any]:
    """Return what a running server answers at ``/api/v1/openapi.json``; nothing is left behind."""
    with tempfile.TemporaryDirectory() as home, House(Path(home)) as house:
        return described(application(house, pages=False))
