"""The two typefaces as slices for the browser, which fetches only those whose characters a page shows.

Making a slice takes a second or two, so it is made once per computer and kept in the user's cache folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from forgecast.app.report import fonts
from forgecast.ground.cache_folder import cache_folder

#: Change it when slices are made in another way.
_EDITION = "1"
#: Characters of the rest of GB 2312 (names of people and places) in one slice.
_SLICE = 700
#: Code points that pages set in IBM Plex Sans, where it has them: Latin, Greek letters of formulas, signs.
_LATIN = (
    (0x20, 0x17F), (0x391, 0x3C9), (0x2010, 0x203A), (0x2070, 0x209C), (0x20AC, 0x20AC), (0x2122, 0x2122),
    (0x2190, 0x2193), (0x2200, 0x2265), (0x2713, 0x2717),
)  # fmt: skip
#: Quotation marks, dashes and dots that are as wide as a character in Chinese text.
_WIDE = frozenset(map(ord, "“”‘’—…·"))
#: Signs that only the Chinese typeface has.
_SIGNS = frozenset(map(ord, "▲▼◐●○■□◆℃→←↑↓①②③④⑤⑥⑦⑧⑨"))
_MAKING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a typeface.

    Parameters
    ----------
    name : str
        Of its file, which changes with its content.
    family : str
    font : Path
        What it is cut from.
    characters : frozenset of int
    """

    name: str
    family: str
    font: Path
    characters: frozenset[int]


@lru_cache(maxsize=1)
def slices() -> dict[str, Slice]:
    """Return all slices by name: Latin, signs, the characters of our own sentences, and the rest of GB 2312."""
    latin = frozenset(c for first, last in _LATIN for c in range(first, last + 1)) & fonts.latin_characters()
    chinese = fonts.chinese_characters()
    catalogue = (resources.files("forgecast") / "texts" / "zh.po").read_text(encoding="utf-8")
    ours = (frozenset(map(ord, catalogue)) & chinese) - latin - _SIGNS
    rest = [c for c in _gb2312() if c in chinese and c not in latin | ours | _SIGNS]
    made = [
        _slice("Latin", fonts.latin_font(), latin),
        _slice("Chinese", fonts.chinese_font(), _SIGNS & chinese - latin),
    ]
    made.append(_slice("Chinese", fonts.chinese_font(), ours))
    made.extend(
        _slice("Chinese", fonts.chinese_font(), frozenset(rest[at : at + _SLICE])) for at in range(0, len(rest), _SLICE)
    )
    return {one.name: one for one in made}


def style_sheet(folder: str) -> str:
    """Return the CSS that names all slices with their characters.

    Parameters
    ----------
    folder : str
        Address under which the slices are served.
    """
    rules = []
    for one in slices().values():
        weights = "400 700" if one.family == "Latin" else "400"
        rules.append(
            f'@font-face{{font-family:"Forgecast {one.family}";font-weight:{weights};font-display:swap;'
            f'src:url("{folder}/{one.name}") format("woff");unicode-range:{_ranges(one.characters)}}}'
        )
    wide = _ranges(_WIDE & fonts.chinese_characters())
    ours = list(slices().values())[2]
    rules.append(
        f'@font-face{{font-family:"Forgecast Wide";font-weight:400;font-display:swap;'
        f'src:url("{folder}/{ours.name}") format("woff");unicode-range:{wide}}}'
        ':root:lang(zh){--font:"Forgecast Wide","Forgecast Latin","Forgecast Chinese","PingFang SC","Microsoft YaHei",'
        '"Noto Sans CJK SC",system-ui,sans-serif}'
    )
    return "\n".join(rules)


def slice_file(name: str) -> Path | None:
    """Return the file of a slice, made now if it is not kept yet; None where there is no such slice."""
    one = slices().get(name)
    if one is None:
        return None
    path = cache_folder("webfonts") / name
    if not path.is_file():
        with _MAKING:  # one at a time: each takes a second of one core
            if not path.is_file():
                _keep(path, _cut(one))
    return path


def _slice(family: str, font: Path, characters: Iterable[int]) -> Slice:
    kept = frozenset(characters) | (_WIDE & fonts.chinese_characters() if family == "Chinese" else frozenset())
    said = f"{_EDITION} {font.name} {font.stat().st_size} {sorted(kept)}"
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    return Slice(f"{family.lower()}-{digest}.woff", family, font, frozenset(characters))


def _cut(one: Slice) -> bytes:
    from fontTools import subset  # noqa: PLC0415  (only where a slice is made)
    from fontTools.ttLib import TTFont  # noqa: PLC0415
    from fontTools.varLib import instancer  # noqa: PLC0415

    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern", "tnum", "liga", "calt"]
    font = TTFont(one.font, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    characters = one.characters
    if one.family == "Chinese":
        characters |= _WIDE & fonts.chinese_characters()
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    if "fvar" in font:
        font = instancer.instantiateVariableFont(font, {"wdth": 100, "wght": (400, 700)})
    font.flavor = "woff"
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    try:
        Path(name).replace(path)
    except OSError:  # another process has just put it there, and somebody reads it (Windows)
        with contextlib.suppress(OSError):
            Path(name).unlink()
        if not path.is_file():
            raise


def _ranges(characters: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for c in sorted(characters):
        if runs and c == runs[-1][1] + 1:
            runs[-1][1] = c
        else:
            runs.append([c, c])
    return ",".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in runs)


def _gb2312() -> list[int]:
    found = []
    for high in range(0xA1, 0xF8):  # the common characters come first, then the rare ones
        for low in range(0xA1, 0xFF):
            with contextlib.suppress(UnicodeDecodeError):
                found.append(ord(bytes([high, low]).decode("gb2312")))
    return found
