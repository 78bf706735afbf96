"""The decoder: good telegrams, tolerated ones, and the way back after damage; however the network cuts the bytes."""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.gateway.hj212.checksum import check_digits
from forgecast.gateway.hj212.decoder import LONGEST, Decoder, Kind
from forgecast.gateway.hj212.deviation import DEVIATIONS
from forgecast.gateway.hj212.telegram import Telegram, write

ANNEX = (
    b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
    b"1C80\r\n"
)
DATA = Telegram(
    "20250301080000000", "31", "2011", "123456", "DA001", 5, None, None,
    (("DataTime", "20250301080000"), ("a21026-Rtd", "12.5"), ("a21026-ZsRtd", "14.10"), ("a21026-Flag", "N"),
     ("a01012-Rtd", "85.3"), ("a01012-Flag", "N")),
)  # fmt: skip


def seen(data: bytes, *, step: int | None = None):
    decoder, found = Decoder(), []
    step = step or max(len(data), 1)
    for start in range(0, len(data), step):
        found += decoder.feed(data[start : start + step])
    return found + decoder.close()


def codes(found):
    return [code for one in found for code, _ in one.deviations]


def framed(segment: bytes, *, length: bytes | None = None, digits: bytes | None = None, end: bytes = b"\r\n") -> bytes:
    length = b"%04d" % len(segment) if length is None else length
    return b"##" + length + segment + (check_digits(segment) if digits is None else digits) + end


SEGMENT = write(DATA)[6:-6]


def test_the_example_of_the_standard():
    (one,) = seen(ANNEX)
    assert one.deviations == ()
    assert one.telegram.cn == "1062"
    assert one.telegram.mn == "010000A8900016F000169DC0"
    assert one.telegram.cp == (("RtdInterval", "30"),)
    assert write(one.telegram) == ANNEX


def test_what_is_written_is_read():
    (one,) = seen(write(DATA))
    assert (one.kind, one.telegram, one.deviations) == (Kind.TELEGRAM, DATA, ())
    assert one.size == len(write(DATA)) - 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (framed(SEGMENT, end=b""), "no-line-end"),
        (framed(SEGMENT, end=b"\n"), "no-line-end"),
        (framed(SEGMENT, end=b"\r"), "no-line-end"),
        (framed(SEGMENT, length=b"0001"), "wrong-length"),
        (framed(SEGMENT, length=b"0900"), "wrong-length"),
        (framed(SEGMENT, length=b"9999"), "wrong-length"),
        (framed(SEGMENT, length=b""), "odd-length"),
        (framed(SEGMENT, length=b"%d" % len(SEGMENT)), "odd-length"),
        (framed(SEGMENT, length=b"%05d" % len(SEGMENT)), "odd-length"),
        (framed(SEGMENT, digits=check_digits(SEGMENT).lower()), "small-check-digits"),
        (framed(SEGMENT, digits=check_digits(SEGMENT)[2:] + check_digits(SEGMENT)[:2]), "swapped-check-digits"),
        (framed(SEGMENT.replace(b";CN=", b" ;CN=")), "blanks"),
        (framed(SEGMENT.replace(b"a21026-Rtd", b"a21026- Rtd")), "blanks"),
        (framed(SEGMENT.replace(b"12.5,", b"12.5;")), "separator"),
        (framed(SEGMENT.replace(b"N;a01012", b"N,a01012")), "separator"),
        (framed(SEGMENT.replace(b"CN=", b"cn=")), "other-case"),
        (framed(SEGMENT.replace(b"Flag=5;", b"", 1)), "other-edition"),
        (framed(SEGMENT.replace(b"Flag=5;", b"Flag=1;", 1)), "other-edition"),
        (framed(SEGMENT.replace(b"QN=20250301080000000;", b"")), "no-number"),
        (framed(SEGMENT.replace(b"&&DataTime", b"DataTime")), "area-marks"),
        (framed(SEGMENT[:-2]), "area-marks"),
        (framed(SEGMENT.replace(b"ST=31;", "ST=31;Info=烟道;".encode("gb2312"))), "unknown-field"),
        (framed(SEGMENT.replace(b"ST=31;", "ST=31;Info=烟道;".encode("gb2312"))), "not-ascii"),
        (framed(SEGMENT.replace(b"ST=31;", "ST=31;Info=烟道;".encode())), "not-ascii"),
    ],
)
def test_what_devices_do_is_tolerated_and_reported(data, code):
    for following in (b"", ANNEX):
        found = seen(data + following)
        first = found[0]
        assert first.kind is Kind.TELEGRAM
        assert dict(first.telegram.cp)["a21026-Rtd"] == "12.5"
        assert (first.telegram.mn, first.telegram.cn) == ("DA001", "2011")
        assert code in codes(found)
        assert [one.kind for one in found].count(Kind.TELEGRAM) == (2 if following else 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (write(DATA)[:90], "torn"),
        (framed(SEGMENT, digits=b"ZZZZ"), "no-check-digits"),
        (framed(SEGMENT, digits=b"0000"), "wrong-check-digits"),
        (framed(SEGMENT.replace(b"CN=2011;", b"")), "no-command"),
        (framed(SEGMENT.replace(b"MN=DA001;", b"")), "no-device"),
        (b"##0101" + b"x" * LONGEST, "endless"),
        (b"noise", "stray"),
        (b"#" * 5, "stray"),
    ],
)
def test_what_cannot_be_read_is_reported_and_the_next_one_is_found(data, code):
    assert check_digits(SEGMENT) != b"0000"
    found = seen(data + ANNEX)
    assert code in codes(found)
    assert [one.telegram.cn for one in found if one.kind is Kind.TELEGRAM] == ["1062"]


