"""Assess a cluster of plants one after the other and keep only sums: memory does not grow with their number."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from forgecast.ground.errors import ForgecastError
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual, text
from forgecast.plant.record import records
from forgecast.rules.book import Book, Policy
from forgecast.rules.evaluate import evaluate
from forgecast.rules.fact import AnyFigure, Fact, FactBase, Figure, Origin, SampledFigure, Subject
from forgecast.rules.index.peers import LEAST_PEERS, hidden_groups
from forgecast.rules.index.scheme import Scheme, shipped_scheme
from forgecast.rules.index.score import FULL, Score, score_of
from forgecast.rules.shelf import packaged_books
from forgecast.rules.verdict import Verdict
from forgecast.sample.cluster import BOTOU, LightPlant, Record, light_plants
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.index_inputs import IndexInputs, inputs_of, readings_of
from forgecast.tasks.score_plant import score_plant

#: The book of the policy goals, whose shortfalls are attributed.
GOALS = "opinion_goals"
START, END = date(2025, 1, 1), date(2026, 1, 1)
#: Steps of the histogram of the index: one point each.
STEPS = 100
#: Plants a worker assesses at one go.
CHUNK = 16
#: Classes of product.
CLASS_TEXTS: dict[str, Text] = {
    "iron_casting": bilingual("iron castings", "铸铁件"),
    "steel_casting": bilingual("steel castings", "铸钢件"),
    "aluminium_casting": bilingual("aluminium castings", "铝合金铸件"),
    "casting": bilingual("castings", "铸件"),
    "forging": bilingual("forgings", "锻件"),
    "mixed": bilingual("castings and forgings", "铸件与锻件"),
    "unknown": bilingual("not known", "无法判定"),
}
_MADE_UP = Origin(bilingual("generated plant (synthetic)", "生成的虚构企业"))


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """What is kept of one plant while it is added up, and what `compare_peers` compares.

    Parameters
    ----------
    id, product_class : str
    output_t, energy_tce : float
        NaN where not known.
    score : Score
    words : mapping of (book, word) to int
    evaluations : int
    goals : mapping of str to (str, float or None)
        By requirement of the goals' book: the word, and the shortfall in the limit's unit where it is missed.
    inputs : IndexInputs
    """

    id: str
    product_class: str
    output_t: float
    energy_tce: float
    score: Score
    words: Mapping[tuple[str, str], int]
    evaluations: int
    goals: Mapping[str, tuple[str, float | None]]
    inputs: IndexInputs


@dataclass(slots=True)
class Shortfall:
    """One policy goal over the cluster.

    Parameters
    ----------
    words : Counter
        Plants by word.
    missed_by : Counter
        Plants that miss it, by class.
    weighted : dict of str to float
        Sum over the plants that miss it of shortfall times output, by class.
    output : float
        Output of the plants for which it is known [t].
    """

    words: Counter[str] = field(default_factory=Counter)
    missed_by: Counter[str] = field(default_factory=Counter)
    weighted: dict[str, float] = field(default_factory=dict)
    output: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Return the goal with the share of the shortfall that each class causes."""
        total = sum(self.weighted.values())
        hidden = hidden_groups(self.missed_by)
        named = {name: part for name, part in self.weighted.items() if name not in hidden}
        return {
            "plants": dict(self.words),
            "mean_shortfall_by_output": total / self.output if self.output > 0 else None,
            "attributed": {name: part / total for name, part in named.items()} if total > 0 else {},
            "suppressed_classes": len(self.weighted) - len(named),
        }


