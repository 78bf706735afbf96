"""The loop between rule and field that a riser design goes through."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from forgecast.casting.constant import RuleError, need_positive
from forgecast.casting.feeding import feeding_distance
from forgecast.casting.placing import Measured, Standing, fed_zone, middle, side_standings, top_standing
from forgecast.casting.riser import RULE_TEXTS, Fed, Form, Position, Riser, propose_riser, shipped_constants
from forgecast.casting.soundness import Limits
from forgecast.ground.texts import Text, text
from forgecast.metal.media import medium
from forgecast.shape.measure import measure
from forgecast.shape.solid import Point, Solid
from forgecast.shape.wall import HotSpot, hot_spots
from forgecast.tasks.chill_spot import chill_at, chill_thickness
from forgecast.tasks.freeze_part import Fineness, FrozenPart, freeze_part
from forgecast.tasks.mould_layout import Body, Pour
from forgecast.tasks.riser_round import Bounds, Feeder, RiserChoice, Round, Trouble, at, drained_share, troubles_of

SLEEVE_MEDIA = {"insulating": "insulating-sleeve", "exothermic": "exothermic-sleeve"}
#: A cavity of a smaller diameter is not told from rounding [cells].
FLOOR_CELLS = 0.5
#: How far from its hot spot a riser is answerable for what is unsound [depths of the spot]: sqrt(3) would just reach
#: the corners of a cube.
ANSWERABLE = 2.0
#: A trouble that is still larger than this share of what it was has not answered to a change.
UNMOVED = 0.95
#: Pools that outlast the metal between them by a smaller share of their time lie along one ridge, a ring or a bar: the
#: distances of feeding say how many risers it needs.
RIDGE = 0.15
#: Smallest share of a sound riser's diameter that is tried, and the ratio of sound to unsound that ends bisection.
SMALLEST, CLOSE = 0.6, 1.03


@dataclass(slots=True)
class RiserLoop:
    """The rounds so far; `best` is the number of the sound one with the highest yield."""

    casting: Solid
    pour: Pour
    fineness: Fineness
    limits: Limits | None
    choice: RiserChoice
    bounds: Bounds
    others: tuple[Body, ...]
    tell: Callable[[Round], None] | None = None
    progress: Callable[[float], None] | None = None
    stop: Callable[[], bool] | None = None
    rounds: list[Round] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    bare: FrozenPart | None = None
    frozen: FrozenPart | None = None
    last: FrozenPart | None = None
    best: int | None = None
    volume: float = 0.0
    _chilled: list[Point] = field(default_factory=list)
    _spots: tuple[HotSpot, ...] | None = None

    def __post_init__(self) -> None:
        choice, bounds = self.choice, self.bounds
        need_positive(factor=choice.factor, neck_factor=choice.neck_factor, height_ratio=choice.height_ratio)
        need_positive(most_risers=bounds.most_risers, most_rounds=bounds.most_rounds)
        need_positive(step=bounds.step - 1.0, largest=bounds.largest)
        if (choice.sleeve != "none") != (choice.sleeve_thickness is not None):
            raise RuleError(
                text("a sleeve and its thickness belong together"),
                where="sleeve_thickness",
                repair=text("give both, or none of them"),
            )
        if (choice.chill == "") != (choice.chill_rise is None):
            raise RuleError(
                text("a chill and the kelvins that it may warm belong together"),
                where="chill_rise",
                repair=text("give both, or none of them"),
            )
        if bounds.confirm_cell is not None and not 0.0 < bounds.confirm_cell < self.fineness.cell:
            raise RuleError(
                text("cells to confirm in are not finer than those of the search"),
                where="confirm_cell",
                repair=text("give a smaller cell, two thirds of that of the search for instance"),
            )
        if choice.chill:
            medium(choice.chill)
        self.fineness = replace(self.fineness, estimate=False)
        whole = measure(self.casting)
        self.volume = whole.volume
        # A family without a rule is refused before anything is frozen.
        self._proposed(Fed(whole.volume, whole.area), "side" if choice.position == "side" else "top")
        floor = round(1e3 * FLOOR_CELLS * self.fineness.cell, 2)
        self.notes.append(text("cavities of less than {size} mm, half a cell, are not counted", size=floor))

    def search(self) -> Text | None:
        """Freeze, judge and change until the casting is sound; return why it cannot be, or None."""
        first = self.run((), text("the bare casting"), text("to see where it needs feed metal"))
        self.bare = self.last
        if first.sound:
            return None
        if (given_up := _hopeless(first)) is not None:
            return given_up
        feeders, missing = self.first_feeders()
        if missing is not None and (laid := self.chilled(feeders)) is not None:
            missing = _and([missing, laid])
        elif not feeders:
            return missing or text("no hot spot was found in the casting")
        rules = [RULE_TEXTS[rule] for rule in dict.fromkeys(feeder.proposal.governing for feeder in feeders)]
        spots = [text("hot spot at {place} mm", place=at(feeder.spot)) for feeder in feeders]
        why = [*spots, *rules, *([] if missing is None else [missing])]
        return self.improve(feeders, text("risers by rule: {count}", count=len(feeders)), _and(why))

    def improve(self, feeders: tuple[Feeder, ...], change: Text, why: Text) -> Text | None:
        """Freeze and change risers until the casting is sound; return why it cannot be, or None."""
        answer: tuple[tuple[Feeder, ...], Text, Text] | Text = feeders, change, why
        while not isinstance(answer, Text):
            done = self.run(*answer)
            if done.sound:
                return None
            if (given_up := _hopeless(done)) is not None:
                return given_up
            if len(self.rounds) >= self.bounds.most_rounds:
                return text(
                    "{count} rounds were allowed; in the last one: {trouble}",
                    count=self.bounds.most_rounds,
                    trouble=done.troubles[0].says,
                )
            answer = self.answer(done)
        return answer

    def shrink(self) -> None:
        """Make all risers smaller together, by bisection, as long as the casting stays sound."""
        if self.best is None or not self.rounds[self.best].feeders:
            return
        sound = self.rounds[self.best]
        grown = len(self.rounds) > 2
        low, high = (1.0 / self.bounds.step if grown else SMALLEST), 1.0
        for _ in range(self.bounds.refine):
            if high / low < CLOSE or len(self.rounds) >= self.bounds.most_rounds:
                return
            share = math.sqrt(low * high)
            smaller = self.shrunk(sound.feeders, share)
            if smaller is None:
                return
            done = self.run(
                smaller,
                text("diameters {share} times those of round {number}", share=f"{share:.3f}", number=sound.number),
                text("it was sound: is less metal enough?"),
            )
            if done.troubles and done.troubles[0].kind == "unfinished":
                return
            low, high = (low, share) if done.sound else (share, high)

    def confirm(self) -> Text | None:
        """Freeze what was found sound again in finer cells, and go on from there; return why none holds, or None."""
        cell = self.bounds.confirm_cell
        if cell is None or self.best is None:
            return None
        searched, size = self.fineness, round(1e3 * cell, 3)
        found = sorted((one for one in self.rounds if one.sound), key=lambda one: -one.casting_yield)
        self.fineness, self.best = replace(searched, cell=cell), None
        done = found[0]
        for one in found:
            done = self.run(
                one.feeders,
                text("the risers of round {number}, in cells of {size} mm", number=one.number, size=size),
                text("do they hold in finer cells?"),
            )
            if done.sound or _hopeless(done) is not None:
                break
        why_not: Text | None = None
        if not done.sound:
            answer = _hopeless(done) or self.answer(done)
            why_not = answer if isinstance(answer, Text) else self.improve(*answer)
        self.fineness = searched
        if why_not is None:
            self.notes.append(text("sound in cells of {size} mm too", size=size))
        return why_not

    def shrunk(self, feeders: Sequence[Feeder], share: float) -> tuple[Feeder, ...] | None:
        """Return all risers smaller by one share, or None where one cannot be placed."""
        made: list[Feeder] = []
        for one in feeders:
            placed = self.placed(one.spot, one.depth, one.fed, share * one.factor, one.neck_factor, made)
            if placed is None:
                return None
            made.append(placed)
        return tuple(made)

    def run(self, feeders: Sequence[Feeder], change: Text, why: Text) -> Round:
        """Freeze the casting with risers and judge it."""
        bodies, numbers, metal = list(self.others), [], 1 + sum(b.kind == "riser" for b in self.others)
        for feeder in feeders:
            metal += 1
            numbers.append(metal)
            bodies.append(Body("riser", feeder.standing.metal))
        sleeves = [feeder.standing.sleeve for feeder in feeders if feeder.standing.sleeve is not None]
        bodies += [Body("sleeve", solid, SLEEVE_MEDIA[self.choice.sleeve]) for solid in sleeves]
        begun, most = len(self.rounds), self.bounds.most_rounds
        tell = self.progress
        frozen = freeze_part(
            self.casting,
            bodies,
            self.pour,
            self.fineness,
            limits=self.limits,
            progress=None if tell is None else lambda share: tell((begun + share) / most),
            stop=self.stop,
        )
        troubles = troubles_of(
            frozen,
            self.limits,
            self.bounds,
            floor=FLOOR_CELLS * self.fineness.cell,
            riser_bodies=tuple(numbers),
        )
        volume = self.volume + sum(f.volume for f in feeders)
        volume += sum(measure(b.solid).volume for b in self.others if b.kind == "riser")
        own = frozen.freezing.part == 1
        done = Round(
            number=begun,
            change=change,
            why=why,
            feeders=tuple(feeders),
            bodies=tuple(bodies),
            sound=not troubles,
            troubles=troubles,
            casting_yield=self.volume / volume,
            last_frozen=float(np.max(frozen.freezing.time_solidus[own])),
        )
        self.rounds.append(done)
        self.last = frozen
        better = self.best is None or done.casting_yield > self.rounds[self.best].casting_yield
        if done.sound and better:
            self.best = begun
        if self.best in (None, begun):
            self.frozen = frozen
        if self.tell is not None:
            self.tell(done)
        return done

    def drained(self, done: Round) -> tuple[Text, ...]:
        """Say which risers of the best round give more than the rules count on."""
        efficiency = shipped_constants(self.pour.alloy.family, self.choice.sleeve).efficiency
        if efficiency is None or self.frozen is None:
            return ()
        first = 2 + sum(b.kind == "riser" for b in self.others)
        shares = [drained_share(self.frozen, first + n) for n in range(len(done.feeders))]
        return tuple(
            text(
                "riser {number} gives {share} % of its metal; the volume rule counts on {rule} % ({source})",
                number=number,
                share=round(100 * share),
                rule=round(100 * efficiency.value),
                source=efficiency.source.source,
            )
            for number, share in enumerate(shares, start=1)
            if share > efficiency.value
        )

    def first_feeders(self) -> tuple[tuple[Feeder, ...], Text | None]:
        """Return a riser for each hot spot of the bare casting, and what found no place."""
        made: list[Feeder] = []
        missing: list[Text] = []
        assert self.bare is not None  # noqa: S101  (the bare casting is frozen first)
        zone, held = self.bare.pools.zone, self.bare.freezing.metal_volume
        for pool in self.bare.pools.hot_spots:
            if pool.body != 1 or any(_answers(feeder, pool.place) for feeder in made):
                continue
            if (pool.outlasts or math.inf) < RIDGE * pool.frozen_at and self.reached(pool.place, made):
                continue
            if len(made) >= self.bounds.most_risers:
                missing.append(_too_many(pool.place, self.bounds.most_risers))
                break
            volume = float(held[zone == pool.index].sum(dtype=np.float64))
            placed = self.new_feeder(pool.place, volume, made)
            if placed is None:
                missing.append(_no_place(pool.place))
            else:
                made.append(placed)
        return tuple(made), _and(missing) if missing else None

    def new_feeder(self, place: Point, volume: float | None, others: Sequence[Feeder]) -> Feeder | None:
        """Return a riser of the rule's size for a place in the casting, or None where it cannot stand."""
        spot, depth, slack = self.spot_of(place)
        fed = fed_zone(self.casting, spot, depth, volume, slack=slack)
        return self.placed(spot, depth, fed, self.choice.factor, self.choice.neck_factor, others)

    def spot_of(self, place: Point) -> tuple[Point, float, float]:
        """Return the middle and depth of the hot spot that a cell belongs to, and how far off the middle may be [m].

        The solid's own hot spot where the place lies in its sphere, for it is exact; else the cell itself.
        """
        assert self.bare is not None  # noqa: S101  (the bare casting is frozen first)
        grid, cell = self.bare.freezing.grid, self.fineness.cell
        if self._spots is None:
            self._spots = hot_spots(self.casting, grid)
        near = [s for s in self._spots if math.dist(s.centre, place) <= max(0.5 * s.diameter, cell)]
        if near:
            spot = min(near, key=lambda s: math.dist(s.centre, place))
            return spot.centre, 0.5 * spot.diameter, 0.0
        found = middle(self.casting, place)
        # A cell's centre may lie outside the solid that fills part of it.
        return (place, 0.5 * cell, cell) if found is None else (*found, cell)

    def placed(
        self, spot: Point, depth: float, fed: Fed, factor: float, neck_factor: float, others: Sequence[Feeder]
    ) -> Feeder | None:
        """Return a riser of a size where it can stand, or None."""
        taken = [body.solid for body in self.others]
        for other in others:
            taken += [s for s in (other.standing.metal, other.standing.sleeve) if s is not None]
        positions: tuple[Position, ...] = ("top", "side")
        for position in positions:
            if self.choice.position not in ("auto", position):
                continue
            proposal = self._proposed(fed, position)
            diameter = factor * proposal.diameter
            neck = diameter if proposal.neck_diameter is None else neck_factor * proposal.neck_diameter
            size = Measured(
                shape=self.choice.shape,
                diameter=diameter,
                height=self.choice.height_ratio * diameter,
                neck_diameter=min(neck, diameter),
                neck_length=self.neck_length(diameter),
                sleeve_thickness=self.choice.sleeve_thickness,
            )
            standing = self.stood(position, spot, size, taken)
            if standing is not None:
                volume = measure(standing.metal).volume
                return Feeder(
                    spot, depth, fed, proposal, factor, neck_factor, diameter, size.neck_diameter, standing, volume
                )
        return None

    def stood(self, position: Position, spot: Point, size: Measured, taken: Sequence[Solid]) -> Standing | None:
        """Return a riser on top or at the nearest side that is free, or None."""
        aim = (spot[0] + self.choice.shift[0], spot[1] + self.choice.shift[1], spot[2])
        if position == "top":
            return top_standing(self.casting, aim, size, taken, self.bounds.flask)
        top = float(self.casting.box[1, 2])
        return next(side_standings(self.casting, aim, size, top, taken, self.bounds.flask), None)

    def neck_length(self, diameter: float) -> float:
        """Return the length of a neck [m]."""
        given = self.choice.neck_length
        return max(0.1 * diameter, self.fineness.cell) if given is None else given

    def answer(self, done: Round) -> tuple[tuple[Feeder, ...], Text, Text] | Text:
        """Return the next risers, what was changed and why; or why nothing is left to try."""
        feeders = list(done.feeders)
        changed: set[int] = set()
        changes: list[Text] = []
        reasons: list[Text] = []
        stuck: list[Text] = []
        for trouble in done.troubles:
            owner = trouble.riser if trouble.place is None else _owner(feeders, trouble.place)
            instead: Text | None = None
            if owner is None and trouble.place is not None:
                if self.reached(trouble.place, feeders[len(done.feeders) :]):
                    # The riser that was just added may feed it too; the field will show.
                    continue
                added = self.added(trouble.place, feeders)
                if isinstance(added, Feeder):
                    feeders.append(added)
                    changed.add(len(feeders) - 1)
                    changes.append(text("riser {number} is added", number=len(feeders)))
                    reasons.append(_and([trouble.says, self.distance(trouble.place, done.feeders, added)]))
                    continue
                stuck.append(added)
                if (laid := self.chill_near(trouble.place)) is not None:
                    changes.append(laid)
                    reasons.append(_and([trouble.says, added]))
                    continue
                owner = _nearest(done.feeders, trouble.place)
                if owner is None or not self.reached(trouble.place, [feeders[owner]]) or self.unmoved(trouble, done):
                    continue
                instead = text("no riser can be added there; the nearest one may feed it when it is larger")
            if owner is None or owner in changed:
                continue
            if trouble.kind in ("microporosity", "niyama") and self.unmoved(trouble, done):
                stuck.append(text("larger risers do not change it: {trouble}", trouble=trouble.says))
                continue
            answer = self.changed(feeders, owner, trouble, instead)
            if isinstance(answer, Text):
                stuck.append(answer)
                continue
            feeders[owner], said, reason = answer
            changed.add(owner)
            changes.append(said)
            reasons.append(_and([trouble.says, reason]))
        if not changes:
            return _and([*dict.fromkeys(stuck)][:3]) if stuck else done.troubles[0].says
        return tuple(feeders), _and(changes), _and(reasons)

    def chilled(self, feeders: Sequence[Feeder]) -> Text | None:
        """Lay a chill at each hot spot of the bare casting without riser; say so, or None where none was laid."""
        assert self.bare is not None  # noqa: S101  (the bare casting is frozen first)
        said = []
        for pool in self.bare.pools.hot_spots:
            if pool.body != 1 or _owner(feeders, pool.place) is not None:
                continue
            said.append(self.chill_near(pool.place))
        laid = [one for one in said if one is not None]
        return _and(laid) if laid else None

    def chill_near(self, place: Point) -> Text | None:
        """Lay a chill at a place, once; say so, or None where it is not wanted or does not fit."""
        choice = self.choice
        spot, depth, slack = self.spot_of(place)
        if choice.chill_rise is None or spot in self._chilled or len(self._chilled) >= self.bounds.most_chills:
            return None
        if depth < 0.9 * self.fineness.cell:
            # A chill of less than two cells is none to the grid.
            return None
        self._chilled.append(spot)
        fed = fed_zone(self.casting, spot, depth, slack=slack)
        thickness = chill_thickness(fed, 2.0 * depth, self.pour, choice.chill, choice.chill_rise)
        taken = [body.solid for body in self.others]
        body = chill_at(self.casting, spot, depth, thickness, choice.chill, taken, self.bounds.flask)
        if body is None:
            return None
        self.others = (*self.others, body)
        self.notes.append(text("the gain that sizes a chill is from memory; whether it helps is for the field to say"))
        return text(
            "{medium} {side} mm wide and {thickness} mm thick is laid at {place} mm",
            medium=medium(choice.chill).title,
            side=round(2e3 * depth, 1),
            thickness=round(1e3 * thickness, 1),
            place=at(spot),
        )

    def added(self, place: Point, feeders: Sequence[Feeder]) -> Feeder | Text:
        """Return a riser for a place that none is answerable for, or why there is none."""
        if len(feeders) >= self.bounds.most_risers:
            return _too_many(place, self.bounds.most_risers)
        return self.new_feeder(place, None, feeders) or _no_place(place)

    def unmoved(self, trouble: Trouble, done: Round) -> bool:
        """Tell whether the last change of the risers left what is wrong at a place as it was."""
        before = self.rounds[done.number - 1]
        if trouble.place is None or not before.feeders:
            return False
        near = ANSWERABLE * self.fineness.cell
        return any(
            old.kind == trouble.kind
            and old.place is not None
            and math.dist(old.place, trouble.place) <= near
            and trouble.size > UNMOVED * old.size
            for old in before.troubles
        )

    def changed(
        self, feeders: Sequence[Feeder], number: int, trouble: Trouble, instead: Text | None
    ) -> tuple[Feeder, Text, Text] | Text:
        """Return a riser with a wider neck or a larger diameter, what was changed and why; or why it cannot be."""
        old, step = feeders[number], self.bounds.step
        rest = [*feeders[:number], *feeders[number + 1 :]]
        outlasts = trouble.place is not None and self.outlasts(number, trouble)
        widen = instead is None and outlasts and old.neck_diameter < old.diameter
        if not widen and old.factor * step > self.bounds.largest:
            return self.too_large(number, trouble, outlasts=outlasts)
        new = self.placed(
            old.spot, old.depth, old.fed, old.factor if widen else old.factor * step, old.neck_factor * step, rest
        )
        if new is None:
            size = round(1e3 * old.diameter * step, 1)
            return text("riser {number} has no place for a diameter of {size} mm", number=number + 1, size=size)
        sizes = [round(1e3 * d, 1) for d in (old.diameter, new.diameter, old.neck_diameter, new.neck_diameter)]
        if widen:
            said = text(
                "riser {number}: neck {before} to {after} mm", number=number + 1, before=sizes[2], after=sizes[3]
            )
            return new, said, text("the riser was liquid for longer, so its neck closed too soon")
        said = text(
            "riser {number}: diameter {before} to {after} mm, neck {neck_before} to {neck_after} mm",
            number=number + 1,
            before=sizes[0],
            after=sizes[1],
            neck_before=sizes[2],
            neck_after=sizes[3],
        )
        if instead is None and trouble.kind == "pipe":
            instead = text("the pipe has to end above")
        elif instead is None and outlasts:
            instead = text("its neck is as wide as the riser; more metal above it")
        return new, said, instead or text("the riser froze sooner than the casting below it")

    def too_large(self, number: int, trouble: Trouble, *, outlasts: bool) -> Text:
        """Say that a riser has grown as far as it may."""
        largest = self.bounds.largest
        if trouble.kind == "pipe":
            return text(
                "riser {number} has reached {factor} times the rule's diameter and its pipe is still too deep",
                number=number + 1,
                factor=largest,
            )
        if outlasts:
            return text(
                "riser {number} is {factor} times the rule's and freezes last, and the casting below still lacks metal",
                number=number + 1,
                factor=largest,
            )
        return text(
            "riser {number} has reached {factor} times the rule's diameter and does not outlast the casting",
            number=number + 1,
            factor=largest,
        )

    def outlasts(self, number: int, trouble: Trouble) -> bool:
        """Tell whether a riser was liquid for longer than a place in the casting."""
        assert self.last is not None and trouble.place is not None  # noqa: S101, PT018  (asked after a run only)
        freezing = self.last.freezing
        body = 2 + sum(b.kind == "riser" for b in self.others) + number
        riser = float(np.max(freezing.time_solidus[freezing.part == body], initial=0.0))
        if trouble.frozen_at is not None:
            return riser > trouble.frozen_at
        own = np.where(freezing.part == 1, freezing.time_solidus, np.float32(0.0))
        return riser > float(np.max(own))

    def reached(self, place: Point, feeders: Sequence[Feeder]) -> bool:
        """Tell whether a riser feeds a place, if it is a plate: half way to where the next riser would stand."""
        _, depth, _ = self.spot_of(place)
        rule = feeding_distance("plate", 2.0 * depth, "riser", family=self.pour.alloy.family)
        return rule.length is not None and any(_away(feeder, place) <= 0.5 * rule.length for feeder in feeders)

    def distance(self, place: Point, feeders: Sequence[Feeder], added: Feeder) -> Text:
        """Say how far the nearest riser is, and how far the rule lets it feed."""
        nearest = _nearest(feeders, place)
        if nearest is None:
            return text("there was no riser")
        away = _away(feeders[nearest], place)
        rule = feeding_distance("plate", 2.0 * added.depth, "riser", family=self.pour.alloy.family)
        if rule.length is None:
            return text("{away} mm from the edge of the nearest riser", away=round(1e3 * away))
        return text(
            "{away} mm from the edge of the nearest riser; by the feeding distance of a plate two risers may stand "
            "{length} mm apart",
            away=round(1e3 * away),
            length=round(1e3 * rule.length),
        )

    def _proposed(self, fed: Fed, position: Position) -> Riser:
        form = Form(self.choice.shape, position, self.choice.height_ratio)
        constants = shipped_constants(self.pour.alloy.family, self.choice.sleeve)
        return propose_riser(fed, form, constants, rule=self.choice.rule)


