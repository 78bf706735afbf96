"""The pictures of the melting pages: the charge and the cup of the examples.

python -m tests.docs.melting_pictures            list the pictures that are stale
python -m tests.docs.melting_pictures --write    draw them anew

As with the other pictures, fresh or stale is told by what they show: words and figures to three digits.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from examples import a_charge_with_copper, a_cup_with_known_truth
from forgecast.app.melting.charge_picture import draw_charge
from forgecast.app.melting.curve_picture import draw_curve, marks_of
from forgecast.ground.texts import LANGUAGES, Language, text
from forgecast.tasks.mix_charge import ChargeAnswer
from forgecast.tasks.read_cooling_curve import CurveAnswer
from tests.docs.pictures import COLOURS, PICTURES

SOURCES = PICTURES / "melting_sources.json"
NAMES = tuple(f"{subject}.{language}.png" for subject in ("charge", "cup") for language in LANGUAGES)


def answers() -> dict[str, ChargeAnswer | CurveAnswer]:
    """Return what the pictures show."""
    return {"charge": a_charge_with_copper.run(), "cup": a_cup_with_known_truth.run()[0]}


def sources(found: Mapping[str, ChargeAnswer | CurveAnswer]) -> dict[str, str]:
    """Return the SHA-256 of what each picture shows in each language."""
    return {f"{name}.{language}": _digest(found[name], language) for name in found for language in LANGUAGES}


def _digest(answer: ChargeAnswer | CurveAnswer, language: Language) -> str:
    shown: object
    if isinstance(answer, ChargeAnswer):
        masses = {n: float(f"{m:.3g}") for n, m in zip(answer.problem.names, answer.mix.masses, strict=True)}
        limits = [[k.name, k.side, k.bound, float(f"{k.expected:.3g}"), k.binds] for k in answer.mix.kept]
        words = [text("this charge"), text("contents within their limits"), text("binds"), text("mass charged [kg]")]
        shown = [answer.title, masses, limits, [word.say(language) for word in words]]
    else:
        marks = [[s, w.say(language), float(f"{p.temperature:.4g}")] for s, w, p in marks_of(answer.features)]
        words = [text("what smoothing adds (bias)"), text("temperature [°C]"), text("readings")]
        shown = [answer.record.name, marks, [word.say(language) for word in words]]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def stale(found: Mapping[str, ChargeAnswer | CurveAnswer]) -> list[str]:
    """Return the pictures that show something else than the program does now."""
    stored = json.loads(SOURCES.read_text(encoding="utf-8")) if SOURCES.is_file() else {}
    return [name for name, digest in sources(found).items() if stored.get(name) != digest]


def write(found: Mapping[str, ChargeAnswer | CurveAnswer]) -> None:
    """Draw the pictures and note what they were drawn from."""
    for name, answer in found.items():
        for language in LANGUAGES:
            with tempfile.TemporaryDirectory() as place:
                path = Path(place) / "drawn.png"
                _drawer(answer)(path, language)
                drawn = Image.open(io.BytesIO(path.read_bytes())).convert("RGB")
            small = drawn.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            small.save(PICTURES / f"{name}.{language}.png", "PNG", optimize=True)
    SOURCES.write_text(json.dumps(sources(found), indent=1) + "\n", encoding="utf-8", newline="\n")


def _drawer(answer: ChargeAnswer | CurveAnswer) -> Callable[[Path, Language], None]:
    if isinstance(answer, ChargeAnswer):
        return lambda path, language: draw_charge(answer, path, language)
    return lambda path, language: draw_curve(answer, path, language)


def main(words: list[str]) -> int:
    """Run the command line of this module; return its exit code."""
    found = answers()
    old = stale(found)
    if old and words == ["--write"]:
        write(found)
        old = []
    print("\n".join(f"docs/pictures/{name}.png is stale: run `make docs`" for name in old) or "up to date")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
