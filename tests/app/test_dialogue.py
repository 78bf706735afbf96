"""A dialogue stays open while the place whose button opened it is filled anew, and is gone once it is closed."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass

import pytest

from forgecast.ground.texts import Language, text


@dataclass(frozen=True)
class Reader:
    """Somebody who reads English."""

    language: Language = "en"


@pytest.mark.parametrize("ours", [True, False])
def test_a_dialogue_stays_when_its_place_is_filled_anew(*, ours: bool) -> None:
    from nicegui import Client, ui
    from nicegui.page import page

    from forgecast.app.pages.parts import dialog

    async def build() -> bool:
        with Client(page("/dialogue"), request=None) as client:
            place = ui.element("div")
            with place:
                if ours:
                    with dialog(Reader(), text("Shelve")) as opened:
                        ui.input()
                else:
                    opened = ui.dialog()
            place.clear()
            gc.collect()
            there = not opened.is_deleted
            client.delete()
        return there

    # NiceGUI's own goes with its place; should it ever stay, ours is needed no more.
    assert asyncio.run(build()) is ours


def test_a_closed_dialogue_is_gone() -> None:
    from nicegui import Client
    from nicegui.page import page

    from forgecast.app.pages.parts import dialog

    async def build() -> bool:
        with Client(page("/dialogue"), request=None) as client:
            with dialog(Reader(), text("Shelve")) as opened:
                pass
            hide = next(one for one in opened._event_listeners.values() if one.type == "hide")
            hide.handler()
            gone = opened.is_deleted
            client.delete()
        return gone

    assert asyncio.run(build())