def _hopeless(done: Round) -> Text | None:
    """Return what no riser can change."""
    for trouble in done.troubles:
        if trouble.kind in ("unfinished", "not known"):
            return trouble.says
    return None


def _answers(feeder: Feeder, place: Point) -> bool:
    return math.dist(feeder.spot, place) <= ANSWERABLE * feeder.depth


def _owner(feeders: Sequence[Feeder], place: Point) -> int | None:
    """Return the riser that is answerable for a place, the nearest if there are several."""
    found = [(math.dist(f.spot, place), n) for n, f in enumerate(feeders) if _answers(f, place)]
    return min(found)[1] if found else None


def _nearest(feeders: Sequence[Feeder], place: Point) -> int | None:
    return min(range(len(feeders)), key=lambda n: math.dist(feeders[n].spot, place), default=None)


def _away(feeder: Feeder, place: Point) -> float:
    """Return how far a place is from the edge of a riser, seen from above [m]."""
    return max(math.dist(feeder.standing.foot[:2], place[:2]) - 0.5 * feeder.diameter, 0.0)


def _no_place(place: Point) -> Text:
    return text("no riser finds a place for the hot spot at {place} mm", place=at(place))


def _too_many(place: Point, most: int) -> Text:
    return text("risers allowed: {most}; the hot spot at {place} mm has none", most=most, place=at(place))


def _and(said: Sequence[Text]) -> Text:
    """Return sentences as one."""
    whole = said[0]
    for more in said[1:]:
        whole = text("{first}; {then}", first=whole, then=more)
    return whole
