from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from forgecast.ground.errors import PlantError
from forgecast.store.database import engine, sqlite_url
from forgecast.store.migrate import MIGRATIONS, bring_up_to_date, newest_version
from forgecast.store.plant_folder import PlantFolder

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade():
    with op.batch_alter_table("heat") as heat:
        heat.add_column(sa.Column("Ti_percent", sa.Double(), nullable=True))
    {more}
"""


def _migrations_with(tmp_path, more=""):
    """Our migrations and one more that adds a field to `heat`, as the next version will have them."""
    copy = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = newest_version()
    revision = f"{int(before) + 1:04d}"
    (copy / "versions" / f"v{revision}_titanium.py").write_text(
        NEXT.format(revision=revision, before=before, more=more)
    )
    return copy


def test_an_older_plant_is_brought_forward_and_a_copy_kept(folder, tmp_path, put, heats):
    with PlantFolder.open(folder) as plant:
        put(plant, heats({"id": "H1", "tapped_at": 1, "furnace": "F1", "alloy": "A", "mass": 900.0}))
    path = folder / "records.sqlite"
    database = engine(sqlite_url(path))
    copy = bring_up_to_date(database, "here", migrations=_migrations_with(tmp_path))
    again = bring_up_to_date(database, "here", migrations=tmp_path / "migrations")
    database.dispose()
    assert copy == folder / f"records.before-{newest_version()}.sqlite"
    assert again is None
    with closing(sqlite3.connect(path)) as now, closing(sqlite3.connect(copy)) as before:
        assert now.execute("select id, mass, Ti_percent from heat").fetchall() == [("H1", 900.0, None)]
        assert before.execute("select id, mass from heat").fetchall() == [("H1", 900.0)]
        assert "Ti_percent" not in {row[1] for row in before.execute("pragma table_info(heat)")}


def test_a_migration_that_breaks_changes_nothing(folder, tmp_path):
    database = engine(sqlite_url(folder / "records.sqlite"))
    broken = _migrations_with(tmp_path, more='op.execute("insert into nowhere values (1)")')
    with pytest.raises(PlantError, match="nowhere"):
        bring_up_to_date(database, "here", migrations=broken)
    database.dispose()
    with closing(sqlite3.connect(folder / "records.sqlite")) as now:
        assert "Ti_percent" not in {row[1] for row in now.execute("pragma table_info(heat)")}
        assert now.execute("select version_num from alembic_version").fetchall() == [(newest_version(),)]
    PlantFolder.open(folder).close()


def test_opening_a_plant_of_today_copies_nothing(folder):
    PlantFolder.open(folder).close()
    assert not list(folder.glob("*before*"))


def test_the_names_of_the_migration_files_are_their_versions():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from forgecast.store.migrate import known_versions

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert {script.revision for script in scripts.walk_revisions()} == known_versions()
    assert scripts.get_current_head() == newest_version()
