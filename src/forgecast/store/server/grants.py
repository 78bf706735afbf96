"""Who may do what where: roles given for the server, an enterprise or a plant, and the rights that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from forgecast.ground.texts import text
from forgecast.store.server.plants import enterprise, plant
from forgecast.store.server.refused import AboveRightsError, TakenError, UnknownError
from forgecast.store.server.rights import Right, Role, rights_of_roles
from forgecast.store.server.tables import ACCOUNT, ENTERPRISE, PLANT, ROLE_GRANT

_NONE: frozenset[Right] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a role holds: a plant, an enterprise, or (neither named) the whole server.

    Parameters
    ----------
    enterprise_id, plant_id : str or None
        At most one of them.
    """

    enterprise_id: str | None = None
    plant_id: str | None = None


SERVER_WIDE = Place()


@dataclass(frozen=True, slots=True)
class Grant:
    """A role given to an account.

    Parameters
    ----------
    id, account_id : int
    account : str
        Its name.
    place : Place
    role : Role
    granted_by : str
    granted_us : int
    """

    id: int
    account_id: int
    account: str
    place: Place
    role: Role
    granted_by: str
    granted_us: int


@dataclass(frozen=True, slots=True)
class Reach:
    """All that an account may, everywhere, at one moment.

    Parameters
    ----------
    server : frozenset of Right
        Over the whole server.
    enterprises : mapping of str to frozenset of Right
        Every enterprise of which it sees anything; empty rights where it sees only a plant of it.
    plants : mapping of str to frozenset of Right
        Every plant it sees.
    owner : mapping of str to str
        Enterprise of each of these plants.
    """

    server: frozenset[Right]
    enterprises: Mapping[str, frozenset[Right]]
    plants: Mapping[str, frozenset[Right]]
    owner: Mapping[str, str]

    def at(self, place: Place) -> frozenset[Right]:
        """Return the rights at a place."""
        if place.plant_id is not None:
            return self.plants.get(place.plant_id, _NONE)
        if place.enterprise_id is not None:
            return self.enterprises.get(place.enterprise_id, _NONE)
        return self.server

    def narrowed(self, rights: frozenset[Right], plant_id: str | None) -> Reach:
        """Return what a token with these rights, perhaps for one plant only, may of it."""
        plants = {id_: held & rights for id_, held in self.plants.items() if plant_id in {None, id_} and held & rights}
        owner = {id_: self.owner[id_] for id_ in plants}
        if plant_id is not None:
            return Reach(_NONE, dict.fromkeys(owner.values(), _NONE), plants, owner)
        enterprises = {id_: held & rights for id_, held in self.enterprises.items()}
        return Reach(self.server & rights, enterprises, plants, owner)


def reach(connection: Connection, account_id: int) -> Reach:
    """Return all that an account may; nothing where it is disabled or not there."""
    asked = (
        sa.select(ROLE_GRANT.c.enterprise_id, ROLE_GRANT.c.plant_id, ROLE_GRANT.c.role)
        .join(ACCOUNT, ACCOUNT.c.id == ROLE_GRANT.c.account_id)
        .where(ROLE_GRANT.c.account_id == account_id, ACCOUNT.c.disabled_us.is_(None))
    )
    held: dict[Place, frozenset[Right]] = {}
    for enterprise_id, plant_id, role in connection.execute(asked):
        place = Place(enterprise_id, plant_id)
        held[place] = held.get(place, _NONE) | rights_of_roles()[Role(role)]
    if not held:
        return Reach(_NONE, {}, {}, {})
    server = held.get(SERVER_WIDE, _NONE)
    enterprises, plants, owner = {}, {}, {}
    for (id_,) in connection.execute(sa.select(ENTERPRISE.c.id)):
        rights = server | held.get(Place(enterprise_id=id_), _NONE)
        if rights:
            enterprises[id_] = rights
    open_ones = sa.select(PLANT.c.id, PLANT.c.enterprise_id).where(PLANT.c.closed_us.is_(None))
    for id_, enterprise_id in connection.execute(open_ones):
        rights = enterprises.get(enterprise_id, _NONE) | held.get(Place(plant_id=id_), _NONE)
        if rights:
            plants[id_], owner[id_] = rights, enterprise_id
    # Whoever sees a plant knows whose it is, without a right over the enterprise.
    return Reach(server, dict.fromkeys(owner.values(), _NONE) | enterprises, plants, owner)


def rights(connection: Connection, account_id: int, plant_id: str) -> frozenset[Right]:
    """Return the rights of an account in a plant: the union over all grants that cover it."""
    return reach(connection, account_id).at(Place(plant_id=plant_id))


def plants_seen(connection: Connection, account_id: int) -> frozenset[str]:
    """Return the plants that an account sees."""
    return frozenset(reach(connection, account_id).plants)


def check_may_grant(mine: Reach, role: Role, place: Place) -> None:
    """Refuse to give or take a role outside one's own place or above one's own rights.

    Parameters
    ----------
    mine : Reach
        Of whoever gives or takes.
    role : Role
    place : Place

    Raises
    ------
    AboveRightsError
    """
    held = mine.at(place)
    if Right.ADMINISTER in held and rights_of_roles()[role] <= held:
        return
    raise AboveRightsError(
        text("you may not give or take the role {role} there", role=role.value),
        where="role",
        repair=text("ask an administrator of that place"),
    )


