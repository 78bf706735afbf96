"""Window statistics: means and percentiles by hand, windows with too few hours missing, numbers sourced."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.ground.errors import BookError
from forgecast.rules.evaluate import evaluate
from forgecast.rules.replay import recorded, replayed, verdicts_json
from tests.rules.making import POLICY, base, book, hourly, sampled, whole

PARAMETERS = """parameters:
  - {id: least, value: 75, unit: "%", clause: "2"}
  - {id: least_hours, value: 20, unit: h, clause: "2"}
  - {id: long, value: 6, unit: h, clause: "2"}
  - {id: p95, value: 95, unit: "%", clause: "2"}
  - {id: open, value: 20, unit: h, clause: "2", confidence: unverified}
evidence:"""


def read(window):
    return book(changed=[("evidence:", PARAMETERS), ("figure: nox", f"figure: nox\n    window: {window}")])


DAY = read("{statistic: mean, over: day, valid: least}")
YEAR = {"start": "2024-05-06", "end": "2024-05-10"}


def judge(*figures, read=DAY, **days):
    facts = base(*figures, **{**YEAR, **days})
    (verdict,) = evaluate(read, facts, policy=POLICY)
    again = replayed(recorded([read], facts, POLICY), [read])
    assert verdicts_json(again) == verdicts_json([verdict])
    return verdict


def test_a_day_mean_is_judged_not_its_hours():
    days = [90.0] * 24 + [60.0, 140.0] * 12 + [100.0] * 24 + [0.0] * 23 + [2300.0]
    verdict = judge(hourly(days))
    assert (verdict.word, verdict.figure_value, verdict.hours_over) == ("met", 100.0, None)
    over = judge(hourly([*days[:-1], 2500.0]))
    assert (over.word, over.figure_value) == ("not met", pytest.approx(2500 / 24))
    assert "2024-05-09" in str(over.reasons[1])


@pytest.mark.parametrize(("hours", "word"), [(18, "met"), (17, "partly")])
def test_a_day_counts_from_three_quarters_of_its_hours_on(hours, word):
    """Two of four days full, two with so many hours: 4/4 days valid or 2/4; the plant asks for 75 %."""
    at = [h for day in range(4) for h in range(24 * day, 24 * day + (24 if day < 2 else hours))]
    assert judge(hourly([50.0] * len(at), hours=at, expected=96)).word == word


def test_an_absent_window_is_missing_not_zero():
    rising = book(
        changed=[
            ("evidence:", PARAMETERS),
            ("figure: nox", "figure: nox\n    window: {statistic: mean, over: day, valid: least}"),
            ('comparison: "<="', 'comparison: ">="'),
        ]
    )
    assert judge(hourly([50.0] * 17, expected=96), read=rising).word == "not known"


def test_hours_due_are_the_denominator_where_they_are_known():
    figure = hourly([50.0] * 6, expected=8)
    assert judge(figure, end="2024-05-07").word == "not known"
    due = replace(figure, due=figure.hours[0] + np.arange(8))
    assert judge(due, end="2024-05-07").word == "met"  # 6 of 8 hours due are 75 %
    assert judge(replace(figure, due=figure.hours[0] + np.arange(9)), end="2024-05-07").word == "not known"


def test_an_hour_that_is_no_number_is_not_valid():
    for missing, word in ((6, "met"), (7, "not known")):
        values = [float("nan")] * missing + [50.0] * (24 - missing)
        assert judge(hourly(values), end="2024-05-07").word == word


def test_a_least_number_of_hours():
    strict = read("{statistic: mean, over: day, valid: least_hours}")
    assert judge(hourly([50.0] * 20, expected=24), read=strict, end="2024-05-07").word == "met"
    assert judge(hourly([50.0] * 19, expected=24), read=strict, end="2024-05-07").word == "not known"


def test_a_percentile_is_a_value_that_was_measured():
    whole_period = read("{statistic: percentile, percent: p95, over: period, valid: least}")
    values = [float(v) for v in range(1, 97)]  # ceil(0.95 × 96) = 92
    assert judge(hourly(values), read=whole_period).figure_value == 92.0


def test_a_month_that_a_limit_cuts_is_no_month_under_it():
    month = read("{statistic: mean, over: month, valid: least}")
    hours = 24 * (30 + 31)
    figure = hourly([500.0] * (24 * 30) + [50.0] * (24 * 31), "2023-05-31T16:00", hours)
    stretch = {"start": "2023-06-01", "end": "2023-08-01"}
    assert judge(figure, read=month, **stretch).word == "met"  # June lies before 2023-07-01
    late = {"start": "2023-06-01", "end": "2023-07-20"}
    assert judge(figure, read=month, **late).word == "not known"


@settings(max_examples=50, deadline=None)
@given(values=st.lists(st.floats(0, 200), min_size=24, max_size=24))
def test_rolling_means_agree_with_a_plain_loop(values):
    rolling = read("{statistic: mean, over: rolling, hours: long, valid: least}")
    verdict = judge(hourly(values), read=rolling, end="2024-05-07")
    means = [sum(values[i : i + 6]) / 6 for i in range(19)]
    # 1e-12 relative: two orders of summation of six numbers.
    assert verdict.figure_value == pytest.approx(max(means), rel=1e-12, abs=1e-12)


def test_single_tests_are_no_evidence_and_a_figure_that_is_the_statistic_is():
    verdict = judge(sampled(("2024-05-06", 999.0)))
    assert verdict.word == "not known"
    assert "single tests" in str(verdict.reasons[0])
    assert judge(whole(50.0)).word == "met"


def test_a_window_with_an_unverified_number_decides_nothing():
    unknown = read("{statistic: mean, over: day, valid: open}")
    for value in (1.0, 999.0):
        verdict = judge(hourly([value] * 96), read=unknown)
        assert verdict.word == "not known"
        assert "open" in str(verdict.missing[0])


@pytest.mark.parametrize(
    "window",
    [
        "{statistic: mean, over: day}",
        "{statistic: mean, over: day, valid: nobody}",
        "{statistic: median, over: day, valid: least}",
        "{statistic: mean, over: day, valid: least, hours: long}",
        "{statistic: percentile, over: day, valid: least}",
        "{statistic: mean, over: rolling, valid: least}",
    ],
)
def test_a_window_that_is_not_complete_is_refused(window):
    with pytest.raises(BookError) as caught:
        read(window)
    assert "requirements.nox" in caught.value.where
