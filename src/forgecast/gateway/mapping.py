"""Maps: a TOML file in which a plant says what the columns of its own files mean.

The format is described in `docs/how_to/map_a_file.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A header, the record field it feeds, and the unit it is written in (empty: as the header says)."""

    header: str
    field: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TagMap:
    """What a map says about a tag; fields as in the record `tag`, None and empty where it says nothing."""

    id: str
    measures: str = ""
    unit: str = ""
    name: str = ""
    stack: str = ""
    meter: str = ""
    equipment: str = ""
    reading: str = ""
    interval: float | None = None
    low: float | None = None
    high: float | None = None
    oxygen_corrected: bool | None = None


@dataclass(frozen=True, slots=True)
class SeriesColumn:
    """A header whose values are readings of a tag, and the header of the column with their flags."""

    header: str
    tag: TagMap
    flag: str = ""


@dataclass(frozen=True, slots=True)
class LongMap:
    """Which headers hold tag, value and flag where every row is one reading, and what is known about the tags."""

    tag: str
    value: str
    flag: str = ""
    tags: Mapping[str, TagMap] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimeMap:
    """How a file writes time.

    Parameters
    ----------
    column : str
        Header of the time stamps of a series; empty where it is to be found.
    format : str
        ``strptime`` format, or a name of `clock.COUNTS`; empty where the stamps speak for themselves.
    day_first : bool or None
    zone : str
        IANA zone of the stamps; empty for the plant's.
    label : str
        Which end of its interval a stamp names: ``end``, ``start`` or ``instant``.
    interval_us : int or None
        Length of the interval, microseconds; needed with ``start``.
    midnight : str
        ``find`` (the default: 0:00 after 23:45 of the same date closes that day) or ``as written``.
    """

    column: str = ""
    format: str = ""
    day_first: bool | None = None
    zone: str = ""
    label: str = "end"
    interval_us: int | None = None
    midnight: str = "find"


@dataclass(frozen=True, slots=True)
class AxisMap:
    """A declared time axis for rows without time stamps.

    Parameters
    ----------
    start : str
        First stamp; ``{header}`` in it stands for the cell of that column in the first row of a stretch.
    step_us : int
        From row to row, microseconds.
    restart_by : str
        Header of the column whose every new value begins a new stretch; empty where there is only one.
    """

    start: str
    step_us: int
    restart_by: str = ""


@dataclass(frozen=True, slots=True)
class WideMap:
    """Which columns are dimensions of a product: one row a piece, one column a characteristic.

    Parameters
    ----------
    columns : tuple of str
        Patterns (``*`` and ``?``) of their headers.
    nominal, lower, upper : int or None
        Row of the file that holds the value asked for, the lower and the upper limit; None where there is none.
    deviation : bool
        Whether the limits are deviations from the nominal value (-0.4) rather than values themselves (41.6).
    units : mapping of str to str
        Unit of the columns whose header fits a pattern, where the header does not name it.
    """

    columns: tuple[str, ...]
    nominal: int | None = None
    lower: int | None = None
    upper: int | None = None
    deviation: bool = False
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileMap:
    """What a map says about the files of one name pattern.

    Parameters
    ----------
    place : str
        Map file and entry, for error messages.
    match, sheet : str
        Patterns (``*`` and ``?``) of file and sheet names.
    record : str
        Record the rows feed; empty for time series.
    missing : mapping of header to tuple of str or float
        Values that stand for "no value" in that column; ``*`` for all columns.
    values : mapping of field (or header) to mapping of word to word
        Translations of coded values.
    where, leave_out : mapping of header to tuple of str
        Only rows with one of these values are taken; rows with one of these are not.
    first_row : int or None
        Row of the file at which its values begin; the one below the headers where None.
    join : mapping of header to tuple of str
        Columns put together, their cells with a blank between them, under a new header.
    """

    place: str
    match: str
    sheet: str = ""
    record: str = ""
    header_row: int | None = None
    delimiter: str = ""
    encoding: str = ""
    decimal: str = "."
    columns: tuple[ColumnMap, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, tuple[str | float, ...]] = field(default_factory=dict)
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    leave_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    first_row: int | None = None
    join: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    time: TimeMap = TimeMap()
    series: tuple[SeriesColumn, ...] = ()
    long: LongMap | None = None
    axis: AxisMap | None = None
    wide: WideMap | None = None
    flags: Mapping[str, int] = field(default_factory=dict)

    @property
    def tags(self) -> tuple[TagMap, ...]:
        """Return what the map says about tags."""
        found = {column.tag.id: column.tag for column in self.series}
        if self.long is not None:
            found |= {tag.id: tag for tag in self.long.tags.values()}
        return tuple(found[name] for name in sorted(found))


@dataclass(frozen=True, slots=True)
class ImportMap:
    """All entries of a map file, in its order."""

    files: tuple[FileMap, ...]
    zone: str = ""

    def for_file(self, name: str) -> tuple[FileMap, ...]:
        """Return the entries that match a file name; several where one file feeds several records."""
        return tuple(entry for entry in self.files if fnmatchcase(name.casefold(), entry.match.casefold()))
