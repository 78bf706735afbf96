"""The page of a certificate: both languages, every result, and a QR code that says its number and hash."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from forgecast.app.certificate.page import qr_words, render_certificate
from forgecast.app.certificate.probability import shown_probability
from forgecast.gateway.en10168 import en10168_bytes
from forgecast.quality.certificate import Item
from forgecast.tasks.certificate_contents import certificate_contents
from tests.tasks.shipments import NOW, make_plant, request


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    with make_plant(tmp_path_factory.mktemp("page")) as plant:
        return {kind: certificate_contents(plant, request(plant, "D-201", kind), NOW)[0] for kind in ("2.1", "3.1")}


def digest(certificate):
    return hashlib.sha256(en10168_bytes(certificate)).hexdigest()


def words(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_the_page_says_who_what_and_how_well_in_both_languages(certificates):
    made = certificates["3.1"]
    said = words(render_certificate(made, digest(made)))
    for part in (
        "D-201-3.1", "PO-4711", "BR-12-0003", "H-101", "QT500-7", "T-102", "556 ± 8 MPa", "≥ 500 MPa", "SP-2",
        "EN 12680-3", "Muster Pumpen", "Q-1", digest(made), made.audit_head, "判定", "目视", "虚构",
    ):  # fmt: skip
        assert part in said, part
    assert "Made-up data" in said


def test_a_declaration_shows_no_results(certificates):
    said = words(render_certificate(certificates["2.1"], "0" * 64))
    assert "2.1" in said
    for part in ("T-101", "SP-1", "556", "Conformity"):
        assert part not in said


def test_the_qr_code_says_number_and_hash(certificates):
    made = certificates["3.1"]
    pdf = pypdfium2.PdfDocument(render_certificate(made, digest(made)))
    (code,) = zxingcpp.read_barcodes(pdf[0].render(scale=3).to_pil())
    assert code.text == qr_words(made, digest(made)) == f"D-201-3.1\nsha256:{digest(made)}"


def test_the_same_certificate_is_the_same_file(certificates):
    made = certificates["3.1"]
    assert render_certificate(made, digest(made)) == render_certificate(made, digest(made))


def test_many_pieces_go_over_pages_and_none_is_lost(certificates):
    made = certificates["3.1"]
    items = tuple(Item(f"N-{number:04d}", 1, "", None, ("H-101",), (), "") for number in range(300))
    said = words(render_certificate(replace(made, items=items), "0" * 64))
    assert all(f"N-{number:04d}" in said for number in range(300))


def test_a_text_of_the_user_is_never_markup(certificates):
    nasty = '#panic() *x* $y$ \\ [z] " <b> 😀'
    made = replace(certificates["3.1"], product_name=nasty, order=nasty, concessions=(nasty,))
    said = words(render_certificate(made, "0" * 64))
    assert "#panic()" in said
    assert "*x*" in said
    assert "[U+1F600]" in said


@pytest.mark.parametrize(
    ("probability", "said"),
    [(None, "—"), (1.0, "> 99.9"), (0.9995, "> 99.9"), (0.99, "99.0"), (0.5, "50.0"), (0.0, "< 0.1")],
)
def test_nothing_is_shown_as_certain(probability, said):
    assert shown_probability(probability) == said
