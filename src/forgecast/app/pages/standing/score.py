"""The development index: seven directions as intervals, what would raise it most, each direction down to its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.shelf import door_of
from forgecast.app.doors.standing.forms import AsOf
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    Markup,
    asked,
    card,
    chart,
    columns,
    empty,
    heading,
    joined,
    key_figures,
    lines,
    link,
    number,
    paragraph,
    said,
    table,
    tag,
)
from forgecast.app.pages.parts.interval import interval
from forgecast.app.pages.rules.shown import confidence
from forgecast.app.pages.runs import files_run
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import Text, text

#: So many levers are shown.
_LEVERS = 10
#: Figures of the enterprise, and the record that tells each.
TOLD_BY = {
    "rd_intensity": "year_figure",
    "market_share": "year_figure",
    "class_one_rights": "intellectual_property",
}
KINDS: dict[str, Text] = {
    "figure": text("figure"),
    "verdicts": text("verdicts"),
    "evidence": text("evidence"),
}


@page("standing", "standing", text("Standing"), in_menu=True)
async def standing(visit: Visit) -> None:
    """Fill the page."""
    heading(
        visit,
        text("Standing of the plant"),
        lead=text("The development index in seven directions. What is not known makes it an interval; a claim earns "
                  "nothing."),
    )  # fmt: skip
    await asked(visit, door_of("standing/score"), AsOf(), lambda told: _score(visit, told), height=600)
    with card(visit, text("Standing report"), note=text("index, directions, evidence, plan, incentives and duties")):
        await files_run(
            visit,
            door_of("standing/report"),
            lambda: AsOf(),  # noqa: PLW0108  (a class is no function that returns a Question)
            start=text("Write the report"),
            what=text("The report is being written"),
        )


def _score(visit: Visit, told: Mapping[str, Any]) -> None:
    score, band = told["score"], told["under_other_weights"]
    key_figures(
        visit,
        [
            KeyFigure(text("over what is known"), _points(score["value_over_known"])),
            KeyFigure(text("least possible"), _points(score["low"])),
            KeyFigure(text("most possible"), _points(score["high"])),
            KeyFigure(text("known"), f"{100 * score['coverage']:.0f} %"),
            KeyFigure(
                text("under other weights"),
                f"{band['low_5_percent']:.0f} – {band['high_95_percent']:.0f}",
                note=text("weights of the directions drawn evenly, 5 % to 95 %"),
            ),
        ],
    )
    with columns(2):
        with card(visit, text("Seven directions")):
            _directions(visit, told["directions"])
        with card(visit):
            chart(visit, told["radar"], title=text("Seven directions"), height=360)
    with card(visit, text("What would raise it most"), note=text("points of the index"), flush=True):
        _levers(visit, told)
    paragraph(visit, told["scheme"]["note"], soft=True)


def _points(value: float | None) -> str | None:
    return None if value is None else f"{value:.0f}"


def _directions(visit: Visit, directions: list[Mapping[str, Any]]) -> None:
    rows: list[tuple[Markup | str | float | None, ...]] = []
    for one in directions:
        score = one["score"]
        name = link(visit, one["title"], visit.link(f"standing/direction/{one['id']}"))
        if score is None:
            rows.append((name, said(visit, text("does not apply")), None))
            continue
        bar = interval(visit, score["low"], score["high"], score["value_over_known"])
        share = text("{share} % known", share=round(100 * score["coverage"]))
        rows.append((name, bar, lines(number(score["value_over_known"]), said(visit, share))))
    table(
        visit,
        [Heading(text("Direction")), Heading(text("from the least to the most possible")),
         Heading(text("over what is known"), numeric=True)],
        rows,
        caption=text("Seven directions"),
    )  # fmt: skip


def _levers(visit: Visit, told: Mapping[str, Any]) -> None:
    indicators = {one["id"]: one for d in told["directions"] for one in d["indicators"]}
    rows = []
    for lever in told["levers"][:_LEVERS]:
        one = indicators[lever["indicator"]]
        rows.append(
            (
                lines(_why(visit, one), said(visit, one.get("why")) or None),
                f"{lever['by_doing']:.1f}" if lever["by_doing"] >= 0.05 else None,
                f"{lever['by_showing']:.1f}" if lever["by_showing"] >= 0.05 else None,
            )
        )
    table(
        visit,
        [Heading(text("Indicator")), Heading(text("by doing better"), numeric=True),
         Heading(text("by showing it"), numeric=True)],
        rows,
        caption=text("What would raise it most"),
    )  # fmt: skip


def _why(visit: Visit, one: Mapping[str, Any]) -> Markup:
    """Return an indicator's name with a way to what it is read from."""
    if one["kind"] == "evidence":
        return link(visit, one["title"], visit.link("standing/evidence", question=one["of"]) + f"#{one['of']}")
    if one["kind"] == "verdicts":
        first = one["of"].partition(";")[0]
        return link(visit, one["title"], visit.link("rules", book=first))
    if one["of"] in TOLD_BY:
        return link(visit, one["title"], visit.link(f"data/records/{TOLD_BY[one['of']]}"))
    return link(visit, one["title"], visit.link(f"rules/figure/{one['of']}"))


