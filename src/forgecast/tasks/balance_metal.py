"""Balance the metal of a plant by alloy and month: what closes, what does not, and which record would settle it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.gateway.stream_table import OwnStreams
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.melting.metal_balance import NODES, STREAMS, MetalBalance, metal_balance
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.metal_streams import SETTLED_BY, AlloyStreams, lacking, metal_streams

F8 = NDArray[np.float64]

#: Kilograms of a tonne: records are in the one, balances in the other.
_TONNE = 1000.0
#: Streams that close a month: melting and casting taken as one; the others sharpen the search for causes.
CLOSING = tuple(dict.fromkeys(s for node in ("melting", "casting") for s in NODES[node] if s != "poured"))


@dataclass(frozen=True, slots=True)
class Missing:
    """A stream that is not on record, in which months, and the record that would settle it."""

    stream: str
    months: tuple[str, ...]
    record: Text


@dataclass(frozen=True, slots=True, eq=False)
class AlloyBalance:
    """The balance of an alloy.

    Parameters
    ----------
    alloy : str
    months : tuple of str
    masses : mapping of str to (n,) float64 array
        Streams [t]; NaN where not on record.
    residuals : (n,) float64 array
        Charge less all it became [t]; NaN where a stream is missing.
    balance : MetalBalance or None
        None where nobody has said how well the masses are known: then nothing is judged.
    missing : tuple of Missing
    """

    alloy: str
    months: tuple[str, ...]
    masses: Mapping[str, F8]
    residuals: F8
    balance: MetalBalance | None
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class BalanceAnswer:
    """The balances of a plant.

    Parameters
    ----------
    alloys : tuple of AlloyBalance
    doubts : mapping of str to float
        Standard deviation of each stream as a share of its mass [1]; empty where none was told.
    confidence : float
    notes : tuple of Text
    """

    alloys: tuple[AlloyBalance, ...]
    doubts: Mapping[str, float]
    confidence: float
    notes: tuple[Text, ...]

    @property
    def open_months(self) -> int:
        """Return how many months do not close."""
        closures = [c for one in self.alloys if one.balance is not None for c in one.balance.closures]
        return sum(closure.closes is False for closure in closures)

    def as_json(self) -> dict[str, object]:
        """Return the answer with units in the names; what is not known is null."""
        return {
            "confidence": self.confidence,
            "doubts": dict(self.doubts),
            "alloys": [_as_json(one) for one in self.alloys],
            "notes": [note.as_json() for note in self.notes],
        }


def balance_metal(
    plant: PlantFolder,
    *,
    doubts: Mapping[str, float] | None = None,
    alloys: Collection[str] = (),
    months: Collection[str] = (),
    own: OwnStreams | None = None,
    confidence: float = 0.95,
) -> BalanceAnswer:
    """Return the balance of metal by alloy and month.

    Parameters
    ----------
    plant : PlantFolder
    doubts : mapping of str to float or None
        Standard deviation of each stream's mass as a share of it [1]: what the scales and counts are good for. Without
        it streams and residuals are shown, and nothing is judged.
    alloys, months : collection of str
        Only these; empty for all.
    own : OwnStreams or None
        Streams that no record holds.
    confidence : float

    Raises
    ------
    ForgecastError
        If there is no heat with an alloy, or an alloy or month asked for is not on record.
    MeltingError
        If a doubt is negative.
    """
    streams = metal_streams(plant, own)
    if not streams.alloys:
        raise ForgecastError(
            text("no heat with an alloy is on record"),
            where=str(plant.path),
            repair=text("take in heats with their alloy and what was charged: forgecast plant import"),
        )
    chosen = [one for one in streams.alloys if not alloys or one.alloy in alloys]
    _check(alloys, {one.alloy for one in streams.alloys})
    _check(months, {month for one in streams.alloys for month in one.months})
    told = dict(doubts or {})
    found = tuple(_balanced(_cut(one, months), told, confidence) for one in chosen)
    return BalanceAnswer(found, told, confidence, streams.notes)


def _check(asked: Collection[str], known: Collection[str]) -> None:
    for one in asked:
        if one not in known:
            raise ForgecastError(
                text("nothing is on record of {name}", name=one),
                repair=text("on record are: {names}", names=", ".join(sorted(known))),
            )


def _cut(streams: AlloyStreams, months: Collection[str]) -> AlloyStreams:
    keep = [n for n, month in enumerate(streams.months) if not months or month in months]
    return AlloyStreams(
        streams.alloy,
        tuple(streams.months[n] for n in keep),
        {stream: masses[keep] for stream, masses in streams.masses.items()},
    )


def _balanced(streams: AlloyStreams, doubts: Mapping[str, float], confidence: float) -> AlloyBalance:
    masses = {stream: kilograms / _TONNE for stream, kilograms in streams.masses.items()}
    signs = {**NODES["melting"], **NODES["casting"]}
    residuals = np.sum([signs[stream] * masses[stream] for stream in CLOSING], axis=0)
    balance = None
    if doubts and streams.months:
        spreads = {stream: doubts[stream] * np.nan_to_num(np.abs(mass)) for stream, mass in masses.items()}
        balance = metal_balance(streams.months, masses, spreads, confidence=confidence)
    missing = tuple(
        Missing(stream, months, SETTLED_BY[stream]) for stream, months in lacking(streams, STREAMS).items()
    )  # fmt: skip
    return AlloyBalance(streams.alloy, streams.months, masses, residuals, balance, missing)


def _as_json(one: AlloyBalance) -> dict[str, object]:
    balance = one.balance
    return {
        "alloy": one.alloy,
        "months": [
            {
                "month": month,
                "streams_t": {stream: _known(masses[n]) for stream, masses in one.masses.items()},
                "residual_t": _known(one.residuals[n]),
                "tolerance_t": None if balance is None else _known(balance.closures[n].tolerance),
                "closes": None if balance is None else balance.closures[n].closes,
            }
            for n, month in enumerate(one.months)
        ],
        "probability": None if balance is None else _known(balance.global_probability),
        "suspicious": [] if balance is None else [list(pair) for pair in balance.suspicious],
        "suspects": []
        if balance is None
        else [
            {
                "cause": suspect.cause.name,
                "size_t": suspect.size,
                "size_uncertainty_t": suspect.size_uncertainty,
                "weight": suspect.weight,
                "words": suspect.words.as_json(),
            }
            for suspect in balance.suspects
        ],
        "missing": [
            {"stream": gap.stream, "months": list(gap.months), "record": gap.record.as_json()} for gap in one.missing
        ],
        "notes": [] if balance is None else [note.as_json() for note in balance.notes],
    }


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
