"""My account: name, language, theme and password; what I may; my programs' tokens and my open sessions."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from nicegui import ui

from forgecast.app.pages.admin.shared import Told, at, labelled, once_shown, place_words
from forgecast.app.pages.admin.words import MEANS, RIGHTS, ROLES
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    button,
    card,
    chip,
    choice_field,
    columns,
    confirm,
    day_field,
    heading,
    paragraph,
    put,
    row,
    table,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import local_hour
from forgecast.app.server import own_account
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server import accounts, grants, plants
from forgecast.store.server.accounts import Account
from forgecast.store.server.rights import Right
from forgecast.store.server.sessions import Session
from forgecast.store.server.tokens import Token

_LANGUAGES = {"en": "English", "zh": "中文"}


@page("account", "account", text("My account"))
async def my_account(visit: Visit) -> None:
    """Fill the page of one's own account."""
    acting = visit.acting()
    with visit.house.store.reading() as connection:
        me = accounts.account(connection, acting.visitor.account_id)
        held = grants.grants_of(connection, me.id)
        names = {one.id: one.name for one in plants.plants(connection) if one.id in acting.visitor.reach.plants}
    sessions, tokens = own_account.own_ways(acting)
    heading(visit, text("My account"), lead=text("You are signed in as {name}.", name=me.name))
    with columns(2):
        with columns(1):
            _choices(visit, me, acting.visitor.theme)
            _password(visit, me)
            with card(visit, text("What I may do"), flush=True):
                table(
                    visit,
                    [text("Role"), text("Where"), text("What it is for")],
                    [
                        (
                            visit.say(ROLES[one.role]),
                            place_words(visit, one.place, names),
                            visit.say(MEANS[one.role]),
                        )
                        for one in held
                    ],
                    caption=text("What I may do"),
                )
        with columns(1):
            _tokens(visit, tokens, names)
            _sessions(visit, sessions, acting.visitor.session)


def _choices(visit: Visit, me: Account, theme: str) -> None:
    with card(visit, text("Name and look")):
        shown = text_field(visit, text("Name shown"), value=me.shown_name)
        language = choice_field(visit, text("Language"), dict(_LANGUAGES), value=visit.language)
        look = choice_field(
            visit,
            text("Light or dark"),
            {"light": text("light"), "dark": text("dark")},
            value=theme if theme in accounts.THEMES else None,
            hint=text("As your system has it, where nothing is chosen."),
        )
        told = Told(visit)

        def keep() -> None:
            who = visit.acting().visitor.account_id
            with visit.house.store.writing() as connection:
                accounts.change_choices(
                    connection, who, shown_name=str(shown.value or ""), language=language.value, theme=look.value
                )
            visit.house.visitors.forget(who)

        async def save() -> None:
            await told.done(keep, text("Kept."))

        with row():
            button(visit, text("Save"), save)


def _password(visit: Visit, me: Account) -> None:
    with card(visit, text("Password")):
        if me.has_password:
            paragraph(visit, text("Every other browser has to sign in again after a change."), soft=True)
            with row():
                button(visit, text("Change the password"), lambda: ui.navigate.to("/password"))
        else:
            paragraph(visit, text("You sign in through another house; the password is changed there."), soft=True)


def _tokens(visit: Visit, tokens: list[Token], names: dict[str, str]) -> None:
    with card(
        visit,
        text("Tokens of my programs"),
        note=text("A program comes in with a token instead of a password, and may no more than the token says."),
    ):
        told = Told(visit)
        for one in tokens:
            with row():
                rights = ", ".join(visit.say(RIGHTS[right]) for right in sorted(one.rights))
                where = names.get(one.plant_id, one.plant_id) if one.plant_id else visit.say(text("all my plants"))
                labelled(f"{one.name} · {one.begins_with}…", f"{rights} · {where}")
                revoke = button(visit, text("Revoke"), partial(_revoke, visit, told, one), kind="quiet")
                revoke.props["aria-label"] = visit.say(text("Revoke {name}", name=one.name))
        if not tokens:
            paragraph(visit, text("None of your programs holds a token."), soft=True)
        _make_token(visit, told, names)


def _make_token(visit: Visit, told: Told, names: dict[str, str]) -> None:
    mine = own_account.rights_to_give(visit.acting().visitor, None)
    name = text_field(visit, text("What it is for"), hint=text("As in: weekly report of the scrap."))
    rights = ui.select(
        {str(right): visit.say(RIGHTS[right]) for right in Right if right in mine},
        label=visit.say(text("What it may do")),
        value=["see"],
        multiple=True,
    )
    rights.props("outlined dense stack-label options-dense use-chips").classes("fc-field")
    plant = choice_field(
        visit,
        text("Where"),
        {**names, "": text("all my plants")},
        value=visit.plant_id if visit.plant_id in names else "",
    )
    until = day_field(visit, text("Until and with"), hint=text("May stay empty: until it is revoked."))

    async def make() -> None:
        made = await told.did(
            lambda: own_account.make_token(
                visit.acting(),
                name=str(name.value or ""),
                rights=[Right(one) for one in rights.value],
                plant=str(plant.value) or None,
                until_at=_end_of(str(until.value or ""), visit.zone),
            )
        )
        if made is not None:
            name.set_value("")
            with told.element:
                once_shown(visit, text("The token {name} is made; it is shown this once.", name=made[1].name), made[0])

    with row():
        button(visit, text("Make a token"), make)


def _end_of(day: str, zone: str) -> datetime | None:
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(23, 59, 59), ZoneInfo(zone))
    except ValueError:
        raise ForgecastError(
            text("{day} is no day", day=day), where="until_at", repair=text("write it as YYYY-MM-DD")
        ) from None


async def _revoke(visit: Visit, told: Told, one: Token) -> None:
    sure = await confirm(
        visit,
        text("Revoke the token {name}?", name=one.name),
        yes=text("Revoke"),
        detail=text("Programs that use it stop working at once."),
        grave=True,
    )
    if sure:
        await told.done(lambda: own_account.revoke_token(visit.acting(), one.id), text("The token is revoked."))


def _sessions(visit: Visit, sessions: list[Session], this: str) -> None:
    with card(visit, text("Where I am signed in")):
        told = Told(visit)
        for one in sessions:
            with row():
                used = visit.say(text("last used {hour}", hour=local_hour(at(one.seen_us) or "", visit.zone)))
                labelled(one.agent[:60] or visit.say(text("a browser")), " · ".join(filter(None, (one.address, used))))
                if one.handle == this:
                    put(chip(visit, text("this browser"), "good"))
                    continue
                close = button(visit, text("Sign out there"), partial(_close, visit, told, one), kind="quiet")
                close.props["aria-label"] = visit.say(text("Sign out {browser}", browser=one.agent[:60] or one.handle))
        paragraph(visit, text("A browser you do not know? Sign it out and change your password."), soft=True)


async def _close(visit: Visit, told: Told, one: Session) -> None:
    await told.done(lambda: own_account.close_session(visit.acting(), one.handle), text("That browser is signed out."))
