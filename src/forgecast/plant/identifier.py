"""Numbers that name a piece to the world: GS1 keys and their Digital Link, EPC URNs, industrial-internet identifiers.

Nothing here makes a number up: prefixes and article numbers come from the plant's records, and where they are missing
or their check digit is wrong the call is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: Where a GS1 Digital Link lives if its owner has no resolver of his own.
GS1_STEM: Final = "https://id.gs1.org"
#: Characters of GS1 values of type X (the 82 of the GS1 General Specifications), as GS1's own toolkit tests them.
_X: Final = r"[\x21-\x22\x25-\x2F\x30-\x3F\x41-\x5A\x5F\x61-\x7A]"
#: Stay as they are in a path or a URN; all else is written as %XX.
_UNRESERVED: Final = "-._~"
_URN_PLAIN: Final = "-._!'()*+,:;="
_DIGITS: Final = re.compile(r"[0-9]+")
_COMPANY_PREFIX: Final = range(4, 13)


class IdentifierError(ForgecastError):
    """An identifier is malformed, has a wrong check digit, or cannot be made from what the records hold."""

    code = "identifier"


@dataclass(frozen=True, slots=True)
class Application:
    """One GS1 application identifier: what its value looks like.

    Parameters
    ----------
    ai : str
        Its number.
    pattern : str
        Regular expression of a value.
    meant : str
        The value in GS1's notation (``N14``, ``X..20``), for errors.
    check : int or None
        Number of leading digits of which the last is a check digit.
    qualifiers : tuple of str
        Application identifiers that may follow this key, in their order; a key has them, others do not.
    is_key : bool
        Whether a Digital Link may begin with it.
    """

    ai: str
    pattern: str
    meant: str
    check: int | None = None
    qualifiers: tuple[str, ...] = ()
    is_key: bool = False


#: Those a foundry or forge needs. Source: table of GS1's Digital Link toolkit (gs1/GS1DigitalLinkToolkit.js, 52dc9ce).
APPLICATIONS: Final[dict[str, Application]] = {
    one.ai: one
    for one in (
        Application("00", r"\d{18}", "N18", 18, is_key=True),
        Application("01", r"\d{14}", "N14", 14, ("22", "10", "21"), is_key=True),
        Application("10", _X + "{1,20}", "X..20"),
        Application("11", r"\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])", "N6"),
        Application("21", _X + "{1,20}", "X..20"),
        Application("22", _X + "{1,20}", "X..20"),
        Application("253", r"\d{13}" + _X + "{0,17}", "N13+X..17", 13, is_key=True),
        Application("254", _X + "{1,20}", "X..20"),
        Application("414", r"\d{13}", "N13", 13, ("254",), is_key=True),
        Application("8003", r"0\d{13}" + _X + "{0,16}", "N14+X..16", 14, is_key=True),
        Application("8004", _X + "{4,30}", "X..30", is_key=True),
    )
}


def check_digit(digits: str) -> str:
    """Return the check digit that follows a number of digits: what their weighted sum lacks to a multiple of ten.

    The weights are 3, 1, 3, 1 … from the right.

    Parameters
    ----------
    digits : str
        The number without its check digit.

    Raises
    ------
    IdentifierError
        If it has other characters than digits, or none.

    Notes
    -----
    GS1 General Specifications, standard check digit for GTIN, GLN, SSCC and the other numeric keys.
    """
    if not _DIGITS.fullmatch(digits) or not digits.isascii():
        raise IdentifierError(
            text("{value} is no number of digits", value=digits),
            repair=text("write it with the digits 0 to 9 alone, without blanks and hyphens"),
        )
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def has_check_digit(number: str) -> bool:
    """Whether a number of digits ends with its check digit."""
    return number.isascii() and len(number) > 1 and number.isdigit() and number[-1] == check_digit(number[:-1])


def checked_number(number: str, length: int, name: str, where: str = "") -> str:
    """Return a GS1 number if its length and check digit are right.

    Parameters
    ----------
    number : str
    length : int
        Digits it must have; a GTIN of 8, 12 or 13 digits is filled up with zeros on the left.
    name : str
        What it is called in an error: ``GTIN``, ``GLN``, ``SSCC``.
    where : str
        Where it stands, for an error.

    Raises
    ------
    IdentifierError
        If it cannot be such a number; the right check digit is named.
    """
    plain = number.strip()
    if name == "GTIN" and plain.isdigit() and len(plain) in (8, 12, 13):
        plain = plain.zfill(length)
    if not (plain.isascii() and plain.isdigit()) or len(plain) != length:
        raise IdentifierError(
            text("{value} is no {name}: it must have {length} digits", value=number, name=name, length=length),
            where=where,
            repair=text("copy it from the certificate of the GS1 organisation; it is never made up here"),
        )
    if not has_check_digit(plain):
        raise IdentifierError(
            text("the check digit of the {name} {value} is wrong", name=name, value=number),
            where=where,
            repair=text(
                "compare it digit by digit with its source; with the first {count} digits as they are, the last one "
                "would be {digit}",
                count=length - 1,
                digit=check_digit(plain[:-1]),
            ),
        )
    return plain


def checked_value(ai: str, value: str) -> str:
    """Return a value of an application identifier if it can be one.

    Raises
    ------
    IdentifierError
        If the application identifier is not one of `APPLICATIONS`, or the value has a wrong length, character or check
        digit.
    """
    one = APPLICATIONS.get(ai)
    if one is None:
        raise IdentifierError(
            text("the application identifier ({ai}) is not used here", ai=ai),
            repair=text("use one of: {names}", names=", ".join(APPLICATIONS)),
        )
    if not re.fullmatch(one.pattern, value, re.ASCII):
        raise IdentifierError(
            text("({ai}) cannot be {value}: it must be {meant}", ai=ai, value=value, meant=one.meant),
            repair=text(
                "N is a digit; X is a letter A to Z, a digit or one of !\"%&'()*+,-./:;<=>?_, without blanks and "
                "Chinese characters; give the piece a mark of at most so many of them in `mark`"
            ),
        )
    if one.check is not None and not has_check_digit(value[: one.check]):
        raise IdentifierError(
            text("the check digit of the {name} {value} is wrong", name=f"({ai})", value=value),
            repair=text("copy it from the certificate of the GS1 organisation; it is never made up here"),
        )
    return value


def checked_elements(elements: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return application identifiers and values in the order of a Digital Link: key, qualifiers, attributes.

    Raises
    ------
    IdentifierError
        If there is no key or more than one, or a value cannot be.
    """
    given = dict(elements)
    keys = [ai for ai in given if ai in APPLICATIONS and APPLICATIONS[ai].is_key]
    if len(keys) != 1:
        raise IdentifierError(
            text("a Digital Link needs one key, and {count} are given", count=len(keys)),
            repair=text("give one of (00), (01), (253), (414), (8003), (8004), and its qualifiers"),
        )
    key = keys[0]
    path = [key, *(ai for ai in APPLICATIONS[key].qualifiers if ai in given)]
    rest = sorted(ai for ai in given if ai not in path)
    for ai in path:
        checked_value(ai, given[ai])
    for ai in rest:
        if ai in APPLICATIONS:
            checked_value(ai, given[ai])
    return tuple((ai, given[ai]) for ai in (*path, *rest))


