"""Overall equipment effectiveness: availability, effectiveness and quality, the losses between, and bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.signals.condition.machine_time import NOT_KNOWN, Stretch, timeline


class Loss(StrEnum):
    """Where the time of a machine went."""

    NOT_PLANNED = "not_planned"
    NOT_KNOWN = "not_known"
    BREAKDOWN = "breakdown"
    SETUP = "setup"
    IDLE = "idle"
    WAITING = "waiting"
    UNCOUNTED = "uncounted"
    SPEED = "speed"
    DEFECTS = "defects"
    GOOD = "good"


LOSS_TEXTS: Final[Mapping[Loss, Text]] = {
    Loss.NOT_PLANNED: text("not planned to produce (off, no order, planned maintenance)"),
    Loss.NOT_KNOWN: text("state not known"),
    Loss.BREAKDOWN: text("breakdowns"),
    Loss.SETUP: text("set-up and adjustment"),
    Loss.IDLE: text("idling and stops on record"),
    Loss.WAITING: text("waiting for material"),
    Loss.UNCOUNTED: text("running, but pieces or ideal cycle not known"),
    Loss.SPEED: text("reduced speed and short stops"),
    Loss.DEFECTS: text("defects and start-up scrap"),
    Loss.GOOD: text("good pieces at the ideal cycle"),
}

#: What each state of the record `machine_state` means; a plant may give another table.
LOSS_OF_STATE: Final[Mapping[str, Loss | None]] = {
    "running": None,
    "idle": Loss.IDLE,
    "setup": Loss.SETUP,
    "breakdown": Loss.BREAKDOWN,
    "waiting_material": Loss.WAITING,
    "maintenance": Loss.NOT_PLANNED,
    "waiting_order": Loss.NOT_PLANNED,
    "off": Loss.NOT_PLANNED,
    NOT_KNOWN: Loss.NOT_KNOWN,
}


@dataclass(frozen=True, slots=True)
class Output:
    """Pieces made in a stretch.

    Parameters
    ----------
    start, end : int
        Microseconds UTC.
    total : int
    good : int or None
        None where nobody counted them.
    ideal_cycle : float or None
        Shortest time for one piece [s].
    """

    start: int
    end: int
    total: int
    good: int | None
    ideal_cycle: float | None


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio on what is on record, and the bounds between which it lies whatever is missing.

    Parameters
    ----------
    value : float or None
        [1]; None where nothing is on record to form it from.
    low, high : float or None
        [1]; both equal the value where nothing is missing.
    """

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Effectiveness:
    """What became of the time of a machine.

    Parameters
    ----------
    start, end : int
        Window, microseconds UTC.
    planned_busy_time, actual_production_time, not_known_time : float
        PBT and APT on record, and time without a state [s].
    produced, good : int
        Pieces; the good ones where they were counted.
    availability, effectiveness, quality, oee : Ratio
    losses : mapping of Loss to float
        [s]; they add up to the window.
    doubly_recorded : float
        Time with two states on record [s].
    notes : tuple of Text
    """

    start: int
    end: int
    planned_busy_time: float
    actual_production_time: float
    not_known_time: float
    produced: int
    good: int
    availability: Ratio
    effectiveness: Ratio
    quality: Ratio
    oee: Ratio
    losses: Mapping[Loss, float]
    doubly_recorded: float
    notes: tuple[Text, ...]


@dataclass(slots=True)
class _Counted:
    """What outputs add up to: times in seconds at the ideal cycle, and running time they cover."""

    ideal_all: float = 0.0
    ideal_good: float = 0.0
    ideal_of_judged: float = 0.0
    #: Running time in counts with an ideal cycle, and in those of them with a good count too.
    paced: float = 0.0
    covered: float = 0.0
    pieces: int = 0
    judged: int = 0
    good: int = 0
    most_good: int = 0


