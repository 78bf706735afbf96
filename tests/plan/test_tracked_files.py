"""What stands in the repository stands there for everybody: no path of one machine, no address of a registry."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Written in pieces, so that this file does not find itself.
FORBIDDEN = re.compile(
    "|".join([
        r"(?<![\w./}])/(?:work|root)/\w",
        r"(?<![\w./}])/home/[a-z]",
        r"(?<![\w./}])/tm" + r"p/\w",
        r"\b[A-Z]:\\Users\\",
        r"pyp" + r"i\.(?:org|python)",
        r"pythonhoste" + r"d\.org",
        r"npmj" + r"s\.(?:org|com)",
        r"deb(?:\.|ian\.)debia" + r"n\.org",
        r"--(?:extra-)?index-ur" + r"l",
    ])
)  # fmt: skip
SKIPPED_FOLDERS = {
    ".git",
    ".venv",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    "__pycache__",
    "demo",
    "dist",
    "build",
}


def _files() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=True,
        ).stdout.decode()  # fmt: skip
    except (OSError, subprocess.CalledProcessError):  # no git, or an unpacked archive
        return [p for p in ROOT.rglob("*") if p.is_file() and not SKIPPED_FOLDERS & set(p.relative_to(ROOT).parts)]
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _breaches(content: str) -> list[str]:
    return [match.group() for match in FORBIDDEN.finditer(content)]


def test_no_file_names_a_machine_or_a_registry():
    found = {}
    for path in _files():
        try:
            content = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if breaches := _breaches(content):
            found[path.relative_to(ROOT).as_posix()] = breaches
    assert found == {}


@pytest.mark.parametrize(
    "content",
    [
        "cd /wor" + "k/main",
        "/hom" + "e/anna/plant",
        "see https://pyp" + "i.org/x",
        "pip --index-ur" + "l x",
        "='/tm" + "p/x'",
    ],
)
def test_a_breach_is_found(content):
    assert _breaches(content)


@pytest.mark.parametrize("content", ["casting/work/x", "a file.tmp/x", "data/home/x", "docs/root/x", "../shared/data"])
def test_a_harmless_path_is_not(content):
    assert not _breaches(content)


def test_every_pin_is_a_bare_name_and_version():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", pin)] == []
    assert len({pin.partition("==")[0].lower() for pin in pins}) == len(pins)
