"""The columns of a table and the fields of a record, one to one, so that the scores together are highest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from forgecast.gateway.propose.evidence import LEAST, Candidate, candidate
from forgecast.gateway.propose.labels import label, likeness
from forgecast.gateway.propose.profile import Profile
from forgecast.gateway.propose.vocabulary import record_names, required, vocabulary

#: What each required field without a column takes off a record's score, and what its name in the file's adds.
_ABSENT, _NAMED = 0.55, 1.2


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a record fits a table.

    Parameters
    ----------
    record : str
    score : float
        Sum over the columns assigned, less what is missing, more for a name that says so; only its order matters.
    chosen : mapping of int to Candidate
        By column.
    candidates : mapping of int to tuple of Candidate
        All of a column, best first.
    absent : tuple of str
        Required fields that no column feeds.
    named : float
        How clearly file, sheet or title name the record, 0 to 1.
    """

    record: str
    score: float
    chosen: Mapping[int, Candidate]
    candidates: Mapping[int, tuple[Candidate, ...]]
    absent: tuple[str, ...]
    named: float


def fits(profiles: Sequence[Profile], called: Sequence[str], only: str = "") -> list[Fit]:
    """Return how well each record fits a table, best first.

    Parameters
    ----------
    profiles : sequence of Profile
    called : sequence of str
        Names of file and sheet, and titles above the headers.
    only : str
        The one record to be considered; all where empty.
    """
    named = _named(called)
    found = [_fit(profiles, name, named.get(name, 0.0)) for name in vocabulary() if only in {"", name}]
    return sorted(found, key=lambda fit: -fit.score)


def _named(called: Sequence[str]) -> dict[str, float]:
    """Return how clearly names speak of each record."""
    found: dict[str, float] = {}
    labels = [label(name) for name in called if name]
    for name, title in record_names():
        for one in labels:
            score = 0.0
            if title.han and len(title.han) >= 2 and title.han in one.han:
                score = min(1.0, 0.5 + 0.125 * len(title.han))
            elif title.latin and title.latin <= one.latin:
                score = min(1.0, 0.6 + 0.2 * len(title.latin))
            elif likeness(title, one) >= 0.9:
                score = 1.0
            found[name] = max(found.get(name, 0.0), score)
    return found


def _fit(profiles: Sequence[Profile], name: str, named: float) -> Fit:
    fields = vocabulary()[name]
    table: dict[tuple[int, int], Candidate] = {}
    for i, profile in enumerate(profiles):
        for j, field in enumerate(fields):
            found = candidate(profile, field)
            if found is not None:
                table[i, j] = found
    gain = np.zeros((len(profiles), len(fields)))
    for place, found in table.items():
        gain[place] = max(found.score - LEAST, 0.0)
    chosen = {
        profiles[i].heading.index: table[i, j]
        for i, j in zip(
            *(side.tolist() for side in scipy.optimize.linear_sum_assignment(gain, maximize=True)), strict=True
        )
        if gain[i, j] > 0.0
    }
    candidates = {
        profile.heading.index: tuple(
            sorted((table[i, j] for j in range(len(fields)) if (i, j) in table), key=lambda one: -one.score)
        )
        for i, profile in enumerate(profiles)
    }
    taken = {one.field for one in chosen.values()}
    absent = tuple(field.name for field in required(name) if field.name not in taken)
    score = sum(one.score for one in chosen.values()) - _ABSENT * len(absent) + _NAMED * named
    return Fit(name, score, chosen, candidates, absent, named)
