"""Freeze a part in its mould and judge it: when each place is solid, where it shrinks, whether it is sound."""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.criteria import LIMITS, niyama, niyama_thresholds
from forgecast.casting.freeze import freeze
from forgecast.casting.freezing import Freezing
from forgecast.casting.heat_run import Accuracy, HeatRun
from forgecast.casting.layout import Side
from forgecast.casting.pools import PoolTree, pool_tree
from forgecast.casting.shrinkage import Contraction, Shrinkage, shrinkage
from forgecast.casting.soundness import Limits, Soundness, soundness
from forgecast.ground.citation import Source
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Text, text
from forgecast.metal.alloy import Alloy
from forgecast.shape.solid import Solid
from forgecast.tasks.error_estimate import ErrorEstimate, estimate_error
from forgecast.tasks.mould_layout import Body, Pour, lay, mould_grid

F8 = NDArray[np.float64]
GRAPHITIC = ("grey-iron", "ductile-iron")


@dataclass(frozen=True, slots=True)
class Fineness:
    """How finely space and time are cut.

    Parameters
    ----------
    cell : float
        Edge of a cell [m].
    margin : float
        Thickness of the mould around the bodies [m].
    accuracy : Accuracy
    estimate : bool
        Whether the part is frozen again in two coarser grids, to say how far its times are from converged.
    cores : int or None
        None uses all.
    symmetry : tuple of side
        Sides at which the bodies end in a plane of symmetry (``x-``, ``y+`` …).
    """

    cell: float
    margin: float
    accuracy: Accuracy = field(default_factory=Accuracy)
    estimate: bool = False
    cores: int | None = None
    symmetry: tuple[Side, ...] = ()


@dataclass(frozen=True, slots=True)
class FrozenPart:
    """A frozen part and what follows.

    Parameters
    ----------
    casting : Solid
    bodies : tuple of Body
    pour : Pour
    fineness : Fineness
    freezing : Freezing
    pools : PoolTree
    shrinkage : Shrinkage
    niyama : (nz, ny, nx) float64
        [K^0.5 s^0.5/m].
    soundness : Soundness
    error : ErrorEstimate or None
    notes : tuple of Text
        Where a figure does not apply, and what was assumed.
    findings : tuple of Finding
    sources : tuple of Source
    timings : mapping of str to float
        Seconds that each part of the work took.
    """

    casting: Solid
    bodies: tuple[Body, ...]
    pour: Pour
    fineness: Fineness
    freezing: Freezing
    pools: PoolTree
    shrinkage: Shrinkage
    niyama: F8
    soundness: Soundness
    error: ErrorEstimate | None
    notes: tuple[Text, ...]
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    timings: Mapping[str, float]


def freeze_part(
    casting: Solid,
    bodies: Sequence[Body],
    pour: Pour,
    fineness: Fineness,
    *,
    limits: Limits | None = None,
    until: float | None = None,
    gravity: tuple[float, float, float] = (0.0, 0.0, -1.0),
    rigidity: float = 1.0,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: Path | None = None,
    watch: Callable[[HeatRun], None] | None = None,
) -> FrozenPart:
    """Freeze a part and judge it.

    Parameters
    ----------
    casting : Solid
        As it lies in the mould.
    bodies : sequence of Body
        Risers, chills, sleeves and cores.
    pour : Pour
    fineness : Fineness
    limits : Limits or None
        What the casting has to keep to; None takes the Niyama threshold on record for the family.
    until : float or None
        Time at which to end in any case [s]; None ends when all metal is solid.
    gravity : (float, float, float)
        Its direction.
    rigidity : float
        Share of the graphite's expansion that the mould keeps in the casting [1]; asked of irons only.
    progress : callable or None
        Told the fraction done.
    stop : callable or None
        Asked after every step; when it says so, what has been reached is judged and returned.
    checkpoint : Path or None
        File in which the run is kept while it works; if it is there, the run goes on from it.
    watch : callable or None
        Shown the run after every step; it may look and not touch.

    Raises
    ------
    ForgecastError
        If an input is wrong; before any time is spent.
    """
    tell = progress or (lambda _done: None)
    clocked = _Watch()
    grid = mould_grid([casting, *(b.solid for b in bodies)], fineness.cell, fineness.margin, symmetry=fineness.symmetry)
    laid = lay(casting, bodies, pour, grid, symmetry=fineness.symmetry)
    contraction = contraction_of(pour.alloy, pour.temperature, rigidity=rigidity)
    accuracy = replace(fineness.accuracy, feeding_fraction=contraction.feeding_fraction)
    clocked.note("lay")
    freezing = freeze(
        laid.layout,
        until=until,
        accuracy=accuracy,
        cores=fineness.cores,
        progress=lambda share: tell(0.05 + 0.8 * share),
        stop=stop,
        checkpoint=checkpoint,
        watch=watch,
    )
    clocked.note("freeze")
    pools, voids, values, verdict = judged(freezing, pour.alloy, contraction, limits=limits, gravity=gravity)
    clocked.note("judge")
    error = None
    if fineness.estimate and freezing.effort.finished:
        error = _estimated(freezing, (casting, tuple(bodies), pour), fineness, accuracy, stop)
        clocked.note("estimate")
    tell(1.0)
    return FrozenPart(
        casting=casting,
        bodies=tuple(bodies),
        pour=pour,
        fineness=fineness,
        freezing=freezing,
        pools=pools,
        shrinkage=voids,
        niyama=values,
        soundness=verdict,
        error=error,
        notes=_notes(freezing, rigidity=rigidity if pour.alloy.family in GRAPHITIC else None),
        findings=laid.findings,
        sources=laid.sources,
        timings=clocked.timings,
    )


