"""How long a mould should take to fill, by the empirical rules of the trade."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from forgecast.casting.constant import RuleError, need_positive, ruled_family, source_of
from forgecast.ground.citation import Source
from forgecast.ground.tables import SourcedTable, read_table
from forgecast.ground.texts import Text, text
from forgecast.metal.alloy import FAMILY_TEXTS, Family

RULE_TEXTS: dict[str, Text] = {
    "wall-class": text("pouring time by mass and class of wall thickness"),
    "mass-power": text("pouring time by mass"),
    "fluidity": text("pouring time by mass, wall thickness and fluidity"),
    "logarithm": text("pouring time by mass and its logarithm"),
    "given": text("pouring time given"),
}


@dataclass(frozen=True, slots=True)
class PouringTime:
    """The answer of one rule.

    Parameters
    ----------
    rule : str
        ``wall-class``, ``mass-power``, ``fluidity``, ``logarithm``; ``given`` for a user's own.
    seconds : float or None
        None where the rule has no answer.
    why_missing : Text or None
    source : Source or None
        None for a time that was given.
    notes : tuple of Text
    """

    rule: str
    seconds: float | None
    why_missing: Text | None = None
    source: Source | None = None
    notes: tuple[Text, ...] = ()

    @property
    def usable(self) -> bool:
        """Tell whether the time may decide: there is one, and its rule was read in a source."""
        return self.seconds is not None and (self.source is None or self.source.confidence != "unverified")


def pouring_times(
    family: Family,
    *,
    casting_mass: float,
    poured_mass: float,
    wall: float,
    fluidity: float | None = None,
) -> tuple[PouringTime, ...]:
    """Return the pouring time by every rule on record for a family of alloys.

    t = (c + T/d + s log10 W) W^n, T the wall thickness in mm, W the mass in kg, times the fluidity where the rule
    has it. Each rule's row says whether W is the casting or all metal poured.

    Parameters
    ----------
    family : str
        Family of the alloy.
    casting_mass, poured_mass : float
        [kg].
    wall : float
        Prevailing wall thickness [m].
    fluidity : float or None
        Length of the fluidity spiral over 40 inches [1]; None if not measured.

    Raises
    ------
    RuleError
        If a mass or the wall is not above zero, or more is cast than poured.
    """
    need_positive(casting_mass=casting_mass, poured_mass=poured_mass, wall=wall)
    if poured_mass < casting_mass:
        raise RuleError(
            text("{poured} kg poured for a casting of {casting} kg", poured=poured_mass, casting=casting_mass),
            where="poured_mass",
            repair=text("give the mass of casting, risers and gating together"),
        )
    ruled, notes = ruled_family(family)
    table = read_table("pouring_time")
    found: dict[str, PouringTime] = {}
    for row in table.where(family=ruled):
        mass = poured_mass if row["mass_is"] == "poured" else casting_mass
        fits = _within(table, row, "wall", wall * 1000.0) and _within(table, row, "mass", mass)
        rule = row["rule"]
        if fits:
            found[rule] = _answer(table, row, mass, wall * 1000.0, fluidity, notes)
        else:
            found.setdefault(rule, PouringTime(rule, None, text("the rule does not reach this mass or wall")))
    return tuple(found.values())


def choose_time(times: tuple[PouringTime, ...], family: Family, rule: str = "") -> PouringTime:
    """Return the time by a rule, or by the first one whose constants were read in a source.

    Raises
    ------
    RuleError
        If there is none.
    """
    for time in times:
        if time.seconds is not None and (time.rule == rule if rule else time.usable):
            return time
    raise RuleError(
        text("no rule on record gives a pouring time for {family}", family=FAMILY_TEXTS[family]),
        where=rule,
        repair=text(
            "give the pouring time, or one of the rules: {names}", names=", ".join(t.rule for t in times) or "—"
        ),
    )


def given_time(seconds: float) -> PouringTime:
    """Return a pouring time that the user brings.

    Raises
    ------
    RuleError
        If it is not above zero.
    """
    need_positive(pouring_time=seconds)
    return PouringTime("given", seconds)


def _answer(
    table: SourcedTable,
    row: Mapping[str, str],
    mass: float,
    wall_mm: float,
    fluidity: float | None,
    notes: tuple[Text, ...],
) -> PouringTime:
    rule = row["rule"]
    source = source_of(row, RULE_TEXTS[rule])
    needs_fluidity = row["fluidity"] == "yes"
    if needs_fluidity and fluidity is None:
        return PouringTime(rule, None, text("the rule needs the fluidity of the iron"), source)
    coefficient = table.number(row, "coefficient") or 0.0
    divisor, slope = table.number(row, "wall_divisor"), table.number(row, "log_slope")
    power = table.number(row, "power") or 0.0
    factor = coefficient + (0.0 if divisor is None else wall_mm / divisor)
    factor += 0.0 if slope is None else slope * math.log10(mass)
    seconds = factor * mass**power * (fluidity if needs_fluidity and fluidity is not None else 1.0)
    if not seconds > 0.0:
        return PouringTime(rule, None, text("the rule does not reach this mass or wall"), source)
    if source.confidence == "unverified":
        notes = (*notes, text("the constants of this rule are from memory and were not read in a source"))
    return PouringTime(rule, seconds, None, source, notes)


def _within(table: SourcedTable, row: Mapping[str, str], name: str, value: float) -> bool:
    low, high = table.number(row, f"{name}_from"), table.number(row, f"{name}_to")
    return (low is None or value >= low) and (high is None or value < high)
