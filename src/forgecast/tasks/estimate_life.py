"""Estimate how long dies, linings or pumps last, and when to replace them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.signals.condition.life import (
    Effect,
    Remaining,
    Replacement,
    SurvivalCurve,
    WeibullLife,
    doubts_of_life,
    effects_on_life,
    fit_weibull,
    kaplan_meier,
    remaining_life,
    replacement_age,
)
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.condition_values import SignalsAsked, read_signals

_FAILED = {"1", "yes", "true", "failed", "failure", "是", "失效"}
_LIVES = {"0", "no", "false", "censored", "removed", "running", "否", "未失效"}


@dataclass(frozen=True, slots=True, eq=False)
class LifeAnswer:
    """How long units last.

    Parameters
    ----------
    source, unit : str
    lives : (n,) float64 array
    failed : (n,) bool array
    weibull : WeibullLife
    curve : SurvivalCurve
    effects : tuple of Effect
    remaining : Remaining or None
    replacement : Replacement or None
    costs : (float, float) or None
        As planned, and after a failure.
    notes : tuple of Text
    """

    source: str
    unit: str
    lives: NDArray[np.float64]
    failed: NDArray[np.bool_]
    weibull: WeibullLife
    curve: SurvivalCurve
    effects: tuple[Effect, ...]
    remaining: Remaining | None
    replacement: Replacement | None
    costs: tuple[float, float] | None
    notes: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return the answer; what has no end is null."""
        found, rest, best = self.weibull, self.remaining, self.replacement
        return {
            "source": self.source,
            "unit": self.unit,
            "failures": found.failures,
            "censored": found.censored,
            "shape": found.shape, "shape_low": found.shape_low, "shape_high": _known(found.shape_high),
            "scale": found.scale, "scale_low": found.scale_low, "scale_high": _known(found.scale_high),
            "mean_life": found.mean,
            "median_life": self.curve.median,
            "effects": [
                {"name": one.name, "hazard_ratio": one.ratio, "low": one.low, "high": one.high,
                 "probability": one.probability} for one in self.effects
            ],
            "remaining": None if rest is None else {
                "age": rest.age, "median": rest.median, "median_low": rest.median_low, "median_high": rest.median_high,
                "low": rest.low, "high": rest.high,
            },
            "replacement": None if best is None else {
                "age": best.age, "age_low": best.age_low, "age_high": best.age_high, "cost_rate": best.rate,
                "cost_rate_at_failure": best.rate_at_failure,
            },
            "notes": [one.as_json() for one in self.notes],
        }  # fmt: skip


def estimate_life(
    source: Path, *, duration: str = "", failed: str = "", covariates: tuple[str, ...] = (), age: float | None = None,
    planned: float | None = None, failure: float | None = None, furnace: str = "", confidence: float = 0.9,
) -> LifeAnswer:  # fmt: skip
    """Read lives and return their distribution, the rest of one unit's and the age to replace at.

    Parameters
    ----------
    source : Path
        A file with a column of lives and one that says whether each failed; or a plant, whose linings are taken.
    duration, failed : str
        Headers.
    covariates : tuple of str
        Headers of what may shorten a life.
    age : float or None
        Of a unit in use, in the unit of the lives.
    planned, failure : float or None
        Costs of a replacement as planned and after a failure; both or none.
    furnace : str
        Of a plant.
    confidence : float

    Raises
    ------
    ForgecastError
        If lives or failures are too few, or a word says neither failed nor not.
    """
    told: dict[str, NDArray[np.float64]] = {}
    if source.is_dir():
        name, unit, lives, ended, notes = _linings(source, furnace)
    else:
        if not (duration and failed):
            raise ForgecastError(
                text("nothing says which columns hold lives and failures"), where=source.name,
                repair=text("name them with --duration and --failed"),
            )  # fmt: skip
        watched = read_signals(source, SignalsAsked((duration, *covariates), (failed,)))
        lives, unit, name = watched.columns[0].values, watched.columns[0].unit, watched.source
        ended = _ended(watched.labels[failed], name)
        told = {one: column.values for one, column in zip(covariates, watched.columns[1:], strict=True)}
        notes = list(watched.notes)
    if (planned is None) != (failure is None):
        raise ForgecastError(
            text("one of the two costs is missing"), repair=text("give --planned-cost and --failure-cost, or neither")
        )
    fitted = fit_weibull(lives, ended, confidence=confidence)
    return LifeAnswer(
        name, unit, lives, ended, fitted, kaplan_meier(lives, ended, confidence=confidence),
        effects_on_life(lives, ended, told, confidence=confidence) if told else (),
        None if age is None else remaining_life(lives, ended, age, confidence=confidence),
        None if planned is None or failure is None
        else replacement_age(lives, ended, planned, failure, confidence=confidence),
        None if planned is None or failure is None else (planned, failure),
        (*notes, *doubts_of_life(fitted)),
    )  # fmt: skip


def _ended(words: NDArray[np.object_], source: str) -> NDArray[np.bool_]:
    made = []
    for n, word in enumerate(words, start=1):
        said = "" if word is None else str(word).strip().lower()
        if said not in _FAILED | _LIVES:
            raise ForgecastError(
                text("{word} says neither that a unit failed nor that it did not", word=said or "—"),
                where=f"{source}:{n}",
                repair=text("write 1 for a failure and 0 for a unit that still lives or was taken out sound"),
            )
        made.append(said in _FAILED)
    return np.array(made, dtype=np.bool_)


def _linings(source: Path, furnace: str) -> tuple[str, str, NDArray[np.float64], NDArray[np.bool_], list[Text]]:
    """Return the heats each lining lasted; the running ones have not ended."""
    with PlantFolder.open(source) as plant:
        rows = [row for row in plant.records.read("heat") if not furnace or row["furnace"] == furnace]
        name = plant.settings.name
    by_lining: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row["lining"] is not None:
            by_lining.setdefault((str(row["furnace"]), str(row["lining"])), []).append(int(str(row["tapped_at"])))
    if not by_lining:
        raise ForgecastError(
            text("no heat names its lining"), where=str(source),
            repair=text("fill the field lining of the record heat, or give a file with --duration and --failed"),
        )  # fmt: skip
    last: dict[str, int] = {}
    for (place, _), times in by_lining.items():
        last[place] = max(last.get(place, 0), *times)
    lives = np.array([float(len(times)) for times in by_lining.values()])
    ended = np.array([max(times) < last[place] for (place, _), times in by_lining.items()], dtype=np.bool_)
    note = text("a lining that was replaced counts as worn out; mark those taken out sound in a file of your own")
    return name, "heats", lives, ended, [note]


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
