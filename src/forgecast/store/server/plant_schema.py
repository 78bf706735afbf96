"""A plant's own schema in the server's PostgreSQL database: made with the plant, named after its id."""

from __future__ import annotations

import hashlib
import os
import re

import sqlalchemy as sa

from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text
from forgecast.store.database import boundary, engine

_LONGEST = 40


def schema_of(plant_id: str) -> str:
    """Return the name of a plant's schema: readable, and unlike that of any other id."""
    readable = re.sub(r"[^a-z0-9]+", "_", plant_id.lower()).strip("_")[:_LONGEST]
    return f"plant_{readable}_{hashlib.sha256(plant_id.encode()).hexdigest()[:8]}"


def in_schema(url: str, schema: str) -> str:
    """Return the address of a schema of a database, without a password: it stands in settings that people read."""
    return in_words(without_password(sa.make_url(url)).update_query_dict({"options": f"-csearch_path={schema}"}))


def without_password(url: sa.URL) -> sa.URL:
    """Return an address without its password."""
    return sa.URL.create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)


def in_words(url: sa.URL) -> str:
    """Return an address as it is written."""
    return str(url.render_as_string(hide_password=False))


def make_schema(url: str, plant_id: str) -> str:
    """Make the empty schema of a new plant and return its address, as `store.records` of the plant's settings.

    Raises
    ------
    PlantError
        If it is there already: it may hold what was recorded.
    """
    schema = schema_of(plant_id)
    server = engine(url)
    try:
        with boundary(schema), server.begin() as connection:
            found = sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :schema")
            if connection.execute(found, {"schema": schema}).first() is not None:
                raise PlantError(
                    text("the database has a schema {schema} already", schema=schema),
                    where=schema,
                    repair=text("take another id, or drop the schema if nothing in it is needed"),
                )
            connection.execute(sa.schema.CreateSchema(schema))
    finally:
        server.dispose()
    return in_schema(url, schema)


def drop_schema(url: str, plant_id: str) -> None:
    """Drop the schema of a plant that was not made after all."""
    server = engine(url)
    try:
        with boundary(schema_of(plant_id)), server.begin() as connection:
            connection.execute(sa.schema.DropSchema(schema_of(plant_id), cascade=True))
    finally:
        server.dispose()


def share_password(url: str) -> None:
    """Let this process and those it starts open plants of the same database: no password stands in their settings."""
    if url and "://" in url:
        try:
            password = sa.make_url(url).password
        except sa.exc.ArgumentError:
            return  # whoever opens it says what is wrong with it
        if password:
            os.environ.setdefault("PGPASSWORD", str(password))
