"""How long a treated ladle may wait: the fading of an element in the plant's own ladles."""

from __future__ import annotations

import math
from dataclasses import dataclass

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.melting.learning import Fade
from forgecast.plant.record import records
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.melt_history import MeltHistory


@dataclass(frozen=True, slots=True, eq=False)
class FadeAnswer:
    """How an element fades, and until when each ladle could have been poured.

    Parameters
    ----------
    element : str
    fade : Fade
    lowest : float or None
        Content that is to be kept [1].
    confidence : float
    until : tuple of float
        For each ladle of the fade, the time after its treatment up to which the content is kept [s]; empty without a
        lowest content, infinity where the rate may be none.
    """

    element: str
    fade: Fade
    lowest: float | None
    confidence: float
    until: tuple[float, ...]

    @property
    def half_life(self) -> tuple[float, float]:
        """Return the half-life and its standard deviation [s]; infinity where the rate is not above 0."""
        if self.fade.rate <= 0.0:
            return math.inf, math.inf
        half = math.log(2.0) / self.fade.rate
        return half, half * self.fade.rate_uncertainty / self.fade.rate

    def as_json(self) -> dict[str, object]:
        """Return the answer with units in the names; what is not known or has no end is null."""
        half, spread = self.half_life
        waits = self.until or (math.nan,) * len(self.fade.ladles)
        return {
            "element": self.element,
            "rate_per_s": self.fade.rate,
            "rate_uncertainty_per_s": self.fade.rate_uncertainty,
            "half_life_s": _known(half),
            "half_life_uncertainty_s": _known(spread),
            "fit_probability": _known(self.fade.fit),
            "lowest": self.lowest,
            "confidence": self.confidence,
            "ladles": [
                {"ladle": ladle, "start": start, "start_uncertainty": doubt, "pour_before_s": _known(wait)}
                for ladle, start, doubt, wait in zip(
                    self.fade.ladles,
                    self.fade.starts.tolist(),
                    self.fade.start_uncertainties.tolist(),
                    waits,
                    strict=True,
                )
            ],
        }


def fade_of_ladles(
    plant: PlantFolder,
    element: str = "Mg",
    *,
    spread: float | None = None,
    lowest: float | None = None,
    confidence: float = 0.95,
) -> FadeAnswer:
    """Return how an element fades in the ladles of a plant after their nodularising treatment.

    Parameters
    ----------
    plant : PlantFolder
    element : str
    spread : float or None
        Standard deviation of the spectrometer for one sample [1], where `measurement_uncertainty` has none on record.
    lowest : float or None
        Content that is to be kept until the end of pouring [1].
    confidence : float
        With which it is kept.

    Raises
    ------
    ForgecastError
        If no ladle has two samples at different times after its treatment, with a known uncertainty.
    """
    if f"{element}_percent" not in {field.name for field in records()["sample"].fields}:
        raise ForgecastError(
            text("a sample has no field for {element}", element=element),
            where="element",
            repair=text("give an element of the record Sample, as Mg"),
        )
    fade = MeltHistory(plant, {} if spread is None else {element: spread}).fade(element)
    if fade is None:
        raise ForgecastError(
            text("no ladle on record tells how {element} fades", element=element),
            where=str(plant.path),
            repair=text(
                "record nodularising treatments and at least two samples of one ladle after it, and the spectrometer's "
                "uncertainty: in `measurement_uncertainty`, or with --spread"
            ),
        )
    until = () if lowest is None else tuple(fade.pour_before(one, lowest, confidence=confidence) for one in fade.ladles)
    return FadeAnswer(element, fade, lowest, confidence, until)


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
