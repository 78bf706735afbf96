"""Feeding distances: how far a riser feeds along a plate or bar, how many are needed, and whether a path feeds.

A riser keeps the metal near it open, and an end that cools from one more side freezes towards the riser; between
both zones porosity stays. The rules say how long the zones are. They were found on steel in sand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from forgecast.casting.constant import RuleError, distinct, need_positive, source_of
from forgecast.ground.citation import Source
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, text
from forgecast.metal.alloy import FAMILY_TEXTS, Family, family_of

Section: TypeAlias = Literal["plate", "bar"]
End: TypeAlias = Literal["mould", "chill", "riser"]
DistanceRule: TypeAlias = Literal["bishop-pellini", "handbook"]

DISTANCE_RULES: tuple[DistanceRule, ...] = ("bishop-pellini", "handbook")
INCH = 0.0254

SECTION_TEXTS: dict[Section, Text] = {"plate": text("plate"), "bar": text("bar")}
END_TEXTS: dict[End, Text] = {
    "mould": text("end in the mould"),
    "chill": text("end with a chill"),
    "riser": text("next riser"),
}


@dataclass(frozen=True, slots=True)
class FeedingDistance:
    """How far a riser feeds, from its edge.

    Parameters
    ----------
    length : float or None
        Distance to the end, or to the next riser's edge [m]; None where the rule has none.
    rule, section, end : str
    why_missing : Text or None
    notes : tuple of Text
    source : Source or None
    """

    length: float | None
    rule: DistanceRule
    section: Section
    end: End
    why_missing: Text | None = None
    notes: tuple[Text, ...] = ()
    source: Source | None = None

    @property
    def usable(self) -> bool:
        """Tell whether the distance was read in a source, not remembered."""
        return self.source is not None and self.source.confidence != "unverified"


@dataclass(frozen=True, slots=True)
class RisersAlong:
    """Risers along a length.

    Parameters
    ----------
    count : int
    centres : tuple of float
        Their centres from the left end [m]; for a closed ring along its mean line from the first.
    reach : float
        Longest length that so many risers feed [m].
    distances : tuple of FeedingDistance
        Left end, right end, and between risers, as far as they count.
    """

    count: int
    centres: tuple[float, ...]
    reach: float
    distances: tuple[FeedingDistance, ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return what the distances stand on."""
        return distinct(d.source for d in self.distances if d.source is not None)

    @property
    def usable(self) -> bool:
        """Tell whether all distances were read in a source."""
        return all(distance.usable for distance in self.distances)


@dataclass(frozen=True, slots=True)
class FeedStep:
    """A step of a feeding path: from one section into the next towards the riser.

    Parameters
    ----------
    number : int
        Of the step, from 0 at the far end.
    ratio : float
        Modulus of the section towards the riser over that of the one before [1].
    feeds : bool
        Whether the ratio reaches what was asked for.
    """

    number: int
    ratio: float
    feeds: bool


def feeding_distance(
    section: Section, thickness: float, end: End, *, family: Family, rule: DistanceRule = "bishop-pellini"
) -> FeedingDistance:
    """Return how far a riser feeds along a plate or bar.

    distance = multiple T + root sqrt(T x 1 inch) + addition, by the row of the table.

    Parameters
    ----------
    section : {"plate", "bar"}
    thickness : float
        Of the plate, or side of the bar [m].
    end : {"mould", "chill", "riser"}
        What stands at the other end; ``riser`` gives the distance between the edges of two risers.
    family : str
        Family of the alloy; any other than steel gets a note.
    rule : str
        ``bishop-pellini`` or ``handbook``.

    Raises
    ------
    RuleError
        If the thickness is not above zero.
    MaterialError
        If the family is unknown.
    """
    need_positive(thickness=thickness)
    family_of(family, where="family")
    table = read_table("feeding_distance")
    rows = table.where(rule=rule, shape=section, end=end)
    if not rows:
        why = text("the rule says nothing about this end of this section")
        return FeedingDistance(None, rule, section, end, why)
    row = rows[0]
    multiple, root, addition = (table.number(row, column) or 0.0 for column in ("multiple", "root", "addition"))
    length = multiple * thickness + root * math.sqrt(thickness * INCH) + addition
    source = source_of(
        row, text("feeding distance: {section}, {end}", section=SECTION_TEXTS[section], end=END_TEXTS[end])
    )
    notes = []
    if family != "steel":
        notes.append(
            text("the rule was found on steel in sand; for {family} it is a first guess", family=FAMILY_TEXTS[family])
        )
    if source.confidence == "unverified":
        notes.append(text("the distance is from memory and was not read in a source"))
    return FeedingDistance(length, rule, section, end, None, tuple(notes), source)


