"""What a cooling curve says: equivalent, carbon and silicon of iron; refinement and modification of Al-Si."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual, text
from forgecast.melting.cooling_curve import CurveFeatures
from forgecast.melting.error import MeltingError
from forgecast.melting.material import Content, FloatArray

#: 0 °C in kelvin; the published formulae are in degrees Celsius and per cent.
ZERO_DEGC = 273.15


@dataclass(frozen=True, slots=True)
class Formula:
    """A linear formula of the shipped table: terms in degrees Celsius and per cent.

    Parameters
    ----------
    name : str
    terms : mapping of str to float
        Factor of each element or temperature; ``1`` for the constant.
    confidence : str
        The lowest of its terms.
    source, valid : Text
    """

    name: str
    terms: Mapping[str, float]
    confidence: str
    source: Text
    valid: Text

    @property
    def usable(self) -> bool:
        """Return whether the formula may decide: it was read, not remembered."""
        return self.confidence != "unverified"


@lru_cache(maxsize=16)
def shipped_formula(name: str) -> Formula:
    """Return a formula of the table ``thermal_analysis``.

    Raises
    ------
    MeltingError
        If there is none of the name.
    """
    table = read_table("thermal_analysis")
    rows = table.where(formula=name)
    if not rows:
        raise MeltingError(
            text("there is no formula of thermal analysis named {name}", name=name),
            repair=text("use one of: {names}", names=", ".join(dict.fromkeys(row["formula"] for row in table))),
        )
    order = ("unverified", "secondary", "primary")
    terms = {row["term"]: table.number(row, "value") for row in rows}
    return Formula(
        name,
        {term: value for term, value in terms.items() if value is not None},
        min((row["confidence"] for row in rows), key=order.index),
        bilingual(rows[0]["source"], rows[0]["source_zh"]),
        bilingual(rows[0]["valid"], rows[0]["valid_zh"]),
    )


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value told from a cooling curve.

    Parameters
    ----------
    value, uncertainty : float
        Mass fraction [1] or temperature [K], and its standard deviation from the curve or the calibration.
    usable : bool
        Whether it may decide: made by a formula that was read or by a plant's own calibration.
    basis : Text
    """

    value: float
    uncertainty: float
    usable: bool
    basis: Text


def liquidus_equivalent(features: CurveFeatures) -> Estimate:
    """Return the liquidus carbon equivalent CEL of a cast iron.

    Parameters
    ----------
    features : CurveFeatures

    Raises
    ------
    MeltingError
        If the curve shows no liquidus: near-eutectic iron freezes in one arrest.

    Notes
    -----
    Equation: TL = 1625 − 110 CEL (TL in °C, CEL in per cent), CEL = C + 0.23 Si − 0.03 Mn + 0.32 P + 0.64 S + 0.02 Ni
    + 0.06 Cr. Source: Koriyama, Kanno, Iwami, Kang, American Foundry Society 2020 (abstract read): table
    ``thermal_analysis``. Validity: hypoeutectic to eutectic cast iron. The uncertainty is the curve's alone: neither
    the thermocouple's nor the formula's scatter, which the abstract does not state, is in it.
    """
    liquidus = _need_liquidus(features)
    formula = shipped_formula("iron-liquidus")
    slope = formula.terms["C"]
    value = (liquidus - ZERO_DEGC - formula.terms["1"]) / slope / 100.0
    return Estimate(value, features.temperature_uncertainty / abs(slope) / 100.0, formula.usable, formula.source)


def carbon_of_liquidus(features: CurveFeatures, others: Mapping[str, Content]) -> Estimate:
    """Return the carbon of a cast iron from its liquidus and its other elements by the spectrometer.

    Parameters
    ----------
    features : CurveFeatures
    others : mapping of str to Content
        Si, Mn, P, S, Ni and Cr; all of them, zero only where it was measured.

    Raises
    ------
    MeltingError
        If one of them is missing, or the curve shows no liquidus.

    Notes
    -----
    Equation, source and validity: `liquidus_equivalent`, solved for carbon; the uncertainty takes in the others'. No
    formula for carbon and silicon from a white cup is shipped, for none was read in a source, and "each foundry …
    must determine its own relationships" (Regordosa, Sertucha, de la Torre, Lacaze; abstract read): see `calibrate`.
    """
    formula = shipped_formula("iron-liquidus")
    slope = formula.terms["C"]
    asked = tuple(term for term in formula.terms if term not in {"1", "C"})
    if any(element not in others for element in asked):
        raise MeltingError(
            text("the carbon needs the contents of {elements}", elements=", ".join(asked)),
            repair=text("enter what the spectrometer says; zero only where it says zero"),
        )
    whole = liquidus_equivalent(features)
    shares = {element: formula.terms[element] / slope for element in asked}
    value = whole.value - sum(share * others[e].mean for e, share in shares.items())
    doubt = math.hypot(whole.uncertainty, *(share * others[e].spread for e, share in shares.items()))
    return Estimate(value, doubt, whole.usable, whole.basis)


