"""Check an EPCIS document before it is taken in or handed on."""

from __future__ import annotations

from pathlib import Path

from forgecast.gateway.epcis.check import check_document, events_in, parsed
from forgecast.ground.errors import ImportRefusedError
from forgecast.ground.finding import Finding
from forgecast.ground.texts import text


def check_events(path: Path) -> tuple[int, tuple[Finding, ...]]:
    """Return how many events a document has, and what is wrong with it.

    Raises
    ------
    ImportRefusedError
        If it is no EPCIS document, or cannot be read.
    """
    content = document_bytes(path)
    return len(events_in(parsed(content, path.name), path.name)), check_document(content, path.name)


def document_bytes(path: Path) -> bytes:
    """Return the bytes of a document.

    Raises
    ------
    ImportRefusedError
        If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImportRefusedError(
            text("there is no such file")
            if isinstance(error, FileNotFoundError)
            else text("the file cannot be read: {why}", why=error.strerror or str(error)),
            where=str(path),
            repair=text("check the path and the name; close the program that holds the file open"),
        ) from None
