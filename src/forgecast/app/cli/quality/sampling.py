"""`forgecast quality sampling`: a plan of acceptance sampling for two agreed risks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.quality.asked import echo_json, say_notes, say_picture, show_rows
from forgecast.app.cli.quantity import Quantity
from forgecast.app.report.numbers import count, shown
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.tasks.plan_sampling import PlannedSampling


@click.command(
    cls=BilingualCommand,
    name="sampling",
    sentence=text(
        "Find the smallest single plan that accepts good lots and refuses bad ones with the risks you agree on, or "
        "see what a plan you have lets through."
    ),
    examples=(
        ("forgecast quality sampling --aql 1% --ltpd 5%", text("risks of 5 % for the maker and 10 % for the buyer")),
        ("forgecast quality sampling --aql 1% --ltpd 8% --lot 500 --out curve.svg",
         text("drawn from a lot of 500; the curve as a picture")),
        ("forgecast quality sampling --aql 1% --ltpd 5% --plan 80,2", text("what the plan 80, accept 2, does")),
    ),
)  # fmt: skip
@option("--aql", type=Quantity("share"), required=True, help=text(
    "Share of bad pieces in lots that are to be accepted (1%)."))  # fmt: skip
@option("--ltpd", type=Quantity("share"), required=True, help=text(
    "Share of bad pieces in lots that are to be refused (5%)."))  # fmt: skip
@option("--producers-risk", type=Quantity("share"), default="5%", show_default=True, help=text(
    "Highest probability that a good lot is refused."))  # fmt: skip
@option("--consumers-risk", type=Quantity("share"), default="10%", show_default=True, help=text(
    "Highest probability that a bad lot is accepted."))  # fmt: skip
@option("--lot", type=click.IntRange(2), help=text("Pieces in the lot; without it very many."))
@option("--counting", type=click.Choice(("binomial", "poisson", "lot")), help=text(
    "Bad pieces (binomial), defects (poisson), or pieces drawn from the lot; without it what fits."))  # fmt: skip
@option("--plan", "given", default="", metavar="N,C", help=text("Sample and acceptance number of a plan to judge."))
@option("--out", type=click.Path(path_type=Path, dir_okay=False), help=text("Picture to write, .svg or .png."))
@json_option
@language_option
@click.pass_context
def sampling(
    context: click.Context,
    *,
    aql: float,
    ltpd: float,
    producers_risk: float,
    consumers_risk: float,
    lot: int | None,
    counting: Literal["binomial", "poisson", "lot"] | None,
    given: str,
    out: Path | None,
    as_json: bool,
) -> int:
    """Plan acceptance sampling."""
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.app.quality.operating_curve import draw_operating_curve  # noqa: PLC0415
    from forgecast.tasks.plan_sampling import plan_sampling  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    planned = plan_sampling(
        aql, ltpd, producers_risk=producers_risk, consumers_risk=consumers_risk, lot=lot, counting=counting,
        given=_plan(given) if given else None,
    )  # fmt: skip
    if out is not None:
        draw_operating_curve(planned, out, language)
    if as_json:
        echo_json(planned.as_json())
    else:
        _show(planned, language)
        say_picture(out, language)
    return 0


def _plan(given: str) -> tuple[int, int]:
    sample, comma, acceptance = given.partition(",")
    if not comma or not sample.strip().isdigit() or not acceptance.strip().isdigit():
        raise ForgecastError(
            text("{given} is no plan", given=given), where="--plan", repair=text("write sample and acceptance: 80,2")
        )
    return int(sample), int(acceptance)


def _show(planned: PlannedSampling, language: Language) -> None:
    plan = planned.plan
    click.secho(
        text("Take {n} pieces; accept the lot with up to {c} bad.", n=count(plan.sample), c=plan.acceptance).say(
            language
        ),
        bold=True,
    )
    rows = [
        (text("lots with {share} % bad pieces accepted", share=shown(100.0 * share)).say(language),
         f"{100.0 * accepted:.1f} %")
        for share, accepted in ((planned.good, 1.0 - planned.producers_risk), (planned.bad, planned.consumers_risk))
    ]  # fmt: skip
    if planned.worst_outgoing is not None:
        highest, at = planned.worst_outgoing
        rows.append((
            text("highest mean share of bad pieces passed on, refused lots sorted (AOQL), at {at} % incoming",
                 at=shown(100.0 * at)).say(language),
            f"{100.0 * highest:.2f} %",
        ))  # fmt: skip
    show_rows((text("what the plan does"), text("share")), rows, language, right=frozenset({1}))
    say_notes(planned.notes, language)
