"""The balance of metal by month: whether it closes within what the scales allow, and what most likely does not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from forgecast.ground.texts import Text, text
from forgecast.melting.error import MeltingError
from forgecast.melting.material import FloatArray

#: Streams of metal, in words.
STREAMS: dict[str, Text] = {
    "new_metal": text("new metal charged"),
    "returns_charged": text("returns and scrap charged"),
    "loss": text("slag and melt loss"),
    "poured": text("metal poured"),
    "good": text("good castings"),
    "returns": text("gates, risers and spillings"),
    "scrap": text("scrapped castings"),
    "stock_change": text("growth of castings in work"),
    "yard_change": text("growth of the stock of returns"),
    "sold": text("returns and scrap sold"),
}
#: What goes in and out of each place; the places are known only by their balances.
NODES: dict[str, dict[str, float]] = {
    "melting": {"new_metal": 1.0, "returns_charged": 1.0, "loss": -1.0, "poured": -1.0},
    "casting": {"poured": 1.0, "good": -1.0, "returns": -1.0, "scrap": -1.0, "stock_change": -1.0},
    "yard": {"returns": 1.0, "scrap": 1.0, "returns_charged": -1.0, "yard_change": -1.0, "sold": -1.0},
}


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that would keep a balance from closing.

    Parameters
    ----------
    name : str
    words, record : Text
        What it is, and the record that would settle it.
    truth : mapping of str to float
        Streams in which the truth exceeds the books, for a unit of the cause.
    driver : str
        Stream in whose proportion it is taken to act from month to month; empty for the same mass each month.
    sign : int
        1 if it can only be positive, 0 if it may be either.
    """

    name: str
    words: Text
    record: Text
    truth: Mapping[str, float]
    driver: str
    sign: int


CAUSES: tuple[Cause, ...] = (
    Cause(
        "unreported-remelt",
        text("scrapped castings remelted without being booked as scrap; their remelting was weighed"),
        text("a count of moulds poured against castings delivered and scrapped"),
        {"scrap": 1.0},
        "good",
        1,
    ),
    Cause(
        "hidden-remelt",
        text("scrapped castings remelted outside the books: neither as scrap nor as charge"),
        text("the furnace's energy or tap weights against the charge booked"),
        {"scrap": 1.0, "returns_charged": 1.0},
        "good",
        1,
    ),
    Cause(
        "melt-loss",
        text("more slag and melt loss than booked"),
        text("weights of slag and dross"),
        {"loss": 1.0},
        "poured",
        1,
    ),
    Cause(
        "returns-weight",
        text("the scale or the estimate of gates and risers is off"),
        text("a check of the scale with test weights"),
        {"returns": 1.0},
        "returns",
        0,
    ),
    Cause(
        "short-delivery",
        text("less new metal than the books say: short deliveries, damp or dirt"),
        text("weighing of deliveries at the gate"),
        {"new_metal": -1.0},
        "new_metal",
        1,
    ),
    Cause(
        "piece-weight",
        text("castings weigh other than the nominal mass they are booked with"),
        text("weighing of ten pieces of each large order"),
        {"good": 1.0},
        "good",
        0,
    ),
    Cause(
        "unbooked-sale",
        text("returns or scrap that left the yard without a booking"),
        text("the gate's register of outgoing loads"),
        {"sold": 1.0},
        "",
        1,
    ),
)


@dataclass(frozen=True, slots=True)
class Closure:
    """How one month closes.

    Parameters
    ----------
    month : str
    residual, tolerance : float
        Charge less all it became, and what the uncertainties allow [the streams' unit]; NaN where not known.
    closes : bool or None
        None where a stream is missing.
    words : Text
    """

    month: str
    residual: float
    tolerance: float
    closes: bool | None
    words: Text


