"""The questions of `forgecast plant map`: accept, choose another field, give a unit or a meaning, skip, leave."""

from __future__ import annotations

from collections.abc import Callable

import click

from forgecast.gateway.propose.decide import (
    accepted,
    skipped,
    with_constant,
    with_day_first,
    with_field,
    with_unit,
    with_words,
)
from forgecast.gateway.propose.proposal import CONFIDENCE_TEXTS, ColumnProposal, Confidence, Role, TableProposal
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text
from forgecast.plant.record import record
from forgecast.tasks.propose_map import MapProposal

_MOST_WORDS = 12


class _Left(Exception):  # noqa: N818  (no error: somebody wants to stop)
    """Somebody wants to stop; nothing is kept."""


def asked(made: MapProposal, language: Language) -> MapProposal | None:
    """Ask about everything that is not sure; None where somebody leaves before the end."""
    try:
        return MapProposal(tuple(_table(table, language) if table.record else table for table in made.tables))
    except (_Left, click.Abort):
        return None


def _table(table: TableProposal, language: Language) -> TableProposal:
    click.echo(
        text("Enter takes what is proposed; s skips; q leaves and writes nothing; else a number or a name.").say(
            language
        )
    )
    sure = [c for c in table.columns if c.role is Role.FIELD and c.confidence is Confidence.SURE]
    review: set[int] = set()
    if sure:
        answer = _ask(
            text("Take the {count} columns that are sure? Enter = yes, r = look at each", count=len(sure)), language
        )
        review = {c.index for c in sure} if answer == "r" else set()
    for column in list(table.columns):
        if column.role not in {Role.FIELD, Role.NOTHING} or table.record == "series":
            continue
        # A column that nothing speaks for is asked about only where the table still lacks something.
        likely = column.chosen is not None or bool(column.others) or bool(table.missing)
        if likely and (column.confidence is not Confidence.SURE or column.index in review):
            table = _column(table, column, language)
    table = _units(table, language)
    table = _words(table, language)
    for name in table.missing:
        answer = _ask(
            text("Every row needs `{field}`: its value for all rows? Enter leaves it open", field=name), language
        )
        if answer and answer != "s":
            table = with_constant(table, name, answer)
    if table.day_open:
        answer = _ask(text("Dates such as 03/04: does the day stand first? y, n, Enter leaves it open"), language)
        if answer in {"y", "n"}:
            table = with_day_first(table, day_first=answer == "y")
    return table


def _column(table: TableProposal, column: ColumnProposal, language: Language) -> TableProposal:
    """Ask what one column means."""
    ranked = [one for one in (column.chosen, *column.others) if one is not None][:5]
    click.echo()
    click.secho(f"{column.key}  ", bold=True, nl=False)
    click.echo(", ".join(column.samples))
    if table.missing and column.chosen is None:
        click.echo(text("Not found yet: {fields}", fields=", ".join(table.missing)).say(language))
    for number, one in enumerate(ranked, start=1):
        title = record(table.record).field(one.field).header.say("zh")
        why = "; ".join(reason.say(language) for reason in one.reasons)
        click.echo(f"  {number} {one.field} ({title})  {one.score:.2f}  {why}")
    sure = CONFIDENCE_TEXTS[column.confidence].say(language)
    default = column.chosen.field if column.chosen is not None else text("skip").say(language)

    def apply(answer: str) -> TableProposal:
        if answer == "s" or (not answer and column.chosen is None):
            return skipped(table, column.index)
        if not answer:
            return accepted(table, column.index)
        if answer.isdecimal() and 0 < int(answer) <= len(ranked):
            return with_field(table, column.index, ranked[int(answer) - 1].field)
        return with_field(table, column.index, answer)

    question = text("Enter = {default} ({sure}), number, field, s, q", default=default, sure=sure)
    return _until_good(question, apply, language)


def _units(table: TableProposal, language: Language) -> TableProposal:
    for column in table.columns:
        current = next(c for c in table.columns if c.index == column.index)
        open_tag = table.record == "series" and current.role is Role.TAG and current.unit is None
        if not (current.unit_open or open_tag):
            continue
        units = " / ".join(current.chosen.units) if current.chosen is not None else "—"

        def apply(answer: str, *, before: TableProposal = table, index: int = current.index) -> TableProposal:
            return before if answer in {"", "s"} else with_unit(before, index, answer)

        question = text("{column}: in which unit? Plausible are {units}; Enter leaves it open",
                        column=current.key, units=units)  # fmt: skip
        table = _until_good(question, apply, language)
    return table


def _words(table: TableProposal, language: Language) -> TableProposal:
    for column in table.columns:
        if column.chosen is None:
            continue
        field = record(table.record).field(column.chosen.field)
        choices = ", ".join(c.code for c in field.choices) or "true, false"
        for word in column.open_words[:_MOST_WORDS]:

            def apply(
                answer: str, *, before: TableProposal = table, index: int = column.index, said: str = word
            ) -> TableProposal:
                return before if answer in {"", "s"} else with_words(before, index, {said: answer})

            question = text("{column}: what does {word} mean? {choices}; Enter leaves it open",
                            column=column.key, word=word, choices=choices)  # fmt: skip
            table = _until_good(question, apply, language)
    return table


def _until_good(question: Text, apply: Callable[[str], TableProposal], language: Language) -> TableProposal:
    while True:
        try:
            return apply(_ask(question, language))
        except ForgecastError as error:
            click.secho(error.say(language), fg="red")


def _ask(question: Text, language: Language) -> str:
    answer: str = click.prompt(question.say(language), default="", show_default=False, prompt_suffix="\n> ")
    if answer.strip().casefold() == "q":
        raise _Left
    return answer.strip()
