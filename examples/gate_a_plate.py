"""Gate a plate: how wide sprue, runners and gates must be, and whether aluminium enters the mould quietly.

Problem. A plate of A356, 200 x 100 x 10 mm, stands on its long edge in a green sand mould and is filled from below.
The basin's level is 250 mm above the gates. Which areas fill it in time, and which gating ratio keeps the metal
below the velocity at which its oxide skin folds in?

Equations. Choke A = m / (rho t mu sqrt(2 g H_e)) with H_e = H - P2/2C; sprue A_top = A_foot sqrt(h_foot/h_top);
velocity in the gates at the start v = mu sqrt(2 g H) A_choke / A_gates, to be at most 0.5 m/s.

Data. None is read: the rules and their constants come with Forgecast, each with its source (docs/reference/tables.md).
The plate is made up; the pouring temperature is an assumption.

What is seen. 1:2:1 shoots the metal in at 1 m/s, 1:2:2 only just holds the limit, 1:2:4 holds it well. A fall from
gates at the top breaks the same limit after 13 mm, whatever the ratio.

Reference. `forgecast.casting.gating`; critical velocity: Runyoro, Boutorabi, Campbell, AFS Trans. 100 (1992) 225.

Run: python examples/gate_a_plate.py
"""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from forgecast.ground.texts import preferred_language
from forgecast.shape.solid import box
from forgecast.tasks.design_gating import GatingDesign, design_gating, part_in_mould

LENGTH, HEIGHT, THICKNESS = 0.200, 0.100, 0.010
RATIOS = ("1:2:1", "1:2:2", "1:2:4")


def run(gate: str = "bottom") -> dict[str, GatingDesign]:
    """Return the gating of the plate for each ratio."""
    part = part_in_mould(box((LENGTH, THICKNESS, HEIGHT), name="plate"))
    return {
        ratio: design_gating(
            part,
            "A356",
            pour_temperature=993.15,
            head=0.250,
            gate="top" if gate == "top" else "bottom",
            mould="green-sand",
            ratio=ratio,
            basin_depth=0.050,
        )
        for ratio in RATIOS
    }


def main() -> None:
    """Print the areas and the checks."""
    language = preferred_language()
    table = Table("ratio 比", "choke 阻流 mm2", "gates 内浇道 mm2", "velocity 流速 m/s", "quiet 平稳")
    designs = run()
    for ratio, design in designs.items():
        gating = design.gating
        quiet = all(check.passed is not False for check in gating.checks)
        areas = (f"{1e6 * area:.0f}" for area in (gating.areas.choke, gating.areas.ingate))
        table.add_row(ratio, *areas, f"{gating.first_gate_velocity:.2f}", "✓" if quiet else "✗")
    console = Console()
    console.print(table)
    chosen = designs[RATIOS[-1]].gating
    for said in (*(check.says for check in chosen.checks), *chosen.notes):
        console.print("·", said.say(language))


if __name__ == "__main__":
    main()
