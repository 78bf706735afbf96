"""`forgecast standing score`: the development index of a plant as an interval, and what would raise it most."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.assess import at_option, plant_argument
from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.melting.show import echo_json, say
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.quality.asked import show_rows
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.rules.index.score import Interval
    from forgecast.tasks.score_plant import PlantScore

#: So many levers are shown; all are in the JSON answer.
_MOST = 8


@click.command(
    cls=BilingualCommand,
    name="score",
    sentence=text(
        "Score a plant in seven directions from its verdicts, figures and evidence: lowest and highest possible score, "
        "the score over what is known, and what would raise it most."
    ),
    examples=(
        ("forgecast standing score my-plant", text("the table of directions")),
        ("forgecast standing score my-plant --indicators", text("each indicator with its band and what it earned")),
        ("forgecast standing score my-plant --out radar.svg --lang zh", text("the radar, in Chinese")),
    ),
)
@plant_argument
@at_option
@option("--indicators", is_flag=True, help=text("Also show each indicator."))
@option("--out", type=click.Path(path_type=Path, dir_okay=False), help=text("Draw the radar, .png or .svg."))
@json_option
@language_option
@click.pass_context
def score(
    context: click.Context, plant: Path, *, at: datetime | None, indicators: bool, out: Path | None, as_json: bool
) -> int:
    """Score a plant and show it."""
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415  (loads only when needed)
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.score_plant import score_plant  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    with PlantFolder.open(plant) as folder, progress_bar(text("scoring").say(language)) as progress:
        answer = score_plant(folder, at=at.date() if at else None, progress=progress)
    if out is not None:
        from forgecast.app.standing.radar import draw_radar  # noqa: PLC0415

        draw_radar(answer, out, language)
    if as_json:
        echo_json(answer.as_json())
        return 0
    _show(answer, language, indicators=indicators)
    if out is not None:
        say(text("Picture: {path}", path=str(out)), language)
    return 0


def _show(answer: PlantScore, language: Language, *, indicators: bool) -> None:
    from forgecast.tasks.score_plant import scheme_note  # noqa: PLC0415

    say(text("Development index: {name}, as of {at}", name=answer.plant, at=answer.at.isoformat()), language, "bold")
    if answer.synthetic:
        say(text("made-up data"), language)
    rows = [
        (one.direction.title.say(language), f"{100 * one.direction.weight:.1f}", *_cells(one.interval))
        for one in answer.score.directions
    ]
    rows.append((text("index").say(language), "100", *_cells(answer.score.total)))
    heads = (text("Direction"), text("weight [%]"), text("least possible"), text("most possible"),
             text("over what is known"), text("known [%]"))  # fmt: skip
    show_rows(heads, rows, language, right=frozenset(range(1, 6)))
    say(
        text(
            "Under other weights of the directions (all equally likely): {low} to {high}",
            low=f"{answer.band.low:.0f}",
            high=f"{answer.band.high:.0f}",
        ),
        language,
    )
    if indicators:
        click.echo()
        _show_indicators(answer, language)
    click.echo()
    say(text("What would raise it most [points]"), language, "bold")
    levers = [one for one in answer.score.levers if one.by_doing + one.by_showing > 0][:_MOST]
    show_rows(
        (text("Indicator"), text("by doing better"), text("by showing it"), text("why")),
        [
            (
                one.indicator.title.say(language),
                _points(one.by_doing),
                _points(one.by_showing),
                "" if (why := answer.readings[one.indicator.id].why) is None else why.say(language),
            )
            for one in levers
        ],
        language,
        right=frozenset({1, 2}),
    )
    click.echo()
    say(scheme_note(), language)


def _show_indicators(answer: PlantScore, language: Language) -> None:
    rows = []
    for one in answer.scheme.indicators:
        reading = answer.readings.get(one.id)
        band = "" if one.worst is None else f"{one.worst:g} … {one.best:g} {one.unit}".strip()
        shown = text("does not apply").say(language) if reading is None else reading.shown or ABSENT
        earned = ABSENT if reading is None or reading.known == 0 else f"{100 * reading.earned / reading.known:.0f}"
        rows.append((one.title.say(language), shown, band, earned))
    heads = (text("Indicator"), text("value"), text("band (worst … best)"), text("earned [%]"))
    show_rows(heads, rows, language, right=frozenset({1, 3}))


def _cells(interval: Interval | None) -> tuple[str, str, str, str]:
    if interval is None:
        return ABSENT, ABSENT, ABSENT, ABSENT
    value = ABSENT if interval.value is None else f"{interval.value:.0f}"
    return f"{interval.low:.0f}", f"{interval.high:.0f}", value, f"{100 * interval.coverage:.0f}"


def _points(value: float) -> str:
    return f"{value:.1f}" if value >= 0.05 else ABSENT
