"""`forgecast casting alloys` and `forgecast casting media`: what is known, how well, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option
from forgecast.app.cli.casting.show import show_sources, show_table
from forgecast.app.report.numbers import shown
from forgecast.app.report.words import CONFIDENCE_TEXTS
from forgecast.ground.citation import Source
from forgecast.ground.texts import Language, text
from forgecast.metal.provenance import weakest

if TYPE_CHECKING:
    from forgecast.metal.alloy import Alloy
    from forgecast.metal.media import Kind
    from forgecast.metal.medium import Medium

_ZERO = 273.15


@click.command(
    cls=BilingualCommand,
    name="alloys",
    sentence=text("List the alloys that can be cast, with their freezing ranges and how well their values are known."),
    examples=(
        ("forgecast casting alloys", text("all of them")),
        ("forgecast casting alloys A356", text("one, with the source of each value")),
        ("forgecast casting alloys --json", text("for another program")),
    ),
)
@argument("name", required=False, help=text("An alloy by any of its names; without it, all."))
@json_option
@language_option
@click.pass_context
def list_alloys(context: click.Context, name: str | None, as_json: bool) -> None:  # noqa: FBT001
    """List all alloys, or one with its sources."""
    from forgecast.app.casting.materials import alloy_json  # noqa: PLC0415  (tables load only when needed)
    from forgecast.metal.alloy import alloy, alloys  # noqa: PLC0415

    found = alloys() if name is None else (alloy(name),)
    if as_json:
        click.echo(_json("alloys", [alloy_json(one) for one in found]))
        return
    language = language_of(context)
    heads = (text("Name"), text("Alloy"), text("solidus [°C]"), text("liquidus [°C]"), text("latent heat [kJ/kg]"),
             text("weakest value"))  # fmt: skip
    show_table(heads, (_alloy_row(one, language) for one in found), language)
    if name is not None:
        names = text("also called: {names}", names=", ".join(found[0].synonyms))
        click.echo(f"\n{names.say(language)}")
        show_sources(found[0].sources, language)


@click.command(
    cls=BilingualCommand,
    name="media",
    sentence=text("List mould materials, dies, chills and sleeves, and how well their values are known."),
    examples=(
        ("forgecast casting media", text("all of them")),
        ("forgecast casting media green-sand", text("one, with the source of each value")),
    ),
)
@argument("name", required=False, help=text("A medium by any of its names; without it, all."))
@json_option
@language_option
@click.pass_context
def list_media(context: click.Context, name: str | None, as_json: bool) -> None:  # noqa: FBT001
    """List all media, or one with its sources."""
    from forgecast.app.casting.materials import medium_json  # noqa: PLC0415
    from forgecast.metal.media import kind, media, medium  # noqa: PLC0415

    found = [(one, kind(one.name)) for one in (media() if name is None else (medium(name),))]
    if as_json:
        click.echo(_json("media", [medium_json(one) for one, _ in found]))
        return
    language = language_of(context)
    heads = (text("Name"), text("Medium"), text("stands up to [°C]"), text("table reaches to [°C]"),
             text("weakest value"))  # fmt: skip
    show_table(heads, (_medium_row(*one, language) for one in found), language)
    if name is not None:
        show_sources(found[0][0].sources, language)


def _json(name: str, rows: list[dict[str, object]]) -> str:
    return json.dumps({"ok": True, name: rows}, ensure_ascii=False, indent=1)


def _degC(kelvin: float) -> float:
    return round(kelvin - _ZERO, 2)


def _alloy_row(one: Alloy, language: Language) -> tuple[str, ...]:
    return (
        one.name,
        one.title.say(language),
        shown(_degC(one.solidus)),
        shown(_degC(one.liquidus)),
        shown(one.latent_heat / 1000),
        _confidence(one.sources, language),
    )


def _medium_row(one: Medium, kind: Kind, language: Language) -> tuple[str, ...]:
    return (
        one.name,
        one.title.say(language),
        "—" if kind.limit is None else shown(_degC(kind.limit)),
        shown(_degC(float(one.temperature[-1]))),
        _confidence(one.sources, language),
    )


def _confidence(sources: Iterable[Source], language: Language) -> str:
    return CONFIDENCE_TEXTS[weakest(sources)[0]].say(language)
