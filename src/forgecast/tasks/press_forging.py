"""A forming run of a case: the billet is stood on the lower die, the upper die set on it, and the stroke made."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.die import Die
from forgecast.forging.die_heat import DieFace, die_face
from forgecast.forging.error import ForgingError
from forgecast.forging.forming import Moment, Settings
from forgecast.forging.pressing import Pressing, Run, press
from forgecast.gateway.case_file import CaseError
from forgecast.gateway.press_case import PressCase
from forgecast.ground.texts import Text, text

FloatArray = NDArray[np.float64]
#: Of die faces, in sides of triangles: finer than this the contact does not see.
_FACE = 2.0
#: Share of the way below which steps no longer shorten.
_NEAR = 0.003


@dataclass(frozen=True, slots=True, eq=False)
class PressAnswer:
    """A forming run with what it was asked.

    Parameters
    ----------
    case : PressCase
    asked : Pressing
    run : Run
    stopped : bool
        Whether the user ended it.
    notes : tuple of Text
    """

    case: PressCase
    asked: Pressing
    run: Run
    stopped: bool
    notes: tuple[Text, ...]


class _StoppedError(ForgingError):
    """The user asked to end; the run keeps what it has."""


def pressing_of(case: PressCase) -> Pressing:
    """Return the stroke of a case: profiles are drawn closed, so the way up is the way to close.

    Raises
    ------
    CaseError
        If the billet is wider than the dies, or the dies already touch it closed and leave no way.
    ForgingError
        As `Pressing`.
    """
    radius = 0.5 * case.diameter
    if radius >= min(float(case.lower[:, 0].max()), float(case.upper[:, 0].max())):
        raise CaseError(
            text("the billet is wider than the dies"),
            where=f"{case.path}: billet.diameter",
            repair=text("draw the dies to beyond the billet, or take a thinner one"),
        )
    foot = float(_within(case.lower, radius).max())
    closing = foot + case.height - float(_within(case.upper, radius).min())
    if closing <= 0.0:
        raise CaseError(
            text("the billet is {gap} mm lower than the closed dies leave room", gap=f"{-1e3 * closing:.3g}"),
            where=f"{case.path}: billet.height",
            repair=text("take a longer billet; the profiles are drawn with the dies closed"),
        )
    lower = Die("lower die", case.lower, case.friction, case.coulomb)
    upper = Die("upper die", case.upper + np.array([0.0, closing]), case.friction, case.coulomb)
    outline = np.array([(0.0, foot), (radius, foot), (radius, foot + case.height), (0.0, foot + case.height)])
    faces: tuple[DieFace, ...] = ()
    if case.thermal is not None and case.die_metal is not None:
        faces = tuple(
            die_face(one.profile, case.die_temperature, case.die_metal, spacing=_FACE * case.side)
            for one in (lower, upper)
        )  # fmt: skip
    return Pressing(
        outline=outline, lower=lower, upper=upper, closing=closing, metal=case.flow.law,
        validity=case.flow.validity if case.flow.validity.known else None, temperature=case.temperature,
        settings=Settings(case.round, lambda at: np.full(len(at), case.side)), machine=case.machine.machine,
        thermal=case.thermal, die_faces=faces, flash_from=case.flash_from,
    )  # fmt: skip


def _within(profile: FloatArray, radius: float) -> FloatArray:
    """Return heights of a profile up to a radius, those where it crosses that radius with them."""
    low, high = profile[:-1], profile[1:]
    between = (low[:, 0] - radius) * (high[:, 0] - radius) < 0.0
    share = (radius - low[between, 0]) / (high[between, 0] - low[between, 0])
    at = low[between, 1] + share * (high[between, 1] - low[between, 1])
    return np.concatenate([profile[profile[:, 0] <= radius, 1], at])


def done_share(way: float) -> float:
    """Return the share of the time of a run that is done at a share of its way.

    Steps shorten as the gap closes, so time goes with the logarithm of what is left of the way; it followed the clock
    of a gear blank within a tenth.
    """
    left = max(1.0 - way, 0.0)
    return math.log((1.0 + _NEAR) / (left + _NEAR)) / math.log((1.0 + _NEAR) / _NEAR)


def press_forging(
    case: PressCase,
    *,
    progress: Callable[[float], None] = lambda _share: None,
    stop: Callable[[], bool] = lambda: False,
    keep: int = 30,
) -> PressAnswer:
    """Make the stroke of a case.

    Parameters
    ----------
    case : PressCase
    progress : callable
        Told the share of the way that is gone.
    stop : callable
        Tells whether to end after this step, with what is there.
    keep : int
        Moments kept.

    Raises
    ------
    ForgecastError
        If the run cannot begin.
    """
    asked = pressing_of(case)
    stopped = False

    def watch(moment: Moment) -> None:
        nonlocal stopped
        gone = float(asked.upper.profile[0, 1] - moment.tools[1].profile[0, 1])
        progress(done_share(gone / asked.closing))
        if stop():
            stopped = True
            raise _StoppedError(text("the user ended it"), repair=text("start it again to see the end"))

    run = press(asked, watch=watch, keep=keep)
    notes = []
    if case.thermal is None:
        notes.append(text("no heat was reckoned with: everything keeps its temperature"))
    return PressAnswer(case, asked, run, stopped, tuple(notes))
