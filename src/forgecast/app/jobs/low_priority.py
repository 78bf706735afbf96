"""Work in the background gives way to the pages: a lower priority, and threads for all cores but one."""

from __future__ import annotations

import os
import sys

#: What the libraries that calculate are told how many threads to use by.
_THREADS = (
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "POLARS_MAX_THREADS",
)
#: Steps of niceness for a figure, for which somebody waits, and beyond it for a run.
FIGURE_STEPS, RUN_STEPS = 5, 10
_BELOW_NORMAL, _IDLE = 0x4000, 0x40


def give_way(steps: int) -> None:
    """Lower the priority of this process; it cannot be raised again."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  (Windows only)

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL if steps <= FIGURE_STEPS else _IDLE)
    else:
        os.nice(steps)


def spare_threads() -> int:
    """Return how many threads a job may use: one core stays with the pages."""
    return max(1, (os.cpu_count() or 1) - 1)


def limit_threads(count: int) -> None:
    """Tell libraries of processes started from now on how many threads to use; what is set in the environment stays."""
    for name in _THREADS:
        os.environ.setdefault(name, str(count))
