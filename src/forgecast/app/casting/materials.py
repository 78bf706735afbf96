"""Alloys and media as every door lists them: names, limits, and how well their values are known."""

from __future__ import annotations

from forgecast.metal.alloy import Alloy, alloys
from forgecast.metal.media import kind, media
from forgecast.metal.medium import Medium
from forgecast.metal.naming import nearest, plain, shipped_names
from forgecast.metal.provenance import weakest


def alloy_json(one: Alloy, *, sources: bool = True) -> dict[str, object]:
    """Return an alloy with units in the names."""
    confidence, _ = weakest(one.sources)
    told: dict[str, object] = {
        "name": one.name,
        "title": one.title.as_json(),
        "family": one.family,
        "synonyms": list(one.synonyms),
        "solidus_K": one.solidus,
        "liquidus_K": one.liquidus,
        "latent_heat_J_per_kg": one.latent_heat,
        "weakest_confidence": confidence,
    }
    return told | {"sources": [source.as_json() for source in one.sources]} if sources else told


def medium_json(one: Medium, *, sources: bool = True) -> dict[str, object]:
    """Return a medium with units in the names."""
    confidence, _ = weakest(one.sources)
    its = kind(one.name)
    told: dict[str, object] = {
        "name": one.name,
        "title": one.title.as_json(),
        "kind": its.word,
        "limit_K": its.limit,
        "table_from_K": float(one.temperature[0]),
        "table_to_K": float(one.temperature[-1]),
        "weakest_confidence": confidence,
    }
    return told | {"sources": [source.as_json() for source in one.sources]} if sources else told


def found_alloys(words: str) -> tuple[Alloy, ...]:
    """Return the alloys one of whose names holds the words, in any spelling; without such a one, the nearest."""
    every = alloys()
    return tuple(one for one in every if one.name in _found(words, "alloy", [(a.name, a.title) for a in every]))


def found_media(words: str) -> tuple[Medium, ...]:
    """Return the media one of whose names holds the words, in any spelling; without such a one, the nearest."""
    every = media()
    return tuple(one for one in every if one.name in _found(words, "medium", [(m.name, m.title) for m in every]))


def _found(words: str, table: str, titles: list[tuple[str, object]]) -> set[str]:
    asked = plain(words)
    if not asked:
        return {name for name, _ in titles}
    known = dict(shipped_names(table))
    for name, title in titles:
        known |= {plain(said): name for said in _both(title)}
    return {name for spelling, name in known.items() if asked in spelling} or set(nearest(words, known))


def _both(title: object) -> tuple[str, ...]:
    told = title.as_json()  # type: ignore[attr-defined]
    return tuple(str(said) for said in told.values())
