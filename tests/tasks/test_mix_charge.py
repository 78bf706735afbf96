"""A charge through its task: from a case and from lots, with what certainty costs, what conflicts and what returns."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forgecast.gateway.case_file import CaseError
from forgecast.gateway.charge_case import ChargeCase, LotRules, read_charge_case
from forgecast.melting.charge_mix import cheapest_charge
from forgecast.melting.material import Limit
from forgecast.plant.rows import Value
from forgecast.tasks.mix_charge import mix_charge
from forgecast.tasks.plant_lots import plant_lots
from tests.melting.charges import large
from tests.tasks.melt_plant import empty_plant, moment, put

CASES = Path(__file__).parents[2] / "examples" / "melting"


def case(**changes: object) -> ChargeCase:
    """Return the case of the examples with changes."""
    return replace(read_charge_case(CASES / "ductile_iron.toml"), **changes)  # type: ignore[arg-type]


def test_every_bound_holds_as_often_as_promised_in_a_hundred_thousand_draws() -> None:
    """Contents and recoveries are drawn; four standard errors of a share of 95 % are 0.28 %."""
    answer = mix_charge(case(returns=None))
    rng, draws = np.random.default_rng(5), 100_000
    masses, problem = answer.mix.masses, answer.problem
    share = {kept.name: kept.probability for kept in answer.mix.kept}
    metal = {}
    for element in ("C", "Si", "Mn", "Cu"):
        kinds = {m.kind: problem.recoveries.find(m.kind, element) for m in problem.materials}
        drawn = {k: rng.normal(r.mean, r.spread, draws) for k, r in kinds.items() if r is not None}
        metal[element] = (
            sum(
                rng.normal(m.contents[element].mean, m.contents[element].spread, draws) * drawn[m.kind] * mass
                for m, mass in zip(problem.materials, masses, strict=True)
            )
            / answer.mix.liquid_mass
        )
    metal["CE"] = metal["C"] + 0.3333 * metal["Si"]
    for kept in answer.mix.kept:
        seen = metal[kept.name] <= kept.bound if kept.side == "highest" else metal[kept.name] >= kept.bound
        assert float(np.mean(seen)) == pytest.approx(kept.probability, abs=0.0028)
        assert float(np.mean(seen)) > 0.95 - 0.0028
    assert share["Cu"] == pytest.approx(0.95, abs=1e-4)


def test_copper_binds_and_a_looser_limit_saves_what_is_told() -> None:
    """Solved again with the bound moved by 1 %: the saving told is the difference, within its own curvature."""
    answer = mix_charge(case(returns=None))
    (copper,) = [one for one in answer.marginals if one.name == "Cu"]
    assert "“Cu at most 0.3 %” binds" in copper.words.say("en")
    limits = tuple(replace(limit, highest=0.00303) if limit.name == "Cu" else limit for limit in case().limits)
    looser = mix_charge(case(returns=None, limits=limits))
    assert answer.mix.cost - looser.mix.cost == pytest.approx(copper.saving * 0.00003, rel=0.02)


def test_certainty_costs_and_the_means_alone_break_their_limit_half_of_the_time() -> None:
    answer = mix_charge(case(returns=None))
    assert answer.certainty_cost > 0.0
    copper = next(kept for kept in answer.mean.kept if kept.name == "Cu")
    assert copper.expected == pytest.approx(0.003, rel=1e-6)
    assert copper.probability == pytest.approx(0.5, abs=1e-3)
    assert mix_charge(case(returns=None, confidence=0.5)).certainty_cost == 0.0


def test_its_own_returns_make_it_dearer_until_it_settles() -> None:
    answer = mix_charge(case())
    found = answer.generations
    assert found is not None
    assert found.settled
    assert found.mixes[-1].cost_per_tonne > found.mixes[0].cost_per_tonne
    # Settled means that the returns charged are the metal made: the copper agrees with that of the generation before.
    assert found.contents[-1]["Cu"] == pytest.approx(found.contents[-2]["Cu"], rel=1e-3)


def test_limits_that_conflict_are_named_with_the_smallest_way_out() -> None:
    limits = (*case().limits[:3], Limit("Cu", {"Cu": 1.0}, None, 0.00001))
    answer = mix_charge(case(limits=limits, returns=None))
    assert not answer.mix.feasible
    assert answer.conflict is not None
    assert any("Cu at most" in words.say("en") for words in answer.conflict.members)
    said = answer.as_json()
    assert said["cost"] is None
    # What is told to be enough is enough, the program's own tolerance apart, and a hundredth less of it is not.
    ways = {one.name: one for one in answer.conflict.relaxations}
    assert "Cu" in ways
    for factor, feasible in ((1.001, True), (0.99, False)):
        moved = tuple(
            replace(limit, highest=ways[limit.name].value + factor * (ways[limit.name].needed - ways[limit.name].value))
            if limit.name in ways
            else limit
            for limit in limits
        )
        assert mix_charge(case(limits=moved, returns=None)).mix.feasible is feasible


def test_everything_is_weighed_to_the_step_asked_for() -> None:
    answer = mix_charge(case(returns=None, weighed_to=5.0))
    assert answer.mix.masses / 5.0 == pytest.approx(np.round(answer.mix.masses / 5.0), abs=1e-9)
    exact = mix_charge(case(returns=None))
    assert exact.mix.cost <= answer.mix.cost * (1.0 + 1e-9)
    # The gap of a charge in whole pieces is a thousandth of the cost.
    assert answer.mix.cost <= answer.mix.least_cost * 1.001


def test_no_probability_is_told_where_a_spread_is_not() -> None:
    answer = mix_charge(case(returns=None, spread_share=None, confidence=0.5))
    assert not answer.spreads_told
    limits = answer.as_json()["limits"]
    assert isinstance(limits, list)
    assert all(limit["probability"] is None for limit in limits)
    assert any("no probability" in note.say("en") for note in answer.notes)


def lot(name: str, **more: Value) -> dict[str, Value]:
    made: dict[str, Value] = {
        "id": name, "material": "steel_scrap", "received_at": moment(1), "mass": 1000.0, "price_per_t": 2600.0,
        "C_percent": 0.2, "Cu_percent": 0.1,
    }  # fmt: skip
    return made | more


RULES = LotRules(0.96, {"pig-iron": 0.98}, {}, {"pig-iron": 0.01}, "case.toml:9: lots")


def test_lots_are_what_is_left_of_them(tmp_path: Path) -> None:
    with empty_plant(tmp_path / "p") as plant:
        put(
            plant,
            {
                "lot": [
                    lot("A"), lot("B", material="pig_iron"), lot("C", price_per_t=None), lot("D", mass=None),
                    lot("E"), lot("F"), lot("G", material="coke"), lot("H"),
                ],
                "charge_item": [
                    {"heat": "1", "number": 1, "material": "steel_scrap", "lot": "A", "mass": 300.0},
                    {"heat": "1", "number": 2, "material": "steel_scrap", "lot": "F", "mass": 1000.0},
                ],
                "treatment": [
                    {"id": "T", "kind": "alloying", "started_at": moment(2), "lot": "A", "mass": 100.0},
                ],
                "disposition": [
                    {"subject": "lot", "subject_id": "E", "decided_at": moment(1, 6), "decision": "block",
                     "decided_by": "Q"},
                    {"subject": "lot", "subject_id": "H", "decided_at": moment(1, 6), "decision": "block",
                     "decided_by": "Q"},
                    {"subject": "lot", "subject_id": "H", "decided_at": moment(1, 7), "decision": "release",
                     "decided_by": "Q"},
                ],
            },
        )  # fmt: skip
        found = plant_lots(plant, RULES, "CNY")
        with pytest.raises(CaseError, match="in CNY"):
            plant_lots(plant, RULES, "EUR")
        with pytest.raises(CaseError, match="says nothing of the plant's lots"):
            plant_lots(plant, None, "CNY")
        with pytest.raises(CaseError, match="no yield is told"):
            plant_lots(plant, replace(RULES, metal_yield=None), "CNY")
    left = {one.material.name: one.material for one in found.materials}
    assert {name: material.most for name, material in left.items()} == {"A": 600.0, "B": 1000.0, "H": 1000.0}
    assert (left["A"].price, left["A"].metal_yield, left["B"].metal_yield) == (2.6, 0.96, 0.98)
    assert left["A"].contents["Cu"].mean == 0.001
    assert "Si" not in left["A"].contents
    notes = " ".join(note.say("en") for note in found.notes)
    for said in ("lot C has no price", "lot D has no mass", "lot E is held back", "nothing is left of lot F"):
        assert said in notes
    assert "lot G" not in notes


def test_a_charge_is_mixed_from_lots(tmp_path: Path) -> None:
    with empty_plant(tmp_path / "p") as plant:
        put(
            plant,
            {
                "lot": [
                    lot("pig", material="pig_iron", mass=60_000.0, price_per_t=3300.0, C_percent=4.2, Si_percent=1.2,
                        Mn_percent=0.15, Cu_percent=0.01),
                    lot("steel", mass=60_000.0, C_percent=0.1, Si_percent=0.2, Mn_percent=0.4, Cu_percent=0.05),
                    lot("si", material="ferrosilicon", price_per_t=8200.0, C_percent=0.1, Si_percent=75.0,
                        Mn_percent=0.0, Cu_percent=0.0),
                    lot("coke", material="carburiser", price_per_t=5200.0, C_percent=98.5, Si_percent=0.0,
                        Mn_percent=0.0, Cu_percent=0.0),
                ]
            },
        )  # fmt: skip
        answer = mix_charge(read_charge_case(CASES / "from_lots.toml"), plant)
    assert answer.mix.feasible
    assert set(answer.problem.names) == {"pig", "steel", "si", "coke"}


def test_sixty_materials_and_fifteen_elements_through_the_door_take_the_optimiser_under_a_second(
    tmp_path: Path,
) -> None:
    """The charge of the benchmark (benchmarks/mix_a_charge.py), written as a table and a case."""
    made = large()
    symbols = ("C", "Si", "Mn", "P", "S", "Cr", "Ni", "Cu", "Mo", "Sn", "Al", "Ti", "V", "Pb", "As")
    heads = [f"{e} [%],{e} spread [%]" for e in symbols]
    rows = [f"name,kind,price [CNY/kg],yield [%],stock [kg],{','.join(heads)}"]
    for one in made.materials:
        cells = [f"{float(100 * c.mean)!r},{float(100 * c.spread)!r}" for c in one.contents.values()]
        rows.append(f"{one.name},{one.kind},{float(one.price)!r},97,{float(one.most)!r},{','.join(cells)}")
    (tmp_path / "materials.csv").write_text("\n".join(rows), encoding="utf-8")
    parts = ['currency = "CNY"', 'confidence = "95 %"', 'materials = "materials.csv"', "[furnace]"]
    parts.append('liquid = ["3000 kg", "3000 kg"]')
    for number, element in enumerate(symbols):
        low = 'lowest = "0.95 %"\n' if number < 3 else ""
        parts.append(f'[[limit]]\nelement = "{element}"\n{low}highest = "1.05 %"')
        parts.append(f'[[recovery]]\nkind = "*"\nelement = "{element}"\nmean = "95 %"\nspread = "1 %"')
    (tmp_path / "case.toml").write_text("\n".join(parts), encoding="utf-8")
    asked, took = read_charge_case(tmp_path / "case.toml"), []
    for _ in range(5):
        begun, own = time.perf_counter(), time.process_time()
        answer = mix_charge(asked, ranges=0)
        took.append(time.process_time() - own)
        assert answer.mix.feasible
        assert 0.0 < answer.seconds <= time.perf_counter() - begun
    assert min(took) < 1.0  # the machine may be busy, so its own time counts, and the best of five
    # What is read is what was written, to the twelve digits that are kept.
    assert answer.mix.cost == pytest.approx(cheapest_charge(made).cost, rel=1e-6)
