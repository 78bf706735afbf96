"""Splits pieces into those to learn from, to calibrate on and to test on, so that no neighbour flatters a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.quality.reject.pieces import BoolArray, InspectedPieces
from forgecast.quality.scrap import IntArray

Kind: TypeAlias = Literal["later", "unseen_mould", "new_mould", "random", "for_use"]

#: Shares of the pieces that are learnt from and calibrated on; the later rest tests.
LEARN, CALIBRATE = 0.6, 0.15
#: Time blocks dropped wherever two parts meet in time: the same melt, crew and die temperature span midnight.
GAP = 1
#: Most groups of moulds that are left out in turn; beyond it moulds go out several at once.
MOST_FOLDS = 8
#: A mould that first comes after this share of all pieces is new.
NEW_AFTER = 0.5
#: Of the blocks of the moulds learnt from, every so many runs one calibrates, and how many runs there are.
_EVERY, _RUNS = 4, 12
#: Fewest pieces of a new mould worth a line.
_FEW = 100


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Rows to learn from, to calibrate on and to test on.

    Parameters
    ----------
    kind : {'later', 'unseen_mould', 'new_mould', 'random', 'for_use'}
    learn, calibrate, test : (k,) int64 array
        Rows of the pieces, ascending; no two share a row, and but for 'random' none share a mould within a block.
    moulds : tuple of str
        Moulds left out of learning; empty where none is.
    """

    kind: Kind
    learn: IntArray
    calibrate: IntArray
    test: IntArray
    moulds: tuple[str, ...] = ()

    @property
    def flatters(self) -> bool:
        """Whether neighbours of the tested pieces were learnt from."""
        return self.kind == "random"


def split_by_time(
    pieces: InspectedPieces, *, learn: float = LEARN, calibrate: float = CALIBRATE, gap: int = GAP
) -> Split:
    """Return a split in which the model is calibrated and tested on days after those it learnt from.

    Parameters
    ----------
    pieces : InspectedPieces
    learn, calibrate : float
        Shares of the pieces, by whole blocks [1]; with `learn` + `calibrate` = 1 nothing is left to test.
    gap : int
        Blocks dropped between two parts.

    Raises
    ------
    ForgecastError
        If there are too few blocks.
    """
    blocks, counts = np.unique(pieces.block, return_counts=True)
    first, second = _cuts(counts, learn, calibrate)
    tested = learn + calibrate < 1.0 - 1e-9
    if second - first - gap < 1 or (tested and blocks.size - second - gap < 1):
        raise ForgecastError(
            text(
                "the pieces come from {days} days, too few to learn from early ones and test on later", days=blocks.size
            ),
            repair=text("take in more days with results; some {least} are the least", least=10 + 2 * gap),
        )
    return Split(
        "later" if tested else "for_use",
        _rows(pieces.block, blocks[:first]),
        _rows(pieces.block, blocks[first + gap : second]),
        _rows(pieces.block, blocks[second + gap :]) if tested else np.empty(0, dtype=np.int64),
    )


def leave_moulds_out(pieces: InspectedPieces, *, folds: int = MOST_FOLDS) -> tuple[Split, ...]:
    """Return splits that each test on moulds of which no piece was learnt from.

    Calibration pieces are those of other moulds in runs of days that were not learnt from.

    Parameters
    ----------
    pieces : InspectedPieces
    folds : int
        At most so many; with more moulds than that, some go out together.

    Returns
    -------
    tuple of Split
        One for each group of moulds; empty where all pieces are of one mould.
    """
    names, counts = np.unique(pieces.mould, return_counts=True)
    if names.size < 2:
        return ()
    largest_first = names[np.argsort(-counts, kind="stable")]
    groups = [largest_first[at::folds] for at in range(min(folds, names.size))]
    calibrates = _calibration_days(pieces.block)
    made = []
    for group in sorted(groups, key=lambda one: str(one[0])):
        out = np.isin(pieces.mould, group)
        learn, calibrate = np.flatnonzero(~out & ~calibrates), np.flatnonzero(~out & calibrates)
        if learn.size and calibrate.size:
            moulds = tuple(sorted(map(str, group)))
            made.append(Split("unseen_mould", learn, calibrate, np.flatnonzero(out), moulds))
    return tuple(made)


def split_new_moulds(pieces: InspectedPieces, *, after: float = NEW_AFTER, gap: int = GAP) -> Split | None:
    """Return the hardest split, that of the day a new die comes: unseen moulds, tested after all that was learnt from.

    Parameters
    ----------
    pieces : InspectedPieces
    after : float
        A mould is new if it first comes after this share of the pieces [1].
    gap : int

    Returns
    -------
    Split or None
        None where no mould with enough pieces is new, or too few days lie before it.
    """
    blocks, counts = np.unique(pieces.block, return_counts=True)
    begun = blocks[int(np.searchsorted(np.cumsum(counts), after * counts.sum()))]
    names, sizes = np.unique(pieces.mould, return_counts=True)
    starts = np.array([pieces.block[pieces.mould == name].min() for name in names])
    new = names[starts > begun]
    if not new.size or sizes[starts > begun].sum() < _FEW:
        return None
    before = pieces.block < starts[starts > begun].min() - gap
    known, held = np.unique(pieces.block[before], return_counts=True)
    if known.size < 3 + gap:
        return None
    cut, _ = _cuts(held, LEARN / (LEARN + CALIBRATE), CALIBRATE / (LEARN + CALIBRATE))
    if known.size - cut - gap < 1:
        return None
    return Split(
        "new_mould",
        _rows(pieces.block, known[:cut]),
        _rows(pieces.block, known[cut + gap :]),
        np.flatnonzero(np.isin(pieces.mould, new)),
        tuple(sorted(map(str, new))),
    )


def split_at_random(pieces: InspectedPieces, *, seed: int = 0) -> Split:
    """Return the split that flatters, pieces drawn by lot: the neighbour of nearly every tested piece was learnt from.

    It is here to show by how much it flatters, never to judge a model.
    """
    drawn = np.random.default_rng(seed).permutation(len(pieces))
    first, second = round(LEARN * drawn.size), round((LEARN + CALIBRATE) * drawn.size)
    learnt, calibrated, tested = (np.sort(part) for part in (drawn[:first], drawn[first:second], drawn[second:]))
    return Split("random", learnt, calibrated, tested)


def _cuts(counts: IntArray, learn: float, calibrate: float) -> tuple[int, int]:
    """Return after how many blocks learning and calibration end."""
    share = np.cumsum(counts) / counts.sum()
    # Rounding of the shares must not push the last block over the end.
    first, second = (int(np.searchsorted(share, end - 1e-9)) + 1 for end in (learn, learn + calibrate))
    return first, second


def _rows(block: IntArray, wanted: Sequence[int] | IntArray) -> IntArray:
    return np.flatnonzero(np.isin(block, wanted))


def _calibration_days(block: IntArray) -> BoolArray:
    blocks, at = np.unique(block, return_inverse=True)
    run = at * min(_RUNS, blocks.size) // blocks.size
    return np.asarray(run % _EVERY == _EVERY - 1 if blocks.size >= _EVERY else at == blocks.size - 1)
