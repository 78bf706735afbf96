"""The coefficient comes back from the synthetic trial, and doubt about places widens its interval."""

from __future__ import annotations

import pytest

from examples import identify_an_interface as example


def test_the_truth_lies_in_the_interval_and_doubt_about_places_widens_it() -> None:
    exact, doubtful = (example.run(error) for error in (0.0, 0.0005))
    h, wider = exact.fit.estimates[0], doubtful.fit.estimates[0]
    assert h.low < example.TRUE < h.high
    assert wider.low < example.TRUE < wider.high
    assert wider.high - wider.low > 2.0 * (h.high - h.low)
    # 160 readings: the standard error of their spread is 1/sqrt(320) = 0.056 of it; three of them.
    assert exact.fit.noise == pytest.approx(example.NOISE, abs=0.17)
    assert exact.used_rows == len(example.TIME)


def test_a_record_that_nobody_measured_says_so() -> None:
    assert "SYNTHETIC" in example.synthetic_record().name
    assert "SYNTHETIC" in example.run().contact.sources[0].source.say("en")
