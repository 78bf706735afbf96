"""Replay: what a set of verdicts stood on, kept so that evaluating again gives the same verdicts byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np

from forgecast.ground.errors import BookError
from forgecast.ground.texts import text, unpacked
from forgecast.rules.book import Book, Policy
from forgecast.rules.decision import DecisionRule, Uncertainty
from forgecast.rules.evaluate import evaluate
from forgecast.rules.fact import (
    AnyFigure,
    Fact,
    FactBase,
    FactValue,
    Figure,
    HourlyFigure,
    Origin,
    SampledFigure,
    Subject,
    WindowFigure,
)
from forgecast.rules.verdict import Verdict

Packed = dict[str, Any]


def canonical(value: object) -> str:
    """Return JSON with one spelling for each value: keys sorted, no blanks, numbers as Python prints them."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def verdicts_json(verdicts: Iterable[Verdict]) -> str:
    """Return verdicts as canonical JSON; equal verdicts give equal bytes."""
    return canonical([verdict.as_json() for verdict in verdicts])


def recorded(books: Iterable[Book], facts: FactBase, policy: Policy) -> str:
    """Return the record of an evaluation: books with version and digest, all facts and figures, the policy."""
    return canonical(
        {
            "books": [{"id": b.id, "version": b.version, "digest": b.digest} for b in books],
            "policy": {"minimum_coverage": policy.minimum_coverage, "decision": str(policy.decision)},
            "facts": {
                "start": facts.start.isoformat(),
                "end": facts.end.isoformat(),
                "complete_kinds": sorted(facts.complete_kinds),
                "site": _packed_subject(facts.site),
                "subjects": [_packed_subject(subject) for subject in facts.subjects],
            },
        }
    )


def replayed(record: str, books: Iterable[Book]) -> tuple[Verdict, ...]:
    """Evaluate a record again.

    Raises
    ------
    BookError
        If a book of the record is not among `books` with the same version and content.
    """
    data = json.loads(record)
    held = {book.id: book for book in books}
    chosen = []
    for wanted in data["books"]:
        book = held.get(wanted["id"])
        if book is None or (book.version, book.digest) != (wanted["version"], wanted["digest"]):
            raise BookError(
                text("the verdicts stood on {book}, version {version}", book=wanted["id"], version=wanted["version"]),
                where=wanted["id"],
                repair=text("replay with that edition of the book and the same overlays"),
            )
        chosen.append(book)
    packed = data["facts"]
    facts = FactBase(
        site=_subject(packed["site"]),
        subjects=tuple(_subject(subject) for subject in packed["subjects"]),
        start=date.fromisoformat(packed["start"]),
        end=date.fromisoformat(packed["end"]),
        complete_kinds=frozenset(packed["complete_kinds"]),
    )
    policy = Policy(
        minimum_coverage=data["policy"]["minimum_coverage"],
        # A record made before there were rules to choose from stood on this one.
        decision=DecisionRule(data["policy"].get("decision", DecisionRule.SIMPLE)),
    )
    return evaluate(chosen, facts, policy=policy)


def _packed_subject(subject: Subject) -> Packed:
    return {
        "kind": subject.kind,
        "id": subject.id,
        "name": subject.name,
        "facts": {name: _packed_fact(fact) for name, fact in subject.facts.items()},
        "figures": {name: [_packed_figure(f) for f in figures] for name, figures in subject.figures.items()},
    }


def _subject(packed: Packed) -> Subject:
    return Subject(
        packed["kind"],
        packed["id"],
        packed["name"],
        {name: _fact(fact) for name, fact in packed["facts"].items()},
        {name: tuple(_figure(f) for f in figures) for name, figures in packed["figures"].items()},
    )


def _packed_origin(origin: Origin) -> Packed:
    return {
        "what": origin.what.packed(),
        "place": origin.place,
        "origins": [_packed_origin(o) for o in origin.origins],
    }


def _origin(packed: Packed) -> Origin:
    return Origin(unpacked(packed["what"]), packed["place"], tuple(_origin(o) for o in packed["origins"]))


