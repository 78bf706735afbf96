"""Life cycles as pure functions: what state follows from what was decided, and what may not be decided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.plant.lifecycle import (
    BEGINS,
    Decision,
    Life,
    Parentage,
    Shipping,
    Subject,
    live,
    missing,
    moves,
    obstacles,
    refused,
    states,
)
from forgecast.plant.record import record

T = 1_000_000_000_000
ROWS = {
    "lot": {"received_at": T},
    "heat": {"started_at": T, "tapped_at": T + 1},
    "ladle": {"filled_at": T},
    "mould": {"made_at": T},
    "piece": {"made_at": T},
    "heat_treatment": {"started_at": T, "ended_at": T},
    "nonconformity": {"raised_at": T},
}
DECISIONS = [choice.code for choice in record("disposition").field("decision").choices]


def _subject(kind: str, **more) -> Subject:
    pieces = more.pop("pieces", 1)
    actions = more.pop("actions", ())
    return Subject(kind, "X", ROWS[kind] | more, pieces, actions)


def _life(kind: str, *decisions: str, **more) -> Life:
    return live(_subject(kind, **more), [Decision(T + 10 * n, one) for n, one in enumerate(decisions, start=1)])


def test_the_table_of_moves_speaks_of_known_subjects_states_and_decisions():
    subjects = {choice.code for choice in record("disposition").field("subject").choices}
    assert set(BEGINS) == subjects == {subject for subject, _ in moves()}
    for (subject, state), allowed in moves().items():
        assert state in states()
        for move in allowed.values():
            assert move.decision in DECISIONS
            assert move.to in states()
            missing(_life(subject), move, T)  # raises where a need is not known
    # Every decision that can be recorded is of use for something.
    assert {one for allowed in moves().values() for one in allowed} == set(DECISIONS)


def test_every_field_a_life_begins_with_is_a_time_of_its_record():
    for kind, names in BEGINS.items():
        assert all(record(kind).field(name).kind == "time" for name in names)


@pytest.mark.parametrize(
    ("kind", "decisions", "state"),
    [
        ("heat", (), "recorded"),
        ("heat", ("release",), "released"),
        ("heat", ("block", "concession"), "conceded"),
        ("heat", ("release", "block"), "blocked"),
        ("heat", ("scrap", "remelt"), "remelted"),
        ("lot", ("block", "return"), "returned"),
        ("piece", ("rework", "release"), "released"),
        ("nonconformity", ("contain", "analyse"), "analysed"),
    ],
)
def test_decisions_lead_to_states(kind, decisions, state):
    life = _life(kind, *decisions)
    assert life.at() == state
    assert all(not step.refusal for step in life.steps)


@pytest.mark.parametrize(
    ("kind", "decisions", "then", "why"),
    [
        ("piece", ("scrap",), "release", "piece X is scrapped: it cannot be decided to release"),
        ("heat", ("remelt",), "concession", "heat X is remelted"),
        ("lot", ("return",), "release", "lot X is returned"),
        ("lot", (), "remelt", "lot X is recorded: it cannot be decided to remelt"),
        ("heat", (), "close", "heat X is recorded: it cannot be decided to close"),
        ("nonconformity", (), "release", "nonconformity X is open: it cannot be decided to release"),
        ("nonconformity", (), "act", "nonconformity X is open"),
        ("piece", (), "return", "nothing of piece X has been shipped"),
    ],
)
def test_impossible_decisions_are_refused_and_change_nothing(kind, decisions, then, why):
    life = _life(kind, *decisions)
    (said,) = refused(life, Decision(T + 1_000, then))
    assert str(said).startswith(why)
    after = _life(kind, *decisions, then)
    assert after.at() == life.at()
    assert after.steps[-1].refusal


def test_a_decision_before_the_subjects_own_time_is_refused():
    for kind in BEGINS:
        assert "did not exist yet" in str(refused(_life(kind), Decision(T - 1, "block"))[0])
    # A heat whose start is not known is decided on in the furnace, before it is tapped.
    day = 86_400_000_000
    heat = live(Subject("heat", "H", {"tapped_at": T}), [])
    assert refused(heat, Decision(T - day + 1, "release")) == ()
    assert refused(heat, Decision(T - day - 1, "release"))


def test_a_heat_treatment_is_released_after_it_has_left_the_furnace():
    load = _life("heat_treatment", ended_at=T + 5)
    assert "still in the furnace" in str(refused(load, Decision(T + 4, "release"))[0])
    assert refused(load, Decision(T + 5, "release")) == ()
    assert refused(load, Decision(T + 4, "block")) == ()


def test_what_inspection_found_is_where_a_piece_begins():
    assert _life("piece", result="reject").at() == "rejected"
    assert _life("piece", result="rework").at() == "rework"
    assert _life("piece", "concession", result="reject").at() == "conceded"


def test_a_nonconformity_goes_through_cause_action_and_effect():
    steps = ("contain", "analyse", "act", "verify", "close", "reopen")
    action = {"done_at": T + 35, "effective": True, "effect_checked_at": T + 45}
    whole = _life("nonconformity", *steps, cause="wet sand", actions=(action,))
    assert [step.after for step in whole.steps] == ["contained", "analysed", "acted", "verified", "closed", "open"]
    assert not any(step.refusal for step in whole.steps)
    for lacking, step, why in (
        ({"cause": ""}, 2, "names no cause yet"),
        ({"actions": ()}, 3, "no action that answers"),
        ({"actions": (action | {"done_at": T + 41},)}, 3, "no action that answers"),
        ({"actions": (action | {"effective": False},)}, 4, "found effective"),
        ({"actions": (action | {"effect_checked_at": None},)}, 4, "found effective"),
    ):
        life = _life("nonconformity", *steps, **({"cause": "wet sand", "actions": (action,)} | lacking))
        assert why in str(life.steps[step].refusal[0])


def test_a_closed_nonconformity_is_acted_on_after_it_is_reopened_only():
    closed = _life("nonconformity", "close", severity="minor")
    assert closed.at() == "closed"
    for decision in ("contain", "analyse", "act", "verify", "close"):
        assert "is closed" in str(refused(closed, Decision(T + 99, decision))[0])
    assert _life("nonconformity", "close", "reopen", "contain", severity="minor").at() == "contained"
    assert "not marked as minor" in str(_life("nonconformity", "close", severity="major").steps[0].refusal[0])


def _shipping(**more) -> Shipping:
    piece = more.pop("piece", _life("piece"))
    lives = {("heat", "H"): _life("heat", "release")} | more.pop("lives", {})
    told = {"at": T + 100, "count": 1, "held": 1, "parentage": Parentage(("H",)), "nonconformities": ()} | more
    return Shipping(piece=piece, lives={key: life for key, life in lives.items() if life is not None}, **told)


def _why(**more) -> list[str]:
    return [str(one.reason) for one in obstacles(_shipping(**more))]


def test_a_piece_of_a_released_heat_may_go():
    assert _why() == []


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ({"lives": {("heat", "H"): _life("heat")}}, "heat X is not released"),
        ({"lives": {("heat", "H"): _life("heat", "block")}}, "heat X is blocked"),
        ({"lives": {("heat", "H"): _life("heat", "release", "block")}}, "heat X is blocked"),
        ({"lives": {("heat", "H"): None}}, "the record heat has no row for H"),
        ({"at": T + 5}, "heat X was released only after the piece left"),
        (
            {"at": T + 20, "piece": live(_subject("piece", made_at=T + 21), [])},
            "piece X was shipped before it was made",
        ),
        ({"parentage": Parentage()}, "the heat of piece X is not known, so none is released for it"),
        ({"parentage": Parentage((), ("L",)), "lives": {("lot", "L"): _life("lot")}}, "lot X is not released"),
        ({"piece": _life("piece", "block")}, "piece X is blocked"),
        ({"piece": _life("piece", "scrap")}, "piece X is scrapped"),
        ({"piece": _life("piece", result="reject")}, "piece X is rejected by inspection"),
        ({"nonconformities": (_life("nonconformity"),)}, "nonconformity X about it is not closed"),
        ({"count": 2}, "piece X has 1 pieces, of which 0 are shipped already; 2 more cannot be"),
        ({"count": 0}, "piece X has 1 pieces; then none would be left for one of the shipments that name it"),
    ],
)
def test_what_stands_against_a_shipment(case, why):
    assert _why(**case) == [why]


@pytest.mark.parametrize("kind", ["ladle", "mould", "heat_treatment"])
def test_a_held_ladle_mould_or_furnace_load_holds_its_pieces(kind):
    parentage = Parentage(("H",), (), ((kind, "Y"),))
    assert _why(parentage=parentage, lives={(kind, "Y"): _life(kind)}) == []
    assert len(_why(parentage=parentage, lives={(kind, "Y"): _life(kind, "block")})) == 1
    assert _why(parentage=parentage, lives={(kind, "Y"): _life(kind, "block", "release")}) == []


def test_every_heat_a_mixed_batch_may_be_of_has_to_be_released():
    both = Parentage(("H", "G"))
    assert _why(parentage=both, lives={("heat", "G"): _life("heat")}) == ["heat X is not released"]
    assert _why(parentage=both, lives={("heat", "G"): _life("heat", "concession")}) == []


def test_a_concession_covers_what_was_known_when_it_was_given():
    piece = _life("piece", "block", "concession")  # given at T + 20
    assert _why(piece=piece, parentage=Parentage()) == []
    assert _why(piece=piece, lives={("heat", "H"): _life("heat")}) == []
    assert _why(piece=piece, lives={("heat", "H"): _life("heat", "block")}) == []
    late = live(_subject("heat"), [Decision(T + 30, "block")])
    assert _why(piece=piece, lives={("heat", "H"): late}) == ["heat X is blocked"]
    assert _why(piece=piece, nonconformities=(_life("nonconformity"),)) == []
    raised = live(_subject("nonconformity", raised_at=T + 30), [])
    assert len(_why(piece=piece, nonconformities=(raised,))) == 1
    # A release afterwards is not a concession any more.
    assert len(_why(piece=_life("piece", "concession", "release"), parentage=Parentage())) == 1


def test_a_nonconformity_raised_after_it_left_does_not_reach_back():
    raised = live(_subject("nonconformity", raised_at=T + 200), [])
    assert _why(nonconformities=(raised,)) == []


def test_a_batch_is_shipped_when_all_of_it_has_left_and_can_come_back():
    batch = _subject("piece", pieces=10)
    ships = [Decision(T + 10, "ship", "S1", 4), Decision(T + 20, "ship", "S2", 6)]
    life = live(batch, ships)
    assert [step.after for step in life.steps] == ["recorded", "shipped"]
    assert life.shipped(T + 15) == 4
    back = live(batch, [*ships, Decision(T + 30, "return", "C"), Decision(T + 40, "release", "Q")])
    assert (back.at(), back.shipped()) == ("released", 0)
    recalled = live(batch, [*ships, Decision(T + 30, "block")])
    assert recalled.at() == "recalled"


@given(
    kind=st.sampled_from(sorted(BEGINS)),
    taken=st.lists(st.tuples(st.integers(-5, 60), st.sampled_from(DECISIONS)), max_size=8),
    severity=st.sampled_from(("minor", "major")),
)
def test_any_decisions_in_any_order_lead_through_allowed_moves_only(kind, taken, severity):
    subject = Subject(kind, "X", ROWS[kind] | {"severity": severity, "cause": "c"})
    decisions = [Decision(T + at, one) for at, one in taken]
    life = live(subject, decisions)
    assert life == live(subject, list(reversed(decisions))) or len({at for at, _ in taken}) < len(taken)
    state = life.start
    for step in life.steps:
        assert step.before == state
        if step.refusal:
            assert step.after == state
        else:
            assert step.after == moves()[kind, state][step.decision.decision].to
            assert step.decision.at >= T
        state = step.after
    assert life.at() == state
