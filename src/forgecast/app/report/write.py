"""Write a report to a file: whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text
from forgecast.tasks.assessment import Assessment


def render_html(assessment: Assessment, language: Language) -> str:
    """Return the report as one HTML file that asks no other machine for anything."""
    from forgecast.app.report.page import html_of  # noqa: PLC0415  (fonts and charts load only when needed)

    return html_of(assessment, language)


def render_pdf(assessment: Assessment, language: Language) -> bytes:
    """Return the report as PDF; the same assessment gives the same bytes."""
    from forgecast.app.report.typeset import render_pdf as rendered  # noqa: PLC0415

    return rendered(assessment, language)


def write_report(assessment: Assessment, path: Path, language: Language) -> None:
    """Write a report; a file that is there already is replaced only once the new one is complete.

    Parameters
    ----------
    assessment : Assessment
    path : Path
        Ends in ``.pdf`` or ``.html``.
    language : Language

    Raises
    ------
    ForgecastError
        If the ending is another, the folder does not exist, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in (".pdf", ".html", ".htm"):
        raise ForgecastError(
            text("a report cannot be written as {suffix}", suffix=suffix or "—"),
            where=str(path),
            repair=text("give the file a name that ends in .pdf or .html"),
        )
    if not path.parent.is_dir():
        raise ForgecastError(
            text("the folder of the report does not exist"),
            where=str(path.parent),
            repair=text("make the folder, or name a file in a folder that exists"),
        )
    if suffix == ".pdf":
        content = render_pdf(assessment, language)
    else:
        content = render_html(assessment, language).encode("utf-8")
    write_whole(path, content)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole, or not at all; one that is there already is replaced only once the new one is complete.

    Raises
    ------
    ForgecastError
        If it cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise _cannot_write(path, error) from error
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(_mode(path))
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _cannot_write(path, error) from error


def _mode(path: Path) -> int:
    """Return the rights the file has, or those a new file gets: a temporary one is private to its maker."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        return 0o644


def _cannot_write(path: Path, error: OSError) -> ForgecastError:
    return ForgecastError(
        text("the report cannot be written: {error}", error=error.strerror or type(error).__name__),
        where=str(path),
        repair=text("close the file if it is open in a viewer, or name another file in a folder you may write to"),
    )
