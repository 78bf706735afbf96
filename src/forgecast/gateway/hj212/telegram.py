"""A telegram of HJ 212: its fields, how it is written, and how its data segment is read.

A telegram is ``##``, four digits of length, the data segment, four check digits and CR LF. The segment is
``QN=…;ST=…;CN=…;PW=…;MN=…;Flag=…;[PNUM=…;PNO=…;]CP=&&…&&`` (HJ 212-2017, 6.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from forgecast.gateway.hj212.checksum import check_digits

#: Bits of ``Flag``: the receiver shall answer; the telegram is a numbered part of several. The bits above hold the
#: edition of the standard: 0 HJ/T 212-2005, 1 HJ 212-2017, 2 HJ 212-2025.
ANSWER, PARTS = 1, 2
EDITION_2017, EDITION_2025 = 1, 2
_HEAD = ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO")
# RF marks what a device of the edition of 2025 sends again; it changes nothing here.
_BY_CASE = {name.casefold(): name for name in (*_HEAD, "RF")}


@dataclass(frozen=True, slots=True)
class Telegram:
    """The fields of one telegram; what was not sent is empty or None.

    Parameters
    ----------
    qn, st, cn, pw, mn : str
        Number of the exchange (a time stamp with milliseconds), system, command, password, device.
    flag : int or None
    pnum, pno : int or None
        How many parts there are, and which one this is, from 1.
    cp : tuple of (key, value)
        In the order sent; a key is a name (``DataTime``) or a code with a field (``a21026-Rtd``).
    """

    qn: str = ""
    st: str = ""
    cn: str = ""
    pw: str = ""
    mn: str = ""
    flag: int | None = None
    pnum: int | None = None
    pno: int | None = None
    cp: tuple[tuple[str, str], ...] = ()

    @property
    def wants_answer(self) -> bool:
        """Whether the sender waits for an answer."""
        return self.flag is not None and bool(self.flag & ANSWER)

    def first(self, key: str) -> str:
        """Return the first value sent under a key, empty where there is none."""
        return next((value for name, value in self.cp if name == key), "")


class UnreadableError(ValueError):
    """A data segment that cannot be taken in.

    Parameters
    ----------
    code : str
        Of the deviation.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_NEEDED = (("CN", "no-command"), ("MN", "no-device"))


def write(telegram: Telegram) -> bytes:
    """Return a telegram as the standard wants it on the wire.

    Parameters
    ----------
    telegram : Telegram
        Fields of one code stand next to each other.
    """
    head = [
        f"{name}={value}"
        for name, value in (
            ("QN", telegram.qn),
            ("ST", telegram.st),
            ("CN", telegram.cn),
            ("PW", telegram.pw),
            ("MN", telegram.mn),
            ("Flag", telegram.flag),
            ("PNUM", telegram.pnum),
            ("PNO", telegram.pno),
        )
        if value not in (None, "")
    ]
    segment = f"{';'.join(head)};CP=&&{_area(telegram.cp)}&&".encode()
    return b"##%04d" % len(segment) + segment + check_digits(segment) + b"\r\n"


def _area(cp: tuple[tuple[str, str], ...]) -> str:
    """Return the data area: a comma between the fields of one code, a semicolon between codes."""
    pieces: list[str] = []
    before = ""
    for key, value in cp:
        code, dash, _ = key.rpartition("-")
        if pieces:
            pieces.append("," if dash and code == before else ";")
        pieces.append(f"{key}={value}")
        before = code if dash else ""
    return "".join(pieces)


def read(segment: bytes) -> tuple[Telegram, list[tuple[str, str]]]:
    """Read a data segment, and say in what it deviates.

    Parameters
    ----------
    segment : bytes
        Without length and check digits.

    Returns
    -------
    telegram : Telegram
    deviations : list of (code, value seen)

    Raises
    ------
    UnreadableError
        If it names no command or no device.
    """
    deviations: list[tuple[str, str]] = []
    words = _decoded(segment, deviations)
    head, found, area = words.partition("CP=")
    if not found:
        deviations.append(("no-area", ""))
    fields: dict[str, str] = {}
    for item in head.split(";"):
        if not item.strip():
            continue
        key, equals, value = item.partition("=")
        _put(fields, key, value if equals else "", deviations)
    for name, code in _NEEDED:
        if not fields.get(name):
            raise UnreadableError(code)
    cp = _read_area(area, deviations) if found else ()
    flag, pnum, pno = (_whole(name, fields, deviations) for name in ("Flag", "PNUM", "PNO"))
    if flag is None or flag >> 2 not in (EDITION_2017, EDITION_2025):
        deviations.append(("other-edition", fields.get("Flag", "")))
    if not fields.get("QN"):
        deviations.append(("no-number", ""))
    telegram = Telegram(
        fields.get("QN", ""), fields.get("ST", ""), fields["CN"], fields.get("PW", ""), fields["MN"],
        flag, pnum, pno, cp,
    )  # fmt: skip
    return telegram, deviations


def _decoded(segment: bytes, deviations: list[tuple[str, str]]) -> str:
    if segment.isascii():
        return segment.decode("ascii")
    for encoding in ("utf-8", "gb18030"):
        try:
            words = segment.decode(encoding)
        except UnicodeDecodeError:
            continue
        deviations.append(("not-ascii", encoding))
        return words
    deviations.append(("not-ascii", "?"))
    return segment.decode("ascii", "replace")


def _put(fields: dict[str, str], key: str, value: str, deviations: list[tuple[str, str]]) -> None:
    name = key.strip()
    if name != key or value.strip() != value:
        deviations.append(("blanks", f"{key}={value}"))
    known = _BY_CASE.get(name.casefold())
    if known is None:
        deviations.append(("unknown-field", name))
        return
    if known != name:
        deviations.append(("other-case", name))
    if known in fields:
        deviations.append(("repeated-field", name))
        return
    fields[known] = value.strip()


def _whole(name: str, fields: dict[str, str], deviations: list[tuple[str, str]]) -> int | None:
    word = fields.get(name, "")
    if not word:
        return None
    if not (word.isascii() and word.isdigit() and len(word) <= 4):
        deviations.append(("no-whole-number", f"{name}={word}"))
        return None
    return int(word)


def _read_area(area: str, deviations: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    if not area.startswith("&&"):
        deviations.append(("area-marks", area[:12]))
    inner, closed, rest = area.removeprefix("&&").partition("&&")
    if not closed or rest.strip():
        deviations.append(("area-marks", (rest or area)[-12:]))
    items: list[tuple[str, str]] = []
    blanks = ""
    done: set[str] = set()
    mixed = ""
    for group in inner.split(";"):
        code = None
        for item in group.split(","):
            key, equals, value = item.partition("=")
            name, worth = key.strip(), value.strip()
            if not name and not worth:
                continue
            if len(name) != len(key) or len(worth) != len(value) or " " in name:
                blanks, name = item, name.replace(" ", "")
            if not equals:
                deviations.append(("no-value", name))
                continue
            items.append((name, worth))
            own = name.rpartition("-")[0]
            if code is not None and own != code:
                mixed = item
            code = own
        if code:
            if code in done:
                mixed = group
            done.add(code)
    if blanks:
        deviations.append(("blanks", blanks))
    if mixed:
        deviations.append(("separator", mixed))
    return tuple(items)
