"""The picture of the pages on quality: the chart of `examples/find_a_shift.py`, in both languages.

python -m tests.docs.quality_pictures            list the pictures that are stale
python -m tests.docs.quality_pictures --write    draw them anew

As with the other pictures, fresh or stale is told by what they show: words, signs and values.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from examples import find_a_shift
from forgecast.app.quality.control_chart import KINDS, draw_control_chart
from forgecast.ground.texts import LANGUAGES, Language, text
from forgecast.tasks.chart_quality import PANELS, QualityChart
from tests.docs.pictures import COLOURS, PICTURES

SOURCES = PICTURES / "quality_sources.json"
NAMES = tuple(f"control.{language}.png" for language in LANGUAGES)


def digest(chart: QualityChart, language: Language) -> str:
    """Return the SHA-256 of what the picture of a language shows."""
    shown = {
        "words": [
            said.say(language)
            for said in (
                chart.title, KINDS[chart.kind], text("upper limit"), text("centre"), text("lower limit"),
                text("{source} · {points} points", source=chart.source, points="90"), text("made-up data"),
                text("{sign}: {rule} (points: {n})", sign="1", rule="", n="1"),
            )
        ],
        "panels": [
            [PANELS[panel.kind].say(language), [[m.sign, m.title.say(language), m.at.tolist()] for m in panel.marks],
             [round(float(v), 4) for v in panel.values[~np.isnan(panel.values)]]]
            for panel in chart.groups[0].panels
        ],
    }  # fmt: skip
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def stale(chart: QualityChart) -> list[str]:
    """Return the pictures that show something else than the program does now."""
    stored = json.loads(SOURCES.read_text(encoding="utf-8")) if SOURCES.is_file() else {}
    return [f"control.{language}" for language in LANGUAGES if stored.get(language) != digest(chart, language)]


def write(chart: QualityChart) -> None:
    """Draw the pictures and note what they were drawn from."""
    for language in LANGUAGES:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "drawn.png"
            draw_control_chart(chart, path, language)
            drawn = Image.open(io.BytesIO(path.read_bytes())).convert("RGB")
        small = drawn.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        small.save(PICTURES / f"control.{language}.png", "PNG", optimize=True)
    noted = {language: digest(chart, language) for language in LANGUAGES}
    SOURCES.write_text(json.dumps(noted, indent=1) + "\n", encoding="utf-8", newline="\n")


def main(words: list[str]) -> int:
    """Run the command line of this module; return its exit code."""
    chart = find_a_shift.run()
    left = stale(chart)
    if left and words == ["--write"]:
        write(chart)
        left = []
    print("\n".join(f"docs/pictures/{name}.png is stale: run `make docs`" for name in left) or "up to date")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
