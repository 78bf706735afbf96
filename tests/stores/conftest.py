"""The engines on which the one test body runs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from forgecast.store.settings import PlantSettings


@pytest.fixture
def postgres_schema(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the URL of an empty schema of its own on the PostgreSQL server."""
    url = sa.make_url(request.getfixturevalue("postgres_url"))
    name = f"plant_{uuid.uuid4().hex}"
    server = sa.create_engine(url)
    with server.begin() as connection:
        connection.execute(sa.schema.CreateSchema(name))
    made = url.update_query_dict({"options": f"-c search_path={name}"})
    yield made.render_as_string(hide_password=False)
    with server.begin() as connection:
        connection.execute(sa.schema.DropSchema(name, cascade=True))
    server.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def records_in(request: pytest.FixtureRequest) -> str:
    """Return where the records are: a file of the plant folder, or a PostgreSQL schema."""
    return "records.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres_schema")


@pytest.fixture
def new_plant(records_in: str, tmp_path: Path):
    """Return a maker of plants on the engine; PostgreSQL holds one plant a schema, so it is called once."""
    from forgecast.store.plant_folder import PlantFolder

    made = []

    def make(**settings) -> PlantFolder:
        made.append(
            PlantFolder.create(tmp_path / "plant", PlantSettings("p1", "一号厂", records=records_in, **settings))
        )
        return made[-1]

    yield make
    for plant in made:
        plant.close()