@page("standing", "standing/direction/{direction}", text("Direction"))
async def direction(visit: Visit) -> None:
    """Fill the page of one direction."""
    wanted = visit.names["direction"]

    def show(told: Mapping[str, Any]) -> None:
        one = next((d for d in told["directions"] if d["id"] == wanted), None)
        if one is None:
            empty(visit, text("There is no direction of this name."),
                  links=[link(visit, text("Standing of the plant"), visit.link("standing"))])  # fmt: skip
            return
        _direction(visit, one)

    await asked(visit, door_of("standing/score"), AsOf(), show, height=400)


def _direction(visit: Visit, one: Mapping[str, Any]) -> None:
    weight = text("weight {share} %", share=round(100 * one["weight"], 1))
    heading(visit, one["title"], lead=weight)
    score = one["score"]
    if score is not None:
        key_figures(
            visit,
            [
                KeyFigure(text("over what is known"), _points(score["value_over_known"])),
                KeyFigure(text("least possible"), _points(score["low"])),
                KeyFigure(text("most possible"), _points(score["high"])),
                KeyFigure(text("known"), f"{100 * score['coverage']:.0f} %"),
            ],
        )
    rows = [
        (
            lines(_why(visit, row), joined(said(visit, KINDS[row["kind"]]), " · ", _of(visit, row))),
            row.get("shown") or (None if row["applies"] else said(visit, text("does not apply"))),
            _band(row),
            f"{100 * row['weight']:.0f} %",
            f"{100 * row['known']:.0f} %" if row["applies"] else None,
            f"{100 * row['earned'] / row['known']:.0f} %" if row["applies"] and row["known"] else None,
            said(visit, row.get("why")) or None,
        )
        for row in one["indicators"]
    ]
    with card(visit, text("Indicators"), note=text("each links to what it is read from"), flush=True):
        table(
            visit,
            [Heading(text("Indicator")), Heading(text("Value"), numeric=True),
             Heading(text("band, worst to best"), numeric=True), Heading(text("weight"), numeric=True),
             Heading(text("known"), numeric=True), Heading(text("earned"), numeric=True), Heading(text("Why"))],
            rows,
            caption=text("Indicators"),
        )  # fmt: skip
    sources = {said(visit, row["source"]): row["confidence"] for row in [one, *one["indicators"]]}
    with card(visit, text("Where bands and weights are from")):
        table(
            visit,
            [Heading(text("Source")), Heading(text("How well it is known"))],
            [(tag("span", words), confidence(visit, known)) for words, known in sources.items()],
            caption=text("Where bands and weights are from"),
        )


def _of(visit: Visit, row: Mapping[str, Any]) -> Markup | str:
    if row["kind"] != "verdicts":
        return str(row["of"])
    books = [link(visit, name, visit.link("rules", book=name)) for name in row["of"].split(";")]
    return joined(*(part for book in books for part in (book, " ")))


def _band(row: Mapping[str, Any]) -> str | None:
    return None if row["band"] is None else f"{row['band'][0]:g} … {row['band'][1]:g} {row['unit']}".strip()
