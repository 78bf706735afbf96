"""Change points, discords, power states, linings, force curves and fault cards on signals with a known truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError, TableError
from forgecast.ground.texts import text
from forgecast.plant.record import record
from forgecast.signals.condition.change_point import find_changes
from forgecast.signals.condition.discord import find_discords, matrix_profile
from forgecast.signals.condition.fault_card import Likely, Sign, fault_card, fault_tree, parse_tree
from forgecast.signals.condition.lining import find_relinings, wear_of_lining
from forgecast.signals.condition.machine_time import power_thresholds, states_of_power
from forgecast.signals.condition.press_signature import Blow, features_of, judge_blows


def autoregressive(n: int, seed: int, phi: float = 0.6) -> np.ndarray:
    steps, made = np.random.default_rng(seed).normal(size=n), np.zeros(n)
    for at in range(1, n):
        made[at] = phi * made[at - 1] + steps[at]
    return made


def test_two_changes_are_found_with_size_and_place() -> None:
    x = np.random.default_rng(1).normal(size=600)
    x[200:] += 2.0
    x[400:] -= 3.0
    found = find_changes(x)
    assert [one.low <= truth <= one.high for one, truth in zip(found.changes, (200, 400), strict=True)] == [True, True]
    for one, size in zip(found.changes, (2.0, -3.0), strict=True):
        assert one.size_low <= size <= one.size_high
        assert one.probability < 1e-6
    assert found.noise == pytest.approx(1.0, abs=0.1)
    assert found.false_per_search == pytest.approx(0.0, abs=0.2)


def test_intervals_of_changes_hold_the_truth_as_often_as_they_say() -> None:
    place = size = judged = 0
    for seed in range(80):
        x = np.random.default_rng(seed).normal(size=300)
        x[150:] += 1.2
        found = find_changes(x, confidence=0.9, trials=0)
        if len(found.changes) == 1:
            (one,) = found.changes
            judged += 1
            place += one.low <= 150 <= one.high
            size += one.size_low <= 1.2 <= one.size_high
    assert judged >= 70
    # 90 % asked for; three standard deviations of a count of 80 are 10 %, and the place's interval is known to be wide.
    assert place / judged >= 0.8
    assert size / judged >= 0.8


def test_noise_with_memory_has_few_changes() -> None:
    white = sum(len(find_changes(np.random.default_rng(s).normal(size=400), trials=0).changes) for s in range(40))
    alike = sum(len(find_changes(autoregressive(400, s), trials=0).changes) for s in range(40))
    assert white <= 2
    assert alike <= 14  # a third of a change a signal at most; without the widening it is above three


def test_what_cannot_be_searched_is_refused() -> None:
    with pytest.raises(ForgecastError, match="cannot be searched"):
        find_changes([1.0] * 5)
    with pytest.raises(ForgecastError, match="cannot be searched"):
        find_changes([1.0, math.nan] * 50)
    assert find_changes([3.0] * 100).changes == ()


def test_the_discord_is_the_cycle_turned_round_and_constant_stretches_are_none() -> None:
    rng = np.random.default_rng(2)
    x = np.sin(np.arange(3000) * 2 * np.pi / 50) + 0.1 * rng.normal(size=3000)
    x[2000:2025] *= -1.0
    clean = find_discords(x, 50, count=1)
    assert 1950 < clean.discords[0].at < 2026
    assert 1 <= clean.alarms <= 5  # a threshold that 1 % may pass is passed by some sound stretches too
    flat = x.copy()
    flat[500:900] = 0.2 + 1e-6 * rng.normal(size=400)
    found = find_discords(flat, 50, count=5)
    assert found.constant >= 350
    assert np.isnan(found.profile[550:800]).all()
    starts = sorted(one.at for one in found.discords)
    assert min(np.diff(starts)) >= 50


def test_the_profile_is_that_of_its_definition() -> None:
    x = np.random.default_rng(3).normal(size=60).cumsum()
    m = 8
    usable = np.ones(x.size - m + 1, dtype=bool)
    profile, nearest = matrix_profile(x, m, usable)
    stretches = np.lib.stride_tricks.sliding_window_view(x, m)
    z = (stretches - stretches.mean(axis=1, keepdims=True)) / stretches.std(axis=1, keepdims=True)
    for i in range(usable.size):
        others = [j for j in range(usable.size) if abs(i - j) > m // 2]
        distances = [float(np.linalg.norm(z[i] - z[j])) for j in others]
        assert profile[i] == pytest.approx(min(distances), abs=1e-7)
        assert nearest[i] == others[int(np.argmin(distances))]


@pytest.mark.slow
def test_the_profile_agrees_with_stumpy() -> None:
    import stumpy

    x = np.random.default_rng(4).normal(size=900).cumsum()
    profile, _ = matrix_profile(x, 40, np.ones(861, dtype=bool))
    other = np.asarray(stumpy.stump(x, 40)[:, 0], dtype=float)
    # stumpy leaves out a quarter of a stretch, we a half: ours is never nearer, and mostly equal.
    assert (profile >= other - 1e-6).all()
    assert np.isclose(profile, other, atol=1e-6).mean() > 0.5


def test_thresholds_of_a_power_stand_in_its_valleys() -> None:
    rng = np.random.default_rng(5)
    power = np.concatenate([rng.normal(2, 0.5, 5000), rng.normal(60, 6, 1500), rng.normal(480, 25, 3000)])
    found = power_thresholds(rng.permutation(power))
    assert found.off_below is not None
    assert 5.0 < found.off_below < 42.0
    assert 85.0 < found.running_from < 400.0
    assert found.depth < 0.05
    with_spikes = power_thresholds(np.append(power, [1e6, 2e6]))
    assert with_spikes.running_from == pytest.approx(found.running_from, rel=0.2)
    with pytest.raises(ForgecastError, match="one value"):
        power_thresholds(rng.normal(50.0, 1.0, 2000))


def test_states_of_a_power_leave_gaps_unknown_and_join_blips() -> None:
    minute = 60_000_000
    power = np.array([0.0] * 20 + [50.0] * 20 + [300.0] + [50.0] * 19 + [300.0] * 40)
    t = np.arange(power.size, dtype=np.int64) * minute
    t[60:] += 60 * minute
    rng = np.random.default_rng(6)
    history = np.concatenate([rng.normal(0.5, 0.2, 500), rng.normal(50, 3, 500), rng.normal(300, 9, 500)])
    found = states_of_power(t, power, power_thresholds(history), shortest=120.0)
    assert [(one.state, round(one.seconds / 60)) for one in found] == [("off", 20), ("idle", 40), ("running", 40)]
    assert found[1].end < found[2].start


def campaigns(seed: int, slope: float = -0.3, noise: float = 4.0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    rng = np.random.default_rng(seed)
    sizes = (110, 100, 90)
    age = np.concatenate([np.arange(n) for n in sizes])
    hot = rng.normal(100.0, 20.0, age.size)
    y = 560.0 + slope * age + 0.25 * hot + noise * rng.normal(size=age.size)
    return y, hot, [f"L{n}" for n, size in enumerate(sizes) for _ in range(size)]


def test_the_trend_of_a_lining_and_what_else_moves_the_indicator_are_told_apart() -> None:
    y, hot, names = campaigns(1)
    found = wear_of_lining(y, conditions={"superheat": hot}, campaigns=names)
    assert len(found.campaigns) == 3
    for one in found.campaigns:
        assert one.slope == pytest.approx(-0.3, abs=0.05)
    (name, effect, error) = found.effects[0]
    assert name == "superheat"
    assert abs(effect - 0.25) < 4.0 * error
    # Earlier linings ended 110 and 100 heats old: 105 on average, and this one is 90 old.
    assert found.left_low is not None
    assert found.left_high is not None
    assert found.left_low <= 15.0 <= found.left_high


def test_relinings_are_found_where_nobody_recorded_them() -> None:
    y, hot, names = campaigns(2)
    found = wear_of_lining(y, conditions={"superheat": hot})
    assert found.found_campaigns
    assert [one.first for one in found.campaigns] == pytest.approx([0, 110, 210], abs=3)
    assert find_relinings(np.random.default_rng(3).normal(size=200)) == []
    assert find_relinings(np.arange(200) * 0.1 + np.random.default_rng(3).normal(size=200)) == []
    assert names[0] == "L0"
    # A trend that only bends has no relining: the lines meet.
    bend = np.concatenate([np.zeros(100), -0.5 * np.arange(100)]) + np.random.default_rng(5).normal(size=200)
    assert find_relinings(bend) == []


def test_the_interval_of_heats_left_holds_the_truth_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(100):
        y, hot, names = campaigns(100 + seed)
        found = wear_of_lining(y, conditions={"superheat": hot}, campaigns=names, limit=560.0 - 0.3 * 130 + 25.0,
                               confidence=0.8, seed=seed)  # fmt: skip
        assert found.left_low is not None
        assert found.left_high is not None
        # The limit is met at heat 130; the last campaign's last heat is number 89.
        inside += found.left_low <= 41.0 <= found.left_high
    assert 68 <= inside <= 92  # 80 ± three standard deviations


def test_without_wear_no_end_is_told() -> None:
    y, hot, names = campaigns(4, slope=0.0)
    found = wear_of_lining(y, conditions={"superheat": hot}, campaigns=names, limit=400.0)
    assert found.left_high == math.inf
    assert any("cannot be told from none" in str(note) for note in found.notes)
    with pytest.raises(ForgecastError, match="takes 12"):
        wear_of_lining(y[:8])


def blow(name: str, peak: float = 5e6, width: float = 0.006, seed: int = 0) -> Blow:
    rng = np.random.default_rng(seed)
    t = np.linspace(0.0, 0.06, 600)
    centre = 0.03 * (1.0 + 0.004 * rng.normal())
    return Blow(name, t, peak * (1.0 + 0.01 * rng.normal()) * np.exp(-(((t - centre) / width) ** 2)), by_way=False)


def test_features_of_a_curve_in_closed_form() -> None:
    t = np.linspace(0.0, 0.06, 6001)
    bell = Blow("1", t, 5e6 * np.exp(-(((t - 0.03) / 0.006) ** 2)), by_way=False)
    found = features_of(bell)
    assert found["peak"] == pytest.approx(5e6)
    assert found["to_peak"] == pytest.approx(0.03)
    # ∫ exp(-(t/w)²) = w√π; above half from -w√ln2 to w√ln2; steepest √2/w e^{-1/2}.
    assert found["impulse"] == pytest.approx(5e6 * 0.006 * math.sqrt(math.pi), rel=1e-6)
    assert found["width"] == pytest.approx(2.0 * 0.006 * math.sqrt(math.log(2.0)), abs=2e-5)
    assert found["rise"] == pytest.approx(5e6 * math.sqrt(2.0) / 0.006 * math.exp(-0.5), rel=1e-4)
    s = np.linspace(0.0, 0.05, 501)
    assert features_of(Blow("2", s, 2e6 * s / 0.05, by_way=True))["work"] == pytest.approx(0.5 * 2e6 * 0.05)


def test_the_envelope_holds_good_blows_and_names_strange_ones_by_feature() -> None:
    blows = [blow(str(n), seed=n) for n in range(240)]
    blows[200], blows[210] = blow("high", 6.5e6, seed=1), blow("wide", width=0.009, seed=1)
    good = np.ones(240, dtype=bool)
    good[[200, 210]] = False
    found = judge_blows(blows, good=good, coverage=0.9)
    # 10 % of 60 kept for the test may leave: three standard deviations of a count are 7.
    assert found.tested == pytest.approx(0.9, abs=0.13)
    named = {one.blow: dict(one.features) for one in found.strange}
    assert named[200]["peak"] > 5.0
    assert "width" not in named[200]
    assert named[210]["width"] > 5.0
    assert "peak" not in named[210]
    assert [one.feature for one in found.drifts] == []


def test_drift_is_found_and_told_for_one_blow_more() -> None:
    blows = [blow(str(n), 5e6 * (1.0 + 3e-4 * n), seed=n) for n in range(150)]
    found = judge_blows(blows)
    drift = next(one for one in found.drifts if one.feature == "peak")
    assert drift.low <= 5e6 * 3e-4 <= drift.high
    with pytest.raises(ForgecastError, match="too few"):
        judge_blows(blows[:10])


def told(*keys: str, absent: tuple[str, ...] = ()) -> list[Sign]:
    return [Sign(key, key not in absent, text("{key}", key=key)) for key in (*keys, *absent)]


def test_signs_turn_the_order_of_causes() -> None:
    cold = fault_card("forging_press", told("force:up", "temperature:down"))
    assert cold.causes[0].id == "billet_cold"
    assert cold.causes[0].likely is Likely.LIKELY
    warm = fault_card("forging_press", told("force:up", absent=("temperature:down",)))
    assert warm.causes[0].id != "billet_cold"
    assert any("not seen" in str(one) for one in next(c for c in warm.causes if c.id == "billet_cold").speaks_against)
    assert sum(one.share for one in warm.causes) < 1.0


def test_the_first_check_tells_most_for_its_time() -> None:
    card = fault_card("forging_press", told("force:up", absent=("temperature:down",)))
    rates = [one.gain / one.minutes for one in card.checks]
    assert rates == sorted(rates, reverse=True)
    assert card.checks[0].minutes <= 5.0
    strange = fault_card("compressor", told("pressure_drop:up", "current:up"))
    assert [one.key for one in strange.unexplained] == ["current:up"]


def test_danger_is_told_first_and_a_likely_cause_is_tested_first() -> None:
    card = fault_card("induction_furnace", told("leakage_current:up", "active_power:up"))
    assert "danger" in str(card.notes[0])
    assert card.causes[0].id == "lining_thin"
    assert {one.id for one in card.checks[:2]} == {"leak_test", "gauge_lining"}
    assert "danger" not in str(fault_card("compressor", told("flow:down")).notes[0])


def test_a_card_of_nothing_or_of_an_unknown_machine_is_refused() -> None:
    with pytest.raises(ForgecastError, match="nothing was seen"):
        fault_card("compressor", told(absent=("flow:down",)))
    with pytest.raises(ForgecastError, match="no machine of the kind"):
        fault_card("toaster", told("flow:down"))


def test_every_machine_of_the_tree_is_whole() -> None:
    kinds = {choice.code for choice in record("equipment").field("kind").choices}
    measures = {choice.code for choice in record("tag").field("measures").choices} | {
        "energy_per_tonne",
        "work",
        "bearing",
    }
    tree = fault_tree()
    for machine in {row.machine for row in tree}:
        assert machine in kinds
        mine = [row for row in tree if row.machine == machine]
        causes = {row.cause for row in mine if row.kind == "cause"}
        assert len(causes) >= 5
        for cause in causes:
            assert any(row.kind == "sign" and row.cause == cause and row.effect > 0 for row in mine), cause
            assert any(row.kind == "check" and row.cause == cause and row.effect > 0 for row in mine), cause
        assert {row.cause for row in mine} == causes
        for row in mine:
            if row.kind == "sign":
                measure, direction = row.key.split(":")
                assert measure in measures
                assert direction in ("up", "down", "fault")
    with pytest.raises(TableError):
        parse_tree("machine,cause,kind,key,effect,minutes,en,zh\ncompressor,x,sign,flow,1,,a,b\n")
