"""A page that is sent before it is whole says so, for those who cannot see it grow."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

from forgecast.app.server.house import House


def test_a_page_is_busy_until_it_is_whole(tmp_path: Path) -> None:
    from nicegui import Client
    from nicegui.page import page

    from forgecast.app.pages.frame import framed
    from forgecast.app.pages.mount import declare
    from forgecast.app.pages.page import PAGES
    from forgecast.app.pages.visit import Visit
    from forgecast.ground.errors import ForgecastError
    from forgecast.ground.texts import text

    async def busy(house: House, *, fails: bool) -> list[bool]:
        nobody = SimpleNamespace(rights=frozenset())
        visitor = SimpleNamespace(theme="light", csrf="", shown_name="", rights=lambda _: frozenset())
        visit = Visit(
            house=house, plant_id="p", plant_name="P", synthetic=False, zone="UTC", language="en",
            asker=lambda: nobody, names={}, query={}, acting=lambda: nobody,
        )  # fmt: skip
        client = Client(page("/slow"), request=None)
        found = []
        with client:
            with framed(visit, visitor, PAGES[0], None):
                content = next(one for one in client.elements.values() if one.props.get("id") == "content")
                found.append("aria-busy" in content.props)
                if fails:
                    raise ForgecastError(text("Nothing here yet."), repair=text("Home"))
            found.append("aria-busy" in content.props)
        client.delete()
        return found

    declare()
    with House(tmp_path) as house:
        for fails in (False, True):
            assert asyncio.run(busy(house, fails=fails)) == [True, False]