@dataclass(frozen=True, slots=True)
class Suspect:
    """A cause with how well it explains what does not close.

    Parameters
    ----------
    cause : Cause
    size : float
        Mass of the cause over the months judged, and its standard deviation.
    size_uncertainty : float
    gain : float
        Fall of the weighted squares by the cause: twice the gain of log likelihood.
    weight : float
        Share among all causes and chance [1], from likelihood and Schwarz's penalty; a ranking and no proof.
    words : Text
    """

    cause: Cause
    size: float
    size_uncertainty: float
    gain: float
    weight: float
    words: Text


@dataclass(frozen=True, slots=True, eq=False)
class MetalBalance:
    """The metal of an alloy by month.

    Parameters
    ----------
    months, streams : tuple of str
    measured, reconciled, adjustment : (streams, months) float64 array
        As booked; as close to it as the balances allow; their difference in standard deviations of itself (NaN where a
        stream is not measured or has no part in a balance).
    closures : tuple of Closure
    suspicious : tuple of (str, str)
        Stream and month whose adjustment is beyond chance, all of them tested together.
    global_probability : float
        Of balances as bad as these or worse by the stated uncertainties alone [1]; NaN where nothing can be balanced.
    suspects : tuple of Suspect
        The likeliest causes first; empty where the balances close within chance.
    chance : float
        Share left to chance beside the suspects [1].
    notes : tuple of Text
    """

    months: tuple[str, ...]
    streams: tuple[str, ...]
    measured: FloatArray
    reconciled: FloatArray
    adjustment: FloatArray
    closures: tuple[Closure, ...]
    suspicious: tuple[tuple[str, str], ...]
    global_probability: float
    suspects: tuple[Suspect, ...]
    chance: float
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Month:
    """Balances of a month among its measured streams, streams not measured eliminated."""

    known: np.ndarray
    rows: FloatArray
    residual: FloatArray
    covariance: FloatArray


def metal_balance(
    months: Sequence[str],
    masses: Mapping[str, ArrayLike],
    uncertainties: Mapping[str, ArrayLike],
    *,
    confidence: float = 0.95,
    causes: tuple[Cause, ...] = CAUSES,
) -> MetalBalance:
    """Balance the metal of one alloy, reconcile its streams and rank what keeps it from closing.

    Parameters
    ----------
    months : (n,) sequence of str
    masses : mapping of str to (n,) array
        Masses of the streams in `STREAMS`, in one unit; NaN in a month where one was not measured. A stream that is not
        named is not measured in any month; one that does not exist is given as zero with an uncertainty of zero.
    uncertainties : mapping of str to (n,) array
        Standard deviation of each mass.
    confidence : float
        Of the tolerance and of the tests [1].
    causes : tuple of Cause

    Raises
    ------
    MeltingError
        If a stream has no uncertainty, has an unknown name or another length, or an uncertainty is negative.

    Notes
    -----
    A month closes where |charge − poured out| ≤ z u, u2 the sum of the variances. Reconciliation: minimise
    Σ ((x − m) / u)2 with A x = 0, so x = m − V A' (A V A')+ A m, streams that are not measured eliminated by a matrix
    whose product with their columns is zero (Crowe). Adjustments are tested against z of the confidence shared among
    all (Šidák). The sum r' (A V A')+ r is chi-squared where only the uncertainties act. Each cause adds one unknown
    amount in proportion to its driver to all months; its gain is that of the generalised likelihood ratio (Narasimhan
    and Mah). Uncertainties are independent from month to month: a scale that is always off is a cause, not a noise.
    """
    names = tuple(masses)
    count = len(months)
    booked, spread = _arrays(names, count, masses, uncertainties)
    z = float(scipy.special.ndtri(0.5 + 0.5 * confidence))
    closures = tuple(_closure(month, names, booked[:, i], spread[:, i], z) for i, month in enumerate(months))
    parts = [_month(names, booked[:, i], spread[:, i]) for i in range(count)]
    reconciled, adjustment = booked.copy(), np.full(booked.shape, np.nan)
    squares, free = 0.0, 0
    for i, part in enumerate(parts):
        if part is None:
            continue
        inverse = np.linalg.pinv(part.covariance, hermitian=True)
        variance = spread[part.known, i] ** 2
        pull = part.rows.T @ inverse @ part.residual
        reconciled[part.known, i] -= variance * pull
        scale = np.sqrt(np.maximum(np.einsum("ij,ij->j", part.rows, inverse @ part.rows), 0.0))
        strong = scale * np.sqrt(variance) > 1e-9
        adjustment[part.known, i] = np.where(strong, -pull / np.where(strong, scale, 1.0), np.nan)
        squares += float(part.residual @ inverse @ part.residual)
        free += int(np.linalg.matrix_rank(part.covariance, hermitian=True))
    tests = int(np.isfinite(adjustment).sum())
    critical = float(scipy.special.ndtri(1.0 - 0.5 * (1.0 - confidence ** (1.0 / max(tests, 1)))))
    suspicious = tuple(
        (names[s], months[i]) for s, i in np.argwhere(np.nan_to_num(np.abs(adjustment)) > critical)
    )  # fmt: skip
    probability = float(scipy.special.gammaincc(free / 2.0, squares / 2.0)) if free else math.nan
    suspects: tuple[Suspect, ...] = ()
    chance = 1.0
    if free and probability < 1.0 - confidence:
        suspects, chance = _suspects(names, booked, parts, causes, free)
    return MetalBalance(
        months=tuple(months),
        streams=names,
        measured=booked,
        reconciled=reconciled,
        adjustment=adjustment,
        closures=closures,
        suspicious=suspicious,
        global_probability=probability,
        suspects=suspects,
        chance=chance,
        notes=_notes(parts, months, suspects),
    )


