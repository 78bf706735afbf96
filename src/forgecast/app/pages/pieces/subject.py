"""One thing with a number: where it came from, what came of it, how it stands, and what would be recalled with it."""

from __future__ import annotations

from typing import Any, cast

from nicegui import ui

from forgecast.app.doors.pieces.genealogy import TRACE, Kind, Traced
from forgecast.app.doors.pieces.recall import RECALL, Recalled
from forgecast.app.doors.plant.entry import DECIDE, HOLD, STATUS, AboutSubject, Freeing, Hold, Holding, Release, Subject
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    asked,
    button,
    buttons,
    card,
    chip,
    columns,
    confirm,
    empty,
    error_box,
    findings_table,
    fold,
    heading,
    joined,
    link,
    moment,
    number,
    put,
    row,
    switch_field,
    table,
    tabs,
    tag,
    text_field,
    toast,
)
from forgecast.app.pages.parts.markup import Content
from forgecast.app.pages.pieces.picture import genealogy
from forgecast.app.pages.pieces.recall import shown_recall
from forgecast.app.pages.pieces.search import KINDS, place_of
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.plant.lifecycle import BEGINS
from forgecast.plant.lineage import KIND_TITLES
from forgecast.plant.record import record, records
from forgecast.store.server.rights import Right

_TONES = {"released": "good", "conceded": "warn", "recorded": "unknown", "shipped": "good", "closed": "good"}
_FREES = ("release", "concession")
_ROWS = 200


@page("pieces", "pieces/of", text("Origin and life"))
async def subject(visit: Visit) -> None:
    """Fill the page of a thing."""
    await _subject(visit, visit.query.get("kind", ""), visit.query.get("id", ""))


@page("pieces", "pieces/piece", text("Origin and life"))
async def piece(visit: Visit) -> None:
    """Fill the page of a piece."""
    await _subject(visit, "piece", visit.query.get("id", ""))


@page("pieces", "pieces/subject/{kind}/{id}", text("Origin and life"))
async def named(visit: Visit) -> None:
    """Fill the page of a thing whose number stands in the path."""
    await _subject(visit, visit.names["kind"], visit.names["id"])


async def _subject(visit: Visit, kind: str, name: str) -> None:
    if kind not in KINDS or not name:
        heading(visit, text("Origin and life"))
        empty(
            visit,
            text("Nothing of this kind can be traced."),
            links=[link(visit, text("Search"), visit.link("pieces"))],
        )
        return
    title = KIND_TITLES.get(kind, records()[kind].title if kind in records() else text("sample"))
    heading(visit, text("{kind} {id}", kind=_capital(title, visit), id=name))
    _links(visit, kind, name)
    parts: dict[str, Text] = {}
    if kind != "nonconformity":
        parts |= {"backward": text("What it came from"), "forward": text("What came of it")}
    if kind in BEGINS:
        parts["life"] = text("Life and decisions")
    if kind != "nonconformity":
        parts["recall"] = text("Recall")
    own = visit.link("pieces/of", kind=kind, id=name)
    chosen = tabs(visit, parts, visit.query.get("tab", ""), address=own)
    if chosen == "life":
        await _life(visit, kind, name)
    elif chosen == "recall":
        question = Recalled(kind=cast("Kind", kind), id=name, returns=visit.query.get("returns") == "1")
        _returns(visit, own + "&tab=recall", on=question.returns)
        await asked(visit, RECALL, question, lambda told: shown_recall(visit, told, question), height=300)
    else:
        traced = Traced(kind=cast("Kind", kind), id=name, forward=chosen == "forward")
        await asked(visit, TRACE, traced, lambda told: _trace(visit, told, traced), height=300)


def _capital(title: Text, visit: Visit) -> str:
    said = title.say(visit.language)
    return said[:1].upper() + said[1:]


def _links(visit: Visit, kind: str, name: str) -> None:
    places: list[tuple[Text, str]] = []
    if kind == "heat":
        places.append((text("The heat"), visit.link("melt/heat", id=name)))
        places.append((text("Check against a grade"), visit.link("pieces/grades", heat=name)))
    if kind == "piece":
        places.append((text("Label"), visit.link("pieces/labels", pieces=name)))
    if kind == "shipment":
        places.append((text("Certificate"), visit.link("pieces/certificates", shipment=name)))
        places.append((text("Labels"), visit.link("pieces/labels", shipment=name)))
        places.append((text("Events for the customer"), visit.link("pieces/events", shipment=name)))
    if kind in records():
        places.append((text("Row and history"), visit.link(f"data/row/{kind}", key0=name)))
    buttons([tag("a", visit.say(words), href=to, class_="fc-button") for words, to in places])


