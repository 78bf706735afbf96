"""Facts and figures that rulebooks are applied to; each knows where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import Text
from forgecast.rules.decision import Uncertainty

FactValue: TypeAlias = "str | float | int | bool | date"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact or a figure stands: an imported row, a stretch of a series, a setting, a computation.

    Parameters
    ----------
    what : Text
        The origin in words (``row 4 of equipment.csv``; ``hourly means of tag S1-NOx``).
    place : str
        ``file:row:column`` as imported, ``tag`` for a series, ``plant.toml:key`` for a setting; may be empty.
    origins : tuple of Origin
        What it was computed from.
    """

    what: Text
    place: str = ""
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One known thing about a subject: a value, its unit (empty where it has none) and its origin."""

    name: str
    value: FactValue
    unit: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Figure:
    """A computed number for a stretch of time; `value` None means it could not be computed, `why_missing` why.

    Parameters
    ----------
    name : str
        Name the rulebooks use (``nox_converted``, ``solid_waste_use_share``).
    value : float or None
    unit : str
    start, end : date or None
        Plant-local days the figure covers, end exclusive; without both it holds on every day (a height).
    origin : Origin
    why_missing : Text or None
    uncertainty : Uncertainty or None
        None where nobody has stated one.
    """

    name: str
    value: float | None
    unit: str
    start: date | None
    end: date | None
    origin: Origin
    why_missing: Text | None = None
    uncertainty: Uncertainty | None = None


@dataclass(frozen=True, slots=True, eq=False)
class HourlyFigure:
    """Valid 1-h means of one figure of one subject; hours without a valid mean are simply absent.

    Parameters
    ----------
    name, unit : str
    hours : (n,) int64 array
        Start of each valid hour, hours since 1970-01-01T00:00Z, ascending.
    values : (n,) float64 array
    expected_hours : int
        Hours in the period for which a valid mean was due (operating hours where known, else all).
    zone : str
        IANA zone in which the hour's calendar day is read (limits begin at local midnight).
    origin : Origin
    uncertainty : Uncertainty or None
        Of each value; None where nobody has stated one.
    due : (m,) int64 array or None
        The hours for which a valid mean was due, ascending, as `hours`; None where only their number is known: a
        window statistic then takes every hour as due.
    """

    name: str
    unit: str
    hours: NDArray[np.int64]
    values: NDArray[np.float64]
    expected_hours: int
    zone: str
    origin: Origin
    uncertainty: Uncertainty | None = None
    due: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class SampledFigure:
    """Manual test results, each a 1-h mean at an instant: (local day, value, origin)."""

    name: str
    unit: str
    samples: tuple[tuple[date, float, Origin], ...]
    origin: Origin
    uncertainty: Uncertainty | None = None


@dataclass(frozen=True, slots=True, eq=False)
class WindowFigure:
    """A statistic of an hourly figure over windows of time (day means, a percentile of a year).

    Parameters
    ----------
    name, unit : str
    days : tuple of date
        First local day of each valid window.
    values : (n,) float64 array
        One for each valid window.
    expected : int
        Windows that were due.
    what : Text
        The statistic in words.
    origin : Origin
    uncertainty : Uncertainty or None
    """

    name: str
    unit: str
    days: tuple[date, ...]
    values: NDArray[np.float64]
    expected: int
    what: Text
    origin: Origin
    uncertainty: Uncertainty | None = None


AnyFigure: TypeAlias = Figure | HourlyFigure | SampledFigure | WindowFigure


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A thing that is judged: the site, a stack, a piece of equipment, a process in use.

    Parameters
    ----------
    kind : str
        ``site``, ``stack``, ``equipment`` or ``process``.
    id : str
        Its natural key (``S1``).
    name : str
        As its owner wrote it.
    facts : mapping of str to Fact
    figures : mapping of str to tuple of AnyFigure
        Several figures may carry one name (hourly series and manual tests of the same pollutant).
    """

    kind: str
    id: str
    name: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    figures: Mapping[str, tuple[AnyFigure, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class FactBase:
    """All that rules may look at: the site and the subjects of each kind, for one period.

    Parameters
    ----------
    site : Subject
        Its facts are reached from every expression as ``site.<name>``.
    subjects : tuple of Subject
        All other subjects.
    start, end : date
        The judged stretch, plant-local days, end exclusive.
    complete_kinds : frozenset of str
        Kinds of which the plant's list is known to exist (a record was imported); for a kind not in here a rule
        about "any such thing" is `not known`, never `met`.
    """

    site: Subject
    subjects: tuple[Subject, ...]
    start: date
    end: date
    complete_kinds: frozenset[str] = frozenset()

    def of_kind(self, kind: str) -> tuple[Subject, ...]:
        """Return the subjects of one kind in the order given."""
        return (self.site,) if kind == "site" else tuple(s for s in self.subjects if s.kind == kind)
