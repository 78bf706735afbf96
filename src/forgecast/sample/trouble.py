"""The planted troubles: what is wrong in the made-up plant's files, where, and what an assessment must say to it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from forgecast.ground.texts import Text, bilingual


@dataclass(frozen=True, slots=True)
class Trouble:
    """One planted trouble.

    Parameters
    ----------
    id : str
        Stable name (``over-limit-week``).
    kind : str
        ``finding`` (a defect in data) or ``verdict`` (a requirement).
    what : Text
    file : str
        File it lies in.
    place : str
        Row, column, key or stack within the file.
    expected : str
        Code of the finding, or the verdict's id, in which ``*`` stands for any text (`fnmatch`).
    word : str
        Word of the verdict; empty for a finding.
    start, end : str
        First and last local time of it; empty where it has none.
    count : int
        How many values, rows, hours or days.
    found : int
        How many findings or verdicts must speak of it.
    """

    id: str
    kind: Literal["finding", "verdict"]
    what: Text
    file: str
    place: str
    expected: str
    word: str
    start: str = ""
    end: str = ""
    count: int = 1
    found: int = 1


@dataclass(frozen=True, slots=True)
class SampleManifest:
    """What was written.

    Parameters
    ----------
    folder : Path
    files : tuple of Path
        In the order in which they are best imported.
    planted : tuple of Trouble
    rows : dict of str to int
        Rows written, by record.
    readings : int
        Readings written, by all series files together, repeated ones included.
    tags, interval_min : int
        Tags of the monthly series files and minutes between their readings.
    """

    folder: Path
    files: tuple[Path, ...]
    planted: tuple[Trouble, ...]
    rows: dict[str, int]
    readings: int
    tags: int
    interval_min: int


@dataclass(frozen=True, slots=True)
class Where:
    """Where a trouble came to lie in this year's files."""

    place: str
    start: str = ""
    end: str = ""
    count: int = 1


def planted(where: dict[str, Where], year: int) -> tuple[Trouble, ...]:
    """Return all troubles of `troubles.csv` with the places they came to lie at.

    Raises
    ------
    KeyError
        If a trouble of the table was not planted, or one was planted that is not in the table.
    """
    table = resources.files("forgecast") / "sample" / "troubles.csv"
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    unknown = set(where) ^ {row["id"] for row in rows}
    if unknown:
        raise KeyError(*sorted(unknown))
    found = []
    for row in rows:
        kind = row["kind"]
        assert kind in {"finding", "verdict"}  # noqa: S101  (our own table; a test reads it)
        at = where[row["id"]]
        found.append(
            Trouble(
                row["id"],
                kind,  # type: ignore[arg-type]
                bilingual(row["en"], row["zh"]),
                row["file"].format(year=year),
                at.place,
                row["expected"],
                row["word"],
                at.start,
                at.end,
                at.count,
                int(row["found"]),
            )
        )
    return tuple(found)
