"""Sharp edges: the singularity's own closed forms, and what they do to the error of a grid.

**Exponent.** Around an edge of 90 degrees of a body in a medium of another conductivity the temperature follows the
power lambda of the distance, tan(lambda pi/4) + ratio tan(3 lambda pi/4) = 0: 2/3 where the body is a perfect
conductor (the classic re-entrant corner), 1 where both are alike and there is no edge to see.

**Flow.** For u = r^p sin(p psi) the flow through a face from the edge on is a^p exactly; the difference of two centres
gives 2 a/b u(centre). At p = 2/3 and square cells their ratio is 2^(1/3) = 1.2599.

**A square bar in a square box**, steady, bar at 1 and box at 0: heat flow from grids refined to an extrapolated value.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from forgecast.casting.edge import edge_gains, exponent, gain
from forgecast.casting.heat_run import Accuracy, HeatRun
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import Layout
from forgecast.ground.texts import verbatim
from forgecast.metal.medium import Medium
from forgecast.shape.grid import Grid


def test_the_exponent_runs_from_the_re_entrant_corner_to_no_edge_at_all():
    assert exponent(1e-12) == pytest.approx(2.0 / 3.0, abs=1e-9)
    assert exponent(1.0) == pytest.approx(1.0, abs=1e-9)
    for ratio in (0.004, 0.02, 0.2, 0.7):
        root = exponent(ratio)
        assert math.tan(0.25 * math.pi * root) + ratio * math.tan(0.75 * math.pi * root) == pytest.approx(0.0, abs=1e-6)


def test_the_gain_of_a_square_cell_is_the_cube_root_of_two():
    """a^p / (2 (a/sqrt 2)^p sin(p pi/4)) with p = 2/3 is 2^(1/3) / (2 sin(30 degrees))."""
    assert float(gain(np.array(3.0), np.array(3.0), 2.0 / 3.0)) == pytest.approx(2.0 ** (1.0 / 3.0), rel=1e-12)
    assert float(gain(np.array(3.0), np.array(3.0), 1.0)) == pytest.approx(1.0, rel=1e-12)


def test_the_gain_is_that_of_the_singular_flow():
    """The flow through the face by quadrature of the normal derivative, for a flat and an upright cell."""
    for along, across in ((1.0, 3.0), (3.0, 1.0)):
        power = 0.7
        r = np.linspace(0.0, along, 200_001)[1:] - 0.5 * along / 200_000
        flow = float((power * r ** (power - 1.0)).sum() * along / 200_000)
        centre = (0.5 * math.hypot(along, across)) ** power * math.sin(power * math.atan2(across, along))
        two_points = 2.0 * along / across * centre
        # The midpoint rule misses of the integrable end what one of 2e5 panels holds, (5e-6)^0.7.
        assert float(gain(np.array(along), np.array(across), power)) == pytest.approx(flow / two_points, rel=1e-3)


def conductor(name: str, conductivity: float, capacity: float) -> Medium:
    kelvin = np.array([100.0, 500.0])
    return Medium(name, verbatim(name), kelvin, capacity * (kelvin - 100.0), np.full(2, conductivity), None, 1.0)


def bar(cells: int, *, edges: bool) -> float:
    """Return the steady heat flow from a bar at 400 K into a box at 200 K around it, over k times the difference."""
    line = np.linspace(-0.5, 0.5, cells + 1)
    grid = Grid(line, line, np.array([0.0, 1.0]))
    inside = np.abs(grid.centres[0]) < 0.125
    here = (inside[:, None] & inside[None, :])[None]
    layout = Layout(
        grid,
        (conductor("bar", 1e4, 1e6), conductor("box", 1.0, 1e3), Surroundings("cold", 200.0)),
        np.where(here, 0, 1).astype(np.uint8),
        np.zeros(grid.shape, dtype=np.uint8),
        (400.0, 200.0, 200.0),
        {},
        {"x-": 2, "x+": 2, "y-": 2, "y+": 2},
    )
    start = np.where(here, 400.0, 200.0).astype(np.float32)
    run = HeatRun(layout, accuracy=Accuracy(tolerance=0.05, edges=edges), temperature=start)
    # Long for the box, which settles in c L^2 / (pi^2 k) = 14 s; short for the bar, which falls in 7000 s.
    run.advance(200.0)
    field = run.temperature()[0]
    before, out = run.content(), run.audit().through_sides
    run.advance(220.0)
    assert run.content() < before
    flow = (run.audit().through_sides - out) / 20.0
    hot = 0.5 * (field[here[0]].mean() + run.temperature()[0][here[0]].mean())
    return float(flow / (hot - 200.0))


@pytest.fixture(scope="module")
def exact() -> float:
    """Grids with edges, 32 and 64 cells, extrapolated: their difference is a fifth of that without edges."""
    coarse, fine = bar(32, edges=True), bar(64, edges=True)
    return fine + (fine - coarse) / 3.0


def test_a_grid_with_edges_is_several_times_nearer(exact):
    without, with_edges = (abs(bar(16, edges=edges) / exact - 1.0) for edges in (False, True))
    assert without > 0.01  # there is something to mend
    # A third: what edges leave over is the fourth to third power of the cells in the second row.
    assert with_edges < 0.33 * without


def test_steps_of_a_round_skin_are_no_edges():
    line = np.linspace(-1.0, 1.0, 25)
    centre = 0.5 * (line[1:] + line[:-1])
    z, y, x = np.meshgrid(centre, centre, centre, indexing="ij")
    widths = (np.full(26, line[1] - line[0]),) * 3

    def edges_of(quick: np.ndarray) -> int:
        quick = np.pad(quick, 1, mode="edge")  # a slab or a bar goes on beyond the grid
        return sum(len(edge_gains(quick, ~quick, axis, widths, 2.0 / 3.0)[0]) for axis in range(3))

    assert edges_of(x**2 + y**2 + z**2 < 0.6**2) == 0
    assert edges_of(np.abs(0.9 * x + 0.35 * y + 0.26 * z) < 0.4) == 0
    assert edges_of(np.hypot(x, y + 0.1 * z) < 0.55) == 0
    cube = np.maximum(np.maximum(np.abs(x), np.abs(y)), np.abs(z)) < 0.5
    side = int(np.count_nonzero(np.abs(centre) < 0.5))
    # Twelve edges of two faces each; a face in a corner touches two of them and stands in the list once.
    assert edges_of(cube) == 24 * side - 24
