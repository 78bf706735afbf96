"""Forming runs with moving tools, contact and new meshes, against closed forms and the balance of volume.

Problem. A rigid-plastic ring (6:3:2) and a cylinder are upset between flat dies. Without friction the bore follows
exactly from constant volume. With friction the true field takes the least power, so a run may never take more than the
upper bound without barrelling (B. Avitzur, Metal Forming, 1968).
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from forgecast.forging.die import Die, overlap
from forgecast.forging.error import ForgingError
from forgecast.forging.forming import Moment, Settings, begin, form
from forgecast.forging.mesher import fill_outline, inside_outline, signed_area
from forgecast.forging.piece import volume_of
from forgecast.forging.ring import upset_ring

STRESS = 100e6


class Rigid:
    """A metal of one flow stress."""

    def stress(self, strain, rate, temperature):
        return np.full(np.broadcast(strain, rate, temperature).shape, STRESS)

    def rate_slope(self, strain, rate, temperature):
        return np.zeros(np.broadcast(strain, rate, temperature).shape)


def upset(inner: float, outer: float, height: float, m: float, reduction: float, size: float, **more) -> list[Moment]:
    outline = np.array([(inner, 0.0), (outer, 0.0), (outer, height), (inner, height)])
    tools = (
        Die("lower die", np.array([(-0.01, 0.0), (1.0, 0.0)]), m),
        Die("upper die", np.array([(1.0, height), (-0.01, height)]), m),
    )
    settings = Settings(True, lambda points: np.full(len(points), size), **more)
    piece = begin(outline, tools, settings, temperature=1300.0)
    end = height * (1 - reduction)
    return list(
        form(piece, tools, Rigid(), settings, speeds=lambda _t, _w, _tools: (0.0, -0.1),
             until=lambda moment: moment.tools[1].profile[0, 1] <= end)
    )  # fmt: skip


def height_of(moment: Moment) -> float:
    return float(moment.tools[1].profile[0, 1])


def bore_of(moment: Moment) -> float:
    """Return the radius of a straight bore of the same volume."""
    outline, height = moment.piece.mesh.points[: moment.piece.mesh.outline], height_of(moment)
    after, squares = np.roll(outline, -1, axis=0), []
    for z in np.linspace(0.002, 0.998, 300) * height:
        spans = (outline[:, 1] > z) != (after[:, 1] > z)
        way = (z - outline[spans, 1]) / (after[spans, 1] - outline[spans, 1])
        squares.append((outline[spans, 0] + way * (after[spans, 0] - outline[spans, 0])).min() ** 2)
    return math.sqrt(float(np.mean(squares)))


def test_a_ring_without_friction_keeps_to_constant_volume() -> None:
    for moment in upset(0.015, 0.03, 0.02, 0.0, 0.5, 0.0015):
        exact = 0.015 / math.sqrt(height_of(moment) / 0.02)
        assert bore_of(moment) == pytest.approx(exact, rel=0.005)
        area = math.pi * (0.03**2 - 0.015**2) * 0.02 / height_of(moment)
        assert moment.force[0] == pytest.approx(-moment.force[1], rel=1e-6)
        # p = sigma0 exactly; the steps lose up to 4e-4 of the volume, and the area with it.
        assert moment.force[1] == pytest.approx(STRESS * area, rel=1e-3)


def test_a_ring_with_little_friction_follows_the_field_without_barrelling() -> None:
    moments = upset(0.015, 0.03, 0.02, 0.1, 0.5, 0.0015)
    theory = upset_ring(0.06, 0.03, 0.02, 0.1)
    for moment in moments[:: len(moments) // 6]:
        reduction = 1 - height_of(moment) / 0.02
        # In points of the first bore; barrelling is small at m = 0.1 (at 0.3 and half height the run lies 6 higher).
        assert 100 * (1 - bore_of(moment) / 0.015) == pytest.approx(
            100 * float(theory.bore_decrease(reduction)), abs=1.0
        )


def parallel_power(inner: float, outer: float, height: float, m: float) -> float:
    """Return p/sigma0 of the best field without barrelling for this ring, found here by trying: u_r = (r - c/r)/2h."""
    r = np.linspace(inner, outer, 4001)
    best = math.inf
    for c in np.linspace(-4 * outer**2, outer**2, 2001):
        rr, tt = 0.5 * (1 + c / r**2), 0.5 * (1 - c / r**2)
        rate = np.sqrt(2 / 3 * (rr**2 + tt**2 + 1))
        slip = np.abs(0.5 * (r - c / r))
        power = np.trapezoid((rate * height + 2 * m / math.sqrt(3) * slip) * r, r)
        best = min(best, power / (0.5 * (outer**2 - inner**2) * height))
    return best


@pytest.mark.slow
@pytest.mark.parametrize("m", [0.3, 0.5])
def test_a_ring_takes_less_power_than_the_field_without_barrelling(m: float) -> None:
    """With much friction the run leaves the table of the field without barrelling, and the run is right to.

    The field that takes the least power is the true one (extremum principle). In one and the same straight ring the run
    takes 2.2 % (m = 0.3) and 6.4 % (m = 0.5) less power than the best field without barrelling, and half the size of
    triangles changes that by 0.2 %. It is therefore nearer to the truth, its bore closes faster, and the difference is
    no error of the run. Points of the first bore by which the run lies above the table (measured; finer triangles and
    smaller steps raise it by another 0.5 to 1):

    ====  ======  ======  ======  ======  ======
    m     10 %    20 %    30 %    40 %    50 %
    ====  ======  ======  ======  ======  ======
    0.3   0.6     1.7     3.2     5.3     6.8
    0.5   1.4     4.1     7.4     9.8     11.6
    ====  ======  ======  ======  ======  ======

    The 4 points asked for hold for m <= 0.1 up to 50 % and for m = 0.3 up to 30 %. A bore is here that of a straight
    hole of the same volume.
    """
    theory = upset_ring(0.06, 0.03, 0.02, m)
    assert parallel_power(0.015, 0.03, 0.02, m) == pytest.approx(theory.pressure[0], rel=1e-4)
    area, first = math.pi * (0.03**2 - 0.015**2), []
    for size in (0.0015, 0.00075):
        moment = upset(0.015, 0.03, 0.02, m, 0.0, size)[0]
        first.append(moment.force[1] / (STRESS * area))
        assert 1.0 < first[-1] < 0.985 * theory.pressure[0]
    # Finer triangles take less power still: the run comes to the truth from above.
    assert first[1] == pytest.approx(first[0], rel=0.01)
    assert first[1] < first[0]
    moments = upset(0.015, 0.03, 0.02, m, 0.5, 0.0012)
    for moment in moments[:: len(moments) // 8]:
        flow = moment.piece.flow
        assert flow.external == pytest.approx(flow.plastic + flow.sliding, rel=0.01)
        reduction = 1 - height_of(moment) / 0.02
        over = 100 * (1 - bore_of(moment) / 0.015 - float(theory.bore_decrease(reduction)))
        # Never below the table, and never above what was measured here on other triangles and steps.
        assert -0.2 < over < (8.5 if m == 0.3 else 13.5)
        if m == 0.3 and reduction <= 0.3:
            assert over < 4.0


@pytest.mark.slow
def test_volume_is_kept_over_a_deep_upset_through_new_meshes() -> None:
    moments = upset(0.0, 0.01, 0.03, 0.3, 0.6, 0.0009, worst_triangle=0.45)
    last, whole = moments[-1], math.pi * 0.01**2 * 0.03
    assert last.remeshings >= 3
    assert abs(last.volume / whole - 1) < 1e-3
    assert all(abs(moment.volume / whole - 1) < 1e-3 for moment in moments)
    # What new meshes cut off along curved sides and what was put back again: told, and small.
    assert last.mended / whole < 5e-3
    assert all(overlap(moment.tools, moment.piece.mesh.points).max() < 1e-6 for moment in moments)


def test_an_outline_is_filled_with_good_triangles() -> None:
    outline = np.array([(0, 0), (12, 0), (14, 6), (30, 6), (32, -4), (45, -4), (46, 9.5), (55, 9.5), (55, 11.5),
                        (46, 11.5), (45, 25), (32, 25), (30, 14), (14, 14), (12, 22), (0, 22)]) / 1000  # fmt: skip
    mesh = fill_outline(outline, lambda p: 0.0006 + 0.04 * np.abs(p[:, 0] - 0.05))
    assert mesh.areas().sum() == pytest.approx(signed_area(outline), rel=1e-9)
    assert mesh.quality().min() > 0.4
    assert mesh.quality().mean() > 0.93
    assert inside_outline(mesh.points[mesh.triangles].mean(axis=1), outline).all()
    assert volume_of(mesh, axisymmetric=False) == pytest.approx(signed_area(outline), rel=1e-9)


def test_what_cannot_be_formed_is_refused_with_its_place() -> None:
    size = Settings(True, lambda points: np.full(len(points), 0.002))
    square = np.array([(0.0, 0.0), (0.01, 0.0), (0.01, 0.01), (0.0, 0.01)])
    with pytest.raises(ForgingError, match="clockwise"):
        begin(square[::-1], (), size, temperature=1300.0)
    with pytest.raises(ForgingError, match=r"crosses itself near 0\.01 m"):
        begin(np.array([(0.0, 0.0), (0.02, 0.0), (0.0, 0.02), (0.01, 0.02), (0.01, -0.005)]), (), size,
              temperature=1300.0)  # fmt: skip
    low = Die("lower die", np.array([(0.0, 0.002), (0.1, 0.002)]), 0.1)
    with pytest.raises(ForgingError, match="2 mm inside lower die"):
        begin(square, (low,), size, temperature=1300.0)
    with pytest.raises(ForgingError, match="fewer than two points"):
        Die("die", np.array([(0.0, 0.0)]), 0.1)
    with pytest.raises(ForgingError, match="friction"):
        Die("die", np.array([(0.0, 0.0), (1.0, 0.0)]), 1.1)
