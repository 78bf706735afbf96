"""The people of an enterprise: who may come in, with which roles; letting somebody in."""

from __future__ import annotations

import secrets

from nicegui import ui

from forgecast.app.pages.admin.shared import (
    Told,
    at,
    enterprise_meant,
    enterprises_administered,
    once_shown,
    place_words,
    plants_of,
)
from forgecast.app.pages.admin.words import MEANS, RIGHTS, ROLES
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    button,
    card,
    chip,
    choice_field,
    columns,
    empty,
    heading,
    joined,
    link,
    moment,
    paragraph,
    row,
    table,
    tabs,
    tag,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.server.people import add_person, people, roles_within
from forgecast.app.server.refusals import NotPermittedError
from forgecast.ground.texts import text
from forgecast.store.server.accounts import Account
from forgecast.store.server.grants import Grant
from forgecast.store.server.rights import Right, Role, rights_of_roles


@page("admin", "admin/people", text("People and roles"), right=Right.ADMINISTER, in_menu=True)
async def people_and_roles(visit: Visit) -> None:
    """Fill the list of people."""
    heading(
        visit,
        text("People and roles"),
        lead=text("Who may come in, and what they may do. A role holds in one plant or in the whole enterprise."),
    )
    try:
        enterprise = enterprise_meant(visit)
    except NotPermittedError:
        empty(
            visit,
            text("You administer this plant, not the enterprise it belongs to."),
            do=text("People are let in by whoever administers the enterprise or the server; ask there."),
        )
        return
    administered = enterprises_administered(visit)
    if len(administered) > 1:
        tabs(visit, administered, enterprise, address=visit.link("admin/people"), name="enterprise")
    acting = visit.acting()
    names = plants_of(visit, enterprise)
    _people(visit, enterprise, people(acting, enterprise), roles_within(acting, enterprise), names)
    with columns(2):
        _let_in(visit, enterprise, names)
        _roles(visit)


def _people(visit: Visit, enterprise: str, found: list[Account], grants: list[Grant], names: dict[str, str]) -> None:
    with card(visit, text("Who may come in"), flush=True):
        table(
            visit,
            [text("Name"), text("Roles"), text("Signs in"), text("State"), text("Since")],
            [
                (
                    joined(
                        link(
                            visit,
                            one.shown_name,
                            visit.link(f"admin/people/{one.id}", enterprise=enterprise),
                        ),
                        " ",
                        tag("span", one.name, class_="fc-soft"),
                    ),
                    joined(
                        *(
                            tag(
                                "span",
                                f"{visit.say(ROLES[grant.role])} · {place_words(visit, grant.place, names)}",
                                class_="fc-line",
                            )
                            for grant in grants
                            if grant.account_id == one.id
                        )
                    ),
                    visit.say(text("with a password") if one.has_password else text("through another house")),
                    chip(visit, text("may come in"), "good")
                    if one.disabled_us is None
                    else chip(visit, text("disabled"), "warn"),
                    moment(at(one.made_us), visit.zone),
                )
                for one in found
            ],
            caption=text("Who may come in"),
            empty=text("Nobody has a role in this enterprise yet; let somebody in below."),
        )


def _let_in(visit: Visit, enterprise: str, names: dict[str, str]) -> None:
    with card(visit, text("Let somebody in")):
        name = text_field(visit, text("Name to sign in with"), hint=text("Letters, digits and . @ + - _; no blanks."))
        shown = text_field(visit, text("Name shown"), hint=text("As it stands behind records and releases."))
        role = choice_field(visit, text("Role"), {str(one): words for one, words in ROLES.items()}, value="viewer")
        where = choice_field(
            visit,
            text("Where"),
            {**{f"plant {id_}": title for id_, title in names.items()}, "": text("the whole enterprise")},
            value=f"plant {visit.plant_id}" if visit.plant_id in names else "",
        )
        password = text_field(
            visit, text("First password"), hint=text("Hand it over yourself; it can be changed after signing in.")
        )
        told = Told(visit)

        async def add() -> None:
            plant = str(where.value).removeprefix("plant ") if where.value else None
            given = str(password.value or "")
            made = await told.did(
                lambda: add_person(
                    visit.acting(),
                    enterprise,
                    name=str(name.value or ""),
                    shown_name=str(shown.value or ""),
                    role=Role(str(role.value)),
                    password=given,
                    plant=plant,
                )
            )
            if made is not None:
                with told.element:
                    words = text("{name} may come in now, with this password; it is shown this once.", name=made.name)
                    once_shown(visit, words, given)
                    button(visit, text("Show the list"), ui.navigate.reload, kind="quiet")

        with row():
            button(visit, text("Let in"), add, kind="main")
            button(visit, text("Make up a password"), lambda: password.set_value(secrets.token_urlsafe(12)))


def _roles(visit: Visit) -> None:
    with card(visit, text("What a role may do")):
        paragraph(visit, text("Several roles add up. Nobody gives more than he holds himself."), soft=True)
        table(
            visit,
            [text("Role"), text("What it is for"), text("Rights")],
            [
                (
                    visit.say(ROLES[role]),
                    visit.say(MEANS[role]),
                    joined(*(joined(chip(visit, RIGHTS[right]), " ") for right in Right if right in rights)),
                )
                for role, rights in rights_of_roles().items()
            ],
            caption=text("What a role may do"),
        )
