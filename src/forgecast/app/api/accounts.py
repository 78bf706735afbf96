"""One's own account over the network: who I am, my language, password, tokens and sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Path as InPath
from pydantic import AwareDatetime, BaseModel, Field

from forgecast.app.api import enterprises
from forgecast.app.api.may import (
    OWN,
    Form,
    TheHouse,
    TheVisitor,
    at,
    at_browser,
    at_or_none,
    doer_of,
    needs,
    now_us,
)
from forgecast.app.server import coming_in, own_account
from forgecast.app.server.acting import Acting
from forgecast.app.server.identity import Visitor
from forgecast.app.server.sign_in import coming_of, keep_session
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text
from forgecast.store.server import accounts, sessions, tokens
from forgecast.store.server.rights import Right
from forgecast.store.server.sessions import Session
from forgecast.store.server.tokens import Token

routes = APIRouter()
_me = APIRouter(prefix="/me", tags=["me"])

AtBrowser = Annotated[Visitor, Depends(at_browser)]


class PlantSeen(BaseModel):
    """A plant that one sees, and what one may there."""

    id: str
    enterprise: str
    rights: list[Right]


class Me(BaseModel):
    """Whoever asks."""

    name: str
    shown_name: str
    language: Language
    theme: str
    token: str | None = Field(description="Name of the token; null at a browser.")
    csrf: str | None = Field(description="Sent as X-Forgecast-CSRF by whoever changes something with the cookie.")
    server_rights: list[Right]
    plants: list[PlantSeen]


class MyChange(Form):
    """What changes; what is not named stays."""

    shown_name: str | None = None
    language: Language | None = None
    theme: str | None = Field(None, description="light or dark")
    old_password: str | None = None
    new_password: str | None = None


class TokenAsked(Form):
    """A token to be made."""

    name: str
    rights: list[Right]
    plant: str | None = None
    until_at: AwareDatetime | None = None


class TokenAnswer(BaseModel):
    """A token, without its secret."""

    id: int
    name: str
    begins_with: str
    rights: list[Right]
    plant: str | None
    made_at: str
    until_at: str | None
    used_at: str | None


class TokenMade(BaseModel):
    """A token and its secret, which is told this once."""

    token: TokenAnswer
    secret: str


class TokenList(BaseModel):
    """My tokens that are not revoked."""

    tokens: list[TokenAnswer]


class SessionAnswer(BaseModel):
    """A browser that is signed in."""

    id: str
    made_at: str
    seen_at: str
    until_at: str
    address: str
    agent: str
    this: bool


class SessionList(BaseModel):
    """My open sessions, the last used first."""

    sessions: list[SessionAnswer]


@_me.get("", response_model=Me, summary="Who I am, and what I may where", openapi_extra=needs(OWN))
async def me(visitor: TheVisitor) -> Me:
    """Return whoever asks."""
    return Me(
        name=visitor.name,
        shown_name=visitor.shown_name,
        language=visitor.language,
        theme=visitor.theme,
        token=visitor.token or None,
        csrf=visitor.csrf or None,
        server_rights=sorted(visitor.reach.server),
        plants=[
            PlantSeen(id=id_, enterprise=visitor.reach.owner[id_], rights=sorted(rights))
            for id_, rights in sorted(visitor.reach.plants.items())
        ],
    )


@_me.patch("", status_code=204, summary="Change my language, theme, name or password", openapi_extra=needs(OWN))
def change_me(change: MyChange, visitor: AtBrowser, house: TheHouse, request: Request) -> Response:
    """Change what is named; with another password every other browser has to sign in again."""
    answer = Response(status_code=204)
    if (change.old_password is None) != (change.new_password is None):
        raise ForgecastError(
            text("a new password needs the old one beside it"),
            where="new_password",
            repair=text("send old_password and new_password"),
        )
    with house.store.writing() as connection:
        accounts.change_choices(
            connection,
            visitor.account_id,
            shown_name=change.shown_name,
            language=change.language,
            theme=change.theme,
        )
    if change.old_password is not None and change.new_password is not None:
        secret = coming_in.change_password(
            house.store, house.visitors, visitor.name, change.old_password, change.new_password, coming_of(request)
        )
        keep_session(answer, request, secret)
    house.visitors.forget(visitor.account_id)
    return answer


@_me.get("/tokens", response_model=TokenList, summary="My tokens", openapi_extra=needs(OWN))
def my_tokens(visitor: TheVisitor, house: TheHouse) -> TokenList:
    """Return my tokens."""
    with house.store.reading() as connection:
        return TokenList(tokens=[_token(one) for one in tokens.tokens(connection, visitor.account_id)])


@_me.post("/tokens", response_model=TokenMade, status_code=201, summary="Make a token", openapi_extra=needs(OWN))
def make_token(asked: TokenAsked, visitor: AtBrowser, house: TheHouse, request: Request) -> TokenMade:
    """Make a token with no more rights than I hold myself where it is for.

    It takes no ``Idempotency-Key``: to repeat the answer its secret would have to be kept. If the answer was lost,
    revoke the token by its number and make another. Every other POST about people refuses what is there already.
    """
    secret, token = own_account.make_token(
        Acting(house, visitor, doer_of(request, visitor)),
        name=asked.name,
        rights=asked.rights,
        plant=asked.plant,
        until_at=asked.until_at,
    )
    return TokenMade(token=_token(token), secret=secret)


@_me.delete("/tokens/{token}", status_code=204, summary="Revoke a token", openapi_extra=needs(OWN))
def revoke_token(
    token: Annotated[int, InPath(ge=1, le=2**53)], visitor: AtBrowser, house: TheHouse, request: Request
) -> None:
    """Let one of my tokens in no more."""
    own_account.revoke_token(Acting(house, visitor, doer_of(request, visitor)), token)


@_me.get("/sessions", response_model=SessionList, summary="My open sessions", openapi_extra=needs(OWN))
def my_sessions(visitor: TheVisitor, house: TheHouse) -> SessionList:
    """Return the browsers in which I am signed in."""
    with house.store.reading() as connection:
        found = sessions.sessions(connection, visitor.account_id, now_us=now_us(), limits=house.visitors.limits)
    return SessionList(sessions=[_session(one, visitor) for one in found])


@_me.delete("/sessions/{session}", status_code=204, summary="Close a session", openapi_extra=needs(OWN))
def close_session(session: str, visitor: AtBrowser, house: TheHouse, request: Request) -> None:
    """Sign one of my browsers out."""
    own_account.close_session(Acting(house, visitor, doer_of(request, visitor)), session)


routes.include_router(_me)
routes.include_router(enterprises.routes)


def _token(token: Token) -> TokenAnswer:
    return TokenAnswer(
        id=token.id,
        name=token.name,
        begins_with=token.begins_with,
        rights=sorted(token.rights),
        plant=token.plant_id,
        made_at=at(token.made_us),
        until_at=at_or_none(token.until_us),
        used_at=at_or_none(token.used_us),
    )


def _session(session: Session, visitor: Visitor) -> SessionAnswer:
    return SessionAnswer(
        id=session.handle,
        made_at=at(session.made_us),
        seen_at=at(session.seen_us),
        until_at=at(session.until_us),
        address=session.address,
        agent=session.agent,
        this=session.handle == visitor.session,
    )
