"""Temperatures and their gradients at places between the cell centres of a layout, never across an interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import Layout
from forgecast.casting.thermocouple import RecordError
from forgecast.ground.texts import text

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """Where to look for the temperature of each place; see `probe`.

    Parameters
    ----------
    cell : (m,) int64
        Flat index of the cell that holds the place.
    low, high : (m, d) int64
        Its neighbours along x, y, z of the same medium; the cell itself where there is none.
    away : (m, d) float64
        From the cell's centre to the place [m].
    distance : (m, d) float64
        From `low` to `high` [m]; 1 where both are the cell.
    """

    cell: I8
    low: I8
    high: I8
    away: F8
    distance: F8

    def read(self, temperature: NDArray[np.float32]) -> tuple[F8, F8]:
        """Return the temperatures at the places, (m,) [K], and their gradients, (m, d) [K/m]."""
        field = temperature.ravel()
        gradient = (field[self.high].astype(np.float64) - field[self.low]) / self.distance
        return field[self.cell] + (gradient * self.away).sum(axis=1), gradient


def probe(layout: Layout, place: F8, names: Sequence[str], *, where: str = "") -> Probe:
    """Find the cells around places.

    The temperature within a cell is taken as linear, with the slope between its neighbours of the same medium: exact
    for a linear field, up to the interface, and of second order in the cell width.

    Parameters
    ----------
    layout : Layout
    place : (m, 3) or (m, 1) float64
        [m]; one coordinate means x in a layout of a single row of cells.
    names : sequence of str
        Of the m thermocouples, for errors.
    where : str
        Name of the record, for errors.

    Raises
    ------
    RecordError
        If a place lies outside the layout or in its surroundings, or one coordinate is given in more than one row.
    """
    edges = (layout.grid.x, layout.grid.y, layout.grid.z)[: place.shape[1]]
    if place.shape[1] == 1 and layout.grid.shape[:2] != (1, 1):
        raise RecordError(
            text("the thermocouples have one coordinate, and the layout is not a single row of cells"),
            where=where,
            repair=text("give places with three coordinates: name @ 10 25 -4 mm [degC]"),
        )
    index = np.zeros((len(place), 3), dtype=np.int64)
    for axis, edge in enumerate(edges):
        at = place[:, axis]
        for name, x in zip(names, at, strict=True):
            if not edge[0] <= x <= edge[-1]:
                raise RecordError(
                    text(
                        "the thermocouple {name} sits at {at} mm along {axis}, outside {low} to {high} mm",
                        name=name,
                        at=round(1e3 * float(x), 3),
                        axis="xyz"[axis],
                        low=round(1e3 * float(edge[0]), 3),
                        high=round(1e3 * float(edge[-1]), 3),
                    ),
                    where=where,
                    repair=text("correct its place, or make casting and mould as thick as they are"),
                )
        index[:, axis] = np.clip(np.searchsorted(edge, at, side="right") - 1, 0, len(edge) - 2)
    return _stencil(layout, place, index, names, where)


def _stencil(layout: Layout, place: F8, index: I8, names: Sequence[str], where: str) -> Probe:
    shape, centres = layout.grid.shape, layout.grid.centres
    flat = np.ravel_multi_index((index[:, 2], index[:, 1], index[:, 0]), shape)
    medium = layout.medium.ravel()
    for name, cell in zip(names, flat, strict=True):
        if isinstance(layout.media[medium[cell]], Surroundings):
            raise RecordError(
                text("the thermocouple {name} sits in the surroundings, not in casting or mould", name=name),
                where=where,
                repair=text("correct its place, or leave the column out"),
            )
    count, axes = place.shape
    low, high = np.tile(flat[:, None], axes), np.tile(flat[:, None], axes)
    away, distance = np.zeros((count, axes)), np.ones((count, axes))
    for axis in range(axes):
        step = (1, shape[2], shape[2] * shape[1])[axis]
        here, centre = index[:, axis], centres[axis]
        away[:, axis] = place[:, axis] - centre[here]
        first, last = here.copy(), here.copy()
        for sign, side, end in ((-1, low, first), (1, high, last)):
            inside = (here + sign >= 0) & (here + sign < len(centre))
            beside = np.where(inside, flat + sign * step, flat)
            same = inside & (medium[beside] == medium[flat])
            side[same, axis] = beside[same]
            end[same] += sign
        spread = centre[last] - centre[first]
        distance[:, axis] = np.where(spread > 0.0, spread, 1.0)
    return Probe(flat.astype(np.int64), low, high, away, distance)
