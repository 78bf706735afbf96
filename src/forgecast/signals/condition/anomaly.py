"""Anomalies of several signals at once, judged within the regime the machine is in, and which signal makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

#: How a row is held against what was learnt.
Method: TypeAlias = Literal["pca", "robust", "forest"]
METHODS: Final[tuple[Method, ...]] = ("pca", "robust", "forest")

#: Rows of a regime for each signal below which nothing is learnt of it.
_ROWS_A_SIGNAL: Final = 10
#: Variance that the principal components keep [1].
_KEPT: Final = 0.9


@dataclass(frozen=True, slots=True)
class Alarm:
    """Rows beyond the threshold that follow each other.

    Parameters
    ----------
    first, last : int
        Rows of the table given.
    regime : str
        Of its worst row.
    worst : int
        The row with the highest score.
    excess : float
        Its score over the threshold [1].
    shares : tuple of (str, float)
        Signals by their share of that score, the largest first [1].
    """

    first: int
    last: int
    regime: str
    worst: int
    excess: float
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Anomalies:
    """Scores of all rows and the alarms among those that were neither learnt from nor set a threshold.

    Parameters
    ----------
    score : (n,) float64 array
        Over the threshold of its regime: above 1 is an anomaly; NaN where a value is missing or the regime unknown.
    regime : (n,) array of str
    part : (n,) int8 array
        0 learnt from, 1 held out to set the threshold, 2 judged.
    alarms : tuple of Alarm
        Of the judged part.
    thresholds : tuple of (str, float, int)
        By regime: threshold, and the rows held out that set it.
    false_alarm : float
        Share of held-out rows that may pass the threshold.
    judged_share : float or None
        Share of judged rows beyond it; where they are sound this is the false-alarm rate met.
    method : str
    notes : tuple of Text
    """

    score: FloatArray
    regime: NDArray[np.str_]
    part: NDArray[np.int8]
    alarms: tuple[Alarm, ...]
    thresholds: tuple[tuple[str, float, int], ...]
    false_alarm: float
    judged_share: float | None
    method: Method
    notes: tuple[Text, ...]


@dataclass(slots=True, eq=False)
class Model:
    """What was learnt of one regime; `score` and `shares` hold a row against it.

    Parameters
    ----------
    method : str
    middle, spread : (p,) float64 array
        By which values are brought to one scale.
    components : (k, p) float64 array
        Principal directions kept (pca).
    variances : (k,) float64 array
        Along them.
    residual : float
        Mean square outside them, for the scale of Q.
    inverse : (p, p) float64 array
        Of the robust correlation (robust).
    forest : object
        The isolation forest (forest).
    """

    method: Method
    middle: FloatArray
    spread: FloatArray
    components: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    variances: FloatArray = field(default_factory=lambda: np.zeros(0))
    residual: float = 1.0
    inverse: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    forest: Any = None

    def t_squared(self, rows: FloatArray) -> FloatArray:
        """Return Hotelling's T² of each row within the components."""
        scores = ((rows - self.middle) / self.spread) @ self.components.T
        return np.asarray((scores**2 / self.variances).sum(axis=1))

    def q(self, rows: FloatArray) -> FloatArray:
        """Return the squared distance of each row from the components (SPE)."""
        z = (rows - self.middle) / self.spread
        rest = z - z @ self.components.T @ self.components
        return np.asarray((rest**2).sum(axis=1))

    def score(self, rows: FloatArray) -> FloatArray:
        """Return one number for each row, higher for stranger ones."""
        z = (rows - self.middle) / self.spread
        if self.method == "pca":
            # T² and Q on one scale: each over what a row of the regime has on average.
            return self.t_squared(rows) / self.variances.size + self.q(rows) / self.residual
        if self.method == "robust":
            return np.asarray(((z @ self.inverse) * z).sum(axis=1))
        return np.asarray(-self.forest.score_samples(z), dtype=np.float64)

    def shares(self, row: FloatArray) -> FloatArray:
        """Return what each signal adds to the score of a row, not negative, summing to 1."""
        z = (row - self.middle) / self.spread
        if self.method == "pca":
            inside = z * (self.components.T @ ((self.components @ z) / self.variances)) / self.variances.size
            rest = z - self.components.T @ (self.components @ z)
            made = np.maximum(inside, 0.0) + rest**2 / self.residual
        elif self.method == "robust":
            # Leaving value j out lowers d' R⁻¹ d by (R⁻¹d)_j² / (R⁻¹)_jj.
            made = (self.inverse @ z) ** 2 / np.diag(self.inverse)
        else:
            at_middle = np.repeat(z[None, :], z.size, axis=0)
            np.fill_diagonal(at_middle, 0.0)
            scores = -self.forest.score_samples(np.vstack([z[None, :], at_middle]))
            made = np.maximum(scores[0] - scores[1:], 0.0)
        total = float(made.sum())
        return np.asarray(made / total if total > 0.0 else np.full(z.size, 1.0 / z.size))


