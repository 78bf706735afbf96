"""Slices of the kept assessment: in numbers, verdicts page by page, one verdict with its tree, figures, findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from forgecast.app.doors.door import Call, Door, Way
from forgecast.app.doors.rules import forms
from forgecast.app.doors.rules.forms import AsOf, Told
from forgecast.app.doors.rules.kept import KeptAssessment, kept_assessment
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

#: Verdicts of the same requirement or subject that stand beside one.
_MOST_OTHERS = 20


def _summary(call: Call, question: forms.SummaryAsked) -> Mapping[str, Any]:
    kept = kept_assessment(call, question)
    return kept.head() | kept.counted | {
        "settle": kept.open[: question.settle],
        "settle_more": max(len(kept.open) - question.settle, 0),
    }  # fmt: skip


def _verdicts(call: Call, question: forms.VerdictsAsked) -> Mapping[str, Any]:
    kept = kept_assessment(call, question)
    found = list(_narrowed(kept, question))
    page, following = paged(found, question.limit, question.after)
    return kept.head() | {"total": len(found), "rows": [row_of(one) for one in page], "next": following}


def _narrowed(kept: KeptAssessment, asked: forms.VerdictsAsked) -> Iterable[Told]:
    wanted = asked.search.strip().lower()
    for one, words in zip(kept.told["verdicts"], kept.searched, strict=True):
        if (
            (not asked.word or one["word"] in asked.word)
            and (not asked.force or one["force"] in asked.force)
            and (not asked.book or one["book"] in asked.book)
            and (not asked.subject or one["subject"]["id"] == asked.subject)
            and (not asked.figure or one["figure"]["name"] == asked.figure)
            and (not wanted or wanted in words)
        ):
            yield one


def row_of(verdict: Told) -> Told:
    """Return a verdict without its tree, as a list shows it."""
    limit = verdict["limit"]
    kept = ("value", "unit", "comparison", "layer", "confidence")
    return {
        key: verdict[key]
        for key in ("id", "word", "force", "book", "requirement", "clause", "title", "subject", "figure", "hours")
    } | {
        "limit": None if limit is None else {key: limit[key] for key in kept},
        "reason": next(iter(verdict["reasons"]), None),
        "missing": len(verdict["missing"]),
    }


def paged(rows: Sequence[Told], limit: int, after: str) -> tuple[Sequence[Told], str | None]:
    """Return one page of a list that does not change while it is read, and the cursor of the next one.

    Raises
    ------
    ForgecastError
        If the cursor is none of ours.
    """
    if after and not after.isdecimal():
        raise ForgecastError(
            text("{value} is no place in the list", value=after),
            where="after",
            repair=text("give what `next` of the page before says, or nothing for the first page"),
        )
    start = int(after or 0)
    end = start + limit
    return rows[start:end], str(end) if end < len(rows) else None


def _verdict(call: Call, question: forms.VerdictAsked) -> Mapping[str, Any]:
    kept = kept_assessment(call, question)
    one = kept.verdict(question.id)
    others = [
        row_of(other)
        for other in kept.told["verdicts"]
        if other["id"] != one["id"]
        and other["word"] != "not applicable"
        and (other["subject"]["id"] == one["subject"]["id"] or other["requirement"] == one["requirement"])
        and other["book"] == one["book"]
    ]
    return kept.head() | {
        "verdict": one,
        "book_title": kept.titles.get(one["book"]),
        "has_curve": any(curve["id"] == one["id"] for curve in kept.told["curves"]),
        "others": others[:_MOST_OTHERS],
    }


def _curve(call: Call, question: forms.VerdictAsked) -> Mapping[str, Any]:
    kept = kept_assessment(call, question)
    one = kept.verdict(question.id)
    curve = next((curve for curve in kept.told["curves"] if curve["id"] == one["id"]), None)
    times: list[int] = [] if curve is None else [_ms(hour) for hour in curve["t"]]
    limits = []
    if curve is not None and curve["limit"] is not None:
        kind = "lower" if str(one["limit"]["comparison"]).startswith(">") else "upper"
        limits.append({"name": curve["limit_title"], "value": curve["limit"], "kind": kind})
    series = (
        []
        if curve is None
        else [{"name": curve["title"], "unit": curve["unit"], "values": curve["values"], "kind": "points"}]
    )
    return kept.head() | {"times": times, "series": series, "limits": limits}


def _ms(hour: str) -> int:
    return round(datetime.fromisoformat(hour).timestamp() * 1e3)


def _figures(call: Call, question: AsOf) -> Mapping[str, Any]:
    kept = kept_assessment(call, question)
    return kept.head() | {"rows": kept.told["figures"]}


def _trend(call: Call, question: forms.FigureAsked) -> Mapping[str, Any]:
    kept = kept_assessment(call, question)
    figure = next((one for one in kept.told["figures"] if one["id"] == question.id), None)
    if figure is None:
        raise ForgecastError(
            text("no key figure is named {name}", name=question.id),
            where="id",
            repair=text("use one of: {names}", names=", ".join(dict.fromkeys(f["id"] for f in kept.told["figures"]))),
        )
    series = {"name": figure["title"], "unit": figure["unit"], "values": [p["value"] for p in figure["trend"]]}
    return kept.head() | {
        "figure": {key: value for key, value in figure.items() if key != "trend"},
        "x": [point["month"] for point in figure["trend"]],
        "series": [series] if figure["trend"] else [],
    }


def _findings(call: Call, question: forms.FindingsAsked) -> Mapping[str, Any]:
    kept = kept_assessment(call, question)
    found = kept.told["findings"]
    page, following = paged(found, question.limit, question.after)
    return kept.head() | {"total": len(found), "rows": list(page), "next": following}


def _choices(call: Call, question: AsOf) -> Mapping[str, Any]:
    from forgecast.tasks.what_if import choices_of  # noqa: PLC0415  (joins much that only this door needs)

    kept = kept_assessment(call, question)
    figures: dict[tuple[str, str], dict[str, Told]] = {}
    for one in kept.told["verdicts"]:
        if one["figure"]["name"] and one["word"] != "not applicable":
            key = (one["subject"]["kind"], one["subject"]["id"])
            figures.setdefault(key, {})[one["figure"]["name"]] = one["figure"]
    return kept.head() | {
        "subjects": [
            one | {"figures": list(figures.get((str(one["kind"]), str(one["id"])), {}).values())}
            for one in choices_of(call.plant)
        ]
    }


def _door(name: str, sentence: Any, asks: Any, answers: Any, run: Any) -> Door[Any]:  # noqa: ANN401
    return Door("rules", name, sentence, Right.SEE, Way.READ, asks, answers, run)


DOORS = (
    _door("summary", text("The kept assessment in numbers, and which records would settle most."), forms.SummaryAsked,
          forms.SummaryAnswer, _summary),
    _door("verdicts", text("Verdicts of the kept assessment, the most urgent first."), forms.VerdictsAsked,
          forms.VerdictsAnswer, _verdicts),
    _door("verdict", text("One verdict with its tree: clause, requirement, figure, facts, rows."), forms.VerdictAsked,
          forms.VerdictAnswer, _verdict),
    _door("curve", text("The hours of a verdict beside its limit."), forms.VerdictAsked, forms.CurveAnswer, _curve),
    _door("figures", text("Key figures of the kept assessment with their months."), AsOf, forms.FiguresAnswer,
          _figures),
    _door("trend", text("One key figure by month."), forms.FigureAsked, forms.TrendAnswer, _trend),
    _door("findings", text("What is doubtful in the records, by severity."), forms.FindingsAsked, forms.RowsAnswer,
          _findings),
    _door("what-if-choices", text("Facts and figures that can be supposed otherwise, with their values."), AsOf,
          forms.ChoicesAnswer, _choices),
)  # fmt: skip
