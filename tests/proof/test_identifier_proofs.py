"""Published numbers: each was read in the source that stands beside it."""

from __future__ import annotations

import pytest

from forgecast.plant.identifier import check_digit, epc_urn, link_uri, read_epc_urn, read_link


@pytest.mark.parametrize(
    ("body", "digit"),
    [
        ("629104150021", "3"),  # GS1 Hong Kong, check digit calculator, worked example: sum 57, check digit 3
        ("890400021003", "7"),  # GS1 India, how to calculate the check digit: 18 x 3 + 9 = 63, check digit 7
        ("730001100001", "7"),  # GS1 Sweden, så beräknas kontrollsiffran: sum 23, check digit 7
        ("0541234500001", "3"),  # GS1 Digital Link toolkit, README: (01)05412345000013
        ("061414107346", "7"),  # gs1/EPCIS, example 9.6.1: GLN 0614141073467 in urn:epcglobal:cbv:bt
        ("7061414112345", "1"),  # gs1/EPCIS, example 9.6.1: https://id.gs1.org/01/70614141123451
    ],
)
def test_check_digits_as_published(body, digit):
    assert check_digit(body) == digit


def test_a_digital_link_as_published():
    """GS1 Digital Link toolkit, README: element strings and the URI they become."""
    elements = [("3103", "000189"), ("01", "05412345000013"), ("3923", "2172"), ("10", "ABC&+123")]
    uri = "https://id.gs1.org/01/05412345000013/10/ABC%26%2B123?3103=000189&3923=2172"
    assert link_uri(elements) == uri
    assert read_link(uri) == dict(elements)


@pytest.mark.parametrize(
    ("urn", "uri", "prefix"),
    [
        # gs1/EPCIS, JSON/Example_9.6.4 and 9.6.3, and the same things in JSON/WithDigitalLinkID
        ("urn:epc:class:lgtin:0614141.077777.987", "https://id.gs1.org/01/00614141777778/10/987", "0614141"),
        ("urn:epc:class:lgtin:4012345.012345.998877", "https://id.gs1.org/01/04012345123456/10/998877", "4012345"),
        ("urn:epc:idpat:sgtin:4012345.066666.*", "https://id.gs1.org/01/04012345666663", "4012345"),
        ("urn:epc:idpat:sgtin:4012345.098765.*", "https://id.gs1.org/01/04012345987652", "4012345"),
    ],
)
def test_a_urn_and_the_link_of_the_same_thing_as_published(urn, uri, prefix):
    elements, found = read_epc_urn(urn)
    assert found == prefix
    assert link_uri(elements.items()) == uri
    assert epc_urn(read_link(uri).items(), prefix) == urn


@pytest.mark.parametrize(
    "urn",
    [
        "urn:epc:id:sgtin:0614141.107346.2017",  # gs1/EPCIS, example 9.6.1
        "urn:epc:id:sgln:0614141.07346.1234",
        "urn:epc:id:sgln:0012345.11111.0",
        "urn:epc:id:sscc:0614141.1234567890",  # gs1/EPCIS, example 9.6.3
    ],
)
def test_a_published_urn_reads_and_is_written_again(urn):
    elements, prefix = read_epc_urn(urn)
    assert epc_urn(elements.items(), prefix) == urn


def test_a_location_of_a_published_urn_has_the_published_gln():
    """gs1/EPCIS, example 9.6.1: sgln 0614141.07346 and the GLN 0614141073467 in its transaction."""
    assert read_epc_urn("urn:epc:id:sgln:0614141.07346.1234")[0] == {"414": "0614141073467", "254": "1234"}