def test_the_end_within_a_telegram_is_reported():
    (one,) = seen(ANNEX[:50])
    assert (one.kind, codes([one])) == (Kind.REJECTED, ["unfinished"])
    assert one.raw == ANNEX[:50]


def test_telegrams_are_answered_at_once_though_the_line_end_is_late():
    decoder = Decoder()
    assert [one.kind for one in decoder.feed(ANNEX[:-2])] == [Kind.TELEGRAM]
    assert decoder.feed(b"\r") == []
    assert decoder.feed(b"\n") == []
    assert decoder.close() == []


PIECES = st.sampled_from(
    [ANNEX, write(DATA), ANNEX[:40], ANNEX[:-2], b"\r\n", b"#", b"##", b"##0101", b"\n", b"noise", b"1C80", b" "]
) | st.binary(max_size=12)


@given(st.lists(PIECES, max_size=9), st.integers(1, 50))
def test_how_the_bytes_are_cut_changes_nothing(pieces, step):
    data = b"".join(pieces)
    assert seen(data, step=step) == seen(data)


@given(st.lists(PIECES, max_size=9))
def test_every_byte_is_accounted_for(pieces):
    data = b"".join(pieces)
    found = seen(data)
    blank = sum(data.count(bytes([byte])) for byte in b"\r\n\t \0")
    assert len(data) - blank <= sum(one.size for one in found) <= len(data)


@given(st.lists(PIECES, max_size=6))
def test_a_good_telegram_on_its_own_line_is_never_lost(pieces):
    # Whatever went before: a line end stops it, and the next mark begins anew.
    found = seen(b"".join(pieces) + b"\r\n" + write(DATA))
    assert found[-1].telegram == DATA or any(one.telegram == DATA for one in found)


def test_memory_is_bounded_by_one_telegram():
    decoder = Decoder()
    for _ in range(200):
        decoder.feed(b"##9999" + b"y" * 4000)
        assert decoder.held <= LONGEST + 4006
    decoder = Decoder()
    for _ in range(100):
        decoder.feed(b"z" * 10_000)
        assert decoder.held <= 1


def test_byte_by_byte_costs_the_same_for_each_byte():
    def cost(size: int) -> float:
        data = b"##9999" + b"y" * size
        begun = time.process_time()
        decoder = Decoder(longest=10**7)
        for start in range(len(data)):
            decoder.feed(data[start : start + 1])
        return time.process_time() - begun

    small, large = min(cost(20_000) for _ in range(3)), min(cost(80_000) for _ in range(3))
    # Four times the bytes; looking again at all of them each time would cost sixteen times.
    assert large < 8.0 * small


def mutated(generator: random.Random, data: bytes) -> bytes:
    body = bytearray(data)
    for _ in range(generator.randint(1, 4)):
        place, act = generator.randrange(len(body) or 1), generator.randrange(5)
        if act == 0 and body:
            body[place] = generator.randrange(256)
        elif act == 1:
            del body[place : place + generator.randint(1, 30)]
        elif act == 2:
            body[place:place] = generator.randbytes(generator.randint(1, 9))
        elif act == 3:
            body[place:place] = generator.choice([b"##", b"\r\n", b"&&", b";", b",", b"-Flag=", b"0101", b"CP=&&"])
        else:
            body[place:place] = body[: generator.randint(1, 60)]
    return bytes(body)


INTACT = Telegram("20250301080000001", "31", "2061", "1", "INTACT", 5, None, None, (("DataTime", "20250301080000"),))


def fuzzed(count: int, seed: int) -> tuple[int, list[float], int]:
    """Feed so many telegrams; return the rejected ones, the seconds of each 50,000 and the most bytes held.

    Every fifth is sound and must come out; every tenth is random bytes; the rest is damaged.
    """
    generator = random.Random(seed)
    decoder = Decoder()
    pool = [write(DATA), ANNEX, framed(SEGMENT, length=b"0001"), framed(SEGMENT.replace(b"N;", b"N,"))]
    sound = write(INTACT)
    sent = came = rejected = most = 0
    looks = [time.process_time()]

    def look(found):
        nonlocal came, rejected
        for what in found:
            came += what.telegram == INTACT
            if what.kind is Kind.REJECTED:
                rejected += 1
                assert what.deviations[0][0] in DEVIATIONS
                assert what.raw

    for number in range(count):
        if number % 5 == 0:
            one = sound
            sent += 1
        elif number % 10 == 9:
            one = generator.randbytes(generator.randint(0, 120))
        else:
            one = mutated(generator, generator.choice(pool))
        look(decoder.feed(one))
        most = max(most, decoder.held)
        if number % 50_000 == 49_999:
            looks.append(time.process_time())
    look(decoder.close())
    assert came == sent
    return rejected, [after - before for before, after in pairwise(looks)], most


def test_damaged_telegrams_never_stop_it():
    rejected, _, most = fuzzed(5000, 1)
    assert rejected > 2000
    assert most <= LONGEST + 500


@pytest.mark.slow
def test_a_million_damaged_telegrams():
    fuzzed(2000, 0)
    tracemalloc.start()
    fuzzed(5000, 2)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    fuzzed(20_000, 3)
    gc.collect()
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Memory is flat: what is left over is noise of the interpreter, and the peak a telegram or two with its copies.
    assert after - before < 50_000
    assert peak - before < 500_000
    rejected, took, most = fuzzed(1_000_000, 5)
    assert rejected > 500_000
    assert most <= LONGEST + 500
    # The last telegrams take no longer than the first; the machine may be busy beside it, now here and now there. Were
    # all that came before looked at again, the best of the last five would take five times as long as the first five.
    assert min(took[-5:]) < 1.8 * median(took[:5])
