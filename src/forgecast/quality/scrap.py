"""Scrap: rates with their confidence, by product, defect or month, and the order in which defects matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]


class Outcome(IntEnum):
    """Result of inspection of a piece or a shot; NOT_KNOWN where none is on record."""

    GOOD = 0
    SCRAP = 1
    REWORK = 2
    NOT_KNOWN = 3


#: Words of the records -> outcome; any other word is refused by `outcomes`.
OUTCOME_OF_RESULT: Mapping[str, Outcome] = {
    "good": Outcome.GOOD,
    "reject": Outcome.SCRAP,
    "rework": Outcome.REWORK,
    "": Outcome.NOT_KNOWN,
}


@dataclass(frozen=True, slots=True)
class ScrapRate:
    """Share of inspected pieces that are scrap, with a Wilson interval, or why there is none.

    Parameters
    ----------
    rate, low, high : float or None
        [1].
    inspected, scrap : int
        Pieces with a result, and those of them that are scrap; pieces to be reworked are inspected, not
        scrap.
    why_missing : Text or None
    """

    rate: float | None
    low: float | None
    high: float | None
    inspected: int
    scrap: int
    why_missing: Text | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ScrapTable:
    """Pieces by group; trial pieces and those without a result stand apart and enter no rate.

    Parameters
    ----------
    groups : tuple of str
        Products, dies, months … in ascending order.
    good, scrap, rework, not_known, trial : (n,) int64 array
        Pieces of each group.
    rate, low, high : (n,) float64 array
        Scrap rate and its Wilson interval [1]; NaN where nothing was inspected.
    """

    groups: tuple[str, ...]
    good: IntArray
    scrap: IntArray
    rework: IntArray
    not_known: IntArray
    trial: IntArray
    rate: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def inspected(self) -> IntArray:
        """Return the pieces with a result, (n,) int64."""
        return np.asarray(self.good + self.scrap + self.rework)

    def overall(self, *, confidence: float = 0.95) -> ScrapRate:
        """Return the rate of all groups together."""
        return scrap_rate(int(self.scrap.sum()), int(self.inspected.sum()), confidence=confidence)


@dataclass(frozen=True, slots=True, eq=False)
class Pareto:
    """Causes by how often they occur, most frequent first.

    Parameters
    ----------
    names : tuple of str
    counts : (n,) int64 array
    share, cumulative : (n,) float64 array
        Of the pieces with a cause named [1].
    unnamed : int
        Pieces without a cause on record; they are in no share.
    """

    names: tuple[str, ...]
    counts: IntArray
    share: FloatArray
    cumulative: FloatArray
    unnamed: int

    def vital(self, share: float = 0.8) -> tuple[str, ...]:
        """Return the fewest causes that together take a share of the pieces with a cause named.

        Parameters
        ----------
        share : float
            Between 0 and 1.
        """
        # Sums of shares may fall a rounding short of what they are.
        needed = int(np.searchsorted(self.cumulative, share - 1e-12)) + 1
        return self.names[:needed]


def wilson_interval(
    scrap: ArrayLike, inspected: ArrayLike, *, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the Wilson score interval of a share.

    Parameters
    ----------
    scrap, inspected : (n,) array
        Counts, scrap at most inspected.
    confidence : float
        Two-sided, between 0 and 1.

    Returns
    -------
    (n,) float64 arrays
        Lower and upper bound [1]; NaN where nothing was inspected.

    Notes
    -----
    Equation: (p̂ + z²/2n ± z √(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n). E. B. Wilson, J. Am. Stat. Assoc. 22
    (1927) 209-212, doi:10.1080/01621459.1927.10502953. It holds for small counts and for none at all, where
    the usual p̂ ± z·se fails.
    """
    k, n = np.broadcast_arrays(np.asarray(scrap, dtype=np.float64), np.asarray(inspected, dtype=np.float64))
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    some = n > 0.0
    size = np.where(some, n, 1.0)
    share = k / size
    centre = share + z**2 / (2.0 * size)
    half = z * np.sqrt(np.maximum(share * (1.0 - share), 0.0) / size + z**2 / (4.0 * size**2))
    # The ends are exact where no piece or every piece is scrap; rounding must not push them past 0 or 1.
    low = np.where(k == 0.0, 0.0, (centre - half) / (1.0 + z**2 / size))
    high = np.where(k == n, 1.0, (centre + half) / (1.0 + z**2 / size))
    return np.where(some, low, np.nan), np.where(some, high, np.nan)


def scrap_rate(scrap: int, inspected: int, *, confidence: float = 0.95) -> ScrapRate:
    """Return the scrap rate of counted pieces.

    Parameters
    ----------
    scrap, inspected : int
    confidence : float
        Two-sided, between 0 and 1.

    Raises
    ------
    ForgecastError
        If a count is below zero or more pieces are scrap than were inspected.
    """
    if not 0 <= scrap <= inspected:
        raise ForgecastError(
            text("{scrap} scrap pieces of {inspected} inspected are impossible", scrap=scrap, inspected=inspected),
            repair=text("check whether both counts are of the same pieces"),
        )
    if inspected == 0:
        return ScrapRate(None, None, None, 0, 0, text("no piece with an inspection result is on record"))
    low, high = wilson_interval(scrap, inspected, confidence=confidence)
    return ScrapRate(scrap / inspected, float(low), float(high), inspected, scrap)


