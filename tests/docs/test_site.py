"""The site is built from the repository's pages, offline, lists every one of them, and fetches nothing when read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs/site", ".", str(built)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return built


@pytest.mark.slow
def test_every_page_is_on_the_site_and_in_its_list(site: Path) -> None:
    listed = (site / "docs/site/index.html").read_text(encoding="utf-8")
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")]
    names = [page.relative_to(ROOT).with_suffix("").as_posix() for page in pages]
    wanted = [name for name in names if name not in {"docs/index", "docs/site/index"} and "/start/first" not in name]
    assert len(wanted) > 50
    assert [name for name in wanted if f"{name.rsplit('/', 1)[-1]}.html" not in listed] == []


@pytest.mark.slow
def test_a_reader_asks_no_other_host(site: Path) -> None:
    fetched = re.compile(r"""<(?:script|img|link)[^>]+(?:src|href)=["'](https?:)?//""")
    assert [page.name for page in site.rglob("*.html") if fetched.search(page.read_text(encoding="utf-8"))] == []
