"""Judge the force curves of a press or hammer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.ground.units import to_si
from forgecast.signals.condition.press_signature import Blow, Signature, judge_blows
from forgecast.tasks.condition_values import SignalsAsked, read_signals


@dataclass(frozen=True, slots=True, eq=False)
class PressAnswer:
    """What blows were like.

    Parameters
    ----------
    source : str
    blows : tuple of Blow
    signature : Signature
    notes : tuple of Text
    """

    source: str
    blows: tuple[Blow, ...]
    signature: Signature
    notes: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return features, drift and strange blows, in SI units."""
        found = self.signature
        return {
            "source": self.source,
            "by_way": self.blows[0].by_way,
            "blows": [
                {"name": blow.name, "good": bool(found.good[n]),
                 **{name: float(values[n]) for name, values in found.features.items()}}
                for n, blow in enumerate(self.blows)
            ],
            "envelope": {"coverage": found.coverage, "tested": found.tested if math.isfinite(found.tested) else None,
                         "reach": found.reach},
            "drifts": [
                {"feature": one.feature, "per_blow": one.slope, "low": one.low, "high": one.high,
                 "probability": one.probability,
                 "over_all_blows": one.relative if math.isfinite(one.relative) else None}
                for one in found.drifts
            ],
            "strange": [
                {"blow": self.blows[one.blow].name, "outside": one.outside,
                 "at": one.worst if math.isfinite(one.worst) else None,
                 "features": [{"feature": name, "deviations": z} for name, z in one.features]}
                for one in found.strange
            ],
            "notes": [one.as_json() for one in self.notes],
        }  # fmt: skip


def judge_press(
    source: Path, *, blow: str, force: str, axis: str, good: str = "", coverage: float = 0.95
) -> PressAnswer:
    """Read force curves out of a file and judge them.

    Parameters
    ----------
    source : Path
        One row a value: the blow it belongs to, time or way, force.
    blow, force, axis : str
        Headers; force and axis with their units in brackets: ``force [kN]``, ``way [mm]``, ``time [ms]``.
    good : str
        Column that is ``good`` (or 1, yes) on the rows of good blows; empty takes the first half as good.
    coverage : float
        Of the envelope.

    Raises
    ------
    ForgecastError
        If a unit is missing or of the wrong kind, or there are too few blows.
    """
    watched = read_signals(source, SignalsAsked((force, axis), (blow, *((good,) if good else ()))))
    forces = _in_si(watched.columns[0].values, watched.columns[0].unit, ("force",), force)
    by_way = _kind_of(watched.columns[1].unit, axis) == "length"
    places = _in_si(watched.columns[1].values, watched.columns[1].unit, ("length", "time_span"), axis)
    words = watched.labels[blow]
    names = list(dict.fromkeys(str(word) for word in words if word is not None))
    said = np.array(["" if word is None else str(word) for word in words], dtype=object)
    blows, marks = [], []
    for name in names:
        rows = np.flatnonzero(said == name)
        blows.append(Blow(name, places[rows], forces[rows], by_way))
        if good:
            marks.append(str(watched.labels[good][rows[0]]).lower() in ("good", "1", "yes", "true", "合格", "是"))
    signature = judge_blows(blows, good=np.array(marks) if good else None, coverage=coverage)
    notes = [*watched.notes, *signature.notes]
    if not by_way:
        notes.append(text("without the way of the ram there is no work; the impulse ∫F dt stands in its place"))
    return PressAnswer(watched.source, tuple(blows), signature, tuple(notes))


def _kind_of(unit: str, name: str) -> str:
    for kind in ("length", "time_span"):
        try:
            to_si(1.0, kind, unit)
        except ForgecastError:
            continue
        return kind
    raise ForgecastError(
        text("the column {name} has no unit of time or length", name=name),
        repair=text("write it in the header: time [ms] or way [mm]"),
    )


def _in_si(values: NDArray[np.float64], unit: str, kinds: tuple[str, ...], name: str) -> NDArray[np.float64]:
    kind = kinds[0] if len(kinds) == 1 else _kind_of(unit, name)
    if not unit:
        raise ForgecastError(
            text("the column {name} has no unit", name=name), repair=text("write it in the header: force [kN]")
        )
    return np.asarray(to_si(values, kind, unit))