def _returns(visit: Visit, own: str, *, on: bool) -> None:
    with row():
        switch_field(
            visit,
            text("Follow metal through returns into later heats"),
            value=on,
            on_change=lambda event: ui.navigate.to(f"{own}&returns={1 if event.value else 0}"),
        )


def _trace(visit: Visit, told: dict[str, Any], question: Traced) -> None:
    if not told["kin"]:
        empty(
            visit,
            text("Nothing is on record, and nothing follows from times."),
            do=text("Below stands which record would tell more.") if told["further"] else None,
        )
    else:
        title = text("What came of it") if question.forward else text("What it came from")
        with card(visit, title):
            genealogy(visit, question, title=title)
    if told["further"]:
        with card(visit, text("What would take it further"), tone="warn"):
            _list(visit, told["further"][:12])
    if told["kin"]:
        with card(visit, text("One by one"), flush=True):
            _kin(visit, told)
    if told["attached"]:
        with card(visit, text("On the way"), note=text("Samples, temperatures, tests of all these."), flush=True):
            _attached(visit, told)
    with fold(visit, text("What is taken for granted")):
        _list(visit, told["assumptions"])
    if told["findings"]:
        with card(visit, text("What contradicts itself"), flush=True):
            findings_table(visit, told["findings"])


def _list(visit: Visit, words: list[dict[str, Any]]) -> None:
    put(tag("ul", *(tag("li", visit.say(one)) for one in words), class_="fc-list"))


def chance(told: dict[str, float | None]) -> Content:
    """Return a probability or share in per cent: one number, or an estimate within its bounds."""
    low, best, high = (told[side] for side in ("low", "best", "high"))
    if low is None or best is None or high is None:
        return "—"
    if high - low < 0.0005:
        return _percent(best)
    return joined(_percent(best), tag("span", f" ({_percent(low)} – {_percent(high)})", class_="fc-soft"))


def _percent(value: float) -> str:
    if value >= 1.0 - 1e-9:
        return "100 %"
    if value > 0.9995:
        return "> 99.9 %"
    if 0.0 < value < 0.0005:
        return "< 0.1 %"
    return f"{100.0 * value:.3g} %"


def _kin(visit: Visit, told: dict[str, Any]) -> None:
    heads = [
        Heading(text("Kind")),
        Heading(text("Number")),
        Heading(text("When")),
        Heading(text("Probability"), numeric=True),
        Heading(text("Share"), numeric=True),
        Heading(text("Stands in")),
    ]
    rows = [
        (
            visit.say(one["title"]),
            link(visit, str(one["id"]), place_of(visit, one["kind"], one["id"])),
            moment(one["occurred_at"], visit.zone),
            chance(one["probability"]),
            chance(one["share"]) if one["kind"] not in {"heat_treatment", "shipment"} else "—",
            tag("span", one["source"], class_="fc-place"),
        )
        for one in told["kin"][:_ROWS]
    ]
    table(visit, heads, rows)
    hidden = max(len(told["kin"]) - _ROWS, 0) + told["not_listed"]
    if hidden:
        put(tag("p", visit.say(text("and {count} more", count=hidden)), class_="fc-soft"))


def _attached(visit: Visit, told: dict[str, Any]) -> None:
    rows = []
    for one in told["attached"][:_ROWS]:
        of = one["subject"]
        rows.append(
            (
                moment(one["occurred_at"], visit.zone),
                visit.say(one["title"]),
                link(visit, str(of["id"]), place_of(visit, of["kind"], of["id"])),
                _said(visit, one),
                tag("span", one["source"], class_="fc-place"),
            )
        )
    table(visit, [text("When"), text("Record"), text("Of"), text("What it says"), text("Stands in")], rows)


def _said(visit: Visit, one: dict[str, Any]) -> Content:
    if one["record"] == "chart":
        values = one["values"]
        return joined(number(values["lowest"]), " – ", number(values["highest"], str(values["unit"])))
    told: list[str] = []
    for field in record(one["record"]).fields:
        value = one["values"].get(field.name)
        if value is None or field.key or field.refers or field.kind in {"time", "date", "flag"}:
            continue
        if field.is_number:
            name = field.name.removesuffix("_percent").removesuffix("_degC").replace("_", " ")
            name = name if visit.language == "en" else field.header.say("zh")
            told.append(f"{name} {value:g} {field.unit}".strip())
        elif field.kind == "code":
            zh = next((choice.zh for choice in field.choices if choice.code == value), str(value))
            told.append(zh if visit.language == "zh" else str(value).replace("_", " "))
        else:
            told.append(str(value))
    return ", ".join(told[:6])


