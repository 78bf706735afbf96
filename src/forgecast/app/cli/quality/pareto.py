"""`forgecast quality pareto`: which defects matter most, and what has grown."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import (
    Day,
    conditions,
    echo_json,
    row_options,
    say,
    say_notes,
    say_picture,
    show_rows,
    source_argument,
)
from forgecast.app.report.numbers import ABSENT, count
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.rank_defects import RankedDefect, RankedDefects

_MOST_ROWS = 20


@click.command(
    cls=BilingualCommand,
    name="pareto",
    sentence=text(
        "Rank defects by the pieces they take, with their class in the International Atlas of Casting Defects, and see "
        "what has grown."
    ),
    examples=(
        ("forgecast quality pareto demo/plant", text("the defects of a plant's pieces")),
        ("forgecast quality pareto demo/plant --compare 2025-07-01 --out defects.svg",
         text("the second half of the year beside the first, with a picture")),
        ("forgecast quality pareto my-plant --by class --since 2025-10-01", text("by class, from October on")),
        ("forgecast quality pareto scrap.xlsx --by 缺陷 --count 件数", text("columns of a file")),
    ),
)  # fmt: skip
@source_argument
@option("--by", default="defect", show_default=True, metavar="FIELD", help=text(
    "What to rank: defect, class, or any field of the bad pieces: product, heat, die …"))  # fmt: skip
@option("--record", type=click.Choice(("piece", "inspection", "nonconformity")), default="piece", show_default=True,
        help=text("Record of a plant in which bad pieces are counted."))  # fmt: skip
@option("--count", default="", metavar="COLUMN", help=text("Column of a file with the pieces of each row."))
@option("--compare", type=Day(), help=text("Day that parts before from after; both are shown, and what grew."))
@row_options
@option("--out", type=click.Path(path_type=Path, dir_okay=False), help=text("Picture to write, .svg or .png."))
@json_option
@language_option
@click.pass_context
def pareto(
    context: click.Context,
    *,
    source: Path,
    by: str,
    record: str,
    count: str,
    compare: date | None,
    since: date | None,
    until: date | None,
    where: tuple[str, ...],
    time: str,
    out: Path | None,
    as_json: bool,
) -> int:
    """Rank defects."""
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.rank_defects import rank_defects  # noqa: PLC0415
    from forgecast.tasks.watched import Wanted  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    wanted = Wanted((), (), conditions(where), since, until, time)
    ranked = rank_defects(source, by=by, record=record, count=count, compare=compare, wanted=wanted)
    if out is not None:
        _draw(ranked, out, language)
    if as_json:
        echo_json(ranked.as_json())
    else:
        _show(ranked, language)
        say_picture(out, language)
    return 0


def _show(ranked: RankedDefects, language: Language) -> None:
    told = text("{n} bad pieces with a name, {unnamed} without", n=count(ranked.total), unnamed=count(ranked.unnamed))
    click.secho(told.say(language), bold=True)
    compared = ranked.chance is not None
    heads = (
        text("defect") if _classed(ranked) else text("group"), text("class"), text("pieces"),
        text("share"), text("together"), *((text("before"),) if compared else ()),
    )  # fmt: skip
    rows = [_row(row, language, compared=compared) for row in ranked.rows[:_MOST_ROWS]]
    if not _classed(ranked):
        heads, rows = (heads[0], *heads[2:]), [(row[0], *row[2:]) for row in rows]
        show_rows(heads, rows, language, right=frozenset(range(1, len(heads))))
    else:
        show_rows(heads, rows, language, right=frozenset({2, 3, 4, 5}))
    if len(ranked.rows) > _MOST_ROWS:
        say(text("… and {n} more; --json lists all", n=len(ranked.rows) - _MOST_ROWS), language, style="dim")
    if ranked.chance is not None:
        click.echo()
        if ranked.grew:
            said = text(
                "Chance alone makes both times differ so with probability {p}. What grew most: {names}",
                p=f"{ranked.chance:.2g}",
                names=", ".join(ranked.grew[:3]),
            )
        else:
            said = text("Both times differ no more than chance explains (p = {p}).", p=f"{ranked.chance:.2g}")
        say(said, language)
    notes = list(ranked.notes)
    if any(row.known is not None and not row.known.sure for row in ranked.rows):
        notes.append(text("?: the class is recalled of the atlas, not read in it; it decides nothing"))
    if any(row.known is None for row in ranked.rows) and _classed(ranked):
        notes.append(text("—: no class of the atlas of casting defects is on record for this word"))
    say_notes(notes, language)


def _classed(ranked: RankedDefects) -> bool:
    """Whether defects are ranked, by a field of that name or by a column that holds some."""
    return ranked.by in ("defect", "class") or any(row.known is not None for row in ranked.rows)


def _row(row: RankedDefect, language: Language, *, compared: bool) -> tuple[str, ...]:
    name, known = row.name, row.known
    mark = ABSENT if known is None else f"{known.code} {known.title.say(language)}{'' if known.sure else ' ?'}"
    cells = (name, mark, count(row.count), f"{100.0 * row.share:.1f} %", f"{100.0 * row.cumulative:.1f} %")
    return (*cells, ABSENT if row.before is None else f"{100.0 * row.before:.1f} %") if compared else cells


def _draw(ranked: RankedDefects, out: Path, language: Language) -> None:
    from forgecast.app.quality.bars import Bar, draw_bars, left_out  # noqa: PLC0415
    from forgecast.app.quality.canvas import made_up  # noqa: PLC0415

    bars = []
    for row in ranked.rows:
        name = f"{row.name} ({row.known.code})" if row.known is not None and ranked.by != "class" else row.name
        if row.known is not None and ranked.by == "class":
            name = f"{row.name} {row.known.title.say(language)}"
        together = text("together {percent} %", percent=f"{100.0 * row.cumulative:.0f}").say(language)
        said = f"{count(row.count)} · {100.0 * row.share:.1f} % · {together}"
        before = None if row.before is None else 100.0 * row.before
        bars.append(Bar(name, 100.0 * row.share, said, before, loud=row.name in ranked.grew[:1]))
    under = f"{ranked.source} · " + text("bad pieces: {n}", n=count(ranked.total)).say(language)
    under += made_up(language, synthetic=ranked.synthetic) + left_out(bars, language)
    if ranked.chance is not None:
        under += " · " + text("pale: the time before").say(language)
    title = text("Defects in the order in which they matter").say(language)
    draw_bars(bars, out, title, under, text("share of the bad pieces with a name [%]").say(language))
