"""Signs a document so that anybody can check it offline: JWS (RFC 7515) with Ed25519 (RFC 8037, RFC 9864)."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

if TYPE_CHECKING:
    from joserfc.jws import JWSRegistry

#: Ed25519 under its name of RFC 9864; EdDSA, the older name, says no curve.
ALGORITHM: Final = "Ed25519"
PRIVATE, PUBLIC = "private.pem", "public.jwk"
_TYPE: Final = "forgecast-certificate+jws"


class SignatureError(ForgecastError):
    """A key or a signature cannot be read, or does not fit."""

    code = "signature"


@dataclass(frozen=True, slots=True)
class Signed:
    """A checked signature.

    Parameters
    ----------
    payload : bytes
        The document.
    files : dict of str to str
        SHA-256 of the files signed along with it, by name.
    key_id : str
        Thumbprint of the key (RFC 7638).
    """

    payload: bytes
    files: dict[str, str]
    key_id: str


def make_key(folder: Path, *, passphrase: str = "") -> tuple[Path, Path, str]:
    """Make a key pair: the private key for the owner alone to read, the public one to hand out.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    passphrase : str
        Encrypts the private key; empty leaves it to the permissions of the file.

    Returns
    -------
    private, public : Path
    key_id : str
        Thumbprint of the key (RFC 7638).

    Raises
    ------
    SignatureError
        If there is a key in the folder already, or the folder cannot be written.
    """
    from joserfc.jwk import OKPKey  # noqa: PLC0415  (loads slowly)

    private, public = folder / PRIVATE, folder / PUBLIC
    for path in (private, public):
        if path.exists():
            raise SignatureError(
                text("there is a key here already"),
                where=str(path),
                repair=text("keep it: what it signed is checked with it; make a new key in another folder"),
            )
    key = OKPKey.generate_key("Ed25519")
    pem = key.as_pem(private=True, password=passphrase or None)
    told = {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The file is born unreadable to others: no moment is left in which it could be copied.
        handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
        public.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise SignatureError(
            text("the key cannot be written: {reason}", reason=error.strerror or str(error)),
            where=str(folder),
            repair=text("choose a folder you may write to"),
        ) from error
    return private, public, key.thumbprint()


def sign(payload: bytes, files: dict[str, bytes], key: Path, *, passphrase: str = "") -> str:
    """Return a document with its signature, as compact JWS.

    Parameters
    ----------
    payload : bytes
        The document; it stands in the JWS as it is.
    files : dict of str to bytes
        Files that belong to it; their SHA-256 stand in the signed header.
    key : Path
        Private key as `make_key` writes it.
    passphrase : str

    Raises
    ------
    SignatureError
        If the key cannot be read.
    """
    from joserfc import jws  # noqa: PLC0415  (loads slowly)
    from joserfc.jwk import OKPKey  # noqa: PLC0415

    try:
        own = OKPKey.import_key(key.read_bytes(), password=passphrase or None)
    except OSError as error:
        raise _unreadable(key, error.strerror or str(error)) from error
    except (ValueError, TypeError) as error:
        raise _unreadable(key, str(error)) from error
    if not own.is_private:
        raise _unreadable(key, "no private key")
    header = {
        "alg": ALGORITHM,
        "typ": _TYPE,
        "kid": own.thumbprint(),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    return jws.serialize_compact(header, payload, own, registry=_registry())


def is_encrypted(key: Path) -> bool:
    """Tell whether a private key needs a passphrase.

    Raises
    ------
    SignatureError
        If the file cannot be read.
    """
    try:
        return b"ENCRYPTED" in key.read_bytes().partition(b"\n")[0]
    except OSError as error:
        raise _unreadable(key, error.strerror or str(error)) from error


def check(signed: str, key: Path) -> Signed:
    """Check a compact JWS with a public key, offline.

    Parameters
    ----------
    signed : str
    key : Path
        Public key (JWK) as `make_key` writes it.

    Raises
    ------
    SignatureError
        If the key cannot be read, or the signature is not of this key over these bytes.
    """
    from joserfc import jws  # noqa: PLC0415  (loads slowly)
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import OKPKey  # noqa: PLC0415

    try:
        told = json.loads(key.read_text(encoding="utf-8"))
        theirs = OKPKey.import_key({name: told[name] for name in ("kty", "crv", "x")})
    except OSError as error:
        raise _unreadable(key, error.strerror or str(error)) from error
    except (ValueError, TypeError, KeyError, JoseError) as error:
        raise _unreadable(key, f"no public JWK of Ed25519 ({error})") from error
    try:
        found = jws.deserialize_compact(signed, theirs, registry=_registry())
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise SignatureError(
            text("the signature does not fit: the document was changed, or another key signed it"),
            where=str(key),
            repair=text("ask the issuer for the document again, and for the public key by another way"),
        ) from error
    header = found.headers()
    files = header.get("files")
    listed = {str(name): str(value) for name, value in files.items()} if isinstance(files, dict) else {}
    return Signed(found.payload, listed, str(header.get("kid", "")))


def _registry() -> JWSRegistry:
    from joserfc.jws import JWSRegistry  # noqa: PLC0415  (loads slowly)

    # Only this algorithm is ever accepted, whatever a header asks for; the header carries a member of our own.
    return JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)


def _unreadable(key: Path, reason: str) -> SignatureError:
    return SignatureError(
        text("the key cannot be read: {reason}", reason=reason),
        where=str(key),
        repair=text("give a key that `forgecast certificate key` made, and its passphrase if it has one"),
    )