def _packed_fact(fact: Fact) -> Packed:
    value: object = {"date": fact.value.isoformat()} if isinstance(fact.value, date) else _packed_number(fact.value)
    return {"name": fact.name, "value": value, "unit": fact.unit, "origin": _packed_origin(fact.origin)}


def _fact(packed: Packed) -> Fact:
    return Fact(packed["name"], _value(packed["value"]), packed["unit"], _origin(packed["origin"]))


def _packed_number(value: object) -> object:
    # JSON has no NaN; a value that is no number must come back as the same one.
    return {"number": repr(value)} if isinstance(value, float) and not np.isfinite(value) else value


def _value(packed: object) -> FactValue:
    if isinstance(packed, Mapping):
        return date.fromisoformat(packed["date"]) if "date" in packed else float(packed["number"])
    assert isinstance(packed, str | int | float)  # noqa: S101  (written by `_packed_number` only)
    return packed


def _number(packed: object) -> float:
    value = _value(packed)
    assert isinstance(value, int | float)  # noqa: S101
    return float(value)


def _packed_figure(figure: AnyFigure) -> Packed:
    shared: Packed = {"name": figure.name, "unit": figure.unit, "origin": _packed_origin(figure.origin)}
    if figure.uncertainty is not None:
        shared["uncertainty"] = {"absolute": figure.uncertainty.absolute, "relative": figure.uncertainty.relative}
    if isinstance(figure, WindowFigure):
        return shared | {
            "days": [day.isoformat() for day in figure.days],
            "values": figure.values.tolist(),
            "expected": figure.expected,
            "what": figure.what.packed(),
        }
    if isinstance(figure, HourlyFigure):
        return shared | {
            "hours": figure.hours.tolist(),
            "values": [_packed_number(v) for v in figure.values.tolist()],
            "expected_hours": figure.expected_hours,
            "zone": figure.zone,
            "due": None if figure.due is None else figure.due.tolist(),
        }
    if isinstance(figure, SampledFigure):
        return shared | {
            "samples": [[d.isoformat(), _packed_number(float(v)), _packed_origin(o)] for d, v, o in figure.samples]
        }
    return shared | {
        "value": None if figure.value is None else _packed_number(float(figure.value)),
        "start": None if figure.start is None else figure.start.isoformat(),
        "end": None if figure.end is None else figure.end.isoformat(),
        "why_missing": None if figure.why_missing is None else figure.why_missing.packed(),
    }


def _figure(packed: Packed) -> AnyFigure:
    name, unit, origin = packed["name"], packed["unit"], _origin(packed["origin"])
    uncertainty = Uncertainty(**packed["uncertainty"]) if "uncertainty" in packed else None
    if "days" in packed:
        days = tuple(date.fromisoformat(day) for day in packed["days"])
        values, what = np.asarray(packed["values"], dtype=np.float64), unpacked(packed["what"])
        return WindowFigure(name, unit, days, values, packed["expected"], what, origin, uncertainty)
    if "hours" in packed:
        return HourlyFigure(
            name,
            unit,
            np.asarray(packed["hours"], dtype=np.int64),
            np.asarray([_number(v) for v in packed["values"]], dtype=np.float64),
            packed["expected_hours"],
            packed["zone"],
            origin,
            uncertainty,
            None if packed.get("due") is None else np.asarray(packed["due"], dtype=np.int64),
        )
    if "samples" in packed:
        samples = tuple((date.fromisoformat(d), _number(v), _origin(o)) for d, v, o in packed["samples"])
        return SampledFigure(name, unit, samples, origin, uncertainty)
    return Figure(
        name,
        None if packed["value"] is None else _number(packed["value"]),
        unit,
        None if packed["start"] is None else date.fromisoformat(packed["start"]),
        None if packed["end"] is None else date.fromisoformat(packed["end"]),
        origin,
        None if packed["why_missing"] is None else unpacked(packed["why_missing"]),
        uncertainty,
    )
