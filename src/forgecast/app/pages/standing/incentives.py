"""Tax credits, relief and loans: which the plant may use, and what each is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.shelf import door_of
from forgecast.app.doors.standing.forms import LoanAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.gaps import gap_list, notes
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    asked,
    button,
    card,
    chip,
    error_box,
    heading,
    key_figures,
    lines,
    link,
    number,
    number_field,
    row,
    said,
    table,
)
from forgecast.app.pages.rules.shown import verdict_address
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

_TONES = {"met": "good", "not met": "bad", "partly": "warn", "not known": "unknown", "not applicable": "plain"}


@page("standing", "standing/incentives", text("Incentives"), in_menu=True)
async def incentives(visit: Visit) -> None:
    """Fill the page; the loan stands in its address."""
    heading(
        visit,
        text("Incentives"),
        lead=text("Credits, relief and loans the plant may use. What rests on memory is shown and never summed."),
    )
    form = AddressForm(visit, "standing/incentives")
    with card(visit, text("A loan to renew equipment")), row():
        form.field(
            "loan_CNY",
            number_field(
                visit, text("Loan"), unit="CNY", least=0, hint=text("empty: the purchases of the judged months")
            ),
        )
        form.field(
            "loan_rate_percent",
            number_field(
                visit, text("Interest of a usual loan"), unit="%", least=0, most=100, step=0.05, hint=text("a year")
            ),
        )
        button(visit, text("Work it out"), form.send, kind="main")  # fmt: skip
    try:
        question = asked_in(visit, LoanAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, door_of("standing/incentives"), question, lambda told: _incentives(visit, told), height=400)


def _incentives(visit: Visit, told: Mapping[str, Any]) -> None:
    total = told["total"]
    certain = [
        KeyFigure(text("eligible and certain, at least"), f"{total['low']:,.0f}", "CNY", tone="good"),
        KeyFigure(text("at most"), f"{total['high']:,.0f}", "CNY"),
    ]
    key_figures(visit, certain)
    with card(visit, told["table"]["title"], flush=True):
        table(
            visit,
            [Heading(text("eligible")), Heading(text("incentive")), Heading(text("base"), "CNY", numeric=True),
             Heading(text("benefit"), "CNY", numeric=True), Heading(text("how")), Heading(text("summed"))],
            [
                (
                    chip(visit, one["eligible"], _TONES.get(one["eligible"]["en"], "plain")),
                    lines(link(visit, one["incentive"], verdict_address(visit, f"{one['id']}/{one['holder']}")),
                          one["holder"]),
                    number(one["base"]),
                    _range(one["low"], one["high"]),
                    lines(said(visit, one["share"]), said(visit, one["reason"]) or None),
                    lines(said(visit, one["summed"]), said(visit, one["confidence"])),
                )
                for one in told["table"]["rows"]
            ],
            caption=told["table"]["title"],
        )  # fmt: skip
    notes(visit, told["table"]["notes"])
    gap_list(visit, told["gaps"])


def _range(low: float | None, high: float | None) -> str | None:
    if low is None or high is None:
        return None
    return f"{low:,.0f}" if low == high else f"{low:,.0f} – {high:,.0f}"
