"""A run of heat through a layout: steps chosen by their error, heat accounted for, times of freezing noted."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.heat_table import REACHES, Surroundings, heat_table
from forgecast.casting.interface_list import ghosted, interface_list
from forgecast.casting.kernels import heat
from forgecast.casting.layout import Layout
from forgecast.casting.super_step import longest_step, stages, stages_needed
from forgecast.metal.medium import Medium

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]

#: Below so many cells a second core costs more than it brings.
CELLS_FOR_TWO = 30_000


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How finely time is cut.

    Parameters
    ----------
    tolerance : float
        Error allowed in a step, root mean square over metal and over mould, in sensible heat [K].
    most_stages : int
        Longest super step.
    growth : float
        Largest ratio of a step to the one before.
    feeding_fraction : float
        Solid fraction at which feeding stops [1].
    """

    tolerance: float = 0.1
    most_stages: int = 150
    growth: float = 2.0
    feeding_fraction: float = 0.7


class HeatRun:
    """Heat on its way through a layout; `advance` moves it on in time.

    Parameters
    ----------
    layout : Layout
    accuracy : Accuracy
    temperature : (nz, ny, nx) float32 or None
        Temperatures to start from [K]; None takes each medium's own.
    cores : int or None
        None uses all there are.
    """

    def __init__(
        self,
        layout: Layout,
        *,
        accuracy: Accuracy | None = None,
        temperature: F4 | None = None,
        cores: int | None = None,
    ) -> None:
        self.layout = layout
        self.accuracy = accuracy or Accuracy()
        self.time = 0.0
        self.steps = self.rejected = self.evaluations = 0
        self.wall_s = 0.0
        self._cores = cores or os.cpu_count() or 1
        if layout.grid.cells < CELLS_FOR_TWO:
            self._cores = 1
        self._cores = max(1, min(self._cores, layout.grid.shape[0]))
        self._table = heat_table(layout.media)
        self._medium = ghosted(layout)
        self._faces = interface_list(layout, self._medium)
        self._lay_out(temperature)
        self._metal_lists()
        self._step = 0.0
        self._through_sides = 0.0
        self._released = 0.0
        self._flow_out = 0.0
        self._stiffness = 0.0
        self._reach = 0
        self._known = False
        self.at_start = self.content()
        self.metal_at_start = self._metal_content()

    def _lay_out(self, temperature: F4 | None) -> None:
        layout, table = self.layout, self._table
        shape = self._medium.shape
        self._widths = tuple(np.pad(w, 1, mode="edge").astype(np.float32) for w in layout.grid.widths)
        per_heat = np.zeros(shape, dtype=np.float32)
        volume = layout.grid.volumes
        if layout.filling is not None:
            volume = volume * layout.filling
        per_heat[1:-1, 1:-1, 1:-1] = table.per_heat[layout.medium] / volume
        self._per_heat = per_heat
        self._u = np.zeros(shape, dtype=np.float32)
        for index in range(len(layout.media)):
            here = self._medium == index
            if temperature is None:
                self._u[here] = table.coordinate(index, layout.media, np.array([layout.start[index]]))[0]
            else:
                field = np.pad(temperature, 1, mode="edge")
                self._u[here] = table.coordinate(index, layout.media, field[here].astype(np.float64))
        self._buffers = [np.zeros(shape, dtype=np.float32) for _ in range(3)]
        self._gx, self._gy, self._gz = (np.zeros(shape, dtype=np.float32) for _ in range(3))
        self._planes = np.zeros((self._cores, 3, *shape[1:]), dtype=np.float32)
        self._zero = np.zeros(shape[2], dtype=np.float32)
        kind = [0.0 if isinstance(m, Surroundings) else 1.0 if m.solid_fraction is None else 2.0 for m in layout.media]
        self._per_medium = np.column_stack([table.kelvin, kind, np.zeros(len(kind))])
        bounds = [m.temperature for m in layout.media if not isinstance(m, Surroundings)]
        self._lowest = min([float(b[0]) for b in bounds])
        self._highest = max([float(b[-1]) for b in bounds])

    def _metal_lists(self) -> None:
        part = np.pad(self.layout.part, 1)
        self._metal_here = (part > 0).astype(np.uint8)
        self._metal = np.flatnonzero(self._metal_here).astype(np.int32)
        rows = []
        for index, one in enumerate(self.layout.media):
            if isinstance(one, Surroundings) or one.solid_fraction is None:
                rows.append(np.full(4, -np.inf))
            else:
                heats = freezing_heats(one, self.accuracy.feeding_fraction)
                rows.append((heats - self._table.low[index]) * self._table.per_heat[index])
        self._thresholds = np.array(rows, dtype=np.float32)
        self._passed = np.full((3, len(self._metal)), np.nan, dtype=np.float32)
        self._cooling = np.full(len(self._metal), np.nan, dtype=np.float32)
        self._gradient = np.full(len(self._metal), np.nan, dtype=np.float32)
        self._centres = tuple(_with_ghosts(c) for c in self.layout.grid.centres)

    # -- heat ---------------------------------------------------------------------------------------------------------

    def content(self) -> float:
        """Return the heat content of all cells above the lower ends of their tables [J]."""
        total = 0.0
        for k in range(1, self._u.shape[0] - 1):
            share = self._per_heat[k, 1:-1, 1:-1].astype(np.float64)
            total += float((self._u[k, 1:-1, 1:-1] / share).sum())
        return total

    def _metal_content(self) -> float:
        u = self._u.ravel()[self._metal].astype(np.float64)
        return float((u / self._per_heat.ravel()[self._metal]).sum())

    def temperature(self) -> F4:
        """Return the temperature of every cell, (nz, ny, nx) [K]."""
        table, nodes = self._table.temperature, self._table.nodes
        u = self._u[1:-1, 1:-1, 1:-1]
        node = np.clip(u.astype(np.int32), 0, nodes - 2)
        at = node + self.layout.medium.astype(np.int32) * nodes
        return (table[at] + (u - node) * (table[at + 1] - table[at])).astype(np.float32)

    @property
    def solidified(self) -> bool:
        """Tell whether all metal has fallen through its solidus."""
        return not np.isnan(self._passed[2]).any()

    # -- time ---------------------------------------------------------------------------------------------------------

    def advance(
        self,
        until: float,
        *,
        stop: Callable[[HeatRun], bool] | None = None,
        watch: Callable[[HeatRun], None] | None = None,
    ) -> None:
        """Move on to a time, or until `stop` says so after a step.

        Parameters
        ----------
        until : float
            [s].
        stop : callable or None
        watch : callable or None
            Called after every step.
        """
        begun = clock.perf_counter()
        try:
            if not self._known:
                self._look(0.0, self._buffers[0], self._buffers[0], self._buffers[2])
                self._known = True
                if self._step == 0.0:
                    self._step = 0.3 / self._stiffness
            while self.time < until * (1.0 - 1e-12):
                self._one_step(until)
                if watch is not None:
                    watch(self)
                if stop is not None and stop(self):
                    break
        finally:
            self.wall_s += clock.perf_counter() - begun

    def _one_step(self, until: float) -> None:
        wanted = min(self._step, longest_step(self.accuracy.most_stages, self._stiffness))
        left = until - self.time
        # The last two steps share what is left, so that no sliver remains.
        step = left if wanted >= left else min(wanted, 0.5 * left) if wanted > 0.5 * left else wanted
        count = stages_needed(step, self._stiffness)
        made, lost = self._super_step(step, count)
        increment, rate = self._buffers[made], self._buffers[2]
        other = 1 - made
        self._u += increment
        reach, stiffness, flow_out = self._reach, self._stiffness, self._flow_out
        error, largest = self._look(step, increment, rate, self._buffers[other])
        factor = 0.85 * (self.accuracy.tolerance / max(error, 1e-12)) ** (1.0 / 3.0)
        if error > 2.0 * self.accuracy.tolerance or not np.isfinite(error) or largest > REACHES[reach]:
            self._u -= increment
            self._conduct()
            self._reach, self._stiffness, self._flow_out = reach, stiffness, flow_out
            if largest > REACHES[reach]:
                self._reach = min(reach + 1, len(REACHES) - 1)
                self._look(0.0, increment, rate, self._buffers[other])
                self._buffers[2], self._buffers[other] = self._buffers[other], self._buffers[2]
            self._step = step * min(max(factor if np.isfinite(factor) else 0.1, 0.1), 0.7)
            self.rejected += 1
            return
        self._note(increment, rate, step)
        self.time += step
        self.steps += 1
        self._through_sides += lost
        self._buffers = [increment, rate, self._buffers[other]]
        # A step cut short by the end of the stretch says little about the next one.
        grown = step * min(max(factor, 0.3), self.accuracy.growth)
        self._step = max(grown, wanted) if step < wanted and factor > 1.0 else grown
        likely = largest * 2.0 * max(1.0, self._step / step)
        better = next((n for n, r in enumerate(REACHES) if r >= likely), len(REACHES) - 1)
        if better > self._reach:
            self._reach = better
            self._look(0.0, self._buffers[0], self._buffers[1], self._buffers[2])
        self._reach = better

    def _super_step(self, step: float, count: int) -> tuple[int, float]:
        """Carry out the stages; return which buffer holds the increment, and the heat lost through the sides."""
        shape = stages(count)
        rows = shape.rows.copy()
        rows[:, 2:] *= step
        odd, even, rate = self._buffers
        np.multiply(rate, np.float32(shape.first * step), out=odd)
        even.fill(0.0)
        lost = np.zeros((len(rows), self._cores))
        heat.super_step(
            self._u, odd, even, rate, self._medium, self._table.temperature, self._table.nodes,
            self._gx, self._gy, self._gz, self._per_heat, rows.astype(np.float32), lost, self._planes,
        )  # fmt: skip
        self.evaluations += count
        before, now = 0.0, shape.first * step * self._flow_out
        for (mu, nu, mt, gt), out in zip(rows, lost.sum(axis=1), strict=True):
            before, now = now, mu * now + nu * before + mt * out + gt * self._flow_out
        return (1 if len(rows) % 2 == 1 else 0), now

    def _conduct(self) -> None:
        table = self._table
        dx, dy, dz = self._widths
        heat.conductances(
            self._u, self._medium, table.conductivity, table.nodes, dx, dy, dz,
            self._gx, self._gy, self._gz, self._planes,
        )  # fmt: skip
        faces = self._faces
        coefficient = faces.coefficients(self.time, self._lowest, self._highest)
        heat.interfaces(
            self._u, self._medium, table.temperature, table.conductivity, table.nodes, dx, dy, dz,
            faces.cell, faces.axis, faces.pair, faces.area, coefficient, self._lowest,
            (coefficient.shape[1] - 1) / (self._highest - self._lowest), faces.emissivity,
            self._gx, self._gy, self._gz,
        )  # fmt: skip

    def _look(self, step: float, increment: F4, rate_before: F4, rate: F4) -> tuple[float, float]:
        """Form conductances and rates at the present state; return the error of the step and its largest increment."""
        self._conduct()
        sums = np.zeros((self._cores, 7))
        heat.rates(
            self._u, increment, rate_before, rate, self._medium, self._table.temperature,
            self._table.steepest[self._reach], self._table.nodes, self._gx, self._gy, self._gz, self._per_heat,
            self._per_medium, step, sums, self._zero, self._planes,
        )  # fmt: skip
        self._stiffness = float(sums[:, 4].max())
        self._flow_out = float(sums[:, 6].sum())
        e1, n1, e2, n2 = sums[:, :4].sum(axis=0)
        metal = np.sqrt(e2 / n2) if n2 else 0.0
        mould = np.sqrt(e1 / min(n1, n2 or n1)) if n1 else 0.0
        return float(max(metal, mould)), float(sums[:, 5].max())

    def _note(self, increment: F4, rate: F4, step: float) -> None:
        heat.note(
            self._u, increment, rate, self._medium, self._table.temperature, self._table.nodes, self._metal_here,
            self._centres, self.time, step, self._metal, self._thresholds, self._passed, self._cooling, self._gradient,
        )  # fmt: skip


