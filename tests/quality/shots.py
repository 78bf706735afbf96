"""Made-up shots whose rejects have a known cause, with the traps of real ones: trials, leaks, days of their own."""

from __future__ import annotations

import numpy as np

from forgecast.ground.texts import verbatim
from forgecast.quality.reject.pieces import Feature, InspectedPieces

#: Ordinal of the first day (`date.toordinal`), and of the day the clock of computers starts.
FIRST_DAY, EPOCH = 737_000, 719_163
DAY_US = 86_400_000_000


def features(*names: str, words: tuple[str, ...] = (), counts: tuple[str, ...] = ()) -> tuple[Feature, ...]:
    return tuple(Feature(one, verbatim(one), "", one in words, one in counts) for one in names)


def made_shots(
    *, days: int = 40, per_day: int = 60, moulds: int = 3, seed: int = 0, share: float = 0.08, day_scatter: float = 0.0
) -> InspectedPieces:
    """Return shots that are mostly rejected where the pressure is low.

    Features: pressure (the cause), temperature (differs by mould, no cause), volume (half of it missing, no cause),
    trial (a flag), number (a running number). One shot in twenty is a trial, and all trials are rejects. With
    `day_scatter` the temperature of each day is its own and so is its share of rejects: nothing a later day repeats.
    """
    rng = np.random.default_rng(seed)
    n = days * per_day
    day = np.repeat(np.arange(days), per_day)
    mould = rng.integers(0, moulds, days)[day]
    low = rng.random(n) < share
    pressure = np.where(low, rng.normal(250.0, 15.0, n), rng.normal(330.0, 8.0, n))
    temperature = 200.0 + 20.0 * mould + rng.normal(0.0, 5.0, n)
    volume = np.where(rng.random(n) < 0.5, np.nan, rng.normal(70.0, 5.0, n))
    chance = np.where(low, 0.9, 0.005)
    if day_scatter:
        temperature = 200.0 + rng.permutation(days)[day] + rng.normal(0.0, 0.1, n)
        chance = np.maximum(chance, np.where(rng.random(days) < 0.3, day_scatter, 0.0)[day])
    trial = rng.random(n) < 0.05
    rejected = trial | (rng.random(n) < chance)
    time = (FIRST_DAY - EPOCH + day) * DAY_US + np.tile(np.arange(per_day), days) * 60_000_000
    number = np.zeros(n)
    for one in range(moulds):
        number[mould == one] = np.arange((mould == one).sum())
    return InspectedPieces(
        ids=np.arange(n).astype(str),
        mould=np.array([f"M{one}" for one in mould]),
        time=time,
        block=FIRST_DAY + day,
        features=features("pressure", "temperature", "volume", "trial", "number", words=("trial",), counts=("number",)),
        values=np.column_stack((pressure, temperature, volume, trial.astype(float), number)),
        rejected=rejected,
        trial=trial,
    )


def with_feature(pieces: InspectedPieces, feature: Feature, values: np.ndarray) -> InspectedPieces:
    return InspectedPieces(
        pieces.ids, pieces.mould, pieces.time, pieces.block, (*pieces.features, feature),
        np.column_stack((pieces.values, values)), pieces.rejected, pieces.trial,
    )  # fmt: skip


def honest(pieces: InspectedPieces) -> InspectedPieces:
    """Return what a model may see of made-up shots."""
    return pieces.without(["trial", "number"]).without_trials().in_time()
