"""Enterprises and plants of the server: what there is, and adding one."""

from __future__ import annotations

from forgecast.app.pages.admin.shared import Told, at
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Content,
    button,
    card,
    choice_field,
    columns,
    heading,
    link,
    moment,
    paragraph,
    row,
    table,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.server import places
from forgecast.ground.dates import CHINA
from forgecast.ground.texts import text
from forgecast.store.server import plants
from forgecast.store.server.rights import Right


@page("admin", "admin/plants", text("Plants and enterprises"), right=Right.ADMINISTER, in_menu=True)
async def plants_and_enterprises(visit: Visit) -> None:
    """Fill the list of plants."""
    heading(
        visit,
        text("Plants and enterprises"),
        lead=text("Each plant belongs to one enterprise; nobody sees the plants of another one."),
    )
    reach = visit.acting().visitor.reach
    with visit.house.store.reading() as connection:
        enterprises = {one.id: one.name for one in plants.enterprises(connection) if one.id in reach.enterprises}
        seen = [one for one in plants.plants(connection) if one.id in reach.plants]
    with card(visit, flush=True):
        table(
            visit,
            [text("Plant"), text("Id"), text("Enterprise"), text("Since")],
            [
                (
                    link(visit, one.name, f"/{one.id}/home"),
                    one.id,
                    enterprises.get(one.enterprise_id, one.enterprise_id),
                    moment(at(one.made_us), visit.zone),
                )
                for one in seen
            ],
            caption=text("Plants"),
        )
    if Right.ADMINISTER not in reach.server:
        paragraph(visit, text("Plants and enterprises are added by whoever administers the whole server."), soft=True)
        return
    with columns(2):
        _add_plant(visit, enterprises)
        _add_enterprise(visit)


def _add_plant(visit: Visit, enterprises: dict[str, str]) -> None:
    with card(visit, text("Add a plant"), note=text("It begins empty, in a folder of the server's home.")):
        choices: dict[str, Content] = dict(enterprises)
        enterprise = choice_field(visit, text("Enterprise"), choices, value=next(iter(enterprises), None))  # type: ignore[arg-type]
        id_ = text_field(visit, text("Id"), hint=text("Stands in the addresses of its pages: letters, digits, . _ -"))
        name = text_field(visit, text("Name"))
        zone = text_field(visit, text("Time zone"), value=CHINA, hint=text("As in Asia/Shanghai."))
        told = Told(visit)

        async def add() -> None:
            await told.done(
                lambda: places.add_plant(
                    visit.acting(),
                    str(enterprise.value or ""),
                    str(id_.value or ""),
                    name=str(name.value or ""),
                    zone_name=str(zone.value or ""),
                ),
                text("The plant is there; let its people in under People and roles."),
            )

        with row():
            button(visit, text("Add the plant"), add)


def _add_enterprise(visit: Visit) -> None:
    with card(visit, text("Add an enterprise")):
        id_ = text_field(visit, text("Id"), hint=text("Letters, digits, . _ -"))
        name = text_field(visit, text("Name"))
        told = Told(visit)

        async def add() -> None:
            await told.done(
                lambda: places.add_enterprise(visit.acting(), str(id_.value or ""), str(name.value or "")),
                text("The enterprise is there; add its plants next."),
            )

        with row():
            button(visit, text("Add the enterprise"), add)
