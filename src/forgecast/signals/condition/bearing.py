"""Rolling bearings: fault frequencies from geometry, and what the envelope of a vibration says of a bearing's state."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from forgecast.ground.errors import ForgecastError
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, text
from forgecast.signals.condition.envelope_spectrum import (
    Band,
    EnvelopeSpectrum,
    Line,
    checked_signal,
    envelope_spectrum,
    kurtogram,
    line_near,
)
from forgecast.signals.condition.rotation_check import RateCheck, check_rate

#: Bands the record is cut into; the lowest holds the shaft's own lines and is left out.
_BANDS: Final = 12
#: Probability under noise below which the lines of a part stand out in a band.
_RARE: Final = 1e-3
#: Share of the bands in which they must stand out: an impact excites nearly all, and a weak one at least half.
_BROAD: Final = 0.75
_HALF: Final = 0.5
#: Highest share of bands a bearing without a fault may show.
_FEW: Final = 1 / 3


class BearingState(StrEnum):
    """What the record says of a bearing."""

    NO_FAULT_SEEN = "no_fault_seen"
    OUTER_RACE = "outer_race"
    INNER_RACE = "inner_race"
    ROLLING_ELEMENT = "rolling_element"
    NOT_KNOWN = "not_known"


STATE_TEXTS: Final[Mapping[BearingState, Text]] = {
    BearingState.NO_FAULT_SEEN: text("no bearing fault seen"),
    BearingState.OUTER_RACE: text("fault of the outer race"),
    BearingState.INNER_RACE: text("fault of the inner race"),
    BearingState.ROLLING_ELEMENT: text("fault of a rolling element"),
    BearingState.NOT_KNOWN: text("not known"),
}


@dataclass(frozen=True, slots=True)
class BearingOrders:
    """Fault frequencies of a bearing whose outer race stands still, in multiples of the shaft speed [1].

    Parameters
    ----------
    bpfo, bpfi : float
        Passes of the rolling elements over a point of the outer and of the inner race.
    bsf : float
        Spin of a rolling element; a fault on it strikes a race twice a turn.
    ftf : float
        Turn of the cage.
    """

    bpfo: float
    bpfi: float
    bsf: float
    ftf: float


@dataclass(frozen=True, slots=True)
class PartEvidence:
    """What speaks for a fault of one part.

    Parameters
    ----------
    part : str
        ``outer_race``, ``inner_race``, ``rolling_element`` or ``cage``.
    frequency : float
        Its fault frequency at this speed [Hz].
    breadth : float
        Share of the bands in which its lines stand out of the noise [1].
    decades : float
        Mean over the bands of the decades of improbability under noise.
    lines : tuple of Line
        Its first lines in the band of highest kurtosis.
    sidebands : tuple of Line
        Lines beside the first of them: at the shaft speed for the inner race, at the cage's for a rolling element.
    """

    part: str
    frequency: float
    breadth: float
    decades: float
    lines: tuple[Line, ...]
    sidebands: tuple[Line, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BearingVerdict:
    """The state of a bearing and all that it rests on.

    Parameters
    ----------
    state : BearingState
    reasons : tuple of Text
    parts : tuple of PartEvidence
    rate : RateCheck
    spectrum : EnvelopeSpectrum
        In the band of highest kurtosis.
    shaft_hz : float
    root_mean_square, kurtosis : float
        Of the record; the kurtosis is 3 for Gaussian noise.
    """

    state: BearingState
    reasons: tuple[Text, ...]
    parts: tuple[PartEvidence, ...]
    rate: RateCheck
    spectrum: EnvelopeSpectrum
    shaft_hz: float
    root_mean_square: float
    kurtosis: float

    def part(self, name: str) -> PartEvidence:
        """Return the evidence of a part by its name."""
        return next(one for one in self.parts if one.part == name)


def orders_of_geometry(
    balls: int, ball_diameter: float, pitch_diameter: float, *, contact_angle: float = 0.0
) -> BearingOrders:
    """Return the fault frequencies of a bearing from its geometry.

    Parameters
    ----------
    balls : int
        Rolling elements.
    ball_diameter, pitch_diameter : float
        [m] (any unit, the same for both).
    contact_angle : float
        [rad].

    Raises
    ------
    ForgecastError
        If the geometry is none.

    Notes
    -----
    Equations, with γ = d/D cos φ: BPFO = n/2 (1-γ), BPFI = n/2 (1+γ), BSF = D/2d (1-γ²), FTF = (1-γ)/2. R. B. Randall
    and J. Antoni, Mechanical Systems and Signal Processing 25 (2011) 485-520, doi:10.1016/j.ymssp.2010.07.017. They
    hold for pure rolling; slip makes the lines wander by one or two per cent.
    """
    if balls < 3 or not 0.0 < ball_diameter < pitch_diameter or not 0.0 <= contact_angle < math.pi / 2.0:
        raise ForgecastError(
            text(
                "{n} balls of {d} on a pitch circle of {D} make no bearing", n=balls, d=ball_diameter, D=pitch_diameter
            ),
            repair=text("give the number of rolling elements, their diameter and that of the circle of their centres"),
        )
    gamma = ball_diameter / pitch_diameter * math.cos(contact_angle)
    return BearingOrders(
        balls / 2.0 * (1.0 - gamma),
        balls / 2.0 * (1.0 + gamma),
        pitch_diameter / (2.0 * ball_diameter) * (1.0 - gamma**2),
        (1.0 - gamma) / 2.0,
    )


def orders_of_bearing(name: str) -> BearingOrders:
    """Return the fault frequencies of a bearing of the shipped table by its designation (``6205``).

    Raises
    ------
    ForgecastError
        If the table does not have it; those it has are named.
    """
    table = read_table("bearing")
    for row in table.where(bearing=name.strip().split("-")[0]):
        bpfo, bpfi, bsf, ftf = (table.number(row, f"{one}_order") for one in ("bpfo", "bpfi", "bsf", "ftf"))
        assert None not in (bpfo, bpfi, bsf, ftf)  # noqa: S101  (a test walks the table)
        return BearingOrders(float(bpfo or 0), float(bpfi or 0), float(bsf or 0), float(ftf or 0))
    raise ForgecastError(
        text("the table of bearings has no {name}", name=name),
        where="bearing.csv",
        repair=text(
            "use one of {names}, or give the geometry: balls, their diameter, the pitch diameter",
            names=", ".join(row["bearing"] for row in table),
        ),
    )


def judge_bearing(signal: ArrayLike, rate: float, shaft_hz: float, orders: BearingOrders) -> BearingVerdict:
    """Return the state of a bearing with its evidence.

    Parameters
    ----------
    signal : (n,) array
        Acceleration at the housing, one unbroken record at constant speed.
    rate : float
        Sampling rate [Hz].
    shaft_hz : float
        [Hz].
    orders : BearingOrders

    Raises
    ------
    ForgecastError
        If the record is too short or slow to show the fault frequencies.

    Notes
    -----
    A local fault strikes, and a blow excites nearly all frequencies; a periodic force of a sound machine excites few.
    So the record is cut into bands, and for each part its lines in each band's squared envelope are tested against
    noise (Fisher's method over its lines). A race is named where its lines stand out in three quarters of the bands
    and clearer than the other's; a rolling element where both those of the cage and of the element's spin do in half
    of them and neither race dominates, for a faulty element strikes both races and carries its load once a turn of the
    cage. These shares were set on four records of one laboratory rig; they are no measured hit rate.
    Where the shaft lines contradict the sampling rate the state is not known: every frequency would be wrong.
    """
    values = checked_signal(signal, rate)
    highest = 3.0 * orders.bpfi * shaft_hz
    width = rate / 2.0 / _BANDS
    if width < highest / 1.5 or values.size / rate < 20.0 / (orders.ftf * shaft_hz):
        raise ForgecastError(
            text(
                "the record is too short or sampled too slowly for this bearing at {rpm} rpm",
                rpm=f"{60 * shaft_hz:.0f}",
            ),
            repair=text(
                "record at least {seconds} s at {rate} Hz or more",
                seconds=f"{20.0 / (orders.ftf * shaft_hz):.1f}",
                rate=f"{2 * _BANDS * highest / 1.5:.0f}",
            ),
        )  # fmt: skip
    check = check_rate(values, rate, shaft_hz)
    best = kurtogram(values, rate, finest=highest)[0]
    bands = [envelope_spectrum(values, rate, Band(n * width, (n + 1) * width, math.nan), highest=width)
             for n in range(1, _BANDS)]  # fmt: skip
    chosen = envelope_spectrum(values, rate, best, highest=highest * 1.2)
    parts = tuple(_evidence(name, lines, bands, chosen, shaft_hz, orders) for name, lines in _families(orders).items())
    state, reasons = _named({part.part: part for part in parts}, check)
    centred = values - values.mean()
    variance = float((centred**2).mean())
    kurtosis = float((centred**4).mean()) / variance**2 if variance > 0.0 else math.nan
    return BearingVerdict(state, reasons, parts, check, chosen, shaft_hz, math.sqrt(variance), kurtosis)


def _families(orders: BearingOrders) -> dict[str, tuple[float, ...]]:
    spin = 2.0 * orders.bsf
    return {
        "outer_race": (orders.bpfo, 2.0 * orders.bpfo),
        "inner_race": (orders.bpfi, 2.0 * orders.bpfi),
        "rolling_element": (spin, spin - orders.ftf, spin + orders.ftf, 2.0 * spin),
        "cage": (orders.ftf, 2.0 * orders.ftf, 3.0 * orders.ftf),
    }


def _evidence(
    name: str,
    family: tuple[float, ...],
    bands: list[EnvelopeSpectrum],
    chosen: EnvelopeSpectrum,
    shaft_hz: float,
    orders: BearingOrders,
) -> PartEvidence:
    from scipy.special import gammaincc  # noqa: PLC0415  (loads slowly)

    chances = []
    for band in bands:
        lines = [line for order in family if (line := line_near(band, order * shaft_hz)) is not None]
        logs = -sum(math.log(max(line.probability, 1e-300)) for line in lines)
        chances.append(float(gammaincc(len(lines), logs)) if lines else 1.0)
    aside = {"inner_race": 1.0, "rolling_element": orders.ftf}.get(name)
    beside = () if aside is None else (family[0] - aside, family[0] + aside)
    return PartEvidence(
        part=name,
        frequency=family[0] * shaft_hz,
        breadth=float(np.mean([chance < _RARE for chance in chances])),
        decades=float(np.mean([-math.log10(max(chance, 1e-300)) for chance in chances])),
        lines=tuple(line for n in (1, 2, 3) if (line := line_near(chosen, n * family[0] * shaft_hz)) is not None),
        sidebands=tuple(line for order in beside if (line := line_near(chosen, order * shaft_hz)) is not None),
    )


def _named(parts: Mapping[str, PartEvidence], check: RateCheck) -> tuple[BearingState, tuple[Text, ...]]:
    if check.contradicts:
        return BearingState.NOT_KNOWN, (
            text(
                "the shaft's lines stand where a sampling rate of {implied} Hz puts them, not {declared} Hz; every "
                "frequency of the record would be wrong by that ratio",
                implied=f"{check.implied:.0f}",
                declared=f"{check.declared:.0f}",
            ),
        )
    outer, inner, ball, cage = (parts[one] for one in ("outer_race", "inner_race", "rolling_element", "cage"))
    first, other = sorted((outer, inner), key=lambda one: -one.decades)
    said = text(
        "lines stand out of the noise in this share of the bands: outer race {outer} %, inner race {inner} %, rolling "
        "element {ball} %, cage {cage} %",
        outer=round(100 * outer.breadth),
        inner=round(100 * inner.breadth),
        ball=round(100 * ball.breadth),
        cage=round(100 * cage.breadth),
    )
    if first.breadth >= _BROAD and first.decades >= 2.0 * other.decades:
        state = BearingState.OUTER_RACE if first is outer else BearingState.INNER_RACE
        return state, (said, text("one race strikes in nearly all bands and clearer than the other"))
    if cage.breadth >= _HALF and ball.breadth >= _HALF:
        return BearingState.ROLLING_ELEMENT, (
            said,
            text("neither race dominates, and the load is carried once a turn of the cage: a rolling element"),
        )
    if max(part.breadth for part in parts.values()) <= _FEW:
        return BearingState.NO_FAULT_SEEN, (said, text("no part strikes in more than a third of the bands"))
    return BearingState.NOT_KNOWN, (said, text("the lines fit neither a sound bearing nor one fault alone"))