def give(
    connection: Connection, account_id: int, role: Role, place: Place, *, by: str, now_us: int, mine: Reach | None
) -> int:
    """Give a role and return the id of the grant.

    Parameters
    ----------
    connection : Connection
        Of a writing transaction.
    account_id : int
    role : Role
    place : Place
    by : str
        Who gives.
    now_us : int
    mine : Reach or None
        Of whoever gives; None for whoever runs the server itself (command line, first start).

    Raises
    ------
    AboveRightsError
        If it is not his to give.
    UnknownError
        If there is no such place.
    TakenError
        If the account has the role there already.
    """
    if mine is not None:
        check_may_grant(mine, role, place)
    if place.enterprise_id is not None:
        enterprise(connection, place.enterprise_id)
    if place.plant_id is not None:
        plant(connection, place.plant_id)
    same = (ROLE_GRANT.c.account_id == account_id, ROLE_GRANT.c.role == role.value, *_at(place))
    if connection.execute(sa.select(ROLE_GRANT.c.id).where(*same)).first() is not None:
        raise TakenError(
            text("the account has the role {role} there already", role=role.value),
            where="role",
            repair=text("nothing needs to be done"),
        )
    row = (
        sa.insert(ROLE_GRANT)
        .values(
            account_id=account_id,
            enterprise_id=place.enterprise_id,
            plant_id=place.plant_id,
            role=role.value,
            granted_by=by,
            granted_us=now_us,
        )
        .returning(ROLE_GRANT.c.id)
    )
    return int(connection.execute(row).scalar_one())


def take(connection: Connection, grant_id: int, *, mine: Reach | None) -> Grant:
    """Take a role back and return what was taken.

    Parameters
    ----------
    connection : Connection
        Of a writing transaction.
    grant_id : int
    mine : Reach or None
        As for `give`.

    Raises
    ------
    UnknownError
        If there is no such grant, or it is not for this person to see.
    AboveRightsError
        If it is not his to take, or the server would be left without an administrator.
    """
    found = connection.execute(_grants().where(ROLE_GRANT.c.id == grant_id)).first()
    grant = None if found is None else _grant(found)
    if grant is None or (mine is not None and not mine.at(grant.place)):
        raise UnknownError(text("there is no such grant"), where="grant", repair=text("see the list of grants"))
    if mine is not None:
        check_may_grant(mine, grant.role, grant.place)
    if grant.role is Role.ADMIN and grant.place == SERVER_WIDE:
        check_other_admin(connection, grant.account_id)
    connection.execute(sa.delete(ROLE_GRANT).where(ROLE_GRANT.c.id == grant_id))
    return grant


def check_other_admin(connection: Connection, account_id: int) -> None:
    """Refuse to let the server lose its last administrator.

    Parameters
    ----------
    connection : Connection
        Of a writing transaction; on PostgreSQL the grants are held, so that two administrators cannot drop each other.
    account_id : int
        Who is about to be none any more.

    Raises
    ------
    AboveRightsError
    """
    asked = (
        sa.select(ROLE_GRANT.c.account_id)
        .join(ACCOUNT, ACCOUNT.c.id == ROLE_GRANT.c.account_id)
        .where(ROLE_GRANT.c.role == Role.ADMIN.value, ACCOUNT.c.disabled_us.is_(None), *_at(SERVER_WIDE))
        .with_for_update()
    )
    admins = {int(row[0]) for row in connection.execute(asked)}
    if admins == {account_id}:
        raise AboveRightsError(
            text("the server would be left without an administrator"),
            where="account",
            repair=text("make somebody else administrator of the server first"),
        )


def grants_within(connection: Connection, enterprise_id: str) -> list[Grant]:
    """Return the roles given for an enterprise and its plants."""
    of_plants = sa.select(PLANT.c.id).where(PLANT.c.enterprise_id == enterprise_id)
    within = sa.or_(ROLE_GRANT.c.enterprise_id == enterprise_id, ROLE_GRANT.c.plant_id.in_(of_plants))
    return [_grant(row) for row in connection.execute(_grants().where(within).order_by(ROLE_GRANT.c.id))]


def grants_of(connection: Connection, account_id: int) -> list[Grant]:
    """Return the roles given to an account."""
    asked = _grants().where(ROLE_GRANT.c.account_id == account_id).order_by(ROLE_GRANT.c.id)
    return [_grant(row) for row in connection.execute(asked)]


def belongs_only_to(connection: Connection, account_id: int, enterprise_id: str) -> bool:
    """Tell whether an account has roles in this enterprise and nowhere else."""
    within = {grant.id for grant in grants_within(connection, enterprise_id)}
    mine = {grant.id for grant in grants_of(connection, account_id)}
    return bool(mine) and mine <= within


def replace_given_by(
    connection: Connection, account_id: int, wanted: frozenset[tuple[Role, Place]], *, by: str, now_us: int
) -> None:
    """Make the grants that `by` has given to an account those that are wanted; others' are left alone."""
    have = {(grant.role, grant.place): grant for grant in grants_of(connection, account_id)}
    for key, grant in have.items():
        if grant.granted_by == by and key not in wanted:
            connection.execute(sa.delete(ROLE_GRANT).where(ROLE_GRANT.c.id == grant.id))
    for role, place in wanted:
        if (role, place) not in have:
            give(connection, account_id, role, place, by=by, now_us=now_us, mine=None)


def _at(place: Place) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        ROLE_GRANT.c.enterprise_id.is_not_distinct_from(place.enterprise_id),
        ROLE_GRANT.c.plant_id.is_not_distinct_from(place.plant_id),
    )


def _grants() -> sa.Select[tuple[object, ...]]:
    return sa.select(ROLE_GRANT, ACCOUNT.c.name.label("account")).join(ACCOUNT, ACCOUNT.c.id == ROLE_GRANT.c.account_id)


def _grant(row: Row[tuple[object, ...]]) -> Grant:
    return Grant(
        id=int(row.id),
        account_id=int(row.account_id),
        account=row.account,
        place=Place(row.enterprise_id, row.plant_id),
        role=Role(row.role),
        granted_by=row.granted_by,
        granted_us=row.granted_us,
    )
