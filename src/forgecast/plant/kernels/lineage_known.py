"""How far back each lineage is known, and how many pieces hang on each node."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]

#: A lineage without anybody of the level asked for.
NONE = -1.0


@register_jitable
def _of_links(
    node: int, start: I8, parent: I8, slot: I8, low: F8, high: F8, mark: F8, known: F8
) -> tuple[float, float]:
    """Return the main ancestor and the known share that the slots of a node give; NaN: several are possible."""
    main, most, share = NONE, 0.0, 0.0
    k, end = start[node], start[node + 1]
    while k < end:
        now, first = slot[k], mark[parent[k]]
        same, w, of = not np.isnan(first), 0.5 * (low[k] + high[k]), known[parent[k]]
        while k < end and slot[k] == now:
            same = same and mark[parent[k]] == first
            of = min(of, known[parent[k]])
            k += 1
        share += w * of
        if (not same or first != NONE) and w > most:
            main, most = (first if same else np.nan), w
    return main, share


@compiled()
def known_level(level: Any, links: Any, moves: Any, loads: Any, counts: Any, mark: F8, known: F8) -> None:  # noqa: ANN401
    """Fill in which subject of a level every node mainly came of, where that is certain.

    Of several slots the one with the greatest share decides; of several possible parents, and of the batches that
    pieces were mixed from, all have to come of the same.

    Parameters
    ----------
    level : tuple of int
        First node of the level, and first after it.
    links, moves, loads, counts : tuple
        As in `forgecast.plant.kernels.lineage_sweep.sweep`, `links` with low and high share.
    mark : (n,) float64 array, filled in
        Node of the main ancestor; NaN where several are possible, `NONE` where there is nobody.
    known : (n,) float64 array, filled in
        Share of the node whose lineage reaches the level.
    """
    l_start, l_parent, l_slot, low, high = links
    m_start, m_parent, _ = moves
    x_start, x_parent, x_count = loads
    own, total, fixed = counts
    first, end = level
    for node in range(total.size):
        if first <= node < end:
            mark[node], known[node] = float(node), 1.0
            continue
        one, share = _of_links(node, l_start, l_parent, l_slot, low, high, mark, known)
        if total[node] > 0:
            began = own[node] > 0 or fixed[node]
            moved = 0 if fixed[node] else m_start[node + 1] - m_start[node]
            for k in range(m_start[node], m_start[node] + moved):
                other = mark[m_parent[k]]
                if not began:
                    one, share, began = other, known[m_parent[k]], True
                else:
                    share = min(share, known[m_parent[k]])
                    if one != other:
                        one = np.nan
            for k in range(x_start[node], x_start[node + 1]):
                if first <= x_parent[k] < end:
                    one, share = (mark[x_parent[k]] if x_count[k] >= total[node] else np.nan), 1.0
        mark[node], known[node] = one, share


@compiled()
def pieces_below(last: int, links: Any, below: F8) -> None:  # noqa: ANN401
    """Add to each node up to `last` the expected number of pieces that came of it, children first."""
    start, parent, chance = links
    for node in range(last, -1, -1):
        for k in range(start[node], start[node + 1]):
            below[parent[k]] += chance[k] * below[node]
