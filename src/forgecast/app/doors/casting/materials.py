"""Doors of the tables: alloys, moulds, dies, chills and sleeves, found by any name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.casting.materials import alloy_json, found_alloys, found_media, medium_json
from forgecast.app.doors.casting.told import SourceTold
from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.ground.texts import text
from forgecast.metal.alloy import alloy
from forgecast.metal.media import medium
from forgecast.store.server.rights import Right


class Searched(Question):
    """Words to look for."""

    find: str = Asked(default="", max_length=100, description="Any name or part of one; empty for all.")


class Named(Question):
    """One material."""

    name: str = Asked(min_length=1, max_length=100, description="Any of its names.")


class AlloyTold(BaseModel):
    """An alloy that can be cast."""

    name: str
    title: Words
    family: str
    synonyms: list[str]
    solidus_K: float
    liquidus_K: float
    latent_heat_J_per_kg: float
    weakest_confidence: str


class AlloyWithSources(AlloyTold):
    """An alloy with the source of each value."""

    sources: list[SourceTold]


class AlloysTold(BaseModel):
    """Alloys."""

    alloys: list[AlloyTold]


class MediumTold(BaseModel):
    """A mould material, a die, a chill or a sleeve."""

    name: str
    title: Words
    kind: str
    limit_K: float | None
    table_from_K: float
    table_to_K: float
    weakest_confidence: str


class MediumWithSources(MediumTold):
    """A medium with the source of each value."""

    sources: list[SourceTold]


class MediaTold(BaseModel):
    """Media."""

    media: list[MediumTold]


def _alloys(_call: Call, question: Searched) -> Mapping[str, Any]:
    return {"alloys": [alloy_json(one, sources=False) for one in found_alloys(question.find)]}


def _alloy(_call: Call, question: Named) -> Mapping[str, Any]:
    return alloy_json(alloy(question.name))


def _media(_call: Call, question: Searched) -> Mapping[str, Any]:
    return {"media": [medium_json(one, sources=False) for one in found_media(question.find)]}


def _medium(_call: Call, question: Named) -> Mapping[str, Any]:
    return medium_json(medium(question.name))


ALLOYS = Door(
    "casting", "alloys",
    text("Alloys that can be cast, found by any of their names."),
    Right.SEE, Way.READ, Searched, AlloysTold, _alloys, steady=True,
)  # fmt: skip
ALLOY = Door(
    "casting", "alloy",
    text("One alloy with the source of each value."),
    Right.SEE, Way.READ, Named, AlloyWithSources, _alloy, steady=True,
)  # fmt: skip
MEDIA = Door(
    "casting", "media",
    text("Mould materials, dies, chills and sleeves, found by any of their names."),
    Right.SEE, Way.READ, Searched, MediaTold, _media, steady=True,
)  # fmt: skip
MEDIUM = Door(
    "casting", "medium",
    text("One mould material, die, chill or sleeve with the source of each value."),
    Right.SEE, Way.READ, Named, MediumWithSources, _medium, steady=True,
)  # fmt: skip
MATERIAL_DOORS: tuple[Door[Any], ...] = (ALLOYS, ALLOY, MEDIA, MEDIUM)
