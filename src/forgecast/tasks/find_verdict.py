"""Find the verdicts of an assessment that a person means by a name or a part of one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.rules.verdict import Verdict
from forgecast.tasks.assessment import Assessment


def find_verdict(assessment: Assessment, name: str) -> tuple[Verdict, ...]:
    """Return the verdict of this full name, else every verdict whose name contains it.

    Raises
    ------
    ForgecastError
        If no verdict fits; the nearest names are given.
    """
    wanted = name.strip().lower()
    exact = tuple(verdict for verdict in assessment.verdicts if verdict.id.lower() == wanted)
    if exact:
        return exact
    found = tuple(verdict for verdict in assessment.verdicts if wanted and wanted in verdict.id.lower())
    if found:
        return found
    raise no_verdict(name, [verdict.id for verdict in assessment.verdicts])


def no_verdict(wanted: str, known: Iterable[str]) -> ForgecastError:
    """Return the error that no verdict has a name, with the nearest names there are."""
    names = list(known)
    near = difflib.get_close_matches(wanted.strip().lower(), names, n=3, cutoff=0.4) or names[:3]
    return ForgecastError(
        text("no verdict is named {name}", name=wanted),
        repair=text("names are shown by `forgecast assess`; the nearest are: {names}", names=", ".join(near) or "—"),
    )