async def _life(visit: Visit, kind: str, name: str) -> None:
    async def fill() -> None:
        place.clear()
        with place:
            question = AboutSubject(subject=cast("Subject", kind), id=name)
            await asked(visit, STATUS, question, lambda told: _Life(visit, kind, name, fill).show(told))

    place = ui.element("div").classes("fc-asked")
    await fill()


class _Life:
    """How a thing stands, and the decisions that may follow."""

    def __init__(self, visit: Visit, kind: str, name: str, again: Any) -> None:  # noqa: ANN401  (a callable)
        self._visit = visit
        self._kind = kind
        self._name = name
        self._again = again

    def show(self, told: dict[str, Any]) -> None:
        visit = self._visit
        code = told["state"]["code"]
        with columns(2):
            with card(visit, text("How it stands"), aside=chip(visit, told["state"], _TONES.get(code, "bad"))):
                table(
                    visit,
                    [text("When"), text("What"), text("Who"), text("Then")],
                    [
                        (moment(one["decided_at"], visit.zone), visit.say(one["title"]), one["by"], self._then(one))
                        for one in told["steps"]
                    ],
                    empty=text("Nothing has been decided on it yet."),
                )
            with card(visit, text("Decide")):
                self._decide(told)
        if told["shipping"] is not None:
            tone = "bad" if told["shipping"] else "good"
            words = text("It may not be shipped yet") if told["shipping"] else text("It may be shipped")
            with card(visit, words, tone=tone):
                for one in told["shipping"]:
                    put(tag("p", visit.say(one["reason"])))
                    put(tag("p", f"→ {visit.say(one['repair'])}", class_="fc-soft"))

    def _then(self, one: dict[str, Any]) -> Content:
        visit = self._visit
        if one["refused"]:
            return visit.say(text("does not count: {why}", why=visit.say(one["refused"][0])))
        return visit.say(one["after"])

    def _decide(self, told: dict[str, Any]) -> None:
        visit = self._visit
        if not visit.may(Right.RECORD):
            put(tag("p", visit.say(text("Your role here may look, not decide.")), class_="fc-soft"))
            return
        self._reason = text_field(visit, text("Why"))
        self._document = text_field(visit, text("Report or certificate it rests on"))
        with row():
            for one in told["next"]:
                frees = one["decision"] in _FREES
                if frees and not visit.may(Right.RELEASE):
                    continue
                kind = "main" if one["decision"] == "release" else "grave" if one["decision"] == "scrap" else "plain"
                words = _capitals(one["title"])
                made = button(
                    visit, words, lambda decision=one["decision"], said=words: self._send(decision, said), kind=kind
                )
                if one["missing"] is not None:
                    made.disable()
                    made.tooltip(visit.say(one["missing"]))
        for one in told["next"]:
            if one["missing"] is not None:
                said = text(
                    "{decision}: not yet, {why}", decision=visit.say(one["title"]), why=visit.say(one["missing"])
                )
                put(tag("p", visit.say(said), class_="fc-soft"))
        self._result = ui.element("div").props("aria-live=polite")

    async def _send(self, decision: str, said: dict[str, str]) -> None:
        visit = self._visit
        sure = await confirm(
            visit,
            text("{decision}: {id}?", decision=visit.say(said), id=self._name),
            yes=said,
            detail=text("The decision is kept with your name and the time; later ones follow it, none takes it away."),
            grave=decision == "scrap",
        )
        if not sure:
            return
        told: dict[str, Any] = {
            "subject": self._kind,
            "ids": [self._name],
            "reason": (self._reason.value or "").strip(),
            "document": (self._document.value or "").strip(),
        }
        try:
            if decision in _FREES:
                await visit.ask(DECIDE, Release(decision=cast("Freeing", decision), **told))
            else:
                await visit.ask(HOLD, Hold(decision=cast("Holding", decision), **told))
        except ForgecastError as error:
            self._result.clear()
            with self._result:
                error_box(visit, error)
            return
        toast(visit, text("Recorded."))
        await self._again()


def _capitals(words: dict[str, str]) -> dict[str, str]:
    return {language: said[:1].upper() + said[1:] for language, said in words.items()}
