"""The genealogy from columns: what links follow from rows, what contradicts itself, what batches know of the past."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.plant.lineage import Assumptions, Lineage
from forgecast.plant.lineage_build import lineage
from forgecast.plant.recall import Recall, completeness, narrowing, recall
from forgecast.plant.trace import ancestors, beginning, descent, links_among
from tests.plant.genealogies import MINUTE, T0, columns


def at(minutes: float) -> float:
    return T0 + minutes * MINUTE


def heat(name: str, minutes: float, **more: object) -> dict[str, object]:
    return {"id": name, "tapped_at": at(minutes), "furnace": "F", "mass": 2000.0, **more}


def ladle(name: str, of: str | None, minutes: float, **more: object) -> dict[str, object]:
    return {"id": name, "vessel": "V", "heat": of, "filled_at": at(minutes), "mass": 900.0, **more}


def kin(whole: Lineage, kind: str, name: str, **more: object):
    found = ancestors(whole, int(whole.nodes(kind, name)[-1]), **more)
    return {(one.kind, one.name): one for one in found}


def recalled(whole: Lineage, kind: str, name: str, **more: object) -> Recall:
    return recall(whole, beginning(whole, kind, whole.nodes(kind, name)), level=kind, **more)


def pieces_of(whole: Lineage, found: Recall) -> dict[str, tuple[float, float, float]]:
    return {whole.name(int(n)): tuple(map(float, p)) for n, p in zip(found.node, found.probability.T, strict=True)}


def test_a_heel_and_returns_are_shares_of_mass():
    whole = lineage(
        columns(
            heat=[heat("17", 0), heat("18", 60)],
            charge_item=[
                {"heat": "18", "number": 1, "lot": "PI", "mass": 1500.0},
                {"heat": "18", "number": 2, "from_heat": "17", "mass": 500.0},
            ],
            ladle=[ladle("A", "17", 1), ladle("B", "18", 61, heel_mass=100.0)],
        )
    )
    found = kin(whole, "ladle", "B")
    # 900 kg of heat 18 on 100 kg of heat 17; a quarter of heat 18 is heat 17 again.
    assert found["heat", "17"].share == pytest.approx(0.1 + 0.9 * 0.25)
    assert found["heat", "18"].share == pytest.approx(0.9)
    assert found["lot", "PI"].share == pytest.approx(0.9 * 0.75)
    assert {one.probability for one in found.values()} == {1.0}
    without = kin(whole, "ladle", "B", through_returns=False)
    assert without["heat", "17"].share == pytest.approx(0.1)


def test_what_was_left_in_the_furnace_belongs_to_the_next_heat():
    whole = lineage(columns(heat=[heat("17", 0), heat("18", 60, heel_mass=500.0, charge_mass=1500.0)]))
    assert kin(whole, "heat", "18")["heat", "17"].share == pytest.approx(0.25)


def test_a_heel_that_falls_below_the_least_share_is_not_said_to_be_held():
    ladles = [ladle(f"L{i}", f"H{i}", 10 * i, heel_mass=100.0 if i else None) for i in range(4)]
    whole = lineage(columns(heat=[heat(f"H{i}", 10 * i) for i in range(4)], ladle=ladles))
    held = kin(whole, "ladle", "L3", least_share=0.02)
    assert ("heat", "H2") in held
    assert ("heat", "H1") not in held  # 0.1 x 0.1 of it
    assert kin(whole, "ladle", "L3", least_share=0.005)["heat", "H1"].share == pytest.approx(0.01 * 0.9)


def test_a_recorded_ladle_is_believed_and_its_contradiction_found():
    whole = lineage(
        columns(
            heat=[heat("17", 0)],
            ladle=[ladle("A", "17", 1, emptied_at=at(8)), ladle("B", "17", 10, emptied_at=at(20))],
            mould=[{"id": "M", "line": "1", "poured_at": at(15), "ladle": "A"}],
        )
    )
    assert [(one.code, one.value) for one in whole.findings] == [("ladle-not-full", "M")]
    found = kin(whole, "mould", "M")
    assert set(found) == {("ladle", "A"), ("heat", "17")}
    assert found["ladle", "A"].low == 1.0


def test_a_mould_between_two_ladles_may_be_of_both_and_order_tells_more():
    ladles = [
        ladle("A", "17", 0, emptied_at=at(10), vessel="V1"),
        ladle("B", "18", 6, emptied_at=at(16), vessel="V2"),
    ]
    moulds = [
        {"id": "M1", "line": "1", "poured_at": at(7)},
        {"id": "M2", "line": "1", "poured_at": at(8), "ladle": None},
        {"id": "M3", "line": "1", "poured_at": at(9)},
    ]
    heats = [heat("17", -1), heat("18", 5, furnace="F2")]
    whole = lineage(columns(heat=heats, ladle=ladles, mould=moulds))
    # Four sequences keep the order: AAA, AAB, ABB, BBB.
    for name, chance in (("M1", 0.75), ("M2", 0.5), ("M3", 0.25)):
        assert kin(whole, "mould", name)["ladle", "A"].probability == pytest.approx(chance, abs=0.01)
    any_order = lineage(columns(heat=heats, ladle=ladles, mould=moulds), Assumptions(ordered=False))
    assert kin(any_order, "mould", "M1")["ladle", "A"].probability == pytest.approx(0.5, abs=0.01)
    for mould, number in zip(moulds, (5, 6, 1), strict=True):
        mould["order_number"] = number
    counted = lineage(columns(heat=heats, ladle=ladles, mould=moulds))
    assert [kin(counted, "mould", m)["ladle", "A"].probability if ("ladle", "A") in kin(counted, "mould", m) else 0.0
            for m in ("M1", "M2", "M3")] == pytest.approx([1.0, 1.0, 0.0])  # fmt: skip
    for mould in moulds:
        del mould["order_number"]
    moulds[1]["ladle"] = "A"
    told = lineage(columns(heat=heats, ladle=ladles, mould=moulds))
    assert kin(told, "mould", "M1")["ladle", "A"].probability == pytest.approx(1.0)


def test_what_a_piece_or_a_mould_says_of_its_heat_leaves_out_other_ladles():
    ladles = [ladle("A", "17", 0, emptied_at=at(10)), ladle("B", "18", 6, emptied_at=at(16), vessel="V2")]
    moulds = [{"id": "M1", "line": "1", "poured_at": at(8), "product": "P"}]
    pieces = [{"id": "p", "product": "P", "mould": "M1", "heat": "18"}]
    rows = {"heat": [heat("17", -1), heat("18", 5, furnace="F2")], "ladle": ladles, "mould": moulds}
    assert kin(lineage(columns(**rows, piece=pieces)), "piece", "p")["ladle", "B"].probability == 1.0
    moulds[0]["heat"] = "17"
    whole = lineage(columns(**rows, piece=pieces))
    assert [one.code for one in whole.findings] == ["contradictory-origin"]
    assert ("ladle", "B") not in kin(whole, "piece", "p")


def _tumbler(**more: object) -> Lineage:
    """Return four pieces of heat 17 and six of 18, mixed; three leave before a furnace load, one is put in after."""
    pieces = [
        {"id": "a", "product": "P", "heat": "17", "count": 4},
        {"id": "b", "product": "P", "heat": "18", "count": 6},
        {"id": "late", "product": "P", "heat": "18", "count": 1},
        {"id": "mix", "product": "P", "count": 11},
        {"id": "early", "product": "P", "count": 3},
        {"id": "one", "product": "P", **more},
    ]
    steps = [
        {"id": "1", "at": at(1), "from_piece": "a", "to_piece": "mix", "count": 4},
        {"id": "2", "at": at(1), "from_piece": "b", "to_piece": "mix", "count": 6},
        {"id": "3", "at": at(2), "from_piece": "mix", "to_piece": "early", "count": 3},
        {"id": "4", "at": at(4), "from_piece": "late", "to_piece": "mix", "count": 1},
        {"id": "5", "at": at(5), "from_piece": "mix", "to_piece": "one", "count": 1},
    ]
    return lineage(
        columns(
            heat=[heat("17", 0), heat("18", 60)],
            piece=pieces,
            batch_step=steps,
            heat_treatment=[{"id": "T", "started_at": at(3)}],
            heat_treatment_load=[{"heat_treatment": "T", "piece": "mix"}],
        )
    )


def test_mixed_pieces_carry_counts_and_what_happened_after_they_left_does_not_touch_them():
    whole = _tumbler()
    found = pieces_of(whole, recalled(whole, "heat", "17"))
    # 4 of 10, and of the 7 left and the one put in later 2.8 of 8 on average.
    assert found["early"][1] == pytest.approx(0.4)
    assert found["mix"][1] == pytest.approx(0.35)
    # Of ten with four affected, any three hold none at least and three at most.
    assert found["early"] == pytest.approx((0.0, 0.4, 1.0))
    loaded = pieces_of(whole, recalled(whole, "heat_treatment", "T"))
    assert "early" not in loaded
    assert loaded["one"][1] == pytest.approx(7 / 8)  # the late one was not in the load
    blind = pieces_of(whole, recalled(whole, "heat", "17", blind=True))
    assert blind["early"] == pytest.approx((0.4, 0.4, 0.4))


def test_a_recall_counts_every_piece_once_and_bounds_the_number():
    whole = _tumbler()
    found = recalled(whole, "heat", "17")
    assert found.expected[1] == pytest.approx(4.0)
    assert found.possible == 11  # early 3, mix 7, one 1
    assert found.certain <= 4 <= int(found.most.sum())


def test_an_origin_on_record_stands_for_a_piece_out_of_a_mixed_batch_but_its_load_is_the_batch_s():
    whole = _tumbler(heat="17")
    found = pieces_of(whole, recalled(whole, "heat", "17"))
    assert found["one"] == (1.0, 1.0, 1.0)
    assert pieces_of(whole, recalled(whole, "heat_treatment", "T"))["one"][1] == pytest.approx(7 / 8)


def test_a_heat_that_only_pieces_name_is_recalled_too():
    whole = lineage(columns(piece=[{"id": "p", "product": "P", "heat": "17"}]))
    assert pieces_of(whole, recalled(whole, "heat", "17")) == {"p": (1.0, 1.0, 1.0)}
    assert recalled(whole, "heat", "17").untraced == 0


def test_pieces_about_which_nothing_is_known_are_counted_as_untraced():
    whole = lineage(columns(heat=[heat("17", 0)], piece=[{"id": "p", "product": "P", "count": 5}]))
    found = recalled(whole, "heat", "17")
    assert (found.possible, found.untraced) == (0, 5)
    (score,) = [one for one in completeness(whole) if one.level == "heat"]
    assert (score.known, score.none) == (0, 5)


def test_pieces_made_long_before_or_forged_from_bar_are_not_among_the_untraced():
    pieces = [
        {"id": "before", "product": "P", "count": 5, "made_at": at(-60 * 48)},
        {"id": "that day", "product": "P", "count": 7, "made_at": at(-60 * 3)},
        {"id": "forged", "product": "F", "count": 11, "made_at": at(60 * 30), "lot": "BAR"},
        {"id": "no time", "product": "P", "count": 13},
    ]
    whole = lineage(columns(heat=[heat("17", 0)], lot=[{"id": "BAR"}], piece=pieces))
    assert recalled(whole, "heat", "17").untraced == 7 + 13
    assert recalled(whole, "lot", "BAR").untraced == 5 + 7 + 13


def test_where_only_heats_are_kept_a_piece_may_be_of_those_that_were_poured_then():
    pieces = [{"id": "p", "product": "P", "made_at": at(10)}, {"id": "q", "product": "P", "made_at": at(60)}]
    heats = [heat("17", 0, furnace="F1"), heat("18", 5, furnace="F2"), heat("19", 30, furnace="F1")]
    whole = lineage(columns(heat=heats, piece=pieces))
    found = {name: one.probability for (_, name), one in kin(whole, "piece", "p").items()}
    assert found == pytest.approx({"17": 0.5, "18": 0.5})
    assert set(kin(whole, "piece", "q")) == {("heat", "18"), ("heat", "19")}


def test_a_batch_of_many_keeps_the_figures_of_its_heats_though_not_all_pieces_are_listed(monkeypatch):
    monkeypatch.setattr("forgecast.plant.trace.MOST_OF_KIND", 3)
    pieces = [{"id": f"p{i}", "product": "P", "heat": "17" if i % 2 else "18"} for i in range(20)]
    pieces.append({"id": "mix", "product": "P", "count": 20})
    steps = [{"id": f"{i:02}", "at": at(1), "from_piece": f"p{i}", "to_piece": "mix", "count": 1} for i in range(20)]
    whole = lineage(columns(heat=[heat("17", 0), heat("18", 60)], piece=pieces, batch_step=steps))
    found = kin(whole, "piece", "mix")
    assert sum(kind == "piece" for kind, _ in found) == 3
    assert found["heat", "17"].probability == pytest.approx(0.5)


def test_more_pieces_out_than_in_are_found():
    steps = [{"id": "1", "at": at(1), "from_piece": "a", "to_piece": "b", "count": 5}]
    pieces = [{"id": "a", "product": "P", "heat": "17", "count": 3}, {"id": "b", "product": "P", "count": 5}]
    whole = lineage(columns(piece=pieces, batch_step=steps))
    assert [(one.code, one.value) for one in whole.findings] == [("more-out-than-in", "a")]
    assert whole.pieces == 5


def test_bars_mixed_in_stock_are_as_likely_as_their_numbers():
    lots = [
        {"id": "B1", "material": "billet", "received_at": at(-1000), "count": 30},
        {"id": "B2", "material": "billet", "received_at": at(-500), "count": 10},
        {"id": "B3", "material": "billet", "received_at": at(500), "count": 90},
        {"id": "PI", "material": "pig_iron", "received_at": at(-500), "count": 90},
    ]
    piece = {"id": "p", "product": "P", "made_at": at(0)}
    whole = lineage(columns(lot=lots, piece=[piece], blow=[{"id": "1", "piece": "p"}]))
    found = {name: one.probability for (_, name), one in kin(whole, "piece", "p").items()}
    assert found == pytest.approx({"B1": 0.75, "B2": 0.25})


def test_a_shot_at_the_moment_of_a_filling_may_be_of_either_content():
    fills = [{"id": f"f{i}", "furnace": "D", "filled_at": at(10 * i), "heat": f"H{i}", "mass": 100.0, "held_mass": 0.0}
             for i in range(2)]  # fmt: skip
    shots = [{"id": "s", "die": "d", "shot_at": at(10), "furnace": "D"}]
    whole = lineage(columns(heat=[heat("H0", -1), heat("H1", 9)], holding_fill=fills, shot=shots))
    found = kin(whole, "shot", "s")
    assert found["heat", "H0"].probability == pytest.approx(0.5)
    assert found["heat", "H1"].probability == pytest.approx(0.5)


def test_a_mass_that_is_not_on_record_leaves_the_share_open():
    fills = [
        {"id": "f0", "furnace": "D", "filled_at": at(0), "heat": "H0", "mass": 100.0, "held_mass": 0.0},
        {"id": "f1", "furnace": "D", "filled_at": at(10), "heat": "H1", "mass": 100.0},
    ]
    shots = [{"id": "s", "die": "d", "shot_at": at(15), "furnace": "D"}]
    whole = lineage(columns(heat=[heat("H0", -1), heat("H1", 9)], holding_fill=fills, shot=shots))
    found = kin(whole, "shot", "s")["heat", "H0"]
    assert (found.share_low, found.share_high) == (0.0, 1.0)
    (link,) = [one for one in links_among(whole, range(len(whole))) if one.parent == ("heat", "H1")]
    assert link.share is None
    # With the mass of a shot on record, the furnace's content is too: 100 - 20 + 100 kg.
    shots += [{"id": "r", "die": "d", "shot_at": at(5), "furnace": "D", "shot_mass": 20.0}]
    told = lineage(columns(heat=[heat("H0", -1), heat("H1", 9)], holding_fill=fills, shot=shots))
    assert kin(told, "shot", "s")["heat", "H0"].share == pytest.approx(80 / 180)


def test_a_furnace_that_tapped_the_next_heat_has_nothing_left_of_the_one_before():
    whole = lineage(columns(heat=[heat("17", 0), heat("18", 30)], ladle=[ladle("A", None, 40), ladle("B", None, 10)]))
    assert set(kin(whole, "ladle", "A")) == {("heat", "18")}
    assert set(kin(whole, "ladle", "B")) == {("heat", "17")}


def test_returns_of_a_later_heat_are_found_and_left_out():
    items = [{"heat": "17", "number": 1, "from_heat": "18", "mass": 100.0}]
    whole = lineage(columns(heat=[heat("17", 0), heat("18", 60)], charge_item=items))
    assert [one.code for one in whole.findings] == ["remelted-before-tapped"]
    assert kin(whole, "heat", "17") == {}


def test_the_record_that_is_missing_is_named_where_it_would_settle_most():
    ladles = [ladle("A", "17", 0, emptied_at=at(10)), ladle("B", "18", 6, emptied_at=at(16), vessel="V2")]
    moulds = [{"id": f"M{i}", "line": "1", "poured_at": at(m)} for i, m in enumerate((2, 8, 14))]
    pieces = [{"id": f"p{i}", "product": "P", "mould": f"M{i}", "count": 10} for i in range(3)]
    heats = [heat("17", -1), heat("18", 5, furnace="F2")]
    whole = lineage(columns(heat=heats, ladle=ladles, mould=moulds, piece=pieces))
    found = descent(whole, beginning(whole, "heat", whole.nodes("heat", "17")), metal=True)
    (one,) = narrowing(whole, found)
    # Of the mould in the middle nobody knows: ten pieces, p (1 - p) = 1/4.
    assert (one.kind, one.name, one.subjects) == ("mould", "M1", 1)
    assert one.pieces == pytest.approx(2.5, abs=0.05)


def test_a_subject_that_is_not_there_is_refused():
    whole = lineage(columns(heat=[heat("17", 0)]))
    with pytest.raises(ForgecastError, match="named 99"):
        whole.nodes("heat", "99")
    with pytest.raises(ForgecastError, match="no kind"):
        whole.nodes("furnace", "F")


def test_an_empty_plant_has_an_empty_genealogy():
    whole = lineage(columns())
    assert len(whole) == 0
    assert [one.known for one in completeness(whole)] == [0] * 5
    assert np.isnan(completeness(whole)[0].score)
