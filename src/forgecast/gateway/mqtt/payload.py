"""Plain payloads of MQTT: a number, or JSON with a value and a time somewhere inside."""

from __future__ import annotations

import json
import math
from datetime import datetime

from forgecast.gateway.mqtt.settings import TopicRule
from forgecast.ground.dates import to_us

_PER_UNIT = {"s": 1_000_000.0, "ms": 1_000.0, "us": 1.0}
#: 1971 to 2200, microseconds UTC: a time outside is one in another unit.
EARLIEST_US, LATEST_US = 31_536_000_000_000, 7_258_118_400_000_000


class PayloadError(ValueError):
    """A payload does not hold what its rule says.

    Parameters
    ----------
    code : str
        Code of a finding.
    seen : object
        What stands there instead.
    """

    def __init__(self, code: str, seen: object) -> None:
        super().__init__(code, seen)
        self.code, self.seen = code, str(seen)[:60]


def read_payload(rule: TopicRule, payload: bytes, arrived_us: int) -> tuple[float, int]:
    """Return value and time of a message.

    Parameters
    ----------
    rule : TopicRule
    payload : bytes
    arrived_us : int
        Time of arrival, which counts where the rule names no other, microseconds UTC.

    Returns
    -------
    float, int
        In the unit of the instrument; microseconds UTC.

    Raises
    ------
    PayloadError
        If there is no number, or a time that cannot be one.
    """
    try:
        words = payload.decode("utf-8").strip()
        content: object = json.loads(words) if rule.payload == "json" else _plain(words)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise PayloadError(code="unreadable-payload", seen=payload[:60]) from None
    found = _inside(content, rule.value) if rule.payload == "json" else content
    number = rule.point.number(found)
    if number is None and isinstance(found, str):
        # Many senders put numbers into quotes.
        number = rule.point.number(_number(found))
    if number is None:
        raise PayloadError("no-value" if found is None else "not-a-number", found)
    return number, arrived_us if not rule.time else _time(_inside(content, rule.time), rule.time_unit)


def _plain(words: str) -> object:
    number = _number(words)
    return words if number is None else number


def _number(words: str) -> float | None:
    try:
        return float(words)
    except ValueError:
        return None


def _inside(content: object, way: str) -> object:
    for key in way.split("."):
        if isinstance(content, dict):
            content = content.get(key)
        elif isinstance(content, list) and key.isdigit() and int(key) < len(content):
            content = content[int(key)]
        else:
            return None
    return content


def _time(found: object, unit: str) -> int:
    try:
        if unit == "iso":
            t = to_us(datetime.fromisoformat(str(found)))
        else:
            number = float(str(found))
            t = round(number * _PER_UNIT[unit]) if math.isfinite(number) else 0
    except (TypeError, ValueError, OverflowError):
        raise PayloadError(code="no-time", seen=found) from None
    if not EARLIEST_US <= t <= LATEST_US:
        raise PayloadError(code="no-time", seen=found)
    return t
