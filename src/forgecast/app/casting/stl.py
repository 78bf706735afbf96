"""Risers as STL, so that a CAD program takes them over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from forgecast.tasks.mould_layout import Body


def risers_stl(bodies: Iterable[Body]) -> bytes | None:
    """Return the risers with their necks as binary STL in millimetres, as CAD programs expect it; None without any."""
    import trimesh  # noqa: PLC0415  (loads slowly)

    risers = [body.solid for body in bodies if body.kind == "riser"]
    if not risers:
        return None
    mesh = trimesh.util.concatenate([trimesh.Trimesh(1000 * one.vertices, one.faces, process=False) for one in risers])
    export: Any = mesh.export
    content = export(file_type="stl")
    assert isinstance(content, bytes)  # noqa: S101  (binary STL is asked for)
    return content
