"""The cheapest portfolio of measures that keeps its goals, as a mixed-integer linear programme (HiGHS)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.planning.outcome import Outcome, outcome, stream_amounts
from forgecast.planning.problem import Effect, Goal, Measure, PlanError, Problem, Stream

FloatArray = NDArray[np.float64]

#: Most measures whose factors may meet in one stream: each set of them gets a variable.
MOST_ON_A_STREAM = 12
#: Costs are solved in this unit [CNY], so that they are of the size of the other rows.
_MONEY = 1e4


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A solution.

    Parameters
    ----------
    starts : mapping of str to int
        Measure to the first year it works in.
    outcome : Outcome
        As the plain evaluator sees it.
    """

    starts: Mapping[str, int]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Least:
    """Something to make small besides, or instead of, cost: an indicator in a year, in its own unit."""

    indicator: str
    year: int
    sense: str = "<="


@dataclass(frozen=True, slots=True)
class Within:
    """A further bound on an indicator in a year."""

    indicator: str
    year: int
    bound: float
    sense: str = "<="


class Model:
    """The rows of a problem, made once and solved under several aims.

    Binary x(m, y) says whether measure m works in year y, and never falls with y. Where the factors of several measures
    meet in a stream s, each set T of them has a weight w(s, T, y) ≥ 0 with Σ_T w = 1 and Σ_{T∋m} w = x(m, y). With x at
    0 or 1 only the set that works can have weight, so products of factors are linear in w without any error, and the
    relaxation is as tight as such a stream allows.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._x: dict[tuple[str, int], int] = {}
        self._w: dict[tuple[str, frozenset[str], int], int] = {}
        self._sets = {stream.id: _sets(stream, problem.measures) for stream in problem.streams}
        for measure in problem.measures:
            for year in problem.years:
                self._x[measure.id, year] = len(self._x)
        for name, sets in self._sets.items():
            if len(sets) > 1:
                for one, year in itertools.product(sets, problem.years):
                    self._w[name, one, year] = len(self._x) + len(self._w)
        self.size = len(self._x) + len(self._w)
        self.money, self.money_constant = self._cost()
        self._rows: list[scipy.sparse.csr_array] = []
        self._low: list[float] = []
        self._high: list[float] = []
        self._structure()

    def solve(
        self,
        *,
        goals: Sequence[Goal] | None = None,
        least: Least | None = None,
        within: Sequence[Within] = (),
        most_cost: float = math.inf,
        budget: bool = True,
    ) -> Portfolio | None:
        """Return the best portfolio, or None where none keeps the bounds.

        Parameters
        ----------
        goals : sequence of Goal or None
            None means those of the problem.
        least : Least or None
            What to make small; None means net present cost.
        within : sequence of Within
        most_cost : float
            CNY.
        budget : bool
            Whether the budget binds.

        Raises
        ------
        ForgecastError
            If the solver fails, or the plain evaluator does not agree with what it found.
        """
        rows, low, high = list(self._rows), list(self._low), list(self._high)
        asked = self.problem.goals if goals is None else tuple(goals)
        bounds = [Within(g.indicator, year, g.bound, g.sense) for g in asked for year in self.problem.years
                  if year >= g.year]  # fmt: skip
        for one in (*bounds, *within):
            row, constant = self.figure(one.indicator, one.year)
            size = max(float(np.abs(row).max(initial=0.0)), abs(one.bound - constant), 1e-9)
            edge = (one.bound - constant) / size
            rows.append(scipy.sparse.csr_array(row[None, :] / size))
            low.append(-np.inf if one.sense == "<=" else edge)
            high.append(edge if one.sense == "<=" else np.inf)
        if math.isfinite(most_cost):
            rows.append(scipy.sparse.csr_array(self.money[None, :] / _MONEY))
            low.append(-np.inf)
            high.append((most_cost - self.money_constant) / _MONEY)
        if budget:
            self._budget(rows, low, high)
        if least is None:
            aim = self.money / _MONEY
        else:
            aim = self.figure(least.indicator, least.year)[0] * (1.0 if least.sense == "<=" else -1.0)
            aim = aim / max(float(np.abs(aim).max(initial=0.0)), 1e-9)
        found = self._solved(aim, rows, low, high)
        if found is None:
            return None
        starts = self._starts(found)
        return Portfolio(starts, outcome(self.problem, starts))

    def _solved(
        self, aim: FloatArray, rows: Sequence[scipy.sparse.csr_array], low: Sequence[float], high: Sequence[float]
    ) -> FloatArray | None:
        integrality = np.zeros(self.size)
        integrality[: len(self._x)] = 1
        upper = np.ones(self.size)
        for measure in self.problem.measures:
            possible = self.problem.working_years(measure)
            for year in self.problem.years:
                upper[self._x[measure.id, year]] = 1.0 if possible and year >= possible[0] else 0.0
        if self.size == 0:
            fits = all(lo <= 1e-9 and hi >= -1e-9 for lo, hi in zip(low, high, strict=True))
            return np.empty(0) if fits else None
        constraints = (
            [scipy.optimize.LinearConstraint(scipy.sparse.vstack(rows), np.asarray(low), np.asarray(high))]
            if rows
            else []
        )
        answer = scipy.optimize.milp(
            aim,
            integrality=integrality,
            bounds=scipy.optimize.Bounds(0.0, upper),
            constraints=constraints,
            options={"mip_rel_gap": 0.0},
        )
        if answer.status == 2:
            return None
        if answer.x is None or answer.status != 0:
            raise PlanError(
                text("the solver ended without an answer: {message}", message=str(answer.message)),
                repair=text("leave out measures, or shorten the years of the plan"),
            )
        return np.asarray(answer.x, dtype=np.float64)

    def _starts(self, found: FloatArray) -> dict[str, int]:
        starts = {}
        for measure in self.problem.measures:
            works = [year for year in self.problem.years if found[self._x[measure.id, year]] > 0.5]
            if works:
                starts[measure.id] = works[0]
        return starts

    def figure(self, indicator: str, year: int) -> tuple[FloatArray, float]:
        """Return an indicator of a year as a row over the variables, and its constant."""
        weights = self.problem.indicators[indicator].weights
        row, constant = self._amounts(weights, year)
        return row, constant + self.problem.indicators[indicator].constant

    def _amounts(self, weights: Mapping[str, float], year: int) -> tuple[FloatArray, float]:
        """Return Σ weight · resource of a year as a row, and its constant."""
        row, constant = np.zeros(self.size), 0.0
        for stream in self.problem.streams:
            sets = self._sets[stream.id]
            if not any(name in weights for name in stream.base):
                continue
            for one, effects in sets.items():
                amounts = stream_amounts(stream, effects)
                value = sum(weights.get(name, 0.0) * amount for name, amount in amounts.items())
                if len(sets) > 1:
                    row[self._w[stream.id, one, year]] = value
                else:
                    constant += value
        for measure in self.problem.measures:
            row[self._x[measure.id, year]] += sum(
                weights.get(one.resource, 0.0) * one.addition for one in measure.effects if not one.converts
            )
        return row, constant

    def _cost(self) -> tuple[FloatArray, float]:
        problem = self.problem
        row, constant = np.zeros(self.size), 0.0
        for year in problem.years:
            part, _ = self._amounts(problem.prices, year)
            row += problem.weight(year) * part
            before = sum(
                problem.prices.get(name, 0.0) * amount
                for stream in problem.streams
                if len(self._sets[stream.id]) > 1
                for name, amount in stream.base.items()
            )
            constant -= problem.weight(year) * before
        for measure in problem.measures:
            for year in problem.years:
                at = self._x[measure.id, year]
                row[at] += problem.weight(year) * measure.yearly_cost
                # The capital falls due with the first year it works in: x(y) − x(y − 1).
                row[at] += problem.start_cost(measure, year)
                if year < problem.last:
                    row[at] -= problem.start_cost(measure, year + 1)
        return row, constant

    def _structure(self) -> None:
        problem = self.problem
        ids = {one.id for one in problem.measures}
        for measure in problem.measures:
            for year in problem.years:
                if year > problem.first:
                    self._row({self._x[measure.id, year - 1]: 1.0, self._x[measure.id, year]: -1.0}, -np.inf, 0.0)
                for other in sorted(measure.excludes & ids):
                    if year == problem.last:
                        self._row({self._x[measure.id, year]: 1.0, self._x[other, year]: 1.0}, -np.inf, 1.0)
                for other in sorted(measure.requires):
                    here = {self._x[measure.id, year]: 1.0}
                    if other in ids:
                        here[self._x[other, year]] = -1.0
                    self._row(here, -np.inf, 0.0)
        for stream in problem.streams:
            sets = self._sets[stream.id]
            if len(sets) == 1:
                continue
            for year in problem.years:
                self._row({self._w[stream.id, one, year]: 1.0 for one in sets}, 1.0, 1.0)
                for name in sorted(set().union(*sets)):
                    row = {self._w[stream.id, one, year]: 1.0 for one in sets if name in one}
                    row[self._x[name, year]] = -1.0
                    self._row(row, 0.0, 0.0)

    def _budget(self, rows: list[scipy.sparse.csr_array], low: list[float], high: list[float]) -> None:
        for year in self.problem.years:
            most = self.problem.budget_of(year)
            if math.isinf(most):
                continue
            row = np.zeros(self.size)
            for measure in self.problem.measures:
                starts = year + measure.delay
                if starts <= self.problem.last:
                    row[self._x[measure.id, starts]] += measure.cost / _MONEY
                    if starts > self.problem.first:
                        row[self._x[measure.id, starts - 1]] -= measure.cost / _MONEY
            rows.append(scipy.sparse.csr_array(row[None, :]))
            low.append(-np.inf)
            high.append(most / _MONEY)

    def _row(self, cells: Mapping[int, float], low: float, high: float) -> None:
        columns = np.fromiter(cells, dtype=np.int64)
        values = np.fromiter(cells.values(), dtype=np.float64)
        self._rows.append(scipy.sparse.csr_array((values, (np.zeros_like(columns), columns)), shape=(1, self.size)))
        self._low.append(low)
        self._high.append(high)


def _sets(stream: Stream, measures: Iterable[Measure]) -> dict[frozenset[str], tuple[Effect, ...]]:
    """Return every set of measures whose factors may meet in a stream, with their effects on it."""
    meeting = [m for m in measures if any(e.stream == stream.id and e.multiplies for e in m.effects)]
    if len(meeting) > MOST_ON_A_STREAM:
        raise PlanError(
            text("{count} measures meet in {stream}, more than can be planned", count=len(meeting), stream=stream.id),
            repair=text("leave some of them out"),
        )
    found = {}
    for size in range(len(meeting) + 1):
        for chosen in itertools.combinations(meeting, size):
            names = frozenset(one.id for one in chosen)
            if any(one.excludes & names for one in chosen):
                continue
            # Additions beside a factor are linear and come with x.
            found[names] = tuple(
                effect if effect.converts else replace(effect, addition=0.0)
                for one in chosen
                for effect in one.effects
                if effect.stream == stream.id and effect.multiplies
            )
    return found


def cheapest(problem: Problem) -> Portfolio | None:
    """Return the portfolio of least net present cost that keeps all goals and the budget; None where there is none."""
    return agreed(Model(problem).solve())


def agreed(found: Portfolio | None) -> Portfolio | None:
    """Return a portfolio the plain evaluator finds sound.

    Raises
    ------
    ForgecastError
        If it does not: a defect of ours, which must not pass as a plan.
    """
    if found is not None and found.outcome.broken:
        raise ForgecastError(
            text("the plan found breaks {what} when it is evaluated", what=", ".join(found.outcome.broken)),
            repair=text("report this as a defect, with the plant's goals"),
        )
    return found
