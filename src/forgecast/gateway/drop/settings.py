"""What `instruments.toml` says of a folder into which other programs drop files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forgecast.gateway.case_file import CaseTable
from forgecast.gateway.point import read_name


@dataclass(frozen=True, slots=True)
class DropSettings:
    """A watched folder.

    Parameters
    ----------
    name : str
    folder : Path
    pattern : str
        Names that are taken, as ``*.csv``.
    map : Path or None
        Map that explains headers, units and times of the files.
    settle_s : float
        How long a file must have stayed as it is to count as whole [s].
    mark : str
        Ending of the file that says that another is whole, as ``.done``; empty where size and time decide.
    at : str
        Place in `instruments.toml`.
    """

    name: str
    folder: Path
    pattern: str
    map: Path | None
    settle_s: float
    mark: str
    at: str


def read_drop(table: CaseTable) -> DropSettings:
    """Return the settings of a table ``[[drop]]``; paths are meant from the folder of `instruments.toml`.

    Raises
    ------
    CaseError
        Naming line and key of what is wrong.
    """
    table.only("name", "folder", "pattern", "map", "settle", "mark")
    beside = table.path.absolute().parent
    settle = table.maybe("settle", "time_span", "5 s")
    map_path = table.word("map")
    return DropSettings(
        read_name(table),
        beside / table.word("folder", 'folder = "drop/spectrometer"'),
        table.word("pattern") or "*",
        beside / map_path if map_path else None,
        5.0 if settle is None else settle,
        table.word("mark"),
        table.at(),
    )
