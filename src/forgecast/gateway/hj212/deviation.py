"""In what telegrams deviate from HJ 212-2017, said in words: each code once, with its severity and its repair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from forgecast.gateway.hj212.decoder import Kind, Seen
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text

_DEVICE = text("have the maker of the data logger correct it; nothing is lost by it meanwhile")
_LINE = text("look at the line between data logger and server; the sender repeats what was not answered")
_MAP = text("name it in your map if it is to be kept; nothing is guessed")

#: Every deviation: how much it matters, what it is, what to do.
DEVIATIONS: dict[str, tuple[Severity, Text, Text]] = {
    "stray": (Severity.DOUBTFUL, text("bytes that belong to no telegram"), _LINE),
    "torn": (Severity.REFUSED, text("the telegram ends before its length is reached"), _LINE),
    "unfinished": (Severity.REFUSED, text("the stream ended within the telegram"), _LINE),
    "endless": (Severity.REFUSED, text("the telegram has no end within the greatest length"), _LINE),
    "no-check-digits": (Severity.REFUSED, text("no four check digits at the end of the telegram"), _LINE),
    "wrong-check-digits": (
        Severity.REFUSED,
        text("the check digits do not fit the telegram"),
        text("look at the line; if every telegram is refused, the data logger does not compute the standard's CRC"),
    ),
    "no-command": (Severity.REFUSED, text("the telegram names no command (CN)"), _DEVICE),
    "no-device": (Severity.REFUSED, text("the telegram names no device (MN)"), _DEVICE),
    "no-line-end": (Severity.NOTE, text("no CR LF after the telegram"), _DEVICE),
    "small-check-digits": (Severity.NOTE, text("check digits in small letters"), _DEVICE),
    "swapped-check-digits": (Severity.NOTE, text("check digits with the low byte first"), _DEVICE),
    "odd-length": (Severity.NOTE, text("the length is not written with four digits"), _DEVICE),
    "wrong-length": (
        Severity.NOTE,
        text("the length (announced, found) is wrong; the check digits are right"),
        _DEVICE,
    ),
    "not-ascii": (Severity.NOTE, text("letters beyond ASCII in the telegram"), _DEVICE),
    "blanks": (Severity.NOTE, text("blanks within the telegram"), _DEVICE),
    "other-case": (Severity.NOTE, text("a field name in other capitals than the standard's"), _DEVICE),
    "unknown-field": (Severity.NOTE, text("a field that the standard does not know"), _DEVICE),
    "repeated-field": (Severity.DOUBTFUL, text("a field sent twice; the first one counts"), _DEVICE),
    "no-whole-number": (Severity.DOUBTFUL, text("a field that must be a whole number is none"), _DEVICE),
    "no-area": (Severity.DOUBTFUL, text("no data area (CP) in the telegram"), _DEVICE),
    "area-marks": (Severity.NOTE, text("the data area does not stand between two &&"), _DEVICE),
    "separator": (Severity.NOTE, text("comma and semicolon are not used as the standard says"), _DEVICE),
    "no-value": (Severity.DOUBTFUL, text("an entry without an equals sign"), _DEVICE),
    "other-edition": (Severity.NOTE, text("written by another edition than HJ 212-2017 or HJ 212-2025"), _DEVICE),
    "no-number": (
        Severity.NOTE,
        text("no number of the exchange (QN): the telegram cannot be answered nor known again"),
        _DEVICE,
    ),
    "part-number": (Severity.DOUBTFUL, text("the number of the part does not fit the number of parts"), _DEVICE),
    "part-missing": (
        Severity.REFUSED,
        text("a part without its time, and the part that has the time never came"),
        _LINE,
    ),
    "no-time": (Severity.REFUSED, text("data without DataTime"), _DEVICE),
    "bad-time": (Severity.REFUSED, text("a time that cannot be read as YYYYMMDDhhmmss"), _DEVICE),
    "long-time": (Severity.NOTE, text("a time with milliseconds where whole seconds are meant"), _DEVICE),
    "doubtful-time": (
        Severity.DOUBTFUL,
        text("a local time that the change of clocks makes twice or never; the values are kept as doubtful"),
        text("let data loggers run without summer time"),
    ),
    "blank-value": (Severity.NOTE, text("an empty value; nothing was measured, nothing is stored"), _DEVICE),
    "no-decimal": (Severity.REFUSED, text("a value that is no decimal number"), _DEVICE),
    "repeated-value": (Severity.DOUBTFUL, text("one value sent twice in a telegram; the first one counts"), _DEVICE),
    "no-flag": (
        Severity.DOUBTFUL,
        text("a value without a flag; kept as doubtful"),
        text("say in your map that values of this device without a flag are good, if you know that"),
    ),
    "unknown-flag": (
        Severity.DOUBTFUL,
        text("a flag that the standard does not know; the value is kept as doubtful"),
        _DEVICE,
    ),
    "unknown-device": (
        Severity.REFUSED,
        text("a device (MN) that is not in your map; its data are not taken in"),
        text("add the device to your map with its password, or have it sent to its own server"),
    ),
    "wrong-password": (
        Severity.REFUSED,
        text("the password (PW) is not the device's; its data are not taken in"),
        text("set the same password in the data logger and in your map"),
    ),
    "unknown-code": (Severity.NOTE, text("a code that your map does not name; its values are not taken in"), _MAP),
    "unknown-command": (Severity.NOTE, text("a command that is neither kept nor answered here"), _MAP),
    "fast-clock": (
        Severity.DOUBTFUL,
        text("the clock of the device is ahead of the server's (seconds)"),
        text("set the clock of the device; the server does it when the device asks for it"),
    ),
    "not-stored": (
        Severity.DOUBTFUL,
        text("the store refused a batch; it is given again, and the devices wait for their answers"),
        text("look at the disk of the store"),
    ),
    "gap": (
        Severity.NOTE,
        text("data of a period are missing; the device was asked for them"),
        text("nothing to do, unless the device does not have them either"),
    ),
    "gap-open": (
        Severity.DOUBTFUL,
        text("data of a period are missing and the device did not send them when asked"),
        text("read them out of the data logger and import them as a file"),
    ),
    "idle": (Severity.NOTE, text("the device said nothing for a long time; the connection was closed"), _LINE),
    "deaf": (Severity.NOTE, text("the device does not read its answers; the connection was closed"), _DEVICE),
}


def finding(code: str, value: str, place: Place, *, count: int = 1) -> Finding:
    """Return a deviation as a finding."""
    severity, reason, repair = DEVIATIONS[code]
    return Finding(code, severity, place, value, reason, repair, count)


def findings_of(seen: Iterable[Seen], file: str) -> Iterator[Finding]:
    """Return what a decoder has seen as findings, one for each deviation.

    Parameters
    ----------
    seen : iterable of Seen
    file : str
        File or peer; a finding's row is the number of the telegram.
    """
    for one in seen:
        for code, value in one.deviations:
            shown = value if one.kind is not Kind.REJECTED else one.raw.decode("ascii", "backslashreplace")
            column = f"@{one.offset}"
            yield finding(
                code,
                shown,
                Place(file, one.number or None, None, column),
                count=max(one.size, 1) if code == "stray" else 1,
            )


@dataclass(frozen=True, slots=True)
class _Key:
    code: str
    file: str
    column: str


class Register:
    """Findings of a long run, counted: one for each kind, device and column, in bounded memory.

    Parameters
    ----------
    most : int
        Kinds kept apart; beyond it those of one code are counted together.
    """

    def __init__(self, *, most: int = 2000) -> None:
        self._most = most
        self._found: dict[_Key, Finding] = {}

    def add(self, code: str, value: str = "", *, file: str = "", column: str = "", count: int = 1) -> bool:
        """Count a deviation; return whether it is the first of its kind."""
        key = _Key(code, file, column)
        if key not in self._found and len(self._found) >= self._most:
            key = _Key(code, "…", "")
        known = self._found.get(key)
        if known is None:
            place = Place(key.file or "hj212", None, None, key.column)
            self._found[key] = finding(code, value[:200], place, count=count)
            return True
        self._found[key] = replace(known, count=known.count + count)
        return False

    def findings(self) -> tuple[Finding, ...]:
        """Return what was found, the gravest first."""
        order = {Severity.REFUSED: 0, Severity.DOUBTFUL: 1, Severity.NOTE: 2}
        return tuple(sorted(self._found.values(), key=lambda one: (order[one.severity], -one.count, one.code)))

    def count(self, *codes: str) -> int:
        """Return how often deviations of these codes were met."""
        return sum(one.count for one in self._found.values() if one.code in codes)
