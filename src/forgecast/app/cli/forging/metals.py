"""`forgecast forging flow-stress show`: the metals whose flow stress is shipped, or one of them in numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_notes, show_sources, show_table
from forgecast.app.cli.melting.show import echo_json, say
from forgecast.app.cli.quantity import quantity
from forgecast.app.forging.metal_told import FORMS, RATES, ZERO, metal_json, outside, own_temperatures, values_json
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.citation import Source
from forgecast.ground.texts import Language, Text, text, verbatim

if TYPE_CHECKING:
    from forgecast.metal.flow_metals import FlowMetal


@click.command(
    cls=BilingualCommand,
    name="show",
    sentence=text("Show the metals whose flow stress is shipped, or one of them over temperature and rate."),
    examples=(
        ("forgecast forging flow-stress show", text("all, with validity and source")),
        ("forgecast forging flow-stress show c45 --strain 0.5", text("numbers of one")),
        (
            "forgecast forging flow-stress show c45 --at 1050degC --at 1150degC --rate '30 1/s' --picture c45.png",
            text("at temperatures and rates of your own, drawn"),
        ),
        ("forgecast forging flow-stress show steel/flow_stress.toml", text("coefficients you have fitted")),
    ),
)
@argument("metal", required=False, help=text("Its name, or a TOML file of coefficients; without it all are listed."))
@option("--strain", type=float, default=0.3, show_default=True, help=text("True strain of the numbers."))
@option("--at", "temperatures", multiple=True, metavar="1100degC", help=text("Temperature; may be given again."))
@option("--rate", "rates", multiple=True, metavar="10 1/s", help=text("Strain rate; may be given again."))
@option("--picture", type=click.Path(path_type=Path), help=text("Draw the curves into this .png or .svg."))
@json_option
@language_option
@click.pass_context
def show(
    context: click.Context,
    *,
    metal: str | None,
    strain: float,
    temperatures: tuple[str, ...],
    rates: tuple[str, ...],
    picture: Path | None,
    as_json: bool,
) -> None:
    """Show the list or one metal."""
    language = language_of(context)
    if metal is None:
        _show_all(language, as_json=as_json)
        return
    found = _read(metal)
    kelvin = [quantity(one, "temperature", "--at") for one in temperatures] or own_temperatures(found)
    speeds = [quantity(one, "strain_rate", "--rate") for one in rates] or list(RATES)
    kelvin.sort()
    speeds.sort()
    if picture is not None:
        from forgecast.app.forging.flow_stress_picture import draw_metal  # noqa: PLC0415  (loads when needed)

        draw_metal(found, kelvin, speeds, max(2.0 * strain, 0.8), picture, language)
    if as_json:
        echo_json({**metal_json(found), "values": values_json(found, strain, kelvin, speeds)})
        return
    _show_one(found, strain, kelvin, speeds, language)
    if picture is not None:
        say(text("Picture: {path}", path=str(picture)), language)


def _read(name: str) -> FlowMetal:
    from forgecast.gateway.case_file import CaseTable  # noqa: PLC0415
    from forgecast.gateway.flow_stress_file import read_flow_stress  # noqa: PLC0415

    return read_flow_stress(CaseTable({"flow_stress": name}, Path("METAL"), (), {}))


def _show_all(language: Language, *, as_json: bool) -> None:
    from forgecast.metal.flow_metals import flow_metals  # noqa: PLC0415

    metals = list(flow_metals().values())
    if as_json:
        echo_json({"metals": [metal_json(metal) for metal in metals]})
        return
    rows = []
    for metal in metals:
        valid = metal.validity
        rows.append(
            (
                metal.name,
                metal.title.say(language),
                FORMS[type(metal.law).__name__].say(language),
                _range(valid.temperature, "°C", ZERO),
                _range(valid.rate, "1/s"),
                _range(valid.strain, ""),
            )
        )
    heads = (text("Name"), text("Metal"), text("Form"), text("temperature"), text("rate"), text("strain"))
    show_table(heads, rows, language)
    show_notes([text("A dash: the source does not say in which range its coefficients were measured.")], language)
    show_sources(_sources(metals), language)


def _sources(metals: list[FlowMetal]) -> tuple[Source, ...]:
    """Return each source once, with the names of the metals it is one of."""
    names: dict[Text, list[str]] = {}
    for metal in metals:
        names.setdefault(metal.source.source, []).append(metal.name)
    first = {metal.source.source: metal.source for metal in reversed(metals)}
    return tuple(replace(first[said], what=verbatim(", ".join(which)), valid="") for said, which in names.items())


def _range(ends: tuple[float, float], unit: str, zero: float = 0.0) -> str:
    if not all(math.isfinite(end) for end in ends):
        return ABSENT
    return f"{ends[0] - zero:g} … {ends[1] - zero:g} {unit}".strip()


def _show_one(metal: FlowMetal, strain: float, kelvin: list[float], rates: list[float], language: Language) -> None:
    say(text("Flow stress of {metal} at strain {strain} [MPa]", metal=metal.title, strain=f"{strain:g}"), language,
        style="bold")  # fmt: skip
    rows = []
    for t in kelvin:
        cells = []
        for rate in rates:
            value = f"{float(metal.law.stress(strain, rate, t)) / 1e6:.1f}"
            cells.append(value + ("*" if outside(metal, strain, rate, t) else ""))
        rows.append((f"{t - ZERO:.0f}", *cells))
    heads = [text("temperature [°C]"), *(text("at rate {rate} [1/s]", rate=f"{rate:g}") for rate in rates)]
    show_table(tuple(heads), rows, language)
    notes = []
    if not metal.validity.known:
        notes.append(text("the source does not say in which range its coefficients were measured: not known"))
    elif any("*" in cell for row in rows for cell in row):
        notes.append(text("* outside the range the coefficients were measured in"))
    show_notes(notes, language)
    show_sources((metal.source,), language)
