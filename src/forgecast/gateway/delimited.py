"""Text tables: encoding, delimiter and header row found out, rows streamed as Arrow batches."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from forgecast.gateway.defects import FindingLog
from forgecast.gateway.header import header_row
from forgecast.gateway.table import Batch, RawTable
from forgecast.ground.errors import ImportRefusedError
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text

DELIMITERS = (",", ";", "\t", "|")
_BLOCK = 16 << 20
_HEAD = 1 << 16


@dataclass(frozen=True, slots=True)
class Form:
    """How a text table is written."""

    encoding: str
    delimiter: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class _Head:
    """The first rows of a text table, and on which line each ends."""

    rows: list[list[str]]
    lines: list[int]


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file for reading, unpacking gzip."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")


def refused(name: str, why: str) -> ImportRefusedError:
    """Return the error for a file that ends early or is damaged."""
    return ImportRefusedError(
        text("the file cannot be read to its end: {why}", why=why[:200]),
        where=name,
        repair=text("the file is damaged or was copied only in part; export or copy it again"),
    )


def read_delimited(
    path: Path,
    *,
    names: tuple[str, ...],
    delimiter: str = "",
    encoding: str = "",
    header: int | None = None,
) -> RawTable:
    """Open a text table.

    Parameters
    ----------
    path : Path
        CSV, TSV or the like, packed with gzip or not.
    names : tuple of str
        Headers that may occur; they help to find the header row under a title.
    delimiter, encoding : str
        As the map says; found out where empty.
    header : int or None
        Row of the headers (1 for the first); found out where None.

    Raises
    ------
    ImportRefusedError
        If the file is empty, damaged, of unknown encoding, or no text.
    """
    try:
        form, head_text = _survey(path, encoding)
    except (OSError, EOFError, zlib.error) as broken:
        raise refused(path.name, str(broken)) from None
    delimiter = delimiter or _delimiter(head_text)
    head = _head(path.name, head_text, delimiter)
    place = header_row(head.rows, names) if header is None else header - 1
    if place >= len(head.rows):
        raise ImportRefusedError(
            text("the file has no row {row} to hold the headers", row=place + 1),
            where=path.name,
            repair=text("correct `header_row` in the map"),
        )
    headers = [cell.strip().lstrip("\ufeff") for cell in head.rows[place]]
    widths = Counter(len(cells) for cells in head.rows[place + 1 :] if any(cells))
    if widths:
        common = widths.most_common(1)[0][0]
        headers += [""] * (common - len(headers))
        while len(headers) > common and headers[-1] == "":
            headers.pop()
    reader = _Reader(path, Form(form.encoding, delimiter, form.quoted), tuple(headers), head.lines[place], place + 1)
    return RawTable(path.name, "", tuple(headers), reader.batches, reader.report)


def first_rows(path: Path) -> list[list[str]]:
    """Return the first rows of a text table as they stand, its headers among them.

    Raises
    ------
    ImportRefusedError
        As `read_delimited`.
    """
    try:
        _, head_text = _survey(path, "")
    except (OSError, EOFError, zlib.error) as broken:
        raise refused(path.name, str(broken)) from None
    return _head(path.name, head_text, _delimiter(head_text)).rows


def _survey(path: Path, encoding: str) -> tuple[Form, str]:
    """Read the bytes once: which encoding, whether quotes or NULs occur, and how the file begins."""
    utf8 = codecs.getincrementaldecoder("utf-8-sig")()
    is_utf8, quoted, first, size = True, False, b"", 0
    with open_bytes(path) as file:
        while block := file.read(4 << 20):
            if not size:
                first = block
            size += len(block)
            quoted |= b'"' in block
            if first[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or encoding:
                continue
            if b"\0" in block:
                raise _no_text(path.name)
            is_utf8 = is_utf8 and _decodes(utf8, block)
    # A file cut in the middle of a character is not UTF-8.
    is_utf8 = is_utf8 and _decodes(utf8, b"", final=True)
    if size == 0:
        raise ImportRefusedError(
            text("the file is empty"), where=path.name, repair=text("export the table again, with its header row")
        )
    if first[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) and not encoding:
        encoding = "utf-16"
    chosen = encoding or ("utf-8" if is_utf8 else "gb18030")
    if chosen == "gb18030" and not encoding:
        _check_gb18030(path)
    head = codecs.getincrementaldecoder(chosen)("replace").decode(first[:_HEAD]).lstrip("\ufeff")
    return Form(chosen, "", quoted or chosen == "utf-16"), head


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _check_gb18030(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("gb18030")()
    good = True
    with open_bytes(path) as file:
        while good and (block := file.read(4 << 20)):
            good = _decodes(decoder, block)
    if not (good and _decodes(decoder, b"", final=True)):
        raise ImportRefusedError(
            text("the text is neither UTF-8 nor GB18030"),
            where=path.name,
            repair=text('save the file as UTF-8, or name its encoding in the map: encoding = "latin-1"'),
        )


def _no_text(name: str) -> ImportRefusedError:
    return ImportRefusedError(
        text("the file holds zero bytes, so it is no text table"),
        where=name,
        repair=text("export the table as CSV (UTF-8), XLSX or Parquet"),
    )


def _delimiter(head: str) -> str:
    """Return the delimiter that cuts the first lines into most columns of one number."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            rows = [r for r, _ in zip(csv.reader(io.StringIO(head), delimiter=delimiter), range(60), strict=False) if r]
        except csv.Error:
            continue
        if len(rows) > 1 and len(head) >= _HEAD // 4:
            rows = rows[:-1]  # the last one may be cut off
        widths = Counter(len(cells) for cells in rows)
        width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
        score = (width > 1) * (count / max(len(rows), 1) * 100 + min(width, 50))
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _head(name: str, head: str, delimiter: str) -> _Head:
    rows, lines = [], []
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            rows.append(cells)
            lines.append(reader.line_num)
            if len(rows) >= 60:
                break
    except csv.Error as broken:
        if not rows:
            raise refused(name, str(broken)) from None
    if not any(any(cell.strip() for cell in cells) for cells in rows):
        raise ImportRefusedError(
            text("the file holds no table: its first rows are blank"),
            where=name,
            repair=text("export the table again, with its header row"),
        )
    return _Head(rows, lines)


