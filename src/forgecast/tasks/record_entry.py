"""Record rows without a file: a decision, a heat, a nonconformity, with the checks of an import and on the trail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

from forgecast.gateway.defects import FindingLog
from forgecast.gateway.header import field_of, nearest, needs_unit, split_unit, template_header
from forgecast.gateway.record_rows import take_rows
from forgecast.gateway.table import Batch, RawTable
from forgecast.gateway.taking import Taking
from forgecast.gateway.time_column import now_us
from forgecast.ground.errors import ForgecastError, ImportRefusedError
from forgecast.ground.finding import Finding, Severity
from forgecast.ground.texts import text
from forgecast.plant.record import Field, Record, record
from forgecast.plant.rows import RecordRows, Value
from forgecast.store.audit import Head
from forgecast.store.entry import EntryRefusedError
from forgecast.store.plant_folder import PlantFolder

#: A number with its unit behind it.
_AMOUNT = re.compile(r"\s*([-+]?[0-9][0-9.,]*(?:[eE][-+]?[0-9]+)?)\s*([^\s0-9.,].*?)\s*")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What entries did.

    Parameters
    ----------
    new, changed, same : int
        Rows.
    findings : tuple of Finding
        What is doubtful; nothing was refused.
    head : Head
        Last link of the audit trail after it.
    """

    new: int
    changed: int
    same: int
    findings: tuple[Finding, ...]
    head: Head

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "ok": True,
            "new": self.new,
            "changed": self.changed,
            "same": self.same,
            "link": self.head.link,
            "head": self.head.hash,
            "findings": [finding.as_json() for finding in self.findings],
        }


def record_entries(plant: PlantFolder, name: str, rows: Sequence[Mapping[str, Value]], *, by: str = "") -> Recorded:
    """Record rows of one record in one transaction: all of them, or none where one of them is refused.

    The checks are those of an import: units, ranges, words, what is required, and whether a decision or a shipment is
    possible. Saying again what is recorded changes nothing and leaves no trace.

    Parameters
    ----------
    plant : PlantFolder
    name : str
        Record.
    rows : sequence of mapping
        By header, as a file has it: a field's name in English or Chinese, with its unit where it needs one
        (``mass (kg)``). Text is read as a cell of a file. Other values are taken in the field's own unit, times as
        microseconds UTC. None or an empty text says that a value is not known; a field that is absent keeps the value
        it has.
    by : str
        Who answers for it; without it the environment or the operating system says (`forgecast.store.who`).

    Returns
    -------
    Recorded

    Raises
    ------
    EntryRefusedError
        If a value is refused, something needed is missing, or a move is impossible; nothing was recorded.
    ForgecastError
        If there is no such record or field, or a quantity has no unit.
    PlantError
        If the plant is busy or the disk refuses.
    """
    taken, findings = read_entries(name, rows, plant.settings.zone)
    with plant.entering(by=by) as entry:
        done = [entry.put_rows(rows_of) for rows_of in taken]
    return Recorded(
        sum(one.new for one in done),
        sum(one.changed for one in done),
        sum(one.same for one in done),
        (*findings, *entry.findings),
        entry.head,
    )


def read_entries(
    name: str, rows: Sequence[Mapping[str, Value]], zone: str
) -> tuple[list[RecordRows], tuple[Finding, ...]]:
    """Return rows as `record_entries` takes them, in the record's fields and units, and what is doubtful in them.

    Raises
    ------
    EntryRefusedError
        If a value is refused.
    ForgecastError
        If there is no such record or field, or a quantity has no unit.
    """
    kind = record(name)
    taken: list[RecordRows] = []
    findings: list[Finding] = []
    for headers, some in _alike(kind, rows):
        log = FindingLog(name)
        taken.append(_taken(kind, headers, some, zone, log))
        findings += log.findings()
    refused = [finding for finding in findings if finding.severity is Severity.REFUSED]
    if refused:
        raise EntryRefusedError(refused)
    return taken, tuple(findings)


