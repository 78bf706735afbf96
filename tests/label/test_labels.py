"""Labels: every symbol, in every form it is given out in, is read back by a scanner's library after rasterising."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import numpy as np
import pypdfium2
import pytest
import typst
import zxingcpp
from PIL import Image

from forgecast.app.label.draw import label_png, label_sheets, label_svg, made_label, module_mm
from forgecast.app.label.symbol import data_matrix, qr_code
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text, verbatim
from forgecast.plant.identifier import IdentifierError, link_uri, read_link
from forgecast.tasks.label_pieces import NamedPiece

GTIN = "05412345000013"
MADE = datetime(2025, 5, 6, 7, 8, 9, 123, tzinfo=UTC)


def piece(number: str = "P-17/3", *, gtin: bool = True, prefix: bool = True) -> NamedPiece:
    elements = (("01", GTIN), ("10", "25-0012"), ("21", number)) if gtin else ()
    return NamedPiece(
        id=number,
        product="BOSS",
        product_name="轴承座",
        heat="25-0012",
        lot=None,
        count=None,
        elements=elements,
        link=link_uri(elements) if gtin else None,
        industrial=f"88.118.20/{number}" if prefix else None,
        lacking=() if gtin and prefix else (IdentifierError(verbatim("no GTIN"), repair=verbatim("give one")),),
    )


def read(picture: np.ndarray) -> list[tuple[str, bytes, str]]:
    """Return what a scanner sees: symbology identifier, bytes, and format of each symbol."""
    return sorted((one.symbology_identifier, one.bytes, str(one.format)) for one in zxingcpp.read_barcodes(picture))


def svg_pixels(svg: bytes, ppi: float = 300) -> np.ndarray:
    """Rasterise an SVG by typst's own renderer."""
    shown = typst.Compiler(
        b'#set page(width: auto, height: auto, margin: 0mm)\n#image(bytes(sys.inputs.svg), format: "svg")',
        sys_inputs={"svg": svg.decode("utf-8")},
    ).compile(format="png", ppi=ppi)
    return png_pixels(shown)


def png_pixels(png: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(png)).convert("L"))


#: What begins a GS1 DataMatrix, a DataMatrix and a QR code without GS1 data (symbology identifiers of AIM).
GS1_MATRIX, PLAIN_MATRIX, PLAIN_QR = "]d2", "]d1", "]Q1"
ELEMENTS = f"01{GTIN}1025-0012\x1d21P-17/3".encode()


@pytest.mark.parametrize("size", [8.0, 15.0, 40.0])
@pytest.mark.parametrize(
    ("kind", "symbology", "content"),
    [("qr", PLAIN_QR, link_uri(piece().elements).encode()), ("datamatrix", GS1_MATRIX, ELEMENTS)],
)
def test_svg_and_png_are_read_back(kind, symbology, content, size):
    label = made_label(piece(), kind)
    for pixels in (svg_pixels(label_svg(label, size, "en")), png_pixels(label_png(label, size, "zh", 300))):
        assert [one[:2] for one in read(pixels)] == [(symbology, content)]


def test_what_the_qr_code_says_is_the_digital_link_of_the_piece():
    label = made_label(piece(), "qr")
    ((_, content, _),) = read(png_pixels(label_png(label, 15, "en")))
    assert read_link(content.decode()) == dict(piece().elements)


@pytest.mark.parametrize(("kind", "symbology"), [("qr", PLAIN_QR), ("datamatrix", PLAIN_MATRIX)])
def test_without_a_gtin_the_industrial_identifier_is_carried(kind, symbology):
    label = made_label(piece("铸件-17", gtin=False), kind)
    pixels = png_pixels(label_png(label, 15, "zh"))
    (found,) = zxingcpp.read_barcodes(pixels)
    assert found.text == "88.118.20/铸件-17"
    assert found.symbology_identifier[:2] == symbology[:2]


