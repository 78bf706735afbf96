"""What a run has to say against itself: coefficients outside their range, folds, volume mended, too much force."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from forgecast.forging.error import ForgingError
from forgecast.forging.forming import Moment
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.metal.flow_stress import Validity

#: Share of the plastic work outside a range, and of the volume mended, from which on it is told.
_WORTH_TELLING = 0.01
_RUN = Place("forming run")


@dataclass(slots=True)
class RangeWatch:
    """How much of the plastic work was done outside the range in which the flow stress was measured."""

    validity: Validity
    whole: float = 0.0
    outside: dict[str, float] = field(default_factory=dict)
    reached: dict[str, tuple[float, float]] = field(default_factory=dict)

    def see(self, moment: Moment) -> None:
        """Add a moment: its plastic power stands for the work."""
        piece, flow = moment.piece, moment.piece.flow
        if flow is None:
            return
        at = piece.mesh.triangles
        state = {
            "strain": piece.strain[at].mean(axis=1),
            "rate": flow.effective.mean(axis=1),
            "temperature": piece.temperature[at].mean(axis=1),
        }
        radius = piece.mesh.points[at, 0].mean(axis=1)
        power = (flow.stress * flow.effective).mean(axis=1) * piece.mesh.areas() * radius
        self.whole += float(power.sum())
        for name, beyond in self.validity.outside(state["strain"], state["rate"], state["temperature"]).items():
            self.outside[name] = self.outside.get(name, 0.0) + float(power[beyond].sum())
            low, high = self.reached.get(name, (math.inf, -math.inf))
            if beyond.any():
                values = state[name][beyond]
                self.reached[name] = (min(low, float(values.min())), max(high, float(values.max())))


def findings_of(
    watched: RangeWatch | None, last: Moment, whole: float, *, over_force: float, failure: ForgingError | None
) -> tuple[Finding, ...]:
    """Return the findings of a run.

    Parameters
    ----------
    watched : RangeWatch or None
        None where the range of the flow stress is not known.
    last : Moment
    whole : float
        Volume of the piece, m3 (m2).
    over_force : float
        Greatest force over what the machine may give.
    failure : ForgingError or None
    """
    found = list(_outside(watched))
    found.extend(
        _finding(
            "fold", Severity.DOUBTFUL, f"{1e3 * fold.x:.2f} mm, {1e3 * fold.y:.2f} mm",
            text("the surface folds at {x} mm, {y} mm after {time} s", x=f"{1e3 * fold.x:.2f}",
                 y=f"{1e3 * fold.y:.2f}", time=f"{fold.time:.4f}"),
            text("round the die's edge more, or change the billet or the step before"),
        )
        for fold in last.folds
    )  # fmt: skip
    if over_force > 1.0:
        found.append(_finding(
            "force", Severity.DOUBTFUL, f"{over_force:.2f}",
            text("the force is {ratio} times what the machine may give at that place", ratio=f"{over_force:.2f}"),
            text("take a stronger machine, a hotter billet, or a thicker flash"),
        ))  # fmt: skip
    if last.mended > _WORTH_TELLING * whole:
        found.append(_finding(
            "volume-mended", Severity.NOTE, f"{100.0 * last.mended / whole:.2f} %",
            text("{share} % of the volume was put back in all at the free surface, where points came into dies",
                 share=f"{100.0 * last.mended / whole:.2f}"),
            text("ask for smaller triangles or smaller steps"),
        ))  # fmt: skip
    if failure is not None:
        found.append(_finding("run-failed", Severity.DOUBTFUL, f"{last.piece.time:.4f} s", failure.what,
                              failure.repair))  # fmt: skip
    return tuple(found)


def _outside(watched: RangeWatch | None) -> list[Finding]:
    if watched is None or not watched.validity.known:
        return [_finding(
            "range-unknown", Severity.NOTE, "",
            text("the range in which the flow stress was measured is not known in full"),
            text("ask its source for strains, rates and temperatures"),
        )]  # fmt: skip
    quantity: dict[str, tuple[Text, tuple[float, float], float]] = {
        "strain": (text("strain"), watched.validity.strain, 0.0),
        "rate": (text("strain rate in 1/s"), watched.validity.rate, 0.0),
        "temperature": (text("temperature in °C"), watched.validity.temperature, -273.15),
    }
    found = []
    for name, work in watched.outside.items():
        if work <= _WORTH_TELLING * watched.whole:
            continue
        what, (low, high), zero = quantity[name]
        reached = watched.reached[name]
        found.append(_finding(
            "outside-validity", Severity.DOUBTFUL, f"{reached[0] + zero:.4g} - {reached[1] + zero:.4g}",
            text("{share} % of the work was done outside the range of the flow stress: {what} is known from {low} to "
                 "{high}, the run reached {least} to {most}", share=f"{100.0 * work / watched.whole:.0f}", what=what,
                 low=f"{low + zero:.4g}", high=f"{high + zero:.4g}", least=f"{reached[0] + zero:.4g}",
                 most=f"{reached[1] + zero:.4g}"),
            text("take coefficients that were measured there; forces from these are an extrapolation"),
        ))  # fmt: skip
    return found


def _finding(code: str, severity: Severity, value: str, reason: Text, repair: Text) -> Finding:
    return Finding(code, severity, _RUN, value, reason, repair)
