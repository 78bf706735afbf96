"""Wear: linings and lives out of the records, bearings and force curves out of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.condition.wear import (
    BEARING,
    LIFE,
    LINING,
    PRESS,
    BearingAsked,
    LifeAsked,
    LiningAsked,
    PressAsked,
)
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.page import page
from forgecast.app.pages.parts.asked import asked
from forgecast.app.pages.parts.chart import chart
from forgecast.app.pages.parts.fields import number_field, text_field
from forgecast.app.pages.parts.figures import Heading, facts, table
from forgecast.app.pages.parts.inline import chip, number
from forgecast.app.pages.parts.layout import card, filter_bar, heading, paragraph, tabs
from forgecast.app.pages.parts.markup import joined
from forgecast.app.pages.parts.states import button, error_box, notice
from forgecast.app.pages.parts.uploads import upload_field
from forgecast.app.pages.parts.words import Words
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import count
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

_TABLES = ".csv,.xlsx,.parquet"
_TABS: dict[str, Text] = {
    "lining": text("Linings"), "life": text("Lives"), "bearing": text("Bearings"), "press": text("Force curves"),
}  # fmt: skip


@page("live", "live/wear", text("Wear"), in_menu=True)
async def wear(visit: Visit) -> None:
    """Fill the page."""
    heading(
        visit, text("Wear"), lead=text("How far linings, bearings, dies and presses are, and what is left of them.")
    )
    tab = tabs(visit, _TABS, visit.query.get("tab", ""))
    await {"lining": _lining, "life": _life, "bearing": _bearing, "press": _press}[tab](visit)


def _file(visit: Visit, form: AddressForm, hint: Words) -> None:
    """Place the field of a file; the id of the upload goes into the address."""
    if "upload" in visit.query:
        form.put("upload", visit.query["upload"])

    def kept(upload: str, _name: str) -> None:
        form.put("upload", upload)
        form.send()

    upload_field(visit, text("Table"), accept=_TABLES, kept=kept, hint=hint)


async def _lining(visit: Visit) -> None:
    form = AddressForm(visit, "live/wear", {"tab": "lining"})
    with filter_bar():
        form.field("furnace", text_field(visit, text("Furnace of the plant"), hint=text("empty: the only one")))
        form.field("limit", number_field(visit, text("Indicator at which it is done"), hint=text("kWh per tonne")))
        button(visit, text("Follow"), form.send, kind="main")
    if not {"furnace", "limit", "upload"} & set(visit.query):
        return
    try:
        question = asked_in(visit, LiningAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, LINING, question, lambda found: _lined(visit, question, found), height=400)


def _lined(visit: Visit, question: LiningAsked, found: Mapping[str, Any]) -> None:
    with card(visit, found["heats_left_words"], note=found["indicator"]):
        chart(visit, visit.address(LINING, question), at="chart", title=found["indicator"], height=340)
        table(
            visit,
            [text("first heat"), text("last heat"), Heading(text("heats"), numeric=True),
             Heading(text("new lining"), found["unit"], numeric=True),
             Heading(text("change a heat"), found["unit"], numeric=True)],
            [
                (one["first"], one["last"], count(one["heats"]), number(one["level"]),
                 joined(number(one["slope_per_heat"]), " (", number(one["slope_low"]), " … ",
                        number(one["slope_high"]), ")"))
                for one in found["campaigns"]
            ],
        )  # fmt: skip
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


async def _life(visit: Visit) -> None:
    form = AddressForm(visit, "live/wear", {"tab": "life"})
    _file(visit, form, text("one row a die, lining or pump: its life, and whether it has failed"))
    with filter_bar():
        form.field("duration", text_field(visit, text("Column of lives")))
        form.field("failed", text_field(visit, text("Column that is 1 for a failure")))
        form.field("furnace", text_field(visit, text("or linings of the furnace")))
        form.field("age", number_field(visit, text("Age of one in use"), least=0))
        form.field("planned_cost", number_field(visit, text("Cost of a planned replacement"), least=0))
        form.field("failure_cost", number_field(visit, text("Cost of one after a failure"), least=0))
        button(visit, text("Work out"), form.send, kind="main")
    if not visit.query.get("furnace") and not (visit.query.get("upload") and visit.query.get("duration")):
        return
    try:
        question = asked_in(visit, LifeAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, LIFE, question, lambda found: _lived(visit, question, found), height=400)


def _lived(visit: Visit, question: LifeAsked, found: Mapping[str, Any]) -> None:
    unit = found["unit"]
    with card(visit, text("Share that outlives an age")):
        chart(visit, visit.address(LIFE, question), at="chart", title=text("Share that outlives an age"), height=340)
        rows: list[tuple[Words, Any]] = [
            (text("failures"), count(found["failures"])), (text("not failed"), count(found["censored"])),
            (text("Weibull shape (above 1: wears out)"), _interval(found, "shape", "")),
            (text("Weibull scale (63 % failed)"), _interval(found, "scale", unit)),
            (text("median life"), number(found["median_life"], unit)),
        ]  # fmt: skip
        rest, best = found["remaining"], found["replacement"]
        if rest is not None:
            rows.append((text("median of what is left at {age}", age=f"{rest['age']:g}"), number(rest["median"], unit)))
        if best is not None:
            rows.append((text("replace at the age"), number(best["age"], unit) if best["age"] is not None
                         else visit.say(text("never: wait for the failure"))))  # fmt: skip
        facts(visit, rows)
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


def _interval(found: Mapping[str, Any], name: str, unit: str) -> Any:  # noqa: ANN401  (markup)
    return joined(
        number(found[name], unit), " (", number(found[f"{name}_low"]), " … ", number(found[f"{name}_high"]), ")"
    )


async def _bearing(visit: Visit) -> None:
    form = AddressForm(visit, "live/wear", {"tab": "bearing"})
    _file(visit, form, text("one row a value of the vibration"))
    with filter_bar():
        form.field("signal", text_field(visit, text("Column of the vibration")))
        form.field("rpm", number_field(visit, text("Speed of the shaft"), unit="1/min", least=0))
        form.field("rate_hz", number_field(visit, text("Sampling rate"), unit="Hz", least=0))
        form.field("bearing", text_field(visit, text("Bearing"), placeholder="6205"))
        form.field("balls", number_field(visit, text("Rolling elements"), least=3, step=1))
        form.field("ball_mm", number_field(visit, text("Diameter of one"), unit="mm", least=0))
        form.field("pitch_mm", number_field(visit, text("Diameter of their circle"), unit="mm", least=0))
        button(visit, text("Judge"), form.send, kind="main")
    if not all(visit.query.get(name) for name in ("upload", "signal", "rpm")):
        return
    try:
        question = asked_in(visit, BearingAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, BEARING, question, lambda found: _judged(visit, question, found), height=400)


def _judged(visit: Visit, question: BearingAsked, found: Mapping[str, Any]) -> None:
    good = found["state"] == "no_fault_seen"
    with card(visit, found["state_words"], tone="good" if good else "warn"):
        for reason in found["reasons"]:
            paragraph(visit, reason)
        chart(visit, visit.address(BEARING, question), at="chart", title=text("Envelope spectrum"), height=340)
        table(
            visit,
            [text("part"), Heading(text("frequency"), "Hz", numeric=True), Heading(text("bands"), "%", numeric=True),
             Heading(text("decades"), numeric=True)],
            [
                (visit.say(one["words"]), number(one["frequency_hz"]), number(100.0 * one["share_of_bands"]),
                 number(one["decades"]))
                for one in found["parts"]
            ],
        )  # fmt: skip
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


async def _press(visit: Visit) -> None:
    form = AddressForm(visit, "live/wear", {"tab": "press"})
    _file(visit, form, text("one row a value of a curve"))
    with filter_bar():
        form.field("blow", text_field(visit, text("Column that names the blow")))
        form.field("axis", text_field(visit, text("Way or time, with its unit"), placeholder="way [mm]"))
        form.field("force", text_field(visit, text("Force, with its unit"), placeholder="force [kN]"))
        form.field("good", text_field(visit, text("Column of good blows")))
        button(visit, text("Judge"), form.send, kind="main")
    if not all(visit.query.get(name) for name in ("upload", "blow", "axis", "force")):
        return
    try:
        question = asked_in(visit, PressAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, PRESS, question, lambda found: _pressed(visit, question, found), height=400)


def _pressed(visit: Visit, question: PressAsked, found: Mapping[str, Any]) -> None:
    words = found["feature_words"]
    title = text("{n} blows, {strange} strange, {drifts} features drift", n=len(found["blows"]),
                 strange=len(found["strange"]), drifts=len(found["drifts"]))  # fmt: skip
    with card(visit, title):
        chart(visit, visit.address(PRESS, question), at="chart", title=title, height=340)
        for one in found["drifts"]:
            notice(visit, text("{feature} drifts: {share} % over all blows", feature=visit.say(words[one["feature"]]),
                               share="—" if one["over_all_blows"] is None else f"{100.0 * one['over_all_blows']:+.1f}"),
                   tone="warn")  # fmt: skip
        table(
            visit,
            [text("blow"), text("envelope"), text("features")],
            [
                (one["blow"], chip(visit, text("outside") if one["outside"] else text("inside"),
                                   "bad" if one["outside"] else "plain"),
                 ", ".join(f"{visit.say(words[part['feature']])} {part['deviations']:+.1f}σ"
                           for part in one["features"]))
                for one in found["strange"][:60]
            ],
            empty=text("No blow leaves the envelope."),
        )  # fmt: skip
    for note in found["notes"]:
        paragraph(visit, note, soft=True)
