"""People of an enterprise and their roles, changed by its administrators; every change leaves a deed."""

from __future__ import annotations

from forgecast.app.server.acting import Acting, now_us
from forgecast.app.server.refusals import NotPermittedError, NotThereError
from forgecast.store.server import accounts, grants, passwords, sessions, tokens
from forgecast.store.server.accounts import Account
from forgecast.store.server.deeds import write_deed
from forgecast.store.server.grants import Grant, Place
from forgecast.store.server.rights import Right, Role
from forgecast.store.server.sessions import Session
from forgecast.store.server.tokens import Token


def people(acting: Acting, enterprise: str) -> list[Account]:
    """Return the people who have a role in an enterprise or a plant of it, by name.

    Raises
    ------
    NotThereError, NotPermittedError
    """
    acting.check_enterprise(enterprise)
    with acting.house.store.reading() as connection:
        within = {grant.account_id for grant in grants.grants_within(connection, enterprise)}
        return [one for one in accounts.accounts(connection) if one.id in within]


def add_person(
    acting: Acting,
    enterprise: str,
    *,
    name: str,
    role: Role,
    password: str,
    shown_name: str = "",
    plant: str | None = None,
) -> Account:
    """Make an account with a first role in an enterprise, or in one plant of it.

    Raises
    ------
    NotThereError, NotPermittedError, AboveRightsError
        If it is not his to do.
    AccountError, TakenError
        If name or password will not do.
    """
    acting.check_enterprise(enterprise)
    mine = acting.visitor.reach
    place = _place(acting, enterprise, plant)
    grants.check_may_grant(mine, role, place)
    passwords.check_password(accounts.normal_name(name), password)
    kept = passwords.hashed(password)
    with acting.house.store.writing() as connection:
        now = now_us()
        account_id = accounts.create(connection, name=name, shown_name=shown_name, password_hash=kept, now_us=now)
        grants.give(connection, account_id, role, place, by=acting.visitor.by, now_us=now, mine=mine)
        made = accounts.account(connection, account_id)
        subject = f"{made.name} {role.value}"
        write_deed(connection, acting.doer, "account.add", subject, at_us=now, enterprise_id=enterprise, plant_id=plant)
    return made


def change_person(
    acting: Acting,
    enterprise: str,
    account_id: int,
    *,
    shown_name: str | None = None,
    password: str | None = None,
    disabled: bool | None = None,
) -> Account:
    """Change a person who belongs to an enterprise; None leaves a thing as it is.

    Raises
    ------
    NotThereError, NotPermittedError, AboveRightsError
        If it is not his to do.
    AccountError
        If the password will not do.
    """
    check_belongs(acting, enterprise, account_id)
    kept = None
    if password is not None:
        with acting.house.store.reading() as connection:
            name = accounts.account(connection, account_id).name
        passwords.check_password(name, password)
        kept = passwords.hashed(password)
    with acting.house.store.writing() as connection:
        now, done = now_us(), []
        if shown_name is not None:
            accounts.change_choices(connection, account_id, shown_name=shown_name)
            done.append("account.name")
        if kept is not None:
            accounts.change_password(connection, account_id, kept)
            done.append("account.password")
        if disabled is not None:
            if disabled:
                grants.check_other_admin(connection, account_id)
                accounts.disable(connection, account_id, now)
            else:
                accounts.enable(connection, account_id)
            done.append("account.disable" if disabled else "account.enable")
        found = accounts.account(connection, account_id)
        for action in done:
            write_deed(connection, acting.doer, action, found.name, at_us=now, enterprise_id=enterprise)
    acting.house.visitors.forget(account_id)
    return found


def roles_within(acting: Acting, enterprise: str) -> list[Grant]:
    """Return the roles in an enterprise and its plants.

    Raises
    ------
    NotThereError, NotPermittedError
    """
    acting.check_enterprise(enterprise)
    with acting.house.store.reading() as connection:
        return grants.grants_within(connection, enterprise)


