"""`forgecast environment hours`: which hours of which stack were above a limit, and the entries for the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.environment.show import echo_json, say, say_written, show_report_table, write_tables
from forgecast.app.cli.environment.stretch import stretch_of, stretch_options
from forgecast.app.cli.plant_words import by_option
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.judge_hours import Entered, JudgedHours


@click.command(
    cls=BilingualCommand,
    name="hours",
    sentence=text(
        "Judge every hour of every stack by GB 39726-2020, local limits and the permit, with the same figures as "
        "`forgecast assess`; --enter writes exceedances into the ledger, once."
    ),
    examples=(
        ("forgecast environment hours my-plant --month 2025-09", text("what was above a limit in September")),
        (
            "forgecast environment hours my-plant --since 2025-09-15 --until 2025-09-20 --enter",
            text("enter them in the ledger"),
        ),
        (
            "forgecast environment hours my-plant --year 2025 --stack DA001 --out hours.xlsx",
            text("every hour of one stack"),
        ),
    ),
)
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@stretch_options
@option("--stack", "stacks", multiple=True, help=text("Only this stack; may be given again."))
@option(
    "--enter",
    is_flag=True,
    help=text("Write exceedances into the record `ledger_entry`; what is there is judged anew."),
)
@option("--out", type=click.Path(path_type=Path), help=text("Workbook (.xlsx) with every hour."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where an hour is above a limit."))
@by_option
@json_option
@language_option
@click.pass_context
def hours(
    context: click.Context,
    *,
    plant: Path,
    month: str | None,
    quarter: str | None,
    year: str | None,
    since: str | None,
    until: str | None,
    stacks: tuple[str, ...],
    enter: bool,
    out: Path | None,
    strict: bool,
    by: str,
    as_json: bool,
) -> int:
    """Judge hours and show them."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.hour_tables import hours_table, stretches_table, summary_table  # noqa: PLC0415
    from forgecast.tasks.judge_hours import enter_exceedances, judge_hours  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        period = stretch_of(opened, month=month, quarter=quarter, year=year, since=since, until=until)
        judged = judge_hours(opened, period).of_stacks(stacks)
        entered = enter_exceedances(opened, judged, by=by) if enter else None
    language = language_of(context)
    over = judged.exceedances()
    if out is not None:
        title = text("Hours of stacks, {start} to {end}", start=str(period.start), end=str(period.end))
        write_tables(out, title, (), (summary_table(judged), stretches_table(judged), hours_table(judged)))
    if as_json:
        answer: dict[str, object] = {
            "period": {"start": period.start.isoformat(), "end": period.end.isoformat()},
            "stacks": summary_table(judged).as_json(),
            "over": [one.as_json() for one in over],
        }
        if entered is not None:
            answer["entered"] = {"new": list(entered.new), "anew": list(entered.anew), "same": entered.same}
        echo_json(answer)
    else:
        _show(judged, entered, language)
        if out is not None:
            say_written(out, language)
    return 1 if strict and over else 0


def _show(judged: JudgedHours, entered: Entered | None, language: Language) -> None:
    from forgecast.tasks.hour_tables import stretches_table, summary_table  # noqa: PLC0415

    if not judged.stacks:
        say(
            text(
                "No stack has a series that can be judged. Describe its tags (`forgecast plant fields tag`) and take "
                "them in."
            ),
            language,
        )
        return
    show_report_table(summary_table(judged), language)
    if judged.exceedances():
        show_report_table(stretches_table(judged), language)
    else:
        say(text("No valid hour was above a limit."), language)
    if entered is not None:
        said = text(
            "Ledger: {new} new, {anew} judged anew, {same} as before.",
            new=len(entered.new), anew=len(entered.anew), same=entered.same,
        )  # fmt: skip
        say(said, language)
