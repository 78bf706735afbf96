"""Data areas: what is written is read, whatever the codes and fields."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forgecast.gateway.hj212.telegram import Telegram, read, write

KEYS = st.from_regex(r"[a-z][0-9]{1,5}", fullmatch=True)
FIELDS = st.lists(st.sampled_from(["Rtd", "ZsRtd", "Flag", "SampleTime"]), min_size=1, unique=True)


@given(st.dictionaries(KEYS, FIELDS, max_size=6), st.sampled_from([(None, None), (3, 2)]), st.integers(0, 255))
def test_what_is_written_is_read_without_a_deviation(codes, part, flag):
    fields = ((f"{code}-{field}", "1.5") for code, names in codes.items() for field in names)
    cp = (("DataTime", "20250301080000"), *fields)
    one = Telegram("20250301080000000", "31", "2011", "123456", "DA001", flag, *part, cp)
    edition = [] if flag >> 2 in (1, 2) else [("other-edition", str(flag))]
    assert read(write(one)[6:-6]) == (one, edition)
