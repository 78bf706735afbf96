"""`forgecast quality chart`: a control chart of any quantity of a plant or a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

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
from forgecast.app.quality.digits import digits_of, fixed
from forgecast.app.report.numbers import ABSENT, count, pretty_unit
from forgecast.ground.texts import Language, Text, text
from forgecast.quality.scrap import FloatArray, IntArray

if TYPE_CHECKING:
    from forgecast.tasks.chart_quality import ChartName, GroupChart, QualityChart

_KINDS = ("i-mr", "xbar-r", "xbar-s", "p", "np", "c", "u", "laney-p", "laney-u", "ewma", "cusum", "t2")
_MOST_SIGNALS = 12


@click.command(
    cls=BilingualCommand,
    name="chart",
    sentence=text(
        "Draw a control chart: centre line and limits from the values themselves, and every point that chance alone "
        "seldom makes, with the rule it breaks."
    ),
    examples=(
        ("forgecast quality chart demo/plant heat.tap_temperature_degC", text("single values of a plant's heats")),
        ("forgecast quality chart my-plant shot.cast_pressure_bar --by die --out pressure.svg",
         text("one chart for each die, with a picture")),
        ("forgecast quality chart my-plant piece.result --kind laney-p --subgroup day",
         text("the share of rejects by the day")),
        ("forgecast quality chart shafts.csv 'diameter [mm]' --kind xbar-s --subgroup 5 --stage die",
         text("means of five; new limits with every die")),
        ("forgecast quality chart shafts.csv length,width --kind t2", text("two dimensions together")),
    ),
)  # fmt: skip
@source_argument
@field_argument
@option("--kind", type=click.Choice(_KINDS), help=text(
    "Kind of chart; without it single values, means where there are subgroups, p′ of Laney for results."))  # fmt: skip
@option("--by", default="", metavar="FIELD", help=text("A chart of its own for each word of this field: die, heat …"))
@option("--subgroup", default="", metavar="N|FIELD", help=text(
    "Subgroups: a number of rows, or a field whose equal words belong together (mould, day, week)."))  # fmt: skip
@option("--of", default="", metavar="COLUMN", help=text("Pieces inspected, where a column holds counts of bad ones."))
@option("--stage", default="", metavar="FIELD", help=text("New limits wherever this field changes."))
@option("--rules", default="nelson", show_default=True, help=text(
    "nelson, western-electric, limits (the limits alone), none, or names such as nelson-1,nelson-2."))  # fmt: skip
@option("--baseline", type=click.IntRange(2), help=text(
    "Learn centre and deviation from so many first points of each group; without it from all."))  # fmt: skip
@row_options
@option("--out", type=click.Path(path_type=Path, dir_okay=False), help=text("Picture to write, .svg or .png."))
@option("--strict", is_flag=True, help=text("Leave with exit code 1 if a point signals."))
@json_option
@language_option
@click.pass_context
def chart(
    context: click.Context,
    *,
    source: Path,
    field: str,
    kind: ChartName | None,
    by: str,
    subgroup: str,
    of: str,
    stage: str,
    rules: str,
    baseline: int | None,
    since: date | None,
    until: date | None,
    where: tuple[str, ...],
    time: str,
    out: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Chart a quantity."""
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.app.quality.control_chart import draw_control_chart  # noqa: PLC0415
    from forgecast.tasks.chart_quality import ChartPlan, chart_quality  # noqa: PLC0415
    from forgecast.tasks.quality_points import needed_labels  # noqa: PLC0415
    from forgecast.tasks.read_watched import read_watched  # noqa: PLC0415
    from forgecast.tasks.watched import Wanted  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    plan = ChartPlan(kind=kind, subgroup=subgroup, rules=rules, stage=stage, baseline=baseline)
    fields = tuple(part.strip() for part in field.split(",")) if kind == "t2" else (field,)
    labels = (by, stage, *needed_labels(subgroup, result=field.endswith(".result")))
    wanted = Wanted((*fields, *filter(None, [of])), labels, conditions(where), since, until, time)
    made = chart_quality(read_watched(source, wanted), plan, by=by, of=of)
    if out is not None:
        draw_control_chart(made, out, language)
    if as_json:
        echo_json(made.as_json())
    else:
        show_chart(made, language)
        say_picture(out, language)
    return 1 if strict and not made.stable else 0


