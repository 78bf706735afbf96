"""From telegrams to readings: times of the plant's clock, flags, parts; nothing guessed, everything said."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from forgecast.gateway.hj212.codes import commands, name_of_code, reading_of_flags
from forgecast.gateway.hj212.instants import instant_of, stamp_of
from forgecast.gateway.hj212.mapping import Hj212Channel, Hj212Device, Hj212Map, Translator, channels_of
from forgecast.gateway.hj212.numbering import Numbering
from forgecast.gateway.hj212.telegram import Telegram
from forgecast.ground.errors import ForgecastError
from forgecast.ground.tables import read_table
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID

ZONE = "Asia/Shanghai"
EIGHT = int(datetime(2025, 3, 1, 8, tzinfo=ZoneInfo(ZONE)).timestamp()) * 1_000_000


def mapped(*, unflagged=DOUBTFUL, zone=ZONE, extra=()):
    channels = (*channels_of("a21026", "so2", converted=True), *channels_of("a01012", "temperature"), *extra)
    return Hj212Map(zone, (Hj212Device("DA001", "123456", channels, unflagged),))


def taken(mapping, *telegrams):
    told: Counter[str] = Counter()
    translator = Translator(mapping, lambda code, _value, _column: told.update([code]))
    found = [reading for one in telegrams for _, readings in translator.take(one) for reading in readings]
    translator.close()
    return found, told


def sent(*cp, cn="2011", time="20250301080000", **more):
    head = (("DataTime", time),) if time else ()
    return Telegram("20250301080000000", "31", cn, "123456", "DA001", 5, cp=(*head, *cp), **more)


def test_real_time_values_and_means_go_to_their_tags():
    found, told = taken(
        mapped(),
        sent(("a21026-Rtd", "12.50"), ("a21026-ZsRtd", "14.1"), ("a21026-Flag", "N"), ("a01012-Rtd", "85.3"),
             ("a01012-Flag", "D")),
        sent(("a21026-Min", "1"), ("a21026-Avg", "2.5"), ("a21026-Max", "4"), ("a21026-Flag", "N"), cn="2061"),
    )  # fmt: skip
    assert found == [
        ("so2", EIGHT, 12.5, GOOD),
        ("so2.zs", EIGHT, 14.1, GOOD),
        ("temperature", EIGHT, 85.3, INVALID),
        ("so2.hour", EIGHT, 2.5, GOOD),
    ]
    assert not told


@pytest.mark.parametrize("row", read_table("hj212_flag").rows, ids=lambda row: row["flag"])
def test_every_flag_of_the_tables_is_kept(row):
    found, told = taken(mapped(), sent(("a21026-Rtd", "1"), ("a21026-Flag", row["flag"])))
    want = {"good": GOOD, "doubtful": DOUBTFUL, "invalid": INVALID}[row["reading"]]
    assert found == [("so2", EIGHT, 1.0, want)]
    assert not told
    assert (want == GOOD) == (row["flag"] in ("N", "3"))


def test_a_flag_that_nobody_knows_and_none_at_all_are_doubtful():
    found, told = taken(mapped(), sent(("a21026-Rtd", "1"), ("a21026-Flag", "Q"), ("a01012-Rtd", "2")))
    assert [flag for *_, flag in found] == [DOUBTFUL, DOUBTFUL]
    assert told == {"unknown-flag": 1, "no-flag": 1}
    found, told = taken(mapped(unflagged=GOOD), sent(("a21026-Rtd", "1")))
    assert found[0][3] == GOOD
    assert not told


@pytest.mark.parametrize(
    ("word", "code"),
    [("", "blank-value"), ("1e3", "no-decimal"), ("nan", "no-decimal"), ("1_0", "no-decimal"), ("12,5", "no-decimal"),
     ("٣", "no-decimal"), ("--", "no-decimal"), ("0x10", "no-decimal"), ("1" * 60, "no-decimal")],
)  # fmt: skip
def test_what_is_no_decimal_is_not_taken_in(word, code):
    found, told = taken(mapped(), sent(("a21026-Rtd", word), ("a21026-Flag", "N")))
    assert found == []
    assert told == {code: 1}


@pytest.mark.parametrize("word", ["0", "-3.5", "+2", ".5", "7.", "0012.0"])
def test_plain_decimals_are_taken_as_they_stand(word):
    ((_, _, value, _),), _ = taken(mapped(), sent(("a21026-Rtd", word), ("a21026-Flag", "N")))
    assert value == float(word)


def test_a_factor_is_applied_only_where_one_is_given():
    kelvin = Hj212Channel("a01013", "pressure", factor=1000.0, offset=101_325.0)
    found, _ = taken(mapped(extra=(kelvin,)), sent(("a01013-Rtd", "-0.25"), ("a01013-Flag", "N")))
    assert found == [("pressure", EIGHT, 101_075.0, GOOD)]


@pytest.mark.parametrize(
    ("time", "code"),
    [("", "no-time"), ("20251301080000", "bad-time"), ("2025030108", "bad-time"), ("20250301080060", "bad-time"),
     ("20250301246000", "bad-time"), ("2025-03-01 080", "bad-time")],
)  # fmt: skip
def test_without_a_time_nothing_is_stored(time, code):
    found, told = taken(mapped(), sent(("a21026-Rtd", "1"), ("a21026-Flag", "N"), time=time))
    assert found == []
    assert told[code] == 1


def test_milliseconds_are_taken_and_reported():
    found, told = taken(mapped(), sent(("a21026-Rtd", "1"), ("a21026-Flag", "N"), time="20250301080000250"))
    assert found[0][1] == EIGHT + 250_000
    assert told == {"long-time": 1}


def test_hours_that_clocks_make_twice_or_never_are_doubtful():
    for time in ("20251026023000", "20250330023000"):  # the last Sunday of October, and of March
        found, told = taken(mapped(zone="Europe/Berlin"), sent(("a21026-Rtd", "1"), ("a21026-Flag", "N"), time=time))
        assert found[0][3] == DOUBTFUL
        assert told == {"doubtful-time": 1}


def test_times_are_read_and_written_alike():
    zone = ZoneInfo("Asia/Kathmandu")  # five hours and three quarters
    t = int(datetime(2025, 3, 1, 8, 15, 27, 123_000, tzinfo=zone).timestamp() * 1000) * 1000
    assert stamp_of(t, "Asia/Kathmandu", milliseconds=True) == "20250301081527123"
    assert instant_of("20250301081527123", "Asia/Kathmandu") == (t, False)


def test_unknown_codes_are_named_and_kept_out():
    found, told = taken(mapped(), sent(("a99999-Rtd", "1"), ("a21026-Max", "2"), ("Note", "x")))
    assert found == []
    assert told == {"unknown-code": 1}


def test_parts_wait_for_their_time_and_no_longer():
    first = sent(("a21026-Rtd", "1"), ("a21026-Flag", "N"), pnum=2, pno=1)
    second = sent(("a01012-Rtd", "2"), ("a01012-Flag", "N"), time="", pnum=2, pno=2)
    want = {("so2", EIGHT, 1.0, GOOD), ("temperature", EIGHT, 2.0, GOOD)}
    for order in ((first, second), (second, first)):
        found, told = taken(mapped(), *order)
        assert set(found) == want
        assert not told
    found, told = taken(mapped(), second)
    assert found == []
    assert told == {"part-missing": 1}


def test_parts_that_never_find_each_other_do_not_pile_up():
    told: Counter[str] = Counter()
    translator = Translator(mapped(), lambda code, _value, _column: told.update([code]))
    for number in range(1000):
        one = Telegram(f"2025030108{number:07d}", "31", "2011", "123456", "DA001", 7, 9, 2, (("a21026-Rtd", "1"),))
        assert translator.take(one) == []
    translator.close()
    assert told["part-missing"] == 1000
    assert sum(len(parts) for parts in translator._waiting.values()) == 0


def test_a_value_sent_twice_counts_once():
    found, told = taken(mapped(), sent(("a21026-Rtd", "1"), ("a21026-Rtd", "2"), ("a21026-Flag", "N")))
    assert [value for _, _, value, _ in found] == [1.0]
    assert told == {"repeated-value": 1}


def test_several_times_in_one_telegram_hold_for_what_follows_them():
    found, _ = taken(
        mapped(),
        sent(("a21026-Avg", "1"), ("DataTime", "20250301090000"), ("a21026-Avg", "2"), ("a21026-Flag", "N"), cn="2061"),
    )
    assert [(t, value) for _, t, value, _ in found] == [(EIGHT, 1.0), (EIGHT + 3_600_000_000, 2.0)]


def test_maps_that_contradict_themselves_are_refused():
    one = Hj212Device("A1", "", channels_of("a21026", "so2"))
    for bad in (
        lambda: Hj212Map(ZONE, (one, one)),
        lambda: Hj212Map("Mars/Olympus", (one,)),
        lambda: Hj212Map(ZONE, (Hj212Device("A 1", "", ()),)),
        lambda: Hj212Map(ZONE, (Hj212Device("A1", "", (*one.channels, Hj212Channel("a21002", "so2"))),)),
        lambda: Hj212Map(ZONE, (Hj212Device("A1", "", (*one.channels, Hj212Channel("a21026", "other"))),)),
        lambda: Hj212Channel("a21026", "so2", field="Mean"),
        lambda: Hj212Channel("a21026", "so2", command="2099"),
    ):
        with pytest.raises(ForgecastError):
            bad()


def test_numbers_of_exchanges_never_repeat_nor_go_back():
    times = iter([5_000_000, 5_000_000, 4_000_000, 5_000_400, 9_000_000])
    numbering = Numbering(lambda: next(times), ZONE)
    numbers = [numbering.next() for _ in range(5)]
    assert sorted(set(numbers)) == numbers
    # The end of summer time: an hour of wall clock comes again, its numbers do not.
    change = int(datetime(2025, 10, 26, 0, 59, 59, 999_000, tzinfo=ZoneInfo("UTC")).timestamp() * 1000) * 1000
    times = iter([change, change + 1000])
    numbering = Numbering(lambda: next(times), "Europe/Berlin")
    first, second = numbering.next(), numbering.next()
    assert first < second


def test_the_tables_say_what_the_gateway_leans_on():
    assert reading_of_flags()["N"] == GOOD
    assert [flag for flag, reading in reading_of_flags().items() if reading == GOOD] == ["N", "3"]
    assert commands()["2061"][0] == "data"
    assert name_of_code("a21026").say("zh") == "二氧化硫"
    assert name_of_code("02").say("en") == "sulphur dioxide"
    assert name_of_code("x1").say("en") == "x1"
    codes = [row["code"] for row in read_table("hj212_code")]
    assert len(set(codes)) == len(codes)
