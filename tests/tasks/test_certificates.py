"""Certificates: issued from records of the very heats shipped, refused with every reason, verifiable to the byte."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.gateway.certificate_settings import CertificateSettingsError
from forgecast.gateway.en10168 import en10168_bytes
from forgecast.gateway.signature import SignatureError, check, make_key, sign
from forgecast.ground.errors import ForgecastError
from forgecast.quality.release import DecisionRule
from forgecast.tasks.certificate_contents import CertificateRefusedError, certificate_contents
from forgecast.tasks.issue_certificate import issue_certificate
from forgecast.tasks.shipped_pieces import source_of
from forgecast.tasks.verify_certificate import verify_certificate
from tests.tasks.shipments import NOW, import_later, make_plant, request, rows

WORDS = "open sesame"
FORM = json.loads((Path(__file__).parents[1] / "gateway" / "en10168_form.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    with make_plant(tmp_path_factory.mktemp("shipments")) as made:
        yield made


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    private, public, _ = make_key(folder / "key")
    return private, public


def refusal(plant, shipment, kind, **told):
    with pytest.raises(CertificateRefusedError) as caught:
        certificate_contents(plant, request(plant, shipment, kind, **told), NOW)
    return caught.value


def reasons(error):
    return [finding.reason.say("en") for finding in error.findings]


def test_a_3_1_holds_the_results_of_the_very_heats_shipped(plant):
    (made,) = certificate_contents(plant, request(plant, "D-201", "3.1"), NOW)
    assert made.sources == ("H-101", "H-102")
    assert {one.sample for one in made.analyses} == {"SP-1", "SP-2"}
    assert {one.id for one in made.tests} == {"T-101", "T-102"}
    assert [one.id for one in made.inspections] == ["I-1", "I-2", "I-3", "I-4"]
    assert made.count == 3
    assert made.mass == pytest.approx(55.3)
    assert made.signer.title.startswith("Head of inspection")
    assert all(one.word == "met" for _, judged in made.judged for one in judged)
    assert made.audit_head.endswith(plant.audit_head().hash)


def test_a_batch_of_two_heats_needs_both_to_conform(plant):
    error = refusal(plant, "D-202", "3.1")
    assert source_of(plant, "BOX-9").heats.keys() == {"H-102", "H-103"}
    (reason,) = reasons(error)
    assert reason.startswith("A of QT500-7 (GB/T 1348) is not met: outside the limits by its uncertainty")
    assert "every heat that a piece may be from has to conform" in reason
    assert error.findings[0].place.file == "H-103 T-103 (tests.csv:4)"
    assert error.where.startswith("shipment.csv:3")
    assert error.repair.say("en")


def test_a_batch_of_two_conforming_heats_lists_both(tmp_path):
    with make_plant(tmp_path, rows("tests", (",6.1,", ",9.4,"))) as plant:
        (made,) = certificate_contents(plant, request(plant, "D-202", "3.1"), NOW)
    assert made.items[0].sources == ("H-102", "H-103")
    assert made.items[0].count == 12
    assert {one.source for one in made.tests} == {"H-102", "H-103"}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (rows("tests", ("T-102,H-102,", "T-102,H-103,")), "no test of Rm is on record"),
        (rows("tests", ("T-101,H-101,separately_cast", "T-101,H-101,from_casting")), "tests on record are of another"),
        (rows("samples", ("ladle,OES-1,yes,3.62", "ladle,OES-1,no,3.62")), "no composition is on record"),
        (rows("samples", (",3.62,", ",4.10,")), "C of QT500-7 (GB/T 1348) is not met"),
        (rows("samples", (",0.044,", ",,")), "not measured: Mg"),
        (rows("uncertainties", ("Rm_MPa,LAB-1", "Rm_MPa,LAB-9")), "the uncertainty of Rm is not on record"),
        (rows("inspections", ("10:00,visual,drawing BR-12,Q-2,good", "10:00,visual,drawing BR-12,Q-2,reject")),
         "I-1 of BR-12-0001 found reject"),
        (rows("shipment", ("PO-4711,10", ",10")), "for which order"),
    ],
)  # fmt: skip
def test_what_is_missing_or_not_met_refuses_a_3_1_and_says_what(tmp_path, changed, says):
    with make_plant(tmp_path, changed) as plant:
        error = refusal(plant, "D-201", "3.1")
    assert any(says in one for one in reasons(error)), reasons(error)
    assert all(finding.repair.say("zh") for finding in error.findings)


@pytest.mark.parametrize(
    ("later", "says"),
    [
        (rows("pieces", ("18.5,good", "18.5,rework")), "BR-12-0001 was found rework"),
        (
            rows("pieces", ("BR-12-0001,BR-12,2025-11-03 08:18,M-1", "BR-12-0001,BR-12,2024-11-03 08:18,")),
            "leads from piece BR-12-0001 to its heat",
        ),
    ],
)
def test_a_record_that_is_corrected_after_the_goods_have_left_counts(tmp_path, later, says):
    with make_plant(tmp_path) as plant:
        certificate_contents(plant, request(plant, "D-201", "3.1"), NOW)
        import_later(plant, later)
        assert any(says in one for one in reasons(refusal(plant, "D-201", "3.1")))


def test_where_a_mould_names_no_ladle_the_genealogy_says_which_heats_it_may_be_of(tmp_path):
    with make_plant(tmp_path) as plant:
        import_later(plant, rows("moulds", (",1,L-101,2", ",1,,2")))
        assert source_of(plant, "BR-12-0001").heats.keys() == {"H-101"}
        (made,) = certificate_contents(plant, request(plant, "D-201", "3.1"), NOW)
    assert [(item.sources, item.deduced) for item in made.items[:1]] == [(("H-101",), True)]
    assert not made.items[2].deduced
    assert "H-101 (deduced from times)" in en10168_bytes(made).decode()


def test_a_block_or_an_open_nonconformity_after_the_goods_have_left_refuses_every_type(tmp_path):
    report = "id,raised_at,stage,heat,defect,severity\nNC-1,2025-11-08 09:00,customer,H-102,shrinkage,major\n"
    blocked = rows("releases", added="heat,H-101,2025-11-08 15:00,block,Q-1,\n")
    with make_plant(tmp_path) as plant:
        import_later(plant, {**blocked, "nonconformity.csv": report})
        for kind in ("2.1", "3.1"):
            said = reasons(refusal(plant, "D-201", kind))
            assert any("last decision on Heat H-101 is block" in one for one in said)
            assert any("nonconformity NC-1 of Heat H-102 is open" in one for one in said)


def test_a_concession_lets_a_declaration_pass_and_is_told_on_it(tmp_path):
    conceded = rows("releases", added="heat,H-103,2025-11-06 15:00,concession,Q-1,letter 7\n")
    with make_plant(tmp_path, conceded) as plant:
        (made,) = certificate_contents(plant, request(plant, "D-202", "2.1"), NOW)
        assert made.concessions
        assert "H-103" in made.concessions[0]
        assert made.analyses == made.tests == made.judged == ()
        assert "concession" in en10168_bytes(made).decode().casefold()
        refusal(plant, "D-202", "3.1")
        refusal(plant, "D-202", "2.2")


def test_a_declaration_is_refused_where_the_records_contradict_it(plant):
    assert any("A of QT500-7" in one for one in reasons(refusal(plant, "D-202", "2.1")))
    (made,) = certificate_contents(plant, request(plant, "D-201", "2.1"), NOW)
    assert made.tests == ()


def test_a_test_report_gives_the_latest_results_of_the_product_and_says_that_they_are_not_specific(tmp_path):
    with make_plant(tmp_path, rows("tests", (",6.1,", ",9.4,"))) as plant:
        (made,) = certificate_contents(plant, request(plant, "D-201", "2.2"), NOW)
    assert [one.id for one in made.tests] == ["T-103"]
    assert "non-specific" in json.loads(en10168_bytes(made))["Certificate"]["Validation"]["Z01"]


def test_a_3_2_and_an_unknown_type_are_refused(plant):
    assert "inspector" in refusal(plant, "D-201", "3.2").repair.say("en")
    assert "2.1" in refusal(plant, "D-201", "4.7").repair.say("en")


def test_a_3_1_is_validated_by_a_named_representative_only(plant):
    asked = request(plant, "D-201", "3.1")
    with pytest.raises(CertificateSettingsError, match="not named as authorised"):
        certificate_contents(plant, type(asked)(**{**_fields(asked), "by": "somebody"}), NOW)


def _fields(one):
    return {name: getattr(one, name) for name in type(one).__dataclass_fields__}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[works]", "[factory]", "[works] is missing"),
        ('country = "DE"', 'country = "Germany"', "Germany"),
        ('city = "Musterstadt"', "", "city is missing"),
        ('name = "Muster Pumpen (synthetic)"', 'name = "Another"', "Muster Pumpen"),
        ("[works]", "[works", "cannot be read"),
        ('originator = "', 'mark = "no.png"\noriginator = "', "no.png"),
    ],
)
def test_addresses_that_are_missing_or_wrong_are_asked_for(tmp_path, old, new, says):
    with make_plant(tmp_path) as plant:
        path = plant.path / "certificate.toml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        with pytest.raises(CertificateSettingsError) as caught:
            certificate_contents(plant, request(plant, "D-201", "3.1"), NOW)
        assert says in caught.value.what.say("en")
        path.unlink()
        with pytest.raises(CertificateSettingsError, match="is missing"):
            certificate_contents(plant, request(plant, "D-201", "3.1"), NOW)


def test_simple_acceptance_needs_no_uncertainty_and_is_told(tmp_path):
    with make_plant(tmp_path, left_out=("uncertainties",)) as plant:
        refusal(plant, "D-201", "3.1")
        asked = request(plant, "D-201", "3.1", rule=DecisionRule.SIMPLE)
        (made,) = certificate_contents(plant, asked, NOW)
    assert "simple acceptance" in en10168_bytes(made).decode()


def test_a_test_of_another_heat_treatment_proves_nothing(tmp_path):
    load = "HT-1,F1,annealing,2025-11-04 18:00,2025-11-05 04:00\n"
    names = {
        "heat_treatment.csv": f"id,furnace,process,started_at,ended_at\n{load}",
        "heat_treatment_load.csv": "heat_treatment,piece\nHT-1,BR-12-0003\n",
    }
    with make_plant(tmp_path / "a", names) as plant:
        assert source_of(plant, "BR-12-0003").treatments.keys() == {"HT-1"}
        error = refusal(plant, "D-201", "3.1")
        assert {one.place.file for one in error.findings} == {"H-102"}
    again = (
        "T-102,H-102,separately_cast,2025-11-04 09:30,LAB-1,GB/T 228.1,548,352,10.4,193,91\n",
        "T-102,H-102,separately_cast,2025-11-05 09:30,LAB-1,GB/T 228.1,548,352,10.4,193,91,HT-1\n",
    )
    with_load = rows("tests", ("nodularity_percent\n", "nodularity_percent,heat_treatment\n"), (",92\n", ",92,\n"),
                     (",84\n", ",84,\n"), again)  # fmt: skip
    with make_plant(tmp_path / "b", {**names, **with_load}) as plant:
        (made,) = certificate_contents(plant, request(plant, "D-201", "3.1"), NOW)
    assert [one.id for one in made.heat_treatments] == ["HT-1"]


def test_the_json_has_the_form_of_en_10168(plant):
    validator = jsonschema.Draft201909Validator(FORM)
    validator.check_schema(FORM)
    for kind in ("2.1", "3.1"):
        (made,) = certificate_contents(plant, request(plant, "D-201", kind), NOW)
        written = json.loads(en10168_bytes(made))
        assert [error.message for error in validator.iter_errors(written)] == []
    body = written["Certificate"]
    assert body["CommercialTransaction"]["A02"] == "EN 10204:2004 3.1"
    heat, _, test, _ = body["Inspection"]
    assert heat["C00"] == "H-101"
    carbon = heat["ChemicalComposition"]["C71"]
    assert (carbon["Symbol"], carbon["Unit"]) == ("C", "%")
    assert [carbon[name]["Value"] for name in ("Actual", "Minimum", "Maximum")] == ["3.62", "3.4", "3.9"]
    assert heat["ChemicalComposition"]["SupplementaryInformation"]["C110"]["Method"] == "C+(Si+P)/3"
    assert test["TensileTest"]["C12"] == {"Property": "Rm", "Value": 556, "Minimum": 500, "Unit": "MPa"}
    assert "made-up" in json.dumps(body["Validation"])
    broken = json.loads(en10168_bytes(made))
    del broken["Certificate"]["CommercialTransaction"]["A07"]
    assert list(validator.iter_errors(broken))


def issued(plant, key, folder, **told):
    return issue_certificate(
        plant, request(plant, "D-201", "3.1", **told), key=key[0], passphrase="", folder=folder,
        draw=lambda certificate, digest: f"%PDF {certificate.number} {digest}".encode(), now=NOW,
    )  # fmt: skip


def test_an_issued_certificate_is_recorded_once_and_verifies_offline(tmp_path, key):
    with make_plant(tmp_path / "p") as plant:
        (done,) = issued(plant, key, tmp_path / "out")
        (row,) = plant.records.read("certificate")
        assert (row["id"], row["type"], row["issued_by"]) == ("D-201-3.1", "3.1", "Q-1")
        assert row["sha256"] == done.sha256
        assert row["issued_at"] == NOW
        with pytest.raises(CertificateRefusedError, match="issued before"):
            issued(plant, key, tmp_path / "out")
        (second,) = issued(plant, key, tmp_path / "out", number="D-201/2")
        assert second.json.name == "D-201_2.json"
        assert plant.history("certificate", ["D-201-3.1"])[-1].by == "Q-1"
    for path in (done.json, done.pdf, done.jws):
        found = verify_certificate(path, key[1])
        assert found.number == "D-201-3.1"
        assert set(found.checked) == {done.json.name, done.pdf.name, done.jws.name}


def test_every_changed_byte_is_found(tmp_path, key):
    with make_plant(tmp_path / "p") as plant:
        (done,) = issued(plant, key, tmp_path / "out")
    for path in (done.json, done.pdf, done.jws):
        whole = path.read_bytes()
        # Every byte of the signature file, and every 37th of the others, turned into its neighbour.
        step = 1 if path is done.jws and len(whole) < 2000 else 37
        for at in [*range(0, len(whole), step), len(whole) - 1]:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(SignatureError):
                verify_certificate(path, key[1])
        for longer in (whole + b"\n", whole[:-1], b""):
            path.write_bytes(longer)
            with pytest.raises(SignatureError):
                verify_certificate(path, key[1])
        path.write_bytes(whole)
        verify_certificate(path, key[1])


def test_another_key_or_none_is_refused(tmp_path, key):
    with make_plant(tmp_path / "p") as plant:
        (done,) = issued(plant, key, tmp_path / "out")
    _, other, _ = make_key(tmp_path / "other")
    for wrong in (other, done.json, tmp_path / "missing.jwk", key[0]):
        with pytest.raises(SignatureError):
            verify_certificate(done.json, wrong)


@given(st.binary(max_size=300), st.integers(0, 10**6), st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_a_signature_holds_for_its_bytes_and_no_others(key, payload, at, flip):
    signed = sign(payload, {"a.pdf": b"x"}, key[0])
    assert check(signed, key[1]).payload == payload
    place = at % len(signed)
    changed = signed[:place] + chr((ord(signed[place]) ^ flip) % 128) + signed[place + 1 :]
    if changed != signed:
        with pytest.raises(SignatureError):
            check(changed, key[1])


def test_a_last_letter_that_decodes_to_the_same_bytes_is_another_signature(key):
    # 64 bytes are 85 letters and a third of one: four bits of the last letter say nothing to a careless decoder.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    signed = sign(b"{}", {}, key[0])
    last = letters.index(signed[-1])
    for place in range(last // 16 * 16, last // 16 * 16 + 16):
        if place != last:
            with pytest.raises(SignatureError):
                check(signed[:-1] + letters[place], key[1])
    check(signed, key[1])


def test_a_private_key_is_for_its_owner_and_is_never_written_over(tmp_path):
    private, public, key_id = make_key(tmp_path / "k", passphrase=WORDS)
    if sys.platform != "win32":
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert "ENCRYPTED" in private.read_text()
    assert '"d"' not in public.read_text()
    assert json.loads(public.read_text())["kid"] == key_id
    with pytest.raises(SignatureError, match="already"):
        make_key(tmp_path / "k")
    for wrong in ("", WORDS[::-1]):
        with pytest.raises(SignatureError):
            sign(b"x", {}, private, passphrase=wrong)
    assert check(sign(b"x", {}, private, passphrase=WORDS), public).payload == b"x"


def test_a_header_that_asks_for_no_signature_is_refused(key):
    import base64

    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    for algorithm in ("none", "HS256", "EdDSA"):
        with pytest.raises(SignatureError):
            check(f"{part(json.dumps({'alg': algorithm}).encode())}.{part(b'{}')}.", key[1])


def test_nothing_is_recorded_where_the_key_cannot_be_read(tmp_path, key):
    with make_plant(tmp_path / "p") as plant:
        with pytest.raises(ForgecastError):
            issued(plant, (tmp_path / "no.pem", key[1]), tmp_path / "out")
        assert plant.records.read("certificate") == ()
    assert not (tmp_path / "out").exists()
