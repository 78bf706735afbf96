"""A process that compacts a plant or lets readings go and is killed: run by tests, never by pytest.

Its arguments are the plant folder, what it does (``compact`` or ``let_go``), and the step at which it kills itself.
"""

from __future__ import annotations

import sys
from pathlib import Path

from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import KeepRule
from tests.store.killed_import import count_steps

RULES = (KeepRule(("T0", "T1"), 30, 15), KeepRule(("T2",), 30))


def tidy(plant: PlantFolder, what: str) -> None:
    if what == "compact":
        plant.telemetry.compact(by="王工")
    else:
        plant.telemetry.let_go(RULES, by="王工")


if __name__ == "__main__":
    with PlantFolder.open(Path(sys.argv[1])) as opened:
        steps = count_steps(int(sys.argv[3]))
        tidy(opened, sys.argv[2])
        sys.stdout.write(f"steps {steps()}\n")