@dataclass(slots=True)
class ClusterRoll:
    """Sums over the plants of a cluster; its size does not depend on their number.

    Parameters
    ----------
    plants, evaluations : int
    words : Counter of (book, word)
    histograms : dict of str to list of int
        By class: plants in each step of the index over what is known.
    coverage : float
        Sum of the coverages.
    low, high : float
        Sums of the ends of the intervals.
    goals : dict of str to Shortfall
    """

    plants: int = 0
    evaluations: int = 0
    words: Counter[tuple[str, str]] = field(default_factory=Counter)
    histograms: dict[str, list[int]] = field(default_factory=dict)
    coverage: float = 0.0
    low: float = 0.0
    high: float = 0.0
    goals: dict[str, Shortfall] = field(default_factory=dict)

    def add(self, row: ClusterRow) -> None:
        """Add one plant."""
        self.plants += 1
        self.evaluations += row.evaluations
        self.words.update(row.words)
        total = row.score.total
        self.coverage += total.coverage
        self.low += total.low
        self.high += total.high
        if total.value is not None:
            steps = self.histograms.setdefault(row.product_class, [0] * STEPS)
            steps[min(int(total.value / FULL * STEPS), STEPS - 1)] += 1
        for name, (word, shortfall) in row.goals.items():
            goal = self.goals.setdefault(name, Shortfall())
            goal.words[word] += 1
            if (word in ("met", "not met") or shortfall is not None) and math.isfinite(row.output_t):
                goal.output += row.output_t
            if shortfall is not None and math.isfinite(row.output_t):
                goal.missed_by[row.product_class] += 1
                part = goal.weighted.get(row.product_class, 0.0)
                goal.weighted[row.product_class] = part + shortfall * row.output_t

    def quantile(self, product_class: str, share: float) -> float | None:
        """Return a quantile of the index of a class, to the middle of a step; None for fewer than five plants."""
        steps = self.histograms.get(product_class, [])
        count = sum(steps)
        if count < LEAST_PEERS:
            return None
        wanted, seen = share * count, 0
        for number, here in enumerate(steps):
            seen += here
            if seen >= wanted and seen > 0:
                return (number + 0.5) * FULL / STEPS
        return FULL

    def as_json(self) -> dict[str, object]:
        """Return the roll-up; classes of fewer than five plants are suppressed."""
        books: dict[str, dict[str, int]] = {}
        for (book, word), count in sorted(self.words.items()):
            books.setdefault(book, {})[word] = count
        hidden = hidden_groups({name: sum(steps) for name, steps in self.histograms.items()})
        shown = {name: steps for name, steps in self.histograms.items() if name not in hidden}
        number = max(self.plants, 1)
        return {
            "ok": True,
            "plants": self.plants,
            "evaluations": self.evaluations,
            "verdicts": books,
            "index": {
                name: {
                    "plants": sum(steps),
                    **{f"p{round(100 * q)}": self.quantile(name, q) for q in (0.1, 0.25, 0.5, 0.75, 0.9)},
                }
                for name, steps in sorted(shown.items())
            },
            "suppressed_classes": len(self.histograms) - len(shown),
            "least_peers": LEAST_PEERS,
            "mean_interval": [self.low / number, self.high / number],
            "mean_coverage": self.coverage / number,
            "goals": {name: goal.as_json() for name, goal in self.goals.items()},
        }


def rolled_up(
    rows: Iterable[ClusterRow], *, count: int | None = None, progress: Callable[[float], None] | None = None
) -> ClusterRoll:
    """Add rows up as they come."""
    roll = ClusterRoll()
    for row in rows:
        roll.add(row)
        if progress is not None and count:
            progress(roll.plants / count)
    return roll


def generated_rows(*, count: int = BOTOU, seed: int = 7, workers: int = 1) -> Iterator[ClusterRow]:
    """Generate plants and assess each with the rule engine; the rows come in the order of the plants.

    Parameters
    ----------
    count, seed : int
    workers : int
        Processes; one needs no other process.
    """
    starts = range(0, count, CHUNK)
    tasks = [(seed, first, min(CHUNK, count - first)) for first in starts]
    if workers <= 1 or len(tasks) == 1:
        for task in tasks:
            yield from assessed_chunk(task)
        return
    # The forking of a process with threads is no good; a fresh one costs a second.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for rows in pool.map(assessed_chunk, tasks):
            yield from rows


