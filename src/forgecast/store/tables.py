"""Database tables, built from `records/*.csv`: one per record, and those of imports, findings, series and the trail."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from forgecast.plant.record import Field, Record, records

#: Columns every record table has beside its fields: the import a row came with, its sheet (empty where the file has
#: none) and its row in that file, and the hash of its values.
PROVENANCE = ("import_id", "source_sheet", "source_row", "row_hash")

#: What an import counts: rows of records, and readings of series.
COUNTS = (
    "rows_new",
    "rows_changed",
    "rows_same",
    "rows_refused",
    "readings_new",
    "readings_changed",
    "readings_same",
)

_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "text": sa.Text,
    "code": sa.Text,
    "month": sa.Text,
    "integer": sa.BigInteger,
    "flag": sa.Boolean,
    "date": sa.Date,
    "time": sa.BigInteger,
}
#: Integer keys must be plain INTEGER on SQLite to count upwards by themselves.
_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


@lru_cache(maxsize=1)
def metadata() -> sa.MetaData:
    """Return the tables this version of Forgecast keeps.

    The schema is made by the migrations alone; these tables are what the migrated schema must equal (a test holds
    that on every database).
    """
    tables = sa.MetaData()
    _import_tables(tables)
    _trail_tables(tables)
    for record in records().values():
        sa.Table(record.name, tables, *(_column(field) for field in record.fields), *_provenance(record))
    return tables


def table(name: str) -> sa.Table:
    """Return one table by its name."""
    return metadata().tables[name]


def _column(field: Field) -> sa.Column[Any]:
    # Only the key is NOT NULL: `required` is asked at the gate, so that a field can become required later without
    # a plant's older rows standing in the way.
    kind: sa.types.TypeEngine[Any] = sa.Double() if field.is_number else _TYPES[field.kind]()
    return sa.Column(field.name, kind, primary_key=field.key, nullable=not field.key)


def _provenance(record: Record) -> tuple[sa.Column[Any] | sa.Index, ...]:
    return (
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("source_sheet", sa.Text(), nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.Column("row_hash", sa.Text(), nullable=False),
        sa.Index(f"ix_{record.name}_import_id", "import_id"),
    )


def _import_tables(tables: sa.MetaData) -> None:
    sa.Table(
        "import_file",
        tables,
        sa.Column("id", _COUNTER, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("map_sha256", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("fed", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTS),
        sa.Column("superseded_by", sa.BigInteger(), nullable=True),
        sa.Index("ix_import_file_sha256", "sha256", "map_sha256"),
        sqlite_autoincrement=True,
    )
    sa.Table(
        "finding",
        tables,
        sa.Column("id", _COUNTER, primary_key=True, autoincrement=True),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("first_row", sa.BigInteger(), nullable=True),
        sa.Column("last_row", sa.BigInteger(), nullable=True),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("repair", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Index("ix_finding_import_id", "import_id"),
        sqlite_autoincrement=True,
    )
    sa.Table(
        "series_file",
        tables,
        sa.Column("id", _COUNTER, primary_key=True, autoincrement=True),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False, unique=True),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sqlite_autoincrement=True,
    )
    sa.Table(
        "live_source",
        tables,
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("sealed", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
    )


def _trail_tables(tables: sa.MetaData) -> None:
    sa.Table(
        "audit_link",
        tables,
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.Column("changes_sha256", sa.Text(), nullable=False),
        sa.Column("series_sha256", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
    )
    sa.Table(
        "audit_change",
        tables,
        sa.Column("link", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("row_hash", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Index("ix_audit_change_row", "record", "key", "link"),
    )
