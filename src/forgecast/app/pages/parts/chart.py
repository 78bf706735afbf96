"""Charts: lines, steps, bars, points, areas, heat maps, Gantt, waterfall and radar, drawn in the browser.

The browser fetches what it draws from a door's address; a page hands over at most a small chart by itself.
What may stand in the answer (all names as ``{"en": .., "zh": ..}`` or plain words):

``{"times": [ms UTC ..] or "x": [number or name ..], "x_name": .., "x_unit": .., "series": [..], "limits": [..],
"marks": [..]}``, where a series is ``{"name": .., "unit": "kg/h", "values": [number or null ..],
"kind": "line|step|bar|points|area", "x": [own x ..], "stack": "name", "tone": "good|bad|warn|unknown|plain"}``,
a limit ``{"name": .., "value": .., "kind": "upper|lower|warning|target"}`` (``unit`` where there are two axes) and a
mark ``{"at": x or ms, "value": y, "name": .., "note": .., "tone": ..}``. Two units make two axes.

``{"x": [..], "y": [..], "cells": [[column, row, value or null] ..], "name": .., "unit": ..}``: a heat map.

``{"tasks": [{"name": .., "start_at": .., "end_at": .., "share": 0..1, "tone": .., "note": ..} ..]}``: a Gantt chart.

``{"steps": [{"name": .., "value": .., "total": true} ..], "unit": ..}``: a waterfall; a total stands on the ground.

``{"axes": [{"name": .., "most": 5} ..], "series": [{"name": .., "values": [..]} ..]}``: a radar.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nicegui.element import Element

from forgecast.app.pages.parts.component import ECHART
from forgecast.app.pages.parts.words import Reader, Words, said
from forgecast.ground.texts import Text, text

_WORDS: dict[str, Text] = {
    "working": text("being worked out …"),
    "none": text("There is nothing to draw yet."),
    "failed": text("The figures could not be fetched."),
    "table": text("Show as table"),
    "picture": text("Save picture (PNG)"),
    "csv": text("Save figures (CSV)"),
    "whole": text("Show all"),
    "time": text("Time"),
    "limit": text("Limit"),
    "note": text("Note"),
    "first": text("only the first {n} of {all} rows are shown", n="{n}", all="{all}"),
    "summary": text("{name}: {n} values from {least} to {most} {unit}", n="{n}", name="{name}", least="{least}",
                    most="{most}", unit="{unit}"),
}  # fmt: skip


class Chart(Element, component="chart.js", esm=ECHART):
    """A chart; made by `chart`."""

    def __init__(self, props: Mapping[str, Any]) -> None:
        super().__init__()
        self._props.update(props)

    def fetch_again(self, address: str = "") -> None:
        """Draw anew, from another address where one is given."""
        if address:
            self._props["source"] = address
        else:
            self.run_method("fetchAgain")


def chart(
    reader: Reader,
    source: str | Mapping[str, Any],
    *,
    title: Words,
    at: str = "",
    zone: str = "UTC",
    height: int = 320,
    kind: str = "line",
    log_x: bool = False,
    log_y: bool = False,
    from_zero: bool = False,
    zoom: bool = True,
) -> Chart:
    """Return a chart.

    Parameters
    ----------
    reader : Reader
    source : str or mapping
        Address of a door (`Visit.address`), or a small chart itself; forms as the module says.
    title : Words
        What it shows; read out, and the name of what is saved.
    at : str
        Where in the answer the chart stands, as in ``"charts.scrap"``.
    zone : str
        Time zone of the time axis (`Visit.zone`).
    height : int
        In pixels.
    kind : str
        Of series that do not say their own: ``line``, ``step``, ``bar``, ``points`` or ``area``.
    log_x, log_y : bool
    from_zero : bool
        Whether the value axis begins at zero.
    zoom : bool
        Whether a strip below narrows the time down.
    """
    return Chart(
        {
            "source": source if isinstance(source, str) else "",
            # As words: NiceGUI would watch every list in it for changes.
            "data": "" if isinstance(source, str) else json.dumps(source, ensure_ascii=False, separators=(",", ":")),
            "title": said(reader, title),
            "at": at,
            "zone": zone,
            "language": reader.language,
            "height": height,
            "kind": kind,
            "log-x": log_x,
            "log-y": log_y,
            "from-zero": from_zero,
            "zoom": zoom,
            "words": {key: words.say(reader.language) for key, words in _WORDS.items()},
        }
    )
