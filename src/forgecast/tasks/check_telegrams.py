"""Read a captured stream of HJ 212 telegrams and say what is in it and in what it deviates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from forgecast.gateway.hj212.codes import name_of_code, reading_of_flags
from forgecast.gateway.hj212.decoder import Decoder, Kind, Seen
from forgecast.gateway.hj212.deviation import Register
from forgecast.gateway.hj212.telegram import Telegram
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Severity
from forgecast.ground.texts import Text, text
from forgecast.signals.reading import DOUBTFUL, GOOD

_CHUNK = 1 << 20
_PASSWORD = re.compile(r"(PW=)[^;&]*")


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How often a code came from a device in one command, and how often flagged good.

    Parameters
    ----------
    mn, command, code : str
    name : Text
    telegrams, good : int
    """

    mn: str
    command: str
    code: str
    name: Text
    telegrams: int
    good: int


@dataclass(frozen=True, slots=True)
class TelegramCheck:
    """What a stream holds.

    Parameters
    ----------
    size : int
        Bytes.
    telegrams, rejected, stray : int
        Good and rejected telegrams, and bytes outside of them.
    first : tuple of Seen
        The first stretches, good and bad.
    codes : tuple of CodeCount
    findings : tuple of Finding
    """

    size: int
    telegrams: int
    rejected: int
    stray: int
    first: tuple[Seen, ...]
    codes: tuple[CodeCount, ...]
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was refused or doubtful."""
        return all(finding.severity is Severity.NOTE for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        """Return it as JSON shows it."""
        return {
            "bytes": self.size,
            "telegrams": self.telegrams,
            "rejected": self.rejected,
            "stray_bytes": self.stray,
            "first": [shown(one) for one in self.first],
            "codes": [
                {
                    "mn": one.mn,
                    "command": one.command,
                    "code": one.code,
                    "name": one.name.as_json(),
                    "telegrams": one.telegrams,
                    "good": one.good,
                }
                for one in self.codes
            ],
            "findings": [finding.as_json() for finding in self.findings],
        }


def shown(seen: Seen) -> dict[str, object]:
    """Return one stretch of a stream as JSON shows it; the password stays out."""
    telegram = seen.telegram
    fields: dict[str, object] = {}
    if telegram is not None:
        fields = {
            "qn": telegram.qn,
            "st": telegram.st,
            "cn": telegram.cn,
            "mn": telegram.mn,
            "flag": telegram.flag,
            "part": None if telegram.pno is None else f"{telegram.pno}/{telegram.pnum}",
            "cp": [list(item) for item in telegram.cp],
        }
    return {
        "kind": str(seen.kind),
        "number": seen.number,
        "offset": seen.offset,
        "bytes": seen.size,
        **fields,
        "deviations": [list(one) for one in seen.deviations],
    }


def check_telegrams(path: Path, *, most: int = 20, progress: Callable[[float], None] | None = None) -> TelegramCheck:
    """Read a file of telegrams as they came over the line.

    Parameters
    ----------
    path : Path
    most : int
        How many of the first stretches are kept to be shown.
    progress : callable or None
        Told the done fraction.

    Raises
    ------
    ForgecastError
        If the file cannot be read.
    """
    decoder, register = Decoder(), Register()
    first: list[Seen] = []
    kinds: Counter[Kind] = Counter()
    stray = size = 0
    counts: Counter[tuple[str, str, str]] = Counter()
    good: Counter[tuple[str, str, str]] = Counter()

    def look(seen: list[Seen]) -> None:
        nonlocal stray
        for one in seen:
            kinds[one.kind] += 1
            if len(first) < most:
                first.append(one)
            if one.kind is Kind.STRAY:
                stray += one.size
            if one.telegram is not None:
                _count(one.telegram, counts, good)
            _report(one, register, path.name)

    try:
        total = max(path.stat().st_size, 1)
        with path.open("rb") as file:
            while data := file.read(_CHUNK):
                size += len(data)
                look(decoder.feed(data))
                if progress is not None:
                    progress(size / total)
    except OSError as error:
        raise ForgecastError(
            text("the file cannot be read: {why}", why=str(error.strerror or error)),
            where=str(path),
            repair=text("give a file with the bytes as they came over the line"),
        ) from None
    look(decoder.close())
    codes = tuple(
        CodeCount(mn, command, code, name_of_code(code), count, good[mn, command, code])
        for (mn, command, code), count in sorted(counts.items())
    )
    return TelegramCheck(
        size, kinds[Kind.TELEGRAM], kinds[Kind.REJECTED], stray, tuple(first), codes, register.findings()
    )


def _count(telegram: Telegram, counts: Counter[tuple[str, str, str]], good: Counter[tuple[str, str, str]]) -> None:
    codes = {code for code, dash, _ in (key.rpartition("-") for key, _ in telegram.cp) if dash}
    flags = {key[:-5]: value for key, value in telegram.cp if key.endswith("-Flag")}
    for code in codes:
        key = (telegram.mn, telegram.cn, code)
        counts[key] += 1
        good[key] += reading_of_flags().get(flags.get(code, ""), DOUBTFUL) == GOOD


def _unsaid(raw: str) -> str:
    """Return a telegram without the device's password: findings are shown, kept and handed on."""
    return _PASSWORD.sub(r"\1…", raw)


def _report(one: Seen, register: Register, file: str) -> None:
    for code, value in one.deviations:
        column = one.telegram.mn if one.telegram is not None else ""
        worth = _unsaid(one.raw.decode("ascii", "backslashreplace")) if one.kind is Kind.REJECTED else value
        register.add(code, worth, file=file, column=column, count=one.size if code == "stray" else 1)