def link_uri(elements: Iterable[tuple[str, str]], stem: str = GS1_STEM) -> str:
    """Return the GS1 Digital Link URI of a key, its qualifiers and attributes.

    Parameters
    ----------
    elements : iterable of (str, str)
        Application identifier and value, in any order.
    stem : str
        Web address of the resolver, without a slash at its end.

    Raises
    ------
    IdentifierError
        As `checked_elements`.

    Notes
    -----
    GS1 Digital Link: the key and its qualifiers are the path, in the order of the standard; attributes are the query;
    what is not unreserved is percent-encoded.
    """
    ordered = checked_elements(elements)
    key = ordered[0][0]
    path = [(ai, value) for ai, value in ordered if ai == key or ai in APPLICATIONS[key].qualifiers]
    query = [(ai, value) for ai, value in ordered if (ai, value) not in path]
    made = stem.rstrip("/") + "".join(f"/{ai}/{quote(value, safe=_UNRESERVED)}" for ai, value in path)
    asked = "&".join(f"{ai}={quote(value, safe=_UNRESERVED)}" for ai, value in query)
    return f"{made}?{asked}" if asked else made


def read_link(uri: str) -> dict[str, str]:
    """Return the application identifiers and values of a GS1 Digital Link URI, whatever its resolver.

    Raises
    ------
    IdentifierError
        If it is none: no key in the path, qualifiers of another key, a value that cannot be.
    """
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https"):
        raise _no_link(uri)
    pieces = parts.path.strip("/").split("/")
    for start in range(len(pieces) - 1):
        if any(piece in APPLICATIONS for piece in pieces[:start]):
            break  # a lot or serial before its key is no stem; skipping it would lose it
        found = _path_elements(pieces[start:])
        if found is not None:
            for part in filter(None, parts.query.split("&")):
                name, _, value = part.partition("=")
                if name.isdigit():
                    found.append((name, unquote(value)))
            return dict(checked_elements(found))
    raise _no_link(uri)


