"""The table of latest values: rows come from the page, so nothing of them is kept in the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui.element import Element

from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import Text, text

_WORDS: dict[str, Text] = {
    "caption": text("Latest value of each signal"),
    "search": text("Search in the list"),
    "signal": text("Signal"),
    "value": text("Value"),
    "state": text("State"),
    "quality": text("Quality of the reading"),
    "age": text("Age"),
    "none": text("No signal has readings yet."),
    "state_alarm": text("alarm"),
    "state_waiting": text("returned, not acknowledged"),
    "state_late": text("overdue"),
    "state_normal": text("normal"),
    "age_s": text("{n} s", n="{n}"),
    "age_min": text("{n} min", n="{n}"),
    "age_h": text("{n} h", n="{n}"),
    "age_d": text("{n} d", n="{n}"),
}


class LiveTable(Element, component="live_table.js"):
    """Latest values; made by `live_table`."""

    def __init__(self, props: Mapping[str, Any]) -> None:
        super().__init__()
        self._props.update(props)

    def take(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Hand over the rows that have changed."""
        self.run_method("take", list(rows))


def live_table(visit: Visit, rows: Sequence[Mapping[str, Any]]) -> LiveTable:
    """Return the table with its first rows (as ``signals/latest`` tells them)."""
    made = LiveTable(
        {
            "words": {key: words.say(visit.language) for key, words in _WORDS.items()},
            "zone": visit.zone,
            "language": visit.language,
            "link": f"{visit.link('live/signal')}?tag=",
            "rows": list(rows),
        }
    )
    # What the page was built with goes to the browser once and is not kept beside it.
    made.on("taken", lambda: made._props.pop("rows", None), args=[])  # noqa: SLF001  (its own)
    return made
