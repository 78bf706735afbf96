"""Somebody who changes something of the server, at a browser or by a program: what the API and the pages share."""

from __future__ import annotations

import time
from dataclasses import dataclass

from forgecast.app.server.house import House
from forgecast.app.server.refusals import NotPermittedError, NotThereError
from forgecast.app.server.visitors import Visitor
from forgecast.store.server.deeds import Doer
from forgecast.store.server.grants import Place
from forgecast.store.server.rights import Right


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts.

    Parameters
    ----------
    house : House
    visitor : Visitor
        As he stands now.
    doer : Doer
        As his deeds name him.
    """

    house: House
    visitor: Visitor
    doer: Doer

    def check_enterprise(self, enterprise: str, right: Right = Right.ADMINISTER) -> None:
        """Refuse whoever lacks a right over an enterprise; one of which he sees nothing is not there.

        Raises
        ------
        NotThereError, NotPermittedError
        """
        if enterprise not in self.visitor.reach.enterprises:
            raise NotThereError(enterprise)
        if right not in self.visitor.reach.at(Place(enterprise_id=enterprise)):
            raise NotPermittedError(right, enterprise)

    def check_server(self, right: Right = Right.ADMINISTER) -> None:
        """Refuse whoever lacks a right over the whole server.

        Raises
        ------
        NotPermittedError
        """
        if right not in self.visitor.reach.server:
            raise NotPermittedError(right)


def now_us() -> int:
    """Return the time, microseconds UTC."""
    return time.time_ns() // 1_000
