"""A steady read is given again while the plant is as it was, and never afterwards."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forgecast.app.doors.kept_reads import KeptReads

KEYS = st.sampled_from(["a", "b", "c", "d"])
STEPS = st.lists(st.tuples(KEYS, KEYS, st.sampled_from(["1", "2"]), st.binary(max_size=60)), max_size=60)


@given(STEPS)
def test_what_is_found_was_kept_last_for_that_state(steps: list[tuple[str, str, str, bytes]]) -> None:
    reads, truth = KeptReads(most_bytes=400), {}
    for number, (plant, question, state, content) in enumerate(steps):
        found = reads.find(plant, question, state)
        known = truth.get((plant, question))
        assert found is None or (known is not None and known == (state, found[0], found[1]))
        reads.keep(plant, question, state, content, number)
        # Larger than an eighth of all is never kept, so what was kept before stays.
        if len(content) <= 50:
            truth[plant, question] = (state, content, number)


def test_an_answer_of_another_state_is_not_found() -> None:
    reads = KeptReads()
    reads.keep("p", "q", "old", b"1", 7)
    assert reads.find("p", "q", "new") is None
    assert reads.find("p", "q", "old") == (b"1", 7)


def test_the_memory_is_bounded_and_the_latest_stay() -> None:
    reads = KeptReads(most_bytes=1_000)
    for number in range(100):
        reads.keep("p", str(number), "s", bytes(100), number)
    kept = [number for number in range(100) if reads.find("p", str(number), "s") is not None]
    assert kept == list(range(90, 100))


def test_one_works_an_answer_out_anew_and_the_others_are_told_so() -> None:
    reads = KeptReads()
    with reads.renewing("p", "q") as first:
        assert first
        with reads.renewing("p", "q") as second, reads.renewing("p", "other") as elsewhere:
            assert not second
            assert elsewhere
        with reads.renewing("p", "q") as third:
            assert not third, "who was not first does not make room for another first"
    with reads.renewing("p", "q") as again:
        assert again
