"""The sockets at which a server listens."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

_BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class Listening:
    """What a server says once it listens.

    Parameters
    ----------
    addresses : tuple of str
        Of each web process.
    start : str or None
        Where the first administrator makes his account; None where there are accounts.
    """

    addresses: tuple[str, ...]
    start: str | None

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return self.addresses[0]


def listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises
    ------
    ForgecastError
        If the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        # On Windows this would let a second server take the same port.
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        made.close()
        raise ForgecastError(
            text(
                "port {port} cannot be listened at: {reason}",
                port=port,
                reason=getattr(error, "strerror", None) or str(error),
            ),
            where=f"{host}:{port}",
            repair=text("end what uses it, or choose another: `--port 8081`"),
        ) from error
    return made


def free_ports(host: str, port: int, count: int) -> tuple[int, ...]:
    """Return ports that can be listened at: those that follow each other from one on; any, where that is 0.

    Raises
    ------
    ForgecastError
        If one is taken.
    """
    tried: list[socket.socket] = []
    try:
        tried.extend(listener(host, port + number if port else 0) for number in range(count))
        return tuple(int(one.getsockname()[1]) for one in tried)
    finally:
        for one in tried:
            one.close()


def address(host: str, port: int) -> str:
    """Return the address that a browser is given."""
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104  (compared, not listened at)
        host = socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
