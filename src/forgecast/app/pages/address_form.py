"""A question that stands in the address of a page: read from there, changed by a form, so it can be linked to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, get_origin

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement
from pydantic import ValidationError

from forgecast.app.doors.door import Question
from forgecast.app.pages.parts.instead import named
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

Q = TypeVar("Q", bound=Question)
F = TypeVar("F", bound=ValueElement[Any])


def asked_in(visit: Visit, kind: type[Q], **fixed: object) -> Q:
    """Return the question that the page's address asks.

    Parameters
    ----------
    visit : Visit
    kind : type of Question
    **fixed : object
        Fields that the page itself gives; those of the address come first.

    Raises
    ------
    ForgecastError
        If a field of the address does not fit; it is named.
    """
    given: dict[str, Any] = dict(fixed)
    for name, field in kind.model_fields.items():
        words = visit.query.get(name, "").strip()
        if words:
            listed = get_origin(field.annotation) is list
            given[name] = [one.strip() for one in words.split(",") if one.strip()] if listed else words
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ForgecastError(
            text("{value} does not fit here: {message}", value=str(first.get("input", "")), message=str(first["msg"])),
            where=place,
            repair=text("change the field and ask again"),
        ) from None


class AddressForm:
    """Fields whose values go into the address when the form is sent.

    Parameters
    ----------
    visit : Visit
    path : str
        Page to go to.
    kept : mapping of str to str
        What stays in the address whatever the fields say, as the tab.
    """

    def __init__(self, visit: Visit, path: str, kept: Mapping[str, str] | None = None) -> None:
        self._visit = visit
        self._path = path
        self._kept = dict(kept or {})
        self._fields: dict[str, ValueElement[Any]] = {}

    def field(self, name: str, element: F) -> F:
        """Take a field under its name, give it the value of the address, and return it."""
        words = self._visit.query.get(name)
        if words is not None:
            if isinstance(element, ui.number):
                element.value = _number(words)
            elif isinstance(element, ui.select):
                if element.multiple:
                    element.value = [one for one in words.split(",") if one in element.options]
                elif words in element.options:
                    element.value = words
            elif isinstance(element, ui.switch):
                element.value = words == "true"
            else:
                element.value = words
        if isinstance(element, ui.input | ui.number):
            element.on("keydown.enter", self.send)
        self._fields[name] = element
        named(element, name)
        return element

    def put(self, name: str, value: str) -> None:
        """Let a value go into the address beside the fields, as the id of an upload."""
        self._kept[name] = value

    def send(self) -> None:
        """Go to the page with what the fields say; empty ones are left out."""
        given = dict(self._kept)
        for name, element in self._fields.items():
            words = _words(element.value)
            if words:
                given[name] = words
        ui.navigate.to(self._visit.link(self._path, **given))


def _words(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "true"
    if isinstance(value, list):
        return ",".join(str(one) for one in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _number(words: str) -> float | None:
    try:
        return float(words)
    except ValueError:
        return None
