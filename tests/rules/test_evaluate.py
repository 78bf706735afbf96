"""Words for figures and states: hours over, coverage, dates in the middle, doubt and what would settle it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.rules.book import Comparison, Policy
from forgecast.rules.evaluate import evaluate
from forgecast.rules.fact import FactBase, Subject
from forgecast.rules.judging import breaks
from tests.rules.making import POLICY, base, book, facts, hourly, sampled, whole


def judge(facts, read=None, policy=POLICY):
    (verdict,) = evaluate(read or book(), facts, policy=policy)
    return verdict


def test_hours_over_are_counted_and_contiguous_ones_merged():
    values = [50, 101, 120, 100, 50, 130] + [50] * 18
    verdict = judge(base(hourly(values)))
    assert verdict.word == "not met"
    assert (verdict.hours_over, verdict.hours_valid, verdict.hours_expected) == (3, 24, 24)
    assert verdict.figure_value == 130
    assert [(e.start, e.end, e.hours, e.worst) for e in verdict.exceedances] == [
        ("2024-05-05T17:00Z", "2024-05-05T18:00Z", 2, 120.0),
        ("2024-05-05T21:00Z", "2024-05-05T21:00Z", 1, 130.0),
    ]


def test_a_gap_parts_two_exceedances():
    verdict = judge(base(hourly([120, 130], hours=[0, 2], expected=24)))
    assert [e.hours for e in verdict.exceedances] == [1, 1]


@pytest.mark.parametrize(("hours", "word"), [(24, "met"), (18, "met"), (17, "partly"), (1, "partly"), (0, "not known")])
def test_coverage_decides_between_met_partly_and_not_known(hours, word):
    verdict = judge(base(hourly([50] * hours, expected=24)))
    assert verdict.word == word
    assert bool(verdict.missing) == (word != "met")


def test_an_hour_over_is_not_met_however_few_hours_there_are():
    assert judge(base(hourly([101], expected=24))).word == "not met"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_values_that_are_no_numbers_never_pass(bad):
    assert judge(base(whole(bad))).word == "not known"
    assert judge(base(sampled(("2024-05-06", bad)))).word == "not known"
    assert judge(base(hourly([bad] * 24))).word == "not known"
    assert judge(base(sampled(("2024-05-06", 50.0), ("2024-05-06", bad)))).word == "partly"
    assert judge(base(hourly([50.0] * 23 + [bad]))).word == "partly"


def test_every_figure_of_the_name_is_judged():
    assert judge(base(hourly([50] * 24), sampled(("2024-05-06", 101.0)))).word == "not met"
    assert judge(base(hourly([50] * 24), sampled(("2024-05-06", 100.0)))).word == "met"
    assert judge(base(hourly([], expected=24), sampled(("2024-05-06", 100.0)))).word == "partly"
    assert judge(base(whole(None), sampled(("2024-05-06", 100.0)))).word == "partly"
    assert judge(base(sampled(("2024-05-05", 999.0)))).word == "not known"  # another day


def test_only_hours_since_the_limit_began_are_judged_at_local_midnight():
    """Existing enterprises from 2023-07-01: in Shanghai that is 2023-06-30T16:00Z."""
    before, after = [999] * 8, [50] * 8
    stretch = {"start": "2023-06-30", "end": "2023-07-02"}
    assert judge(base(hourly(before + after, "2023-06-30T08:00", 48), **stretch)).exceedances == ()
    assert judge(base(hourly(before + after, "2023-06-30T07:00", 48), **stretch)).word == "partly"
    late = judge(base(hourly(before + after, "2023-06-30T09:00", 48), **stretch))
    assert late.word == "not met"
    assert [(e.start, e.hours) for e in late.exceedances] == [("2023-06-30T16:00Z", 1)]
    assert late.hours_expected == 24


def test_a_figure_over_more_days_than_the_limit_is_not_judged():
    verdict = judge(base(whole(50.0, "2023-06-01", "2023-08-01"), start="2023-06-01", end="2023-08-01"))
    assert verdict.word == "not known"
    assert "2023-07-01" in str(verdict.reasons[-1])


def test_what_is_so_on_every_day_is_judged_from_the_day_the_limit_begins():
    stretch = {"start": "2023-06-01", "end": "2023-08-01"}
    assert judge(base(whole(50.0), **stretch)).word == "met"
    assert judge(base(whole(101.0), **stretch)).word == "not met"
    assert judge(base(whole(None), **stretch)).word == "not known"


def test_not_in_force_and_doubt_about_the_addressee():
    before = {"start": "2023-06-01", "end": "2023-06-02"}
    assert judge(base(whole(999.0), **before)).word == "not applicable"
    assert judge(base(whole(999.0), **before, site={"status": "new"})).word == "not met"
    unknown = judge(base(whole(50.0), **before, site={}))
    assert unknown.word == "not known"
    assert any("site" in str(m) and "status" in str(m) for m in unknown.missing)


def test_missing_facts_are_never_not_applicable():
    verdict = judge(base(whole(50.0), stack={}))
    assert verdict.word == "not known"
    assert str(verdict.missing[0]) == "record `stack`, field `furnace` of S1"
    assert judge(base(whole(50.0), stack={"furnace": "gas"})).word == "not applicable"


def test_a_kind_that_was_never_listed_gives_not_known_and_an_empty_list_not_applicable():
    nothing = base()
    nothing = FactBase(nothing.site, (), nothing.start, nothing.end)
    verdict = judge(nothing)
    assert (verdict.id, verdict.word) == ("invented/nox/*", "not known")
    assert str(verdict.missing[0]) == "import the record `stack`"
    assert judge(FactBase(nothing.site, (), nothing.start, nothing.end, frozenset({"stack"}))).word == "not applicable"
    some = base(whole(50.0), kinds=())
    assert [v.word for v in evaluate(book(), some, policy=POLICY)] == ["met", "not known"]


@pytest.mark.parametrize("value", [1.0, 100.0, 1e6])
def test_an_unverified_limit_decides_nothing_and_says_how_to_enter_it(value):
    verdict = judge(base(whole(value)), book(changed=[("confidence: primary", "confidence: unverified")]))
    assert verdict.word == "not known"
    assert any("own copy" in str(m) and "rules fill invented" in str(m) for m in verdict.missing)


def test_an_unverified_number_in_an_expression_decides_nothing():
    parameter = "parameters:\n  - {id: tall, value: 15, unit: m, clause: '2', confidence: %s}\nevidence:"
    verdicts = {}
    for confidence in ("secondary", "unverified"):
        changed = [("evidence:", parameter % confidence), ("furnace == 'cupola'", "height >= param.tall")]
        verdicts[confidence] = judge(base(whole(50.0), stack={"height": 20.0}), book(changed=changed))
    assert verdicts["secondary"].word == "met"
    assert verdicts["unverified"].word == "not known"
    assert "tall" in str(verdicts["unverified"].missing[0])


def test_a_figure_in_another_unit_is_not_judged():
    verdict = judge(base(whole(0.05, unit="g/m3")))
    assert verdict.word == "not known"
    assert "g/m3" in str(verdict.reasons)


def test_the_limit_itself_and_the_noise_of_arithmetic():
    """(21 - 15) / (21 - 9) x 200 is 100 on paper; a few last bits must not decide, a measured part in 10^5 must."""
    for comparison, at in (("<=", False), ("<", True), (">=", False), (">", True)):
        for factor in (1.0, 1 + 4e-16, 1 - 4e-16, 1 + 1e-14, 1 - 1e-14):
            assert breaks(np.array([100.0 * factor]), Comparison(comparison), 100.0)[0] == at
    assert breaks(np.array([100.001]), Comparison.AT_MOST, 100.0)[0]
    assert breaks(np.array([99.999]), Comparison.AT_LEAST, 100.0)[0]
    assert not breaks(np.array([0.0]), Comparison.AT_MOST, 0.0)[0]
    assert breaks(np.array([1e-300]), Comparison.AT_MOST, 0.0)[0]


STATE = [
    ("    figure: nox\n    limits:\n      - {value: 100}\n", "    prohibited: \"fuel == 'coal'\"\n"),
    ("subject: stack", "subject: equipment"),
]


@pytest.mark.parametrize(("fuel", "word"), [("coal", "not met"), ("gas", "met"), (None, "not known")])
def test_a_prohibition_must_be_false_for_every_subject(fuel, word):
    stack = {"furnace": "cupola"} | ({} if fuel is None else {"fuel": fuel})
    assert judge(base(stack=stack, kind="equipment", kinds=["equipment"]), book(changed=STATE)).word == word


DECLARED = """    required: "state == 'yes'"
    partly: "state == 'partly'"
