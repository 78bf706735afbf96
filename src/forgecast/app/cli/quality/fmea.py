"""`forgecast quality fmea`: the register of failure modes beside what really occurred."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import echo_json, plant_argument, say, say_notes, show_rows, span_options
from forgecast.app.report.numbers import ABSENT, count
from forgecast.app.report.words import CONFIDENCE_TEXTS
from forgecast.ground.texts import Language, text, verbatim
from forgecast.plant.record import record
from forgecast.store.plant_folder import PlantFolder

if TYPE_CHECKING:
    from forgecast.tasks.compare_failure_modes import ComparedMode, ComparedModes

_MOST_UNLINKED = 8


@click.command(
    cls=BilingualCommand,
    name="fmea",
    sentence=text(
        "See the failure modes of a plant beside what really occurred: the rated occurrence, the observed rate with "
        "its interval, and where they disagree."
    ),
    examples=(
        ("forgecast quality fmea demo/plant", text("the whole time on record")),
        ("forgecast quality fmea my-plant --since 2025-07-01 --until 2025-12-31 --strict",
         text("half a year; exit code 1 where a rating disagrees")),
        ("forgecast plant fields failure_mode --template fmea.csv", text("an empty register to fill in and import")),
    ),
)  # fmt: skip
@plant_argument
@span_options
@option("--strict", is_flag=True, help=text("Leave with exit code 1 if a rating disagrees with what is seen."))
@json_option
@language_option
@click.pass_context
def fmea(
    context: click.Context, *, plant: Path, since: date | None, until: date | None, strict: bool, as_json: bool
) -> int:
    """Compare failure modes with what occurred."""
    from forgecast.tasks.compare_failure_modes import compare_failure_modes  # noqa: PLC0415

    language = language_of(context)
    with PlantFolder.open(plant) as folder:
        compared = compare_failure_modes(folder, since=since, until=until)
    if as_json:
        echo_json(compared.as_json())
    else:
        _show(compared, language)
    return 1 if strict and compared.disagreeing else 0


def _show(compared: ComparedModes, language: Language) -> None:
    told = text(
        "{n} failure modes; {m} ratings of occurrence disagree with what is seen",
        n=len(compared.modes),
        m=compared.disagreeing,
    )
    click.secho(told.say(language), bold=True)
    heads = (
        text("mode"), text("failure"), verbatim("S"), verbatim("O"), verbatim("D"), verbatim("RPN"),
        text("found"), text("rate [%]"), text("O seen"), text("disagrees"),
    )  # fmt: skip
    rows = [_row(mode, language) for mode in compared.modes]
    show_rows(heads, rows, language, right=frozenset({2, 3, 4, 5, 6, 7, 8}))
    if compared.unlinked:
        names = ", ".join(f"{name} ({count(n)})" for name, n in compared.unlinked[:_MOST_UNLINKED])
        click.echo()
        say(text("Occurred, and no failure mode names it: {names}", names=names), language)
    notes = [
        text("{mode}: {why}", mode=mode.id, why=mode.why_missing)
        for mode in compared.modes
        if mode.why_missing is not None
    ]
    notes += [
        text("rates: bad of inspected pieces with 95 % interval (Wilson); records are never added, for one bad piece "
             "may stand in several"),
        text("rating of occurrence ({known}): {source}", known=CONFIDENCE_TEXTS[compared.scale.confidence],
             source=compared.scale.source),
        text("the action priority of the AIAG-VDA handbook is not told: its table was not read"),
    ]  # fmt: skip
    say_notes(notes, language)


def _row(mode: ComparedMode, language: Language) -> tuple[str, ...]:
    found = "\n".join(
        f"{count(one.bad)} / {ABSENT if one.inspected is None else count(one.inspected)} "
        f"{record(one.record).title.say(language)}"
        for one in mode.counted
        if one.bad or one.record == "piece"
    )
    rate = ABSENT
    if mode.rate is not None and mode.low is not None and mode.high is not None:
        rate = f"{100.0 * mode.rate:.2f}\n({100.0 * mode.low:.2f}–{100.0 * mode.high:.2f})"
    seen = ABSENT if mode.seen is None else "–".join(map(str, sorted(set(mode.seen))))
    ratings = (mode.severity, mode.occurrence, mode.detection, mode.priority)
    return (
        mode.id, mode.failure, *(ABSENT if one is None else str(one) for one in ratings), found or ABSENT, rate, seen,
        "" if mode.disagrees is None else mode.disagrees.say(language),
    )  # fmt: skip
