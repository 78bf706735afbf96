"""One visit of a page: who looks, at which plant, in which language; and how the page asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import anyio.to_thread

from forgecast.app.doors.asking import Answered, Asker, ask
from forgecast.app.doors.door import Door, Question, Way
from forgecast.app.server.acting import Acting
from forgecast.app.server.house import House
from forgecast.ground.texts import Language, Text
from forgecast.store.server.rights import Right

#: Where the REST API begins.
API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page knows of its visitor.

    Parameters
    ----------
    house : House
    plant_id : str
    plant_name : str
    synthetic : bool
        Whether the plant is made up; the frame says so.
    zone : str
        Time zone of the plant.
    language : Language
    asker : callable
        Returns the asker as he stands now: a session that was closed meanwhile raises NotSignedInError.
    names : mapping of str to str
        What stands in the braces of the page's path.
    query : mapping of str to str
        Of the address.
    acting : callable
        Returns the visitor as one who changes something of the server, as he stands now; raises as `asker`.
    """

    house: House
    plant_id: str
    plant_name: str
    synthetic: bool
    zone: str
    language: Language
    asker: Any
    names: Mapping[str, str]
    query: Mapping[str, str]
    acting: Callable[[], Acting]

    def say(self, words: Text | Mapping[str, str]) -> str:
        """Return a text, or the words of an answer, in the visitor's language."""
        return words.say(self.language) if isinstance(words, Text) else words[self.language]

    def may(self, right: Right) -> bool:
        """Tell whether the visitor holds a right here."""
        return right in self._now().rights

    async def ask(self, door: Door[Any], question: Question, *, older: bool = True) -> Answered:
        """Ask a door beside the event loop; a figure may be an older one, and says so (`Answered.fresh`).

        Raises
        ------
        ForgecastError
            As `forgecast.app.doors.asking.ask`; the parts show it (`parts.asked`).
        """
        asker = self._now()
        return await anyio.to_thread.run_sync(
            lambda: ask(self.house, asker, self.plant_id, door, question, older=older)
        )

    def address(self, door: Door[Any], question: Question) -> str:
        """Return the address where a READ or FIGURE can be fetched by the browser."""
        assert door.way in {Way.READ, Way.FIGURE}  # noqa: S101  (a slip of the page's author)
        given = question.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        query = f"?{urlencode(given, doseq=True)}" if given else ""
        return f"{API}/plants/{quote(self.plant_id)}/{door.area}/{door.name}{query}"

    def file_address(self, job_id: str, name: str) -> str:
        """Return the address of a file that a run has left."""
        return f"{API}/plants/{quote(self.plant_id)}/jobs/{quote(job_id)}/files/{quote(name)}"

    def link(self, path: str, **query: str) -> str:
        """Return the address of another page of this plant."""
        return f"/{quote(self.plant_id)}/{path}" + (f"?{urlencode(query)}" if query else "")

    def _now(self) -> Asker:
        asker: Asker = self.asker()
        return asker
