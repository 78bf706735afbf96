"""Entering what a rulebook leaves open from one's own copy: one number after the other, each with clause and source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from forgecast.app.doors.door import Question
from forgecast.app.doors.rules.forms import BookAsked
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    asked,
    button,
    card,
    choice_field,
    columns,
    day_field,
    draft,
    empty,
    error_box,
    facts,
    heading,
    joined,
    lines,
    link,
    number,
    number_field,
    row,
    said,
    table,
    tag,
    text_field,
    toast,
)
from forgecast.app.pages.rules.shown import SIGNS
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text
from forgecast.store.server.rights import Right

_OTHER: dict[Language, Language] = {"en": "zh", "zh": "en"}
_HOW = {
    "primary": text("read in the document itself"),
    "secondary": text("read in a text that cites it"),
}


@page("rules", "rules/fill/{book}", text("Numbers from your own copy"))
async def fill(visit: Visit) -> None:
    """Fill the page."""
    name = visit.names["book"]
    heading(
        visit,
        text("Numbers from your own copy"),
        lead=text("What nobody has verified decides nothing. Open your copy of the document and enter what it says; "
                  "your clause and source are shown in every verdict that rests on it."),
    )  # fmt: skip
    await asked(visit, door_of("rules/open"), BookAsked(book=name), lambda told: _open(visit, told))


async def _open(visit: Visit, told: Mapping[str, Any]) -> None:
    book, entries = told["book"], told["open"]
    to_book = link(visit, told["title"], visit.link(f"rules/book/{book}"))
    if not entries:
        empty(visit, text("Nothing is open in this book: every number is known."), links=[to_book])
        return
    wanted = visit.query.get("name", "")
    chosen = next((one for one in entries if one["name"] == wanted), entries[0])
    with columns(2):
        with card(visit, text("Open: {count}", count=len(entries)), aside=to_book, flush=True):
            table(
                visit,
                [Heading(text("What is required")), Heading(text("the book has"), numeric=True)],
                [
                    (
                        lines(
                            tag("strong", said(visit, one["title"]))
                            if one is chosen
                            else link(visit, one["title"], visit.link(f"rules/fill/{book}", name=one["name"])),
                            joined(said(visit, one["clause"]), " · ", said(visit, one["why"])),
                        ),
                        _has(visit, one),
                    )
                    for one in entries
                ],
                caption=text("What is open"),
            )
        with card(visit, text("What your copy says")):
            await _form(visit, book, chosen, entries)


def _has(visit: Visit, one: Mapping[str, Any]) -> Any:  # noqa: ANN401  (what stands in a cell)
    if one["state"]:
        return said(visit, text("a rule in words"))
    if one["value"] is None:
        return None
    return joined(SIGNS.get(one["comparison"], one["comparison"]), " ", number(one["value"], one["unit"]))


async def _form(visit: Visit, book: str, one: Mapping[str, Any], entries: list[Mapping[str, Any]]) -> None:
    other = _OTHER[visit.language]
    facts(
        visit,
        [
            (text("Requirement"), lines(said(visit, one["title"]), str(one["title"][other]))),
            (text("Clause in the book"), lines(said(visit, one["clause"]), str(one["clause"][other]))),
            (text("the book has"), _has(visit, one)),
            (text("Holds"), f"{one['from'] or ''} → {one['until'] or ''}" if one["from"] or one["until"] else None),
            (text("For whom"), one["for"] or None),
        ],
        wide=True,
    )
    if not visit.may(Right.ENVIRONMENT):
        empty(visit, text("Your role may look, but not enter numbers."))
        return
    kept = await draft(visit, f"fill-{book}-{one['name']}")
    value = None
    if not one["state"]:
        hint = text("leave it empty to confirm the number the book has") if one["value"] is not None else None
        value = kept.keep("value", number_field(visit, text("Number as your copy states it"), unit=one["unit"],
                                                hint=hint))  # fmt: skip
    clause = kept.keep("clause", text_field(visit, text("Clause"), hint=text("where you read it, as in 4.1 table 1")))
    source = kept.keep("source", text_field(visit, text("Document and edition"), hint=text("as its title page says")))
    how = kept.keep("how", choice_field(visit, text("How you know it"), dict(_HOW), value="primary"))
    start = until = addressed = None
    if not one["name"].startswith("param."):
        start = kept.keep("from", day_field(visit, text("First day it holds"), hint=text("empty: as the book says")))
        until = kept.keep("until", day_field(visit, text("First day it no longer holds")))
        addressed = kept.keep("for", text_field(visit, text("Only for"), hint=text("empty: for all the book means"),
                                                placeholder="id == 'DA001'"))  # fmt: skip
    wrong = ui.element("div")

    async def keep() -> None:
        wrong.clear()
        given = {
            "book": book,
            "name": one["name"],
            "value": None if value is None else value.value,
            "clause": (clause.value or "").strip(),
            "source": (source.value or "").strip(),
            "confidence": how.value,
            "from_on": (start.value or None) if start is not None else None,
            "until_on": (until.value or None) if until is not None else None,
            "addressed": (addressed.value or "").strip() if addressed is not None else "",
        }
        try:
            await visit.ask(door_of("rules/fill"), _question(given))
        except ForgecastError as error:
            with wrong:
                error_box(visit, error)
            return
        await kept.forget()
        toast(visit, text("Kept. It decides from now on."))
        left = [entry["name"] for entry in entries if entry["name"] != one["name"]]
        ui.navigate.to(visit.link(f"rules/fill/{book}", **({"name": left[0]} if left else {})))

    with row():
        button(visit, text("Keep"), keep, kind="main")


def _question(given: Mapping[str, Any]) -> Question:
    """Return the question, or say which of the two that everybody leaves out is missing.

    Raises
    ------
    ForgecastError
        If clause or source is empty.
    """
    for name, label in (("clause", text("Clause")), ("source", text("Document and edition"))):
        if not given[name]:
            raise ForgecastError(
                text("{option} is missing", option=label),
                repair=text("say where you read it: clause and document are shown in every verdict that rests on it"),
            )
    found: Question = door_of("rules/fill").asks.model_validate(given)
    return found
