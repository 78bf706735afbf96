"""Reading a rulebook's YAML strictly: plain words stay words, every key is known, every defect has its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NoReturn, TypeVar

import yaml

from forgecast.ground.errors import BookError
from forgecast.ground.texts import Text, bilingual, text, verbatim

Word = TypeVar("Word", bound=StrEnum)


# The parser written in C is ten times as fast and not in every build of PyYAML.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as people mean it: `no`, `on` and dates stay text, and a key written twice is refused."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9]+(?:\.[0-9]*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$"),
    list("-+0123456789"),
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[object, object]:
    seen = set()
    for key_node, _value in node.value:
        key = loader.construct_object(key_node)
        if key != "<<" and key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands twice", key_node.start_mark)
        seen.add(key)
    loader.flatten_mapping(node)
    return {loader.construct_object(k, deep=True): loader.construct_object(v, deep=True) for k, v in node.value}


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(content: str, file: str) -> object:
    """Return the document in a YAML text.

    Raises
    ------
    BookError
        If it is no YAML, or a key stands twice in one entry.
    """
    try:
        return yaml.load(content, Loader=_Loader)  # noqa: S506  (a subclass of SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = file if mark is None else f"{file}:{mark.line + 1}"
        raise BookError(
            text("the file is no YAML: {problem}", problem=str(getattr(error, "problem", None) or error)),
            where=place,
            repair=text("check indentation, quotes and brackets at that line"),
        ) from None


@dataclass(frozen=True)
class Entry:
    """One mapping of the file with its place; every access checks kind and presence.

    Parameters
    ----------
    data : mapping
    place : str
        ``limits.yaml:requirements.pm_cupola``.
    """

    data: Mapping[str, object]
    place: str

    @staticmethod
    def of(value: object, place: str) -> Entry:
        """Return a value as an entry, or refuse it."""
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            _refuse(place, text("this is not an entry with named fields"), text("write it as `name: value` lines"))
        return Entry({str(k): v for k, v in value.items()}, place)

    def below(self, name: str) -> str:
        """Return the place of a field: ``limits.yaml:requirements``, then ``.0.value``."""
        return f"{self.place}{':' if self.place.endswith(('.yaml', '.yml')) else '.'}{name}"

    def only(self, *names: str) -> Entry:
        """Refuse unknown fields (a misspelt field would silently do nothing)."""
        for name in self.data:
            if name not in names:
                raise BookError(
                    text("there is no field `{field}` here", field=name),
                    where=self.place,
                    repair=text("use one of: {fields}", fields=", ".join(names)),
                )
        return self

    def has(self, name: str) -> bool:
        """Return whether a field is there and not empty."""
        return self.data.get(name) is not None

    def entry(self, name: str) -> Entry:
        """Return a field that is an entry of its own."""
        return Entry.of(self._needed(name), self.below(name))

    def entries(self, name: str) -> Iterator[Entry]:
        """Return the entries of a list field; none where the field is absent."""
        value = self.data.get(name)
        if value is None:
            return
        if not isinstance(value, Sequence) or isinstance(value, str):
            _refuse(self.below(name), text("this is not a list"), text("begin each entry with `- `"))
        for index, item in enumerate(value):
            label = item.get("id", index) if isinstance(item, Mapping) else index
            yield Entry.of(item, f"{self.below(name)}.{label}")

    def word(self, name: str) -> str:
        """Return a text field."""
        value = self._needed(name)
        if not isinstance(value, str):
            _refuse(
                self.below(name),
                text("`{field}` is {value}, not text", field=name, value=str(value)),
                text("put it in quotes"),
            )
        return value.strip()

    def word_or(self, name: str, default: str) -> str:
        """Return a text field, or a default where it is absent."""
        return self.word(name) if self.has(name) else default

    def number(self, name: str) -> float:
        """Return a number field."""
        value = self._needed(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            _refuse(
                self.below(name),
                text("`{field}` is {value}, not a number", field=name, value=str(value)),
                text("write a plain decimal number"),
            )
        return float(value)

    def number_or_none(self, name: str) -> float | None:
        """Return a number field, or None where it is absent."""
        return self.number(name) if self.has(name) else None

    def day(self, name: str) -> date | None:
        """Return a date field, or None where it is absent."""
        if not self.has(name):
            return None
        value = self.word(name)
        try:
            return date.fromisoformat(value)
        except ValueError:
            _refuse(
                self.below(name),
                text("{value} is no date", value=value),
                text("write year, month and day as in 2023-07-01"),
            )

    def both(self, name: str) -> Text:
        """Return a sentence that stands in both languages."""
        inner = self.entry(name).only("en", "zh")
        return bilingual(inner.word("en"), inner.word("zh"))

    def said(self, name: str) -> Text:
        """Return words in both languages (``{en, zh}``), or plain words that read the same in both."""
        return self.both(name) if isinstance(self.data.get(name), Mapping) else verbatim(self.word(name))

    def choice(self, name: str, words: type[Word]) -> Word:
        """Return a field that is one of a few words."""
        value = self.word(name)
        try:
            return words(value)
        except ValueError:
            _refuse(
                self.below(name),
                text("`{field}` is {value}", field=name, value=value),
                text("write one of: {words}", words=", ".join(words)),
            )

    def _needed(self, name: str) -> object:
        value = self.data.get(name)
        if value is None or value == "":
            raise BookError(
                text("`{field}` is missing", field=name),
                where=self.place,
                repair=text("add `{field}:` to this entry, or to the book where it holds for all", field=name),
            )
        return value


def _refuse(place: str, what: Text, repair: Text) -> NoReturn:
    raise BookError(what, where=place, repair=repair)
