"""What a mould costs: yield, melt energy, carbon dioxide and money for one good casting.

Prices and energies are inputs. What is not given is not known, and neither is what follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from forgecast.casting.constant import RuleError, need_positive
from forgecast.ground.texts import text


@dataclass(frozen=True, slots=True)
class Poured:
    """The metal of one mould.

    Parameters
    ----------
    casting_mass : float
        Of all good castings in the mould [kg].
    riser_mass : float
        [kg].
    gating_mass : float or None
        Sprue, runner and gates [kg]; None if not known.
    castings : int
        Castings in the mould.
    """

    casting_mass: float
    riser_mass: float
    gating_mass: float | None = None
    castings: int = 1


@dataclass(frozen=True, slots=True)
class Prices:
    """What a plant pays; None where it is not known.

    Parameters
    ----------
    melt_energy_kWh_per_t : float or None
        Energy to melt and hold a tonne of charge [kWh/t].
    emission_factor : float or None
        Carbon dioxide of the energy [kg CO2/kWh].
    energy_price : float or None
        [currency/kWh].
    metal_price : float or None
        Of the charge, melt loss not counted [currency/kg].
    return_value : float or None
        Worth of a kilogram of own returns (risers, gates) [currency/kg].
    melt_loss : float or None
        Share of the charge that is lost in melting [1].
    aids_cost : float or None
        Sleeves, chills and filters of the mould [currency].
    """

    melt_energy_kWh_per_t: float | None = None
    emission_factor: float | None = None
    energy_price: float | None = None
    metal_price: float | None = None
    return_value: float | None = None
    melt_loss: float | None = None
    aids_cost: float | None = None


@dataclass(frozen=True, slots=True)
class Economics:
    """Figures for one casting; None where an input is missing.

    Parameters
    ----------
    poured_mass : float or None
        Metal poured for one casting [kg].
    casting_yield : float or None
        Mass of good castings over metal poured [1].
    charge_mass : float or None
        Charge melted for one casting [kg].
    melt_energy : float or None
        [J].
    carbon_dioxide : float or None
        Of the melt energy [kg].
    metal_cost, energy_cost, aids_cost, cost : float or None
        [currency].
    missing : tuple of str
        Inputs that would settle what is not known.
    """

    poured_mass: float | None
    casting_yield: float | None
    charge_mass: float | None
    melt_energy: float | None
    carbon_dioxide: float | None
    metal_cost: float | None
    energy_cost: float | None
    aids_cost: float | None
    cost: float | None
    missing: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return the figures with their units in the names."""
        return {
            "poured_mass_kg": self.poured_mass,
            "casting_yield": self.casting_yield,
            "charge_mass_kg": self.charge_mass,
            "melt_energy_J": self.melt_energy,
            "carbon_dioxide_kg": self.carbon_dioxide,
            "metal_cost": self.metal_cost,
            "energy_cost": self.energy_cost,
            "aids_cost": self.aids_cost,
            "cost": self.cost,
            "missing": list(self.missing),
        }


def economics(mould: Poured, prices: Prices) -> Economics:
    """Return what one good casting takes.

    poured = casting + risers + gating; charge = poured / (1 - melt loss); energy = charge x kWh/t;
    metal cost = charge x price - (poured - casting) x return value.

    Raises
    ------
    RuleError
        If a mass is negative, the casting has none, or the melt loss is not below one.
    """
    _check(mould, prices)
    casting = mould.casting_mass / mould.castings
    poured = None
    if mould.gating_mass is not None:
        poured = (mould.casting_mass + mould.riser_mass + mould.gating_mass) / mould.castings
    charge = None if poured is None or prices.melt_loss is None else poured / (1.0 - prices.melt_loss)
    energy_kWh = _times(charge, prices.melt_energy_kWh_per_t, 1e-3)
    charge_cost = _times(charge, prices.metal_price)
    returned = None if poured is None else _times(poured - casting, prices.return_value)
    metal_cost = None if charge_cost is None or returned is None else charge_cost - returned
    energy_cost = _times(energy_kWh, prices.energy_price)
    aids_cost = _times(prices.aids_cost, 1.0 / mould.castings)
    parts = (metal_cost, energy_cost, aids_cost)
    names = [name for name in Prices.__slots__ if getattr(prices, name) is None]
    return Economics(
        poured_mass=poured,
        casting_yield=None if poured is None else casting / poured,
        charge_mass=charge,
        melt_energy=_times(energy_kWh, 3.6e6),
        carbon_dioxide=_times(energy_kWh, prices.emission_factor),
        metal_cost=metal_cost,
        energy_cost=energy_cost,
        aids_cost=aids_cost,
        cost=None if any(part is None for part in parts) else sum(part for part in parts if part is not None),
        missing=(*(["gating_mass"] if mould.gating_mass is None else []), *names),
    )


def _check(mould: Poured, prices: Prices) -> None:
    need_positive(casting_mass=mould.casting_mass, castings=mould.castings)
    given = {
        "riser_mass": mould.riser_mass,
        "gating_mass": mould.gating_mass,
        **{name: getattr(prices, name) for name in Prices.__slots__ if name != "return_value"},
    }
    for name, value in given.items():
        if value is not None and not (0.0 <= value < float("inf")):
            raise RuleError(
                text("{name} is {value}; it cannot be negative or without end", name=name, value=value),
                where=name,
                repair=text("check the value and its unit"),
            )
    if prices.melt_loss is not None and prices.melt_loss >= 1.0:
        raise RuleError(
            text("the melt loss is {value}: more than all metal", value=prices.melt_loss),
            where="melt_loss",
            repair=text("give a share between 0 and 1 (3 % is 0.03)"),
        )


def _times(*factors: float | None) -> float | None:
    product = 1.0
    for factor in factors:
        if factor is None:
            return None
        product *= factor
    return product
