"""A small invented book and small subjects for the tests of the rule engine."""

from datetime import date

import numpy as np

from forgecast.ground.texts import bilingual
from forgecast.rules.book import Policy
from forgecast.rules.fact import Fact, FactBase, Figure, HourlyFigure, Origin, SampledFigure, Subject
from forgecast.rules.reading import book_from

POLICY = Policy(minimum_coverage=0.75)
HERE = Origin(bilingual("row 2 of stack.csv", "stack.csv第2行"), "stack.csv:2:furnace")

BOOK = """
book:
  id: invented
  title: {en: Invented, zh: 虚构}
  layer: national
  version: "1"
  source: nobody
  confidence: primary
  comparison: "<="
  unit: mg/m3
  basis: {en: 1-h mean, zh: 1小时均值}
validity:
  - {from: 2021-01-01, for: "site.status == 'new'"}
  - {from: 2023-07-01}
evidence:
  nox: {en: hourly NOx, zh: 氮氧化物小时均值}
requirements:
  - id: nox
    clause: "1"
    title: {en: NOx, zh: 氮氧化物}
    subject: stack
    applies: "furnace == 'cupola'"
    figure: nox
    limits:
      - {value: 100}
"""


def book(text=BOOK, *, changed=()):
    for old, new in changed:
        assert old in text, old
        text = text.replace(old, new)
    return book_from({"limits.yaml": text}, name="invented")


def facts(values):
    return {n: Fact(n, v, "", HERE) for n, v in values.items()}


def hourly(values, start="2024-05-05T16:00", expected=None, name="nox", unit="mg/m3", hours=None):
    """Return hourly values that begin at an hour UTC; 2024-05-05T16:00Z is midnight in Shanghai."""
    first = int(np.datetime64(start, "h").astype(np.int64))
    values = np.asarray(values, dtype=np.float64)
    hours = first + (np.arange(values.size) if hours is None else np.asarray(hours))
    due = values.size if expected is None else expected
    return HourlyFigure(name, unit, hours.astype(np.int64), values, due, "Asia/Shanghai", HERE)


def sampled(*pairs, unit="mg/m3"):
    return SampledFigure("nox", unit, tuple((date.fromisoformat(d), v, HERE) for d, v in pairs), HERE)


def whole(value, start=None, end=None, unit="mg/m3"):
    days = [None if d is None else date.fromisoformat(d) for d in (start, end)]
    return Figure("nox", value, unit, *days, HERE)


def base(*figures, stack=None, site=None, start="2024-05-06", end="2024-05-07", kinds=("stack",), kind="stack"):
    stack = {"furnace": "cupola"} if stack is None else stack
    owner = Subject(kind, "S1", "one", facts(stack), {"nox": figures} if figures else {})
    return FactBase(
        Subject("site", "works", "works", facts({"status": "existing"} if site is None else site)),
        (owner,),
        date.fromisoformat(start),
        date.fromisoformat(end),
        frozenset(kinds),
    )
