"""Where heat 17 went: a morning's moulds, half of them without a ladle on record, and a tumbler that mixed them.

Problem. The laboratory doubts heat 17. Nine ladle fillings of three heats were poured one after the other into 54
moulds of one line, each ladle still pouring while the next one was filled. Only the second mould of each ladle has the
ladle's number. The castings were tumbled twelve moulds at a time, annealed, and shipped to two customers. Who has to be
called?

Equations. Ladle of a mould: forward and backward over all assignments that keep the order of pouring
(`forgecast.plant.possible_parents`). Heel: share of mass. Mixed batches: of k pieces taken out of n, a of them
affected, between max(0, a - (n - k)) and min(k, a) are. Bounds on probabilities: Frechet. Set that is enough: Boole.

Data. SYNTHETIC: plant, heats and customers are made up (examples/plants/heat_17), and so is every number here.

What is seen. Where ladles change, a mould is of one or of the other ladle with a probability, and the picture dashes
these lines. A heel of 4 % makes the next ladles hold some of heat 17 too, so the answer depends on how little of it
counts. What would narrow it most are not the missing ladle numbers but the tumblers, which mixed what had been apart.

Reference. docs/how_to/trace_and_recall.md; docs/decisions/0013-honest-ambiguity.md.

Run: python examples/where_a_heat_went.py --out heat17
"""

from __future__ import annotations

import argparse
from pathlib import Path

from forgecast.app.genealogy.picture import trace_svg
from forgecast.ground.texts import LANGUAGES
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from forgecast.tasks.new_plant import new_plant
from forgecast.tasks.recall_pieces import RecallAnswer, recall_pieces
from forgecast.tasks.trace_piece import Trace, trace

MADE_UP = Path(__file__).resolve().parent / "plants" / "heat_17"
#: How little of heat 17 in a piece counts.
LEAST_SHARES = (0.01, 0.05)


def run(folder: Path) -> tuple[Trace, dict[float, RecallAnswer]]:
    """Make the plant, and return what became of heat 17 and the recall for each least share."""
    if not folder.exists():
        new_plant(folder, name="Made-up foundry 虚构铸造厂")
    with PlantFolder.open(folder) as plant:
        for part in ("made", "sent"):  # a piece is made before it is released and sent
            import_files(plant, sorted((MADE_UP / part).glob("*.csv")))
        answers = {share: recall_pieces(plant, "heat", "17", least_share=share) for share in LEAST_SHARES}
        return trace(plant, "heat", "17", forward=True, least_share=LEAST_SHARES[-1]), answers


def main() -> None:
    """Print both recalls and write the picture in both languages."""
    parser = argparse.ArgumentParser(description="Where a made-up heat went.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the plant and the pictures")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    traced, answers = run(given.out / "plant")
    for share, answer in answers.items():
        found, sent = answer.figures, answer.pieces("shipped")[0]
        print(f"{100 * share:g} % counts 计入: in the set 召回 {found.enough}, certain 确定 {found.certain}, ", end="")
        print(f"expected 期望 {found.expected[1]:.1f}, shipped 已发运 {sent}")
        for customer, (count, expected) in answer.customers.items():
            print(f"    {customer}: {count} ({expected:.1f})")
    for language in LANGUAGES:
        picture = given.out / f"heat_17.{language}.svg"
        picture.write_text(trace_svg(traced, language, "Asia/Shanghai"), encoding="utf-8")
        print(picture)


if __name__ == "__main__":
    main()
