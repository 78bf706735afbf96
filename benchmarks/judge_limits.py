"""How many limits are judged in a second, against the bare comparison of the same numbers by numpy.

Three claims. A *verdict* is one requirement of GB 39726-2020 on one stack: does it apply, which value held on which
days, is it kept; with its reasons and the whole tree down to the rows. An *hour* is one of a year's hourly means of a
stack, judged by the same code. Numpy compares an array with one number and keeps no reason at all: the ratio is what
law and reasons cost. Nobody asks a million stacks for their reasons, so a verdict may cost much; an hour may not. A
*word* is a verdict without its reasons, for rolling up a region (`forgecast.rules.many`): every book that ships, on
plants of several stacks whose numbers differ; each word is one limit or one state that is evaluated.

Processor seconds, the best of several rounds: what the machine does beside it then matters least.

Run: ``python benchmarks/judge_limits.py [thousand stacks]``
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np

from forgecast.ground.texts import bilingual
from forgecast.rules.book import Book, Policy
from forgecast.rules.evaluate import evaluate
from forgecast.rules.fact import AnyFigure, Fact, FactBase, HourlyFigure, Origin, SampledFigure, Subject
from forgecast.rules.many import WordJudge
from forgecast.rules.shelf import packaged_books
from forgecast.rules.verdict import Word

POLICY = Policy(minimum_coverage=0.75)
ROW = Origin(bilingual("row 2 of stack.csv", "stack.csv第2行"), "stack.csv:2")
FIRST_HOUR = int(np.datetime64("2024-12-31T16", "h").astype(np.int64))  # midnight at +08:00
HOURS, LIMIT, ROUNDS = 8760, 400.0, 5
WORDS = {"process": "melting", "furnace": "gas_furnace", "metal": "ferrous", "vents_to_stack_alone": True}


def main() -> None:
    stacks = int(1000 * float(sys.argv[1])) if len(sys.argv) > 1 else 1000
    (book,) = (book for book in packaged_books() if book.id == "gb_39726_2020")
    values = np.random.default_rng(7).gamma(9.0, 25.0, stacks)
    # About one value in thirty lies over the limit, so both words come up.
    show("verdicts with their trees", stacks, judged(book, [tested(value) for value in values]), compared(values))
    many = max(stacks // 20, 1)
    hours = np.random.default_rng(8).gamma(9.0, 16.0, (many, HOURS))
    show("hours, by stacks of a year", many * HOURS, judged(book, [monitored(one) for one in hours]), compared(hours))
    rolled_up(values[: min(stacks, 5000)])
    site = [tested(value) for value in values[: max(stacks // 50, 1)]]
    begun = time.process_time()
    count = len(evaluate(book, facts(site), policy=POLICY))
    print(f"the whole book on {len(site)} stacks: {count} verdicts in {time.process_time() - begun:.2f} s")


def tested(value: float) -> AnyFigure:
    return SampledFigure("nox", "mg/m3", ((date(2025, 5, 6), float(value), ROW),), ROW)


def monitored(values: np.ndarray) -> AnyFigure:
    return HourlyFigure("nox", "mg/m3", FIRST_HOUR + np.arange(HOURS), values, HOURS, "Asia/Shanghai", ROW)


def facts(figures: list[AnyFigure]) -> FactBase:
    known = {name: Fact(name, value, "", ROW) for name, value in WORDS.items()}
    stacks = tuple(Subject("stack", f"S{n}", f"stack {n}", known, {"nox": (one,)}) for n, one in enumerate(figures))
    site = Subject("site", "works", "works", {"sector": Fact("sector", "C3391", "", ROW)})
    return FactBase(site, stacks, date(2025, 1, 1), date(2026, 1, 1), frozenset({"stack"}))


def rolled_up(values: np.ndarray) -> None:
    """Show how many words a second all books give on plants of ten stacks, and that they are those of the engine."""
    books = packaged_books()
    plants = [facts([tested(value) for value in some]) for some in np.array_split(values, max(values.size // 10, 1))]
    judge = WordJudge(books, plants[0].start, plants[0].end, policy=POLICY)
    first = [(one.subject, one.word) for one in judge.words(plants[0])]
    if first != [(v.subject_id, v.word) for v in evaluate(books, plants[0], policy=POLICY)]:
        sys.exit("the words of many plants are not those of the engine")
    seconds, count = best(lambda: sum(1 for plant in plants for _ in judge.words(plant)))
    print(
        f"words of {len(books)} books, no reasons  {count:9,d} in {seconds:7.3f} s = {count / seconds:12,.0f} a second"
    )


def judged(book: Book, figures: list[AnyFigure]) -> tuple[float, int]:
    """Return the seconds that one requirement on all figures takes, and how many stacks do not keep it."""
    alone = replace(book, requirements=tuple(r for r in book.requirements if r.id == "nox_gas_furnace"))
    base = facts(figures)
    return best(lambda: sum(v.word is Word.NOT_MET for v in evaluate(alone, base, policy=POLICY)))


def compared(values: np.ndarray) -> tuple[float, int]:
    """Return the seconds of the bare comparison, and how many stacks have a value over the limit."""
    by_stack = values if values.ndim == 2 else values[:, None]
    return best(lambda: int((by_stack > LIMIT).any(axis=1).sum()), times=200)


def best(work: Callable[[], int], *, times: int = 1) -> tuple[float, int]:
    seconds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(times):
            found = work()
        seconds.append((time.process_time() - begun) / times)
    return min(seconds), found


def show(what: str, count: int, ours: tuple[float, int], bare: tuple[float, int]) -> None:
    if ours[1] != bare[1]:
        sys.exit(f"{what}: {ours[1]} stacks do not keep the limit, numpy finds {bare[1]}")
    print(f"{what:27s} {count:9,d} in {ours[0]:7.3f} s = {count / ours[0]:12,.0f} a second;  numpy alone "
          f"{count / bare[0]:14,.0f} a second;  ratio {ours[0] / bare[0]:9.1f};  {ours[1]} stacks not met")  # fmt: skip


if __name__ == "__main__":
    main()
