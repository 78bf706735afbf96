"""A request that names itself (``Idempotency-Key``) is carried out once, however often it is sent."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable

from starlette.responses import Response

from forgecast.app.doors.asking import Asker
from forgecast.app.server.house import House
from forgecast.app.server.refusals import ConflictError
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.said_before import Said, Standing, answered, begin, forget, lost

_LOG = logging.getLogger("forgecast.requests")


def once(
    house: House, asker: Asker, key: str | None, request: str, work: Callable[[], Response], *, mark: str = ""
) -> Response:
    """Carry a request out, or give the answer it was given before.

    Parameters
    ----------
    house : House
    asker : Asker
    key : str or None
        Name of the request; None or empty: it is carried out.
    request : str
        What is asked, in words: the same key with other words is refused.
    work : callable
        Carries it out.
    mark : str
        Where the plant's trail stands before.

    Raises
    ------
    ConflictError
        If the key was used for another request, or the request is being carried out, or nobody knows what became of it.
    ForgecastError
        What `work` raises.
    """
    if not key:
        return work()
    _enter_kept(house)
    hashed = hashlib.sha256(request.encode("utf-8")).hexdigest()
    said = begin(
        house.store,
        house.home,
        account_id=asker.account_id,
        key=key,
        request_hash=hashed,
        presence=house.presence.name,
        mark=mark,
    )
    if said.standing is Standing.ANSWERED:
        return Response(said.body, said.status or 200, {"Idempotency-Replayed": "true"}, media_type="application/json")
    if said.standing is not Standing.NEW:
        raise _conflict(said, key)
    try:
        made = work()
    except ForgecastError:
        # A refusal changes nothing: the request may be sent again under its key.
        forget(house.store, asker.account_id, key)
        raise
    except BaseException:
        lost(house.store, asker.account_id, key, mark=mark)
        raise
    _enter(house, asker.account_id, key, made)
    return made


def _enter(house: House, account_id: int, key: str, made: Response) -> None:
    """Enter the answer of what was carried out; where the database refuses, it is kept until it does not."""
    body = bytes(made.body).decode("utf-8")
    try:
        answered(house.store, account_id, key, status=made.status_code, body=body)
    except ForgecastError:
        # The change is made and whoever asked is told so: this must not become an error.
        _LOG.exception("the answer to a request that named itself could not be entered yet")
        house.not_entered[account_id, key] = made.status_code, body


def _enter_kept(house: House) -> None:
    """Enter the answers that the database refused before."""
    for (account_id, key), (status, body) in list(house.not_entered.items()):
        answered(house.store, account_id, key, status=status, body=body)
        house.not_entered.pop((account_id, key), None)


def _conflict(said: Said, key: str) -> ConflictError:
    if said.standing is Standing.OTHER:
        return ConflictError(
            text("the key {key} was used for another request", key=key),
            where="Idempotency-Key",
            repair=text("give every request a key of its own"),
        )
    if said.standing is Standing.IN_FLIGHT:
        return ConflictError(
            text("a request of this key is being carried out"),
            where="Idempotency-Key",
            repair=text("send it again in a few seconds"),
        )
    return ConflictError(
        text("the server ended while it carried this request out; whether it changed anything is not known"),
        where=said.mark or "Idempotency-Key",
        repair=text(
            "look at the changes of the plant since then, and send the request under a new key if it is missing"
        ),
    )
