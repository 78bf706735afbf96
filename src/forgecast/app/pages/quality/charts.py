"""Control charts: a quantity, its points that signal, and what was done about them; and capability."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from nicegui import ui

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.quality.charts import CHART, CHOICES, REACT, REACTIONS, ChartAsked, ReactAsked, ReactionsAsked
from forgecast.app.doors.quality.studies import CAPABILITY, CapabilityAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.page import page
from forgecast.app.pages.parts.asked import asked
from forgecast.app.pages.parts.chart import chart
from forgecast.app.pages.parts.fields import choice_field, day_field, number_field, text_field
from forgecast.app.pages.parts.figures import Heading, facts, table
from forgecast.app.pages.parts.inline import chip, lines, link, moment, number
from forgecast.app.pages.parts.layout import card, filter_bar, fold, heading, paragraph, row, section
from forgecast.app.pages.parts.markup import Markup, joined, put, tag
from forgecast.app.pages.parts.states import button, dialog, empty, error_box, notice, toast
from forgecast.app.pages.parts.words import Words
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import count
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.store.server.rights import Right

_MOST_SIGNALS = 40
LABELS: dict[str, Text] = {
    "die": text("die"), "product": text("part"), "alloy": text("alloy"), "furnace": text("furnace"),
    "machine": text("machine"), "vessel": text("ladle"), "cavity": text("cavity"), "operator": text("operator"),
    "kind": text("kind"), "shift": text("shift"), "day": text("day"), "week": text("week"), "month": text("month"),
}  # fmt: skip
RULES: dict[str, Words] = {
    "nelson": text("Nelson, eight rules"), "western-electric": text("Western Electric"),
    "limits": text("the limits alone"), "none": text("none"),
}  # fmt: skip
KINDS: dict[str, Words] = {
    "": text("what fits the values"), "i-mr": text("single values"), "xbar-s": text("means and deviations"),
    "xbar-r": text("means and ranges"), "laney-p": text("shares, widened (Laney)"), "p": text("shares"),
    "ewma": text("weighted means (EWMA)"), "cusum": text("sums of deviations (CUSUM)"),
}  # fmt: skip
ACTIONS: dict[str, Words] = {
    "correction": text("correction"), "containment": text("containment"), "corrective": text("corrective action"),
    "preventive": text("preventive action"),
}  # fmt: skip
SHAPES: dict[str, Text] = {
    "normal": text("normal"), "lognormal": text("lognormal"), "weibull": text("Weibull"), "gamma": text("gamma"),
    "empirical": text("percentiles of the values"),
}  # fmt: skip


@page("quality", "quality/chart", text("Control charts"), in_menu=True)
async def control_chart(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Control charts"), lead=text(
        "Limits come from the values themselves; a mark shows a point that chance alone seldom makes."))  # fmt: skip
    await asked(visit, CHOICES, NoQuestion(), lambda found: _chart_form(visit, found["quantities"]), height=60)
    if not visit.query.get("field"):
        return
    try:
        question = asked_in(visit, ChartAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    place = ui.element("div").classes("fc-asked")
    with place:
        await asked(visit, CHART, question, lambda found: _charted(visit, question, found), height=420)


def quantity_field(visit: Visit, form: AddressForm, quantities: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Place the field of the quantity and return the one that is chosen."""
    names: dict[str, Words] = {
        one["field"]: f"{visit.say(one['title'])} · {visit.say(one['record'])}" for one in quantities
    }
    form.field("field", choice_field(visit, text("Charted quantity"), names, search=True))
    return next((one for one in quantities if one["field"] == visit.query.get("field")), None)


def _chart_form(visit: Visit, quantities: list[Mapping[str, Any]]) -> None:
    if not quantities:
        empty(
            visit, text("Nothing can be charted yet."),
            do=text("Take in results of inspection, measurements or shots; twenty values make a chart."),
            links=[link(visit, text("Take in files"), visit.link("data"))],
        )  # fmt: skip
        return
    form = AddressForm(visit, "quality/chart")
    with filter_bar():
        chosen = quantity_field(visit, form, quantities)
        labels = chosen["labels"] if chosen else []
        by: dict[str, Words] = {"": text("one chart for all"), **{one: LABELS.get(one, one) for one in labels}}
        form.field("by", choice_field(visit, text("Charts by"), by, value=""))
        form.field("rules", choice_field(visit, text("Rules"), RULES, value="nelson"))
        form.field("since_on", day_field(visit, text("From")))
        form.field("until_on", day_field(visit, text("To")))
        button(visit, text("Show chart"), form.send, kind="main")
    with fold(visit, text("More settings"), opened=bool({"kind", "subgroup", "baseline", "stage"} & set(visit.query))):  # noqa: SIM117
        with row():
            form.field("kind", choice_field(visit, text("Kind of chart"), KINDS, value=""))
            form.field("subgroup", text_field(visit, text("Subgroups"), hint=text(
                "a number of rows, or day, week, mould …")))  # fmt: skip
            form.field("stage", text_field(visit, text("New limits with every"), hint=text("die, campaign, month …")))
            form.field(
                "baseline", number_field(visit, text("Learn from the first"), unit=visit.say(text("points")), least=2)
            )


