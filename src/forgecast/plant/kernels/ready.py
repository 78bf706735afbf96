"""Whether a loop is worth compiling for the work at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from forgecast.ground.compiled import is_compiled

Loop = TypeVar("Loop", bound=Callable[..., Any])

#: Below so many turns the loop as Python is over before a compiled one is even loaded.
SHORT = 20_000
#: Below so many it is over before a compiler has begun.
WORTH_COMPILING = 100_000


def ready(loop: Loop, turns: int) -> Loop:
    """Return the compiled loop where it lies ready or the work is long, else the same loop as plain Python.

    Both give the same numbers; a small plant should not wait for a compiler.
    """
    plain: Loop = getattr(loop, "py_func", loop)
    if turns <= SHORT:
        return plain
    return loop if turns > WORTH_COMPILING or is_compiled(loop) else plain
