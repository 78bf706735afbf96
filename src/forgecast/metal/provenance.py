"""How well a material is known: the weakest of its sources."""

from __future__ import annotations

from collections.abc import Iterable

from forgecast.ground.citation import Source
from forgecast.ground.tables import CONFIDENCES


def weakest(sources: Iterable[Source]) -> tuple[str, tuple[Source, ...]]:
    """Return the lowest confidence among sources and the sources that have it.

    Parameters
    ----------
    sources : iterable of Source
        Of an alloy, a medium or a contact.

    Returns
    -------
    confidence : str
        One of `forgecast.ground.tables.CONFIDENCES`; ``unverified`` where there is no source at all.
    having : tuple of Source
    """
    known = tuple(sources)
    if not known:
        return CONFIDENCES[-1], ()
    worst = max(CONFIDENCES.index(source.confidence) for source in known)
    return CONFIDENCES[worst], tuple(s for s in known if CONFIDENCES.index(s.confidence) == worst)
