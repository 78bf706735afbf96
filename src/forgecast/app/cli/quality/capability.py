"""`forgecast quality capability`: how a process keeps its limits, or why that may not be said."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import (
    conditions,
    echo_json,
    field_argument,
    row_options,
    say,
    say_notes,
    say_picture,
    show_rows,
    source_argument,
)
from forgecast.app.quality.digits import digits_for, fixed
from forgecast.app.report.numbers import ABSENT, count, pretty_unit, shown, shown_limit
from forgecast.ground.texts import Language, Text, text, verbatim

if TYPE_CHECKING:
    from forgecast.quality.capability import Index
    from forgecast.tasks.judge_capability import JudgedCapability, JudgedGroup

_SHAPES = ("normal", "lognormal", "weibull", "gamma", "empirical")
_SHAPE_TEXTS: dict[str, Text] = {
    "normal": text("normal"),
    "lognormal": text("lognormal"),
    "weibull": text("Weibull"),
    "gamma": text("gamma"),
    "empirical": text("percentiles of the values"),
}


@click.command(
    cls=BilingualCommand,
    name="capability",
    sentence=text(
        "Judge how a process keeps its limits: Cp, Cpk, Pp, Ppk and Cpm with their intervals. Refused, with reasons, "
        "where the process is not stable or the gauge sees mostly itself."
    ),
    examples=(
        ("forgecast quality capability shafts.csv 'diameter [mm]' --lower 41.6 --upper 42.4 --target 42",
         text("a column of a file")),
        ("forgecast quality capability my-plant 'measurement.42 dia @140' --by product",
         text("a characteristic; its limits stand in the records")),
        ("forgecast quality capability my-plant sample.C_percent --lower 3.2 --upper 3.5 --gauge study.csv",
         text("with a gauge study, so that the gauge's own scatter is known")),
    ),
)  # fmt: skip
@source_argument
@field_argument
@option("--lower", type=float, help=text("Lower limit, in the unit of the values."))
@option("--upper", type=float, help=text("Upper limit."))
@option("--target", type=float, help=text("Target; Cpm is told about it."))
@option("--by", default="", metavar="FIELD", help=text("A judgement of its own for each word of this field."))
@option("--subgroup", default="", metavar="N|FIELD", help=text(
    "Subgroups for the scatter within: a number of rows, or a field; without it moving ranges."))  # fmt: skip
@option("--gauge", type=click.Path(path_type=Path, dir_okay=False), help=text(
    "Gauge study of the gauge, as `forgecast quality gauge` takes it."))  # fmt: skip
@option("--shape", type=click.Choice(_SHAPES), help=text(
    "Shape of the values, known from the physics; without it normal, else their own percentiles."))  # fmt: skip
@row_options
@option("--out", type=click.Path(path_type=Path, dir_okay=False), help=text("Picture to write, .svg or .png."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 where it is refused."))
@json_option
@language_option
@click.pass_context
def capability(
    context: click.Context,
    *,
    source: Path,
    field: str,
    lower: float | None,
    upper: float | None,
    target: float | None,
    by: str,
    subgroup: str,
    gauge: Path | None,
    shape: Literal["normal", "lognormal", "weibull", "gamma", "empirical"] | None,
    since: date | None,
    until: date | None,
    where: tuple[str, ...],
    time: str,
    out: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Judge the capability of a quantity."""
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.app.quality.capability_picture import draw_capability  # noqa: PLC0415
    from forgecast.quality.capability import Limits  # noqa: PLC0415
    from forgecast.tasks.judge_capability import judge_capability  # noqa: PLC0415
    from forgecast.tasks.quality_points import needed_labels  # noqa: PLC0415
    from forgecast.tasks.read_watched import read_watched  # noqa: PLC0415
    from forgecast.tasks.study_gauge import study_gauge  # noqa: PLC0415
    from forgecast.tasks.watched import Wanted  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    given = None if lower is None and upper is None and target is None else Limits(lower, upper, target)
    study = None if gauge is None else study_gauge(gauge).anova
    labels = (by, *needed_labels(subgroup, result=False))
    watched = read_watched(source, Wanted((field,), labels, conditions(where), since, until, time))
    judged = judge_capability(watched, given, by=by, subgroup=subgroup, gauge=study, shape=shape)
    if out is not None:
        draw_capability(judged, out, language)
    if as_json:
        echo_json(judged.as_json())
    else:
        _show(judged, language)
        say_picture(out, language)
    return 1 if strict and judged.refused else 0


