"""The standing report: every sheet is in it, in both languages; not known stays not known; HTML is one offline file."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from forgecast.app.report.words import LABELS
from forgecast.app.standing_report.content import report_of
from forgecast.app.standing_report.directions import other_verdicts, verdicts_of
from forgecast.app.standing_report.page import render_html
from forgecast.app.standing_report.pdf import render_pdf
from forgecast.app.standing_report.sheet import Cell, Listing, Picture, Report, Sheet, Words
from forgecast.app.standing_report.write import write_standing
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, verbatim
from forgecast.rules.verdict import WORD_TEXTS, Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.plan_plant import plan_plant
from forgecast.tasks.report_standing import Standing, report_standing
from tests.app.test_cli import called
from tests.tasks.plan_plant import DAY, plan_plant_folder
from tests.tasks.small_plants import plant_of

LANGUAGES: tuple[Language, ...] = ("en", "zh")
TABLES = {
    "production": "month,line,route,good_mass_t,metal_mass_t,scrap_mass_t\n2025-03,A,casting,100,160,5\n",
    "shipment": "id,customer,shipped_at\nS1,X,2025-03-20 10:00\n",
    "claim": (
        "book,requirement,answered_on,degree [1],answered_by\n"
        "evidence,customer_certificates,2025-03-01,1,Q\nevidence,recall_drill,2025-03-01,1,Q\n"
    ),
}


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small plant: one month of castings, a shipment without certificate, two claims."""
    return plant_of(tmp_path_factory.mktemp("standing"), TABLES)


@pytest.fixture(scope="module")
def found(plant: Path) -> Standing:
    with PlantFolder.open(plant) as folder:
        return report_standing(folder)


@pytest.fixture(scope="module")
def printed(found: Standing) -> dict[Language, bytes]:
    """Return the PDF in both languages."""
    return {language: render_pdf(found, language) for language in LANGUAGES}


def pages_of(content: bytes) -> tuple[str, ...]:
    return tuple(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def packed(said: str) -> str:
    return "".join(said.replace("\u200b", "").split())


def sheet(report: Report, name: str) -> Sheet:
    return next(one for one in report.sheets if one.id == name)


def row(one: Sheet, words: str) -> tuple[Cell, ...]:
    """Return the first row of the first table that says some words."""
    rows = (row for block in one.blocks if isinstance(block, Listing) for row in block.rows)
    return next(row for row in rows if any(words in cell.said for cell in row))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_sheet_has_pages_of_its_own_whose_words_can_be_extracted(
    found: Standing, printed: dict[Language, bytes], language: Language
) -> None:
    report = report_of(found, language)
    pages = [packed(page) for page in pages_of(printed[language])]
    begins = []
    for number, one in enumerate(report.sheets, start=1):
        begins.append(next(n for n, page in enumerate(pages) if packed(f"{number}{one.title}") in page))
    assert [one.id for one in report.sheets] == [
        "index", *(one.id for one in found.score.scheme.directions), "other", "plan", "incentives", "duties",
    ]  # fmt: skip
    assert begins[0] == 0
    assert begins == sorted(set(begins))
    whole = "".join(pages)
    for indicator in found.score.scheme.indicators:
        assert packed(indicator.title.say(language)) in whole
    for duty in found.calendar.duties:
        assert packed(duty.title.say(language)) in whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_what_is_made_up_says_so_and_then_on_every_page(
    found: Standing, printed: dict[Language, bytes], language: Language
) -> None:
    mark = LABELS["synthetic_short"].say(language)
    assert all(mark not in page for page in pages_of(printed[language]))
    made_up = replace(
        found,
        assessment=replace(found.assessment, synthetic=True),
        score=replace(found.score, synthetic=True),
        plan=None if found.plan is None else replace(found.plan, synthetic=True),
    )
    assert all(mark in page for page in pages_of(render_pdf(made_up, language)))
    sections = render_html(made_up, language).split("<section")[1:]
    assert len(sections) == 12
    assert all(mark in section for section in sections)


@pytest.mark.parametrize("language", LANGUAGES)
def test_not_known_stays_not_known(found: Standing, language: Language) -> None:
    unknown = WORD_TEXTS[Word.NOT_KNOWN].say(language)
    report = report_of(found, language)
    scheme = {one.id: one for one in found.score.scheme.indicators}
    open_ = [name for name, reading in found.score.readings.items() if reading.known == 0.0]
    assert "market_share" in open_
    for name in open_:
        cells = row(sheet(report, scheme[name].direction), scheme[name].title.say(language))
        # Known 0 %, earned nothing that could be told, and the record that would show it.
        assert cells[2].key == "not-known"
        assert (cells[4].said, cells[5].said) == ("0", "—")
        assert cells[7].said not in ("", "—")
    told = sum(
        int(cells[0].small.removeprefix("×") or 1)
        for one in report.sheets
        for block in one.blocks
        if isinstance(block, Listing) and len(block.heads) == 6
        for cells in block.rows
        if cells[0].key == "not-known" and unknown in cells[0].said
    )
    placed = [v for d in found.score.scheme.directions for v in verdicts_of(found, d.id)] + [*other_verdicts(found)]
    assert told == sum(one.word is Word.NOT_KNOWN for one in placed) > 0


def test_each_verdict_is_in_the_report(found: Standing) -> None:
    placed = {v.id for d in found.score.scheme.directions for v in verdicts_of(found, d.id)}
    other = {one.id for one in other_verdicts(found)}
    assert placed.isdisjoint(other)
    assert placed | other == {one.id for one in found.assessment.verdicts}


def test_what_is_only_claimed_is_told_as_such(found: Standing) -> None:
    report = report_of(found, "en")
    assert row(sheet(report, "quality"), "Recall drilled")[6].said == "claimed only: earns nothing"
    cells = row(sheet(report, "openness"), "Certificates issued")
    assert (cells[5].said, cells[6].said) == ("0", "derived and claimed: claimed higher than shown")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_one_file_that_asks_nobody(found: Standing, language: Language) -> None:
    page = render_html(found, language)
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)
    assert not re.search(r"url\((?!\"data:)", page)
    assert page.count("<img") == page.count("alt=") > 0


