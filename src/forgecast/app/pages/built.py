"""Clears what was queued for a page while it was built, for the page itself says it already.

A field that is given its value after it was made has NiceGUI tell the browser once more, when its line to the server is
there. Whoever has typed into the field by then would see it go back to what it was, and so would the server.
"""

from __future__ import annotations

import asyncio
from collections import deque

from nicegui import Client

#: What NiceGUI calls in the browser when the value of a field has changed on the server.
_TELLS_VALUE = '"updateValue"'


async def clear_queued(client: Client) -> None:
    """Drop the queued words on values of a page that was just built and not yet sent."""
    await asyncio.sleep(0)  # NiceGUI queues when its next turn comes
    if client.has_socket_connection:  # it was sent before it was whole, and the rest goes by the line
        return
    queued = client.outbox.messages
    client.outbox.messages = deque(
        message for message in queued if message[1] != "run_javascript" or _TELLS_VALUE not in message[2]["code"]
    )
