"""Fit coefficients of flow stress to hot-compression curves, corrected for friction and self-heating where asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.gateway.compression_table import CompressionCurves
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.metal.compression_curve import at_nominal_temperature, self_heating, without_friction
from forgecast.metal.flow_stress import HenselSpittel, SellarsTegart, Validity
from forgecast.metal.flow_stress_fit import FREIBERG, FittedFlow, fit_hensel_spittel, fit_sellars_tegart

FloatArray = NDArray[np.float64]
#: Rounds of fit and correction to the nominal temperature; the third changes the stress by less than 0.1 %.
_ROUNDS = 3
#: Share of the stress from which on a heating that was not corrected is pointed out: 1/s and quicker tests.
_QUICK = 1.0


@dataclass(frozen=True, slots=True)
class PlatenFriction:
    """Friction factor of the platens, 0 to 1, and the specimen before, m."""

    m: float
    diameter: float
    height: float


@dataclass(frozen=True, slots=True)
class OwnHeat:
    """What the heat of a specimen's own work is reckoned with.

    Parameters
    ----------
    density, specific_heat : float
        kg/m3 and J/(kg K).
    work_to_heat : float
        Share of the plastic work that becomes heat.
    kept : tuple of (float, float)
        Rate of the test (1/s) and share of that heat still in the specimen, ascending by rate; between two rates by the
        logarithm of the rate, beyond them as at the nearest. One pair holds for all rates.
    """

    density: float
    specific_heat: float
    work_to_heat: float
    kept: tuple[tuple[float, float], ...]

    def kept_at(self, rate: float) -> float:
        """Return the share kept in a test of a rate."""
        rates, shares = np.array(self.kept).T
        return float(np.interp(math.log(rate), np.log(rates), shares))


@dataclass(frozen=True, slots=True)
class FitAsked:
    """What is to be fitted.

    Parameters
    ----------
    form : str
        ``hensel-spittel`` or ``sellars-tegart``.
    terms : sequence of str
        Of Hensel and Spittel.
    strain_shift, rate_shift : float
        The convention (1, 1/s).
    strain_from, strain_to : float
        Points outside are left out.
    friction : PlatenFriction or None
    heat : OwnHeat or None
    """

    form: str = "hensel-spittel"
    terms: Sequence[str] = FREIBERG
    strain_shift: float = 0.1
    rate_shift: float = 0.1
    strain_from: float = 0.0
    strain_to: float = math.inf
    friction: PlatenFriction | None = None
    heat: OwnHeat | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One temperature and rate: what was measured there and what was fitted.

    Parameters
    ----------
    temperature, rate : float
        K, 1/s.
    curves : tuple of (strain, stress) arrays
        As fitted: after the corrections; Pa.
    fitted : (strain, stress) arrays
        Pa.
    root_mean_square, bias : float
        Of log(measured / fitted).
    warmest : float
        Greatest self-heating, K; NaN where none was reckoned.
    corrected : float
        Mean of corrected over measured stress.
    """

    temperature: float
    rate: float
    curves: tuple[tuple[FloatArray, FloatArray], ...]
    fitted: tuple[FloatArray, FloatArray]
    root_mean_square: float
    bias: float
    warmest: float
    corrected: float


