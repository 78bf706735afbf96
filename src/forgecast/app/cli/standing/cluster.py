"""`forgecast standing cluster`: many plants added up: verdicts, index by class, goals with who causes the shortfall."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.melting.show import echo_json, say, say_list
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.quality.asked import show_rows
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text, verbatim

if TYPE_CHECKING:
    from forgecast.tasks.assess_cluster import ClusterRoll


@click.command(
    cls=BilingualCommand,
    name="cluster",
    sentence=text(
        "Add up many plants (plant folders, or files of `forgecast assess --json`): how often each verdict comes, the "
        "index by class of product, and the policy goals with the classes that cause the shortfall."
    ),
    examples=(
        ("forgecast standing cluster plants/", text("every plant and every assessment in a folder")),
        ("forgecast standing cluster a.json b.json c/", text("those named")),
        ("forgecast standing cluster --generated 568", text("a synthetic cluster the size of Botou's")),
    ),
)
@argument("plants", type=click.Path(path_type=Path), nargs=-1, help=text(
    "Plant folders, assessments (.json), or folders that hold them."))  # fmt: skip
@option("--generated", type=click.IntRange(1, 100_000), metavar="N", help=text(
    "Assess N generated plants instead; they are synthetic."))  # fmt: skip
@option("--seed", type=int, default=7, show_default=True, help=text("Of the generated plants."))
@option("--workers", type=click.IntRange(1, 64), help=text("Processes; without it one for each core."))
@json_option
@language_option
@click.pass_context
def cluster(
    context: click.Context,
    plants: tuple[Path, ...],
    *,
    generated: int | None,
    seed: int,
    workers: int | None,
    as_json: bool,
) -> int:
    """Add up a cluster and show it."""
    from forgecast.tasks.assess_cluster import (  # noqa: PLC0415  (heavy libraries load only when needed)
        cores,
        generated_rows,
        note_of_generated,
        read_rows,
        rolled_up,
    )

    language = language_of(context)
    if bool(plants) == (generated is not None):
        raise ForgecastError(
            text("name either plants or --generated"),
            where="forgecast standing cluster",
            repair=text("for a trial: forgecast standing cluster --generated 568"),
        )
    with progress_bar(text("assessing").say(language)) as progress:
        if generated is not None:
            rows = generated_rows(count=generated, seed=seed, workers=workers or cores())
            roll = rolled_up(rows, count=generated, progress=progress)
        else:
            roll = rolled_up(read_rows(plants, progress=progress))
    if as_json:
        echo_json({**roll.as_json(), "synthetic": generated is not None})
        return 0
    if generated is not None:
        say(note_of_generated(), language)
    _show(roll, language)
    return 0


def _show(roll: ClusterRoll, language: Language) -> None:
    told = roll.as_json()
    say(text("{plants} plants, {count} verdicts", plants=roll.plants, count=roll.evaluations), language, "bold")
    words = ("met", "partly", "not met", "not known", "not applicable")
    heads = (text("Book"), text("met"), text("partly"), text("not met"), text("not known"), text("not applicable"))
    books = sorted({book for book, _ in roll.words})
    rows = [(book, *(str(roll.words[book, word]) for word in words)) for book in books]
    show_rows(heads, rows, language, right=frozenset(range(1, 6)))
    click.echo()
    say(text("Index over what is known (points)"), language, "bold")
    index = told["index"]
    assert isinstance(index, dict)  # noqa: S101
    _show_index(index, language)
    _show_hidden(int(str(told["suppressed_classes"])), int(str(told["least_peers"])), language)
    _show_goals(roll, language)


def _show_index(index: dict[str, dict[str, float]], language: Language) -> None:
    from forgecast.tasks.assess_cluster import CLASS_TEXTS  # noqa: PLC0415

    shares = ("p10", "p25", "p50", "p75", "p90")
    rows = [
        (CLASS_TEXTS[name].say(language), str(one["plants"]), *(f"{one[share]:.1f}" for share in shares))
        for name, one in index.items()
    ]
    heads = (
        text("Class"),
        text("plants"),
        verbatim("10 %"),
        verbatim("25 %"),
        verbatim("50 %"),
        verbatim("75 %"),
        verbatim("90 %"),
    )
    show_rows(heads, rows, language, right=frozenset(range(1, 7)))


def _show_goals(roll: ClusterRoll, language: Language) -> None:
    from forgecast.tasks.assess_cluster import CLASS_TEXTS  # noqa: PLC0415

    if not roll.goals:
        return
    click.echo()
    say(text("Policy goals: plants, and which class causes the shortfall (by output)"), language, "bold")
    rows, lines = [], []
    for name, goal in roll.goals.items():
        told = goal.as_json()
        parts, short = told["attributed"], told["mean_shortfall_by_output"]
        assert isinstance(parts, dict)  # noqa: S101
        causes = ", ".join(
            f"{CLASS_TEXTS[kind].say(language)} {100 * part:.0f} %"
            for kind, part in sorted(parts.items(), key=lambda one: -one[1])
        )
        mean = f"{short:.1f}" if isinstance(short, float) else ABSENT
        counts = (str(goal.words[word]) for word in ("met", "partly", "not met", "not known"))
        rows.append((name, *counts, mean))
        if causes:
            lines.append(verbatim(f"{name}: {causes}"))
    heads = (text("Goal"), text("met"), text("partly"), text("not met"), text("not known"),
             text("mean shortfall [% points]"))  # fmt: skip
    show_rows(heads, rows, language, right=frozenset(range(1, 6)))
    say_list(text("caused by"), lines, language)


def _show_hidden(hidden: int, least: int, language: Language) -> None:
    if hidden:
        say(
            text("{hidden} classes are withheld: of fewer than {least} plants nothing is shown, nor of one that "
                 "would tell them.", hidden=hidden, least=least),
            language,
        )  # fmt: skip
