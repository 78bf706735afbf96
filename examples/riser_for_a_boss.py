"""Feed a boss: the rule sizes the riser, the field says whether it feeds, and the loop finds the smallest that does.

Problem. A plate of cast steel, 160 x 160 x 20 mm, carries a round boss of 60 mm, as high as wide. The boss freezes last
and would be hollow. Which riser on the boss makes it sound, how much metal does it cost, and does a sleeve pay?

Equations. Rule: modulus of the riser 1.2 times that of the boss, M = V/A. Field: dH/dt = div(k grad T) by finite
volumes; contraction is drawn from the highest liquid that is connected. Yield = casting / (casting + riser).

Data. None is read: the solid is built here, steel, sand, sleeve and rules come with Forgecast, each with its source.
Part, pouring temperature, sleeve thickness and cells of 8 mm are assumptions of the example.

What is seen. Bare, the boss has a cavity half as wide as itself. The rule's riser is sound at once and larger
than it must be; the loop takes off what the casting does not need and shows the round in which it went too far. A
sleeve of 15 mm keeps a far smaller riser open.

Reference. `forgecast.tasks.design_riser`; rules: the table riser_rule (docs/reference/tables.md).

Run: python examples/riser_for_a_boss.py
"""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from forgecast.ground.texts import preferred_language
from forgecast.metal.alloy import alloy
from forgecast.shape.solid import Solid, box, cylinder, joined
from forgecast.tasks.design_riser import RiserDesign, design_riser
from forgecast.tasks.freeze_part import Fineness
from forgecast.tasks.mould_layout import Pour
from forgecast.tasks.riser_round import Bounds, RiserChoice

SIDE, PLATE, BOSS = 0.160, 0.020, 0.060
PLAIN = RiserChoice()
SLEEVED = RiserChoice(sleeve="insulating", sleeve_thickness=0.015)


def part() -> Solid:
    """Return the plate with its boss, as it lies in the mould."""
    boss = cylinder(BOSS, BOSS, at=(SIDE / 2, SIDE / 2, 0.0), name="boss")
    return joined(box((SIDE, SIDE, PLATE), name="plate"), boss, name="plate with a boss")


def run(choice: RiserChoice = PLAIN, cell: float = 0.008, refine: int = 4) -> RiserDesign:
    """Design the riser of the boss."""
    pour = Pour(alloy("WCB"), 1853.15, "green-sand", mould_temperature=293.15, ambient=293.15)
    return design_riser(part(), pour, Fineness(cell=cell, margin=0.050), choice=choice, bounds=Bounds(refine=refine))


def main() -> None:
    """Print every round of both designs."""
    language, console = preferred_language(), Console()
    for title, choice in (("no sleeve 无冒口套", PLAIN), ("insulating sleeve 保温冒口套", SLEEVED)):
        design = run(choice)
        table = Table("round 轮次", "diameter 直径 mm", "yield 工艺出品率 %", "found 结果", title=title)
        for one in design.rounds:
            size = f"{1e3 * one.feeders[0].diameter:.1f}" if one.feeders else "—"
            found = "✓" if one.sound else "✗ " + one.troubles[0].says.say(language)
            mark = f"→ {one.number}" if one.number == design.chosen else str(one.number)
            table.add_row(mark, size, f"{100 * one.casting_yield:.1f}", found)
        console.print(table)
        for note in design.notes:
            console.print("·", note.say(language))


if __name__ == "__main__":
    main()