@dataclass(frozen=True, slots=True)
class IronFeatures:
    """How far a cast iron undercools, between the graphite and the white eutectic.

    Parameters
    ----------
    undercooling : float
        Graphite eutectic less TElow [K].
    above_white_low, above_white_high, above_white_end : float
        TElow, TEhigh and the end of freezing less the white eutectic (ΔT1, ΔT2, ΔT3) [K]; negative where carbides may
        form. NaN for an end that the curve does not show.
    recalescence : float
        TEhigh less TElow [K].
    recalescence_rate : float
        Fastest rise between them [K/s].
    uncertainty : float
        Standard deviation of a temperature of the curve [K]; the references' own is not in it.
    """

    undercooling: float
    above_white_low: float
    above_white_high: float
    above_white_end: float
    recalescence: float
    recalescence_rate: float
    uncertainty: float


def iron_features(features: CurveFeatures, graphite: float, white: float) -> IronFeatures:
    """Return how far a cast iron undercools on its eutectic.

    Parameters
    ----------
    features : CurveFeatures
    graphite, white : float
        Stable and metastable eutectic temperature [K], measured: cups with inoculant and with tellurium.

    Raises
    ------
    MeltingError
        If the curve shows no eutectic, or the white eutectic is not the lower one.

    Notes
    -----
    Computed eutectics lie above measured ones by 14 K (stable) and 8 K (metastable) on average in grey iron of 3.7 % to
    3.8 % carbon equivalent (Metals 2020, 10, 993, doi:10.3390/met10080993, abstract read), which is more than what is
    looked for: so references are asked for and none is computed here.
    """
    if features.eutectic is None:
        raise MeltingError(text("the curve shows no eutectic"), repair=text("record until freezing has ended"))
    if not white < graphite:
        raise MeltingError(
            text("the white eutectic is not below the graphite eutectic"),
            repair=text("give both in kelvin, the cup with tellurium as the white one"),
        )
    low, high = features.eutectic.low.temperature, features.eutectic.high.temperature
    return IronFeatures(
        graphite - low,
        low - white,
        high - white,
        math.nan if features.end is None else features.end.temperature - white,
        high - low,
        max(features.eutectic.fastest.rate, 0.0),
        features.temperature_uncertainty,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A plant's own relation of a content to features of its curves, by least squares.

    Parameters
    ----------
    coefficients : (1 + k,) float64 array
        Constant and factors.
    covariance : (1 + k, 1 + k) float64 array
    residual : float
        Standard deviation about the relation.
    lowest, highest : (k,) float64 array
        Range of the features it was made from.
    samples : int
    """

    coefficients: FloatArray
    covariance: FloatArray
    residual: float
    lowest: FloatArray
    highest: FloatArray
    samples: int

    def estimate(self, features: ArrayLike) -> Estimate:
        """Return the content for the features of one curve; not usable outside the range calibrated.

        Notes
        -----
        The uncertainty is that of a single new sample: u2 = s2 + x' Cov x.
        """
        given = np.asarray(features, dtype=np.float64)
        x = np.concatenate([[1.0], given])
        inside = bool(np.all((given >= self.lowest) & (given <= self.highest)))
        basis = (
            text("own calibration of {count} samples", count=self.samples)
            if inside
            else text("own calibration of {count} samples, which do not reach so far", count=self.samples)
        )
        spread = math.sqrt(self.residual**2 + float(x @ self.covariance @ x))
        return Estimate(float(self.coefficients @ x), spread, inside, basis)


def calibrate(features: ArrayLike, contents: ArrayLike) -> Calibration:
    """Return a plant's own relation of a content (or another measured quantity) to features of cooling curves.

    Parameters
    ----------
    features : (n, k) array
        Such as TL and TE of each curve [K].
    contents : (n,) array
        Mass fraction by the laboratory [1].

    Raises
    ------
    MeltingError
        If there are fewer than k + 3 whole samples, or the features do not vary independently.
    """
    x, y = np.atleast_2d(np.asarray(features, dtype=np.float64)), np.asarray(contents, dtype=np.float64)
    there = np.all(np.isfinite(x), axis=1) & np.isfinite(y)
    x, y = x[there], y[there]
    centre, size = x.mean(axis=0) if len(x) else 0.0, x.std(axis=0) if len(x) else 1.0
    enough = len(y) >= x.shape[1] + 3 and bool(np.all(np.asarray(size) > 0.0))
    table = np.column_stack([np.ones(len(y)), (x - centre) / np.where(np.asarray(size) > 0.0, size, 1.0)])
    if not enough or np.linalg.cond(table) > 1e6:
        raise MeltingError(
            text("{count} samples do not settle the relation", count=len(y)),
            repair=text("give more curves with laboratory values, over the range of your irons"),
        )
    factors, *_ = np.linalg.lstsq(table, y, rcond=None)
    free = len(y) - table.shape[1]
    residual = math.sqrt(float(np.sum((y - table @ factors) ** 2)) / free)
    # Back from centred and scaled features to the features themselves.
    back = np.eye(table.shape[1])
    back[0, 1:] = -np.asarray(centre) / size
    back[1:, 1:] = np.diag(1.0 / np.asarray(size))
    covariance = residual**2 * back @ np.linalg.inv(table.T @ table) @ back.T
    return Calibration(back @ factors, covariance, residual, x.min(axis=0), x.max(axis=0), len(y))


def alsi_eutectic(contents: Mapping[str, float]) -> Estimate:
    """Return the eutectic temperature of an unmodified Al-Si alloy of a composition [K].

    Parameters
    ----------
    contents : mapping of str to float
        Mass fraction of Si, Mg, Fe, Cu, Zn, Mn and Ni [1]; all of them, zero where there is none.

    Raises
    ------
    MeltingError
        If one of them is missing or silicon is not above 0.

    Notes
    -----
    Equation: TE = 577 − (12.5 / Si) (4.43 Mg + 1.43 Fe + 1.93 Cu + 1.7 Zn + 3 Mn + 4 Ni), °C and per cent. Source:
    table ``thermal_analysis`` (titierre.com; elsewhere ascribed to Mondolfo). Its uncertainty is not stated (NaN).
    """
    formula = shipped_formula("alsi-eutectic")
    asked = ("Si", *(term for term in formula.terms if term != "1"))
    if any(not math.isfinite(contents.get(e, math.nan)) for e in asked) or not contents["Si"] > 0.0:
        raise MeltingError(
            text("the eutectic needs the contents of {elements}", elements=", ".join(asked)),
            repair=text("enter what the spectrometer says; zero only where it says zero"),
        )
    value = formula.terms["1"] + sum(v * contents[e] / contents["Si"] for e, v in formula.terms.items() if e != "1")
    return Estimate(value + ZERO_DEGC, math.nan, formula.usable, formula.source)


@dataclass(frozen=True, slots=True)
class AlSiFeatures:
    """What a curve of an Al-Si alloy says of grain refinement and modification.

    Parameters
    ----------
    liquidus_undercooling, liquidus_time : float
        Recalescence of the primary grains [K] and how long it lasts [s]; small where the metal is well refined; NaN
        where the curve shows no liquidus.
    depression : float
        Eutectic of the unmodified alloy less the growth temperature TEhigh [K]; large where modified.
    eutectic_recalescence : float
        [K]
    uncertainty : float
        Standard deviation of a difference of two temperatures of the curve [K].
    """

    liquidus_undercooling: float
    liquidus_time: float
    depression: float
    eutectic_recalescence: float
    uncertainty: float


def alsi_features(features: CurveFeatures, reference: float) -> AlSiFeatures:
    """Return refinement and modification features of an Al-Si alloy.

    Parameters
    ----------
    features : CurveFeatures
    reference : float
        Eutectic temperature of the alloy unmodified [K]: from `alsi_eutectic`, or better from an own curve.

    Raises
    ------
    MeltingError
        If the curve shows no eutectic.

    Notes
    -----
    What depression or undercooling is enough depends on cup, cooling and alloy and is not told here: calibrate it
    against the plant's own micrographs (`calibrate`).
    """
    if features.eutectic is None:
        raise MeltingError(text("the curve shows no eutectic"), repair=text("record until freezing has ended"))
    first = features.liquidus
    return AlSiFeatures(
        math.nan if first is None else first.recalescence,
        math.nan if first is None else first.recalescence_time,
        reference - features.eutectic.high.temperature,
        features.eutectic.recalescence,
        math.sqrt(2.0) * features.temperature_uncertainty,
    )


def _need_liquidus(features: CurveFeatures) -> float:
    if features.liquidus is None:
        raise MeltingError(
            text("the curve shows no liquidus apart from the eutectic"),
            repair=text("a near-eutectic iron has none; take the carbon from the spectrometer"),
        )
    return features.liquidus.high.temperature
