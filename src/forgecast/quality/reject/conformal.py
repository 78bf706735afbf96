"""Conformal answers: good, reject, "cannot tell", or "like nothing seen", each class with its own stated coverage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.reject.pieces import BoolArray
from forgecast.quality.scrap import FloatArray


class Answer(IntEnum):
    """What is said of a piece.

    CANNOT_TELL: both results are possible, or neither fits though every value is one that was learnt from.
    LIKE_NOTHING_SEEN: no result is possible, and a value lies outside all that was learnt from.
    """

    GOOD = 0
    REJECT = 1
    CANNOT_TELL = 2
    LIKE_NOTHING_SEEN = 3


ANSWER_WORDS: dict[Answer, Text] = {
    Answer.GOOD: text("good"),
    Answer.REJECT: text("reject"),
    Answer.CANNOT_TELL: text("cannot tell"),
    Answer.LIKE_NOTHING_SEEN: text("like nothing seen"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Possible:
    """For each piece, the results that are possible at a stated confidence.

    Parameters
    ----------
    good, reject : (n,) bool array
        Whether each is possible.
    unlike : (n,) bool array
        Whether a value of the piece lies outside all that was learnt from.
    """

    good: BoolArray
    reject: BoolArray
    unlike: BoolArray

    @property
    def answer(self) -> NDArray[np.int8]:
        """Return `Answer` codes, (n,) int8."""
        one = np.where(self.reject, Answer.REJECT, Answer.GOOD)
        none = ~self.good & ~self.reject
        made = np.where(none | (self.good & self.reject), Answer.CANNOT_TELL, one)
        made = np.where(none & self.unlike, Answer.LIKE_NOTHING_SEEN, made)
        return made.astype(np.int8)

    def covers(self, rejected: BoolArray) -> BoolArray:
        """Return whether the true result of each piece is among the possible ones."""
        return np.asarray(np.where(rejected, self.reject, self.good), dtype=np.bool_)


def possible(strangeness: FloatArray, calibration: FloatArray, confidence: float) -> BoolArray:
    """Return for which pieces a class is possible: those not stranger to it than all but few of its calibration pieces.

    Parameters
    ----------
    strangeness : (n,) float64 array
        How strange each piece is to the class; any measure fixed before calibration.
    calibration : (m,) float64 array
        The same of pieces of that class that were not learnt from.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    (n,) bool array
        True everywhere where m is too small for the confidence (`fewest_for`).

    Raises
    ------
    ForgecastError
        If the confidence is no share.

    Notes
    -----
    Equation: possible if (1 + #{i : cᵢ ≥ s}) / (m + 1) > α, α = 1 − confidence. If piece and calibration pieces of the
    class are exchangeable, the true class is possible with probability at least 1 − α, whatever the model; over draws
    of the calibration pieces the coverage has a Beta(m + 1 − l, l) distribution at least, l = ⌊(m + 1) α⌋. By class
    ("Mondrian"): V. Vovk, Machine Learning 92 (2013) 349-376, doi:10.1007/s10994-013-5355-6. Where production drifts,
    pieces are not exchangeable and the coverage is what is observed, no more.
    """
    if not 0.0 < confidence < 1.0:
        raise ForgecastError(
            text("a confidence of {confidence} is not between 0 and 1", confidence=confidence),
            repair=text("give a share such as 0.9"),
        )
    ordered = np.sort(calibration)
    # (m + 1)(1 − confidence) may come out a rounding below a whole number.
    least = int(np.floor((ordered.size + 1) * (1.0 - confidence) + 1e-9))
    as_strange = ordered.size - np.searchsorted(ordered, strangeness, side="left")
    return np.asarray(as_strange >= least, dtype=np.bool_)


def fewest_for(confidence: float) -> int:
    """Return how many calibration pieces of a class a confidence needs before any piece can be told not to be of it."""
    return int(np.ceil(1.0 / (1.0 - confidence) - 1e-9)) - 1
