"""Watches a reject model after it was learnt: have the values moved, does it still dare, is it still right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.quality.reject.conformal import Answer
from forgecast.quality.reject.model import RejectModel
from forgecast.quality.reject.pieces import BoolArray, Feature, InspectedPieces, block_numbers
from forgecast.quality.reject.score import Estimate, share_over_days
from forgecast.quality.scrap import FloatArray, IntArray

#: Bins of the pieces learnt from, of equal count; a missing value and values beyond all learnt have bins of their own.
BINS = 10
#: Days with fewer pieces are not judged: their shares are mostly chance.
FEWEST_PIECES = 50
#: Chance of a false alarm for the values of one day.
DAY_ALARM = 0.05
#: Fewest results of a class, and days, from which its coverage is judged.
FEWEST_RESULTS, FEWEST_DAYS = 20, 5
#: Fewest pieces of the last days that are worth saying what share lies outside all learnt.
FEWEST_LATELY = 200
#: A model that abstains on so much more of the pieces than on the calibration pieces has lost its footing [1].
ABSTAINS_MORE = 0.1
#: The model is not trusted once this many of the last days have moved values.
LAST_DAYS, MOVED_DAYS = 10, 5


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """What was seen of a model on the days after it was learnt.

    Parameters
    ----------
    features : tuple of Feature
    days : (b,) int64 array
        Days watched, ascending, as ordinals.
    pieces : (b,) int64 array
    stability : (b, d) float64 array
        Population stability index of each feature [1]; 0 is no change.
    usual : (d,) float64 array
        The same, of the median day among those learnt from, against the others [1].
    chance : (b,) float64 array
        How probably a day like those learnt from has moved as far as this one, all features at once [1].
    moved : (b,) bool array
    outside : (b,) int64 array
        Pieces with a value outside all that was learnt from.
    outside_of : (b, d) int64 array
        The same for each feature.
    cannot_tell : (b,) int64 array
        Pieces with the answer "cannot tell" or "like nothing seen".
    usual_cannot_tell : float
        Their share among the calibration pieces [1].
    results, covered : (b, 2) int64 array
        Good pieces and rejects, and those whose result was among the possible ones.
    confidence : float
        Nominal coverage of each class [1].
    """

    features: tuple[Feature, ...]
    days: IntArray
    pieces: IntArray
    stability: FloatArray
    usual: FloatArray
    chance: FloatArray
    moved: BoolArray
    outside: IntArray
    outside_of: IntArray
    cannot_tell: IntArray
    usual_cannot_tell: float
    results: IntArray
    covered: IntArray
    confidence: float

    def most_moved(self, most: int = 3) -> tuple[tuple[Feature, float, float], ...]:
        """Return the features that moved the most against their usual day: feature, index of the median day, usual."""
        if not self.days.size:
            return ()
        median = np.median(self.stability, axis=0)
        order = np.argsort(-median / np.maximum(self.usual, 1e-9), kind="stable")[:most]
        return tuple((self.features[at], float(median[at]), float(self.usual[at])) for at in order)

    def coverage(self) -> tuple[Estimate, Estimate]:
        """Return the share of good pieces, and of rejects, whose result was among the possible ones, over all days."""
        good, reject = (
            share_over_days(self.covered[:, at].astype(np.float64), self.results[:, at].astype(np.float64))
            for at in (0, 1)
        )
        return good, reject

    def objections(self) -> tuple[Text, ...]:
        """Return why the model should no longer be trusted; empty where nothing speaks against it."""
        found: list[Text] = []
        names = (text("good pieces"), text("rejects"))
        for at, seen in enumerate(self.coverage()):
            enough = self.results[:, at].sum() >= FEWEST_RESULTS and self.days.size >= FEWEST_DAYS
            if enough and seen.high < self.confidence:
                found.append(
                    text(
                        "of the {name} only {seen:.0f} % ({low:.0f} to {high:.0f} %) are covered, {nominal:.4g} % were "
                        "promised",
                        name=names[at],
                        seen=100.0 * seen.value,
                        low=100.0 * seen.low,
                        high=100.0 * seen.high,
                        nominal=100.0 * self.confidence,
                    )
                )
        shy = share_over_days(self.cannot_tell.astype(np.float64), self.pieces.astype(np.float64))
        if self.days.size >= FEWEST_DAYS and shy.low > self.usual_cannot_tell + ABSTAINS_MORE:
            found.append(
                text(
                    "it abstains on {seen:.0f} % ({low:.0f} to {high:.0f} %) of the pieces, on the calibration pieces "
                    "on {usual:.0f} %",
                    seen=100.0 * shy.value,
                    low=100.0 * shy.low,
                    high=100.0 * shy.high,
                    usual=100.0 * self.usual_cannot_tell,
                )
            )
        pieces, outside = int(self.pieces[-LAST_DAYS:].sum()), int(self.outside[-LAST_DAYS:].sum())
        if pieces >= FEWEST_LATELY and outside > (1.0 - self.confidence) * pieces:
            found.append(
                text(
                    "of the last {days} days {share:.0f} % of the pieces have a value outside all that was learnt "
                    "from: {names}",
                    days=self.days[-LAST_DAYS:].size,
                    share=100.0 * outside / pieces,
                    names=self._outside_most(),
                )
            )
        lately = self.moved[-LAST_DAYS:]
        if int(lately.sum()) >= MOVED_DAYS:
            moved = ((one.title, median, usual) for one, median, usual in self.most_moved(1))
            name, median, usual = next(moved)
            found.append(
                text(
                    "values have moved on {count} of the last {days} days, most of all {name} (index {seen:.2f}, "
                    "usually {usual:.2f})",
                    count=int(lately.sum()),
                    days=lately.size,
                    name=name,
                    seen=median,
                    usual=usual,
                )
            )
        return tuple(found)

    def _outside_most(self, most: int = 3) -> Text:
        """Return the features that lie outside most often lately, named with their counts."""
        counts = self.outside_of[-LAST_DAYS:].sum(axis=0)
        said: Text | None = None
        for at in np.argsort(-counts, kind="stable")[:most]:
            if counts[at]:
                one = text("{name} ({count})", name=self.features[at].title, count=int(counts[at]))
                said = one if said is None else text("{first}, {second}", first=said, second=one)
        return said if said is not None else text("none")

    def as_json(self) -> dict[str, object]:
        """Return the watch, one entry a day."""
        return {
            "trusted": not self.objections(),
            "objections": [one.as_json() for one in self.objections()],
            "usual_abstention": self.usual_cannot_tell,
            "confidence": self.confidence,
            "days": [
                {
                    "day": date.fromordinal(int(day)).isoformat(),
                    "pieces": int(self.pieces[at]),
                    "chance": float(self.chance[at]),
                    "moved": bool(self.moved[at]),
                    "outside": int(self.outside[at]),
                    "abstained": int(self.cannot_tell[at]),
                    "good": int(self.results[at, 0]),
                    "good_covered": int(self.covered[at, 0]),
                    "rejects": int(self.results[at, 1]),
                    "rejects_covered": int(self.covered[at, 1]),
                    "stability": {
                        feature.name: float(self.stability[at, one]) for one, feature in enumerate(self.features)
                    },
                }
                for at, day in enumerate(self.days)
            ],
        }


def watch(
    model: RejectModel,
    pieces: InspectedPieces,
    learnt: IntArray,
    calibrated: IntArray,
    later: IntArray,
    confidence: float,
) -> Watch:
    """Watch a model on later pieces.

    Parameters
    ----------
    model : RejectModel
    pieces : InspectedPieces
        With the features of the model.
    learnt, calibrated, later : (k,) int64 array
        Rows learnt from, calibrated on, and watched.
    confidence : float
        Nominal coverage of each class, between 0 and 1.

    Notes
    -----
    Index of a day and feature: Σ (a − e) ln(a / e) over bins, a and e the shares of the day and of the pieces learnt
    from, half a piece added to each bin. Its rule of thumb (0.1 little, 0.25 much) knows no sample size and no error
    rate (J. du Pisanie, J. S. Allison, C. J. Budde, I. J. H. Visagie, arXiv:2303.01227), and days of one plant differ
    among themselves by more than that. So each day learnt from is held against the others in the same way; the day's
    measure is its largest index over the features, each over that of its median day, and a day has moved where fewer
    than `DAY_ALARM` of the days learnt from have a measure as large. The largest of all features makes the chance one
    of the day, not of seventeen tests; it cannot fall below 1 / (days learnt from + 1).

    Coverage is objected to where the whole of its interval over days (`forgecast.quality.reject.score.score`) lies
    below what was promised.
    """
    rows = pieces.values[learnt]
    edges = [_edges(rows[:, at], model.low[at], model.high[at]) for at in range(rows.shape[1])]
    _, counts = _by_day(rows, pieces.block[learnt], edges)
    days, held = _by_day(pieces.values[later], pieces.block[later], edges)
    total = counts.sum(axis=0)
    among = np.array([_index(day, total - day) for day in counts if day[0].sum() >= FEWEST_PIECES])
    enough = held[:, 0].sum(axis=1) >= FEWEST_PIECES
    stability = np.array([_index(day, total) for day in held[enough]]).reshape(-1, rows.shape[1])
    usual = np.median(among, axis=0) if among.size else np.full(rows.shape[1], np.nan)
    scale = np.maximum(usual, 1e-9)
    reach = np.sort((among / scale).max(axis=1)) if among.size else np.empty(0)
    far = (stability / scale).max(axis=1) if stability.size else np.empty(0)
    as_far = reach.size - np.searchsorted(reach, far, side="left")
    chance = np.asarray((1.0 + as_far) / (reach.size + 1.0), dtype=np.float64)
    seen = later[np.isin(pieces.block[later], days[enough])]
    at, many = block_numbers(pieces.block[seen]), int(enough.sum())
    values, bad = pieces.values[seen], pieces.rejected[seen]
    _, possible = model.judge(values, confidence)
    answer, covered = possible.answer, possible.covers(bad)

    def counted(which: BoolArray) -> IntArray:
        return np.bincount(at[which], minlength=many)

    usually = model.judge(pieces.values[calibrated], confidence)[1].answer
    return Watch(
        features=model.features,
        days=days[enough],
        pieces=np.bincount(at, minlength=many),
        stability=stability,
        usual=usual,
        chance=chance,
        moved=chance <= DAY_ALARM,
        outside=counted(possible.unlike),
        outside_of=np.column_stack([counted(one) for one in model.unlike(values).T]),
        cannot_tell=counted(answer >= Answer.CANNOT_TELL),
        usual_cannot_tell=float(np.mean(usually >= Answer.CANNOT_TELL)),
        results=np.column_stack((counted(~bad), counted(bad))),
        covered=np.column_stack((counted(~bad & covered), counted(bad & covered))),
        confidence=confidence,
    )


def _edges(values: FloatArray, low: float, high: float) -> FloatArray:
    """Return the edges of the bins; the outermost bins are empty of what was learnt from."""
    known = values[np.isfinite(values)]
    if not known.size:
        return np.empty(0)
    inner = np.quantile(known, np.linspace(0.0, 1.0, BINS + 1)[1:-1])
    return np.unique(np.concatenate(([low], inner, [np.nextafter(high, np.inf)])))


def _by_day(values: FloatArray, block: IntArray, edges: list[FloatArray]) -> tuple[IntArray, IntArray]:
    """Return days and the pieces of each by feature and bin, (b,) and (b, d, bins)."""
    days, at = np.unique(block, return_inverse=True)
    missing = BINS + 2
    counts = np.zeros((days.size, len(edges), missing + 1), dtype=np.int64)
    for one, cuts in enumerate(edges):
        column = values[:, one]
        bins = np.where(np.isnan(column), missing, np.searchsorted(cuts, column, side="right"))
        flat = np.bincount(at * (missing + 1) + bins, minlength=days.size * (missing + 1))
        counts[:, one] = flat.reshape(-1, missing + 1)
    return days, counts


def _index(day: IntArray, others: IntArray) -> FloatArray:
    """Return the population stability index of each feature, (d,)."""
    actual, expected = ((part + 0.5) / (part + 0.5).sum(axis=1, keepdims=True) for part in (day, others))
    return np.asarray(((actual - expected) * np.log(actual / expected)).sum(axis=1))
