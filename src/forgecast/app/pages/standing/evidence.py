"""What the records show of each question, beside what somebody claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.shelf import door_of
from forgecast.app.doors.standing.forms import AsOf
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    asked,
    card,
    chip,
    facts,
    fold,
    heading,
    joined,
    key_figures,
    link,
    paragraph,
    put,
    said,
    table,
    tag,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.tasks.evidence_of_plant import AGREEMENT_TEXTS, Agreement

_TONES = {
    Agreement.AGREES: "good",
    Agreement.ONLY_SHOWN: "good",
    Agreement.SHOWN_HIGHER: "good",
    Agreement.CLAIMED_HIGHER: "bad",
    Agreement.ONLY_CLAIMED: "warn",
    Agreement.NOT_SHOWN: "plain",
    Agreement.NOT_KNOWN: "unknown",
}


@page("standing", "standing/evidence", text("Evidence"), in_menu=True)
async def evidence(visit: Visit) -> None:
    """Fill the page."""
    heading(
        visit,
        text("Shown and claimed"),
        lead=text("What the plant's own records show of each question, beside what is claimed. A claim earns nothing."),
    )
    await asked(visit, door_of("standing/evidence"), AsOf(), lambda told: _evidence(visit, told), height=500)


def _evidence(visit: Visit, told: Mapping[str, Any]) -> None:
    items = told["evidence"]
    counts = Counter(Agreement(one["agreement"]) for one in items)
    key_figures(
        visit, [KeyFigure(words, str(counts[kind]), tone=_TONES[kind] if _TONES[kind] != "plain" else "")
                for kind, words in AGREEMENT_TEXTS.items() if counts[kind]]
    )  # fmt: skip
    with card(visit, flush=True):
        table(
            visit,
            [Heading(text("What it asks")), Heading(text("shown"), numeric=True),
             Heading(text("claimed"), numeric=True),
             Heading(text("newest row"), numeric=True), Heading(text("reconciled"))],
            [
                (
                    link(visit, one["title"], _to(visit, one["id"])),
                    _percent(one["degree_shown"]),
                    None if one["claim"] is None else _percent(one["claim"]["degree"]),
                    _age(visit, one),
                    chip(visit, AGREEMENT_TEXTS[Agreement(one["agreement"])], _TONES[Agreement(one["agreement"])]),
                )
                for one in items
            ],
            caption=text("Shown and claimed"),
        )  # fmt: skip
    wanted = visit.query.get("question", "")
    with card(visit, text("What was looked at, and what would prove it")):
        for one in items:
            put(tag("span", id=one["id"]))
            with fold(visit, one["title"], opened=one["id"] == wanted):
                _one(visit, one)


def _to(visit: Visit, question: str) -> str:
    """Return the address at which a question stands opened."""
    return f"{visit.link('standing/evidence', question=question)}#{question}"


def _one(visit: Visit, one: Mapping[str, Any]) -> None:
    claim = one["claim"]
    said_claim = None
    if claim is not None:
        who = text("{degree} % on {day} by {who}", degree=round(100 * claim["degree"]),
                   day=claim["answered_on"] or "—", who=claim["answered_by"] or "—")  # fmt: skip
        said_claim = joined(
            said(visit, who), " · ", claim["evidence"] or "", " ", tag("span", claim["place"], class_="fc-place")
        )
    rows = tag("span", ", ".join(one["rows"]), class_="fc-place") if one["rows"] else None
    facts(
        visit,
        [
            (text("Looked at"), said(visit, one["looked_at"])),
            (text("Seen"), said(visit, one["figure"])),
            (text("Rows ({count} in all)", count=one["row_count"]), rows),
            (text("Claimed"), said_claim),
            (text("Would prove it"), said(visit, one["would_prove_it"])),
        ],
        wide=True,
    )
    if one["fresh"] is False:
        paragraph(visit, text("Too old: the newest row is {age} days old, {limit} are allowed.", age=one["age_days"],
                              limit=one["fresh_days"]), soft=True)  # fmt: skip


def _percent(degree: float | None) -> str | None:
    return None if degree is None else f"{100 * degree:.0f} %"


def _age(visit: Visit, one: Mapping[str, Any]) -> Any:  # noqa: ANN401  (what stands in a cell)
    if one["age_days"] is None:
        return None
    days = said(visit, text("{days} days", days=one["age_days"]))
    return joined(days, " ", chip(visit, text("too old"), "warn")) if one["fresh"] is False else days
