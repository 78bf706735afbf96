"""Whether a baseline is good enough to stand on: tests with sourced bounds, of which unverified ones are only shown."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np

from forgecast.energy.driver_model import DriverModel
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual, text

TABLE: Final = "baseline_criterion"
#: Bonferroni's p below which a period is called an outlier.
_OUTLIER_P: Final = 0.05
#: Leverage beyond this multiple of its mean is named (D. A. Belsley, E. Kuh, R. E. Welsch, 1980, 2.1: 2p/n).
_LEVERAGE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Criterion:
    """One test of a baseline.

    Parameters
    ----------
    name : str
    title : Text
    value, bound : float
    comparison : str
        ``at_least`` or ``at_most``.
    holds : bool or None
        None where the value cannot be computed.
    decides : bool
        False for a bound that nobody here has read in its source.
    confidence : str
    source : Text
    """

    name: str
    title: Text
    value: float
    bound: float
    comparison: str
    holds: bool | None
    decides: bool
    confidence: str
    source: Text


@dataclass(frozen=True, slots=True)
class Adequacy:
    """What a baseline is worth.

    Parameters
    ----------
    criteria : tuple of Criterion
    adequate : bool or None
        Whether all criteria that decide hold; None where one cannot be computed.
    outliers, leveraged : tuple of int
        Positions of periods far from the model, and of those that pull it most.
    notes : tuple of Text
    """

    criteria: tuple[Criterion, ...]
    adequate: bool | None
    outliers: tuple[int, ...]
    leveraged: tuple[int, ...]
    notes: tuple[Text, ...]


def adequacy(model: DriverModel) -> Adequacy:
    """Return the tests of a baseline, with the bounds of the table `baseline_criterion`.

    Parameters
    ----------
    model : DriverModel

    Notes
    -----
    Primary bounds are those of LBNL's EnPI Lite (F test below 0.10, every driver below 0.2, one below 0.10, R² at
    least 0.5). R² 0.75 and CV(RMSE) are customs that were read second hand only: shown, never deciding.
    """
    ps = [one.p for one in model.coefficients[1:]]
    values = {
        "f_p": model.f_p,
        "largest_p": max(ps, default=float("nan")),
        "smallest_p": min(ps, default=float("nan")),
        "r2": model.r2,
        "r2_strict": model.r2,
        "cv_rmse": model.cv_rmse,
    }
    table = read_table(TABLE)
    criteria = []
    for row in table:
        bound = table.number(row, "value")
        assert bound is not None  # noqa: S101  (a test holds that)
        value = values[row["name"]]
        holds = None
        if isfinite(value):
            holds = value >= bound if row["comparison"] == "at_least" else value <= bound
        criteria.append(
            Criterion(
                row["name"],
                bilingual(row["en"], row["zh"]),
                value,
                bound,
                row["comparison"],
                holds,
                row["confidence"] != "unverified",
                row["confidence"],
                bilingual(row["source"], row["source_zh"]),
            )
        )
    deciding = [one.holds for one in criteria if one.decides]
    adequate = False if False in deciding else None if None in deciding else True
    outliers = tuple(int(at) for at in model.used[model.outlier_p < _OUTLIER_P])
    mean = len(model.coefficients) / model.n
    leveraged = tuple(int(at) for at in model.used[model.leverage > _LEVERAGE * mean])
    return Adequacy(tuple(criteria), adequate, outliers, leveraged, tuple(_notes(model, outliers)))


def _notes(model: DriverModel, outliers: tuple[int, ...]) -> list[Text]:
    notes = []
    if model.correlation > 0.0 and model.effective < 0.8 * model.n:
        notes.append(
            text(
                "neighbouring periods are alike (correlation {rho}, Durbin-Watson {dw}): {n} periods tell as much as "
                "{effective} independent ones, and intervals are widened by that",
                rho=round(model.correlation, 2),
                dw=round(model.durbin_watson, 2),
                n=model.n,
                effective=round(model.effective, 1),
            )
        )
    if outliers:
        notes.append(text("{count} periods lie far from the model; look at them before using it", count=len(outliers)))
    falling = [one.name for one in model.coefficients[1:] if one.value < 0.0 and one.p < 0.1]
    notes += [text("energy falls with {driver}: look whether that can be", driver=name) for name in falling]
    if model.condition > 30.0:
        notes.append(text("the drivers are hard to tell apart (condition {c})", c=round(model.condition)))
    if np.isnan(model.r2):
        notes.append(text("the energy is the same in every period"))
    return notes
