"""Verify an issued certificate offline, with nothing but its files and the issuer's public key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from forgecast.gateway.signature import SignatureError, check
from forgecast.ground.texts import text


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verified certificate is.

    Parameters
    ----------
    number, type : str
    issued_on : str
        Day, as the certificate gives it.
    works : str
    sha256 : str
        Of its JSON.
    key_id : str
    checked : tuple of str
        Names of the files whose bytes were compared.
    """

    number: str
    type: str
    issued_on: str
    works: str
    sha256: str
    key_id: str
    checked: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return the answer as every JSON answer shows it."""
        return {
            "number": self.number,
            "type": self.type,
            "issued_on": self.issued_on,
            "works": self.works,
            "sha256": self.sha256,
            "key_id": self.key_id,
            "checked": list(self.checked),
        }


def verify_certificate(path: Path, key: Path) -> Verified:
    """Check that not a byte of a certificate has changed since its key signed it.

    Parameters
    ----------
    path : Path
        Any of its files: ``.jws``, ``.json`` or ``.pdf``; the ``.jws`` has to lie beside it. Those of the other two
        that lie there are checked along.
    key : Path
        Public key (JWK).

    Raises
    ------
    SignatureError
        If a file is missing or cannot be read, or anything was changed.
    """
    signature = path.with_suffix(".jws")
    try:
        signed = _read(signature).decode("ascii")
    except UnicodeDecodeError as error:
        raise _changed(signature) from error
    found = check(signed, key)
    checked = [signature.name]
    beside = path.with_suffix(".json")
    if path == beside or beside.is_file():
        if _read(beside) != found.payload:
            raise _changed(beside)
        checked.append(beside.name)
    listed = dict(found.files)
    for ending in {path.suffix, ".pdf"} - {".jws", ".json"}:
        file = path.with_suffix(ending)
        if file != path and not file.is_file():
            continue
        if hashlib.sha256(_read(file)).hexdigest() not in listed.values():
            raise _changed(file)
        checked.append(file.name)
    return _told(found.payload, found.key_id, tuple(checked), signature)


def _told(payload: bytes, key_id: str, checked: tuple[str, ...], where: Path) -> Verified:
    try:
        body = json.loads(payload)["Certificate"]
        deal, validation = body["CommercialTransaction"], body["Validation"]
        return Verified(
            deal["A03"], deal["A02"], validation["Z02"], deal["A01"]["Name"],
            hashlib.sha256(payload).hexdigest(), key_id, checked,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise SignatureError(
            text("the key signed something that is no certificate"),
            where=str(where),
            repair=text("ask the issuer for the document again"),
        ) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SignatureError(
            text("the file cannot be read: {reason}", reason=error.strerror or str(error)),
            where=str(path),
            repair=text("keep the .json, .pdf and .jws of a certificate in one folder, under one name"),
        ) from error


def _changed(path: Path) -> SignatureError:
    return SignatureError(
        text("this file is not what was signed: it was changed, or is of another certificate"),
        where=str(path),
        repair=text("ask the issuer for the document again"),
    )
