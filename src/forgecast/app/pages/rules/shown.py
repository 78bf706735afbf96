"""How verdicts are shown wherever they stand: in lists, beside each other, with a way to their why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from forgecast.app.doors.rules.forms import AsOf
from forgecast.app.doors.rules.kept import ASSESSMENT
from forgecast.app.doors.rules.settle import BOOK_TO_FILL
from forgecast.app.pages.parts import (
    Heading,
    Markup,
    badge,
    chip,
    error_box,
    job_progress,
    joined,
    lines,
    link,
    notice,
    number,
    said,
    table,
    tag,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import local_hour
from forgecast.app.report.words import CONFIDENCE_TEXTS, SUBJECT_TEXTS
from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.rules.book import LAYER_TEXTS
from forgecast.rules.verdict import FORCE_TEXTS, Force

FORCES: Mapping[str, Text] = {str(force): words for force, words in FORCE_TEXTS.items()}
LAYERS: Mapping[str, Text] = {str(layer): words for layer, words in LAYER_TEXTS.items()}
SIGNS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">"}
CONFIDENCE_TONES = {"primary": "good", "secondary": "plain", "unverified": "unknown"}


def verdict_address(visit: Visit, name: str) -> str:
    """Return the page of one verdict."""
    return visit.link("rules/verdict", id=name)


def subject_words(visit: Visit, subject: Mapping[str, Any]) -> str:
    """Return kind, number and name of a subject."""
    kind = said(visit, SUBJECT_TEXTS.get(str(subject["kind"]), str(subject["kind"])))
    name = str(subject["name"])
    number_of = "" if subject["kind"] == subject["id"] else str(subject["id"])
    head = f"{kind} {number_of}".strip()
    return head if name in {"", subject["id"]} else f"{head} · {name}"


def measured(row: Mapping[str, Any]) -> Markup | None:
    """Return a figure as it was judged; None where the requirement is a state."""
    figure, limit = row["figure"], row["limit"]
    if figure["value"] is None:
        return None
    return number(figure["value"], figure["unit"], against=None if limit is None else limit["value"])


def demanded(row: Mapping[str, Any]) -> Markup | None:
    """Return the limit; None where the requirement is a state."""
    limit = row["limit"]
    if limit is None or limit["value"] is None:
        return None
    return joined(SIGNS.get(limit["comparison"], limit["comparison"]), " ", number(limit["value"], limit["unit"]))


def confidence(visit: Visit, name: str) -> Markup:
    """Return how well a number is known, as a chip."""
    return chip(visit, CONFIDENCE_TEXTS.get(name, name), CONFIDENCE_TONES.get(name, "plain"))


def verdict_table(visit: Visit, rows: Sequence[Mapping[str, Any]], *, caption: Text, subjects: bool = True) -> None:
    """Place verdicts as a table of up to a few hundred rows."""
    table(
        visit,
        [
            Heading(text("Verdict")),
            Heading(text("Requirement")),
            Heading(text("Measured"), numeric=True),
            Heading(text("Limit"), numeric=True),
            Heading(text("Force")),
        ],
        [
            (
                badge(visit, str(row["word"])),
                lines(
                    link(visit, row["title"], verdict_address(visit, row["id"])),
                    subject_words(visit, row["subject"]) if subjects else None,
                ),
                measured(row),
                demanded(row),
                said(visit, FORCES[str(Force(row["force"]))]),
            )
            for row in rows
        ],
        caption=caption,
    )


def verdict_list(visit: Visit, rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Return verdicts as a list of lines: word, requirement, what was measured against what."""
    items = []
    for row in rows:
        value, limit = measured(row), demanded(row)
        against = joined(" · ", value, " (", limit, ")") if value is not None and limit is not None else None
        under = tag("span", subject_words(visit, row["subject"]), against, class_="fc-line fc-soft")
        items.append(tag("li", badge(visit, str(row["word"])), " ", _to(visit, row), under))
    return tag("ul", *items, class_="fc-list fc-plain")


def _to(visit: Visit, row: Mapping[str, Any]) -> Markup:
    return link(visit, row["title"], verdict_address(visit, row["id"]))


async def assessed(
    visit: Visit, question: AsOf, show: Callable[[], Awaitable[None] | None], *, height: int = 240
) -> None:
    """Place what rests on the kept assessment, as soon as there is one.

    The slices are asked for by `show`; the assessment itself never passes through the page.

    Parameters
    ----------
    visit : Visit
    question : AsOf
    show : callable
        Places the slices; may be ``async``.
    height : int
        As much as they will take [px].
    """
    place = ui.element("div").classes("fc-asked").style(f"min-height: {height}px")

    async def fill() -> None:
        try:
            answered = await visit.ask(ASSESSMENT, question)
        except ForgecastError as error:
            place.clear()
            with place:
                error_box(visit, error)
            return
        place.clear()
        with place:
            there = answered.content is not None
            if there and not answered.fresh:
                hour = local_hour(from_us(answered.as_of_us, "UTC").isoformat(), visit.zone)
                notice(
                    visit,
                    text(
                        "As of {hour}; the records have changed since, newer figures are being worked out.", hour=hour
                    ),
                )
            if answered.job is not None and (not there or not answered.fresh):
                job_progress(visit, answered.job.id, what=text("The plant is being judged"), done=fill, quiet=there)
            if there:
                place.style("min-height: 0")
                shown = show()
                if shown is not None:
                    await shown

    await fill()


async def read(visit: Visit, door: Any, **fields: object) -> Any:  # noqa: ANN401  (JSON)
    """Return the answer of a READ.

    Raises
    ------
    ForgecastError
        As `Visit.ask`.
    """
    return (await visit.ask(door, door.asks(**fields))).read()


def settle_list(visit: Visit, entries: Sequence[Mapping[str, Any]], titles: Mapping[str, Any]) -> Markup:
    """Return what would settle open verdicts, as a list with a way to each place.

    Parameters
    ----------
    visit : Visit
    entries : sequence of mapping
        As `forgecast.app.doors.rules.settle.settling` returns them.
    titles : mapping of str to Words
        Titles of the books.
    """
    items = []
    for one in entries:
        words: Any = one["record"] or one["reason"]
        if one["book"]:
            words = text("open numbers of {book}: enter them from your own copy", book=_title(titles, one["book"]))
            head = link(visit, words, visit.link(f"rules/fill/{one['book']}"))
        elif one["record_name"]:
            head = link(visit, words, visit.link(f"data/records/{one['record_name']}"))
        else:
            head = tag("span", said(visit, words))
        tally = text("verdicts waiting: {waiting} · settled by this alone: {alone}", waiting=one["waiting"],
                     alone=one["alone"])  # fmt: skip
        items.append(tag("li", head, tag("span", said(visit, tally), class_="fc-line fc-soft")))
    return tag("ul", *items, class_="fc-list fc-plain")


def missing_list(visit: Visit, missing: Sequence[Mapping[str, Any]]) -> Markup:
    """Return what would settle a verdict as a list; what a book leaves open leads to where it is entered."""
    items = []
    for words in missing:
        book = BOOK_TO_FILL.search(str(words["en"]))
        if book is None:
            items.append(tag("li", said(visit, words)))
            continue
        to_fill = text("what {book} leaves open: enter it from your own copy", book=book[1])
        items.append(tag("li", link(visit, to_fill, visit.link(f"rules/fill/{book[1]}"))))
    return tag("ul", *items, class_="fc-list")


def _title(titles: Mapping[str, Any], book: str) -> Text:
    found = titles.get(book)
    return Text("{en}", "{zh}", (("en", found["en"] if found else book), ("zh", found["zh"] if found else book)))
