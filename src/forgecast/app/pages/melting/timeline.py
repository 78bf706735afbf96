"""Furnaces over the hours of a day or more: a lane for each, a bar for each heat that leads to its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from forgecast.app.pages.parts import Markup, put, tag
from forgecast.app.pages.visit import Visit
from forgecast.ground.dates import zone
from forgecast.ground.texts import text

_LANE = 34


def timeline(visit: Visit, heats: Sequence[Mapping[str, Any]]) -> None:
    """Place the heats that have a beginning and an end."""
    placed = [one for one in heats if one["tapped_at"] is not None]
    if not placed:
        return
    times = [_local(visit, str(one[side])) for one in placed for side in ("started_at", "tapped_at") if one[side]]
    first = min(times).replace(minute=0, second=0)
    last = max(times).replace(minute=0, second=0) + timedelta(hours=1)
    whole = (last - first).total_seconds()
    lanes = sorted({str(one["furnace"]) for one in placed})
    rows = [_lane(visit, lane, [one for one in placed if one["furnace"] == lane], first, whole) for lane in lanes]
    hours = range(0, int(whole // 3600) + 1, max(1, round(whole / 3600 / 12)))
    marks = [
        tag(
            "span",
            f"{first + timedelta(hours=hour):%H:%M}",
            style=f"position:absolute;left:{hour * 360000 / whole:.2f}%",
        )
        for hour in hours
    ]
    scale = tag(
        "div", *marks, style="position:relative;height:1.4rem;margin-left:5.5rem;margin-right:2.5rem", class_="fc-soft"
    )
    put(tag("div", scale, *rows, style="min-width:44rem"), classes="fc-scroll").props["tabindex"] = "0"


def _lane(visit: Visit, lane: str, heats: Sequence[Mapping[str, Any]], first: datetime, whole: float) -> Markup:
    bars = [_bar(visit, one, first, whole) for one in heats]
    inner = tag(
        "div", *bars, style=f"position:relative;flex:1;height:{_LANE}px;background:var(--sunk);border-radius:4px"
    )
    name = tag("span", lane, style="width:5rem;flex:none")
    return tag("div", name, inner, style="display:flex;align-items:center;gap:.5rem;margin:.25rem 0")


def _bar(visit: Visit, one: Mapping[str, Any], first: datetime, whole: float) -> Markup:
    end = _local(visit, str(one["tapped_at"]))
    start = _local(visit, str(one["started_at"])) if one["started_at"] else end - timedelta(minutes=5)
    left = (start - first).total_seconds() / whole
    width = max((end - start).total_seconds() / whole, 0.004)
    held = one["decision"] in {"block", "contain", "scrap", "remelt", "rework", "return"}
    said = text(
        "{heat}: {start} to {end}, {alloy}",
        heat=str(one["id"]),
        start=f"{start:%H:%M}",
        end=f"{end:%H:%M}",
        alloy=str(one["alloy"] or "—"),
    )
    colour = "var(--bad)" if held else "var(--c1)"
    style = (
        f"position:absolute;top:3px;bottom:3px;left:{100 * left:.2f}%;width:{100 * width:.2f}%;background:{colour};"
        "border-radius:3px;min-width:6px"
    )
    title = visit.say(said)
    return tag("a", href=visit.link("melt/heat", id=str(one["id"])), style=style, title=title, aria_label=title)


def _local(visit: Visit, at: str) -> datetime:
    return datetime.fromisoformat(at.replace("Z", "+00:00")).astimezone(zone(visit.zone))
