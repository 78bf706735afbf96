"""One person: roles, a new password, the ways by which he is in now, and whether he may come in at all."""

from __future__ import annotations

import secrets
from functools import partial

from forgecast.app.pages.admin.shared import Told, at, enterprise_meant, labelled, once_shown, place_words, plants_of
from forgecast.app.pages.admin.words import RIGHTS, ROLES
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    button,
    card,
    chip,
    choice_field,
    columns,
    confirm,
    empty,
    facts,
    heading,
    link,
    moment,
    paragraph,
    row,
    table,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.server.people import (
    change_person,
    close_ways,
    give_role,
    open_ways,
    people,
    roles_within,
    take_role,
)
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.accounts import Account
from forgecast.store.server.grants import Grant
from forgecast.store.server.rights import Right, Role


@page("admin", "admin/people/{account}", text("A person"), right=Right.ADMINISTER)
async def person(visit: Visit) -> None:
    """Fill the page of a person."""
    enterprise = enterprise_meant(visit)
    acting = visit.acting()
    back = link(visit, text("People and roles"), visit.link("admin/people", enterprise=enterprise))
    found = next((one for one in people(acting, enterprise) if str(one.id) == visit.names["account"]), None)
    if found is None:
        heading(visit, text("A person"))
        empty(visit, text("Nobody of this number has a role in this enterprise."), links=[back])
        return
    heading(visit, found.shown_name, aside=back)
    held = [one for one in roles_within(acting, enterprise) if one.account_id == found.id]
    with columns(2):
        with columns(1):
            _facts(visit, found)
            _roles(visit, enterprise, found, held)
        with columns(1):
            _password(visit, enterprise, found)
            _ways(visit, enterprise, found)
            _may_come_in(visit, enterprise, found)


def _facts(visit: Visit, one: Account) -> None:
    with card(visit):
        facts(
            visit,
            [
                (text("Name to sign in with"), one.name),
                (text("Signs in"), visit.say(
                    text("with a password") if one.has_password else text("through another house")
                )),
                (text("Since"), moment(at(one.made_us), visit.zone)),
                (text("State"), chip(visit, text("may come in"), "good") if one.disabled_us is None
                 else chip(visit, text("disabled"), "warn")),
            ],
        )  # fmt: skip


def _roles(visit: Visit, enterprise: str, one: Account, held: list[Grant]) -> None:
    names = plants_of(visit, enterprise)
    with card(visit, text("Roles")):
        told = Told(visit)
        for grant in held:
            with row():
                where = place_words(visit, grant.place, names)
                by = visit.say(text("given by {name}", name=grant.granted_by))
                labelled(f"{visit.say(ROLES[grant.role])} · {where}", by)
                button(visit, text("Take back"), partial(_take, visit, told, enterprise, grant), kind="quiet").props[
                    "aria-label"
                ] = visit.say(text("Take back {role} in {place}", role=visit.say(ROLES[grant.role]), place=where))
        role = choice_field(visit, text("Another role"), {str(r): words for r, words in ROLES.items()}, value="viewer")
        where_field = choice_field(
            visit,
            text("Where"),
            {**{f"plant {id_}": title for id_, title in names.items()}, "": text("the whole enterprise")},
            value=f"plant {visit.plant_id}" if visit.plant_id in names else "",
        )

        async def give() -> None:
            plant = str(where_field.value).removeprefix("plant ") if where_field.value else None
            await told.done(
                lambda: give_role(
                    visit.acting(), enterprise, account=one.name, role=Role(str(role.value)), plant=plant
                ),
                text("The role is given."),
            )

        with row():
            button(visit, text("Give the role"), give)


async def _take(visit: Visit, told: Told, enterprise: str, grant: Grant) -> None:
    sure = await confirm(
        visit,
        text("Take the role {role} from {name}?", role=visit.say(ROLES[grant.role]), name=grant.account),
        yes=text("Take back"),
        detail=text("It holds no longer at once; with the last one the person is no longer in this list."),
        grave=True,
    )
    if sure:
        await told.done(lambda: take_role(visit.acting(), enterprise, grant.id), text("The role is taken back."))


def _password(visit: Visit, enterprise: str, one: Account) -> None:
    with card(visit, text("New password")):
        paragraph(visit, text("For somebody who has forgotten it. All his browsers have to sign in again."), soft=True)
        field = text_field(visit, text("New password"))
        told = Told(visit)

        async def give() -> None:
            given = str(field.value or "")
            changed = await told.did(lambda: change_person(visit.acting(), enterprise, one.id, password=given))
            if changed is not None:
                field.set_value("")
                with told.element:
                    once_shown(visit, text("The new password holds; it is shown this once."), given)

        with row():
            button(visit, text("Give the new password"), give)
            button(visit, text("Make up a password"), lambda: field.set_value(secrets.token_urlsafe(12)))


def _ways(visit: Visit, enterprise: str, one: Account) -> None:
    with card(visit, text("Open now")):
        try:
            opened, tokens = open_ways(visit.acting(), enterprise, one.id)
        except ForgecastError as error:
            # He has a role elsewhere too, or one above the visitor's own: his ways in are not this enterprise's matter.
            paragraph(visit, error.what, soft=True)
            return
        table(
            visit,
            [text("Browser"), text("From"), text("Last used")],
            [(s.agent[:60] or None, s.address or None, moment(at(s.seen_us), visit.zone)) for s in opened],
            caption=text("Open sessions"),
            empty=text("No browser is signed in."),
        )
        table(
            visit,
            [text("Token"), text("Rights"), text("Last used")],
            [
                (
                    f"{t.name} ({t.begins_with}…)",
                    ", ".join(visit.say(RIGHTS[right]) for right in sorted(t.rights)),
                    moment(at(t.used_us), visit.zone),
                )
                for t in tokens
            ],
            caption=text("Tokens of programs"),
            empty=text("No program holds a token."),
        )
        told = Told(visit)

        async def close() -> None:
            sure = await confirm(
                visit,
                text("Sign {name} out everywhere?", name=one.name),
                yes=text("Sign out everywhere"),
                detail=text("All browsers are signed out and all tokens revoked; programs that use them stop working."),
                grave=True,
            )
            if sure:
                await told.done(lambda: close_ways(visit.acting(), enterprise, one.id), text("Signed out everywhere."))

        if opened or tokens:
            with row():
                button(visit, text("Sign out everywhere"), close, kind="grave")


def _may_come_in(visit: Visit, enterprise: str, one: Account) -> None:
    disables = one.disabled_us is None
    with card(visit, text("May come in")):
        paragraph(
            visit,
            text("A disabled account stays on record; its sessions are closed and its tokens refused.")
            if disables
            else text("The account is disabled: nobody comes in with it."),
            soft=True,
        )
        told = Told(visit)

        async def change() -> None:
            await told.done(
                lambda: change_person(visit.acting(), enterprise, one.id, disabled=disables),
                text("The account is disabled.") if disables else text("The account may come in again."),
            )

        words = text("Disable the account") if disables else text("Let in again")
        with row():
            button(visit, words, change, kind="grave" if disables else "plain")
