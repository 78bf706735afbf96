"""What a standing report is made of: sheets of sentences, figures, tables and pictures, the same for PDF and HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: what it says, a smaller line below, and the key of its colour where it is a chip."""

    said: str
    small: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences one below the other; `small` for notes."""

    lines: tuple[str, ...]
    small: bool = False
    kind: str = field(default="words", init=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """A number a reader looks for first, what it is, and the key of its colour (empty: none)."""

    name: str
    value: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Several facts side by side."""

    facts: tuple[Fact, ...]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """A table.

    Parameters
    ----------
    title : str
    heads : tuple of str
    rows : tuple of tuple of Cell
    widths : tuple of float
        Shares of the width; 0 is as wide as its longest line.
    right : frozenset of int
        Columns that hold numbers.
    empty : str
        What stands where there is no row.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    right: frozenset[int] = frozenset()
    empty: str = ""
    kind: str = field(default="listing", init=False)

    def __post_init__(self) -> None:
        if any(len(row) != len(self.heads) for row in self.rows) or len(self.widths) != len(self.heads):
            message = f"{self.title}: cells, heads and widths are not as many"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG, what it shows in words, and how it is printed.

    Parameters
    ----------
    svg, alt : str
    share : float
        Of the width of the page, 0 to 1.
    ratio : float
        Height over width of the SVG.
    top, bottom : float
        Shares of its height that are cut away on paper, where the page itself says what stands there.
    """

    svg: str
    alt: str
    share: float
    ratio: float
    top: float = 0.0
    bottom: float = 0.0
    kind: str = field(default="picture", init=False)


Block: TypeAlias = Words | Facts | Listing | Picture


@dataclass(frozen=True, slots=True)
class Sheet:
    """A part of the report; it begins on a page of its own.

    Parameters
    ----------
    id, title : str
    blocks : tuple of Block
    wide : bool
        Whether its pages lie on their side.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A standing report in one language.

    Parameters
    ----------
    language, plant, title, at, period, version, page_words : str
        `page_words` has the places ``{page}`` and ``{pages}``.
    synthetic_mark, synthetic : str
        Short and in full; empty for a real plant.
    sheets : tuple of Sheet
    """

    language: str
    plant: str
    title: str
    at: str
    period: str
    version: str
    page_words: str
    synthetic_mark: str
    synthetic: str
    sheets: tuple[Sheet, ...]
