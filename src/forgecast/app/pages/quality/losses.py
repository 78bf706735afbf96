"""Pages of losses: defects ranked, signals followed to their pieces, failure modes, and what leads to rejects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.quality.asked import Days
from forgecast.app.doors.quality.charts import CHOICES
from forgecast.app.doors.quality.losses import CONTAIN, FMEA, PARETO, REJECTS, ContainAsked, ParetoAsked, RejectsAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.page import page
from forgecast.app.pages.parts.asked import asked
from forgecast.app.pages.parts.chart import chart
from forgecast.app.pages.parts.fields import choice_field, day_field, number_field, text_field
from forgecast.app.pages.parts.figures import Heading, KeyFigure, facts, key_figures, table
from forgecast.app.pages.parts.inline import chip, lines, link, number
from forgecast.app.pages.parts.layout import card, filter_bar, fold, heading, paragraph, section
from forgecast.app.pages.parts.markup import Markup, joined, tag
from forgecast.app.pages.parts.states import button, error_box, notice
from forgecast.app.pages.parts.words import Words
from forgecast.app.pages.quality.charts import LABELS, quantity_field
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import count
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.plant.record import record

_BY: dict[str, Words] = {
    "defect": text("defect"), "class": text("class of defect"), "product": text("part"), "furnace": text("furnace"),
    "die": text("die"), "heat": text("heat"), "shift": text("shift"),
}  # fmt: skip
_IN: dict[str, Words] = {
    "piece": text("pieces"), "inspection": text("inspections"), "nonconformity": text("nonconformities"),
}  # fmt: skip
_JUDGED: dict[str, Text] = {
    "later": text("later days"), "new_mould": text("new dies, later days"), "unseen_mould": text("dies never seen"),
    "random": text("drawn by lot: FLATTERS"),
}  # fmt: skip
_VERDICTS: dict[str, tuple[Text, str]] = {
    "proven": (text("proven"), "good"), "not proven": (text("not proven"), "bad"),
    "not known": (text("not known"), "unknown"),
}  # fmt: skip


@page("quality", "quality/defects", text("Defects"), in_menu=True)
async def defects(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Defects"), lead=text("Which matter most, and what has grown."))
    form = AddressForm(visit, "quality/defects")
    with filter_bar():
        form.field("by", choice_field(visit, text("Ranked by"), _BY, value="defect"))
        form.field("record", choice_field(visit, text("Counted in"), _IN, value="piece"))
        form.field("since_on", day_field(visit, text("From")))
        form.field("until_on", day_field(visit, text("To")))
        form.field("compare_on", day_field(visit, text("Compared from"), hint=text("what was before stands beside it")))
        button(visit, text("Rank"), form.send, kind="main")
    try:
        question = asked_in(visit, ParetoAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, PARETO, question, lambda found: _ranked(visit, found), height=300)


def _ranked(visit: Visit, found: Mapping[str, Any]) -> None:
    if found["chance"] is not None:
        names = ", ".join(found["grew"][:3])
        if found["grew"]:
            notice(visit, text("Grown beyond chance: {names}", names=names), tone="bad")
        else:
            notice(visit, text("Both times differ no more than chance explains."), tone="good")
    title: Text = text("{n} bad pieces with a name, {unnamed} without", n=count(found["total"]),
                 unnamed=count(found["unnamed"]))  # fmt: skip
    with card(visit, title):
        ranked = [str(one["name"]) for one in found["rows"][:20]]
        series: list[dict[str, Any]] = [
            {"name": text("share of the bad pieces").as_json(), "unit": "%", "kind": "bar",
             "values": [100.0 * one["share"] for one in found["rows"][:20]]}
        ]  # fmt: skip
        if found["chance"] is not None:
            series.append({"name": text("before").as_json(), "unit": "%", "kind": "bar", "tone": "plain",
                           "values": [100.0 * (one["share_before"] or 0.0) for one in found["rows"][:20]]})  # fmt: skip
        series.append({"name": text("together").as_json(), "unit": "%", "kind": "line",
                       "values": [100.0 * one["cumulative"] for one in found["rows"][:20]]})  # fmt: skip
        chart(visit, {"x": ranked, "series": series}, title=title, zoom=False)
        table(
            visit,
            [text("Group"), text("class"), Heading(text("pieces"), numeric=True),
             Heading(text("share"), "%", numeric=True), Heading(text("together"), "%", numeric=True),
             *([Heading(text("before"), "%", numeric=True)] if found["chance"] is not None else [])],
            [
                (
                    one["name"], _class(visit, one), count(one["count"]), number(100.0 * one["share"]),
                    number(100.0 * one["cumulative"]),
                    *([number(100.0 * one["share_before"])] if found["chance"] is not None else []),
                )
                for one in found["rows"]
            ],
            caption=title,
        )  # fmt: skip
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


def _class(visit: Visit, one: Mapping[str, Any]) -> Markup | None:
    if one["class"] is None:
        return None
    sure = one["class_confidence"] != "unverified"
    said = f"{one['class']} {visit.say(one['class_title'])}"
    return tag("span", said, "" if sure else " ?", title=None if sure else visit.say(
        text("recalled of the atlas, not read in it; it decides nothing")))  # fmt: skip


@page("quality", "quality/containment", text("Containment"), in_menu=True)
async def containment(visit: Visit) -> None:
    """Fill the page."""
    lead = text("From a signal to the pieces it touches: are they held, where did they go, did what was done help?")
    heading(visit, text("Containment"), lead=lead)
    await asked(visit, CHOICES, NoQuestion(), lambda found: _contain_form(visit, found["quantities"]), height=60)
    if not visit.query.get("field"):
        return
    try:
        question = asked_in(visit, ContainAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, CONTAIN, question, lambda found: _contained(visit, found), height=300)


def _contain_form(visit: Visit, quantities: list[Mapping[str, Any]]) -> None:
    form = AddressForm(visit, "quality/containment")
    with filter_bar():
        chosen = quantity_field(visit, form, quantities)
        labels = chosen["labels"] if chosen else []
        by: dict[str, Words] = {"": text("one chart for all"), **{one: LABELS.get(one, one) for one in labels}}
        form.field("by", choice_field(visit, text("Charts by"), by, value=""))
        form.field("since_on", day_field(visit, text("From")))
        form.field("until_on", day_field(visit, text("To")))
        form.field("done_on", day_field(visit, text("Something was done on"), hint=text(
            "empty: the actions on record")))  # fmt: skip
        button(visit, text("Follow signals"), form.send, kind="main")


def _contained(visit: Visit, found: Mapping[str, Any]) -> None:
    if not found["suspects"]:
        notice(visit, text("No point signals: there is nothing to contain."), tone="good")
    elif found["contained"]:
        notice(visit, text("Every affected piece is held."), tone="good")
    else:
        notice(visit, text("Affected pieces are not held, or it is not known."), tone="bad")
    for one in found["suspects"]:
        first, last = one["points"]
        span = f"{first}" if first == last else f"{first}–{last}"
        title = text("{group} points {span}", group=one["group"], span=span)
        held = sum(piece["at_most"] for piece in one["pieces"] if piece["decision"] in {"hold", "scrap", "rework"})
        with card(visit, title, note=text("{since} to {until}; last good point: {good}", since=one["since"],
                                          until=one["until"], good=one["last_good"] or "—")):  # fmt: skip
            facts(visit, [
                (text("how many"), f"{len(one['subjects'])} ({', '.join(one['subjects'][:6])})"),
                (text("pieces at most"), count(one["pieces_at_most"])), (text("held"), count(held)),
                (text("rules"), ", ".join(one["rules"])), (text("reports"), ", ".join(one["nonconformities"])),
            ])  # fmt: skip
            with fold(visit, text("Pieces"), opened=len(found["suspects"]) == 1):
                _pieces(visit, one["pieces"])
            for effect in one["effects"]:
                words, tone = _VERDICTS[effect["verdict"]]
                paragraph(visit, effect["why"])
                chip(visit, words, tone)
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


def _pieces(visit: Visit, pieces: Sequence[Mapping[str, Any]]) -> None:
    choices = {one.code: {"en": one.code.replace("_", " "), "zh": one.zh}
               for one in record("disposition").field("decision").choices}  # fmt: skip
    table(
        visit,
        [text("piece"), text("product"), Heading(text("pieces"), numeric=True),
         Heading(text("probability"), "%", numeric=True), text("decision"), text("shipped with")],
        [
            (
                link(visit, one["piece"], visit.link("pieces/piece", id=one["piece"])), one["product"],
                count(one["at_most"]), number(100.0 * one["probability"]),
                visit.say(choices[one["decision"]]) if one["decision"] in choices
                else chip(visit, text("nothing decided"), "unknown"),
                ", ".join(one["shipments"]),
            )
            for one in pieces
        ],
    )  # fmt: skip


@page("quality", "quality/failure-modes", text("Failure modes"), in_menu=True)
async def failure_modes(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Failure modes"), lead=text(
        "The rated occurrence beside what really occurred, with its interval, and where they disagree."))  # fmt: skip
    form = AddressForm(visit, "quality/failure-modes")
    with filter_bar():
        form.field("since_on", day_field(visit, text("From")))
        form.field("until_on", day_field(visit, text("To")))
        button(visit, text("Compare"), form.send, kind="main")
    try:
        question = asked_in(visit, Days)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, FMEA, question, lambda found: _modes(visit, found), height=300)


def _modes(visit: Visit, found: Mapping[str, Any]) -> None:
    wrong = found["disagreeing"]
    title = text("{n} ratings of occurrence disagree with what is seen", n=wrong)
    with card(visit, title, tone="bad" if wrong else "good", flush=True):
        table(
            visit,
            [text("Failure"), Heading(text("severity"), numeric=True), Heading(text("occurrence"), numeric=True),
             Heading(text("detection"), numeric=True), Heading(text("risk number"), numeric=True),
             Heading(text("rate seen"), "%", numeric=True), Heading(text("occurrence seen"), numeric=True),
             text("Compared")],
            [_mode(visit, one) for one in found["failure_modes"]],
            empty=text("No failure mode is on record: take in the record failure_mode."),
        )  # fmt: skip
    if found["defects_without_failure_mode"]:
        with card(visit, text("Occurred, and no failure mode names it")):
            paragraph(visit, ", ".join(f"{one['defect']} ({count(one['count'])})"
                                       for one in found["defects_without_failure_mode"]))  # fmt: skip


def _mode(visit: Visit, one: Mapping[str, Any]) -> tuple[Any, ...]:
    rate = None
    if one["rate"] is not None:
        rate = lines(number(100.0 * one["rate"]), joined(number(100.0 * one["rate_low"]), " … ",
                                                         number(100.0 * one["rate_high"])))  # fmt: skip
    seen = None if one["seen_occurrence"] is None else "–".join(map(str, sorted(set(one["seen_occurrence"]))))
    why = one["disagrees"] or one["why_missing"]
    tone = "bad" if one["disagrees"] else "unknown"
    told = chip(visit, why, tone) if why else chip(visit, text("agrees"), "good")
    return (
        lines(one["failure"], f"{one['id']} {one['product']} {one['step']}"), one["severity"], one["occurrence"],
        one["detection"], one["rpn"], rate, seen, told,
    )  # fmt: skip


@page("quality", "quality/rejects", text("What leads to rejects"), in_menu=True)
async def rejects(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("What leads to rejects"), lead=text(
        "Learnt from what was measured on each piece, and judged on pieces it has never seen."))  # fmt: skip
    form = AddressForm(visit, "quality/rejects")
    records: dict[str, Words] = {"shot": record("shot").title, "piece": record("piece").title,
                                 "blow": record("blow").title}  # fmt: skip
    with filter_bar():
        form.field("record", choice_field(visit, text("Learnt from"), records, value="shot"))
        form.field("by", choice_field(visit, text("Grouped by"), {"": text("what the record has"), **LABELS}, value=""))
        form.field("budget", number_field(visit, text("Share that can be inspected"), value=0.05, least=0.001, most=1))
        form.field("explain", text_field(visit, text("Explain pieces"), hint=text("numbers, with commas between")))
        button(visit, text("Learn"), form.send, kind="main")
    if "record" not in visit.query:
        paragraph(visit, text("Learning takes up to a minute; choose what to learn from and start it."), soft=True)
        return
    try:
        question = asked_in(visit, RejectsAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, REJECTS, question, lambda found: _rejects(visit, found), height=300)


def _rejects(visit: Visit, found: Mapping[str, Any]) -> None:
    honest = next((one for one in found["judged"] if not one["flatters"]), found["judged"][0])
    trusted = bool(honest["skill"]["low"] is not None and honest["skill"]["low"] > 0.0)
    key_figures(visit, [
        KeyFigure(text("rejects"), count(found["rejects"]), note=text("of {n} pieces", n=count(found["pieces"]))),
        KeyFigure(
            text("Found by inspecting {share} %", share=f"{100.0 * honest['budget']:.3g}"),
            _times(honest["found"]["value"]), "%", note=_interval(honest["found"]),
        ),
        KeyFigure(
            text("Skill of its probabilities"), honest["skill"]["value"], note=text(
                "1 is perfect, 0 as good as always saying the share of rejects"), tone="good" if trusted else "bad",
        ),
    ])  # fmt: skip
    if not trusted:
        warned = text("Its probabilities are no better than the share of rejects: use its order, not its numbers.")
        notice(visit, warned, tone="warn")
    titles = found["feature_titles"]
    with card(visit, text("What makes the most suspect later pieces suspect"), note=text(
        "what the model makes of a value, not what causes rejects")):  # fmt: skip
        told = [one for one in found["reasons"] if one["push"] > 0.0][:10]
        chart(
            visit,
            {"x": [titles[one["feature"]] for one in told],
             "series": [{"name": text("mean push").as_json(), "unit": "%", "kind": "bar",
                         "values": [100.0 * one["push"] for one in told]}]},
            title=text("What pushes the probability of reject"), zoom=False, height=260,
        )  # fmt: skip
    with card(visit, text("How well rejects are found, on pieces that were not learnt from"), flush=True):
        table(
            visit,
            [text("judged on"), Heading(text("pieces"), numeric=True), Heading(text("rejects"), numeric=True),
             Heading(text("average precision"), "%", numeric=True), Heading(text("found"), "%", numeric=True),
             Heading(text("skill"), numeric=True)],
            [
                (
                    visit.say(_JUDGED.get(one["kind"], text("drawn by lot: FLATTERS"))), count(one["pieces"]),
                    count(one["rejects"]), number(_times(one["precision"]["value"])),
                    number(_times(one["found"]["value"])), number(one["skill"]["value"]),
                )
                for one in found["judged"]
            ],
        )  # fmt: skip
    for one in found["explanations"]:
        with card(visit, one["id"], note=one["answer"]):
            for push in one["pushes"][:6]:
                paragraph(visit, push["sentence"])
    if found["left_out"]:
        with section(visit, text("Fields the model may not see")):
            facts(visit, [(titles.get(one["field"], one["field"]), visit.say(one["why"])) for one in found["left_out"]],
                  wide=True)  # fmt: skip
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


def _times(share: float | None) -> float | None:
    return None if share is None else 100.0 * share


def _interval(one: Mapping[str, Any]) -> Words:
    if one["low"] is None:
        return None
    return text("95 % interval {low} to {high} %", low=f"{100.0 * one['low']:.0f}", high=f"{100.0 * one['high']:.0f}")
