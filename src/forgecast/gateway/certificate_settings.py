"""Reads `certificate.toml` of a plant: addresses, the mark, and who may validate an inspection certificate."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.certificate import Party, Signer

FILE_NAME: Final = "certificate.toml"
#: What to write where nothing is; shown with every error about the file.
EXAMPLE: Final = """[works]
name = "…"
street = ["…"]
zip_code = "…"
city = "…"
country = "CN"                # two letters, ISO 3166-1
originator = "Inspection department"
mark = "mark.png"             # may be left out

[[representatives]]           # who may validate a 3.1; independent of manufacturing
name = "…"
title = "…"

[[customers]]
name = "…"                    # as the shipment names the customer
street = ["…"]
zip_code = "…"
city = "…"
country = "DE"
"""
_PNG: Final = b"\x89PNG\r\n\x1a\n"


class CertificateSettingsError(ForgecastError):
    """`certificate.toml` is missing or does not say what a certificate needs."""

    code = "certificate-settings"


@dataclass(frozen=True, slots=True)
class CertificateSettings:
    """What a certificate needs beside the records.

    Parameters
    ----------
    works : Party
    originator : str
        Department that issues certificates.
    mark : bytes
        The manufacturer's mark as PNG; empty where there is none.
    representatives : tuple of Signer
        Who may validate a 3.1.
    customers : mapping of str to Party
        By the name in the shipments.
    where : str
        The file, for errors.
    """

    works: Party
    originator: str
    mark: bytes
    representatives: tuple[Signer, ...]
    customers: Mapping[str, Party]
    where: str

    def customer(self, name: str) -> Party:
        """Return a customer by the name in the shipment.

        Raises
        ------
        CertificateSettingsError
            If the file does not give the address.
        """
        if name in self.customers:
            return self.customers[name]
        raise _wrong(self.where, text("the address of the customer {name} is missing", name=name))

    def representative(self, name: str) -> Signer:
        """Return an inspection representative by name.

        Raises
        ------
        CertificateSettingsError
            If the file does not name the person.
        """
        for one in self.representatives:
            if one.name == name:
                return one
        raise CertificateSettingsError(
            text("{name} is not named as authorised inspection representative", name=name),
            where=self.where,
            repair=text(
                "a 3.1 is validated by a person independent of manufacturing: name them with their title under "
                "[[representatives]], or let one of these issue it: {names}",
                names=", ".join(one.name for one in self.representatives) or "—",
            ),
        )


def read_certificate_settings(plant: Path) -> CertificateSettings:
    """Read `certificate.toml` of a plant folder.

    Raises
    ------
    CertificateSettingsError
        If it is missing, cannot be parsed, or lacks something.
    """
    path = plant / FILE_NAME
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise _wrong(str(path), text("the file with addresses and representatives is missing")) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(str(path), text("the file cannot be read: {reason}", reason=str(error))) from error
    works = _table(found.get("works"), "[works]", path)
    customers = [_party(one, "[[customers]]", path) for one in _list(found, "customers", path)]
    representatives = tuple(
        Signer(_word(one, "name", "[[representatives]]", path), _word(one, "title", "[[representatives]]", path))
        for one in _list(found, "representatives", path)
    )
    return CertificateSettings(
        works=_party(works, "[works]", path),
        originator=_word(works, "originator", "[works]", path),
        mark=_mark(works, path),
        representatives=representatives,
        customers={one.name: one for one in customers},
        where=str(path),
    )


def _party(found: object, table: str, path: Path) -> Party:
    one = _table(found, table, path)
    street = one.get("street")
    lines = [street] if isinstance(street, str) else street
    if not isinstance(lines, list) or not 1 <= len(lines) <= 3 or not all(str(line).strip() for line in lines):
        raise _wrong(str(path), text("{table} needs a street of one to three lines", table=table))
    country = _word(one, "country", table, path)
    if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        raise _wrong(str(path), text("the country in {table} is {country}", table=table, country=country))
    email = one.get("email", "")
    return Party(
        name=_word(one, "name", table, path),
        street=tuple(str(line) for line in lines),
        zip_code=_word(one, "zip_code", table, path),
        city=_word(one, "city", table, path),
        country=country,
        email=email if isinstance(email, str) else "",
    )


def _mark(works: Mapping[str, object], path: Path) -> bytes:
    name = works.get("mark", "")
    if not name:
        return b""
    try:
        content = (path.parent / str(name)).read_bytes()
    except OSError as error:
        raise _wrong(str(path), text("the mark {name} cannot be read", name=str(name))) from error
    if not content.startswith(_PNG):
        raise _wrong(str(path), text("the mark {name} is no PNG picture", name=str(name)))
    return content


def _table(found: object, table: str, path: Path) -> Mapping[str, object]:
    if isinstance(found, Mapping):
        return found
    raise _wrong(str(path), text("{table} is missing", table=table))


def _list(found: Mapping[str, object], name: str, path: Path) -> list[object]:
    listed = found.get(name, [])
    if isinstance(listed, list):
        return listed
    raise _wrong(str(path), text("{table} has to be a list of tables", table=f"[[{name}]]"))


def _word(found: object, key: str, table: str, path: Path) -> str:
    value = _table(found, table, path).get(key)
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise _wrong(str(path), text("{key} is missing in {table}", key=key, table=table))


def _wrong(where: str, what: Text) -> CertificateSettingsError:
    return CertificateSettingsError(what, where=where, repair=text("write it there:\n{example}", example=EXAMPLE))
