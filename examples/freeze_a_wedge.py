"""Freeze a wedge: where it is solid last, how the pipe sinks in, and what a riser at the thick end changes.

Problem. A wedge of cast steel, 200 mm long, 60 mm wide and from 50 mm to nothing thick, lies flat in a mould of resin
sand. It freezes from the thin end to the thick one: the text-book case of directional solidification. Without a riser
the thick end pays for all the others with a cavity. A riser on the thick end that freezes last takes it over.

Equations. Heat: dH/dt = div(k grad T) by finite volumes. Solidification time grows with the square of the modulus,
t = C (V/A)^2 (Chvorinov), so the front runs towards the thick end ever more slowly.

Data. None is read: the solid is built here, and steel and sand come with Forgecast, each value with its source
(`forgecast casting alloys WCB`, `forgecast casting media resin-sand`). Part, cell size and pouring temperature are
assumptions of the example.

What is seen. Solidification time rises along the wedge. The bare wedge has its hot spot and its cavity inside; with the
riser both lie in the riser. The two folders hold fields for ParaView, a coloured surface, pictures and a page each.

Run: python examples/freeze_a_wedge.py --out wedge
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from forgecast.app.casting.compose import outcome_of
from forgecast.app.casting.outcome import Outcome
from forgecast.app.casting.write import write_outcome
from forgecast.ground.texts import preferred_language
from forgecast.metal.alloy import alloy
from forgecast.shape.solid import Solid, cylinder, moved, prism
from forgecast.tasks.freeze_part import Fineness, freeze_part
from forgecast.tasks.mould_layout import Body, Pour

LENGTH, WIDTH, THICKNESS = 0.200, 0.060, 0.050
UPRIGHT = [[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]


def wedge() -> Solid:
    """Return the wedge as it lies in the mould: its thick end at x = 0, its foot at z = 0."""
    flat = prism([(0.0, 0.0), (LENGTH, 0.0), (0.0, THICKNESS)], WIDTH, name="wedge")
    return moved(flat, (0.0, WIDTH, 0.0), turn=np.array(UPRIGHT), name="wedge")


def run(cell: float = 0.005, *, riser: bool = False) -> Outcome:
    """Freeze the wedge, with or without a riser on its thick end."""
    bodies = []
    if riser:  # it stands on the slope and overlaps it, so that no gap is left; the casting keeps the overlap
        bodies = [Body("riser", cylinder(0.070, 0.110, at=(0.034, WIDTH / 2, 0.030), name="riser"))]
    pour = Pour(alloy("WCB"), 1853.15, "resin-sand", mould_temperature=293.15, ambient=293.15)
    frozen = freeze_part(wedge(), bodies, pour, Fineness(cell=cell, margin=0.050))
    assumed = frozenset({"pour", "mould_at", "ambient", "cell", "margin"})
    title = "wedge with a riser" if riser else "wedge"
    return outcome_of(frozen, title=title, made=datetime.now(UTC).replace(microsecond=0), assumed=assumed)


def main() -> None:
    """Freeze both and write their folders."""
    parser = argparse.ArgumentParser(description="A wedge of steel frozen without and with a riser.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the two folders of results")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for riser in (False, True):
        outcome = run(riser=riser)
        files = write_outcome(outcome, out / ("with_riser" if riser else "bare"), preferred_language())
        cavities = next(figure.value for figure in outcome.figures if figure.name == "cavity_volume")
        print(f"{outcome.title}: {cavities:.2f} cm3 of cavities in the casting; {files[-1].parent}")


if __name__ == "__main__":
    main()
