"""The example of a certificate sees what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from examples import a_certificate_for_a_shipment as example
from forgecast.gateway.signature import make_key
from forgecast.tasks.certificate_contents import CertificateRefusedError
from forgecast.tasks.verify_certificate import verify_certificate

ROOT = Path(__file__).parents[2]


def test_the_first_shipment_is_certified_and_the_second_refused(tmp_path):
    private, public, _ = make_key(tmp_path / "key")
    with example.make_plant(tmp_path / "plant") as plant:
        issued = example.issue(plant, "D-201", private, tmp_path)
        assert issued.certificate.sources == ("H-101", "H-102")
        assert {one.word for _, judged in issued.certificate.judged for one in judged} == {"met"}
        with pytest.raises(CertificateRefusedError) as caught:
            example.issue(plant, "D-202", private, tmp_path)
    assert [finding.place.file for finding in caught.value.findings] == ["H-103 T-103 (tests.csv:4)"]
    assert verify_certificate(issued.pdf, public).number == "D-201-3.1"


def test_it_is_short_says_that_its_data_are_synthetic_and_both_pages_list_it():
    content = (ROOT / "examples" / "a_certificate_for_a_shipment.py").read_text(encoding="utf-8")
    assert len(content.splitlines()) < 80
    assert "SYNTHETIC" in content
    for page in ("README.md", "README.zh.md"):
        assert "](a_certificate_for_a_shipment.py)" in (ROOT / "examples" / page).read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_script_runs(tmp_path):
    words = [sys.executable, str(ROOT / "examples" / "a_certificate_for_a_shipment.py"), "--out", str(tmp_path / "out")]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "D-201-3.1 ✓" in done.stdout
    assert "D-202 ✗" in done.stdout