def freezing_heats(medium: Medium, feeding_fraction: float) -> F8:
    """Return the heat contents at liquidus, at the end of feeding, at solidus, and where freezing is judged [J/m3]."""
    solid = medium.solid_fraction
    assert solid is not None  # noqa: S101  (asked of metals only)
    at = medium.enthalpy
    liquid = float(at[np.flatnonzero(solid > 0.0)[-1] + 1])
    frozen = float(at[np.flatnonzero(solid >= 1.0)[-1]])
    feeding = float(np.interp(-feeding_fraction, -solid, at))
    low, high = (float(np.interp(h, at, medium.temperature)) for h in (frozen, liquid))
    if high - low > 1e-3:
        judged = float(np.interp(low + 0.1 * (high - low), medium.temperature, at))
    else:
        judged = frozen + 0.1 * (liquid - frozen)
    return np.array([liquid, feeding, frozen, judged])


def _with_ghosts(centres: F8) -> F4:
    """Return cell centres with one more on each side."""
    if len(centres) == 1:
        return np.array([centres[0] - 1.0, centres[0], centres[0] + 1.0], dtype=np.float32)
    first, last = 2 * centres[0] - centres[1], 2 * centres[-1] - centres[-2]
    return np.concatenate([[first], centres, [last]]).astype(np.float32)
