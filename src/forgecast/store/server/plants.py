"""Enterprises and plants of the server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from forgecast.ground.texts import text
from forgecast.store.server.refused import AccountError, TakenError, UnknownError
from forgecast.store.server.tables import ENTERPRISE, PLANT

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
#: A plant's id is the first part of its pages' addresses; these are addresses of the server itself.
RESERVED = frozenset({
    "account", "admin", "api", "assets", "docs", "favicon.ico", "fonts", "health", "metrics", "oidc", "openapi.json",
    "password", "robots.txt", "sign-in", "sign-out", "start", "static",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An enterprise: its plants are seen by its own people only.

    Parameters
    ----------
    id, name : str
    made_us : int
    """

    id: str
    name: str
    made_us: int


@dataclass(frozen=True, slots=True)
class Plant:
    """A plant of an enterprise.

    Parameters
    ----------
    id, enterprise_id, name : str
    folder : str
        Its plant folder; relative where it lies below the server's home.
    made_us : int
    closed_us : int or None
        Since when nobody sees it.
    """

    id: str
    enterprise_id: str
    name: str
    folder: str
    made_us: int
    closed_us: int | None


def add_enterprise(connection: Connection, enterprise_id: str, name: str, now_us: int) -> Enterprise:
    """Register an enterprise.

    Raises
    ------
    AccountError, TakenError
    """
    made = Enterprise(_id(enterprise_id, "enterprise"), _name(name) or enterprise_id, now_us)
    taken = TakenError(
        text("there is an enterprise {id} already", id=made.id), where="enterprise", repair=text("take another id")
    )
    if connection.execute(sa.select(ENTERPRISE.c.id).where(ENTERPRISE.c.id == made.id)).first() is not None:
        raise taken
    try:
        connection.execute(sa.insert(ENTERPRISE).values(id=made.id, name=made.name, made_us=made.made_us))
    except sa.exc.IntegrityError as error:
        raise taken from error
    return made


def add_plant(
    connection: Connection, plant_id: str, *, enterprise_id: str, name: str, folder: str, now_us: int
) -> Plant:
    """Register a plant of an enterprise.

    Parameters
    ----------
    connection : Connection
    plant_id, enterprise_id, name : str
    folder : str
        As `kept_folder` gives it.
    now_us : int

    Raises
    ------
    AccountError
        If the id cannot be an address.
    TakenError
        If the id or the folder is another plant's.
    UnknownError
        If there is no such enterprise.
    """
    made = Plant(_id(plant_id, "plant"), enterprise_id, _name(name) or plant_id, folder, now_us, None)
    enterprise(connection, enterprise_id)
    taken = TakenError(
        text("there is a plant {id}, or one in the same folder, already", id=made.id),
        where="plant",
        repair=text("take another id or folder"),
    )
    same = sa.or_(PLANT.c.id == made.id, PLANT.c.folder == folder)
    if connection.execute(sa.select(PLANT.c.id).where(same)).first() is not None:
        raise taken
    try:
        connection.execute(
            sa.insert(PLANT).values(
                id=made.id,
                enterprise_id=made.enterprise_id,
                name=made.name,
                folder=made.folder,
                made_us=made.made_us,
                closed_us=None,
            )
        )
    except sa.exc.IntegrityError as error:
        raise taken from error
    return made


def close_plant(connection: Connection, plant_id: str, now_us: int) -> None:
    """Take a plant from the server; its folder and all that was recorded stay."""
    connection.execute(sa.update(PLANT).where(PLANT.c.id == plant_id).values(closed_us=now_us))


def enterprise(connection: Connection, enterprise_id: str) -> Enterprise:
    """Return an enterprise.

    Raises
    ------
    UnknownError
    """
    found = connection.execute(sa.select(ENTERPRISE).where(ENTERPRISE.c.id == enterprise_id)).first()
    if found is None:
        raise UnknownError(
            text("there is no enterprise {id}", id=enterprise_id[:64]),
            where="enterprise",
            repair=text("see the list of enterprises"),
        )
    return _enterprise(found)


def enterprises(connection: Connection) -> list[Enterprise]:
    """Return all enterprises by id."""
    return [_enterprise(row) for row in connection.execute(sa.select(ENTERPRISE).order_by(ENTERPRISE.c.id))]


def plant(connection: Connection, plant_id: str) -> Plant:
    """Return a plant that is not closed.

    Raises
    ------
    UnknownError
    """
    asked = sa.select(PLANT).where(PLANT.c.id == plant_id, PLANT.c.closed_us.is_(None))
    found = connection.execute(asked).first()
    if found is None:
        raise UnknownError(
            text("there is no plant {id}", id=plant_id[:64]), where="plant", repair=text("see the list of plants")
        )
    return _plant(found)


def plants(connection: Connection) -> list[Plant]:
    """Return all plants that are not closed, by id."""
    asked = sa.select(PLANT).where(PLANT.c.closed_us.is_(None)).order_by(PLANT.c.id)
    return [_plant(row) for row in connection.execute(asked)]


def kept_folder(home: Path, folder: Path) -> str:
    """Return a plant's folder as it is kept: relative to home where it lies below, so that home can be moved."""
    home, folder = home.resolve(), folder.resolve()
    return folder.relative_to(home).as_posix() if folder.is_relative_to(home) else folder.as_posix()


def folder_of(home: Path, plant: Plant) -> Path:
    """Return the folder of a plant."""
    return (home / plant.folder).resolve()


def _id(given: str, where: str) -> str:
    if _ID.fullmatch(given) and given.casefold() not in RESERVED and ".." not in given:
        return given
    raise AccountError(
        text("the id {id} cannot be used in an address", id=given[:64]),
        where=where,
        repair=text("take 1 to 64 letters, digits and . _ -, beginning with a letter or digit"),
    )


def _name(given: str) -> str:
    plain = " ".join(given.split())
    if len(plain) <= 120 and (not plain or plain.isprintable()):
        return plain
    raise AccountError(
        text("the name is too long, or has characters that cannot be printed"),
        where="name",
        repair=text("take at most {longest} characters", longest=120),
    )


def _enterprise(row: Row[tuple[object, ...]]) -> Enterprise:
    return Enterprise(row.id, row.name, row.made_us)


def _plant(row: Row[tuple[object, ...]]) -> Plant:
    return Plant(row.id, row.enterprise_id, row.name, row.folder, row.made_us, row.closed_us)