def cores() -> int:
    """Return how many processes are worth starting: the cores this process may use, at most 8."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(usable, 8))


def assessed_chunk(task: tuple[int, int, int]) -> list[ClusterRow]:
    """Return the rows of some plants: seed, first number, count."""
    seed, first, count = task
    books, scheme = packaged_books(), shipped_scheme()
    questions = tuple(row["id"] for row in read_table("evidence_question"))
    policy = Policy(minimum_coverage=0.75)
    return [
        assessed_row(plant, books, scheme, policy)
        for plant in light_plants(questions, seed=seed, first=first, count=count)
    ]


def assessed_row(plant: LightPlant, books: Sequence[Book], scheme: Scheme, policy: Policy) -> ClusterRow:
    """Assess one generated plant and keep its row."""
    verdicts = evaluate(books, base_of(plant), policy=policy)
    inputs = inputs_of(verdicts, dict(plant.figures), plant.evidence)
    score = score_of(scheme, readings_of(scheme, inputs))
    return ClusterRow(
        plant.id,
        plant.product_class,
        plant.output_t,
        plant.energy_tce,
        replace(score, levers=()),
        Counter((v.book, str(v.word)) for v in verdicts),
        len(verdicts),
        goals_of(verdicts),
        inputs,
    )


def goals_of(verdicts: Iterable[Verdict]) -> dict[str, tuple[str, float | None]]:
    """Return for each goal its word and, where it is missed or on the way, by how much."""
    found: dict[str, tuple[str, float | None]] = {}
    for one in verdicts:
        if one.book != GOALS or one.word == "not applicable":
            continue
        limit = None if one.limit is None else one.limit.value
        short = None
        if one.word in ("not met", "partly") and limit is not None and one.figure_value is not None:
            short = abs(one.figure_value - limit)
        found[one.requirement] = (str(one.word), short)
    return found


def base_of(plant: LightPlant) -> FactBase:
    """Return the fact base of a generated plant: exactly what the rule engine is given for a real one."""
    tests: dict[str, dict[str, tuple[AnyFigure, ...]]] = {}
    day = date(2025, 6, 1)
    for stack, pollutant, value in plant.tests:
        made = SampledFigure(pollutant, "mg/m3", ((day, value, _MADE_UP),), _MADE_UP)
        # No oxygen is measured: what has to be converted stays missing.
        tests.setdefault(stack, {})[pollutant] = (made,)
    subjects = [
        Subject(
            kind,
            str(row["id"]),
            str(row.get("name") or row["id"]),
            _facts(kind, row),
            tests.get(str(row["id"]), {}) if kind == "stack" else {},
        )
        for kind, rows in plant.rows.items()
        for row in rows
    ]
    figures: dict[str, tuple[AnyFigure, ...]] = {
        name: (Figure(name, value, "%", START, END, _MADE_UP),) for name, value in plant.figures.items()
    }
    site = Subject("site", plant.id, str(plant.site["name"]), _facts("site", plant.site), figures)
    return FactBase(site, tuple(subjects), START, END, frozenset(plant.rows))


def _facts(kind: str, row: Record) -> dict[str, Fact]:
    units = {one.name: one.unit for one in records()[kind].fields}
    return {
        name: Fact(name, value, units[name], _MADE_UP)
        for name, value in row.items()
        if value is not None and name in units
    }


def read_rows(paths: Sequence[Path], *, progress: Callable[[float], None] | None = None) -> Iterator[ClusterRow]:
    """Return the row of each plant: of a plant folder (assessed now) or of a file of ``forgecast assess --json``.

    Raises
    ------
    ForgecastError
        If a path is neither, or a file is no assessment.
    """
    places = list(_places(paths))
    if not places:
        raise ForgecastError(
            text("there is no plant and no assessment here"),
            where=", ".join(map(str, paths)),
            repair=text("name plant folders, files of `forgecast assess PLANT --json`, or a folder that holds them"),
        )
    for number, place in enumerate(places, start=1):
        yield _folder_row(place) if place.is_dir() else _file_row(place)
        if progress is not None:
            progress(number / len(places))


def _places(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if (path / "plant.toml").is_file() or path.is_file():
            yield path
        elif path.is_dir():
            yield from (
                below
                for below in sorted(path.iterdir())
                if below.suffix == ".json" or (below.is_dir() and (below / "plant.toml").is_file())
            )
        else:
            raise ForgecastError(
                text("there is no such file or folder"), where=str(path), repair=text("check the path")
            )


def _folder_row(place: Path) -> ClusterRow:
    with PlantFolder.open(place) as folder:
        scored = score_plant(folder)
        return row_of(folder.settings.id, scored.inputs, scored.score, goals_of(scored.verdicts))


def row_of(name: str, inputs: IndexInputs, score: Score, goals: Mapping[str, tuple[str, float | None]]) -> ClusterRow:
    """Return the row of a plant from the inputs of its index."""
    casting, forging = inputs.figures.get("good_casting"), inputs.figures.get("good_forging")
    energy = inputs.figures.get("energy_tce")
    output = sum(value for value in (casting, forging) if value is not None)
    kind = "mixed" if casting and forging else "forging" if forging else "casting" if casting else "unknown"
    words = Counter({(book, word): count for book, told in inputs.words.items() for word, count in told.items()})
    return ClusterRow(
        name,
        kind,
        output if output > 0 else math.nan,
        math.nan if energy is None else energy,
        replace(score, levers=()),
        words,
        sum(words.values()),
        goals,
        inputs,
    )


def _file_row(place: Path) -> ClusterRow:
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
        return _told_row(told)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ForgecastError(
            text("this is no assessment: {error}", error=str(error)),
            where=str(place),
            repair=text("write it with `forgecast assess PLANT --json`"),
        ) from None


def _told_row(told: Mapping[str, object]) -> ClusterRow:
    verdicts, figures = told["verdicts"], told["figures"]
    if not isinstance(verdicts, list) or not isinstance(figures, list):
        message = "`verdicts` and `figures` are no lists"
        raise TypeError(message)
    words: dict[str, Counter[str]] = {}
    values: dict[str, float | None] = {one["id"]: one["value"] for one in figures}
    goals: dict[str, tuple[str, float | None]] = {}
    broken = unsettled = 0
    for one in verdicts:
        words.setdefault(one["book"], Counter())[one["word"]] += 1
        broken += one["force"] == "duty" and one["word"] == "not met"
        unsettled += one["force"] == "duty" and one["word"] in ("not known", "partly")
        applies, value = one["word"] != "not applicable", one["figure"]["value"]
        if one["subject"]["kind"] == "site" and one["figure"]["name"] and applies:
            values.setdefault(one["figure"]["name"], value)
        if one["book"] == GOALS and applies:
            limit = None if one["limit"] is None else one["limit"]["value"]
            missed = one["word"] in ("not met", "partly") and None not in (limit, value)
            goals[one["requirement"]] = (one["word"], abs(value - limit) if missed else None)
    inputs = IndexInputs(words, values, {}, broken if verdicts else None, unsettled)
    scheme = shipped_scheme()
    plant = told["plant"]
    if not isinstance(plant, dict):
        message = "`plant` is no object"
        raise TypeError(message)
    return row_of(str(plant["id"]), inputs, score_of(scheme, readings_of(scheme, inputs)), goals)


def note_of_generated() -> Text:
    """Return what has to be said wherever a generated cluster is shown."""
    return text("The plants are generated and synthetic; the law they follow stands in forgecast/sample/cluster.py.")
