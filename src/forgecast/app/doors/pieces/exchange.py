"""Doors for others: labels to print, identifiers, EPCIS documents out, in, and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, Question, Way
from forgecast.app.doors.plant.files import FileTold
from forgecast.app.doors.values import ErrorTold, FindingTold
from forgecast.app.label.draw import Label, label_png, label_sheets, label_svg, made_label
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text
from forgecast.plant.identifier import GS1_STEM
from forgecast.store.server.rights import Right
from forgecast.tasks.check_events import check_events
from forgecast.tasks.export_events import export_events
from forgecast.tasks.import_events import import_events
from forgecast.tasks.label_pieces import NamedPiece, name_pieces

_MOST_PIECES = 1000


class Named(Question):
    """Which pieces: by their numbers, or all of a shipment."""

    pieces: list[str] = Asked(default=[], max_length=_MOST_PIECES)
    shipment: str = ""
    stem: str = Asked(default="", description="Web address of your resolver; empty: https://id.gs1.org.")
    site: str = Asked(default="", description="Site whose prefix is used, where several are recorded.")


class NamedTold(BaseModel):
    """A piece with the identifiers its records allow, or what is lacking for them."""

    piece: str
    product: str
    heat: str | None
    lot: str | None
    count: int | None
    elements: str | None
    digital_link: str | None
    industrial_identifier: str | None
    lacking: list[ErrorTold]


class AllNamed(BaseModel):
    """Pieces with their identifiers."""

    pieces: list[NamedTold]


def _named(call: Call, question: Named) -> tuple[NamedPiece, ...]:
    if not question.pieces and not question.shipment:
        raise ForgecastError(
            text("no piece is named"), repair=text("give numbers of pieces, or the number of a shipment")
        )
    return name_pieces(
        call.plant,
        question.pieces,
        shipment=question.shipment or None,
        stem=question.stem or GS1_STEM,
        site=question.site,
    )


def _identifiers(call: Call, question: Named) -> Mapping[str, Any]:
    return {"pieces": [one.as_json() for one in _named(call, question)]}


class Labels(Named):
    """Labels to be printed."""

    symbol: Literal["qr", "datamatrix"] = "qr"
    size_mm: float = Asked(default=15.0, ge=3, le=150, description="Width of the symbol without its quiet zone.")
    content: Literal["gs1", "industrial"] | None = Asked(default=None, description="None: GS1, else industrial.")
    form: Literal["pdf", "svg", "png"] = Asked(default="pdf", description="Sheets of A4, or a file for each piece.")


class LabelsTold(BaseModel):
    """Labels that were drawn; the files lie with the run."""

    files: list[str]
    pieces: list[NamedTold]


def _labels(call: Call, question: Labels) -> Mapping[str, Any]:
    assert call.folder is not None  # noqa: S101  (a run has a folder)
    named = _named(call, question)
    labels = [made_label(one, question.symbol, question.content) for one in named]
    call.progress(0.3)
    if question.form == "pdf":
        sheets = call.folder / "labels.pdf"
        sheets.write_bytes(label_sheets(labels, question.size_mm, call.language, datetime.now(UTC)))
        files = [sheets]
    else:
        files = _each(labels, call.folder, question, call.language)
    return {"files": [file.name for file in files], "pieces": [one.as_json() for one in named]}


def _each(labels: Sequence[Label], folder: Path, question: Labels, language: Language) -> list[Path]:
    made = []
    for number, label in enumerate(labels, start=1):
        # A number of a piece may hold what no file name may.
        file = folder / f"label.{number:04d}.{question.form}"
        svg = question.form == "svg"
        file.write_bytes(label_svg(label, question.size_mm, language) if svg
                         else label_png(label, question.size_mm, language))  # fmt: skip
        made.append(file)
    return made


class ExportAsked(Question):
    """What is told to others, and under which address your numbers live."""

    shipment: str = ""
    piece: str = ""
    base: str = Asked(default="", description="Web address of yours: heats, lots, shipments have no GS1 key.")
    bare: bool = Asked(default=False, description="Leave out our own fields.")
    site: str = ""
    stem: str = ""


class ExportTold(BaseModel):
    """An EPCIS document that was made; it lies with the run."""

    file: str
    events: dict[str, int]
    findings: list[FindingTold]


def _export(call: Call, question: ExportAsked) -> Mapping[str, Any]:
    assert call.folder is not None  # noqa: S101  (a run has a folder)
    if question.shipment and question.piece:
        raise ForgecastError(text("a shipment and a piece are both asked for"), repair=text("ask for one of them"))
    made = export_events(
        call.plant,
        base=question.base,
        shipment=question.shipment or None,
        piece=question.piece or None,
        bare=question.bare,
        stem=question.stem or GS1_STEM,
        site=question.site,
        progress=call.progress,
    )
    file = call.folder / "events.jsonld"
    file.write_text(json.dumps(made.document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return {"file": file.name, "events": dict(made.counts), "findings": [one.as_json() for one in made.findings]}


class ImportAsked(Question):
    """An EPCIS document of others."""

    upload: str
    base: str = Asked(default="", description="Web address under which the sender's numbers live.")


def _import(call: Call, question: ImportAsked) -> Mapping[str, Any]:
    return import_events(
        call.plant, call.upload(question.upload), base=question.base, by=call.by, progress=call.progress
    ).as_json()


class CheckAsked(Question):
    """An EPCIS document."""

    upload: str


class CheckTold(BaseModel):
    """What is wrong with a document."""

    sound: bool
    events: int
    findings: list[FindingTold]


def _check(call: Call, question: CheckAsked) -> Mapping[str, Any]:
    events, findings = check_events(call.upload(question.upload))
    return {
        "sound": all(str(one.severity) != "refused" for one in findings),
        "events": events,
        "findings": [one.as_json() for one in findings],
    }


IDENTIFIERS = Door("pieces", "identifiers", text("GS1 Digital Link and industrial identifier of pieces."),
                   Right.SEE, Way.READ, Named, AllNamed, _identifiers)  # fmt: skip
LABELS = Door("pieces", "labels", text("Labels of pieces with QR code or DataMatrix, to be printed."),
              Right.SEE, Way.RUN, Labels, LabelsTold, _labels)  # fmt: skip
EXPORT = Door("pieces", "export-events", text("An EPCIS document of a shipment, a piece or all, for others."),
              Right.SEE, Way.RUN, ExportAsked, ExportTold, _export)  # fmt: skip
IMPORT = Door("pieces", "import-events", text("Take in what others say happened, wholly or not at all."),
              Right.RECORD, Way.RUN, ImportAsked, FileTold, _import)  # fmt: skip
CHECK = Door("pieces", "check-events", text("What is wrong with an EPCIS document, event by event."),
             Right.SEE, Way.RUN, CheckAsked, CheckTold, _check)  # fmt: skip

EXCHANGE_DOORS: tuple[Door[Any], ...] = (IDENTIFIERS, LABELS, EXPORT, IMPORT, CHECK)
