"""`forgecast epcis`, `label` and `identifier`: files, JSON, exit codes and both languages."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from tests.app.test_cli import called
from tests.docs.pages import ROOT
from tests.tasks.making import made_plant

BASE = "https://id.foundry.example"
GTIN = "05412345000013"
CUSTOMER = ROOT / "docs" / "how_to" / "exchange_and_label" / "customer.jsonld"
Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> str:
    tables = {
        "site": "id,name,gln,identifier_prefix\nS1,Foundry,0614141073467,88.118.20",
        "product": f"id,name,gtin\nBOSS,轴承座,{GTIN}\nRING,ring,",
        "piece": (
            "id,product,made_at,heat\nP/1,BOSS,2025-03-03 08:10,H1\nP/2,BOSS,2025-03-03 08:12,H1\n"
            "P_2,BOSS,2025-03-03 08:12,H1\nR1,RING,2025-03-03 09:10,H2"
        ),
        "heat": "id,tapped_at,furnace\nH1,2025-03-03 08:00,F1\nH2,2025-03-03 09:00,F1",
    }
    return str(made_plant(tmp_path_factory.mktemp("works") / "works", tables))


def test_events_are_exported_checked_and_taken_in(capsys: Said, plant: str, tmp_path: Path) -> None:
    out = tmp_path / "all.jsonld"
    code, said, _ = called(capsys, "epcis", "export", plant, "--base", BASE, "--out", str(out), "--json")
    assert code == 0
    answer = json.loads(said)
    assert answer["events"] == {"TransformationEvent": 6}
    assert len(json.loads(out.read_bytes())["epcisBody"]["eventList"]) == 6
    code, said, _ = called(capsys, "epcis", "check", str(out))
    assert (code, said.strip()) == (0, "Events: 6; nothing is wrong with them.")
    other = str(made_plant(tmp_path / "other", {"site": "id,name\nS9,Other"}))
    code, said, _ = called(capsys, "epcis", "import", other, str(out), "--base", BASE, "--json")
    fed = {one["name"]: one["new"] for one in json.loads(said)["files"][0]["fed"]}
    assert (code, fed) == (0, {"product": 2, "heat": 2, "piece": 4})
    code, said, _ = called(capsys, "epcis", "import", other, str(out), "--base", BASE)
    assert code == 0
    assert "already in" in said


def test_a_document_with_defects_leaves_with_one_if_asked(capsys: Said) -> None:
    code, said, _ = called(capsys, "epcis", "check", str(CUSTOMER))
    assert code == 0
    assert "Events: 2; defects: 1." in said
    assert called(capsys, "epcis", "check", str(CUSTOMER), "--strict")[0] == 1
    code, said, _ = called(capsys, "epcis", "check", str(CUSTOMER), "--strict", "--json")
    answer = json.loads(said)
    assert (code, answer["ok"], answer["events"]) == (1, False, 2)
    (finding,) = answer["findings"]
    assert finding["place"]["row"] == 2
    assert finding["place"]["column"] == "quantityList[0].epcClass"


@pytest.mark.parametrize(
    "words",
    [
        ("epcis", "export", "{plant}", "--out", "{folder}/a.jsonld"),
        ("epcis", "export", "{plant}", "--base", BASE, "--shipment", "X", "--out", "{folder}/a.jsonld"),
        ("epcis", "export", "{plant}", "--base", BASE, "--shipment", "X", "--piece", "Y", "--out", "{folder}/a.jsonld"),
        ("epcis", "export", "{plant}", "--base", BASE, "--out", "{folder}/none/a.jsonld"),
        ("epcis", "import", "{plant}", "{folder}/absent.jsonld"),
        ("epcis", "check", "{folder}/absent.jsonld"),
        ("plant", "import", "{plant}", str(CUSTOMER)),
        ("label", "{plant}", "--kind", "qr", "--out", "{folder}/a.svg"),
        ("label", "{plant}", "P/1", "--kind", "qr", "--out", "{folder}/a.gif"),
        ("label", "{plant}", "P/1", "--kind", "qr", "--size", "1", "--out", "{folder}/a.svg"),
        ("label", "{plant}", "R1", "--kind", "qr", "--content", "gs1", "--out", "{folder}/a.svg"),
        ("label", "{plant}", "P/9", "--kind", "qr", "--out", "{folder}/a.svg"),
        ("label", "{plant}", "P/1", "--kind", "qr", "--out", "{folder}/none/a.svg"),
        ("identifier", "{plant}"),
        ("identifier", "{plant}", "P/1", "--site", "S9"),
    ],
)
def test_a_wrong_call_says_what_to_do_and_writes_nothing(
    capsys: Said, plant: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    said = [word.format(plant=plant, folder=tmp_path) for word in words]
    code, _, err = called(capsys, *said)
    assert code == 2
    assert "→" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", [".svg", ".png", ".pdf"])
@pytest.mark.parametrize("kind", ["qr", "datamatrix"])
def test_labels_are_written(capsys: Said, plant: str, tmp_path: Path, form: str, kind: str) -> None:
    out = tmp_path / f"label{form}"
    code, said, _ = called(capsys, "label", plant, "P/1", "--kind", kind, "--out", str(out), "--json")
    answer = json.loads(said)
    assert code == 0
    assert answer["files"] == [str(out)]
    assert answer["labels"][0]["gs1"] is (kind == "datamatrix")
    assert 0.2 < answer["module_mm"] < 1.0
    assert out.stat().st_size > 500


def test_every_piece_has_a_file_of_its_own(capsys: Said, plant: str, tmp_path: Path) -> None:
    out = tmp_path / "label.png"
    code, said, _ = called(
        capsys, "label", plant, "P/1", "P/2", "P_2", "--kind", "qr", "--out", str(out), "--lang", "zh"
    )
    assert code == 0
    names = ["label.P_1.png", "label.P_2.png", "label.P_2.2.png"]
    assert [Path(line).name for line in said.splitlines()[:3]] == names
    read = [zxingcpp.read_barcodes(np.array(Image.open(tmp_path / name).convert("L")))[0].text for name in names]
    assert read == [f"https://id.gs1.org/01/{GTIN}/10/H1/21/{serial}" for serial in ("P%2F1", "P%2F2", "P_2")]


def test_identifiers_are_shown_with_what_is_lacking(capsys: Said, plant: str) -> None:
    code, said, _ = called(capsys, "identifier", plant, "P/1", "R1", "--stem", "https://id.works.example")
    assert code == 0
    assert f"https://id.works.example/01/{GTIN}/10/H1/21/P%2F1" in said
    assert f"(01){GTIN}(10)H1(21)P/1" in said
    assert "× product.csv:3:gtin: the product RING of the piece R1 has no GTIN" in said
    code, said, _ = called(capsys, "identifier", plant, "P/1", "R1", "--json")
    first, second = json.loads(said)["pieces"]
    assert first["industrial_identifier"] is None, "a slash would part it anew"
    assert [one["what"]["en"] for one in first["lacking"]] == ["P/1 cannot be the suffix of an identifier"]
    assert second["industrial_identifier"] == "88.118.20/R1"
    assert second["digital_link"] is None
    assert [one["code"] for one in second["lacking"]] == ["identifier"]


@pytest.mark.parametrize("group", ["epcis", "label", "identifier"])
def test_help_teaches_in_both_languages(capsys: Said, group: str) -> None:
    english, chinese = (called(capsys, group, "--help", "--lang", lang)[1] for lang in ("en", "zh"))
    assert "Examples:" in english
    assert f"forgecast {group}" in english
    assert f"forgecast {group}" in chinese