@dataclass(frozen=True, slots=True, eq=False)
class FlowStressAnswer:
    """A fit with all that is said of it.

    Parameters
    ----------
    name : str
        Of the table.
    fit : FittedFlow
    validity : Validity
        Of the points fitted.
    conditions : tuple of Condition
        By temperature and rate.
    points, left_out, incomplete : int
        Points fitted, outside the strains asked for or without stress, and rows without a value.
    notes : tuple of Text
    """

    name: str
    form: str
    fit: FittedFlow
    validity: Validity
    conditions: tuple[Condition, ...]
    points: int
    left_out: int
    incomplete: int
    notes: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return the answer with units in the names; what is not known is null."""
        fit, law = self.fit, self.fit.law
        held: dict[str, object]
        if isinstance(law, HenselSpittel):
            held = {"A_Pa": law.A, **{f"m{n}": getattr(law, f"m{n}") for n in range(1, 10)},
                    "strain_shift": law.strain_shift, "rate_shift_per_s": law.rate_shift}  # fmt: skip
        else:
            held = {"alpha_per_Pa": law.alpha, "n": law.n, "Q_J_mol": law.activation, "ln_A": law.log_A}
        return {
            "name": self.name,
            "form": self.form,
            "coefficients": held,
            "fitted": [
                {"name": name, "value": float(value), "halfwidth_95": _known(float(half))}
                for name, value, half in zip(fit.names, fit.values, fit.halfwidths, strict=True)
            ],
            "root_mean_square": _known(fit.root_mean_square),
            "unseen_root_mean_square": _known(fit.unseen),
            "conditions": [
                {
                    "temperature_K": one.temperature,
                    "rate_per_s": one.rate,
                    "curves": len(one.curves),
                    "points": sum(strain.size for strain, _ in one.curves),
                    "root_mean_square": one.root_mean_square,
                    "bias": one.bias,
                    "self_heating_K": _known(one.warmest),
                    "corrected_over_measured": one.corrected,
                }
                for one in self.conditions
            ],
            "validity": {
                "strain": list(self.validity.strain),
                "rate_per_s": list(self.validity.rate),
                "temperature_K": list(self.validity.temperature),
            },
            "points": self.points,
            "left_out": self.left_out,
            "incomplete": self.incomplete,
            "notes": [note.as_json() for note in self.notes],
        }


def fit_flow_stress(curves: CompressionCurves, asked: FitAsked) -> FlowStressAnswer:
    """Fit a form of flow stress to curves.

    Friction is taken off every point; then the heat of each specimen's own work is reckoned, the stress brought to the
    nominal temperature by the ratio the last fit gives, and the fit done again.

    Parameters
    ----------
    curves : CompressionCurves
    asked : FitAsked

    Raises
    ------
    ForgecastError
        If no point lies within the strains asked for, or as `forgecast.metal.flow_stress_fit`.
    """
    stress = curves.stress
    if asked.friction is not None:
        stress = without_friction(curves.strain, stress, diameter=asked.friction.diameter,
                                  height=asked.friction.height, m=asked.friction.m)  # fmt: skip
    warmer = _warmer(curves, stress, asked.heat)
    kept = (curves.strain >= asked.strain_from) & (curves.strain <= asked.strain_to) & (stress > 0.0)
    if not kept.any():
        raise ForgecastError(
            text("no point of the curves lies within the strains asked for"),
            where=curves.name,
            repair=text("these curves go from strain {low} to {high}", low=round(float(curves.strain.min()), 4),
                        high=round(float(curves.strain.max()), 4)),
        )  # fmt: skip
    e, r, t = curves.strain[kept], curves.rate[kept], curves.temperature[kept]
    corrected = stress[kept]
    which = curves.curve[kept]
    fit = _fitted(e, r, t, corrected, which, asked)
    for _ in range(_ROUNDS if asked.heat is not None else 0):
        corrected = at_nominal_temperature(fit.law, e, r, t, warmer[kept], stress[kept])
        fit = _fitted(e, r, t, corrected, which, asked)
    validity = Validity(*((float(x.min()), float(x.max())) for x in (e, r, t)))
    rows = np.flatnonzero(kept)
    return FlowStressAnswer(
        curves.name,
        asked.form,
        fit,
        validity,
        _conditions(curves, rows, corrected, warmer, fit.law),
        int(rows.size),
        int((~kept).sum()),
        curves.left_out,
        tuple(_notes(curves, asked, fit, corrected / curves.stress[kept])),
    )


def _fitted(
    e: FloatArray, r: FloatArray, t: FloatArray, s: FloatArray, which: NDArray[np.int64], asked: FitAsked
) -> FittedFlow:
    if asked.form == "sellars-tegart":
        # One stress for each curve, for its points are no measurements of their own: the mean over its strains.
        _, first, number = np.unique(which, return_index=True, return_inverse=True)
        mean = np.exp(np.bincount(number, weights=np.log(s)) / np.bincount(number))
        return fit_sellars_tegart(r[first], t[first], mean)
    return fit_hensel_spittel(e, r, t, s, terms=tuple(asked.terms), strain_shift=asked.strain_shift,
                              rate_shift=asked.rate_shift)  # fmt: skip


def _warmer(curves: CompressionCurves, stress: FloatArray, heat: OwnHeat | None) -> FloatArray:
    """Return by how much each point is warmer than its nominal temperature, K; NaN where it is not reckoned."""
    warmer = np.full(stress.size, math.nan)
    if heat is None:
        return warmer
    for number in range(len(curves.names)):
        at = np.flatnonzero(curves.curve == number)
        at = at[np.argsort(curves.strain[at], kind="stable")]
        warmer[at] = self_heating(
            curves.strain[at],
            stress[at],
            density=heat.density,
            specific_heat=heat.specific_heat,
            work_to_heat=heat.work_to_heat,
            kept=heat.kept_at(float(curves.rate[at[0]])),
        )
    return warmer


def _conditions(
    curves: CompressionCurves, rows: NDArray[np.intp], corrected: FloatArray, warmer: FloatArray,
    law: HenselSpittel | SellarsTegart,
) -> tuple[Condition, ...]:  # fmt: skip
    found = []
    pairs = sorted({(float(curves.temperature[n]), float(curves.rate[n])) for n in rows})
    for temperature, rate in pairs:
        here = (curves.temperature[rows] == temperature) & (curves.rate[rows] == rate)
        strain, stress = curves.strain[rows[here]], corrected[here]
        number = curves.curve[rows[here]]
        order = [np.flatnonzero(number == one) for one in np.unique(number)]
        order = [at[np.argsort(strain[at], kind="stable")] for at in order]
        rest = np.log(stress / law.stress(strain, rate, temperature))
        fine = np.linspace(float(strain.min()), float(strain.max()), 60)
        found.append(
            Condition(
                temperature,
                rate,
                tuple((strain[at], stress[at]) for at in order),
                (fine, law.stress(fine, rate, temperature)),
                float(np.sqrt(np.mean(rest**2))),
                float(np.mean(rest)),
                float(np.max(warmer[rows[here]])),
                float(np.mean(stress / curves.stress[rows[here]])),
            )
        )
    return tuple(found)


def _notes(curves: CompressionCurves, asked: FitAsked, fit: FittedFlow, change: FloatArray) -> list[Text]:
    notes = []
    if math.isfinite(fit.unseen):
        notes.append(
            text(
                "on conditions left out in turn the fit errs by {unseen} %, on "
                "those it has seen by {seen} % (root mean square)",
                unseen=f"{100.0 * fit.unseen:.1f}",
                seen=f"{100.0 * fit.root_mean_square:.1f}",
            )
        )
    else:
        notes.append(text("how far the fit errs on conditions it has not seen is not known"))
    if asked.friction is None:
        notes.append(
            text("friction of the platens was not taken off: the stresses are taken as they stand in the file")
        )
    if asked.heat is None and float(curves.rate.max()) >= _QUICK:
        notes.append(
            text(
                "self-heating was not taken off; at {rate} 1/s it is not small, and the fitted stress is too low there "
                "unless the file is corrected already",
                rate=f"{float(curves.rate.max()):g}",
            )
        )
    if asked.friction is not None or asked.heat is not None:
        notes.append(
            text(
                "the corrections change the stress by {low} to {high} %",
                low=f"{100.0 * (float(change.min()) - 1.0):+.1f}",
                high=f"{100.0 * (float(change.max()) - 1.0):+.1f}",
            )
        )
    if asked.form == "hensel-spittel":
        notes.append(text("a peak of dynamic recrystallisation cannot be followed by this form; look at the picture"))
    else:
        notes.append(text("this form knows no strain: it is the mean over the strains fitted"))
    return notes


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