"""


def test_a_declared_measure_is_looked_up_by_its_id():
    changed = [
        ("    figure: nox\n    limits:\n      - {value: 100}\n", DECLARED),
        ("subject: stack", 'subject: measure\n    subject_id: "5.2"'),
        ("    applies: \"furnace == 'cupola'\"\n", ""),
    ]  # fmt: skip
    read = book(changed=changed)
    for state, word in (("yes", "met"), ("partly", "partly"), ("no", "not met")):
        facts_ = base()
        owners = (Subject("measure", "5.2", "5.2", facts({"state": state})), Subject("measure", "9", "9"))
        assert judge(FactBase(facts_.site, owners, facts_.start, facts_.end), read).word == word
    absent = judge(base(), read)
    assert absent.word == "not known"
    assert str(absent.missing[0]) == "record `measure`, field `state` of 5.2"


def test_a_goal_is_on_the_way_until_it_is_due():
    read = book(changed=[("subject: stack", "subject: stack\n    due: 2024-12-31\n    force: goal")])
    year = {"start": "2024-01-01"}
    assert judge(base(whole(101.0), **year, end="2024-12-31"), read).word == "partly"
    assert judge(base(whole(101.0), **year, end="2025-01-01"), read).word == "not met"
    assert judge(base(whole(100.0), **year, end="2024-12-31"), read).word == "met"
    assert judge(base(whole(100.0), **year, end="2025-01-01"), read).force == "goal"


def test_the_tree_goes_down_to_the_row():
    tree = judge(base(sampled(("2024-05-06", 120.0)))).tree.as_json()
    assert tree["kind"] == "clause"
    kinds = []

    def walk(node, depth):
        kinds.append((node["kind"], node["place"]))
        for child in node["children"]:
            walk(child, depth + 1)

    walk(tree, 0)
    assert {k for k, _p in kinds} >= {"clause", "applies", "limit", "figure", "fact", "row"}
    assert ("row", "stack.csv:2:furnace") in kinds
    assert ("clause", "invented/limits.yaml:requirements.nox") in kinds


def test_every_sentence_of_a_verdict_speaks_both_languages():
    said = judge(base(whole(50.0), stack={})).as_json()
    assert said["title"] == {"en": "NOx", "zh": "氮氧化物"}
    assert all(set(reason) == {"en", "zh"} for reason in said["reasons"])


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(0, 200), min_size=1, max_size=60),
    gaps=st.lists(st.integers(1, 3), min_size=60, max_size=60),
    coverage=st.floats(0, 1),
)
def test_hours_agree_with_counting_by_hand(values, gaps, coverage):
    """The vectorised count, worst value and stretches equal a plain loop over the hours."""
    hours = np.cumsum(gaps[: len(values)]) - gaps[0]
    figure = hourly(values, hours=hours, expected=120)
    verdict = judge(base(figure, end="2024-05-14"), policy=Policy(minimum_coverage=coverage))
    over = [(int(h), v) for h, v in zip(figure.hours, values, strict=True) if v > 100 * (1 + 1e-9)]
    assert verdict.hours_over == len(over)
    assert sum(e.hours for e in verdict.exceedances) == len(over)
    starts = [h for h, _v in over if h - 1 not in {x for x, _ in over}]
    assert len(verdict.exceedances) == len(starts)
    if over:
        assert verdict.word == "not met"
        assert verdict.figure_value == max(v for _h, v in over)
    else:
        assert verdict.word == ("met" if len(values) / 120 >= coverage else "partly")