def effectiveness_of(
    stretches: Sequence[Stretch],
    outputs: Sequence[Output],
    start: int,
    end: int,
    *,
    loss_of_state: Mapping[str, Loss | None] = LOSS_OF_STATE,
) -> Effectiveness:
    """Return availability, effectiveness, quality and OEE of a machine in a window, with their bounds and losses.

    Parameters
    ----------
    stretches : sequence of Stretch
        States on record.
    outputs : sequence of Output
        Counts; those not wholly within the window are left out, and the running time they covered is not counted.
    start, end : int
        Microseconds UTC.
    loss_of_state : mapping
        What each state means; None is producing, `Loss.NOT_PLANNED` is outside the planned busy time.

    Raises
    ------
    ForgecastError
        If the window is empty, a state has no meaning, more pieces are good than were made, or counts overlap.

    Notes
    -----
    Equations: availability = APT/PBT, effectiveness = PRI·PQ/APT, quality ratio = GQ/PQ, OEE = their product
    = PRI·GQ/PBT; APT actual production time, PBT planned busy time, PRI planned run time per item, PQ and GQ produced
    and good quantity. Names and formulas of ISO 22400-2:2014 as read in texts that cite it, not in the standard. A
    state that nobody recorded is neither running nor down: the low bound takes it as planned and lost, the high bound
    as lived at the ideal cycle or as not planned, whichever is better.
    """
    if end <= start:
        raise ForgecastError(text("the period has no length"), repair=text("give a beginning before the end"))
    filled, twice = timeline(stretches, start, end)
    strange = sorted({one.state for one in filled} - set(loss_of_state))
    if strange:
        raise ForgecastError(
            text("the state {words} has no meaning", words=", ".join(strange)),
            repair=text("say for each state whether it is producing, a loss, or not planned"),
        )
    losses = dict.fromkeys(Loss, 0.0)
    running: list[Stretch] = []
    for one in filled:
        loss = loss_of_state[one.state]
        if loss is None:
            running.append(one)
        else:
            losses[loss] += one.seconds
    run = sum(one.seconds for one in running)
    within = _checked_outputs(outputs, start, end)
    counted = _count(within, running)
    losses[Loss.GOOD] = counted.ideal_good
    losses[Loss.DEFECTS] = counted.ideal_of_judged - counted.ideal_good
    losses[Loss.UNCOUNTED] = run - counted.covered
    losses[Loss.SPEED] = counted.covered - counted.ideal_of_judged
    planned = run + sum(losses[one] for one in (Loss.BREAKDOWN, Loss.SETUP, Loss.IDLE, Loss.WAITING))
    unknown = losses[Loss.NOT_KNOWN]
    return Effectiveness(
        start, end, planned, run, unknown, counted.pieces, counted.good,
        _availability(run, planned, unknown),
        _speed(counted, run),
        _quality(counted),
        _oee(counted, run, planned, _unknown_outside(filled, within, loss_of_state), unknown),
        losses, twice, _notes(losses, twice, counted, within, outputs),
    )  # fmt: skip


def _checked_outputs(outputs: Sequence[Output], start: int, end: int) -> tuple[Output, ...]:
    within = sorted((one for one in outputs if one.start >= start and one.end <= end), key=lambda one: one.start)
    for n, one in enumerate(within):
        following = within[n + 1] if n + 1 < len(within) else None
        if one.good is not None and one.good > one.total:
            raise ForgecastError(
                text("{good} good pieces of {total} made are impossible", good=one.good, total=one.total),
                repair=text("check whether both counts are of the same stretch"),
            )
        if one.end <= one.start or (following is not None and following.start < one.end):
            raise ForgecastError(
                text("two counts of pieces overlap, or one has no length"),
                repair=text("record each stretch once, with its beginning and its end"),
            )
    return tuple(within)


def _count(outputs: Sequence[Output], running: Sequence[Stretch]) -> _Counted:
    found = _Counted()
    for one in outputs:
        run = sum(max(min(one.end, s.end) - max(one.start, s.start), 0) for s in running) / 1e6
        found.pieces += one.total
        found.most_good += one.total if one.good is None else one.good
        if one.good is not None:
            found.judged += one.total
            found.good += one.good
        if one.ideal_cycle is None:
            continue
        ideal = one.ideal_cycle * one.total
        found.paced += run
        found.ideal_all += ideal
        if one.good is None:
            continue
        found.covered += run
        found.ideal_of_judged += ideal
        found.ideal_good += one.ideal_cycle * one.good
    return found