def _path_elements(pieces: list[str]) -> list[tuple[str, str]] | None:
    key = APPLICATIONS.get(pieces[0])
    if key is None or not key.is_key or len(pieces) % 2:
        return None
    names, values = pieces[0::2], [unquote(value) for value in pieces[1::2]]
    allowed = [ai for ai in key.qualifiers if ai in names]
    if names[1:] != allowed:
        return None
    if names[0] == "01" and values[0].isdigit() and len(values[0]) in (8, 12, 13):
        values[0] = values[0].zfill(14)
    return list(zip(names, values, strict=True))


def _no_link(uri: str) -> IdentifierError:
    return IdentifierError(
        text("{uri} is no GS1 Digital Link", uri=uri),
        repair=text("it must look like {example}", example=f"{GS1_STEM}/01/GTIN/10/LOT/21/SERIAL"),
    )


def element_string(elements: Iterable[tuple[str, str]]) -> str:
    """Return the elements as they are printed and keyed in: ``(01)…(10)…(21)…``.

    Raises
    ------
    IdentifierError
        As `checked_elements`.
    """
    return "".join(f"({ai}){value}" for ai, value in checked_elements(elements))


def epc_urn(elements: Iterable[tuple[str, str]], company_prefix: str) -> str:
    """Return the EPC URN of a GS1 key, as EPCIS documents before the Digital Link name things.

    Parameters
    ----------
    elements : iterable of (str, str)
        GTIN with serial (sgtin), with lot (lgtin) or alone (idpat), SSCC, GLN with or without extension (sgln), GIAI
        or GDTI.
    company_prefix : str
        The GS1 company prefix inside the key; a URN shows where it ends.

    Raises
    ------
    IdentifierError
        If the key does not hold the prefix or is of none of these kinds.

    Notes
    -----
    EPC Tag Data Standard, pure identity URIs.
    """
    given = dict(checked_elements(elements))
    prefix = checked_prefix(company_prefix)
    ai, key = next(iter(given.items()))
    # In a GTIN and an SSCC a digit stands before the prefix.
    start = {"00": 1, "01": 1, "253": 0, "414": 0, "8004": 0}.get(ai)
    if start is None:
        raise IdentifierError(
            text("({ai}) has no EPC URN here", ai=ai),
            repair=text("use one of: {names}", names="00, 01, 253, 414, 8004"),
        )
    if key[start : start + len(prefix)] != prefix:
        raise IdentifierError(
            text("{key} does not hold the company prefix {prefix}", key=key, prefix=prefix),
            repair=text("correct `gs1_prefix` of the site or the number; the number may be another company's"),
        )
    rest = key[:start] + key[start + len(prefix) :]
    made = {
        "00": f"id:sscc:{prefix}.{rest[:-1]}",
        "253": f"id:gdti:{prefix}.{rest[: 12 - len(prefix)]}.{_urn_part(key[13:])}",
        "414": f"id:sgln:{prefix}.{rest[:-1]}.{_urn_part(given.get('254', '0'))}",
        "8004": f"id:giai:{prefix}.{_urn_part(rest)}",
    }
    if ai != "01":
        return f"urn:epc:{made[ai]}"
    item = f"{prefix}.{rest[:-1]}"
    if "21" in given:
        return f"urn:epc:id:sgtin:{item}.{_urn_part(given['21'])}"
    return f"urn:epc:class:lgtin:{item}.{_urn_part(given['10'])}" if "10" in given else f"urn:epc:idpat:sgtin:{item}.*"


