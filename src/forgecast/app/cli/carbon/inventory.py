"""`forgecast carbon inventory`: scopes 1, 2 and bought materials of a year."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.carbon.words import CATEGORIES, between, item_text, number, reasons
from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_notes, show_table
from forgecast.app.cli.melting.show import echo_json, say, say_list
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.environment.carbon.factor import EmissionFactor
    from forgecast.environment.carbon.inventory import Line, ScopeTotal
    from forgecast.tasks.carbon_inventory import Inventory

_SCOPES: dict[int, Text] = {
    1: text("1 · given off by the site"),
    2: text("2 · bought electricity and heat"),
    3: text("3 · bought materials and what is told"),
}


@click.command(
    cls=BilingualCommand,
    name="inventory",
    sentence=text(
        "Draw up the carbon inventory of a plant from its meters, materials and told activities: what is counted, with "
        "which factor, and what is missing."
    ),
    examples=(
        ("forgecast carbon inventory my-plant", text("the last twelve months on record")),
        (
            "forgecast carbon inventory my-plant --year 2025 --json",
            text("a calendar year, every line, for a programme"),
        ),
    ),
)
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@option("--year", type=click.IntRange(2000, 2100), help=text("Calendar year; without it the last twelve months."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where a scope has no total."))
@json_option
@language_option
@click.pass_context
def inventory(context: click.Context, *, plant: Path, year: int | None, strict: bool, as_json: bool) -> int:
    """Draw up the inventory and show it."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.carbon_inventory import carbon_inventory  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        answer = carbon_inventory(opened, year=year)
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language_of(context))
    return 1 if strict and any(one.total_kg is None for one in answer.totals) else 0


def _show(answer: Inventory, language: Language) -> None:
    first, last = answer.months[0], answer.months[-1]
    say(text("Greenhouse gases of {first} to {last}", first=first, last=last), language, "bold")
    heads = (
        text("scope"),
        text("total [t CO2e]"),
        text("known part [t CO2e]"),
        text("95 % interval of it [t CO2e]"),
        text("lines [missing]"),
    )
    show_table(heads, [_scope(one, language) for one in answer.totals], language)
    click.echo()
    heads = (
        text("what"),
        text("kind"),
        text("quantity [unit]"),
        text("factor [kg CO2e/unit]"),
        text("emissions [t CO2e]"),
    )
    show_table(heads, _by_item(answer.lines, language), language)
    lacking = [(line.activity.item, line.why_missing) for line in answer.lines if line.why_missing is not None]
    say_list(text("Missing, and not counted as nothing"), reasons(lacking, language), language)
    replaced = [
        text("{item}: {before} is replaced by {after}", item=item_text(one.item),
             before=_factor(one.before), after=_factor(one.after))
        for one in answer.restated
    ]  # fmt: skip
    say_list(text("Restated factors"), replaced, language)
    click.echo()
    show_notes(answer.notes, language)


def _factor(one: EmissionFactor | None) -> str:
    return ABSENT if one is None else f"{number(one.value)} kg CO2e/{one.per} ({one.id})"


def _scope(one: ScopeTotal, language: Language) -> tuple[str, ...]:
    tonnes = None if one.total_kg is None else one.total_kg / 1000.0
    known = one.known_kg / 1000.0 if one.lines > one.missing else None
    spread = one.spread
    interval = "" if spread is None else between(spread.low / 1000.0, spread.high / 1000.0)
    return (_SCOPES[one.scope].say(language), number(tonnes), number(known), interval, f"{one.lines} [{one.missing}]")


def _by_item(lines: tuple[Line, ...], language: Language) -> list[tuple[str, ...]]:
    """Return one row for each item: its months added up, as long as one factor holds for all."""
    groups: dict[tuple[str, str, str, str], list[Line]] = {}
    for line in lines:
        one = line.activity
        groups.setdefault((one.item, one.category, one.unit, "" if line.factor is None else line.factor.id), []).append(
            line
        )
    rows: list[tuple[str, ...]] = []
    for group in groups.values():
        first = group[0]
        known = [line.emission_kg for line in group if line.emission_kg is not None]
        factor = first.factor
        rows.append(
            (
                item_text(first.activity.item).say(language),
                CATEGORIES[first.activity.category].say(language),
                f"{number(sum(line.activity.quantity for line in group))} {first.activity.unit}",
                number(None) if factor is None else f"{number(factor.value)} /{factor.per}",
                number(sum(known) / 1000.0 if len(known) == len(group) else None),
            )
        )
    return rows
