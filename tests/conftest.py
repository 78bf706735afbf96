"""What all tests share: the folder of real data beside the repository, and a plain environment."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# A slow or busy machine is no defect of ours, so no example is failed by the clock; in CI the examples are the same
# every time, so that a red run can be repeated.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

#: Words that a skip's reason must hold in CI to be allowed there. CI installs all it needs; only GS1's own schema may
#: not be kept here, and the registry it is fetched from cannot be reached from every machine.
ALLOWED_SKIPS_IN_CI: tuple[str, ...] = ("GS1's EPCIS schema",)


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data beside the repository, or skip."""
    folder = ROOT.parent / "shared"
    if not (folder / "data" / "INDEX.md").is_file():
        pytest.skip("the shared data folder does not lie beside the repository")
    return folder


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """Return the SQLAlchemy address of a PostgreSQL server whose database tests may fill, or skip."""
    url = os.environ.get("FORGECAST_TEST_POSTGRES", "")
    if not url:
        pytest.skip("FORGECAST_TEST_POSTGRES names no PostgreSQL server")
    return url


@pytest.fixture(scope="session")
def sample_plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the smallest synthetic plant, made once; tests must not change it."""
    from forgecast.tasks.make_sample_plant import make_sample_plant

    return make_sample_plant(tmp_path_factory.mktemp("sample_plant"), scale=0.001).plant


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no language of the machine leak into a test."""
    monkeypatch.setenv("FORGECAST_LANG", "en")


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip that CI does not allow into a failure that says so."""
    if not os.environ.get("CI") or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    if not any(word in reason for word in ALLOWED_SKIPS_IN_CI):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped in CI ({reason}); .ci/run has to install what it needs"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report
