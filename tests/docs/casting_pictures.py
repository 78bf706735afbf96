"""The pictures of the casting pages.

`casting`: the wedge of `examples/freeze_a_wedge.py` with its riser, in three sections. `boss`: the bare part of
`docs/start/first_casting.md`, as an X-ray would show it.

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
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from examples import freeze_a_wedge
from forgecast.app.casting.compose import outcome_of
from forgecast.app.casting.outcome import Outcome
from forgecast.app.casting.pictures import draw_porosity, draw_sections, shadows
from forgecast.app.casting.report import LABELS
from forgecast.ground.texts import LANGUAGES, Language, text
from forgecast.metal.alloy import alloy
from forgecast.shape.read import read_solid
from forgecast.tasks.freeze_part import Fineness, freeze_part
from forgecast.tasks.mould_layout import Pour
from tests.docs.pictures import COLOURS, PICTURES, ROOT

SOURCES = PICTURES / "casting_sources.json"
PART = ROOT / "docs" / "start" / "first_casting" / "boss.stl"
#: Edge of a cell [m]: fine enough to look at, a few seconds to compute.
CELL = 0.005
TITLES = {"casting": "Solidification time of {part}", "boss": "Shrinkage and porosity of {part}"}
NAMES = tuple(f"{subject}.{language}.png" for subject in TITLES for language in LANGUAGES)


def outcome_for(subject: str) -> Outcome:
    """Return the run that a picture shows."""
    if subject == "casting":
        return freeze_a_wedge.run(CELL, riser=True)
    pour = Pour(alloy("WCB"), 1853.15, "green-sand", mould_temperature=293.15, ambient=293.15)
    frozen = freeze_part(read_solid(PART, unit="mm").solid, [], pour, Fineness(cell=CELL, margin=0.060))
    return outcome_of(frozen, title=PART.stem, made=datetime.now(UTC).replace(microsecond=0))


def sources(outcome: Outcome, subject: str) -> dict[str, str]:
    """Return the SHA-256 of what the picture of each language shows."""
    return {f"{subject}.{language}": _digest(outcome, subject, language) for language in LANGUAGES}


def _digest(outcome: Outcome, subject: str, language: Language) -> str:
    shown = {
        "title": text(TITLES[subject], part=outcome.title).say(language),
        "labels": {name: said.say(language) for name, said in LABELS.items() if name != "version"},
        "cells": outcome.grid.shape,
        "figures": [[f.name, None if f.value is None else float(f"{f.value:.2g}")] for f in outcome.figures],
        "spots": [[spot.number, spot.body.say(language), float(f"{spot.time:.2g}")] for spot in outcome.spots],
    }
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def stale(outcome: Outcome, subject: str) -> list[str]:
    """Return the pictures that show something else than the program does now."""
    stored = _stored()
    return [name for name, digest in sources(outcome, subject).items() if stored.get(name) != digest]


def write(outcome: Outcome, subject: str) -> None:
    """Draw the pictures and note what they were drawn from."""
    for language in LANGUAGES:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "drawn.png"
            if subject == "casting":
                draw_sections(outcome, path, language)
            else:
                draw_porosity(outcome, path, language, shadows(outcome))
            drawn = Image.open(io.BytesIO(path.read_bytes())).convert("RGB")
        small = drawn.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        small.save(PICTURES / f"{subject}.{language}.png", "PNG", optimize=True)
    noted = _stored() | sources(outcome, subject)
    SOURCES.write_text(json.dumps(noted, indent=1) + "\n", encoding="utf-8", newline="\n")


def _stored() -> dict[str, str]:
    """Return what the pictures were drawn from."""
    return json.loads(SOURCES.read_text(encoding="utf-8")) if SOURCES.is_file() else {}


def main(words: list[str]) -> int:
    """Run the command line of this module; return its exit code."""
    left = []
    for subject in TITLES:
        outcome = outcome_for(subject)
        old = stale(outcome, subject)
        if old and words == ["--write"]:
            write(outcome, subject)
            old = []
        left += old
    print("\n".join(f"docs/pictures/{name}.png is stale: run `make docs`" for name in left) or "up to date")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
