"""A die or permanent mould over its cycles, to the periodic state: pour, dwell, open, spray, close, and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.freeze import freezing_of
from forgecast.casting.freezing import Freezing
from forgecast.casting.heat_run import Accuracy, HeatRun
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import Layout
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.metal.contact import Contact
from forgecast.metal.medium import Medium

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Nothing passes.
INSULATED = Contact("constant", np.zeros(1), np.zeros(1))
#: Sink that stands for the sides of the grid, whatever lies beyond them.
SIDES_SINK = "sides"


class CycleError(ForgecastError):
    """The phases of a cycle do not fit together."""

    code = "cycle"


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the cycle in which nothing is moved.

    Parameters
    ----------
    name : str
    title : Text
    duration : float
        [s].
    layout : Layout
        Grid and media are the same in all phases; which medium fills a cell may differ.
    renewed : tuple of int
        Media that come in new at the beginning of the phase, at their start temperature in `layout`: the metal.
    """

    name: str
    title: Text
    duration: float
    layout: Layout
    renewed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Exposed:
    """What the faces of an empty die meet.

    Parameters
    ----------
    surroundings : Surroundings
        Air, or the spray with its temperature.
    contact : Contact
        From die to surroundings.
    duration : float
        [s].
    """

    surroundings: Surroundings
    contact: Contact
    duration: float


def die_cycle(
    closed: Layout, *, dwell: float, opened: Exposed, spray: Exposed | None = None, shut: Exposed | None = None
) -> tuple[Phase, ...]:
    """Return the phases of a die casting or permanent mould cycle.

    Parameters
    ----------
    closed : Layout
        Metal, die, cooling channels (cells of surroundings, with a contact for the film coefficient) and what lies
        around, as they are when the metal has just come in.
    dwell : float
        From the pour to the opening [s].
    opened : Exposed
        The casting is out, the faces it touched meet air.
    spray : Exposed or None
    shut : Exposed or None
        The die is closed and empty; its contact may be `INSULATED`.

    Raises
    ------
    CycleError
        If no cell holds metal, or a duration is not above zero.

    Notes
    -----
    Exposed are the faces of the cells that held metal. Parting faces beside the cavity stay in the contact that
    `closed` gives them; to open them too, make the phases yourself, each with its layout.
    """
    metal = closed.part > 0
    if not metal.any():
        raise CycleError(text("no cell of the die holds metal"), repair=text("mark the casting's cells in `part`"))
    named = (
        ("open", text("open"), opened),
        ("spray", text("spray"), spray),
        ("shut", text("closed and empty"), shut),
    )
    renewed = tuple(int(index) for index in np.unique(closed.medium[metal]))
    empties = [(name, title, one) for name, title, one in named if one is not None]
    media = (*closed.media, *(one.surroundings for _, _, one in empties))
    start = (*closed.start, *(one.surroundings.temperature for _, _, one in empties))
    contacts = dict(closed.contacts)
    for place, (_, _, one) in enumerate(empties):
        index = len(closed.media) + place
        for other, medium in enumerate(media[:index]):
            contacts[other, index] = one.contact if isinstance(medium, Medium) else INSULATED
    base = replace(closed, media=media, start=start, contacts=contacts)
    phases = [Phase("dwell", text("metal in the die"), dwell, base, renewed)]
    for place, (name, title, one) in enumerate(empties):
        index = len(closed.media) + place
        cells = np.where(metal, index, closed.medium).astype(np.uint8)
        layout = replace(base, medium=cells, part=np.zeros_like(closed.part))
        phases.append(Phase(name, title, one.duration, layout))
    return tuple(phases)


@dataclass(frozen=True, slots=True)
class CycleFigures:
    """One cycle in numbers.

    Parameters
    ----------
    mean, highest : float
        Temperature of the die at the start of the cycle: over its volume, and at its hottest [K].
    hottest : float
        At the end of any phase [K].
    change : float
        Largest change of a die temperature from the start of the cycle to its end [K].
    brought : float
        Heat content of the metal as it came in less as it was taken out [J].
    taken : mapping of str to float
        Heat each sink took: surroundings within the grid by name, and ``sides`` for all sides of it [J].
    released : float
        Heat released by burning media [J].
    stored : float
        Rise of the die's heat content [J]; 0 in the periodic state.
    """

    mean: float
    highest: float
    hottest: float
    change: float
    brought: float
    taken: Mapping[str, float]
    released: float
    stored: float

    @property
    def residual(self) -> float:
        """Return the heat not accounted for over the heat that passed [1]."""
        gap = self.brought + self.released - sum(self.taken.values()) - self.stored
        return abs(gap) / self.passed

    @property
    def passed(self) -> float:
        """Return the heat that passed through the die in the cycle [J]."""
        given = sum(abs(heat) for heat in self.taken.values())
        return max(abs(self.brought), 0.5 * given, 1e-300)


