"""Names of materials: found in any spelling, and the nearest ones where nothing fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache

from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, text
from forgecast.metal.error import MaterialError


def plain(name: str) -> str:
    """Return a name without case, spaces and punctuation: ``EN-GJL-250`` and ``en gjl 250`` are one."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


@lru_cache(maxsize=4)
def shipped_names(table: str) -> Mapping[str, str]:
    """Return the plain spelling of every shipped name and which material it means.

    Parameters
    ----------
    table : str
        ``alloy`` or ``medium``; read are its index and its table of names.
    """
    found = {plain(row[table]): row[table] for row in read_table(table)}
    found.update({plain(row["name"]): row[table] for row in read_table(f"{table}_name")})
    return found


def find_name(name: str, *, table: str, kind: Text) -> str:
    """Return which shipped material a name means.

    Raises
    ------
    MaterialError
        If none has that name; the nearest names are shown.
    """
    known = shipped_names(table)
    if (got := known.get(plain(name))) is not None:
        return got
    raise MaterialError(
        text("there is no {kind} named {name}", kind=kind, name=name),
        where=f"{table}.csv",
        repair=text(
            "use one of {near}, or give a table of your own",
            near=", ".join(nearest(name, known) or sorted(set(known.values()))),
        ),
    )


def nearest(name: str, known: Mapping[str, str], *, count: int = 5) -> list[str]:
    """Return the materials whose names come nearest to a name, nearest first, each once."""
    asked = plain(name)
    close = get_close_matches(asked, list(known), n=4 * count, cutoff=0.45)
    holding: Iterable[str] = (other for other in known if len(asked) >= 3 and (asked in other or other in asked))
    return list(dict.fromkeys(known[other] for other in (*close, *holding)))[:count]