def compare_distances(section: Section, thickness: float, end: End, *, family: Family) -> tuple[FeedingDistance, ...]:
    """Return the distances of all rules, in the order of `DISTANCE_RULES`."""
    return tuple(feeding_distance(section, thickness, end, family=family, rule=rule) for rule in DISTANCE_RULES)


def risers_along(
    length: float, riser_diameter: float, left: FeedingDistance, right: FeedingDistance, between: FeedingDistance
) -> RisersAlong:
    """Return the fewest risers that feed a length with two ends, and where they stand.

    n risers feed d_left + d_right + n D + (n - 1) d_between; what is to spare shortens all distances alike.

    Raises
    ------
    RuleError
        If a length is not above zero or a distance that is needed is missing.
    """
    need_positive(length=length, riser_diameter=riser_diameter)
    ends = _known(left) + _known(right)
    if length <= ends + riser_diameter:
        share = max(length - riser_diameter, 0.0) / ends
        centre = share * _known(left) + 0.5 * min(riser_diameter, length)
        return RisersAlong(1, (centre,), ends + riser_diameter, (left, right))
    span = _known(between)
    more = math.ceil(_a_little_less((length - ends - riser_diameter) / (riser_diameter + span)))
    count = 1 + more
    share = (length - count * riser_diameter) / (ends + more * span)
    first = share * _known(left) + 0.5 * riser_diameter
    pitch = riser_diameter + share * span
    reach = ends + count * riser_diameter + more * span
    return RisersAlong(count, tuple(first + i * pitch for i in range(count)), reach, (left, right, between))


def risers_round(circumference: float, riser_diameter: float, between: FeedingDistance) -> RisersAlong:
    """Return the fewest risers that feed a closed ring, and where they stand along its mean line.

    Raises
    ------
    RuleError
        If a length is not above zero or the distance is missing.
    """
    need_positive(circumference=circumference, riser_diameter=riser_diameter)
    reach = riser_diameter + _known(between)
    count = max(1, math.ceil(_a_little_less(circumference / reach)))
    centres = tuple(i * circumference / count for i in range(count))
    return RisersAlong(count, centres, count * reach, (between,))


def feeding_path(moduli: tuple[float, ...], step: float = 1.1) -> tuple[FeedStep, ...]:
    """Return whether metal can flow from section to section: moduli must rise towards the riser.

    Parameters
    ----------
    moduli : tuple of float
        Moduli of the sections from the far end to the riser [m].
    step : float
        Least ratio of a section's modulus to that of the one before [1]. 1.1 is the step from casting to neck of
        the ratio 1 : 1.1 : 1.2 (row ``neck`` of the table riser_rule); that ratio's own last step, from neck to
        riser, is 1.2/1.1 = 1.09.

    Raises
    ------
    RuleError
        If a modulus or the step is not above zero.

    Notes
    -----
    Validity: skin-freezing alloys (steel). Alloys with a long freezing range feed through a mushy path too.
    """
    need_positive(step=step)
    for modulus in moduli:
        need_positive(modulus=modulus)
    # Ratios that are meant to be equal differ by rounding; a billionth is far below what a modulus is known to.
    least = step * (1.0 - 1e-9)
    return tuple(
        FeedStep(number, after / before, after / before >= least)
        for number, (before, after) in enumerate(pairwise(moduli))
    )


def _known(distance: FeedingDistance) -> float:
    if distance.length is None:
        assert distance.why_missing is not None  # noqa: S101  (a distance has one or the other)
        raise RuleError(
            text("a feeding distance is missing: {why}", why=distance.why_missing),
            repair=text("take another rule, or give the distance from your own copy"),
        )
    return distance.length


def _a_little_less(number: float) -> float:
    # A length that n risers just reach must not need one more by rounding.
    return number * (1.0 - 1e-12)