def _show(judged: JudgedCapability, language: Language) -> None:
    unit = pretty_unit(judged.unit)
    click.secho(f"{judged.title.say(language)}{f' [{unit}]' if unit else ''}", bold=True)
    limits = judged.limits
    told = text(
        "lower limit {lower}, upper limit {upper}, target {target}",
        lower=ABSENT if limits.lower is None else shown_limit(limits.lower),
        upper=ABSENT if limits.upper is None else shown_limit(limits.upper),
        target=ABSENT if limits.target is None else shown_limit(limits.target),
    )
    say(told, language)
    if judged.by:
        _many(judged, language)
    else:
        _alone(judged.groups[0], language)
    for group in judged.groups:
        name = f"{group.group}: " if group.group else ""
        if group.found.refused:
            click.echo()
            click.secho(f"{name}{text('No index may be told:').say(language)}", bold=True)
            say_notes(group.found.refused, language)
        elif group.shape == "empirical" and group.skewness is not None and group.kurtosis is not None:
            note = text(
                "the values are not normal (skewness {skewness}, excess kurtosis {kurtosis}): Pp and Ppk from their "
                "percentiles",
                skewness=shown(group.skewness),
                kurtosis=shown(group.kurtosis),
            )
            say_notes([note], language)
    caveats = dict.fromkeys(caveat for group in judged.groups for caveat in group.found.caveats)
    say_notes((*caveats, *judged.notes), language)


def _many(judged: JudgedCapability, language: Language) -> None:
    """Print a line for each group; the intervals are in --json and in the picture."""
    heads = (
        text("group"), text("values"), text("outside"), text("mean"), text("deviation"), text("shape"),
        verbatim("Cp"), verbatim("Cpk"), verbatim("Pp"), verbatim("Ppk"),
        verbatim("Cpm"),
    )  # fmt: skip
    rows = []
    for group in judged.groups:
        found, digits = group.found, digits_for(group.found.overall or 0.0)
        indices = (ABSENT if index is None else f"{index.value:.2f}" for index in _indices(group).values())
        rows.append((
            group.group, count(found.points), count(group.outside), fixed(found.mean, digits),
            fixed(found.overall, digits + 1), _SHAPE_TEXTS[group.shape].say(language), *indices,
        ))  # fmt: skip
    show_rows(heads, rows, language, right=frozenset({1, 2, 3, 4, 6, 7, 8, 9, 10}))


def _alone(group: JudgedGroup, language: Language) -> None:
    found, digits = group.found, digits_for(group.found.overall or 0.0)
    rows = [
        (text("values").say(language), count(found.points)),
        (text("outside").say(language), count(group.outside)),
        (text("mean").say(language), fixed(found.mean, digits)),
        (text("deviation of all values").say(language), fixed(found.overall, digits + 1)),
        (text("deviation within").say(language), fixed(found.within, digits + 1)),
        (text("shape").say(language), _SHAPE_TEXTS[group.shape].say(language)),
    ]
    for name, index in _indices(group).items():
        if index is not None:
            interval = text("95 % interval {low} to {high}", low=f"{index.low:.2f}", high=f"{index.high:.2f}")
            rows.append((name, f"{index.value:.2f}   {interval.say(language)}"))
    show_rows((text("figure"), text("value")), rows, language)


def _indices(group: JudgedGroup) -> dict[str, Index | None]:
    found = group.found
    return {"Cp": found.cp, "Cpk": found.cpk, "Pp": found.pp, "Ppk": found.ppk, "Cpm": found.cpm}
