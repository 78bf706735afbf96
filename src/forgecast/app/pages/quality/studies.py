"""Pages of studies: dimensions, gauges, where scatter arises, sampling plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.quality.charts import CHOICES
from forgecast.app.doors.quality.studies import (
    GAUGE,
    SAMPLING,
    SCATTER,
    TOLERANCE,
    GaugeAsked,
    SamplingAsked,
    ScatterAsked,
    ToleranceAsked,
)
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.page import page
from forgecast.app.pages.parts.asked import asked
from forgecast.app.pages.parts.chart import chart
from forgecast.app.pages.parts.fields import day_field, number_field, text_field
from forgecast.app.pages.parts.figures import Heading, KeyFigure, facts, key_figures, table
from forgecast.app.pages.parts.grid import Column, grid
from forgecast.app.pages.parts.inline import chip, number
from forgecast.app.pages.parts.layout import card, filter_bar, fold, heading, paragraph
from forgecast.app.pages.parts.states import button, error_box, notice
from forgecast.app.pages.parts.uploads import upload_field
from forgecast.app.pages.parts.words import Words
from forgecast.app.pages.quality.charts import LABELS, quantity_field
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import count
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

_TABLES = ".csv,.xlsx,.parquet"
#: Above this share of the study variation a gauge is not fit for capability, as `judge_capability` has it.
_GAUGE_LIMIT = 0.3
_COMPONENTS: dict[str, Text] = {
    "grr": text("gauge in all (GRR)"), "repeatability": text("repeatability"),
    "reproducibility": text("reproducibility"), "operators": text("operators"),
    "interaction": text("operators and parts"), "parts": text("parts"), "total": text("in all"),
}  # fmt: skip


@page("quality", "quality/dimensions", text("Dimensions"), in_menu=True)
async def dimensions(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Dimensions"), lead=text(
        "Measured values against their limits, with the measurement uncertainty where it is on record."))  # fmt: skip
    question = ToleranceAsked(product=visit.query.get("product", ""))
    await asked(visit, TOLERANCE, question, lambda found: _dimensions(visit, question, found), height=300)


def _dimensions(visit: Visit, question: ToleranceAsked, found: Mapping[str, Any]) -> None:
    rows = found["dimensions"]
    out, near = sum(one["not_met"] for one in rows), sum(one["not_known"] for one in rows)
    key_figures(visit, [
        KeyFigure(text("Measured"), count(sum(one["measured"] for one in rows))),
        KeyFigure(text("Out of limits"), count(out), tone="bad" if out else "good"),
        KeyFigure(text("Too near to tell"), count(near), tone="unknown" if near else ""),
    ])  # fmt: skip
    with card(visit, text("Characteristics"), flush=True):
        table(
            visit,
            [text("Characteristic"), text("Part"), Heading(text("Limits"), numeric=True),
             Heading(text("Values"), numeric=True), Heading(text("measured"), numeric=True),
             Heading(text("not met"), numeric=True), Heading(text("not known"), numeric=True)],
            [
                (
                    one["name"], one["product"], _span(one["lower"], one["upper"], one["unit"]),
                    _span(one["lowest"], one["highest"], ""), count(one["measured"]), count(one["not_met"]),
                    count(one["not_known"]),
                )
                for one in rows
            ],
            empty=text("No measurement with limits is on record: take in the records characteristic and measurement."),
        )  # fmt: skip
    with card(visit, text("Values out of their limits, or too near to tell"), flush=True):
        grid(
            visit, visit.address(TOLERANCE, question),
            [Column("piece", text("Piece")), Column("characteristic", text("Characteristic")),
             Column("value", text("Value"), "number"), Column("limit", text("Limit"), "number"),
             Column("beyond", text("beyond"), "number"), Column("word", text("Verdict"), "word"),
             Column("measured_at", text("Measured"), "moment"), Column("place", text("Place"))],
            title=text("Values out of their limits, or too near to tell"), rows="outliers", zone=visit.zone,
            empty=text("No value is out of its limits."),
        )  # fmt: skip
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


def _span(low: float | None, high: float | None, unit: str) -> str:
    def said(value: float | None) -> str:
        # A dimension keeps all digits that were measured.
        return "—" if value is None else f"{value:.8g}"

    return f"{said(low)} … {said(high)} {unit}".strip()


@page("quality", "quality/gauges", text("Gauges"), in_menu=True)
async def gauges(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Gauges"), lead=text(
        "Several people measure the same parts several times: how much of what is seen is the gauge?"))  # fmt: skip
    form = AddressForm(visit, "quality/gauges")

    def kept(upload: str, _name: str) -> None:
        form.put("upload", upload)
        form.send()

    with card(visit, text("Readings")):
        upload_field(visit, text("Table of readings"), accept=_TABLES, kept=kept, hint=text(
            "columns part, operator, value; one reading a row"))  # fmt: skip
        with fold(visit, text("Other headers, tolerance")), filter_bar():
            for name, words in (
                ("part", text("Column of the parts")), ("operator", text("Column of the operators")),
                ("value", text("Column of the readings")),
            ):  # fmt: skip
                form.field(name, text_field(visit, words))
            form.field("tolerance", number_field(visit, text("Width of the tolerance"), least=0))
            if "upload" in visit.query:
                form.put("upload", visit.query["upload"])
                button(visit, text("Study again"), form.send)
    if "upload" not in visit.query:
        return
    try:
        question = asked_in(visit, GaugeAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, GAUGE, question, lambda found: _gauge(visit, found), height=300)


def _gauge(visit: Visit, found: Mapping[str, Any]) -> None:
    study = found["anova"]
    share = study["components"]["grr"]["share_of_study_variation"]
    fit = share is not None and share <= _GAUGE_LIMIT
    key_figures(visit, [
        KeyFigure(text("Gauge in the study variation (GRR)"), None if share is None else 100.0 * share, "%",
                  tone="unknown" if share is None else "good" if fit else "bad",
                  note=text("above 30 % no capability is told")),
        KeyFigure(text("Kinds of parts it can tell apart"), study["distinct_categories"]),
        KeyFigure(text("Study"), f"{found['parts']} × {found['operators']} × {found['trials']}",
                  note=text("parts, people, trials")),
    ])  # fmt: skip
    for name, words in (("anova", text("Analysis of variance")), ("range", text("Averages and ranges"))):
        one = found[name]
        with card(visit, words, flush=True):
            if one["why_missing"] is not None:
                notice(visit, one["why_missing"])
            table(
                visit,
                [text("source of scatter"), Heading(text("deviation"), found["unit"], numeric=True),
                 Heading(text("of the variance"), "%", numeric=True), Heading(text("of the study"), "%", numeric=True),
                 Heading(text("of the tolerance"), "%", numeric=True)],
                [
                    (visit.say(_COMPONENTS[key]), number(part["deviation"]), _percent(part["share_of_variance"]),
                     _percent(part["share_of_study_variation"]), _percent(part["share_of_tolerance"]))
                    for key, part in one["components"].items()
                ],
            )  # fmt: skip


def _percent(share: float | None) -> Any:  # noqa: ANN401  (markup)
    return number(None if share is None else 100.0 * share)


@page("quality", "quality/scatter", text("Where scatter arises"), in_menu=True)
async def scatter(visit: Visit) -> None:
    """Fill the page."""
    lead = text(
        "Levels that lie in one another: furnace, day, heat; mould, cavity. The largest share is where to look."
    )
    heading(visit, text("Where scatter arises"), lead=lead)
    await asked(visit, CHOICES, NoQuestion(), lambda found: _scatter_form(visit, found["quantities"]), height=60)
    if not visit.query.get("field") or not visit.query.get("within"):
        return
    try:
        question = asked_in(visit, ScatterAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, SCATTER, question, lambda found: _scatter(visit, found), height=300)


def _scatter_form(visit: Visit, quantities: list[Mapping[str, Any]]) -> None:
    form = AddressForm(visit, "quality/scatter")
    with filter_bar():
        quantity_field(visit, form, [one for one in quantities if not one["is_result"]])
        hint = text("fields with commas between: furnace, day, heat")
        levels = text_field(visit, text("Levels, the coarsest first"), placeholder="furnace, day", hint=hint)
        form.field("within", levels)
        form.field("since_on", day_field(visit, text("From")))
        form.field("until_on", day_field(visit, text("To")))
        button(visit, text("Split"), form.send, kind="main")


def _scatter(visit: Visit, found: Mapping[str, Any]) -> None:
    unit = found["unit"]
    with card(visit, found["in_words"]):
        names = [LABELS.get(one["level"], one["level"]) for one in found["levels"]]
        said: list[Words] = [text("within") if name == "within" else name for name in names]
        labels = [visit.say(one) if isinstance(one, Text) else str(one) for one in said]
        chart(
            visit,
            {"x": labels, "series": [{"name": text("share of the variance").as_json(), "unit": "%", "kind": "bar",
                                      "values": [None if one["share"] is None else 100.0 * one["share"]
                                                 for one in found["levels"]]}]},
            title=found["in_words"], zoom=False, height=260, from_zero=True,
        )  # fmt: skip
        table(
            visit,
            [text("level"), Heading(text("groups"), numeric=True), Heading(text("deviation"), unit, numeric=True),
             Heading(text("of the variance"), "%", numeric=True)],
            [
                (label, None if one["groups"] is None else count(one["groups"]), number(one["deviation"]),
                 _percent(one["share"]))
                for label, one in zip(labels, found["levels"], strict=True)
            ],
        )  # fmt: skip
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


@page("quality", "quality/sampling", text("Sampling plans"), in_menu=True)
async def sampling(visit: Visit) -> None:
    """Fill the page."""
    lead = text("The smallest single plan that accepts good lots and refuses bad ones with the risks you agree on.")
    heading(visit, text("Sampling plans"), lead=lead)
    form = AddressForm(visit, "quality/sampling")
    with filter_bar():
        for name, words, value in (
            ("good_share", text("Good lots: share of bad pieces"), 0.01),
            ("bad_share", text("Bad lots: share of bad pieces"), 0.05),
            ("producers_risk", text("Risk that a good lot is refused"), 0.05),
            ("consumers_risk", text("Risk that a bad lot is accepted"), 0.10),
        ):  # fmt: skip
            form.field(name, number_field(visit, words, value=value, least=0.0001, most=0.9999, step=0.005))
        form.field(
            "lot", number_field(visit, text("Pieces in the lot"), hint=text("empty: very many"), least=2, step=1)
        )
        form.field("sample", number_field(visit, text("Sample of your plan"), least=1, step=1))
        form.field("acceptance", number_field(visit, text("Acceptance number of your plan"), least=0, step=1))
        button(visit, text("Work out"), form.send, kind="main")
    try:
        question = asked_in(visit, SamplingAsked, good_share=0.01, bad_share=0.05)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, SAMPLING, question, lambda found: _sampling(visit, question, found), height=300)


def _sampling(visit: Visit, question: SamplingAsked, found: Mapping[str, Any]) -> None:
    title = text("Take {n} pieces; accept the lot with up to {c} bad.", n=count(found["sample"]), c=found["acceptance"])
    good, bad = 1.0 - found["producers_risk"], found["consumers_risk"]
    kept = good >= 1.0 - question.producers_risk - 1e-9 and bad <= question.consumers_risk + 1e-9
    word = chip(
        visit, text("keeps both risks") if kept else text("does not keep both risks"), "good" if kept else "bad"
    )
    with card(visit, title, aside=word):
        chart(visit, visit.address(SAMPLING, question), at="chart", title=title, zoom=False)
        rows: list[tuple[Words, Any]] = [
            (text("lots with {share} % bad pieces accepted", share=f"{100.0 * found['good_share']:.3g}"),
             number(100.0 * good, "%")),
            (text("lots with {share} % bad pieces accepted", share=f"{100.0 * found['bad_share']:.3g}"),
             number(100.0 * bad, "%")),
        ]  # fmt: skip
        if found["worst_outgoing_share"] is not None:
            rows.append((text("highest mean share of bad pieces passed on (AOQL)"),
                         number(100.0 * found["worst_outgoing_share"], "%")))  # fmt: skip
        facts(visit, rows)
    for note in found["notes"]:
        paragraph(visit, note, soft=True)
