"""`forgecast casting riser`: risers by rule, frozen, judged and changed until the casting is sound."""

from __future__ import annotations

import json
import time as clock
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.casting.bodies import asked_chill
from forgecast.app.cli.casting.compiling import say_if_compiling
from forgecast.app.cli.casting.part import part_argument, read_part, reading_json, show_reading, unit_option
from forgecast.app.cli.casting.show import show_figures, show_notes, show_table
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.quantity import Quantity
from forgecast.app.cli.stopping import stoppable
from forgecast.app.report.numbers import shown, shown_with_unit
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.app.casting.asked import Asked
    from forgecast.app.casting.outcome import Outcome
    from forgecast.shape.read import ReadSolid
    from forgecast.tasks.design_riser import RiserDesign
    from forgecast.tasks.riser_round import Bounds, RiserChoice, Round

_CALL = "--alloy WCB --mould resin-sand --pour 1580degC --out run"


@click.command(
    cls=BilingualCommand,
    name="riser",
    sentence=text(
        "Design the risers of a part: sized by the rules of the trade, frozen with the part, and changed until the "
        "casting is sound or it is clear why not."
    ),
    examples=(
        (f"forgecast casting riser lid.step {_CALL} --cell 5mm", text("no cavity in the casting; open risers")),
        (
            f"forgecast casting riser lid.step {_CALL} --sleeve exothermic --thickness 12mm --largest-cavity 1mm",
            text("in exothermic sleeves, cavities up to 1 mm allowed"),
        ),
    ),
)
@part_argument
@unit_option
@option("--alloy", required=True, help=text("Alloy by any of its names (`forgecast casting alloys`)."))
@option("--mould", required=True, help=text("Mould or die material (`forgecast casting media`)."))
@option("--pour", type=Quantity("temperature"), required=True, help=text("Temperature of the metal in the full mould."))
@option("--out", type=click.Path(path_type=Path), required=True, help=text("Folder for the results."))
@option("--cell", type=Quantity("length"), help=text("Edge of a cell; without it, a fifth of the walls."))
@option("--margin", type=Quantity("length"), help=text("Mould around the part; without it 60 mm are assumed."))
@option("--mould-at", type=Quantity("temperature"), help=text("Mould at the start; without it 20 °C are assumed."))
@option("--ambient", type=Quantity("temperature"), help=text("Air around; without it 20 °C are assumed."))
@option(
    "--position",
    type=click.Choice(("auto", "top", "side")),
    default="auto",
    show_default=True,
    help=text("Where risers stand; auto takes the top where a neck reaches the hot spot from there."),
)
@option("--sleeve", type=click.Choice(("none", "insulating", "exothermic")), default="none", show_default=True,
        help=text("Sleeve around the risers."))  # fmt: skip
@option("--thickness", type=Quantity("length"), help=text("Of the sleeve."))
@option("--chill", "chills", multiple=True, metavar="WORDS", help=text(
    "A chill, `at=x,y,z size=x,y,z medium=…`, or `file=chill.stl medium=…`; may be given again."))  # fmt: skip
@option("--largest-cavity", type=Quantity("length"), help=text("Largest cavity that is allowed in the casting."))
@option("--porosity", type=Quantity("share"), help=text("Highest microporosity that is allowed in the casting."))
@option("--most-risers", type=click.IntRange(1), default=4, show_default=True, help=text("Most risers."))
@option("--most-rounds", type=click.IntRange(1), default=12, show_default=True, help=text("Most freezings."))
@option("--most-drained", type=Quantity("share"), help=text(
    "Largest share of its metal that a riser may give; without it, what the field shows."))  # fmt: skip
