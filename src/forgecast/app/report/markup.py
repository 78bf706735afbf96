"""HTML built from values: every text is escaped, so nothing a user wrote is ever markup."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from forgecast.app.report.words import code_names


@dataclass(frozen=True, slots=True)
class Html:
    """A piece of HTML that is already safe."""

    source: str


#: A piece, a plain text (which is escaped), or several of them.
Part = Html | str | Iterable["Part"]


def tag(name: str, /, *parts: Part, **attributes: str) -> Html:
    """Return an element; ``class_`` stands for ``class``, ``data_label`` for ``data-label``."""
    return Html(f"<{name}{_attributes(attributes)}>{joined(parts).source}</{name}>")


def void(name: str, /, **attributes: str) -> Html:
    """Return an element without content."""
    return Html(f"<{name}{_attributes(attributes)}>")


def picture(svg: str, alt: str, class_: str = "") -> Html:
    """Return an SVG as a picture inside the page, apart from its styles and names."""
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    size = ' loading="lazy"' if not class_ else ""
    named = f' class="{class_}"' if class_ else ""
    return Html(f'<img{named}{size} src="data:image/svg+xml;base64,{data}" alt="{html.escape(alt)}">')


def joined(parts: Iterable[Part]) -> Html:
    """Return several parts as one."""
    return Html("".join(_source(part) for part in parts))


def _source(part: Part) -> str:
    if isinstance(part, Html):
        return part.source
    if isinstance(part, str):
        # The name of a field or a record stands in backticks in our sentences; what users wrote keeps its own.
        return _names().sub(r"<code>\1</code>", html.escape(part))
    return joined(part).source


@lru_cache(maxsize=1)
def _names() -> re.Pattern[str]:
    return re.compile(f"`({'|'.join(code_names())})`")


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
        for name, value in attributes.items()
        if value != ""
    )
