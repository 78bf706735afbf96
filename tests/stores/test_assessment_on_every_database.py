"""One plant, judged from SQLite and from PostgreSQL: the same assessment to the byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forgecast.sample.trouble import SampleManifest
from forgecast.sample.write import write_sample_files
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.import_files import import_files
from forgecast.tasks.new_plant import new_plant


def _judged(folder: Path, manifest: SampleManifest, records: str) -> str:
    new_plant(folder, name="Plant", id="plant", synthetic=True, records=records)
    with PlantFolder.open(folder) as plant:
        import_files(plant, manifest.files)
        answer = assess_plant(plant).as_json()
    for file in answer["files"]:  # type: ignore[attr-defined]
        del file["imported_at"]
    return json.dumps(answer, ensure_ascii=False)


@pytest.mark.postgres
def test_sqlite_and_postgres_give_the_same_assessment(tmp_path: Path, postgres_schema: str) -> None:
    manifest = write_sample_files(tmp_path / "files", scale=0.001)
    embedded = _judged(tmp_path / "embedded", manifest, "records.sqlite")
    assert _judged(tmp_path / "server", manifest, postgres_schema) == embedded
