"""Name pieces to the world: GS1 Digital Link and industrial-internet identifier of each, or what is lacking."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.identifier import (
    GS1_STEM,
    IdentifierError,
    element_string,
    industrial_identifier,
    link_uri,
    piece_elements,
)
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow

#: Rows asked for at once; a database takes some thousands of values in a statement.
_CHUNK = 1_000
Content = Literal["gs1", "industrial"]


@dataclass(frozen=True, slots=True)
class NamedPiece:
    """A piece with the identifiers its records allow.

    Parameters
    ----------
    id, product : str
    product_name : str or None
    heat, lot : str or None
    count : int or None
        How many like pieces it stands for.
    elements : tuple of (str, str)
        GS1 application identifiers and values; empty where they cannot be made.
    link : str or None
        GS1 Digital Link.
    industrial : str or None
        Industrial-internet identifier.
    lacking : tuple of ForgecastError
        Why there is no link, or no industrial identifier.
    """

    id: str
    product: str
    product_name: str | None
    heat: str | None
    lot: str | None
    count: int | None
    elements: tuple[tuple[str, str], ...]
    link: str | None
    industrial: str | None
    lacking: tuple[ForgecastError, ...]

    def as_json(self) -> dict[str, object]:
        """Return the piece as the JSON answer shows it."""
        return {
            "piece": self.id,
            "product": self.product,
            "heat": self.heat,
            "lot": self.lot,
            "count": self.count,
            "elements": element_string(self.elements) if self.elements else None,
            "digital_link": self.link,
            "industrial_identifier": self.industrial,
            "lacking": [error.as_json()["error"] for error in self.lacking],
        }

    def best(self, content: Content | None) -> Content:
        """Return which identifier a label carries: the one asked for, else the link, else the industrial one.

        Raises
        ------
        ForgecastError
            If the piece has not got it.
        """
        has = {"gs1": self.link is not None, "industrial": self.industrial is not None}
        wanted: tuple[Content, ...] = ("gs1", "industrial") if content is None else (content,)
        for one in wanted:
            if has[one]:
                return one
        if content == "industrial":
            raise self.lacking[-1]
        raise self.lacking[0]


def name_pieces(
    plant: PlantFolder, pieces: Sequence[str], *, shipment: str | None = None, stem: str = GS1_STEM, site: str = ""
) -> tuple[NamedPiece, ...]:
    """Return the identifiers of pieces.

    Parameters
    ----------
    plant : PlantFolder
    pieces : sequence of str
        Numbers of pieces or batches.
    shipment : str or None
        All pieces of this shipment are named too.
    stem : str
        Web address that Digital Links begin with.
    site : str
        Site whose prefix is used; needed only where sites with different prefixes are recorded.

    Returns
    -------
    tuple of NamedPiece
        In the order asked for, each once.

    Raises
    ------
    ForgecastError
        If there is no such piece, shipment or site. A missing GTIN or prefix is no error here: it stands in `lacking`.
    """
    wanted = dict.fromkeys(pieces)
    if shipment is not None:
        items = plant.records.read("shipment_item", shipment=shipment)
        if not items:
            raise _unknown(plant, "shipment", shipment)
        wanted.update(dict.fromkeys(str(item["piece"]) for item in items))
    rows = _rows(plant, "piece", tuple(wanted))
    products = _rows(plant, "product", tuple({str(row["product"]) for row in rows.values()}))
    prefix, where = _prefix(plant, site)
    named = []
    for number in wanted:
        row = rows.get(number)
        if row is None:
            raise _unknown(plant, "piece", number)
        named.append(_named(row, products.get(str(row["product"])), prefix, where, stem))
    return tuple(named)


def _named(row: StoredRow, product: StoredRow | None, prefix: object, where: str, stem: str) -> NamedPiece:
    lacking: list[ForgecastError] = []
    elements: tuple[tuple[str, str], ...] = ()
    industrial = None
    gtin = None if product is None else product["gtin"]
    place = row.place() if product is None else product.place("gtin")
    try:
        elements = piece_elements(row.values, gtin, place)
    except IdentifierError as error:
        lacking.append(error)
    try:
        industrial = industrial_identifier(prefix, str(row["mark"] or row["id"]), where)
    except IdentifierError as error:
        lacking.append(error)
    count = row["count"]
    return NamedPiece(
        id=str(row["id"]),
        product=str(row["product"]),
        product_name=None if product is None else _text(product["name"]),
        heat=_text(row["heat"]),
        lot=_text(row["lot"]),
        count=count if isinstance(count, int) else None,
        elements=elements,
        link=link_uri(elements, stem) if elements else None,
        industrial=industrial,
        lacking=tuple(lacking),
    )


def _prefix(plant: PlantFolder, site: str) -> tuple[object, str]:
    sites = plant.records.read("site", **({"id": site} if site else {}))
    if site and not sites:
        raise _unknown(plant, "site", site)
    known = {row["identifier_prefix"]: row for row in sites if row["identifier_prefix"]}
    if len(known) > 1:
        raise ForgecastError(
            text("the plant has sites with different prefixes: {names}", names=", ".join(str(one) for one in known)),
            repair=text("say which one with --site"),
        )
    for prefix, row in known.items():
        return prefix, row.place("identifier_prefix")
    return None, "site"


def _rows(plant: PlantFolder, record: str, keys: Sequence[str]) -> dict[str, StoredRow]:
    found: dict[str, StoredRow] = {}
    for low in range(0, len(keys), _CHUNK):
        found |= {str(row["id"]): row for row in plant.records.read(record, id=keys[low : low + _CHUNK])}
    return found


def _unknown(plant: PlantFolder, record: str, number: str) -> ForgecastError:
    names = [str(one) for one in plant.records.columns(record, ("id",))["id"].tolist()]
    near = difflib.get_close_matches(number, names, n=3, cutoff=0.4) or names[:3]
    return ForgecastError(
        text("the record {record} has no row {number}", record=record, number=number),
        repair=text("the nearest are: {names}", names=", ".join(near))
        if near
        else text("import a {record}.csv first (`forgecast plant fields {record}`)", record=record),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
