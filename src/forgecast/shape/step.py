"""STEP files: turned into triangles by OpenCASCADE in a process of its own."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

from forgecast.ground.texts import text, verbatim
from forgecast.shape.errors import ShapeError

#: Run by a Python of its own: OpenCASCADE writes to the terminal as it likes, and a damaged file may crash it.
_PROGRAM = """
import sys
from pathlib import Path
import cascadio
made = cascadio.load(Path(sys.argv[1]).read_bytes(), tol_linear=float(sys.argv[3]), tol_angular=float(sys.argv[4]))
Path(sys.argv[2]).write_bytes(made)
"""
_COLOURS = re.compile(rb"\x1b\[[0-9;]*m")
_PREFIXES = {
    "EXA": 1e18, "PETA": 1e15, "TERA": 1e12, "GIGA": 1e9, "MEGA": 1e6, "KILO": 1e3, "HECTO": 1e2, "DECA": 1e1,
    "DECI": 1e-1, "CENTI": 1e-2, "MILLI": 1e-3, "MICRO": 1e-6, "NANO": 1e-9, "PICO": 1e-12, "FEMTO": 1e-15,
}  # fmt: skip
#: OpenCASCADE takes a file without a unit for one in millimetres.
ASSUMED_UNIT = 1e-3


def step_unit(data: bytes) -> float | None:
    """Return the length unit of a STEP file [m], or None where it names none.

    A unit that is built on another (inch) is the product of both.
    """
    lines: dict[int, bytes] = {}
    for statement in data.split(b";"):
        if b"LENGTH_UNIT" in statement or b"MEASURE_WITH_UNIT" in statement:
            number = re.search(rb"#(\d+)\s*=", statement)
            if number:
                lines[int(number.group(1))] = statement
    for line in lines.values():
        base = re.search(rb"CONVERSION_BASED_UNIT\s*\(\s*'[^']*'\s*,\s*#(\d+)", line)
        measure = lines.get(int(base.group(1)), b"") if base and b"LENGTH_UNIT" in line else b""
        factor = re.search(
            rb"MEASURE_WITH_UNIT\s*\(\s*(?:LENGTH_MEASURE\s*\(\s*)?([-+0-9.Ee]+)[\s)]*,\s*#(\d+)", measure
        )
        of = _si_length(lines.get(int(factor.group(2)), b"")) if factor else None
        if factor and of:
            return float(factor.group(1)) * of
    return next((unit for unit in map(_si_length, lines.values()) if unit is not None), None)


def read_step(path: Path, *, chord: float, angle: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return corners [m] and faces of a STEP file; each of its surfaces comes as a patch of its own, unstitched.

    Parameters
    ----------
    path : Path
    chord : float
        Farthest a triangle may stand off the true surface [m].
    angle : float
        Largest angle between neighbouring triangles on a curved surface [rad].

    Raises
    ------
    ShapeError
        If OpenCASCADE cannot read it, or it holds no surface.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made.glb"
        arguments = [str(path), str(made), repr(chord * 1e3), repr(angle)]
        run = subprocess.run(  # noqa: S603  (this Python, a fixed program)
            [sys.executable, "-c", _PROGRAM, *arguments], capture_output=True, check=False
        )
        glb = made.read_bytes() if made.is_file() else b""
    if not glb:
        said = [line for line in _COLOURS.sub(b"", run.stdout + b"\n" + run.stderr).splitlines() if line.strip(b" *")]
        raise ShapeError(
            text(
                "OpenCASCADE cannot read the file: {said}",
                said=verbatim(
                    said[0].decode("utf-8", "replace").strip(" *") if said else f"exit code {run.returncode}"
                ),
            ),
            where=path.name,
            repair=text("export it again as STEP AP203, AP214 or AP242, or as STL with its unit"),
        )
    scene = trimesh.load_scene(io.BytesIO(glb), file_type="glb")
    if not scene.geometry:
        return np.empty((0, 3)), np.empty((0, 3), dtype=np.int64)
    mesh = scene.to_mesh()
    return np.asarray(mesh.vertices, dtype=np.float64), np.asarray(mesh.faces, dtype=np.int64)


def _si_length(line: bytes) -> float | None:
    found = re.search(rb"SI_UNIT\s*\(\s*(\$|\.[A-Z]+\.)\s*,\s*\.METRE\.", line)
    if found is None or b"LENGTH_UNIT" not in line:
        return None
    prefix = found.group(1).decode().strip(".")
    return 1.0 if prefix == "$" else _PREFIXES.get(prefix)
