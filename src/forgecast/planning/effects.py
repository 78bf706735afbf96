"""Effects of measures as relations on the plant's own amounts."""

from __future__ import annotations

from forgecast.planning.problem import Effect


def saving(stream: str, resource: str, share: float) -> Effect:
    """Return a saving of a share [1] of a resource, none below zero and no more than all."""
    return Effect(stream, resource, factor=1.0 - min(max(share, 0.0), 1.0))


def converted(stream: str, old: str, new: str, amount: float) -> tuple[Effect, Effect]:
    """Return a process that gives up one resource for an amount a year of another, in one stream."""
    return Effect(stream, old, factor=0.0, converts=True), Effect(stream, new, addition=amount, converts=True)


def new_outlet(stream: str, concentration: float, outlet: float) -> Effect | None:
    """Return a filter with a lower concentration behind it; None where it is that low already.

    E' / E = c' / c at the same gas flow and hours.
    """
    return Effect(stream, "pm", factor=outlet / concentration) if concentration > outlet else None


def yield_factor(yield_share: float, points: float) -> float:
    """Return what is melted for a tonne of good castings after a gain of yield, over what was: Y / (Y + ΔY) [1].

    Parameters
    ----------
    yield_share : float
        Good over melted metal [1].
    points : float
        Gain [1], such as 0.02.
    """
    return yield_share / min(yield_share + points, 1.0)


def induction_for_gas(gas_energy_kWh: float, *, gas_efficiency: float, induction_efficiency: float) -> float:
    """Return the electricity that heats what a gas furnace heats, kWh a year: E = Q_gas η_gas / η_induction."""
    return gas_energy_kWh * gas_efficiency / induction_efficiency


def heat_as_fuel(heat_kWh: float, recovered: float, calorific_kWh: float) -> float:
    """Return the fuel that recovered heat takes the place of, in units of the fuel a year.

    Parameters
    ----------
    heat_kWh : float
        Waste heat a year.
    recovered : float
        Share of it that finds a use in place of fuel [1].
    calorific_kWh : float
        Net calorific value of a unit of the fuel.
    """
    return heat_kWh * recovered / calorific_kWh
