"""The first page of a plant: where it stands, what is wrong, what is not known, what changed, what is next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.shelf import door_of
from forgecast.app.doors.standing.forms import AsOf
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    Markup,
    asked,
    badge,
    card,
    chip,
    columns,
    day,
    empty,
    heading,
    joined,
    key_figures,
    link,
    moment,
    number,
    paragraph,
    put,
    said,
    table,
    tag,
)
from forgecast.app.pages.parts.interval import interval
from forgecast.app.pages.rules.shown import settle_list, verdict_address, verdict_list
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import long_day
from forgecast.ground.texts import Text, text

_STATE_TONES = {"overdue": "bad", "due": "warn"}
_PRIORITY_TONES = {"critical": "bad", "high": "bad", "medium": "warn", "low": "plain"}


@page("home", "home", text("Home"), in_menu=True)
async def home(visit: Visit) -> None:
    """Fill the page; figures that are kept stand at once, whatever is worked out anew."""
    heading(visit, text("The plant today"), lead=visit.plant_name)
    await asked(visit, door_of("standing/now"), NoQuestion(), lambda told: _now(visit, told), height=60)
    await asked(
        visit,
        door_of("standing/home"),
        AsOf(),
        lambda told: _glance(visit, told),
        what=text("The plant is being judged for the first time; this page will show it at once from then on."),
        height=520,
    )


def _glance(visit: Visit, told: Mapping[str, Any]) -> None:
    _figures(visit, told)
    with columns(2):
        with card(visit, text("Seven directions"), aside=_to(visit, text("Index and levers"), "standing")):
            _directions(visit, told)
        with card(
            visit,
            text("What is not met"),
            note=text("the most urgent first: duties before goals, the furthest from its limit first"),
            aside=_to(visit, text("All verdicts"), "rules"),
            tone="bad" if told["urgent"] else "good",
        ):
            _urgent(visit, told)
        with card(
            visit,
            text("What is not known"),
            note=text("the record that settles most by itself first"),
            aside=_to(visit, text("All that is open"), "rules", tab="open"),
            tone="unknown" if told["settle"] else "good",
        ):
            _settle(visit, told)
        with card(visit, _since_title(visit, told["since"]), aside=_to(visit, text("Compare"), "rules/compare")):
            _since(visit, told["since"])
    with card(visit, text("What is due next"), aside=_to(visit, text("All duties"), "standing/duties")):
        _duties(visit, told["duties"])


def _to(visit: Visit, words: Text, path: str, **query: str) -> Markup:
    return link(visit, words, visit.link(path, **query))


def _figures(visit: Visit, told: Mapping[str, Any]) -> None:
    score, words = told["score"], told["words"]
    overdue = told["duty_counts"].get("overdue", 0)
    doubtful = told["findings"].get("refused", 0) + told["findings"].get("doubtful", 0)
    between = text("between {low} and {high}: {share} % of it is known", low=round(score["low"]),
                   high=round(score["high"]), share=round(100 * score["coverage"]))  # fmt: skip
    period = told["period"]
    until = text("{start} until before {end}", start=_long(visit, period["start"]), end=_long(visit, period["end"]))
    known = [
        KeyFigure(text("Development index"), _whole(score["value_over_known"]), note=between,
                  why=visit.link("standing")),
        KeyFigure(text("Requirements not met"), _whole(words.get("not met", 0)), note=until,
                  tone="bad" if words.get("not met") else "good", why=visit.link("rules", word="not met")),
        KeyFigure(text("Not known"), _whole(words.get("not known", 0)), tone="unknown",
                  note=text("neither good nor bad; a record would settle it"),
                  why=visit.link("rules", word="not known")),
        KeyFigure(text("Duties overdue"), _whole(overdue), tone="bad" if overdue else "good",
                  note=text("as of {day}", day=_long(visit, told["at"])), why=visit.link("standing/duties")),
        KeyFigure(text("Doubtful in the records"), _whole(doubtful), tone="warn" if doubtful else "good",
                  why=visit.link("rules", tab="findings")),
    ]  # fmt: skip
    key_figures(visit, known)
    figures = [
        KeyFigure(one["title"], one["value"], one["unit"],
                  note=text("not known; see why") if one["why_missing"] else None,
                  why=visit.link(f"rules/figure/{one['id']}"))
        for one in told["figures"]
    ]  # fmt: skip
    key_figures(visit, figures)


def _whole(value: float | None) -> str | None:
    return None if value is None else f"{value:,.0f}"


def _long(visit: Visit, on: str) -> str:
    return long_day(date.fromisoformat(on), visit.language)


def _directions(visit: Visit, told: Mapping[str, Any]) -> None:
    rows: list[tuple[Markup | str | None, ...]] = []
    for one in told["directions"]:
        score = one["score"]
        name = link(visit, one["title"], visit.link(f"standing/direction/{one['id']}"))
        if score is None:
            rows.append((name, said(visit, text("does not apply")), None))
            continue
        bar = interval(visit, score["low"], score["high"], score["value_over_known"])
        rows.append((name, bar, number(score["value_over_known"])))
    table(
        visit,
        [Heading(text("Direction")), Heading(text("from the least to the most possible")),
         Heading(text("over what is known"), numeric=True)],
        rows,
        caption=text("Seven directions"),
    )  # fmt: skip
    paragraph(visit, text("Directions and weights are a proposal of Forgecast and no law."), soft=True)


def _urgent(visit: Visit, told: Mapping[str, Any]) -> None:
    if not told["urgent"]:
        empty(visit, text("Nothing that is known is not met."))
        return
    put(verdict_list(visit, told["urgent"]))
    if told["urgent_more"]:
        more = text("{count} more", count=told["urgent_more"])
        put(tag("p", link(visit, more, visit.link("rules", word="not met"))))


def _settle(visit: Visit, told: Mapping[str, Any]) -> None:
    if not told["settle"]:
        empty(visit, text("Everything that was asked is known."))
        return
    put(settle_list(visit, told["settle"], told["book_titles"]))
    if told["settle_more"]:
        more = text("{count} more", count=told["settle_more"])
        put(tag("p", link(visit, more, visit.link("rules", tab="open"))))


def _since_title(visit: Visit, since: Mapping[str, Any] | None) -> Text:
    if since is None:
        return text("What changed")
    return text("What changed since {day}", day=_long(visit, since["before_on"]))


def _since(visit: Visit, since: Mapping[str, Any] | None) -> None:
    if since is None or not (since["verdicts"] or since["figures"]):
        paragraph(visit, text("There is nothing earlier to compare with, or nothing changed."), soft=True)
        return
    verdicts = [
        tag(
            "li",
            badge(visit, one["before"]),
            " → ",
            badge(visit, one["after"]),
            " ",
            link(visit, one["title"], verdict_address(visit, one["id"])),
        )
        for one in since["verdicts"]
    ]
    figures = [
        tag(
            "li",
            link(visit, one["title"], visit.link(f"rules/figure/{one['id']}")),
            tag("span", number(one["before"], one["unit"]), " → ", number(one["after"], one["unit"]),
                f" ({100 * one['relative']:+.1f} %)", class_="fc-line fc-soft"),
        )
        for one in since["figures"][:3]
    ]  # fmt: skip
    put(tag("ul", *verdicts, *figures, class_="fc-list fc-plain"))


def _duties(visit: Visit, duties: list[Mapping[str, Any]]) -> None:
    table(
        visit,
        [Heading(text("State")), Heading(text("Last day")), Heading(text("Duty")), Heading(text("For"))],
        [
            (
                chip(visit, one["state"], _STATE_TONES.get(one["state"]["en"], "plain")),
                day(one["due"], visit),
                said(visit, one["duty"]),
                one["holder"],
            )
            for one in duties
        ],
        caption=text("What is due next"),
        empty=text("Nothing is overdue or due within a year."),
    )


def _now(visit: Visit, told: Mapping[str, Any]) -> None:
    items = [*_alarms(visit, told["alarms"]), *_held(visit, told["held"]), *_data(visit, told["data"])]
    if not items:
        return
    with card(visit, text("At this minute"), tone="bad" if told["alarms"] or told["held"] else "warn"):
        put(tag("ul", *items, class_="fc-list fc-plain"))


def _alarms(visit: Visit, alarms: list[Mapping[str, Any]]) -> list[Markup]:
    return [
        tag(
            "li",
            chip(visit, one["priority_words"], _PRIORITY_TONES[one["priority"]]),
            " ",
            link(visit, text("alarm {id} on {tag}", id=one["id"], tag=one["tag"]), visit.link("live")),
            " ",
            tag("span", said(visit, one["state_words"]), " · ", moment(one["since_at"], visit.zone), class_="fc-soft"),
        )
        for one in alarms
    ]


def _held(visit: Visit, held: list[Mapping[str, Any]]) -> list[Markup]:
    made = []
    for one in held[:8]:
        name = f"{said(visit, one['kind_words'])} {one['id']}"
        made.append(
            tag(
                "li",
                chip(visit, one["state_words"], "bad"),
                " ",
                link(visit, name, visit.link(f"pieces/subject/{one['kind']}/{one['id']}")),
                " ",
                tag("span", moment(one["since_at"], visit.zone), " · ", one["reason"], class_="fc-soft"),
            )
        )
    return made


def _data(visit: Visit, data: Mapping[str, Any]) -> list[Markup]:
    if data["series"] and not data["collected"]:
        words = joined(said(visit, text("No readings are coming. The newest is of")), " ",
                       moment(data["newest_at"], visit.zone))  # fmt: skip
        return [tag("li", chip(visit, text("data"), "warn"), " ", words)]
    late = data["late"]
    return [
        tag(
            "li",
            chip(visit, text("data stopped"), "warn"),
            " ",
            link(visit, one["name"] or one["tag"], visit.link("live")),
            " ",
            tag("span", moment(one["last_at"], visit.zone), class_="fc-soft"),
        )
        for one in late[:5]
    ] + (
        [tag("li", link(visit, text("{count} more", count=len(late) - 5), visit.link("live")))] if len(late) > 5 else []
    )
