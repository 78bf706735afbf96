"""The glossary: one word, one meaning, both languages, units that exist."""

from __future__ import annotations

import re

import pytest

from forgecast.ground.units import KINDS, spelled
from tests.docs.glossary import entries
from tests.docs.texts import CHINESE

#: Units of a derived figure that no record is kept in.
FIGURE_UNITS = {
    "–", "tce", "tCO2", "tCO2/MWh", "kgCO2/kWh", "t C/GJ", "tce/t", "tCO2/t", "kgce/t", "kgce", "W/(m2 K)",
}  # fmt: skip


def test_words_are_sorted_and_stand_once():
    words = [entry.word for entry in entries()]
    assert words == sorted(words, key=str.casefold)
    assert len(set(words)) == len(words)
    assert len(words) > 40


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.word)
def test_an_entry_is_complete(entry):
    assert all(vars(entry).values())
    assert entry.sentence.endswith(".")
    assert CHINESE.search(entry.term)
    assert re.search("[。]$", entry.chinese)
    assert entry.unit in FIGURE_UNITS or spelled(entry.unit)


@pytest.mark.parametrize("word", ["heat", "charge", "route", "stack", "meter", "finding", "verdict", "tag", "reading"])
def test_the_words_of_the_design_are_in(word):
    assert word in {entry.word for entry in entries()}


def test_kinds_of_quantity_have_one_chinese_name_each():
    names = [kind.zh for kind in KINDS.values()]
    assert len(set(names)) == len(names)
