"""Texts: two languages from one value, and the way through a database and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.ground.texts import LANGUAGES, Text, bilingual, preferred_language, text, unpacked, verbatim

values = st.one_of(
    st.text(max_size=8), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
    st.none(),
)  # fmt: skip


@st.composite
def texts(draw: st.DrawFn, depth: int = 2) -> Text:
    inner = st.one_of(values, texts(depth - 1)) if depth else values
    known = draw(st.dictionaries(st.sampled_from(["row", "column", "value"]), inner, max_size=3))
    template = draw(st.sampled_from(["a heat", "笔记 {{}}"])) + "".join(f" {{{name}}}" for name in known)
    return Text(template, draw(st.none() | st.just("中文：" + template)), tuple(known.items()))


def test_a_text_says_both_languages():
    said = bilingual("row {row}: {what}", "第{row}行：{what}", row=3, what=bilingual("yoke", "磁轭"))
    assert said.say("en") == "row 3: yoke"
    assert said.say("zh") == "第3行：磁轭"
    assert str(said) == "row 3: yoke"
    assert said.as_json() == {"en": "row 3: yoke", "zh": "第3行：磁轭"}


def test_the_catalogue_has_the_chinese_of_a_marked_sentence():
    assert text("the row has no source").say("zh") == "该行没有注明来源"


def test_a_sentence_the_catalogue_does_not_have_is_said_in_english():
    unknown = "no catalogue has this sentence of row {row}"
    assert text(unknown, row=7).say("zh") == "no catalogue has this sentence of row 7"


@pytest.mark.parametrize(
    ("value", "en", "zh"), [(True, "yes", "是"), (False, "no", "否"), (None, "—", "—"), (2.5, "2.5", "2.5")]
)
def test_values_are_said_in_the_language(value, en, zh):
    said = bilingual("{value}", "{value}", value=value)
    assert (said.say("en"), said.say("zh")) == (en, zh)


def test_braces_stand_for_themselves_when_doubled_with_and_without_values():
    assert bilingual("{{x}}", "{{x}}").say("en") == "{x}"
    assert bilingual("{{x}} {y}", "{{x}} {y}", y="{z}").say("en") == "{x} {z}"


@pytest.mark.parametrize("words", ["4.1", "{a} {{b}}", ""])
def test_what_is_said_verbatim_is_the_same_in_both_languages(words):
    assert verbatim(words).as_json() == {"en": words, "zh": words}
    assert text("clause {clause}", clause=verbatim(words)).say("en") == f"clause {words}"


@given(texts())
def test_a_packed_text_comes_back_through_json(said):
    again = unpacked(json.loads(json.dumps(said.packed())))
    assert again == said
    for language in LANGUAGES:
        assert again.say(language) == said.say(language)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8", "FORGECAST_LANG": "zh"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "FORGECAST_LANG": "en"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_language_is_asked_for_then_the_machines_then_english(environment, language):
    assert preferred_language(environment) == language


@pytest.mark.parametrize(
    ("name", "language"), [("Chinese (Simplified)_China", "zh"), ("zh_CN", "zh"), ("de_DE", "en"), (None, "en")]
)
def test_a_machine_without_the_variables_is_asked_for_its_locale(monkeypatch, name, language):
    for variable in ("FORGECAST_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: (name, "cp936"))
    assert preferred_language() == language
