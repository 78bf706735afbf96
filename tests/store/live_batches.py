"""Batches of live readings for tests."""

from __future__ import annotations

import numpy as np

from forgecast.signals.batch import Batch
from forgecast.store.plant_folder import PlantFolder

#: 2025-01-01T00:00Z
T = 1_735_689_600_000_000
Points = dict[tuple[str, int], tuple[float, int]]


def batch(seq: int, *points: tuple[str, int, float] | tuple[str, int, float, int], source: str = "furnace-1") -> Batch:
    """Build a batch from (tag, instant, value) or (tag, instant, value, flag)."""
    tags = tuple(dict.fromkeys(point[0] for point in points))
    return Batch(
        source,
        seq,
        tags,
        np.array([tags.index(point[0]) for point in points], np.int32),
        np.array([point[1] for point in points], np.int64),
        np.array([point[2] for point in points], np.float64),
        np.array([point[3] if len(point) > 3 else 0 for point in points], np.int8),
    )


def second(seq: int, source: str = "furnace-1", tags: int = 3, seconds: int = 5) -> Batch:
    """Build the batch of a number: some seconds of a few tags, values that tell the number."""
    points = [
        (f"{source}.T{k}", T + (seq * seconds + s) * 1_000_000, seq + k / 10)
        for s in range(seconds)
        for k in range(tags)
    ]
    return batch(seq, *points, source=source)


def points_of(*batches: Batch) -> Points:
    """Return what a store holds after batches: by tag and instant, the last wins."""
    found: Points = {}
    for one in batches:
        for k, t, value, flag in zip(
            one.tag.tolist(), one.t.tolist(), one.value.tolist(), one.flag.tolist(), strict=True
        ):
            found[one.tags[k], t] = (value, flag)
    return found


def sealed_points(plant: PlantFolder) -> Points:
    """Return all readings of the series; one that stands in two files is an error."""
    found: Points = {}
    for tag in plant.telemetry.tags():
        one = plant.telemetry.series(tag)
        for t, value, flag in zip(one.t.tolist(), one.value.tolist(), one.flag.tolist(), strict=True):
            assert (tag, t) not in found, "doubled"
            found[tag, t] = (value, flag)
    return found
