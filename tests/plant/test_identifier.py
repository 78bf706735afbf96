"""Identifiers of pieces: what is refused, and that every one reads back as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.plant.identifier import (
    IdentifierError,
    check_digit,
    checked_elements,
    checked_number,
    element_string,
    epc_urn,
    has_check_digit,
    industrial_identifier,
    link_uri,
    piece_elements,
    read_epc_urn,
    read_industrial,
    read_link,
)

X82 = "".join(chr(c) for c in (*range(0x21, 0x23), *range(0x25, 0x40), *range(0x41, 0x5B), 0x5F, *range(0x61, 0x7B)))
GTIN = "05412345000013"
digits = st.text("0123456789", min_size=13, max_size=13)
words = st.text(X82, min_size=1, max_size=20)


def test_the_character_set_has_the_82_characters_of_its_name():
    assert len(X82) == 82


@given(digits, words, words)
def test_a_digital_link_reads_back_as_it_was_written(body, lot, serial):
    elements = {"01": body + check_digit(body), "10": lot, "21": serial}
    uri = link_uri(elements.items())
    assert read_link(uri) == elements
    assert uri.isascii()
    assert " " not in uri


@given(st.integers(4, 12), digits, words)
def test_an_epc_urn_reads_back_as_it_was_written(size, body, serial):
    prefix = body[1 : 1 + size]
    for elements in ({"01": body + check_digit(body), "21": serial}, {"01": body + check_digit(body), "10": serial}):
        urn = epc_urn(elements.items(), prefix)
        assert read_epc_urn(urn) == (elements, prefix)


@given(digits, st.integers(0, 12), st.integers(1, 9))
def test_no_single_wrong_digit_passes(body, place, off):
    number = body + check_digit(body)
    wrong = number[:place] + str((int(number[place]) + off) % 10) + number[place + 1 :]
    assert has_check_digit(number)
    assert not has_check_digit(wrong)


def test_qualifiers_are_put_in_the_order_of_the_standard():
    assert [ai for ai, _ in checked_elements([("21", "7"), ("11", "250131"), ("10", "L"), ("01", GTIN)])] == [
        "01", "10", "21", "11",
    ]  # fmt: skip
    assert element_string([("21", "7"), ("01", GTIN)]) == f"(01){GTIN}(21)7"


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        ([("01", "05412345000014")], "check digit"),
        ([("01", GTIN), ("21", "炉17")], "must be X..20"),
        ([("01", GTIN), ("21", "a b")], "must be X..20"),
        ([("01", GTIN), ("21", "x" * 21)], "must be X..20"),
        ([("01", GTIN), ("11", "251301")], "must be N6"),
        ([("21", "7")], "one key"),
        ([("01", GTIN), ("414", "0614141073467")], "one key"),
    ],
)
def test_what_gs1_does_not_allow_is_refused(elements, said):
    with pytest.raises(IdentifierError, match=said):
        link_uri(elements)


@pytest.mark.parametrize(
    "uri",
    [
        "https://id.gs1.org/10/L/01/05412345000013",
        "https://id.gs1.org/01/05412345000013/254/7",
        "https://example.org/about",
        "urn:epc:id:sgtin:0614141.107346.2017",
        "https://id.gs1.org/01/05412345000014",
    ],
)
def test_what_is_no_digital_link_is_refused(uri):
    with pytest.raises(IdentifierError):
        read_link(uri)


def test_a_link_of_another_resolver_with_a_path_before_it_is_read():
    assert read_link("https://foundry.example/id/gs1/01/05412345000013/21/A%2F7") == {"01": GTIN, "21": "A/7"}


def test_a_shorter_gtin_is_filled_up():
    assert checked_number("6291041500213", 14, "GTIN") == "06291041500213"
    assert read_link("https://id.gs1.org/01/6291041500213") == {"01": "06291041500213"}


@pytest.mark.parametrize("wrong", ["6291041500214", "629104150021", "62910415002１3", "6291 041500213", ""])
def test_a_number_that_cannot_be_is_refused_with_its_repair(wrong):
    with pytest.raises(IdentifierError) as caught:
        checked_number(wrong, 13, "GLN", "site.csv:2:gln")
    assert caught.value.where == "site.csv:2:gln"
    assert str(caught.value.repair)


def test_a_piece_carries_its_product_its_heat_and_its_number():
    piece = {"id": "P-17/3", "product": "BOSS", "heat": "25-0012", "lot": None, "count": None, "mark": None}
    assert piece_elements(piece, GTIN) == (("01", GTIN), ("10", "25-0012"), ("21", "P-17/3"))


def test_the_mark_stands_where_it_differs_from_the_number():
    piece = {"id": "箱17-3", "product": "BOSS", "heat": None, "lot": "B7", "mark": "17-3"}
    assert piece_elements(piece, GTIN) == (("01", GTIN), ("10", "B7"), ("21", "17-3"))


def test_a_batch_has_its_number_as_lot_and_no_serial():
    assert piece_elements({"id": "B1", "product": "BOSS", "heat": "H1", "count": 40}, GTIN) == (
        ("01", GTIN), ("10", "B1"),
    )  # fmt: skip


def test_without_a_gtin_nothing_is_made_up():
    with pytest.raises(IdentifierError, match="no GTIN") as caught:
        piece_elements({"id": "P1", "product": "BOSS"}, None)
    assert "product.csv" in str(caught.value.repair)


@given(st.text("ABCxyz0189-_.铸件", min_size=1, max_size=40))
def test_an_industrial_identifier_reads_back(suffix):
    assert read_industrial(industrial_identifier("88.118.20", suffix)) == ("88.118.20", suffix)


@pytest.mark.parametrize(
    ("prefix", "suffix"),
    [("", "P1"), (None, "P1"), ("88.118", "P1"), ("88..2", "P1"), ("88.1/8.2", "P1"), ("88.118.2", ""),
     ("88.118.2", "P 1"), ("88.118.2", "a/b"), ("88.118.2", "a\x00")],
)  # fmt: skip
def test_an_industrial_identifier_that_cannot_be_is_refused(prefix, suffix):
    with pytest.raises(IdentifierError):
        industrial_identifier(prefix, suffix)


def test_another_companys_number_has_no_urn_of_ours():
    with pytest.raises(IdentifierError, match="company prefix"):
        epc_urn([("01", GTIN)], "6141411")