@dataclass(frozen=True, slots=True, eq=False)
class Cycled:
    """A die in its periodic state, or as near to it as the cycles have come.

    Parameters
    ----------
    phases : tuple of Phase
    die : (nz, ny, nx) bool
        Cells that stay from cycle to cycle.
    temperature : (nz, ny, nx) float32
        At the start of the last cycle, the metal just in [K].
    cycles : tuple of CycleFigures
        In the order they were run; with acceleration they are no warming-up of the real die.
    periodic : bool
        Whether tolerance and balance were met.
    freezing : Freezing or None
        Of the metal of the last cycle, in the phase that it came in with; None where there is no metal.
    """

    phases: tuple[Phase, ...]
    die: Mask
    temperature: F4
    cycles: tuple[CycleFigures, ...]
    periodic: bool
    freezing: Freezing | None


def cycle(
    phases: Sequence[Phase],
    *,
    tolerance: float = 0.5,
    balance: float = 0.005,
    most_cycles: int = 200,
    memory: int = 4,
    accuracy: Accuracy | None = None,
    temperature: F4 | None = None,
    cores: int | None = None,
    watch: Callable[[int, HeatRun], None] | None = None,
    told: Callable[[CycleFigures], None] | None = None,
) -> Cycled:
    r"""Repeat the phases until the die is as hot at the end of a cycle as at its start.

    Parameters
    ----------
    phases : sequence of Phase
        From `die_cycle`, or made one by one.
    tolerance : float
        Largest change of a die temperature over a cycle [K].
    balance : float
        Largest share of the heat that passes in a cycle that the die may still store. A die that warms slowly changes
        little in a cycle though it is far from its periodic state; a linear one that still stores a share s of the heat
        is short of it by about the share s of its rise.
    most_cycles : int
        Where to stop in any case.
    memory : int
        How many earlier cycles the start of the next one is extrapolated from; 0 lets each cycle start as the last one
        ended, which is the warming-up of the real die.
    accuracy : Accuracy or None
    temperature : (nz, ny, nx) float32 or None
        Of the die at the start [K]; None takes the start temperatures of the first layout.
    cores : int or None
    watch : callable or None
        Called with the number of the phase and its run after every step.
    told : callable or None
        Called with the figures of every cycle.

    Raises
    ------
    CycleError
        If the phases do not fit together, or `most_cycles` is below one.

    Notes
    -----
    The start of a cycle is a fixed point :math:`x = G(x)`, `G` being one cycle. Anderson's mixing takes
    :math:`x_{k+1} = \sum_i a_i G(x_i)` over the last cycles, the weights, of sum one, making
    :math:`\sum_i a_i (G(x_i) - x_i)` least (by volume); where the change grows nonetheless, the memory is dropped.
    Source: D. G. Anderson, Iterative procedures for nonlinear integral equations, J. ACM 12 (1965) 547-560,
    doi:10.1145/321296.321305 (unverified: recalled).
    """
    if most_cycles < 1:
        raise CycleError(text("no cycle is asked for"), repair=text("ask for one or more"))
    die = _die(phases)
    first = phases[0].layout
    field = np.array(first.start, dtype=np.float32)[first.medium] if temperature is None else temperature.copy()
    weight = np.sqrt(first.grid.volumes[die])
    bounds = _bounds(phases, field)
    mixing = _Mixing(memory, weight, bounds)
    figures: list[CycleFigures] = []
    turn = None
    for _ in range(most_cycles):
        turn = _turn(phases, field, die, accuracy, cores, watch)
        figures.append(turn.figures)
        if told is not None:
            told(turn.figures)
        periodic = turn.figures.change <= tolerance and abs(turn.figures.stored) <= balance * turn.figures.passed
        if periodic:
            break
        field = field.copy()
        field[die] = mixing.next(turn.before[die].astype(np.float64), turn.after[die].astype(np.float64))
    assert turn is not None  # noqa: S101  (at least one was run)
    return Cycled(tuple(phases), die, turn.before, tuple(figures), periodic, turn.freezing)


def _die(phases: Sequence[Phase]) -> Mask:
    """Return the cells that stay the same in all phases, after a look whether the phases fit together."""
    if not phases or any(not phase.duration > 0.0 for phase in phases):
        raise CycleError(text("a phase takes no time"), repair=text("give each phase a duration above zero"))
    first = phases[0].layout
    stays = np.ones(first.grid.shape, dtype=bool)
    for phase, after in zip(phases, [*phases[1:], phases[0]], strict=True):
        same = len(after.layout.media) == len(first.media) and after.layout.grid is first.grid
        if not same or any(a is not b for a, b in zip(after.layout.media, first.media, strict=True)):
            raise CycleError(
                text("the phase {name} has another grid or other media than the first", name=after.title),
                repair=text("let all phases share one grid and one list of media"),
            )
        new = np.isin(after.layout.medium, after.renewed)
        changed = after.layout.medium != phase.layout.medium
        lacking = changed & ~new & ~_of_surroundings(after.layout)
        if lacking.any():
            raise CycleError(
                text("in the phase {name} {count} cells hold a medium that was not there before", name=after.title,
                     count=int(lacking.sum())),
                repair=text("name the medium in `renewed`, so that it has a temperature to start from"),
            )  # fmt: skip
        stays &= ~changed & ~new & ~_of_surroundings(after.layout)
    if not stays.any():
        raise CycleError(text("no cell of the die stays from cycle to cycle"), repair=text("add the die to the layout"))
    return stays


