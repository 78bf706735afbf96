"""The tables behind every run: alloys, moulds, dies, chills and sleeves, and where their values come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.casting.materials import ALLOY, ALLOYS, MEDIA, MEDIUM, Named, Searched
from forgecast.app.pages.address_form import AddressForm
from forgecast.app.pages.casting.shared import degrees
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    asked,
    button,
    chip,
    facts,
    filter_bar,
    heading,
    link,
    number,
    paragraph,
    section,
    table,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.report.words import CONFIDENCE_TEXTS
from forgecast.ground.texts import Text, text

KINDS: dict[str, Text] = {
    "sand": text("sand"), "shell": text("shell"), "die": text("die"), "iron-chill": text("chill"),
    "copper-chill": text("chill"), "graphite-chill": text("chill"), "sleeve": text("sleeve"),
}  # fmt: skip
_TONES = {"primary": "good", "secondary": "plain", "unverified": "warn"}


@page("casting", "casting/materials", text("Alloys and moulds"), in_menu=True)
async def materials(visit: Visit) -> None:
    """Fill the page."""
    name, kind = visit.query.get("name", ""), visit.query.get("kind", "")
    if name and kind in {"alloy", "medium"}:
        door = ALLOY if kind == "alloy" else MEDIUM
        await asked(visit, door, Named(name=name), lambda one: _one(visit, one, is_alloy=kind == "alloy"))
        return
    heading(visit, text("Alloys and moulds"), lead=text("What can be cast into what; each value with its source."))
    form = AddressForm(visit, "casting/materials")
    with filter_bar():
        form.field("find", text_field(visit, text("Name"), placeholder=text("as in ZG230-450, A356, 树脂砂")))
        button(visit, text("Search"), form.send, kind="main")
    find = Searched(find=visit.query.get("find", "")[:100])
    with section(visit, text("Alloys")):
        await asked(visit, ALLOYS, find, lambda found: _alloys(visit, found["alloys"]))
    with section(visit, text("Moulds, dies, chills and sleeves")):
        await asked(visit, MEDIA, find, lambda found: _media(visit, found["media"]))


def _alloys(visit: Visit, rows: list[Mapping[str, Any]]) -> None:
    table(
        visit,
        [
            text("Alloy"), text("Other names"), Heading(text("Solidus"), "degC", numeric=True),
            Heading(text("Liquidus"), "degC", numeric=True), Heading(text("Latent heat"), "kJ/kg", numeric=True),
            text("Weakest value"),
        ],
        [
            (
                link(visit, one["title"], visit.link("casting/materials", kind="alloy", name=one["name"])),
                ", ".join(one["synonyms"]),
                degrees(one["solidus_K"]).removesuffix(" °C"),
                degrees(one["liquidus_K"]).removesuffix(" °C"),
                number(one["latent_heat_J_per_kg"] / 1000.0),
                _known(visit, one["weakest_confidence"]),
            )
            for one in rows
        ],
        caption=text("Alloys"),
        empty=text("No alloy has such a name."),
    )  # fmt: skip


def _media(visit: Visit, rows: list[Mapping[str, Any]]) -> None:
    table(
        visit,
        [text("Medium"), text("Kind"), Heading(text("Stands up to"), "degC", numeric=True),
         Heading(text("Table reaches to"), "degC", numeric=True), text("Weakest value")],
        [
            (
                link(visit, one["title"], visit.link("casting/materials", kind="medium", name=one["name"])),
                visit.say(KINDS[one["kind"]]),
                degrees(one["limit_K"]).removesuffix(" °C"),
                degrees(one["table_to_K"]).removesuffix(" °C"),
                _known(visit, one["weakest_confidence"]),
            )
            for one in rows
        ],
        caption=text("Moulds, dies, chills and sleeves"),
        empty=text("No medium has such a name."),
    )  # fmt: skip


def _one(visit: Visit, one: Mapping[str, Any], *, is_alloy: bool) -> None:
    heading(visit, one["title"], lead=text("Every value with its source."))
    if is_alloy:
        facts(visit, [
            (text("Other names"), ", ".join(one["synonyms"])), (text("Solidus"), degrees(one["solidus_K"])),
            (text("Liquidus"), degrees(one["liquidus_K"])),
            (text("Latent heat"), number(one["latent_heat_J_per_kg"] / 1000.0, "kJ/kg")),
        ])  # fmt: skip
    else:
        facts(visit, [(text("Kind"), visit.say(KINDS[one["kind"]])), (text("Stands up to"), degrees(one["limit_K"])),
                      (text("Table reaches to"), degrees(one["table_to_K"]))])  # fmt: skip
    sources_table(visit, one["sources"])
    paragraph(visit, text("A value that nobody has verified never decides whether a casting is sound."), soft=True)


def sources_table(visit: Visit, sources: list[Mapping[str, Any]]) -> None:
    """Place where values come from and how well they are known."""
    table(
        visit,
        [text("What"), text("Source"), text("Known"), text("Licence")],
        [
            (
                f"{visit.say(one['what'])}{' (' + one['valid'] + ')' if one['valid'] else ''}",
                visit.say(one["source"]),
                _known(visit, one["confidence"]),
                one["licence"],
            )
            for one in sources
        ],
        caption=text("Sources"),
    )


def _known(visit: Visit, confidence: str) -> Any:  # noqa: ANN401  (markup)
    return chip(visit, CONFIDENCE_TEXTS[confidence], _TONES.get(confidence, "plain"))
