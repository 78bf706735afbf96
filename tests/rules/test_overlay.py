"""Overlays: the strictest binds and is named; nothing is weakened; an open number is filled by one's own copy."""

from datetime import date

import pytest

from forgecast.ground.errors import BookError
from forgecast.rules.evaluate import evaluate
from forgecast.rules.overlay import PermitLimit, overlay_from, permit_book, permit_overlay, with_overlay
from tests.rules.making import POLICY, base, book, whole

OVERLAY = """
overlay: {book: invented, layer: city, title: {en: city, zh: 市}, version: "1", source: the city,
  clause: "2", confidence: primary}
limits:
  - {requirement: nox, value: 50, unit: mg/m3, from: 2024-05-06}
"""


def overlay(text=OVERLAY, *, changed=()):
    for old, new in changed:
        assert old in text, old
        text = text.replace(old, new)
    return overlay_from(text, name="city.yaml")


def judge(facts, read):
    (verdict,) = evaluate(read, facts, policy=POLICY)
    return verdict


def test_the_strictest_binds_and_its_layer_is_named():
    laid = with_overlay(book(), overlay())
    verdict = judge(base(whole(51.0)), laid)
    assert (verdict.word, verdict.limit.layer, verdict.limit.value, str(verdict.limit.source)) == (
        "not met",
        "city",
        50,
        "the city",
    )
    assert judge(base(whole(50.0)), laid).limit.layer == "city"
    before = judge(base(whole(51.0), start="2024-05-05", end="2024-05-06"), laid)
    assert (before.word, before.limit.layer) == ("met", "national")


def test_a_clause_and_a_source_stand_in_both_languages_or_in_plain_words_for_both():
    both = [("source: the city", "source: {en: the city, zh: 市公告}"), ('clause: "2"', 'clause: "{2}"')]
    limit = judge(base(whole(51.0)), with_overlay(book(), overlay(changed=both))).limit
    assert limit.as_json()["source"] == {"en": "the city", "zh": "市公告"}
    assert limit.as_json()["clause"] == {"en": "{2}", "zh": "{2}"}
    with pytest.raises(BookError) as caught:
        overlay(changed=[("source: the city", "source: {en: the city}")])
    assert caught.value.where == "city.yaml:overlay.source"


def test_a_laxer_overlay_weakens_nothing():
    laid = with_overlay(book(), overlay(changed=[("value: 50", "value: 500")]))
    verdict = judge(base(whole(101.0)), laid)
    assert (verdict.word, verdict.limit.layer) == ("not met", "national")


def test_strictest_knows_the_direction():
    rising = book(changed=[('comparison: "<="', 'comparison: ">="')])
    for value, binds in ((50, "national"), (500, "city")):
        laid = with_overlay(rising, overlay(changed=[("value: 50", f"value: {value}")]))
        assert judge(base(whole(1000.0)), laid).limit.layer == binds


def test_an_unverified_overlay_cannot_make_met_and_does_not_hide_not_met():
    laid = with_overlay(book(), overlay(changed=[("confidence: primary", "confidence: unverified")]))
    assert judge(base(whole(10.0)), laid).word == "not known"
    assert judge(base(whole(101.0)), laid).word == "not met"


def test_an_open_number_is_filled_from_ones_own_copy():
    unknown = book(changed=[("value: 100", "value: 100, confidence: unverified")])
    fill = [("layer: city", "layer: national"), (", from: 2024-05-06", ""), ("value: 50", "value: 90")]
    laid = with_overlay(unknown, overlay(changed=fill))
    assert judge(base(whole(90.0)), laid).word == "met"
    verdict = judge(base(whole(91.0)), laid)
    assert (verdict.word, str(verdict.limit.source), verdict.limit.value) == ("not met", "the city", 90)
    assert judge(base(whole(91.0), start="2023-01-01", end="2023-01-02"), laid).word == "not applicable"


def test_filled_for_one_stack_the_number_stays_open_for_the_others():
    unknown = book(changed=[("value: 100", "value: 100, confidence: unverified")])
    fill = [("layer: city", "layer: national"), (", from: 2024-05-06", ", for: \"id == 'S2'\"")]
    assert judge(base(whole(1.0)), with_overlay(unknown, overlay(changed=fill))).word == "not known"


@pytest.mark.parametrize(
    "changed",
    [
        [("layer: city", "layer: national")],
        [("requirement: nox", "requirement: so2")],
        [("unit: mg/m3", "unit: g/m3")],
        [(", from: 2024-05-06", "")],
        [(" source: the city,", "")],
        [('clause: "2", ', "")],
        [(", confidence: primary", "")],
        [("from: 2024-05-06", 'from: 2024-05-06, for: "height > "')],
    ],
)
def test_an_overlay_that_is_not_complete_or_would_replace_a_known_number_is_refused(changed):
    with pytest.raises(BookError) as caught:
        with_overlay(book(), overlay(changed=changed))
    assert "city.yaml" in caught.value.where
    assert str(caught.value.repair)


