"""The command line: exit codes, one error shape, the published JSON, both languages, nothing changed by an error."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from forgecast.app.cli.main import main
from forgecast.tasks.new_plant import new_plant


def schema(name: str) -> dict[str, Any]:
    place = resources.files("forgecast") / "app" / "schemas" / f"{name}.schema.json"
    found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return found


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of a call."""
    with pytest.raises(SystemExit) as left:
        main(words)
    said = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, said.out, said.err


@pytest.fixture
def empty_plant(tmp_path: Path) -> Path:
    new_plant(tmp_path / "plant", name="Plant")
    return tmp_path / "plant"


def test_the_json_of_an_assessment_follows_its_schema(capsys: pytest.CaptureFixture[str], sample_plant: Path) -> None:
    code, out, _ = called(capsys, "assess", str(sample_plant), "--json")
    answer = json.loads(out)
    assert code == 0
    validator = jsonschema.Draft202012Validator(schema("assessment"), format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(answer)] == []
    assert answer["plant"]["synthetic"] is True


def test_the_schema_refuses_an_answer_without_a_word_or_with_a_sixth_one(
    capsys: pytest.CaptureFixture[str], sample_plant: Path
) -> None:
    _, out, _ = called(capsys, "assess", str(sample_plant), "--json")
    validator = jsonschema.Draft202012Validator(schema("assessment"))
    sixth, without, alone = (json.loads(out) for _ in range(3))
    sixth["verdicts"][0]["word"] = "passed"
    del without["verdicts"][0]["word"]
    del alone["verdicts"][0]["title"]["zh"]
    assert not validator.is_valid(sixth)
    assert not validator.is_valid(without)
    assert not validator.is_valid(alone)


