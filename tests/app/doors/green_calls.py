"""Calls of doors for tests of environment, energy and carbon: a plant, a caller, a folder for files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forgecast.app.doors.door import Call, Door
from forgecast.store.plant_folder import PlantFolder


def call_of(plant: PlantFolder, folder: Path | None = None, uploads: Mapping[str, Path] | None = None) -> Call:
    """Return a call by a tester; uploads are found by their names."""
    return Call(plant, "Tester", "en", _silent, folder, lambda name: (uploads or {})[name])


def _silent(_share: float, _said: object = None, /) -> None:
    return


def asked(doors: tuple[Door[Any], ...], name: str, call: Call, /, **question: Any) -> dict[str, Any]:
    """Ask a door by its name; the answer must be JSON and have the fields its form says, no more and no less."""
    (door,) = (one for one in doors if one.name == name)
    answer = dict(door.run(call, door.asks.model_validate(question)))
    door.answers.model_validate(json.loads(json.dumps(answer, allow_nan=False)))
    assert set(answer) <= set(door.answers.model_fields)
    assert {name for name, field in door.answers.model_fields.items() if field.is_required()} <= set(answer)
    return answer
