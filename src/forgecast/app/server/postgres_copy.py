"""Copies schemas out of PostgreSQL and back, by PostgreSQL's own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import sqlalchemy as sa

from forgecast.app.server.archive import BackupError
from forgecast.ground.texts import text
from forgecast.store.database import boundary, engine
from forgecast.store.server.plant_schema import in_words, without_password

_DEBIAN = Path("/usr/lib/postgresql")


def schema_in(url: str) -> str:
    """Return the schema in which the tables of an address lie; the first of its search path if none is there yet."""
    server = engine(url)
    try:
        with boundary(server.url.render_as_string()), server.connect() as connection:
            found = connection.execute(sa.text("SELECT current_schema()")).scalar()
    finally:
        server.dispose()
    if found is not None:
        return str(found)
    options = str(sa.make_url(url).query.get("options", ""))
    return options.rpartition("search_path=")[2].partition(",")[0].strip() or "public"


def dump_schema(url: str, into: Path) -> None:
    """Write the schema of an address into a file.

    Raises
    ------
    BackupError
        If the program is not there, or fails.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    words = ["--format=custom", "--no-owner", "--no-privileges", f'--schema="{schema_in(url)}"', f"--file={into}"]
    _run("pg_dump", url, words)


def make_empty_schema(url: str, schema: str) -> bool:
    """Make sure that a schema is there and empty; tells whether it was made.

    Raises
    ------
    BackupError
        If something is in it.
    """
    server = engine(url)
    try:
        with boundary(schema), server.begin() as connection:
            asked = sa.text("SELECT oid FROM pg_namespace WHERE nspname = :schema")
            oid = connection.execute(asked, {"schema": schema}).scalar()
            if oid is None:
                connection.execute(sa.schema.CreateSchema(schema))
                return True
            held = sa.text("SELECT 1 FROM pg_class WHERE relnamespace = :oid LIMIT 1")
            if connection.execute(held, {"oid": oid}).first() is None:
                return False
    finally:
        server.dispose()
    raise BackupError(
        text("the schema {schema} of the database is not empty", schema=schema),
        where=schema,
        repair=text("name an empty database; nothing is ever written over"),
    )


def drop_schemas(url: str, schemas: list[str]) -> None:
    """Drop schemas that were made for a backup which could not be put back."""
    server = engine(url)
    try:
        with server.begin() as connection:
            for schema in schemas:
                connection.execute(sa.schema.DropSchema(schema, cascade=True, if_exists=True))
    finally:
        server.dispose()


def load_schema(url: str, schema: str, source: Path) -> None:
    """Put a schema back from a file.

    Raises
    ------
    BackupError
        If the program is not there, or fails; then nothing was put back.
    """
    words = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--schema={schema}"]
    _run("pg_restore", url, [*words, str(source)])


def _run(program: str, url: str, words: list[str]) -> None:
    path = _found(program)
    if path is None:
        raise BackupError(
            text("{program} is not installed here", program=program),
            where=program,
            repair=text("install PostgreSQL's client programs (Debian: `apt install postgresql-client`)"),
        )
    parsed = sa.make_url(url)
    # In the environment, since everybody sees the words of a command.
    secret = {} if parsed.password is None else {"PGPASSWORD": str(parsed.password)}
    plain = without_password(parsed).set(drivername="postgresql").difference_update_query(["options"])
    command = [path, f"--dbname={in_words(plain)}", *words]
    done = subprocess.run(command, env=os.environ | secret, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise BackupError(
            text("{program} failed: {reason}", program=program, reason=said[-1] if said else str(done.returncode)),
            where=parsed.render_as_string(),
            repair=text("its version must be that of the server or newer; check the address and the account's rights"),
        )


def _found(program: str) -> str | None:
    by_version = sorted(_DEBIAN.glob(f"*/bin/{program}"), key=lambda path: path.parts[-3].zfill(4))
    return str(by_version[-1]) if by_version else shutil.which(program)