@pytest.mark.parametrize(
    "words",
    [
        ("assess", "no-such-folder", "--json"),
        ("assess", "--json"),
        ("assess", ".", "--jsn", "--json"),
        ("assess", ".", "--at", "31.12.2025", "--json"),
        ("why", "no-such-folder", "x", "--json"),
        ("plant", "import", "no-such-folder", "x.csv", "--json"),
        ("plant", "show", "no-such-folder", "--json"),
        ("plant", "fly", "--json"),
        ("melt", "--json"),
    ],
)
def test_a_wrong_call_is_exit_2_with_the_error_shape(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    code, out, err = called(capsys, *words)
    assert code == 2
    jsonschema.validate(json.loads(out), schema("error"))
    assert "Traceback" not in out + err


def test_strict_says_no_with_exit_1_and_plain_assess_with_0(
    capsys: pytest.CaptureFixture[str], sample_plant: Path
) -> None:
    assert called(capsys, "assess", str(sample_plant), "--strict")[0] == 1
    assert called(capsys, "assess", str(sample_plant))[0] == 0


def test_an_empty_plant_says_what_to_do_next(capsys: pytest.CaptureFixture[str], empty_plant: Path) -> None:
    code, _, err = called(capsys, "assess", str(empty_plant))
    assert code == 2
    assert "forgecast plant import" in err
    code, out, _ = called(capsys, "plant", "show", str(empty_plant))
    assert code == 0
    assert "forgecast plant import" in out


def test_why_shows_the_tree_down_to_file_and_row(capsys: pytest.CaptureFixture[str], sample_plant: Path) -> None:
    code, out, _ = called(capsys, "why", str(sample_plant), "prohibited_2023/yokeless_furnace/IF-3", "--json")
    assert code == 0
    (verdict,) = json.loads(out)["verdicts"]
    places: list[str] = []

    def walk(node: dict[str, Any]) -> None:
        places.append(node["place"])
        for child in node["children"]:
            walk(child)

    walk(verdict["tree"])
    assert any(place.endswith(":yoke") and ".xlsx" in place for place in places)
    assert called(capsys, "why", str(sample_plant), "IF-3")[0] == 0


def test_why_of_an_unknown_verdict_names_near_ones(capsys: pytest.CaptureFixture[str], sample_plant: Path) -> None:
    code, _, err = called(capsys, "why", str(sample_plant), "prohibited_2023/yokeles_furnace/IF3")
    assert code == 2
    assert "prohibited_2023/yokeless_furnace/IF-3" in err


def test_an_assessment_of_the_same_facts_is_the_same_to_the_byte(
    capsys: pytest.CaptureFixture[str], sample_plant: Path
) -> None:
    first = called(capsys, "assess", str(sample_plant), "--json")[1]
    assert called(capsys, "assess", str(sample_plant), "--json")[1] == first


def test_an_earlier_day_judges_the_twelve_months_before_it(
    capsys: pytest.CaptureFixture[str], sample_plant: Path
) -> None:
    _, out, _ = called(capsys, "assess", str(sample_plant), "--at", "2025-08-31", "--json")
    answer = json.loads(out)
    assert answer["period"] == {"start": "2024-09-01", "end": "2025-09-01"}
    words = {verdict["id"]: verdict["word"] for verdict in answer["verdicts"]}
    # The week over the limit is in September.
    assert words["gb_39726_2020/pm_cupola/DA001"] != "not met"


@pytest.mark.parametrize(
    "words", [(), ("assess",), ("why",), ("plant",), ("plant", "import"), ("rules", "show"), ("demo",)]
)
def test_help_stands_in_both_languages_and_teaches_by_example(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    code, english, _ = called(capsys, *words, "--lang", "en", "--help")
    assert code == 0
    code, chinese, _ = called(capsys, *words, "--lang", "zh", "--help")
    assert code == 0
    assert "Examples" in english or words == ("plant",)
    assert "示例" in chinese or words == ("plant",)
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in english)


def test_a_refused_file_changes_nothing_and_the_others_are_in(
    capsys: pytest.CaptureFixture[str], empty_plant: Path, tmp_path: Path
) -> None:
    good, bad = tmp_path / "site.csv", tmp_path / "heat.csv"
    good.write_text("id,name\nA,Works\n", encoding="utf-8")
    bad.write_text("colour,shape\nred,round\n", encoding="utf-8")
    code, out, err = called(capsys, "plant", "import", str(empty_plant), str(good), str(bad))
    assert code == 2
    assert "heat.csv" in out + err
    _, shown, _ = called(capsys, "plant", "show", str(empty_plant), "--json")
    held = json.loads(shown)["records"]
    assert held["site"] == 1
    assert sum(held.values()) == 1


def test_a_template_is_taken_back_with_its_units(
    capsys: pytest.CaptureFixture[str], empty_plant: Path, tmp_path: Path
) -> None:
    path = tmp_path / "heat.csv"
    assert called(capsys, "plant", "fields", "heat", "--template", str(path))[0] == 0
    heads = path.read_text(encoding="utf-8-sig").strip().split(",")
    values = {"id": "H1", "tapped_at": "2025-03-01 08:00", "furnace": "F1", "mass (kg)": "1500"}
    row = ",".join(values.get(head, "") for head in heads)
    path.write_text(",".join(heads) + "\n" + row + "\n", encoding="utf-8-sig")
    code, out, _ = called(capsys, "plant", "import", str(empty_plant), str(path), "--json")
    assert code == 0
    assert json.loads(out)["files"][0]["fed"] == [{"name": "heat", "new": 1, "changed": 0, "same": 0, "refused": 0}]


def test_version_and_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert called(capsys, "--version")[1].startswith("forgecast ")
    code, out, _ = called(capsys, "rules", "list", "--json")
    assert code == 0
    assert {book["id"] for book in json.loads(out)["books"]} >= {"gb_39726_2020", "prohibited_2023", "opinion_goals"}
    for book in ("gb_39726_2020", "prohibited_2023", "opinion_goals"):
        assert called(capsys, "rules", "show", book, "--lang", "zh")[0] == 0


HEADS = "样品编号,排气筒编号,采样时间,污染物,实测浓度"
BAD_FILES = {
    "empty.csv": b"",
    "heat.csv": b"id,tapped_at\n",
    "unknown.csv": b"colour,shape\nred,round\n",
    "no_key_heat.csv": b"tapped_at,furnace\n2025-03-01 08:00,F1\n",
    "ambiguous_heat.csv": b"id,tapped_at,furnace\nH1,03/04/2025 08:00,F1\nH2,04/05/2025 08:00,F1\n",
    "no_unit_stack_test.csv": f"{HEADS}\nS1,DA1,2025-03-01,颗粒物,12\n".encode(),
    "wrong_unit_stack_test.csv": f"{HEADS}(℃)\nS1,DA1,2025-03-01,颗粒物,12\n".encode(),
    "broken_heat.xlsx": b"PK\x03\x04 this is no workbook",
    "broken.parquet": b"PAR1 this is no parquet file",
    "torn_heat.csv.gz": b"\x1f\x8b\x08\x00 this is no gzip",
    "neither_heat.csv": b"id,tapped_at\n\xff\xff\xff\xff,1\n",
    "picture.png": b"\x89PNG\r\n\x1a\n\x00\x00",
}


def state_of(capsys: pytest.CaptureFixture[str], plant: Path) -> tuple[str, list[str]]:
    held = called(capsys, "plant", "show", str(plant), "--json")[1]
    return held, sorted(str(path.relative_to(plant)) for path in (plant / "telemetry").rglob("*.parquet"))


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_exit_2_says_what_where_and_repair_and_changes_nothing(
    capsys: pytest.CaptureFixture[str], empty_plant: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(BAD_FILES[name])
    before = state_of(capsys, empty_plant)
    code, out, err = called(capsys, "plant", "import", str(empty_plant), str(path), "--json")
    assert code == 2, out
    answer = json.loads(out)
    jsonschema.validate(answer, schema("error"))
    assert answer["error"]["where"]
    for language in ("en", "zh"):
        assert answer["error"]["what"][language]
        assert answer["error"]["repair"][language]
    assert "Traceback" not in out + err
    assert state_of(capsys, empty_plant) == before


HEAT = '[[file]]\nmatch = "*.csv"\nrecord = "heat"'
BAD_MAPS = {
    "not toml": "[[file]\nmatch = ",
    "unknown key": HEAT + "\ncolums = {}",
    "unknown record": '[[file]]\nmatch = "*.csv"\nrecord = "heatt"',
    "unknown field": HEAT + '\n[file.columns]\nA = "tapped"',
    "unknown unit": HEAT + '\n[file.columns]\nA = { field = "mass", unit = "stone" }',
    "unit of another kind": HEAT + '\n[file.columns]\nA = { field = "mass", unit = "K" }',
    "unknown zone": 'zone = "Mars/Olympus"\n' + HEAT,
}


@pytest.mark.parametrize("name", BAD_MAPS)
def test_a_bad_map_is_exit_2_and_takes_nothing(
    capsys: pytest.CaptureFixture[str], empty_plant: Path, tmp_path: Path, name: str
) -> None:
    chosen, path = tmp_path / "map.toml", tmp_path / "site.csv"
    chosen.write_text(BAD_MAPS[name], encoding="utf-8")
    path.write_text("id,name\nA,Works\n", encoding="utf-8")
    before = state_of(capsys, empty_plant)
    code, out, err = called(capsys, "plant", "import", str(empty_plant), str(path), "--map", str(chosen), "--json")
    assert code == 2, out
    answer = json.loads(out)
    jsonschema.validate(answer, schema("error"))
    assert "map.toml" in answer["error"]["where"]
    assert "Traceback" not in out + err
    assert state_of(capsys, empty_plant) == before
