"""The two typefaces of Forgecast, found in the wheels they are installed from."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

_LATIN = ("fontpkg-ibm-plex-sans", "IBMPlexSans[wdth,wght].ttf")
_CHINESE = ("pylopdf-fonts-zh-cn", "NotoSansSC-Regular.otf")


def latin_font() -> Path:
    """Return IBM Plex Sans (variable in weight).

    Raises
    ------
    ForgecastError
        If its wheel is not installed.
    """
    return _found(*_LATIN)


def chinese_font() -> Path:
    """Return Noto Sans SC Regular.

    Raises
    ------
    ForgecastError
        If its wheel is not installed.
    """
    return _found(*_CHINESE)


def font_folders() -> tuple[Path, ...]:
    """Return the folders of both typefaces."""
    return latin_font().parent, chinese_font().parent


@lru_cache(maxsize=1)
def latin_characters() -> frozenset[int]:
    """Return the code points IBM Plex Sans can draw."""
    return _characters(latin_font())


@lru_cache(maxsize=1)
def chinese_characters() -> frozenset[int]:
    """Return the code points Noto Sans SC can draw."""
    return _characters(chinese_font())


@lru_cache(maxsize=1)
def drawable() -> frozenset[int]:
    """Return the code points that at least one of the typefaces can draw."""
    return latin_characters() | chinese_characters()


def legible(sentence: str) -> str:
    """Return a text in which what no typeface can draw stands as its code point (``[U+1F600]``), never as a box."""
    known = drawable()
    if all(ord(character) in known for character in sentence):
        return sentence
    return "".join(_legible(character, known) for character in sentence)


def only_latin(sentences: Iterable[str]) -> bool:
    """Return whether IBM Plex Sans can draw all of some texts."""
    known = latin_characters()
    return all(ord(character) in known for sentence in sentences for character in sentence)


def for_one_font(sentence: str) -> tuple[str, Path]:
    """Return a text and the one typeface that can draw all of it; what neither can is written plainly (CO2)."""
    lines = [legible(line) for line in sentence.split("\n")]
    if only_latin(lines):
        return "\n".join(lines), latin_font()
    return "\n".join(_in_chinese_font(line) for line in lines), chinese_font()


def _in_chinese_font(line: str) -> str:
    known = chinese_characters()
    plain = (c if ord(c) in known else unicodedata.normalize("NFKC", c) for c in line)
    return "".join(c if all(ord(part) in known for part in c) else "?" for c in plain)


def _legible(character: str, known: frozenset[int]) -> str:
    if ord(character) in known:
        return character
    if character.isspace():
        return " "
    return f"[U+{ord(character):04X}]"


def _characters(font: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont  # noqa: PLC0415  (only a report needs it)

    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def _found(wheel: str, name: str) -> Path:
    try:
        files = metadata.distribution(wheel).files or ()
    except metadata.PackageNotFoundError:
        files = ()
    for file in files:
        if file.name == name:
            path = Path(str(file.locate()))
            if path.is_file():
                return path
    raise ForgecastError(
        text("the typeface {name} of a report is not installed", name=name),
        where=wheel,
        repair=text("install it: python -m pip install {wheel}", wheel=wheel),
    )