def _estimated(
    freezing: Freezing,
    made_from: tuple[Solid, tuple[Body, ...], Pour],
    fineness: Fineness,
    accuracy: Accuracy,
    stop: Callable[[], bool] | None,
) -> ErrorEstimate | None:
    return estimate_error(
        freezing, *made_from, fineness.cell, fineness.margin, accuracy, symmetry=fineness.symmetry, stop=stop
    )


class _Watch:
    """How long each part of the work took."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}
        self._begun = clock.perf_counter()

    def note(self, name: str) -> None:
        """Note the time since the last note under a name."""
        now = clock.perf_counter()
        self.timings[name] = now - self._begun
        self._begun = now


def judged(
    freezing: Freezing,
    alloy: Alloy,
    contraction: Contraction,
    *,
    limits: Limits | None = None,
    gravity: tuple[float, float, float] = (0.0, 0.0, -1.0),
) -> tuple[PoolTree, Shrinkage, F8, Soundness]:
    """Return the pools of a frozen part, its voids, its Niyama values and whether it is sound.

    Parameters
    ----------
    freezing : Freezing
    alloy : Alloy
    contraction : Contraction
    limits : Limits or None
        None takes what is on record for the alloy.
    gravity : (float, float, float)
    """
    grid, part, volume = freezing.grid, freezing.part, freezing.metal_volume
    pools = pool_tree(grid, part, freezing.time_solidus, volume)
    voids = shrinkage(
        grid,
        part,
        volume,
        freezing.time_liquidus,
        freezing.time_feeding,
        freezing.time_solidus,
        contraction,
        gravity=gravity,
        end_time=freezing.end_time,
    )
    values = niyama(freezing.gradient, freezing.cooling_rate)
    verdict = soundness(
        grid,
        part,
        volume,
        voids,
        limits or limits_on_record(alloy),
        niyama=values,
        niyama_does_not_apply=LIMITS["niyama"][0] if alloy.family in GRAPHITIC else None,
    )
    return pools, voids, values, verdict


def contraction_of(alloy: Alloy, pour_temperature: float, *, rigidity: float = 1.0) -> Contraction:
    """Return by how much an alloy contracts from its pour on.

    Raises
    ------
    ForgecastError
        If the table does not say at which solid fraction its feeding stops, or how much the graphite of an iron
        expands.
    """
    feeding = alloy.number("feeding_stop")
    if feeding is None:
        raise ForgecastError(
            text("{alloy}: the solid fraction at which feeding stops is not known", alloy=alloy.title),
            where=alloy.name,
            repair=text("give a table of your own with a row `feeding_stop`"),
        )
    graphite = alloy.number("graphite_expansion")
    if graphite is None and alloy.family in GRAPHITIC:
        raise ForgecastError(
            text("{alloy}: the expansion of its graphite is not known", alloy=alloy.title),
            where=alloy.name,
            repair=text("give a table of your own with a row `graphite_expansion`; 0 for an iron that freezes white"),
        )
    return Contraction(
        liquid=alloy.liquid_contraction * (pour_temperature - alloy.liquidus),
        solidification=alloy.solidification_contraction,
        feeding_fraction=feeding,
        graphite=0.0 if graphite is None else graphite,
        rigidity=rigidity,
    )


def limits_on_record(alloy: Alloy) -> Limits:
    """Return the limits that the tables hold for an alloy: its Niyama threshold, where there is one."""
    known = niyama_thresholds(alloy.family)
    return Limits(niyama=known[0] if known else None)


def _notes(freezing: Freezing, *, rigidity: float | None) -> tuple[Text, ...]:
    """Return what a reader has to know; the rigidity of the mould is given for irons only."""
    notes = [
        text("the mould is taken as filled at once, with all metal at pouring temperature"),
        text(
            "contraction after mass feeding has stopped is shown as microporosity where it happens; some of it is fed"
        ),
    ]
    if rigidity is None:
        notes += list(LIMITS["niyama"][1:3])
    else:
        notes.append(
            text(
                "{share} % of the expansion of graphite is taken to feed the casting; a soft mould gives way and keeps "
                "less",
                share=round(100.0 * rigidity),
            )
        )
    if not freezing.effort.finished:
        notes.insert(
            0,
            text(
                "the run was stopped at {time} s; what was still liquid then is not judged",
                time=round(freezing.end_time, 1),
            ),
        )
    return tuple(notes)
