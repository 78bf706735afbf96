"""A small OpenID Connect issuer on the loopback: it lets everybody in, and can be told to lie in each way there is."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT = "forgecast"
SECRET = "the secret of the client"  # noqa: S105  (of a made-up client)


@dataclass
class Issuer:
    """What it says, and what it was asked.

    Parameters
    ----------
    address : str
    claims : dict
        Of whoever signs in next.
    lies : dict
        Claims that replace the right ones; None leaves one out.
    describes : dict
        What replaces a part of its description.
    header : dict
        Of the tokens.
    """

    address: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "wang"})
    lies: dict[str, Any] = field(default_factory=dict)
    describes: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256"})
    shows: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    signs: Any = None
    asked: list[dict[str, str]] = field(default_factory=list)
    tokens_asked: list[dict[str, str]] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    gives_token: bool = True

    def token(self, asked: dict[str, str]) -> str:
        """Return the ID token for a sign-in, with what it was told to lie."""
        now = int(time.time())
        right = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        said = {key: value for key, value in {**right, **self.claims, **self.lies}.items() if value is not None}
        key = self.signs or self.shows
        header = {**self.header, **({"kid": key.kid} if key.kid else {})}
        if header["alg"] == "none":
            made = f"{_part(header)}.{_part(said)}."
        else:
            made = jwt.encode(header, said, key, algorithms=["RS256", "HS256"])
        self.given.append(made)
        return made

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        path, asked = scope["path"], _flat(scope["query_string"])
        if path == "/.well-known/openid-configuration":
            await _answer(send, self._description())
        elif path == "/keys":
            await _answer(send, KeySet([self.shows]).as_dict(private=False))
        elif path == "/authorize":
            await self._authorize(send, asked)
        elif path == "/token":
            body = (await receive())["body"]
            await self._token(send, dict(scope["headers"]), _flat(body))
        else:
            await _answer(send, {}, 404)

    def _description(self) -> dict[str, Any]:
        there = self.address.rstrip("/")
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{there}/authorize",
            "token_endpoint": f"{there}/token",
            "jwks_uri": f"{there}/keys",
            **self.describes,
        }

    async def _authorize(self, send: Any, asked: dict[str, str]) -> None:
        self.asked.append(asked)
        challenged = asked.get("code_challenge_method") == "S256" and len(asked.get("code_challenge", "")) == 43
        right = asked.get("client_id") == CLIENT and asked.get("response_type") == "code" and asked.get("nonce")
        if not (challenged and right and "openid" in asked.get("scope", "").split()):
            await _answer(send, {"error": "invalid_request"}, 400)
            return
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        await send({"type": "http.response.start", "status": 303, "headers": [(b"location", back.encode())]})
        await send({"type": "http.response.body"})

    async def _token(self, send: Any, headers: dict[bytes, bytes], form: dict[str, str]) -> None:
        self.tokens_asked.append(form)
        who = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            headers.get(b"authorization", b"").decode() != f"Basic {who}"
            or asked is None
            or proof != asked["code_challenge"]
            or form.get("redirect_uri") != asked["redirect_uri"]
        ):
            await _answer(send, {"error": "invalid_grant"}, 400)
            return
        token = {"id_token": self.token(asked)} if self.gives_token else {}
        await _answer(send, {"access_token": "x", "token_type": "Bearer", **token})


def foreign_key() -> RSAKey:
    """Return a key that the issuer does not show, under the name of the one it shows."""
    return RSAKey.generate_key(2048, {"kid": "one"})


def shared_key() -> OctKey:
    """Return the client's secret as a key."""
    return OctKey.import_key(SECRET)


@contextmanager
def running(issuer: Issuer) -> Iterator[Issuer]:
    """Let an issuer listen, until the block ends."""
    config = uvicorn.Config(issuer, port=0, log_config=None, lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 300.0
    while not server.started:
        assert time.monotonic() < until, "the issuer does not start"
        time.sleep(0.01)
    issuer.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield issuer
    finally:
        server.should_exit = True
        thread.join(120.0)


def _part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _flat(query: bytes) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(query.decode()).items()}


async def _answer(send: Any, content: Any, status: int = 200) -> None:
    kind = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": kind})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})
