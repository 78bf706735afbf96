"""Score a plant: the high-quality-development index from its verdicts, figures and evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.rules.index.scheme import Scheme, shipped_scheme
from forgecast.rules.index.score import FULL, Reading, Score, score_of
from forgecast.rules.verdict import Verdict
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment
from forgecast.tasks.evidence_of_plant import Evidence, evidence_view, gathered_evidence
from forgecast.tasks.index_inputs import IndexInputs, inputs_of, readings_of
from forgecast.tasks.plant_view import PlantView, Row

DRAWS, SEED = 2000, 7


@dataclass(frozen=True, slots=True)
class WeightBand:
    """Where the score lies under other weights of the directions, all equally likely: 5 % to 95 %."""

    low: float
    high: float
    draws: int
    seed: int


@dataclass(frozen=True, slots=True)
class PlantScore:
    """The index of one plant.

    Parameters
    ----------
    plant : str
    synthetic : bool
    at : date
    scheme : Scheme
    score : Score
    readings : mapping of str to Reading
        By indicator; those that do not apply are not in it.
    band : WeightBand
    inputs : IndexInputs
    verdicts : tuple of Verdict
        What the words were counted in.
    """

    plant: str
    synthetic: bool
    at: date
    scheme: Scheme
    score: Score
    readings: Mapping[str, Reading]
    band: WeightBand
    inputs: IndexInputs
    verdicts: tuple[Verdict, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "ok": True,
            "plant": {"name": self.plant, "synthetic": self.synthetic},
            "at": self.at.isoformat(),
            "scheme": {"note": scheme_note().as_json(), "full": FULL},
            "score": self.score.total.as_json(),
            "under_other_weights": {
                "low_5_percent": self.band.low,
                "high_95_percent": self.band.high,
                "draws": self.band.draws,
                "seed": self.band.seed,
            },
            "directions": [
                {
                    "id": one.direction.id,
                    "title": one.direction.title.as_json(),
                    "weight": one.direction.weight,
                    "confidence": one.direction.confidence,
                    "source": one.direction.source.as_json(),
                    "score": None if one.interval is None else one.interval.as_json(),
                    "indicators": self._indicators(one.direction.id),
                }
                for one in self.score.directions
            ],
            "levers": [
                {"indicator": one.indicator.id, "by_doing": one.by_doing, "by_showing": one.by_showing}
                for one in self.score.levers
            ],
        }

    def _indicators(self, direction: str) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for one in self.scheme.of(direction):
            reading = self.readings.get(one.id)
            row: dict[str, object] = {
                "id": one.id,
                "title": one.title.as_json(),
                "kind": one.kind,
                "of": one.of,
                "weight": one.weight,
                "band": None if one.worst is None else [one.worst, one.best],
                "unit": one.unit,
                "source": one.source.as_json(),
                "confidence": one.confidence,
                "applies": reading is not None,
            }
            if reading is not None:
                row |= {
                    "known": reading.known,
                    "earned": reading.earned,
                    "shown": reading.shown,
                    "why": None if reading.why is None else reading.why.as_json(),
                }
            rows.append(row)
        return rows


def scheme_note() -> Text:
    """Return what has to be said wherever the index is shown."""
    return text(
        "Directions, weights and bands are a proposal of Forgecast and no law; a claim earns nothing. "
        "Missing is missing: the score is an interval."
    )


def score_plant(
    folder: PlantFolder,
    *,
    at: date | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    progress: Callable[[float], None] | None = None,
) -> PlantScore:
    """Score a plant on a day.

    Parameters
    ----------
    folder : PlantFolder
    at : date or None
        None means the day of the plant's last record or reading.
    draws, seed : int
        Of the random weights.
    progress : callable or None
        Told the fraction done.

    Raises
    ------
    ForgecastError
        If the plant holds nothing with a date.
    """
    assessment = assess_plant(folder, at=at, progress=None if progress is None else lambda done: progress(0.9 * done))
    view = evidence_view(folder, at)
    return scored(assessment, view, gathered_evidence(view), draws=draws, seed=seed)


def scored(
    assessment: Assessment, view: PlantView, evidence: tuple[Evidence, ...], *, draws: int = DRAWS, seed: int = SEED
) -> PlantScore:
    """Score a plant that has been assessed and whose evidence has been gathered."""
    figures = {one.id: one.value for one in assessment.figures} | year_figures(view)
    inputs = inputs_of(assessment.verdicts, figures, {one.id: one.degree for one in evidence})
    scheme = shipped_scheme()
    readings = readings_of(scheme, inputs)
    score = score_of(scheme, readings)
    return PlantScore(
        assessment.plant_name,
        assessment.synthetic,
        assessment.at,
        scheme,
        score,
        readings,
        weight_band(score, draws=draws, seed=seed),
        inputs,
        assessment.verdicts,
    )


def weight_band(score: Score, *, draws: int = DRAWS, seed: int = SEED) -> WeightBand:
    """Return where the interval lies under random weights of the directions that apply (Dirichlet, all ones)."""
    intervals = [one.interval for one in score.directions if one.interval is not None]
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(intervals)), size=draws)
    low = weights @ np.array([one.low for one in intervals])
    high = weights @ np.array([one.high for one in intervals])
    return WeightBand(float(np.quantile(low, 0.05)), float(np.quantile(high, 0.95)), draws, seed)


def year_figures(view: PlantView) -> dict[str, float | None]:
    """Return the figures of the enterprise: R&D over revenue, market share, class I rights in force."""
    newest: dict[str, tuple[int, Row]] = {}
    for row in view.rows("year_figure"):
        year, name = int(row.number_of("year")), row.text("indicator")
        if date(year, 12, 31) <= view.at and year > newest.get(name, (0, row))[0]:
            newest[name] = (year, row)
    found: dict[str, float | None] = {}
    if "market_share" in newest:
        found["market_share"] = newest["market_share"][1].number_of("value")
    spent, earned = newest.get("rd_expense"), newest.get("revenue")
    # Of different years the two say nothing together.
    if spent and earned and spent[0] == earned[0] and earned[1].number_of("value") > 0:
        found["rd_intensity"] = 100.0 * spent[1].number_of("value") / earned[1].number_of("value")
    rights = view.rows("intellectual_property")
    if rights:
        found["class_one_rights"] = float(sum(_in_force(row, view.at) for row in rights))
    return found


def _in_force(row: Row, on: date) -> bool:
    granted, until = row.day("granted_on"), row.day("valid_until")
    return bool(row.flag("class_one") and granted and granted <= on and (until is None or until >= on))
