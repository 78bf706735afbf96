"""Forms of Green: ledger entries, proofs of duties, pollution warnings, energy measures, emission factors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nicegui import ui

from forgecast.app.carbon.words import CATEGORIES
from forgecast.app.doors.carbon import RecordFactorQuestion
from forgecast.app.doors.door import Question
from forgecast.app.doors.energy.models import MeasureQuestion
from forgecast.app.doors.environment.flows import WarningQuestion
from forgecast.app.doors.environment.ledger import EntryQuestion, ProofQuestion
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.green.shared import changed
from forgecast.app.pages.parts import (
    Words,
    button,
    choice_field,
    day_field,
    dialog,
    draft,
    number_field,
    row,
    said,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.tasks.keep_ledger import SECTIONS

_KINDS: dict[str, Words] = {str(kind): words for kind, words in CATEGORIES.items()}
Fields = Callable[[Callable[..., Any]], Callable[[], Question]]


async def form(visit: Visit, title: Words, name: str, door: str, fields: Fields, *, send: Words) -> None:
    """Open a form in a dialogue; what is filled in survives a reload, and what is refused says why.

    Parameters
    ----------
    visit : Visit
    title : Words
    name : str
        Of the draft.
    door : str
        Id of the door that records it.
    fields : callable
        Is given ``keep(key, field)``, places the fields and returns what makes the question of them.
    send : Words
        On the button.
    """
    kept = await draft(visit, name)
    with dialog(visit, title) as opened:
        question = fields(kept.keep)
        refused = ui.element("div")

        async def go() -> None:
            if await changed(visit, door_of(door), question, refused):
                await kept.forget()
                opened.close()
                ui.navigate.reload()

        with row():
            button(visit, text("Cancel"), opened.close, kind="quiet")
            button(visit, send, go, kind="main")
    opened.open()


def moment_field(visit: Visit, label: Words, *, hint: Words = None) -> Any:  # noqa: ANN401  (a field)
    """Return a field for a time by the plant's clock; its value is ``YYYY-MM-DDTHH:MM`` or empty."""
    return text_field(visit, label, hint=hint).props("type=datetime-local")


def instant(visit: Visit, words: str | None, where: str) -> str | None:
    """Return a time by the plant's clock as an instant with its offset; None for an empty field.

    Raises
    ------
    ForgecastError
        If it is no time.
    """
    if not words:
        return None
    try:
        return datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(visit.zone)).isoformat()
    except ValueError:
        raise ForgecastError(
            text("{given} is no time", given=words), where=where, repair=text("write it like 2025-09-15 09:30")
        ) from None


def entry_form(visit: Visit, reach: Mapping[str, Any]) -> Awaitable[None]:
    """Open the form of a ledger entry."""

    def fields(keep: Callable[..., Any]) -> Callable[[], Question]:
        stacks = {one["id"]: f"{one['id']} · {one['name']}" for one in reach["stacks"]}
        section = keep("section", choice_field(visit, text("Section"), SECTIONS, value="abnormal"))
        began = keep("began", moment_field(visit, text("Began"), hint=text("by the plant's clock")))
        ended = keep("ended", moment_field(visit, text("Ended")))
        stack = keep("stack", choice_field(visit, text("Stack"), stacks, search=True))
        machines = {one["id"]: f"{one['id']} · {one['name']}" for one in reach["machines"]}
        machine = keep("machine", choice_field(visit, text("Machine"), machines, search=True))
        what = keep("what", text_field(visit, text("What happened"), long=True))
        cause = keep("cause", text_field(visit, text("Cause"), long=True))
        response = keep("response", text_field(visit, text("Response"), long=True))

        def question() -> Question:
            return EntryQuestion.model_validate(
                {
                    "section": section.value,
                    "began_at": instant(visit, began.value, "began_at"),
                    "ended_at": instant(visit, ended.value, "ended_at"),
                    "stack": stack.value or "",
                    "equipment": machine.value or "",
                    "what": what.value or "",
                    "cause": cause.value or "",
                    "response": response.value or "",
                }
            )

        return question

    return form(
        visit,
        text("New entry in the ledger"),
        "green-entry",
        "environment/record-entry",
        fields,
        send=text("Keep in the ledger"),
    )


def proof_form(visit: Visit, duties: Sequence[Mapping[str, Any]]) -> Awaitable[None]:
    """Open the form of the proof of a duty."""
    open_ones = [one for one in duties if one["done_on"] is None] or list(duties)

    def fields(keep: Callable[..., Any]) -> Callable[[], Question]:
        names = {
            str(n): f"{said(visit, one['title'])} · {one['span_from_on']} – {one['span_until_on']} · {one['holder']}"
            for n, one in enumerate(open_ones)
        }
        duty = choice_field(visit, text("Duty"), names, value="0")
        done = keep("done", day_field(visit, text("Done on")))
        evidence = keep("evidence", text_field(visit, text("Proof kept at"), hint=text("file, folder or number")))

        def question() -> Question:
            one = open_ones[int(duty.value)]
            return ProofQuestion.model_validate(
                {
                    "duty": one["duty"],
                    "period_from_on": one["span_from_on"],
                    "period_until_on": one["span_until_on"],
                    "done_on": done.value or None,
                    "stack": one["holder"] if one["duty"] == "monitoring" else "",
                    "evidence": evidence.value or "",
                }
            )

        return question

    return form(
        visit,
        text("Enter the proof of a duty"),
        "green-proof",
        "environment/prove-duty",
        fields,
        send=text("Keep the proof"),
    )


