"""`forgecast grade` and `forgecast certificate` on the command line."""

from __future__ import annotations

import json

import pytest

from forgecast.app.cli.main import main
from tests.tasks.shipments import SOURCE, make_plant


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    with make_plant(tmp_path_factory.mktemp("cli")) as made:
        return made.path


def run(capsys, *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main([*map(str, words), "--lang", "en"])
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def test_a_grade_is_listed_and_shown_with_its_doubts(capsys):
    code, out, _ = run(capsys, "grade", "list", "GB/T1348")
    assert code == 0
    assert "QT500-7" in out
    assert "HT250" not in out
    code, out, _ = run(capsys, "grade", "show", "QT500-7", "--json")
    told = json.loads(out)
    assert told["ok"]
    assert {one["fit"] for one in told["correspondences"]} == {"same form", "disputed"}
    assert all(one["doubt"]["zh"] for one in told["correspondences"])
    code, out, _ = run(capsys, "grade", "show", "ZG310-570")
    assert "decides nothing" in out


def test_values_are_checked_with_their_uncertainty(capsys):
    words = ("grade", "check", "QT500-7", "Rm=512±8", "Rp0.2=331+-7", "A=8.4±0.6")
    code, out, _ = run(capsys, *words, "--json", "--strict")
    told = json.loads(out)
    assert (code, told["word"]) == (0, "met")
    (strength,) = [one for one in told["judged"] if one["rule"] == "Rm"]
    assert strength["expanded_uncertainty_k2"] == pytest.approx(8.0)
    # (512 - 500)/4 = 3 standard uncertainties: Φ(3) = 0.998650.
    assert strength["probability_of_conformity"] == pytest.approx(0.998650, abs=1e-6)
    assert run(capsys, *words[:3], "Rm=505±8", *words[4:], "--strict")[0] == 1
    code, out, _ = run(capsys, *words[:3], "Rm=505±8", *words[4:], "--decide", "simple", "--json")
    assert json.loads(out)["word"] == "met"


def test_a_heat_is_checked_from_the_records(capsys, plant):
    code, out, _ = run(capsys, "grade", "check", "QT500-7", "--plant", plant, "--heat", "H-103", "--json")
    told = json.loads(out)
    assert (code, told["word"]) == (0, "not met")
    assert [one["rule"] for one in told["judged"] if one["word"] == "not met"] == ["A"]
    code, out, _ = run(capsys, "grade", "check", "QT500-7", "--plant", plant, "--heat", "H-103")
    assert "QT500-7 (GB/T 1348): not met" in out
    assert "tests.csv:4" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("grade", "check", "QT500-7"), "nothing to check"),
        (("grade", "check", "QT500-7", "Rm=high"), "no value of an element"),
        (("grade", "check", "QT500-7", "Xx=1"), "no value of an element"),
        (("grade", "show", "40Cr"), "2 standards"),
        (("grade", "show", "QT1"), "no grade is called"),
    ],
)
def test_a_wrong_call_says_what_to_do(capsys, words, says):
    code, _, err = run(capsys, *words)
    assert code == 2
    assert says in err
    assert "→" in err


def test_a_heat_nobody_knows_is_refused(capsys, plant):
    code, _, err = run(capsys, "grade", "check", "QT500-7", "--plant", plant, "--heat", "H-9")
    assert code == 2
    assert "H-9" in err


def test_key_issue_verify(capsys, plant, tmp_path, monkeypatch):
    monkeypatch.setenv("FORGECAST_PASSPHRASE", "open sesame")
    keys, out_folder = tmp_path / "keys", tmp_path / "out"
    assert run(capsys, "certificate", "key", keys, "--passphrase")[0] == 0
    call = ("certificate", "issue", plant, "D-201", "--by", "Q-1", "--key", keys / "private.pem", "--out", out_folder)
    code, out, _ = run(capsys, *call, "--type", "3.1", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["issued"][0]["heats"] == ["H-101", "H-102"]
    pdf = out_folder / "D-201-3.1.pdf"
    assert pdf.read_bytes().startswith(b"%PDF")
    code, out, _ = run(capsys, "certificate", "verify", pdf, "--key", keys / "public.jwk")
    assert code == 0
    assert out.startswith("Unchanged: EN 10204:2004 3.1 no. D-201-3.1")
    pdf.write_bytes(pdf.read_bytes().replace(b"%PDF", b"%PDf"))
    code, _, err = run(capsys, "certificate", "verify", pdf, "--key", keys / "public.jwk")
    assert code == 2
    assert "not what was signed" in err
    code, _, err = run(capsys, *(word if word != "D-201" else "D-202" for word in call), "--type", "3.1")
    assert code == 2
    assert "A of QT500-7 (GB/T 1348) is not met" in err
    code, out, _ = run(capsys, *call, "--type", "3.2", "--json")
    assert code == 2
    assert json.loads(out)["error"]["code"] == "certificate-refused"


def test_a_table_of_ones_own_is_read_from_the_call(capsys):
    table = SOURCE / "grades" / "ws12.csv"
    _, out, _ = run(capsys, "grade", "check", "QT500-7", "Mg=0.020±0.004", "--table", table, "--json")
    (magnesium,) = [one for one in json.loads(out)["judged"] if one["rule"] == "Mg"]
    assert magnesium["word"] == "not met"
    assert magnesium["source"]["confidence"] == "own"