@option("--confirm-cell", type=Quantity("length"), help=text(
    "Freeze the answer once more in these finer cells; where it is not sound there, a larger one is taken."
))  # fmt: skip
@option("--strict", is_flag=True, help=text("Leave with exit code 1 unless the casting is found sound."))
@json_option
@language_option
@click.pass_context
def riser(
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
    position: Literal["auto", "top", "side"],
    sleeve: Literal["none", "insulating", "exothermic"],
    thickness: float | None,
    chills: tuple[str, ...],
    largest_cavity: float | None,
    porosity: float | None,
    most_risers: int,
    most_rounds: int,
    most_drained: float | None,
    confirm_cell: float | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Design the risers of a part and show them."""
    from forgecast.app.casting.asked import Asked  # noqa: PLC0415
    from forgecast.app.casting.stl import risers_stl  # noqa: PLC0415
    from forgecast.app.casting.write import write_outcome  # noqa: PLC0415
    from forgecast.app.results_folder import check_folder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.riser_round import Bounds, RiserChoice  # noqa: PLC0415

    language = language_of(context)
    check_folder(out)
    design, outcome, read = _designed(
        part,
        unit,
        Asked(alloy, mould, pour, mould_at, ambient, cell, margin),
        chills,
        (largest_cavity, porosity),
        RiserChoice(position=position, sleeve=sleeve, sleeve_thickness=thickness),
        Bounds(most_risers=most_risers, most_rounds=most_rounds, most_drained=most_drained, confirm_cell=confirm_cell),
        language=None if as_json else language,
    )
    told = json.dumps({"ok": True, **design.as_json(), **reading_json(read)}, ensure_ascii=False, indent=1) + "\n"
    extra = {"risers.json": told.encode()}
    if (stl := risers_stl(design.bodies)) is not None:
        extra["risers.stl"] = stl
    with progress_bar(text("writing").say(language)) as progress:
        files = write_outcome(outcome, out, language, progress, extra=extra)
    if as_json:
        click.echo(told, nl=False)
    else:
        _show(design, files, language)
    return 1 if strict and not design.sound else 0


def _designed(
    part: Path,
    unit: str | None,
    asked: Asked,
    chills: tuple[str, ...],
    limits: tuple[float | None, float | None],
    choice: RiserChoice,
    bounds: Bounds,
    *,
    language: Language | None,
) -> tuple[RiserDesign, Outcome, ReadSolid]:
    """Run the loop; a language is given where somebody watches."""
    from forgecast.app.casting.asked import bodies_of, fineness_of, limits_asked, pour_of  # noqa: PLC0415
    from forgecast.app.casting.compose import outcome_of  # noqa: PLC0415
    from forgecast.tasks.design_riser import design_riser  # noqa: PLC0415

    begun, made = clock.perf_counter(), datetime.now(UTC).replace(microsecond=0)
    pour = pour_of(asked)
    read = read_part(part, unit)
    if language is not None:
        show_reading(read, language)
        say_if_compiling(language)
    others = bodies_of([], [asked_chill(one) for one in chills], unit)
    fineness = fineness_of(asked, read.solid, others)
    spoken = language or "en"
    with stoppable(spoken) as stop, progress_bar(text("designing").say(spoken)) as progress:
        design = design_riser(
            read.solid,
            pour,
            fineness,
            limits_asked(*limits),
            choice=choice,
            bounds=bounds,
            others=others,
            progress=progress,
            stop=stop,
        )
    notes = (*(() if design.why_not is None else (design.why_not,)), *(r.what for r in read.repairs), *design.notes)
    outcome = outcome_of(
        design.frozen,
        title=part.stem,
        made=made,
        assumed=asked.assumed,
        findings=read.findings,
        notes=notes,
        timings={"design": clock.perf_counter() - begun},
    )
    return design, outcome, read


def _show(design: RiserDesign, files: tuple[Path, ...], language: Language) -> None:
    lead = (
        text("With these risers no cavity above the limit and no cut-off pool is left in the casting.")
        if design.sound
        else text("The casting is not sound.")
    )
    click.secho(lead.say(language), bold=True)
    if design.why_not is not None:
        click.echo(design.why_not.say(language))
    click.echo()
    heads = (text("Round"), text("What was changed"), text("Why"), text("What was found"), text("yield [%]"))
    show_table(heads, (_round(one, one.number == design.chosen, language) for one in design.rounds), language)
    click.echo()
    for number, one in enumerate(design.feeders, start=1):
        place = ", ".join(f"{1000 * part:.1f}" for part in one.standing.foot).replace("-", "−")
        said = text(
            "Riser {number}: diameter {diameter} mm, height {height} mm, neck {neck} mm, at x, y, z = {place} mm",
            number=number,
            diameter=shown(1000 * one.diameter),
            height=shown(1000 * one.standing.height),
            neck=shown(1000 * one.neck_diameter),
            place=place,
        )
        click.echo(said.say(language))
    rows: list[tuple[Text, str]] = [
        (text("Mass of the casting"), shown_with_unit(design.casting_mass, "kg")),
        (text("Mass of the risers"), shown_with_unit(design.riser_mass, "kg")),
        (text("Casting yield"), shown_with_unit(100 * design.casting_yield, "%")),
    ]
    show_figures(rows, language)
    show_notes(design.notes, language)
    click.echo(text("Results: {files}", files=" ".join(str(path) for path in files)).say(language))


def _round(one: Round, chosen: bool, language: Language) -> tuple[str, ...]:  # noqa: FBT001
    found = text("sound") if one.sound else one.troubles[0].says if one.troubles else text("not sound")
    mark = "→ " if chosen else ""
    return (
        f"{mark}{one.number}",
        one.change.say(language),
        one.why.say(language),
        found.say(language),
        shown(100 * one.casting_yield),
    )
