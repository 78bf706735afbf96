"""`forgecast standing evidence`: what the records show of each question, beside what is claimed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.assess import at_option, plant_argument
from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.melting.show import echo_json, say
from forgecast.app.cli.quality.asked import show_rows
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.evidence_of_plant import Evidence, EvidenceAnswer


@click.command(
    cls=BilingualCommand,
    name="evidence",
    sentence=text(
        "Look through the records for proof (control charts in use, traceability, metering, live signals …) and set it "
        "beside what is claimed."
    ),
    examples=(
        ("forgecast standing evidence my-plant", text("every question on one line")),
        ("forgecast standing evidence my-plant --why", text("what was looked at, and which record would prove it")),
        ("forgecast plant record my-plant claim", text("enter a claim: book `evidence`, requirement the question")),
    ),
)
@plant_argument
@at_option
@option("--why", is_flag=True, help=text("Also show what was looked at, the rows, and what would prove it."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 if more is claimed than is shown."))
@json_option
@language_option
@click.pass_context
def evidence(
    context: click.Context, plant: Path, *, at: datetime | None, why: bool, strict: bool, as_json: bool
) -> int:
    """Show the evidence of a plant."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.evidence_of_plant import Agreement, evidence_of_plant  # noqa: PLC0415

    with PlantFolder.open(plant) as folder:
        answer = evidence_of_plant(folder, at=at.date() if at else None)
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language_of(context), why=why)
    return 1 if strict and any(one.agreement is Agreement.CLAIMED_HIGHER for one in answer.items) else 0


def _show(answer: EvidenceAnswer, language: Language, *, why: bool) -> None:
    from forgecast.tasks.evidence_of_plant import AGREEMENT_TEXTS  # noqa: PLC0415

    say(text("Evidence: {name}, as of {at}", name=answer.plant, at=answer.at.isoformat()), language, "bold")
    rows = [
        (
            one.id,
            one.title.say(language),
            _percent(one.degree),
            ABSENT if one.claim is None else _percent(one.claim.degree),
            _age(one, language),
            AGREEMENT_TEXTS[one.agreement].say(language),
        )
        for one in answer.items
    ]
    heads = (text("Question"), text("What it asks"), text("shown [%]"), text("claimed [%]"), text("newest [days]"),
             text("reconciled"))  # fmt: skip
    show_rows(heads, rows, language, right=frozenset({2, 3, 4}))
    if why:
        for one in answer.items:
            _show_one(one, language)
    click.echo()
    say(text("A claim earns nothing in the score. `--why` says what would prove each."), language)


def _show_one(one: Evidence, language: Language) -> None:
    click.echo()
    say(one.title, language, "bold")
    say(text("looked at: {what}", what=one.shown.looked_at), language)
    say(text("seen: {figure}", figure=one.shown.figure), language)
    if one.fresh is False:
        say(text("too old: the newest row is {age} days old, {limit} are allowed", age=one.age_days,
                 limit=one.fresh_days), language)  # fmt: skip
    if one.shown.rows:
        say(text("rows: {rows} ({count} in all)", rows=", ".join(one.shown.rows[-3:]), count=one.shown.row_count),
            language)  # fmt: skip
    if one.claim is not None:
        say(text("claimed: {degree} % on {day} by {who} ({proof})", degree=f"{100 * one.claim.degree:.0f}",
                 day=str(one.claim.answered_on), who=one.claim.answered_by, proof=one.claim.evidence or ABSENT),
            language)  # fmt: skip
    say(text("would prove it: {proof}", proof=one.proof), language)


def _percent(degree: float | None) -> str:
    return ABSENT if degree is None else f"{100 * degree:.0f}"


def _age(one: Evidence, language: Language) -> str:
    if one.age_days is None:
        return ABSENT
    old = text("{days} (too old)", days=one.age_days).say(language)
    return old if one.fresh is False else str(one.age_days)
