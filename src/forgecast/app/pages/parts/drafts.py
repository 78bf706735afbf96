"""A form whose fields are kept on the server while they are filled in, so nothing typed is lost by a reload."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

import anyio.to_thread
from nicegui import background_tasks, ui
from nicegui.elements.mixins.value_element import ValueElement

from forgecast.app.pages.parts.instead import named
from forgecast.app.pages.visit import Visit
from forgecast.store.server import drafts

#: Quiet time after the last key before a draft is saved [s].
_QUIET_S = 0.5
#: What a field holds that nobody has filled in.
_EMPTY: tuple[Any, ...] = (None, "", [])

F = TypeVar("F", bound=ValueElement[Any])


class Draft:
    """What somebody has filled into a form so far; made by `draft`.

    Attributes
    ----------
    values : dict of str to JSON value
    """

    def __init__(self, visit: Visit, form: str, values: dict[str, Any]) -> None:
        self.values = values
        self._visit = visit
        self._form = form
        self._due: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()  # what was typed later is written later

    def keep(self, key: str, field: F) -> F:
        """Give a field its kept value, keep what is filled in from now on, and return the field.

        Parameters
        ----------
        key : str
            Name of the field within the form.
        field : ui.input, ui.number, ui.select, ui.switch or ui.textarea
        """
        if key in self.values:
            kept, options = self.values[key], getattr(field, "options", None)
            # A choice that is gone stays gone.
            if options is not None and isinstance(kept, list):
                field.value = [one for one in kept if one in options]
            elif options is None or kept in options:
                field.value = kept

        # A choice is made at once; what is typed is typed when the hands rest.
        quiet_s = _QUIET_S if isinstance(field, ui.input | ui.number | ui.textarea) else 0.0

        def changed() -> None:
            self.values[key] = field.value
            self._rest()  # begun anew with every key
            self._due = background_tasks.create(self._after(quiet_s), name="save a draft", context=field.client)

        named(field, key)
        field.on_value_change(changed)
        field.on("blur", self.save)
        return field

    def _rest(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    async def _after(self, quiet_s: float) -> None:
        await asyncio.sleep(quiet_s)
        self._due = None  # from here on it is not given up half-way
        await self.save()

    async def save(self) -> None:
        """Save at once what has changed."""
        self._rest()
        async with self._writing:
            visit, content = self._visit, dict(self.values)
            store, account, plant = visit.house.store, visit.asker().account_id, visit.plant_id
            if all(value in _EMPTY for value in content.values()):
                await anyio.to_thread.run_sync(lambda: drafts.drop(store, account, plant, self._form))
            else:
                await anyio.to_thread.run_sync(lambda: drafts.save(store, account, plant, self._form, content))

    async def forget(self) -> None:
        """Drop the draft, because the form was sent; what is filled in next is kept anew."""
        self.values.clear()
        await self.save()


async def draft(visit: Visit, form: str) -> Draft:
    """Return what the visitor has filled into a form of this plant so far.

    Parameters
    ----------
    visit : Visit
    form : str
        Name of the form, as in ``"casting-run"``.
    """
    account = visit.asker().account_id
    kept = await anyio.to_thread.run_sync(lambda: drafts.load(visit.house.store, account, visit.plant_id, form))
    return Draft(visit, form, {} if kept is None else dict(kept.content))