def show_chart(made: QualityChart, language: Language) -> None:
    """Print limits, signals by rule, and the first points that signal."""
    from forgecast.app.quality.control_chart import KINDS  # noqa: PLC0415

    unit = pretty_unit(made.unit)
    title = f"{made.title.say(language)}{f' [{unit}]' if unit else ''}: {KINDS[made.kind].say(language)}"
    click.secho(title, bold=True)
    heads = (
        *((text("group"),) if made.by else ()), text("points"), text("lower limit"), text("centre"),
        text("upper limit"), text("points that signal"),
    )  # fmt: skip
    shift = 1 if made.by else 0
    rows = [_row(group, made) for group in made.groups]
    show_rows(heads, rows, language, right=frozenset(range(shift, shift + 5)))
    for group in made.groups:
        for reason in group.why_missing:
            name = f"{group.group}: " if group.group else ""
            click.echo(f"{name}{reason.say(language)}")
    _rules(made, language)
    _signals(made, language)
    say_notes(made.notes, language)


def _row(group: GroupChart, made: QualityChart) -> tuple[str, ...]:
    panel = group.panels[0]
    digits = digits_of((panel.values, panel.lower, panel.upper))
    lines = [_last(line, digits) for line in (panel.lower, panel.centre, panel.upper)]
    flagged = {signal.at for signal in group.signals()}
    numbers = (count(len(group.points)), *lines, count(len(flagged)))
    return (group.group, *numbers) if made.by else numbers


def _last(line: FloatArray, digits: int) -> str:
    """Return a limit, that of the last point where it differs between them."""
    known = line[~np.isnan(line)]
    if not known.size:
        return ABSENT
    return fixed(float(known[-1]), digits) + ("" if (known == known[0]).all() else " …")


def _rules(made: QualityChart, language: Language) -> None:
    counted: dict[tuple[str, str], tuple[Text, Text, int]] = {}
    from forgecast.tasks.chart_quality import PANELS  # noqa: PLC0415

    for group in made.groups:
        for panel in group.panels:
            for mark in panel.marks:
                if mark.at.size:
                    key = (panel.kind, mark.sign)
                    before = counted.get(key, (PANELS[panel.kind], mark.title, 0))[2]
                    counted[key] = (PANELS[panel.kind], mark.title, before + int(mark.at.size))
    if not counted:
        click.echo()
        if any(group.why_missing for group in made.groups):
            say(text("Without limits no point can be said to signal."), language)
            return
        say(text("No point signals: what is seen is what a stable process shows."), language)
        return
    click.echo()
    rows = [
        (sign, name.say(language), title.say(language), count(n)) for (_, sign), (name, title, n) in counted.items()
    ]
    show_rows(
        (text("rule"), text("chart"), text("what it finds"), text("points")), rows, language, right=frozenset({3})
    )


def _signals(made: QualityChart, language: Language) -> None:
    """Print the stretches of points that signal, the longest list cut."""
    from forgecast.tasks.chart_quality import PANELS  # noqa: PLC0415

    found = [(group, panel, run) for group in made.groups for panel in group.panels for run in runs_of(panel.flagged)]
    if not found:
        return
    click.echo()
    heads = (text("points"), text("name"), text("time"), text("chart"), text("farthest"), text("rules"))
    rows = []
    for group, panel, (first, last) in found[:_MOST_SIGNALS]:
        span = f"{first + 1}" if first == last else f"{first + 1}–{last + 1}"
        values = panel.values[first : last + 1]
        middle = np.where(np.isnan(panel.centre), 0.0, panel.centre)[first : last + 1]
        farthest = float(values[int(np.nanargmax(np.abs(values - middle)))])
        signs = [m.sign for m in panel.marks if ((m.at >= first) & (m.at <= last)).any()]
        detail = dict(group.details).get(first)
        rows.append((
            f"{group.group} · {span}" if group.group else span, str(group.points.names[first]),
            group.points.moment(first), PANELS[panel.kind].say(language),
            fixed(farthest, digits_of((panel.values, panel.lower, panel.upper))),
            ",".join(signs) + (f" ({detail.say(language)})" if detail else ""),
        ))  # fmt: skip
    show_rows(heads, rows, language, right=frozenset({4}))
    if len(found) > _MOST_SIGNALS:
        say(text("… and {n} more; --json lists all", n=count(len(found) - _MOST_SIGNALS)), language, style="dim")


def runs_of(flagged: IntArray) -> list[tuple[int, int]]:
    """Return the stretches of neighbouring positions, first and last of each."""
    if not flagged.size:
        return []
    cuts = np.flatnonzero(np.diff(flagged) > 1)
    starts = flagged[np.concatenate([[0], cuts + 1])]
    ends = flagged[np.concatenate([cuts, [flagged.size - 1]])]
    return [(int(a), int(b)) for a, b in zip(starts, ends, strict=True)]
