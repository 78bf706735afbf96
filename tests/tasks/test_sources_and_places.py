"""What a figure or a verdict stands on is told in both languages, and its place leads to the very cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from forgecast.energy.factor import shipped_factors
from forgecast.rules.verdict import TraceNode
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment
from forgecast.tasks.plant_view import PlantView, period_of
from tests.tasks.making import assessed, made_plant
from tests.tasks.test_assessed_stacks import tables, year_of

BASICS = "01_基础台账.xlsx"
#: Names of books, settings and digests, which are the same in Chinese.
NAMES = re.compile(r"\S*[0-9_.]\S*")


@pytest.fixture(scope="module")
def assessment(sample_plant: Path) -> Assessment:
    with PlantFolder.open(sample_plant) as folder:
        return assess_plant(folder)


def nodes(node: TraceNode) -> Iterator[TraceNode]:
    yield node
    for child in node.children:
        yield from nodes(child)


def in_english_only(said: dict[str, str]) -> bool:
    """Return whether the Chinese of a text holds an English word and no Chinese."""
    return bool(re.search(r"[a-z]{3,}", NAMES.sub("", said["zh"]))) and not re.search(r"[\u4e00-\u9fff]", said["zh"])


def test_every_clause_and_source_is_told_in_both_languages(assessment: Assessment) -> None:
    said = [citation.source for citation in assessment.citations] + [verdict.clause for verdict in assessment.verdicts]
    for verdict in assessment.verdicts:
        if verdict.limit is not None:
            said += [verdict.limit.clause, verdict.limit.source]
    assert len(said) > 100
    # A book is named by its id and hash, the same in every language.
    words = [one.as_json() for one in said if "SHA-256" not in one.say("en")]
    assert [one for one in words if in_english_only(one)] == []
    (cupola,) = [v for v in assessment.verdicts if v.id == "gb_39726_2020/nox_cupola/DA001"]
    assert cupola.as_json()["clause"] == {"en": "4.1, Table 1", "zh": "4.1 表1"}


def test_a_shipped_factor_names_its_source_in_both_languages() -> None:
    for factor in shipped_factors().rows:
        assert factor.source.say("en") != factor.source.say("zh"), factor.describe()
        assert not re.search(r"[\u4e00-\u9fff]", factor.source.say("en") + factor.edition), factor.describe()
        assert not in_english_only(factor.source.as_json())


def test_every_book_of_a_verdict_is_cited_under_its_id_once(assessment: Assessment) -> None:
    ids = [citation.id for citation in assessment.citations]
    assert len(set(ids)) == len(ids)
    assert {verdict.book for verdict in assessment.verdicts} <= set(ids)
    assert {"coal_equivalent/electricity", "environment.valid_hour_share"} <= set(ids)


def test_the_book_of_permit_limits_is_cited_too(tmp_path: Path) -> None:
    other = {
        "stack": "id,name,process,furnace,metal,vents_to_stack_alone,height,lead_alloy\n"
        "DA1,Melt,melting,induction_furnace,ferrous,yes,20,no",
        "permit": "id,site,kind,valid_from,valid_until\nP1,A,key,2024-01-01,2025-12-31",
        "permit_limit": "permit,stack,pollutant,limit_mg_m3 (mg/m3)\nP1,DA1,nox,90",
    }
    assessment = assessed(made_plant(tmp_path, tables(**other), year_of()))
    verdict = next(v for v in assessment.verdicts if v.book == "permit")
    (citation,) = [c for c in assessment.citations if c.id == "permit"]
    assert citation.what.say("zh") == "本厂排污许可证限值"
    assert verdict.clause.as_json() == {"en": "P1", "zh": "P1"}


def test_the_place_of_a_fact_names_the_sheet_it_stands_in(sample_plant: Path, assessment: Assessment) -> None:
    (low,) = [v for v in assessment.verdicts if v.id == "gb_39726_2020/height/DA009"]
    (height,) = [n for n in nodes(low.tree) if n.kind == "fact" and n.what.say("en") == "stack.height"]
    assert height.place.startswith(f"{BASICS}!排气筒:")
    with PlantFolder.open(sample_plant) as folder:
        period, day = period_of(folder, None)
        view = PlantView(folder, period, day)
        names = {record: {row.file for row in view.rows(record)} for record in ("permit", "equipment", "stack")}
        stack = view.by_id("stack")["DA009"]
    assert names == {
        "permit": {f"{BASICS}!许可证"}, "equipment": {f"{BASICS}!设备"}, "stack": {f"{BASICS}!排气筒"},
    }  # fmt: skip
    book = openpyxl.load_workbook(sample_plant.parent / "files" / BASICS)
    assert "DA009" in [one.value for one in book["排气筒"][stack.number]]
    assert height.place == f"{stack.place}:height"


def test_a_finding_of_the_assessment_names_the_sheet(assessment: Assessment) -> None:
    (lapsed,) = [finding for finding in assessment.findings if finding.code == "permit-lapsed"]
    assert lapsed.place.file == f"{BASICS}!许可证"
