"""The form in which somebody says why hours were above a limit, and what was done; kept while it is filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from forgecast.app.doors.environment.ledger import ExplainQuestion
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.green.shared import changed
from forgecast.app.pages.parts import (
    button,
    choice_field,
    day_field,
    dialog,
    draft,
    row,
    said,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import local_hour
from forgecast.ground.texts import text


async def explain(visit: Visit, events: Sequence[Mapping[str, Any]]) -> None:
    """Open the form over stretches that lack a cause."""
    kept = await draft(visit, "green-explain")
    names = {str(n): _named(visit, one) for n, one in enumerate(events)}
    with dialog(visit, text("Why was it above the limit?")) as opened:
        stretch = choice_field(visit, text("Stretch"), names, value="0")
        cause = kept.keep(
            "cause", text_field(visit, text("Cause"), long=True, hint=text("what was found, in a sentence"))
        )
        response = kept.keep("response", text_field(visit, text("Response"), long=True, hint=text("what was done")))
        reported = kept.keep(
            "reported", day_field(visit, text("Reported to the authority on"), hint=text("empty while it was not"))
        )
        refused = ui.element("div")

        def question() -> ExplainQuestion:
            one = events[int(stretch.value)]
            return ExplainQuestion.model_validate(
                {
                    "stack": one["stack"],
                    "pollutant": one["pollutant"],
                    "begins_at": one["begins_at"],
                    "ends_at": one["ends_at"],
                    "cause": cause.value or "",
                    "response": response.value or "",
                    "reported_on": reported.value or None,
                }
            )

        async def send() -> None:
            if await changed(visit, door_of("environment/explain-exceedance"), question, refused):
                await kept.forget()
                opened.close()
                ui.navigate.reload()

        with row():
            button(visit, text("Cancel"), opened.close, kind="quiet")
            button(visit, text("Keep in the ledger"), send, kind="main")
    opened.open()


def _named(visit: Visit, one: Mapping[str, Any]) -> str:
    hour = local_hour(one["begins_at"].replace("Z", "+00:00"), visit.zone)
    return f"{hour} · {said(visit, one['draft'])}"
