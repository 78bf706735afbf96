"""How a page is declared: its address, its title, the right it needs, and the function that fills it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from forgecast.ground.texts import Text
from forgecast.store.server.rights import Right

if TYPE_CHECKING:
    from forgecast.app.pages.visit import Visit

Filler: TypeAlias = "Callable[[Visit], Awaitable[None]]"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a plant.

    Parameters
    ----------
    area : str
        Place in the navigation, as in ``melt``.
    path : str
        Address below ``/{plant}/``, as in ``melt/charge``; more names in braces are handed to `Visit.names`.
    title : Text
    right : Right
    in_menu : bool
        Whether the navigation lists it; others are reached from their area's pages.
    fill : callable
    """

    area: str
    path: str
    title: Text
    right: Right
    in_menu: bool
    fill: Filler


PAGES: list[Page] = []


def page(
    area: str, path: str, title: Text, *, right: Right = Right.SEE, in_menu: bool = False
) -> Callable[[Filler], Filler]:
    """Declare a page (see `Page`)."""

    def declared(fill: Filler) -> Filler:
        PAGES.append(Page(area, path, title, right, in_menu, fill))
        return fill

    return declared
