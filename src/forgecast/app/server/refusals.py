"""Errors of the network: not signed in, not permitted, not there, not now; each with its HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text


class RefusedError(ForgecastError):
    """A request is refused for a reason that has its own HTTP status."""

    status = 400


class NotSignedInError(RefusedError):
    """Nobody is known to have sent the request."""

    code = "not-signed-in"
    status = 401

    def __init__(self) -> None:
        super().__init__(
            text("you are not signed in"),
            repair=text("sign in, or send a token: `Authorization: Bearer fgc_…`"),
        )


class NotPermittedError(RefusedError):
    """The person is known and may not do this here."""

    code = "not-permitted"
    status = 403

    def __init__(self, right: str, where: str = "") -> None:
        super().__init__(
            text("your role here does not hold the right `{right}`", right=right),
            where=where,
            repair=text("ask an administrator of this plant for a role that holds it"),
        )


class NotThereError(RefusedError):
    """What is asked for is not there, or not for this person to know of."""

    code = "not-there"
    status = 404

    def __init__(self, where: str) -> None:
        super().__init__(
            text("there is nothing here that you may see"),
            where=where,
            repair=text("check the address, or ask an administrator whether you should see it"),
        )


class ConflictError(RefusedError):
    """The request does not fit what happened before."""

    code = "conflict"
    status = 409


class TooManyError(RefusedError):
    """More requests than are allowed."""

    code = "too-many"
    status = 429

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        super().__init__(
            text("too many requests"), repair=text("try again in {seconds} s", seconds=max(1, round(wait_s)))
        )


class WorkFailedError(RefusedError):
    """What a worker was asked to work out has failed, or was stopped; it carries the worker's own error.

    Parameters
    ----------
    error : mapping or None
        In the one JSON error shape; None where somebody stopped the work.
    """

    code = "work-failed"
    status = 422

    def __init__(self, error: Mapping[str, Any] | None) -> None:
        told: Mapping[str, Any] = (error or {}).get("error", {})
        self._error = error
        super().__init__(
            _carried(told.get("what")) or text("this was stopped before it was worked out"),
            where=str(told.get("where", "")),
            repair=_carried(told.get("repair")) or text("ask again"),
        )
        self.code = str(told.get("code", self.code))

    def as_json(self) -> dict[str, object]:
        """Return the worker's error."""
        return dict(self._error) if self._error is not None else super().as_json()


def _carried(words: Mapping[str, str] | None) -> Text | None:
    # The words are finished: braces in them are no placeholders.
    if words is None:
        return None
    return Text("{en}", "{zh}", (("en", words["en"]), ("zh", words["zh"])))
