"""The server's migrations make what `store/server/tables.py` describes, on every engine, to the last constraint."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa

from forgecast.store.database import engine, sqlite_url
from forgecast.store.server.database import ServerStore
from forgecast.store.server.tables import SERVER


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def two_databases(request, tmp_path):
    """Return the addresses of two empty databases."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "one.sqlite"), sqlite_url(tmp_path / "two.sqlite")
        return
    url = sa.make_url(request.getfixturevalue("postgres_url"))
    names = [f"server_{uuid.uuid4().hex}" for _ in range(2)]
    server = sa.create_engine(url)
    with server.begin() as connection:
        for name in names:
            connection.execute(sa.schema.CreateSchema(name))
    made = [url.update_query_dict({"options": f"-c search_path={name}"}) for name in names]
    yield tuple(one.render_as_string(hide_password=False) for one in made)
    with server.begin() as connection:
        for name in names:
            connection.execute(sa.schema.DropSchema(name, cascade=True))
    server.dispose()


def _described(url):
    """Return everything a database knows of its tables."""
    database = engine(url)
    found = {}
    look = sa.inspect(database)
    for table in look.get_table_names():
        if table == "alembic_version":
            continue
        found[table] = {
            "columns": {
                one["name"]: (str(one["type"]), one["nullable"], _plain(one["default"]))
                for one in look.get_columns(table)
            },
            "key": look.get_pk_constraint(table)["constrained_columns"],
            "unique": sorted(tuple(one["column_names"]) for one in look.get_unique_constraints(table)),
            "indexes": sorted(
                (tuple(one["column_names"]), bool(one["unique"]), str(_where(one))) for one in look.get_indexes(table)
            ),
            "foreign": sorted(
                (tuple(one["constrained_columns"]), one["referred_table"], str(one["options"].get("ondelete")))
                for one in look.get_foreign_keys(table)
            ),
            "checks": sorted(" ".join(one["sqltext"].split()) for one in look.get_check_constraints(table)),
        }
    database.dispose()
    return found


def _plain(default):
    # The number that is given by itself has its sequence's schema in it.
    return default.partition("(")[0] if isinstance(default, str) else default


def _where(index):
    return next((value for name, value in index.get("dialect_options", {}).items() if name.endswith("_where")), None)


def test_what_is_migrated_is_what_is_described(two_databases):
    migrated, described = two_databases
    ServerStore(migrated).close()
    database = engine(described)
    SERVER.create_all(database)
    database.dispose()
    made, said = _described(migrated), _described(described)
    assert set(made) == set(said) == set(SERVER.tables)
    for table, parts in said.items():
        assert made[table] == parts, table
