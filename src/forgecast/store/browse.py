"""Looks into a plant's records page by page: rows by condition, what each record holds, who took which file in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forgecast.ground.finding import Finding, file_and_sheet
from forgecast.plant.record import Record, record, records
from forgecast.plant.rows import Value
from forgecast.store.records import ImportedFile, StoredRow, as_finding, imported_files
from forgecast.store.tables import table

#: How a value may be asked for: equal, unequal, at most, at least, holding the words.
Sign: TypeAlias = Literal["=", "!=", "<=", ">=", "~"]


@dataclass(frozen=True, slots=True)
class Condition:
    """What a field of a row has to be; None stands for a value that is missing."""

    field: str
    sign: Sign
    value: Value


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows of a record, and how many answer the conditions in all."""

    rows: tuple[StoredRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a plant holds of one record.

    Parameters
    ----------
    record : Record
    rows : int
    latest : Value
        Greatest value of its first field of time or month; None where it has none.
    import_id : int or None
        Last import that wrote a row of it.
    """

    record: Record
    rows: int
    latest: Value
    import_id: int | None


@dataclass(frozen=True, slots=True)
class LoggedImport:
    """A file that was taken in, or rows entered by hand, with who answers for it and how many findings it has.

    Parameters
    ----------
    file : ImportedFile
    by : str
        Empty where the trail does not say.
    findings : mapping of str to int
        Values or rows concerned, by severity.
    """

    file: ImportedFile
    by: str
    findings: dict[str, int]


def browse(
    connection: Connection,
    name: str,
    conditions: Sequence[Condition] = (),
    *,
    words: str = "",
    sort: str = "",
    descending: bool = False,
    skip: int = 0,
    limit: int = 100,
) -> RowPage:
    """Return some rows of a record.

    Parameters
    ----------
    connection : Connection
    name : str
    conditions : sequence of Condition
        All have to hold; their fields are fields of the record.
    words : str
        Words that one of the text fields has to hold; empty for any.
    sort : str
        Field to order by; empty for the key.
    descending : bool
    skip, limit : int
        Rows passed over, and rows returned at most.
    """
    kind = record(name)
    t, origin = table(name), table("import_file")
    held = [_holds(t, one) for one in conditions]
    if words:
        told = [t.c[field.name] for field in kind.fields if field.kind in {"text", "code"}]
        held.append(sa.or_(sa.false(), *(column.icontains(words, autoescape=True) for column in told)))
    order = [t.c[field] for field in ((sort, *kind.key) if sort else kind.key)]
    first = order[0].desc().nulls_last() if descending else order[0].asc().nulls_last()
    rest = [column.desc() if descending else column for column in order[1:]]
    query = (
        sa.select(
            *(t.c[field.name] for field in kind.fields),
            origin.c.name.label("import_name"),
            t.c.source_sheet,
            t.c.source_row,
        )
        .join_from(t, origin, t.c.import_id == origin.c.id)
        .where(*held)
        .order_by(first, *rest)
        .offset(skip)
        .limit(limit)
    )
    total = connection.execute(sa.select(sa.func.count()).select_from(t).where(*held)).scalar_one()
    names = [field.name for field in kind.fields]
    rows = tuple(
        StoredRow(dict(zip(names, values, strict=True)), file_and_sheet(file, sheet), number)
        for *values, file, sheet, number in connection.execute(query)
    )
    return RowPage(rows, int(total))


def _holds(t: sa.Table, one: Condition) -> sa.ColumnElement[bool]:
    column = t.c[one.field]
    if one.value is None:
        return column.is_not(None) if one.sign == "!=" else column.is_(None)
    if one.sign == "~":
        return column.cast(sa.Text).icontains(str(one.value), autoescape=True)
    if one.sign == "<=":
        return column <= one.value
    if one.sign == ">=":
        return column >= one.value
    return column != one.value if one.sign == "!=" else column == one.value


def held(connection: Connection) -> tuple[Held, ...]:
    """Return what a plant holds of every record, in the order in which records are best imported."""
    found = []
    for kind in records().values():
        t = table(kind.name)
        when = next((field for field in kind.fields if field.kind in {"time", "month"}), None)
        latest = sa.null() if when is None else sa.func.max(t.c[when.name])
        counted = sa.select(sa.func.count(), sa.func.max(t.c.import_id), latest).select_from(t)
        rows, import_id, last = connection.execute(counted).one()
        found.append(Held(kind, int(rows), last, import_id))
    return tuple(found)


def import_log(connection: Connection) -> tuple[LoggedImport, ...]:
    """Return the files taken in and what was entered by hand, newest first."""
    link, finding = table("audit_link"), table("finding")
    links = connection.execute(sa.select(link.c.import_id, link.c.by).where(link.c.import_id.is_not(None)))
    who: dict[int, str] = {import_id: by for import_id, by in links}  # noqa: C416  (a row is no pair for the types)
    counted: dict[int, Counter[str]] = {}
    sums = sa.select(finding.c.import_id, finding.c.severity, sa.func.sum(finding.c.count)).group_by(
        finding.c.import_id, finding.c.severity
    )
    for import_id, severity, count in connection.execute(sums):
        counted.setdefault(import_id, Counter())[severity] += int(count)
    return tuple(
        LoggedImport(file, who.get(file.id, ""), dict(counted.get(file.id, {})))
        for file in reversed(tuple(imported_files(connection)))
    )


def findings_of(connection: Connection, import_id: int) -> tuple[Finding, ...]:
    """Return the findings of one import, in the order in which they were made."""
    t = table("finding")
    query = sa.select(t).where(t.c.import_id == import_id).order_by(t.c.id)
    return tuple(as_finding(row) for row in connection.execute(query).mappings())
