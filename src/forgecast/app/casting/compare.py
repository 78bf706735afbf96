"""Runs beside each other: figures with their differences from the first, verdicts, and what was asked differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Run: TypeAlias = "Mapping[str, Any]"


def compared_figures(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return each figure that any run has: its values, and each one's difference from the first (None where unknown).

    Parameters
    ----------
    runs : sequence of answers
        As a freezing run gives them.
    """
    titles: dict[str, tuple[Any, str]] = {}
    for run in runs:
        for figure in run["figures"]:
            titles.setdefault(figure["name"], (figure["title"], figure["unit"]))
    rows = []
    for name, (title, unit) in titles.items():
        values = [next((f["value"] for f in run["figures"] if f["name"] == name), None) for run in runs]
        first = values[0]
        changes = [None if value is None or first is None else value - first for value in values]
        rows.append({"name": name, "title": title, "unit": unit, "values": values, "differences": changes})
    return rows


def compared_inputs(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return the inputs in which the runs differ, with the value of each run; None where it has none."""
    found: dict[tuple[str, int], list[Any]] = {}
    titles: dict[tuple[str, int], Any] = {}
    for place, run in enumerate(runs):
        seen: dict[str, int] = {}
        for one in run["inputs"]:
            key = (one["name"], seen.get(one["name"], 0))
            seen[one["name"]] = key[1] + 1
            titles.setdefault(key, one["title"])
            found.setdefault(key, [None] * len(runs))[place] = one["value"]
    return [{"title": titles[key], "values": values} for key, values in found.items() if not _alike(values)]


def compared_judgements(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return each criterion with the word and the value of each run; None where it was not judged."""
    found: dict[str, dict[str, Any]] = {}
    for place, run in enumerate(runs):
        for one in run["judgements"]:
            row = found.setdefault(one["criterion"]["en"], {"title": one["criterion"], "values": [None] * len(runs)})
            row["values"][place] = {"word": one["word"], "value": one["value"]}
    return list(found.values())


def _alike(values: Sequence[Any]) -> bool:
    return all(value == values[0] for value in values)
