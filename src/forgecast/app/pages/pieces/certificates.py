"""Inspection documents by EN 10204: issued for a shipment and signed, looked at, verified; the key of the plant."""

from __future__ import annotations

import json
from typing import Any

from nicegui import ui

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.pieces.certificates import ISSUE, KEY, MAKE_KEY, VERIFY, Issue, Verify
from forgecast.app.doors.plant.records import ROWS, AboutRows
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Column,
    asked,
    button,
    buttons,
    card,
    choice_field,
    columns,
    confirm,
    error_box,
    facts,
    fold,
    grid,
    heading,
    notice,
    number_field,
    paragraph,
    put,
    row,
    tag,
    text_field,
    toast,
    upload_field,
)
from forgecast.app.pages.runs import RunPlace
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text, verbatim
from forgecast.store.server.rights import Right

_RULES = {
    "both": text("guarded on both sides"),
    "simple": text("simple acceptance"),
    "guarded-acceptance": text("guarded acceptance"),
    "guarded-rejection": text("guarded rejection"),
}


@page("pieces", "pieces/certificates", text("Certificates"), in_menu=True)
async def certificates(visit: Visit) -> None:
    """Fill the page of the certificates."""
    heading(
        visit,
        text("Certificates"),
        lead=text("Inspection documents by EN 10204:2004, from the records alone, signed so that no byte can change."),
    )
    with columns(2):
        if visit.may(Right.RELEASE):
            with card(visit, text("Issue one")):
                await _Form(visit).place()
        with card(visit, text("Verify one")):
            _Check(visit).place()
    with card(visit, text("Issued so far"), flush=True):
        grid(
            visit,
            visit.address(ROWS, AboutRows(record="certificate", sort="-issued_at")),
            [
                Column("values.issued_at", text("When"), kind="moment", width=165),
                Column("values.id", text("Number"), link=visit.link("data/row/certificate") + "?key0={key.0}"),
                Column("values.type", text("Type"), width=90),
                Column(
                    "values.shipment",
                    text("Shipment"),
                    link=visit.link("pieces/of") + "?kind=shipment&id={values.shipment}",
                ),
                Column("values.issued_by", text("By")),
                Column("values.sha256", text("SHA-256")),
            ],
            title=text("Issued so far"),
            zone=visit.zone,
            empty=text("No certificate was issued yet."),
        )
    with fold(visit, text("The key of this plant, and who may sign a 3.1")):
        await asked(visit, KEY, NoQuestion(), lambda told: _key(visit, told))


