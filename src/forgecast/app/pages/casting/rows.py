"""Rows of risers and chills: how the form holds them, and how a door is asked.

A row has either measures or a ``file``, which is empty until one has come.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

Row: TypeAlias = "dict[str, Any]"

_DRAWN_WITH: Final = {"risers": ("at_mm", "diameter_mm", "height_mm"), "chills": ("at_mm", "size_mm")}


def can_be_drawn(kind: str, one: Row) -> bool:
    """Return whether a riser or chill, as a door is asked for it, is wholly described."""
    if kind == "chills" and not one["medium"]:
        return False
    return bool(one.get("file")) or all(one.get(field) for field in _DRAWN_WITH[kind])


def risers_asked(rows: Iterable[Row]) -> list[Row]:
    """Return risers as a door is asked; what is missing is left for it to say."""
    return [
        {"file": one["file"]}
        if "file" in one
        else {
            "at_mm": _three(one, "x", "y", "z"),
            "diameter_mm": one.get("diameter") or None,
            "height_mm": one.get("height") or None,
            "sleeve": one.get("sleeve") or "",
            "sleeve_mm": (one.get("thickness") or None) if one.get("sleeve") else None,
        }
        for one in rows
    ]


def chills_asked(rows: Iterable[Row]) -> list[Row]:
    """Return chills as a door is asked."""
    return [
        {"medium": one.get("medium") or "", "file": one["file"]}
        if "file" in one
        else {
            "medium": one.get("medium") or "",
            "at_mm": _three(one, "x", "y", "z"),
            "size_mm": _three(one, "length", "width", "depth"),
        }
        for one in rows
    ]


def _three(one: Row, *keys: str) -> list[float] | None:
    values = [one.get(key) for key in keys]
    return None if any(value is None for value in values) else [float(value) for value in values if value is not None]


def risers_in(given: Any) -> list[Row]:  # noqa: ANN401  (JSON)
    """Return the rows of risers that another run was asked with."""
    return [
        {"file": one["file"]}
        if one.get("file")
        else dict(zip(("x", "y", "z"), one["at_mm"], strict=True))
        | {"diameter": one["diameter_mm"], "height": one["height_mm"], "sleeve": one.get("sleeve") or "",
           "thickness": one.get("sleeve_mm")}
        for one in given or []
        if one.get("file") or one.get("at_mm")
    ]  # fmt: skip


def chills_in(given: Any) -> list[Row]:  # noqa: ANN401  (JSON)
    """Return the rows of chills that another run was asked with."""
    return [
        {"medium": one["medium"], "file": one["file"]}
        if one.get("file")
        else dict(zip(("x", "y", "z"), one["at_mm"], strict=True))
        | dict(zip(("length", "width", "depth"), one["size_mm"], strict=True))
        | {"medium": one["medium"]}
        for one in given or []
        if one.get("file") or (one.get("at_mm") and one.get("size_mm"))
    ]
