"""Profiles of dies and billets out of CSV, DXF or SVG: an open line of points, in metres."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.gateway.case_file import CaseError
from forgecast.gateway.dxf_line import read_dxf
from forgecast.gateway.measured_table import Wanted, read_measured
from forgecast.gateway.svg_path import read_svg
from forgecast.ground.errors import UnitError
from forgecast.ground.texts import text
from forgecast.ground.units import to_si

FloatArray = NDArray[np.float64]

#: Columns of a profile in a table.
PROFILE_COLUMNS = (
    Wanted("r", "length", ("r", "x", "radius", "半径", "r_mm", "x_mm", "r_m", "x_m"), "r [mm]"),
    Wanted("z", "length", ("z", "y", "height", "高度", "z_mm", "y_mm", "z_m", "y_m"), "z [mm]"),
)
#: Points nearer to each other than this share of the profile's length are one.
_SAME = 1e-9


def read_profile(path: Path, unit: str = "") -> FloatArray:
    """Read a profile.

    Parameters
    ----------
    path : Path
        CSV or another table with columns r and z; DXF with lines, arcs and polylines that make one line; SVG with one
        path of M, L, H, V, C, A and Z.
    unit : str
        Of a file that names none; where it names one, both must agree.

    Returns
    -------
    (k, 2) array
        Radius (or x) and height, upwards, m, in the order of the file.

    Raises
    ------
    CaseError
        If the file cannot be read, names no unit and none is told, holds no single line, or crosses itself.
    """
    ending = path.suffix.lower()
    if unit:
        _metres(unit, path)
    if ending == ".svg":
        points = _metres(unit, path) * read_svg(path)
    elif ending == ".dxf":
        raw, named = read_dxf(path)
        if named and unit and _metres(named, path) != _metres(unit, path):
            raise CaseError(
                text("the file is in {unit} and the case says {asked}", unit=named, asked=unit),
                where=str(path),
                repair=text("keep the one that is right"),
            )
        points = _metres(named or unit, path) * raw
    else:
        table = read_measured(path, PROFILE_COLUMNS, unit=unit)
        points = np.column_stack([table.numbers["r"], table.numbers["z"]])
    if not np.all(np.isfinite(points)):
        raise CaseError(
            text("a point of the profile lacks a coordinate"), where=str(path), repair=text("give every point both")
        )
    return _cleaned(points, path)


def _metres(unit: str, path: Path) -> float:
    if not unit:
        raise CaseError(
            text("this file does not say its unit, and units are not guessed"),
            where=str(path),
            repair=text('write unit = "mm" beside the name of the file'),
        )
    try:
        return float(to_si(1.0, "length", unit))
    except UnitError as error:
        raise CaseError(error.what, where=str(path), repair=error.repair) from None


def _cleaned(points: FloatArray, path: Path) -> FloatArray:
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    kept = np.concatenate([[True], lengths > _SAME * max(float(lengths.sum()), 1e-300)])
    points = points[kept]
    if len(points) < 2:
        raise CaseError(
            text("the profile has fewer than two points"), where=str(path), repair=text("draw it as one line")
        )
    at = crossing(points)
    if at is not None:
        raise CaseError(
            text("the profile crosses itself at {x} mm, {y} mm", x=f"{1e3 * at[0]:.4g}", y=f"{1e3 * at[1]:.4g}"),
            where=str(path),
            repair=text("draw it once from one end to the other"),
        )
    return points


def crossing(line: FloatArray) -> FloatArray | None:
    """Return where an open line crosses itself, or None."""
    a, d = line[:-1], np.diff(line, axis=0)
    cross = d[:, None, 0] * d[None, :, 1] - d[:, None, 1] * d[None, :, 0]
    gap = a[None, :, :] - a[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        s = (gap[..., 0] * d[None, :, 1] - gap[..., 1] * d[None, :, 0]) / cross
        t = (gap[..., 0] * d[:, None, 1] - gap[..., 1] * d[:, None, 0]) / cross
    hit = (cross != 0.0) & (s >= 0.0) & (s <= 1.0) & (t >= 0.0) & (t <= 1.0)
    i, j = np.indices(hit.shape)
    hit &= j - i > 1
    if not hit.any():
        return None
    first, second = (int(k[0]) for k in np.nonzero(hit))
    return np.asarray(a[first] + s[first, second] * d[first], dtype=np.float64)
