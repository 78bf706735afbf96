"""A server starts without the heavy libraries: they load where a figure is worked out, in a worker."""

from __future__ import annotations

import subprocess
import sys

#: Each takes a third of a second or more to load.
HEAVY = (
    "numba", "sklearn", "matplotlib", "trimesh", "vtk", "pandas", "duckdb", "openpyxl", "skimage", "typst",
    "scipy.stats", "scipy.optimize", "scipy.signal", "scipy.sparse", "scipy.linalg",
)  # fmt: skip
_PROGRAM = f"""
import sys
from forgecast.app.server.description import description
from forgecast.app.pages.mount import declare
assert len(description()["paths"]) > 150
declare()
print(*sorted(set({HEAVY!r}) & set(sys.modules)))
"""


def test_the_application_and_its_pages_load_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