def _arrays(
    names: tuple[str, ...], count: int, masses: Mapping[str, ArrayLike], uncertainties: Mapping[str, ArrayLike]
) -> tuple[FloatArray, FloatArray]:
    for name in names:
        if name not in STREAMS or name not in uncertainties:
            raise MeltingError(
                text("the stream {name} is not one of the balance, or has no uncertainty", name=name),
                repair=text("use the streams {names}, each with its uncertainty", names=", ".join(STREAMS)),
            )
    booked = np.array([np.asarray(masses[name], dtype=np.float64) for name in names]).reshape(len(names), -1)
    spread = np.array([np.broadcast_to(np.asarray(uncertainties[n], dtype=np.float64), (count,)) for n in names])
    if booked.shape != (len(names), count) or np.any(np.isfinite(booked) & ~(spread >= 0.0)):
        raise MeltingError(
            text("a stream has another number of months, or an uncertainty that is missing or negative"),
            repair=text("give one mass and one standard deviation a month, NaN for a mass that was not measured"),
        )
    return booked, spread


def _closure(month: str, names: tuple[str, ...], booked: FloatArray, spread: FloatArray, z: float) -> Closure:
    """Return charge less good, returns, scrap, loss and stock change: melting and casting taken as one."""
    joined = {**NODES["melting"], **NODES["casting"]}
    joined.pop("poured")
    missing = [n for n in joined if n not in names or not math.isfinite(booked[names.index(n)])]
    if missing:
        what = STREAMS[missing[0]]
        words = text("{month}: not known, for {stream} is missing", month=month, stream=what)
        return Closure(month, math.nan, math.nan, None, words)
    at = [names.index(n) for n in joined]
    residual = float(np.array(list(joined.values())) @ booked[at])
    tolerance = z * float(np.linalg.norm(spread[at]))
    closes = abs(residual) <= tolerance
    shown = {"month": month, "residual": f"{residual:+.4g}", "tolerance": f"{tolerance:.4g}"}
    words = (
        text("{month}: closes; {residual} of ± {tolerance} allowed", **shown)
        if closes
        else text("{month}: does not close; {residual}, ± {tolerance} allowed", **shown)
    )
    return Closure(month, residual, tolerance, closes, words)


