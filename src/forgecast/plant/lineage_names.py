"""The subjects of a genealogy: everything that has a row, or that a row names, each with its number and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forgecast.plant.lineage import KINDS

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
Columns: TypeAlias = Mapping[str, Mapping[str, NDArray[np.generic]]]

#: Fields of the records that the genealogy is made of.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "lot": ("id", "received_at", "material", "count"),
    "charge_item": ("heat", "lot", "from_heat", "mass"),
    "heat": ("id", "tapped_at", "furnace", "mass", "charge_mass", "heel_mass"),
    "ladle": ("id", "vessel", "heat", "filled_at", "emptied_at", "mass", "heel_mass"),
    "treatment": ("heat", "ladle", "lot", "mass"),
    "holding_fill": ("id", "furnace", "filled_at", "heat", "ladle", "mass", "held_mass"),
    "mould": ("id", "product", "line", "poured_at", "order_number", "ladle", "heat"),
    "shot": ("id", "shot_at", "furnace", "shot_mass"),
    "blow": ("piece",),
    "piece": ("id", "product", "made_at", "heat", "lot", "ladle", "mould", "shot", "count"),
    "batch_step": ("at", "from_piece", "to_piece", "count"),
    "heat_treatment": ("id", "started_at"),
    "heat_treatment_load": ("heat_treatment", "piece", "count"),
    "shipment": ("id", "shipped_at"),
    "shipment_item": ("shipment", "piece", "count"),
}
#: When a subject was made.
TIMES: Mapping[str, str] = {
    "lot": "received_at",
    "heat": "tapped_at",
    "ladle": "filled_at",
    "holding_fill": "filled_at",
    "mould": "poured_at",
    "shot": "shot_at",
    "heat_treatment": "started_at",
    "piece": "made_at",
    "shipment": "shipped_at",
}
_NAMED_IN: Mapping[str, tuple[tuple[str, str], ...]] = {
    "lot": (("charge_item", "lot"), ("treatment", "lot"), ("piece", "lot")),
    "heat": (
        ("charge_item", "heat"),
        ("charge_item", "from_heat"),
        ("ladle", "heat"),
        ("treatment", "heat"),
        ("holding_fill", "heat"),
        ("mould", "heat"),
        ("piece", "heat"),
    ),
    "ladle": (("treatment", "ladle"), ("holding_fill", "ladle"), ("mould", "ladle"), ("piece", "ladle")),
    "holding_fill": (),
    "mould": (("piece", "mould"),),
    "shot": (("piece", "shot"),),
    "heat_treatment": (("heat_treatment_load", "heat_treatment"),),
    "piece": (
        ("batch_step", "from_piece"),
        ("batch_step", "to_piece"),
        ("heat_treatment_load", "piece"),
        ("shipment_item", "piece"),
        ("blow", "piece"),
    ),
    "shipment": (("shipment_item", "shipment"),),
}


@dataclass(frozen=True, slots=True, eq=False)
class Subjects:
    """Names of all subjects, those of one kind in order of time (pieces in order of their rows).

    Parameters
    ----------
    names : mapping of kind to string array
    time : mapping of kind to int64 array
        Microseconds UTC; -1 where not known.
    of_row : mapping of kind to int64 array
        Number of the subject of each row of the kind's own record.
    """

    names: Mapping[str, pa.StringArray]
    time: Mapping[str, IntArray]
    of_row: Mapping[str, IntArray]

    def numbers(self, kind: str, values: NDArray[np.generic]) -> IntArray:
        """Return the number of each name within its kind; -1 where none is given."""
        return _numbers(self.names[kind], _strings(values))

    def at_rows(self, kind: str, values: NDArray[np.generic], missing: float) -> NDArray[np.generic]:
        """Return a column of the kind's record by subject instead of by row; a subject without a row misses it."""
        if values.dtype == object:
            strings = np.full(len(self.names[kind]), None, dtype=object)
            strings[self.of_row[kind]] = values
            return strings
        by_subject = np.full(len(self.names[kind]), missing, dtype=np.float64)
        by_subject[self.of_row[kind]] = values
        return by_subject


def subjects(columns: Columns) -> Subjects:
    """Return the subjects that rows of records are of, or name."""
    names: dict[str, pa.StringArray] = {}
    times: dict[str, IntArray] = {}
    of_row: dict[str, IntArray] = {}
    for kind in KINDS:
        own = _strings(columns[kind]["id"])
        named = [_strings(columns[record][field]) for record, field in _NAMED_IN[kind]]
        every = pc.drop_null(pc.unique(pa.chunked_array([own, *named], type=pa.string())))
        everything = every.combine_chunks() if isinstance(every, pa.ChunkedArray) else every
        time = np.full(len(everything), -1, dtype=np.int64)
        # The own rows are the first of the unique names, in their order, because keys occur once.
        when = columns[kind][TIMES[kind]]
        time[: len(own)] = instants(when)
        order = np.arange(len(everything)) if kind == "piece" else np.argsort(time, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        names[kind], times[kind] = everything.take(pa.array(order)), time[order]
        of_row[kind] = place[: len(own)].astype(np.int64)
    return Subjects(names, times, of_row)


def instants(values: NDArray[np.generic]) -> IntArray:
    """Return instants as int64; -1 where not known."""
    if values.dtype == np.int64:
        return np.asarray(values, dtype=np.int64)
    floats = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(floats), floats, -1.0).astype(np.int64)


def numbered(values: NDArray[np.generic]) -> IntArray:
    """Return a number for each distinct text; -1 where there is none."""
    strings = _strings(values)
    return _numbers(pc.drop_null(pc.unique(strings)), strings)


def _numbers(names: pa.StringArray, strings: pa.StringArray) -> IntArray:
    found = pc.fill_null(pc.index_in(strings, value_set=names, skip_nulls=True), -1)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def _strings(values: NDArray[np.generic]) -> pa.StringArray:
    return pa.array(values, type=pa.string(), from_pandas=True) if values.size else pa.array([], type=pa.string())
