"""`forgecast casting freeze`: freeze a part in its mould, judge it, and leave the results in a folder."""

from __future__ import annotations

import time as clock
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.casting.asked_bodies import AskedChill, AskedRiser
from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.casting.bodies import (
    CHILL_EXAMPLE,
    RISER_EXAMPLE,
    asked_chill,
    asked_riser,
)
from forgecast.app.cli.casting.compiling import say_if_compiling
from forgecast.app.cli.casting.part import part_argument, read_part, show_reading, unit_option
from forgecast.app.cli.casting.show import show_figures, show_notes, show_table
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.quantity import Quantity
from forgecast.app.cli.stopping import stoppable
from forgecast.app.report.numbers import shown
from forgecast.ground.texts import Language, text
from forgecast.rules.verdict import WORD_TEXTS, Word

if TYPE_CHECKING:
    from forgecast.app.casting.asked import Asked
    from forgecast.app.casting.outcome import Outcome
    from forgecast.casting.layout import Side


_CALL = "--alloy WCB --mould resin-sand --pour 1580degC --out run"


@click.command(
    cls=BilingualCommand,
    name="freeze",
    sentence=text(
        "Freeze a part in its mould: when each place is solid, where it shrinks and is porous, and whether it is "
        "sound; fields, pictures and a page go into a folder."
    ),
    examples=(
        (
            "forgecast casting freeze bracket.stl --unit mm --alloy A356 --mould green-sand --pour 700degC --out run",
            text("a part in green sand; the cell size is chosen"),
        ),
        (
            f"forgecast casting freeze lid.step {_CALL} --cell 4mm --riser '{RISER_EXAMPLE}'",
            text("with a riser; `at` is the centre of its foot"),
        ),
        (
            f"forgecast casting freeze lid.step {_CALL} --chill '{CHILL_EXAMPLE}'",
            text("with a chill; `at` is its lowest corner"),
        ),
        (
            f"forgecast casting freeze lid.step {_CALL} --largest-cavity 2mm --strict",
            text("exit code 1 unless the casting is sound, cavities up to 2 mm allowed"),
        ),
    ),
)
@part_argument
@unit_option
@option(
    "--alloy",
    required=True,
    help=text("Alloy by any of its names (`forgecast casting alloys`), or a table of your own (.csv, .toml)."),
)
@option("--mould", required=True, help=text("Mould or die material (`forgecast casting media`)."))
@option("--pour", type=Quantity("temperature"), required=True, help=text("Temperature of the metal in the full mould."))
@option("--out", type=click.Path(path_type=Path), required=True, help=text("Folder for the results."))
@option("--cell", type=Quantity("length"), help=text("Edge of a cell; without it, a fifth of the walls."))
@option("--margin", type=Quantity("length"), help=text("Mould around the part; without it 60 mm are assumed."))
@option("--mould-at", type=Quantity("temperature"), help=text("Mould at the start; without it 20 °C are assumed."))
@option("--ambient", type=Quantity("temperature"), help=text("Air around; without it 20 °C are assumed."))
@option(
    "--riser",
    "risers",
    multiple=True,
    metavar="WORDS",
    help=text(
        "A riser, `at=x,y,z diameter=… height=… [sleeve=… thickness=…]`, or `file=riser.stl`; may be given again."
    ),
)
@option(
    "--chill",
    "chills",
    multiple=True,
    metavar="WORDS",
    help=text("A chill, `at=x,y,z size=x,y,z medium=…`, or `file=chill.stl medium=…`; may be given again."),
)
@option(
    "--symmetry",
    "symmetry",
    multiple=True,
    type=click.Choice(["x-", "x+", "y-", "y+", "z-", "z+"]),
    help=text("Side at which the part ends in a plane of symmetry; may be given again."),
)
@option("--until", type=Quantity("time_span"), help=text("End at this time in any case; else when all is solid."))
@option("--largest-cavity", type=Quantity("length"), help=text("Largest cavity that is allowed in the casting."))
@option("--porosity", type=Quantity("share"), help=text("Highest microporosity that is allowed in the casting."))
@option(
    "--niyama",
    metavar="'0.1 K^0.5 s^0.5/mm'",
    help=text("Lowest Niyama value that is allowed in the casting; without it, the one on record for the alloy."),
)
@option("--estimate", is_flag=True, help=text("Also say how far the times are from converged, by two coarser runs."))
@option(
    "--keep",
    type=click.Path(path_type=Path, dir_okay=False),
    help=text("Keep the run in this file while it works, and go on from it if it is there."),
)
@option("--strict", is_flag=True, help=text("Leave with exit code 1 unless the casting is found sound."))
@json_option
@language_option
@click.pass_context
def freeze(
    context: click.Context,
    *,
    part: Path,
    unit: str | None,
    alloy: str,
    mould: str,
    pour: float,
    out: Path,
    cell: float | None,
    margin: float | None,
    mould_at: float | None,
    ambient: float | None,
    risers: tuple[str, ...],
    chills: tuple[str, ...],
    symmetry: tuple[Side, ...],
    until: float | None,
    largest_cavity: float | None,
    porosity: float | None,
    niyama: str | None,
    estimate: bool,
    keep: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Freeze a part and show what came out."""
    from forgecast.app.casting.asked import Asked  # noqa: PLC0415
    from forgecast.app.casting.write import write_outcome  # noqa: PLC0415
    from forgecast.app.results_folder import check_folder  # noqa: PLC0415  (heavy libraries load only when needed)

    language = language_of(context)
    check_folder(out)
    asked = Asked(alloy, mould, pour, mould_at, ambient, cell, margin, estimate, symmetry)
    words = [asked_riser(one) for one in risers], [asked_chill(one) for one in chills]
    outcome, word = _frozen(
        part, unit, asked, words, language, until, (largest_cavity, porosity, niyama), keep=keep, quiet=as_json
    )
    with progress_bar(text("writing").say(language)) as progress:
        files = write_outcome(outcome, out, language, progress)
    if as_json:
        click.echo((out / "summary.json").read_text(encoding="utf-8"), nl=False)
    else:
        _show(outcome, files, language)
    return 1 if strict and word != "met" else 0


def _frozen(
    part: Path,
    unit: str | None,
    asked: Asked,
    words: tuple[list[AskedRiser], list[AskedChill]],
    language: Language,
    until: float | None,
    limits: tuple[float | None, float | None, str | None],
    *,
    keep: Path | None,
    quiet: bool,
) -> tuple[Outcome, str]:
    """Run what was asked; return what came out and the verdict's word."""
    from forgecast.app.casting.asked import bodies_of, fineness_of, limits_of, pour_of  # noqa: PLC0415
    from forgecast.app.casting.compose import outcome_of  # noqa: PLC0415
    from forgecast.tasks.freeze_part import freeze_part  # noqa: PLC0415

    begun = clock.perf_counter()
    made = datetime.now(UTC).replace(microsecond=0)
    pour = pour_of(asked)
    read = read_part(part, unit)
    if not quiet:
        show_reading(read, language)
    bodies = bodies_of(*words, unit)
    fineness = fineness_of(asked, read.solid, bodies)
    if not quiet:
        say_if_compiling(language)
    timings = {"read": clock.perf_counter() - begun}
    with stoppable(language) as stop, progress_bar(text("freezing").say(language)) as progress:
        frozen = freeze_part(
            read.solid, bodies, pour, fineness, limits=limits_of(pour.alloy, *limits), until=until, progress=progress,
            stop=stop, checkpoint=keep,
        )  # fmt: skip
    outcome = outcome_of(
        frozen,
        title=part.stem,
        made=made,
        assumed=asked.assumed,
        findings=read.findings,
        notes=tuple(repair.what for repair in read.repairs),
        timings=timings,
    )
    return outcome, frozen.soundness.word


def _show(outcome: Outcome, files: tuple[Path, ...], language: Language) -> None:
    from forgecast.app.casting.report import lead_of, shown_figure, shown_place  # noqa: PLC0415

    lead = lead_of(outcome)
    if lead is not None:
        click.secho(lead.say(language), bold=True)
        click.echo()
    heads = (text("Criterion"), text("Verdict"), text("Value"), text("Threshold"), text("Why"))
    show_table(
        heads,
        (
            (j.criterion.say(language), WORD_TEXTS[Word(j.word)].say(language), j.value.say(language),
             j.threshold.say(language), j.reason.say(language)) for j in outcome.judgements
        ),
        language,
    )  # fmt: skip
    click.echo()
    show_figures([(f.title, shown_figure(f)) for f in (*outcome.figures, *outcome.residuals)], language)
    if outcome.spots:
        click.echo()
        spots = outcome.spots[:5]
        show_table(
            (text("Hot spot"), text("Lies in"), text("x, y, z [mm]"), text("solid after [s]")),
            ((str(s.number), s.body.say(language), shown_place(s.place), shown(s.time)) for s in spots),
            language,
        )
    click.echo()
    show_notes(outcome.notes, language)
    for finding in outcome.findings:
        show_notes([finding.reason], language)
    click.echo(text("Results: {files}", files=" ".join(str(path) for path in files)).say(language))
