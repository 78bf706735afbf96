"""`forgecast melting charge`: the cheapest charge that keeps every limit, what binds it, or why there is none."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures, show_notes, show_table
from forgecast.app.cli.melting.show import content, echo_json, say, say_list, show_limits
from forgecast.app.cli.progress import progress_bar
from forgecast.app.report.numbers import ABSENT, shown_with_unit
from forgecast.ground.texts import Language, Text, text, verbatim

if TYPE_CHECKING:
    from forgecast.gateway.charge_case import ChargeCase
    from forgecast.tasks.mix_charge import ChargeAnswer

#: More marginals, notes or generations than these are in the summary only.
_MOST = 8


@click.command(
    cls=BilingualCommand,
    name="charge",
    sentence=text(
        "Find the cheapest charge whose metal keeps every limit with a probability, and say what binds it. Leaves with "
        "exit code 1 where there is none, and says which limits conflict."
    ),
    examples=(
        ("forgecast melting charge charge.toml", text("materials, limits, furnace and recoveries of a case")),
        ("forgecast melting charge charge.toml --out charge", text("with a picture and summary.json")),
        ("forgecast melting charge charge.toml --plant my-plant", text("from the lots that the plant has on record")),
    ),
)
@argument("case", type=click.Path(path_type=Path), help=text("Case in TOML; docs/how_to/mix_a_charge.md shows one."))
@option("--plant", type=click.Path(path_type=Path), help=text("Plant whose lots may be charged too; the case says "
        "their yields under [lots]."))  # fmt: skip
@option("--out", type=click.Path(path_type=Path), help=text("Folder for the picture and summary.json."))
@option("--ranges", type=click.IntRange(0), help=text(
    "For how many of what binds it is told how far that holds; each is solved a dozen times. Without it 8, in a large "
    "charge 1."))  # fmt: skip
@json_option
@language_option
@click.pass_context
def charge(
    context: click.Context, *, case: Path, plant: Path | None, out: Path | None, ranges: int | None, as_json: bool
) -> int:
    """Mix a charge and show it."""
    from forgecast.app.melting.write import write_charge  # noqa: PLC0415
    from forgecast.app.results_folder import check_folder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.gateway.charge_case import read_charge_case  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_folder(out)
    answer = _mixed(read_charge_case(case), plant, ranges, language)
    files = () if out is None else write_charge(answer, out, language)
    if as_json:
        echo_json({**answer.as_json(), "files": [str(path) for path in files]})
    else:
        _show(answer, language)
        if files:
            say(text("Results: {files}", files=" ".join(str(path) for path in files)), language)
    return 0 if answer.mix.feasible else 1


def _mixed(case: ChargeCase, plant: Path | None, ranges: int | None, language: Language) -> ChargeAnswer:
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.mix_charge import mix_charge  # noqa: PLC0415

    with progress_bar(text("mixing").say(language)) as progress:
        if plant is None:
            return mix_charge(case, ranges=ranges, progress=progress)
        with PlantFolder.open(plant) as opened:
            return mix_charge(case, opened, ranges=ranges, progress=progress)


def _show(answer: ChargeAnswer, language: Language) -> None:
    if answer.conflict is not None:
        say(text("There is no charge that keeps all of this together."), language, "bold")
        say_list(text("What conflicts"), answer.conflict.members, language)
        say_list(text("The smallest way out"), (one.words for one in answer.conflict.relaxations), language)
        if answer.conflict.materials:
            names = ", ".join(answer.conflict.materials)
            say_list(text("Materials that take part by their stock"), (verbatim(names),), language)
        _show_notes(answer, language)
        return
    say(_lead(answer), language, "bold")
    click.echo()
    _show_masses(answer, language)
    click.echo()
    show_limits(answer.mix.kept, answer.problem.limits, language, spreads_told=answer.spreads_told)
    click.echo()
    _show_figures(answer, language)
    say_list(text("What binds"), (one.words for one in answer.marginals if one.side != "price"), language)
    unused = [one.words for one in answer.marginals if one.side == "price"]
    say_list(text("What is not used"), unused[:_MOST], language)
    if len(unused) > _MOST:
        say(text("and {count} more in summary.json (--out)", count=len(unused) - _MOST), language)
    _show_generations(answer, language)
    _show_notes(answer, language)


def _show_notes(answer: ChargeAnswer, language: Language) -> None:
    click.echo()
    show_notes(answer.notes[:_MOST], language)
    if len(answer.notes) > _MOST:
        show_notes((text("and {count} more in summary.json (--out)", count=len(answer.notes) - _MOST),), language)


def _lead(answer: ChargeAnswer) -> Text:
    problem = answer.problem
    cost = f"{answer.mix.cost_per_tonne:,.1f}"
    if problem.confidence == 0.5:
        return text(
            "{cost} {currency} a tonne of metal; the limits hold by the means alone, that is half of the time where "
            "they bind.",
            cost=cost,
            currency=problem.currency,
        )
    share = f"{100.0 * problem.confidence:.4g} %"
    if problem.joint:
        return text(
            "{cost} {currency} a tonne of metal; all bounds hold together with at least {share}.",
            cost=cost, currency=problem.currency, share=share,
        )  # fmt: skip
    return text(
        "{cost} {currency} a tonne of metal; each bound holds with {share}.",
        cost=cost,
        currency=problem.currency,
        share=share,
    )


def _show_masses(answer: ChargeAnswer, language: Language) -> None:
    mix, problem = answer.mix, answer.problem
    total = float(mix.masses.sum())
    counted = any(material.piece_mass is not None for material in problem.materials)
    rows = []
    for n in sorted(range(len(problem.materials)), key=lambda n: -mix.masses[n]):
        mass, material = float(mix.masses[n]), problem.materials[n]
        if mass <= 1e-6 * total:
            continue
        pieces = ABSENT if math.isnan(mix.pieces[n]) else f"{mix.pieces[n]:.0f} × {material.piece_mass:g}"
        row = (material.name, f"{mass:.1f}", f"{100.0 * mass / total:.1f}", f"{1000.0 * material.price:,.0f}",
               f"{mass * material.price:,.0f}")  # fmt: skip
        rows.append((*row, pieces) if counted else row)
    currency = problem.currency
    heads = (text("Material"), text("mass [kg]"), text("share [%]"), text("price [{currency}/t]", currency=currency),
             text("cost [{currency}]", currency=currency))  # fmt: skip
    show_table((*heads, text("pieces [kg]")) if counted else heads, rows, language)


def _show_figures(answer: ChargeAnswer, language: Language) -> None:
    mix, problem = answer.mix, answer.problem
    per_tonne = f"{problem.currency}/t"
    rows: list[tuple[Text, str]] = [
        (text("Metal after melting"), f"{mix.liquid_mass:,.1f} kg"),
        (text("Cost of the charge"), f"{mix.cost:,.0f} {problem.currency}"),
    ]
    if problem.confidence > 0.5 and answer.mean.feasible:
        rows.append((text("Cheapest by the means alone"), f"{answer.mean.cost_per_tonne:,.1f} {per_tonne}"))
        rows.append((text("What certainty costs"), f"{answer.certainty_cost:,.1f} {per_tonne}"))
    if not math.isnan(mix.carbon):
        rows.append((text("Carbon dioxide of the materials"), shown_with_unit(mix.carbon, "kg")))
    if mix.least_cost < mix.cost * (1.0 - 1e-6):
        rows.append((text("No charge in whole pieces is below"), f"{mix.least_cost:,.0f} {problem.currency}"))
    show_figures(rows, language)


def _show_generations(answer: ChargeAnswer, language: Language) -> None:
    found = answer.generations
    if found is None:
        return
    title = text("With its own metal coming back as {returns}", returns=answer.returns)
    say_list(title, (found.words,), language)
    elements = tuple(dict.fromkeys(e for contents in found.contents for e in contents))
    rows = [
        (str(number), f"{mix.cost_per_tonne:,.1f}", *(content(contents[e]) for e in elements))
        for number, (mix, contents) in enumerate(zip(found.mixes, found.contents, strict=False), start=1)
    ]
    if len(rows) > _MOST:
        rows = [*rows[: _MOST - 2], ("…", *[""] * (1 + len(elements))), rows[-1]]
    price = text("cost [{currency}/t]", currency=answer.problem.currency)
    show_table(
        (text("generation [1]"), price, *(verbatim(f"{e} [%]") for e in elements)), rows, language
    )  # fmt: skip
