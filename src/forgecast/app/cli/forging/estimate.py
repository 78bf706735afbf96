"""`forgecast forging estimate`: billet, heating, load, machines and energy of a forging, from a case."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.part import reading_json, show_reading
from forgecast.app.cli.casting.show import show_figures, show_findings, show_sources, show_table
from forgecast.app.cli.melting.show import echo_json, say, say_list
from forgecast.app.report.numbers import ABSENT, shown, shown_with_unit
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.forging.choose_machine import Judged
    from forgecast.tasks.estimate_forging import ForgingEstimate

_ZERO = 273.15
_J_KWH = 3.6e6
#: Lines a machine may take with its reasons.
_WORDS: dict[bool | None, Text] = {True: text("fits"), False: text("does not fit"), None: text("not known")}


@click.command(
    cls=BilingualCommand,
    name="estimate",
    sentence=text(
        "Estimate a forging from a case: billet, heating, cooling on the way, load and work, which of your machines "
        "can make it and why, energy and carbon dioxide a piece."
    ),
    examples=(
        (
            "forgecast forging estimate blank.toml --out blank",
            text("examples/forging/blank.toml is a case to begin with"),
        ),
        ("forgecast forging estimate blank.toml --strict", text("leave with 1 unless a machine fits")),
    ),
)
@argument("case", type=click.Path(path_type=Path), help=text("The case in TOML: metal, part, billet, heating, dies."))
@option("--out", type=click.Path(path_type=Path), help=text("Folder for the picture and summary.json."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 unless one of the machines is known to fit."))
@json_option
@language_option
@click.pass_context
def estimate(context: click.Context, *, case: Path, out: Path | None, strict: bool, as_json: bool) -> int:
    """Estimate a forging and show it."""
    from forgecast.app.forging.write import write_estimate  # noqa: PLC0415
    from forgecast.app.results_folder import check_folder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.gateway.forging_case import read_forging_case  # noqa: PLC0415
    from forgecast.tasks.estimate_forging import estimate_forging  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_folder(out)
    answer = estimate_forging(read_forging_case(case))
    files = () if out is None else write_estimate(answer, out, language)
    if as_json:
        read = {} if answer.read is None else reading_json(answer.read)
        echo_json({**read, **answer.as_json(), "files": [str(path) for path in files]})
    else:
        if answer.read is not None:
            show_reading(answer.read, language)
        _show(answer, language)
        if files:
            click.echo()
            say(text("Results: {files}", files=" ".join(str(path) for path in files)), language)
    return 1 if strict and not any(one.fits for one in answer.machines) else 0


def _show(answer: ForgingEstimate, language: Language) -> None:
    say(_headline(answer), language, style="bold")
    for title, rows in (
        (text("Billet"), _billet(answer)),
        (text("Heating and cooling"), _heat(answer)),
        (text("Load"), _load(answer)),
        (text("Energy a piece"), _energy(answer)),
    ):
        click.echo()
        say(title, language, style="bold")
        show_figures(rows, language)
    if answer.machines:
        click.echo()
        show_table(
            (text("Name"), text("Fits"), text("force used [%]"), text("energy used [%]"), text("blows [-]"),
             text("under load [s]"), text("pieces a minute [1/min]")),
            [_machine(one, language) for one in answer.machines],
            language,
        )  # fmt: skip
        lines = [
            text(
                "{name}: {reasons}",
                name=one.candidate.name,
                reasons=("；" if language == "zh" else "; ").join(r.say(language) for r in one.reasons),
            )
            for one in answer.machines
        ]
        say_list(text("Why"), lines, language)
    say_list(text("What to know"), answer.notes, language)
    show_findings(answer.findings, language)
    show_sources(answer.sources, language)


def _headline(answer: ForgingEstimate) -> Text:
    fitting = [one.candidate.name for one in answer.machines if one.fits]
    load = f"{answer.force / 1e6:.3g}"
    if fitting:
        return text("{force} MN at the end; the most used machine that fits is {name}", force=load, name=fitting[0])
    if answer.machines and all(one.fits is False for one in answer.machines):
        return text("{force} MN at the end; none of the machines fits", force=load)
    if answer.machines:
        return text("{force} MN at the end; of no machine it is known that it fits", force=load)
    return text("{force} MN at the end; name a table of your machines to choose one", force=load)


def _billet(answer: ForgingEstimate) -> list[tuple[Text, str]]:
    billet = answer.billet
    kilos = billet.density
    return [
        (text("Diameter × length"), f"{1e3 * billet.diameter:.4g} × {1e3 * billet.length:.4g} mm"),
        (text("Mass cut"), shown_with_unit(billet.mass, "kg")),
        (text("Of it part"), shown_with_unit(kilos * billet.part, "kg")),
        (text("Of it flash and clips"), shown_with_unit(kilos * (billet.flash + billet.clips), "kg")),
        (text("Of it scale"), ABSENT if math.isnan(answer.scale_share)
         else shown_with_unit(billet.mass * answer.scale_share, "kg")),
        (text("Yield"), shown_with_unit(100.0 * billet.metal_yield, "%")),
    ]  # fmt: skip


def _heat(answer: ForgingEstimate) -> list[tuple[Text, str]]:
    from forgecast.forging.heating import Induction  # noqa: PLC0415

    heated, cooled = answer.heated, answer.cooled
    rows = [(text("Time to heat"), shown_with_unit(heated.time / 60.0, "min"))]
    if isinstance(heated, Induction):
        rows += [
            (text("Power for one billet at a time"), shown_with_unit(heated.power / 1e3, "kW")),
            (text("Surface over centre then"), shown_with_unit(heated.uneven, "K")),
        ]
    else:
        rows += [
            (text("Of it by the mean alone"), shown_with_unit(heated.lumped / 60.0, "min")),
            (text("Biot number"), shown(heated.biot)),
        ]
    ends = " / ".join(f"{float(x[-1]) - _ZERO:.0f}" for x in (cooled.centre, cooled.mean, cooled.surface))
    return [*rows, (text("At the die: centre / mean / surface"), f"{ends} °C")]


def _load(answer: ForgingEstimate) -> list[tuple[Text, str]]:
    way = answer.stroke
    middle = float(
        answer.case.flow.law.stress(way.mean_strain, float(way.rate.mean()), answer.temperature)
    )  # fmt: skip
    rows = [
        (text("Greatest force"), shown_with_unit(answer.force / 1e6, "MN")),
        (text("Work"), shown_with_unit(way.work / 1e3, "kJ")),
        (text("Mean strain, strain at the end"), f"{way.mean_strain:.3g}, {float(way.strain[-1]):.3g}"),
        (text("Strain rate at start and end"), f"{float(way.rate[0]):.3g}, {float(way.rate[-1]):.3g} 1/s"),
        (text("Flow stress at mean strain and rate"), shown_with_unit(middle / 1e6, "MPa")),
        (text("Flow stress at the end"), shown_with_unit(float(way.stress[-1]) / 1e6, "MPa")),
    ]
    if answer.die is not None and answer.land is not None:
        mark = "" if answer.land.source is None else " (?)"
        rows += [
            (text("Flash land: thickness × width"),
             f"{1e3 * answer.land.thickness:.3g} × {1e3 * answer.land.width:.3g} mm{mark}"),
            (text("Mean and highest pressure on the die"),
             f"{answer.die.mean / 1e6:.0f}, {answer.die.highest / 1e6:.0f} MPa"),
        ]  # fmt: skip
        rows += [
            (text("Rule {name}, not verified", name=name),
             f"{1e3 * land.thickness:.3g} × {1e3 * land.width:.3g} mm (?)")
            for name, land in answer.rules.items()
        ]  # fmt: skip
    return rows


def _energy(answer: ForgingEstimate) -> list[tuple[Text, str]]:
    energy = answer.energy
    return [
        (text("To heat"), _kwh(energy.heating)),
        (text("To form"), _kwh(energy.forming)),
        (text("Carbon dioxide"), ABSENT if math.isnan(energy.carbon) else shown_with_unit(energy.carbon, "kg")),
    ]


def _kwh(joule: float) -> str:
    return ABSENT if math.isnan(joule) else shown_with_unit(joule / _J_KWH, "kWh")


def _machine(one: Judged, language: Language) -> tuple[str, ...]:
    def share(value: float) -> str:
        return ABSENT if math.isnan(value) else f"{100.0 * value:.0f}"

    return (
        one.candidate.name,
        _WORDS[one.fits].say(language),
        share(one.force_used),
        share(one.energy_used),
        f"{one.blows}",
        ABSENT if math.isnan(one.contact) else f"{one.contact:.3g}",
        ABSENT if math.isnan(one.pieces) else f"{60.0 * one.pieces:.3g}",
    )
