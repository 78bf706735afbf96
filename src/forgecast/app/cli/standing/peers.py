"""`forgecast standing peers`: where a plant stands among its peers, without giving any of them away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.assess import plant_argument
from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.melting.show import echo_json, say, say_list
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.quality.asked import show_rows
from forgecast.app.report.numbers import ABSENT
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.rules.index.peers import PeerCell
    from forgecast.tasks.compare_peers import PeerComparison


@click.command(
    cls=BilingualCommand,
    name="peers",
    sentence=text(
        "Compare a plant with others: its percentile in each direction, its rank under other weights, the energy "
        "frontier, and the rule of benchmark enterprises. Never with fewer than five."
    ),
    examples=(
        ("forgecast standing peers my-plant --among plants/", text("with the plants and assessments of a folder")),
        ("forgecast standing peers my-plant --generated 568 --all-groups", text("with a synthetic cluster")),
    ),
)
@plant_argument
@option("--among", type=click.Path(path_type=Path), multiple=True, help=text(
    "Plant folder, assessment (.json), or a folder that holds them; may be given again."))  # fmt: skip
@option("--generated", type=click.IntRange(1, 5000), metavar="N", help=text(
    "Compare with N generated plants; they are synthetic."))  # fmt: skip
@option("--seed", type=int, default=7, show_default=True, help=text("Of the generated plants."))
@option("--all-groups", is_flag=True, help=text("Compare with every plant, whatever it makes."))
@json_option
@language_option
@click.pass_context
def peers(
    context: click.Context,
    plant: Path,
    *,
    among: tuple[Path, ...],
    generated: int | None,
    seed: int,
    all_groups: bool,
    as_json: bool,
) -> int:
    """Compare a plant with its peers and show it."""
    from forgecast.tasks.assess_cluster import cores, generated_rows, read_rows  # noqa: PLC0415
    from forgecast.tasks.compare_peers import compare_peers  # noqa: PLC0415

    language = language_of(context)
    if bool(among) == (generated is not None):
        raise ForgecastError(
            text("name the plants to compare with: --among or --generated"),
            where="forgecast standing peers",
            repair=text("for a trial: forgecast standing peers PLANT --generated 100 --all-groups"),
        )
    with progress_bar(text("assessing").say(language)) as progress:
        (own,) = read_rows([plant])
        progress(0.1)
        others = (
            generated_rows(count=generated, seed=seed, workers=cores())
            if generated is not None
            else read_rows(among, progress=lambda done: progress(0.1 + 0.9 * done))
        )
        answer = compare_peers(own, others, all_groups=all_groups)
    if as_json:
        echo_json({**answer.as_json(), "synthetic_peers": generated is not None})
        return 0
    if generated is not None:
        say(text("The peers are generated and synthetic."), language)
    _show(answer, language, all_groups=all_groups)
    return 0


def _show(answer: PeerComparison, language: Language, *, all_groups: bool) -> None:
    from forgecast.rules.index.scheme import shipped_scheme  # noqa: PLC0415
    from forgecast.tasks.compare_peers import GROUPS  # noqa: PLC0415

    group = text("plants of every kind") if all_groups else GROUPS[answer.group]
    say(text("Among {count} peers ({group})", count=answer.peers, group=group), language, "bold")
    titles = {one.id: one.title for one in shipped_scheme().directions}
    rows = [(titles[name].say(language), _percent(share)) for name, share in answer.directions]
    rows.append((text("index").say(language), _percent(answer.below)))
    show_rows((text("Direction"), text("peers below [%]")), rows, language, right=frozenset({1}))
    click.echo()
    known, sure, count = answer.known_rank, answer.sure_rank, answer.peers + 1
    lines: list[Text] = [
        text("rank {best} to {worst} of {count} under other weights, a gap counted half", best=known.best,
             worst=known.worst, count=count),
        text("rank {best} to {worst} of {count} whatever the gaps turn out to be", best=sure.best, worst=sure.worst,
             count=count),
        text("{above} peers are no worse in every direction, {under} no better: no weights turn that round",
             above=answer.dominated_by, under=answer.dominates),
        text("{above} peers are above whatever the gaps turn out to be, {under} below", above=answer.surely_above,
             under=answer.surely_below),
    ]  # fmt: skip
    say_list(text("Ranks"), lines, language)
    cells = [_quartiles(cell) for cell in answer.quartiles]
    say_list(text("Quartiles of the peers' index"), cells, language)
    energy = [text("no frontier: {why}", why=answer.why_no_frontier)] if answer.why_no_frontier else [
        text("energy could shrink to {bcc} % (variable returns to scale), {ccr} % (constant)",
             bcc=_percent(answer.efficiency), ccr=_percent(answer.efficiency_constant)),
    ]  # fmt: skip
    if answer.energy_to_mix is not None:
        share = _percent(answer.energy_to_mix)
        energy.append(text("energy is {share} % of what the product mix leads to expect", share=share))
    say_list(text("Energy frontier"), energy, language)
    rule = answer.benchmark
    word = {True: text("kept"), False: text("not kept"), None: text("not known")}[rule.selected]
    told = [text("rule of benchmark enterprises: {word}", word=word)]
    told += [text("fails: {condition}", condition=one.title) for one in rule.failed]
    told += [text("not known: {condition}", condition=one.title) for one in rule.open]
    say_list(text("Benchmark enterprise"), told, language)


def _quartiles(cell: PeerCell) -> Text:
    from forgecast.tasks.compare_peers import GROUPS  # noqa: PLC0415

    if cell.suppressed:
        return text("{group}: withheld, too few plants", group=GROUPS[cell.group])
    low, middle, high = (f"{value:.0f}" for value in cell.quantiles)
    return text("{group}: {low}, {middle}, {high} ({count} plants)", group=GROUPS[cell.group], low=low, middle=middle,
                high=high, count=cell.count)  # fmt: skip


def _percent(share: float | None) -> str:
    return ABSENT if share is None else f"{100 * share:.0f}"
