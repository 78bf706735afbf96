"""A client is generated from the description of the API, as whoever writes a program would, and tells a short story."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import trimesh

from forgecast.app.server.description import description
from forgecast.store.server import tokens
from forgecast.store.server.database import ServerStore
from forgecast.store.server.rights import Right
from tests.pages.plant_server import PlantServer, plant_server

#: What the generator leaves out, with its reason: an archive is bytes of a kind that it knows no form for.
LEFT_OUT = {"GET /api/v1/plants/{plant}/jobs/{job}/archive"}
_PACKAGE = "forgecast_client"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # two routes of one name
        return description()


@pytest.fixture(scope="module")
def server(sample_plant: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlantServer]:
    folder = tmp_path_factory.mktemp("called") / "plant"
    shutil.copytree(sample_plant, folder)
    with plant_server(folder) as running:
        yield running


@pytest.fixture(scope="module")
def generated(described: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Generate the client, return what the generator said, and let it be imported."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(described), encoding="utf-8")
    (folder / "config.yml").write_text("post_hooks: []\n", encoding="utf-8")
    words = [
        "generate",
        "--path",
        "openapi.json",
        "--meta",
        "none",
        "--output-path",
        _PACKAGE,
        "--config",
        "config.yml",
    ]
    made = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", *words],
        cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield made.stdout
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]


def _token(server: PlantServer, *rights: Right) -> str:
    store = ServerStore(server.database)
    try:
        with store.writing() as connection:
            return tokens.make_token(
                connection, server.ids["engineer"], name="client", rights=rights, now_us=time.time_ns() // 1_000
            )[0]
    finally:
        store.close()


def _part(name: str) -> ModuleType:
    return importlib.import_module(f"{_PACKAGE}.{name}")


def test_forms_of_one_name_bear_their_area_and_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    forms = described["components"]["schemas"]
    assert not [form for form in forms if "__" in form]
    assert {"SignalsEventTold", "EnvironmentEventTold", "Problem", "JobAnswer"} <= set(forms)

    def references(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for one in part.values():
                yield from references(one)
        elif isinstance(part, list):
            for one in part:
                yield from references(one)

    assert {one.removeprefix("#/components/schemas/") for one in references(described)} <= set(forms)


def test_operations_have_names_of_their_own(described: dict[str, Any]) -> None:
    names = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))
    assert {"me_me", "casting_freeze", "uploads_received", "jobs_job_told"} <= set(names)
    assert not [name for name in names if "api_v1" in name]


@pytest.mark.slow  # writes some nine hundred files
def test_the_generator_leaves_nothing_out_but_what_is_known(generated: str) -> None:
    lines = [line for line in generated.splitlines() if line.startswith(("WARNING", "ERROR", "Unable"))]
    assert {line.removeprefix("WARNING parsing ").partition(" within ")[0] for line in lines} <= LEFT_OUT, generated


@pytest.mark.slow  # a server, a client and a run
@pytest.mark.usefixtures("generated")
def test_a_program_runs_a_casting_and_is_told_what_is_wrong(server: PlantServer, tmp_path: Path) -> None:
    secret = _token(server, Right.SEE, Right.ENGINEER)
    client = _part("client").AuthenticatedClient(base_url=server.address, token=secret, timeout=300.0)
    models = _part("models")

    me = _part("api.me.me_me").sync(client=client)
    assert isinstance(me, models.Me)
    assert (me.name, [plant.id for plant in me.plants]) == ("engineer", [server.plant])

    block = tmp_path / "block.stl"
    trimesh.creation.box(bounds=[[0.0, 0.0, 0.0], [60.0, 40.0, 20.0]]).export(block)
    with block.open("rb") as payload:
        file = _part("types").File(payload=payload)
        received = _part("api.uploads.uploads_received")
        upload = received.sync(server.plant, client=client, body=file, file_name="block.stl")
    assert isinstance(upload, models.UploadAnswer)
    assert upload.size == block.stat().st_size

    freeze = _part("api.casting.casting_freeze")
    asked = {"part": upload.id, "unit": "mm", "alloy": "A356", "mould": "green-sand", "pour_degC": 700.0,
             "cell_mm": 5.0}  # fmt: skip
    question = models.FreezeAsked.from_dict(asked)
    run = freeze.sync(server.plant, client=client, body=question, idempotency_key="block-1")
    assert isinstance(run, models.JobAnswer)
    again = freeze.sync(server.plant, client=client, body=question, idempotency_key="block-1")
    assert again.id == run.id  # sent twice, run once

    until = time.monotonic() + 900.0
    while run.state not in {models.State.DONE, models.State.FAILED}:
        assert time.monotonic() < until
        time.sleep(0.2)
        run = _part("api.jobs.jobs_job_told").sync(server.plant, run.id, client=client)
    assert run.state is models.State.DONE, run.error
    answer = _part("api.jobs.jobs_job_answered").sync_detailed(server.plant, run.id, client=client)
    spot = json.loads(answer.content)["hot_spots"][0]
    # A block of 60 x 40 x 20 mm all around in sand freezes last in its middle; cells of 5 mm tell no more than that.
    assert spot["place_m"] == pytest.approx([0.030, 0.020, 0.010], abs=0.005)

    refused = freeze.sync(server.plant, client=client, body=models.FreezeAsked.from_dict(asked | {"alloy": "butter"}))
    failed = refused
    while isinstance(failed, models.JobAnswer) and failed.state not in {models.State.DONE, models.State.FAILED}:
        assert time.monotonic() < until
        time.sleep(0.2)
        failed = _part("api.jobs.jobs_job_told").sync(server.plant, failed.id, client=client)
    trouble = failed.error
    assert isinstance(trouble, models.Trouble)
    assert "butter" in trouble.what.en + trouble.where
    assert trouble.repair.zh

    nowhere = _part("api.jobs.jobs_jobs_listed").sync("no-such-plant", client=client)
    assert isinstance(nowhere, models.Problem)
    assert nowhere.error.code == "not-there"
    client.get_httpx_client().close()
