"""Every sentence a user may see exists in English and Chinese, with the same placeholders."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from forgecast.plant.record import records
from tests.docs.texts import CATALOGUE, CHINESE, SOURCE, Extract, Sentence, defects, extract, read, wrong_pair


def test_the_catalogue_and_the_source_agree():
    assert defects(extract(SOURCE), read(CATALOGUE)) == []


def test_no_entry_of_the_catalogue_is_fuzzy_or_obsolete():
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh", charset="utf-8")
    assert [m.id for m in catalogue if m.id and m.fuzzy] == []
    assert not catalogue.obsolete


def test_every_record_field_and_choice_has_its_chinese():
    for record in records().values():
        for said in (record.title, *(f.header for f in record.fields), *(f.sentence for f in record.fields)):
            assert CHINESE.search(said.say("zh")), said
        for field in record.fields:
            for choice in field.choices:
                assert CHINESE.search(choice.zh), (record.name, field.name, choice.code)


def _source(folder: Path, line: str) -> Extract:
    (folder / "a.py").write_text(f"from forgecast.ground.texts import bilingual, text as t\n{line}\n", encoding="utf-8")
    return extract(folder)


@pytest.mark.parametrize(
    ("line", "chinese", "says"),
    [
        ('t("no heat")', {}, "missing in the catalogue"),
        ('t("row {row}", row=1)', {"row {row}": "第{r}行"}, "placeholders"),
        ('t("no heat")', {"no heat": "no heat"}, "holds no Chinese"),
        ('t("no {x} {y}", y=1)', {"no {x} {y}": "无{x}{y}"}, "no value is given for ['x']"),
        ('t("a" + b)', {}, "plain string"),
        ("t(f'{b}')", {}, "plain string"),
        ('bilingual("row {row}", "行", row=1)', {}, "placeholders"),
        ('bilingual("a heat", "heat")', {}, "holds no Chinese"),
        ("", {"gone": "已不存在"}, "unused"),
        ('t("{x}: {", x=1)', {"{x}: {": "{x}：{"}, "brace"),
    ],
)
def test_each_defect_is_found(tmp_path, line, chinese, says):
    found = defects(_source(tmp_path, line), chinese)
    assert len(found) == 1
    assert says in found[0]


@pytest.mark.parametrize(
    ("line", "chinese"),
    [
        ('t("row {row:,d} of "\n  "{file}", row=1, file="x")', {"row {row:,d} of {file}": "{file}第{row:,d}行"}),
        ('t("{a} ± {b}", a=1, b=2)', {"{a} ± {b}": "{a} ± {b}"}),
        ("bilingual(row['en'], row['zh'], x=1)", {}),
        ("t('of {x}', **values)", {"of {x}": "{x}的"}),
        ("from sqlalchemy import text\ntext('SELECT 1')", {}),
    ],
)
def test_what_is_right_is_left_alone(tmp_path, line, chinese):
    assert defects(_source(tmp_path, line), chinese) == []


def test_a_pair_without_words_needs_no_chinese():
    assert wrong_pair("{a} – {b}", "{a} – {b}") == ""
    assert wrong_pair("{a} to {b}", "{a} to {b}")


def test_a_sentence_knows_its_place(tmp_path):
    (sentence,) = _source(tmp_path, 't("no heat")').sentences
    assert sentence == Sentence("no heat", None, frozenset(), "src/forgecast/a.py:2")
