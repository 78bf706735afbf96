"""The execution report as PDF: first page with its gaps, then one table after the other, in one language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import resources

from forgecast import __version__
from forgecast.app.environment.cells import NOT_KNOWN, head, is_number, said_cell
from forgecast.app.report import fonts
from forgecast.app.report.numbers import pretty_text
from forgecast.app.report.typeset import cleaned, compiled
from forgecast.environment.report_table import ReportTable
from forgecast.ground.texts import Language, Text, text
from forgecast.tasks.report_execution import ExecutionReport, report_title

#: Letters from which on a column is broken into lines: in a table of many columns, and in one of few.
_LONG, _LONG_OF_FEW, _FEW = 16, 34, 7


def render_report(report: ExecutionReport, language: Language) -> bytes:
    """Return the report as PDF; the same report gives the same bytes.

    Raises
    ------
    ForgecastError
        If a typeface is not installed.
    """
    last = report.period.end - timedelta(days=1)
    data = {
        "lang": language,
        "title": report_title(report).say(language),
        "plant": report.plant,
        "synthetic": _synthetic(report, language),
        "period": f"{report.period.start.isoformat()} – {last.isoformat()}",
        "zone": report.zone,
        "first_page": [pretty_text(line.say(language)) for line in report.first_page],
        "gaps": len(report.gaps),
        "gaps_word": text("Gaps").say(language),
        "contents": text("Contents").say(language),
        "empty": text("nothing on record").say(language),
        "missing": NOT_KNOWN.say(language),
        "signed": text("Signed for the plant").say(language),
        "date": text("Date").say(language),
        "tables": [_table(table, language) for table in report.tables],
        "version": __version__,
        "made": [last.year, last.month, last.day],
    }
    template = resources.files("forgecast.app.environment") / "execution.typ"
    made = datetime(last.year, last.month, last.day, tzinfo=UTC)
    return compiled(template.read_bytes(), cleaned(data, fonts.legible), made)


def _synthetic(report: ExecutionReport, language: Language) -> str:
    said: Text = text("Made-up data: this is no report of a real plant.")
    return said.say(language) if report.synthetic else ""


def _table(table: ReportTable, language: Language) -> dict[str, object]:
    columns = list(zip(*table.rows, strict=True)) if table.rows else [() for _ in table.columns]
    numbers = [is_number(c, list(cells)) for c, cells in zip(table.columns, columns, strict=True)]
    rows = [[_broken(said_cell(cell, language)) for cell in row] for row in table.rows]
    longest = [max((len(row[n]) for row in rows), default=0) for n in range(len(table.columns))]
    long = _LONG if len(table.columns) > _FEW else _LONG_OF_FEW
    wide = [n for n, length in enumerate(longest) if length > long and not numbers[n]]
    return {
        "title": table.title.say(language),
        "heads": [head(column, language) for column in table.columns],
        "right": numbers,
        "wide": wide,
        "weights": [min(max(longest[n], _LONG), 60) for n in range(len(table.columns))],
        "rows": rows,
        "notes": [pretty_text(note.say(language)) for note in table.notes],
    }


def _broken(words: str) -> str:
    """Allow a line break in long names where their parts meet."""
    if max((len(part) for part in words.split(" ")), default=0) <= _LONG:
        return words
    return words.replace("_", "_\u200b").replace("/", "/\u200b").replace(".", ".\u200b").replace("!", "!\u200b")
