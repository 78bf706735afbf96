"""A run of heat through a layout: steps chosen by their error, heat accounted for, times of freezing noted."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.burning import Burning
from forgecast.casting.freezing import HeatAudit
from forgecast.casting.heat_table import REACHES, Surroundings, heat_table
from forgecast.casting.interface_list import ghosted, interface_list, with_edges
from forgecast.casting.kernels import heat, passing, quick
from forgecast.casting.layout import Layout
from forgecast.casting.quick import no_quick_cells, quick_cells, quick_media
from forgecast.casting.super_step import longest_step, stages, stages_needed
from forgecast.ground.compiled import on_cores
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.metal.medium import Medium

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
Three: TypeAlias = tuple[F4, F4, F4]

#: Below so many cells a second core costs more than it brings.
CELLS_FOR_TWO = 30_000
#: A step shorter than this share of the time in which the stiffest cell settles shows that the error is not the step's.
SHORTEST = 1e-5


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
    multirate : bool
        Whether cells of quick media are stepped apart from slow ones (see `casting.quick`).
    edges : bool
        Whether sharp edges carry what their singularity asks for (see `casting.edge`).
    """

    tolerance: float = 1.0
    most_stages: int = 150
    growth: float = 2.0
    feeding_fraction: float = 0.7
    multirate: bool = True
    edges: bool = True