async def _charted(visit: Visit, question: ChartAsked, found: Mapping[str, Any]) -> None:
    title = visit.say(found["title"])
    name = f"{title} · {found['group']}" if found["group"] else title
    address = visit.address(CHART, question)
    if len(found["groups"]) > 1:
        _groups(visit, found)
    stable = not found["signals"]
    shown = next((one for one in found["groups"] if one["group"] == found["group"]), None)
    verdict = chip(visit, text("stable") if stable else text("{n} points signal", n=len(found["signals"])),
                   "good" if stable else "bad")  # fmt: skip
    with card(visit, name, note=found["kind_words"], aside=verdict):
        for reason in shown["why_missing"] if shown else ():
            notice(visit, reason)
        chart(visit, address, at="charts.location", title=name, zone=visit.zone, height=360)
        if "spread" in found["charts"]:
            chart(visit, address, at="charts.spread", title=text("How it scatters"), zone=visit.zone, height=220)
        _figures(visit, found, shown)
    await _reactions(visit, question, found)
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


def _groups(visit: Visit, found: Mapping[str, Any]) -> None:
    links = []
    for one in found["groups"]:
        here = one["group"] == found["group"]
        to = visit.link("quality/chart", **{**visit.query, "group": one["group"]})
        said = joined(one["group"], " ", tag("span", str(one["signals"]), class_="fc-soft"))
        links.append(tag("a", said, href=to, aria_current="page" if here else None,
                         title=visit.say(text("{n} points signal", n=one["signals"]))))  # fmt: skip
    put(joined(*links), tag_name="nav", classes="fc-tabs").props["aria-label"] = visit.say(text("Groups"))


def _figures(visit: Visit, found: Mapping[str, Any], shown: Mapping[str, Any] | None) -> None:
    if shown is None:
        return
    unit = found["unit"]
    facts(visit, [
        (text("points"), count(shown["points"])), (text("lower limit"), number(shown["lower"], unit)),
        (text("centre"), number(shown["centre"], unit)), (text("upper limit"), number(shown["upper"], unit)),
    ])  # fmt: skip
    if found["rules"]:
        with fold(visit, text("Rules that are broken")):
            table(
                visit, [text("Rule"), text("Chart"), text("What it finds"), Heading(text("points"), numeric=True)],
                [
                    (chip(visit, one["sign"], "bad"), visit.say(one["panel"]), visit.say(one["title"]),
                     count(one["points"]))
                    for one in found["rules"]
                ],
            )  # fmt: skip


async def _reactions(visit: Visit, question: ChartAsked, found: Mapping[str, Any]) -> None:
    """Place points that signal, the latest first, each with what was done; and the button to add it."""
    answered = await visit.ask(REACTIONS, ReactionsAsked(field=question.field))
    every = answered.read()["reactions"]
    noted: dict[str, list[Mapping[str, Any]]] = {}
    for one in every:
        if one["group"] in {"", found["group"]}:
            noted.setdefault(one["point"], []).append(one)
    names = list(dict.fromkeys(one["name"] for one in reversed(found["signals"])))
    points = {name: [one for one in found["signals"] if one["name"] == name] for name in names}
    with section(visit, text("Points that signal, and what was done")):
        if not names and not noted:
            notice(visit, text("No point signals: what is seen is what a stable process shows."), tone="good")
            return
        with card(visit):
            for name in names[:_MOST_SIGNALS]:
                _point(visit, question, found, name, points[name], noted.get(name, []))
            for name in (one for one in noted if one not in points):
                _point(visit, question, found, name, [], noted[name])
        if len(names) > _MOST_SIGNALS:
            paragraph(visit, text("{n} earlier points are in the chart only", n=len(names) - _MOST_SIGNALS), soft=True)


def _point(
    visit: Visit, question: ChartAsked, found: Mapping[str, Any], name: str, signals: list[Mapping[str, Any]],
    noted: list[Mapping[str, Any]],
) -> None:  # fmt: skip
    rules = sorted({sign for one in signals for sign in one["rules"]})
    with ui.element("div").classes("fc-row"):
        first = signals[0] if signals else None
        told = [tag("strong", name)]
        if first is not None:
            told += [joined(" ", moment(first["at"], visit.zone)), joined(" · ", number(first["value"], found["unit"]))]
            told += [joined(" · ", visit.say(text("rule {signs}", signs=", ".join(rules))))]
        put(tag("p", *told))
        if visit.may(Right.RECORD):
            words = text("Note what was done")
            made = button(visit, words, partial(_ask_note, visit, question, found["group"], name), kind="quiet")
            made.props["aria-label"] = visit.say(text("Note what was done about {point}", point=name))
    for one in noted:
        put(_note(visit, one), classes="fc-notice tone-good")


def _note(visit: Visit, one: Mapping[str, Any]) -> Markup:
    kind = chip(visit, ACTIONS.get(one["kind"], one["kind"]), "good")
    by = joined(one["by"], " · ", moment(one["done_at"], visit.zone), " · ", one["id"])
    return lines(joined(kind, " ", one["note"]), by)


