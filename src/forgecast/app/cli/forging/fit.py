"""`forgecast forging flow-stress fit`: coefficients of flow stress from hot-compression curves."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures, show_table
from forgecast.app.cli.melting.show import echo_json, say, say_list
from forgecast.app.cli.quantity import Quantity, quantity
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.tasks.fit_flow_stress import FlowStressAnswer, OwnHeat, PlatenFriction

_ZERO = 273.15


@click.command(
    cls=BilingualCommand,
    name="fit",
    sentence=text(
        "Fit coefficients of flow stress to hot-compression curves: each with its interval, what is left over, and how "
        "the fit does on conditions it has not seen."
    ),
    examples=(
        (
            "forgecast forging flow-stress fit curves.csv --strain-from 0.05 --strain-to 0.9 --out steel",
            text("headers such as `strain [1]`, `rate [1/s]`, `temperature [degC]`, `stress [MPa]`"),
        ),
        (
            "forgecast forging flow-stress fit bst.csv --column 'temperature=temp [degC]' --column 'stress=s [MPa]'",
            text("columns whose headers tell no units"),
        ),
        (
            "forgecast forging flow-stress fit raw.csv --friction 0.2 --diameter 10mm --height 15mm",
            text("raw curves: the friction of the platens taken off"),
        ),
        (
            "forgecast forging flow-stress fit raw.csv --density 7600kg/m3 --specific-heat '650J/(kg K)' "  # noqa: ISC004
            "--work-to-heat 90% --heat-kept '0.1 1/s=0%' --heat-kept '10 1/s=100%'",
            text("raw curves: self-heating taken off, more of it in quicker tests"),
        ),
    ),
)
@argument("file", type=click.Path(path_type=Path), help=text(
    "Table, a row a point: temperature, rate, strain, stress; a column `curve` names the specimens."))  # fmt: skip
@option("--form", type=click.Choice(("hensel-spittel", "sellars-tegart")), default="hensel-spittel", show_default=True,
        help=text("Form of the flow stress; Sellars-Tegart knows no strain."))  # fmt: skip
@option("--terms", default="", metavar="m1,m2,…", help=text(
    "Terms of Hensel-Spittel that are fitted; without it m1, m2, m4, m5, m7, m8."))  # fmt: skip
@option("--strain-shift", type=float, default=0.1, show_default=True, help=text(
    "Added to the strain: the convention of the coefficients."))  # fmt: skip
@option("--rate-shift", type=float, default=0.1, show_default=True, help=text("Added to the rate, in 1/s; likewise."))
@option("--strain-from", type=float, default=0.0, help=text("Points below this strain are left out."))
@option("--strain-to", type=float, default=math.inf, help=text("Points above this strain are left out."))
@option("--friction", type=float, help=text("Friction factor of the platens, 0 to 1; needs diameter and height."))
@option("--diameter", type=Quantity("length"), help=text("Of the specimen before."))
@option("--height", type=Quantity("length"), help=text("Of the specimen before."))
@option("--density", type=Quantity("density"), help=text("At the test temperature; takes self-heating off."))
@option("--specific-heat", type=Quantity("specific_heat"), help=text("At the test temperature; likewise."))
@option("--work-to-heat", type=Quantity("share"), help=text("Share of the work that becomes heat; likewise."))
@option("--heat-kept", "kept", multiple=True, metavar="10 1/s=100%", help=text(
    "Share of that heat still in the specimen, by rate or one for all; likewise."))  # fmt: skip
@option("--column", "columns", multiple=True, metavar="KEY=HEADER [UNIT]", help=text(
    "Header and unit of a column the file does not tell; may be given again."))  # fmt: skip
@option("--out", type=click.Path(path_type=Path), help=text("Folder for picture, coefficients and summary.json."))
@json_option
@language_option
@click.pass_context
def fit(
    context: click.Context,
    *,
    file: Path,
    form: str,
    terms: str,
    strain_shift: float,
    rate_shift: float,
    strain_from: float,
    strain_to: float,
    friction: float | None,
    diameter: float | None,
    height: float | None,
    density: float | None,
    specific_heat: float | None,
    work_to_heat: float | None,
    kept: tuple[str, ...],
    columns: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Fit the coefficients and show them."""
    from forgecast.app.forging.write import coefficients, write_flow_stress  # noqa: PLC0415
    from forgecast.app.results_folder import check_folder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.gateway.compression_table import CURVE_COLUMNS, read_compression_curves  # noqa: PLC0415
    from forgecast.gateway.measured_table import told_columns  # noqa: PLC0415
    from forgecast.metal.flow_stress_fit import FREIBERG  # noqa: PLC0415
    from forgecast.tasks.fit_flow_stress import FitAsked, fit_flow_stress  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_folder(out)
    asked = FitAsked(
        form,
        tuple(one.strip() for one in terms.split(",")) if terms else FREIBERG,
        strain_shift,
        rate_shift,
        strain_from,
        strain_to,
        _friction(friction, diameter, height),
        _heat(density, specific_heat, work_to_heat, kept),
    )
    answer = fit_flow_stress(read_compression_curves(file, told_columns(columns, CURVE_COLUMNS)), asked)
    files = () if out is None else write_flow_stress(answer, file, out, language)
    if as_json:
        echo_json({**answer.as_json(), "files": [str(path) for path in files]})
        return
    _show(answer, language)
    if files:
        click.echo()
        say(text("Results: {files}", files=" ".join(str(path) for path in files)), language)
    else:
        click.echo()
        click.echo(coefficients(answer, file))


