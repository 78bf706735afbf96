"""Optimise the risers of a casting: the best sound ones by yield, cost, melt energy and carbon dioxide.

Every trial is a set of risers with one size factor, shift, form and sleeve; what is asked of it is that the frozen
casting is sound. Freezing is dear, so a trial is frozen only where it can matter: not where the risers cannot hold the
metal that contracts, where the modulus rule says they freeze far too soon, where a sound trial is better already, or
where the same was frozen before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import optuna

from forgecast.casting.constant import RuleError
from forgecast.casting.economics import Economics, Poured, Prices, economics
from forgecast.casting.riser import Sleeve
from forgecast.casting.soundness import Limits
from forgecast.ground.texts import Text, text
from forgecast.shape.measure import measure
from forgecast.shape.solid import Solid
from forgecast.tasks.design_riser import ROOM
from forgecast.tasks.freeze_part import Fineness, FrozenPart, contraction_of
from forgecast.tasks.mould_layout import Body, Pour
from forgecast.tasks.riser_loop import RiserLoop
from forgecast.tasks.riser_round import Bounds, Feeder, RiserChoice

Objective: TypeAlias = Literal["casting_yield", "cost", "melt_energy", "carbon_dioxide"]
Settled: TypeAlias = Literal["field", "rule", "worse", "place", "known"]
#: Factor, shift along x and y [m], height ratio, neck factor, sleeve.
Key: TypeAlias = tuple[float, float, float, float, float, Sleeve]

OBJECTIVES: tuple[Objective, ...] = ("casting_yield", "cost", "melt_energy", "carbon_dioxide")


@dataclass(frozen=True, slots=True)
class SleeveOption:
    """A sleeve that may be used.

    Parameters
    ----------
    sleeve : {"none", "insulating", "exothermic"}
    thickness : float or None
        [m]; None for no sleeve.
    price : float or None
        Of one sleeve [currency]; None where it is not known.
    """

    sleeve: Sleeve = "none"
    thickness: float | None = None
    price: float | None = None


@dataclass(frozen=True, slots=True)
class Space:
    """What may be varied; a range of two equal ends is fixed.

    Parameters
    ----------
    factor : (float, float)
        Diameter over that of the rule [1].
    height_ratio : (float, float)
        Height over diameter [1].
    neck_factor : (float, float)
        Diameter of the neck over that of the rule [1].
    shift : float
        Farthest that risers stand beside the place above their hot spots, along x and y [m].
    sleeves : tuple of SleeveOption
    steps : int
        Values tried in a range, its ends among them.
    """

    factor: tuple[float, float] = (0.6, 1.4)
    height_ratio: tuple[float, float] = (1.0, 2.0)
    neck_factor: tuple[float, float] = (1.0, 1.0)
    shift: float = 0.0
    sleeves: tuple[SleeveOption, ...] = (SleeveOption(),)
    steps: int = 17


@dataclass(frozen=True, slots=True)
class RiserTrial:
    """One set of risers.

    Parameters
    ----------
    number : int
        0 is that of the choice given: the rule's risers.
    choice : RiserChoice
    feeders : tuple of Feeder
        Empty where they found no place.
    sound : bool or None
        None where it was not frozen.
    settled : {"field", "rule", "worse", "place", "known"}
        By freezing, by a rule, because a sound one is better, because there was no place, or by an equal trial.
    says : Text
        What was found.
    casting_yield : float or None
        Casting over casting and risers [1].
    economics : Economics or None
    objectives : tuple of float
        In the order of `RiserOptimum.objectives`; empty where there was no place.
    violation : float
        Above zero where not sound; how far from it, as a length over the casting's [1] or as a share lacking [1].
    """

    number: int
    choice: RiserChoice
    feeders: tuple[Feeder, ...]
    sound: bool | None
    settled: Settled
    says: Text
    casting_yield: float | None
    economics: Economics | None
    objectives: tuple[float, ...]
    violation: float

    def as_json(self) -> dict[str, object]:
        """Return the trial with units in the names."""
        return {
            "trial": self.number,
            "factor": self.choice.factor,
            "height_ratio": self.choice.height_ratio,
            "neck_factor": self.choice.neck_factor,
            "shift_m": list(self.choice.shift),
            "sleeve": self.choice.sleeve,
            "sound": self.sound,
            "settled": self.settled,
            "says": self.says.as_json(),
            "casting_yield": self.casting_yield,
            "economics": None if self.economics is None else self.economics.as_json(),
            "risers": [feeder.as_json() for feeder in self.feeders],
        }


@dataclass(frozen=True, slots=True)
class RiserOptimum:
    """The best sound risers that were found.

    Show: each trial of `front` with its objectives and risers, beside trial 0, the rule's; how many trials were frozen
    and how many were settled without.

    Parameters
    ----------
    objectives : tuple of str
        What was optimised; yield is as large as possible, all others as small.
    trials : tuple of RiserTrial
    front : tuple of RiserTrial
        Sound ones of which none is better in everything (Pareto front), the highest yield first.
    bare, best : FrozenPart
        The casting without risers, and with the sound ones of the highest yield that this search froze; the bare one
        again where it froze none.
    notes : tuple of Text
    stopped : bool
        Whether it ended before all trials.
    seed : int
    """

    objectives: tuple[Objective, ...]
    trials: tuple[RiserTrial, ...]
    front: tuple[RiserTrial, ...]
    bare: FrozenPart
    best: FrozenPart
    notes: tuple[Text, ...]
    stopped: bool
    seed: int

    @property
    def frozen_trials(self) -> int:
        """Return how many trials cost a run of the field."""
        return sum(trial.settled == "field" for trial in self.trials)

    def as_json(self) -> dict[str, object]:
        """Return the optimum with units in the names."""
        return {
            "objectives": list(self.objectives),
            "front": [trial.as_json() for trial in self.front],
            "trials": [trial.as_json() for trial in self.trials],
            "frozen_trials": self.frozen_trials,
            "notes": [note.as_json() for note in self.notes],
            "stopped": self.stopped,
            "seed": self.seed,
        }


def optimise_riser(
    casting: Solid,
    pour: Pour,
    fineness: Fineness,
    limits: Limits | None = None,
    *,
    space: Space | None = None,
    choice: RiserChoice | None = None,
    bounds: Bounds | None = None,
    others: Sequence[Body] = (),
    prices: Prices | None = None,
    gating_mass: float | None = None,
    trials: int = 30,
    seed: int = 0,
    least_modulus: float = 0.7,
    known: MutableMapping[Key, RiserTrial] | None = None,
    tell: Callable[[RiserTrial], None] | None = None,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> RiserOptimum:
    """Search for the sound risers with the best yield, cost, melt energy and carbon dioxide.

    Trial 0 is the rule's riser as `choice` says, so that the front is no worse; the others are drawn by Optuna's
    tree-structured Parzen estimator with soundness as its constraint. The same seed gives the same trials.

    Parameters
    ----------
    casting, pour, fineness, limits, choice, bounds, others, prices, gating_mass
        As in `forgecast.tasks.design_riser.design_riser`. What has no price or factor is no objective.
    space : Space or None
        What is varied.
    trials : int
    seed : int
    least_modulus : float
        Modulus of riser over that of what it feeds below which a trial is not frozen [1]: it cannot outlast it by
        Chvorinov's rule. The field knows better near 1; 0 freezes all.
    known : mutable mapping or None
        Trials frozen before with the same casting, pour, fineness and limits; new ones are put in.
    tell : callable or None
        Given each trial when it is settled.
    progress : callable or None
        Told the share of the trials done.
    stop : callable or None
        When it says so, and on Ctrl-C, the trials done so far are returned.

    Raises
    ------
    ForgecastError
        If an input is wrong; before any time is spent.
    """
    chosen = choice or RiserChoice()
    search = _Search(
        RiserLoop(casting, pour, fineness, limits, chosen, bounds or Bounds(), tuple(others), stop=stop),
        space or Space(),
        prices or Prices(),
        gating_mass,
        least_modulus,
        {} if known is None else known,
    )
    return search.run(trials, seed, tell, progress)


class _Search:
    """The trials so far."""

    def __init__(
        self,
        loop: RiserLoop,
        space: Space,
        prices: Prices,
        gating_mass: float | None,
        least_modulus: float,
        known: MutableMapping[Key, RiserTrial],
    ) -> None:
        self.loop, self.space, self.prices, self.gating = loop, space, prices, gating_mass
        self.least_modulus, self.known = least_modulus, known
        self.first = loop.choice
        self.density = float(loop.pour.alloy.density.at(ROOM))
        self.mass = self.density * loop.volume
        self.size = math.cbrt(loop.volume)
        contraction = contraction_of(loop.pour.alloy, loop.pour.temperature)
        # What is left of a volume poured, at the highest of its densities: no riser can make more of it.
        self.shrinks = max(1.0 - 1.0 / contraction.densities[2], 0.0)
        self.trials: list[RiserTrial] = []
        if not space.sleeves:
            raise RuleError(text("no sleeve is left to choose from"), repair=text("name one, `none` among them"))
        self.options = {option.sleeve: option for option in space.sleeves}
        self.objectives = self._known_objectives()

    def run(
        self,
        trials: int,
        seed: int,
        tell: Callable[[RiserTrial], None] | None,
        progress: Callable[[float], None] | None,
    ) -> RiserOptimum:
        loop = self.loop
        loop.run((), text("the bare casting"), text("to see where it needs feed metal"))
        bare = loop.bare = loop.last
        assert bare is not None  # noqa: S101  (the loop has run)
        stopped = not bare.freezing.effort.finished
        talkative = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        try:
            study = optuna.create_study(
                directions=["maximize" if name == "casting_yield" else "minimize" for name in self.objectives],
                sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=max(4, trials // 4)),
            )
            while not stopped and len(self.trials) < trials:
                stopped = not self.step(study, tell)
                if progress is not None:
                    progress(len(self.trials) / trials)
        finally:
            optuna.logging.set_verbosity(talkative)
        best = loop.frozen if loop.best is not None and loop.frozen is not None else bare
        front = self._front()
        notes = list(loop.notes)
        for trial in front:
            if loop.best is not None and trial.feeders == loop.rounds[loop.best].feeders:
                loop.choice = trial.choice
                notes += loop.drained(loop.rounds[loop.best])
        return RiserOptimum(
            self.objectives, tuple(self.trials), front, bare, best, tuple(notes), stopped=stopped, seed=seed
        )

    def step(self, study: optuna.study.Study, tell: Callable[[RiserTrial], None] | None) -> bool:
        """Settle one more trial; False where the user has stopped."""
        loop, number = self.loop, len(self.trials)
        if loop.stop is not None and loop.stop():
            return False
        # Trial 0 may lie outside the space that is searched, so it is no trial of the study.
        asked = None if number == 0 else study.ask()
        try:
            trial = self.tried(number, self.first if asked is None else self._asked(asked))
        except KeyboardInterrupt:
            return False
        if trial is None:
            return False
        self.trials.append(trial)
        if asked is not None:
            self._told(study, asked, trial)
        if tell is not None:
            tell(trial)
        return True

    def tried(self, number: int, choice: RiserChoice) -> RiserTrial | None:
        """Settle a trial, by the cheapest way that can; None where the run was stopped."""
        key = _key(choice)
        if (before := self.known.get(key)) is not None:
            return replace(before, number=number, settled="known")
        loop = self.loop
        loop.choice = choice
        feeders, missing = loop.first_feeders()
        if missing is not None or not feeders:
            says = missing or text("no hot spot was found in the casting")
            return RiserTrial(
                number, choice, (), sound=False, settled="place", says=says, casting_yield=None, economics=None,
                objectives=(), violation=math.inf,
            )  # fmt: skip
        money = self.economics(feeders, choice)
        casting_yield = loop.volume / (loop.volume + sum(f.volume for f in feeders))
        values = tuple(
            casting_yield if name == "casting_yield" else float(getattr(money, name)) for name in self.objectives
        )
        trial = RiserTrial(number, choice, feeders, None, "field", text("sound"), casting_yield, money, values, 0.0)
        if (lacking := self.hopeless(feeders)) is not None:
            says, violation = lacking
            return replace(trial, sound=False, settled="rule", says=says, violation=violation)
        if (better := self.better(values)) is not None:
            says = text("trial {number} is sound and as good in everything", number=better.number)
            return replace(trial, settled="worse", says=says)
        done = loop.run(feeders, text("trial {number}", number=number), text("drawn by the optimiser"))
        if done.troubles and done.troubles[0].kind == "unfinished":
            return None
        if done.sound:
            trial = replace(trial, sound=True)
        else:
            far = sum(trouble.size for trouble in done.troubles) / self.size
            trial = replace(trial, sound=False, says=done.troubles[0].says, violation=max(far, 1e-3))
        self.known[key] = trial
        return trial

    def hopeless(self, feeders: Sequence[Feeder]) -> tuple[Text, float] | None:
        """Return why risers cannot feed whatever the field says, and by which share they lack; or None."""
        own = sum(feeder.volume for feeder in feeders)
        needed = self.shrinks * (self.loop.volume + own)
        if needed > own:
            return text("the risers hold less than what casting and risers contract by"), 1.0 + needed / own
        for number, feeder in enumerate(feeders, start=1):
            extension = feeder.proposal.effective_modulus / feeder.proposal.modulus
            ratio = extension * feeder.proposal.form.modulus(feeder.diameter) / feeder.fed.modulus
            if ratio < self.least_modulus:
                says = text(
                    "riser {number}: its modulus is {ratio} times that of what it feeds, less than {least}",
                    number=number,
                    ratio=round(ratio, 2),
                    least=self.least_modulus,
                )
                return says, 1.0 + self.least_modulus - ratio
        return None

    def better(self, values: tuple[float, ...]) -> RiserTrial | None:
        """Return a sound trial that is as good in all objectives, or None."""
        for trial in self.trials:
            if trial.sound and all(self._at_least(trial.objectives, values)):
                return trial
        return None

    def economics(self, feeders: Sequence[Feeder], choice: RiserChoice) -> Economics:
        """Return what a casting takes with risers."""
        metal = self.density * sum(feeder.volume for feeder in feeders)
        metal += self.density * sum(measure(b.solid).volume for b in self.loop.others if b.kind == "riser")
        return economics(Poured(self.mass, metal, self.gating), self._prices(choice.sleeve, len(feeders)))

    def _prices(self, sleeve: Sleeve, count: int) -> Prices:
        price = 0.0 if sleeve == "none" else self.options[sleeve].price
        aids = self.prices.aids_cost
        return replace(self.prices, aids_cost=None if aids is None or price is None else aids + count * price)

    def _known_objectives(self) -> tuple[Objective, ...]:
        """Return the objectives whose inputs are all given, whatever sleeve is taken."""
        first = self.first.sleeve
        self.options.setdefault(first, SleeveOption(first, self.first.sleeve_thickness))
        for option in self.options.values():
            if (option.sleeve != "none") != (option.thickness is not None):
                raise RuleError(
                    text("a sleeve and its thickness belong together"),
                    where="sleeves",
                    repair=text("give both, or none of them"),
                )
        probes = [economics(Poured(self.mass, 0.0, self.gating), self._prices(s, 1)) for s in self.options]
        return (
            "casting_yield",
            *(name for name in OBJECTIVES[1:] if all(getattr(probe, name) is not None for probe in probes)),
        )

    def _asked(self, asked: optuna.trial.Trial) -> RiserChoice:
        space, last = self.space, self.space.steps - 1

        def drawn(name: str, low: float, high: float) -> float:
            return low if low == high else round(low + (high - low) * asked.suggest_int(name, 0, last) / last, 9)

        sleeves = [option.sleeve for option in space.sleeves]
        number = 0 if len(sleeves) == 1 else asked.suggest_categorical("sleeve", list(range(len(sleeves))))
        sleeve = sleeves[number]
        return replace(
            self.first,
            factor=drawn("factor", *space.factor),
            height_ratio=drawn("height_ratio", *space.height_ratio),
            neck_factor=drawn("neck_factor", *space.neck_factor),
            shift=(drawn("shift_x", -space.shift, space.shift), drawn("shift_y", -space.shift, space.shift)),
            sleeve=sleeve,
            sleeve_thickness=self.options[sleeve].thickness,
        )

    @staticmethod
    def _told(study: optuna.study.Study, asked: optuna.trial.Trial, trial: RiserTrial) -> None:
        if not trial.objectives:
            study.tell(asked, state=optuna.trial.TrialState.FAIL)
            return
        asked.set_constraint("sound", trial.violation)
        study.tell(asked, list(trial.objectives))

    def _at_least(self, one: tuple[float, ...], other: tuple[float, ...]) -> list[bool]:
        """Return for each objective whether one is as good as the other."""
        signs = [1.0 if name == "casting_yield" else -1.0 for name in self.objectives]
        return [sign * a >= sign * b for sign, a, b in zip(signs, one, other, strict=True)]

    def _front(self) -> tuple[RiserTrial, ...]:
        sound: dict[tuple[float, ...], RiserTrial] = {}
        for trial in self.trials:
            if trial.sound:
                sound.setdefault(trial.objectives, trial)
        front = [
            trial
            for values, trial in sound.items()
            if not any(other != values and all(self._at_least(other, values)) for other in sound)
        ]
        return tuple(sorted(front, key=lambda trial: -trial.objectives[0]))


def _key(choice: RiserChoice) -> Key:
    lengths = (choice.factor, *choice.shift, choice.height_ratio, choice.neck_factor)
    a, b, c, d, e = (round(length, 9) for length in lengths)
    return a, b, c, d, e, choice.sleeve
