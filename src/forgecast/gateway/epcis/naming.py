"""How the things of a plant are called in events: by GS1 keys where it has them, else under its own web address."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote

from forgecast.gateway.epcis.vocabulary import NAMESPACE, is_uri
from forgecast.ground.texts import text
from forgecast.plant.identifier import GS1_STEM, IdentifierError, checked_number, checked_value, is_batch, link_uri
from forgecast.plant.rows import Value

#: Not part of what happened, or made from it.
_OUTSIDE: Final = frozenset(("eventID", "recordTime", "errorDeclaration", "@context"))


@dataclass(frozen=True, slots=True)
class Naming:
    """What a plant may call its things.

    Parameters
    ----------
    base : str
        Web address of the plant under which its own numbers live; empty where it has given none.
    gln : str
        GS1 location number of the site; empty where it has none.
    gtins : mapping of str to str
        GTIN by product.
    stem : str
        Web address that Digital Links begin with.
    """

    base: str = ""
    gln: str = ""
    gtins: Mapping[str, str] = field(default_factory=dict)
    stem: str = GS1_STEM

    def thing(self, record: str, number: object) -> str:
        """Return the URI of a row of a record, or of something a row names (a customer, an order).

        A number that is a URI already, since others gave it, stays as it is.

        Raises
        ------
        IdentifierError
            If the plant has no web address of its own.
        """
        said = str(number)
        if is_uri(said):
            return said
        if not self.base:
            raise IdentifierError(
                text("{record} {number} has no name outside the plant", record=record, number=said),
                repair=text(
                    "say with --base under which web address of yours your numbers live "
                    "(https://id.your-company.example); none is made up here"
                ),
            )
        return f"{self.base.rstrip('/')}/{record}/{quote(said, safe='-._~')}"

    def piece(self, row: Mapping[str, Value]) -> str:
        """Return the URI of a piece (GTIN and serial) or of a batch of like pieces (GTIN and lot).

        Raises
        ------
        IdentifierError
            If its product has no GTIN, or its number is none that GS1 allows, and the plant has no web address.
        """
        number = str(row["id"])
        if is_uri(number):
            return number
        gtin = self.gtins.get(str(row.get("product")))
        if gtin is None:
            return self.thing("piece", number)
        ai = "10" if is_batch(row) else "21"
        own = str(row.get("mark") or number)
        try:
            checked_value(ai, own)
        except IdentifierError:
            if not self.base:
                raise
            return self.thing("piece", number)
        return link_uri((("01", checked_number(gtin, 14, "GTIN")), (ai, own)), self.stem)

    def product(self, number: str) -> str:
        """Return the URI of a product: of the class of its pieces.

        Raises
        ------
        IdentifierError
            As `piece`.
        """
        gtin = self.gtins.get(number)
        if gtin is None:
            return self.thing("product", number)
        return link_uri((("01", checked_number(gtin, 14, "GTIN")),), self.stem)

    def location(self) -> str | None:
        """Return the URI of the site, None where it has no GLN."""
        return link_uri((("414", checked_number(self.gln, 13, "GLN")),), self.stem) if self.gln else None

    def own_number(self, uri: str) -> tuple[str, str] | None:
        """Return record and number of a URI under the plant's own web address; None for any other."""
        head = f"{self.base.rstrip('/')}/"
        if not self.base or not uri.startswith(head):
            return None
        record, slash, number = uri.removeprefix(head).partition("/")
        return (record, unquote(number)) if slash and number and "/" not in number else None


def event_id(event: Mapping[str, object]) -> str:
    """Return the identifier of an event: a UUID made from what it says, so that it is the same every time.

    Parameters
    ----------
    event : mapping
        Its own ``eventID``, ``recordTime`` and ``errorDeclaration`` do not count.

    Notes
    -----
    UUID of version 5 (RFC 9562) over the JSON with sorted keys.
    """
    told = {name: value for name, value in event.items() if name not in _OUTSIDE}
    words = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"urn:uuid:{uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE), words)}"
