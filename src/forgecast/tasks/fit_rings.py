"""Fit the friction factor of dies to rings upset between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.error import ForgingError
from forgecast.forging.ring import friction_of_rings, upset_ring
from forgecast.gateway.measured_table import MeasuredTable
from forgecast.ground.texts import Text, text

FloatArray = NDArray[np.float64]
#: Friction factors whose calibration curves are drawn beside the fitted one.
CURVES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
#: Up to here the curves agree with finite elements within a few points (see `forgecast.forging.ring`).
_TRUSTED_M, _TRUSTED_REDUCTION = 0.5, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class RingAnswer:
    """What rings tell of friction.

    Parameters
    ----------
    name : str
        Of the table.
    outer, bore, height : float
        Of the rings before, m.
    reduction, decrease : (n,) array
        Of height and bore, shares.
    m, halfwidth : float
        Friction factor, and half of its 95 % interval; NaN for one ring.
    left : float
        Root mean square of what is left, share of the bore.
    curves : tuple of (m, reductions, decreases)
        Calibration curves.
    notes : tuple of Text
    """

    name: str
    outer: float
    bore: float
    height: float
    reduction: FloatArray
    decrease: FloatArray
    m: float
    halfwidth: float
    left: float
    curves: tuple[tuple[float, FloatArray, FloatArray], ...]
    notes: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return the answer with units in the names; what is not known is null."""
        fitted = fitted_decrease(self)
        return {
            "name": self.name,
            "ring": {"outer_m": self.outer, "bore_m": self.bore, "height_m": self.height},
            "friction_factor": self.m,
            "halfwidth_95": self.halfwidth if math.isfinite(self.halfwidth) else None,
            "root_mean_square_left": self.left,
            "rings": [
                {"reduction": float(r), "bore_decrease": float(d), "fitted": float(f)}
                for r, d, f in zip(self.reduction, self.decrease, fitted, strict=True)
            ],
            "notes": [note.as_json() for note in self.notes],
        }


def fitted_decrease(answer: RingAnswer) -> FloatArray:
    """Return what the fitted friction factor says of each ring's bore, share."""
    most = min(float(answer.reduction.max()) + 1e-9, 0.95)
    return upset_ring(answer.outer, answer.bore, answer.height, answer.m, reduction=most).bore_decrease(
        answer.reduction
    )


def fit_rings(table: MeasuredTable, outer: float, bore: float, height: float) -> RingAnswer:
    """Fit the friction factor to a table of rings.

    Parameters
    ----------
    table : MeasuredTable
        Columns ``height`` and ``bore`` of the rings after, m.
    outer, bore, height : float
        Of the rings before, m.

    Raises
    ------
    ForgingError
        If a ring became higher, a bore is not above 0, or the ring cannot be (`forgecast.forging.ring`).
    """
    there = np.isfinite(table.numbers["height"]) & np.isfinite(table.numbers["bore"])
    after, inner = table.numbers["height"][there], table.numbers["bore"][there]
    rows = np.flatnonzero(there)
    for n, (one, hole) in enumerate(zip(after, inner, strict=True)):
        if not 0.0 < one < height or not hole > 0.0:
            raise ForgingError(
                text("a ring of {height} mm before is {after} mm high after, with a bore of {bore} mm",
                     height=round(1e3 * height, 4), after=round(1e3 * float(one), 4), bore=round(1e3 * float(hole), 4)),
                where=table.place(int(rows[n])),
                repair=text("give height and bore after upsetting, in the unit of the header"),
            )  # fmt: skip
    reduction, decrease = 1.0 - after / height, 1.0 - inner / bore
    m, halfwidth, left = friction_of_rings(outer, bore, height, reduction, decrease)
    most = min(1.08 * float(reduction.max()), 0.85)
    curves = tuple((one, *_curve(outer, bore, height, one, most)) for one in CURVES)
    return RingAnswer(
        table.name,
        outer,
        bore,
        height,
        reduction,
        decrease,
        m,
        halfwidth,
        left,
        curves,
        tuple(_notes(m, halfwidth, reduction, int((~there).sum()))),
    )


def _curve(outer: float, bore: float, height: float, m: float, most: float) -> tuple[FloatArray, FloatArray]:
    ring = upset_ring(outer, bore, height, m, reduction=most)
    return ring.reduction, 1.0 - ring.bore / ring.bore[0]


def _notes(m: float, halfwidth: float, reduction: FloatArray, left_out: int) -> list[Text]:
    notes = [
        text(
            "barrelling is not in these curves: measure the bore at its narrowest or as the mean over the height, and "
            "say which"
        )
    ]
    if math.isnan(halfwidth):
        notes.append(text("one ring has no interval: measure several, at different reductions"))
    if m > _TRUSTED_M or float(reduction.max()) > _TRUSTED_REDUCTION:
        notes.append(
            text("beyond m = 0.5 or half the height these curves are less sure: real rings barrel more than they allow")
        )
    if m > 0.999 or m < 1e-3:
        notes.append(
            text("the best friction factor lies at the end of what is possible; look for an error in the measures")
        )
    if left_out:
        notes.append(text("{count} rows lack a value and were left out", count=left_out))
    return notes
