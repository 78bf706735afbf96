"""Enterprises, their plants, people, roles and deeds over the network."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from forgecast.app.api.may import (
    OWN,
    Form,
    TheHouse,
    TheVisitor,
    at,
    doer_of,
    in_enterprise,
    in_plant,
    needs,
    on_server,
)
from forgecast.app.server import people, places
from forgecast.app.server.acting import Acting
from forgecast.app.server.house import House
from forgecast.app.server.identity import Visitor
from forgecast.app.server.made_plant import RecordsIn
from forgecast.ground.dates import CHINA
from forgecast.store.server import deeds, plants
from forgecast.store.server.accounts import Account
from forgecast.store.server.deeds import Deed
from forgecast.store.server.grants import Grant
from forgecast.store.server.rights import Right, Role

routes = APIRouter()

Administrator = Annotated[Visitor, Depends(in_enterprise(Right.ADMINISTER))]
Auditor = Annotated[Visitor, Depends(in_enterprise(Right.AUDIT))]
PlantAuditor = Annotated[Visitor, Depends(in_plant(Right.AUDIT))]
ServerAdministrator = Annotated[Visitor, Depends(on_server(Right.ADMINISTER))]
ServerAuditor = Annotated[Visitor, Depends(on_server(Right.AUDIT))]
Limit = Annotated[int, Query(ge=1, le=1000)]
After = Annotated[int | None, Query(ge=1, le=2**53, description="`next` of the page before")]
Number = Annotated[int, InPath(ge=1, le=2**53)]


class EnterpriseAnswer(BaseModel):
    """An enterprise."""

    id: str
    name: str


class EnterpriseList(BaseModel):
    """Enterprises of which one sees anything."""

    enterprises: list[EnterpriseAnswer]


class PlantAnswer(BaseModel):
    """A plant."""

    id: str
    enterprise: str
    name: str
    rights: list[Right]


class PlantList(BaseModel):
    """Plants that one sees."""

    plants: list[PlantAnswer]


class EnterpriseAsked(Form):
    """An enterprise to be registered."""

    id: str
    name: str = ""


class PlantAsked(Form):
    """A plant to be made, with an empty folder in the server's home."""

    id: str
    name: str
    zone: str = CHINA
    records: RecordsIn = Field("server", description="`server`: where the server's own database is; `file`: SQLite")


class AccountAnswer(BaseModel):
    """A person of an enterprise."""

    id: int
    name: str
    shown_name: str
    disabled: bool
    has_password: bool
    oidc_issuer: str | None
    made_at: str


class AccountList(BaseModel):
    """People who have a role in an enterprise."""

    accounts: list[AccountAnswer]


class AccountAsked(Form):
    """A person to be let in, with a first role."""

    name: str
    shown_name: str = ""
    password: str
    role: Role
    plant: str | None = None


class AccountChange(Form):
    """What changes; what is not named stays."""

    shown_name: str | None = None
    password: str | None = None
    disabled: bool | None = None


class GrantAnswer(BaseModel):
    """A role that somebody has."""

    id: int
    account: str
    role: Role
    enterprise: str | None
    plant: str | None
    granted_by: str
    granted_at: str


class GrantList(BaseModel):
    """Roles in an enterprise and its plants."""

    grants: list[GrantAnswer]


class GrantAsked(Form):
    """A role to be given: over the enterprise, or in one plant of it."""

    account: str
    role: Role
    plant: str | None = None


class DeedAnswer(BaseModel):
    """Something that was done, or refused."""

    id: int
    at: str
    account: str
    token: str
    address: str
    plant: str | None
    action: str
    subject: str
    outcome: str
    request_id: str


class DeedList(BaseModel):
    """A page of deeds, the latest first."""

    deeds: list[DeedAnswer]
    next: int | None


@routes.get("/enterprises", response_model=EnterpriseList, tags=["server"], openapi_extra=needs(OWN))
def enterprises_seen(visitor: TheVisitor, house: TheHouse) -> EnterpriseList:
    """Return the enterprises of which one sees anything."""
    with house.store.reading() as connection:
        found = [one for one in plants.enterprises(connection) if one.id in visitor.reach.enterprises]
    return EnterpriseList(enterprises=[EnterpriseAnswer(id=one.id, name=one.name) for one in found])


