"""What `server.toml` says about the running of a server: who may read its figures, and how long things are kept."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from forgecast.app.server.access_settings import FILE_NAME, ServerSettingsError
from forgecast.ground.texts import Text, text

_SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True)
class Keep:
    """How long what a server has worked out and was sent is kept.

    Parameters
    ----------
    job_days : int
        Ended runs with their files.
    answer_days : int
        Figures.
    answers_a_question : int
        Figures of one question: of the plant as it is, and as it was before.
    upload_days : int
    draft_days : int
        Forms that were begun and not sent.
    request_days : int
        Answers to requests that named themselves.
    """

    job_days: int = 90
    answer_days: int = 7
    answers_a_question: int = 3
    upload_days: int = 90
    draft_days: int = 90
    request_days: int = 7


@dataclass(frozen=True, slots=True)
class RunningSettings:
    """How a server runs.

    Parameters
    ----------
    keep : Keep
    metrics_token : str
        Whoever sends it may read the figures of the server; empty: only programs of the same machine may.
    """

    keep: Keep = Keep()
    metrics_token: str = ""


def read_running(home: Path) -> RunningSettings:
    """Read the tables ``[keep]`` and ``[metrics]`` of the home folder's settings; without a file, what is usual.

    Raises
    ------
    ServerSettingsError
        If the file is no TOML, or an entry of these tables is unknown or of the wrong kind.
    """
    path = home / FILE_NAME
    try:
        parsed = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return RunningSettings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ServerSettingsError(
            text("the settings of the server cannot be read: {reason}", reason=str(error)),
            where=str(path),
            repair=text("correct the file"),
        ) from error
    days = _table(path, parsed, "keep", tuple(field.name for field in fields(Keep)))
    for key, value in days.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise _unfit(path, f"keep.{key}")
    token = _table(path, parsed, "metrics", ("token",)).get("token", "")
    if not isinstance(token, str) or 0 < len(token) < _SHORTEST_TOKEN:
        raise _unfit(path, "metrics.token")
    return RunningSettings(Keep(**days), token)


def _table(path: Path, parsed: Mapping[str, Any], name: str, known: tuple[str, ...]) -> dict[str, Any]:
    table = parsed.get(name, {})
    if not isinstance(table, dict):
        raise _unfit(path, name)
    for key in table:
        if key not in known:
            raise _wrong(path, f"{name}.{key}", text("there is no entry {name}", name=f"{name}.{key}"))
    return table


def _unfit(path: Path, name: str) -> ServerSettingsError:
    return _wrong(path, name, text("the entry {name} is missing or cannot be used", name=name))


def _wrong(path: Path, key: str, what: Text) -> ServerSettingsError:
    return ServerSettingsError(what, where=f"{path}:{key}", repair=text("see the page about the server's settings"))
