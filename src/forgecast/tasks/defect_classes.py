"""Defects by their class in the International Atlas of Casting Defects: which free words mean which."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from forgecast.ground.citation import Source
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual


@dataclass(frozen=True, slots=True)
class DefectClass:
    """A class of defects, or the class a defect belongs to.

    Parameters
    ----------
    code : str
        A to G.
    title : Text
        Of the class.
    defect : Text or None
        The defect, where a defect was meant.
    source : Source
    """

    code: str
    title: Text
    defect: Text | None
    source: Source

    @property
    def sure(self) -> bool:
        """Whether the belonging was read in a source, not recalled."""
        return self.source.confidence != "unverified"


def class_of(word: str) -> DefectClass | None:
    """Return the class of a defect by any of its names, None where it has none on record.

    Parameters
    ----------
    word : str
        As the shop floor writes it, in either language.
    """
    return _by_word().get(_folded(word))


@lru_cache(maxsize=1)
def classes() -> dict[str, DefectClass]:
    """Return the classes by their code."""
    return {
        row["class"]: DefectClass(row["class"], bilingual(row["en"], row["zh"]), None, _source(row))
        for row in read_table("defect_class").where(kind="class")
    }


@lru_cache(maxsize=1)
def _by_word() -> dict[str, DefectClass]:
    found: dict[str, DefectClass] = {}
    for row in read_table("defect_class").where(kind="defect"):
        name = bilingual(row["en"], row["zh"])
        one = DefectClass(row["class"], classes()[row["class"]].title, name, _source(row))
        for word in (row["en"], *row["words"].split(";")):
            found[_folded(word)] = one
    return found


def _folded(word: str) -> str:
    return re.sub(r"[\s_\-]+", " ", unicodedata.normalize("NFKC", word)).strip().casefold()


def _source(row: Mapping[str, str]) -> Source:
    return Source(bilingual(row["en"], row["zh"]), bilingual(row["source"], row["source_zh"]), str(row["confidence"]))
