"""`forgecast casting optimise`: the sound risers with the best yield, cost, melt energy and carbon dioxide."""

from __future__ import annotations

import json
import time as clock
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.casting.compiling import say_if_compiling
from forgecast.app.cli.casting.part import part_argument, read_part, reading_json, show_reading, unit_option
from forgecast.app.cli.casting.show import show_notes, show_table
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.quantity import Quantity
from forgecast.app.cli.stopping import stoppable
from forgecast.app.report.numbers import shown
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.app.casting.asked import Asked
    from forgecast.app.casting.outcome import Outcome
    from forgecast.casting.economics import Prices
    from forgecast.shape.read import ReadSolid
    from forgecast.tasks.optimise_riser import RiserOptimum, RiserTrial, Space
    from forgecast.tasks.riser_round import Bounds

_CALL = "--alloy WCB --mould resin-sand --pour 1580degC --out run"
_ENERGY = "--melt-energy 650 --co2-factor 0.58"


@click.command(
    cls=BilingualCommand,
    name="optimise",
    sentence=text(
        "Search for the sound risers of a part with the best yield and, where prices are given, cost, melt energy and "
        "carbon dioxide."
    ),
    examples=(
        (f"forgecast casting optimise lid.step {_CALL} --cell 5mm --trials 30", text("the highest yield")),
        (
            f"forgecast casting optimise lid.step {_CALL} --gating 4kg --melt-loss 3% {_ENERGY}",
            text("also melt energy and carbon dioxide: kWh for a tonne melted, kg of CO2 for a kWh"),
        ),
        (
            f"forgecast casting optimise lid.step {_CALL} --sleeve insulating --thickness 15mm --sleeve-price 6",
            text("with and without sleeves, which cost 6 each"),
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
@option("--trials", type=click.IntRange(1), default=30, show_default=True, help=text("Sets of risers to try."))
@option("--seed", type=click.IntRange(0), default=0, show_default=True, help=text("The same seed, the same trials."))
@option("--sleeve", type=click.Choice(("none", "insulating", "exothermic")), default="none", show_default=True,
        help=text("Sleeve that is tried beside risers without."))  # fmt: skip
@option("--thickness", type=Quantity("length"), help=text("Of the sleeve."))
@option("--sleeve-price", type=click.FloatRange(0.0), help=text("Of one sleeve, in your currency."))
@option("--gating", type=Quantity("mass", positive=False), help=text("Mass of sprue, runners and gates."))
@option("--melt-loss", type=Quantity("share", positive=False), help=text("Share of the charge that melting loses."))
@option(
    "--melt-energy",
    "melt_energy_kWh_per_t",
    type=click.FloatRange(0.0),
    help=text("Energy to melt and hold a tonne of charge, in kWh."),
)
@option(
    "--co2-factor",
    "emission_factor",
    type=click.FloatRange(0.0),
    help=text("Carbon dioxide of a kilowatt-hour, in kg."),
)
@option("--energy-price", type=click.FloatRange(0.0), help=text("Of a kilowatt-hour, in your currency."))
@option("--metal-price", type=click.FloatRange(0.0), help=text("Of a kilogram of charge, in your currency."))
@option("--return-value", type=click.FloatRange(0.0), help=text("Of a kilogram of own returns, in your currency."))
@option(
    "--aids", "aids_cost", type=click.FloatRange(0.0), help=text("Chills and filters of a mould, in your currency.")
)
@option("--largest-cavity", type=Quantity("length"), help=text("Largest cavity that is allowed in the casting."))
@option("--porosity", type=Quantity("share"), help=text("Highest microporosity that is allowed in the casting."))
@option("--most-drained", type=Quantity("share"), help=text(
    "Largest share of its metal that a riser may give; without it, what the field shows."))  # fmt: skip
@option("--strict", is_flag=True, help=text("Leave with exit code 1 unless sound risers are found."))
@json_option
@language_option
@click.pass_context
def optimise(
    context: click.Context,
    /,
    *,
    part: Path,
    unit: str | None,
    alloy: str,
    mould: str,
    pour: float,
    out: Path,
    cell: float | None,
    margin: float | None,
    trials: int,
    seed: int,
    sleeve: Literal["none", "insulating", "exothermic"],
    thickness: float | None,
    sleeve_price: float | None,
    gating: float | None,
    largest_cavity: float | None,
    porosity: float | None,
    most_drained: float | None,
    strict: bool,
    as_json: bool,
    **prices: float | None,
) -> int:
    """Search for the best risers of a part and show them."""
    from forgecast.app.casting.asked import Asked  # noqa: PLC0415
    from forgecast.app.casting.stl import risers_stl  # noqa: PLC0415
    from forgecast.app.casting.write import write_outcome  # noqa: PLC0415
    from forgecast.app.results_folder import check_folder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.casting.economics import Prices  # noqa: PLC0415
    from forgecast.tasks.optimise_riser import SleeveOption, Space  # noqa: PLC0415
    from forgecast.tasks.riser_round import Bounds  # noqa: PLC0415

    language = language_of(context)
    check_folder(out)
    plain = SleeveOption()
    sleeves = (plain,) if sleeve == "none" else (plain, SleeveOption(sleeve, thickness, sleeve_price))
    found, outcome, read = _searched(
        part,
        unit,
        Asked(alloy, mould, pour, None, None, cell, margin),
        (largest_cavity, porosity),
        Space(sleeves=sleeves),
        Prices(**prices),
        bounds=Bounds(most_drained=most_drained),
        gating=gating,
        trials=(trials, seed),
        language=None if as_json else language,
    )
    told = json.dumps({"ok": True, **found.as_json(), **reading_json(read)}, ensure_ascii=False, indent=1) + "\n"
    extra = {"risers.json": told.encode()}
    if (stl := risers_stl(found.best.bodies)) is not None:
        extra["risers.stl"] = stl
    with progress_bar(text("writing").say(language)) as progress:
        files = write_outcome(outcome, out, language, progress, extra=extra)
    if as_json:
        click.echo(told, nl=False)
    else:
        _show(found, files, language)
    return 1 if strict and not found.front else 0


def _searched(
    part: Path,
    unit: str | None,
    asked: Asked,
    limits: tuple[float | None, float | None],
    space: Space,
    prices: Prices,
    *,
    bounds: Bounds,
    gating: float | None,
    trials: tuple[int, int],
    language: Language | None,
) -> tuple[RiserOptimum, Outcome, ReadSolid]:
    """Run the search; a language is given where somebody watches."""
    from forgecast.app.casting.asked import fineness_of, limits_asked, pour_of  # noqa: PLC0415
    from forgecast.app.casting.compose import outcome_of  # noqa: PLC0415
    from forgecast.tasks.optimise_riser import optimise_riser  # noqa: PLC0415

    begun, made = clock.perf_counter(), datetime.now(UTC).replace(microsecond=0)
    pour = pour_of(asked)
    read = read_part(part, unit)
    if language is not None:
        show_reading(read, language)
        say_if_compiling(language)
    spoken = language or "en"
    with stoppable(spoken) as stop, progress_bar(text("searching").say(spoken)) as progress:
        found = optimise_riser(
            read.solid,
            pour,
            fineness_of(asked, read.solid, ()),
            limits_asked(*limits),
            space=space,
            bounds=bounds,
            prices=prices,
            gating_mass=gating,
            trials=trials[0],
            seed=trials[1],
            progress=progress,
            stop=stop,
        )
    outcome = outcome_of(
        found.best,
        title=part.stem,
        made=made,
        assumed=asked.assumed,
        findings=read.findings,
        notes=tuple(repair.what for repair in read.repairs),
        timings={"search": clock.perf_counter() - begun},
    )
    return found, outcome, read


def _show(found: RiserOptimum, files: tuple[Path, ...], language: Language) -> None:
    lead = text(
        "{sound} sound risers that none beats, of {trials} trials; {frozen} of them were frozen",
        sound=len(found.front),
        trials=len(found.trials),
        frozen=found.frozen_trials,
    )
    click.secho(lead.say(language), bold=True)
    if found.stopped:
        click.echo(text("It was stopped before all trials.").say(language))
    click.echo()
    heads = (
        text("Trial"), text("Sleeve"), text("size over rule [1]"), text("height over width [1]"), text("yield [%]"),
        text("cost"), text("melt energy [kWh]"), text("CO2 [kg]"), text("Sound"),
    )  # fmt: skip
    first = [trial for trial in found.trials[:1] if trial not in found.front]
    show_table(heads, (_row(trial) for trial in (*found.front, *first)), language)
    click.echo()
    click.echo(text("Trial 0 is the rule's riser.").say(language))
    show_notes(found.notes, language)
    click.echo(text("Results: {files}", files=" ".join(str(path) for path in files)).say(language))


def _row(trial: RiserTrial) -> tuple[str, ...]:
    money = trial.economics
    energy = None if money is None or money.melt_energy is None else money.melt_energy / 3.6e6
    numbers = (
        trial.choice.factor,
        trial.choice.height_ratio,
        None if trial.casting_yield is None else 100 * trial.casting_yield,
        None if money is None else money.cost,
        energy,
        None if money is None else money.carbon_dioxide,
    )
    cells = ("—" if number is None else shown(number) for number in numbers)
    return (str(trial.number), trial.choice.sleeve, *cells, {True: "✓", False: "×", None: "?"}[trial.sound])
