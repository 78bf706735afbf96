"""The pictures of the READMEs: pages of the report on the synthetic plant, and the head of its terminal summary.

python -m tests.docs.pictures            list the pictures that are stale
python -m tests.docs.pictures --write    draw them anew

Fresh or stale is told by what they show, not by their pixels: beside them stands the SHA-256 of the content each was
drawn from, so another machine's rounding of a curve or another version of a renderer makes nothing stale.
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
import sys
import tempfile
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import pypdfium2
from PIL import Image
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text as Line

from forgecast.app.cli.summary import show_assessment
from forgecast.app.report import render_pdf
from forgecast.app.report.content import Report, content_of
from forgecast.app.report.words import label
from forgecast.ground.texts import LANGUAGES, Language
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment
from forgecast.tasks.make_sample_plant import make_sample_plant

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
SOURCES = PICTURES / "sources.json"
#: The smallest synthetic plant: its records are those of the demo, its series are shorter.
SCALE = 0.001
#: Dots to the inch of a page, colours kept of it, and columns of the terminal.
DPI, COLOURS, COLUMNS = 120, 256, 100
#: Fonts a viewer has; nothing is fetched when a README is opened.
FONTS = (
    "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans SC', 'Microsoft YaHei', monospace"
)
#: Width of a terminal cell in the SVG that rich writes, and its texts: before x, x, up to the length, rest, content.
CELL = 12.2
_TEXT = re.compile(r'<text ([^>]*?)x="([\d.]+)"([^>]*?)textLength="[^"]*"([^>]*)>([^<]*)</text>')


def assessed(plant: Path) -> Assessment:
    """Return the assessment that is pictured."""
    with PlantFolder.open(plant) as folder:
        return assess_plant(folder)


def sources(assessment: Assessment) -> dict[str, str]:
    """Return the SHA-256 of what the pictures of each language show."""
    layout = (ROOT / "src" / "forgecast" / "app" / "report" / "report.typ").read_text(encoding="utf-8")
    return {language: _digest(content_of(assessment, language), layout) for language in LANGUAGES}


def _digest(report: Report, layout: str) -> str:
    drawn = [report.curves[card.curve] for card in report.not_met if card.curve >= 0]
    shown = {
        "head": [report.plant, report.period, report.judged, report.summary, report.labels],
        "counts": [asdict(count) for count in report.counts],
        "quality": [asdict(group) for group in report.quality],
        "not_met": [asdict(card) for card in report.not_met],
        "curves": [[None if v is None else float(f"{v:.3g}") for v in curve.values] for curve in drawn],
        "layout": layout,
    }
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False, default=str).encode()).hexdigest()


def pictures(assessment: Assessment) -> dict[str, bytes]:
    """Return all pictures by file name."""
    made: dict[str, bytes] = {}
    for language in LANGUAGES:
        first, chart = _pages(assessment, language)
        made |= {
            f"report.{language}.png": first,
            f"chart.{language}.png": chart,
            f"terminal.{language}.svg": _terminal(assessment, language).encode(),
        }
    return made


def _pages(assessment: Assessment, language: Language) -> tuple[bytes, bytes]:
    """Return the first page, and the first page with a curve of something that is not met."""
    report = content_of(assessment, language)
    drawn = next(card.id for card in report.not_met if card.curve >= 0)
    document = pypdfium2.PdfDocument(render_pdf(assessment, language))
    texts = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    return _png(document[0]), _png(document[next(n for n, text in enumerate(texts) if drawn in text)])


def _png(page: pypdfium2.PdfPage) -> bytes:
    image = (
        page.render(scale=DPI / 72)
        .to_pil()
        .convert("RGB")
        .quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    )
    place = io.BytesIO()
    image.save(place, "PNG", optimize=True)
    return place.getvalue()


def _terminal(assessment: Assessment, language: Language) -> str:
    """Return the terminal summary down to the end of what is not met, as SVG without anything to fetch."""
    page = io.StringIO()
    show_assessment(assessment, Console(file=page, force_terminal=True, width=COLUMNS, color_system="truecolor"),
                    language, plant_path="demo/plant")  # fmt: skip
    lines = page.getvalue().split("\n")
    ends = (label("partly", language), label("not_known", language))
    last = next(n for n, line in enumerate(lines) if Line.from_ansi(line).plain.strip().startswith(ends))
    console = Console(file=io.StringIO(), record=True, width=COLUMNS)
    for line in lines[:last]:
        console.print(Line.from_ansi(line), end="\n", soft_wrap=True)
    svg = console.export_svg(title="forgecast assess demo/plant", unique_id=f"terminal-{language}")
    svg = _TEXT.sub(_runs, svg)
    svg = re.sub(r"@font-face\s*\{.*?\}\s*|<!--.*?-->", "", svg, flags=re.DOTALL)
    return re.sub(r"font-family: [^;]+;", f"font-family: {FONTS};", svg)


def _runs(element: re.Match[str]) -> str:
    """Set narrow and wide characters apart, each run at its own cell: rich gives both the room of a narrow one."""
    before, x, between, after, content = element.groups()
    made, cell = "", 0
    for wide, run in groupby(html.unescape(content).replace("\xa0", " "), key=lambda letter: cell_len(letter) == 2):
        text = "".join(run)
        for word in re.finditer(r"\S+(?: \S+)*", text):
            at = float(x) + CELL * (cell + cell_len(text[: word.start()]))
            room = CELL * cell_len(word[0])
            place = f'{before}x="{at:.1f}"{between}textLength="{room:.1f}"{after}'
            made += f"<text {place}>{html.escape(word[0]).replace(' ', '&#160;')}</text>"
        cell += cell_len(text) if not wide else 2 * len(text)
    return made


def stale(assessment: Assessment) -> list[str]:
    """Return the languages whose pictures show another content than the program does now."""
    stored = json.loads(SOURCES.read_text(encoding="utf-8")) if SOURCES.is_file() else {}
    return [language for language, digest in sources(assessment).items() if stored.get(language) != digest]


def write(assessment: Assessment) -> None:
    """Draw all pictures and note what they were drawn from."""
    PICTURES.mkdir(exist_ok=True)
    for name, content in pictures(assessment).items():
        (PICTURES / name).write_bytes(content)
    SOURCES.write_text(json.dumps(sources(assessment), indent=1) + "\n", encoding="utf-8", newline="\n")


def main(words: list[str]) -> int:
    """Run the command line of this module; return its exit code."""
    with tempfile.TemporaryDirectory() as place:
        assessment = assessed(make_sample_plant(Path(place) / "sample", scale=SCALE).plant)
    old = stale(assessment)
    if old and words == ["--write"]:
        write(assessment)
        old = []
    print("\n".join(f"docs/pictures ({one}) is stale: run `make docs`" for one in old) or "docs/pictures is up to date")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
