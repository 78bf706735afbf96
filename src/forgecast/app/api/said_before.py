"""A request that names itself (``Idempotency-Key``) is carried out once, however often it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from starlette.responses import Response

from forgecast.app.doors.asking import Asker
from forgecast.app.server.house import House
from forgecast.app.server.refusals import ConflictError
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.said_before import Said, Standing, answered, begin, forget, lost


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
    body = bytes(made.body).decode("utf-8")
    answered(house.store, asker.account_id, key, status=made.status_code, body=body)
    return made


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
