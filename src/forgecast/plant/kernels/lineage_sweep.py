"""One sweep from parents to children: how likely, how much, how many, each as best estimate and as bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
B1 = NDArray[np.bool_]

#: Rounding may leave a sure thing this far from one.
SURE = 1.0 - 1e-9


@register_jitable  # plain Python for small plants, compiled within `sweep`
def of_slots(
    node: int, start: I8, parent: I8, slot: I8, chance: F8, w: F8, on: B1, p: F8, s: F8, sure: F8, least: float, out: F8
) -> None:
    """Write what the slots of a node give: probability low, best, high; share low, mean, high; share when sure.

    `w` and `p`, `s` hold low, best and high in rows; `out` has seven places.
    """
    for i in range(7):
        out[i] = 0.0
    missed = 1.0
    k, end = start[node], start[node + 1]
    while k < end:
        now = slot[k]
        low, best, high, chances = 0.0, 0.0, 0.0, 0.0
        s_low, s_mean, s_high, held = 1.0, 0.0, 0.0, 1.0
        w_low, w_best, w_high = w[0, k], w[1, k], w[2, k]
        while k < end and slot[k] == now:
            q, a = chance[k], parent[k]
            chances += q
            if on[k]:
                if w_low * sure[a] >= least:
                    joint = max(0.0, q + p[0, a] - 1.0)
                    if joint > 0.0:
                        low += joint
                        held = min(held, w_low * sure[a])
                if w_best * s[1, a] >= least * p[1, a]:
                    best += q * p[1, a]
                high += min(q, p[2, a])
                s_low = min(s_low, s[0, a])
                s_mean += q * s[1, a]
                s_high = max(s_high, s[2, a])
            else:
                s_low = 0.0
            k += 1
        if chances < SURE:
            s_low = 0.0
        if low > out[0]:
            out[0], out[6] = low, held
        missed *= 1.0 - min(best, 1.0)
        out[2] += high
        out[3] += w_low * s_low
        out[4] += w_best * s_mean
        out[5] += w_high * s_high
    out[5] = min(out[5], 1.0)
    out[2] = min(out[2], 1.0)
    out[1] = 1.0 - missed
    if out[3] >= least * SURE:
        out[0], out[2], out[6] = 1.0, 1.0, out[3]
    elif out[5] < least * SURE:
        out[0], out[1], out[2], out[6] = 0.0, 0.0, 0.0, 0.0
    out[1] = min(max(out[1], out[0]), out[2])


@register_jitable  # plain Python for small plants, compiled within `sweep`
def of_batch(
    node: int,
    own: float,
    total: I8,
    m_start: I8,
    m_parent: I8,
    m_count: I8,
    l_start: I8,
    l_parent: I8,
    l_count: I8,
    p: F8,
    s: F8,
    c: I8,
    random: bool,  # noqa: FBT001
    out: F8,
    counted: I8,
) -> None:
    """Turn what the slots of a batch give (`out`) into what holds for one of its pieces, its moves and loads with it.

    Of k pieces taken out of n, of which a are affected, between max(0, a - (n - k)) and min(k, a) are, whatever hand
    took them; a blind hand takes k a/n on average. The same bounds hold for the expected numbers.
    """
    n = float(total[node])
    low, best, high = own * out[0], own * out[1], own * out[2]
    s_low, s_sum, s_high = (out[3] if own > 0.0 else 1.0), own * out[4], (out[5] if own > 0.0 else 0.0)
    least = np.int64(own) if out[0] >= SURE else np.int64(0)
    most = np.int64(own) if out[2] > 0.0 else np.int64(0)
    for k in range(m_start[node], m_start[node + 1]):
        a, taken, of = m_parent[k], float(m_count[k]), float(total[m_parent[k]])
        if of <= 0.0 or taken <= 0.0:
            continue
        best += taken * p[1, a]
        if random:
            low += taken * p[0, a]
            high += taken * p[2, a]
        else:
            low += max(0.0, of * p[0, a] - (of - taken))
            high += min(taken, of * p[2, a])
        least += max(np.int64(0), c[0, a] - (total[a] - m_count[k]))
        most += min(m_count[k], c[1, a])
        s_low, s_high = min(s_low, s[0, a]), max(s_high, s[2, a])
        s_sum += taken * s[1, a]
    if n <= 0.0:
        n = 1.0
    for k in range(l_start[node], l_start[node + 1]):
        a, taken = l_parent[k], float(min(l_count[k], total[node]))
        if p[2, a] > 0.0:
            low = max(low, taken * p[0, a])
            best = n * (1.0 - (1.0 - min(best / n, 1.0)) * (1.0 - p[1, a] * taken / n))
            high = min(n, high + taken * p[2, a])
            least = max(least, np.int64(taken) if p[0, a] >= SURE else np.int64(0))
            most = min(total[node], most + np.int64(taken))
    out[0], out[2] = min(low / n, 1.0), min(high / n, 1.0)
    out[1] = min(max(best / n, out[0]), out[2])
    out[3], out[4], out[5] = min(s_low, 1.0), min(s_sum / n, 1.0), s_high
    counted[0], counted[1] = min(least, total[node]), min(most, total[node])


@compiled()
def sweep(
    first: int,
    links: Any,  # noqa: ANN401  (a tuple of arrays, taken apart below)
    moves: Any,  # noqa: ANN401
    loads: Any,  # noqa: ANN401
    counts: Any,  # noqa: ANN401
    source: F8,
    settings: Any,  # noqa: ANN401
    p: F8,
    s: F8,
    c: I8,
) -> None:
    """Fill in probability `p` and share `s` (rows low, best, high) and numbers `c` (rows least, most) of every node.

    Parameters
    ----------
    first : int
        Node to begin with; those before it are not touched.
    links : tuple
        start, parent, slot, probability, (3, m) shares, whether followed.
    moves, loads : tuple
        start, parent, count.
    counts : tuple
        own, total, fixed of each node.
    source : (3, n) float64 array
        Probability with which a node is where the search begins; 0 where it is none.
    settings : tuple
        Least share that counts; whether draws are blind; whether the search begins with metal.
    p, s : (3, n) float64 array, filled in
    c : (2, n) int64 array, filled in
    """
    l_start, l_parent, l_slot, chance, w, on = links
    m_start, m_parent, m_count = moves
    x_start, x_parent, x_count = loads
    own, total, fixed = counts
    least, random, metal = settings
    n = total.size
    sure = np.zeros(n)
    out = np.zeros(7)
    counted = np.zeros(2, dtype=np.int64)
    empty = np.zeros(n + 1, dtype=np.int64) if metal and fixed.any() else m_start
    for node in range(first, n):
        of_slots(node, l_start, l_parent, l_slot, chance, w, on, p, s, sure, least, out)
        if total[node] > 0:
            recorded = metal and fixed[node]
            whose = float(total[node]) if recorded else float(own[node])
            begins = empty if recorded else m_start
            of_batch(
                node, whose, total, begins, m_parent, m_count, x_start, x_parent, x_count, p, s, c, random, out, counted
            )
            c[0, node], c[1, node] = counted[0], counted[1]
        if source[2, node] > 0.0:
            low, best, high = source[0, node], source[1, node], source[2, node]
            out[0] = max(out[0], low)
            out[2] = min(1.0, out[2] + high)
            out[1] = min(max(1.0 - (1.0 - out[1]) * (1.0 - best), out[0]), out[2])
            out[3], out[4], out[5] = max(out[3], 1.0 if low >= SURE else 0.0), max(out[4], best), 1.0
            out[6] = 1.0
            if low >= SURE:
                c[0, node] = total[node]
            c[1, node] = total[node]
        for i in range(3):
            p[i, node], s[i, node] = out[i], out[3 + i]
        sure[node] = out[6] if out[0] > 0.0 else 0.0
