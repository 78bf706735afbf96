"""A door: one task as it is asked for over the network, with its question, its answer and the right it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from forgecast.ground.texts import Language, Text
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.server.rights import Right


class Question(BaseModel):
    """What is asked of a door; an unknown name is refused, so a misspelt option never goes unnoticed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class NoQuestion(Question):
    """The question of a door that needs to be told nothing."""


class Words(BaseModel):
    """A sentence in both languages."""

    en: str
    zh: str


class Way(StrEnum):
    """How a door answers."""

    #: At once: reads records, under about 0.2 s.
    READ = "read"
    #: A figure worked out by a worker process and kept until the plant changes; meanwhile it is "being worked out".
    FIGURE = "figure"
    #: A run that leaves files (a simulation, a report); each request is a job of its own.
    RUN = "run"
    #: Changes records; at once, all or nothing.
    CHANGE = "change"


class Progress(Protocol):
    """Tells how far a run is."""

    def __call__(self, share: float, said: Text | None = None, /) -> None:
        """Tell the share done (0 to 1) and, where it helps, what is being done.

        Raises
        ------
        StoppedError
            If somebody asked the job to stop; let it pass, nothing half done may be left.
        """


class StoppedError(Exception):
    """A job was asked to stop."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A figure as it was last worked out.

    Parameters
    ----------
    path : Path
        File of the answer, JSON.
    as_of_us : int
        When it was worked out.
    fresh : bool
        Whether it holds for the plant as it is now.
    """

    path: Path
    as_of_us: int
    fresh: bool


class KeptFigures(Protocol):
    """Finds what another door of the plant has worked out, so that a READ can show a slice of it."""

    def __call__(self, door: Door[Any], question: Question, /) -> Kept | None:
        """Return the newest answer of a FIGURE to a question; None where it was never worked out."""
        ...


def _nothing_kept(_door: Door[Any], _question: Question, /) -> Kept | None:
    return None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a door: the plant, who calls, and where files go.

    Parameters
    ----------
    plant : PlantFolder
        Open; the door does not close it.
    by : str
        Who answers for a change.
    language : Language
        Of files that are written in one language; answers carry both.
    progress : Progress
        Silent where nobody waits.
    folder : Path or None
        Where a run leaves its files; None for the other ways.
    upload : callable
        Returns the file of an upload of this plant by its id; raises PlantError where there is none.
    rights : frozenset of Right
        Of whoever asks, for a door that does more for some than for others.
    kept : callable
        Finds what a FIGURE of this plant has last answered; knows of nothing outside the web process.
    """

    plant: PlantFolder
    by: str
    language: Language
    progress: Progress
    folder: Path | None
    upload: Callable[[str], Path]
    rights: frozenset[Right] = frozenset()
    kept: KeptFigures = _nothing_kept


Q = TypeVar("Q", bound=Question)


@dataclass(frozen=True, slots=True)
class Door(Generic[Q]):
    """One task over the network.

    Parameters
    ----------
    area : str
        First part of its address, as in ``quality``.
    name : str
        Second part, kebab-case, as in ``control-chart``.
    sentence : Text
        What it is for; shown in the API's description and on pages.
    right : Right
    way : Way
    asks : type of Question
        Fields of a READ or FIGURE are plain (text, number, flag, date, list of text): they stand in the address.
    answers : type of BaseModel
        Form of the answer.
    run : callable
        Takes the call and the question, returns what fits `answers` (JSON values only).
    steady : bool
        Of a READ: whether its answer depends on nothing but the question and the state of the plant (no clock, no
        reading that is not sealed, no figure kept elsewhere). It is then given again until that changes.
    kept_s : float
        Of a READ that depends on the clock or on live readings: how old an answer may be that is given again while the
        plant's records stay the same [s]; 0 means never.
    """

    area: str
    name: str
    sentence: Text
    right: Right
    way: Way
    asks: type[Q]
    answers: type[BaseModel]
    run: Callable[[Call, Q], Mapping[str, Any]]
    steady: bool = False
    kept_s: float = 0.0

    @property
    def id(self) -> str:
        """Return ``area/name``."""
        return f"{self.area}/{self.name}"
