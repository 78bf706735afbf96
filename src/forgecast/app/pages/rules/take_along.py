"""Files to take along, and the two proofs: the same facts judged again, and every rulebook checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.rules.forms import AsOf, FileAsked, ReportAsked
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    asked,
    card,
    chip,
    choice_field,
    columns,
    facts,
    findings_table,
    fold,
    heading,
    number,
    paragraph,
    put,
    tag,
)
from forgecast.app.pages.runs import files_run
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text, verbatim

_FORMS = {"pdf": text("PDF, to print"), "html": text("HTML, one offline file")}


@page("rules", "rules/reports", text("Reports and proofs"), in_menu=True)
async def reports(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Reports and proofs"), lead=text("Files to print, to hand on or to feed to another program."))
    with columns(2):
        with card(visit, text("Assessment"), note=text("verdicts, key figures, what is doubtful, and all sources")):
            form = choice_field(visit, text("Form"), dict(_FORMS), value="pdf")
            await files_run(
                visit,
                door_of("rules/report"),
                lambda: ReportAsked(form=form.value),
                start=text("Write the report"),
                what=text("The report is being written"),
                main=True,
            )
        with card(visit, verbatim("OSCAL"), note=text("the verdicts in the form that programs of auditors read")):
            await files_run(
                visit,
                door_of("rules/oscal"),
                lambda: FileAsked(),  # noqa: PLW0108  (a class is no function that returns a Question)
                start=text("Write the file"),
                what=text("The file is being written"),
                name="oscal",
            )
        with card(visit, text("The same facts, judged again"), note=text("byte for byte, or the rules have changed")):
            await asked(visit, door_of("rules/replay"), AsOf(), lambda told: _replay(visit, told))
        with card(visit, text("Rulebooks checked"), note=text("every number sourced, every case comes true")):
            await asked(visit, door_of("rules/check"), AsOf(), lambda told: _check(visit, told))


def _replay(visit: Visit, told: Mapping[str, Any]) -> None:
    word = text("the same") if told["same"] else text("not the same")
    facts(
        visit,
        [
            (text("Outcome"), chip(visit, word, "good" if told["same"] else "bad")),
            (text("Verdicts"), number(told["verdicts"])),
            (text("Size"), number(told["bytes"], "B")),
            (text("Fingerprint"), tag("span", told["sha256"], class_="fc-place")),
            (text("judged again"), tag("span", told["sha256_again"], class_="fc-place")),
        ],
        wide=True,
    )


def _check(visit: Visit, told: Mapping[str, Any]) -> None:
    words = text("complete") if told["complete"] else text("not complete")
    put(tag("p", chip(visit, words, "good" if told["complete"] else "bad")))
    for one in told["checked"]:
        refused = [f for f in one["findings"] if f["severity"] == "refused"]
        if refused:
            with fold(visit, one["name"], opened=True):
                findings_table(visit, refused)
    opened = sum(len(one["findings"]) for one in told["checked"])
    paragraph(visit, text("open, not verified: {count}", count=opened), soft=True)