class _Reader:
    """Streams the rows under the header; remembers rows of another length."""

    def __init__(self, path: Path, form: Form, headers: tuple[str, ...], skip: int, top: int) -> None:
        self._path, self._form, self._headers, self._skip = path, form, headers, skip
        self._top = top  # row of the headers; fewer than the lines skipped where a header holds a line break
        self._ragged: dict[int, tuple[int, str]] = {}

    def batches(self) -> Iterator[tuple[Batch, float]]:
        size = max(self._path.stat().st_size, 1)
        names = [str(i) for i in range(len(self._headers))]
        try:
            with self._path.open("rb") as file:
                packed = file.read(2) == b"\x1f\x8b"
                file.seek(0)
                source = gzip.GzipFile(fileobj=file) if packed else file
                done = 0
                for arrow in self._open(source, names):
                    rows = self._rows(done, arrow.num_rows)
                    done += arrow.num_rows
                    yield Batch(tuple(arrow.columns), rows), min(1.0, file.tell() / size)
        except (pa.ArrowException, OSError, EOFError, zlib.error, UnicodeError, LookupError, ValueError) as broken:
            raise refused(self._path.name, str(broken)) from None

    def _open(self, source: object, names: list[str]) -> Iterator[pa.RecordBatch]:
        if not names:
            return
        options = pa_csv.ReadOptions(
            use_threads=False, block_size=_BLOCK, column_names=names, skip_rows=self._skip, encoding=self._form.encoding
        )
        parse = pa_csv.ParseOptions(
            delimiter=self._form.delimiter,
            newlines_in_values=self._form.quoted,
            ignore_empty_lines=False,
            invalid_row_handler=self._refuse_row,
        )
        types = pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
        )
        try:
            yield from pa_csv.open_csv(source, read_options=options, parse_options=parse, convert_options=types)
        except pa.ArrowInvalid as broken:
            if "Empty CSV file" not in str(broken):
                raise

    def _refuse_row(self, row: pa_csv.InvalidRow) -> str:
        if row.number is not None:
            blank = not row.text.strip(" \t\r\n" + self._form.delimiter)
            self._ragged[row.number - self._skip + self._top] = (0, "") if blank else (row.actual_columns, row.text)
        return "skip"

    def _rows(self, done: int, count: int) -> NDArray[np.int64]:
        """Return the file's row of each row delivered: those left out before it count."""
        rows = np.arange(done, done + count, dtype=np.int64) + self._top + 1
        if self._ragged:
            left_out = np.array(sorted(self._ragged), dtype=np.int64)
            rows += np.searchsorted(left_out - np.arange(left_out.size), rows, side="right")
        return rows

    def report(self, log: FindingLog) -> None:
        for number, (width, line) in sorted(self._ragged.items()):
            if width == 0:
                continue
            log.add(
                "ragged-row",
                Severity.REFUSED,
                text("the row has {got} cells and the header {want}", got=width, want=len(self._headers)),
                text("quote cells that contain the delimiter, and write one cell a column"),
                rows=np.array([number], dtype=np.int64),
                value=line,
            )
