"""Fault cards: what was seen, what it may be, and the check that tells most for its time."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError, TableError
from forgecast.ground.texts import Text, bilingual, text

#: What a sign of strength 1, 2, 3 does to the odds of a cause; judgement, not measured.
_ODDS: Final = (1.0, 2.0, 5.0, 10.0)
#: Weight of a cause that is not in the tree.
_OTHER: Final = 1.0
_MOST_CHECKS: Final = 3
#: Share from which a cause is likely.
_HALF: Final = 0.5
#: Signs that may come before a run-out of metal or water into it: no card comes before the emergency instruction.
_DANGERS: Final = frozenset(
    ("induction_furnace", key)
    for key in ("leakage_current:up", "cooling_water_flow:down", "cooling_water_temperature:up")
)


class Likely(StrEnum):
    """How much speaks for a cause."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"


LIKELY_TEXTS: Final[Mapping[Likely, Text]] = {
    Likely.LIKELY: text("likely"),
    Likely.POSSIBLE: text("possible"),
    Likely.UNLIKELY: text("unlikely"),
}


@dataclass(frozen=True, slots=True)
class Sign:
    """Something seen, or looked for and not seen.

    Parameters
    ----------
    key : str
        ``measure:direction``, as the tree has it.
    seen : bool
    words : Text
        With numbers and span.
    """

    key: str
    seen: bool
    words: Text


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause with what speaks for and against it.

    Parameters
    ----------
    id : str
    words : Text
    share : float
        Of all causes weighed, one outside the tree included [1]: an order, no measured probability.
    likely : Likely
    speaks_for, speaks_against : tuple of Text
    """

    id: str
    words: Text
    share: float
    likely: Likely
    speaks_for: tuple[Text, ...]
    speaks_against: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A check, and what it is expected to tell.

    Parameters
    ----------
    id : str
    words : Text
    minutes : float
    gain : float
        Expected fall of the doubt between the causes [bit].
    confirms : tuple of str
        Causes a positive answer speaks for.
    """

    id: str
    words: Text
    minutes: float
    gain: float
    confirms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FaultCard:
    """A fault card.

    Parameters
    ----------
    kind : str
        Kind of machine, as the record `equipment` has it.
    machine : str
        Its number; empty where none was told.
    signs : tuple of Sign
        Seen ones first.
    unexplained : tuple of Sign
        Signs seen that no cause of the tree explains.
    causes : tuple of Cause
        The most plausible first.
    checks : tuple of Check
        The most telling for its time first.
    notes : tuple of Text
    """

    kind: str
    machine: str
    signs: tuple[Sign, ...]
    unexplained: tuple[Sign, ...]
    causes: tuple[Cause, ...]
    checks: tuple[Check, ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """One row of the tree; see ``fault_tree.csv``."""

    machine: str
    cause: str
    kind: str
    key: str
    effect: int
    minutes: float | None
    words: Text | None


@lru_cache(maxsize=1)
def fault_tree() -> tuple[Branch, ...]:
    """Return all rows of the tree.

    Raises
    ------
    TableError
        If a row is not understood.
    """
    place = resources.files("forgecast") / "signals" / "condition" / "fault_tree.csv"
    return parse_tree(place.read_text(encoding="utf-8"))


def parse_tree(content: str) -> tuple[Branch, ...]:
    """Read a tree from CSV text.

    Raises
    ------
    TableError
        If a row has an effect beyond three, a kind that is none, or a check without time or words.
    """
    made: list[Branch] = []
    checks: set[tuple[str, str]] = set()
    for number, row in enumerate(csv.DictReader(io.StringIO(content)), start=2):
        effect = int(row["effect"]) if row["effect"].lstrip("-").isdigit() else 99
        words = bilingual(row["en"], row["zh"]) if row["en"] and row["zh"] else None
        check = (row["machine"], row["key"])
        whole = {
            "cause": 1 <= effect <= 5 and words is not None,
            "sign": 1 <= abs(effect) <= 3 and ":" in row["key"] and words is not None,
            "check": 1 <= abs(effect) <= 3 and row["minutes"].isdigit() and (words is not None or check in checks),
        }.get(row["kind"], False)
        if not whole:
            raise TableError(
                text("the row of the fault tree is not understood"),
                where=f"fault_tree.csv:{number}",
                repair=text("cause: weight 1 to 5; sign: key with a colon, effect -3 to 3; check: minutes, words once"),
            )
        if row["kind"] == "check":
            checks.add(check)
        minutes = float(row["minutes"]) if row["minutes"] else None
        made.append(Branch(row["machine"], row["cause"], row["kind"], row["key"], effect, minutes, words))
    return tuple(made)


def fault_card(
    kind: str, signs: Sequence[Sign], *, machine: str = "", tree: Sequence[Branch] | None = None
) -> FaultCard:
    """Weigh the causes of a kind of machine by what was seen and return its card.

    Parameters
    ----------
    kind : str
    signs : sequence of Sign
        Each key once.
    machine : str
    tree : sequence of Branch or None
        None means the shipped one.

    Raises
    ------
    ForgecastError
        If the tree does not know the kind of machine, or nothing was seen.

    Notes
    -----
    Odds of a cause: its weight times 2, 5 or 10 for each sign of strength 1, 2, 3 that was seen; divided where the
    sign speaks against it, or speaks for it, was looked for and is absent (by the root of that). Checks are ordered by
    the expected fall of entropy over minutes; where one cause is likely, those that test it come first. Weights and
    strengths are the judgement of the tree's authors, read in no standard: the card ranks and never decides.
    """
    rows = [row for row in (fault_tree() if tree is None else tree) if row.machine == kind]
    if not rows:
        kinds = sorted({row.machine for row in (fault_tree() if tree is None else tree)})
        raise ForgecastError(
            text("the fault tree has no machine of the kind {kind}", kind=kind or "—"),
            where="fault_tree.csv",
            repair=text("use one of {kinds}", kinds=", ".join(kinds)),
        )
    seen = {one.key: one for one in signs}
    if not any(one.seen for one in signs):
        raise ForgecastError(
            text("nothing was seen, so there is no fault to explain"),
            repair=text(
                "give what was seen: {keys}", keys=", ".join(sorted({r.key for r in rows if r.kind == "sign"}))
            ),
        )
    names = [row.cause for row in rows if row.kind == "cause"]
    odds = np.array([float(row.effect) for row in rows if row.kind == "cause"])
    for n, name in enumerate(names):
        for row in rows:
            if row.kind == "sign" and row.cause == name and row.key in seen:
                odds[n] *= _factor(row.effect, seen=seen[row.key].seen)
    shares = odds / (odds.sum() + _OTHER)
    causes = tuple(sorted((_cause(name, float(share), rows, seen) for name, share in zip(names, shares, strict=True)),
                          key=lambda one: -one.share))  # fmt: skip
    known = {row.key for row in rows if row.kind == "sign" and row.effect > 0}
    dangers = [one.words for one in signs if one.seen and (kind, one.key) in _DANGERS]
    notes = [text("the order rests on a tree of judgement, not on counted faults; a check decides, not the card")]
    for words in dangers:
        notes.insert(0, text("danger ({sign}): follow the plant's emergency instruction first", sign=words))
    if causes[0].share < _HALF:
        notes.append(text("no cause stands out: make the first check before anything is taken apart"))
    return FaultCard(
        kind, machine, tuple(sorted(signs, key=lambda one: not one.seen)),
        tuple(one for one in signs if one.seen and one.key not in known), causes, _checks(names, shares, rows),
        tuple(notes),
    )  # fmt: skip


def _factor(effect: int, *, seen: bool) -> float:
    odds = _ODDS[abs(effect)]
    if seen:
        return odds if effect > 0 else 1.0 / odds
    return 1.0 / math.sqrt(odds) if effect > 0 else 1.0


def _cause(name: str, share: float, rows: Sequence[Branch], seen: Mapping[str, Sign]) -> Cause:
    title = next(row.words for row in rows if row.kind == "cause" and row.cause == name)
    assert title is not None  # noqa: S101  (parse_tree refuses a cause without words)
    pro: list[Text] = []
    contra: list[Text] = []
    for row in rows:
        if row.kind != "sign" or row.cause != name or row.words is None or row.key not in seen:
            continue
        if seen[row.key].seen:
            (pro if row.effect > 0 else contra).append(row.words)
        elif row.effect > 0:
            contra.append(text("not seen: {sign}", sign=row.words))
    likely = Likely.LIKELY if share >= _HALF else Likely.POSSIBLE if share >= 0.1 else Likely.UNLIKELY
    return Cause(name, title, share, likely, tuple(pro), tuple(contra))


def _checks(names: Sequence[str], shares: NDArray[np.float64], rows: Sequence[Branch]) -> tuple[Check, ...]:
    belief = np.append(shares, 1.0 - shares.sum())
    top = names[int(np.argmax(shares))] if float(shares.max()) >= _HALF else None
    found = []
    for key in dict.fromkeys(row.key for row in rows if row.kind == "check"):
        mine = {row.cause: row for row in rows if row.kind == "check" and row.key == key}
        first = next(row for row in mine.values() if row.words is not None)
        # Odds 10 : 1 for a check of strength 3 that it answers as the cause says; a cause it does not know, even.
        yes = np.array([_answer(mine[name].effect) if name in mine else 0.3 for name in names] + [0.3])
        gain = _entropy(belief) - _expected(belief, yes)
        assert first.words is not None  # noqa: S101
        assert first.minutes is not None  # noqa: S101
        found.append(Check(key, first.words, first.minutes, max(gain, 0.0),
                           tuple(name for name, row in mine.items() if row.effect > 0)))  # fmt: skip
    tests_top = {row.key for row in rows if row.kind == "check" and row.cause == top}
    found.sort(key=lambda one: (top is not None and one.id not in tests_top, -one.gain / max(one.minutes, 1.0)))
    return tuple(found[:_MOST_CHECKS])


def _answer(effect: int) -> float:
    odds = _ODDS[abs(effect)]
    chance = odds / (1.0 + odds)
    return chance if effect > 0 else 1.0 - chance


def _entropy(belief: NDArray[np.float64]) -> float:
    some = belief[belief > 0.0]
    return float(-(some * np.log2(some)).sum())


def _expected(belief: NDArray[np.float64], yes: NDArray[np.float64]) -> float:
    total = 0.0
    for chance in (yes, 1.0 - yes):
        joint = belief * chance
        weight = float(joint.sum())
        if weight > 0.0:
            total += weight * _entropy(joint / weight)
    return total
