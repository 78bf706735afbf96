"""The printed report: everything is in it, in both languages, and nothing a user wrote is ever markup."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from forgecast.app.report import render_pdf
from forgecast.app.report.fonts import drawable
from forgecast.app.report.words import LABELS
from forgecast.ground.texts import Language
from forgecast.rules.verdict import WORD_TEXTS, Word
from forgecast.tasks.assessment import Assessment
from tests.app.made_up_assessment import HOSTILE, calm_assessment, made_up_assessment

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@lru_cache(maxsize=2)
def pdf(language: Language) -> bytes:
    return render_pdf(made_up_assessment(), language)


@lru_cache(maxsize=2)
def pages(language: Language) -> tuple[str, ...]:
    reader = PdfReader(io.BytesIO(pdf(language)))
    return tuple(page.extract_text() for page in reader.pages)


def packed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_open_verdict_and_every_section_is_printed(synthetic: Assessment, language: Language) -> None:
    whole = packed("".join(pages(language)))
    for verdict in synthetic.verdicts:
        if verdict.word in (Word.NOT_MET, Word.PARTLY, Word.NOT_KNOWN):
            assert packed(verdict.id) in whole
    for name in ("quality", "not_met", "partly", "not_known", "figures", "verdicts", "sources", "guide"):
        assert packed(LABELS[name].say(language)) in whole
    for word in WORD_TEXTS.values():
        assert packed(word.say(language)) in whole
    for file in synthetic.files:
        assert file.sha256[:12] in whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_made_up_says_so_on_every_page_and_pages_are_numbered(language: Language) -> None:
    for number, page in enumerate(pages(language), start=1):
        assert packed(LABELS["synthetic_short"].say(language)) in packed(page)
        count = LABELS["page"].say(language).format(page=number, pages=len(pages(language)))
        assert packed(count) in packed(page)


def test_a_real_plant_is_not_called_synthetic(calm: Assessment) -> None:
    reader = PdfReader(io.BytesIO(render_pdf(calm, "en")))
    assert all("SYNTHETIC" not in page.extract_text() for page in reader.pages)


def test_what_users_wrote_is_printed_letter_by_letter() -> None:
    assert packed(HOSTILE) in packed("".join(pages("en")))
    assert packed(HOSTILE) in packed("".join(pages("zh")))


def test_a_value_just_over_the_limit_is_printed_over_it(synthetic: Assessment) -> None:
    verdict = next(v for v in synthetic.verdicts if v.word is Word.NOT_MET and v.limit and v.limit.value == 30.0)
    near = replace(verdict, figure_value=30.004, exceedances=(replace(verdict.exceedances[0], worst=30.004),))
    printed = render_pdf(replace(synthetic, verdicts=(near,), curves=()), "en")
    whole = "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages)
    assert packed(whole).count("30.004mg/m³") >= 3  # summary, card, stretch


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_assessment_is_the_same_file(synthetic: Assessment, language: Language) -> None:
    assert render_pdf(synthetic, language) == pdf(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_names_itself_and_can_be_archived_and_read_aloud(synthetic: Assessment, language: Language) -> None:
    reader = PdfReader(io.BytesIO(pdf(language)))
    assert reader.metadata is not None
    assert synthetic.plant_name in str(reader.metadata.title)
    catalogue = reader.trailer["/Root"]
    assert str(catalogue["/Lang"]).lower().startswith(language)
    xmp = catalogue["/Metadata"].get_object().get_data().decode()
    assert "pdfaid:part" in xmp
    assert "pdfuaid:part" in xmp


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_character_printed_has_a_glyph(language: Language) -> None:
    # PDF/A refuses a document with a missing glyph; the extracted text shows that nothing was lost instead.
    printed = {character for page in pages(language) for character in page if not character.isspace()}
    unknown = {character for character in printed if ord(character) not in drawable()}
    assert not {character for character in unknown if ord(character) > 0x20}, unknown
    assert "[U+1F44D]" in packed("".join(pages(language)))


@given(name=st.text(min_size=1, max_size=40))
@settings(max_examples=10)
def test_no_name_stops_a_report(name: str) -> None:
    calm = replace(calm_assessment(), plant_name=name)
    assert render_pdf(calm, "zh").startswith(b"%PDF-1.")
