"""Where a number comes from: document, edition, validity, licence, and how well it is known."""

from __future__ import annotations

from dataclasses import dataclass

from forgecast.ground.texts import Text


@dataclass(frozen=True, slots=True)
class Source:
    """What a value of a table stands on.

    Parameters
    ----------
    what : Text
        Which value of what, as a reader looks for it ("A356: thermal conductivity").
    source : Text
        Document, edition, table or page.
    confidence : str
        ``primary``, ``secondary`` or ``unverified`` (see `forgecast.ground.tables`).
    valid : str
        Validity range as text with its unit; empty where the source names none.
    licence : str
        Terms the values may be passed on under; empty for plain facts.
    """

    what: Text
    source: Text
    confidence: str
    valid: str = ""
    licence: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the source as every JSON answer shows it."""
        return {
            "what": self.what.as_json(),
            "source": self.source.as_json(),
            "confidence": self.confidence,
            "valid": self.valid,
            "licence": self.licence,
        }
