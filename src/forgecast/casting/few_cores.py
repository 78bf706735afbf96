"""Small runs on one core: a second one would spend its time waiting for the first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from forgecast.casting.heat_run import CELLS_FOR_TWO


@contextmanager
def few_cores(cells: int) -> Iterator[None]:
    """Let compiled loops run on one core within, where there are few cells; as before afterwards.

    The loops of a run over a row of cells are so short that starting them on two cores takes longer than they do: on a
    busy machine of two cores a run of 60 cells took 2 to 8 s with two and 0.1 s with one.

    Parameters
    ----------
    cells : int
    """
    from numba import get_num_threads, set_num_threads  # noqa: PLC0415  (loads slowly)

    before = get_num_threads()
    if cells < CELLS_FOR_TWO:
        set_num_threads(1)
    try:
        yield
    finally:
        set_num_threads(before)
