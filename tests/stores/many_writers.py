"""A process that writes to a plant beside others: run by `test_many_writers.py`, never by pytest.

Its arguments are the plant folder, its own number, how many rows it writes, and how: ``entries`` or ``imports``. Last
it says, as JSON, how many writes of others came between its standing in line and its own, at worst.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from forgecast.store import database, turn
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from forgecast.tasks.record_entry import record_entries

#: Rows of one write: from single entries to small files, always in this order.
SIZES = (1, 250, 7, 100, 40, 500, 2, 350)


def _rows(number: int, low: int, size: int) -> list[dict[str, str | int | float]]:
    # Row 0 is everybody's: each says it again, with the same values.
    made: list[dict[str, str | int | float]] = [{"id": "everybody", "name": "same"}]
    return made + [{"id": f"W{number}-{i}", "name": f"{number}/{i}"} for i in range(low, low + size)]


def _look_when_in_line(plant: PlantFolder, seen: list[int]) -> None:
    """Look at the last link once a place in the line is taken, and not before.

    Where the machine lets this process wait between a look and drawing the ticket, others write who came before it.
    """
    draw, lock = turn._draw, database._lock_server

    def drawn(*args: Any, **more: Any) -> Any:
        made = draw(*args, **more)
        seen[0] = plant.audit_head().link
        return made

    def locked(*args: Any) -> None:
        seen[0] = plant.audit_head().link
        lock(*args)

    turn._draw, database._lock_server = drawn, locked


def main() -> None:
    folder, number, count, how = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    worst, done, write, seen = 0, 0, number, [0]
    with PlantFolder.open(folder) as plant, tempfile.TemporaryDirectory() as place:
        _look_when_in_line(plant, seen)
        while done < count:
            size = min(SIZES[write % len(SIZES)], count - done)
            rows = _rows(number, done, size)
            if how == "entries":
                written = record_entries(plant, "supplier", rows, by=f"writer {number}")
                worst = max(worst, written.head.link - seen[0] - 1)
            else:
                file = Path(place) / f"supplier_{number}_{done}.csv"
                lines = "".join(f"{row['id']},{row['name']}\n" for row in rows)
                file.write_text("id,name\n" + lines, encoding="utf-8")
                import_files(plant, [file], by=f"writer {number}")
            done += size
            write += 1
    sys.stdout.write(json.dumps({"worst": worst, "writes": write - number}))


if __name__ == "__main__":
    main()
