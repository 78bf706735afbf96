"""The pictures of the casting pages: the wedge of `examples/freeze_a_wedge.py` with its riser, in three sections.

python -m tests.docs.casting_pictures            list the pictures that are stale
python -m tests.docs.casting_pictures --write    draw them anew

As with the other pictures, fresh or stale is told by what they show: title, legend and figures to two digits.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tempfile
from pathlib import Path

from PIL import Image

from examples.freeze_a_wedge import run
from forgecast.app.casting.outcome import Outcome
from forgecast.app.casting.pictures import draw_sections
from forgecast.app.casting.report import LABELS
from forgecast.ground.texts import LANGUAGES, Language, text
from tests.docs.pictures import COLOURS, PICTURES

SOURCES = PICTURES / "casting_sources.json"
NAMES = tuple(f"casting.{language}.png" for language in LANGUAGES)
#: Edge of a cell [m]: fine enough to look at, a few seconds to compute.
CELL = 0.005


def sources(outcome: Outcome) -> dict[str, str]:
    """Return the SHA-256 of what the picture of each language shows."""
    return {language: _digest(outcome, language) for language in LANGUAGES}


def _digest(outcome: Outcome, language: Language) -> str:
    shown = {
        "title": text("Solidification time of {part}", part=outcome.title).say(language),
        "labels": {name: said.say(language) for name, said in LABELS.items() if name != "version"},
        "cells": outcome.grid.shape,
        "figures": [[f.name, None if f.value is None else float(f"{f.value:.2g}")] for f in outcome.figures],
        "spots": [[spot.number, spot.body.say(language), float(f"{spot.time:.2g}")] for spot in outcome.spots],
    }
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def stale(outcome: Outcome) -> list[str]:
    """Return the languages whose picture shows something else than the program does now."""
    stored = json.loads(SOURCES.read_text(encoding="utf-8")) if SOURCES.is_file() else {}
    return [language for language, digest in sources(outcome).items() if stored.get(language) != digest]


def write(outcome: Outcome) -> None:
    """Draw the pictures and note what they were drawn from."""
    for language in LANGUAGES:
        with tempfile.TemporaryDirectory() as place:
            draw_sections(outcome, Path(place) / "sections.png", language)
            drawn = Image.open(io.BytesIO((Path(place) / "sections.png").read_bytes())).convert("RGB")
        small = drawn.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        small.save(PICTURES / f"casting.{language}.png", "PNG", optimize=True)
    SOURCES.write_text(json.dumps(sources(outcome), indent=1) + "\n", encoding="utf-8", newline="\n")


def main(words: list[str]) -> int:
    """Run the command line of this module; return its exit code."""
    outcome = run(CELL, riser=True)
    old = stale(outcome)
    if old and words == ["--write"]:
        write(outcome)
        old = []
    print("\n".join(f"docs/pictures (casting, {one}) is stale: run `make docs`" for one in old) or "up to date")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
