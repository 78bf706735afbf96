"""The one way a loop over cells is compiled: to machine code, kept on disk for the next run."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import get_num_threads, njit, set_num_threads

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


def is_compiled(loop: Callable[..., Any]) -> bool:
    """Tell whether a compiled loop lies ready on disk or in memory, so that calling it takes no time to compile."""
    if getattr(loop, "signatures", ()):
        return True
    source = Path(inspect.getfile(inspect.unwrap(loop)))
    kept = Path(str(loop._cache.cache_path))  # type: ignore[attr-defined]  # noqa: SLF001  (numba tells nowhere else)
    made = [path.stat().st_mtime for path in kept.glob(f"{source.stem}.{loop.__name__}-*.nbi")]
    return bool(made) and max(made) >= source.stat().st_mtime


@contextmanager
def on_cores(count: int) -> Iterator[None]:
    """Let compiled loops run on so many cores within, and as before afterwards.

    Where there are few cells a loop is over sooner than a second core has begun, and on a busy machine waiting for it
    takes many times longer than the work.
    """
    before = get_num_threads()
    set_num_threads(min(count, before))
    try:
        yield
    finally:
        set_num_threads(before)
