"""A stroke or a blow from the billet to the end: dies, machine, heat; everything told, and kept if it fails."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from forgecast.forging.cavity import Filling, check_dies, filling
from forgecast.forging.die import Die
from forgecast.forging.die_heat import DieFace
from forgecast.forging.die_wear import DieWear, unworn, worn
from forgecast.forging.error import ForgingError
from forgecast.forging.fold import Fold
from forgecast.forging.forming import Moment, Settings, begin, form
from forgecast.forging.grain import Recrystallisation
from forgecast.forging.heat import Thermal
from forgecast.forging.machine import EnergyMachine, HydraulicPress, Machine
from forgecast.forging.mesher import stretches
from forgecast.forging.run_findings import RangeWatch, findings_of
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Text, text
from forgecast.metal.flow_stress import FlowStress, Validity

FloatArray = NDArray[np.float64]
#: The dies never stand still before the end: they are taken as no slower than this share of their first speed.
_CREEP = 0.02


class Ended(StrEnum):
    """Why a run ended."""

    CLOSED = "closed"
    ENERGY = "energy"
    FORCE = "force"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, eq=False)
class Pressing:
    """A stroke as it is asked for.

    Parameters
    ----------
    outline : (k, 2) array
        Of the billet, counter-clockwise, m.
    lower, upper : Die
        Where they stand at first; the upper one comes down.
    closing : float
        Way of the upper die to the closed position, m.
    metal : FlowStress
    validity : Validity or None
        Range of the metal's coefficients; None where it is not known.
    temperature : float
        Of the billet, K.
    settings : Settings
    machine : Machine
    thermal : Thermal or None
        None: everything keeps its temperature.
    die_faces : tuple of DieFace
        Of the lower and the upper die, with `thermal`.
    flash_from : float or None
        Radius beyond which metal is flash, m.
    recrystallisation : Recrystallisation or None
    """

    outline: FloatArray
    lower: Die
    upper: Die
    closing: float
    metal: FlowStress
    temperature: float
    settings: Settings
    machine: Machine
    validity: Validity | None = None
    thermal: Thermal | None = None
    die_faces: tuple[DieFace, ...] = ()
    flash_from: float | None = None
    recrystallisation: Recrystallisation | None = None

    def __post_init__(self) -> None:
        """Check what was given."""
        if not self.closing > 0.0:
            raise ForgingError(
                text("the upper die has {way} m to close", way=self.closing),
                repair=text("set the upper die above its closed position"),
            )
        if self.thermal is not None and len(self.die_faces) != 2:
            raise ForgingError(
                text("heat is reckoned with, but there are {count} faces of dies", count=len(self.die_faces)),
                repair=text("give a face for the lower and the upper die, or leave the heat out"),
            )
        check_dies(self.lower, self.upper, self.closing)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """What a run tells step by step; arrays of one length.

    Parameters
    ----------
    time, travel, gap : array
        s; way gone and way still to go, m.
    force, work : array
        On the upper die, N (N/m in plane strain), above 0 under load; by it, J (J/m).
    fill, unfilled, flash_volume, flash_width : array
        As in `Filling`.
    volume, mended : array
        m3 (m2); put back so far.
    temperature_low, temperature_high, die_high : array
        Metal and die faces, K.
    strain_high, rate_high, damage_high : array
        1, 1/s, Pa.
    plastic, sliding, external, bubbles : array
        Powers of deformation, of friction and of the dies, and the part of the first that the bubbles take, W (W/m).
    triangles, remeshings, iterations : array
    seconds : array
        Time of the processor so far, s.
    """

    time: FloatArray
    travel: FloatArray
    gap: FloatArray
    force: FloatArray
    work: FloatArray
    fill: FloatArray
    unfilled: FloatArray
    flash_volume: FloatArray
    flash_width: FloatArray
    volume: FloatArray
    mended: FloatArray
    temperature_low: FloatArray
    temperature_high: FloatArray
    die_high: FloatArray
    strain_high: FloatArray
    rate_high: FloatArray
    damage_high: FloatArray
    plastic: FloatArray
    sliding: FloatArray
    external: FloatArray
    bubbles: FloatArray
    triangles: FloatArray
    remeshings: FloatArray
    iterations: FloatArray
    seconds: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What became of a stroke.

    Parameters
    ----------
    ended : Ended
    why : Text
        A sentence.
    series : Series
    moments : tuple of Moment
        Kept ones: the first, the last, and some evenly over the way between.
    folds : tuple of Fold
    wear : tuple of DieWear
        Of the lower and the upper die.
    findings : tuple of Finding
    """

    ended: Ended
    why: Text
    series: Series
    moments: tuple[Moment, ...]
    folds: tuple[Fold, ...]
    wear: tuple[DieWear, ...]
    findings: tuple[Finding, ...]


