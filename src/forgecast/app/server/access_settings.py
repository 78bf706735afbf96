"""What `server.toml` in the home folder says about coming in: sessions, rates, sizes, hosts, OpenID Connect."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from forgecast.ground.dates import HOUR_US
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.store.server.grants import Place
from forgecast.store.server.rights import Role
from forgecast.store.server.sessions import SessionLimits

#: Name of the settings in the home folder.
FILE_NAME = "server.toml"


class ServerSettingsError(ForgecastError):
    """The settings of the server cannot be read."""

    code = "server-settings"


@dataclass(frozen=True, slots=True)
class ClaimGrant:
    """A role that whoever has a claim gets at each sign-in, and loses with the claim.

    Parameters
    ----------
    claim, value : str
        Name in the ID token, and the value it has, or holds in its list.
    role : Role
    place : Place
    """

    claim: str
    value: str
    role: Role
    place: Place


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """The sign-in of another house (OpenID Connect).

    Parameters
    ----------
    issuer, client_id : str
    client_secret_file : Path
        File that holds the secret; it is read when needed and stands in no settings.
    name : str
        What the button is called.
    scopes : str
    makes_accounts : bool
        Whether somebody who comes for the first time gets an account.
    grants : tuple of ClaimGrant
    """

    issuer: str
    client_id: str
    client_secret_file: Path
    name: str = "OpenID Connect"
    scopes: str = "openid profile"
    makes_accounts: bool = False
    grants: tuple[ClaimGrant, ...] = ()

    def client_secret(self) -> str:
        """Return the secret.

        Raises
        ------
        ServerSettingsError
            If its file cannot be read.
        """
        try:
            return self.client_secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ServerSettingsError(
                text("the file of the OIDC client's secret cannot be read"),
                where=str(self.client_secret_file),
                repair=text("give the server's account the right to read it, or correct oidc.client_secret_file"),
            ) from None


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """Limits of coming in.

    Parameters
    ----------
    idle_hours, longest_hours : float
        How long a session lasts without a request, and at most.
    requests_per_s, burst : float
        Of one account or token.
    stranger_requests_per_s, stranger_burst : float
        Of one address where nobody is signed in.
    largest_body_MiB, largest_upload_MiB : float
    hosts : tuple of str
        Names under which the server may be called (``*.plant.example`` for all below); any where none is named.
    public_url : str
        Address under which browsers reach it, where a proxy stands before it.
    oidc : OidcSettings or None
    """

    idle_hours: float = 12.0
    longest_hours: float = 168.0
    requests_per_s: float = 100.0
    burst: float = 1_000.0
    stranger_requests_per_s: float = 20.0
    stranger_burst: float = 300.0
    largest_body_MiB: float = 4.0
    largest_upload_MiB: float = 4_096.0
    hosts: tuple[str, ...] = ()
    public_url: str = ""
    oidc: OidcSettings | None = None

    @property
    def sessions(self) -> SessionLimits:
        """Return how long a session lasts."""
        return SessionLimits(round(self.idle_hours * HOUR_US), round(self.longest_hours * HOUR_US))


def read_access(home: Path) -> AccessSettings:
    """Read the tables ``[access]`` and ``[oidc]`` of the home folder's `FILE_NAME`; without a file, what is usual.

    Raises
    ------
    ServerSettingsError
        If the file is no TOML, or an entry of these tables is unknown or of the wrong kind.
    """
    path = home / FILE_NAME
    try:
        parsed = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return AccessSettings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ServerSettingsError(
            text("the settings of the server cannot be read: {reason}", reason=str(error)),
            where=str(path),
            repair=text("correct the file"),
        ) from error
    table = _table(path, parsed, "access")
    usual = AccessSettings()
    given: dict[str, Any] = {}
    known = {field.name: getattr(usual, field.name) for field in fields(AccessSettings) if field.name != "oidc"}
    for key, value in table.items():
        if key not in known:
            raise _wrong(path, f"access.{key}", text("there is no entry {name}", name=f"access.{key}"))
        given[key] = _access_value(path, key, value, known[key])
    return AccessSettings(**given, oidc=_oidc(path, parsed) if "oidc" in parsed else None)


def _access_value(path: Path, key: str, value: object, usual: object) -> object:
    if isinstance(usual, float) and isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    if isinstance(usual, tuple) and isinstance(value, list) and all(isinstance(one, str) and one for one in value):
        return tuple(one.lower() for one in value)
    if isinstance(usual, str) and isinstance(value, str) and value.startswith(("http://", "https://")):
        return value.rstrip("/")
    raise _wrong(path, f"access.{key}", _unfit(f"access.{key}"))


def _oidc(path: Path, parsed: Mapping[str, Any]) -> OidcSettings:
    table = _table(path, parsed, "oidc")
    texts = ("issuer", "client_id", "client_secret_file", "name", "scopes")
    for key in table:
        if key not in {*texts, "makes_accounts", "grant"}:
            raise _wrong(path, f"oidc.{key}", text("there is no entry {name}", name=f"oidc.{key}"))
    for key in texts:
        value = table.get(key, None if key in texts[:3] else "unset")
        if not isinstance(value, str) or not value:
            raise _wrong(path, f"oidc.{key}", _unfit(f"oidc.{key}"))
    makes = table.get("makes_accounts", False)
    if not isinstance(makes, bool):
        raise _wrong(path, "oidc.makes_accounts", _unfit("oidc.makes_accounts"))
    grants = table.get("grant", [])
    if not isinstance(grants, list) or not all(isinstance(one, dict) for one in grants):
        raise _wrong(path, "oidc.grant", _unfit("oidc.grant"))
    usual = {field.name: field.default for field in fields(OidcSettings)}
    return OidcSettings(
        issuer=table["issuer"].rstrip("/"),
        client_id=table["client_id"],
        client_secret_file=path.parent / table["client_secret_file"],
        name=table.get("name", usual["name"]),
        scopes=table.get("scopes", usual["scopes"]),
        makes_accounts=makes,
        grants=tuple(_claim_grant(path, one) for one in grants),
    )


def _claim_grant(path: Path, row: Mapping[str, object]) -> ClaimGrant:
    known = {"claim", "value", "role", "enterprise", "plant", "server"}
    role = next((role for role in Role if role.value == row.get("role")), None)
    places = [key for key in ("enterprise", "plant", "server") if key in row]
    whole = row.get("server", True)
    named = [row.get(key) for key in ("claim", "value", *places) if key != "server"]
    # Over the whole server only where that is said: a forgotten line must not give everything.
    if (
        set(row) <= known
        and role
        and len(places) == 1
        and whole is True
        and all(isinstance(n, str) and n for n in named)
    ):
        place = Place(*(row.get(key) for key in ("enterprise", "plant")))  # type: ignore[arg-type]  # checked above
        return ClaimGrant(str(row["claim"]), str(row["value"]), role, place)
    raise _wrong(path, "oidc.grant", _unfit("oidc.grant"))


def _table(path: Path, parsed: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = parsed.get(name, {})
    if not isinstance(table, dict):
        raise _wrong(path, name, _unfit(name))
    return table


def _unfit(name: str) -> Text:
    return text("the entry {name} is missing or cannot be used", name=name)


def _wrong(path: Path, key: str, what: Text) -> ServerSettingsError:
    return ServerSettingsError(what, where=f"{path}:{key}", repair=text("see the page about the server's settings"))
