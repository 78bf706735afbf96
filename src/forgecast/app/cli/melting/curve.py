"""`forgecast melting curve`: what a cooling curve of thermal analysis says."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures, show_table
from forgecast.app.cli.melting.show import echo_json, say, say_list
from forgecast.app.cli.quantity import Quantity
from forgecast.app.report.numbers import ABSENT, shown, shown_with_unit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.melting.thermal_estimate import Estimate
    from forgecast.tasks.read_cooling_curve import Alloy, CurveAnswer

_ZERO = 273.15
_NUMBER = r"(\d+\.?\d*|\.\d+)"
_CONTENT = re.compile(rf"\s*([A-Z][a-z]?)\s*=\s*{_NUMBER}\s*(?:(?:±|\+-|\+/-)\s*{_NUMBER}\s*)?%\s*")


@click.command(
    cls=BilingualCommand,
    name="curve",
    sentence=text(
        "Read a cooling curve: liquidus, eutectic undercooling and recalescence, end of freezing, and what they say of "
        "an iron or an Al-Si alloy; what smoothing adds is shown."
    ),
    examples=(
        ("forgecast melting curve cup.csv --alloy iron --out cup", text("headers such as `time [s]` and `T [degC]`")),
        (
            "forgecast melting curve cup.csv --alloy iron --graphite 1153degC --white 1113degC",
            text("undercooling against the eutectics of your own reference cups"),
        ),
        (
            "forgecast melting curve a356.csv --time t --time-unit s --temperature T --temperature-unit degC",
            text("a file whose headers tell no units"),
        ),
    ),
)
@argument("file", type=click.Path(path_type=Path), help=text("Table with a column of time and one of temperature."))
@option("--alloy", type=click.Choice(("iron", "alsi")), help=text("What was poured; without it the arrests alone."))
@option("--out", type=click.Path(path_type=Path), help=text("Folder for the picture and summary.json."))
@option("--window", type=Quantity("time_span"), help=text("Width of smoothing; without it 5 s, or ten readings."))
@option("--content", "contents", multiple=True, metavar="SI=2.10±0.03%", help=text(
    "Content by the spectrometer with its standard deviation; may be given again."))  # fmt: skip
@option("--graphite", type=Quantity("temperature"), help=text("Graphite eutectic of the iron, measured."))
@option("--white", type=Quantity("temperature"), help=text("White eutectic of the iron, measured with tellurium."))
@option("--reference", type=Quantity("temperature"), help=text("Eutectic of the unmodified Al-Si alloy, measured."))
@option("--surroundings", type=Quantity("temperature"), help=text("What the cup cools towards: gives solid fraction."))
@option("--time", default="", metavar="HEADER", help=text("Column of time, where the headers leave it open."))
@option("--time-unit", default="", metavar="UNIT", help=text("Its unit, where the header has none."))
@option("--temperature", default="", metavar="HEADER", help=text("Column of temperature, likewise."))
@option("--temperature-unit", default="", metavar="UNIT", help=text("Its unit, where the header has none."))
@json_option
@language_option
@click.pass_context
def curve(
    context: click.Context,
    *,
    file: Path,
    alloy: Alloy | None,
    out: Path | None,
    window: float | None,
    contents: tuple[str, ...],
    graphite: float | None,
    white: float | None,
    reference: float | None,
    surroundings: float | None,
    time: str,
    time_unit: str,
    temperature: str,
    temperature_unit: str,
    as_json: bool,
) -> None:
    """Read a curve and show what it says."""
    from forgecast.app.melting.write import write_curve  # noqa: PLC0415
    from forgecast.app.results_folder import check_folder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.gateway.cooling_curve import ColumnAsked, read_curve  # noqa: PLC0415
    from forgecast.tasks.read_cooling_curve import CurveAsked, read_cooling_curve  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_folder(out)
    means, spreads = _contents(contents)
    record = read_curve(file, time=ColumnAsked(time, time_unit), temperature=ColumnAsked(temperature, temperature_unit))
    answer = read_cooling_curve(
        record, CurveAsked(alloy, means, spreads, graphite, white, reference, surroundings, window)
    )  # fmt: skip
    files = () if out is None else write_curve(answer, out, language)
    if as_json:
        echo_json({**answer.as_json(), "files": [str(path) for path in files]})
        return
    _show(answer, language)
    if files:
        say(text("Results: {files}", files=" ".join(str(path) for path in files)), language)


def _contents(told: tuple[str, ...]) -> tuple[dict[str, float], dict[str, float]]:
    """Return contents and their standard deviations by element [1]; one that is not told is not there."""
    means, spreads = {}, {}
    for words in told:
        found = _CONTENT.fullmatch(words)
        if found is None:
            raise ForgecastError(
                text("{words} is no content", words=words),
                where="--content",
                repair=text(
                    "write element, content and standard deviation in per cent: {example}", example="Si=2.10±0.03%"
                ),
            )
        means[found[1]] = float(found[2]) / 100.0
        if found[3] is not None:
            spreads[found[1]] = float(found[3]) / 100.0
    return means, spreads


def _show(answer: CurveAnswer, language: Language) -> None:
    from forgecast.app.melting.curve_picture import marks_of  # noqa: PLC0415

    found = answer.features
    marks = marks_of(found)
    if marks:
        rows = [
            (sign, words.say(language), f"{point.time:.1f}", f"{point.temperature - _ZERO:.1f}", f"{point.rate:+.3f}",
             ABSENT if math.isnan(point.rate_bias) else f"{point.rate_bias:+.3f}")
            for sign, words, point in marks
        ]  # fmt: skip
        heads = (text("Sign"), text("What"), text("time [s]"), text("temperature [°C]"), text("rate [K/s]"),
                 text("bias of the rate [K/s]"))  # fmt: skip
        show_table(heads, rows, language)
        click.echo()
    show_figures([*_figures(answer), *_of_alloy(answer)], language)
    say_list(text("What to know"), answer.notes, language)


def _figures(answer: CurveAnswer) -> list[tuple[Text, str]]:
    found = answer.features
    rows: list[tuple[Text, str]] = []
    if found.eutectic is not None:
        rows += [
            (text("Recalescence of the eutectic"), shown_with_unit(found.eutectic.recalescence, "K")),
            (text("Fastest rise"), shown_with_unit(max(found.eutectic.fastest.rate, 0.0), "K/s")),
        ]
        if math.isfinite(found.eutectic.fastest.rate_bias):
            rows.append((text("Of it added by smoothing (bias)"), f"{found.eutectic.fastest.rate_bias:+.2f} K/s"))
    if found.liquidus is not None:
        rows.append((text("Recalescence of the liquidus"), shown_with_unit(found.liquidus.recalescence, "K")))
    if answer.fraction is not None:
        latent = shown_with_unit(answer.fraction.latent_over_capacity, "K")
        rows.append((text("Latent heat over heat capacity"), latent))
    rows += [
        (text("Temperatures are read off to (std. dev.)"), shown_with_unit(found.temperature_uncertainty, "K")),
        (text("Smoothed over"), shown_with_unit(answer.window, "s")),
    ]
    return rows


def _of_alloy(answer: CurveAnswer) -> list[tuple[Text, str]]:
    rows: list[tuple[Text, str]] = []
    for title, estimate in (
        (text("Carbon equivalent by the liquidus (CEL)"), answer.equivalent),
        (text("Carbon"), answer.carbon),
    ):
        if estimate is not None:
            rows.append((title, _estimate(estimate)))
    if answer.iron is not None:
        iron = answer.iron
        rows += [
            (text("Undercooling below the graphite eutectic"), shown_with_unit(iron.undercooling, "K")),
            (text("TElow above the white eutectic (ΔT1)"), shown_with_unit(iron.above_white_low, "K")),
            (text("TEhigh above the white eutectic (ΔT2)"), shown_with_unit(iron.above_white_high, "K")),
            (text("End of freezing above the white eutectic (ΔT3)"), shown(iron.above_white_end) + " K"),
        ]
    if answer.reference is not None:
        rows.append((text("Unmodified eutectic"), f"{answer.reference.value - _ZERO:.1f} °C"))
    if answer.alsi is not None:
        alsi = answer.alsi
        rows += [
            (text("Depression of the eutectic (modification)"), shown_with_unit(alsi.depression, "K")),
            (text("Undercooling of the liquidus (refinement)"), shown(alsi.liquidus_undercooling) + " K"),
        ]
    return rows


def _estimate(found: Estimate) -> str:
    return f"{100.0 * found.value:.3f} ± {100.0 * found.uncertainty:.2g} %"