def test_without_a_plan_a_sentence_says_why(found: Standing) -> None:
    lacking = replace(found, plan=None, why_no_plan=verbatim("no stack"), repair_plan=verbatim("enter one"))
    (only,) = sheet(report_of(lacking, "en"), "plan").blocks
    assert isinstance(only, Words)
    assert "no stack" in only.lines[0]
    assert "enter one" in only.lines[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_is_drawn_and_a_goal_out_of_reach_is_said_with_its_proof(
    found: Standing, tmp_path: Path, language: Language
) -> None:
    with PlantFolder.open(plan_plant_folder(tmp_path)) as folder:
        plan = plan_plant(folder, goals=["particulate=-99.9%", "energy_per_tonne=-1%"], draws=0, at=DAY)
    assert plan.told is not None
    one = sheet(report_of(replace(found, plan=plan), language), "plan")
    said, goals = one.blocks[:2]
    assert isinstance(said, Words)
    assert isinstance(goals, Listing)
    assert len(said.lines) >= 2  # the sentence of the plan, then the proof
    keys = {cells[1].said.split(" [")[0]: cells[0].key for cells in goals.rows}
    assert sorted(set(keys.values())) == ["met", "not-met"]
    pictures = [block for block in one.blocks if isinstance(block, Picture)]
    assert len(pictures) >= 2  # the Gantt and a waterfall
    assert all(block.svg.count("<path") > 20 and block.alt for block in pictures)
    assert all(block.share * block.ratio <= 0.61 for block in pictures)


def test_the_same_standing_gives_the_same_file(found: Standing, printed: dict[Language, bytes]) -> None:
    assert render_pdf(found, "zh") == printed["zh"]


def test_the_door_writes_a_folder_with_both_forms(
    plant: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = called(capsys, "standing", "report", str(plant), "--out", str(tmp_path / "made"), "--lang", "zh")
    assert (code, err) == (0, "")
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == [
        "standing.html", "standing.pdf", "summary.json",
    ]  # fmt: skip
    told = json.loads((tmp_path / "made" / "summary.json").read_text(encoding="utf-8"))
    assert {one["name"] for one in told["files"]} == {"standing.html", "standing.pdf"}
    assert len(told["score"]["directions"]) == 7
    assert out.count("made") == 3


@pytest.mark.parametrize("name", ["standing.docx", "nowhere/standing.pdf", "nowhere/standing"])
def test_a_place_that_cannot_be_written_is_refused_before_any_work(
    plant: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert called(capsys, "standing", "report", str(plant), "--out", str(tmp_path / name))[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole(found: Standing, tmp_path: Path) -> None:
    (made,) = write_standing(found, tmp_path / "standing.PDF", "en")
    assert made.read_bytes().startswith(b"%PDF")
    with pytest.raises(ForgecastError):
        write_standing(found, tmp_path / "standing.txt", "en")
