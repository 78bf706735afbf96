"""Fields people fill in, with a label above each and what is wrong below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from nicegui import ui
from nicegui.element import Element

from forgecast.app.pages.parts.words import Reader, Words, said

F = TypeVar("F", bound=Element)

_PROPS = "outlined dense stack-label"


def text_field(
    reader: Reader,
    label: Words,
    *,
    value: str = "",
    hint: Words = None,
    placeholder: Words = None,
    long: bool = False,
    on_change: Callable[..., Any] | None = None,
) -> ui.input | ui.textarea:
    """Return a field for words."""
    made: type[ui.input | ui.textarea] = ui.textarea if long else ui.input
    field = made(said(reader, label), value=value, placeholder=said(reader, placeholder) or None, on_change=on_change)
    return _dressed(reader, field, hint)


class _Number(ui.number):
    """A field that leaves a number as it was typed.

    NiceGUI puts a number beyond the limits onto the nearest one when the field is left, and says nothing: a furnace of
    14900 °C would be recorded with 1850 °C. Whoever is asked refuses such a number, and says why.
    """

    def sanitize(self) -> None:
        """Change nothing."""


def number_field(
    reader: Reader,
    label: Words,
    *,
    value: float | None = None,
    unit: str = "",
    hint: Words = None,
    least: float | None = None,
    most: float | None = None,
    step: float | None = None,
    on_change: Callable[..., Any] | None = None,
) -> ui.number:
    """Return a field for a number; left empty it is None, never zero, and what is typed stays as it is."""
    field = _Number(said(reader, label), value=value, min=least, max=most, step=step, on_change=on_change)
    if unit:
        field.props["suffix"] = unit
    return _dressed(reader, field, hint)


def choice_field(
    reader: Reader,
    label: Words,
    choices: Mapping[str, Words],
    *,
    value: str | None = None,
    hint: Words = None,
    search: bool = False,
    many: bool = False,
    on_change: Callable[..., Any] | None = None,
) -> ui.select:
    """Return a field to choose one of several, or some of them.

    Parameters
    ----------
    reader : Reader
    label : Words
    choices : mapping of str to Words
        Key and name.
    value : str or None
        Key chosen at first.
    hint : Words
    search : bool
        Whether typing narrows the list.
    many : bool
        Whether several may be chosen; the value of the field is the list of their keys then.
    on_change : callable or None
    """
    names = {key: said(reader, words) for key, words in choices.items()}
    field = ui.select(
        names,
        label=said(reader, label),
        value=[] if many else value,
        with_input=search,
        multiple=many,
        on_change=on_change,
    )
    field.props("options-dense use-chips" if many else "options-dense")
    return _dressed(reader, field, hint)


def day_field(
    reader: Reader,
    label: Words,
    *,
    value: str = "",
    hint: Words = None,
    on_change: Callable[..., Any] | None = None,
) -> ui.input:
    """Return a field for a day; its value is ``YYYY-MM-DD`` or empty."""
    field = ui.input(said(reader, label), value=value, on_change=on_change).props("type=date")
    return _dressed(reader, field, hint)


def switch_field(
    reader: Reader, label: Words, *, value: bool = False, on_change: Callable[..., Any] | None = None
) -> ui.switch:
    """Return a switch."""
    return ui.switch(said(reader, label), value=value, on_change=on_change).classes("fc-switch")


def _dressed(reader: Reader, field: F, hint: Words) -> F:
    if hint:
        field.props["hint"] = said(reader, hint)
    field.props(_PROPS).classes("fc-field")
    return field