@routes.post(
    "/enterprises",
    response_model=EnterpriseAnswer,
    status_code=201,
    tags=["server"],
    openapi_extra=needs(Right.ADMINISTER),
)
def add_enterprise(
    asked: EnterpriseAsked, visitor: ServerAdministrator, house: TheHouse, request: Request
) -> EnterpriseAnswer:
    """Register an enterprise."""
    made = places.add_enterprise(_acting(visitor, house, request), asked.id, asked.name)
    return EnterpriseAnswer(id=made.id, name=made.name)


@routes.get("/plants", response_model=PlantList, tags=["server"], openapi_extra=needs(OWN))
def plants_seen(visitor: TheVisitor, house: TheHouse) -> PlantList:
    """Return the plants that one sees, and what one may there."""
    with house.store.reading() as connection:
        found = [one for one in plants.plants(connection) if visitor.rights(one.id)]
    return PlantList(plants=[_plant(one.id, one.enterprise_id, one.name, visitor) for one in found])


@routes.post(
    "/enterprises/{enterprise}/plants",
    response_model=PlantAnswer,
    status_code=201,
    tags=["server"],
    openapi_extra=needs(Right.ADMINISTER),
)
def add_plant(
    enterprise: str, asked: PlantAsked, visitor: ServerAdministrator, house: TheHouse, request: Request
) -> PlantAnswer:
    """Make a plant with an empty folder in the server's home; only the server's administrator may."""
    acting = _acting(visitor, house, request)
    made = places.add_plant(acting, enterprise, asked.id, name=asked.name, zone_name=asked.zone, records=asked.records)
    return PlantAnswer(id=made.id, enterprise=enterprise, name=made.name, rights=sorted(visitor.reach.server))


@routes.get(
    "/enterprises/{enterprise}/accounts",
    response_model=AccountList,
    tags=["people"],
    openapi_extra=needs(Right.ADMINISTER),
)
def accounts_within(enterprise: str, visitor: Administrator, house: TheHouse, request: Request) -> AccountList:
    """Return the people who have a role in the enterprise or a plant of it."""
    found = people.people(_acting(visitor, house, request), enterprise)
    return AccountList(accounts=[_account(one) for one in found])


@routes.post(
    "/enterprises/{enterprise}/accounts",
    response_model=AccountAnswer,
    status_code=201,
    tags=["people"],
    openapi_extra=needs(Right.ADMINISTER),
)
def add_account(
    enterprise: str, asked: AccountAsked, visitor: Administrator, house: TheHouse, request: Request
) -> AccountAnswer:
    """Make an account with a first role in the enterprise."""
    made = people.add_person(
        _acting(visitor, house, request),
        enterprise,
        name=asked.name,
        shown_name=asked.shown_name,
        password=asked.password,
        role=asked.role,
        plant=asked.plant,
    )
    return _account(made)


@routes.patch(
    "/enterprises/{enterprise}/accounts/{account}",
    response_model=AccountAnswer,
    tags=["people"],
    openapi_extra=needs(Right.ADMINISTER),
)
def change_account(
    enterprise: str,
    account: Number,
    change: AccountChange,
    visitor: Administrator,
    house: TheHouse,
    request: Request,
) -> AccountAnswer:
    """Give a new password, disable, or let in again; only a person who belongs to this enterprise alone."""
    found = people.change_person(
        _acting(visitor, house, request),
        enterprise,
        account,
        shown_name=change.shown_name,
        password=change.password,
        disabled=change.disabled,
    )
    return _account(found)


@routes.get(
    "/enterprises/{enterprise}/grants",
    response_model=GrantList,
    tags=["people"],
    openapi_extra=needs(Right.ADMINISTER),
)
def grants_listed(enterprise: str, visitor: Administrator, house: TheHouse, request: Request) -> GrantList:
    """Return the roles in the enterprise and its plants."""
    found = people.roles_within(_acting(visitor, house, request), enterprise)
    return GrantList(grants=[_grant(one) for one in found])


