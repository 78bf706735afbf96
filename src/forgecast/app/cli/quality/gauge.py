"""`forgecast quality gauge`: a crossed gauge study by analysis of variance and by ranges."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import echo_json, say_notes, say_picture, show_rows
from forgecast.app.report.numbers import ABSENT, pretty_unit, shown
from forgecast.ground.texts import Language, Text, text, verbatim

if TYPE_CHECKING:
    from forgecast.quality.gauge_study import GaugeStudy
    from forgecast.tasks.study_gauge import StudiedGauge

_COMPONENTS: dict[str, Text] = {
    "operators": text("operators"),
    "interaction": text("operators and parts"),
    "parts": text("parts"),
}


@click.command(
    cls=BilingualCommand,
    name="gauge",
    sentence=text(
        "Study a gauge: several operators measure the same parts several times. Tells how much of what is seen is the "
        "gauge, its operators, and the parts themselves."
    ),
    examples=(
        ("forgecast quality gauge study.csv", text("columns part, operator, value, one reading a row")),
        ("forgecast quality gauge study.csv --tolerance 0.8 --out study.svg",
         text("against a tolerance, with a picture")),
        ("forgecast quality gauge 测量系统.xlsx --part 零件 --operator 评价人 --value 读数",
         text("headers of your own")),
    ),
)  # fmt: skip
@argument("file", type=click.Path(path_type=Path), help=text("CSV or XLSX, one reading a row."))
@option("--part", default="", metavar="COLUMN", help=text("Column of the parts; without it the usual words."))
@option("--operator", default="", metavar="COLUMN", help=text("Column of the operators."))
@option("--value", default="", metavar="COLUMN", help=text("Column of the readings."))
@option("--tolerance", type=click.FloatRange(0.0, min_open=True), help=text(
    "Width of the tolerance, upper limit less lower, in the unit of the readings."))  # fmt: skip
@option("--out", type=click.Path(path_type=Path, dir_okay=False), help=text("Picture to write, .svg or .png."))
@json_option
@language_option
@click.pass_context
def gauge(
    context: click.Context,
    *,
    file: Path,
    part: str,
    operator: str,
    value: str,
    tolerance: float | None,
    out: Path | None,
    as_json: bool,
) -> int:
    """Study a gauge."""
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.study_gauge import StudyColumns, study_gauge  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    studied = study_gauge(file, StudyColumns(part, operator, value), tolerance=tolerance)
    if out is not None:
        _draw(studied, out, language)
    if as_json:
        echo_json(studied.as_json())
    else:
        _show(studied, language)
        say_picture(out, language)
    return 0


def _show(studied: StudiedGauge, language: Language) -> None:
    unit = pretty_unit(studied.unit)
    click.secho(
        text(
            "{title}: {parts} parts, {operators} operators, {trials} trials",
            title=f"{studied.title.say(language)}{f' [{unit}]' if unit else ''}",
            parts=studied.parts,
            operators=studied.operators,
            trials=studied.trials,
        ).say(language),
        bold=True,
    )
    for study, name in (
        (studied.anova, text("Analysis of variance")),
        (studied.by_range, text("Averages and ranges, for comparison with studies done by hand")),
    ):
        click.echo()
        click.echo(name.say(language))
        _table(studied, study, language)
        _about(study, language)


def _table(studied: StudiedGauge, study: GaugeStudy, language: Language) -> None:
    heads = (
        text("source of scatter"), verbatim("σ"), verbatim("6 σ"), text("% variance"), text("% study"),
        text("% tolerance"),
    )  # fmt: skip
    rows = [
        (name.say(language), shown(deviation), shown(6.0 * deviation), _percent(of_variance), _percent(of_deviation),
         _percent(of_tolerance))
        for name, _, deviation, of_variance, of_deviation, of_tolerance in studied.rows(study)
    ]  # fmt: skip
    show_rows(heads, rows, language, right=frozenset(range(1, 6)))


def _about(study: GaugeStudy, language: Language) -> None:
    if study.why_missing is not None:
        say_notes([study.why_missing], language)
        return
    notes = [text("kinds of parts it can tell apart (ndc): {n}", n=study.categories)]
    if study.share is not None:
        notes.append(
            text(
                "GRR {percent} % of the study variation; `forgecast quality capability` refuses above 30 %",
                percent=round(100.0 * study.share, 2),
            )
        )
    if study.interaction_p is not None:
        taken = text("taken into the repeatability") if study.pooled else text("kept as a component of its own")
        notes.append(
            text("operators and parts together: p = {p}; {taken}", p=f"{study.interaction_p:.3g}", taken=taken)
        )
    if study.negative:
        names = ", ".join(_COMPONENTS[name].say(language) for name in study.negative)
        notes.append(text("came out below zero and count as zero: {names}", names=names))
    say_notes(notes, language)


def _percent(share: float | None) -> str:
    return ABSENT if share is None else f"{100.0 * share:.2f}"


def _draw(studied: StudiedGauge, out: Path, language: Language) -> None:
    from forgecast.app.quality.bars import Bar, draw_bars  # noqa: PLC0415

    unit = pretty_unit(studied.unit)
    bars = []
    for place, (name, _, deviation, _, of_deviation, _) in enumerate(studied.rows(studied.anova)):
        said = shown(deviation) + (f" {unit}" if unit else "")
        if of_deviation is not None:
            said += f"  ({100.0 * of_deviation:.1f} %)"
        bars.append(Bar(name.say(language).strip(), deviation, said, loud=place == 0))
    title = text("Gauge study: {title}", title=studied.title).say(language)
    axis = text("standard deviation").say(language) + (f" [{unit}]" if unit else "")
    draw_bars(bars, out, title, text("{source}, by analysis of variance; % of the study variation",
                                     source=studied.source).say(language), axis)  # fmt: skip
