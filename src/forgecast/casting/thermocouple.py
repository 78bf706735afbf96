"""What thermocouples in a casting and its mould have recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

F8 = NDArray[np.float64]


class RecordError(ForgecastError):
    """A thermocouple record cannot be used."""

    code = "thermocouple-record"


@dataclass(frozen=True, slots=True, eq=False)
class ThermocoupleRecord:
    """Temperatures over time at known places; gaps stay gaps.

    Parameters
    ----------
    name : str
        File or trial, for errors.
    time : (n,) float64
        Since the pour [s], rising.
    temperature : (n, m) float64
        [K]; NaN where there is no reading.
    thermocouples : tuple of str
        Names of the m thermocouples.
    place : (m, d) float64
        Where they sit [m]: d = 3 in the coordinates of a layout, d = 1 in a plate (0 the interface, negative in the
        casting, positive in the mould).

    Raises
    ------
    RecordError
        If shapes do not fit, times do not rise or lie before the pour, a thermocouple has no reading or no place, or no
        temperature ever changes.
    """

    name: str
    time: F8
    temperature: F8
    thermocouples: tuple[str, ...]
    place: F8

    def __post_init__(self) -> None:
        wanted = (len(self.time), len(self.thermocouples))
        if not wanted[0] or not wanted[1]:
            raise RecordError(
                text("the record holds {rows} rows and {columns} thermocouples", rows=wanted[0], columns=wanted[1]),
                where=self.name,
                repair=text("give at least one thermocouple and one row a time"),
            )
        if self.temperature.shape != wanted or self.place.ndim != 2 or len(self.place) != wanted[1]:
            raise RecordError(
                text(
                    "temperatures of the shape {got} and {places} places for {rows} times and {columns} thermocouples",
                    got=str(self.temperature.shape),
                    places=len(self.place),
                    rows=wanted[0],
                    columns=wanted[1],
                ),
                where=self.name,
                repair=text("give one temperature for each time and thermocouple, and each thermocouple a place"),
            )
        self._check_times()
        self._check_temperatures()

    def _check_times(self) -> None:
        if not np.isfinite(self.time).all() or self.time[0] < 0.0:
            raise RecordError(
                text("a time is missing or lies before the pour"),
                where=self.name,
                repair=text("count time from the pour on, and leave out what was recorded before"),
            )
        falls = np.flatnonzero(np.diff(self.time) <= 0.0)
        if falls.size:
            row = int(falls[0])
            raise RecordError(
                text(
                    "time does not rise: {later} s comes after {earlier} s",
                    later=float(self.time[row + 1]),
                    earlier=float(self.time[row]),
                ),
                where=self.name,
                repair=text("sort the rows by time and leave out repeated ones"),
            )

    def _check_temperatures(self) -> None:
        seen = np.isfinite(self.temperature)
        for name, column, place in zip(self.thermocouples, seen.T, self.place, strict=True):
            if not column.any():
                raise RecordError(
                    text("the thermocouple {name} has no reading at all", name=name),
                    where=self.name,
                    repair=text("leave the column out"),
                )
            if not np.isfinite(place).all():
                raise RecordError(
                    text("nothing says where the thermocouple {name} sits", name=name),
                    where=self.name,
                    repair=text("write its place into the header: name @ 5 mm [degC]"),
                )
        if all(np.ptp(column[here]) == 0.0 for column, here in zip(self.temperature.T, seen.T, strict=True)):
            raise RecordError(
                text("no thermocouple's temperature ever changes"),
                where=self.name,
                repair=text("look at the logger: a record without change tells nothing of the heat that passed"),
            )

    def thinned(self, most: int) -> ThermocoupleRecord:
        """Return a record of at most so many rows, every n-th of this one."""
        every = -(-len(self.time) // most)
        if every == 1:
            return self
        return ThermocoupleRecord(
            self.name, self.time[::every], self.temperature[::every], self.thermocouples, self.place
        )
