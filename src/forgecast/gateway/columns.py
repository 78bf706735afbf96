"""Which column of a table feeds which field of a record."""

from __future__ import annotations

from forgecast.gateway.header import Match, field_names, field_of, nearest, needs_unit, split_unit, template_header
from forgecast.gateway.mapping import FileMap
from forgecast.gateway.table import RawTable
from forgecast.gateway.taking import Taking, header_index
from forgecast.ground.errors import ImportRefusedError, UnitError
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text
from forgecast.ground.units import scale
from forgecast.plant.record import Field, Record


def match_columns(
    table: RawTable,
    record: Record,
    taking: Taking,
    *,
    elsewhere: frozenset[str] = frozenset(),
    wide: frozenset[int] = frozenset(),
) -> list[Match]:
    """Return the columns to be read.

    Headers that the map names come first; the others are matched by their words. A column of a quantity that nobody
    gives a unit is a finding and is left out.

    Parameters
    ----------
    table : RawTable
    record : Record
    taking : Taking
    elsewhere : frozenset of str
        Fields that no single column feeds (`wide_rows`).
    wide : frozenset of int
        Columns that are read elsewhere.

    Raises
    ------
    ImportRefusedError
        If two columns feed one field, a required field has no column, or a required column no unit.
    """
    found = _by_map(table, record, taking)
    taken = {match.index for match in found}
    fields = {match.field.name: match for match in found}
    constants = set(elsewhere) if taking.map is None else {*elsewhere, *taking.map.constants}
    ignored = wide | _ignored(table, taking)
    used = set() if taking.map is None else _used(table, taking.map)
    for index, header in enumerate(table.header):
        if index in taken or index in ignored:
            continue
        named = field_of(record, header) if header else None
        if (
            named is None
            or named[0].name in constants
            or (named[0].name in fields and fields[named[0].name] in found[: len(taken)])
        ):
            if index not in used:
                _tell_unknown(index, header, record, taking)
            continue
        field, unit = named
        if field.name in fields:
            raise ImportRefusedError(
                text(
                    "the columns {one} and {two} both feed `{field}`",
                    one=fields[field.name].header,
                    two=header,
                    field=field.name,
                ),
                where=table.name,
                repair=text("remove one of them, or name one in the map and put the other into `ignore`"),
            )
        fields[field.name] = Match(index, header, field, unit)
        found.append(fields[field.name])
    _check_required(table, record, fields, constants)
    return [match for match in found if _has_unit(table, match, taking)]


def _ignored(table: RawTable, taking: Taking) -> set[int]:
    """Return the columns that the map ignores; one that is not there needs no ignoring."""
    headers = () if taking.map is None else taking.map.ignore
    return {
        header_index(table, h, "")
        for h in headers
        if h in table.header or (h.startswith("#") and h[1:].isdecimal() and int(h[1:]) <= len(table.header))
    }


def _used(table: RawTable, entry: FileMap) -> set[int]:
    """Return the columns that say which rows are wanted, or are part of a joined one."""
    headers = [*entry.where, *entry.leave_out, *(part for parts in entry.join.values() for part in parts)]
    return {header_index(table, header, "") for header in headers}


def _by_map(table: RawTable, record: Record, taking: Taking) -> list[Match]:
    found = []
    for column in () if taking.map is None else taking.map.columns:
        index = header_index(table, column.header, f"{taking.map.place if taking.map else ''}.columns")
        field = record.field(column.field)
        unit = column.unit or _unit_in(field, table.header[index])
        found.append(Match(index, table.header[index] or column.header, field, unit))
    return found


def _unit_in(field: Field, header: str) -> str | None:
    """Return the unit that a header carries for a field, whatever the header is called."""
    unit = split_unit(header)[1]
    if unit is None or not needs_unit(field):
        return None
    try:
        scale(field.kind, unit, field.unit)
    except UnitError:
        return None
    return unit


def _tell_unknown(index: int, header: str, record: Record, taking: Taking) -> None:
    close = nearest(header, field_names(record), 1) if header else ()
    taking.log.add(
        "unknown-column",
        Severity.NOTE,
        text("the record {record} has no field for this column; it was left out", record=record.name),
        text("if it is {good}, name it so or in the map; otherwise nothing to do", good=close[0])
        if close
        else text("nothing to do; name it in the map under `columns` if it is wanted, under `ignore` if not"),
        column=header or f"#{index + 1}",
        count=1,
    )


def _check_required(table: RawTable, record: Record, fields: dict[str, Match], constants: set[str]) -> None:
    for field in record.fields:
        if not (field.required or field.key) or field.name in fields or field.name in constants:
            continue
        headers = [header for header in table.header if header]
        close = nearest(field.name, headers, 2) or nearest(field.header.say("zh"), headers, 2)
        raise ImportRefusedError(
            text(
                "no column holds `{field}` ({zh}), which every row of {record} needs; the headers are: {headers}",
                field=field.name, zh=field.header.say("zh"), record=record.name, headers=", ".join(headers)[:400],
            ),
            where=table.name,
            repair=text("if it is {close}, say so in the map under `columns`", close=" / ".join(close))
            if close
            else text("add the column, or give its value in the map under `columns` or `constants`"),
        )  # fmt: skip


def _has_unit(table: RawTable, match: Match, taking: Taking) -> bool:
    field = match.field
    wrong = None
    if needs_unit(field) and match.unit is not None:
        try:
            scale(field.kind, match.unit, field.unit)
        except UnitError as broken:
            wrong = broken
    if not needs_unit(field) or (match.unit is not None and wrong is None):
        return True
    reason = (
        text("nothing says in which unit this column is written")
        if wrong is None
        else text("the unit {unit} does not fit `{field}`", unit=match.unit or "", field=field.name)
    )
    repair = text(
        "write the unit into the header, as in {header}, or into the map",
        header=template_header(field, zh=not match.header.isascii()),
    )
    if field.required or field.key:
        raise ImportRefusedError(reason, where=f"{table.name}: {match.header}", repair=repair)
    taking.log.add("unit-missing", Severity.REFUSED, reason, repair, column=match.header, count=1)
    return False
