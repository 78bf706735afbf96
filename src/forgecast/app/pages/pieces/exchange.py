"""Labels to print, and events for others: EPCIS documents out, checked, and taken in."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.pieces.exchange import (
    CHECK,
    EXPORT,
    IDENTIFIERS,
    IMPORT,
    LABELS,
    CheckAsked,
    ExportAsked,
    ImportAsked,
    Labels,
    Named,
)
from forgecast.app.pages.data.imports import fed_table
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    asked,
    button,
    buttons,
    card,
    choice_field,
    columns,
    error_box,
    findings_table,
    heading,
    notice,
    number_field,
    put,
    row,
    switch_field,
    table,
    tag,
    text_field,
    toast,
    upload_field,
)
from forgecast.app.pages.runs import RunPlace
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

_MOST_SHOWN = 12


@page("pieces", "pieces/labels", text("Labels"), in_menu=True)
async def labels(visit: Visit) -> None:
    """Fill the page of the labels."""
    heading(visit, text("Labels"), lead=text("QR codes or DataMatrix of pieces, to print; nothing in them is made up."))
    with columns(2):
        with card(visit, text("Which pieces")):
            pieces = text_field(
                visit,
                text("Numbers"),
                value=visit.query.get("pieces", ""),
                long=True,
                hint=text("One a line, or with commas between."),
            )
            shipment = text_field(visit, text("Or all of a shipment"), value=visit.query.get("shipment", ""))
            site = text_field(
                visit, text("Site"), hint=text("Only where several with different prefixes are recorded.")
            )
        with card(visit, text("How")):
            symbol = choice_field(
                visit, text("Symbol"), {"qr": text("QR code"), "datamatrix": text("DataMatrix")}, value="qr"
            )
            size = number_field(visit, text("Width of the symbol"), value=15, unit="mm", least=3, most=150)
            form = choice_field(
                visit,
                text("File"),
                {
                    "pdf": text("sheets of A4 (PDF)"),
                    "svg": text("one drawing for each (SVG)"),
                    "png": text("one picture for each (PNG)"),
                },
                value="pdf",
            )
            content = choice_field(
                visit,
                text("Identifier"),
                {"": text("GS1, else industrial"), "gs1": "GS1", "industrial": text("industrial internet")},
                value="",
            )
    place = RunPlace(visit, lambda told, job: _labelled(visit, told, job), what=text("Drawing the labels"))

    async def draw() -> None:
        numbers = [one.strip() for one in (pieces.value or "").replace(",", "\n").splitlines() if one.strip()]
        question = Labels(
            pieces=numbers,
            shipment=(shipment.value or "").strip(),
            site=(site.value or "").strip(),
            symbol=symbol.value,
            size_mm=float(size.value or 15.0),
            form=form.value,
            content=content.value or None,
        )
        await place.start(LABELS, question)

    with row():
        made = button(visit, text("Draw the labels"), draw, kind="main")
        made.move(target_index=0)
    await place.resume()
    wanted = [one for one in visit.query.get("pieces", "").split(",") if one]
    if wanted:
        await asked(visit, IDENTIFIERS, Named(pieces=wanted[:50]), lambda told: _identifiers(visit, told["pieces"]))


def _labelled(visit: Visit, told: dict[str, Any], job: str) -> None:
    links = [
        tag("a", name, href=visit.file_address(job, name), class_="fc-button main", target="_blank", rel="noopener")
        for name in told["files"][:_MOST_SHOWN]
    ]
    buttons(links)
    if told["files"][0].endswith((".svg", ".png")):
        images = [
            tag("img", src=visit.file_address(job, name), alt=visit.say(text("Label of {piece}", piece=one["piece"])))
            for name, one in list(zip(told["files"], told["pieces"], strict=True))[:_MOST_SHOWN]
        ]
        put(tag("div", *images, class_="fc-row"), classes="fc-picture fc-paper")
    _identifiers(visit, told["pieces"])


def _identifiers(visit: Visit, pieces: list[dict[str, Any]]) -> None:
    with card(visit, text("What they say"), flush=True):
        rows = []
        for one in pieces[:200]:
            lacking = "; ".join(f"{visit.say(why['what'])} → {visit.say(why['repair'])}" for why in one["lacking"])
            rows.append(
                (one["piece"], one["product"], one["digital_link"], one["industrial_identifier"], lacking or "—")
            )
        table(
            visit,
            [
                text("Piece"),
                text("Product"),
                text("GS1 Digital Link"),
                text("Industrial identifier"),
                text("What lacks"),
            ],
            rows,
        )


@page("pieces", "pieces/events", text("Events for others"), in_menu=True)
async def events(visit: Visit) -> None:
    """Fill the page of the events."""
    heading(
        visit,
        text("Events for others"),
        lead=text("What happened to pieces, for customers and from suppliers, in EPCIS 2.0. Prices are never told."),
    )
    with columns(2):
        with card(visit, text("Hand on")):
            await _handing_on(visit)
        with card(visit, text("Check, and take in")):
            _Coming(visit).place()


async def _handing_on(visit: Visit) -> None:
    shipment = text_field(visit, text("Shipment"), value=visit.query.get("shipment", ""))
    piece = text_field(visit, text("Or one piece"), hint=text("Both empty: all there is."))
    base = text_field(
        visit,
        text("Your web address"),
        placeholder="https://id.foundry.example",
        hint=text("Heats, lots and shipments have no GS1 key; their numbers live under it."),
    )
    bare = switch_field(visit, text("In the words of EPCIS alone"))
    place = RunPlace(
        visit, lambda told, job: _exported(visit, told, job), what=text("Gathering the events"), name="export"
    )

    async def send() -> None:
        question = ExportAsked(
            shipment=(shipment.value or "").strip(),
            piece=(piece.value or "").strip(),
            base=(base.value or "").strip(),
            bare=bool(bare.value),
        )
        await place.start(EXPORT, question)

    with row():
        button(visit, text("Make the document"), send, kind="main")
    await place.resume()


def _exported(visit: Visit, told: dict[str, Any], job: str) -> None:
    count = sum(told["events"].values())
    notice(visit, text("{count} events", count=count), tone="good" if count else "warn")
    to = visit.file_address(job, told["file"])
    buttons([tag("a", visit.say(text("Document (JSON-LD)")), href=to, class_="fc-button main", download=True)])
    if told["findings"]:
        findings_table(visit, told["findings"])


class _Coming:
    """A document of others: checked first, then taken in."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._upload = ""

    def place(self) -> None:
        visit = self._visit
        upload_field(visit, text("EPCIS 2.0 document"), accept=".jsonld,.json", kept=self._kept)
        self._base = text_field(
            visit, text("The sender's web address"), hint=text("Under which his numbers live; empty: they stay whole.")
        )
        self._checked = RunPlace(
            visit, lambda told, _job: self._found(told), what=text("Checking the document"), name="check"
        )
        self._taken = RunPlace(
            visit, lambda told, _job: self._result(told), what=text("Taking the events in"), name="take"
        )

    async def _kept(self, upload_id: str, _name: str) -> None:
        self._upload = upload_id
        self._taken.clear()
        await self._checked.start(CHECK, CheckAsked(upload=upload_id))

    def _found(self, told: dict[str, Any]) -> None:
        visit = self._visit
        if told["sound"]:
            notice(visit, text("{count} events; nothing is wrong with them.", count=told["events"]), tone="good")
        else:
            notice(visit, text("{count} events, with defects:", count=told["events"]), tone="bad")
        if told["findings"]:
            findings_table(visit, told["findings"])
        if visit.may(Right.RECORD):
            with row():
                button(visit, text("Take them in"), self._take, kind="main")

    async def _take(self) -> None:
        if not self._upload:
            toast(self._visit, text("Send the document again."), tone="warn")
            return
        question = ImportAsked(upload=self._upload, base=(self._base.value or "").strip())
        await self._taken.start(IMPORT, question)

    def _result(self, told: dict[str, Any]) -> None:
        visit = self._visit
        if told["refused"] is not None:
            error_box(visit, told["refused"])
        elif told["already_in"]:
            notice(visit, text("This very document was in already; nothing was done."))
        else:
            notice(visit, text("Taken in."), tone="good")
            fed_table(visit, told["fed"])
        if told["findings"]:
            findings_table(visit, told["findings"])
