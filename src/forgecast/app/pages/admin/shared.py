"""What the pages of the administration share: doing something, telling what came of it, which enterprise is meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from nicegui import ui
from nicegui.element import Element

from forgecast.app.pages.parts import Words, button, error_box, joined, notice, put, row, said, tag, toast
from forgecast.app.pages.visit import Visit
from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server import plants
from forgecast.store.server.grants import Place
from forgecast.store.server.rights import Right

T = TypeVar("T")


class Told:
    """The place on a page where what was refused is explained."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self.element = ui.element("div").props("aria-live=assertive")

    async def did(self, work: Callable[[], T]) -> T | None:
        """Do something beside the event loop; where it is refused, say why and return None."""
        self.element.clear()
        try:
            return await anyio.to_thread.run_sync(work)
        except ForgecastError as error:
            with self.element:
                error_box(self._visit, error)
            return None

    async def done(self, work: Callable[[], object], words: Words) -> None:
        """Do something; where it was done say so and show the page anew."""

        def whole() -> bool:
            work()
            return True

        if await self.did(whole):
            toast(self._visit, words)
            ui.navigate.reload()


def at(moment_us: int | None) -> str | None:
    """Return an instant as ISO text, where there is one."""
    return None if moment_us is None else from_us(moment_us).isoformat()


def once_shown(visit: Visit, words: Words, secret: str) -> None:
    """Place a secret that is shown this once, with a button that copies it."""
    notice(visit, words, tone="warn")
    with row():
        put(tag("code", secret, class_="fc-secret"))
        copy = button(visit, text("Copy"))
        # The secret is read from the page, so that no words of a person stand in a script.
        copy.on(
            "click",
            js_handler="(event) => navigator.clipboard?.writeText("
            "event.target.closest('.fc-row').querySelector('.fc-secret').innerText)",
        )


def enterprise_meant(visit: Visit) -> str:
    """Return the enterprise that the address names, else that of the plant.

    Raises
    ------
    ForgecastError
        If it is not there for the visitor, or not his to administer.
    """
    acting = visit.acting()
    wanted = visit.query.get("enterprise") or acting.visitor.reach.owner.get(visit.plant_id, "")
    acting.check_enterprise(wanted)
    return wanted


def enterprises_administered(visit: Visit) -> dict[str, str]:
    """Return the enterprises that the visitor administers, by id, with their names."""
    reach = visit.acting().visitor.reach
    with visit.house.store.reading() as connection:
        found = plants.enterprises(connection)
    return {one.id: one.name for one in found if Right.ADMINISTER in reach.at(Place(enterprise_id=one.id))}


def plants_of(visit: Visit, enterprise: str) -> dict[str, str]:
    """Return the plants of an enterprise, by id, with their names."""
    with visit.house.store.reading() as connection:
        return {one.id: one.name for one in plants.plants(connection) if one.enterprise_id == enterprise}


def place_words(visit: Visit, place: Place, names: dict[str, str]) -> str:
    """Return what a place is called."""
    if place.plant_id is not None:
        return names.get(place.plant_id, place.plant_id)
    return said(visit, text("the whole enterprise") if place.enterprise_id is not None else text("the whole server"))


def labelled(words: str, soft: str = "") -> Element:
    """Place a line of a list: what it is, and softer words behind it."""
    return put(joined(words, " ", tag("span", soft, class_="fc-soft") if soft else None), classes="fc-grow")
