"""OSCAL keeps the form of its model and every word; a comparison names all that differs and nothing else."""

from __future__ import annotations

import copy
import json
from collections import Counter
from dataclasses import replace
from importlib import resources

import jsonschema
import pytest

from forgecast.app.cli.main import main
from forgecast.ground.errors import ForgecastError
from forgecast.tasks.assessment import Assessment
from forgecast.tasks.compare_assessments import assessment_of, compare_assessments
from forgecast.tasks.export_oscal import oscal_json, oscal_results


def oscal_schema():
    place = resources.files("forgecast") / "app" / "schemas" / "oscal_assessment_results.schema.json"
    found = json.loads(place.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def run(capsys, *words):
    with pytest.raises(SystemExit) as left:
        main(words)
    return left.value.code, capsys.readouterr()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_oscal_holds_every_verdict_in_the_form_of_the_model(synthetic: Assessment, language) -> None:
    document = json.loads(oscal_json(synthetic, language))
    oscal_schema().validate(document)
    (result,) = document["assessment-results"]["results"]
    words = Counter(str(verdict.word) for verdict in synthetic.verdicts)
    told = Counter(p["value"] for f in result["findings"] for p in f["props"] if p["name"] == "verdict")
    assert told == words
    satisfied = [f for f in result["findings"] if f["target"]["status"]["state"] == "satisfied"]
    assert len(satisfied) == words["met"] + words["not applicable"]
    seen = {one["uuid"] for one in result["observations"]}
    assert len(seen) == len(synthetic.verdicts)
    assert {one["observation-uuid"] for f in result["findings"] for one in f["related-observations"]} == seen
    controls = {one["control-id"] for s in result["reviewed-controls"]["control-selections"]
                for one in s["include-controls"]}  # fmt: skip
    assert {f["target"]["target-id"] for f in result["findings"]} == controls


def test_oscal_is_the_same_byte_for_byte_and_its_schema_can_refuse(synthetic: Assessment, calm: Assessment) -> None:
    assert oscal_json(synthetic, "en") == oscal_json(synthetic, "en")
    oscal_schema().validate(oscal_results(calm, "en"))
    document = oscal_results(synthetic, "en")
    for change in (
        lambda d: d["assessment-results"].pop("import-ap"),
        lambda d: d["assessment-results"]["results"][0]["findings"][0]["target"]["status"].update(state="perhaps"),
        lambda d: d["assessment-results"]["results"][0].update(start="yesterday"),
        lambda d: d["assessment-results"].update(mood="good"),
    ):
        wrong = copy.deepcopy(document)
        change(wrong)
        assert list(oscal_schema().iter_errors(wrong))


def test_the_same_assessment_differs_in_nothing(synthetic: Assessment) -> None:
    told = synthetic.as_json()
    found = compare_assessments(told, json.loads(json.dumps(told)))
    assert (found.verdicts, found.figures, found.books) == ((), (), ())
    assert found.same == len(synthetic.verdicts)


def test_words_figures_and_books_that_differ_are_named(synthetic: Assessment) -> None:
    before = json.loads(json.dumps(synthetic.as_json()))
    after = json.loads(json.dumps(before))
    met = next(v for v in after["verdicts"] if v["word"] == "met" and v["limit"] and v["limit"]["value"])
    met["word"] = "not met"
    other = next(v for v in after["verdicts"] if v["word"] == "met" and v["limit"] and v["limit"]["value"])
    other["limit"]["value"] *= 2
    gone = after["verdicts"].pop()
    figures = [f for f in after["figures"] if f["value"]]
    figures[0]["value"] *= 1.1
    figures[1]["value"] *= 1 + 1e-12  # the last bits are no move
    figures[2]["value"] = None
    after["citations"].append({"id": "a_book", "what": {"en": "A book", "zh": "某书"}, "edition": "2",
                               "source": {"en": "a_book · SHA-256 abc", "zh": "a_book · SHA-256 abc"},
                               "confidence": "primary"})  # fmt: skip
    found = compare_assessments(before, after)
    assert {(c.id, c.kind) for c in found.verdicts} == {
        (met["id"], "not_met"), (other["id"], "limit"), (gone["id"], "gone")
    }  # fmt: skip
    assert found.verdicts[0].kind == "not_met"
    assert {f.id for f in found.figures} == {figures[0]["id"], figures[2]["id"]}
    assert next(f for f in found.figures if f.id == figures[0]["id"]).relative == pytest.approx(0.1)
    assert [(b.id, b.before, b.after) for b in found.books] == [("a_book", "", "2 · SHA-256 abc")]


def test_compare_at_the_command_line(synthetic: Assessment, tmp_path, capsys) -> None:
    told = synthetic.as_json()
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text(json.dumps(told), encoding="utf-8")
    for verdict in told["verdicts"]:
        if verdict["word"] == "met":
            verdict["word"] = "not met"
    second.write_text(json.dumps(told), encoding="utf-8")
    code, shown = run(capsys, "compare", str(first), str(second), "--strict")
    assert code == 1
    assert "became not met" in shown.out
    code, shown = run(capsys, "compare", str(second), str(first), "--strict", "--lang", "zh")
    assert code == 0
    assert "符合" in shown.out
    code, shown = run(capsys, "compare", str(first), str(first), "--json")
    assert code == 0
    assert json.loads(shown.out)["verdicts"] == []


def test_a_plant_is_compared_with_itself_on_another_day(sample_plant, capsys) -> None:
    code, shown = run(capsys, "compare", f"{sample_plant}@2025-06-30", str(sample_plant), "--json")
    assert code == 0
    told = json.loads(shown.out)
    assert told["before"]["at"] == "2025-06-30"
    assert told["verdicts"]
    assert told["figures"]


def test_what_is_no_assessment_is_refused(tmp_path) -> None:
    other = tmp_path / "other.json"
    other.write_text("[1]", encoding="utf-8")
    newer = tmp_path / "newer.json"
    newer.write_text('{"json_version": 999, "verdicts": [], "figures": [], "citations": []}', encoding="utf-8")
    for source in (str(other), str(newer), str(tmp_path / "nobody"), f"{tmp_path / 'nobody'}@soon"):
        with pytest.raises(ForgecastError) as caught:
            assessment_of(source)
        assert str(caught.value.repair)


def test_assess_writes_oscal(sample_plant, tmp_path, capsys) -> None:
    place = tmp_path / "results.json"
    code, shown = run(capsys, "assess", str(sample_plant), "--oscal", str(place))
    assert code == 0
    assert str(place.name) in shown.out.replace("\n", "")
    oscal_schema().validate(json.loads(place.read_text(encoding="utf-8")))


def test_hostile_names_stay_one_line(synthetic: Assessment) -> None:
    named = replace(synthetic, plant_name="a\nb")
    oscal_schema().validate(oscal_results(named, "en"))
