"""A port for a server that is told where to listen, and not asked where it does."""

from __future__ import annotations

import secrets
import socket


def free_port() -> int:
    """Return a port that is free, and of those that the system gives nobody by itself.

    Between the look at it and the server that takes it, and while that is away for a while, a port that the system
    gives out could become somebody else's: another test's server, or either end of any connection.
    """
    while True:
        port = 15_000 + secrets.randbelow(17_000)
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
