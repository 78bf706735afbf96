"""A stream of bytes in, telegrams and deviations out: finds the next telegram again whatever went before.

The outcome depends on the bytes alone, not on how the network has cut them. Memory is bounded by the longest telegram;
every byte is looked at a bounded number of times.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forgecast.gateway.hj212.checksum import check_digits
from forgecast.gateway.hj212.telegram import Telegram, UnreadableError, read

_MARK, _END = b"##", b"\r\n"
_BLANKS = b"\r\n\t \0"
_CHECK = 4
#: The longest telegram that four digits of length can announce: mark, length, segment, check digits.
LONGEST = 2 + 4 + 9999 + _CHECK
_MOST_LENGTH_DIGITS = 5
_HASH, _CR, _LF = 35, 13, 10
_HEX = frozenset(b"0123456789ABCDEFabcdef")


class Kind(StrEnum):
    """What a stretch of the stream was."""

    TELEGRAM = "telegram"
    REJECTED = "rejected"
    STRAY = "stray"


@dataclass(frozen=True, slots=True)
class Seen:
    """One stretch of the stream and what was made of it.

    Parameters
    ----------
    kind : Kind
    number : int
        Telegram of the stream, from 1, good or rejected; the one before for what lies between two.
    offset : int
        Where it begins, in bytes from the start of the stream.
    size : int
        Bytes.
    telegram : Telegram or None
        None unless `kind` is `TELEGRAM`.
    deviations : tuple of (code, value seen)
        What was tolerated, or first the reason for the rejection.
    raw : bytes
        The first bytes of what was rejected.
    """

    kind: Kind
    number: int
    offset: int
    size: int
    telegram: Telegram | None = None
    deviations: tuple[tuple[str, str], ...] = ()
    raw: bytes = b""


class Decoder:
    """Takes the bytes of one connection or file.

    Parameters
    ----------
    longest : int
        Longest telegram in bytes; a peer that never ends one is cut off there.
    """

    def __init__(self, *, longest: int = LONGEST) -> None:
        self._longest = longest
        self._held = bytearray()
        self._base = 0  # offset of the first held byte in the stream
        self._at = 0  # place in the held bytes
        self._looked = 0  # offset up to which no end of the present telegram was found
        self._unchecked = True  # whether the place its length names has still to be tried
        self._ending = False  # a telegram has just ended without its CR LF seen
        self._number = 0
        self._stray = 0
        self._stray_from = 0
        self._out: list[Seen] = []

    @property
    def held(self) -> int:
        """Bytes kept for the next call."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Seen]:
        """Take in bytes and return what has become certain."""
        self._held += data
        while self._step():
            pass
        return self._handed_out()

    def close(self) -> list[Seen]:
        """Take the stream as ended and return what is left of it."""
        if self._ending:
            self._note("no-line-end", "")
        if self._at < len(self._held):
            start, body, announced = self._at, *self._length(self._at)
            if self._held.startswith(_MARK, start) and len(self._held) - start > 2:
                self._end_stray()
                self._segment(start, body, len(self._held), announced, cut="unfinished")
            else:
                self._count_stray(start, len(self._held))
                self._at = len(self._held)
        self._end_stray()
        self._ending = False
        return self._handed_out()

    def _handed_out(self) -> list[Seen]:
        if self._at:
            del self._held[: self._at]
            self._base += self._at
            self._at = 0
        out, self._out = self._out, []
        return out

    def _step(self) -> bool:
        """Go on by one stretch; return False where more bytes are needed."""
        held, at = self._held, self._at
        if self._ending and not self._line_end():
            return False
        at = self._at
        if not held.startswith(_MARK, at):
            return self._to_mark()
        if at + 2 >= len(held):
            return False
        if held[at + 2] == _HASH:
            self._count_stray(at, at + 1)
            self._at += 1
            return True
        self._end_stray()
        return self._telegram(at)

    def _line_end(self) -> bool:
        held, at = self._held, self._at
        if at >= len(held) or (held[at] == _CR and at + 1 >= len(held)):
            return False
        self._ending = False
        if held[at] == _CR and held[at + 1] == _LF:
            self._at += 2
            return True
        self._note("no-line-end", repr(chr(held[at])))
        if held[at] in (_CR, _LF):
            self._at += 1
        return True

    def _to_mark(self) -> bool:
        held, at = self._held, self._at
        mark = held.find(_MARK, at)
        stop = mark if mark >= 0 else len(held) - (1 if held.endswith(b"#") else 0)
        if stop > at:
            self._count_stray(at, stop)
            self._at = stop
        return mark >= 0

    def _length(self, start: int) -> tuple[int, int | None]:
        """Return where the segment begins and how long it is announced to be."""
        held, place = self._held, start + 2
        last = min(place + _MOST_LENGTH_DIGITS, len(held))
        while place < last and 48 <= held[place] <= 57:
            place += 1
        digits = bytes(held[start + 2 : place])
        return place, int(digits) if digits else None

    def _telegram(self, start: int) -> bool:
        held = self._held
        body, announced = self._length(start)
        if body == len(held) and body < start + 2 + _MOST_LENGTH_DIGITS:
            return False
        limit = start + self._longest
        reach = min(len(held), limit)
        after = max(body, self._looked - self._base)
        if announced is not None and self._unchecked and body + announced + _CHECK <= limit:
            ends = body + announced + _CHECK
            stop = self._end_between(after, min(ends, reach))
            if stop < 0 and ends <= reach:
                if self._accepted(start, body, ends, announced):
                    return True
                self._unchecked = False
                after = max(body, ends - 1)
                stop = self._end_between(after, reach)
        else:
            stop = self._end_between(after, reach)
        if stop >= 0:
            return self._segment(start, body, stop, announced)
        if len(held) >= limit:
            self._reject("endless", start, limit - 1)
            return True
        self._looked = self._base + max(body, reach - 1)
        return False

    def _end_between(self, low: int, high: int) -> int:
        """Return where a line end or the mark of the next telegram lies wholly between, -1 where none does."""
        line = self._held.find(_END, low, high)
        mark = self._held.find(_MARK, low, high if line < 0 else line)
        return line if mark < 0 else mark

    def _segment(self, start: int, body: int, stop: int, announced: int | None, *, cut: str = "torn") -> bool:
        """Take a telegram that ends at `stop`, whatever length it announces."""
        content = bytes(self._held[body:stop]).rstrip(_BLANKS)
        ends = body + len(content)
        if self._accepted(start, body, ends, announced):
            return True
        if announced is not None and len(content) < announced + _CHECK:
            reason = cut
        elif len(content) < _CHECK or not _HEX.issuperset(content[-_CHECK:]):
            reason = "no-check-digits"
        else:
            reason = "wrong-check-digits"
        self._reject(reason, start, stop)
        return True

    def _accepted(self, start: int, body: int, ends: int, announced: int | None) -> bool:
        """Hand out the telegram that ends at `ends` if its check digits are right; they may be oddly written."""
        if ends - body < _CHECK:
            return False
        segment, digits = bytes(self._held[body : ends - _CHECK]), bytes(self._held[ends - _CHECK : ends])
        right = check_digits(segment)
        deviations: list[tuple[str, str]] = []
        if digits != right:
            capitals = digits.upper()
            if capitals != digits:
                deviations.append(("small-check-digits", digits.decode("latin-1")))
            if capitals == right[2:] + right[:2] != right:
                deviations.append(("swapped-check-digits", digits.decode("latin-1")))
            elif capitals != right:
                return False
        if body - start != 6:
            deviations.append(("odd-length", self._held[start + 2 : body].decode("latin-1")))
        if announced != len(segment):
            deviations.append(("wrong-length", f"{announced}, {len(segment)}"))
        try:
            telegram, more = read(segment)
        except UnreadableError as error:
            self._reject(error.code, start, ends)
            self._ending = True
            return True
        self._number += 1
        self._out.append(
            Seen(Kind.TELEGRAM, self._number, self._base + start, ends - start, telegram, (*deviations, *more))
        )
        self._go_to(ends)
        self._ending = True
        return True

    def _reject(self, reason: str, start: int, stop: int) -> None:
        self._number += 1
        raw = bytes(self._held[start : min(stop, start + 80)])
        self._out.append(
            Seen(Kind.REJECTED, self._number, self._base + start, stop - start, None, ((reason, ""),), raw)
        )
        self._go_to(stop)

    def _go_to(self, place: int) -> None:
        self._at, self._looked, self._unchecked = place, 0, True

    def _note(self, code: str, value: str) -> None:
        self._out.append(Seen(Kind.STRAY, self._number, self._base + self._at, 0, None, ((code, value),)))

    def _end_stray(self) -> None:
        if self._stray:
            self._out.append(Seen(Kind.STRAY, self._number, self._stray_from, self._stray, None, (("stray", ""),)))
            self._stray = 0

    def _count_stray(self, start: int, stop: int) -> None:
        # Line ends and blanks between two telegrams are nothing to speak of.
        content = bytes(self._held[start:stop])
        size = len(content.translate(None, _BLANKS))
        if size and not self._stray:
            self._stray_from = self._base + stop - len(content.lstrip(_BLANKS))
        self._stray += size
