"""Fit a meter's baseline on what drives it, and tell what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite

import numpy as np

from forgecast.energy.adequacy import Adequacy, adequacy
from forgecast.energy.driver_model import DriverModel, Method, Predicted, fit_drivers, predict
from forgecast.energy.month import FloatArray
from forgecast.ground.texts import Text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.energy_drivers import default_drivers, driver_values
from forgecast.tasks.energy_series import By, meter_of, meter_sums, stretches, view_of
from forgecast.tasks.plant_view import PlantView, Row


@dataclass(frozen=True, slots=True, eq=False)
class FittedBaseline:
    """A meter's baseline.

    Parameters
    ----------
    meter, unit, by : str
    drivers : tuple of str
    periods : tuple of str
    energy : (n,) float64 array
    model : DriverModel
    expected : Predicted
        Of the same periods.
    worth : Adequacy
    """

    meter: str
    unit: str
    by: By
    drivers: tuple[str, ...]
    periods: tuple[str, ...]
    energy: FloatArray
    model: DriverModel
    expected: Predicted
    worth: Adequacy

    @property
    def notes(self) -> tuple[Text, ...]:
        """Return what a reader has to know."""
        return self.worth.notes

    def as_json(self) -> dict[str, object]:
        """Return the answer; what is not known is null."""
        return {
            "meter": self.meter,
            "unit": self.unit,
            "by": self.by,
            **model_json(self.model, self.worth, self.periods),
            "drivers": list(self.drivers),
            "curve": self._curve(),
        }

    def _curve(self) -> list[dict[str, object]]:
        """Return measured and expected energy period by period, what is left over, and its running sum."""
        left = self.energy - self.expected.value
        summed = np.cumsum(np.where(np.isfinite(left), left, 0.0))
        return [
            {
                "period": period,
                "measured": known(self.energy[n]),
                "expected": known(self.expected.value[n]),
                "low_95": known(self.expected.low[n]),
                "high_95": known(self.expected.high[n]),
                "left_over": known(left[n]),
                # A period that is not known adds nothing, and has no point of its own.
                "cusum": known(summed[n]) if isfinite(left[n]) else None,
            }
            for n, period in enumerate(self.periods)
        ]


def fit_energy_baseline(
    folder: PlantFolder,
    *,
    meter: str = "",
    drivers: Sequence[str] = (),
    by: By = "month",
    since: date | None = None,
    until: date | None = None,
    method: Method = "ols",
) -> FittedBaseline:
    """Return a meter's baseline.

    Parameters
    ----------
    folder : PlantFolder
    meter : str
        Empty for the only main meter of electricity.
    drivers : sequence of str
        As `energy_drivers.DRIVERS`; empty for those a plant has on record.
    by : By
        ``month``, ``day`` or ``hour``.
    since, until : date or None
    method : Method

    Raises
    ------
    ForgecastError
        If meter or driver are not on record, or too few periods have both.
    """
    view = view_of(folder, since, until)
    row = meter_of(view, meter)
    return fitted(view, row, tuple(drivers) or default_drivers(view, by), by, method)


def fitted(view: PlantView, row: Row, drivers: Sequence[str], by: By, method: Method) -> FittedBaseline:
    """Return the baseline of a meter over a view's period."""
    stretch = stretches(view, by)
    energy = meter_sums(view, row, stretch, by)
    values = driver_values(view, drivers, stretch, by)
    model = fit_drivers(energy, values, method=method)
    return FittedBaseline(
        row.text("id"),
        row.text("unit"),
        by,
        tuple(drivers),
        stretch.names,
        energy,
        model,
        predict(model, values),
        adequacy(model),
    )


def model_json(model: DriverModel, worth: Adequacy, periods: Sequence[str]) -> dict[str, object]:
    """Return a baseline's numbers and tests."""
    return {
        "method": model.method,
        "periods": model.n,
        "left_out": model.left_out,
        "coefficients": [
            {"name": one.name, "value": one.value, "standard_error": one.error, "t": one.t, "p": one.p}
            for one in model.coefficients
        ],
        "r2": known(model.r2),
        "adjusted_r2": known(model.adjusted_r2),
        "cv_rmse": known(model.cv_rmse),
        "f": known(model.f),
        "f_p": known(model.f_p),
        "durbin_watson": known(model.durbin_watson),
        "correlation": model.correlation,
        "effective_periods": model.effective,
        "sigma": model.sigma,
        "condition": model.condition,
        "adequate": worth.adequate,
        "criteria": [
            {
                "name": one.name,
                "title": one.title.as_json(),
                "value": known(one.value),
                "bound": one.bound,
                "comparison": one.comparison,
                "holds": one.holds,
                "decides": one.decides,
                "confidence": one.confidence,
                "source": one.source.as_json(),
            }
            for one in worth.criteria
        ],
        "outliers": [periods[at] for at in worth.outliers],
        "leveraged": [periods[at] for at in worth.leveraged],
        "notes": [note.as_json() for note in worth.notes],
    }


def known(value: float) -> float | None:
    """Return a number, or None where it is none."""
    return float(value) if isfinite(value) else None
