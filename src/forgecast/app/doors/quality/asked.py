"""What the doors of quality ask alike: source, days, conditions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Question, Words
from forgecast.app.doors.reported import FIRST_DAY, LAST_DAY
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.tasks.read_watched import read_watched
from forgecast.tasks.watched import Wanted, Watched
from forgecast.tasks.watched_records import watched_in_plant


class Days(Question):
    """A stretch of local days."""

    since_on: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY, description="First day.")
    until_on: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY, description="Last day.")


class Rows(Days):
    """Which rows of the plant, or of an uploaded file."""

    upload: str = Field(
        default="", description="Upload to read instead of the plant: CSV, XLSX or Parquet with headers."
    )
    time: str = Field(default="", description="Column of the upload that holds the time.")
    where: list[str] = Field(default=[], description="Only rows whose field has this word: FIELD=WORD or FIELD!=WORD.")


class Titled(BaseModel):
    """What most answers begin with."""

    title: Words
    unit: str
    source: str
    synthetic: bool
    notes: list[Words]


class Index(BaseModel):
    """An index of capability with its 95 % interval."""

    value: float
    low: float | None
    high: float | None


def conditions(where: list[str]) -> tuple[tuple[str, str], ...]:
    """Return conditions as pairs; ``FIELD!=WORD`` keeps its mark before the word.

    Raises
    ------
    ForgecastError
        If one has no equals sign.
    """
    pairs = []
    for one in where:
        name, equals, word = one.partition("=")
        if name.endswith("!"):
            name, word = name[:-1], f"!{word.strip()}"
        if not equals or not name.strip():
            raise ForgecastError(
                text("{given} is no condition", given=one),
                where="where",
                repair=text("write FIELD=WORD or FIELD!=WORD"),
            )
        pairs.append((name.strip(), word.strip()))
    return tuple(pairs)


def watched_of(call: Call, asked: Rows, fields: tuple[str, ...], labels: tuple[str, ...]) -> Watched:
    """Return the values asked for, out of the plant or of an upload.

    Raises
    ------
    ForgecastError
        If the source does not hold them.
    """
    wanted = Wanted(fields, labels, conditions(asked.where), asked.since_on, asked.until_on, asked.time)
    if asked.upload:
        return read_watched(call.upload(asked.upload), wanted)
    if any("." not in field for field in fields):
        raise ForgecastError(
            text("{fields} names no field of a record", fields=", ".join(fields)),
            where="field",
            repair=text("write record.field, such as shot.cast_pressure_bar, or measurement.NAME of a characteristic"),
        )
    return watched_in_plant(call.plant, wanted)


def source_of(call: Call, upload: str) -> Path:
    """Return the folder of the plant, or the file of an upload."""
    return call.upload(upload) if upload else call.plant.path
