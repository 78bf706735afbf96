"""`forgecast condition bearing`: the state of a rolling bearing from its vibration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.condition.asked import picture_option, signal_argument, time_option, where_option
from forgecast.app.cli.quality.asked import conditions, echo_json, say_notes, say_picture, show_rows, source_argument
from forgecast.app.cli.quantity import Quantity
from forgecast.app.report.numbers import ABSENT, shown
from forgecast.ground.texts import Language, text, verbatim

if TYPE_CHECKING:
    from forgecast.signals.condition.envelope_spectrum import Line
    from forgecast.tasks.diagnose_bearing import BearingAnswer


@click.command(
    cls=BilingualCommand,
    name="bearing",
    sentence=text(
        "Judge a rolling bearing from a record of its vibration: envelope spectrum, fault frequencies, and whether the "
        "shaft's own lines agree with the sampling rate."
    ),
    examples=(
        ("forgecast condition bearing run.csv 'acc [m/s2]' --rate 12kHz --rpm 1797 --bearing 6205",
         text("a bearing of the table")),
        ("forgecast condition bearing run.parquet acc --rate 25.6kHz --rpm 980 --balls 8 --ball 17.5mm --pitch 72mm",
         text("a bearing by its geometry")),
    ),
)  # fmt: skip
@source_argument
@signal_argument
@option("--rpm", type=click.FloatRange(min=0.0, min_open=True), required=True, help=text("Speed of the shaft [1/min]."))
@option("--rate", type=Quantity("frequency"), help=text("Sampling rate; without it read off --time."))
@option("--bearing", "name", default="", help=text("Designation (6205)."))
@option("--balls", type=click.IntRange(3), help=text("Rolling elements."))
@option("--ball", type=Quantity("length"), help=text("Diameter of a rolling element."))
@option("--pitch", type=Quantity("length"), help=text("Diameter of the circle of their centres."))
@option("--angle", type=click.FloatRange(0.0, 89.0), default=0.0, show_default=True, help=text("Contact angle [°]."))
@time_option
@where_option
@picture_option
@option("--strict", is_flag=True, help=text("Leave with exit code 1 unless no fault is seen."))
@json_option
@language_option
@click.pass_context
def bearing(
    context: click.Context, *, source: Path, signal: str, rpm: float, rate: float | None, name: str, balls: int | None,
    ball: float | None, pitch: float | None, angle: float, time: str, where: tuple[str, ...], out: Path | None,
    strict: bool, as_json: bool,
) -> int:  # fmt: skip
    """Judge a bearing and show the evidence."""
    import math  # noqa: PLC0415

    from forgecast.app.condition.part_pictures import draw_bearing  # noqa: PLC0415  (heavy libraries load late)
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415
    from forgecast.signals.condition.bearing import BearingState  # noqa: PLC0415
    from forgecast.tasks.diagnose_bearing import Geometry, diagnose_bearing  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    geometry = Geometry(name, balls, ball, pitch, math.radians(angle))
    answer = diagnose_bearing(source, signal, geometry, rpm=rpm, rate=rate, time=time, where=conditions(where))
    if out is not None:
        draw_bearing(answer, out, language)
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language)
        say_picture(out, language)
    return 1 if strict and answer.verdict.state is not BearingState.NO_FAULT_SEEN else 0


def _show(answer: BearingAnswer, language: Language) -> None:
    from forgecast.app.condition.part_pictures import PART_TEXTS  # noqa: PLC0415
    from forgecast.signals.condition.bearing import STATE_TEXTS  # noqa: PLC0415

    found = answer.verdict
    click.secho(STATE_TEXTS[found.state].say(language), bold=True)
    say_notes(found.reasons, language)
    click.echo()
    rows = [
        (
            PART_TEXTS[one.part].say(language),
            f"{one.frequency:.2f}",
            f"{100.0 * one.breadth:.0f}",
            f"{one.decades:.1f}",
            _lines(one.lines),
        )
        for one in found.parts
    ]
    lines = text("lines [Hz] (over the floor [dB])")
    heads = (text("part"), verbatim("[Hz]"), text("bands [%]"), text("decades"), lines)
    show_rows(heads, rows, language, right=frozenset({1, 2, 3}))
    aside = [
        text("sidebands of the {part}: {lines}", part=PART_TEXTS[one.part], lines=_lines(one.sidebands))
        for one in found.parts
        if one.sidebands and str(found.state) == one.part
    ]
    told = text("bands: share in which its lines stand out; decades: mean improbability under noise, as a power of ten")
    rate = found.rate
    said = text(
        "sampling rate {declared} Hz, implied by the shaft lines: {implied} Hz",
        declared=f"{rate.declared:.0f}",
        implied=f"{rate.implied:.0f}" if rate.confirmed or rate.contradicts else ABSENT,
    )
    level = text("root mean square {rms} {unit}, kurtosis {kurtosis} (3 is noise)", rms=shown(found.root_mean_square),
                 unit=answer.unit, kurtosis=shown(found.kurtosis))  # fmt: skip
    say_notes([told, *aside, said, level, *answer.notes], language)


def _lines(lines: tuple[Line, ...]) -> str:
    return ", ".join(f"{line.found:.1f} ({line.decibel:.0f})" for line in lines) or ABSENT
