"""Balance a plant's tree of meters: the unmetered rest at every node, and whose fault would explain a bad one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import isfinite

import numpy as np

from forgecast.energy.meter_fault import FEWEST, Hypothesis, meter_faults, swapped_pairs
from forgecast.energy.meter_tree import MeterNode, balance_tree
from forgecast.energy.month import FloatArray
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.energy_series import By, meter_sums, stretches, view_of
from forgecast.tasks.plant_view import PlantView, Row


@dataclass(frozen=True, slots=True, eq=False)
class CarrierTree:
    """The nodes of one carrier's meters.

    Parameters
    ----------
    carrier, unit : str
        Unit of its main meters.
    nodes : tuple of MeterNode
    hypotheses : tuple of Hypothesis
    swaps : tuple of (meter, meter, period, fall of χ²)
    """

    carrier: str
    unit: str
    nodes: tuple[MeterNode, ...]
    hypotheses: tuple[Hypothesis, ...]
    swaps: tuple[tuple[str, str, str, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Metered:
    """What one meter shows, period by period.

    Parameters
    ----------
    meter, parent, carrier, unit : str
        The parent is empty for a main meter.
    quantity : (n,) float64 array
        NaN where a reading is missing.
    """

    meter: str
    parent: str
    carrier: str
    unit: str
    quantity: FloatArray

    def as_json(self) -> dict[str, object]:
        """Return the meter as every JSON answer shows it."""
        return {
            "meter": self.meter,
            "parent": self.parent,
            "carrier": self.carrier,
            "unit": self.unit,
            "quantity": [_known(one) for one in self.quantity],
        }


@dataclass(frozen=True, slots=True, eq=False)
class MeterBalance:
    """Balances of all meters of a plant.

    Parameters
    ----------
    periods : tuple of str
    trees : tuple of CarrierTree
    names : mapping of str to str
        Words for each meter.
    notes : tuple of Text
    meters : tuple of Metered
        Every meter with what it shows, submeters included.
    """

    periods: tuple[str, ...]
    trees: tuple[CarrierTree, ...]
    names: dict[str, str]
    notes: tuple[Text, ...]
    meters: tuple[Metered, ...]

    @property
    def unbalanced(self) -> int:
        """Return how many node periods are negative beyond doubt or stand out from the others."""
        negative = {
            (n.meter, p)
            for tree in self.trees
            for n in tree.nodes
            for p, state in zip(self.periods, n.states, strict=True)
            if state == "negative"
        }
        odd = {(h.node, h.period) for tree in self.trees for h in tree.hypotheses}
        return len(negative | odd)

    def as_json(self) -> dict[str, object]:
        """Return the answer with units in the names; what is not known is null."""
        return {
            "periods": list(self.periods),
            "carriers": [_tree_json(tree, self.periods) for tree in self.trees],
            "meters": self.names,
            "metered": [one.as_json() for one in self.meters],
            "notes": [note.as_json() for note in self.notes],
        }


def balance_meters(
    folder: PlantFolder, *, since: date | None = None, until: date | None = None, by: By = "month", carrier: str = ""
) -> MeterBalance:
    """Return the balance of every meter that has submeters.

    Parameters
    ----------
    folder : PlantFolder
    since, until : date or None
        Days; without, the twelve whole months up to the last record.
    by : By
        Months from readings or series; days and hours from series only; ``total`` for the stretch as a whole.
    carrier : str
        Only this one; empty for all.

    Raises
    ------
    ForgecastError
        If no meter has a submeter, or the parents run in a circle.
    """
    view = view_of(folder, since, until)
    stretch = stretches(view, by)
    meters = [row for row in view.rows("meter") if carrier in ("", row.text("carrier"))]
    parents = {row.text("id"): row.text("parent") for row in meters}
    if not any(parents.values()):
        raise ForgecastError(
            text("no meter has a meter above it, so there is nothing to balance"),
            where="meter",
            repair=text("fill in the field parent of the submeters: forgecast plant import"),
        )
    quantities = {row.text("id"): meter_sums(view, row, stretch, by) for row in meters}
    accuracy = {
        r.text("id"): r.number_of("accuracy_percent") / 100.0
        for r in meters
        if isfinite(r.number_of("accuracy_percent"))
    }
    units = {row.text("id"): row.text("unit") for row in meters}
    nodes = balance_tree(parents, quantities, units=units, accuracy=accuracy)
    trees = tuple(
        _tree(kind, meters, nodes, quantities, stretch.names)
        for kind in dict.fromkeys(r.text("carrier") for r in meters)
    )
    trees = tuple(tree for tree in trees if tree.nodes)
    names = {row.text("id"): row.text("name") for row in meters}
    notes = tuple(_notes(trees, meters, accuracy, view, len(stretch.names)))
    shown = tuple(
        Metered(name, row.text("parent"), row.text("carrier"), row.text("unit"), quantities[name])
        for row in meters
        for name in (row.text("id"),)
    )
    return MeterBalance(stretch.names, trees, names, notes, shown)


def _tree(
    carrier: str,
    meters: list[Row],
    nodes: tuple[MeterNode, ...],
    quantities: dict[str, FloatArray],
    periods: tuple[str, ...],
) -> CarrierTree:
    own = {row.text("id"): row for row in meters if row.text("carrier") == carrier}
    within = tuple(node for node in nodes if node.meter in own)
    found = tuple(h for node in within for h in meter_faults(node, quantities, periods))
    swaps: list[tuple[str, str, str, float]] = []
    for node in within:
        swaps += swapped_pairs({one: quantities[one] for one in node.children}, periods)
    units = [row.text("unit") for row in own.values() if not row.text("parent")]
    return CarrierTree(carrier, units[0] if units else "", within, found, tuple(swaps))


def _notes(
    trees: tuple[CarrierTree, ...], meters: list[Row], accuracy: dict[str, float], view: PlantView, periods: int
) -> list[Text]:
    del view
    notes = []
    silent = sorted(row.text("id") for row in meters if row.text("id") not in accuracy)
    if silent:
        notes.append(
            text(
                "no accuracy on record ({meters}): where one is missing a rest has no uncertainty and is not judged by "
                "it; fill in meter.accuracy_percent",
                meters=", ".join(silent[:6]) + (" …" if len(silent) > 6 else ""),
            )
        )
    if trees and periods <= FEWEST:
        notes.append(text("fewer than five periods: what a rest usually is cannot be told"))
    return notes


def _tree_json(tree: CarrierTree, periods: tuple[str, ...]) -> dict[str, object]:
    return {
        "carrier": tree.carrier,
        "unit": tree.unit,
        "nodes": [
            {
                "meter": node.meter,
                "depth": node.depth,
                "submeters": list(node.children),
                "other_unit": list(node.other_unit),
                "periods": [
                    {
                        "period": period,
                        "main": _known(node.main[n]),
                        "submetered": _known(node.submetered[n]),
                        "rest": _known(node.rest[n]),
                        "uncertainty_95": _known(node.uncertainty[n]),
                        "low": _known(node.low[n]),
                        "high": _known(node.high[n]),
                        "state": node.states[n],
                        "reason": None if (why := node.reasons[n]) is None else why.as_json(),
                    }
                    for n, period in enumerate(periods)
                ],
            }
            for node in tree.nodes
        ],
        "hypotheses": [
            {
                "node": h.node,
                "period": h.period,
                "kind": h.kind,
                "meters": list(h.meters),
                "factor": h.factor,
                "rest_before": h.rest_before,
                "rest_after": h.rest_after,
                "usual_rest": h.usual_rest,
                "scatter": h.scatter,
                "weight": h.weight,
                "words": h.words.as_json(),
            }
            for h in tree.hypotheses
        ],
        "swapped_pairs": [
            {"meters": [one, two], "period": period, "fall_of_chi2": gain} for one, two, period, gain in tree.swaps
        ],
    }


def _known(value: float | np.floating) -> float | None:
    return float(value) if isfinite(value) else None
