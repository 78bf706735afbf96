"""One small sample folder for all tests of the room."""

from __future__ import annotations

from pathlib import Path

import pytest

from forgecast.sample.trouble import SampleManifest
from forgecast.sample.write import write_sample_files

#: The smallest size there is: 40 tags at 30 minutes.
SMALL = 0.001


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleManifest:
    """Return a small sample folder."""
    folder: Path = tmp_path_factory.mktemp("sample") / "files"
    return write_sample_files(folder, scale=SMALL)