async def _ask_note(visit: Visit, question: ChartAsked, group: str, point: str) -> None:
    with dialog(visit, text("What was done about {point}", point=point)) as opened:
        note = text_field(visit, text("What was found and done"), long=True)
        kind = choice_field(visit, text("Kind of action"), ACTIONS, value="correction")
        report = text_field(visit, text("Nonconformity"), hint=text("number of the report, where there is one"))
        wrong = ui.element("div")
        with ui.element("div").classes("fc-row fc-row-end"):
            button(visit, text("Cancel"), opened.close, kind="quiet")

            async def keep() -> None:
                wrong.clear()
                said = str(note.value or "").strip()
                if not said:
                    with wrong:
                        notice(visit, text("Say what was found and what was done about it."), tone="bad")
                    return
                asked_of = ReactAsked(field=question.field, point=point, group=group, kind=kind.value, note=said,
                                      nonconformity=str(report.value or "").strip())  # fmt: skip
                try:
                    await visit.ask(REACT, asked_of)
                except ForgecastError as error:
                    with wrong:
                        error_box(visit, error)
                    return
                opened.close()
                toast(visit, text("The note is on record."))
                ui.navigate.reload()

            button(visit, text("Put on record"), keep, kind="main")
    opened.open()


@page("quality", "quality/capability", text("Capability"), in_menu=True)
async def capability(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Capability"), lead=text(
        "How a process keeps its limits, with 95 % intervals; refused where it is not stable."))  # fmt: skip
    await asked(visit, CHOICES, NoQuestion(), lambda found: _capability_form(visit, found["quantities"]), height=60)
    if not visit.query.get("field"):
        return
    try:
        question = asked_in(visit, CapabilityAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, CAPABILITY, question, lambda found: _judged(visit, question, found), height=420)


def _capability_form(visit: Visit, quantities: list[Mapping[str, Any]]) -> None:
    form = AddressForm(visit, "quality/capability")
    measured = sorted((one for one in quantities if not one["is_result"]), key=lambda one: not one["limited"])
    with filter_bar():
        chosen = quantity_field(visit, form, measured)
        unit = chosen["unit"] if chosen else ""
        limited = bool(chosen and chosen["limited"])
        hint = text("empty: as the record says") if limited else None
        form.field("lower", number_field(visit, text("Lower limit"), unit=unit, hint=hint))
        form.field("upper", number_field(visit, text("Upper limit"), unit=unit, hint=hint))
        form.field("target", number_field(visit, text("Target"), unit=unit))
        labels = chosen["labels"] if chosen else []
        by: dict[str, Words] = {"": text("all together"), **{one: LABELS.get(one, one) for one in labels}}
        form.field("by", choice_field(visit, text("Judged by"), by, value=""))
        form.field("since_on", day_field(visit, text("From")))
        form.field("until_on", day_field(visit, text("To")))
        button(visit, text("Judge"), form.send, kind="main")


def _judged(visit: Visit, question: CapabilityAsked, found: Mapping[str, Any]) -> None:
    address = visit.address(CAPABILITY, question)
    unit = found["unit"]
    for n, group in enumerate(found["groups"]):
        name = group["group"] or visit.say(found["title"])
        refused = bool(group["refused"])
        word = chip(visit, text("no index: refused"), "unknown") if refused else _worst(group)
        with card(visit, name, aside=word, tone="unknown" if refused else ""):
            for reason in group["refused"]:
                notice(visit, reason, tone="warn")
            _indices(visit, group)
            chart(visit, address, at=f"groups.{n}.histogram", title=name, height=240, kind="bar", zoom=False)
            facts(visit, [
                (text("values"), count(group["points"])), (text("outside"), count(group["outside"])),
                (text("mean"), number(group["mean"], unit)),
                (text("deviation of all values"), number(group["overall_deviation"], unit)),
                (text("deviation within"), number(group["within_deviation"], unit)),
                (text("shape"), visit.say(SHAPES[group["shape"]])),
            ])  # fmt: skip
            for caveat in group["caveats"]:
                paragraph(visit, caveat, soft=True)
            if refused:
                to = visit.link("quality/chart", field=question.field, **({"by": question.by} if question.by else {}))
                put(tag("p", link(visit, text("See its control chart"), to)))
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


def _worst(group: Mapping[str, Any]) -> Markup | None:
    index = group["ppk"]
    return None if index is None else tag("strong", "Ppk ", number(index["value"]))


def _indices(visit: Visit, group: Mapping[str, Any]) -> None:
    rows = [
        (tag("strong", name), number(one["value"]), tag("span", number(one["low"]), " … ", number(one["high"])))
        for name in ("Cp", "Cpk", "Pp", "Ppk", "Cpm")
        if (one := group[name.lower()]) is not None
    ]
    if rows:
        heads: list[Heading | Words] = [
            text("Index"),
            Heading(text("Value"), numeric=True),
            Heading(text("95 % interval"), numeric=True),
        ]
        table(visit, heads, rows, caption=text("Indices of capability"))
