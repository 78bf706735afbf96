"""What the proofs of freezing share."""

from __future__ import annotations

from collections.abc import Generator

import pytest


@pytest.fixture(autouse=True)
def one_core(request: pytest.FixtureRequest) -> Generator[None, None, None]:
    """Let the small runs of the proofs of freezing use one core: a second one would only wait for the first."""
    if "test_freezing" not in request.node.nodeid:
        yield
        return
    from numba import get_num_threads, set_num_threads

    before = get_num_threads()
    set_num_threads(1)
    yield
    set_num_threads(before)
