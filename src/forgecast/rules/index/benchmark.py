"""Benchmark enterprises: selected by a rule that is published as data, with the reason for each plant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forgecast.rules.index.scheme import BenchmarkCondition


@dataclass(frozen=True, slots=True)
class BenchmarkAnswer:
    """Whether a plant is a benchmark: True, False (with the conditions that fail) or None (with what is not known)."""

    selected: bool | None
    failed: tuple[BenchmarkCondition, ...]
    open: tuple[BenchmarkCondition, ...]


def benchmark_of(rule: Sequence[BenchmarkCondition], facts: Mapping[str, float | None]) -> BenchmarkAnswer:
    """Apply the rule to one plant.

    Parameters
    ----------
    rule : sequence of BenchmarkCondition
        All have to be kept: the fact of that name at or above its least value.
    facts : mapping of str to float or None
        None or absent is not known: such a plant is never selected, and never refused on that ground.
    """
    failed = tuple(one for one in rule if (value := facts.get(one.id)) is not None and value < one.least)
    unknown = tuple(one for one in rule if facts.get(one.id) is None)
    selected = False if failed else None if unknown else True
    return BenchmarkAnswer(selected, failed, unknown)