def press(asked: Pressing, *, watch: Callable[[Moment], None] | None = None, keep: int = 40) -> Run:
    """Return what becomes of a stroke.

    Parameters
    ----------
    asked : Pressing
    watch : callable or None
        Called with every moment, such as for a bar of progress.
    keep : int
        Moments kept between the first and the last.

    Raises
    ------
    ForgingError
        If the run cannot begin. Once it has begun, a failure ends it (`Ended.FAILED`) and what came before is kept.
    """
    # The products of a step are small: the threads of BLAS would not share them out, but spin beside them.
    with threadpool_limits(1, user_api="blas"):
        return _pressed(asked, watch, keep)


def _pressed(asked: Pressing, watch: Callable[[Moment], None] | None, keep: int) -> Run:
    piece = begin(
        asked.outline, (asked.lower, asked.upper), asked.settings, temperature=asked.temperature, dies=asked.die_faces,
        recrystallisation=asked.recrystallisation,
    )  # fmt: skip
    course = _Telling(asked, float(np.median(stretches(piece.mesh))), keep)
    failure: ForgingError | None = None
    try:
        for moment in form(
            piece, (asked.lower, asked.upper), asked.metal, asked.settings, thermal=asked.thermal,
            speeds=course.speeds, until=course.over, longest=course.longest, recrystallisation=asked.recrystallisation,
            most_steps=20_000,
        ):  # fmt: skip
            course.tell(moment)
            if watch is not None:
                watch(moment)
    except ForgingError as error:
        if course.last is None:
            raise
        failure = error
    return course.run(failure)


