"""Verdicts on this plant: by word, force, book and subject; the books; what is open; key figures; doubtful records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from forgecast.app.doors.rules.forms import AsOf, FindingsAsked, VerdictsAsked
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Column,
    Heading,
    KeyFigure,
    card,
    choice_field,
    day,
    filter_bar,
    findings_table,
    grid,
    heading,
    joined,
    key_figures,
    lines,
    link,
    number,
    paragraph,
    put,
    said,
    table,
    tabs,
    tag,
    text_field,
)
from forgecast.app.pages.rules.shown import (
    FORCES,
    LAYERS,
    assessed,
    confidence,
    read,
    settle_list,
    subject_words,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.report.words import GROUP_TEXTS, WORD_ORDER
from forgecast.ground.texts import text
from forgecast.rules.verdict import WORD_TEXTS

_TABS = {
    "verdicts": text("Verdicts"),
    "books": text("Rulebooks"),
    "open": text("What is not known"),
    "figures": text("Key figures"),
    "findings": text("Doubtful records"),
}
_TONES = {"not met": "bad", "partly": "warn", "not known": "unknown", "met": "good", "not applicable": ""}
_ALL = "all"


@page("rules", "rules", text("Rules"), in_menu=True)
async def rules(visit: Visit) -> None:
    """Fill the page."""
    heading(
        visit,
        text("Rules"),
        lead=text("What law, standards and policy ask of this plant, and what its records say to it."),
    )

    async def show() -> None:
        summary = await read(visit, door_of("rules/summary"), settle=200)
        _words(visit, summary)
        chosen = tabs(visit, _TABS, visit.query.get("tab", ""), address=visit.link("rules"))
        if chosen == "verdicts":
            _verdicts(visit, summary)
        elif chosen == "books":
            await _books(visit, summary)
        elif chosen == "open":
            _open(visit, summary)
        elif chosen == "figures":
            await _figures(visit)
        else:
            await _findings(visit)

    await assessed(visit, AsOf(), show, height=600)


def _words(visit: Visit, summary: Mapping[str, Any]) -> None:
    forces = summary["forces"]
    figures = []
    for word in WORD_ORDER:
        of_force = [
            f"{said(visit, FORCES[force])} {forces[force][word]}"
            for force in ("duty", "goal", "advice")
            if forces.get(force, {}).get(word)
        ]
        figures.append(
            KeyFigure(
                WORD_TEXTS[word],
                f"{summary['words'].get(str(word), 0):,}",
                note=" · ".join(of_force),
                tone=_TONES[str(word)],
                why=visit.link("rules", word=str(word)),
            )
        )
    key_figures(visit, figures)


def _verdicts(visit: Visit, summary: Mapping[str, Any]) -> None:
    door = door_of("rules/verdicts")
    chosen = {name: visit.query.get(name, "") for name in ("word", "force", "book", "subject", "search")}
    if not any(chosen.values()):
        chosen["word"] = ""

    def address() -> str:
        return visit.address(door, _asked(chosen))

    def choose(name: str, value: str | None) -> None:
        chosen[name] = "" if value in {None, _ALL} else str(value)
        listed.fetch_again(address())
        ui.navigate.history.replace(visit.link("rules", **{key: one for key, one in chosen.items() if one}))

    with card(visit), filter_bar():
        _filters(visit, summary, chosen, choose)
    with card(visit, flush=True):
        listed = grid(
            visit,
            address(),
            [
                Column("word", text("Verdict"), "word", width=130),
                Column("title", text("Requirement"), link=visit.link("rules/verdict") + "?id={id}"),
                Column("subject.id", text("Subject"), width=150),
                Column("figure.value", text("Measured"), "number", width=110),
                Column("limit.value", text("Limit"), "number", width=90),
                Column("figure.unit", text("Unit"), width=80),
                Column("force", text("Force"), width=90, names=dict(FORCES)),
                Column("book", text("Rulebook"), width=180, names=_titles(summary)),
            ],
            title=text("Verdicts"),
            zone=visit.zone,
            height=620,
            empty=text("No verdict fits the filter."),
        )


def _asked(chosen: Mapping[str, str]) -> VerdictsAsked:
    lists = {name: [chosen[name]] for name in ("word", "force", "book") if chosen[name]}
    return VerdictsAsked.model_validate({
        **lists, "subject": chosen["subject"], "search": chosen["search"], "limit": 500
    })  # fmt: skip


def _titles(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {one["id"]: one["title"] or one["id"] for one in summary["books"]}


def _filters(visit: Visit, summary: Mapping[str, Any], chosen: Mapping[str, str], choose: Any) -> None:  # noqa: ANN401
    every: dict[str, Any] = {_ALL: text("all")}
    words = every | {str(word): WORD_TEXTS[word] for word in WORD_ORDER}
    subjects = every | {one["id"]: subject_words(visit, one) for one in summary["subjects"]}
    for name, label, choices in (
        ("word", text("Verdict"), words),
        ("force", text("Force"), every | dict(FORCES)),
        ("book", text("Rulebook"), every | _titles(summary)),
        ("subject", text("Subject"), subjects),
    ):
        value = chosen[name] if chosen[name] in choices else _ALL
        choice_field(
            visit, label, choices, value=value, search=name == "subject",
            on_change=lambda event, name=name: choose(name, event.value),
        )  # fmt: skip
    field = text_field(visit, text("Search"), value=chosen["search"])
    field.props("debounce=300 clearable")
    field.on_value_change(lambda event: choose("search", event.value))


async def _books(visit: Visit, summary: Mapping[str, Any]) -> None:
    books = (await read(visit, door_of("rules/books")))["books"]
    counts = {one["id"]: one["words"] for one in summary["books"]}
    rows = []
    for one in books:
        words = counts.get(one["id"], {})
        told = [
            tag("span", link(visit, f"{said(visit, WORD_TEXTS[word])} {words[word]}",
                             visit.link("rules", book=one["id"], word=str(word))), class_="fc-line")
            for word in WORD_ORDER[:4]
            if words.get(word)
        ]  # fmt: skip
        known = [
            joined(confidence(visit, name), " ", str(count)) for name, count in sorted(one["known"].items()) if count
        ]
        opened = link(visit, f"{one['open']}", visit.link(f"rules/fill/{one['id']}")) if one["open"] else "0"
        rows.append(
            (
                lines(
                    link(visit, one["title"], visit.link(f"rules/book/{one['id']}")),
                    joined(
                        one["id"], " · ", one["version"], " · ", said(visit, LAYERS.get(one["layer"], one["layer"]))
                    ),
                ),
                day(one["from_on"], visit),
                number(one["requirements"]),
                joined(*(tag("span", k, class_="fc-line") for k in known)),
                opened,
                joined(*told) if told else None,
            )
        )
    with card(visit, flush=True):
        table(
            visit,
            [
                Heading(text("Rulebook")),
                Heading(text("first day in force")),
                Heading(text("requirements"), numeric=True),
                Heading(text("how well its numbers are known")),
                Heading(text("open, not verified"), numeric=True),
                Heading(text("this plant")),
            ],
            rows,
            caption=text("Rulebooks"),
        )
    paragraph(
        visit,
        text("A number that is not verified decides nothing. You can enter it from your own copy of the document."),
        soft=True,
    )


def _open(visit: Visit, summary: Mapping[str, Any]) -> None:
    titles = {one["id"]: one["title"] for one in summary["books"]}
    with card(
        visit,
        text("What would settle what is not known"),
        note=text("the record that settles most by itself first"),
        tone="unknown",
    ):
        put(settle_list(visit, summary["settle"], titles))


async def _figures(visit: Visit) -> None:
    rows = (await read(visit, door_of("rules/figures")))["rows"]
    for group, title in GROUP_TEXTS.items():
        members = [one for one in rows if one["group"] == group]
        if not members:
            continue
        with card(visit, title, flush=True):
            table(
                visit,
                [Heading(text("Figure")), Heading(text("Value"), numeric=True), Heading(text("a year"), numeric=True),
                 Heading(text("What it rests on"))],
                [
                    (
                        link(visit, one["title"], visit.link(f"rules/figure/{one['id']}")),
                        number(one["value"], one["unit"]),
                        None if one["slope_per_year"] is None else number(one["slope_per_year"], one["unit"]),
                        tag("span", said(visit, one["why_missing"] or one["basis"]), class_="fc-soft"),
                    )
                    for one in members
                ],
                caption=title,
            )  # fmt: skip


async def _findings(visit: Visit) -> None:
    door = door_of("rules/findings")
    told = (await visit.ask(door, FindingsAsked(limit=500))).read()
    with card(visit, flush=True):
        findings_table(visit, told["rows"])
