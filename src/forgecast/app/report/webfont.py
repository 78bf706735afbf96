"""The two typefaces cut down to the characters of one page, to be carried inside it."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from forgecast.app.report import fonts
from forgecast.ground.texts import Language

#: Quotation marks, dashes and dots that are as wide as a character in Chinese text: they belong to its typeface.
_WIDE_IN_CHINESE = {ord(character) for character in "“”‘’—…"}


def font_faces(sentence: str, language: Language) -> str:
    """Return CSS that carries the typefaces with just the characters of a text.

    Parameters
    ----------
    sentence : str
        Everything the page shows.
    language : Language

    Raises
    ------
    ForgecastError
        If a typeface is not installed.
    """
    characters = {ord(character) for character in sentence if not character.isspace()}
    latin = (characters & fonts.latin_characters()) | set(range(0x20, 0x7F))
    if language == "zh":
        latin -= _WIDE_IN_CHINESE
    chinese = (characters & fonts.drawable()) - latin
    faces = [_face("Forgecast Latin", fonts.latin_font(), latin, weights="100 700")]
    if chinese:
        faces.append(_face("Forgecast Chinese", fonts.chinese_font(), chinese, weights="400"))
    return "\n".join(faces)


def _face(family: str, font: Path, characters: set[int], *, weights: str) -> str:
    data = base64.b64encode(_subset(font, characters)).decode("ascii")
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weights}; font-display: swap; '
        f'src: url("data:font/woff;base64,{data}") format("woff"); }}'
    )


def _subset(font: Path, characters: set[int]) -> bytes:
    from fontTools import subset  # noqa: PLC0415  (only an HTML report needs it)

    options = subset.Options()
    options.flavor = "woff"
    options.hinting = False
    options.layout_features = ["kern", "tnum", "liga", "calt"]
    written = io.BytesIO()
    with subset.load_font(str(font), options, dontLoadGlyphNames=True) as opened:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=characters)
        cutter.subset(opened)
        opened.flavor = "woff"
        opened.recalcTimestamp = False
        opened.save(written)
    return written.getvalue()
