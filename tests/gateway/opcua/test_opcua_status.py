"""What status codes and time stamps say, by the bits of OPC UA Part 4."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from forgecast.gateway.opcua.status import flag_of_status, instant, overflowed
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID


@pytest.mark.parametrize(
    ("code", "flag"),
    [
        (0x00000000, GOOD),
        (0x00A60000, GOOD),  # GoodSubNormal and its like
        (0x40900000, DOUBTFUL),  # UncertainLastUsableValue
        (0x80000000, INVALID),  # Bad
        (0x808C0000, INVALID),  # BadSensorFailure
        (0xC0000000, INVALID),  # reserved
    ],
)
def test_the_two_highest_bits_decide(code, flag):
    assert flag_of_status(code) == flag


def test_overflow_is_said_by_the_info_bits_of_a_data_value():
    assert overflowed(0x00000480)
    assert not overflowed(0x00000080)  # the bits speak of nothing
    assert not overflowed(0x00000400)
    assert not overflowed(0x00000880)


def test_the_source_says_the_time_else_the_server_else_this_machine():
    server = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
    source = datetime(2026, 1, 2, 3, 4, 5, 6)  # noqa: DTZ001  (as asyncua gives it: UTC without saying so)
    at = int(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()) * 1_000_000
    assert instant(source, server, 9) == (at + 6, "source")
    assert instant(None, server, 9) == (at + 1_000_000, "server")
    assert instant(datetime(1601, 1, 1, tzinfo=UTC), None, 9) == (9, "here")