def test_what_a_piece_has_not_got_is_not_made_up():
    with pytest.raises(IdentifierError):
        made_label(piece(gtin=False, prefix=False), "qr")
    with pytest.raises(IdentifierError):
        made_label(piece(gtin=False), "datamatrix", "gs1")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_symbol_of_the_sheets_is_read_back(language):
    labels = [made_label(piece(f"P-{n:03}"), "qr" if n % 2 else "datamatrix") for n in range(70)]
    pdf = pypdfium2.PdfDocument(label_sheets(labels, 14, language, MADE))
    assert len(pdf) == 2
    seen: list[bytes] = []
    for page in pdf:
        seen += [content for _, content, _ in read(np.array(page.render(scale=300 / 72).to_pil().convert("L")))]
    wanted = [
        one.piece.link.encode() if one.symbol.kind == "qr" else f"01{GTIN}1025-0012\x1d21{one.piece.id}".encode()
        for one in labels
    ]
    assert sorted(seen) == sorted(wanted)
    words = pdf[0].get_textpage().get_text_range()
    assert "P-000" in words
    assert text("product").say(language) in words


@pytest.mark.parametrize("kind", ["qr", "datamatrix"])
@pytest.mark.parametrize("size", [10.0, 25.0])
def test_the_symbol_is_as_wide_as_asked_and_its_quiet_zone_is_empty(kind, size):
    label = made_label(piece(), kind)
    assert label.symbol.quiet == {"qr": 4, "datamatrix": 2}[kind]
    ppi = 600
    pixels = png_pixels(label_png(label, size, "en", ppi))
    module = pixels_of_module(label, size, ppi)
    quiet, across = label.symbol.quiet * module, label.symbol.dark.shape[1] * module
    dark = pixels[:, : quiet * 2 + across] < 128
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    assert columns[0] == quiet
    assert columns[-1] + 1 == quiet + across
    assert rows[-1] - rows[0] + 1 == across
    # every module is one colour throughout: sharp edges, none between two pixels
    block = dark[rows[0] : rows[0] + across, quiet : quiet + across]
    modules = block.reshape(label.symbol.dark.shape[0], module, label.symbol.dark.shape[1], module)
    assert (modules.all(axis=(1, 3)) == modules.any(axis=(1, 3))).all()
    assert (modules.all(axis=(1, 3)) == label.symbol.dark).all()


def pixels_of_module(label, size: float, ppi: float) -> int:
    return int(np.ceil(round(module_mm(label, size) / 25.4 * ppi, 6)))


def test_round_brackets_in_a_serial_are_no_application_identifier():
    symbol = data_matrix((("01", GTIN), ("21", "A(10)B")))
    assert symbol.gs1
    ((symbology, content, _),) = read(np.kron(~np.pad(symbol.dark, 2), np.full((6, 6), 255, np.uint8)))
    assert (symbology, content) == (GS1_MATRIX, f"01{GTIN}21A(10)B".encode())


@pytest.mark.parametrize("made", [qr_code, data_matrix])
def test_what_does_not_fit_is_refused(made):
    with pytest.raises(ForgecastError, match="does not fit"):
        made("铸" * 3000)


@pytest.mark.parametrize("size", [0.0, 2.9, 151.0, float("nan")])
def test_a_size_nobody_can_print_is_refused(size):
    with pytest.raises(ForgecastError, match="cannot be drawn"):
        label_svg(made_label(piece(), "qr"), size, "en")


def test_a_label_wider_than_the_sheet_is_refused():
    with pytest.raises(ForgecastError, match="does not fit on a sheet"):
        label_sheets([made_label(piece(), "qr")], 140.0, "en", MADE)
    pdf = pypdfium2.PdfDocument(label_sheets([made_label(piece(), "qr")], 100.0, "en", MADE))
    assert len(read(np.array(pdf[0].render(scale=1).to_pil().convert("L")))) == 1
