"""A design or a search of risers: what was tried, why, and the risers that came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.pages.casting.shared import place_mm
from forgecast.app.pages.parts import Heading, badge, chart, chip, notice, number, paragraph, section, table
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import Text, text, verbatim

_SOUND: dict[bool | None, tuple[Text, str]] = {
    True: (text("sound"), "good"), False: (text("not sound"), "bad"), None: (text("not frozen"), "unknown"),
}  # fmt: skip


def show_design(visit: Visit, design: Mapping[str, Any]) -> None:
    """Place the rounds of a design, or the trials of a search."""
    if design["kind"] == "riser":
        _rounds(visit, design)
    else:
        _trials(visit, design)


def _rounds(visit: Visit, design: Mapping[str, Any]) -> None:
    with section(visit, text("How the risers came about")):
        if design["sound"]:
            notice(
                visit,
                text("With these risers no cavity above the limit and no cut-off pool is left in the casting."),
                tone="good",
            )
        elif design["why_not"] is not None:
            notice(visit, design["why_not"], tone="bad")
        table(
            visit,
            [Heading(text("Round"), numeric=True), text("What was changed"), text("Why"), text("What was found"),
             Heading(text("yield"), "%", numeric=True)],
            [
                (
                    f"→ {one['round']}" if one["round"] == design["chosen_round"] else str(one["round"]),
                    visit.say(one["change"]), visit.say(one["why"]), _found(visit, one),
                    number(100 * one["casting_yield"]),
                )
                for one in design["rounds"]
            ],
            caption=text("How the risers came about"),
        )  # fmt: skip
        _risers(visit, design["risers"])


def _found(visit: Visit, one: Mapping[str, Any]) -> Any:  # noqa: ANN401  (markup)
    if one["sound"]:
        return badge(visit, "met")
    return visit.say(one["troubles"][0]["says"]) if one["troubles"] else visit.say(text("not sound"))


def _risers(visit: Visit, risers: list[Mapping[str, Any]]) -> None:
    table(
        visit,
        [text("Riser"), text("foot: x, y, z [mm]"), Heading(text("diameter"), "mm", numeric=True),
         Heading(text("height"), "mm", numeric=True), Heading(text("neck"), "mm", numeric=True),
         Heading(text("over the rule"), numeric=True), text("Rule that sized it")],
        [
            (
                str(number_), place_mm(one["foot_m"]), number(1000 * one["diameter_m"]),
                number(1000 * one["height_m"]), number(1000 * one["neck_diameter_m"]), number(one["factor_of_rule"]),
                one["proposal"]["governing"],
            )
            for number_, one in enumerate(risers, start=1)
        ],
        caption=text("Risers of the design"),
        empty=text("No riser is needed."),
    )  # fmt: skip


def _trials(visit: Visit, design: Mapping[str, Any]) -> None:
    trials, front = design["trials"], {one["trial"] for one in design["front"]}
    with section(visit, text("What was tried")):
        paragraph(
            visit,
            text("{sound} sound risers that none beats, of {trials} trials; {frozen} of them were frozen",
                 sound=len(front), trials=len(trials), frozen=design["frozen_trials"]),
        )  # fmt: skip
        chart(visit, _cloud(trials, front), title=text("Yield of each trial over the size of its risers"),
              kind="points", zoom=False)  # fmt: skip
        table(
            visit,
            [Heading(text("Trial"), numeric=True), text("Sleeve"), Heading(text("size over rule"), numeric=True),
             Heading(text("height over width"), numeric=True), Heading(text("yield"), "%", numeric=True),
             Heading(text("cost"), numeric=True), Heading(text("melt energy"), "kWh", numeric=True),
             Heading(verbatim("CO2"), "kg", numeric=True), text("Sound")],
            [_trial(visit, one) for one in (*design["front"], *(t for t in trials[:1] if t["trial"] not in front))],
            caption=text("What was tried"),
        )  # fmt: skip
        paragraph(visit, text("Trial 0 is the rule's riser."), soft=True)
        if design["front"]:
            _risers(visit, design["front"][0]["risers"])


def _trial(visit: Visit, one: Mapping[str, Any]) -> tuple[Any, ...]:
    money = one["economics"] or {}
    joule = money.get("melt_energy_J")
    words, tone = _SOUND[one["sound"]]
    share = one["casting_yield"]
    return (
        str(one["trial"]), one["sleeve"], number(one["factor"]), number(one["height_ratio"]),
        number(None if share is None else 100 * share), number(money.get("cost")),
        number(None if joule is None else joule / 3.6e6), number(money.get("carbon_dioxide_kg")),
        chip(visit, words, tone),
    )  # fmt: skip


def _cloud(trials: list[Mapping[str, Any]], front: set[int]) -> dict[str, Any]:
    """Return the trials as three sets of points."""
    groups: list[tuple[Text, str, list[Mapping[str, Any]]]] = [
        (text("best"), "good", [t for t in trials if t["trial"] in front]),
        (text("sound"), "plain", [t for t in trials if t["sound"] and t["trial"] not in front]),
        (text("not sound, or not frozen"), "unknown", [t for t in trials if not t["sound"]]),
    ]
    return {
        "x": [], "x_name": text("size over rule").as_json(), "x_unit": "",
        "series": [
            {
                "name": words.as_json(), "unit": "%", "kind": "points", "tone": tone,
                "x": [one["factor"] for one in found if one["casting_yield"] is not None],
                "values": [100 * one["casting_yield"] for one in found if one["casting_yield"] is not None],
            }
            for words, tone, found in groups if found
        ],
    }  # fmt: skip
