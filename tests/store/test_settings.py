from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.ground.dates import Shift
from forgecast.ground.errors import PlantError
from forgecast.store.settings import PlantSettings, read_settings, written_settings

GOOD = written_settings(PlantSettings("p1", "一号厂"))


def _read(folder: Path, content: str) -> PlantSettings:
    (folder / "plant.toml").write_text(content, encoding="utf-8")
    return read_settings(folder)


def test_what_is_written_is_read_again(tmp_path):
    settings = PlantSettings(
        id="P-1.a_b",
        name='Müller "Guss"\\Werk\t2 铸造厂',
        zone="Europe/Berlin",
        synthetic=True,
        records="postgresql+psycopg://u@localhost/p",
        valid_hour_share=0.5,
        minimum_coverage=1.0,
        shifts=(Shift("早班", time(6, 30)), Shift("晚班", time(18, 30))),
    )
    assert _read(tmp_path, written_settings(settings)) == settings


@given(name=st.text(min_size=1).filter(lambda name: name.strip() and "\r" not in name))
def test_any_name_survives(name):
    import tempfile

    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in name):
        return  # a lone surrogate is no text that a file can hold
    with tempfile.TemporaryDirectory() as folder:
        assert _read(Path(folder), written_settings(PlantSettings("a", name))).name == name


def test_the_new_file_is_explained_in_both_languages():
    comments = [line for line in GOOD.splitlines() if line.startswith("#")]
    assert any("时区" in line for line in comments)
    assert any("Time zone" in line for line in comments)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    (tmp_path / "plant.toml").write_bytes(GOOD.encode("utf-8-sig"))
    assert read_settings(tmp_path).id == "p1"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('id = "p1"', "id = 7", "id = 7"),
        ('id = "p1"', "# no id", None),
        ('id = "p1"', 'id = "two words"', None),
        ('zone = "Asia/Shanghai"', 'zone = "Asia/Peking"', None),
        ("synthetic = false", "synthetic = 0", "synthetic = 0"),
        ("synthetic = false", "synthetik = false", "synthetik"),
        ("valid_hour_share = 0.75", "valid_hour_share = 75", None),
        ("valid_hour_share = 0.75", 'valid_hour_share = "high"', 'valid_hour_share = "high"'),
        ("[environment]", "[enviroment]", "[enviroment]"),
        ('start = "08:00"', 'start = "25:00"', None),
        ('start = "08:00"', 'start = "21:00"', None),
        ('zone = "Asia/Shanghai"', "zone = Asia/Shanghai", "zone = Asia/Shanghai"),
        ("[plant]", "[plant", "[plant"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_line_and_the_repair(tmp_path, old, new, key):
    assert old in GOOD
    content = GOOD.replace(old, new, 1)
    with pytest.raises(PlantError) as caught:
        _read(tmp_path, content)
    where = caught.value.where
    assert str(tmp_path / "plant.toml") in where
    assert caught.value.repair.say("en")
    if key is not None:
        line = next(i for i, text in enumerate(content.splitlines(), start=1) if text.startswith(key))
        assert where.endswith(f":{line}")


def test_a_folder_of_a_newer_form_is_refused(tmp_path):
    with pytest.raises(PlantError, match="format 2"):
        _read(tmp_path, GOOD.replace("format = 1", "format = 2"))


def test_a_file_that_is_not_utf8_names_the_line(tmp_path):
    (tmp_path / "plant.toml").write_bytes('format = 1\n[plant]\nname = "一号厂"\n'.encode("gb18030"))
    with pytest.raises(PlantError) as caught:
        read_settings(tmp_path)
    assert caught.value.where.endswith(":3")