def entry_of(name: str, words: Sequence[str]) -> dict[str, Value]:
    """Return a row for `record_entries` from words as ``mass=900kg``, ``id=H17`` or ``"mass (t)=0.9"``.

    Raises
    ------
    ForgecastError
        If a word has no ``=``, a field is given twice, or there is no such record or field.
    """
    kind = record(name)
    row: dict[str, Value] = {}
    for word in words:
        header, equals, value = word.partition("=")
        header = header.strip()
        if not equals or not header:
            raise ForgecastError(
                text("{word} does not say which field it is of", word=word),
                repair=text("write field=value, as in {example}", example=f"{kind.fields[0].name}=…"),
            )
        found = field_of(kind, header)
        if found is None:
            raise _no_field(kind, header)
        amount = _AMOUNT.fullmatch(value)
        if amount is not None and needs_unit(found[0]) and split_unit(header)[1] is None:
            header, value = f"{found[0].name} ({amount[2]})", amount[1]
        if header in row:
            raise ForgecastError(text("`{field}` is given twice", field=header), repair=text("give each field once"))
        row[header] = value
    return row


def _alike(
    kind: Record, rows: Sequence[Mapping[str, Value]]
) -> Iterator[tuple[tuple[str, ...], list[Mapping[str, Value]]]]:
    """Yield rows that have the same fields together: a field that is absent keeps what it has."""
    groups: dict[tuple[str, ...], list[Mapping[str, Value]]] = {}
    for row in rows:
        groups.setdefault(tuple(row), []).append(row)
    for headers, some in groups.items():
        for header in headers:
            if field_of(kind, header) is None:
                raise _no_field(kind, header)
        yield headers, some


def _no_field(kind: Record, header: str) -> ForgecastError:
    names = [field.name for field in kind.fields]
    close = nearest(split_unit(header)[0], names) or names
    return ForgecastError(
        text("the record {record} has no field {name}", record=kind.name, name=header),
        repair=text("use one of: {names}", names=", ".join(close)),
    )


def _taken(
    kind: Record, headers: tuple[str, ...], rows: list[Mapping[str, Value]], zone: str, log: FindingLog
) -> RecordRows:
    fields: dict[str, Field] = {}
    header: list[str] = []
    columns: list[pa.Array] = []
    for name in headers:
        found = field_of(kind, name)
        assert found is not None  # noqa: S101  (asked in `_alike`)
        field, values = found[0], [row[name] for row in rows]
        if field.name in fields:
            raise ForgecastError(
                text("`{field}` is given twice", field=field.name), repair=text("give each field once")
            )
        fields[field.name] = field
        plainly_named = found[1] is None and not any(isinstance(value, str) and value.strip() for value in values)
        if needs_unit(field) and split_unit(name)[1] is None and found[1] is None and not plainly_named:
            raise _no_unit(field, values)
        header.append(template_header(field, zh=False) if plainly_named else name)
        columns.append(pa.array([_cell(field, value) for value in values], pa.string()))
    lacking = [name for name in kind.key if name not in fields]
    if lacking:
        raise ForgecastError(
            text("a row of {record} is known by {names}, which is not given", record=kind.title, names=lacking[0]),
            repair=text("give it as {field}=…", field=lacking[0]),
        )
    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    batch = Batch(tuple(columns), numbers)
    raw = RawTable(kind.name, "", tuple(header), lambda: iter([(batch, 1.0)]))
    # Whether a new row has all it needs is asked where it is known which rows are new.
    asked = Record(kind.name, kind.title, tuple(replace(f, required=f.key) for f in kind.fields if f.name in fields))
    taken = take_rows(raw, asked, Taking(None, zone, now_us(), log))
    if len(taken) < len(rows) and not any(f.severity is Severity.REFUSED for f in log.findings()):
        raise ImportRefusedError(
            text("{count} rows of the entry have the key of another one", count=len(rows) - len(taken)),
            repair=text("give each row once"),
        )
    return taken


def _no_unit(field: Field, values: Sequence[Value]) -> ForgecastError:
    shown = next(str(value) for value in values if value is not None)
    return ForgecastError(
        text("nothing says in which unit `{field}` is {value}", field=field.name, value=shown),
        # A bare share could be a part of one or of a hundred; and a 1 behind the number would be read as a digit.
        repair=text("write it in per cent: {field}=50%", field=field.name)
        if field.unit == "1"
        else text("write the unit behind it: {field}={value}{unit}", field=field.name, value=shown, unit=field.unit),
    )


def _cell(field: Field, value: Value) -> str | None:
    """Return a value as a cell of a file."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if field.kind == "time" and isinstance(value, int):
        return (_EPOCH + timedelta(microseconds=value)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)
