"""One server for all tests of a file; those that change something of theirs alone open their own."""

from __future__ import annotations

import pytest

from tests.app.server.serving import served


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with served(tmp_path_factory.mktemp("server"), plants=("a1",)) as opened:
        yield opened
