"""Small files for the tests of the gateway, and short ways to ask what became of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from forgecast.gateway.file import TagHint, Taken, take
from forgecast.gateway.mapping import FileMap
from forgecast.gateway.read_map import map_from
from forgecast.ground.dates import to_us

CHINA = timezone(timedelta(hours=8))
#: The present of all these tests.
NOW = to_us(datetime(2026, 11, 1, tzinfo=UTC))


def written(folder: Path, name: str, content: str, encoding: str = "utf-8") -> Path:
    """Write a text file."""
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


def taken(path: Path, entry: FileMap | None = None, known: dict[str, TagHint] | None = None) -> Taken:
    """Take a file as of `NOW` in China."""
    return take(path, map=entry, zone="Asia/Shanghai", known_tags=known, now=NOW)


def mapped(**entry: object) -> FileMap:
    """Return a map of one entry that fits every file."""
    return map_from({"file": [{"match": "*", **entry}]}, "map.toml").files[0]


def at(text: str) -> int:
    """Return a wall-clock time of China as microseconds UTC."""
    return to_us(datetime.fromisoformat(text).replace(tzinfo=CHINA))


def told(result: Taken, code: str) -> list[tuple[str, str, int, int | None, int | None]]:
    """Return (severity, column, count, first row, last row) of the findings of one kind."""
    return [
        (str(f.severity), f.place.column, f.count, f.place.row, f.place.last_row)
        for f in result.findings
        if f.code == code
    ]
