"""Spans of time as a person says them."""

from __future__ import annotations

from forgecast.ground.texts import Text, text


def lasting(seconds: float) -> Text:
    """Return a span of time in the unit that suits it: seconds, minutes, hours or days.

    Parameters
    ----------
    seconds : float
        Finite.
    """
    size = abs(seconds)
    if size < 120.0:
        return text("{n} s", n=f"{seconds:.3g}")
    if size < 7200.0:
        return text("{n} min", n=f"{seconds / 60.0:.3g}")
    if size < 172_800.0:
        return text("{n} h", n=f"{seconds / 3600.0:.3g}")
    return text("{n} days", n=f"{seconds / 86400.0:.0f}" if size > 86400.0 * 100 else f"{seconds / 86400.0:.3g}")
