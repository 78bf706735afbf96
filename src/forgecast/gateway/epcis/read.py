"""An EPCIS document as rows of records: our own rows where it carries them, else what its events say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as part
from typing import Any, Final

import numpy as np
import pyarrow as pa

from forgecast.gateway.defects import FindingLog
from forgecast.gateway.epcis.check import check_event, events_in, parsed
from forgecast.gateway.epcis.foreign import Known, mapped
from forgecast.gateway.epcis.vocabulary import NAMESPACE, POSSIBLE, PREFIX, RECORD, ROWS
from forgecast.gateway.record_rows import take_rows
from forgecast.gateway.table import Batch, RawTable
from forgecast.gateway.taking import Taking
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.plant.record import Record, records
from forgecast.plant.rows import RecordRows

#: Records that no document of others may change: what the plant says of itself.
_NOT_TAKEN: Final = frozenset(("site", "permit", "permit_limit", "tag", "meter", "meter_reading"))


@dataclass(slots=True)
class ReadEvents:
    """What a document gives.

    Parameters
    ----------
    rows : mapping of record to mapping
        By key of the row: number of the event, and fields with their values as JSON has them.
    findings : list of Finding
    refused : int
        Events or parts of them that went into no record.
    events : int
        How many events the document has.
    """

    rows: dict[str, dict[tuple[object, ...], tuple[int, dict[str, object]]]] = part(default_factory=dict)
    findings: list[Finding] = part(default_factory=list)
    refused: int = 0
    events: int = 0


def read_events(content: bytes, name: str, known: Known) -> ReadEvents:
    """Read an EPCIS document.

    Parameters
    ----------
    content : bytes
    name : str
        Name of the file, for findings; their row is the number of the event in the document.
    known : Known

    Returns
    -------
    ReadEvents

    Raises
    ------
    ImportRefusedError
        If it is no EPCIS document.
    """
    document = parsed(content, name)
    reader = _Reader(name, known)
    events = events_in(document, name)
    prefixes = _prefixes(document.get("@context"))
    reader.master_data(document, prefixes)
    for number, event in enumerate(events, start=1):
        reader.event(number, _renamed(event, prefixes))
    reader.made.events = len(events)
    reader.made.findings = [*reader.log.findings(), *reader.made.findings]
    return reader.made


def taken_rows(read: ReadEvents, name: str, zone: str, now: int) -> Iterator[tuple[RecordRows, tuple[Finding, ...]]]:
    """Yield the rows by record, read and judged as those of any file, with the findings on them.

    Parameters
    ----------
    read : ReadEvents
    name : str
        Name of the file.
    zone : str
        Zone of the plant's clocks.
    now : int
        Microseconds UTC that count as the present.
    """
    for kind in records().values():
        rows = read.rows.get(kind.name)
        if rows:
            taking = Taking(None, zone, now, FindingLog(f"{name}!{kind.name}"))
            yield take_rows(_table(kind, list(rows.values()), name), kind, taking), taking.log.findings()


class _Reader:
    def __init__(self, name: str, known: Known) -> None:
        self.known = known
        self.made = ReadEvents()
        self.log = FindingLog(name)
        self.name = name

    def event(self, number: int, event: Any) -> None:  # noqa: ANN401  (whatever JSON holds)
        wrong = [one for one in check_event(number, event, self.name) if one.severity == Severity.REFUSED]
        if wrong:
            self.made.findings += wrong
            self._tell("event-refused", Severity.REFUSED, number, "",
                       text("the event has defects and was not taken"),
                       text("repair what the other findings say, and import the document again"))  # fmt: skip
            self.made.refused += 1
            return
        if "errorDeclaration" in event:
            self._tell("event-withdrawn", Severity.NOTE, number, "",
                       text("the event was declared to be in error; it was not taken"),
                       text("nothing to do; the corrected event, if there is one, is taken"))  # fmt: skip
            return
        if ROWS in event:
            self._own_rows(number, event)
            return
        found = mapped(event, self.known)
        for record_name, fields in found.rows:
            self._put(number, record_name, fields)
        for problem in found.problems:
            severity = Severity.REFUSED if problem.refused else Severity.NOTE
            self.made.refused += problem.refused
            self._tell(problem.code, severity, number, problem.field, problem.reason, problem.repair, problem.value)

    def master_data(self, document: Mapping[str, Any], prefixes: Mapping[str, str]) -> None:
        """Take products that come with our own rows; say that other master data were left out."""
        header = _mapping(_mapping(document.get("epcisHeader")).get("epcisMasterData"))
        for vocabulary in map(_mapping, _listed(header.get("vocabularyList"))):
            for element in map(_mapping, _listed(vocabulary.get("vocabularyElementList"))):
                fields = {
                    str(_renamed_word(one.get("id"), prefixes)): one.get("attribute")
                    for one in map(_mapping, _listed(element.get("attributes")))
                }
                if fields.get(RECORD) == "product":
                    self._own_row(0, fields)
                    continue
                self._tell("master-data-not-taken", Severity.NOTE, 0, str(vocabulary.get("type", "")),
                           text("master data of the document were not taken"),
                           text("nothing to do if they are of no use here; the document keeps them"),
                           str(element.get("id", "")))  # fmt: skip

    def _own_rows(self, number: int, event: Mapping[str, Any]) -> None:
        for row in _listed(event[ROWS]):
            self._own_row(number, _mapping(row))
        if event.get(POSSIBLE):
            self._tell("origin-uncertain", Severity.NOTE, number, POSSIBLE,
                       text("the sender gives several possible origins of a piece with their probabilities; the "
                            "record holds none of them"),
                       text("nothing to do; the genealogy finds them again from the times of heats and ladles"),
                       str(len(event[POSSIBLE])))  # fmt: skip

    def _own_row(self, number: int, row: Mapping[str, Any]) -> None:
        name = str(row.get(RECORD))
        kind = records().get(name)
        if kind is None or name in _NOT_TAKEN:
            self._tell("record-not-taken", Severity.REFUSED, number, ROWS,
                       text("the record {record} is not taken from an event", record=name),
                       text("import it as a file of its own if it is wanted"), name)  # fmt: skip
            self.made.refused += 1
            return
        fields = {field: value for field, value in row.items() if field != RECORD}
        known = {f.name for f in kind.fields}
        told = {}
        for field, value in fields.items():
            plain = field.removeprefix(f"{PREFIX}:")
            if plain in known and isinstance(value, str | int | float):
                told[plain] = value
            else:
                self._tell("field-not-taken", Severity.NOTE, number, field,
                           text("`{field}` of the event went into no record", field=field),
                           text("nothing to do if it is of no use here; the document keeps it"))  # fmt: skip
        self._put(number, name, told)

    def _put(self, number: int, name: str, fields: Mapping[str, object]) -> None:
        """Join what several events say about one row; where they differ the first one holds."""
        kind = records()[name]
        key = tuple(fields.get(one) for one in kind.key)
        rows = self.made.rows.setdefault(name, {})
        if None in key:
            key = (*key, number, len(rows))
        first, there = rows.setdefault(key, (number, {}))
        for field, value in fields.items():
            if value is None or there.setdefault(field, value) == value:
                continue
            self._tell("events-differ", Severity.DOUBTFUL, number, f"{name}.{field}",
                       text("two events say different things of one row; the first was taken"),
                       text("ask the sender which is right"), str(value))  # fmt: skip
        rows[key] = (first, there)

    def _tell(
        self, code: str, severity: Severity, number: int, field: str, reason: Text, repair: Text, value: str = ""
    ) -> None:
        if code == "event-refused":
            self.made.findings.append(Finding(code, severity, Place(self.name, number), value, reason, repair))
            return
        self.log.add(code, severity, reason, repair, column=field, rows=np.array([number], np.int64), value=value)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _prefixes(context: object) -> dict[str, str]:
    """Return what other prefix the document gives our namespace, if it does."""
    parts = context if isinstance(context, list) else [context]
    return {
        str(name): PREFIX
        for one in parts
        if isinstance(one, dict)
        for name, address in one.items()
        if address == NAMESPACE and name != PREFIX
    }


def _renamed(value: Any, prefixes: Mapping[str, str]) -> Any:  # noqa: ANN401
    if not prefixes:
        return value
    if isinstance(value, dict):
        return {_renamed_word(name, prefixes): _renamed(below, prefixes) for name, below in value.items()}
    return [_renamed(one, prefixes) for one in value] if isinstance(value, list) else value


def _renamed_word(word: Any, prefixes: Mapping[str, str]) -> Any:  # noqa: ANN401
    head, colon, tail = str(word).partition(":")
    return f"{prefixes[head]}:{tail}" if colon and head in prefixes else word


def _table(kind: Record, rows: list[tuple[int, dict[str, object]]], name: str) -> RawTable:
    """Return rows as a table whose headers name field and unit, so that it is judged as any other file."""
    there = [f for f in kind.fields if f.required or f.key or any(f.name in fields for _, fields in rows)]
    header = tuple(f"{f.name} ({f.unit})" if f.is_number and f.unit else f.name for f in there)
    columns = tuple(pa.array([_cell(fields.get(f.name)) for _, fields in rows], pa.string()) for f in there)
    numbers = np.array([number for number, _ in rows], np.int64)
    return RawTable(f"{name}!{kind.name}", kind.name, header, lambda: iter([(Batch(columns, numbers), 1.0)]))


def _cell(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)
