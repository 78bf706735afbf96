"""Issue an inspection document by EN 10204: contents from the records, JSON, PDF, signature, and its own record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forgecast.gateway.en10168 import en10168_bytes
from forgecast.gateway.signature import sign
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.rows import RecordRows, Value
from forgecast.quality.certificate import Certificate
from forgecast.store.durable import DurableFile
from forgecast.store.importing import Source
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.certificate_contents import CertificateRefusedError, CertificateRequest, certificate_contents


@dataclass(frozen=True, slots=True)
class Issued:
    """A document that was issued.

    Parameters
    ----------
    certificate : Certificate
    sha256 : str
        Of the JSON.
    json, pdf, jws : Path
    """

    certificate: Certificate
    sha256: str
    json: Path
    pdf: Path
    jws: Path

    def as_json(self) -> dict[str, object]:
        """Return what every JSON answer shows of it."""
        return {
            "number": self.certificate.number,
            "type": self.certificate.type,
            "shipment": self.certificate.shipment,
            "product": self.certificate.product,
            "pieces": self.certificate.count,
            "heats": list(self.certificate.sources),
            "sha256": self.sha256,
            "json": str(self.json),
            "pdf": str(self.pdf),
            "jws": str(self.jws),
        }


def issue_certificate(
    plant: PlantFolder,
    request: CertificateRequest,
    *,
    key: Path,
    passphrase: str,
    folder: Path,
    draw: Callable[[Certificate, str], bytes],
    now: int,
) -> tuple[Issued, ...]:
    """Issue the documents for a shipment, one for each product in it.

    Parameters
    ----------
    plant : PlantFolder
    request : CertificateRequest
    key : Path
        Private key.
    passphrase : str
        Of the key; empty where it has none.
    folder : Path
        For the three files of each: ``<number>.json``, ``.pdf`` and ``.jws``.
    draw : callable
        Given the certificate and the SHA-256 of its JSON, returns its PDF.
    now : int
        Microseconds UTC.

    Raises
    ------
    CertificateRefusedError
        If the records do not support the document, or one of this number was issued before.
    ForgecastError
        If something it needs is missing, or the files cannot be written.
    """
    certificates = certificate_contents(plant, request, now)
    for one in certificates:
        _refuse_issued(plant, one.number)
    made = []
    for one in certificates:
        content = en10168_bytes(one)
        digest = hashlib.sha256(content).hexdigest()
        pdf = draw(one, digest)
        stem = _file_name(one.number)
        signed = sign(content, {f"{stem}.pdf": pdf}, key, passphrase=passphrase)
        made.append((one, digest, stem, {".json": content, ".pdf": pdf, ".jws": signed.encode("ascii")}))
    issued = []
    for one, digest, stem, files in made:
        _write(folder, stem, files)
        _record(plant, one, digest, folder / f"{stem}.json", len(files[".json"]))
        issued.append(Issued(one, digest, *(folder / f"{stem}{ending}" for ending in (".json", ".pdf", ".jws"))))
    return tuple(issued)


def _refuse_issued(plant: PlantFolder, number: str) -> None:
    for row in plant.records.read("certificate", id=number):
        raise CertificateRefusedError(
            text("certificate {number} was issued before, by {by}", number=number, by=str(row["issued_by"])),
            where=row.place(),
            repair=text("issued documents are never changed; give the new one a number of its own (--number)"),
        )


def _file_name(number: str) -> str:
    """Return the number as a file name that every system takes."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in number)


def _write(folder: Path, stem: str, files: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for ending, content in files.items():
            file = DurableFile(folder / f"{stem}{ending}")
            file.write(content)
            file.publish()
    except OSError as error:
        raise ForgecastError(
            text("the certificate cannot be written: {reason}", reason=error.strerror or str(error)),
            where=str(folder),
            repair=text("choose a folder you may write to"),
        ) from error


def _record(plant: PlantFolder, certificate: Certificate, digest: str, path: Path, size: int) -> None:
    row: dict[str, Value] = {
        "id": certificate.number,
        "shipment": certificate.shipment,
        "type": certificate.type,
        "issued_at": certificate.issued_at,
        "issued_by": certificate.signer.name,
        "sha256": digest,
        "file": path.name,
    }
    rows = RecordRows("certificate", {name: [value] for name, value in row.items()}, np.array([0], dtype=np.int64))
    with plant.importing(Source(path.name, str(path.absolute()), digest, size), by=certificate.signer.name) as entry:
        entry.put_rows(rows)
