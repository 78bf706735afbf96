"""Freeze a layout: from the pour until the last metal is solid."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.checkpoint import resume, save
from forgecast.casting.freezing import Effort, Freezing
from forgecast.casting.heat_run import Accuracy, HeatError, HeatRun
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import Layout
from forgecast.ground.texts import text
from forgecast.metal.medium import Medium

F4 = NDArray[np.float32]

#: A run whose metal gives off less than this share of its heat while the time doubles will not freeze.
STANDSTILL = 1e-4
#: How often a run is kept on disk [s].
KEPT_EVERY_S = 60.0


def freeze(
    layout: Layout,
    *,
    until: float | None = None,
    accuracy: Accuracy | None = None,
    temperature: F4 | None = None,
    cores: int | None = None,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: Path | None = None,
    watch: Callable[[HeatRun], None] | None = None,
) -> Freezing:
    """Carry heat out of the metal until all of it is solid, or until a time.

    Solves dH/dt = div(k grad T) + q for the heat content H of every cell by finite volumes, exactly conserving heat;
    steps in time are Runge-Kutta-Legendre super steps of second order, as long as their error allows.

    Parameters
    ----------
    layout : Layout
    until : float or None
        Time at which to end in any case [s]; None ends when all metal is solid.
    accuracy : Accuracy or None
    temperature : (nz, ny, nx) float32 or None
        Temperatures to start from [K]; None takes the start temperature of each medium.
    cores : int or None
        None uses all there are.
    progress : callable or None
        Told the share of the heat that the metal has given off, 0 to 1.
    stop : callable or None
        Asked after every step; when it says so, what has been reached is returned, and `effort.finished` is False.
    checkpoint : Path or None
        File in which the run is kept every minute and when it is stopped; if it is there, the run goes on from it, and
        it is removed when the run is finished.
    watch : callable or None
        Shown the run after every step; it may look and not touch.

    Raises
    ------
    HeatError
        If there is no metal, it does not freeze, or the checkpoint is of another layout.
    """
    alloy, start = _poured(layout)
    run = HeatRun(layout, accuracy=accuracy, temperature=temperature, cores=cores)
    if checkpoint is not None and checkpoint.is_file():
        resume(run, checkpoint)
    keeper = _Watch(until, progress, stop, checkpoint, watch)
    run.advance(np.inf if until is None else until, stop=keeper.after_step)
    if checkpoint is not None and not keeper.stopped:
        checkpoint.unlink(missing_ok=True)
    return freezing_of(run, alloy, start, finished=not keeper.stopped)


def freezing_of(run: HeatRun, alloy: Medium, pour_temperature: float, *, finished: bool) -> Freezing:
    """Return how the metal of a run has frozen until now.

    Parameters
    ----------
    run : HeatRun
    alloy : Medium
    pour_temperature : float
        [K].
    finished : bool
        False where the run was stopped before its end.
    """
    layout = run.layout
    audit, temperature = run.audit(), run.temperature()
    liquidus, feeding, solidus, cooling, gradient = run.passages()
    return Freezing(
        grid=layout.grid,
        part=layout.part,
        metal_volume=layout.metal_volume,
        time_liquidus=liquidus,
        time_feeding=feeding,
        time_solidus=solidus,
        cooling_rate=cooling,
        gradient=gradient,
        temperature=temperature,
        medium=layout.medium,
        alloy=alloy,
        pour_temperature=pour_temperature,
        end_time=run.time,
        audit=audit,
        effort=Effort(
            steps=run.steps,
            rejected=run.rejected,
            stages=run.evaluations,
            quick_stages=run.quick_evaluations,
            wall_s=run.wall_s,
            finished=finished,
        ),
    )


class _Watch:
    """What happens after each step: keep the run, tell how far it is, and see whether it is to end."""

    def __init__(
        self,
        until: float | None,
        progress: Callable[[float], None] | None,
        stop: Callable[[], bool] | None,
        checkpoint: Path | None,
        watch: Callable[[HeatRun], None] | None,
    ) -> None:
        self._until, self._progress, self._stop, self._checkpoint = until, progress, stop, checkpoint
        self._watch = watch
        self._kept = clock.monotonic()
        self._mark_time, self._mark_share = 1.0, 0.0
        self.stopped = False

    def after_step(self, run: HeatRun) -> bool:
        """Return whether the run is to end."""
        if self._watch is not None:
            self._watch(run)
        self.stopped = self._stop is not None and self._stop()
        if self._checkpoint is not None and (self.stopped or clock.monotonic() - self._kept > KEPT_EVERY_S):
            save(run, self._checkpoint)
            self._kept = clock.monotonic()
        share = run.frozen_share
        if self._progress is not None:
            self._progress(share if self._until is None else max(share, run.time / self._until))
        if self._until is not None:
            return self.stopped
        if run.time > 2.0 * self._mark_time:
            self._refuse_standstill(share)
            self._mark_time, self._mark_share = run.time, share
        return self.stopped or run.solidified

    def _refuse_standstill(self, share: float) -> None:
        if self._mark_time > 1.0 and share - self._mark_share < STANDSTILL:
            raise HeatError(
                text("the metal stands still at {share} % of its heat given off", share=round(100 * share, 2)),
                repair=text("look whether the mould can take up the heat, or name the time at which to end"),
            )


def _poured(layout: Layout) -> tuple[Medium, float]:
    """Return the alloy and the temperature it is poured at."""
    for index in np.unique(layout.medium[layout.part > 0]):
        one = layout.media[int(index)]
        if not isinstance(one, Surroundings) and one.solid_fraction is not None:
            return one, layout.start[int(index)]
    raise HeatError(
        text("there is no metal in the mould"),
        repair=text("give the cells of the casting a medium with a solid fraction, and a body number in `part`"),
    )
