"""The picture of a certificate: the first page of the one that `docs/how_to/release_and_certify.md` issues.

python -m tests.docs.certificate_pictures            say whether it is stale
python -m tests.docs.certificate_pictures --write    draw it anew

As with the other pictures, fresh or stale is told by what it shows, not by its pixels.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tempfile
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pypdfium2
from PIL import Image

from forgecast.app.certificate.page import LABELS, render_certificate
from forgecast.gateway.en10168 import en10168_bytes
from forgecast.quality.certificate import Certificate
from forgecast.tasks.certificate_contents import certificate_contents
from tests.docs.pictures import COLOURS, DPI, PICTURES
from tests.tasks.shipments import NOW, make_plant, request

PICTURE = PICTURES / "certificate.png"
SOURCE = PICTURES / "certificate_source.txt"


def pictured() -> Certificate:
    """Return the certificate that is pictured; the head of the audit trail, which no two plants share, is left out."""
    with tempfile.TemporaryDirectory() as place, make_plant(Path(place) / "x") as plant:
        (made,) = certificate_contents(plant, request(plant, "D-201", "3.1"), NOW)
    return replace(made, audit_head="")


def source(certificate: Certificate) -> str:
    """Return the SHA-256 of what the picture shows."""
    template = (resources.files("forgecast.app.certificate") / "certificate.typ").read_bytes()
    body = json.loads(en10168_bytes(certificate))["Certificate"]
    # The sentences at the end have a test of their own; without them a better translation leaves the picture fresh.
    del body["Validation"]
    labels = [said.say("en") for said in LABELS.values()]
    return hashlib.sha256(template + json.dumps([body, labels]).encode()).hexdigest()


def stale(certificate: Certificate) -> bool:
    """Tell whether the picture shows something else than the program does now."""
    return not SOURCE.is_file() or SOURCE.read_text(encoding="utf-8").strip() != source(certificate)


def write(certificate: Certificate) -> None:
    """Draw the picture and note what it was drawn from."""
    digest = hashlib.sha256(en10168_bytes(certificate)).hexdigest()
    page = pypdfium2.PdfDocument(render_certificate(certificate, digest))[0]
    drawn = page.render(scale=DPI / 72).to_pil().convert("RGB")
    place = io.BytesIO()
    drawn.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        place, "PNG", optimize=True
    )
    PICTURE.write_bytes(place.getvalue())
    SOURCE.write_text(source(certificate) + "\n", encoding="utf-8", newline="\n")


def main(words: list[str]) -> int:
    """Run the command line of this module; return its exit code."""
    certificate = pictured()
    if words == ["--write"]:
        write(certificate)
    left = stale(certificate)
    print("docs/pictures/certificate.png is stale: run `make docs`" if left else "up to date")
    return int(left)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
