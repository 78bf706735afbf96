"""`forgecast forging ring-test`: the friction factor of dies from upset rings."""

from __future__ import annotations

from pathlib import Path

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_table
from forgecast.app.cli.melting.show import echo_json, say, say_list
from forgecast.app.cli.quantity import Quantity
from forgecast.ground.texts import text


@click.command(
    cls=BilingualCommand,
    name="ring-test",
    sentence=text("Fit the friction factor of dies and lubricant to rings upset between them, with its interval."),
    examples=(
        (
            "forgecast forging ring-test rings.csv --outer 36mm --bore 18mm --height 12mm --out rings",
            text("a row a ring, headers such as `height [mm]` and `bore [mm]`, both after upsetting"),
        ),
        (
            "forgecast forging ring-test rings.csv --outer 36mm --bore 18mm --height 12mm --column 'bore=d_i [mm]'",
            text("a file whose headers tell no unit"),
        ),
    ),
)
@argument("file", type=click.Path(path_type=Path), help=text("Table of rings: height and bore after upsetting."))
@option("--outer", type=Quantity("length"), required=True, help=text("Outer diameter of the rings before."))
@option("--bore", type=Quantity("length"), required=True, help=text("Bore of the rings before."))
@option("--height", type=Quantity("length"), required=True, help=text("Height of the rings before."))
@option("--column", "columns", multiple=True, metavar="KEY=HEADER [UNIT]", help=text(
    "Header and unit of a column the file does not tell; may be given again."))  # fmt: skip
@option("--out", type=click.Path(path_type=Path), help=text("Folder for the picture and summary.json."))
@json_option
@language_option
@click.pass_context
def ring_test(
    context: click.Context,
    *,
    file: Path,
    outer: float,
    bore: float,
    height: float,
    columns: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Fit the friction factor and show it."""
    from forgecast.app.forging.ring_picture import friction_said  # noqa: PLC0415
    from forgecast.app.forging.write import write_rings  # noqa: PLC0415
    from forgecast.app.results_folder import check_folder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.gateway.measured_table import read_measured, told_columns  # noqa: PLC0415
    from forgecast.gateway.ring_table import RING_COLUMNS  # noqa: PLC0415
    from forgecast.tasks.fit_rings import fit_rings, fitted_decrease  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_folder(out)
    table = read_measured(file, RING_COLUMNS, told_columns(columns, RING_COLUMNS))
    answer = fit_rings(table, outer, bore, height)
    files = () if out is None else write_rings(answer, out, language)
    if as_json:
        echo_json({**answer.as_json(), "files": [str(path) for path in files]})
        return
    say(text("Friction factor {friction}", friction=friction_said(answer)), language, style="bold")
    rows = [
        (f"{n + 1}", f"{100.0 * r:.2f}", f"{100.0 * d:.2f}", f"{100.0 * f:.2f}", f"{100.0 * (d - f):+.2f}")
        for n, (r, d, f) in enumerate(zip(answer.reduction, answer.decrease, fitted_decrease(answer), strict=True))
    ]
    heads = (text("Ring"), text("reduction of the height [%]"), text("decrease of the bore [%]"),
             text("fitted [%]"), text("left over [%]"))  # fmt: skip
    show_table(heads, rows, language)
    say_list(text("What to know"), answer.notes, language)
    if files:
        say(text("Results: {files}", files=" ".join(str(path) for path in files)), language)