def read_epc_urn(urn: str) -> tuple[dict[str, str], str]:
    """Return the elements an EPC URN stands for, and the company prefix in it.

    Raises
    ------
    IdentifierError
        If it is none of the kinds of `epc_urn`.
    """
    found = re.fullmatch(r"urn:epc:(id|class|idpat):([a-z]+):(\d+)\.(.*)", urn, re.ASCII)
    if found is None:
        raise _no_urn(urn)
    group, kind, prefix, rest = found.groups()
    head, dot, tail = rest.partition(".")
    tail = unquote(tail)
    elements: dict[str, str]
    match group, kind:
        case ("id", "sgtin") | ("class", "lgtin") | ("idpat", "sgtin") if dot and len(prefix + head) == 13:
            body = head[0] + prefix + head[1:]
            elements = {"01": body + check_digit(body)}
            if group == "idpat":
                if tail != "*":
                    raise _no_urn(urn)
            else:
                elements["21" if group == "id" else "10"] = tail
        case ("id", "sscc") if not dot and len(prefix + head) == 17:
            body = head[0] + prefix + head[1:]
            elements = {"00": body + check_digit(body)}
        case ("id", "sgln") if dot and len(prefix + head) == 12:
            elements = {"414": prefix + head + check_digit(prefix + head)}
            if tail != "0":
                elements["254"] = tail
        case ("id", "gdti") if dot and len(prefix + head) == 12:
            elements = {"253": prefix + head + check_digit(prefix + head) + tail}
        case ("id", "giai"):
            elements = {"8004": prefix + unquote(rest)}
        case _:
            raise _no_urn(urn)
    return dict(checked_elements(elements.items())), checked_prefix(prefix)


def checked_prefix(company_prefix: str, where: str = "") -> str:
    """Return a GS1 company prefix if it can be one: 4 to 12 digits.

    Raises
    ------
    IdentifierError
        If it cannot.
    """
    plain = company_prefix.strip()
    if not (plain.isascii() and plain.isdigit()) or len(plain) not in _COMPANY_PREFIX:
        raise IdentifierError(
            text("{value} is no GS1 company prefix", value=company_prefix),
            where=where,
            repair=text("copy it from the certificate of the GS1 organisation; it is never made up here"),
        )
    return plain


def _urn_part(value: str) -> str:
    return quote(value, safe=_URN_PLAIN)


def _no_urn(urn: str) -> IdentifierError:
    return IdentifierError(
        text("{urn} is no EPC URN that is known here", urn=urn),
        repair=text("sgtin, lgtin, sscc, sgln, giai and gdti are read"),
    )


