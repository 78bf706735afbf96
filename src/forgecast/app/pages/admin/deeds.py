"""What was done through the server, and by whom: signing in, accounts, roles, tokens, plants; and what was refused."""

from __future__ import annotations

from forgecast.app.pages.address_form import AddressForm
from forgecast.app.pages.admin.shared import at
from forgecast.app.pages.admin.words import OUTCOMES, action
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Words,
    button,
    buttons,
    card,
    chip,
    choice_field,
    filter_bar,
    heading,
    link,
    moment,
    table,
    tabs,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.store.server import deeds
from forgecast.store.server.deeds import Deed, Wanted
from forgecast.store.server.grants import Place
from forgecast.store.server.rights import Right

_MOST = 100
_KINDS = {
    "": text("everything"),
    "sign-in": text("signing in"),
    "sign-out": text("signing out"),
    "account": text("accounts"),
    "grant": text("roles"),
    "token": text("tokens"),
    "session": text("sessions"),
    "plant": text("plants"),
    "enterprise": text("enterprises"),
    "server": text("the server"),
}


@page("admin", "admin/deeds", text("Who did what"), right=Right.AUDIT, in_menu=True)
async def who_did_what(visit: Visit) -> None:
    """Fill the list of deeds."""
    heading(
        visit,
        text("Who did what"),
        lead=text(
            "Coming in, roles, tokens and plants, the latest first. What was changed in records stands in the trail "
            "of changes."
        ),
        aside=link(visit, text("Trail of changes"), visit.link("data/trail")),
    )
    scopes = _scopes(visit)
    scope = "plant"
    if len(scopes) > 1:
        wanted_scope = visit.query.get("where", "")
        scope = tabs(visit, scopes, wanted_scope, address=visit.link("admin/deeds"), name="where")
    wanted = Wanted(visit.query.get("account", ""), visit.query.get("kind", ""), visit.query.get("outcome", ""))
    _filters(visit, scope)
    older = visit.query.get("before", "")
    found = _found(visit, scope, wanted, int(older) if older.isdecimal() else None)
    with card(visit, flush=True):
        table(
            visit,
            [
                text("When"),
                text("Who"),
                text("What was done"),
                text("To what"),
                text("Plant"),
                text("From"),
                text("Outcome"),
            ],
            [
                (
                    moment(at(one.at_us), visit.zone),
                    f"{one.doer.account} ({one.doer.by_token})" if one.doer.by_token else one.doer.account or None,
                    visit.say(action(one.action)),  # type: ignore[arg-type]
                    one.subject or None,
                    one.plant_id,
                    one.doer.address or None,
                    chip(visit, OUTCOMES.get(one.outcome, one.outcome), "plain" if one.outcome == "done" else "warn"),
                )
                for one in found
            ],
            caption=text("Who did what"),
            empty=text("Nothing of this kind was done."),
        )
    if len(found) == _MOST:
        kept = {key: value for key, value in visit.query.items() if key != "before" and value}
        buttons([link(visit, text("Older"), visit.link("admin/deeds", **kept, before=str(found[-1].id)))])


def _scopes(visit: Visit) -> dict[str, Words]:
    reach = visit.acting().visitor.reach
    scopes: dict[str, Words] = {}
    if Right.AUDIT in reach.server:
        scopes["server"] = text("The whole server")
    if Right.AUDIT in reach.at(Place(enterprise_id=reach.owner.get(visit.plant_id, ""))):
        scopes["enterprise"] = text("The enterprise")
    return scopes | {"plant": text("This plant")}


def _filters(visit: Visit, scope: str) -> None:
    form = AddressForm(visit, "admin/deeds", {"where": scope})
    with filter_bar():
        form.field("account", text_field(visit, text("Who")))
        form.field("kind", choice_field(visit, text("What was done"), _KINDS, value=""))
        form.field("outcome", choice_field(visit, text("Outcome"), {"": text("everything"), **OUTCOMES}, value=""))
        button(visit, text("Show"), form.send)


def _found(visit: Visit, scope: str, wanted: Wanted, before: int | None) -> list[Deed]:
    reach = visit.acting().visitor.reach
    with visit.house.store.reading() as connection:
        if scope == "server":
            return deeds.deeds_of_server(connection, limit=_MOST, before=before, wanted=wanted)
        if scope == "enterprise":
            owner = reach.owner[visit.plant_id]
            return deeds.deeds_of_enterprise(connection, owner, limit=_MOST, before=before, wanted=wanted)
        return deeds.deeds_of_plant(connection, visit.plant_id, limit=_MOST, before=before, wanted=wanted)
