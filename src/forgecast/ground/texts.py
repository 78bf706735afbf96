"""Texts a user sees: one English template, one Chinese, and the values that go into both.

A text is kept unrendered until a door shows it, so one assessment can be read in either language and a
verdict is the same value whoever looks at it.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal, TypeAlias

from babel.messages.pofile import read_po

Language: TypeAlias = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

#: What may stand in a text's placeholder: plain values that survive a journey through JSON, or another text.
TextValue: TypeAlias = "str | int | float | bool | Text | None"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in both languages with named placeholders.

    Parameters
    ----------
    template : str
        English sentence with ``{name}`` placeholders (``str.format`` syntax).
    zh : str or None
        Chinese template; None means the catalogue ``texts/zh.po`` has it.
    values : tuple of (str, TextValue)
        What goes into the placeholders, in both languages.
    """

    template: str
    zh: str | None = None
    values: tuple[tuple[str, TextValue], ...] = ()

    def say(self, language: Language) -> str:
        """Return the sentence in one language."""
        template = self.template
        if language == "zh":
            template = self.zh if self.zh is not None else _chinese(self.template)
        if not self.values:
            return template.replace("{{", "{").replace("}}", "}")
        return template.format(**{name: _said(value, language) for name, value in self.values})

    def __str__(self) -> str:
        return self.say("en")

    def as_json(self) -> dict[str, object]:
        """Return both languages, as every JSON answer of Forgecast shows a text."""
        return {"en": self.say("en"), "zh": self.say("zh")}

    def packed(self) -> dict[str, object]:
        """Return what `unpacked` needs to build this text again (for storing it)."""
        packed: dict[str, object] = {"template": self.template}
        if self.zh is not None:
            packed["zh"] = self.zh
        if self.values:
            packed["values"] = {n: v.packed() if isinstance(v, Text) else v for n, v in self.values}
        return packed


def text(template: str, /, **values: TextValue) -> Text:
    """Mark an English sentence for the catalogue and give it its values."""
    return Text(template, None, tuple(values.items()))


def bilingual(en: str, zh: str, /, **values: TextValue) -> Text:
    """Return a text whose Chinese comes with the data (a rulebook, a record field), not from the catalogue."""
    return Text(en, zh, tuple(values.items()))


def verbatim(words: str, /) -> Text:
    """Return a text that reads the same in both languages: a number of a clause, a name somebody has given."""
    return Text("{words}", "{words}", (("words", words),))


def unpacked(packed: Mapping[str, object]) -> Text:
    """Return the text that `Text.packed` stored."""
    values = packed.get("values", {})
    assert isinstance(values, Mapping)  # noqa: S101  (written by `packed` only)
    zh = packed.get("zh")
    return Text(
        str(packed["template"]),
        None if zh is None else str(zh),
        tuple((str(n), unpacked(v) if isinstance(v, Mapping) else v) for n, v in values.items()),
    )


def preferred_language(environment: Mapping[str, str] | None = None) -> Language:
    """Return the language of `FORGECAST_LANG`, else of the locale variables, else of the system, else English."""
    system = ""
    if environment is None:
        # Windows sets none of the variables; its locale is called "Chinese (Simplified)_China".
        environment, system = os.environ, (locale.getlocale()[0] or "").lower()
    for name in ("FORGECAST_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "zh" if system.startswith(("zh", "chinese")) else "en"


def _said(value: TextValue, language: Language) -> object:
    if isinstance(value, Text):
        return value.say(language)
    if value is None:
        return "—"
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "zh": ("否", "是")}[language][value]
    return value


def _chinese(template: str) -> str:
    # A sentence without a translation is shown in English; a test walks every marked sentence.
    return _catalogue().get(template) or template


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, str]:
    place = resources.files("forgecast") / "texts" / "zh.po"
    with place.open("rb") as file:
        catalogue = read_po(file, locale="zh", charset="utf-8")
    return {str(m.id): str(m.string) for m in catalogue if m.id and m.string and not m.fuzzy}
