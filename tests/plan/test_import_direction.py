"""The import direction holds, in every file, lazy and typing-only imports included, without an exceptions list."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plan.plan import MAX_FILE_LINES, violations

SOURCE = Path(__file__).resolve().parents[2] / "src" / "forgecast"


def test_the_house_keeps_its_plan():
    assert violations(SOURCE) == []


SOUND = {
    "__init__.py": '__version__ = "1"\n',
    "ground/__init__.py": '"""Ground."""\n',
    "ground/units.py": "import math\n",
    "plant/record.py": "from forgecast.ground.units import K\nfrom forgecast.plant import rows\n",
    "plant/rows.py": "X = 1\n",
    "rules/fact.py": "from forgecast.ground import units\n",
    "store/database.py": "from forgecast.plant.record import R\n",
    "tasks/assess_plant.py": "from forgecast.store import database\nfrom forgecast.rules import fact\n",
    "app/cli/main.py": "from forgecast import __version__\nfrom forgecast.tasks.assess_plant import a\n",
    "records/heat.csv": "name\n",
}


def _build(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = folder / "forgecast" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder / "forgecast"


def test_a_sound_tree_has_no_violation(tmp_path):
    assert violations(_build(tmp_path, SOUND)) == []


CIRCLE = "from forgecast.plant import record\n"
TYPING_ONLY = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from forgecast.rules.fact import F\n"
BY_NAME = "from importlib import import_module\nimport_module('forgecast.app')\n"
LONG = "def long():\n" + "    x = 1\n" * 60
JUST = 'def just():\n    """One.\n\n    Two.\n    """\n' + "    x = 1\n" * 59


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"ground/units.py": "from forgecast.plant.rows import X\n"}, "ground imports upward from plant"),
        ({"ground/units.py": "import forgecast.tasks.assess_plant\n"}, "ground imports upward from tasks"),
        ({"rules/fact.py": "from forgecast.plant import rows\n"}, "rules imports sideways from plant"),
        ({"rules/fact.py": "from forgecast import plant\n"}, "rules imports sideways from plant"),
        ({"gateway/csv.py": "from forgecast.store.database import D\n"}, "gateway imports sideways from store"),
        ({"sample/year.py": "from forgecast.energy.tce import t\n"}, "sample imports sideways from energy"),
        ({"store/database.py": "def f():\n    from forgecast.tasks.assess_plant import a\n"}, "store imports upward"),
        ({"plant/rows.py": TYPING_ONLY}, "plant imports sideways from rules"),
        ({"plant/rows.py": BY_NAME}, "plant imports upward from app"),
        ({"plant/rows.py": "import importlib\nn = 'x'\nimportlib.import_module(n)\n"}, "cannot read"),
        ({"plant/rows.py": "from . import record\n"}, "relative import"),
        ({"plant/rows.py": CIRCLE}, "record → forgecast.plant.rows → forgecast.plant.record"),
        ({"plant/rows.py": "def f():\n    import forgecast.plant.record\n"}, "a circle of modules"),
        ({"__init__.py": "from forgecast.ground.units import K\n"}, "the package root imports ground"),
        ({"plant/rows.py": "from forgecast.attic import box\n"}, "no room of the plan"),
        ({"attic/box.py": "X = 1\n"}, "attic: no room of the plan"),
        ({"casting/__init__.py": '"""To come."""\n'}, "casting: an empty room"),
        ({"plant/helpers.py": "X = 1\n"}, "drawer"),
        ({"plant/utils/time.py": "X = 1\n"}, "drawer"),
        ({"app/common.py": "X = 1\n"}, "drawer"),
        ({"records/read.py": "X = 1\n"}, "Python among data"),
        ({"plant/rows.py": "print('x')\n"}, "print in the library"),
        ({"plant/rows.py": "X = 1\n" * (MAX_FILE_LINES + 1)}, "601 lines"),
        ({"plant/rows.py": LONG}, "long has 61 lines"),
        ({"plant/rows.py": "class A:\n    async def long(self):\n" + "        x = 1\n" * 60}, "long has 61 lines"),
    ],
)  # fmt: skip
def test_each_breach_is_found_and_only_it(tmp_path, files, says):
    found = violations(_build(tmp_path, SOUND | files))
    named = [breach for breach in found if says in breach]
    assert len(named) == 1
    # An upward import also closes a circle; nothing else may be found.
    assert all("circle" in breach for breach in found if breach not in named)


@pytest.mark.parametrize(
    "files",
    [
        {"plant/rows.py": JUST},
        {"casting/kernels/freeze.py": LONG},
        {"plant/rows.py": "X = 1\n" * MAX_FILE_LINES},
        {"plant/rows.py": "class Console:\n    def print(self): ...\nConsole().print()\n"},
    ],
)
def test_what_is_allowed_is_not_found(tmp_path, files):
    assert violations(_build(tmp_path, SOUND | files)) == []
