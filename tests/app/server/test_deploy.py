"""The files of `deploy/`: read by the programs they are written for, and by a few rules of our own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.server.running import NGINX, nginx_settings

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
ROOT = DEPLOY.parent
INSTRUCTIONS = {
    "ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK",
    "ENTRYPOINT", "CMD",
}  # fmt: skip
#: What a container may hold of the repository: no tests, no data, no history, no secret.
COPIED = {"pyproject.toml", "README.md", "LICENSE", "constraints.txt", "src"}


def instructions(content: str) -> list[tuple[str, str]]:
    """Return the instructions of a container file."""
    plain = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", content, flags=re.MULTILINE))
    return [(line.split()[0], line.partition(" ")[2]) for line in plain.splitlines() if line.strip()]


def complaints(content: str, root: Path = ROOT) -> list[str]:
    """Return what is wrong with a container file."""
    found, said = instructions(content), []
    said += [f"unknown: {name}" for name, _ in found if name not in INSTRUCTIONS]
    stages = [i for i, (name, _) in enumerate(found) if name == "FROM"]
    last = found[stages[-1] :]
    for name, words in found:
        if name == "COPY" and not words.startswith("--from="):
            *sources, _ = words.split()
            said += [f"copies {one}" for one in sources if one not in COPIED or not (root / one).exists()]
        if name == "FROM" and words.split()[0] != "${BASE}":
            said.append(f"base is fixed: {words}")
        if re.search(r"https?://(?!127\.0\.0\.1)", words):
            said.append(f"names a host: {words}")
    if any("--no-cache-dir" not in words for name, words in found if name == "RUN" and "pip install" in words):
        said.append("keeps the cache of pip")
    names = [name for name, _ in last]
    said += [f"has no {one}" for one in ("USER", "HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT") if one not in names]
    users = [words for name, words in last if name == "USER"]
    if not users or users[-1].strip() in {"0", "root"}:
        said.append("runs as root")
    return said


def test_the_container_file_is_as_it_should_be():
    assert complaints((DEPLOY / "Containerfile").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("USER 10001", "USER root", "root"),
        ("COPY src ./src", "COPY . .", "copies ."),
        ("COPY src ./src", "COPY src tests ./", "copies tests"),
        ("FROM ${BASE}\nCOPY --from", "FROM python:3.12\nCOPY --from", "base is fixed"),
        ("STOPSIGNAL SIGTERM", "STOPSIGNALS SIGTERM", "unknown: STOPSIGNALS"),
        (" --no-cache-dir", "", "cache"),
    ],
)
def test_what_is_wrong_with_a_container_file_is_found(old, new, word):
    content = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert old in content
    assert any(word in one for one in complaints(content.replace(old, new)))


def test_every_command_of_the_files_is_one_of_ours():
    from tests.docs.test_pages import _unknown

    service = (DEPLOY / "forgecast.service").read_text(encoding="utf-8")
    start = re.search(r"^ExecStart=/opt/forgecast/bin/(.*)$", service, re.MULTILINE)
    container = dict(instructions((DEPLOY / "Containerfile").read_text(encoding="utf-8")))
    words = " ".join(shlex.split(re.sub(r"[\[\],]", " ", container["ENTRYPOINT"] + container["CMD"])))
    assert start is not None
    for call in (start[1], words):
        assert call.startswith("forgecast serve")
        assert _unknown(call) == "", call


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_reads_the_unit(tmp_path):
    # The program is not installed here: another one that is there takes its place.
    program = Path(os.path.realpath(sys.executable))
    content = (DEPLOY / "forgecast.service").read_text(encoding="utf-8")
    unit = tmp_path / "forgecast.service"
    for old, clean in (("", True), ("ProtectSystem=strict", False)):
        changed = content.replace("/opt/forgecast/bin/forgecast", str(program))
        changed = changed.replace(old, "ProtectSystems=strict") if old else changed
        unit.write_text(changed, encoding="utf-8")
        done = subprocess.run(
            ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False, timeout=300
        )
        ours = [line for line in done.stderr.splitlines() if "forgecast.service" in line]
        assert (ours == []) is clean, done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_unit_may_do_little():
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(DEPLOY / "forgecast.service")],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_nginx_reads_its_settings(tmp_path):
    settings = nginx_settings(tmp_path, [8080, 8081], 8443)
    assert NGINX is not None
    command = [NGINX, "-t", "-c", str(settings), "-e", str(tmp_path / "first.log")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    settings.write_text(settings.read_text(encoding="utf-8").replace("hash $", "hashes $"), encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode != 0