def _month(names: tuple[str, ...], booked: FloatArray, spread: FloatArray) -> _Month | None:
    known = np.isfinite(booked)
    table = np.array([[node.get(stream, 0.0) for stream in STREAMS] for node in NODES.values()])
    order = list(STREAMS)
    measured = np.array([order.index(n) for n, k in zip(names, known, strict=True) if k], dtype=np.int64)
    other = np.setdiff1d(np.arange(len(order)), measured)
    # combinations of the balances in which no stream takes part that is not measured
    left = scipy.linalg.null_space(table[:, other].T).T if other.size else np.eye(len(table))
    rows = left @ table[:, measured]
    if not rows.size:
        return None
    variance = spread[known] ** 2
    return _Month(known, rows, rows @ booked[known], (rows * variance) @ rows.T)


def _suspects(
    names: tuple[str, ...], booked: FloatArray, parts: list[_Month | None], causes: tuple[Cause, ...], free: int
) -> tuple[tuple[Suspect, ...], float]:
    found = []
    for cause in causes:
        top, bottom, mass = 0.0, 0.0, 0.0
        for i, part in enumerate(parts):
            if part is None:
                continue
            driver = _driver(cause, names, booked, i)
            if not math.isfinite(driver) or any(
                n not in names or not math.isfinite(booked[names.index(n), i]) for n in cause.truth
            ):
                continue
            lacking = np.array([cause.truth.get(n, 0.0) for n in names])[part.known] * driver
            shape = -part.rows @ lacking  # the residual of books that lack it: A m = −A f b
            inverse = np.linalg.pinv(part.covariance, hermitian=True)
            top += float(shape @ inverse @ part.residual)
            bottom += float(shape @ inverse @ shape)
            mass += driver
        if bottom <= 0.0:
            continue
        size = top / bottom
        gain = size * top if cause.sign == 0 or size > 0.0 else 0.0
        found.append((cause, size * mass, mass / math.sqrt(bottom), gain))
    # Schwarz: each cause costs one parameter; two-sided ones have twice the room.
    penalty = math.log(max(free, 2))
    odds = np.array([0.5 * (gain - penalty) + (math.log(2.0) if c.sign else 0.0) for c, _, _, gain in found])
    if not odds.size:
        return (), 1.0
    highest = max(float(odds.max()), 0.0)
    raw, null = np.exp(odds - highest), math.exp(-highest)
    shares, chance = raw / (raw.sum() + null), null / (float(raw.sum()) + null)
    ranked = sorted(
        (
            Suspect(cause, size, doubt, gain, float(share), _words(cause, size, doubt, float(share)))
            for (cause, size, doubt, gain), share in zip(found, shares, strict=True)
            if gain > 0.0
        ),
        key=lambda s: -s.weight,
    )
    return tuple(ranked), chance


def _driver(cause: Cause, names: tuple[str, ...], booked: FloatArray, month: int) -> float:
    if not cause.driver:
        return 1.0
    if cause.driver in names and math.isfinite(booked[names.index(cause.driver), month]):
        return float(booked[names.index(cause.driver), month])
    if cause.driver == "poured" and {"new_metal", "returns_charged"} <= set(names):
        return float(booked[names.index("new_metal"), month] + booked[names.index("returns_charged"), month])
    return math.nan


def _words(cause: Cause, size: float, doubt: float, share: float) -> Text:
    return text(
        "{cause}: {size} ± {doubt} (95 %), weight {share}; settled by {record}",
        cause=cause.words,
        size=f"{size:.4g}",
        doubt=f"{1.96 * doubt:.2g}",
        share=f"{100.0 * share:.0f} %",
        record=cause.record,
    )


def _notes(parts: list[_Month | None], months: Sequence[str], suspects: tuple[Suspect, ...]) -> tuple[Text, ...]:
    notes = []
    idle = [month for month, part in zip(months, parts, strict=True) if part is None]
    if idle:
        notes.append(text("months that cannot be balanced for want of streams: {months}", months=", ".join(idle)))
    if len(suspects) > 1 and suspects[0].gain - suspects[1].gain < 2.0:
        notes.append(
            text(
                "these books cannot tell “{first}” from “{second}”; {record} would",
                first=suspects[0].cause.words,
                second=suspects[1].cause.words,
                record=suspects[0].cause.record,
            )
        )
    return tuple(notes)
