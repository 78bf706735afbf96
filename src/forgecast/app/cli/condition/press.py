"""`forgecast condition press`: force curves of a press or hammer against the envelope of good blows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.condition.asked import picture_option
from forgecast.app.cli.quality.asked import echo_json, say, say_notes, say_picture, show_rows
from forgecast.app.cli.quantity import Quantity
from forgecast.app.report.numbers import ABSENT, shown
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.judge_press import PressAnswer

_SHOWN = 12


@click.command(
    cls=BilingualCommand,
    name="press",
    sentence=text(
        "Judge the force curves of a press or hammer: features of each blow, the envelope of good ones, drift "
        "and strange "
        "blows, named by feature."
    ),
    examples=(
        ("forgecast condition press blows.csv --blow blow --axis 'way [mm]' --force 'force [kN]'",
         text("with work ∫F ds")),
        ("forgecast condition press blows.parquet --blow n --axis 'time [ms]' --force 'F [kN]' --good result",
         text("over time, the good blows marked")),
    ),
)  # fmt: skip
@argument(
    "source", type=click.Path(path_type=Path), help=text("A CSV, XLSX or Parquet file, one row a value of a curve.")
)
@option("--blow", required=True, metavar="HEADER", help=text("Column that names the blow of each row."))
@option("--axis", required=True, metavar="HEADER", help=text("Way or time, with its unit in brackets."))
@option("--force", required=True, metavar="HEADER", help=text("Force, with its unit in brackets."))
@option(
    "--good", default="", metavar="HEADER", help=text("Column that is good or 1 on good blows; else the first half is.")
)
@option("--coverage", type=Quantity("share"), default="95%", show_default=True, help=text(
    "Share of further good blows the envelope is to hold."))  # fmt: skip
@picture_option
@json_option
@language_option
@click.pass_context
def press(
    context: click.Context, *, source: Path, blow: str, axis: str, force: str, good: str, coverage: float,
    out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Judge blows and show them."""
    from forgecast.app.condition.part_pictures import draw_press  # noqa: PLC0415  (heavy libraries load late)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.tasks.judge_press import judge_press  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    answer = judge_press(source, blow=blow, force=force, axis=axis, good=good, coverage=coverage)
    if out is not None:
        draw_press(answer, out, language)
    if as_json:
        echo_json(answer.as_json())
        return
    _show(answer, language)
    say_picture(out, language)


def _show(answer: PressAnswer, language: Language) -> None:
    from forgecast.signals.condition.press_signature import FEATURES  # noqa: PLC0415

    found = answer.signature
    said = text(
        "{n} blows, {strange} strange, {drifts} features drift",
        n=len(answer.blows),
        strange=len(found.strange),
        drifts=len(found.drifts),
    )
    click.secho(said.say(language), bold=True)
    if found.drifts:
        rows = [
            (FEATURES[one.feature][0].say(language), f"{one.slope:+.3g} ({one.low:+.3g} … {one.high:+.3g})",
             f"{100.0 * one.relative:+.1f}", f"{one.probability:.1e}")
            for one in found.drifts
        ]  # fmt: skip
        heads = (text("feature"), text("change a blow (SI)"), text("over all blows [%]"), text("chance"))
        show_rows(heads, rows, language, right=frozenset({2, 3}))
        click.echo()
    if found.strange:
        lines = [
            (answer.blows[one.blow].name,
             (text("outside") if one.outside else text("inside")).say(language),
             shown(1e3 * one.worst) if one.outside else ABSENT,
             ", ".join(f"{FEATURES[name][0].say(language)} {z:+.1f}σ" for name, z in one.features) or ABSENT)
            for one in found.strange[:_SHOWN]
        ]  # fmt: skip
        place = text("at [mm]") if answer.blows[0].by_way else text("at [ms]")
        show_rows((text("blow"), text("envelope"), place, text("features")), lines, language, right=frozenset({2}))
    else:
        say(text("No blow leaves the envelope."), language)
    notes = list(answer.notes)
    if len(found.strange) > _SHOWN:
        notes.insert(0, text("the first {n} of {all} strange blows are shown; all are in --json", n=_SHOWN,
                             all=len(found.strange)))  # fmt: skip
    say_notes(notes, language)
