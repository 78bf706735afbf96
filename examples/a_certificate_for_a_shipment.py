"""A certificate for a shipment: issued from the records of its own heats, signed, refused where they do not carry it.

Problem. Two shipments of a bracket in QT500-7 leave a foundry. One holds marked pieces of two heats; the other a box
into which castings of two heats were mixed, one of which stretched 6.1 % where the grade asks for 7 %. Which of them
may go with an inspection certificate 3.1, and how does the buyer see that nobody has changed it?

Equations. A value with standard uncertainty u is met inside its limit by 2u, not met outside it by 2u, and open
between. u of sums and carbon equivalents: u² = Σ (∂f/∂x)² u(x)², covariances taken as zero.

Data. SYNTHETIC: the records in docs/how_to/release_and_certify were made up. The strengths of the grade come from a
public page that transcribes GB/T 1348 (secondary), the composition from a made-up works specification.

What is seen. One certificate is issued and a changed digit of it found; the other is refused with the test against it.

Reference. `forgecast.tasks.issue_certificate`; EN 10204:2004, JCGM 106:2012; tests/proof/test_release_proofs.py.

Run: python examples/a_certificate_for_a_shipment.py --out certified
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

from forgecast.app.certificate.page import render_certificate
from forgecast.gateway.signature import SignatureError, make_key
from forgecast.ground.texts import preferred_language
from forgecast.metal.grade_own import read_grades, tables_of
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings
from forgecast.tasks.certificate_contents import CertificateRefusedError, CertificateRequest
from forgecast.tasks.import_files import import_files
from forgecast.tasks.issue_certificate import Issued, issue_certificate
from forgecast.tasks.verify_certificate import verify_certificate

FILES = Path(__file__).resolve().parents[1] / "docs" / "how_to" / "release_and_certify"


def make_plant(folder: Path) -> PlantFolder:
    """Return a plant with the made-up records, its own grade table, and the addresses."""
    plant = PlantFolder.create(folder, PlantSettings(id="bracket", name="SYNTHETIC foundry", synthetic=True))
    import_files(plant, sorted(FILES.glob("*.csv")))
    shutil.copytree(FILES / "grades", folder / "grades")
    shutil.copy(FILES / "certificate.toml", folder)
    return plant


def issue(plant: PlantFolder, shipment: str, key: Path, out: Path) -> Issued:
    """Issue a 3.1 for a shipment."""
    request = CertificateRequest(shipment, "3.1", by="Q-1", own=read_grades(tables_of(plant.path)))
    draw, now = render_certificate, time.time_ns() // 1000
    return issue_certificate(plant, request, key=key, passphrase="", folder=out, draw=draw, now=now)[0]


def main() -> None:
    """Issue, verify, change a digit, and be refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("certified"), help="folder to make")
    out = parser.parse_args().out
    private, public, _ = make_key(out / "key")
    with make_plant(out / "plant") as plant:
        issued = issue(plant, "D-201", private, out)
        print(f"{verify_certificate(issued.pdf, public).number} ✓ {issued.pdf}")
        (changed := out / "changed").mkdir()
        shutil.copy(issued.jws, changed)
        (changed / issued.json.name).write_bytes(issued.json.read_bytes().replace(b'"3.62"', b'"3.52"'))
        for name, attempt in (("3.62 → 3.52", lambda: verify_certificate(changed / issued.json.name, public)),
                              ("D-202", lambda: issue(plant, "D-202", private, out))):  # fmt: skip
            try:
                attempt()
            except (SignatureError, CertificateRefusedError) as error:
                reasons = [error.what, *(finding.reason for finding in error.findings)]
                print(f"{name} ✗", *(reason.say(preferred_language()) for reason in reasons), sep="\n  ")


if __name__ == "__main__":
    main()
