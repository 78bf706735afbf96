"""Bearings: kinematics in closed form, the shipped table against it, and made-up impacts found at their frequency."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.ground.tables import read_table
from forgecast.signals.condition.bearing import (
    BearingOrders,
    BearingState,
    judge_bearing,
    orders_of_bearing,
    orders_of_geometry,
)
from forgecast.signals.condition.envelope_spectrum import Band, envelope_spectrum, kurtogram, line_near, whitened
from forgecast.signals.condition.rotation_check import check_rate

RATE, SHAFT, SECONDS = 20_000.0, 25.0, 10
ORDERS = orders_of_geometry(8, 9.0, 40.0)


def struck(order: float, turns_of_load: float | None = None, *, seed: int = 1, strength: float = 1.0) -> np.ndarray:
    """Return ringing at 3 and 7 kHz struck at an order of the shaft, slipping a little, in noise with shaft lines.

    The load on the struck place rises and falls once each 1/turns_of_load shaft turns, where it moves through the load
    zone at all.
    """
    rng = np.random.default_rng(seed)
    n = int(RATE * SECONDS)
    t = np.arange(n) / RATE
    signal = rng.normal(size=n) + sum(0.2 * np.sin(2 * np.pi * k * SHAFT * t + k) for k in (1, 2, 3))
    spacing = 1.0 / (order * SHAFT)
    hits = np.cumsum(spacing * (1.0 + 0.002 * rng.normal(size=int(SECONDS / spacing))))
    hits = hits[hits < SECONDS - 0.02]
    load = (
        np.ones(hits.size) if turns_of_load is None else 0.55 + 0.45 * np.cos(2 * np.pi * turns_of_load * SHAFT * hits)
    )
    ring_time = np.arange(int(0.004 * RATE)) / RATE
    ring = np.exp(-ring_time / 0.0006) * sum(np.sin(2 * np.pi * f * ring_time) for f in (3000.0, 5200.0, 7000.0))
    for at, weight in zip((hits * RATE).astype(int), load, strict=True):
        signal[at : at + ring.size] += strength * 8.0 * weight * ring
    return signal


def test_passes_of_both_races_add_up_to_the_balls_and_the_cage_carries_them() -> None:
    for balls, ball, pitch, angle in ((8, 9.0, 40.0, 0.0), (12, 11.1, 71.5, 0.3), (9, 0.3126, 1.537, 0.0)):
        found = orders_of_geometry(balls, ball, pitch, contact_angle=angle)
        assert found.bpfo + found.bpfi == pytest.approx(balls, rel=1e-12)
        assert found.bpfo == pytest.approx(balls * found.ftf, rel=1e-12)
        # A ball rolls on the outer race: its spin relative to the cage is the cage's turn times the ratio of radii.
        gamma = ball / pitch * math.cos(angle)
        assert found.bsf == pytest.approx(found.ftf * (1.0 + gamma) * pitch / ball, rel=1e-12)


def test_the_table_obeys_the_kinematics() -> None:
    # Orders are given to four figures; their sums may be off by as much.
    for row in read_table("bearing"):
        found, balls = orders_of_bearing(row["bearing"]), int(row["balls"])
        assert found.bpfo + found.bpfi == pytest.approx(balls, abs=2e-4)
        assert found.bpfo == pytest.approx(balls * found.ftf, abs=2e-3)
        ratio = (found.bpfi - found.bpfo) / balls
        assert found.bsf == pytest.approx((1.0 - ratio**2) / (2.0 * ratio), rel=1e-3)


def test_the_orders_of_the_6205_follow_from_its_inches() -> None:
    made, told = orders_of_geometry(9, 0.3126, 1.537), orders_of_bearing("6205-2RS")
    for name in ("bpfo", "bpfi", "bsf", "ftf"):
        assert getattr(made, name) == pytest.approx(getattr(told, name), rel=2e-4)  # the table's last figure


def test_an_unknown_bearing_and_an_impossible_one_are_refused() -> None:
    with pytest.raises(ForgecastError, match="no 1234"):
        orders_of_bearing("1234")
    with pytest.raises(ForgecastError, match="make no bearing"):
        orders_of_geometry(8, 40.0, 9.0)


@pytest.mark.parametrize(
    ("state", "order", "load"),
    [
        (BearingState.OUTER_RACE, ORDERS.bpfo, None),
        (BearingState.INNER_RACE, ORDERS.bpfi, 1.0),
        (BearingState.ROLLING_ELEMENT, 2.0 * ORDERS.bsf, ORDERS.ftf),
    ],
)
def test_impacts_are_named_by_the_part_they_strike(state: BearingState, order: float, load: float | None) -> None:
    verdict = judge_bearing(struck(order, load), RATE, SHAFT, ORDERS)
    assert verdict.state is state
    part = verdict.part(str(state))
    assert part.lines[0].found == pytest.approx(order * SHAFT, rel=0.005)
    assert part.lines[0].decibel > 15.0
    if load is not None:
        # The load that comes and goes makes sidebands at its own frequency.
        assert all(line.decibel > 8.0 for line in part.sidebands)
    # The band of the highest kurtosis is one of the ringing's.
    assert any(verdict.spectrum.band.low - 500 < f < verdict.spectrum.band.high + 500 for f in (3000.0, 5200.0, 7000.0))


def test_noise_with_shaft_lines_is_no_fault() -> None:
    verdict = judge_bearing(struck(ORDERS.bpfo, strength=0.0), RATE, SHAFT, ORDERS)
    assert verdict.state is BearingState.NO_FAULT_SEEN
    assert verdict.rate.confirmed


@pytest.mark.parametrize("factor", [0.25, 0.5, 2.0, 4.0])
def test_a_wrong_sampling_rate_is_found_and_no_state_told(factor: float) -> None:
    signal = struck(ORDERS.bpfo)
    check = check_rate(signal, RATE * factor, SHAFT)
    assert check.contradicts
    assert check.implied == RATE
    if factor > 1.0:
        assert judge_bearing(signal, RATE * factor, SHAFT, ORDERS).state is BearingState.NOT_KNOWN


def test_a_shaft_rich_in_harmonics_is_not_taken_for_a_slower_one() -> None:
    # At a quarter of the rate the lines at 4, 8 and 12 times the speed stand where 1, 2 and 3 should.
    t = np.arange(int(RATE * SECONDS)) / RATE
    signal = np.random.default_rng(0).normal(size=t.size)
    signal += sum(0.3 * np.sin(2 * np.pi * k * SHAFT * t + k) for k in range(1, 13))
    check = check_rate(signal, RATE / 4.0, SHAFT)
    assert check.contradicts
    assert check.implied == RATE


def test_a_record_without_shaft_lines_implies_nothing() -> None:
    check = check_rate(np.random.default_rng(0).normal(size=100_000), RATE, SHAFT)
    assert not check.contradicts
    assert not check.confirmed


def test_the_envelope_of_a_modulated_tone_has_one_line_at_its_modulation() -> None:
    t = np.arange(40_000) / RATE
    signal = (1.0 + 0.5 * np.cos(2 * np.pi * 37.0 * t)) * np.sin(2 * np.pi * 4000.0 * t)
    signal += 0.01 * np.random.default_rng(0).normal(size=t.size)
    spectrum = envelope_spectrum(signal, RATE, Band(3500.0, 4500.0, 0.0), highest=200.0)
    assert spectrum.frequency[np.argmax(spectrum.ratio)] == pytest.approx(37.0, abs=spectrum.resolution)


def test_spectral_kurtosis_of_a_tone_is_minus_one_and_of_noise_nought() -> None:
    t = np.arange(200_000) / RATE
    tone = np.sin(2 * np.pi * 2600.0 * t)
    narrow = next(b for b in kurtogram(tone, RATE, finest=600.0, levels=4) if b.low < 2600.0 < b.high)
    assert narrow.kurtosis == pytest.approx(-1.0, abs=0.02)
    noise = np.random.default_rng(2).normal(size=200_000)
    # Each band holds 12,500 complex values or more; the kurtosis of their power scatters by √(20/n).
    assert max(abs(b.kurtosis) for b in kurtogram(noise, RATE, finest=600.0, levels=4)) < 5.0 * math.sqrt(20 / 12_500)


def test_lines_of_noise_are_as_rare_as_they_say() -> None:
    rare = 0
    for seed in range(200):
        noise = np.random.default_rng(seed).normal(size=20_000)
        spectrum = envelope_spectrum(noise, RATE, Band(2000.0, 4000.0, 0.0), highest=500.0)
        line = line_near(spectrum, 100.0)
        assert line is not None
        rare += line.probability < 0.1
    # 20 expected; three standard deviations of a count, and the window's overlap of bins makes it a little kinder.
    assert 5 <= rare <= 33


def test_a_whitened_signal_has_every_frequency_alike() -> None:
    signal = struck(ORDERS.bpfo)
    size = np.abs(np.fft.rfft(whitened(signal)))[1:-1]
    assert size == pytest.approx(np.ones(size.size), abs=1e-9)


def test_a_short_record_says_how_long_it_must_be() -> None:
    with pytest.raises(ForgecastError, match="too short") as error:
        judge_bearing(struck(ORDERS.bpfo)[:4000], RATE, SHAFT, BearingOrders(3.0, 5.0, 2.0, 0.4))
    assert "record at least 2.0 s" in str(error.value.repair)
