"""Linear programs, with whole numbers and second-order cones, solved by HiGHS and tangent cuts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import scipy

from forgecast.ground.texts import text, verbatim
from forgecast.melting.error import MeltingError
from forgecast.melting.material import BoolArray, FloatArray

Status: TypeAlias = Literal["optimal", "infeasible", "unbounded"]

#: Cuts are laid to a cone wider by this share, so that the cone itself is met after finitely many of them.
WIDER = 1e-5
#: What HiGHS itself leaves of a row (its primal feasibility tolerance, 1e-7) and a little rounding.
ROW_TOLERANCE = 2e-7
MOST_ROUNDS = 300
#: Cones nearer than this to their bound (in bounds) get a cut at the middle too.
NEAR = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Cone:
    """A constraint row · x + factor |spread x| ≤ bound.

    Parameters
    ----------
    row : (n,) float64 array
    spread : (k, n) float64 array
    factor : float
        Not negative.
    bound : float
    """

    row: FloatArray
    spread: FloatArray
    factor: float
    bound: float = 0.0

    def value(self, x: FloatArray) -> float:
        """Return the left-hand side less the bound."""
        return float(self.row @ x + self.factor * np.linalg.norm(self.spread @ x) - self.bound)


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Minimise cost · x over rows x ≤ bounds, lower ≤ x ≤ upper, cones, and some x whole numbers.

    Parameters
    ----------
    cost, lower, upper : (n,) float64 array
    rows : (m, n) float64 array
    bounds : (m,) float64 array
    whole : (n,) bool array
    cones : tuple of Cone
    """

    cost: FloatArray
    rows: FloatArray
    bounds: FloatArray
    lower: FloatArray
    upper: FloatArray
    whole: BoolArray
    cones: tuple[Cone, ...]

    def relaxed(self) -> Program:
        """Return the program with whole numbers given up."""
        return replace(self, whole=np.zeros_like(self.whole))


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A program's optimum.

    Parameters
    ----------
    status : Status
    x : (n,) float64 array
        NaN where there is none.
    cost : float
    row_marginals, cone_marginals, lower_marginals, upper_marginals : float64 array
        Change of the cost for a unit of the bound; NaN for programs with whole numbers, which have none.
    rounds : int
        Linear programs solved.
    least_cost : float
        Lower bound of the cost; the cost itself, but for whole numbers with a gap.
    """

    status: Status
    x: FloatArray
    cost: float
    row_marginals: FloatArray
    cone_marginals: FloatArray
    lower_marginals: FloatArray
    upper_marginals: FloatArray
    rounds: int
    least_cost: float


def solve(program: Program, *, gap: float = 0.0) -> Answer:
    """Return the optimum by successive linearisation.

    Parameters
    ----------
    program : Program
    gap : float
        Share of the cost by which an answer with whole numbers may miss the best one [1].

    Raises
    ------
    MeltingError
        If HiGHS gives up, or the cuts do not meet the cones in `MOST_ROUNDS` rounds.

    Notes
    -----
    The norm is convex and homogeneous, so for any point y the tangent (spread' spread y) · x / |spread y| never exceeds
    |spread x|: every cut holds for all that the cone allows, and the linear program's cost is a lower bound. Cuts are
    added at each optimum until it meets the cone itself (Kelley's method; with whole numbers the outer approximation of
    Duran and Grossmann). Cuts belong to a cone wider by `WIDER`: the answer lies inside the cone asked for.
    """
    cuts = _Cuts(program)
    if program.whole.any() and program.cones:
        # The cuts of the relaxed program are cheap and hold for the whole one too: few integer programs remain.
        relaxed = _outer(program.relaxed(), cuts, gap)
        if relaxed.status == "infeasible":
            return relaxed
    return _outer(program, cuts, gap)


class _Cuts:
    """Linear rows that stand for the cones of a program."""

    def __init__(self, program: Program) -> None:
        self.rows = [cone.row for cone in program.cones]
        self.bounds = [cone.bound for cone in program.cones]
        self.owners = list(range(len(program.cones)))

    def touch(self, number: int, cone: Cone, at: FloatArray) -> bool:
        """Add the tangent of a cone at a point; return whether there is one."""
        spread = cone.spread @ at
        length = float(np.linalg.norm(spread))
        if length <= 0.0:
            return False
        self.rows.append(cone.row + cone.factor * (1.0 + WIDER) * (cone.spread.T @ spread) / length)
        self.bounds.append(cone.bound)
        self.owners.append(number)
        return True


def _outer(program: Program, cuts: _Cuts, gap: float) -> Answer:
    """Add cuts until the optimum of the linear program meets the cones."""
    middle: FloatArray | None = None
    for done in range(1, MOST_ROUNDS + 1):
        answer = _highs(program, cuts, done, gap)
        if answer.status != "optimal":
            return answer
        values = [cone.value(answer.x) for cone in program.cones]
        middle = answer.x if middle is None else 0.5 * (middle + answer.x)
        met = True
        for number, (cone, value) in enumerate(zip(program.cones, values, strict=True)):
            if value > ROW_TOLERANCE and cuts.touch(number, cone, answer.x):
                met = False
        if met:
            return answer
        # The optima jump about; tangents at a running middle of them lie nearer to where they settle.
        for number, cone in enumerate(program.cones):
            if done > 1 and cone.factor > 0.0 and cone.value(middle) > -NEAR:
                cuts.touch(number, cone, middle)
    raise MeltingError(
        text("the charge does not settle in {rounds} rounds", rounds=MOST_ROUNDS),
        repair=text("look for a limit or a spread that is orders of magnitude off"),
    )


def _highs(program: Program, cuts: _Cuts, rounds: int, gap: float) -> Answer:
    rows = np.vstack([program.rows, *cuts.rows])
    bounds = np.concatenate([program.bounds, cuts.bounds])
    count, own = program.cost.size, len(program.bounds)
    if program.whole.any():
        found = scipy.optimize.milp(
            program.cost,
            integrality=program.whole.astype(np.int64),
            bounds=scipy.optimize.Bounds(program.lower, program.upper),
            constraints=scipy.optimize.LinearConstraint(rows, ub=bounds),
            options={"mip_rel_gap": gap},
        )
        marginals = np.full(len(bounds), np.nan)
        lower = upper = np.full(count, np.nan)
    else:
        found = scipy.optimize.linprog(
            program.cost, A_ub=rows, b_ub=bounds, bounds=np.column_stack([program.lower, program.upper]), method="highs"
        )
        solved = found.status == 0
        marginals = np.asarray(found.ineqlin.marginals) if solved else np.full(len(bounds), np.nan)
        lower = np.asarray(found.lower.marginals) if solved else np.full(count, np.nan)
        upper = np.asarray(found.upper.marginals) if solved else np.full(count, np.nan)
    words: dict[int, Status] = {0: "optimal", 2: "infeasible", 3: "unbounded"}
    if found.status not in words:
        raise MeltingError(
            text("the solver gives up: {message}", message=verbatim(str(found.message))),
            repair=text("look for a limit or a spread that is orders of magnitude off"),
        )
    status = words[found.status]
    x = np.asarray(found.x, dtype=np.float64) if status == "optimal" else np.full(count, np.nan)
    of_cones = np.zeros(len(program.cones))
    np.add.at(of_cones, np.array(cuts.owners, dtype=np.int64), marginals[own:])
    cost = float(found.fun) if status == "optimal" else float("nan")
    least = float(found.mip_dual_bound) if status == "optimal" and program.whole.any() else cost
    return Answer(status, x, cost, marginals[:own], of_cones, lower, upper, rounds, least)
