"""The data sheet for the importer, as XLSX in both languages: what a CBAM declarant needs of the producer of a good."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from forgecast.app.carbon.words import item_text
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

if TYPE_CHECKING:
    from forgecast.tasks.cbam_good import CbamAnswer

Cell: TypeAlias = "str | float | int | None"

_HEAD = PatternFill("solid", fgColor="1F4E5F")
_UNKNOWN = text("not known")
_WIDTHS = (44, 22, 18, 60)


def write_importer_sheet(answer: CbamAnswer, path: Path) -> None:
    """Write the sheet.

    Parameters
    ----------
    answer : CbamAnswer
    path : Path
        Ends in ``.xlsx``.

    Raises
    ------
    ForgecastError
        If the name has another ending or the place cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise ForgecastError(
            text("the data sheet is an XLSX file, not {ending}", ending=repr(path.suffix)),
            where=str(path),
            repair=text("give it a name that ends in .xlsx"),
        )
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "CBAM"
    _title(sheet, text("Data for the CBAM declarant of a good"))
    _rows(sheet, text("Good"), _good(answer))
    _rows(sheet, text("Embedded emissions of a tonne"), _emissions(answer))
    _precursors(sheet, answer)
    _rows(sheet, text("Notes"), [(note, None, "", "") for note in answer.notes])
    for letter, width in zip("ABCD", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    try:
        book.save(path)
    except OSError as error:
        raise ForgecastError(
            text("the file cannot be written: {why}", why=error.strerror or type(error).__name__),
            where=str(path),
            repair=text("close it where it is open, or give another place"),
        ) from error


def _good(answer: CbamAnswer) -> list[tuple[Text, Cell, str, str]]:
    return [
        (text("product"), answer.product or None, "", ""),
        (text("CN code"), answer.scope.cn_code, "", ""),
        (text("country of production"), answer.country, "", ""),
        (text("year of import"), answer.year, "", ""),
        (text("indirect emissions count"), _INDIRECT[answer.scope.direct_only], "", ""),
    ]


def _emissions(answer: CbamAnswer) -> list[tuple[Text, Cell, str, str]]:
    unit = "t CO2e/t"
    actual = answer.actual
    rows: list[tuple[Text, Cell, str, str]] = []
    if answer.product:
        rows += [
            (text("direct, own process (records of the plant)"), None if actual is None else actual.own, unit, ""),
            (text("direct, of precursors"), None if actual is None else actual.precursors, unit, ""),
            (
                text("specific embedded emissions, actual"),
                None if actual is None else actual.total,
                unit,
                _both(text("to be verified by an accredited verifier")),
            ),
            (text("benchmark for actual data"), answer.benchmarks.get("actual"), unit, "(EU) 2025/2620, A"),
        ]
    default = answer.default
    rows += [
        (text("default value without mark-up"), None if default is None else default.base, unit, "(EU) 2025/2621"),
        (text("default value with mark-up"), None if default is None else default.marked_up, unit, "(EU) 2025/2621"),
        (text("benchmark for default values"), answer.benchmarks.get("default"), unit, "(EU) 2025/2620, B"),
    ]
    for one in answer.owed:
        title = (
            text("certificates by default values") if one.basis == "default" else text("certificates by own records")
        )
        rows.append((title, one.net, unit, ""))
    return rows


def _precursors(sheet: Worksheet, answer: CbamAnswer) -> None:
    if not answer.product:
        return
    _heading(sheet, text("Precursors in a tonne of the good"))
    _line(
        sheet,
        (
            _both(text("precursor")),
            "CN",
            "t/t",
            _both(text("direct embedded emissions, t CO2e/t, and where they come from")),
        ),
    )
    for one in answer.precursors:
        see = _both(_UNKNOWN) if one.precursor.see is None else f"{one.precursor.see:.4g}"
        _line(
            sheet,
            (_both(item_text(one.precursor.name)), one.cn_code, one.precursor.mass_t, f"{see} · {_both(one.origin)}"),
        )
    if not answer.precursors:
        _line(sheet, (_both(text("none of its materials is covered")), "", "", ""))


def _title(sheet: Worksheet, title: Text) -> None:
    _line(sheet, (_both(title), "", "", ""))
    sheet.cell(sheet.max_row, 1).font = Font(bold=True, size=14)


def _heading(sheet: Worksheet, title: Text) -> None:
    sheet.append([])
    _line(sheet, (_both(title), "", "", ""))
    for column in range(1, 5):
        cell = sheet.cell(sheet.max_row, column)
        cell.fill, cell.font = _HEAD, Font(bold=True, color="FFFFFF")


def _rows(sheet: Worksheet, title: Text, rows: list[tuple[Text, Cell, str, str]]) -> None:
    _heading(sheet, title)
    for name, value, unit, source in rows:
        shown: Cell = value if value is not None or not unit else _both(_UNKNOWN)
        _line(sheet, (_both(name), shown, unit, source))


def _line(sheet: Worksheet, cells: tuple[Cell, ...]) -> None:
    sheet.append(list(cells))
    for column in range(1, len(cells) + 1):
        cell = sheet.cell(sheet.max_row, column)
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        if isinstance(cell.value, float):
            cell.number_format = "0.000"


def _both(words: Text) -> str:
    english, chinese = words.say("en"), words.say("zh")
    return english if english == chinese else f"{english} / {chinese}"


#: By whether only direct emissions count.
_INDIRECT: dict[bool | None, str | None] = {None: None, True: _both(text("no")), False: _both(text("yes"))}
