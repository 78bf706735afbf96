"""Pages that do what a repair says in the words of the command line, for one who will never open a terminal."""

from __future__ import annotations

import re
from typing import Any, Final

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
