"""Streams of metal that no record holds, out of a table: a month, an alloy, and a column for each stream."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forgecast.gateway.case_file import CaseError
from forgecast.gateway.file import open_tables
from forgecast.gateway.header import folded, split_unit
from forgecast.gateway.number import read_numbers
from forgecast.gateway.table import as_text, whole
from forgecast.ground.errors import UnitError
from forgecast.ground.texts import text
from forgecast.ground.units import to_si
from forgecast.melting.metal_balance import STREAMS

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_HEADS = {"month": ("month", "月份", "年月"), "alloy": ("alloy", "牌号", "材质")}


@dataclass(frozen=True, slots=True)
class OwnStreams:
    """Masses by (alloy, month, stream) [kg]; the alloy is empty where the table has no column of it."""

    masses: Mapping[tuple[str, str, str], float]

    def mass(self, alloy: str, month: str, stream: str) -> float | None:
        """Return a mass [kg], None where the table does not hold it."""
        for asked in (alloy, ""):
            if (asked, month, stream) in self.masses:
                return self.masses[asked, month, stream]
        return None


def read_streams(path: Path) -> OwnStreams:
    """Read a table of streams: ``month``, ``alloy`` (may be left out), and streams such as ``yard_change [t]``.

    Raises
    ------
    CaseError
        If a column is no stream or has no unit of mass, a month is not written ``2026-03``, or a cell is no number.
    ImportRefusedError
        If the file cannot be read.
    """
    table = open_tables(path, None, {})[0]
    batch = whole(table)
    words: dict[str, list[str]] = {}
    values: dict[str, np.ndarray] = {}
    for n, header in enumerate(table.header):
        name, unit = split_unit(header)
        key = next((k for k, names in _HEADS.items() if folded(name) in map(folded, names)), "")
        if key:
            words[key] = [(cell or "").strip() for cell in as_text(batch.columns[n]).to_pylist()]
            continue
        if name not in STREAMS or unit is None:
            raise CaseError(
                text("the column {header} is no stream with a unit of mass", header=header),
                where=table.name,
                repair=text(
                    "use month, alloy and streams with their unit: {names}",
                    names=", ".join(f"{stream} [t]" for stream in STREAMS),
                ),
            )
        got = read_numbers(batch.columns[n])
        bad = np.flatnonzero(got.wrong)
        if bad.size:
            raise CaseError(
                text("{word} is no number", word=str(as_text(batch.columns[n])[int(bad[0])].as_py())),
                where=f"{table.name}:{int(batch.rows[bad[0]])}: {header}",
                repair=text("write a plain number, or leave the cell empty where it is not known"),
            )
        try:
            values[name] = np.asarray(to_si(np.asarray(got.value), "mass", unit))
        except UnitError as error:
            raise CaseError(error.what, where=f"{table.name}: {header}", repair=error.repair) from None
    return OwnStreams(_placed(table.name, batch.rows, words, values))


def _placed(
    name: str, rows: np.ndarray, words: Mapping[str, list[str]], values: Mapping[str, np.ndarray]
) -> dict[tuple[str, str, str], float]:
    months = words.get("month", [""] * len(rows))
    alloys = words.get("alloy", [""] * len(rows))
    found: dict[tuple[str, str, str], float] = {}
    for n, row in enumerate(rows):
        if _MONTH.fullmatch(months[n]) is None:
            raise CaseError(
                text("{month} is no month", month=months[n] or "—"),
                where=f"{name}:{int(row)}",
                repair=text("write months as 2026-03, in a column headed month"),
            )
        for stream, column in values.items():
            if np.isfinite(column[n]):
                found[alloys[n], months[n], stream] = float(column[n])
    return found