def give_role(acting: Acting, enterprise: str, *, account: str, role: Role, plant: str | None = None) -> Grant:
    """Give a person of an enterprise another role; the server's administrator may bring in somebody from elsewhere.

    Raises
    ------
    NotThereError, NotPermittedError, AboveRightsError, TakenError
    """
    acting.check_enterprise(enterprise)
    place, mine = _place(acting, enterprise, plant), acting.visitor.reach
    with acting.house.store.writing() as connection:
        person = accounts.account_named(connection, account)
        within = {grant.account_id for grant in grants.grants_within(connection, enterprise)}
        if person.id not in within and Right.ADMINISTER not in mine.server:
            raise NotThereError(account)
        now = now_us()
        made = grants.give(connection, person.id, role, place, by=acting.visitor.by, now_us=now, mine=mine)
        subject = f"{person.name} {role.value}"
        write_deed(connection, acting.doer, "grant.give", subject, at_us=now, enterprise_id=enterprise, plant_id=plant)
    acting.house.visitors.forget(person.id)
    return Grant(made, person.id, person.name, place, role, acting.visitor.by, now)


def take_role(acting: Acting, enterprise: str, grant_id: int) -> None:
    """Take a role back.

    Raises
    ------
    NotThereError, NotPermittedError, AboveRightsError
    """
    acting.check_enterprise(enterprise)
    with acting.house.store.writing() as connection:
        if grant_id not in {one.id for one in grants.grants_within(connection, enterprise)}:
            raise NotThereError(str(grant_id))
        gone = grants.take(connection, grant_id, mine=acting.visitor.reach)
        write_deed(
            connection,
            acting.doer,
            "grant.take",
            f"{gone.account} {gone.role.value}",
            at_us=now_us(),
            enterprise_id=enterprise,
            plant_id=gone.place.plant_id,
        )
    acting.house.visitors.forget(gone.account_id)


def open_ways(acting: Acting, enterprise: str, account_id: int) -> tuple[list[Session], list[Token]]:
    """Return the ways by which a person of an enterprise comes in now: open sessions and tokens.

    Raises
    ------
    NotThereError, NotPermittedError, AboveRightsError
    """
    check_belongs(acting, enterprise, account_id)
    limits = acting.house.visitors.limits
    with acting.house.store.reading() as connection:
        opened = sessions.sessions(connection, account_id, now_us=now_us(), limits=limits)
        return opened, tokens.tokens(connection, account_id)


def close_ways(acting: Acting, enterprise: str, account_id: int) -> None:
    """Sign a person of an enterprise out everywhere and revoke his tokens; he may sign in again.

    Raises
    ------
    NotThereError, NotPermittedError, AboveRightsError
    """
    check_belongs(acting, enterprise, account_id)
    with acting.house.store.writing() as connection:
        name = accounts.account(connection, account_id).name
        sessions.close_all(connection, account_id)
        for token in tokens.tokens(connection, account_id):
            tokens.revoke(connection, account_id, token.id, now_us())
        write_deed(connection, acting.doer, "account.sign-out", name, at_us=now_us(), enterprise_id=enterprise)
    acting.house.visitors.forget(account_id)


def check_belongs(acting: Acting, enterprise: str, account_id: int) -> None:
    """Refuse to touch somebody who has a role elsewhere too, or one above the visitor's own rights.

    Raises
    ------
    NotThereError, NotPermittedError, AboveRightsError
    """
    acting.check_enterprise(enterprise)
    mine = acting.visitor.reach
    with acting.house.store.reading() as connection:
        held = grants.grants_of(connection, account_id)
        within = {one.id for one in grants.grants_within(connection, enterprise)}
    if not any(one.id in within for one in held):
        raise NotThereError(str(account_id))
    if Right.ADMINISTER not in mine.server and any(one.id not in within for one in held):
        raise NotPermittedError(Right.ADMINISTER, str(account_id))
    for one in held:
        grants.check_may_grant(mine, one.role, one.place)


def _place(acting: Acting, enterprise: str, plant: str | None) -> Place:
    if plant is None:
        return Place(enterprise_id=enterprise)
    if acting.visitor.reach.owner.get(plant) != enterprise:
        raise NotThereError(plant)
    return Place(plant_id=plant)
