"""A field for a file: streamed to the server with its progress, then handed to the page by its id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any
from urllib.parse import quote

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from forgecast.app.pages.parts.words import Words, said
from forgecast.app.pages.visit import API, Visit
from forgecast.ground.texts import Text, text

_WORDS: dict[str, Text] = {
    "choose": text("Choose a file"),
    "drop": text("or drop it here"),
    "sending": text("{share} of {size} sent", share="{share}", size="{size}"),
    "stop": text("Stop"),
    "failed": text("The file could not be sent."),
    "kept": text("{name} ({size}) is here.", name="{name}", size="{size}"),
    "tooLarge": text("The file is larger than {size}.", size="{size}"),
    "other": text("Choose another file"),
}

Kept = Callable[[str, str], Awaitable[None] | None]


class UploadField(Element, component="upload.js"):
    """A field for a file; made by `upload_field`."""

    def __init__(self, props: Mapping[str, Any]) -> None:
        super().__init__()
        self._props.update(props)


def upload_field(visit: Visit, label: Words, *, accept: str, kept: Kept, hint: Words = None) -> UploadField:
    """Return a field for a file.

    Parameters
    ----------
    visit : Visit
    label : Words
        What is wanted.
    accept : str
        Endings, as in ``".stl,.step,.stp"``.
    kept : callable
        Is given the id of the upload and the name of the file once it is on the server; may be ``async``.
    hint : Words
    """
    field = UploadField(
        {
            "address": f"{API}/plants/{quote(visit.plant_id)}/uploads",
            "label": said(visit, label),
            "hint": said(visit, hint),
            "accept": accept,
            "words": {key: words.say(visit.language) for key, words in _WORDS.items()},
        }
    )

    async def handle(event: GenericEventArguments) -> None:
        waited = kept(str(event.args["id"]), str(event.args["name"]))
        if isawaitable(waited):
            await waited

    field.on("kept", handle, ["id", "name"])
    return field
