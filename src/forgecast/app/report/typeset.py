"""The PDF: the content as JSON, handed to typst with the two typefaces and nothing else."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from forgecast.app.report import fonts
from forgecast.app.report.chart import curve_alt, curve_svg
from forgecast.app.report.content import Report, content_of
from forgecast.app.report.figure import spark_svg
from forgecast.app.report.numbers import pretty_text
from forgecast.app.report.words import code_names
from forgecast.ground.texts import Language, text
from forgecast.tasks.assessment import Assessment

if TYPE_CHECKING:
    import typst

#: Archivable for decades (PDF/A-2a) and readable aloud (PDF/UA-1).
STANDARDS: tuple[Literal["a-2a"], Literal["ua-1"]] = ("a-2a", "ua-1")
#: How many places of one kind of defect are printed.
_PLACES = 6
_ROOM = 26


def render_pdf(assessment: Assessment, language: Language) -> bytes:
    """Return the report as PDF; the same assessment gives the same bytes.

    Raises
    ------
    ForgecastError
        If a typeface is not installed.
    """
    report = content_of(assessment, language)
    data = cleaned(_document(report, assessment), fonts.legible)
    # The day judged stands for the day made: two reports on the same assessment are the same file.
    made = datetime(assessment.at.year, assessment.at.month, assessment.at.day, tzinfo=UTC)
    template = resources.files("forgecast.app.report") / "report.typ"
    return compiled(template.read_bytes(), data, made)


def compiled(template: bytes, data: object, made: datetime, pictures: Path | None = None) -> bytes:
    """Return a template typeset as PDF with its data, the two typefaces and nothing else.

    Parameters
    ----------
    template : bytes
        Typst; it reads `data` as JSON from ``sys.inputs.data``.
    data : object
        Whatever JSON can hold; texts must be `fonts.legible`.
    made : datetime
        Stands in the file as the time of its making.
    pictures : Path or None
        Folder of the pictures that the template shows.

    Raises
    ------
    ForgecastError
        If a typeface is not installed.
    """
    with tempfile.TemporaryDirectory() as nowhere:
        compiler = _compiler(template, data, pictures or Path(nowhere))
        pdf = compiler.compile(format="pdf", pdf_standards=list(STANDARDS), timestamp=made)
    assert isinstance(pdf, bytes)  # noqa: S101  (one document is asked for, in memory)
    return pdf


def drawn(template: bytes, data: object, form: Literal["svg", "png"], ppi: float = 144.0) -> bytes:
    """Return a template of one page as a picture, with its words as outlines or pixels.

    Parameters
    ----------
    template, data
        As `compiled`.
    form : "svg" or "png"
    ppi : float
        Pixels an inch of a PNG.

    Raises
    ------
    ForgecastError
        If a typeface is not installed.
    """
    with tempfile.TemporaryDirectory() as nowhere:
        picture = _compiler(template, data, Path(nowhere)).compile(format=form, ppi=ppi)
    assert isinstance(picture, bytes)  # noqa: S101  (the template has one page)
    return picture


def _compiler(template: bytes, data: object, root: Path) -> typst.Compiler:
    import typst  # noqa: PLC0415  (a plain assessment never waits for it)

    return typst.Compiler(
        template,
        root=root,
        font_paths=typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=list(fonts.font_folders())
        ),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )


def _document(report: Report, assessment: Assessment) -> dict[str, object]:
    data = asdict(report)
    del data["curves"], data["lower_bound"]
    data["code_names"] = code_names()
    data["document_title"] = f"{report.plant} · {report.labels['assessment']} · {report.judged_iso}"
    data["plant_short"] = report.plant if len(report.plant) <= 60 else f"{report.plant[:59]}…"
    data["at"] = [assessment.at.year, assessment.at.month, assessment.at.day]
    data["charts"] = [_chart(report, index) for index in range(len(report.curves))]
    for group in data["quality"]:
        left = len(group["places"]) - _PLACES
        group["places"] = [{**place, "place": _breakable(place["place"])} for place in group["places"][:_PLACES]]
        group["more"] = text("… and more places: {left}", left=left).say(report.language) if left > 0 else ""
    for group in data["figures"]:
        for row in group["rows"]:
            row["spark"] = spark_svg(row["trend"])
    for file in data["files"]:
        file["name"] = _breakable(file["name"])
    return data


def _chart(report: Report, index: int) -> dict[str, str]:
    curve = report.curves[index]
    return {
        "svg": curve_svg(curve, report.language, report.zone, upper=report.upper(index)),
        "alt": fonts.legible(curve_alt(curve, report.language, upper=report.upper(index))),
        "title": pretty_text(curve.title.say(report.language)),
    }


def _breakable(name: str) -> str:
    """Allow a line break in a name too long for its column, where its parts meet."""
    if max((len(part) for part in name.split(" ")), default=0) <= _ROOM:
        return name
    return name.replace("_", "_\u200b").replace(".", ".\u200b")


def cleaned(value: object, clean: Callable[[str], str]) -> object:
    """Return data with every text in it cleaned; charts and the names of reasons are left as they are."""
    if isinstance(value, str):
        return value if value.startswith("<svg") else clean(value)
    if isinstance(value, dict):
        return {key: cleaned(below, clean) for key, below in value.items() if key != "why"}
    if isinstance(value, list | tuple):
        return [cleaned(below, clean) for below in value]
    return value
