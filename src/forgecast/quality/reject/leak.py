"""Looks for features that know the verdict: what determines the result by itself is no cause but a leak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.quality.reject.pieces import BoolArray, Feature, InspectedPieces, block_numbers
from forgecast.quality.scrap import FloatArray

#: A bin in which at least this share is rejected is said to determine the result, and the least pieces it needs.
PURE, LEAST_PIECES = 0.98, 10
#: Share of all rejects that a word (flag) or a measurement may determine alone. A machine can be so wrong in one
#: setting that all its pieces are bad; but no word of the shop floor and no single reading finds the larger part of
#: all rejects and never errs, unless it was written down after the verdict.
WORD_SHARE, READING_SHARE = 0.1, 0.5
#: Bins of a measurement.
BINS = 50
#: Share of steps of one, from shot to shot of a mould, above which a whole number is a running number.
RUNNING_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A feature that a model must not see.

    Parameters
    ----------
    feature : Feature
    why : Text
    precision, share : float
        Of the pieces that the feature alone calls rejects, those that are; and the share of all rejects found so, both
        on pieces that the bins were not made from [1]. NaN for a running number.
    """

    feature: Feature
    why: Text
    precision: float
    share: float


def determined(values: FloatArray, rejected: BoolArray, half: BoolArray) -> tuple[float, float]:
    """Return how much of the result a single feature determines.

    Bins that hold rejects only are found in one half of the pieces and tried on the other, and the other way round. A
    missing value is a bin of its own: that something was not written down can give the verdict away, too.

    Parameters
    ----------
    values : (n,) float64 array
    rejected : (n,) bool array
    half : (n,) bool array
        Which half a piece belongs to; whole time blocks, so that neighbours do not stand for each other.

    Returns
    -------
    precision, share : float
        Of the pieces in such bins the share that is rejected, and of all rejects the share in such bins [1]; zero
        where there is no such bin.
    """
    known = values[np.isfinite(values)]
    distinct = np.unique(known)
    if distinct.size <= BINS:
        edges = (distinct[1:] + distinct[:-1]) / 2.0
    else:
        edges = np.unique(np.quantile(known, np.linspace(0.0, 1.0, BINS + 1)[1:-1]))
    bins = np.where(np.isfinite(values), np.searchsorted(edges, values), edges.size + 1)
    called = found = 0
    for side in (half, ~half):
        pieces = np.bincount(bins[side], minlength=edges.size + 2)
        bad = np.bincount(bins[side & rejected], minlength=edges.size + 2)
        pure = (pieces >= LEAST_PIECES) & (bad >= PURE * pieces)
        hit = pure[bins] & ~side
        called += int(hit.sum())
        found += int((hit & rejected).sum())
    return found / max(called, 1), found / max(int(rejected.sum()), 1)


def leaks(pieces: InspectedPieces) -> tuple[LeftOut, ...]:
    """Return the features that nearly determine the result by themselves.

    Parameters
    ----------
    pieces : InspectedPieces
        With the trial shots: among them a leak shows best.

    Notes
    -----
    A true cause may look like a leak only if it takes half of all rejects without ever erring (`READING_SHARE`); who
    knows it to be a cause can keep it.
    """
    half = np.asarray(block_numbers(pieces.block) % 2 == 0)
    found = []
    for at, feature in enumerate(pieces.features):
        precision, share = determined(pieces.values[:, at], pieces.rejected, half)
        if precision >= PURE and share >= (WORD_SHARE if feature.is_word else READING_SHARE):
            why = text(
                "knows the verdict: alone it finds {share:.0f} % of all rejects, and {precision:.1f} % of those it "
                "calls rejects are",
                share=100.0 * share,
                precision=100.0 * precision,
            )
            found.append(LeftOut(feature, why, precision, share))
    return tuple(found)


def running_numbers(pieces: InspectedPieces) -> tuple[LeftOut, ...]:
    """Return whole numbers that count the pieces of a mould on: they name a piece and measure nothing on it."""
    order = np.lexsort((pieces.time, pieces.mould))
    same = pieces.mould[order][1:] == pieces.mould[order][:-1]
    found = []
    for at, feature in enumerate(pieces.features):
        if feature.counts and same.any():
            steps = np.diff(pieces.values[order, at])[same]
            if float(np.mean(steps == 1.0)) > RUNNING_SHARE:
                why = text("a running number: it names the piece and measures nothing on it")
                found.append(LeftOut(feature, why, np.nan, np.nan))
    return tuple(found)


def constants(pieces: InspectedPieces) -> tuple[LeftOut, ...]:
    """Return features that are the same for every piece, or known for none."""
    found = []
    for at, feature in enumerate(pieces.features):
        values = pieces.values[:, at]
        known: FloatArray = values[np.isfinite(values)]
        if np.unique(known).size + int(known.size < values.size) < 2:
            why = text("the same for every piece") if known.size else text("not known for any piece")
            found.append(LeftOut(feature, why, np.nan, np.nan))
    return tuple(found)
