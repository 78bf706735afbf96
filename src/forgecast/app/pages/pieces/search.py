"""Find anything by its number; what went out lately; what is held back."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from forgecast.app.doors.pieces.genealogy import SEARCH, Searched
from forgecast.app.doors.plant.records import ROWS, AboutRows
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    asked,
    button,
    card,
    chip,
    columns,
    empty,
    heading,
    joined,
    link,
    moment,
    put,
    row,
    table,
    tag,
    text_field,
)
from forgecast.app.pages.parts.markup import Content
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.plant.record import record

#: Kinds that have a page of their own among the pieces.
KINDS = (
    "piece",
    "heat",
    "ladle",
    "mould",
    "shot",
    "lot",
    "shipment",
    "heat_treatment",
    "holding_fill",
    "sample",
    "nonconformity",
)


@page("pieces", "pieces", text("Pieces"), in_menu=True)
async def search(visit: Visit) -> None:
    """Fill the page of the search."""
    words = visit.query.get("q", "").strip()
    heading(
        visit,
        text("Pieces"),
        lead=text("Give any number: a piece, a heat, a ladle, a mould, a lot, a shipment, a mark, an order."),
    )
    with card(visit), row():
        field = text_field(visit, text("Number, mark or order"), value=words)
        field.props("autofocus clearable")

        def go() -> None:
            ui.navigate.to(visit.link("pieces", q=(field.value or "").strip()))

        field.on("keydown.enter", go)
        button(visit, text("Find"), go, kind="main")
    if words:
        await asked(visit, SEARCH, Searched(words=words[:200]), lambda told: _found(visit, words, told))
        return
    with columns(2):
        with card(visit, text("Shipped lately"), flush=True):
            question = AboutRows(record="shipment", sort="-shipped_at", limit=10)
            await asked(visit, ROWS, question, lambda told: _shipments(visit, told))
        with card(visit, text("Nonconformities"), flush=True):
            question = AboutRows(record="nonconformity", sort="-raised_at", limit=10)
            await asked(visit, ROWS, question, lambda told: _nonconformities(visit, told))
    with card(visit, text("Decisions taken lately"), flush=True):
        question = AboutRows(record="disposition", sort="-decided_at", limit=10)
        await asked(visit, ROWS, question, lambda told: _decisions(visit, told))


def place_of(visit: Visit, kind: str, name: str) -> str:
    """Return the address of the page of a thing."""
    if kind in KINDS:
        return visit.link("pieces/of", kind=kind, id=name)
    return visit.link(f"data/row/{kind}", key0=name)


def _found(visit: Visit, words: str, told: dict[str, Any]) -> None:
    if not told["found"]:
        empty(
            visit,
            text("Nothing on record has {words} in its number, name or mark.", words=words),
            do=text("Look at the spelling, or at what was taken in."),
            links=[link(visit, text("What was taken in"), visit.link("data/imports"))],
        )
        return
    with card(visit, text("Found"), flush=True):
        table(
            visit,
            [text("Kind"), text("Number"), text("About it")],
            [
                (
                    joined(
                        visit.say(one["title"]),
                        " ",
                        chip(visit, text("this very number"), "good") if one["exact"] else None,
                    ),
                    link(visit, str(one["id"]), place_of(visit, one["kind"], one["id"])),
                    _about(visit, one),
                )
                for one in told["found"]
            ],
        )
    counts = [f"{record(name).title.say(visit.language)}: {count}" for name, count in told["totals"].items()]
    put(tag("p", visit.say(text("In all: {counts}", counts=", ".join(counts))), class_="fc-soft"))


def _about(visit: Visit, one: dict[str, Any]) -> Content:
    said: list[Content] = []
    for fact in one["about"]:
        value: Content = str(fact["value"])
        field = record(one["kind"]).field(fact["field"])
        if fact["kind"] == "time":
            value = moment(str(fact["value"]), visit.zone)
        elif fact["kind"] == "code":
            value = (
                next((c.zh for c in field.choices if c.code == value), value)
                if visit.language == "zh"
                else str(value).replace("_", " ")
            )
        said += [value, " · "]
    return joined(*said[:-1])


def _v(one: dict[str, Any], name: str) -> Any:  # noqa: ANN401  (JSON)
    return one["values"].get(name)


def _shipments(visit: Visit, told: dict[str, Any]) -> None:
    table(
        visit,
        [text("Shipment"), text("When"), text("Customer"), text("Order")],
        [
            (
                link(visit, one["key"][0], place_of(visit, "shipment", one["key"][0])),
                moment(_v(one, "shipped_at"), visit.zone),
                _v(one, "customer"),
                _v(one, "order"),
            )
            for one in told["rows"]
        ],
        empty=text("No shipment is on record yet."),
    )


def _nonconformities(visit: Visit, told: dict[str, Any]) -> None:
    table(
        visit,
        [text("Number"), text("When"), text("What is meant")],
        [
            (
                link(visit, one["key"][0], place_of(visit, "nonconformity", one["key"][0])),
                moment(_v(one, "raised_at"), visit.zone),
                _v(one, "description") or _v(one, "subject_id"),
            )
            for one in told["rows"]
        ],
        empty=text("No nonconformity is on record."),
    )


def _decisions(visit: Visit, told: dict[str, Any]) -> None:
    kind = record("disposition")
    names = {one.code: one for one in kind.field("decision").choices}
    rows = []
    for one in told["rows"]:
        decision = names.get(_v(one, "decision"))
        word = "" if decision is None else decision.zh if visit.language == "zh" else decision.code.replace("_", " ")
        subject = str(_v(one, "subject"))
        rows.append(
            (
                moment(_v(one, "decided_at"), visit.zone),
                link(visit, str(_v(one, "subject_id")), place_of(visit, subject, str(_v(one, "subject_id")))),
                word,
                _v(one, "decided_by"),
                _v(one, "reason"),
            )
        )
    heads = [
        Heading(text("When")),
        Heading(text("On")),
        Heading(text("What")),
        Heading(text("Who")),
        Heading(text("Why")),
    ]
    table(visit, heads, rows, empty=text("Nothing was decided yet."))
