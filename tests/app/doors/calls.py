"""How tests ask a door by itself: no server, no worker, the answer checked against its own form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from forgecast.app.doors.asking import as_bytes
from forgecast.app.doors.door import Call, Door, Kept, Question, Way
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.server.rights import Right


class Asking:
    """Asks doors of one plant; figures are kept in a folder, as the server keeps them.

    Parameters
    ----------
    plant : PlantFolder
    folder : Path
        For kept figures, and for the files of runs.
    """

    def __init__(self, plant: PlantFolder, folder: Path) -> None:
        self.plant = plant
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        self.fresh = True
        self.rights: frozenset[Right] = frozenset(Right)

    def __call__(self, door: Door[Any], **fields: object) -> Any:
        """Return a door's answer as it would go over the network."""
        question = door.asks(**fields)
        content = as_bytes(door.run(self._call(door), question))
        answer = json.loads(content)
        door.answers.model_validate(answer)
        if door.way is Way.FIGURE:
            self._place(door, question).write_bytes(content)
        return answer

    def _call(self, door: Door[Any]) -> Call:
        return Call(
            plant=self.plant,
            by="A. Tester",
            language="en",
            progress=lambda _share, _said=None: None,
            folder=self.files if door.way is Way.RUN else None,
            upload=lambda name: self.folder / name,
            rights=self.rights,
            kept=self._kept,
        )

    def _kept(self, door: Door[Any], question: Question, /) -> Kept | None:
        place = self._place(door, question)
        return Kept(place, place.stat().st_mtime_ns // 1_000, self.fresh) if place.is_file() else None

    def _place(self, door: Door[Any], question: Question) -> Path:
        return self.folder / f"{door.name}-{abs(hash(question.model_dump_json()))}.json"
