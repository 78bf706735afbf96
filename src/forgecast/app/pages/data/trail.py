"""Whether the trail of changes is whole: every row against its last change, every file of readings."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.plant.upkeep import VERIFY, Noted
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    button,
    card,
    facts,
    heading,
    notice,
    paragraph,
    row,
    table,
    text_field,
)
from forgecast.app.pages.runs import RunPlace
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.plant.record import records

_SHOWN = 200


@page("data", "data/trail", text("Trail of changes"), in_menu=True)
async def trail(visit: Visit) -> None:
    """Fill the page of the trail."""
    heading(
        visit,
        text("Trail of changes"),
        lead=text(
            "Every change is a link of a chain: who, when, what. Here the chain is worked out anew and compared."
        ),
    )
    with card(visit):
        noted = text_field(
            visit,
            text("Head noted elsewhere before"),
            hint=text(
                "May stay empty. Links cut off at the end show only against a noted head; certificates carry it."
            ),
        )
        place = RunPlace(visit, lambda told, _job: _verified(visit, told), what=text("Verifying"))
        place.element.move(target_index=-1)
        with row():
            start = button(visit, text("Verify"), kind="main")
        start.on_click(lambda: place.start(VERIFY, Noted(head=(noted.value or "").strip())))
    await place.resume()


def _verified(visit: Visit, told: dict[str, Any]) -> None:
    if told["whole"]:
        notice(visit, text("The trail is whole."), tone="good")
    else:
        notice(visit, text("The trail is broken in {count} places.", count=len(told["breaks"])), tone="bad")
    facts(
        visit,
        [
            (text("Links"), told["links"]),
            (text("Changes"), told["changes"]),
            (text("Rows"), told["rows"]),
            (text("Files of readings"), told["series_files"]),
            (text("Rows from before the trail"), told["rows_before_the_trail"]),
            (text("Head"), told["head"]),
        ],
    )
    paragraph(visit, text("Note the head outside of this plant, with the day."), soft=True)
    if told["breaks"]:
        table(
            visit,
            [text("Link"), text("Record"), text("Row"), text("What differs")],
            [
                (
                    one["link"],
                    visit.say(records()[one["record"]].title) if one["record"] in records() else one["record"],
                    one["key"],
                    visit.say(one["what"]),
                )
                for one in told["breaks"][:_SHOWN]
            ],
        )
