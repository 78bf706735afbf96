"""Takes a page away when its visitor goes on to the next one, and in a way that its memory is free at once.

NiceGUI keeps a page for as long as its visitor may come back after his network was gone. Of a visitor who has gone on
to another page in the same tab it is known that he will not; kept all the same, the pages of a busy hour fill the
memory, and looking through them for garbage holds everybody up.
"""

from __future__ import annotations

from nicegui import Client
from nicegui import app as pages


class LeftPages:
    """Knows which page each tab of a browser shows."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}
        self._tabs: dict[str, str] = {}

    def watch(self) -> None:
        """Watch the pages of the application."""
        pages.on_connect(self._come)
        pages.on_delete(self._gone)

    def _come(self, client: Client) -> None:
        if client.tab_id is None:
            return
        before = Client.instances.get(self._shown.get(client.tab_id, ""))
        self._shown[client.tab_id] = client.id
        self._tabs[client.id] = client.tab_id
        # One that still has its line is in a browser that copies tabs with their names; it goes by its time.
        if before is not None and before is not client and not before.has_socket_connection:
            for document in list(before._delete_tasks):  # noqa: SLF001  (NiceGUI would delete it once more)
                before._cancel_delete_task(document)  # noqa: SLF001
            before.delete()

    def _gone(self, client: Client) -> None:
        tab = self._tabs.pop(client.id, "")
        if self._shown.get(tab) == client.id:
            del self._shown[tab]
        for element in client.elements.values():
            # Each of these holds itself by its own handler of changes: without this cut only a search through all
            # memory would find them.
            for kept in (element.classes, element.style, element.props):
                kept._change_handlers.clear()  # noqa: SLF001  (NiceGUI is pinned; a test looks)