def test_an_earlier_layer_cannot_lie_on_a_later_one():
    city = book(changed=[("layer: national", "layer: city")])
    with pytest.raises(BookError, match="cannot lie"):
        with_overlay(city, overlay(changed=[("layer: city", "layer: province")]))


def permit(stack, value):
    return PermitLimit(stack, "nox", value, "mg/m3", date(2024, 1, 1), None, "permit 1", "permit_limit.csv:2")


def test_permit_limits_bind_their_own_stack_only():
    limits = [permit("S1", 60.0), permit("S'2", 10.0)]
    laid = with_overlay(book(), permit_overlay(book(), limits, version="1"))
    verdict = judge(base(whole(61.0)), laid)
    assert (verdict.word, verdict.limit.layer, verdict.limit.value) == ("not met", "permit", 60)
    own = permit_book(limits, version="1")
    assert judge(base(whole(61.0), stack={}), own).word == "not met"
    assert judge(base(whole(60.0), stack={}), own).word == "met"
    assert judge(base(whole(61.0)), permit_book([permit("S9", 1.0)], version="1")).word == "not applicable"


STATE_BOOK = [
    (
        "    figure: nox\n    limits:\n      - {value: 100}\n",
        "    required: \"fuel == 'gas'\"\n    confidence: unverified\n",
    ),
]


def test_an_open_state_is_confirmed_without_a_value_and_a_known_one_is_not_replaced():
    unknown = book(changed=STATE_BOOK)
    confirm = [("layer: city", "layer: national"), (", value: 50, unit: mg/m3, from: 2024-05-06", "")]
    for fuel, word in (("gas", "met"), ("coal", "not met")):
        facts = base(stack={"furnace": "cupola", "fuel": fuel})
        assert judge(facts, unknown).word == "not known"
        verdict = judge(facts, with_overlay(unknown, overlay(changed=confirm)))
        assert (verdict.word, str(verdict.limit.source)) == (word, "the city")
    known = book(changed=[*STATE_BOOK, ("\n    confidence: unverified", "")])
    with pytest.raises(BookError, match="nothing open"):
        with_overlay(known, overlay(changed=confirm))


PARAMETER = "parameters:\n  - {id: tall, value: 15, unit: m, clause: '2', confidence: %s}\nevidence:"


def test_an_open_number_of_an_expression_is_filled_once():
    fill = [("layer: city", "layer: national"), ("requirement: nox, value: 50, unit: mg/m3, from: 2024-05-06",
                                                 "parameter: tall, value: 20, unit: m")]  # fmt: skip
    unknown, known = (
        book(changed=[("evidence:", PARAMETER % sure), ("furnace == 'cupola'", "height >= param.tall")])
        for sure in ("unverified", "primary")
    )
    low = base(whole(50.0), stack={"height": 17.0})
    assert judge(low, unknown).word == "not known"
    laid = with_overlay(unknown, overlay(changed=fill))
    assert judge(low, laid).word == "not applicable"
    assert judge(base(whole(50.0), stack={"height": 20.0}), laid).word == "met"
    assert laid.digest != unknown.digest
    for wrong in (known, book()):
        with pytest.raises(BookError, match="no open number"):
            with_overlay(wrong, overlay(changed=fill))
    with pytest.raises(BookError, match="the unit is"):
        with_overlay(unknown, overlay(changed=[*fill, ("unit: m}", "unit: cm}")]))


def test_one_of_several_open_limits_is_picked_by_its_place():
    two = "      - {value: 100, from: 2021-01-01, until: 2024-01-01}\n      - {value: 60, from: 2024-01-01}\n"
    unknown = book(changed=[("      - {value: 100}\n", two), ("confidence: primary", "confidence: unverified")])
    fill = [("layer: city", "layer: national"), (", from: 2024-05-06", ', limit: "1"'), ("value: 50", "value: 70")]
    laid = with_overlay(unknown, overlay(changed=fill))
    assert [judge(base(whole(value)), laid).word for value in (70.0, 71.0)] == ["met", "not met"]
    assert judge(base(whole(1.0), start="2023-05-06", end="2023-05-07"), laid).word == "not known"
    with pytest.raises(BookError, match="nothing open"):
        with_overlay(unknown, overlay(changed=[*fill, ('limit: "1"', 'limit: "2"')]))