@routes.post(
    "/enterprises/{enterprise}/grants",
    response_model=GrantAnswer,
    status_code=201,
    tags=["people"],
    openapi_extra=needs(Right.ADMINISTER),
)
def give(enterprise: str, asked: GrantAsked, visitor: Administrator, house: TheHouse, request: Request) -> GrantAnswer:
    """Give a person of the enterprise another role; the server's administrator may bring in somebody from elsewhere."""
    acting = _acting(visitor, house, request)
    return _grant(people.give_role(acting, enterprise, account=asked.account, role=asked.role, plant=asked.plant))


@routes.delete(
    "/enterprises/{enterprise}/grants/{grant}",
    status_code=204,
    tags=["people"],
    openapi_extra=needs(Right.ADMINISTER),
)
def take(enterprise: str, grant: Number, visitor: Administrator, house: TheHouse, request: Request) -> None:
    """Take a role back."""
    people.take_role(_acting(visitor, house, request), enterprise, grant)


@routes.get(
    "/enterprises/{enterprise}/deeds", response_model=DeedList, tags=["deeds"], openapi_extra=needs(Right.AUDIT)
)
def deeds_of_enterprise(
    enterprise: str, _visitor: Auditor, house: TheHouse, limit: Limit = 100, after: After = None
) -> DeedList:
    """Return what was done in the enterprise, the latest first."""
    with house.store.reading() as connection:
        found = deeds.deeds_of_enterprise(connection, enterprise, limit=limit, before=after)
    return _page(found, limit)


@routes.get("/plants/{plant}/deeds", response_model=DeedList, tags=["deeds"], openapi_extra=needs(Right.AUDIT))
def deeds_of_plant(
    plant: str, _visitor: PlantAuditor, house: TheHouse, limit: Limit = 100, after: After = None
) -> DeedList:
    """Return what was done in the plant, the latest first."""
    with house.store.reading() as connection:
        found = deeds.deeds_of_plant(connection, plant, limit=limit, before=after)
    return _page(found, limit)


@routes.get("/deeds", response_model=DeedList, tags=["deeds"], openapi_extra=needs(Right.AUDIT))
def deeds_of_server(_visitor: ServerAuditor, house: TheHouse, limit: Limit = 100, after: After = None) -> DeedList:
    """Return what was done on the whole server, the latest first."""
    with house.store.reading() as connection:
        found = deeds.deeds_of_server(connection, limit=limit, before=after)
    return _page(found, limit)


def _acting(visitor: Visitor, house: House, request: Request) -> Acting:
    return Acting(house, visitor, doer_of(request, visitor))


def _plant(id_: str, enterprise: str, name: str, visitor: Visitor) -> PlantAnswer:
    return PlantAnswer(id=id_, enterprise=enterprise, name=name, rights=sorted(visitor.rights(id_)))


def _account(account: Account) -> AccountAnswer:
    return AccountAnswer(
        id=account.id,
        name=account.name,
        shown_name=account.shown_name,
        disabled=account.disabled_us is not None,
        has_password=account.has_password,
        oidc_issuer=account.oidc_issuer,
        made_at=at(account.made_us),
    )


def _grant(grant: Grant) -> GrantAnswer:
    return GrantAnswer(
        id=grant.id,
        account=grant.account,
        role=grant.role,
        enterprise=grant.place.enterprise_id,
        plant=grant.place.plant_id,
        granted_by=grant.granted_by,
        granted_at=at(grant.granted_us),
    )


def _page(found: list[Deed], limit: int) -> DeedList:
    return DeedList(
        deeds=[
            DeedAnswer(
                id=one.id,
                at=at(one.at_us),
                account=one.doer.account,
                token=one.doer.by_token,
                address=one.doer.address,
                plant=one.plant_id,
                action=one.action,
                subject=one.subject,
                outcome=one.outcome,
                request_id=one.doer.request_id,
            )
            for one in found
        ],
        next=found[-1].id if len(found) == limit else None,
    )
