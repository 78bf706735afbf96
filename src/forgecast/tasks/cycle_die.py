"""Run a die or permanent mould over its cycles to the periodic state, and say how the casting then freezes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import forgecast
from forgecast.casting.cycle import Cycled, CycleFigures, Exposed, cycle, die_cycle
from forgecast.casting.heat_run import Accuracy
from forgecast.casting.layout import Layout
from forgecast.ground.citation import Source
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.metal.medium import Medium


@dataclass(frozen=True, slots=True, eq=False)
class DieCycled:
    """A die over its cycles, and what it was made from.

    Parameters
    ----------
    cycled : Cycled
    cycle_time : float
        [s].
    solid_at_opening : float
        Share of the metal's volume that has passed its solidus when the die opens [1].
    findings : tuple of Finding
    sources : tuple of Source
        Of the materials' values and contacts.
    version : str
        Of Forgecast.
    """

    cycled: Cycled
    cycle_time: float
    solid_at_opening: float
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    version: str

    def as_json(self) -> dict[str, object]:
        """Return the result with units in the names; fields are left out."""
        return {
            "cycle_time_s": self.cycle_time,
            "periodic": self.cycled.periodic,
            "phases": [
                {"name": phase.name, "title": phase.title.as_json(), "duration_s": phase.duration}
                for phase in self.cycled.phases
            ],
            "cycles": [_figures_as_json(figures) for figures in self.cycled.cycles],
            "solid_at_opening": self.solid_at_opening,
            "findings": [finding.as_json() for finding in self.findings],
            "sources": [source.as_json() for source in self.sources],
            "version": self.version,
        }


def cycle_die(
    closed: Layout,
    *,
    dwell: float,
    opened: Exposed,
    spray: Exposed | None = None,
    shut: Exposed | None = None,
    tolerance: float = 0.5,
    balance: float = 0.005,
    most_cycles: int = 200,
    warming_up: bool = False,
    accuracy: Accuracy | None = None,
    told: Callable[[CycleFigures], None] | None = None,
) -> DieCycled:
    """Cycle a die to its periodic state.

    Parameters
    ----------
    closed : Layout
        Metal, die, cooling channels and surroundings when the metal has just come in.
    dwell : float
        From the pour to the opening [s].
    opened, spray, shut : Exposed
        What the empty die meets, in this order; spray and shut may be left out.
    tolerance : float
        Largest change of a die temperature over a cycle [K].
    balance : float
        Largest share of a cycle's heat that the die may still store [1].
    most_cycles : int
    warming_up : bool
        Whether every cycle starts as the one before has ended, as the real die warms up; else the periodic state is
        reached in fewer cycles by extrapolation.
    accuracy : Accuracy or None
    told : callable or None
        Called with the figures of every cycle.

    Raises
    ------
    CycleError
        If no cell holds metal, a duration is not above zero, or `most_cycles` is below one.

    Notes
    -----
    As `casting.cycle`.
    """
    phases = die_cycle(closed, dwell=dwell, opened=opened, spray=spray, shut=shut)
    cycled = cycle(
        phases,
        tolerance=tolerance,
        balance=balance,
        most_cycles=most_cycles,
        memory=0 if warming_up else 4,
        accuracy=accuracy,
        told=told,
    )
    solid = _solid_share(cycled)
    layout = phases[0].layout
    sources = [s for one in layout.media if isinstance(one, Medium) for s in one.sources]
    sources += [s for contact in layout.contacts.values() for s in contact.sources]
    return DieCycled(
        cycled=cycled,
        cycle_time=sum(phase.duration for phase in phases),
        solid_at_opening=solid,
        findings=_findings(cycled, solid),
        sources=tuple(dict.fromkeys(sources)),
        version=forgecast.__version__,
    )


def _solid_share(cycled: Cycled) -> float:
    freezing = cycled.freezing
    assert freezing is not None  # noqa: S101  (`die_cycle` asks for metal)
    volume = freezing.metal_volume.astype(np.float64)
    return float(volume[np.isfinite(freezing.time_solidus)].sum() / volume.sum())


def _findings(cycled: Cycled, solid: float) -> tuple[Finding, ...]:
    found: list[Finding] = []

    def add(code: str, value: str, reason: Text, repair: Text) -> None:
        found.append(Finding(code, Severity.DOUBTFUL, Place("cycle"), value, reason, repair))

    last = cycled.cycles[-1]
    if not cycled.periodic:
        add(
            "not-periodic",
            f"{last.change:.3g} K",
            text("after {count} cycles the die still changes from one to the next", count=len(cycled.cycles)),
            text("run more cycles"),
        )
    if solid < 1.0:
        add(
            "not-solid-at-opening",
            f"{100.0 * solid:.1f} %",
            text("the die opens before all metal has passed its solidus"),
            text("keep it closed for longer, or cool the die more where the metal freezes last"),
        )
    return tuple(found)


def _figures_as_json(figures: CycleFigures) -> dict[str, object]:
    return {
        "die_mean_K": figures.mean,
        "die_highest_K": figures.highest,
        "die_hottest_in_cycle_K": figures.hottest,
        "change_K": figures.change,
        "brought_J": figures.brought,
        "taken_J": dict(figures.taken),
        "released_J": figures.released,
        "stored_J": figures.stored,
        "residual": figures.residual,
    }
