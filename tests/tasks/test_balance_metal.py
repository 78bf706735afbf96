"""The balance of metal out of records: what is booked where, what closes, and what stays unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.gateway.stream_table import OwnStreams
from forgecast.ground.errors import ForgecastError
from forgecast.melting.metal_balance import STREAMS
from forgecast.plant.rows import Value
from forgecast.tasks.balance_metal import CLOSING, AlloyBalance, _balanced, balance_metal
from forgecast.tasks.metal_streams import AlloyStreams, metal_streams
from tests.tasks.melt_plant import ALLOY, PART_KG, books, empty_plant, melt_plant, moment, put

#: What the scales of the made-up shop are good for.
DOUBTS = dict.fromkeys(STREAMS, 0.005) | {"loss": 0.1}

Rows = Mapping[str, Sequence[Mapping[str, Value]]]


def balanced(folder: Path, rows: Rows, **asked: object) -> AlloyBalance:
    """Return the balance of the one alloy of a plant with rows."""
    with empty_plant(folder) as plant:
        put(plant, rows)
        (found,) = balance_metal(plant, **asked).alloys  # type: ignore[arg-type]
    return found


def streams(folder: Path, rows: Rows) -> dict[str, float]:
    """Return the streams of the first month of the one alloy [kg]."""
    with empty_plant(folder) as plant:
        put(plant, rows)
        (found,) = metal_streams(plant).alloys
    return {stream: float(masses[0]) for stream, masses in found.masses.items()}


def test_books_that_balance_close_to_the_gram(tmp_path: Path) -> None:
    found = balanced(tmp_path / "p", books(3), doubts=DOUBTS)
    assert found.months == ("2026-01", "2026-02", "2026-03")
    assert found.residuals == pytest.approx(np.zeros(3), abs=1e-9)
    assert found.balance is not None
    assert [c.closes for c in found.balance.closures] == [True, True, True]


def test_noise_within_the_scales_closes_and_an_unbooked_remelt_is_named(tmp_path: Path) -> None:
    sound = balanced(tmp_path / "sound", books(12, noise=0.003), doubts=DOUBTS)
    assert sound.balance is not None
    assert sound.balance.suspects == ()
    share, booked = 0.05, books(12, noise=0.003, unbooked=0.05)
    found = balanced(tmp_path / "open", booked, doubts=DOUBTS)
    assert found.balance is not None
    assert [c.closes for c in found.balance.closures] == [False] * 12
    assert found.balance.suspects[0].cause.name == "unreported-remelt"
    size, doubt = found.balance.suspects[0].size, found.balance.suspects[0].size_uncertainty
    truth = share / (1.0 - share) * float(found.masses["good"].sum())
    assert abs(size - truth) < 3.0 * doubt
    assert doubt < 0.1 * truth
    # Nothing on record tells a remelt from castings that weigh other than their mass: the answer says so.
    assert any("cannot tell" in note.say("en") for note in found.balance.notes)


def test_a_stock_taking_of_the_yard_settles_it(tmp_path: Path) -> None:
    booked = books(12, noise=0.003, unbooked=0.05)
    folder = tmp_path / "p"
    with empty_plant(folder) as plant:
        put(plant, booked)
        (plain,) = metal_streams(plant).alloys
        hidden = 0.05 / 0.95 * plain.masses["good"]
        grown = plain.masses["returns"] + plain.masses["scrap"] + hidden - plain.masses["returns_charged"]
        own = OwnStreams(
            {(ALLOY, m, "yard_change"): float(g) for m, g in zip(plain.months, grown, strict=True)}
            | {(ALLOY, m, "sold"): 0.0 for m in plain.months}
        )
        (found,) = balance_metal(plant, doubts=DOUBTS, own=own).alloys
    assert found.balance is not None
    assert found.balance.suspects[0].cause.name == "unreported-remelt"
    assert found.balance.suspects[0].weight > 0.99
    assert found.missing == ()


def test_nothing_is_judged_where_nobody_has_said_how_well_masses_are_known(tmp_path: Path) -> None:
    found = balanced(tmp_path / "p", books(2))
    assert found.balance is None
    assert found.residuals == pytest.approx(np.zeros(2), abs=1e-9)


HEAT: dict[str, Value] = {
    "id": "H", "tapped_at": moment(1), "furnace": "F", "alloy": "A", "mass": 1000.0, "slag_mass": 20.0
}  # fmt: skip


def item(number: int, material: str, mass: float, **more: Value) -> dict[str, Value]:
    return {"heat": "H", "number": number, "material": material, "mass": mass, **more}


def piece(name: str, mass: float, **more: Value) -> dict[str, Value]:
    return {"id": name, "product": "P", "made_at": moment(1), "heat": "H", "mass": mass, **more}


def test_each_row_is_booked_where_it_belongs(tmp_path: Path) -> None:
    found = streams(
        tmp_path / "p",
        {
            "heat": [HEAT],
            "charge_item": [
                item(1, "pig_iron", 400.0), item(2, "returns", 500.0), item(3, "coke", 99.0),
                item(4, "carburiser", 10.0),
            ],
            "ladle": [{"id": "L", "heat": "H", "filled_at": moment(1)}],
            "treatment": [
                {"id": "1", "ladle": "L", "kind": "nodularising", "started_at": moment(1), "mass": 15.0},
                {"id": "2", "heat": "H", "kind": "slagging", "started_at": moment(1), "mass": 3.0},
            ],
            "piece": [
                piece("a", 600.0, result="good"), piece("b", 60.0, result="reject"), piece("c", 30.0),
                piece("d", 5.0, result="rework"), piece("e", 40.0, result="good"), piece("f", 7.0, result="reject"),
            ],
            "disposition": [
                {"subject": "piece", "subject_id": "e", "decided_at": moment(1, 9), "decision": "scrap",
                 "decided_by": "Q"},
                {"subject": "piece", "subject_id": "f", "decided_at": moment(1, 9), "decision": "concession",
                 "decided_by": "Q"},
            ],
            "lot": [
                {"id": "R", "material": "returns", "alloy": "A", "received_at": moment(1), "mass": 250.0},
                {"id": "S", "material": "returns", "alloy": "A", "supplier": "X", "received_at": moment(1),
                 "mass": 77.0},
            ],
            "material": [{"month": "2026-01", "material": "returns", "direction": "sold", "mass_t": 0.2}],
        },
    )  # fmt: skip
    assert found == pytest.approx(
        {
            "new_metal": 425.0, "returns_charged": 500.0, "loss": 20.0, "poured": 1000.0, "good": 607.0,
            "returns": 250.0, "scrap": 100.0, "stock_change": 35.0, "yard_change": float("nan"), "sold": 200.0,
        },
        nan_ok=True,
    )  # fmt: skip


def test_a_batch_counts_with_what_no_step_has_moved_out_of_it(tmp_path: Path) -> None:
    rows: dict[str, list[dict[str, Value]]] = {
        "heat": [HEAT],
        "product": [{"id": "P", "alloy": "A", "mass": PART_KG}],
        "piece": [
            {"id": "batch", "product": "P", "made_at": moment(1), "heat": "H", "count": 10},
            {"id": "good", "product": "P", "made_at": moment(1), "heat": "H", "count": 7, "result": "good"},
            {"id": "bad", "product": "P", "made_at": moment(1), "heat": "H", "result": "reject"},
        ],
        "batch_step": [
            {"id": "1", "at": moment(1, 9), "kind": "sort", "from_piece": "batch", "to_piece": "good", "count": 7},
            {"id": "2", "at": moment(1, 9), "kind": "sort", "from_piece": "batch", "to_piece": "bad", "count": 1},
            {"id": "3", "at": moment(1, 9), "kind": "consume", "from_piece": "good", "to_piece": "x", "count": 7},
        ],
    }
    found = streams(tmp_path / "p", rows)
    assert (found["good"], found["scrap"], found["stock_change"]) == (140.0, 20.0, 40.0)


def test_one_number_that_is_missing_makes_its_sum_missing_and_the_record_is_named(tmp_path: Path) -> None:
    rows = books(2)
    del rows["heat"][0]["slag_mass"]
    found = balanced(tmp_path / "p", rows, doubts=DOUBTS)
    assert np.isnan(found.masses["loss"]).tolist() == [True, False]
    assert np.isnan(found.residuals).tolist() == [True, False]
    assert found.balance is not None
    assert [c.closes for c in found.balance.closures] == [None, True]
    gap = next(one for one in found.missing if one.stream == "loss")
    assert (gap.months, "slag_mass" in gap.record.say("en")) == (("2026-01",), True)


def test_a_heat_without_a_charge_is_no_heat_of_nothing(tmp_path: Path) -> None:
    rows = books(1)
    rows["charge_item"] = [row for row in rows["charge_item"] if row["heat"] != "H0103"]
    found = balanced(tmp_path / "p", rows)
    assert np.isnan(found.masses["new_metal"][0])
    assert np.isnan(found.masses["returns_charged"][0])


def test_monthly_records_stand_in_where_one_alloy_is_melted_and_no_piece_is_on_record(tmp_path: Path) -> None:
    production: list[dict[str, Value]] = [
        {"month": "2026-01", "line": "L1", "route": "casting", "good_mass_t": 0.6, "scrap_mass_t": 0.05},
        {"month": "2026-01", "line": "L2", "route": "casting", "good_mass_t": 0.1, "scrap_mass_t": 0.0},
        {"month": "2026-01", "line": "L3", "route": "forging", "good_mass_t": 9.0, "scrap_mass_t": 1.0},
    ]
    one = streams(tmp_path / "one", {"heat": [HEAT], "production": production})
    assert one["good"] == pytest.approx(700.0)
    assert one["scrap"] == pytest.approx(50.0)
    with empty_plant(tmp_path / "two") as plant:
        put(plant, {"heat": [HEAT, HEAT | {"id": "G", "alloy": "B"}], "production": production})
        for alloy in metal_streams(plant).alloys:
            assert np.isnan(alloy.masses["good"]).all()


def test_a_month_is_the_plant_s_own(tmp_path: Path) -> None:
    # 20:00 UTC on 31 January is 04:00 on 1 February in Shanghai.
    found = balanced(tmp_path / "p", {"heat": [HEAT | {"tapped_at": moment(1, 31, 20)}]})
    assert found.months == ("2026-02",)


def test_heats_without_an_alloy_are_counted_and_told(tmp_path: Path) -> None:
    with empty_plant(tmp_path / "p") as plant:
        with pytest.raises(ForgecastError, match="no heat with an alloy"):
            balance_metal(plant)
        put(plant, {"heat": [HEAT, HEAT | {"id": "G", "alloy": None}]})
        answer = balance_metal(plant)
        assert "1 heats have no alloy" in answer.notes[0].say("en")
        with pytest.raises(ForgecastError, match="nothing is on record of B"):
            balance_metal(plant, alloys=("B",))
        with pytest.raises(ForgecastError, match="2027-01"):
            balance_metal(plant, months=("2027-01",))


def test_a_month_asked_for_is_judged_as_it_is_among_others(tmp_path: Path) -> None:
    folder = melt_plant(tmp_path / "p", 3, noise=0.003)
    from forgecast.store.plant_folder import PlantFolder

    with PlantFolder.open(folder) as plant:
        (whole,) = balance_metal(plant, doubts=DOUBTS).alloys
        (one,) = balance_metal(plant, doubts=DOUBTS, months=("2026-02",), alloys=(ALLOY,)).alloys
    assert one.months == ("2026-02",)
    assert one.residuals[0] == whole.residuals[1]


masses = st.floats(0.0, 1e6, allow_subnormal=False)


@st.composite
def closing(draw: st.DrawFn) -> AlloyStreams:
    """Return streams whose every month closes: what is left of the charge is the returns."""
    count = draw(st.integers(1, 5))
    held = {s: np.array(draw(st.lists(masses, min_size=count, max_size=count))) for s in STREAMS}
    held["poured"] = held["good"] + held["returns"] + held["scrap"] + held["stock_change"]
    held["new_metal"] = held["poured"] + held["loss"]
    held["returns_charged"] = np.zeros(count)
    return AlloyStreams("A", tuple(f"2026-{n:02d}" for n in range(1, count + 1)), held)


@given(closing())
@settings(max_examples=60)
def test_streams_that_close_are_found_to_close(streams: AlloyStreams) -> None:
    found = _balanced(streams, DOUBTS, 0.95)
    # Sums of five masses, a rounding of 2^-53 each.
    assert np.all(np.abs(found.residuals) <= 1e-14 * 10.0 * (found.masses["new_metal"] + 1.0))
    assert found.balance is not None
    for n, closure in enumerate(found.balance.closures):
        assert closure.closes is True or found.masses["new_metal"][n] == 0.0 or closure.tolerance < 1e-9


@given(closing(), st.floats(1e-3, 1e3), st.lists(st.floats(-1e4, 1e4), min_size=5, max_size=5))
@settings(max_examples=60)
def test_the_residual_scales_with_the_masses(streams: AlloyStreams, factor: float, off: list[float]) -> None:
    streams.masses["good"] = streams.masses["good"] + np.array(off[: len(streams.months)])
    scaled = AlloyStreams("A", streams.months, {s: factor * m for s, m in streams.masses.items()})
    plain, other = _balanced(streams, {}, 0.95), _balanced(scaled, {}, 0.95)
    size = sum(np.abs(plain.masses[s]) for s in CLOSING) + 1.0
    assert np.all(np.abs(other.residuals - factor * plain.residuals) <= 1e-14 * 20.0 * factor * size)


@given(closing(), st.randoms(use_true_random=False), st.lists(st.floats(-1e4, 1e4), min_size=5, max_size=5))
@settings(max_examples=60)
def test_the_order_of_the_months_does_not_matter(streams: AlloyStreams, order: object, off: list[float]) -> None:
    count = len(streams.months)
    streams.masses["good"] = streams.masses["good"] + np.array(off[:count])
    places = list(range(count))
    order.shuffle(places)  # type: ignore[attr-defined]
    other = AlloyStreams(
        "A", tuple(streams.months[n] for n in places), {s: m[places] for s, m in streams.masses.items()}
    )  # fmt: skip
    plain, turned = _balanced(streams, DOUBTS, 0.95), _balanced(other, DOUBTS, 0.95)
    assert turned.residuals.tolist() == plain.residuals[places].tolist()
    assert plain.balance is not None
    assert turned.balance is not None
    assert [c.closes for c in turned.balance.closures] == [plain.balance.closures[n].closes for n in places]
    assert turned.balance.global_probability == pytest.approx(plain.balance.global_probability, rel=1e-6, nan_ok=True)
