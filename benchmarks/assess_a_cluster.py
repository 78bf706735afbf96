"""How fast a cluster of plants is assessed by the rule engine, against the engine's own rate on the same facts.

Two figures. *Plants a second* is the whole: generating, judging by every shipped book, scoring and adding up; on one
process and on as many as there are cores. The *ratio* is what all but the judging costs: evaluations a second of the
whole over evaluations a second of the engine alone on the same fact bases, both in processor seconds of one process:
what the machine does beside it then matters least. The memory is the peak of what Python
holds while so many and twice so many plants are added up: it must not grow.

Run: ``python benchmarks/assess_a_cluster.py [plants]``
"""

from __future__ import annotations

import sys
import time
import tracemalloc

from forgecast.ground.tables import read_table
from forgecast.rules.book import Policy
from forgecast.rules.evaluate import evaluate
from forgecast.rules.shelf import packaged_books
from forgecast.sample.cluster import BOTOU, light_plants
from forgecast.tasks.assess_cluster import base_of, cores, generated_rows, rolled_up

SMALL = 32


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else BOTOU
    books, policy = packaged_books(), Policy(minimum_coverage=0.75)
    questions = tuple(row["id"] for row in read_table("evidence_question"))
    bases = [base_of(plant) for plant in light_plants(questions, count=SMALL)]
    begun = time.process_time()
    judged = sum(len(evaluate(books, base, policy=policy)) for base in bases)
    engine = judged / (time.process_time() - begun)
    print(f"the engine alone on {SMALL} plants: {engine:,.0f} evaluations a second, {judged / SMALL:.0f} a plant")
    begun = time.process_time()
    part = rolled_up(generated_rows(count=SMALL))
    spent = time.process_time() - begun
    print(
        f"the whole on {SMALL} plants: {part.evaluations / spent:,.0f} evaluations a second, ratio to the engine alone "
        f"{part.evaluations / spent / engine:.2f}; {count} plants need {spent / SMALL * count:.0f} processor seconds"
    )
    for workers in sorted({1, cores()}):
        begun = time.perf_counter()
        roll = rolled_up(generated_rows(count=count, workers=workers))
        took = time.perf_counter() - begun
        print(f"{roll.plants} plants on {workers} process(es): {took:.1f} s = {roll.plants / took:.1f} a second")
    peaks = [peak(SMALL), peak(2 * SMALL)]
    print(f"peak of {SMALL} plants {peaks[0] / 1e6:.1f} MB, of {2 * SMALL} {peaks[1] / 1e6:.1f} MB: "
          f"ratio {peaks[1] / peaks[0]:.2f}")  # fmt: skip


def peak(count: int) -> float:
    tracemalloc.start()
    rolled_up(generated_rows(count=count))
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return highest


if __name__ == "__main__":
    main()
