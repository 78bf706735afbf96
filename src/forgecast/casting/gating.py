"""Gating: choke, sprue, runners and gates that fill a mould in a given time, and whether the metal enters quietly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from forgecast.casting.constant import Constant, RuleError, constant, distinct, need_positive, ruled_family, source_of
from forgecast.casting.pouring import PouringTime
from forgecast.ground.citation import Source
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, text
from forgecast.metal.alloy import FAMILY_TEXTS, Family

Gate: TypeAlias = Literal["top", "bottom", "parting"]
System: TypeAlias = Literal["pressurised", "unpressurised"]
HeadMethod: TypeAlias = Literal["mean", "exact"]

#: Standard gravity [m/s2].
GRAVITY = 9.80665


@dataclass(frozen=True, slots=True)
class Ratio:
    """Total areas of sprue, runners and gates to each other.

    Parameters
    ----------
    name : str
        As the trade writes it (``1:2:4``).
    system : {"pressurised", "unpressurised"}
    sprue, runner, ingate : float
        [1].
    source : Source or None
        None for a user's own.
    """

    name: str
    system: System
    sprue: float
    runner: float
    ingate: float
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Areas:
    """Cross-sections of the channels [m2].

    Parameters
    ----------
    choke : float
        The narrowest of the three; it sets the flow.
    sprue : float
        Of the sprue at its foot.
    sprue_top : float or None
        Of the sprue at its top; None where the depth of the basin is not known.
    runner, ingate : float
        Of all runners, of all gates together.
    """

    choke: float
    sprue: float
    sprue_top: float | None
    runner: float
    ingate: float


@dataclass(frozen=True, slots=True)
class Check:
    """A question put to a gating.

    Parameters
    ----------
    code : str
        ``gate-velocity``, ``fall``, ``ratio-system``.
    passed : bool or None
        None where the rule does not reach this alloy.
    says : Text
        What was found, against what.
    source : Source or None
    """

    code: str
    passed: bool | None
    says: Text
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Gating:
    """A gating system.

    Parameters
    ----------
    family : str
    time : PouringTime
        How long the mould takes to fill.
    flow : float
        Mean volume flow [m3/s].
    head : float
        Effective head [m].
    discharge : float
        Discharge coefficient at the choke [1].
    ratio : Ratio
    areas : Areas
    choke_velocity : float
        Mean velocity in the choke [m/s].
    gate_velocity, first_gate_velocity : float
        Velocity in the gates: mean, and at the start when the whole head drives [m/s].
    quiet_ingate : float or None
        Total gate area that keeps the start below the critical velocity [m2]; None where no velocity is on record.
    reynolds : float or None
        Reynolds number in the gates taken as one round channel each [1]; None without viscosity.
    checks : tuple of Check
    notes : tuple of Text
    sources : tuple of Source
    """

    family: Family
    time: PouringTime
    flow: float
    head: float
    discharge: float
    ratio: Ratio
    areas: Areas
    choke_velocity: float
    gate_velocity: float
    first_gate_velocity: float
    quiet_ingate: float | None
    reynolds: float | None
    checks: tuple[Check, ...]
    notes: tuple[Text, ...]
    sources: tuple[Source, ...]

    def as_json(self) -> dict[str, object]:
        """Return the gating with units in the names."""
        return {
            "pouring_time_s": self.time.seconds,
            "pouring_time_rule": self.time.rule,
            "flow_m3_per_s": self.flow,
            "effective_head_m": self.head,
            "discharge_coefficient": self.discharge,
            "ratio": self.ratio.name,
            "system": self.ratio.system,
            "choke_area_m2": self.areas.choke,
            "sprue_foot_area_m2": self.areas.sprue,
            "sprue_top_area_m2": self.areas.sprue_top,
            "runner_area_m2": self.areas.runner,
            "ingate_area_m2": self.areas.ingate,
            "choke_velocity_m_per_s": self.choke_velocity,
            "gate_velocity_m_per_s": self.gate_velocity,
            "first_gate_velocity_m_per_s": self.first_gate_velocity,
            "quiet_ingate_area_m2": self.quiet_ingate,
            "reynolds": self.reynolds,
            "checks": [
                {"code": check.code, "passed": check.passed, "says": check.says.as_json()} for check in self.checks
            ],
            "notes": [note.as_json() for note in self.notes],
            "sources": [source.as_json() for source in self.sources],
        }


def height_above_gate(gate: Gate, height: float, above: float | None = None) -> float:
    """Return the height of the casting above its gates [m]: none at the top, all at the bottom.

    Raises
    ------
    RuleError
        If the gate is at the parting and `above` is missing, or not within the height.
    """
    if gate == "top":
        return 0.0
    if gate == "bottom":
        return height
    if above is None or not 0.0 <= above <= height:
        raise RuleError(
            text("the gates at the parting need the height of the casting above them; given: {above}", above=above),
            where="above",
            repair=text("give a height between 0 and {height} m", height=height),
        )
    return above


def effective_head(head: float, height: float, above: float, method: HeadMethod = "mean") -> float:
    """Return the head that fills the mould in the same time as the falling one [m].

    Parameters
    ----------
    head : float
        Level in the basin above the gates, H [m].
    height : float
        Of the casting as it lies in the mould, C [m].
    above : float
        Of the casting above the gates, P [m]; see `height_above_gate`.
    method : {"mean", "exact"}
        ``mean``: H - P2 / 2C, the mean over the height, as foundries use it (public course sheet of casting
        equations; Osann). ``exact``: sqrt(H_e) = C / ((C - P) / sqrt(H) + 2 (sqrt(H) - sqrt(H - P))), for a casting
        of one cross-section: the integral of filling at sqrt(2gh). It lies below the mean, the more the nearer the
        casting's top is to the level in the basin.

    Raises
    ------
    RuleError
        If the casting rises above the level in the basin.
    """
    need_positive(head=head, height=height)
    if above >= head:
        raise RuleError(
            text("the casting rises {above} m above the gates and the metal only {head} m", above=above, head=head),
            where="head",
            repair=text("raise the basin above the top of the casting"),
        )
    if method == "mean":
        return head - above**2 / (2.0 * height)
    slowness = (height - above) / math.sqrt(head) + 2.0 * (math.sqrt(head) - math.sqrt(head - above))
    return (height / slowness) ** 2


def choke_area(mass: float, seconds: float, *, density: float, head: float, discharge: float) -> float:
    """Return the area of the choke [m2]: A = m / (rho t mu sqrt(2 g H)).

    Parameters
    ----------
    mass : float
        Poured through it [kg].
    seconds : float
    density : float
        Of the liquid [kg/m3].
    head : float
        Effective head [m].
    discharge : float
        mu, mean velocity over that without losses [1].

    Notes
    -----
    Torricelli with losses; with iron of 7000 kg/m3, cm and cm2 it is Osann's formula, whose constant 0.31 is
    rho sqrt(2g) in those units.
    """
    need_positive(mass=mass, seconds=seconds, density=density, head=head, discharge=discharge)
    return mass / (density * seconds * discharge * math.sqrt(2.0 * GRAVITY * head))


def sprue_top_area(foot_area: float, *, foot_depth: float, top_depth: float) -> float:
    """Return the area of a sprue's top that a falling stream just fills [m2]: A_top = A_foot sqrt(h_foot / h_top).

    Parameters
    ----------
    foot_area : float
        [m2].
    foot_depth, top_depth : float
        Depth of foot and top below the level in the basin [m].

    Notes
    -----
    Bernoulli and continuity with atmospheric pressure all along. A narrower top starves the sprue, a wider one draws
    in air.
    """
    need_positive(foot_area=foot_area, foot_depth=foot_depth, top_depth=top_depth)
    return foot_area * math.sqrt(foot_depth / top_depth)


def spread(choke: float, ratio: Ratio) -> tuple[float, float, float]:
    """Return the areas of sprue, runners and gates whose narrowest is the choke [m2]."""
    narrowest = min(ratio.sprue, ratio.runner, ratio.ingate)
    return choke * ratio.sprue / narrowest, choke * ratio.runner / narrowest, choke * ratio.ingate / narrowest


def still_fall(velocity: float) -> float:
    """Return the height of a free fall that ends with a velocity [m]: h = v2 / 2g."""
    return velocity**2 / (2.0 * GRAVITY)


def surface_velocity(surface_tension: float, density: float) -> float:
    """Return the velocity at which a liquid's surface folds over [m/s]: v = 2 (g gamma / rho)^1/4.

    It is the speed that lifts the metal by the height of a sessile drop, 2 sqrt(gamma / (rho g)): surface tension
    can hold no more.

    Parameters
    ----------
    surface_tension : float
        gamma [N/m].
    density : float
        Of the liquid [kg/m3].
    """
    need_positive(surface_tension=surface_tension, density=density)
    return 2.0 * math.sqrt(math.sqrt(GRAVITY * surface_tension / density))


def filter_area(mass: float, capacity: float) -> float:
    """Return the area of a filter that can pass a mass of metal before it clogs [m2].

    Parameters
    ----------
    mass : float
        [kg].
    capacity : float
        Mass that an area of the filter passes, as its maker states it [kg/m2].
    """
    need_positive(mass=mass, capacity=capacity)
    return mass / capacity


def ratios(family: Family) -> tuple[Ratio, ...]:
    """Return the ratios on record for a family of alloys; the first is the one to take."""
    ruled, _ = ruled_family(family)
    table = read_table("gating_ratio")
    found = []
    for row in table.where(family=ruled):
        system: System = "pressurised" if row["system"] == "pressurised" else "unpressurised"
        sprue, runner, ingate = (table.number(row, name) or 0.0 for name in ("sprue", "runner", "ingate"))
        source = source_of(row, text("gating ratio {name}", name=row["ratio"]))
        found.append(Ratio(row["ratio"], system, sprue, runner, ingate, source))
    return tuple(found)


def find_ratio(family: Family, name: str = "") -> Ratio:
    """Return the ratio of a name (``1:2:4``), or the first on record for the family.

    A ratio that is not on record is taken as the user's own; it is pressurised where its gates are no wider
    than its sprue.

    Raises
    ------
    RuleError
        If the name is no three numbers, or nothing is on record for the family.
    """
    known = ratios(family)
    for ratio in known:
        if name in ("", ratio.name):
            return ratio
    if not name:
        raise RuleError(
            text("no gating ratio is on record for {family}", family=FAMILY_TEXTS[family]),
            where="ratio",
            repair=text("give one as sprue:runner:gates, such as 1:2:4"),
        )
    try:
        sprue, runner, ingate = (float(part) for part in name.split(":"))
    except ValueError:
        raise RuleError(
            text("{name} is no gating ratio", name=name),
            where="ratio",
            repair=text("give one as sprue:runner:gates, such as 1:2:4"),
        ) from None
    need_positive(sprue=sprue, runner=runner, ingate=ingate)
    return Ratio(name, "pressurised" if ingate <= sprue else "unpressurised", sprue, runner, ingate)


def discharge_coefficient(family: Family, mould: str) -> tuple[Constant, tuple[Text, ...]]:
    """Return the discharge coefficient on record for a family of alloys, with a note where it is of another mould.

    Raises
    ------
    RuleError
        If none is on record.
    """
    ruled, notes = ruled_family(family)
    table = read_table("discharge_coefficient")
    rows = table.where(family=ruled, mould=mould) or table.where(family=ruled)
    if not rows:
        raise RuleError(
            text("no discharge coefficient is on record for {family}", family=FAMILY_TEXTS[family]),
            where="discharge",
            repair=text("give it: the share of the velocity without losses, between 0 and 1"),
        )
    row = rows[0]
    if row["mould"] != mould:
        notes = (*notes, text("the discharge coefficient is that of green sand moulds"))
    return constant(table, row, text("discharge coefficient: {family}", family=FAMILY_TEXTS[ruled])), notes


def critical_velocity(family: Family) -> tuple[Constant, bool]:
    """Return the critical gate velocity on record [m/s], and whether it was found on this family of alloys."""
    table = read_table("critical_gate_velocity")
    row = table.rows[0]
    return constant(table, row, text("critical gate velocity")), row["family"] == family


def gate_mould(
    family: Family,
    *,
    poured_mass: float,
    time: PouringTime,
    density: float,
    head: float,
    full_head: float,
    discharge: Constant,
    ratio: Ratio,
    basin_depth: float | None = None,
    gates: int = 1,
    viscosity: float | None = None,
    fall: float = 0.0,
    notes: tuple[Text, ...] = (),
) -> Gating:
    """Return a gating system for a mass, a time and a head, with the checks made on it.

    Validity: channels that run full. Those of an unpressurised system fill late, and until then the metal keeps the
    choke's speed along their floor.

    Parameters
    ----------
    family : str
        Family of the alloy.
    poured_mass : float
        Casting, risers and gating [kg].
    time : PouringTime
    density : float
        Of the liquid [kg/m3].
    head : float
        Effective head from `effective_head` [m].
    full_head : float
        Level in the basin above the gates [m].
    discharge : Constant
    ratio : Ratio
    basin_depth : float or None
        Depth of the sprue's top below the level in the basin [m].
    gates : int
        Number of gates.
    viscosity : float or None
        Of the liquid [Pa s].
    fall : float
        Height from the gates down to the bottom of the casting, which the first metal falls [m].
    notes : tuple of Text
        To be carried along.

    Raises
    ------
    RuleError
        If an input is not above zero, or the basin is as deep as the whole head.
    """
    need_positive(full_head=full_head, gates=gates)
    assert time.seconds is not None  # noqa: S101  (`choose_time` and `given_time` return no other)
    choke = choke_area(poured_mass, time.seconds, density=density, head=head, discharge=discharge.value)
    sprue, runner, ingate = spread(choke, ratio)
    areas = Areas(choke, sprue, _sprue_top(sprue, full_head, basin_depth), runner, ingate)
    flow = poured_mass / density / time.seconds
    gate_velocity = flow / ingate
    first = gate_velocity * math.sqrt(full_head / head)
    critical, same_family = critical_velocity(family)
    reynolds = None
    if viscosity is not None:
        diameter = math.sqrt(4.0 * ingate / gates / math.pi)
        reynolds = density * gate_velocity * diameter / viscosity
    stands_on = (discharge.source, ratio.source, time.source, critical.source)
    return Gating(
        family=family,
        time=time,
        flow=flow,
        head=head,
        discharge=discharge.value,
        ratio=ratio,
        areas=areas,
        choke_velocity=flow / choke,
        gate_velocity=gate_velocity,
        first_gate_velocity=first,
        quiet_ingate=ingate * first / critical.value,
        reynolds=reynolds,
        checks=(
            _velocity_check(first, critical, same_family=same_family),
            _fall_check(fall, critical, same_family=same_family),
            _system_check(ratio, family),
        ),
        notes=(*notes, *time.notes),
        sources=distinct(source for source in stands_on if source is not None),
    )


def _sprue_top(foot_area: float, full_head: float, basin_depth: float | None) -> float | None:
    if basin_depth is None:
        return None
    if basin_depth >= full_head:
        raise RuleError(
            text("the basin is {basin} m deep and the whole head {head} m", basin=basin_depth, head=full_head),
            where="basin_depth",
            repair=text("give the depth of the metal above the top of the sprue"),
        )
    return sprue_top_area(foot_area, foot_depth=full_head, top_depth=basin_depth)


def _velocity_check(first: float, critical: Constant, *, same_family: bool) -> Check:
    says = text(
        "velocity in the gates at the start: {velocity} m/s, critical: {critical} m/s (a fall of {fall_mm} mm)",
        velocity=round(first, 3),
        critical=critical.value,
        fall_mm=round(1000.0 * still_fall(critical.value), 2),
    )
    return Check("gate-velocity", first <= critical.value if same_family else None, says, critical.source)


def _fall_check(fall: float, critical: Constant, *, same_family: bool) -> Check:
    allowed = still_fall(critical.value)
    says = text(
        "fall of the first metal in the mould: {fall_mm} mm, harmless: {allowed_mm} mm",
        fall_mm=round(1000.0 * fall, 1),
        allowed_mm=round(1000.0 * allowed, 2),
    )
    return Check("fall", fall <= allowed if same_family else None, says, critical.source)


def _system_check(ratio: Ratio, family: Family) -> Check:
    # Gates no wider than the sprue shoot the metal in; oxide films of light metals forbid that.
    says = text("gating ratio {name} for {family}", name=ratio.name, family=FAMILY_TEXTS[family])
    passed = ratio.system == "unpressurised" if family == "aluminium" else None
    return Check("ratio-system", passed, says, ratio.source)
