"""Values as JSON can hold them: plain numbers, null for what is missing, instants as text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np

from forgecast.ground.texts import Text


def plain(value: object) -> Any:  # noqa: ANN401, PLR0911  (JSON; one way out for each kind of value)
    """Return a value as JSON holds it, all that is inside included.

    Numbers that are none (NaN, infinite) become null, arrays lists, texts ``{"en", "zh"}``, days and instants text.
    """
    if isinstance(value, Text):
        return value.as_json()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return [plain(one) for one in value.tolist()]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes):
        return [plain(one) for one in value]
    return value


def json_object(content: Mapping[str, object]) -> dict[str, Any]:
    """Return an object as JSON holds it (see `plain`)."""
    return {key: plain(value) for key, value in content.items()}


def milliseconds(times_us: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[int]:
    """Return instants as charts take them."""
    return [int(t) // 1_000 for t in times_us]
