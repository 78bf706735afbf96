"""Split the scatter of a quantity: how much arises between heats, ladles, moulds and cavities, and how much within."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.quality.nested_variance import NestedVariance, nested_variance
from forgecast.tasks.watched import Watched

#: A level that makes at least this share of the variance is worth a sentence.
_MUCH = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class SplitScatter:
    """Variance components of a quantity.

    Parameters
    ----------
    title : Text
    unit : str
    source : str
    found : NestedVariance
    left_out : int
        Rows without a value or without one of the labels.
    synthetic : bool
    notes : tuple of Text
    """

    title: Text
    unit: str
    source: str
    found: NestedVariance
    left_out: int
    synthetic: bool
    notes: tuple[Text, ...]

    @property
    def words(self) -> Text:
        """Return where most of the scatter arises."""
        shares = self.found.shares
        if np.isnan(shares).any():
            return text("Nothing scatters: all values are equal.")
        most = int(np.argmax(shares))
        percent = round(100.0 * float(shares[most]))
        if most == len(shares) - 1:
            return text(
                "{percent} % of the variance lies within one {level}: look at the piece and the measurement, not at "
                "what lies above",
                percent=percent,
                level=self.found.levels[most - 1],
            )
        if shares[most] >= _MUCH:
            return text(
                "{percent} % of the variance arises from {level} to {level}: look there first",
                percent=percent,
                level=self.found.levels[most],
            )
        return text(
            "no level makes half of the variance; the largest, {level}, makes {percent} %",
            percent=percent,
            level=self.found.levels[most],
        )

    def as_json(self) -> dict[str, object]:
        """Return components with their shares."""
        return {
            "title": self.title.as_json(),
            "unit": self.unit,
            "source": self.source,
            "synthetic": self.synthetic,
            "method": self.found.method,
            "values": self.found.values,
            "left_out": self.left_out,
            "mean": self.found.mean,
            "levels": [
                {
                    "level": level,
                    "variance": float(variance),
                    "deviation": float(np.sqrt(variance)),
                    "share": None if np.isnan(share) else float(share),
                    "degrees_of_freedom": int(freedom),
                    "groups": int(self.found.groups[n]) if n < self.found.groups.size else None,
                }
                for n, (level, variance, share, freedom) in enumerate(
                    zip(
                        self.found.levels,
                        self.found.variances,
                        self.found.shares,
                        self.found.degrees_of_freedom,
                        strict=True,
                    )
                )
            ],
            "in_words": self.words.as_json(),
            "notes": [note.as_json() for note in self.notes],
        }


def split_scatter(
    watched: Watched, levels: tuple[str, ...], *, method: Literal["anova", "reml"] = "reml"
) -> SplitScatter:
    """Split the scatter of a quantity by nested levels.

    Parameters
    ----------
    watched : Watched
        One column, with all labels of the levels.
    levels : tuple of str
        From the coarsest to the finest.
    method : {'anova', 'reml'}

    Raises
    ------
    ForgecastError
        If a level has no more groups than the one above it.
    """
    column = watched.columns[0]
    found = nested_variance(column.values, [(name, watched.labels[name]) for name in levels], method=method)
    left_out = len(watched) - found.values
    notes = list(watched.notes)
    if left_out:
        notes.append(text("{n} rows without a value or without all labels are left out", n=left_out))
    if found.negative:
        notes.append(
            text("by mean squares {levels} came out below zero and count as zero", levels=", ".join(found.negative))
        )
    return SplitScatter(column.title, column.unit, watched.source, found, left_out, watched.synthetic, tuple(notes))
