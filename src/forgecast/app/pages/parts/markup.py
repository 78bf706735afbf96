"""HTML made of parts in which everything a person has written is escaped, so no text can become a command."""

from __future__ import annotations

import html
from typing import TypeAlias

from nicegui import ui

_VOID = frozenset({"img", "br", "hr", "input", "wbr", "meta", "link"})


class Markup(str):
    """HTML that is safe to show: only `tag` and `joined` make it."""

    __slots__ = ()


Content: TypeAlias = "Markup | str | int | float | None"


def tag(name: str, /, *content: Content, **attributes: str | int | bool | None) -> Markup:
    """Return one element; plain strings in it and in its attributes are escaped.

    Parameters
    ----------
    name : str
        Of the element, as in ``"td"``.
    *content : Markup or str or number or None
        What stands inside, in order; None is left out.
    **attributes : str, int, bool or None
        A trailing underscore is dropped (``class_``), others become hyphens (``aria_label``). True writes the bare
        name; False and None leave the attribute out.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{joined(*content)}</{name}>")


def joined(*content: Content) -> Markup:
    """Return contents one after another; plain strings are escaped."""
    return Markup("".join(_escaped(part) for part in content if part is not None))


def put(content: Markup, *, tag_name: str = "div", classes: str = "") -> ui.html:
    """Place HTML on the page as one element.

    Parameters
    ----------
    content : Markup
    tag_name : str
        Element around it.
    classes : str

    Returns
    -------
    ui.html
    """
    if type(content) is not Markup:
        message = "only what `tag` made may be put on a page as HTML"
        raise TypeError(message)
    return ui.html(str(content), sanitize=False, tag=tag_name).classes(classes)


def _attribute(key: str, value: str | int | bool | None) -> str:  # noqa: FBT001  (a bare name in HTML)
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    return f' {name}="{html.escape(str(value), quote=True)}"'


def _escaped(part: Content) -> str:
    return str(part) if isinstance(part, Markup) else html.escape(str(part), quote=False)
