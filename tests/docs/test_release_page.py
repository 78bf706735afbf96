"""The page on release and certificates: its commands do what it says, and its picture shows what is issued now."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from PIL import Image

from tests.docs import certificate_pictures
from tests.docs.pages import ROOT, commands

PAGES = ("docs/how_to/release_and_certify.md", "docs/how_to/release_and_certify.zh.md")
#: A function of the shell that calls the program under test, wherever its script lies.
CALL = f"forgecast() {{ '{sys.executable}' -c 'from forgecast.app.cli.main import main; main()' \"$@\"; }}; "


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_run_as_written_and_the_second_shipment_is_refused(page, tmp_path):
    shutil.copytree(ROOT / "docs" / "how_to" / "release_and_certify", tmp_path / "docs/how_to/release_and_certify")
    refused = []
    for command in commands((ROOT / page).read_text(encoding="utf-8")):
        done = subprocess.run(
            ["sh", "-c", CALL + command.words], cwd=tmp_path, env=os.environ | {"FORGECAST_LANG": "en"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        if done.returncode:
            refused.append((command.words.split()[4], done.returncode, done.stderr))
            continue
        for line in command.output:
            assert line in done.stdout, done.stdout
    ((shipment, code, said),) = refused
    assert (shipment, code) == ("D-202", 2)
    assert "T-103 (tests.csv:4)" in said
    assert (tmp_path / "out" / "D-201-3.1.pdf").is_file()
    assert not list((tmp_path / "out").glob("D-202*"))


@pytest.fixture(scope="module")
def certificate():
    return certificate_pictures.pictured()


def test_the_picture_shows_what_the_program_issues_now(certificate):
    assert not certificate_pictures.stale(certificate), "run `make docs`"


def test_a_picture_of_another_certificate_is_stale(certificate):
    assert certificate_pictures.stale(replace(certificate, number="another"))
    assert certificate_pictures.stale(replace(certificate, tests=certificate.tests[1:]))


def test_the_picture_can_be_opened_and_is_small():
    assert certificate_pictures.PICTURE.stat().st_size < 300_000
    with Image.open(certificate_pictures.PICTURE) as image:
        assert image.width > 900


@pytest.mark.parametrize("page", [*PAGES, "examples/README.md", "examples/README.zh.md"])
def test_a_page_shows_it(page):
    assert "pictures/certificate.png)" in (ROOT / page).read_text(encoding="utf-8")


def test_both_pages_give_the_same_commands():
    english, chinese = (commands((ROOT / page).read_text(encoding="utf-8")) for page in PAGES)
    plain = [c.words.replace(" --lang zh", "").replace("示例铸造厂", "Sample foundry") for c in chinese]
    assert plain == [command.words for command in english]
