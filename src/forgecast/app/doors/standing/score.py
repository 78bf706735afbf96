"""The index, evidence, peers and clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from forgecast.app.doors.door import Call, Door, Way
from forgecast.app.doors.standing import forms
from forgecast.app.doors.standing.forms import AsOf, OthersAsked, Told
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.rules.index.scheme import shipped_scheme
from forgecast.rules.shelf import packaged_books
from forgecast.store.server.rights import Right
from forgecast.tasks.assess_cluster import (
    CLASS_TEXTS,
    GOALS,
    ClusterRow,
    generated_rows,
    goals_of,
    read_rows,
    rolled_up,
    row_of,
)
from forgecast.tasks.compare_peers import compare_peers
from forgecast.tasks.evidence_of_plant import evidence_of_plant
from forgecast.tasks.score_plant import PlantScore, score_plant


def _score(call: Call, question: AsOf) -> Mapping[str, Any]:
    found = score_plant(call.plant, at=question.at, progress=call.progress)
    return {**found.as_json(), "radar": radar(found)}


def radar(found: PlantScore) -> Told:
    """Return the directions as a radar: least and most possible, and over what is known."""
    shown = [one for one in found.score.directions if one.interval is not None]
    series = (
        ("plain", text("least possible"), [one.interval.low for one in shown if one.interval]),
        ("plain", text("most possible"), [one.interval.high for one in shown if one.interval]),
        ("good", text("over what is known"), [one.interval.value for one in shown if one.interval]),
    )
    return {
        "axes": [{"name": one.direction.title.as_json(), "most": 100} for one in shown],
        "series": [{"name": name.as_json(), "values": values, "tone": tone} for tone, name, values in series],
    }


def _evidence(call: Call, question: AsOf) -> Mapping[str, Any]:
    return evidence_of_plant(call.plant, at=question.at).as_json()


def _peers(call: Call, question: OthersAsked) -> Mapping[str, Any]:
    found = score_plant(call.plant, progress=lambda done: call.progress(0.3 * done))
    own = row_of(call.plant.settings.id, found.inputs, found.score, goals_of(found.verdicts))
    with _others(call, question, lambda done: call.progress(0.3 + 0.7 * done)) as rows:
        answer = compare_peers(own, rows, all_groups=question.all_groups)
    titles = {one.id: one.title.as_json() for one in shipped_scheme().directions}
    return {**answer.as_json(), "synthetic_peers": question.generated is not None, "direction_titles": titles}


def _cluster(call: Call, question: OthersAsked) -> Mapping[str, Any]:
    with _others(call, question, call.progress) as rows:
        told = rolled_up(rows).as_json()
    books = packaged_books()
    goals = next(book for book in books if book.id == GOALS)
    return {
        **told,
        "synthetic": question.generated is not None,
        "class_titles": {name: title.as_json() for name, title in CLASS_TEXTS.items()},
        "book_titles": {book.id: book.title.as_json() for book in books},
        "goal_titles": {one.id: one.title.as_json() for one in goals.requirements},
    }


@contextmanager
def _others(call: Call, question: OthersAsked, tell: Callable[[float], None]) -> Iterator[Iterator[ClusterRow]]:
    """Return the rows of the plants asked for.

    Raises
    ------
    ForgecastError
        If neither or both of uploads and generated plants are named.
    """
    if bool(question.assessments) == (question.generated is not None):
        raise ForgecastError(
            text("name either assessments of other plants or a number of generated ones"),
            where="assessments",
            repair=text("upload files of `forgecast assess PLANT --json`; for a trial use generated=100"),
        )
    if question.generated is not None:
        yield _told(generated_rows(count=question.generated, seed=question.seed), question.generated, tell)
        return
    with TemporaryDirectory(prefix="forgecast-peers-") as folder:
        # An upload has no name of its own kind; the reader knows an assessment by its ending.
        paths = [Path(folder) / f"{number}.json" for number in range(len(question.assessments))]
        for path, upload in zip(paths, question.assessments, strict=True):
            path.write_bytes(call.upload(upload).read_bytes())
        yield read_rows(paths, progress=tell)


def _told(rows: Iterator[ClusterRow], count: int, tell: Callable[[float], None]) -> Iterator[ClusterRow]:
    for number, row in enumerate(rows, start=1):
        tell(number / count)
        yield row


DOORS: tuple[Door[Any], ...] = (
    Door("standing", "score", text("The development index as an interval, by direction and indicator, and what would "
         "raise it most."), Right.SEE, Way.FIGURE, AsOf, forms.ScoreAnswer, _score),
    Door("standing", "evidence", text("What the records show of each question, beside what is claimed."), Right.SEE,
         Way.FIGURE, AsOf, forms.EvidenceAnswer, _evidence),
    Door("standing", "peers", text("Where the plant stands among at least five peers, none of which is told."),
         Right.SEE, Way.FIGURE, OthersAsked, forms.PeersAnswer, _peers),
    Door("standing", "cluster", text("Many plants added up: verdicts, index by class, policy goals."), Right.SEE,
         Way.FIGURE, OthersAsked, forms.ClusterAnswer, _cluster),
)  # fmt: skip