def outcomes(results: Sequence[str | None]) -> NDArray[np.int8]:
    """Return outcome codes of result words as the records hold them (``good``, ``reject``, ``rework``, empty).

    Parameters
    ----------
    results : (n,) sequence of (str or None)

    Returns
    -------
    (n,) int8 array
        `Outcome` codes.

    Raises
    ------
    ForgecastError
        If a word is none of them.
    """
    words, inverse = np.unique(np.array([result or "" for result in results], dtype=str), return_inverse=True)
    strange = [str(word) for word in words if str(word) not in OUTCOME_OF_RESULT]
    if strange:
        raise ForgecastError(
            text("{words} is no inspection result", words=", ".join(strange)),
            repair=text("write good, reject, rework, or leave the result empty"),
        )
    codes = np.array([OUTCOME_OF_RESULT[str(word)] for word in words], dtype=np.int8)
    return np.asarray(codes[inverse])


def scrap_table(
    groups: ArrayLike,
    outcome: NDArray[np.int8],
    *,
    trial: NDArray[np.bool_] | None = None,
    pieces: ArrayLike | None = None,
    confidence: float = 0.95,
) -> ScrapTable:
    """Count pieces by group and return their scrap rates.

    Parameters
    ----------
    groups : (n,) array of str
        What each row belongs to: product, die, month …
    outcome : (n,) int8 array
        `Outcome` codes.
    trial : (n,) bool array or None
        Rows of trial or warm-up shots; whatever their result, they are counted apart.
    pieces : (n,) int array or None
        Pieces each row stands for; None means one.
    confidence : float
        Two-sided, between 0 and 1.
    """
    names, inverse = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    weights = np.ones(inverse.size) if pieces is None else np.asarray(pieces, dtype=np.float64)
    tried = np.zeros(inverse.size, dtype=np.bool_) if trial is None else np.asarray(trial, dtype=np.bool_)

    def counted(rows: NDArray[np.bool_]) -> IntArray:
        return np.rint(np.bincount(inverse[rows], weights=weights[rows], minlength=names.size)).astype(np.int64)

    good, scrap, rework, not_known = (counted(~tried & (outcome == code)) for code in Outcome)
    inspected = good + scrap + rework
    low, high = wilson_interval(scrap, inspected, confidence=confidence)
    return ScrapTable(
        groups=tuple(str(name) for name in names),
        good=good,
        scrap=scrap,
        rework=rework,
        not_known=not_known,
        trial=counted(tried),
        rate=np.where(inspected > 0, scrap / np.where(inspected > 0, inspected, 1), np.nan),
        low=low,
        high=high,
    )


def pareto(causes: ArrayLike, *, pieces: ArrayLike | None = None) -> Pareto:
    """Order the causes of scrap by how many pieces each took.

    Parameters
    ----------
    causes : (n,) array of str
        Defect named for each scrap row; empty where none is.
    pieces : (n,) int array or None
        Pieces each row stands for; None means one.
    """
    names, inverse = np.unique(np.asarray(causes, dtype=str), return_inverse=True)
    weights = np.ones(inverse.size) if pieces is None else np.asarray(pieces, dtype=np.float64)
    counts = np.rint(np.bincount(inverse, weights=weights, minlength=names.size)).astype(np.int64)
    named = names != ""
    kept, kept_counts = names[named], counts[named]
    order = np.argsort(-kept_counts, kind="stable")
    ordered = kept_counts[order]
    share = ordered / max(int(ordered.sum()), 1)
    return Pareto(
        names=tuple(str(name) for name in kept[order]),
        counts=ordered,
        share=share,
        cumulative=np.cumsum(share),
        unnamed=int(counts[~named].sum()),
    )


def pareto_change(before: Pareto, after: Pareto) -> tuple[float, tuple[str, ...]]:
    """Return how probably chance alone makes two orders differ so, and the causes that grew the most, most first.

    Parameters
    ----------
    before, after : Pareto
        Of two periods, or of two dies.

    Returns
    -------
    float
        Probability of so large a difference of the shares; 1 where a period has no cause named or both only one.
    tuple of str
        Causes whose share grew, by its standardised residual.

    Notes
    -----
    Equation: χ² = Σ (k - e)²/e over causes and periods with e from the margins; its degrees of freedom are the causes
    less one (Pearson's test). It holds where few of the e lie below five; put rare causes together before.
    """
    from scipy import special  # noqa: PLC0415  (loads slowly)

    counted = [name for one in (before, after) for name, count in zip(one.names, one.counts, strict=True) if count]
    names = sorted(set(counted))
    table = np.zeros((2, len(names)))
    for row, one in enumerate((before, after)):
        for name, count in zip(one.names, one.counts, strict=True):
            if count:
                table[row, names.index(name)] = count
    totals = table.sum(axis=1, keepdims=True)
    if (totals == 0.0).any() or table.shape[1] < 2:
        return 1.0, ()
    expected = totals * table.sum(axis=0) / table.sum()
    squares = float(((table - expected) ** 2 / expected).sum())
    residual = (table[1] - expected[1]) / np.sqrt(expected[1])
    order = [int(at) for at in np.argsort(-residual, kind="stable") if residual[at] > 0.0]
    return float(special.gammaincc((table.shape[1] - 1) / 2.0, squares / 2.0)), tuple(names[at] for at in order)
