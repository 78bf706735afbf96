"""Errors of accounts and rights: not as an account must be, taken already, not there, above one's own rights."""

from __future__ import annotations

from forgecast.ground.errors import ForgecastError


class AccountError(ForgecastError):
    """A name, a password, a token or a plant is not as it must be."""

    code = "account"


class TakenError(ForgecastError):
    """The name is another's already, or what is asked for was done before."""

    code = "conflict"


class UnknownError(ForgecastError):
    """There is no account, token, session, grant, enterprise or plant of that name here."""

    code = "not-there"


class AboveRightsError(ForgecastError):
    """A person would give, or take, more than he holds himself."""

    code = "not-permitted"
