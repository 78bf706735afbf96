"""`forgecast melting correct`: what to add to a bath after a sample, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures, show_notes, show_table
from forgecast.app.cli.melting.show import echo_json, say, say_list, show_limits
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.tasks.correct_melt import CorrectionAnswer


@click.command(
    cls=BilingualCommand,
    name="correct",
    sentence=text(
        "Find the additions that bring a bath into its limits after a sample, with what fades until pouring. Leaves "
        "with exit code 1 where no addition does."
    ),
    examples=(
        ("forgecast melting correct bath.toml", text("bath, sample, additions and limits of a case")),
        ("forgecast melting correct bath.toml --plant my-plant", text("with what past heats of the plant teach")),
    ),
)
@argument("case", type=click.Path(path_type=Path), help=text("Case in TOML; docs/how_to/mix_a_charge.md shows one."))
@option("--plant", type=click.Path(path_type=Path), help=text("Plant whose past heats teach recoveries and fading."))
@json_option
@language_option
@click.pass_context
def correct(context: click.Context, *, case: Path, plant: Path | None, as_json: bool) -> int:
    """Correct a bath and show how."""
    from forgecast.gateway.correction_case import read_correction_case  # noqa: PLC0415  (loads only when needed)
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.correct_melt import correct_melt  # noqa: PLC0415

    read = read_correction_case(case)
    if plant is None:
        answer = correct_melt(read)
    else:
        with PlantFolder.open(plant) as opened:
            answer = correct_melt(read, opened)
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language_of(context))
    return 0 if answer.correction.feasible else 1


def _show(answer: CorrectionAnswer, language: Language) -> None:
    found, case = answer.correction, answer.case
    if not found.feasible:
        say(text("No addition brings the bath into its limits."), language, "bold")
        show_notes(answer.notes, language)
        return
    share = f"{100.0 * found.confidence:.4g} %"
    say(text("With these additions each bound holds with {share}.", share=share), language, "bold")
    click.echo()
    rows = [
        (one.material.name, f"{mass:.2f}", f"{mass * one.material.price:,.1f}")
        for one, mass in zip(case.additions, found.additions, strict=True)
        if mass > 1e-6 * case.mass
    ]
    if rows:
        heads = (text("Addition"), text("mass [kg]"), text("cost [{currency}]", currency=case.currency))
        show_table(heads, rows, language)
    else:
        say(text("Nothing has to be added."), language)
    click.echo()
    show_limits(found.mix.kept, case.limits, language)
    click.echo()
    figures: list[tuple[Text, str]] = [(text("Cost of the correction"), f"{found.cost:,.1f} {case.currency}")]
    if found.tapped > 1e-6 * case.mass:
        figures.append((text("Tap before"), f"{found.tapped:.1f} kg"))
    show_figures(figures, language)
    say_list(text("How sure"), (one.words for one in found.outlook), language)
    say_list(text("What fades until pouring"), _faded(answer), language)
    say_list(text("What past heats taught"), _learnt(answer), language)
    show_notes(answer.notes, language)


def _faded(answer: CorrectionAnswer) -> list[Text]:
    return [
        text(
            "{element}: {kept} of it are left ({basis})",
            element=one.element,
            kept=f"{100.0 * one.kept:.1f} ± {100.0 * one.spread:.1f} %",
            basis=one.basis,
        )
        for one in answer.faded
    ]


def _learnt(answer: CorrectionAnswer) -> list[Text]:
    return [
        text(
            "recovery of {element} from {kind}: {mean} from {heats} heats, ± {scatter} from heat to heat",
            element=one.element,
            kind=one.kind,
            mean=f"{100.0 * one.found.mean:.1f} ± {100.0 * one.found.uncertainty:.1f} %",
            heats=one.found.heats,
            scatter=f"{100.0 * one.found.scatter:.1f} %",
        )
        for one in answer.learnt
    ]
