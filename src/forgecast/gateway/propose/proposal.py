"""A proposal of what a table means, column by column, with what speaks for it and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from forgecast.gateway.propose.evidence import Candidate
from forgecast.ground.texts import Text, text


class Confidence(StrEnum):
    """How sure a proposal is; `SURE` is said only where name, values and record all agree."""

    SURE = "sure"
    LIKELY = "likely"
    UNSURE = "unsure"
    NONE = "none"


CONFIDENCE_TEXTS: dict[Confidence, Text] = {
    Confidence.SURE: text("sure"),
    Confidence.LIKELY: text("likely"),
    Confidence.UNSURE: text("not sure"),
    Confidence.NONE: text("no proposal"),
}


class Role(StrEnum):
    """What a column is in its table.

    FIELD: it feeds a field. PART: it is one half of a date that a joined column makes. DIMENSION: a characteristic of
    a product. TAG: readings of a tag. TIME: the stamps of readings. NOTHING: nothing is proposed.
    """

    FIELD = "field"
    PART = "part"
    DIMENSION = "dimension"
    TAG = "tag"
    TIME = "time"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """What is proposed for one column.

    Parameters
    ----------
    index : int
        Column, 0 for the first; joined ones come behind the last.
    key : str
        How a map names it.
    samples : tuple of str
    role : Role
    chosen : Candidate or None
        The field proposed.
    others : tuple of Candidate
        The runners-up, best first.
    confidence : Confidence
    unit : str or None
        Unit of a field, tag or dimension; None where nobody tells.
    stated_unit : str or None
        Unit that the headers name, whatever the column means.
    words : tuple of str
        Its different values, the commonest first, at most 400.
    facts : tuple of Text
        What is worth knowing about its values, whatever they mean.
    stand_ins : tuple of (float, int)
        Numbers that most likely mean "no value", and how often each occurs.
    translation : mapping of str to str
        Words of the file -> words of the record.
    open_words : tuple of str
        Words of a code that nothing explains.
    parts : tuple of str
        Columns that a joined one is made of.
    odd : tuple of str
        Names without a number among names that have one; their rows may be no pieces.
    """

    index: int
    key: str
    samples: tuple[str, ...]
    role: Role
    chosen: Candidate | None = None
    others: tuple[Candidate, ...] = ()
    confidence: Confidence = Confidence.NONE
    unit: str | None = None
    stated_unit: str | None = None
    words: tuple[str, ...] = ()
    facts: tuple[Text, ...] = ()
    stand_ins: tuple[tuple[float, int], ...] = ()
    translation: Mapping[str, str] = field(default_factory=dict)
    open_words: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()

    @property
    def names_things(self) -> bool:
        """Whether it feeds the number of a piece or heat, or whatever its rows are about."""
        return self.chosen is not None and self.chosen.field in {"id", "piece", "heat", "mould", "shot"}

    @property
    def unit_open(self) -> bool:
        """Whether it cannot be taken because nobody tells its unit."""
        return self.chosen is not None and self.unit is None and bool(self.chosen.units)

    @property
    def words_open(self) -> bool:
        """Whether it cannot be taken because none of its words is understood."""
        return bool(self.open_words) and not self.translation and self.chosen is not None and self.chosen.values <= 0.0

    @property
    def is_taken(self) -> bool:
        """Whether the map takes the column without a further word from a person."""
        return (
            self.chosen is not None
            and self.confidence in {Confidence.SURE, Confidence.LIKELY}
            and not self.unit_open
            and not self.words_open
        )


@dataclass(frozen=True, slots=True)
class WideProposal:
    """Rows of nominal values and limits found between headers and pieces.

    Parameters
    ----------
    nominal, lower, upper : int or None
        Rows of the file; None where it could not be told which one it is.
    deviation : bool
    unread : tuple of int
        Rows whose meaning could not be told.
    """

    nominal: int | None = None
    lower: int | None = None
    upper: int | None = None
    deviation: bool = False
    unread: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TableProposal:
    """What is proposed for one table of a file.

    Parameters
    ----------
    file, sheet : str
    header_row, first_row : int
    record : str
        Record the table feeds; ``series`` for time series; empty where nothing fits.
    ranked : tuple of (str, float)
        Records by how well they fit.
    columns : tuple of ColumnProposal
    absent : tuple of str
        Required fields that no column feeds.
    constants : mapping of field to str
        Values that a person gave for the whole table.
    day_first : bool or None
        As the dates show; None where none of them needs it.
    day_open : bool
        Whether the dates need it and do not show it.
    wide : WideProposal or None
    """

    file: str
    sheet: str
    header_row: int
    first_row: int
    record: str
    ranked: tuple[tuple[str, float], ...]
    columns: tuple[ColumnProposal, ...]
    absent: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    day_first: bool | None = None
    day_open: bool = False
    wide: WideProposal | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the required fields that nothing feeds."""
        return tuple(name for name in self.absent if name not in self.constants)