class HeatError(ForgecastError):
    """A run went out of bounds."""

    code = "heat"


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
        self.steps = self.rejected = self.evaluations = self.quick_evaluations = 0
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
        self._flow_out = 0.0
        self._stiffness = self._quick_stiffness = 0.0
        self._made_in = 0.0
        self._reach = 0
        self._burning = Burning(layout, self._per_heat)
        self._known = False
        self._apart, self._quick_error = False, 0.0
        self.at_start = self.content()
        self.metal_at_start = self._metal_content()
        self._to_give = 1.0
        self._to_give = max(1.0 - self.frozen_share, 1e-30)

    def _lay_out(self, temperature: F4 | None) -> None:
        layout, table = self.layout, self._table
        shape = self._medium.shape
        wide_x, wide_y, wide_z = (np.pad(w, 1, mode="edge").astype(np.float32) for w in layout.grid.widths)
        self._widths: Three = (wide_x, wide_y, wide_z)
        # One block for all, filled plane by plane: temporaries as large as the grid would stay with the process.
        block = np.zeros((8, *shape), dtype=np.float32)
        self._per_heat: F4 = block[0]
        self._u: F4 = block[1]
        start = np.zeros(len(layout.media))
        for index in range(len(layout.media)):
            start[index] = table.coordinate(index, layout.media, np.array([layout.start[index]]))[0]
        (dx, dy, dz), inner = layout.grid.widths, slice(1, -1)
        for k in range(shape[0]):
            self._u[k] = start[self._medium[k]]
            if not 0 < k < shape[0] - 1:
                continue
            volume = dz[k - 1] * dy[:, None] * dx[None, :]
            if layout.filling is not None:
                volume = volume * layout.filling[k - 1]
            self._per_heat[k, inner, inner] = table.per_heat[layout.medium[k - 1]] / volume
            if temperature is not None:
                for index in np.unique(layout.medium[k - 1]):
                    here = layout.medium[k - 1] == index
                    given = temperature[k - 1][here].astype(np.float64)
                    self._u[k, inner, inner][here] = table.coordinate(int(index), layout.media, given)
        self._buffers: list[F4] = [block[2], block[3], block[4]]
        self._g: Three = (_planes(block[5]), _planes(block[6]), _planes(block[7]))
        self._room = np.zeros((self._cores, 3, shape[1] * shape[2]), dtype=np.float32)
        self._zero = np.zeros(shape[1] * shape[2], dtype=np.float32)
        quickly = quick_media(layout, table)
        if self.accuracy.edges:
            self._sharpen(quickly)
        self._classify(quickly if self.accuracy.multirate else np.zeros_like(quickly))
        bounds = [m.temperature for m in layout.media if not isinstance(m, Surroundings)]
        self._lowest = min(float(b[0]) for b in bounds)
        self._highest = max(float(b[-1]) for b in bounds)

    def _sharpen(self, quickly: NDArray[np.bool_]) -> None:
        """Let half cells at the sharp edges of quick bodies carry what the singularity there asks for."""
        slow = np.array([not isinstance(m, Surroundings) for m in self.layout.media]) & ~quickly
        if not (quickly.any() and slow.any()):
            return
        conductivity = np.median(self._table.conductivity.reshape(len(slow), -1), axis=1)
        ratio = float(conductivity[slow].max() / conductivity[quickly].min())
        if ratio < 1.0:
            x, y, z = (w.astype(np.float64) for w in self._widths)
            self._faces = with_edges(self._faces, self._medium, quickly, slow, ratio, (z, y, x))

    def _classify(self, some: NDArray[np.bool_]) -> None:
        """Note which media count as mould, as metal, as quick, and lay out the lists of quick cells."""
        media, table = self.layout.media, self._table
        planes = self._medium.shape[0]
        self._together = no_quick_cells(planes)
        self._quick = quick_cells(self._medium, some, self._cores) if some.any() else self._together
        faces = len(self._quick.face)
        self._flow, self._passed_odd, self._passed_even, self._kept = (
            np.zeros(faces, dtype=np.float32) for _ in range(4)
        )
        self._rim_rate = np.zeros((len(self._quick.cell), 2), dtype=np.float32)
        solid = np.array([not isinstance(m, Surroundings) for m in media])
        metal = np.array([not isinstance(m, Surroundings) and m.solid_fraction is not None for m in media])
        self._kind = np.where(solid, np.where(some, 2, 1), 0).astype(np.uint8)
        counts = np.bincount(self.layout.medium.ravel(), minlength=len(media))
        self._metal_cells = int(counts[metal].sum())
        self._mould_cells = int(counts[solid & ~metal].sum())
        self._quick_cells = int(counts[some].sum())
        square = table.kelvin**2
        self._error_scale = np.column_stack([square * (solid & ~metal), square * metal]).astype(np.float32)
        # The quick cells have an error of their own where they are stepped apart.
        self._error_scale_apart = self._error_scale * ~some[:, None]

    def _metal_lists(self) -> None:
        part = np.pad(self.layout.part, 1)
        self._metal_here = _planes((part > 0).astype(np.uint8))
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
        x, y, z = (_with_ghosts(c) for c in self.layout.grid.centres)
        self._centres: Three = (x, y, z)

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
        return np.asarray(table[at] + (u - node) * (table[at + 1] - table[at]), dtype=np.float32)

    def audit(self) -> HeatAudit:
        """Return where the heat went since the start."""
        return HeatAudit(
            at_start=self.at_start,
            at_end=self.content(),
            through_sides=self._through_sides,
            released=self._burning.released,
            moved=self.metal_at_start - self._metal_content() + self._burning.released,
        )

    def passages(self) -> tuple[F4, ...]:
        """Return times through liquidus, end of feeding and solidus [s], cooling rate [K/s] and gradient [K/m]."""
        fields = []
        for values in (*self._passed, self._cooling, self._gradient):
            field = np.full(self._u.size, np.nan, dtype=np.float32)
            field[self._metal] = values
            fields.append(field.reshape(self._u.shape)[1:-1, 1:-1, 1:-1].copy())
        return tuple(fields)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return all that a fresh run of the same layout needs to go on from here (`restore`)."""
        return {
            "u": self._u,
            "increment": self._buffers[0],
            "passed": self._passed,
            "cooling": self._cooling,
            "gradient": self._gradient,
            "burning": self._burning.left,
            "lit": self._burning.lit,
            "numbers": np.array([getattr(self, name) for name in _NUMBERS], dtype=np.float64),
            "released": np.array(self._burning.released),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a kept `state`."""
        self._u[:] = state["u"]
        self._buffers[0][:] = state["increment"]
        self._passed[:], self._cooling[:], self._gradient[:] = state["passed"], state["cooling"], state["gradient"]
        self._burning.left[:], self._burning.lit[:] = state["burning"], state["lit"]
        self._burning.released = float(state["released"])
        for name, value in zip(_NUMBERS, state["numbers"], strict=True):
            setattr(self, name, type(getattr(self, name))(value))
        self._known = False

    @property
    def frozen_share(self) -> float:
        """Return how much of the heat down to the solidus the metal has given off [1]."""
        flat = self._metal
        u = self._u.ravel()[flat].astype(np.float64) / self._per_heat.ravel()[flat]
        last = self._thresholds[self._medium.ravel()[flat], 2] / self._per_heat.ravel()[flat]
        return 1.0 - float(np.maximum(u - last, 0.0).sum()) / self._to_give

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
            with on_cores(self._cores):
                self._advance(until, stop, watch)
        finally:
            self.wall_s += clock.perf_counter() - begun

    def _advance(
        self, until: float, stop: Callable[[HeatRun], bool] | None, watch: Callable[[HeatRun], None] | None
    ) -> None:
        if not self._known:
            self._look(0.0, self._buffers[0], self._buffers[0], self._buffers[2])
            self._known = True
            if self._step == 0.0:
                self._step = 0.3 / max(self._stiffness, self._quick_stiffness)
        while self.time < until * (1.0 - 1e-12):
            self._one_step(until)
            if watch is not None:
                watch(self)
            if stop is not None and stop(self):
                break

    def _one_step(self, until: float) -> None:
        stiffest = max(self._stiffness, self._quick_stiffness)
        if self._step < SHORTEST / stiffest:
            raise HeatError(
                text("at {time} s no step is short enough for the error asked for", time=round(self.time, 3)),
                repair=text("ask for a tolerance that single precision can keep, 0.01 K or more"),
            )
        wanted = min(self._step, longest_step(self.accuracy.most_stages, stiffest))
        left = until - self.time
        # The last two steps share what is left, so that no sliver remains.
        step = left if wanted >= left else min(wanted, 0.5 * left) if wanted > 0.5 * left else wanted
        made, lost = self._super_step(step)
        increment, rate = self._buffers[made], self._buffers[2]
        other = 1 - made
        self._u += increment
        before = (self._reach, self._stiffness, self._quick_stiffness, self._flow_out)
        error, largest = self._look(step, increment, rate, self._buffers[other])
        factor = 0.85 * (self.accuracy.tolerance / max(error, 1e-12)) ** (1.0 / 3.0)
        sound = bool(np.isfinite(error)) and np.isfinite(largest)
        if not sound or error > 2.0 * self.accuracy.tolerance or largest > REACHES[self._reach]:
            self._take_back(increment, before)
            if sound and largest > REACHES[self._reach]:
                self._reach = min(self._reach + 1, len(REACHES) - 1)
                self._look(0.0, increment, rate, self._buffers[other])
                rate, self._buffers[other] = self._buffers[other], rate
            self._buffers = [increment, self._buffers[other], rate]
            self._made_in = step if sound else 0.0
            self._step = step * min(max(factor if sound else 0.1, 0.1), 0.7)
            self.rejected += 1
            return
        self._note(increment, rate, step)
        self.time += step
        self.steps += 1
        self._through_sides += float(lost)
        self._buffers = [increment, rate, self._buffers[other]]
        self._made_in = step
        # A step cut short by the end of the stretch says little about the next one.
        grown = step * min(max(factor, 0.3), self.accuracy.growth)
        self._step = max(grown, wanted) if step < wanted and factor > 1.0 else grown
        likely = largest * 2.0 * max(1.0, self._step / step)
        better = next((n for n, r in enumerate(REACHES) if r >= likely), len(REACHES) - 1)
        lit = self._burning.burn(self._u, self._table, step)
        if lit:
            self._step = min(self._step, self._burning.longest_step)
        if lit or better > self._reach:
            self._reach = max(better, self._reach)
            self._look(0.0, self._buffers[0], self._buffers[1], self._buffers[2])
        self._reach = better

    def _take_back(self, increment: F4, before: tuple[int, float, float, float]) -> None:
        if np.isfinite(increment).all():
            self._u -= increment
        else:
            raise HeatError(
                text("the temperatures ran out of bounds at {time} s", time=round(self.time, 3)),
                repair=text(
                    "look for a medium whose table is steep or empty somewhere, or ask for a smaller tolerance"
                ),
            )
        self._conduct(self.time)
        self._reach, self._stiffness, self._quick_stiffness, self._flow_out = before

    def _super_step(self, step: float) -> tuple[int, float]:
        """Carry out the stages; return which buffer holds the increment, and the heat lost through the sides."""
        count = stages_needed(step, max(self._stiffness, self._quick_stiffness))
        slow = stages_needed(step, self._stiffness)
        apart = self._quick.some and count > slow + 2
        self._apart, self._quick_error = apart, 0.0
        if apart:
            # Both turns must leave their increment in the same buffer.
            count += (count - slow) % 2
        else:
            slow = count
        cells, table, shape = self._quick if apart else self._together, self._table, stages(slow)
        rows = shape.rows.copy()
        rows[:, 2:4] *= step
        first = shape.first * step
        odd, even, rate = (_planes(b) for b in self._buffers)
        pace = shape.first * step / self._made_in if self._made_in > 0.0 else 0.0
        size = len(cells.face)
        passed = self._flow[:size], self._passed_odd[:size], self._passed_even[:size]
        u, medium, nx = _planes(self._u), _planes(self._medium), self._u.shape[2]
        heat.begin(
            odd, even, rate, first, pace, cells.row, cells.run, u, nx, medium, table.temperature, table.nodes,
            *self._g, cells.face, cells.axis, *passed,
        )  # fmt: skip
        lost = np.zeros((len(rows), self._cores))
        heat.super_step(
            u, odd, even, rate, nx, medium, table.temperature, table.nodes, *self._g, _planes(self._per_heat),
            rows.astype(np.float32), cells.row, cells.run, cells.face, cells.axis, *passed, lost, self._room,
        )  # fmt: skip
        self.evaluations += slow
        made = 1 if len(rows) % 2 == 1 else 0
        if apart:
            self._quick_turn(step, count, passed[1 + made])
        before, now = 0.0, first * self._flow_out
        for (mu, nu, mt, gt, _, _), out in zip(rows, lost.sum(axis=1), strict=True):
            before, now = now, mu * now + nu * before + mt * out + gt * self._flow_out
        return made, now

    def _quick_turn(self, step: float, count: int, passed: F4) -> None:
        """Step the quick cells alone, given the heat that passed between them and the others."""
        cells, table, shape = self._quick, self._table, stages(count)
        rows = shape.rows.copy()
        rows[:, 2:4] *= step
        odd, even, rate = (_planes(b) for b in self._buffers)
        u, medium, per_heat, nx = _planes(self._u), _planes(self._medium), _planes(self._per_heat), self._u.shape[2]
        quick.hand_over(
            cells.face, cells.upper_is_quick, cells.rim, cells.cell, self._flow, passed, step, per_heat, self._rim_rate
        )
        quick.close_faces(cells.face, cells.axis, self._kept, *self._g)
        quick.quick_step(
            u, odd, even, rate, nx, medium, table.temperature, table.nodes, *self._g, per_heat, shape.first * step,
            rows.astype(np.float32), cells.row, cells.run, cells.bar, cells.span, cells.here, cells.cell,
            self._rim_rate, cells.slab, self._room,
        )  # fmt: skip
        made, free = (even, odd) if len(rows) % 2 == 1 else (odd, even)
        squares = np.zeros(self._cores)
        quick.quick_error(
            u, made, rate, free, nx, medium, table.temperature, table.nodes, *self._g, per_heat,
            cells.row, cells.run, cells.bar, cells.span, cells.cell, self._rim_rate, cells.slab, step, table.kelvin,
            squares, self._room,
        )  # fmt: skip
        self._quick_error = float(np.sqrt(squares.sum() / self._quick_cells))
        quick.open_faces(cells.face, cells.axis, self._kept, *self._g)
        self.quick_evaluations += count

    def _conduct(self, time: float) -> None:
        """Form all conductances for the step that begins at a time, with contacts as they are at its middle."""
        table = self._table
        u, medium = _planes(self._u), _planes(self._medium)
        heat.conductances(u, medium, table.conductivity, table.nodes, *self._widths, *self._g, self._room)
        faces = self._faces
        coefficient = faces.coefficients(time + 0.5 * self._step, self._lowest, self._highest)
        heat.interfaces(
            u, medium, table.temperature, table.conductivity, table.nodes, *self._widths,
            faces.cell, faces.axis, faces.pair, faces.area, faces.gain, coefficient, self._lowest,
            (coefficient.shape[1] - 1) / (self._highest - self._lowest), faces.emissivity, *self._g,
        )  # fmt: skip

    def _look(self, step: float, increment: F4, rate_before: F4, rate: F4) -> tuple[float, float]:
        """Form conductances and rates at the present state; return the error of the step and its largest increment."""
        self._conduct(self.time + step)
        table = self._table
        sums = np.zeros((self._cores, 6))
        heat.rates(
            _planes(self._u), _planes(increment), _planes(rate_before), _planes(rate), self._u.shape[2],
            _planes(self._medium), table.temperature, table.steepest[self._reach], table.nodes, *self._g,
            _planes(self._per_heat), self._error_scale_apart if self._apart else self._error_scale, self._kind, step,
            sums, self._zero, self._room,
        )  # fmt: skip
        self._stiffness, self._quick_stiffness = float(sums[:, 2].max()), float(sums[:, 3].max())
        self._flow_out = float(sums[:, 5].sum())
        mould = np.sqrt(sums[:, 0].sum() / max(1, min(self._mould_cells, self._metal_cells or self._mould_cells)))
        metal = np.sqrt(sums[:, 1].sum() / max(1, self._metal_cells))
        return float(max(metal, mould, self._quick_error)), float(sums[:, 4].max())

    def _note(self, increment: F4, rate: F4, step: float) -> None:
        passing.note(
            _planes(self._u), _planes(increment), _planes(rate), self._u.shape[2], _planes(self._medium),
            self._table.temperature, self._table.nodes, self._metal_here, *self._centres, self.time, step,
            self._metal, self._thresholds, self._passed, self._cooling, self._gradient,
        )  # fmt: skip


def _planes(cells: NDArray[Any]) -> NDArray[Any]:
    """Return an array over cells as one row a plane, which is how the loops take it."""
    return cells.reshape(cells.shape[0], -1)


#: What else makes up the state of a run.
_NUMBERS = (
    "time", "steps", "rejected", "evaluations", "quick_evaluations", "wall_s", "at_start", "metal_at_start", "_to_give",
    "_step", "_made_in", "_reach", "_through_sides",
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
