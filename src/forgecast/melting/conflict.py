"""Why a charge has no solution: the limits that conflict, and the smallest relaxations that give one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.melting.charge_mix import words_of_bound
from forgecast.melting.cone import Cone, Program, solve
from forgecast.melting.error import MeltingError
from forgecast.melting.material import ChargeProblem, FloatArray
from forgecast.melting.mix_model import Model, build, scale_of

#: How much dearer it is to relax a mass of the furnace than a limit.
LAST = 1e3


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One bound that has to give way.

    Parameters
    ----------
    name, side : str
        As in `forgecast.melting.marginal.Marginal`; ``mass`` for rows of the furnace and of shares.
    value, needed : float
        The bound as it stands and as it would have to be, in its own unit.
    words : Text
    """

    name: str
    side: str
    value: float
    needed: float
    words: Text


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why there is no charge.

    Parameters
    ----------
    relaxations : tuple of Relaxation
        A smallest set of changes, measured in shares of the bounds, after which there is a charge.
    members : tuple of Text
        The bounds that cannot hold together.
    materials : tuple of str
        Materials whose stock or required mass takes part.
    """

    relaxations: tuple[Relaxation, ...]
    members: tuple[Text, ...]
    materials: tuple[str, ...]


def explain_conflict(problem: ChargeProblem) -> Conflict:
    """Return the smallest relaxations of a charge problem without solution; nothing where it has one.

    Parameters
    ----------
    problem : ChargeProblem
        Whole pieces are given up for the explanation.

    Raises
    ------
    MeltingError
        If the problem has a solution only without whole pieces: then no single bound is to blame.

    Notes
    -----
    Every bound gets an elastic variable and their sum is minimised: for composition as a share of the bound, for
    stocks, shares and the furnace as a share of the liquid mass. Bounds with a marginal in that program form a
    certificate of infeasibility (Farkas): they cannot hold together.
    """
    model = build(problem)
    if solve(model.program).status == "optimal":
        return Conflict((), (), ())
    if model.program.whole.any() and solve(model.program.relaxed()).status == "optimal":
        raise MeltingError(
            text("the charge has a solution, but not in whole pieces"),
            repair=text("widen the window of the liquid metal by half a piece, or allow one material to be weighed in"),
        )
    elastic, counts = _elastic(model)
    answer = solve(elastic)
    if answer.status != "optimal":
        raise MeltingError(
            text("the charge has no solution whatever limit is given up"),
            repair=text("look at the masses that must be used and at those the furnace takes"),
        )
    slack = answer.x[len(model.usable) :]
    of_limits, of_rows, of_stock = np.split(slack, np.cumsum(counts)[:-1])
    relaxations = [
        *_limits(model, of_limits, answer.x[: len(model.usable)] * model.unit / problem.furnace.liquid_most),
        *_rows(problem, model, of_rows),
        *_stocks(problem, model, of_stock),
    ]
    members = [
        words_of_bound(bound)
        for bound, marginal in zip(model.bounds, answer.cone_marginals[: len(model.bounds)], strict=True)
        if marginal < -1e-9
    ]
    rows = answer.row_marginals[: len(model.row_names)]
    members += [name for name, marginal in zip(model.row_names, rows, strict=True) if marginal < -1e-9]
    bound_stock = answer.row_marginals[len(model.row_names) :] < -1e-9
    forced = answer.lower_marginals[: len(model.usable)] > 1e-9
    materials = [problem.materials[int(i)] for i in model.usable]
    named = [
        m.name for m, full, must in zip(materials, bound_stock, forced, strict=True) if full or (must and m.least > 0.0)
    ]
    return Conflict(tuple(relaxations), tuple(members), tuple(named))


def _elastic(model: Model) -> tuple[Program, tuple[int, int, int]]:
    """Return the program in which every bound may give way, and how many bounds there are of each sort."""
    program = model.program
    n, limits, rows = len(model.usable), len(program.cones), len(program.bounds)
    total = n + limits + rows + n
    cones = []
    for number, cone in enumerate(program.cones):
        row = np.zeros(total)
        row[:n] = cone.row
        row[n + number] = -1.0
        spread = np.zeros((len(cone.spread), total))
        spread[:, :n] = cone.spread
        cones.append(Cone(row, spread, cone.factor, cone.bound))
    mass = model.unit / model.unit.max()
    table = np.zeros((rows + n, total))
    table[:rows, :n] = program.rows
    table[:rows, n + limits : n + limits + rows] = -np.eye(rows)
    table[rows:, :n] = np.diag(mass)
    table[rows:, n + limits + rows :] = -np.eye(n)
    right = np.concatenate([program.bounds, np.minimum(program.upper, 1e6) * mass])
    # No metal at all meets every limit: the furnace gives way last.
    cost = np.concatenate([np.zeros(n), np.ones(limits), np.where(program.bounds != 0.0, LAST, 1.0), np.ones(n)])
    free = np.full(total, np.inf)
    lower = np.concatenate([program.lower, np.zeros(total - n)])
    whole = np.zeros(total, dtype=np.bool_)
    return Program(cost, table, right, lower, free, whole, tuple(cones)), (limits, rows, n)


def _limits(model: Model, slack: FloatArray, scaled: FloatArray) -> list[Relaxation]:
    found = []
    metal = float(model.metal_yield @ scaled)
    for bound, by in zip(model.bounds, slack, strict=True):
        if by <= 1e-6:
            continue
        per = bound.limit.per
        # The slack is an amount in the metal; the bound moves by it over what the bound is a share of.
        whole = metal if per is None else float(model.elements.recovered(model.elements.weights(per)) @ scaled)
        change = float(by) * scale_of(bound) / whole
        needed = bound.value + (change if bound.side == "highest" else -change)
        shown = f"{needed:.4g}" if bound.limit.per is not None else f"{100.0 * needed:.4g} %"
        words = text(
            "“{bound}” cannot be met: the materials reach {needed}; move the bound there or bring in a purer material",
            bound=words_of_bound(bound),
            needed=shown,
        )
        found.append(Relaxation(bound.limit.name, bound.side, bound.value, needed, words))
    return found


def _rows(problem: ChargeProblem, model: Model, slack: FloatArray) -> list[Relaxation]:
    found = []
    largest = problem.furnace.liquid_most
    for name, by, bound in zip(model.row_names, slack, model.program.bounds, strict=True):
        if by > 1e-6:
            words = text(
                "“{bound}” cannot be met: it is off by {mass} kg in the charge",
                bound=name,
                mass=f"{float(by) * largest:.4g}",
            )
            value = float(bound) * largest
            found.append(Relaxation(name.say("en"), "mass", value, value + float(by) * largest, words))
    return found


def _stocks(problem: ChargeProblem, model: Model, slack: FloatArray) -> list[Relaxation]:
    found = []
    for position, by in zip(model.usable, slack, strict=True):
        if by > 1e-6:
            material = problem.materials[int(position)]
            more = float(by) * float(model.unit.max())
            words = text(
                "{material} falls short: {more} kg more of it than {most} kg would do",
                material=material.name,
                more=f"{more:.4g}",
                most=f"{material.most:.5g}",
            )
            found.append(Relaxation(material.name, "stock", material.most, material.most + more, words))
    return found
