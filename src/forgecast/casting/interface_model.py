"""What thermocouples would read if the interface had a given coefficient: the forward model of an identification."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.heat_run import Accuracy, HeatRun
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import Layout
from forgecast.casting.probe import probe
from forgecast.casting.thermocouple import ThermocoupleRecord
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.metal.contact import Contact
from forgecast.metal.medium import Medium
from forgecast.shape.grid import Grid

F8 = NDArray[np.float64]

Over: TypeAlias = Literal["constant", "temperature", "time"]


@dataclass(frozen=True, slots=True, eq=False)
class Knots:
    """What an unknown interface coefficient is a function of, and where its values are asked for.

    Parameters
    ----------
    over : {"constant", "temperature", "time"}
        As in `Contact`.
    at : (k,) float64
        Knots, rising: [K] or [s]; for a constant, one of any value.

    Raises
    ------
    ForgecastError
        If there are no knots, they do not rise, or a constant has more than one.
    """

    over: Over
    at: F8

    def __post_init__(self) -> None:
        wrong = not len(self.at) or not np.isfinite(self.at).all() or (np.diff(self.at) <= 0.0).any()
        if wrong or (self.over == "constant" and len(self.at) != 1):
            raise ForgecastError(
                text("the knots of the interface coefficient do not fit: {knots}", knots=str(self.at.tolist())),
                repair=text("give one for a constant, else temperatures or times that rise"),
            )

    def contact(self, coefficient: F8) -> Contact:
        """Return the contact with these coefficients at the knots [W/(m2 K)]."""
        return Contact(self.over, self.at, np.asarray(coefficient, dtype=np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """Half a plate against a mould, one-dimensional: x is 0 at the interface and grows into the mould.

    Parameters
    ----------
    metal, mould : Medium
    half_thickness : float
        From the interface to the plate's plane of symmetry [m].
    mould_thickness : float
        [m].
    pour_temperature, mould_temperature : float
        At time 0 [K].
    back : Contact or None
        From the mould's back to the air; None where no heat passes there.
    air_temperature : float or None
        [K]; needed with `back`.
    """

    metal: Medium
    mould: Medium
    half_thickness: float
    mould_thickness: float
    pour_temperature: float
    mould_temperature: float
    back: Contact | None = None
    air_temperature: float | None = None


#: Steps finer than a run needs otherwise: what they are wrong by goes into the coefficient and into no interval.
FINE = Accuracy(tolerance=0.05)
#: Interface of plate and mould in `plate_layout`.
PLATE_PAIR = (0, 1)


def plate_layout(plate: Plate, *, first: float = 1 / 60, growth: float = 1.08) -> Layout:
    """Lay a plate and its mould into a row of cells, finest at the interface.

    Parameters
    ----------
    plate : Plate
    first : float
        Width of the cells at the interface, as a share of the thinner side [1].
    growth : float
        Width of a cell over that of the one before [1].

    Raises
    ------
    ForgecastError
        If a thickness is not above zero, or heat leaves the back to air without a temperature.
    """
    if not (plate.half_thickness > 0.0 and plate.mould_thickness > 0.0):
        raise ForgecastError(
            text("plate and mould are {plate} mm and {mould} mm thick", plate=1e3 * plate.half_thickness,
                 mould=1e3 * plate.mould_thickness),
            repair=text("give thicknesses above zero"),
        )  # fmt: skip
    if plate.back is not None and plate.air_temperature is None:
        raise ForgecastError(
            text("heat leaves the mould's back to air of unknown temperature"),
            repair=text("give the temperature of the air"),
        )
    width = first * min(plate.half_thickness, plate.mould_thickness)
    metal = -_graded(plate.half_thickness, width, growth)[::-1]
    mould = _graded(plate.mould_thickness, width, growth)
    grid = Grid(np.concatenate([metal[:-1], mould]), np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    medium = np.where(grid.centres[0] < 0.0, 0, 1).astype(np.uint8).reshape(grid.shape)
    media: tuple[Medium | Surroundings, ...] = (plate.metal, plate.mould)
    start: tuple[float, ...] = (plate.pour_temperature, plate.mould_temperature)
    part = (medium == 0).astype(np.uint8)
    if plate.back is None or plate.air_temperature is None:
        return Layout(grid, media, medium, part, start)
    air = Surroundings("air", plate.air_temperature)
    return Layout(grid, (*media, air), medium, part, (*start, air.temperature), {(1, 2): plate.back}, {"x+": 2})


def _graded(length: float, first: float, growth: float) -> F8:
    """Return cell edges from 0 to a length, widths growing by a ratio from about `first` on."""
    count = max(4, round(np.log1p(length / first * (growth - 1.0)) / np.log(growth)))
    edges = np.concatenate([[0.0], np.cumsum(growth ** np.arange(count))])
    got: F8 = edges * (length / edges[-1])
    return got


class InterfaceModel:
    """Temperatures at the thermocouples of a record for given interface coefficients.

    Parameters
    ----------
    layout : Layout
        With the metal at its pour temperature at time 0.
    pair : (int, int)
        The two media whose contact is unknown, the smaller index first.
    knots : Knots
    record : ThermocoupleRecord
        Its times and places are predicted; its temperatures are not looked at.
    accuracy : Accuracy or None
        None takes `FINE`.

    Notes
    -----
    A coefficient over time is held over each step of the run, so an error of first order in the step is left; with
    `FINE` and knots of 3000, 1000 and 500 W/(m2 K) at 0, 10 and 60 s it moved them by less than half a per cent.

    Called with (k,) coefficients [W/(m2 K)], or with (k + m d,) numbers of which the last are displacements of the
    thermocouples along each axis [m] (the first thermocouple's axes first); these are followed to first order. One run
    is kept, so that displacing thermocouples costs none.
    """

    def __init__(
        self,
        layout: Layout,
        pair: tuple[int, int],
        knots: Knots,
        record: ThermocoupleRecord,
        *,
        accuracy: Accuracy | None = None,
    ) -> None:
        self.layout, self.pair, self.knots, self.record = layout, pair, knots, record
        self.accuracy = accuracy or FINE
        self.runs = 0
        self._probe = probe(layout, record.place, record.thermocouples, where=record.name)
        self._kept: tuple[bytes, F8, F8] | None = None

    def __call__(self, parameters: F8) -> F8:
        """Return the temperatures, (n, m) [K]."""
        count = len(self.knots.at)
        coefficient, displaced = parameters[:count], parameters[count:]
        temperature, gradient = self._run(np.asarray(coefficient, dtype=np.float64))
        if not len(displaced):
            return temperature
        moved = (gradient * displaced.reshape(self.record.place.shape)).sum(axis=2)
        got: F8 = temperature + moved
        return got

    def _run(self, coefficient: F8) -> tuple[F8, F8]:
        key = coefficient.tobytes()
        if self._kept is None or self._kept[0] != key:
            contacts = {**self.layout.contacts, self.pair: self.knots.contact(coefficient)}
            run = HeatRun(replace(self.layout, contacts=contacts), accuracy=self.accuracy)
            rows = []
            for time in self.record.time:
                run.advance(float(time))
                rows.append(self._probe.read(run.temperature()))
            self.runs += 1
            self._kept = key, np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
        return self._kept[1], self._kept[2]
