"""Write a standing report: one file, or a folder with both forms and ``summary.json``; whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from forgecast.app.report.write import write_whole
from forgecast.app.results_folder import check_folder, with_summary
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text
from forgecast.tasks.report_standing import Standing

NAMES: Final = ("standing.pdf", "standing.html", "summary.json")
#: Grows by one when a key changes its meaning or goes away.
JSON_VERSION: Final = 1
_FORMS: Final = (".pdf", ".html", ".htm")


def check_place(path: Path) -> None:
    """Make sure, before any time is spent, that the report can be written.

    Raises
    ------
    ForgecastError
        If the ending is another one, or the folder is missing or cannot be written to.
    """
    if path.suffix == "" or path.is_dir():
        check_folder(path)
        return
    if path.suffix.lower() not in _FORMS:
        raise ForgecastError(
            text("a report cannot be written as {suffix}", suffix=path.suffix),
            where=str(path),
            repair=text("give a file that ends in .pdf or .html, or a folder"),
        )
    if not path.absolute().parent.is_dir():
        raise ForgecastError(
            text("the folder of the report does not exist"),
            where=str(path.parent),
            repair=text("make the folder, or name a file in a folder that exists"),
        )


def write_standing(found: Standing, path: Path, language: Language) -> tuple[Path, ...]:
    """Write the report as ``.pdf`` or ``.html``, or into a folder as both with ``summary.json``.

    Raises
    ------
    ForgecastError
        If it cannot be written; then everything is as it was.
    """
    check_place(path)
    if path.suffix == "" or path.is_dir():

        def draw(aside: Path) -> list[Path]:
            made = [aside / "standing.pdf", aside / "standing.html"]
            for one in made:
                one.write_bytes(_content(found, one.suffix, language))
            return made

        return with_summary(found.as_json(), draw, path, names=NAMES, version=JSON_VERSION)
    write_whole(path, _content(found, path.suffix.lower(), language))
    return (path,)


def _content(found: Standing, suffix: str, language: Language) -> bytes:
    from forgecast.app.standing_report.page import render_html  # noqa: PLC0415  (typefaces load only when needed)
    from forgecast.app.standing_report.pdf import render_pdf  # noqa: PLC0415

    return render_pdf(found, language) if suffix == ".pdf" else render_html(found, language).encode("utf-8")