def _unknown_outside(
    filled: Sequence[Stretch], outputs: Sequence[Output], loss_of_state: Mapping[str, Loss | None]
) -> float:
    """Return seconds without a state that no count covers: only there may pieces have been made that nobody counted."""
    total = 0.0
    for one in filled:
        if loss_of_state[one.state] is Loss.NOT_KNOWN:
            inside = sum(max(min(one.end, o.end) - max(one.start, o.start), 0) for o in outputs) / 1e6
            total += one.seconds - inside
    return total


def _availability(run: float, planned: float, unknown: float) -> Ratio:
    value = run / planned if planned > 0.0 else None
    if planned + unknown <= 0.0:
        return Ratio(None, None, None)
    low, high = run / (planned + unknown), (run + unknown) / (planned + unknown)
    return Ratio(value, low, high)


def _speed(counted: _Counted, run: float) -> Ratio:
    """Return effectiveness; its bounds leave running time without counts between standing still and the ideal."""
    value = counted.ideal_all / counted.paced if counted.paced > 0.0 else None
    if run <= 0.0:
        return Ratio(value, None, None)
    return Ratio(value, counted.ideal_all / run, (counted.ideal_all + run - counted.paced) / run)


def _quality(counted: _Counted) -> Ratio:
    value = counted.good / counted.judged if counted.judged else None
    if not counted.pieces:
        return Ratio(value, None, None)
    return Ratio(value, counted.good / counted.pieces, counted.most_good / counted.pieces)


def _oee(counted: _Counted, run: float, planned: float, outside: float, unknown: float) -> Ratio:
    value = None
    if planned > 0.0 and counted.covered > 0.0:
        # On record: availability, times good pieces at the ideal cycle over the running time in which they were made.
        value = (run / planned) * (counted.ideal_good / counted.covered)
    if planned + unknown <= 0.0:
        return Ratio(value, None, None)
    # At their best, pieces nobody judged are good, and running time nobody counted passed at the ideal cycle.
    unjudged = counted.ideal_all - counted.ideal_of_judged
    best = counted.ideal_good + unjudged + run - counted.paced
    return Ratio(value, counted.ideal_good / (planned + unknown), max(
        (best + outside) / (planned + outside) if planned + outside > 0.0 else 0.0,
        best / planned if planned > 0.0 else 0.0,
    ))  # fmt: skip


def _notes(
    losses: Mapping[Loss, float], twice: float, counted: _Counted, within: Sequence[Output], outputs: Sequence[Output]
) -> tuple[Text, ...]:
    found = []
    if losses[Loss.NOT_KNOWN] > 0.0:
        found.append(text("{hours} h have no state on record; they count neither as running nor as down",
                          hours=round(losses[Loss.NOT_KNOWN] / 3600.0, 2)))  # fmt: skip
    if losses[Loss.UNCOUNTED] > 0.0:
        found.append(text("in {hours} h of running nobody counted pieces, good ones or the ideal cycle",
                          hours=round(losses[Loss.UNCOUNTED] / 3600.0, 2)))  # fmt: skip
    if twice > 0.0:
        found.append(
            text("{minutes} min have two states on record; the later one holds", minutes=round(twice / 60.0, 1))
        )
    if losses[Loss.SPEED] < -1e-6 * max(counted.covered, 1.0):
        found.append(text("more was made than the ideal cycle allows: it is too long, or running time is missing"))
    if len(within) < len(outputs):
        found.append(text("{n} counts lie partly outside the period and are left out", n=len(outputs) - len(within)))
    if losses[Loss.DEFECTS] > 0.0:
        found.append(text("start-up scrap is not told apart from other defects: the records hold one count of good"))
    return tuple(found)
