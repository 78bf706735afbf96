"""What stands where a result does not: nothing yet, being worked out, refused; and short notices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from nicegui import ui
from nicegui.element import Element
from pydantic import ValidationError

from forgecast.app.pages.parts.inline import TONE_SIGNS, with_code
from forgecast.app.pages.parts.instead import fields_here, in_fields, pages_instead
from forgecast.app.pages.parts.markup import Markup, joined, put, tag
from forgecast.app.pages.parts.words import Reader, Words, said
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text


def empty(reader: Reader, title: Words, *, do: Words = None, links: Sequence[Markup] = ()) -> None:
    """Place what is said where there is nothing yet, with what to do next.

    Parameters
    ----------
    reader : Reader
    title : Words
        What is not there.
    do : Words
        What to do about it, in a sentence.
    links : sequence of Markup
        Where to do it (see `inline.link`).
    """
    put(
        joined(
            tag("p", said(reader, title), class_="fc-empty-title"),
            tag("p", said(reader, do)) if said(reader, do) else None,
            tag("p", *links, class_="fc-row") if links else None,
        ),
        classes="fc-empty",
    )


def error_box(reader: Reader, error: ForgecastError | Mapping[str, Any]) -> None:
    """Place an error: what is wrong, where, the repair, and the pages that do what it names commands for.

    Parameters
    ----------
    reader : Reader
    error : ForgecastError or mapping
        The mapping is what `ForgecastError.as_json` writes, or its part ``error``.
    """
    content: Mapping[str, Any] = error.as_json() if isinstance(error, ForgecastError) else error
    inner: Mapping[str, Any] = content.get("error", content)
    where = str(inner.get("where") or "")
    instead = pages_instead(reader, inner.get("repair")) if isinstance(reader, Visit) else []
    repair = said(reader, inner.get("repair"))
    put(
        joined(
            tag("p", tag("span", "×", class_="fc-sign", aria_hidden="true"), said(reader, inner.get("what"))),
            tag("p", where, class_="fc-place") if where else None,
            tag(
                "p",
                tag("span", "→ ", aria_hidden="true"),
                with_code(in_fields(repair, fields_here()) if "--" in repair else repair),
                class_="fc-repair",
            ),
            tag("p", said(reader, text("On these pages:")), " ", *instead, class_="fc-row") if instead else None,
        ),
        classes="fc-error",
    ).props["role"] = "alert"


def notice(reader: Reader, words: Words, *, tone: str = "unknown") -> None:
    """Place a sentence in a coloured strip (``good``, ``bad``, ``warn``, ``unknown``)."""
    put(joined(said(reader, words)), tag_name="p", classes=f"fc-notice tone-{tone}")


def waiting(reader: Reader, words: Words = None, *, height: int = 120) -> Element:
    """Return a grey stand-in for what is being worked out.

    Parameters
    ----------
    reader : Reader
    words : Words
        What is being worked out.
    height : int
        As much as the result will take [px], so that nothing jumps.
    """
    sentence = said(reader, words or text("being worked out …"))
    element = put(tag("span", sentence), classes="fc-waiting").style(f"min-height: {height}px")
    element.props["role"] = "status"
    return element


def toast(reader: Reader, words: Words, *, tone: str = "good") -> None:
    """Show a sentence for a moment (``good``, ``bad``, ``warn``)."""
    shown = f"{TONE_SIGNS[tone]} {said(reader, words)}"
    ui.notify(shown, position="bottom", classes=f"fc-toast tone-{tone}")


def tell_failures(reader: Reader) -> None:
    """Show what goes wrong behind a button or a clock of this page, which would otherwise stand in the log only."""

    def told(error: Exception) -> None:
        if isinstance(error, ValidationError):  # a question that was made of what is filled in
            first = error.errors()[0]
            name = str(first["loc"][-1]) if first["loc"] else ""
            wrong = text("this field cannot be taken: {message}", message=str(first["msg"]))
            mend = text("change the field and send again")
            toast(reader, f"{fields_here().get(name, name)}: {said(reader, wrong)} → {said(reader, mend)}", tone="bad")
            return
        if not isinstance(error, ForgecastError):
            # What it says is for who repairs the program, and may hold what this visitor must not see.
            toast(reader, text("This has failed; the log of the server says why. See what is on record."), tone="bad")
            return
        toast(reader, f"{said(reader, error.what)} → {said(reader, error.repair)}", tone="bad")

    ui.context.client.on_exception(told)


@contextmanager
def dialog(reader: Reader, title: Words, *, detail: Words = None) -> Generator[ui.dialog]:
    """Return a dialogue, to be filled with ``with`` and then opened; once closed it is gone.

    It belongs to the page and not to the place whose button opened it: that may be filled anew at any moment, which
    would take the dialogue away from under somebody's hands.

    Parameters
    ----------
    reader : Reader
    title : Words
    detail : Words
        A sentence below it.
    """
    with ui.context.client.content, ui.dialog() as made, ui.element("div").classes("fc-dialog"):
        made.props["aria-label"] = said(reader, title)
        made.on("hide", made.delete)
        below = tag("p", said(reader, detail), class_="fc-soft") if detail else None
        put(joined(tag("h2", said(reader, title)), below))
        yield made


async def confirm(reader: Reader, question: Words, *, yes: Words, detail: Words = None, grave: bool = False) -> bool:
    """Ask whether to go on, and return the answer.

    Parameters
    ----------
    reader : Reader
    question : Words
    yes : Words
        What will be done, as the button says it.
    detail : Words
        What cannot be undone.
    grave : bool
        Whether something is lost by it.
    """
    with dialog(reader, question, detail=detail) as made, ui.element("div").classes("fc-row fc-row-end"):
        button(reader, text("Cancel"), lambda: made.submit(None), kind="quiet")
        button(reader, yes, lambda: made.submit("yes"), kind="grave" if grave else "main")
    return await made is not None


def button(
    reader: Reader,
    words: Words,
    do: Callable[[], Any] | Callable[[], Awaitable[Any]] | None = None,
    *,
    kind: str = "plain",
) -> ui.button:
    """Return a button.

    Parameters
    ----------
    reader : Reader
    words : Words
    do : callable or None
    kind : str
        ``main`` (one on a page: what it is for), ``plain``, ``quiet`` or ``grave`` (loses something).
    """
    return ui.button(said(reader, words), on_click=do, color=None).props("flat no-caps").classes(f"fc-button {kind}")
