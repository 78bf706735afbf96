"""Writing a plant's files as plants have them: either language, several encodings and separators, workbooks, Parquet.

The same rows give the same bytes: no clock and no path goes into a file.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from forgecast.ground.units import KINDS, convert
from forgecast.sample.table import Cell, Header, Table, headers

#: What every written file that can carry a remark carries.
LABEL = "Sample foundry (synthetic) / 示例铸造厂（虚构）"
_ZIP_DAY = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Style:
    """How a file is written.

    Parameters
    ----------
    language : str
        ``en``: field names, codes, yes and no; ``zh``: the Chinese headers and words.
    encoding, delimiter : str
        Of a text file.
    date_form, time_form : str
        ``strftime`` formats.
    units : mapping of field to unit
        Fields written in another unit than the record's; the header says so.
    """

    language: str = "en"
    encoding: str = "utf-8"
    delimiter: str = ","
    date_form: str = "%Y-%m-%d"
    time_form: str = "%Y-%m-%d %H:%M"
    units: Mapping[str, str] = field(default_factory=dict)


def header_text(header: Header, style: Style) -> str:
    """Return a column's header: the field's name, with its unit in brackets where the name does not say it."""
    unit = style.units.get(header.name, header.unit)
    if style.language == "zh":
        return f"{header.zh}（{unit.replace('°C', '℃')}）" if unit and header.kind in KINDS else header.zh
    carried = header.name.endswith(
        ("_degC", "_percent", "_kWh", "_kW", "_t", "_t_h", "_mg_m3", "_m3", "_m3_h", "_kg_h")
    )
    return header.name if carried or not unit or header.kind not in KINDS else f"{header.name} [{unit}]"


def write_text(path: Path, table: Table, style: Style) -> None:
    """Write a table as delimited text; compressed where the name ends on ``.gz``."""
    known = headers(table.record)
    fields = [known[name] for name in table.columns]
    page = io.StringIO(newline="")
    writer = csv.writer(page, delimiter=style.delimiter, lineterminator="\r\n")
    writer.writerow([header_text(one, style) for one in fields])
    columns = [[_written(cell, one, style) for cell in table.columns[one.name]] for one in fields]
    writer.writerows(zip(*columns, strict=True))
    write_bytes(path, page.getvalue().encode(style.encoding))


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes; compressed, without a time, where the name ends on ``.gz``."""
    if path.suffix == ".gz":
        with path.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed:
            packed.write(content)
        return
    path.write_bytes(content)


def write_workbook(path: Path, sheets: Sequence[tuple[str, Table]], style: Style) -> None:
    """Write tables as the sheets of a workbook; instants and numbers keep their kinds."""
    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = LABEL, LABEL
    book.properties.created = datetime(*_ZIP_DAY)  # noqa: DTZ001  (the format has no zone)
    for name, table in sheets:
        sheet = book.create_sheet(name)
        known = headers(table.record)
        fields = [known[field_name] for field_name in table.columns]
        sheet.append([header_text(one, style) for one in fields])
        for row in zip(*(table.columns[one.name] for one in fields), strict=True):
            sheet.append([_sheet_cell(sheet, cell, one, style) for cell, one in zip(row, fields, strict=True)])
    raw = io.BytesIO()
    book.save(raw)
    path.write_bytes(_timeless(raw.getvalue()))


def write_record_parquet(path: Path, table: Table) -> None:
    """Write a table as Parquet with the record's field names."""
    arrow = pa.table({name: pa.array(cells) for name, cells in table.columns.items()})
    pq.write_table(arrow.replace_schema_metadata({"synthetic": LABEL}), path, compression="zstd")


def _written(cell: Cell, header: Header, style: Style) -> str:
    written = ""
    if isinstance(cell, bool):
        written = {"en": ("no", "yes"), "zh": ("否", "是")}[style.language][cell]
    elif isinstance(cell, datetime):
        written = cell.strftime(style.time_form)
    elif isinstance(cell, date):
        written = cell.strftime(style.date_form)
    elif isinstance(cell, str):
        written = header.choices.get(cell, cell) if style.language == "zh" else cell
    elif cell is not None:
        unit = style.units.get(header.name)
        value = cell if unit is None else float(f"{convert(float(cell), header.kind, header.unit, unit):.9g}")
        written = str(int(value)) if float(value).is_integer() else repr(value)
    return written


def _sheet_cell(sheet: object, cell: Cell, header: Header, style: Style) -> object:
    if isinstance(cell, datetime | date):
        made = WriteOnlyCell(sheet, value=cell)  # type: ignore[arg-type]
        made.number_format = "yyyy-mm-dd hh:mm" if isinstance(cell, datetime) else "yyyy-mm-dd"
        return made
    return _written(cell, header, style) if isinstance(cell, bool | str) else cell


def _timeless(workbook: bytes) -> bytes:
    """Return a workbook without the times of its making."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2020-01-01T00:00:00Z", content)
            info = zipfile.ZipInfo(name, _ZIP_DAY)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 0
            new.writestr(info, content)
    return out.getvalue()
