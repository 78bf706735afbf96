"""Diagnose a rolling bearing from a record of its vibration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.signals.condition.bearing import (
    STATE_TEXTS,
    BearingOrders,
    BearingVerdict,
    judge_bearing,
    orders_of_bearing,
    orders_of_geometry,
)
from forgecast.signals.condition.envelope_spectrum import Line
from forgecast.tasks.condition_values import SignalsAsked, read_signals
from forgecast.tasks.watched import Watched


@dataclass(frozen=True, slots=True)
class Geometry:
    """A bearing by its designation, or by its geometry.

    Parameters
    ----------
    name : str
        Of the table (``6205``); empty where the geometry is told.
    balls : int or None
    ball, pitch : float or None
        Diameters [m].
    angle : float
        Contact angle [rad].
    """

    name: str = ""
    balls: int | None = None
    ball: float | None = None
    pitch: float | None = None
    angle: float = 0.0

    def orders(self) -> BearingOrders:
        """Return its fault frequencies in multiples of the shaft speed.

        Raises
        ------
        ForgecastError
            If neither is told, or the table does not have it.
        """
        if self.name:
            return orders_of_bearing(self.name)
        if self.balls is None or self.ball is None or self.pitch is None:
            raise ForgecastError(
                text("nothing says which bearing it is"),
                repair=text("give --bearing (a designation of the table), or --balls, --ball and --pitch"),
            )
        return orders_of_geometry(self.balls, self.ball, self.pitch, contact_angle=self.angle)


@dataclass(frozen=True, slots=True, eq=False)
class BearingAnswer:
    """The state of a bearing.

    Parameters
    ----------
    source, signal, unit : str
    values : int
    orders : BearingOrders
    verdict : BearingVerdict
    notes : tuple of Text
    """

    source: str
    signal: str
    unit: str
    values: int
    orders: BearingOrders
    verdict: BearingVerdict
    notes: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return the answer with its evidence."""
        found = self.verdict
        return {
            "source": self.source,
            "signal": self.signal,
            "values": self.values,
            "state": str(found.state),
            "state_words": STATE_TEXTS[found.state].as_json(),
            "reasons": [one.as_json() for one in found.reasons],
            "shaft_Hz": found.shaft_hz,
            "rate_Hz": {
                "declared": found.rate.declared, "implied": found.rate.implied,
                "contradicts": found.rate.contradicts, "confirmed": found.rate.confirmed,
            },
            "band_Hz": [found.spectrum.band.low, found.spectrum.band.high],
            "band_kurtosis": found.spectrum.band.kurtosis,
            "root_mean_square": found.root_mean_square,
            "kurtosis": found.kurtosis,
            "parts": [
                {"part": one.part, "frequency_Hz": one.frequency, "share_of_bands": one.breadth, "decades": one.decades,
                 "lines": [_line(line) for line in one.lines],
                 "sidebands": [_line(line) for line in one.sidebands]}
                for one in found.parts
            ],
            "notes": [one.as_json() for one in self.notes],
        }  # fmt: skip


def diagnose_bearing(
    source: Path, signal: str, geometry: Geometry, *, rpm: float, rate: float | None = None, time: str = "",
    where: tuple[tuple[str, str], ...] = (),
) -> BearingAnswer:  # fmt: skip
    """Read a vibration record and judge a bearing.

    Parameters
    ----------
    source : Path
        File or plant folder.
    signal : str
        Header, or tag.
    geometry : Geometry
    rpm : float
        Speed of the shaft [1/min].
    rate : float or None
        Sampling rate [Hz]; None reads it off the times.
    time : str
        Column of times in a file.
    where : tuple of (str, str)

    Raises
    ------
    ForgecastError
        If the rate is not known, the record has a gap, or it is too short.
    """
    orders = geometry.orders()
    watched = read_signals(source, SignalsAsked((signal,), where=where, time=time))
    values = watched.columns[0].values
    declared, notes = _rate(watched, rate)
    if np.isnan(values).any():
        raise ForgecastError(
            text("the record lacks {n} values; a spectrum needs it whole", n=int(np.isnan(values).sum())),
            where=watched.source, repair=text("give one unbroken stretch"),
        )  # fmt: skip
    verdict = judge_bearing(values, declared, rpm / 60.0, orders)
    if not verdict.rate.confirmed and not verdict.rate.contradicts:
        notes.append(text("the shaft shows no clear lines, so speed and sampling rate could not be checked"))
    notes.append(text("the rules were set on four records of one laboratory rig: look at the evidence, not the word"))
    return BearingAnswer(
        watched.source, signal, watched.columns[0].unit, int(values.size), orders, verdict, tuple(notes)
    )


def _rate(watched: Watched, rate: float | None) -> tuple[float, list[Text]]:
    if rate is not None:
        return rate, list(watched.notes)
    if watched.times is None or len(watched) < 2:
        raise ForgecastError(
            text("nothing says how fast the record was sampled"),
            where=watched.source, repair=text("give --rate (12kHz), or --time with the column of times"),
        )  # fmt: skip
    steps = np.diff(watched.times)
    usual = float(np.median(steps))
    if (np.abs(steps - usual) > 0.5 * usual).any():
        raise ForgecastError(
            text("the record is not evenly sampled; a spectrum needs it so"),
            where=watched.source, repair=text("give one unbroken stretch"),
        )  # fmt: skip
    return 1e6 * (len(watched) - 1) / float(watched.times[-1] - watched.times[0]), list(watched.notes)


def _line(line: Line) -> dict[str, float]:
    return {"wanted_Hz": line.wanted, "found_Hz": line.found, "decibel": line.decibel}