def warning_form(visit: Visit) -> Awaitable[None]:
    """Open the form of a heavy-pollution warning."""

    def fields(keep: Callable[..., Any]) -> Callable[[], Question]:
        levels = {"yellow": text("yellow"), "orange": text("orange"), "red": text("red")}
        level = keep("level", choice_field(visit, text("Level"), levels, value="orange"))
        began = keep("from", moment_field(visit, text("Begins"), hint=text("by the plant's clock")))
        ended = keep("until", moment_field(visit, text("Lifted"), hint=text("empty while it holds")))
        source = keep("source", text_field(visit, text("Announced by"), hint=text("number of the notice")))

        def question() -> Question:
            return WarningQuestion.model_validate(
                {
                    "level": level.value,
                    "from_at": instant(visit, began.value, "from_at"),
                    "until_at": instant(visit, ended.value, "until_at"),
                    "source": source.value or "",
                }
            )

        return question

    return form(
        visit,
        text("Enter a heavy-pollution warning"),
        "green-warning",
        "environment/record-warning",
        fields,
        send=text("Enter the warning"),
    )


def measure_form(visit: Visit, choices: Mapping[str, Any]) -> Awaitable[None]:
    """Open the form of an energy measure that was carried out."""

    def fields(keep: Callable[..., Any]) -> Callable[[], Question]:
        meters = {one["id"]: f"{one['id']} · {one['name']}" for one in choices["meters"]}
        number_of = keep("id", text_field(visit, text("Number"), hint=text("such as EM-02")))
        name = keep("name", text_field(visit, text("What was done")))
        meter = keep("meter", choice_field(visit, text("Meter whose energy it lowers"), meters, search=True))
        begun = keep("begun", day_field(visit, text("Work began on"), hint=text("the baseline ends the day before")))
        done = keep("done", day_field(visit, text("Works wholly since")))
        expected = keep("expected", number_field(visit, text("Saving expected in a year"), unit="kWh", least=0))
        cost = keep("cost", number_field(visit, text("It cost"), unit="CNY", least=0))
        note = keep("note", text_field(visit, text("What else changed at the same time"), long=True))

        def question() -> Question:
            return MeasureQuestion.model_validate(
                {
                    "id": number_of.value or "",
                    "name": name.value or "",
                    "meter": meter.value or "",
                    "begun_on": begun.value or None,
                    "done_on": done.value or None,
                    "expected_saving_kWh": expected.value,
                    "cost_CNY": cost.value,
                    "note": note.value or "",
                }
            )

        return question

    return form(
        visit,
        text("Enter an energy measure"),
        "green-measure",
        "energy/record-measure",
        fields,
        send=text("Enter the measure"),
    )


def factor_form(visit: Visit) -> Awaitable[None]:
    """Open the form of an emission factor of the plant's own."""

    def fields(keep: Callable[..., Any]) -> Callable[[], Question]:
        number_of = keep("id", text_field(visit, text("Number"), hint=text("such as EF-01")))
        item = keep(
            "item", text_field(visit, text("Of what"), hint=text("carrier or material, as the records write it"))
        )
        category = keep("category", choice_field(visit, text("Kind"), _KINDS, value="material"))
        value = keep("value", number_field(visit, text("Value"), unit="kgCO2e"))
        per = keep(
            "per",
            choice_field(visit, text("per"), {one: one for one in ("kg", "kWh", "m3", "t km", "CNY")}, value="kg"),
        )
        spread = keep(
            "spread",
            number_field(
                visit,
                text("Known to within"),
                unit="%",
                least=0,
                most=1000,
                hint=text("half width of the 95 % interval; empty: not stated"),
            ),
        )
        since = keep("since", day_field(visit, text("Holds from")))
        until = keep("until", day_field(visit, text("Holds until")))
        source = keep("source", text_field(visit, text("Source"), hint=text("document, edition and clause")))

        def question() -> Question:
            unit = f"kgCO2e/({per.value})" if " " in str(per.value) else f"kgCO2e/{per.value}"
            return RecordFactorQuestion.model_validate(
                {
                    "id": number_of.value or "",
                    "item": item.value or "",
                    "category": category.value,
                    "value": value.value,
                    "unit": unit,
                    "uncertainty_percent": spread.value,
                    "valid_from_on": since.value or None,
                    "valid_until_on": until.value or None,
                    "source": source.value or "",
                }
            )

        return question

    return form(
        visit,
        text("Enter a factor of your own"),
        "green-factor",
        "carbon/record-factor",
        fields,
        send=text("Keep the factor"),
    )
