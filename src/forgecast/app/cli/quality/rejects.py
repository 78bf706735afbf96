"""`forgecast quality rejects`: which pieces will be rejected, how well that is known, why, and for how long."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.progress import progress_bar
from forgecast.app.cli.quality.asked import echo_json, plant_argument, say, say_notes, say_picture, show_rows
from forgecast.app.report.numbers import ABSENT, count, shown
from forgecast.ground.texts import Language, Text, text
from forgecast.plant.record import record

if TYPE_CHECKING:
    from forgecast.quality.reject.explain import Explanation
    from forgecast.quality.reject.score import Estimate
    from forgecast.tasks.learn_rejects import Judged, RejectStudy

#: Reasons and suspects shown.
_REASONS, _SUSPECTS = 6, 10


@click.command(
    cls=BilingualCommand,
    name="rejects",
    sentence=text(
        "Learn which pieces will be rejected from what was measured on them, and say honestly how well: on later days, "
        "on moulds never seen, with intervals. It answers good, reject, cannot tell, or like nothing seen; explains "
        "the most suspect pieces; and says when it should no longer be trusted."
    ),
    examples=(
        ("forgecast quality rejects my-plant", text("die-casting shots, by die")),
        ("forgecast quality rejects my-plant --record piece --by product", text("pieces, by product")),
        ("forgecast quality rejects my-plant --explain 71525 --out rejects.svg", text("why one shot, with a picture")),
        (
            "forgecast quality rejects my-plant --without machine_cycle",
            text("without a field written after the verdict"),
        ),
    ),
)
@plant_argument
@option("--record", "record_name", default="shot", show_default=True, help=text(
    "Record with a time, a result and numbers (`forgecast plant fields`)."))  # fmt: skip
@option("--by", default=None, metavar="FIELD", help=text(
    "Field by which pieces are grouped; without it die, product or machine."))  # fmt: skip
@option("--confidence", type=click.FloatRange(0.5, 1.0, max_open=True), default=0.9, show_default=True, help=text(
    "Share of the good pieces, and of the rejects, whose result must be among the possible ones."))  # fmt: skip
@option("--budget", type=click.FloatRange(0.0, 1.0, min_open=True), default=0.05, show_default=True, help=text(
    "Share of all pieces that can be inspected."))  # fmt: skip
@option("--without", multiple=True, metavar="FIELD", help=text(
    "Field known only after the verdict; may be given again."))  # fmt: skip
@option("--keep", multiple=True, metavar="FIELD", help=text(
    "Field to keep although it was left out as a leak; may be given again."))  # fmt: skip
@option("--explain", "asked", multiple=True, metavar="ID", help=text(
    "Piece to explain, with a result or without; may be given again."))  # fmt: skip
@option("--out", "--report", "out", type=click.Path(path_type=Path, dir_okay=False), help=text(
    "Picture to write, .svg or .png."))  # fmt: skip
@json_option
@language_option
@click.pass_context
def rejects(
    context: click.Context,
    *,
    plant: Path,
    record_name: str,
    by: str | None,
    confidence: float,
    budget: float,
    without: tuple[str, ...],
    keep: tuple[str, ...],
    asked: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> int:
    """Learn rejects and show what was learnt."""
    from forgecast.app.quality.canvas import check_picture  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.learn_rejects import learn_rejects  # noqa: PLC0415

    language = language_of(context)
    if out is not None:
        check_picture(out)
    with PlantFolder.open(plant) as opened, progress_bar(text("learning").say(language)) as progress:
        study = learn_rejects(
            opened, record_name, by=by, confidence=confidence, budget=budget, without=without, keep=keep, asked=asked,
            progress=progress,
        )  # fmt: skip
    if out is not None:
        from forgecast.app.quality.reject_picture import draw_rejects  # noqa: PLC0415

        draw_rejects(study, out, language)
    if as_json:
        echo_json(study.as_json())
        return 0
    show_study(study, language, asked=bool(asked))
    say_picture(out, language)
    return 0


def show_study(study: RejectStudy, language: Language, *, asked: bool = False) -> None:
    """Print a study: scores, answers, what speaks against the model, reasons, and what was left out.

    Parameters
    ----------
    study : RejectStudy
    language : {'en', 'zh'}
    asked : bool
        Whether the explanations are of pieces that were asked for.
    """
    _head(study, language)
    _scores(study, language)
    _probabilities(study, language)
    _answers(study, language)
    _watch(study, language)
    _reasons(study, language)
    for one in study.explanations:
        _explanation(one, study, language, asked=asked)
    _waiting(study, language)
    _left_out(study, language)
    _after(study, language)


def judged_on(one: Judged) -> Text:
    """Return in words what a model was judged on."""
    moulds = ", ".join(one.moulds[:3]) + (f" +{len(one.moulds) - 3}" if len(one.moulds) > 3 else "")
    match one.kind:
        case "later":
            return text("later days, from {first}", first=one.first.isoformat())
        case "new_mould":
            return text("{moulds}: new, on later days", moulds=moulds)
        case "unseen_mould":
            return text("{moulds}: never seen", moulds=moulds)
        case _:
            return text("drawn by lot: FLATTERS")


def _head(study: RejectStudy, language: Language) -> None:
    taken = study.taken
    kind = record(taken.record)
    pieces = len(taken.pieces) - taken.trials
    click.secho(
        text(
            "{record}: {rejects} rejects among {pieces} pieces ({share} %), grouped by {by}",
            rejects=count(taken.rejects),
            pieces=count(pieces),
            record=kind.title,
            share=shown(100.0 * taken.rejects / pieces),
            by=kind.field(taken.by).header,
        ).say(language),
        bold=True,
    )
    asides = (
        (taken.trials, text("trial shots are neither learnt from nor scored: {count}", count=count(taken.trials))),
        (taken.rework, text("to be reworked, neither good nor reject, left out: {count}", count=count(taken.rework))),
        (taken.batches, text("batches of several pieces, left out: {count}", count=count(taken.batches))),
        (taken.nowhere, text("without time or group, left out: {count}", count=count(taken.nowhere))),
        (taken.refused, text("values refused at import, here missing: {count}", count=count(taken.refused))),
    )
    say_notes((*((text("made-up data"),) if taken.synthetic else ()), *(line for n, line in asides if n)), language)


def _scores(study: RejectStudy, language: Language) -> None:
    budget = 100.0 * study.judged[0].scores.budget
    click.echo()
    click.secho(
        text("How well rejects are found, on pieces that were not learnt from (95 % intervals over days)").say(
            language
        ),
        bold=True,
    )
    heads = (
        text("judged on"),
        text("pieces"),
        text("rejects"),
        text("by lot [%]"),
        text("average precision [%]"),
        text("found in {budget:.3g} % inspected [%]", budget=budget),
    )
    rows = [
        (
            judged_on(one).say(language),
            count(one.scores.pieces),
            count(one.scores.rejects),
            shown(100.0 * one.scores.seen.value),
            _share(one.scores.precision),
            _share(one.scores.found),
        )
        for one in study.judged
    ]
    show_rows(heads, rows, language, right=frozenset(range(1, 6)))
    notes = [
        text(
            "average precision: share of rejects among the pieces inspected, the most suspect first; by lot it is the "
            "share of rejects"
        ),
        text("drawn by lot: neighbours of the tested pieces were learnt from; shown as a warning, not as a score"),
    ]
    say_notes(notes, language)


def _probabilities(study: RejectStudy, language: Language) -> None:
    click.echo()
    click.secho(text("Whether its probabilities can be taken at their word").say(language), bold=True)
    heads = (
        text("judged on"),
        text("said [%]"),
        text("seen [%]"),
        text("Brier [0.01]"),
        text("base rate's [0.01]"),
        text("skill [1]"),
    )
    rows = [
        (
            judged_on(one).say(language),
            _with_interval(s.said, 100.0, 1),
            f"{100.0 * s.seen.value:.1f}",
            _with_interval(s.brier, 100.0, 2),
            f"{100.0 * s.base_brier.value:.2f}",
            _with_interval(s.skill, 1.0, 2),
        )
        for one in study.judged
        for s in (one.scores,)
    ]
    show_rows(heads, rows, language, right=frozenset(range(1, 6)))
    note = text("skill: 1 is perfect, 0 as good as always saying the share of rejects learnt, below 0 worse")
    say_notes((note,), language)


def _answers(study: RejectStudy, language: Language) -> None:
    click.echo()
    promised = 100.0 * study.confidence
    click.secho(
        text("Answers at {promised:.4g} %: whether the true result was among the possible ones", promised=promised).say(
            language
        ),
        bold=True,
    )
    heads = (
        text("judged on"),
        text("good covered [%]"),
        text("rejects covered [%]"),
        text("cannot tell [%]"),
        text("like nothing seen [%]"),
    )
    rows = [
        (
            judged_on(one).say(language),
            *map(_share, (s.good_covered, s.reject_covered, s.cannot_tell, s.like_nothing_seen)),
        )
        for one in study.judged
        for s in (one.scores,)
    ]
    show_rows(heads, rows, language, right=frozenset(range(1, 5)))
    note = text(
        "{promised:.4g} % holds for pieces like those calibrated on; above stands what is seen where production moves",
        promised=promised,
    )
    say_notes((note,), language)


def _watch(study: RejectStudy, language: Language) -> None:
    watch = study.watch
    click.echo()
    objections = watch.objections()
    last = study.judged[0].first
    if not objections:
        line = text("Nothing speaks against the model on the {days} days since {day}.", days=watch.days.size,
                    day=last.isoformat())  # fmt: skip
        click.secho(line.say(language), fg="green", bold=True)
    else:
        line = text("The model should no longer be trusted on the days since {day}:", day=last.isoformat())
        click.secho(line.say(language), fg="red", bold=True)
        for objection in objections:
            say(text("· {objection}", objection=objection), language)
    pieces = int(watch.pieces.sum())
    if not pieces:
        return
    moved = [
        text("{name} {seen:.2f} (usually {usual:.2f})", name=one.title, seen=seen, usual=usual)
        for one, seen, usual in watch.most_moved()
    ]
    notes = [
        text(
            "abstained on {share:.0f} % of the pieces, on the calibration pieces {usual:.0f} %",
            share=100.0 * watch.cannot_tell.sum() / pieces,
            usual=100.0 * watch.usual_cannot_tell,
        ),
        text(
            "values unlike the days learnt from on {count} of {days} days; population stability index of the median "
            "day, most moved: {names}",
            count=int(watch.moved.sum()),
            days=watch.days.size,
            names=", ".join(one.say(language) for one in moved),
        ),
    ]
    # What is objected to above need not be noted again.
    say_notes(notes[1:] if objections else notes, language)


def _reasons(study: RejectStudy, language: Language) -> None:
    told = [one for one in study.reasons[:_REASONS] if one.push > 0.0]
    if not told:
        return
    click.echo()
    click.secho(text("What makes the most suspect later pieces suspect").say(language), bold=True)
    heads = (text("field"), text("mean push [points]"), text("strongest in [pieces]"))
    rows = [(one.feature.title.say(language), f"{100.0 * one.push:+.1f}", str(one.strongest)) for one in told]
    show_rows(heads, rows, language, right=frozenset((1, 2)))
    note = text(
        "points of probability against good pieces of the same mould; what the model makes of a value, not what causes "
        "rejects"
    )
    say_notes((note,), language)


def _explanation(one: Explanation, study: RejectStudy, language: Language, *, asked: bool) -> None:
    from forgecast.quality.reject.conformal import ANSWER_WORDS  # noqa: PLC0415

    click.echo()
    line = text(
        "{id} ({by} {mould}): {answer}; probability of reject {probability:.1f} %, of good pieces {expected:.1f} %",
        id=one.id,
        by=record(study.taken.record).field(study.taken.by).header,
        mould=one.mould,
        answer=ANSWER_WORDS[one.answer],
        probability=100.0 * one.probability,
        expected=100.0 * one.expected,
    )
    click.secho(line.say(language), bold=True)
    sentences = one.sentences(6 if asked else 3)
    for sentence in sentences:
        say(text("· {objection}", objection=sentence), language)
    if not sentences:
        say(text("no single value stands out"), language)
    if one.unlike:
        names = ", ".join(feature.title.say(language) for feature in one.unlike)
        say(text("outside all that was learnt from: {names}", names=names), language)
    if not one.of_mould:
        say_notes((text("held against good pieces of all moulds: too few of its own"),), language)
    if one.learnt_from:
        say_notes((text("the model has learnt from this piece and knows its result"),), language)


def _waiting(study: RejectStudy, language: Language) -> None:
    from forgecast.quality.reject.conformal import ANSWER_WORDS, Answer  # noqa: PLC0415

    if not study.waiting:
        return
    click.echo()
    counts = ", ".join(
        f"{ANSWER_WORDS[answer].say(language)} {count(sum(one.answer == answer for one in study.waiting))}"
        for answer in Answer
    )
    line = text("{count} pieces wait for their result: {counts}", count=count(len(study.waiting)), counts=counts)
    click.secho(line.say(language), bold=True)
    heads = (text("number"), text("group"), text("probability of reject [%]"), text("answer"))
    rows = [
        (one.id, one.mould, f"{100.0 * one.probability:.1f}", ANSWER_WORDS[one.answer].say(language))
        for one in study.waiting[:_SUSPECTS]
    ]
    show_rows(heads, rows, language, right=frozenset((2,)))


def _left_out(study: RejectStudy, language: Language) -> None:
    if not study.left_out:
        return
    click.echo()
    click.secho(text("Fields the model may not see").say(language), bold=True)
    rows = [(one.feature.title.say(language), one.why.say(language)) for one in study.left_out]
    show_rows((text("field"), text("why")), rows, language)


def _after(study: RejectStudy, language: Language) -> None:
    click.echo()
    kept: Sequence[Text] = (
        *study.notes,
        text(
            "learnt from {pieces} pieces in {seconds:.1f} s; the model is not kept, each call learns anew (data {sha})",
            pieces=count(study.model.pieces),
            seconds=study.seconds,
            sha=study.model.sha256[:12],
        ),
    )
    say_notes(kept, language)


def _share(estimate: Estimate) -> str:
    """Return a share in percent with its interval."""
    return _with_interval(estimate, 100.0, 0)


def _with_interval(estimate: Estimate, times: float, decimals: int) -> str:
    if math.isnan(estimate.value):
        return ABSENT
    value, low, high = (f"{times * one:.{decimals}f}" for one in (estimate.value, estimate.low, estimate.high))
    return (value if math.isnan(estimate.low) else f"{value} ({low}…{high})").replace("-", "−")
