"""Inspected pieces as a table to learn from: what was measured on each, its mould, its day and its result."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import Text
from forgecast.quality.scrap import FloatArray, IntArray

BoolArray: TypeAlias = NDArray[np.bool_]
StrArray: TypeAlias = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Feature:
    """Something known of a piece before its verdict.

    Parameters
    ----------
    name : str
        Field of the record.
    title : Text
        Its header.
    unit : str
        Of the values; empty where there is none.
    is_word : bool
        Whether it is a flag or one of a few words, not a measurement.
    counts : bool
        Whether it is a whole number, which may be a running number.
    """

    name: str
    title: Text
    unit: str = ""
    is_word: bool = False
    counts: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class InspectedPieces:
    """Pieces with a result, one row each; a value that is not known is NaN and stays so.

    Parameters
    ----------
    ids : (n,) str array
    mould : (n,) str array
        Mould, die, product … by which the pieces are grouped.
    time : (n,) int64 array
        When each was made, microseconds UTC.
    block : (n,) int64 array
        Time block each was made in: the plant's day, as its ordinal (`date.toordinal`).
    features : tuple of Feature
    values : (n, d) float64 array
        Flags as 0 and 1.
    rejected : (n,) bool array
    trial : (n,) bool array
        Try-out or warm-up shots: they were never meant to be good.
    """

    ids: StrArray
    mould: StrArray
    time: IntArray
    block: IntArray
    features: tuple[Feature, ...]
    values: FloatArray
    rejected: BoolArray
    trial: BoolArray

    def __len__(self) -> int:
        return self.ids.size

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the features."""
        return tuple(feature.name for feature in self.features)

    def rows(self, rows: BoolArray | IntArray) -> InspectedPieces:
        """Return some of the pieces."""
        return InspectedPieces(
            self.ids[rows],
            self.mould[rows],
            self.time[rows],
            self.block[rows],
            self.features,
            self.values[rows],
            self.rejected[rows],
            self.trial[rows],
        )

    def without_trials(self) -> InspectedPieces:
        """Return the pieces that were meant to be good."""
        return self.rows(~self.trial)

    def without(self, names: Iterable[str]) -> InspectedPieces:
        """Return the pieces without some of the features."""
        left = set(names)
        kept = [at for at, name in enumerate(self.names) if name not in left]
        return replace(self, features=tuple(self.features[at] for at in kept), values=self.values[:, kept])

    def in_time(self) -> InspectedPieces:
        """Return the pieces in the order in which they were made."""
        return self.rows(np.argsort(self.time, kind="stable"))

    def sha256(self) -> str:
        """Return a hash of all that a model can learn from: names, values and results."""
        made = hashlib.sha256("\n".join(self.names).encode())
        made.update(np.ascontiguousarray(self.values).tobytes())
        made.update(np.ascontiguousarray(self.rejected).tobytes())
        return made.hexdigest()


def block_numbers(block: IntArray) -> IntArray:
    """Return blocks numbered from zero without holes, in their order."""
    return np.asarray(np.unique(block, return_inverse=True)[1], dtype=np.int64)
