"""`forgecast trace` and `forgecast recall`: JSON, tables, exit codes, both languages, pictures of many subjects."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET

import openpyxl
import pytest

from examples import where_a_heat_went
from forgecast.app.genealogy.grouping import MOST_BOXES, drawing
from forgecast.app.genealogy.picture import trace_svg
from forgecast.ground.texts import LANGUAGES
from forgecast.plant.lineage import Relation
from forgecast.plant.trace import Kin, Link
from forgecast.tasks.trace_piece import Trace
from tests.app.test_cli import called


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("works") / "plant"
    where_a_heat_went.run(folder)
    return str(folder)


def test_a_trace_as_json_holds_links_with_their_rows(capsys, plant):
    code, out, _ = called(capsys, "trace", plant, "piece", "P36", "--json")
    said = json.loads(out)
    assert code == 0
    assert said["subject"] == {"kind": "piece", "id": "P36", "pieces": 2, "source": "piece.csv:37"}
    assert all(0.0 <= one["probability"] <= 1.0 for one in said["links"])
    assert all(one["source"] for one in said["links"])
    assert all(set(one) == {"en", "zh"} for one in said["assumptions"])


def test_a_trace_on_the_terminal_says_where_it_stands_and_what_is_missing(capsys, plant):
    _, out, _ = called(capsys, "trace", plant, "piece", "P36")
    for words in ("17-3", "heat.csv:3", "sample.csv:3", "`mould.ladle`", "standard uncertainty"):
        assert words in out


def test_assumptions_asked_for_change_the_answer(capsys, plant):
    def of_heat_18(*words: str) -> float:
        _, out, _ = called(capsys, "trace", plant, "piece", "P36", "--json", *words)
        return next((o["probability"]["best"] for o in json.loads(out)["kin"] if o["id"] == "18"), 0.0)

    assert of_heat_18("--clock", "1s") == 0.0  # M36 was poured half a minute before ladle 18-1 was filled
    assert of_heat_18("--clock", "1s") < of_heat_18() < of_heat_18("--clock", "5min")
    assert of_heat_18() != of_heat_18("--any-order")


def test_a_picture_is_written_in_both_languages(capsys, plant, tmp_path):
    for language in LANGUAGES:
        path = tmp_path / f"{language}.svg"
        code, _, _ = called(capsys, "trace", plant, "heat", "17", "--forward", "--out", str(path), "--lang", language)
        assert code == 0
        assert "TUMBLER-3" in "".join(ET.parse(path).getroot().itertext())  # noqa: S314  (our own file)


def test_a_recall_is_written_as_a_table_of_either_form(capsys, plant, tmp_path):
    for ending in ("csv", "xlsx"):
        path = tmp_path / f"recall.{ending}"
        assert called(capsys, "recall", plant, "heat", "17", "--out", str(path))[0] == 0
    with (tmp_path / "recall.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    sheet = openpyxl.load_workbook(tmp_path / "recall.xlsx").active
    assert sheet is not None
    assert len(rows) == sheet.max_row
    _, out, _ = called(capsys, "recall", plant, "heat", "17", "--json")
    said = json.loads(out)
    assert sum(int(row[3]) for row in rows[1:]) == said["pieces"]["possible"] == sum(o["count"] for o in said["units"])


def test_strict_leaves_with_one_where_something_was_shipped(capsys, plant):
    assert called(capsys, "recall", plant, "heat", "17", "--strict")[0] == 1
    assert called(capsys, "recall", plant, "heat", "31", "--strict")[0] == 0


def test_wrong_calls_are_refused_in_one_shape(capsys, plant, tmp_path):
    for words in (
        ("trace", plant, "heat", "99"),
        ("trace", plant, "heat", "17", "--forward", "--backward"),
        ("recall", plant),
        ("recall", plant, "heat", "17", "--equipment", "F1"),
        ("recall", plant, "--equipment", "F1"),
        ("recall", plant, "--equipment", "F1", "--since", "yesterday", "--until", "2025-03-04"),
        ("recall", plant, "heat", "17", "--out", str(tmp_path / "recall.doc")),
    ):
        code, out, _ = called(capsys, *words, "--json")
        assert code == 2, words
        assert json.loads(out)["error"]["repair"]["en"]


def test_a_day_without_a_time_counts_wholly(capsys, plant):
    _, out, _ = called(
        capsys, "recall", plant, "--equipment", "HF2", "--since", "2025-03-05", "--until", "2025-03-05", "--json"
    )
    assert {one["id"] for one in json.loads(out)["sources"]} == {"HT-32", "HT-31"}  # HT-31 comes out at midnight


def _trace(moulds: int, pieces: int) -> Trace:
    """Return a heat with ladles of so many moulds, each of so many pieces."""
    kin, links = [], []
    for m in range(moulds):
        ladle = ("ladle", f"L{m // 10}")
        if m % 10 == 0:
            kin.append(Kin(*ladle, None, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0))
            links.append(_link(("heat", "17"), ladle, Relation.TAPPED))
        kin.append(Kin("mould", f"M{m}", None, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0))
        links.append(_link(ladle, ("mould", f"M{m}"), Relation.POURED))
        for p in range(pieces):
            kin.append(Kin("piece", f"P{m}-{p}", None, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1))
            links.append(_link(("mould", f"M{m}"), ("piece", f"P{m}-{p}"), Relation.CAST))
    return Trace("heat", "17", "forward", "", tuple(kin), tuple(links), {}, (), (), (), 0, 0, (), ())


def _link(parent: tuple[str, str], child: tuple[str, str], relation: Relation) -> Link:
    return Link(parent, child, relation, 1.0, 1.0, 1.0, 1.0, None, recorded=True)


def test_few_subjects_are_drawn_one_by_one_and_many_like_ones_together():
    few = _trace(3, 4)
    assert len(drawing(("heat", "17"), 0, few.kin, few.links).boxes) == 1 + 1 + 3 + 12
    many = _trace(50, 4)
    shown = drawing(("heat", "17"), 0, many.kin, many.links)
    assert sorted(len(box.names) for box in shown.boxes) == [1, 5, 50, 200]
    assert "200 pieces" in "".join(ET.fromstring(trace_svg(many, "en")).itertext())  # noqa: S314


def test_what_is_not_drawn_is_counted():
    kin = tuple(Kin("piece", f"P{i}", None, 0.5, 0.0, 1.0, 0.5, 0.0, 1.0, 1) for i in range(300))
    # All of them differ: each has one more parent than the one before.
    links = tuple(
        Link(("piece", f"P{i}"), ("piece", f"P{j}"), Relation.MOVED, 1.0, 1.0, 1.0, 1.0, 1, recorded=True)
        for i in range(300)
        for j in (i + 1,)
        if j < 300
    )
    shown = drawing(("heat", "17"), 0, kin, links)
    assert len(shown.boxes) == MOST_BOXES
    assert sum(len(box.names) for box in shown.boxes) + shown.left_out == 301
