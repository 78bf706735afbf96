"""The sign-in of another house: OpenID Connect's code flow with PKCE, state and nonce.

OpenID Connect Core 1.0, sections 3.1.2 (request), 3.1.3.3 (token), 3.1.3.7 (what of an ID token is checked);
RFC 7636 (PKCE, S256). What the browser carries between is bound to it by an HttpOnly cookie.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from forgecast.app.server.access_settings import OidcSettings
from forgecast.app.server.coming_in import Person
from forgecast.app.server.refusals import RefusedError
from forgecast.ground.texts import Text, text
from forgecast.store.server.secrets_kept import new_secret

#: Signatures that are taken: none that is made with a shared secret, and never none at all.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
#: How far the clocks of two houses may be apart [s].
LEEWAY_S = 60
#: How long a sign-in may take there [s].
CARRIED_S = 600
_KEPT_S = 3600.0
_TIMEOUT_S = 10.0


class OidcError(RefusedError):
    """The other house did not vouch, or what it said cannot be trusted."""

    code = "oidc"
    status = 403

    def __init__(self, what: Text, repair: Text | None = None) -> None:
        super().__init__(what, where="oidc", repair=repair or text("try to sign in again"))


@dataclass(frozen=True, slots=True)
class Carried:
    """What the browser carries while it is at the other house.

    Parameters
    ----------
    state, nonce, verifier : str
        Each tells this sign-in from any other: in the address, in the ID token, at the token's door.
    next : str
        Where to go on to.
    """

    state: str
    nonce: str
    verifier: str
    next: str

    def packed(self) -> str:
        """Return it as the value of a cookie."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode("utf-8")).decode("ascii")


def new_carried(next_way: str) -> Carried:
    """Return fresh secrets for a sign-in."""
    return Carried(new_secret(), new_secret(), new_secret(), next_way)


def unpacked(value: str) -> Carried:
    """Return what `Carried.packed` gave.

    Raises
    ------
    OidcError
        If it is nothing of ours: the cookie has expired, or another browser comes back.
    """
    try:
        return Carried(**{str(k): str(v) for k, v in json.loads(base64.urlsafe_b64decode(value.encode())).items()})
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise OidcError(text("this sign-in was begun in another browser, or took too long")) from None


@dataclass(slots=True)
class OtherHouse:
    """The other house, as its description tells.

    Parameters
    ----------
    settings : OidcSettings
    """

    settings: OidcSettings
    _metadata: tuple[float, dict[str, Any]] | None = field(default=None)
    _keys: tuple[float, KeySet] | None = field(default=None)

    async def way_there(self, carried: Carried, redirect_uri: str) -> str:
        """Return the address to which the browser is sent to sign in there.

        Raises
        ------
        OidcError
            If the house cannot be reached or describes itself wrongly.
        """
        endpoint = str((await self._description())["authorization_endpoint"])
        return str(
            prepare_grant_uri(
                endpoint,
                client_id=self.settings.client_id,
                response_type="code",
                redirect_uri=redirect_uri,
                scope=self.settings.scopes if "openid" in self.settings.scopes else f"openid {self.settings.scopes}",
                state=carried.state,
                nonce=carried.nonce,
                code_challenge=create_s256_code_challenge(carried.verifier),
                code_challenge_method="S256",
            )
        )

    async def person(self, carried: Carried, code: str, redirect_uri: str) -> Person:
        """Return for whom the house vouches with a code.

        Raises
        ------
        OidcError
            If it takes the code back, or its ID token does not hold.
        """
        description = await self._description()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": carried.verifier,
        }
        who = (self.settings.client_id, self.settings.client_secret())
        methods = description.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" in methods
        if not basic:
            form |= {"client_id": who[0], "client_secret": who[1]}
        answer = await _asked(
            "POST", str(description["token_endpoint"]), form, httpx.BasicAuth(*who) if basic else None
        )
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise OidcError(text("the other house gave no ID token"))
        return self._person(await self._claims(token, carried.nonce))

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        # A key that is not known yet may have been put in since: asked once more, no oftener.
        for fresh in (False, True):
            keys, was_fresh = await self._key_set(fresh=fresh)
            try:
                found = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
                break
            except (JoseError, ValueError) as error:
                if fresh or was_fresh:
                    raise OidcError(text("the ID token is not signed by the other house")) from error
        claims = dict(found.claims)
        # As it writes itself, to the letter: with some houses a slash ends it.
        issuer = str((await self._description())["issuer"])
        registry = jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": issuer},
            sub={"essential": True},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise OidcError(text("the ID token is not for this sign-in, or has expired")) from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self.settings.client_id:
            raise OidcError(text("the ID token is not for this sign-in, or has expired"))
        return claims

    def _person(self, claims: dict[str, Any]) -> Person:
        subject = str(claims["sub"])
        if not 0 < len(subject) <= 255:
            raise OidcError(text("the ID token is not for this sign-in, or has expired"))
        name = next((str(claims[key]) for key in ("preferred_username", "email") if claims.get(key)), subject)
        grants = tuple(grant for grant in self.settings.grants if _holds(claims.get(grant.claim), grant.value))
        return Person(self.settings.issuer, subject, name, str(claims.get("name") or name), grants)

    async def _description(self) -> dict[str, Any]:
        if self._metadata is not None and self._metadata[0] > time.monotonic():
            return self._metadata[1]
        found = await _asked("GET", f"{self.settings.issuer}/.well-known/openid-configuration")
        # Discovery 1.0, section 4.3: a house that calls itself otherwise is another one.
        if str(found.get("issuer", "")).rstrip("/") != self.settings.issuer:
            raise OidcError(text("the other house calls itself by another name than the settings"))
        for key in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _is_safe(str(found.get(key, ""))):
                raise OidcError(text("the other house's {name} is no https address", name=key))
        self._metadata = time.monotonic() + _KEPT_S, found
        return found

    async def _key_set(self, *, fresh: bool) -> tuple[KeySet, bool]:
        if not fresh and self._keys is not None and self._keys[0] > time.monotonic():
            return self._keys[1], False
        found = await _asked("GET", str((await self._description())["jwks_uri"]))
        try:
            keys = KeySet.import_key_set(found)  # type: ignore[arg-type]  # its form is checked there
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise OidcError(text("the keys of the other house cannot be read")) from error
        self._keys = time.monotonic() + _KEPT_S, keys
        return keys, True


def _holds(claim: object, value: str) -> bool:
    if isinstance(claim, list):
        return value in claim
    return str(claim) == value if isinstance(claim, str | int | bool) else False


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    at_home = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and at_home))


async def _asked(
    method: str, address: str, form: dict[str, str] | None = None, who: httpx.BasicAuth | None = None
) -> dict[str, Any]:
    unreached = text("the other house cannot be reached, or did not accept this sign-in")
    if not _is_safe(address):
        raise OidcError(text("the other house's {name} is no https address", name="issuer"))
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False) as client:
            answer = await client.request(method, address, data=form, auth=who)
        found = answer.json() if answer.status_code == 200 else None
    except (httpx.HTTPError, ValueError) as error:
        raise OidcError(unreached) from error
    if not isinstance(found, dict):
        raise OidcError(unreached)
    return found
