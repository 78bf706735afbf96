"""Errors that say what, where and the repair, in one shape for command line, API and pages."""

from __future__ import annotations

from forgecast.ground.finding import Finding
from forgecast.ground.texts import Language, Text


class ForgecastError(Exception):
    """A call or an input is wrong and the person who gave it can repair it (exit code 2).

    Parameters
    ----------
    what : Text
        What is wrong, with the value seen.
    where : str
        File, row, column, option or clause; empty where the call itself is meant.
    repair : Text
        What to do about it.
    findings : tuple of Finding
        All defects behind it, where there are several.
    """

    code = "wrong-input"
    exit_code = 2

    def __init__(self, what: Text, *, where: str = "", repair: Text, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(str(what))
        self.what = what
        self.where = where
        self.repair = repair
        self.findings = findings

    def say(self, language: Language) -> str:
        """Return the error as lines of plain text."""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what.say(language)}\n→ {self.repair.say(language)}"

    def as_json(self) -> dict[str, object]:
        """Return the one JSON error shape."""
        return {
            "ok": False,
            "error": {
                "code": self.code,
                "what": self.what.as_json(),
                "where": self.where,
                "repair": self.repair.as_json(),
                "findings": [finding.as_json() for finding in self.findings],
            },
        }


class PlantError(ForgecastError):
    """A plant folder is missing, damaged, busy or of another version."""

    code = "plant"


class ImportRefusedError(ForgecastError):
    """A file as a whole cannot be taken in; the plant is as it was."""

    code = "import-refused"


class UnitError(ForgecastError):
    """A unit is unknown or measures another kind of quantity."""

    code = "unit"


class TableError(ForgecastError):
    """A shipped or plant-owned data table breaks its own rules (a row without a source, say)."""

    code = "table"


class BookError(ForgecastError):
    """A rulebook cannot be read: what is wrong, in which file and entry."""

    code = "rulebook"
