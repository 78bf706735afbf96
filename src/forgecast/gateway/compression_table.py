"""Hot-compression curves out of a table: a row a point, with strain, strain rate, temperature and stress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.gateway.case_file import CaseError
from forgecast.gateway.measured_table import Wanted, read_measured
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: The columns of such a table.
CURVE_COLUMNS = (
    Wanted("curve", "", ("curve", "file", "specimen", "曲线", "试样", "文件"), "curve", needed=False),
    Wanted("temperature", "temperature", ("temperature", "temp", "T", "温度", "变形温度"), "temperature [degC]"),
    Wanted("rate", "strain_rate", ("rate", "strain rate", "应变速率", "变形速率"), "rate [1/s]"),
    Wanted("strain", "share", ("strain", "true strain", "应变", "真应变"), "strain [1]"),
    Wanted("stress", "pressure", ("stress", "true stress", "应力", "真应力", "流变应力"), "stress [MPa]"),
)


@dataclass(frozen=True, slots=True, eq=False)
class CompressionCurves:
    """Curves as they were measured, point after point.

    Parameters
    ----------
    name : str
    strain, rate, temperature, stress : (n,) array
        1, 1/s, K, Pa; compression positive.
    curve : (n,) int array
        Number of the curve of each point.
    names : tuple of str
        Of the curves.
    left_out : int
        Rows that lack a value.
    """

    name: str
    strain: FloatArray
    rate: FloatArray
    temperature: FloatArray
    stress: FloatArray
    curve: IntArray
    names: tuple[str, ...]
    left_out: int


def read_compression_curves(path: Path, told: Mapping[str, str] | None = None) -> CompressionCurves:
    """Read hot-compression curves.

    Without a column ``curve`` a new one begins where the temperature or the rate changes, or the strain falls.

    Raises
    ------
    CaseError
        As `read_measured`, and if no row is whole or compression is written as negative.
    ImportRefusedError
        If the file cannot be read.
    """
    table = read_measured(path, CURVE_COLUMNS, told)
    got = {key: table.numbers[key] for key in ("strain", "rate", "temperature", "stress")}
    there = np.all([np.isfinite(values) for values in got.values()], axis=0)
    if not there.any():
        raise CaseError(
            text("no row has strain, rate, temperature and stress"),
            where=table.name,
            repair=text("a point of a curve needs all four; the columns are {columns}",
                        columns=", ".join(one.example for one in CURVE_COLUMNS[1:])),
        )  # fmt: skip
    strain, rate, temperature, stress = (got[key][there] for key in ("strain", "rate", "temperature", "stress"))
    if np.mean(strain < 0.0) > 0.5 or np.mean(stress < 0.0) > 0.5:
        raise CaseError(
            text("strain or stress of these curves is below 0"),
            where=table.name,
            repair=text("write compression as positive"),
        )
    curve, names = _curves(table.words.get("curve"), there, strain, rate, temperature)
    return CompressionCurves(
        table.name, strain, rate, temperature, stress, curve, names, int((~there).sum())
    )  # fmt: skip


def _curves(
    words: tuple[str, ...] | None,
    there: NDArray[np.bool_],
    strain: FloatArray,
    rate: FloatArray,
    temperature: FloatArray,
) -> tuple[IntArray, tuple[str, ...]]:
    if words is not None:
        kept = [word for word, whole in zip(words, there, strict=True) if whole]
        names = tuple(dict.fromkeys(kept))
        return np.array([names.index(word) for word in kept], dtype=np.int64), names
    new = (np.diff(temperature) != 0.0) | (np.diff(rate) != 0.0) | (np.diff(strain) < 0.0)
    curve = np.concatenate([[0], np.cumsum(new)]).astype(np.int64)
    return curve, tuple(f"{n + 1}" for n in range(int(curve[-1]) + 1))
