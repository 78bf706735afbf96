"""Stack gas: conversion to reference oxygen, to the standard state and to dry gas.

Concentrations are mass per gas volume in mg/m3; any mass unit comes out as it went in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from forgecast.environment.missing import Missing, StackValues, answered
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: Oxygen of dry air as the equation of GB 39726-2020 writes it, percent by volume.
AIR_OXYGEN_PERCENT = 21.0
#: Measured oxygen above this leaves no conversion (see `to_reference_oxygen`), percent by volume.
HIGHEST_OXYGEN_PERCENT = 20.5
#: Temperature of the standard state [K], GB 39726-2020, 3.28.
STANDARD_TEMPERATURE = 273.15
#: Pressure of the standard state [Pa], GB 39726-2020, 3.28.
STANDARD_PRESSURE = 101_325.0
#: Highest moisture taken as possible, volume share: gas saturated with water at 86 degC carries as much.
HIGHEST_MOISTURE = 0.6


def to_reference_oxygen(
    concentration_mg_m3: ArrayLike,
    oxygen_percent: ArrayLike,
    reference_oxygen_percent: float,
    *,
    highest_oxygen_percent: float = HIGHEST_OXYGEN_PERCENT,
) -> StackValues:
    """Convert measured concentrations to those at reference oxygen content.

    Parameters
    ----------
    concentration_mg_m3 : (n,) array
        Measured concentration in dry gas at standard state; hourly means where the law judges hourly means
        (the hour's mean is converted with the hour's mean oxygen).
    oxygen_percent : (n,) array or float
        Measured oxygen of the dry gas, percent by volume.
    reference_oxygen_percent : float
        Reference oxygen, percent by volume: cold-blast cupola 15, hot-blast cupola 12, gas furnace 8.
    highest_oxygen_percent : float
        Measured oxygen above this gives a missing value.

    Returns
    -------
    StackValues
        Converted concentrations, mg/m3.

    Raises
    ------
    ForgecastError
        If the reference or the bound is not within 0 to below 21 %.

    Notes
    -----
    Equation: ρ_ref = (21 − O_ref) / (21 − O_meas) · ρ_meas

    GB 39726-2020, 4.5, equation (1) and Table 3. The equation has a pole at 21 %. The standard names no bound
    below it; this function takes 20.5 %, because there the denominator is 0.5 % by volume: as small as the
    calibration drift an oxygen analyser with a 25 % range is usually allowed (2 % of range), so a converted
    value would be reading error multiplied by 12 and more. Such an hour is missing, with the reason "that of
    ambient air"; it counts neither as kept nor as exceeded, and the caller reports it. Everything up to the
    bound is converted, however diluted: dilution must not hide an exceedance. Oxygen below the reference
    converts downward, as the equation says.
    """
    for percent in (reference_oxygen_percent, highest_oxygen_percent):
        if not 0.0 <= percent < AIR_OXYGEN_PERCENT:
            raise ForgecastError(
                text("an oxygen content of {value} % cannot be converted to or from", value=percent),
                repair=text("give percent by volume, from 0 to below 21"),
            )
    measured = np.asarray(concentration_mg_m3, dtype=np.float64)
    oxygen = np.asarray(oxygen_percent, dtype=np.float64)
    measured, oxygen = np.broadcast_arrays(measured, oxygen)
    usable = (oxygen >= 0.0) & (oxygen <= highest_oxygen_percent)
    below_air = AIR_OXYGEN_PERCENT - np.where(usable, oxygen, 0.0)
    return answered(
        measured * (AIR_OXYGEN_PERCENT - reference_oxygen_percent) / below_air,
        (np.isnan(measured), Missing.NO_VALUE),
        (np.isnan(oxygen), Missing.NO_OXYGEN),
        (oxygen > highest_oxygen_percent, Missing.OXYGEN_NEAR_AIR),
        (oxygen < 0.0, Missing.OXYGEN_IMPOSSIBLE),
    )


def to_standard_state(concentration_mg_m3: ArrayLike, temperature: ArrayLike, pressure: ArrayLike) -> StackValues:
    """Convert concentrations from the actual state of the gas to 273.15 K and 101.325 kPa.

    Parameters
    ----------
    concentration_mg_m3 : (n,) array
        Concentration in gas at its actual state.
    temperature : (n,) array or float
        Gas temperature [K].
    pressure : (n,) array or float
        Absolute gas pressure [Pa] (ambient plus the duct's static pressure).

    Returns
    -------
    StackValues
        Concentrations at standard state, mg/m3.

    Notes
    -----
    Equation: ρ_n = ρ · (T / 273.15 K) · (101 325 Pa / p)

    Ideal gas; standard state as in GB 39726-2020, 3.28.
    """
    values, temperatures, pressures = _broadcast(concentration_mg_m3, temperature, pressure)
    usable = (temperatures > 0.0) & (pressures > 0.0)
    volume = standard_volume_ratio(np.where(usable, temperatures, 1.0), np.where(usable, pressures, 1.0))
    return answered(
        values / volume,
        (np.isnan(values), Missing.NO_VALUE),
        (np.isnan(temperatures) | np.isnan(pressures), Missing.NO_STATE),
        ((temperatures <= 0.0) | (pressures <= 0.0), Missing.STATE_IMPOSSIBLE),
    )


def standard_volume_ratio(
    temperature: ArrayLike, pressure: ArrayLike
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return the standard volume of one actual cubic metre of gas, m3/m3.

    Parameters
    ----------
    temperature : array
        Gas temperature [K], above zero.
    pressure : array
        Absolute gas pressure [Pa].
    """
    return np.asarray(
        np.asarray(pressure, dtype=np.float64)
        / STANDARD_PRESSURE
        * STANDARD_TEMPERATURE
        / np.asarray(temperature, dtype=np.float64)
    )


def to_dry_gas(wet_value: ArrayLike, moisture: ArrayLike, *, highest_moisture: float = HIGHEST_MOISTURE) -> StackValues:
    """Convert a concentration or an oxygen content from wet to dry gas.

    Parameters
    ----------
    wet_value : (n,) array
        Concentration [mg/m3] or oxygen [%] in wet gas.
    moisture : (n,) array or float
        Water vapour as volume share of the wet gas, 0 to 1 [1].
    highest_moisture : float
        Moisture above this share gives a missing value (default 0.6, the saturation of gas at 86 degC).

    Returns
    -------
    StackValues
        The value in dry gas, in the unit given.

    Notes
    -----
    Equation: ρ_dry = ρ_wet / (1 − X_w)
    """
    values, shares = _broadcast(wet_value, moisture)
    usable = (shares >= 0.0) & (shares <= highest_moisture) & (shares < 1.0)
    return answered(
        values / (1.0 - np.where(usable, shares, 0.0)),
        (np.isnan(values), Missing.NO_VALUE),
        (np.isnan(shares), Missing.NO_MOISTURE),
        (~np.isnan(shares) & ~usable, Missing.MOISTURE_IMPOSSIBLE),
    )


def standard_dry_flow(
    actual_flow: ArrayLike,
    temperature: ArrayLike,
    pressure: ArrayLike,
    moisture: ArrayLike,
    *,
    highest_moisture: float = HIGHEST_MOISTURE,
) -> StackValues:
    """Return the flow of dry gas at standard state.

    Parameters
    ----------
    actual_flow : (n,) array
        Volume flow of wet gas at its actual state; m3/s or m3/h, the unit comes out as it went in.
    temperature : (n,) array or float
        Gas temperature [K].
    pressure : (n,) array or float
        Absolute gas pressure [Pa].
    moisture : (n,) array or float
        Water vapour as volume share of the wet gas [1].
    highest_moisture : float
        As in `to_dry_gas`.

    Returns
    -------
    StackValues

    Notes
    -----
    Equation: Q_n,dry = Q · (273.15 K / T) · (p / 101 325 Pa) · (1 − X_w)
    """
    flows, temperatures, pressures, shares = _broadcast(actual_flow, temperature, pressure, moisture)
    state_usable = (temperatures > 0.0) & (pressures > 0.0)
    moisture_usable = (shares >= 0.0) & (shares <= highest_moisture) & (shares < 1.0)
    volume = standard_volume_ratio(np.where(state_usable, temperatures, 1.0), np.where(state_usable, pressures, 1.0))
    return answered(
        flows * volume * (1.0 - np.where(moisture_usable, shares, 0.0)),
        (np.isnan(flows), Missing.NO_FLOW),
        (np.isnan(temperatures) | np.isnan(pressures), Missing.NO_STATE),
        ((temperatures <= 0.0) | (pressures <= 0.0), Missing.STATE_IMPOSSIBLE),
        (np.isnan(shares), Missing.NO_MOISTURE),
        (~np.isnan(shares) & ~moisture_usable, Missing.MOISTURE_IMPOSSIBLE),
    )


def _broadcast(*arrays: ArrayLike) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(array, dtype=np.float64) for array in arrays)))
