"""The API is what its description says: every route is called with made-up requests, right and wrong ones.

Nothing may answer with a defect (5xx), nothing may look otherwise than described. Whether a fitting request is
*accepted* is not asked: most that fit the form name a heat, a stack or a file that is not there, and are told so (422).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from forgecast.store.server import tokens
from forgecast.store.server.database import ServerStore
from forgecast.store.server.rights import Right
from tests.pages.plant_server import PlantServer, plant_server

#: Ids in addresses: the plant is there, so that what lies behind it is reached; the others are not, so that the caller
#: does not take away his own rights, or somebody's account, on the way.
NAMED = {"plant": "", "enterprise": "", "token": 2**31, "session": "none", "account": 2**31, "grant": 2**31}
ROUNDS = 8


@pytest.fixture(scope="module")
def server(sample_plant: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlantServer]:
    folder = tmp_path_factory.mktemp("described") / "plant"
    shutil.copytree(sample_plant, folder)
    with plant_server(folder) as running:
        yield running


@pytest.fixture(scope="module")
def headers(server: PlantServer) -> dict[str, str]:
    store = ServerStore(server.database)
    with store.writing() as connection:
        secret, _ = tokens.make_token(
            connection,
            server.ids["admin"],
            name="described",
            rights=list(Right),
            plant_id=None,
            now_us=time.time_ns() // 1_000,
        )
    store.close()
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture(scope="module")
def described(server: PlantServer, headers: dict[str, str]) -> schemathesis.BaseSchema:
    told = httpx.get(f"{server.address}/api/v1/openapi.json", headers=headers, timeout=300.0)
    schema = schemathesis.openapi.from_dict(told.json())
    schema.config.base_url = server.address
    schema.config.request_timeout = 300.0  # by itself it waits ten seconds, which a busy machine may need
    return schema


@pytest.mark.slow
def test_every_answer_is_as_described(
    described: schemathesis.BaseSchema, server: PlantServer, headers: dict[str, str]
) -> None:
    named = {**NAMED, "plant": server.plant, "enterprise": server.plant}
    routes, wrong = 0, []
    for found in described.get_all_operations():
        operation = found.ok()
        routes += 1

        @settings(max_examples=ROUNDS, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
        @given(case=operation.as_strategy())
        def asked(case: schemathesis.Case) -> None:
            given_ids = case.path_parameters or {}
            case.path_parameters = {name: named.get(name, value) for name, value in given_ids.items()}
            case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

        try:
            asked()
        except (FailureGroup, ExceptionGroup) as failures:
            wrong += [f"{operation.label}: {failure}" for failure in failures.exceptions]
        except Exception as failure:  # noqa: BLE001  (all routes are told, not the first that fails)
            wrong.append(f"{operation.label}: {failure!r}")
    assert routes > 150
    assert not wrong, "\n\n".join(wrong)
    # A figure or a run fails out of sight of whoever asked; its defects stand in the log.
    log = (server.folder / "server" / "server.log").read_text(encoding="utf-8")
    assert "Traceback" not in log, log
