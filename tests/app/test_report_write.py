"""Writing a report: whole or not at all, and an error that says how to go on."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from forgecast.app.report import write, write_report
from forgecast.app.report.fonts import latin_font, legible
from forgecast.ground.errors import ForgecastError
from forgecast.tasks.assessment import Assessment


@pytest.mark.parametrize(("name", "start"), [("r.pdf", b"%PDF"), ("R.HTML", b"<!DOCTYPE html>")])
def test_a_report_is_written_and_replaced(calm: Assessment, tmp_path: Path, name: str, start: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(b"old")
    write_report(calm, path, "en")
    assert path.read_bytes().startswith(start)
    assert [child.name for child in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["report.docx", "report", "no/such/folder/report.pdf"])
def test_a_name_that_cannot_be_written_is_refused_with_its_repair(calm: Assessment, tmp_path: Path, name: str) -> None:
    with pytest.raises(ForgecastError) as caught:
        write_report(calm, tmp_path / name, "en")
    assert str(caught.value.repair)
    assert caught.value.where
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_fails_leaves_the_old_one(
    calm: Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write.os, "fsync", full)
    with pytest.raises(ForgecastError, match="No space left"):
        write_report(calm, path, "en")
    assert path.read_bytes() == b"old"
    assert [child.name for child in tmp_path.iterdir()] == ["report.html"]


def test_an_absent_typeface_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)
    with pytest.raises(ForgecastError) as caught:
        latin_font()
    assert "pip install fontpkg-ibm-plex-sans" in str(caught.value.repair)


def test_what_no_typeface_can_draw_is_named_by_its_code_point() -> None:
    assert legible("炉前 ok") == "炉前 ok"
    assert legible("ok 👍\x07") == "ok [U+1F44D][U+0007]"
    assert legible("a\tb\nc") == "a b c"
