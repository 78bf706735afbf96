"""The pictures of the forging pages: the ring test of the first forging.

python -m tests.docs.forging_pictures            list the pictures that are stale
python -m tests.docs.forging_pictures --write    draw them anew

As with the other pictures, fresh or stale is told by what they show: words and figures to three digits.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tempfile
from pathlib import Path

from PIL import Image

from forgecast.app.forging.ring_picture import draw_rings
from forgecast.gateway.measured_table import read_measured
from forgecast.gateway.ring_table import RING_COLUMNS
from forgecast.ground.texts import LANGUAGES, Language, text
from forgecast.tasks.fit_rings import RingAnswer, fit_rings
from tests.docs.pages import ROOT
from tests.docs.pictures import COLOURS, PICTURES

SOURCES = PICTURES / "forging_sources.json"
NAMES = tuple(f"ring.{language}.png" for language in LANGUAGES)


def answer() -> RingAnswer:
    """Return what the pictures show."""
    table = read_measured(ROOT / "docs" / "start" / "first_forging" / "rings.csv", RING_COLUMNS)
    return fit_rings(table, 0.036, 0.018, 0.012)


def sources(found: RingAnswer) -> dict[str, str]:
    """Return the SHA-256 of what each picture shows in each language."""
    return {f"ring.{language}": _digest(found, language) for language in LANGUAGES}


def _digest(found: RingAnswer, language: Language) -> str:
    words = [text("measured rings"), text("fitted"), text("reduction of the height [%]")]
    figures = [float(f"{x:.3g}") for x in (found.m, found.halfwidth, *found.reduction, *found.decrease)]
    shown = [found.name, figures, [word.say(language) for word in words]]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def stale(found: RingAnswer) -> list[str]:
    """Return the pictures that show something else than the program does now."""
    stored = json.loads(SOURCES.read_text(encoding="utf-8")) if SOURCES.is_file() else {}
    return [name for name, digest in sources(found).items() if stored.get(name) != digest]


def write(found: RingAnswer) -> None:
    """Draw the pictures and note what they were drawn from."""
    for language in LANGUAGES:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "drawn.png"
            draw_rings(found, path, language)
            drawn = Image.open(io.BytesIO(path.read_bytes())).convert("RGB")
        small = drawn.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        small.save(PICTURES / f"ring.{language}.png", "PNG", optimize=True)
    SOURCES.write_text(json.dumps(sources(found), indent=1) + "\n", encoding="utf-8", newline="\n")


def main(words: list[str]) -> int:
    """Run the command line of this module; return its exit code."""
    found = answer()
    old = stale(found)
    if old and words == ["--write"]:
        write(found)
        old = []
    print("\n".join(f"docs/pictures/{name}.png is stale: run `make docs`" for name in old) or "up to date")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