def learn(rows: FloatArray, method: Method = "pca", *, seed: int = 0) -> Model:
    """Learn what rows of one regime look like.

    Parameters
    ----------
    rows : (n, p) float64 array
        Whole rows.
    method : {"pca", "robust", "forest"}
        T² and Q of principal components; distance by a robust covariance (minimum covariance determinant); isolation
        forest.
    seed : int

    Raises
    ------
    ForgecastError
        If the rows are too few, or a signal does not vary.

    Notes
    -----
    T²: Hotelling. Q: J. E. Jackson and G. S. Mudholkar, Technometrics 21 (1979) 341-349,
    doi:10.1080/00401706.1979.10489779. Robust: P. J. Rousseeuw and K. van Driessen, Technometrics 41 (1999) 212-223,
    doi:10.1080/00401706.1999.10485670. Forest: F. T. Liu, K. M. Ting and Z.-H. Zhou, IEEE ICDM 2008, 413-422,
    doi:10.1109/ICDM.2008.17. The last two by the program scikit-learn.
    """
    if rows.shape[0] < _ROWS_A_SIGNAL * max(rows.shape[1], 2):
        raise ForgecastError(
            text("{n} whole rows are too few to learn {p} signals", n=rows.shape[0], p=rows.shape[1]),
            repair=text("give at least {n}, or fewer signals or regimes", n=_ROWS_A_SIGNAL * max(rows.shape[1], 2)),
        )
    if method == "pca":
        middle, spread = rows.mean(axis=0), rows.std(axis=0, ddof=1)
    else:
        middle = np.median(rows, axis=0)
        spread = 1.4826 * np.median(np.abs(rows - middle), axis=0)
        # A signal that mostly stands still has no median deviation; its standard deviation then is the scale.
        spread = np.where(spread > 0.0, spread, rows.std(axis=0))
    if not (spread > 0.0).all():
        raise ForgecastError(
            text("a signal does not vary in a regime, so nothing can be held against it"),
            where=", ".join(str(at + 1) for at in np.flatnonzero(~(spread > 0.0))),
            repair=text("leave this signal out"),
        )
    z = (rows - middle) / spread
    if method == "pca":
        values, vectors = np.linalg.eigh(np.cov(z, rowvar=False).reshape(z.shape[1], z.shape[1]))
        values, vectors = values[::-1], vectors[:, ::-1]
        kept = max(1, min(int(np.searchsorted(np.cumsum(values) / values.sum(), _KEPT)) + 1, values.size))
        rest = float(values[kept:].sum())
        # Without a rest Q is nothing but rounding and must not count.
        return Model(method, middle, spread, vectors[:, :kept].T, values[:kept],
                     residual=rest if rest > 1e-9 * values.sum() else float("inf"))  # fmt: skip
    if method == "robust":
        from sklearn.covariance import MinCovDet  # noqa: PLC0415  (loads slowly)

        fitted = MinCovDet(random_state=seed).fit(z)
        return Model(method, middle + spread * fitted.location_, spread, inverse=np.linalg.pinv(fitted.covariance_))
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415

    return Model(method, middle, spread, forest=IsolationForest(n_estimators=100, random_state=seed).fit(z))


def t_squared_limit(components: int, rows: int, false_alarm: float) -> float:
    """Return the limit of T² of new Gaussian rows against components learnt from others.

    Parameters
    ----------
    components, rows : int
    false_alarm : float
        Probability that a sound row lies beyond it.

    Notes
    -----
    Equation: k (n²-1)/(n(n-k)) F(1-α; k, n-k). N. D. Tracy, J. C. Young and R. L. Mason, Journal of Quality Technology
    24 (1992) 88-95, doi:10.1080/00224065.1992.12015232.
    """
    from scipy import special  # noqa: PLC0415

    k, n = components, rows
    return float(k * (n**2 - 1.0) / (n * (n - k)) * special.fdtri(k, n - k, 1.0 - false_alarm))


def find_regimes(rows: ArrayLike, *, most: int = 5, seed: int = 0) -> IntArray:
    """Return the regime of each row: the mixture of Gaussians of the least BIC.

    Parameters
    ----------
    rows : (n, p) array
        Of the signals that tell the regime (speed, load, power …); NaN where missing.
    most : int
        Most regimes tried.
    seed : int

    Returns
    -------
    (n,) int64 array
        From 1 by rising mean of the first signal; 0 where a value is missing.
    """
    from sklearn.mixture import GaussianMixture  # noqa: PLC0415

    x = np.asarray(rows, dtype=np.float64)
    whole = np.isfinite(x).all(axis=1)
    z = (x[whole] - x[whole].mean(axis=0)) / np.maximum(x[whole].std(axis=0), 1e-300)
    best, least = None, np.inf
    for count in range(1, most + 1):
        fitted = GaussianMixture(count, random_state=seed, n_init=2, reg_covar=1e-4).fit(z)
        bic = float(fitted.bic(z))
        if bic < least:
            best, least = fitted, bic
    assert best is not None  # noqa: S101  (one regime is always tried)
    order = np.argsort(np.argsort(best.means_[:, 0]))
    made = np.zeros(x.shape[0], dtype=np.int64)
    made[whole] = order[best.predict(z)] + 1
    return made


