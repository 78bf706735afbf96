"""Percentiles among peers that give no single plant away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

#: No group of fewer plants is shown (k of k-anonymity; L. Sweeney, IJUFKS 10 (2002) 557,
#: doi:10.1142/S0218488502001648). Ours, and the least one may ask for.
LEAST_PEERS = 5


@dataclass(frozen=True, slots=True)
class PeerCell:
    """One group of peers.

    Parameters
    ----------
    group : str
    count : int or None
        None where the cell is suppressed: its size, too, would tell.
    quantiles : tuple of float
        At the shares asked for; empty where suppressed.
    """

    group: str
    count: int | None
    quantiles: tuple[float, ...]

    @property
    def suppressed(self) -> bool:
        """Return whether the cell is withheld."""
        return self.count is None


def peer_cells(
    groups: Sequence[str], values: ArrayLike, *, shares: Sequence[float] = (0.25, 0.5, 0.75), least: int = LEAST_PEERS
) -> tuple[PeerCell, ...]:
    """Return the quantiles of each group of at least `least` plants, in the order of the groups' names.

    Parameters
    ----------
    groups : sequence of str
    values : (n,) array_like
        A missing one (NaN) is left out.
    shares : sequence of float
        No share below ``1 / least`` or above ``1 - 1 / least``: an extreme is a single plant's value.
    least : int
        At least `LEAST_PEERS`.

    Returns
    -------
    tuple of PeerCell
        Each quantile is the mean of the `least` values nearest to it, so no value of one plant is shown. If only one
        group is too small, the next smallest is withheld with it: else the total would give it away.

    Raises
    ------
    ValueError
        If `least` is below `LEAST_PEERS` or a share is an extreme.
    """
    if least < LEAST_PEERS:
        message = f"fewer than {LEAST_PEERS} plants are never shown"
        raise ValueError(message)
    if any(share < 1.0 / least or share > 1.0 - 1.0 / least for share in shares):
        message = "an extreme quantile would be one plant's value"
        raise ValueError(message)
    array = np.asarray(values, dtype=np.float64)
    members: dict[str, list[float]] = {}
    for group, value in zip(groups, array, strict=True):
        if np.isfinite(value):
            members.setdefault(group, []).append(float(value))
    hidden = hidden_groups({group: len(found) for group, found in members.items()}, least=least)
    return tuple(
        PeerCell(group, None, ())
        if group in hidden
        else PeerCell(group, len(found), tuple(_blurred(np.sort(found), share, least) for share in shares))
        for group, found in sorted(members.items())
    )


def hidden_groups(counts: Mapping[str, int], *, least: int = LEAST_PEERS) -> frozenset[str]:
    """Return the groups to withhold: those too small, and where that is one only, the next smallest with it."""
    small = {group for group, count in counts.items() if count < least}
    others = sorted((count, group) for group, count in counts.items() if group not in small)
    if len(small) == 1 and others:
        small.add(others[0][1])
    return frozenset(small)


def position(values: ArrayLike, own: float, *, least: int = LEAST_PEERS) -> float | None:
    """Return the share of peers below one's own value (equal ones count half); None with fewer than `least` peers."""
    array = np.asarray(values, dtype=np.float64)
    array = array[np.isfinite(array)]
    if len(array) < max(least, LEAST_PEERS) or not np.isfinite(own):
        return None
    return float(((array < own).sum() + 0.5 * (array == own).sum()) / len(array))


def _blurred(ordered: np.ndarray[tuple[int], np.dtype[np.float64]], share: float, least: int) -> float:
    first = min(max(round(share * (len(ordered) - 1)) - least // 2, 0), len(ordered) - least)
    return float(ordered[first : first + least].mean())
