"""Lists of many rows: fetched page by page from a door, sorted, filtered, saved; a plain list on a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nicegui.element import Element

from forgecast.app.pages.parts.component import AGGRID
from forgecast.app.pages.parts.words import Reader, Words, said
from forgecast.app.report.numbers import pretty_unit
from forgecast.app.report.words import SEVERITY_TEXTS, WORD_SIGNS
from forgecast.ground.texts import Text, text
from forgecast.rules.verdict import WORD_TEXTS

_WORDS: dict[str, Text] = {
    "working": text("being worked out …"),
    "none": text("Nothing here yet."),
    "failed": text("The figures could not be fetched."),
    "search": text("Search in the list"),
    "csv": text("Save figures (CSV)"),
    "rows": text("{n} rows", n="{n}"),
    "rowsOf": text("{n} of {all} rows", n="{n}", all="{all}"),
    "more": text("Show more"),
    "yes": text("yes"),
    "no": text("no"),
}

_LOCALE: dict[str, Text] = {
    "noRowsToShow": text("Nothing here yet."),
    "noMatchingRowsToShow": text("No row fits the filter."),
    "loadingOoo": text("being fetched …"),
    "equals": text("equals"),
    "notEqual": text("is not"),
    "contains": text("contains"),
    "notContains": text("does not contain"),
    "startsWith": text("begins with"),
    "endsWith": text("ends with"),
    "blank": text("is empty"),
    "notBlank": text("is not empty"),
    "lessThan": text("less than"),
    "greaterThan": text("greater than"),
    "lessThanOrEqual": text("at most"),
    "greaterThanOrEqual": text("at least"),
    "inRange": text("between"),
    "inRangeStart": text("from"),
    "inRangeEnd": text("to"),
    "before": text("before"),
    "after": text("after"),
    "andCondition": text("and"),
    "orCondition": text("or"),
    "filterOoo": text("filter …"),
    "empty": text("choose one"),
    "applyFilter": text("Apply"),
    "clearFilter": text("Clear"),
    "resetFilter": text("Reset"),
    "cancelFilter": text("Cancel"),
    "textFilter": text("filter by text"),
    "numberFilter": text("filter by number"),
    "dateFilter": text("filter by day"),
    "ariaFilterInput": text("filter"),
    "ariaFilterValue": text("value of the filter"),
    "ariaFilterFromValue": text("filter from"),
    "ariaFilterToValue": text("filter to"),
    "ariaFilteringOperator": text("kind of filter"),
    "ariaColumn": text("column"),
    "ariaSortableColumn": text("press Enter to sort"),
    "ariaFilterMenuOpen": text("open the filter"),
    "ariaMenuColumn": text("open the menu of the column"),
    "ariaInputEditor": text("field"),
    "ariaLabelDialog": text("dialogue"),
    "ariaLabelColumnFilter": text("filter of the column"),
    "ariaSearch": text("search"),
    "ariaHidden": text("hidden"),
    "ariaVisible": text("shown"),
}

Kind = Literal["text", "number", "moment", "day", "word", "severity", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a grid.

    Parameters
    ----------
    key : str
        Where the value stands in a row; dots lead inside, as in ``"subject.name"``. A value ``{"en": .., "zh": ..}``
        is shown in the reader's language.
    name : Words
    kind : str
        ``text``, ``number``, ``moment`` (ISO instant, shown on the plant's clock), ``day``, ``word`` (of a verdict),
        ``severity`` (of a finding) or ``flag`` (yes or no).
    unit : str
    link : str
        Address with keys of the row in braces, as in ``"/demo/pieces/{id}"``; the cell becomes a link.
    width : int
        In pixels; 0 shares the room that is left.
    names : mapping of str to Words
        Shown instead of bare codes.
    """

    key: str
    name: Words
    kind: Kind = "text"
    unit: str = ""
    link: str = ""
    width: int = 0
    names: Mapping[str, Words] | None = None


class Grid(Element, component="grid.js", esm=AGGRID):
    """A list; made by `grid`."""

    def __init__(self, props: Mapping[str, Any]) -> None:
        super().__init__()
        self._props.update(props)

    def fetch_again(self, address: str = "") -> None:
        """Fetch anew, from another address where one is given (a filter has changed)."""
        if address:
            self._props["source"] = address
        else:
            self.run_method("fetchAgain")


def grid(
    reader: Reader,
    source: str | Sequence[Mapping[str, Any]],
    columns: Sequence[Column],
    *,
    title: Words,
    rows: str = "rows",
    zone: str = "UTC",
    height: int = 460,
    most: int = 20_000,
    empty: Words = None,
) -> Grid:
    """Return a list of many rows.

    Parameters
    ----------
    reader : Reader
    source : str or sequence of mapping
        Address of a door whose answer is paged (``next`` goes into ``after``), or a few rows themselves.
    columns : sequence of Column
    title : Words
        What it lists; read out, and the name of what is saved.
    rows : str
        Where in the answer the rows stand.
    zone : str
        Time zone of moments (`Visit.zone`).
    height : int
        In pixels; fewer rows make it lower.
    most : int
        So many rows are fetched at most.
    empty : Words
        Said where there are no rows.
    """
    words = {key: sentence.say(reader.language) for key, sentence in _WORDS.items()}
    if empty is not None:
        words["none"] = said(reader, empty)
    return Grid(
        {
            "source": source if isinstance(source, str) else "",
            "given": None if isinstance(source, str) else [dict(row) for row in source],
            "columns": [_column(reader, column) for column in columns],
            "title": said(reader, title),
            "rows-at": rows,
            "zone": zone,
            "language": reader.language,
            "height": height,
            "most": most,
            "words": words,
            "locale": {key: sentence.say(reader.language) for key, sentence in _LOCALE.items()},
        }
    )


def _column(reader: Reader, column: Column) -> dict[str, Any]:
    names = {key: said(reader, words) for key, words in (column.names or {}).items()}
    if column.kind == "word":
        names = {str(word): f"{WORD_SIGNS[word]} {name.say(reader.language)}" for word, name in WORD_TEXTS.items()}
    elif column.kind == "severity":
        names = {str(severity): name.say(reader.language) for severity, name in SEVERITY_TEXTS.items()}
    return {
        "key": column.key,
        "name": said(reader, column.name),
        "unit": pretty_unit(column.unit),
        "kind": column.kind,
        "link": column.link,
        "width": column.width,
        "names": names,
    }
