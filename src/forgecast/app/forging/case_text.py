"""A case as a door is asked for it, written as the TOML that the tasks read: one way in, one set of refusals."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

#: Tables by name, each of keys and values; None is left out. What stands under the empty name stands above all tables.
Case: TypeAlias = "Mapping[str, Mapping[str, str | float | None]]"


def quantity(value: float | None, unit: str) -> str | None:
    """Return a number with its unit as a case writes it; None for none."""
    return None if value is None else f"{value!r} {unit}"


def case_text(case: Case) -> str:
    """Return a case as TOML; a table in which nothing stands is left out."""
    parts = []
    for name, keys in case.items():
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items() if value is not None]
        if lines:
            parts.append("\n".join([*([f"[{name}]"] if name else []), *lines]))
    return "\n\n".join(parts) + "\n"


@contextmanager
def case_file(case: Case) -> Iterator[Path]:
    """Yield the file of a case, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="forgecast-case-") as folder:
        path = Path(folder) / "case.toml"
        path.write_text(case_text(case), encoding="utf-8", newline="\n")
        yield path
