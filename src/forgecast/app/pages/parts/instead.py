"""What a repair says in the words of the command line, as pages and their fields say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from nicegui import ui
from nicegui.element import Element

from forgecast.app.pages.page import PAGES
from forgecast.app.pages.parts.inline import link
from forgecast.app.pages.parts.markup import Markup
from forgecast.app.pages.visit import Visit

#: By command, the path of the page that does the same or shows it.
PAGES_OF_COMMANDS: Final[dict[str, str]] = {
    "assess": "rules",
    "casting alloys": "casting/materials",
    "casting media": "casting/materials",
    "certificate issue": "pieces/certificates",
    "environment ledger": "green/ledger",
    "epcis import": "pieces/events",
    "forging flow-stress": "forging/flow-stress",
    "grade list": "pieces/grades",
    "melting curve": "melt/curve",
    "plant fields": "data",
    "plant import": "data/import",
    "plant record": "data/enter/{record}",
    "plant show": "data",
    "plant status": "data/series",
    "plant verify": "data/trail",
    "quality chart": "quality/chart",
    "quality gauge": "quality/gauges",
    "rules fill": "rules",
    "signals collect": "live/instruments",
    "signals alarms": "live/alarms",
    "signals latest": "live/readings",
    "signals status": "live/instruments",
    "standing peers": "standing/peers",
    "trace": "pieces",
}
_COMMAND = re.compile(r"forgecast ((?:[a-z0-9-]+ )?[a-z0-9-]+)")
_OPTION = re.compile(r"--([a-z][a-z-]*)")
_RECORD = re.compile(r"forgecast plant record \S+ ([a-z_]+) ")


def pages_instead(visit: Visit, repair: Any) -> list[Markup]:  # noqa: ANN401  (words of JSON)
    """Return links to the pages that do what a repair names commands for.

    Parameters
    ----------
    visit : Visit
    repair : mapping or None
        The repair of an error in English and Chinese; both name the same commands.
    """
    words = str(repair.get("en", "")) if isinstance(repair, dict) else ""
    paths = []
    for named in _COMMAND.findall(words):
        path = PAGES_OF_COMMANDS.get(named) or PAGES_OF_COMMANDS.get(named.split(" ")[0])
        if path and "{record}" in path:
            kind = _RECORD.search(words)
            path = path.replace("{record}", kind[1]) if kind else None
        if path:
            paths.append(path)
    links = []
    for path in dict.fromkeys(paths):
        page = next(one for one in PAGES if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one.path), path))
        if visit.may(page.right):
            links.append(link(visit, page.title, visit.link(path)))
    return links


def named(field: Element, name: str) -> None:
    """Let a field be found by the name that its question has for it."""
    field.props(f"data-field={name}")


def fields_here() -> dict[str, str]:
    """Return the labels of the fields of this page by the names of their questions."""
    every = ui.context.client.elements.values()
    found = {one.props["data-field"]: one.props.get("label") or getattr(one, "text", "")
             for one in every if "data-field" in one.props}  # fmt: skip
    return {name: str(label) for name, label in found.items() if label}


def in_fields(words: str, labels: Mapping[str, str]) -> str:
    """Return a repair whose options are named as the fields of a page are; commands and other options stay.

    Parameters
    ----------
    words : str
        In the language of the page; commands stand between backquotes.
    labels : mapping of str to str
        As `fields_here` returns them.
    """

    def of_page(option: re.Match[str]) -> str:
        name = option[1].replace("-", "_")
        # A question names the unit too: --ball is its field ball_mm, --since its since_on.
        alike = [words for field, words in labels.items() if field.rpartition("_")[0] == name]
        label = labels.get(name) or (alike[0] if len(alike) == 1 else "")
        return f"“{label}”" if label else option[0]

    parts = words.split("`")
    return "`".join(part if place % 2 else _OPTION.sub(of_page, part) for place, part in enumerate(parts))
