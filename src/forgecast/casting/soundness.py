"""Whether a casting will be sound: its figures held against limits that have a source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.constant import Constant
from forgecast.casting.pools import Place, require_fields
from forgecast.casting.shrinkage import Shrinkage
from forgecast.ground.texts import Text, text
from forgecast.shape.grid import Grid

#: The house's words for a verdict; what they look like in a language is the doors' matter.
Word: TypeAlias = Literal["met", "not met", "not known", "not applicable"]
#: Body of the casting in `part`; risers may be porous.
CASTING = 1


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that a check found.

    Parameters
    ----------
    place : (float, float, float)
        Its centroid [m].
    size : float
        Diameter of a sphere of its volume [m].
    worst : float
        Worst value of the figure there, in the unit of the check.
    """

    place: Place
    size: float
    worst: float


@dataclass(frozen=True, slots=True)
class Check:
    """One figure of the casting, its limit, and what follows.

    Parameters
    ----------
    name : str
        ``cavity``, ``microporosity`` or ``niyama``.
    title : Text
    figure : float or None
        The worst value in the casting, in SI; None where there is none.
    unit : str
    limit : Constant or None
        Highest value allowed, lowest for the Niyama value, in the same unit, with its source.
    word : Word
    reason : Text or None
        Why it is not known or does not apply.
    spots : tuple of Spot
        Where the limit is broken, or the worst place where there is no limit; the largest first.
    """

    name: str
    title: Text
    figure: float | None
    unit: str
    limit: Constant | None
    word: Word
    reason: Text | None
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sound casting has to keep to; None where nothing was asked for.

    Parameters
    ----------
    cavity : Constant or None
        Largest diameter of a shrinkage cavity [m].
    microporosity : Constant or None
        Highest share of dispersed porosity in a cell [1].
    niyama : Constant or None
        Lowest Niyama value [K^0.5 s^0.5/m]; `forgecast.casting.criteria.niyama_thresholds` has some on record.
    """

    cavity: Constant | None = None
    microporosity: Constant | None = None
    niyama: Constant | None = None


@dataclass(frozen=True, slots=True)
class Soundness:
    """The verdict on a casting.

    Parameters
    ----------
    word : Word
        ``not met`` if one check is; else ``not known`` if one is, or none applies; else ``met``.
    checks : tuple of Check
    """

    word: Word
    checks: tuple[Check, ...]


def soundness(
    grid: Grid,
    part: NDArray[np.uint8],
    metal_volume: NDArray[np.float32],
    voids: Shrinkage,
    limits: Limits,
    *,
    niyama: NDArray[np.float64] | None = None,
    niyama_does_not_apply: Text | None = None,
    most_spots: int = 20,
) -> Soundness:
    """Return whether the casting keeps to its limits, and where it does not.

    Parameters
    ----------
    grid : Grid
    part : (nz, ny, nx) uint8
        Body of each cell; only 1, the casting, is judged.
    metal_volume : (nz, ny, nx) float32
        [m3].
    voids : Shrinkage
    limits : Limits
        A limit whose source is ``unverified`` decides nothing.
    niyama : (nz, ny, nx) float64 or None
        [K^0.5 s^0.5/m]; NaN where there is no value.
    niyama_does_not_apply : Text or None
        Why the Niyama value says nothing about this alloy (a graphitic iron); the verdict is then formed without it.
    most_spots : int
        Places listed for each check.

    Raises
    ------
    JudgingError
        If a field does not fit the grid.
    """
    require_fields(grid, part=part, metal_volume=metal_volume, niyama=niyama, macro=voids.macro)
    casting = part == CASTING
    checks = (
        _cavities(voids, limits.cavity, most_spots),
        _microporosity(grid, casting, metal_volume, voids, limits.microporosity, most_spots),
        _niyama(grid, casting, metal_volume, niyama, limits.niyama, niyama_does_not_apply, most_spots),
    )
    return Soundness(overall(check.word for check in checks), checks)


def overall(words: Iterable[Word]) -> Word:
    """Return the word for several checks together."""
    found = set(words)
    if "not met" in found:
        return "not met"
    return "met" if "met" in found and "not known" not in found else "not known"


def _cavities(voids: Shrinkage, limit: Constant | None, most: int) -> Check:
    own = [cavity for cavity in voids.cavities if cavity.body == CASTING]
    figure = max((cavity.diameter for cavity in own), default=0.0)
    word, reason = _word(figure, limit, complete=voids.complete)
    shown = [c for c in own if limit is None or c.diameter > limit.value]
    spots = tuple(Spot(c.place, c.diameter, c.diameter) for c in shown[:most])
    return Check("cavity", text("largest shrinkage cavity in the casting"), figure, "m", limit, word, reason, spots)


def _microporosity(
    grid: Grid,
    casting: NDArray[np.bool_],
    metal_volume: NDArray[np.float32],
    voids: Shrinkage,
    limit: Constant | None,
    most: int,
) -> Check:
    micro = np.where(casting, voids.micro, np.nan).astype(np.float64)
    known = micro[~np.isnan(micro)]
    figure = float(known.max()) if len(known) else None
    word, reason = _word(figure, limit, complete=voids.complete)
    bound = figure if limit is None else limit.value
    over = np.zeros(grid.shape, bool)
    if bound:
        over = micro >= bound if limit is None else micro > bound
    spots = _spots(grid, over, metal_volume, micro, most)
    title = text("highest microporosity in the casting")
    return Check("microporosity", title, figure, "1", limit, word, reason, spots)


def _niyama(
    grid: Grid,
    casting: NDArray[np.bool_],
    metal_volume: NDArray[np.float32],
    niyama: NDArray[np.float64] | None,
    limit: Constant | None,
    does_not_apply: Text | None,
    most: int,
) -> Check:
    title, unit = text("lowest Niyama value in the casting"), "K^0.5 s^0.5/m"
    if does_not_apply is not None:
        return Check("niyama", title, None, unit, limit, "not applicable", does_not_apply, ())
    values = np.full(grid.shape, np.nan) if niyama is None else np.where(casting, niyama, np.nan)
    known = values[~np.isnan(values)]
    figure = float(known.min()) if len(known) else None
    missing = int(casting.sum()) - len(known)
    # Lower is worse: both sides change their sign for the comparison.
    word, reason = _word(figure, limit, lowest=True)
    if word == "met" and missing:
        word = "not known"
        reason = text("{count} cells of the casting have no value; all others keep to the limit", count=missing)
    bound = figure if limit is None else limit.value
    under = np.zeros(grid.shape, bool)
    if bound is not None:
        under = values <= bound if limit is None else values < bound
    return Check(
        "niyama", title, figure, unit, limit, word, reason, _spots(grid, under, metal_volume, -values, most, -1)
    )


def _word(
    figure: float | None, limit: Constant | None, *, complete: bool = True, lowest: bool = False
) -> tuple[Word, Text | None]:
    """Return what a figure and its limit say, and why where they say nothing."""
    if figure is None:
        return "not known", text("there is no value in the casting")
    if figure == 0.0 and complete and not lowest:
        # Nothing is missing anywhere: no limit could be broken.
        return "met", None
    if limit is None or not limit.usable:
        return "not known", _undecided(limit)
    if (figure < limit.value) if lowest else (figure > limit.value):
        return "not met", None
    if not complete:
        return "not known", text("some metal had not frozen when the run ended; what is missing then may still grow")
    return "met", None


def _undecided(limit: Constant | None) -> Text:
    if limit is None:
        return text("no limit was given; enter the one of your order or standard")
    return text(
        "the limit was not read in its source and so decides nothing: {value} ({source}); enter the number from your "
        "own copy",
        value=f"{limit.value:.4g}",
        source=limit.source.source,
    )


def _spots(
    grid: Grid,
    where: NDArray[np.bool_],
    metal_volume: NDArray[np.float32],
    badness: NDArray[np.float64],
    most: int,
    sign: int = 1,
) -> tuple[Spot, ...]:
    """Return connected places (across faces, edges and corners), the largest first."""
    from scipy import ndimage  # noqa: PLC0415  (loads slowly)

    label, count = ndimage.label(where, np.ones((3, 3, 3)))
    x, y, z = grid.centres
    spots = []
    for number, box in enumerate(ndimage.find_objects(label, count), start=1):
        inside = label[box] == number
        held = np.where(inside, metal_volume[box].astype(np.float64), 0.0)
        volume = float(held.sum())
        # A cell may hold no metal at all by rounding; its place still counts.
        weight = held if volume > 0.0 else inside.astype(np.float64)
        k, j, i = box
        place = (
            float(np.average(x[i], weights=weight.sum((0, 1)))),
            float(np.average(y[j], weights=weight.sum((0, 2)))),
            float(np.average(z[k], weights=weight.sum((1, 2)))),
        )
        worst = sign * float(badness[box][inside].max())
        spots.append(Spot(place, float(np.cbrt(6.0 * volume / np.pi)), worst))
    return tuple(sorted(spots, key=lambda spot: -spot.size)[:most])
