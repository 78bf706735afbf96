"""The check digits of HJ 212 against the standard's own steps, bit by bit, and what they cannot see."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from forgecast.gateway.hj212.checksum import check_digits, check_value

#: Annex A of HJ 212-2017, its example.
ANNEX = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"


def by_the_steps(data: bytes) -> int:
    """Annex A, steps 1 to 10, as they stand there."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            last = register & 1
            register >>= 1
            if last:
                register ^= 0xA001
    return register


def test_the_example_of_the_standard():
    assert check_digits(ANNEX) == b"1C80"


@given(st.binary(max_size=300))
def test_the_folded_sum_is_the_one_of_the_steps(data):
    assert check_value(data) == by_the_steps(data)


def test_it_is_no_common_crc():
    # CRC-16/MODBUS of the same bytes, the nearest thing in any library.
    register = 0xFFFF
    for byte in ANNEX:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    assert register == 0x0759 != check_value(ANNEX)


def test_eight_steps_give_every_byte_back():
    for byte in range(256):
        alone, moved = bytes([byte]) + bytes(8), bytes(8) + bytes([byte])
        # Both differ from the same string of zeros by one byte, eight places apart, and have one check value.
        assert by_the_steps(alone + b"x") == by_the_steps(moved + b"x")


def test_only_256_values_occur_so_the_receiver_must_not_lean_on_it():
    generator = random.Random(1)
    assert len({check_value(generator.randbytes(40)) for _ in range(20_000)}) == 256
