"""Find the verdicts of an assessment that a person means by a name or a part of one."""

from __future__ import annotations

import difflib

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
    names = [verdict.id for verdict in assessment.verdicts]
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.4) or names[:3]
    raise ForgecastError(
        text("no verdict is named {name}", name=name),
        repair=text("names are shown by `forgecast assess`; the nearest are: {names}", names=", ".join(near) or "—"),
    )