def piece_elements(piece: Mapping[str, object], gtin: object, where: str = "") -> tuple[tuple[str, str], ...]:
    """Return the GS1 elements of a piece: GTIN, the heat or lot it came from, and its own number.

    Parameters
    ----------
    piece : mapping
        A row of the record `piece`.
    gtin : object
        `gtin` of its product; missing where the record has none.
    where : str
        Where it stands, for an error.

    Returns
    -------
    tuple of (str, str)
        (01), (10) where the heat or lot is recorded, (21); a batch of like pieces has no (21) and its own number as
        (10).

    Raises
    ------
    IdentifierError
        If the product has no GTIN, or a number has characters that GS1 does not allow.
    """
    if not gtin:
        raise IdentifierError(
            text("the product {product} of the piece {piece} has no GTIN", product=_said(piece.get("product")),
                 piece=_said(piece.get("id"))),
            where=where,
            repair=text(
                "import a product.csv with the column gtin, as your GS1 organisation has given it; it is never made up "
                "here"
            ),
        )  # fmt: skip
    made = [("01", checked_number(str(gtin), 14, "GTIN", where))]
    own = str(piece.get("mark") or piece.get("id"))
    if is_batch(piece):
        return checked_elements((*made, ("10", own)))
    source = piece.get("heat") or piece.get("lot")
    if source:
        made.append(("10", str(source)))
    return checked_elements((*made, ("21", own)))


def is_batch(piece: Mapping[str, object]) -> bool:
    """Whether a row of the record `piece` stands for several like pieces."""
    count = piece.get("count")
    return isinstance(count, int) and count > 1


def _said(value: object) -> str:
    return "—" if value is None else str(value)


def industrial_identifier(prefix: object, suffix: str, where: str = "") -> str:
    """Return the industrial-internet identifier of an object: ``prefix/suffix``.

    Parameters
    ----------
    prefix : object
        `identifier_prefix` of the site: national code, industry code and enterprise code, joined by full stops.
    suffix : str
        Number of the object within the enterprise; its make-up is the sector's or the enterprise's.
    where : str
        Where it stands, for an error.

    Raises
    ------
    IdentifierError
        If the site has no prefix, the prefix has not three fields, or the suffix is empty or has blanks or slashes.

    Notes
    -----
    工业互联网标识: prefix (national code . industry code . enterprise code, UTF-8) / suffix; secondary source, the
    standard itself (YD/T 4495-2023) was not read. That the national code of China is 88 is known only from hearsay, so
    other codes are taken too.
    """
    if not prefix:
        raise IdentifierError(
            text("the site has no prefix of the industrial internet"),
            where=where,
            repair=text(
                "import a site.csv with the column identifier_prefix, as the secondary node has given it; it is never "
                "made up here"
            ),
        )
    fields = str(prefix).strip().split(".")
    if len(fields) != 3 or not all(_is_field(one) for one in fields):
        raise IdentifierError(
            text("{value} is no prefix of the industrial internet", value=str(prefix)),
            where=where,
            repair=text(
                "it has three fields of letters or digits joined by full stops: national code, industry, enterprise"
            ),
        )
    if not suffix or any(one.isspace() or one == "/" or not one.isprintable() for one in suffix):
        raise IdentifierError(
            text("{value} cannot be the suffix of an identifier", value=suffix),
            where=where,
            repair=text("number the piece without blanks and slashes, or give it such a mark in `mark`"),
        )
    return f"{'.'.join(fields)}/{suffix}"


def read_industrial(identifier: str) -> tuple[str, str]:
    """Return prefix and suffix of an industrial-internet identifier.

    Raises
    ------
    IdentifierError
        If it is none.
    """
    prefix, slash, suffix = identifier.partition("/")
    if not slash:
        raise IdentifierError(
            text("{value} has no suffix", value=identifier),
            repair=text("an identifier is written prefix/suffix"),
        )
    industrial_identifier(prefix, suffix)
    return prefix, suffix


def _is_field(value: str) -> bool:
    return value.isalnum()
