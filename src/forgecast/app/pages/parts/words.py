"""What pages say: a text of ours, a sentence in both languages out of an answer, or plain words somebody has given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

from forgecast.ground.texts import Language, Text

#: A text of ours, ``{"en": .., "zh": ..}`` out of an answer, or a name; None says nothing.
Words: TypeAlias = "Text | Mapping[str, Any] | str | None"


class Reader(Protocol):
    """Whoever reads the page; a `Visit` is one."""

    @property
    def language(self) -> Language:
        """Return the language in which the page is read."""
        ...


def said(reader: Reader, words: Words) -> str:
    """Return words in the language of the reader; empty where there are none."""
    if words is None:
        return ""
    if isinstance(words, Text):
        return words.say(reader.language)
    if isinstance(words, Mapping):
        return str(words.get(reader.language) or words.get("en") or "")
    return str(words)