@dataclass(slots=True)
class _Telling:
    asked: Pressing
    spacing: float
    keep: int
    rows: list[tuple[float, ...]] = field(default_factory=list)
    kept: list[Moment] = field(default_factory=list)
    last: Moment | None = None
    wear: list[DieWear] = field(default_factory=list)
    range: RangeWatch | None = None
    over_force: float = 0.0
    begun: float = 0.0

    def __post_init__(self) -> None:
        self.wear = [unworn(tool, self.spacing) for tool in (self.asked.lower, self.asked.upper)]
        self.range = None if self.asked.validity is None else RangeWatch(self.asked.validity)
        self.begun = time.process_time()

    def gap(self, tools: tuple[Die, ...]) -> float:
        gone = float(self.asked.upper.profile[0, 1] - tools[1].profile[0, 1])
        return self.asked.closing - gone

    def speeds(self, at: float, work: float, tools: tuple[Die, ...]) -> tuple[float, ...]:
        del at
        # Judged a little above the end, where a press still moves: its last moment is one of the stroke.
        machine, left = self.asked.machine, max(self.gap(tools), 1e-4 * self.asked.closing)
        slowest = _CREEP * machine.speed(self.asked.closing, 0.0)
        return 0.0, -max(machine.speed(left, work), slowest)

    def longest(self, moment: Moment) -> float:
        speed = -moment.tools[1].speed
        width = self.gap(moment.tools) / speed
        if isinstance(self.asked.machine, EnergyMachine):
            left = self.asked.machine.useful_energy - moment.work
            width = min(width, left / max(float(moment.force[1]) * speed, 1e-300))
        # The very end is reached from a little beyond, so that no step of rounding is left.
        return max(width * (1.0 + 1e-9), 1e-12)

    def spent(self, moment: Moment) -> bool:
        machine = self.asked.machine
        return isinstance(machine, EnergyMachine) and moment.work >= machine.useful_energy * (1.0 - 2e-3)

    def stalled(self, moment: Moment) -> bool:
        machine = self.asked.machine
        return isinstance(machine, HydraulicPress) and moment.force[1] >= machine.force

    def closed(self, moment: Moment) -> bool:
        return self.gap(moment.tools) <= 1e-6 * self.asked.closing

    def over(self, moment: Moment) -> bool:
        return self.closed(moment) or self.spent(moment) or self.stalled(moment)

    def tell(self, moment: Moment) -> None:
        asked, flow = self.asked, moment.piece.flow
        assert flow is not None  # noqa: S101
        before, axisymmetric = self.last, asked.settings.axisymmetric
        if before is not None:
            width = moment.piece.time - before.piece.time
            self.wear = [worn(w, before, k, width, axisymmetric=axisymmetric) for k, w in enumerate(self.wear)]
        if self.range is not None:
            self.range.see(moment)
        gap = self.gap(moment.tools)
        limit = asked.machine.force_limit(max(gap, 0.0))
        self.over_force = max(self.over_force, float(moment.force[1]) / limit)
        full = filling(
            moment.piece.mesh, moment.tools[0], moment.tools[1], flash_from=asked.flash_from, axisymmetric=axisymmetric
        )
        self.rows.append(self._row(moment, gap, full))
        self.last = moment
        if not self.kept or asked.closing - gap >= len(self.kept) * asked.closing / max(self.keep, 1):
            self.kept.append(moment)

    def _row(self, moment: Moment, gap: float, full: Filling) -> tuple[float, ...]:
        piece, flow = moment.piece, moment.piece.flow
        assert flow is not None  # noqa: S101
        turn = 2.0 * math.pi if self.asked.settings.axisymmetric else 1.0
        hottest = max((float(face.face().max()) for face in piece.dies), default=math.nan)
        return (
            piece.time, self.asked.closing - gap, gap, float(moment.force[1]), moment.work, full.touched, full.unfilled,
            full.flash_volume, full.flash_width, moment.volume, moment.mended, float(piece.temperature.min()),
            float(piece.temperature.max()), hottest, float(piece.strain.max()), float(flow.effective.max()),
            math.nan if piece.damage is None else float(piece.damage.max()), turn * flow.plastic, turn * flow.sliding,
            turn * flow.external, turn * flow.bubbles, len(piece.mesh.triangles), moment.remeshings, flow.iterations,
            time.process_time() - self.begun,
        )  # fmt: skip

    def run(self, failure: ForgingError | None) -> Run:
        last = self.last
        assert last is not None  # noqa: S101
        columns = np.array(self.rows, dtype=np.float64).T
        series = Series(**{item.name: columns[k] for k, item in enumerate(fields(Series))})
        ended, why = self._ending(last, series, failure)
        moments = tuple(self.kept) if self.kept[-1] is last else (*self.kept, last)
        whole = float(series.volume[0])
        findings = findings_of(self.range, last, whole, over_force=self.over_force, failure=failure)
        return Run(ended, why, series, moments, last.folds, tuple(self.wear), findings)

    def _ending(self, last: Moment, series: Series, failure: ForgingError | None) -> tuple[Ended, Text]:
        fill, left = f"{100.0 * series.fill[-1]:.1f}", f"{1e3 * series.gap[-1]:.2f}"
        if failure is not None:
            return Ended.FAILED, text(
                "the run failed {left} mm before the dies were closed, with {fill} % of the cavity touched: {reason}",
                left=left, fill=fill, reason=failure.what,
            )  # fmt: skip
        if self.closed(last):
            return Ended.CLOSED, text("the dies are closed; the metal touches {fill} % of the cavity", fill=fill)
        if self.spent(last):
            return Ended.ENERGY, text(
                "the energy of the blow is used up {left} mm before the dies are closed, with {fill} % of the cavity "
                "touched", left=left, fill=fill,
            )  # fmt: skip
        return Ended.FORCE, text(
            "the press stalls {left} mm before the dies are closed, with {fill} % of the cavity touched", left=left,
            fill=fill,
        )  # fmt: skip
