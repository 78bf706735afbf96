"""Doors that read records: what a plant holds, the fields of a record, its rows, one row with its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, NoQuestion, Question, Way, Words
from forgecast.app.doors.values import moment_at, plain_value, plain_values, told
from forgecast.gateway.header import template_header
from forgecast.ground.texts import text
from forgecast.plant.record import Field, Record, record
from forgecast.store.browse import Held
from forgecast.store.history import Version
from forgecast.store.server.rights import Right
from forgecast.tasks.browse_records import browse_records
from forgecast.tasks.row_history import row_history

Value = str | float | int | bool | None
Limit = Annotated[int, Asked(ge=1, le=1000, description="Rows in one answer.")]


class HeldRecord(BaseModel):
    """What the plant holds of one record."""

    record: str
    title: Words
    fields: int
    rows: int
    latest: str | None
    last_import_at: str | None
    last_file: str | None


class Overview(BaseModel):
    """What a plant holds, and how fresh it is."""

    records: list[HeldRecord]
    series: int
    files: int
    last_import_at: str | None
    findings: dict[str, int]


def _overview(call: Call, _question: NoQuestion) -> Mapping[str, Any]:
    log = {one.file.id: one for one in call.plant.import_log()}
    counts: dict[str, int] = {}
    for one in log.values():
        if one.file.superseded_by is None:
            for severity, count in one.findings.items():
                counts[severity] = counts.get(severity, 0) + count
    newest = max((one.file.imported_at for one in log.values()), default=None)
    return {
        "records": [_held(one, log) for one in call.plant.held()],
        "series": len(call.plant.telemetry.tags()),
        "files": len(log),
        "last_import_at": moment_at(newest),
        "findings": counts,
    }


def _held(one: Held, log: Mapping[int, Any]) -> dict[str, Any]:
    when = next((field for field in one.record.fields if field.kind in {"time", "month"}), None)
    last = None if one.import_id is None else log.get(one.import_id)
    latest = plain_value(when, one.latest)
    return {
        "record": one.record.name,
        "title": one.record.title.as_json(),
        "fields": len(one.record.fields),
        "rows": one.rows,
        "latest": None if latest is None else str(latest),
        "last_import_at": None if last is None else moment_at(last.file.imported_at),
        "last_file": None if last is None else last.file.name,
    }


class AboutRecord(Question):
    """Which record is meant."""

    record: str = Asked(description="Name of a record, as plant/overview lists it.")


class ChoiceTold(BaseModel):
    """A word that a field of words may hold."""

    code: str
    title: Words


class FieldTold(BaseModel):
    """One field of a record."""

    name: str
    header: Words
    sentence: Words
    kind: str
    unit: str
    numeric: bool
    key: bool
    required: bool
    refers: str | None
    choices: list[ChoiceTold]
    low: float | None
    high: float | None
    aliases: list[str]


class RecordTold(BaseModel):
    """A record with its fields, and the header lines of an empty file of it."""

    record: str
    title: Words
    key: list[str]
    fields: list[FieldTold]
    template: Words


def record_told(kind: Record) -> dict[str, Any]:
    """Return a record as answers tell it."""
    return {
        "record": kind.name,
        "title": kind.title.as_json(),
        "key": list(kind.key),
        "fields": [_field(field) for field in kind.fields],
        "template": {
            "en": ",".join(template_header(field, zh=False) for field in kind.fields),
            "zh": ",".join(template_header(field, zh=True) for field in kind.fields),
        },
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "header": field.header.as_json(),
        "sentence": field.sentence.as_json(),
        "kind": field.kind,
        "unit": field.unit,
        "numeric": field.is_number or field.kind == "integer",
        "key": field.key,
        "required": field.required or field.key,
        "refers": field.refers or None,
        "choices": [
            {"code": one.code, "title": {"en": one.code.replace("_", " "), "zh": one.zh}} for one in field.choices
        ],
        "low": field.low,
        "high": field.high,
        "aliases": list(field.aliases),
    }


def _fields(_call: Call, question: AboutRecord) -> Mapping[str, Any]:
    return record_told(record(question.record))


class AboutRows(Question):
    """Which rows of a record."""

    record: str = Asked(description="Name of a record, as plant/overview lists it.")
    where: list[str] = Asked(
        default=[],
        description="Conditions, such as furnace=IF-2, mass>=900, name~Fe, reason= (missing); all have to hold.",
    )
    words: str = Asked(default="", max_length=200, description="Words that one of the text fields holds.")
    sort: str = Asked(default="", description="Field to order by; a minus before it for descending.")
    limit: Limit = 100
    after: str = Asked(default="", description="`next` of the page before.")


class RowTold(BaseModel):
    """A row, and the place it came from."""

    key: list[str]
    values: dict[str, Value]
    file: str
    row: int | None


class RowsTold(BaseModel):
    """A page of rows."""

    record: str
    total: int
    rows: list[RowTold]
    next: str | None


def _rows(call: Call, question: AboutRows) -> Mapping[str, Any]:
    found = browse_records(
        call.plant,
        question.record,
        question.where,
        words=question.words,
        sort=question.sort,
        after=question.after,
        limit=question.limit,
    )
    return {
        "record": found.record.name,
        "total": found.total,
        "rows": told(found.rows, found.record),
        "next": found.next or None,
    }


class AboutRow(Question):
    """Which row of a record."""

    record: str
    key: list[str] = Asked(description="Values of its key fields in their order; times as ISO 8601.", min_length=1)


class ChangeTold(BaseModel):
    """What a field held before and what it holds."""

    before: Value
    after: Value


class VersionTold(BaseModel):
    """One change of a row."""

    link: int
    changed_at: str | None
    by: str
    before_the_trail: bool
    file: str
    row: int | None
    changed: dict[str, ChangeTold]


class RowWithHistory(BaseModel):
    """A row with all its versions, oldest first."""

    record: str
    title: Words
    key: list[str]
    values: dict[str, Value]
    versions: list[VersionTold]


def _row(call: Call, question: AboutRow) -> Mapping[str, Any]:
    kind = record(question.record)
    versions = row_history(call.plant, question.record, question.key)
    listed = []
    before: Version | None = None
    for version in versions:
        listed.append(_version(kind, version, before))
        before = version
    return {
        "record": kind.name,
        "title": kind.title.as_json(),
        "key": list(question.key),
        "values": plain_values(kind, versions[-1].values),
        "versions": listed,
    }


def _version(kind: Record, version: Version, before: Version | None) -> dict[str, Any]:
    by_name = {field.name: field for field in kind.fields}
    return {
        "link": version.link,
        "changed_at": moment_at(version.at),
        "by": version.by,
        "before_the_trail": version.opening,
        "file": version.file,
        "row": version.row or None,
        "changed": {
            name: {"before": plain_value(by_name.get(name), was), "after": plain_value(by_name.get(name), now)}
            for name, (was, now) in version.changed(before).items()
        },
    }


class SeriesTold(BaseModel):
    """A time series: what it measures and from when to when there are readings."""

    tag: str
    measures: str | None
    unit: str | None
    equipment: str | None
    described: bool
    readings: int
    first_at: str | None
    last_at: str | None


class AllSeries(BaseModel):
    """The time series of a plant."""

    series: list[SeriesTold]


def _series(call: Call, _question: NoQuestion) -> Mapping[str, Any]:
    described = {str(row["id"]): row.values for row in call.plant.records.read("tag")}
    spans = call.plant.telemetry.spans()
    listed = []
    for name in sorted({*described, *spans}):
        row, span = described.get(name), spans.get(name)
        listed.append(
            {
                "tag": name,
                "measures": _word(row, "measures"),
                "unit": _word(row, "unit"),
                "equipment": _word(row, "equipment") or _word(row, "stack") or _word(row, "meter"),
                "described": row is not None,
                "readings": 0 if span is None else span.rows,
                "first_at": None if span is None else moment_at(span.t_lo),
                "last_at": None if span is None else moment_at(span.t_hi),
            }
        )
    return {"series": listed}


def _word(row: Mapping[str, Any] | None, name: str) -> str | None:
    value = None if row is None else row.get(name)
    return value if isinstance(value, str) else None


OVERVIEW = Door("plant", "overview", text("What the plant holds, record by record, and how fresh it is."),
                Right.SEE, Way.READ, NoQuestion, Overview, _overview, steady=True)  # fmt: skip
FIELDS = Door("plant", "fields", text("The fields of a record: names, units, meaning, what is required."),
              Right.SEE, Way.READ, AboutRecord, RecordTold, _fields, steady=True)  # fmt: skip
ROWS = Door("plant", "rows", text("Rows of a record, by page, with the file and row each came from."),
            Right.SEE, Way.READ, AboutRows, RowsTold, _rows, steady=True)  # fmt: skip
ROW = Door("plant", "row", text("One row with every change it went through: who, when, from which file."),
           Right.SEE, Way.READ, AboutRow, RowWithHistory, _row, steady=True)  # fmt: skip
SERIES = Door("plant", "series", text("The time series of the plant, and from when to when there are readings."),
              Right.SEE, Way.READ, NoQuestion, AllSeries, _series)  # fmt: skip

RECORD_DOORS: tuple[Door[Any], ...] = (OVERVIEW, FIELDS, ROWS, ROW, SERIES)
