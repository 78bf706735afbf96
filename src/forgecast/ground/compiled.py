"""The one way a loop over cells is compiled: to machine code, kept on disk for the next run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit, set_num_threads

Loop = TypeVar("Loop", bound=Callable[..., Any])

#: Sums may be reordered and contracted, but a NaN stays a NaN: it means *not reached*.
FAST = {"contract", "reassoc", "nsz", "arcp", "afn"}


def compiled(*, parallel: bool = False, inline: bool = False) -> Callable[[Loop], Loop]:
    """Return a decorator that compiles a function of arrays and numbers.

    Parameters
    ----------
    parallel : bool
        Whether its ``prange`` loops run on all cores.
    inline : bool
        Whether it is written into the loops that call it instead of being called.
    """
    settings: dict[str, Any] = {"fastmath": FAST, "cache": not inline, "nogil": True, "error_model": "numpy"}
    if inline:
        settings["inline"] = "always"

    def decorate(loop: Loop) -> Loop:
        return cast("Loop", njit(parallel=parallel, **settings)(loop))

    return decorate


def use_cores(count: int) -> None:
    """Let the compiled loops run on so many cores from now on."""
    set_num_threads(count)
