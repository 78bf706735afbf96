"""What the tests of the doors share: a synthetic assessment."""

from __future__ import annotations

import pytest

from forgecast.tasks.assessment import Assessment
from tests.app.made_up_assessment import calm_assessment, made_up_assessment


@pytest.fixture(scope="session")
def synthetic() -> Assessment:
    """Return the synthetic assessment with every word and every oddity."""
    return made_up_assessment()


@pytest.fixture(scope="session")
def calm() -> Assessment:
    """Return an assessment with nothing in it."""
    return calm_assessment()