def _friction(m: float | None, diameter: float | None, height: float | None) -> PlatenFriction | None:
    from forgecast.tasks.fit_flow_stress import PlatenFriction  # noqa: PLC0415

    if m is None and diameter is None and height is None:
        return None
    if m is None or diameter is None or height is None:
        raise ForgecastError(
            text("friction is taken off only with friction factor, diameter and height"),
            where="--friction",
            repair=text("give all three: {example}", example="--friction 0.2 --diameter 10mm --height 15mm"),
        )
    return PlatenFriction(m, diameter, height)


def _heat(
    density: float | None, specific_heat: float | None, share: float | None, kept: tuple[str, ...]
) -> OwnHeat | None:
    from forgecast.tasks.fit_flow_stress import OwnHeat  # noqa: PLC0415

    if density is None and specific_heat is None and share is None and not kept:
        return None
    if density is None or specific_heat is None or share is None or not kept:
        raise ForgecastError(
            text("self-heating is taken off only with density, specific heat, the share that becomes heat and the "
                 "share kept"),
            where="--heat-kept",
            repair=text("give all four: {example}",
                        example="--density 7600kg/m3 --specific-heat '650J/(kg K)' --work-to-heat 90% "
                        "--heat-kept 100%"),
        )  # fmt: skip
    pairs = []
    for one in kept:
        rate, equals, part = one.rpartition("=")
        at = quantity(rate, "strain_rate", "--heat-kept") if equals else 1.0
        pairs.append((at, quantity(part, "share", "--heat-kept", positive=False)))
    return OwnHeat(density, specific_heat, share, tuple(sorted(pairs)))


def _show(answer: FlowStressAnswer, language: Language) -> None:
    fit = answer.fit
    rows = [
        (name, f"{value:.6g}", ABSENT if math.isnan(half) else f"{half:.2g}")
        for name, value, half in zip(fit.names, fit.values, fit.halfwidths, strict=True)
    ]
    show_table((text("Coefficient"), text("value [A: Pa, T: °C]"), text("± 95 % [same]")), rows, language)
    click.echo()
    each = [
        (
            f"{one.temperature - _ZERO:.0f}",
            f"{one.rate:g}",
            f"{len(one.curves)}",
            f"{100.0 * one.root_mean_square:.1f}",
            f"{100.0 * one.bias:+.1f}",
            ABSENT if math.isnan(one.warmest) else f"{one.warmest:.0f}",
            f"{100.0 * (one.corrected - 1.0):+.1f}",
        )
        for one in answer.conditions
    ]
    heads = (text("temperature [°C]"), text("rate [1/s]"), text("curves [-]"), text("error [%]"), text("bias [%]"),
             text("self-heating [K]"), text("corrected by [%]"))  # fmt: skip
    show_table(heads, each, language)
    click.echo()
    valid = answer.validity
    show_figures(_figures(answer, valid.strain, valid.rate, valid.temperature), language)
    say_list(text("What to know"), answer.notes, language)


def _figures(
    answer: FlowStressAnswer, strain: tuple[float, float], rate: tuple[float, float], kelvin: tuple[float, float]
) -> list[tuple[Text, str]]:
    return [
        (text("Points fitted"), f"{answer.points:,}"),
        (text("Left out by strain or without stress"), f"{answer.left_out:,}"),
        (text("Rows without a value"), f"{answer.incomplete:,}"),
        (text("Valid for strain"), f"{strain[0]:.3g} … {strain[1]:.3g}"),
        (text("Valid for rate"), f"{rate[0]:g} … {rate[1]:g} 1/s"),
        (text("Valid for temperature"), f"{kelvin[0] - _ZERO:.0f} … {kelvin[1] - _ZERO:.0f} °C"),
    ]