class _Form:
    """The form by which a document is issued."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    async def place(self) -> None:
        visit = self._visit
        answered = await visit.ask(ROWS, AboutRows(record="shipment", sort="-shipped_at", limit=300))
        rows = answered.read()["rows"]
        names = {
            one["key"][0]: " · ".join(
                str(v) for v in (one["key"][0], one["values"]["customer"], one["values"]["order"]) if v
            )
            for one in rows
        }
        wanted = visit.query.get("shipment", "")
        self._shipment = choice_field(
            visit, text("Shipment"), names, value=wanted if wanted in names else None, search=True
        )
        self._type = choice_field(
            visit,
            text("Type"),
            {
                "2.1": text("2.1 declaration of compliance"),
                "2.2": text("2.2 test report"),
                "3.1": text("3.1 inspection certificate"),
            },
            value="3.1",
        )
        with fold(visit, text("More")):
            self._number = text_field(visit, text("Number"), hint=text("Empty: shipment and type."))
            self._grade = text_field(visit, text("Grade to judge by"), hint=text("Empty: the one of the product."))
            self._state = text_field(visit, text("Condition of the material"))
            self._section = number_field(visit, text("Size of section"), unit="mm", least=0)
            self._rule = choice_field(visit, text("How uncertainty enters"), _RULES, value="both")
        paragraph(visit, text("You sign it: {name}.", name=visit.asker().by), soft=True)
        place = RunPlace(visit, self._issued, what=text("Issuing the certificate"), name="issue")
        with row():
            button(visit, text("Issue and sign"), lambda: self._send(place), kind="main")
        await place.resume()

    async def _send(self, place: RunPlace) -> None:
        visit = self._visit
        if not self._shipment.value:
            self._shipment.error = visit.say(text("This is needed."))
            return
        self._shipment.error = None
        question = Issue(
            shipment=self._shipment.value,
            type=self._type.value,
            number=(self._number.value or "").strip(),
            grade=(self._grade.value or "").strip(),
            state=(self._state.value or "").strip(),
            section_mm=self._section.value or None,
            rule=self._rule.value,
        )
        await place.start(ISSUE, question)

    def _issued(self, told: dict[str, Any], job: str) -> None:
        visit = self._visit
        for one in told["issued"]:
            said = text(
                "Issued: {number}, {count} pieces of {product}.",
                number=one["number"],
                count=one["pieces"],
                product=one["product"],
            )
            notice(visit, said, tone="good")
            pdf = visit.file_address(job, one["pdf_file"])
            links = [
                tag(
                    "a",
                    visit.say(text("Look at the PDF")),
                    href=pdf,
                    class_="fc-button main",
                    target="_blank",
                    rel="noopener",
                ),
                tag("a", visit.say(verbatim("PDF")), href=pdf, class_="fc-button", download=True),
                tag(
                    "a",
                    visit.say(text("Data (EN 10168)")),
                    href=visit.file_address(job, one["json_file"]),
                    class_="fc-button",
                    download=True,
                ),
                tag(
                    "a",
                    visit.say(text("Signature")),
                    href=visit.file_address(job, one["jws_file"]),
                    class_="fc-button",
                    download=True,
                ),
            ]
            buttons(links)
            facts(visit, [(text("Heats"), ", ".join(one["heats"])), (text("SHA-256"), one["sha256"])], wide=True)


class _Check:
    """The form by which a document is verified."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._files: dict[str, str] = {}
        self._key: str | None = None

    def place(self) -> None:
        visit = self._visit
        upload_field(
            visit,
            text("Its files: the .jws, and the .pdf or .json"),
            accept=".jws,.pdf,.json",
            kept=self._kept,
            hint=text("All under the names they were issued with."),
        )
        self._listed = ui.element("p").classes("fc-soft")
        upload_field(
            visit,
            text("Public key of the issuer"),
            accept=".jwk,.json",
            kept=self._keyed,
            hint=text("None: the key of this plant."),
        )
        place = RunPlace(
            visit, lambda told, _job: self._verified(told), what=text("Verifying the certificate"), name="check"
        )
        with row():
            button(visit, text("Verify"), lambda: self._send(place))

    def _kept(self, upload_id: str, name: str) -> None:
        self._files[name] = upload_id
        self._listed.clear()
        with self._listed:
            ui.label(", ".join(self._files))

    def _keyed(self, upload_id: str, _name: str) -> None:
        self._key = upload_id

    async def _send(self, place: RunPlace) -> None:
        if not self._files:
            toast(self._visit, text("Send the files of the certificate first."), tone="warn")
            return
        ordered = sorted(self._files, key=lambda name: not name.endswith(".pdf"))
        await place.start(VERIFY, Verify(uploads=[self._files[name] for name in ordered], key=self._key))

    def _verified(self, told: dict[str, Any]) -> None:
        visit = self._visit
        if not told["unchanged"]:
            notice(visit, text("This is not what was signed."), tone="bad")
            error_box(visit, told["why_not"])
            return
        notice(visit, text("Unchanged since it was signed."), tone="good")
        facts(
            visit,
            [
                (text("Number"), told["number"]),
                (text("Type"), told["type"]),
                (text("Works"), told["works"]),
                (text("Issued on"), told["issued_on"]),
                (text("Files compared"), ", ".join(told["checked"])),
                (text("Thumbprint of the key"), told["key_id"]),
            ],
            wide=True,
        )
        paragraph(visit, text("Compare the thumbprint with what the issuer told you by another way."), soft=True)


def _key(visit: Visit, told: dict[str, Any]) -> None:
    names = ", ".join(told["representatives"]) or visit.say(text("nobody is named in certificate.toml"))
    facts(
        visit,
        [(text("Thumbprint of the key"), told["key_id"]), (text("May sign a 3.1"), names)],
        wide=True,
    )
    if told["there"]:
        put(tag("p", visit.say(text("Hand this to whoever is to verify:")), class_="fc-soft"))
        put(tag("code", json.dumps(told["public"])), classes="fc-scroll")
        return
    notice(visit, text("This plant has no key to sign certificates with."), tone="warn")
    if visit.may(Right.ADMINISTER):
        button(visit, text("Make a key"), lambda: _made(visit))


async def _made(visit: Visit) -> None:
    if not await confirm(
        visit,
        text("Make the key of this plant?"),
        yes=text("Make it"),
        detail=text("The private part stays in the folder of the plant; keep a copy where it cannot burn."),
    ):
        return
    try:
        await visit.ask(MAKE_KEY, NoQuestion())
    except ForgecastError as error:
        toast(visit, error.what, tone="bad")
        return
    ui.navigate.reload()