def _of_surroundings(layout: Layout) -> Mask:
    which = [index for index, one in enumerate(layout.media) if isinstance(one, Surroundings)]
    got: Mask = np.isin(layout.medium, which)
    return got


def _bounds(phases: Sequence[Phase], field: F4) -> tuple[float, float]:
    """Return the lowest and highest temperature that anything starts with or keeps [K]."""
    all_of_them = [float(field.min()), float(field.max()), *(t for phase in phases for t in phase.layout.start)]
    return min(all_of_them), max(all_of_them)


class _PhaseRun(HeatRun):
    """A run whose heat is told cell by cell."""

    def heat(self) -> F8:
        """Return the heat content of each cell above the lower end of its table [J]; what surroundings took."""
        got: F8 = self._u[1:-1, 1:-1, 1:-1].astype(np.float64) / self._per_heat[1:-1, 1:-1, 1:-1]
        return got


def _freezing(run: HeatRun, metal: int) -> Freezing:
    """Return how the metal of a run has frozen until now."""
    alloy = run.layout.media[metal]
    assert isinstance(alloy, Medium)  # noqa: S101  (chosen so)
    return freezing_of(run, alloy, run.layout.start[metal], finished=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    before: F4
    after: F4
    figures: CycleFigures
    freezing: Freezing | None


def _turn(
    phases: Sequence[Phase],
    field: F4,
    die: Mask,
    accuracy: Accuracy | None,
    cores: int | None,
    watch: Callable[[int, HeatRun], None] | None,
) -> _Turn:
    """Run one cycle and book its heat."""
    taken: dict[str, float] = {}
    brought = released = stored = 0.0
    hottest = -np.inf
    freezing = None
    before = None
    for number, phase in enumerate(phases):
        layout, after = phase.layout, phases[(number + 1) % len(phases)]
        new = np.isin(layout.medium, phase.renewed)
        field = np.where(new, np.array(layout.start, dtype=np.float32)[layout.medium], field)
        before = field if before is None else before
        run = _PhaseRun(layout, accuracy=accuracy, temperature=field, cores=cores)
        heat = run.heat()
        brought += float(heat[new].sum())
        stored -= float(heat[die].sum())
        around = _of_surroundings(layout)
        run.advance(phase.duration, watch=None if watch is None else _numbered(watch, number))
        heat = run.heat()
        gone = np.isin(after.layout.medium, after.renewed) | (after.layout.medium != layout.medium)
        brought -= float(heat[gone & ~around].sum())
        stored += float(heat[die].sum())
        for index in np.unique(layout.medium[around]):
            name = layout.media[index].name
            taken[name] = taken.get(name, 0.0) + float(heat[layout.medium == index].sum())
        audit = run.audit()
        taken[SIDES_SINK] = taken.get(SIDES_SINK, 0.0) + float(audit.through_sides)
        released += audit.released
        metals = [m for m in phase.renewed if getattr(layout.media[m], "solid_fraction", None) is not None]
        if metals and freezing is None:
            freezing = _freezing(run, metals[0])
        field = run.temperature()
        hottest = max(hottest, float(field[die].max()))
    assert before is not None  # noqa: S101  (there is a phase)
    volume = phases[0].layout.grid.volumes[die]
    figures = CycleFigures(
        mean=float((before[die] * volume).sum() / volume.sum()),
        highest=float(before[die].max()),
        hottest=hottest,
        change=float(np.abs(field[die] - before[die]).max()),
        brought=brought,
        taken=taken,
        released=released,
        stored=stored,
    )
    return _Turn(before, field, figures, freezing)


def _numbered(watch: Callable[[int, HeatRun], None], number: int) -> Callable[[HeatRun], None]:
    return lambda run: watch(number, run)


class _Mixing:
    """Where the next cycle starts: see `cycle`."""

    def __init__(self, memory: int, weight: F8, bounds: tuple[float, float]) -> None:
        self._memory, self._weight, self._bounds = memory, weight, bounds
        self._ends: list[F8] = []
        self._changes: list[F8] = []
        self._least = np.inf

    def next(self, before: F8, after: F8) -> F8:
        """Return the start of the next cycle from the start and the end of this one."""
        change = (after - before) * self._weight
        size = float(np.linalg.norm(change))
        if size > 2.0 * self._least:
            self._ends, self._changes = [], []
        self._least = min(self._least, size)
        self._ends = [*self._ends, after][-self._memory - 1 :]
        self._changes = [*self._changes, change][-self._memory - 1 :]
        if len(self._ends) < 2 or self._memory == 0:
            return after
        steps = np.column_stack([change - one for one in self._changes[:-1]])
        share = np.linalg.lstsq(steps, change, rcond=1e-6)[0]
        ends = np.column_stack([after - one for one in self._ends[:-1]])
        return np.clip(after - ends @ share, *self._bounds)
