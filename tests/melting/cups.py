"""A sample cup as a lumped body, solved to high accuracy: cooling curves whose truth is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

ACCURATE = {"method": "LSODA", "rtol": 1e-9, "atol": 1e-10, "max_step": 0.2, "dense_output": True}


@dataclass(frozen=True)
class Cup:
    """Iron-like by default; temperatures in kelvin, heat over the liquid's heat capacity."""

    liquidus: float = 1480.0
    eutectic: float = 1427.0
    primary: float = 0.35  # share frozen as dendrites down to the eutectic
    latent: float = 260.0  # L / c of the liquid
    solid_capacity: float = 0.85
    cooling: float = 2.2e-3  # h A / (m c) of the liquid
    surroundings: float = 320.0
    start: float = 1580.0
    growth: float = 6e-8
    nuclei: float = 4.0e9


def solved(cup: Cup, seconds: float = 260.0):
    """Return temperature, rate and solid fraction as functions of time."""
    span = cup.liquidus - cup.eutectic

    def dendrites(t):
        under = np.clip(cup.liquidus - t, 0.0, span)
        # steep at the liquidus and flat at the eutectic, as Scheil's line is
        return cup.primary * (1.0 - np.exp(-4.0 * under / span)) / (1.0 - math.exp(-4.0))

    def slope(t):
        if not 0.0 < cup.liquidus - t < span:
            return 0.0
        return cup.primary * 4.0 / span * math.exp(-4.0 * (cup.liquidus - t) / span) / (1.0 - math.exp(-4.0))

    def parts(y):
        t, radius = y
        primary = float(dendrites(t))
        cells = 1.0 - math.exp(-4.0 / 3.0 * math.pi * cup.nuclei * max(radius, 0.0) ** 3)
        return primary, cells

    def flow(_, y):
        t, radius = y
        primary, cells = parts(y)
        under = max(cup.eutectic - t, 0.0)
        speed = cup.growth * under**2
        grow = (1.0 - cells) * 4.0 * math.pi * cup.nuclei * max(radius, 0.0) ** 2 * speed
        frozen = primary + (1.0 - primary) * cells
        capacity = 1.0 - frozen + frozen * cup.solid_capacity
        lost = -cup.cooling * (t - cup.surroundings)
        heat = cup.latent * (1.0 - primary) * grow
        return [(lost + heat) / (capacity + cup.latent * (1.0 - cells) * slope(t)), speed]

    met = solve_ivp(flow, (0.0, seconds), [cup.start, 1e-5], **ACCURATE)

    def temperature(t):
        return met.sol(t)[0]

    def rate(t):
        return flow(t, met.sol(t))[0]

    def fraction(t):
        primary, cells = parts(met.sol(t))
        return primary + (1.0 - primary) * cells

    return temperature, rate, fraction


def sampled(cup: Cup, *, noise: float, hertz: float = 10.0, seconds: float = 260.0, seed: int = 0):
    """Return times and readings with noise."""
    temperature, _, _ = solved(cup, seconds)
    time = np.arange(0.0, seconds, 1.0 / hertz)
    return time, temperature(time) + np.random.default_rng(seed).normal(0.0, noise, time.size)


def extremes(cup: Cup, seconds: float = 260.0):
    """Return the true lowest and highest temperature of the eutectic and their times."""
    temperature, rate, _ = solved(cup, seconds)
    time = np.arange(0.0, seconds, 0.02)
    rates = np.array([rate(t) for t in time])
    up = np.flatnonzero((rates[:-1] < 0) & (rates[1:] >= 0))
    down = np.flatnonzero((rates[:-1] > 0) & (rates[1:] <= 0))
    low, high = time[up[-1]], time[down[down > up[-1]][0]]
    return (low, float(temperature(low))), (high, float(temperature(high)))
