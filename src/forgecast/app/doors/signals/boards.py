"""The live boards of this process, one for each plant: whoever asks shares the same look."""

from __future__ import annotations

import threading

from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.live_board import LiveBoard

_BOARDS: dict[str, LiveBoard] = {}
_MAKING = threading.Lock()


def board_of(plant: PlantFolder) -> LiveBoard:
    """Return the board of an open plant; a plant that was opened anew gets a new one."""
    key = str(plant.path)
    with _MAKING:
        found = _BOARDS.get(key)
        if found is None or found.plant is not plant:
            found = _BOARDS[key] = LiveBoard(plant)
        return found
