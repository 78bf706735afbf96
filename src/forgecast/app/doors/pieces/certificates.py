"""Doors of inspection documents by EN 10204: issue and sign, verify, and the key of the plant."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.certificate.page import render_certificate
from forgecast.app.doors.door import Call, Door, NoQuestion, Question, Way
from forgecast.app.doors.values import ErrorTold
from forgecast.gateway.certificate_settings import FILE_NAME, read_certificate_settings
from forgecast.gateway.signature import SignatureError, make_key
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.quality.release import DecisionRule
from forgecast.store.server.rights import Right
from forgecast.tasks.certificate_contents import CertificateRequest
from forgecast.tasks.check_grade import own_grades
from forgecast.tasks.issue_certificate import issue_certificate
from forgecast.tasks.verify_certificate import verify_certificate

#: Where the key of a plant lies below its folder; the private one never leaves it.
KEYS, PRIVATE, PUBLIC = "keys", "private.pem", "public.jwk"
#: Environment variable that holds the passphrase of the key, where it has one.
PASSPHRASE = "FORGECAST_PASSPHRASE"  # noqa: S105  (its name, not its value)
Rule = Literal["both", "simple", "guarded-acceptance", "guarded-rejection"]


class Issue(Question):
    """For which shipment which document is asked; who asks, signs it."""

    shipment: str
    type: Literal["2.1", "2.2", "3.1"]
    number: str = Asked(default="", max_length=100, description="Of the certificate; empty: shipment and type.")
    grade: str = Asked(default="", description="Grade to judge by; empty: the one of the product's record.")
    state: str = ""
    section_mm: float | None = Asked(default=None, gt=0)
    rule: Rule = "both"


class IssuedTold(BaseModel):
    """A document that was issued; its files lie with the run."""

    number: str
    type: str
    shipment: str
    product: str
    pieces: int
    heats: list[str]
    sha256: str
    json_file: str
    pdf_file: str
    jws_file: str


class AllIssued(BaseModel):
    """The documents of a shipment, one for each product in it."""

    issued: list[IssuedTold]


def _issue(call: Call, question: Issue) -> Mapping[str, Any]:
    assert call.folder is not None  # noqa: S101  (a run has a folder)
    key = call.plant.path / KEYS / PRIVATE
    if not key.is_file():
        raise ForgecastError(
            text("this plant has no key to sign certificates with"),
            where=KEYS,
            repair=text("an administrator makes one under Pieces, Certificates"),
        )
    request = CertificateRequest(
        shipment=question.shipment,
        type=question.type,
        by=call.by,
        grade=question.grade,
        state=question.state,
        section_mm=question.section_mm,
        rule=DecisionRule(question.rule),
        number=question.number,
        own=own_grades(call.plant.path, ()),
    )
    call.progress(0.1)
    issued = issue_certificate(
        call.plant,
        request,
        key=key,
        passphrase=os.environ.get(PASSPHRASE, ""),
        folder=call.folder,
        draw=render_certificate,
        now=time.time_ns() // 1_000,
    )
    return {
        "issued": [
            {
                "number": one.certificate.number,
                "type": one.certificate.type,
                "shipment": one.certificate.shipment,
                "product": one.certificate.product,
                "pieces": one.certificate.count,
                "heats": list(one.certificate.sources),
                "sha256": one.sha256,
                "json_file": one.json.name,
                "pdf_file": one.pdf.name,
                "jws_file": one.jws.name,
            }
            for one in issued
        ]
    }


class Verify(Question):
    """The files of a certificate, and the key of its issuer."""

    uploads: list[str] = Asked(min_length=1, max_length=4, description="Its .jws, and the .json or .pdf with it.")
    key: str | None = Asked(default=None, description="Upload of the issuer's public key; none: the plant's own.")


class VerifiedTold(BaseModel):
    """Whether a certificate is as its issuer signed it."""

    unchanged: bool
    why_not: ErrorTold | None
    number: str | None
    type: str | None
    issued_on: str | None
    works: str | None
    sha256: str | None
    key_id: str | None
    checked: list[str]


def _verify(call: Call, question: Verify) -> Mapping[str, Any]:
    files = [call.upload(upload) for upload in question.uploads]
    key = call.plant.path / KEYS / PUBLIC if question.key is None else call.upload(question.key)
    with tempfile.TemporaryDirectory(prefix="forgecast-verify-") as folder:
        beside = [Path(shutil.copyfile(file, Path(folder) / file.name)) for file in files]
        try:
            found = verify_certificate(beside[0], key)
        except SignatureError as error:
            nothing = dict.fromkeys(("number", "type", "issued_on", "works", "sha256", "key_id"))
            why = {**error.as_json()["error"], "where": Path(error.where).name}  # type: ignore[dict-item]
            return {"unchanged": False, "why_not": why, **nothing, "checked": []}
    told = found.as_json()
    return {"unchanged": True, "why_not": None, **told}


class KeyTold(BaseModel):
    """The public key of a plant, and who may sign a 3.1."""

    there: bool
    key_id: str | None
    public: dict[str, Any] | None
    representatives: list[str]
    settings: bool


def _key(call: Call, _question: NoQuestion) -> Mapping[str, Any]:
    public = call.plant.path / KEYS / PUBLIC
    content = json.loads(public.read_text("utf-8")) if public.is_file() else None
    told = (call.plant.path / FILE_NAME).is_file()
    names = [one.name for one in read_certificate_settings(call.plant.path).representatives] if told else []
    return {
        "there": content is not None,
        "key_id": None if content is None else content.get("kid"),
        "public": content,
        "representatives": names,
        "settings": told,
    }


class KeyMade(BaseModel):
    """The thumbprint of a key that was made."""

    key_id: str


def _make_key(call: Call, _question: NoQuestion) -> Mapping[str, Any]:
    _, _, key_id = make_key(call.plant.path / KEYS, passphrase=os.environ.get(PASSPHRASE, ""))
    return {"key_id": key_id}


ISSUE = Door("pieces", "issue-certificate", text("Issue an inspection document by EN 10204 for a shipment, signed."),
             Right.RELEASE, Way.RUN, Issue, AllIssued, _issue)  # fmt: skip
VERIFY = Door("pieces", "verify-certificate", text("Whether a certificate is as its issuer signed it."),
              Right.SEE, Way.RUN, Verify, VerifiedTold, _verify)  # fmt: skip
KEY = Door("pieces", "key", text("The public key of the plant, and who may sign an inspection certificate 3.1."),
           Right.SEE, Way.READ, NoQuestion, KeyTold, _key)  # fmt: skip
MAKE_KEY = Door("pieces", "make-key", text("Make the key that certificates of this plant are signed with."),
                Right.ADMINISTER, Way.CHANGE, NoQuestion, KeyMade, _make_key)  # fmt: skip

CERTIFICATE_DOORS: tuple[Door[Any], ...] = (ISSUE, VERIFY, KEY, MAKE_KEY)
