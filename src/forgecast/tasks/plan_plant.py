"""Plan a plant: the cheapest measures that reach its goals, what they cost and bring, or why none do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from forgecast.ground.dates import Period
from forgecast.ground.texts import Text, bilingual, text
from forgecast.planning.library import prices
from forgecast.planning.outcome import Step, steps
from forgecast.planning.portfolio import Portfolio, cheapest
from forgecast.planning.problem import Goal, PlanError, Problem
from forgecast.planning.reach import Compromise, Point, Reach, compromise, frontier, nothing
from forgecast.planning.robust import Robustness, robustness
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.energy_figures import carrier_text, carriers_used
from forgecast.tasks.plan_base import PlanBase, plan_base
from forgecast.tasks.plan_goals import Asked, Unknown, parse_goal, plan_goals
from forgecast.tasks.plan_measures import Left, plan_measures
from forgecast.tasks.plant_view import PlantView, period_of

#: What cost is traded against.
TRADED = ("particulate", "energy_per_tonne", "co2")
#: Units of prices by carrier are those of the meters; a price of a tonne serves a meter in kilograms.
_SMALLER = {("t", "kg"): 1e-3, ("kg", "t"): 1e3}


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """A plan.

    Parameters
    ----------
    plant_id, plant_name : str
    synthetic : bool
    start, end : date
        Twelve months it stands on, end exclusive.
    problem : Problem
        With the goals that are kept.
    goals : tuple of Goal
        All that were asked for and could be planned.
    unknown : tuple of Unknown
    plan : Portfolio
    steps : tuple of Step
    before : mapping of str to float
        Indicators without any measure.
    told : Compromise or None
        Where not all goals can be kept: the proof, and what is.
    robust : Robustness or None
    frontiers : mapping of str to tuple of Point
    left : tuple of Left
        Measures of the library that are not in the choice, and why.
    notes : tuple of Text
    with_credits : bool
    """

    plant_id: str
    plant_name: str
    synthetic: bool
    start: date
    end: date
    problem: Problem
    goals: tuple[Goal, ...]
    unknown: tuple[Unknown, ...]
    plan: Portfolio
    steps: tuple[Step, ...]
    before: Mapping[str, float]
    told: Compromise | None
    robust: Robustness | None
    frontiers: Mapping[str, tuple[Point, ...]]
    left: tuple[Left, ...]
    notes: tuple[Text, ...]
    with_credits: bool

    @property
    def reached(self) -> bool:
        """Return whether every goal is known and kept."""
        return self.told is None and not self.unknown

    @property
    def estimated_share(self) -> float | None:
        """Return the share of what is paid at once that is an estimate and no quotation; None where nothing is paid."""
        chosen = [self.problem.measure(name) for name in self.plan.starts]
        paid = sum(one.cost for one in chosen)
        return sum(one.cost for one in chosen if one.estimate) / paid if paid > 0.0 else None

    def as_json(self) -> dict[str, object]:
        """Return the plan as every JSON answer shows it."""
        seen, problem = self.plan.outcome, self.problem
        return {
            "plant": {"id": self.plant_id, "name": self.plant_name, "synthetic": self.synthetic},
            "period": {"start": self.start.isoformat(), "end": self.end.isoformat()},
            "years": list(problem.years),
            "rate": problem.rate,
            "horizon_years": problem.horizon,
            "budget_CNY": {str(y): problem.budget_of(y) for y in problem.years} if problem.budget is not None else None,
            "with_credits": self.with_credits,
            "prices_CNY": dict(problem.prices),
            "reached": self.reached,
            "goals": [self._goal_json(goal) for goal in self.goals],
            "not_known": [
                {"goal": one.goal, "title": one.title.as_json(), "why": one.why.as_json()} for one in self.unknown
            ],
            "net_present_cost_CNY": seen.cost,
            "paid_CNY": dict(zip(map(str, seen.years), seen.paid, strict=True)),
            "running_CNY_a_year": dict(zip(map(str, seen.years), seen.running, strict=True)),
            "estimated_share_of_paid": self.estimated_share,
            "indicators": {
                name: {
                    "title": problem.indicators[name].title.as_json(),
                    "unit": problem.indicators[name].unit,
                    "before": self.before[name],
                    **dict(zip(map(str, seen.years), values, strict=True)),
                }
                for name, values in seen.indicators.items()
            },
            "measures": [self._step_json(step) for step in self.steps],
            "cannot": None if self.told is None else self._told_json(self.told),
            "robustness": None if self.robust is None else _robust_json(self.robust),
            "frontiers": {name: [_point_json(p) for p in points] for name, points in self.frontiers.items()},
            "choice": [one.id for one in problem.measures],
            "left_out": [
                {"kind": o.kind, "title": o.title.as_json(), "subject": o.subject, "why": o.why.as_json()}
                for o in self.left
            ],
            "notes": [note.as_json() for note in self.notes],
        }

    def _goal_json(self, goal: Goal) -> dict[str, object]:
        value = self.plan.outcome.indicators[goal.indicator][goal.year - self.problem.first]
        return {
            "id": goal.id,
            "indicator": goal.indicator,
            "year": goal.year,
            "sense": goal.sense,
            "bound": goal.bound,
            "unit": self.problem.indicators[goal.indicator].unit,
            "before": self.before[goal.indicator],
            "planned": value,
            "reached": goal.shortfall(value) <= goal.tolerance,
            "source": goal.source.as_json(),
        }

    def _step_json(self, step: Step) -> dict[str, object]:
        measure = self.problem.measure(step.measure)
        works = self.plan.starts[step.measure]
        return {
            "id": measure.id,
            "kind": measure.kind,
            "title": measure.title.as_json(),
            "subject": measure.subject,
            "paid_in": works - measure.delay,
            "works_from": works,
            "cost_CNY": measure.cost,
            "cost_is_estimate": measure.estimate,
            "cost_source": measure.source.as_json(),
            "running_CNY_a_year": step.running,
            "how": measure.how.as_json(),
            "changes": dict(step.changes),
        }

    def _told_json(self, told: Compromise) -> dict[str, object]:
        return {
            "each_alone": [_reach_json(one) for one in told.reaches],
            "conflict": [goal.id for goal in told.conflict],
            "more_money_helps": told.budget_binds,
            "kept": [goal.id for goal in told.kept],
            "given_up": [_reach_json(one) for one in told.best_given_up],
        }


def _reach_json(one: Reach) -> dict[str, object]:
    return {
        "goal": one.goal.id, "bound": one.goal.bound, "best": one.best, "now": one.now, "reachable": one.reachable
    }  # fmt: skip


def _robust_json(one: Robustness) -> dict[str, object]:
    return {
        "draws": one.draws,
        "spread": one.spread,
        "solved": one.solved,
        "stays": dict(one.stays),
        "cost_low_CNY": one.cost_low if one.solved else None,
        "cost_high_CNY": one.cost_high if one.solved else None,
        "goal_holds": dict(one.holds),
    }


def _point_json(point: Point) -> dict[str, object]:
    return {"net_present_cost_CNY": point.cost, "value": point.value, "works_from": dict(point.portfolio.starts)}


def plan_plant(
    folder: PlantFolder,
    *,
    goals: Sequence[str] = (),
    budget: float | Mapping[int, float] | None = None,
    until: int | None = None,
    rate: float = 0.06,
    horizon: int = 10,
    own_prices: Mapping[str, float] | None = None,
    with_credits: bool = False,
    pareto: bool = False,
    draws: int = 40,
    at: date | None = None,
    progress: Callable[[float], None] | None = None,
) -> PlanAnswer:
    """Plan a plant.

    Parameters
    ----------
    folder : PlantFolder
    goals : sequence of str
        As `parse_goal` reads them; they go before those on record, and these before those of the opinions.
    budget : float or mapping of int to float or None
        CNY a year.
    until : int or None
        Last year of the plan; None means 2027, the year of the newest opinion, or the second year from now.
    rate : float
        Of interest a year [1].
    horizon : int
        Years over which costs and savings count.
    own_prices : mapping of str to float or None
        CNY for the unit the meters count a resource in.
    with_credits : bool
    pareto : bool
        Whether to trace cost against particulate, energy and CO2.
    draws : int
        How often estimates are drawn anew; 0 leaves it.
    at : date or None
    progress : callable or None

    Raises
    ------
    PlanError
        If a goal or a year does not fit, or nothing of the plant can be planned.
    """
    tell = progress or (lambda _done: None)
    wanted = [parse_goal(one) for one in goals]
    base = plan_base(folder, PlantView(folder, *period_of(folder, at)))
    period = base.view.period
    tell(0.2)
    measures, left = plan_measures(base, with_credits=with_credits)
    first = _first_year(period)
    last = until if until is not None else max(2027, first + 1)
    _check_years(wanted, first, last)
    kept, unknown = plan_goals(base, wanted, first=first, last=last)
    problem = Problem(
        streams=tuple(base.streams.values()),
        measures=measures,
        indicators=base.indicators,
        goals=kept,
        prices=_prices(base, own_prices or {}),
        first=first,
        last=last,
        rate=rate,
        horizon=horizon,
        budget=budget,
    )
    problem, plan, told = _solved(problem)
    tell(0.5)
    robust = robustness(problem, plan, draws=draws) if draws else None
    frontiers = {name: frontier(problem, name) for name in TRADED if pareto and name in problem.indicators}
    return PlanAnswer(
        plant_id=folder.settings.id,
        plant_name=folder.settings.name,
        synthetic=folder.settings.synthetic,
        start=period.start,
        end=period.end,
        problem=problem,
        goals=kept,
        unknown=unknown,
        plan=plan,
        steps=steps(problem, plan.starts),
        before=nothing(problem),
        told=told,
        robust=robust,
        frontiers=frontiers,
        left=left,
        notes=(*base.notes, *_assumptions(problem, base, own_prices or {})),
        with_credits=with_credits,
    )


def _solved(problem: Problem) -> tuple[Problem, Portfolio, Compromise | None]:
    """Return the cheapest plan; where not all goals can be kept, the problem with those that can, and the proof."""
    plan = cheapest(problem)
    if plan is not None:
        return problem, plan, None
    told = compromise(problem)
    assert told is not None  # noqa: S101  (the same programme has just had no solution)
    return replace(problem, goals=told.kept), told.portfolio, told


def _first_year(period: Period) -> int:
    """Return the first year of a plan: the one that begins with, or after, the end of the judged period."""
    return period.end.year if (period.end.month, period.end.day) == (1, 1) else period.end.year + 1


def _check_years(wanted: Sequence[Asked], first: int, last: int) -> None:
    for one in wanted:
        if one.year is not None and not first <= one.year <= last:
            raise PlanError(
                text("a goal for {year} lies outside the plan", year=one.year),
                where="--goal",
                repair=text("give a year from {first} to {last}, or another --until", first=first, last=last),
            )


def _prices(base: PlanBase, own: Mapping[str, float]) -> dict[str, float]:
    """Return CNY for a unit of each resource: asked for, else by the tariff on record, else of the library."""
    known = prices()
    units = {one.carrier: one.unit for one in carriers_used(base.view)} | {"water": "m3", "landfilled": "t"}
    for name in own:
        if name not in units:
            raise PlanError(
                text("the plant has no {name} to price", name=name),
                where="--price",
                repair=text("use one of: {names}", names=", ".join(units)),
            )
    found = {}
    for name, unit in units.items():
        if name in own:
            price = own[name]
        elif name == "electricity" and base.electricity_price is not None:
            price = base.electricity_price
        elif name in known:
            price = known[name].value * (
                1.0 if known[name].unit == unit else _SMALLER.get((known[name].unit, unit), 0.0)
            )
        else:
            continue
        found[name] = found[f"{name}@forging"] = price
    return found


def _assumptions(problem: Problem, base: PlanBase, own: Mapping[str, float]) -> list[Text]:
    """Return what the plan supposes."""
    guessed = [
        name
        for name in problem.prices
        if "@" not in name and name not in own and not (name == "electricity" and base.electricity_price is not None)
    ]
    said = [
        text(
            "output, value added and hours stay as in the judged twelve months; costs count over {horizon} years at "
            "{rate} % a year",
            horizon=problem.horizon,
            rate=round(100.0 * problem.rate, 2),
        )
    ]
    if guessed:
        titles = [carrier_text(name) if name not in prices() else prices()[name].title for name in guessed]
        names = bilingual(", ".join(one.say("en") for one in titles), "、".join(one.say("zh") for one in titles))
        said.append(text("estimated prices, for which --price takes yours: {names}", names=names))
    return said
