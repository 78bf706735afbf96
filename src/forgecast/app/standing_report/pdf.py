"""The standing report as PDF, typeset with the two typefaces and nothing else."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from importlib import resources

from forgecast.app.report import fonts
from forgecast.app.report.typeset import cleaned, compiled
from forgecast.app.report.words import code_names
from forgecast.app.standing_report.content import report_of
from forgecast.ground.texts import Language
from forgecast.tasks.report_standing import Standing

#: A word longer than this may be broken where its parts meet.
_ROOM = 14


def render_pdf(found: Standing, language: Language) -> bytes:
    """Return the report as PDF; the same standing gives the same bytes.

    Raises
    ------
    ForgecastError
        If a typeface is not installed.
    """
    at = found.assessment.at
    data = asdict(report_of(found, language)) | {
        "made": [at.year, at.month, at.day],
        "code_names": list(code_names()),
    }
    for sheet in data["sheets"]:
        for block in sheet["blocks"]:
            if block["kind"] == "listing":
                block["right"] = sorted(block["right"])
                for cell in (cell for row in block["rows"] for cell in row):
                    cell["said"], cell["small"] = _broken(cell["said"]), _broken(cell["small"])
    template = resources.files("forgecast.app.standing_report") / "standing.typ"
    return compiled(
        template.read_bytes(), cleaned(data, fonts.legible), datetime(at.year, at.month, at.day, tzinfo=UTC)
    )


def _broken(said: str) -> str:
    """Allow a line break in long names where their parts meet."""
    if "`" in said:
        # A command must come out of the file as it is typed.
        return said
    return " ".join(
        part if len(part) <= _ROOM else part.replace("_", "_\u200b").replace("/", "/\u200b") for part in said.split(" ")
    )
