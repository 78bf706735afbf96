"""What if: suppose facts or figures otherwise, and see which verdicts move. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from forgecast.app.doors.rules.forms import AsOf, SupposedAsked
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    Markup,
    asked,
    badge,
    button,
    card,
    choice_field,
    empty,
    heading,
    joined,
    lines,
    link,
    number,
    number_field,
    paragraph,
    put,
    row,
    said,
    table,
    tag,
)
from forgecast.app.pages.rules.shown import SIGNS, assessed, read, subject_words, verdict_address
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import Text, text

#: Between two suppositions in the address.
_GLUE = ";"
_UNKNOWN = "?"
_FLAG: dict[str, Text] = {"yes": text("yes"), "no": text("no")}


@page("rules", "rules/what-if", text("What if"), in_menu=True)
async def what_if(visit: Visit) -> None:
    """Fill the page; what is supposed stands in its address."""
    heading(
        visit,
        text("What if"),
        lead=text("Suppose a fact or a figure were otherwise, and see which verdicts would move. Nothing is written."),
    )
    supposed = [one for one in visit.query.get("suppose", "").split(_GLUE) if one]

    async def show() -> None:
        told = await read(visit, door_of("rules/what-if-choices"))
        with card(visit, text("Suppose that …")):
            _supposed(visit, told["subjects"], supposed)
            _form(visit, told["subjects"], supposed)
        if supposed:
            await asked(
                visit,
                door_of("rules/what-if"),
                SupposedAsked(supposed=supposed),
                lambda answer: _changes(visit, answer),
                what=text("The plant is judged with what is supposed"),
                height=240,
            )

    await assessed(visit, AsOf(), show)


def _go(visit: Visit, supposed: list[str]) -> None:
    ui.navigate.to(visit.link("rules/what-if", **({"suppose": _GLUE.join(supposed)} if supposed else {})))


def _supposed(visit: Visit, subjects: list[Mapping[str, Any]], supposed: list[str]) -> None:
    by_key = {_key(one): one for one in subjects}
    for one in supposed:
        with row():
            put(_words(visit, by_key, one))
            rest = [other for other in supposed if other != one]
            button(visit, text("Take away"), lambda rest=rest: _go(visit, rest), kind="quiet")


def _words(visit: Visit, by_key: Mapping[str, Mapping[str, Any]], supposed: str) -> Markup:
    """Return a supposition in words, as far as the records have them."""
    name, _, value = supposed.partition("=")
    key, _, field = name.rpartition(".")
    subject = by_key.get(key)
    fact = next((f for f in subject["facts"] if f["field"] == field), None) if subject else None
    choices = {c["code"]: c["title"] for c in fact["choices"]} if fact else {}
    what = said(visit, fact["title"]) if fact else field
    then: Any = choices.get(value) or _FLAG.get(value) or value or text("not known")
    owner = subject_words(visit, subject) if subject else key
    return joined(tag("strong", owner), " · ", what, " = ", tag("strong", said(visit, then)))


def _form(visit: Visit, subjects: list[Mapping[str, Any]], supposed: list[str]) -> None:
    by_key = {_key(one): one for one in subjects}
    wanted = visit.query.get("subject", "")
    first = wanted if wanted in by_key else next(iter(by_key), None)
    if first is None:
        empty(visit, text("The plant has nothing on record that could be otherwise."))
        return
    fields = ui.element("div").classes("fc-row")
    state: dict[str, Any] = {}

    def fill(key: str) -> None:
        one = by_key[key]
        state["facts"] = {fact["field"]: fact for fact in one["facts"]}
        state["figures"] = {figure["name"]: figure for figure in one["figures"]}
        names: dict[str, Any] = {name: fact["title"] for name, fact in state["facts"].items()}
        names |= {name: text("figure {name}", name=name) for name in state["figures"] if name not in names}
        what.clear()
        with what:
            state["what"] = choice_field(visit, text("What"), names, search=True, on_change=lambda e: value_of(e.value))
        to.clear()
        state["value"] = None

    def value_of(name: str | None) -> None:
        to.clear()
        if name is None:
            return
        with to:
            if name in state["facts"]:
                state["value"] = _fact_field(visit, state["facts"][name])
            else:
                figure = state["figures"][name]
                state["value"] = number_field(visit, text("would be"), value=figure["value"], unit=figure["unit"])

    with fields:
        choice_field(
            visit,
            text("Thing"),
            {key: subject_words(visit, one) for key, one in by_key.items()},
            value=first,
            search=True,
            on_change=lambda event: fill(event.value) if event.value else None,
        ).on_value_change(lambda event: state.update(subject=event.value))
        what, to = ui.element("div"), ui.element("div")
        state["subject"] = first
    fill(first)

    def add() -> None:
        name, field = state["what"].value, state["value"]
        if name is None or field is None or state["subject"] is None:
            return
        value = "" if field.value in {None, _UNKNOWN} else str(field.value)
        word = f"{state['subject']}.{name}={value}"
        before = f"{state['subject']}.{name}="
        _go(visit, [*(one for one in supposed if not one.startswith(before)), word])

    with row():
        button(visit, text("See what would change"), add, kind="main")


def _key(one: Mapping[str, Any]) -> str:
    return "site" if one["kind"] == "site" else f"{one['kind']}/{one['id']}"


def _fact_field(visit: Visit, fact: Mapping[str, Any]) -> Any:  # noqa: ANN401  (a field)
    choices: dict[str, Any] = {_UNKNOWN: text("not known")}
    if fact["choices"]:
        choices |= {one["code"]: one["title"] for one in fact["choices"]}
        now = fact["value"]
    else:
        choices |= dict(_FLAG)
        now = {True: "yes", False: "no"}.get(fact["value"])
    hint = text("now: {value}", value=said(visit, choices.get(now or _UNKNOWN, str(now))))
    return choice_field(visit, text("would be"), choices, value=now or _UNKNOWN, hint=hint)


def _changes(visit: Visit, told: Mapping[str, Any]) -> None:
    changes = told["changes"]
    head = text("verdicts that change: {count} of {all}", count=len(changes), all=told["judged"])
    with card(visit, head, flush=True):
        if not changes:
            paragraph(visit, text("Nothing would move."))
            return
        table(
            visit,
            [Heading(text("Requirement")), Heading(text("now")), Heading(text("then")),
             Heading(text("Limit now"), numeric=True), Heading(text("Limit then"), numeric=True)],
            [
                (
                    lines(link(visit, one["title"], verdict_address(visit, one["id"])), one["subject"]),
                    _word(visit, one["before"]),
                    _word(visit, one["after"]),
                    _limit(one["before"]),
                    _limit(one["after"]),
                )
                for one in changes
            ],
            caption=head,
        )  # fmt: skip


def _word(visit: Visit, side: Mapping[str, Any] | None) -> Any:  # noqa: ANN401  (what stands in a cell)
    if side is None:
        return None
    missing = side["missing"][0] if side["missing"] else None
    return lines(badge(visit, side["word"]), said(visit, missing) if missing else None)


def _limit(side: Mapping[str, Any] | None) -> Any:  # noqa: ANN401  (what stands in a cell)
    limit = None if side is None else side["limit"]
    if limit is None or limit["value"] is None:
        return None
    return joined(SIGNS.get(limit["comparison"], limit["comparison"]), " ", number(limit["value"], limit["unit"]))