def find_anomalies(
    rows: ArrayLike, names: Sequence[str], *, regimes: ArrayLike | None = None, method: Method = "pca",
    false_alarm: float = 0.001, learn_share: float = 0.4, hold_share: float = 0.3, consecutive: int = 1,
    sound: ArrayLike | None = None, seed: int = 0,
) -> Anomalies:  # fmt: skip
    """Return which rows are strange for the regime they belong to, and which signals make them so.

    Parameters
    ----------
    rows : (n, p) array
        In order of time; NaN where missing.
    names : sequence of str
        Of the p signals.
    regimes : (n,) array of str or None
        None means one regime; an empty word is no regime.
    method : {"pca", "robust", "forest"}
    false_alarm : float
        Share of the held-out rows of each regime that may pass its threshold.
    learn_share, hold_share : float
        First part, learnt from, and the part after it that sets the thresholds [1]; the rest is judged.
    consecutive : int
        Rows beyond the threshold in a row that make an alarm.
    sound : (n,) bool array or None
        Rows known to be good; others neither teach nor set thresholds.
    seed : int

    Raises
    ------
    ForgecastError
        If no regime has enough rows.

    Notes
    -----
    Threshold: the ⌈(m+1)(1-α)⌉-th of the m held-out scores, so that a further sound row passes it with probability α
    at most if rows are exchangeable (they are not where the machine drifts: that is what an alarm then says). With
    fewer than 1/α held-out rows the highest score is the threshold, and a note says which rate it stands for.
    """
    x = np.asarray(rows, dtype=np.float64)
    n = x.shape[0]
    words = np.full(n, "all") if regimes is None else np.asarray(regimes, dtype=str)
    whole = np.isfinite(x).all(axis=1) & (words != "")
    good = np.ones(n, dtype=np.bool_) if sound is None else np.asarray(sound, dtype=np.bool_)
    score, part = np.full(n, np.nan), np.full(n, 2, dtype=np.int8)
    models: dict[str, Model] = {}
    thresholds: list[tuple[str, float, int]] = []
    notes: list[Text] = []
    for word in sorted({str(one) for one in words[whole]}):
        mine = np.flatnonzero(whole & (words == word))
        first, second = int(mine.size * learn_share), int(mine.size * (learn_share + hold_share))
        part[mine[:first]], part[mine[first:second]] = 0, 1
        taught, held = mine[:first][good[mine[:first]]], mine[first:second][good[mine[first:second]]]
        if taught.size < _ROWS_A_SIGNAL * max(x.shape[1], 2) or held.size < 20:
            notes.append(text("regime {name}: {n} rows are too few to learn from", name=word, n=int(mine.size)))
            continue
        model = learn(x[taught], method, seed=seed)
        marks = np.sort(model.score(x[held]))
        rank = min(int(np.ceil((marks.size + 1) * (1.0 - false_alarm))), marks.size)
        threshold = float(marks[rank - 1])
        if marks.size * false_alarm < 1.0:
            notes.append(text("regime {name}: {n} rows held out stand for a false-alarm rate of {rate} %, not less",
                              name=word, n=int(marks.size), rate=round(100.0 / (marks.size + 1), 3)))  # fmt: skip
        models[word] = model
        thresholds.append((word, threshold, int(marks.size)))
        score[mine] = model.score(x[mine]) / threshold
    if not models:
        raise ForgecastError(
            text("no regime has enough rows to learn from"),
            repair=text("give more rows, fewer signals, or fewer regimes"),
        )
    judged = np.isfinite(score) & (part == 2)
    share = float((score[judged] > 1.0).mean()) if judged.any() else None
    alarms = _alarms(x, score, judged, words, models, tuple(names), consecutive)
    return Anomalies(score, words, part, alarms, tuple(thresholds), false_alarm, share, method, tuple(notes))


def _alarms(
    x: FloatArray, score: FloatArray, judged: BoolArray, words: NDArray[np.str_], models: dict[str, Model],
    names: tuple[str, ...], consecutive: int,
) -> tuple[Alarm, ...]:  # fmt: skip
    # Rows of several regimes may be interleaved; an alarm is a run of judged rows, of whichever regime.
    at = np.flatnonzero(judged)
    beyond = score[at] > 1.0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], beyond.astype(np.int8), [0]])))
    found = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if last - first < consecutive:
            continue
        run = at[first:last]
        worst = int(run[np.argmax(score[run])])
        shares = models[str(words[worst])].shares(x[worst])
        order = np.argsort(-shares, kind="stable")
        found.append(
            Alarm(int(run[0]), int(run[-1]), str(words[worst]), worst, float(score[worst]),
                  tuple((names[n], float(shares[n])) for n in order))
        )  # fmt: skip
    return tuple(found)
