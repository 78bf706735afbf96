"""Plants of one PostgreSQL database: a schema each, and each its own one writer."""

from __future__ import annotations

import os
import threading
import time

import pytest
import sqlalchemy as sa

from forgecast.app.server.made_plant import make_plant
from forgecast.ground.errors import PlantError
from forgecast.store.database import engine, writing
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.server.plant_schema import in_schema, make_schema, schema_of, share_password

pytestmark = pytest.mark.postgres


@pytest.fixture
def two(postgres_url):
    """Return the addresses of two plants in one database, and another way to the first."""
    ids = [f"w{number}-{os.getpid()}-{time.time_ns()}" for number in range(2)]
    urls = [make_schema(postgres_url, id_) for id_ in ids]
    yield urls
    server = sa.create_engine(postgres_url)
    with server.begin() as connection:
        for id_ in ids:
            connection.execute(sa.schema.DropSchema(schema_of(id_), cascade=True))
    server.dispose()


def test_two_plants_are_written_at_once(two):
    first, second = (engine(url, busy_timeout_s=2.0) for url in two)
    with writing(first, "first", by="li", what="a long import"), writing(second, "second", by="wang", what="an entry"):
        pass
    first.dispose()
    second.dispose()


def test_of_one_plant_there_is_one_writer_and_it_is_named(two):
    first, again, other = (engine(url, busy_timeout_s=1.0) for url in (two[0], two[0], two[1]))
    with (
        writing(other, "other", by="zhao", what="something else"),
        writing(first, "first", by="li", what="a long import"),
        pytest.raises(PlantError) as caught,
        writing(again, "first", by="wang", what="an entry"),
    ):
        pass
    assert "li" in caught.value.say("en")
    assert "zhao" not in caught.value.say("en")
    for one in (first, again, other):
        one.dispose()


def test_a_writer_waits_until_the_other_has_written(two):
    first, again = (engine(two[0], busy_timeout_s=300.0) for _ in range(2))
    order = []
    with writing(first, "first", by="li", what="a"):
        waiting = threading.Thread(target=lambda: _write(again, order))
        waiting.start()
        waiting.join(0.3)
        order.append("first")
    waiting.join(300)
    assert order == ["first", "second"]
    first.dispose()
    again.dispose()


def _write(source, order) -> None:
    with writing(source, "first", by="wang", what="b"):
        order.append("second")


def test_a_new_plant_has_its_records_in_a_schema_and_no_password_in_its_settings(postgres_url, tmp_path, monkeypatch):
    id_ = f"Plant.{os.getpid()}-{time.time_ns()}"
    secret = sa.make_url(postgres_url).set(password="a-" + "secret").render_as_string(hide_password=False)
    monkeypatch.delenv("PGPASSWORD", raising=False)
    share_password(secret)
    assert os.environ["PGPASSWORD"] == "a-secret"
    monkeypatch.delenv("PGPASSWORD")
    try:
        make_plant(tmp_path / "p", name="P", id_=id_, database=secret)
        assert "a-secret" not in (tmp_path / "p" / "plant.toml").read_text(encoding="utf-8")
        with PlantFolder.open(tmp_path / "p") as plant:
            assert plant.settings.records == in_schema(postgres_url, schema_of(id_))
            assert plant.verify().whole
        with pytest.raises(PlantError, match="already"):
            make_plant(tmp_path / "q", name="P", id_=id_, database=secret)
        assert not (tmp_path / "q").exists()
    finally:
        server = sa.create_engine(postgres_url)
        with server.begin() as connection:
            connection.execute(sa.schema.DropSchema(schema_of(id_), cascade=True, if_exists=True))
        server.dispose()


def test_a_plant_that_cannot_be_made_leaves_no_schema(postgres_url, tmp_path):
    id_ = f"x{os.getpid()}-{time.time_ns()}"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    with pytest.raises(PlantError):
        make_plant(tmp_path / "full", name="P", id_=id_, database=postgres_url)
    server = sa.create_engine(postgres_url)
    with server.connect() as connection:
        assert schema_of(id_) not in sa.inspect(connection).get_schema_names()
    server.dispose()


def test_ids_that_look_alike_have_schemas_of_their_own():
    names = {schema_of(id_) for id_ in ("p1", "P1", "p.1", "p-1", "p_1", "a" * 64, "a" * 63)}
    assert len(names) == 7
    assert all(len(name) <= 63 and name.isidentifier() and name.islower() for name in names)
