"""Mass a stack emits: flow per hour, mass of a period with its uncovered hours, and removal efficiency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.environment.missing import Missing, StackValues, answered
from forgecast.ground.texts import Text, text

MG_PER_KG = 1e6


@dataclass(frozen=True, slots=True)
class PeriodMass:
    """Mass emitted in the hours that are covered; the others are reported, never filled.

    Parameters
    ----------
    mass : float or None
        Mass over the covered hours [kg]; None where no hour is covered. With `missing_hours` above zero it is
        a lower bound of the period's mass (concentrations being at least zero).
    covered_hours, missing_hours : int
        Hours due with and without a mass flow.
    not_due_hours : int
        Hours in which the stack was known not to work.
    why_missing : Text or None
    """

    mass: float | None
    covered_hours: int
    missing_hours: int
    not_due_hours: int
    why_missing: Text | None = None


def mass_flow_kg_h(concentration_mg_m3: ArrayLike, flow_m3_h: ArrayLike) -> StackValues:
    """Return the mass flow of a pollutant, kg/h.

    Parameters
    ----------
    concentration_mg_m3 : (n,) array
        Measured concentration in dry gas at standard state; *not* the one converted to reference oxygen,
        whose mass would be that of a gas volume that never flowed.
    flow_m3_h : (n,) array or float
        Dry gas flow at standard state, m3/h.

    Returns
    -------
    StackValues

    Notes
    -----
    Equation: G = ρ · Q / 10⁶
    """
    concentrations, flows = np.broadcast_arrays(
        np.asarray(concentration_mg_m3, dtype=np.float64), np.asarray(flow_m3_h, dtype=np.float64)
    )
    return answered(
        concentrations * flows / MG_PER_KG,
        (np.isnan(concentrations), Missing.NO_VALUE),
        (np.isnan(flows), Missing.NO_FLOW),
    )


def period_mass(hourly_kg_h: ArrayLike, due: NDArray[np.bool_] | None = None) -> PeriodMass:
    """Add up hourly mass flows of a period.

    Parameters
    ----------
    hourly_kg_h : (n,) array
        Mean mass flow of every hour of the period, kg/h; NaN where missing.
    due : (n,) bool array or None
        Whether the stack worked in the hour; None where that is not on record, and every hour is due. A value
        in an hour that is not due counts all the same: it was measured.

    Notes
    -----
    Equation: m = Σ G_i · 1 h
    """
    flows = np.asarray(hourly_kg_h, dtype=np.float64)
    there = np.isfinite(flows)
    needed = np.ones(flows.shape, dtype=np.bool_) if due is None else np.asarray(due, dtype=np.bool_)
    covered = int(there.sum())
    missing = int((needed & ~there).sum())
    not_due = int((~needed & ~there).sum())
    if covered == 0:
        return PeriodMass(None, 0, missing, not_due, text("no hour of the period has a mass flow"))
    return PeriodMass(float(flows[there].sum()), covered, missing, not_due)


def removal_efficiency(inlet_kg_h: ArrayLike, outlet_kg_h: ArrayLike) -> StackValues:
    """Return the share of a pollutant that a treatment unit removes.

    Parameters
    ----------
    inlet_kg_h, outlet_kg_h : (n,) array
        Mass flow before and after treatment, kg/h.

    Returns
    -------
    StackValues
        Share [1]; below zero where more leaves than enters; missing where nothing enters.

    Notes
    -----
    Equation: η = (G_in − G_out) / G_in

    What GB 39726-2020, 4.2 asks of VOC treatment.
    """
    entering, leaving = np.broadcast_arrays(
        np.asarray(inlet_kg_h, dtype=np.float64), np.asarray(outlet_kg_h, dtype=np.float64)
    )
    enters = entering > 0.0
    return answered(
        (entering - leaving) / np.where(enters, entering, 1.0),
        (np.isnan(entering) | np.isnan(leaving), Missing.NO_VALUE),
        (~enters, Missing.NOTHING_ENTERS),
    )
