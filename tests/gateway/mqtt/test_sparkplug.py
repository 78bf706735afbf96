"""Sparkplug B: the wire by bytes worked out by hand, and what a host makes of births, gaps and deaths."""

from __future__ import annotations

import struct

import pytest

from forgecast.gateway.mqtt.sparkplug_host import REBIRTH_PAUSE_US, SparkplugHost, rebirth_request
from forgecast.gateway.mqtt.sparkplug_wire import (
    BOOLEAN,
    DOUBLE,
    FLOAT,
    INT32,
    INT64,
    Metric,
    Payload,
    WireError,
    packed_payload,
    unpacked_payload,
)
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID

# Written by hand by the rules of protobuf: a key is (number << 3 | wire type), lengths and whole numbers are varints.
METRIC = (
    b"\x0a\x01P"  # name (1) = "P"
    b"\x10\x07"  # alias (2) = 7
    b"\x18\xe8\x07"  # timestamp (3) = 1000
    b"\x20\x0a"  # datatype (4) = Double
    b"\x28\x01"  # is_historical (5) = true
    b"\x69" + struct.pack("<d", 2.5)  # double_value (13)
)
TEMPLATE = b"\x92\x01\x02\x0a\x00"  # template_value (18), a message we do not know
BY_HAND = b"\x08\xd0\x0f" + b"\x12" + bytes([len(METRIC + TEMPLATE)]) + METRIC + TEMPLATE + b"\x18\x05"


def test_a_payload_written_by_hand_is_read():
    assert unpacked_payload(BY_HAND) == Payload(2000, 5, (Metric("P", 7, 1000, 2.5, DOUBLE, historical=True),))


def test_what_is_packed_is_read_again():
    sent = Payload(
        5,
        255,
        (
            Metric("a", 1, 2, -7, INT32),
            Metric("b", 2, 2, -(2**40), INT64),
            Metric("c", 3, 2, 0.5, FLOAT),
            Metric("d", None, None, value=True, datatype=BOOLEAN),
            Metric("e", None, None, "on", 12, quality=192),
            Metric("f", None, None, None, DOUBLE, null=True),
            Metric("g", None, None, 1, INT32, transient=True),
        ),
    )
    assert unpacked_payload(packed_payload(sent)) == sent


def test_negative_numbers_travel_as_unsigned_ones():
    # -1 as Int8: some senders sign-extend to 32 bits, some send the byte alone
    for written in (0xFF, 0xFFFFFFFF):
        (metric,) = unpacked_payload(packed_payload(Payload(0, 0, (Metric("x", None, 0, written, 8),)))).metrics
        assert metric.value == written
        host = SparkplugHost()
        host.hear("spBv1.0/g/NBIRTH/n", Payload(None, 0, (Metric("x", 1, None, 0, 1),)), 0)
        (value,) = host.hear("spBv1.0/g/NDATA/n", Payload(None, 1, (Metric(None, 1, None, written),)), 0).values
        assert value.value == -1


def test_bytes_that_are_no_payload_are_refused():
    with pytest.raises(WireError):
        unpacked_payload(b"\x12\xff\xff\xff\xff\xff")


def born(host: SparkplugHost, births: int = 0) -> None:
    host.hear("spBv1.0/g/NBIRTH/n", Payload(1, 0, (Metric("bdSeq", None, 1, births, INT64),)), 0)
    host.hear("spBv1.0/g/DBIRTH/n/d", Payload(1, 1, (Metric("P", 7, 1, 1.0, DOUBLE),)), 0)


T_MS = 1_790_000_000_000


def data(seq: int, alias: int = 7, value: float = 2.0, **more: object) -> Payload:
    return Payload(T_MS + 4, seq, (Metric(None, alias, T_MS, value, **more),))


def test_births_name_what_data_number():
    host = SparkplugHost()
    born(host)
    (value,) = host.hear("spBv1.0/g/DDATA/n/d", data(2), 99).values
    assert (value.device, value.metric, value.t, value.value, value.flag) == ("d", "P", 1_000 * T_MS, 2.0, GOOD)
    # a metric without a time has that of its payload, a payload without one that of arrival
    (value,) = host.hear("spBv1.0/g/DDATA/n/d", Payload(T_MS + 4, 3, (Metric(None, 7, None, 2.0),)), 99).values
    assert value.t == 1_000 * (T_MS + 4)
    (value,) = host.hear("spBv1.0/g/DDATA/n/d", Payload(None, 4, (Metric(None, 7, None, 2.0),)), 99).values
    assert value.t == 99


def test_a_time_that_cannot_be_one_is_refused():
    host = SparkplugHost()
    born(host)
    for n, t_ms in enumerate((0, 2**64 - 1, 1_790_000_000)):  # none, any, seconds for milliseconds
        heard = host.hear("spBv1.0/g/DDATA/n/d", Payload(9, 2 + n, (Metric(None, 7, t_ms, 2.0),)), 0)
        assert (heard.values, [d[0] for d in heard.defects]) == ([], ["no-time"])


def test_quality_null_and_transient():
    host = SparkplugHost()
    born(host)
    flags = [host.hear("spBv1.0/g/DDATA/n/d", data(2 + n, quality=q), 0).values[0].flag
             for n, q in enumerate((192, 500, 0, 77))]  # fmt: skip
    assert flags == [GOOD, DOUBTFUL, INVALID, DOUBTFUL]
    null = Payload(9, 6, (Metric(None, 7, 5, None, null=True),))
    heard = host.hear("spBv1.0/g/DDATA/n/d", null, 0)
    assert (heard.values, heard.defects) == ([], [("null-value", "d/P", "")])
    again = host.hear("spBv1.0/g/DDATA/n/d", Payload(9, 7, null.metrics), 0)
    assert again.defects == []
    assert host.hear("spBv1.0/g/DDATA/n/d", data(8, transient=True), 0).values == []


def test_a_gap_in_the_numbers_asks_for_a_rebirth_but_not_too_often():
    host = SparkplugHost()
    born(host)
    heard = host.hear("spBv1.0/g/DDATA/n/d", data(4), 0)
    assert [d[0] for d in heard.defects] == ["sequence-gap"]
    assert heard.rebirth
    assert len(heard.values) == 1  # what came is known all the same
    assert not host.hear("spBv1.0/g/DDATA/n/d", data(5), 1).defects
    assert not host.hear("spBv1.0/g/DDATA/n/d", data(9), 1).rebirth
    assert host.hear("spBv1.0/g/DDATA/n/d", data(20), REBIRTH_PAUSE_US).rebirth


def test_the_numbers_go_round_at_256():
    host = SparkplugHost()
    born(host)
    for seq in [*range(2, 256), 0, 1]:
        assert host.hear("spBv1.0/g/DDATA/n/d", data(seq), 0).defects == []


def test_nobody_is_believed_before_birth_or_after_death():
    host = SparkplugHost()
    heard = host.hear("spBv1.0/g/DDATA/n/d", data(2), 0)
    assert (heard.values, heard.rebirth, heard.defects[0][0]) == ([], True, "no-birth")
    born(host, births=3)
    # the will of an earlier connection comes late: it is no death
    old = Payload(None, None, (Metric("bdSeq", None, None, 2, INT64),))
    assert host.hear("spBv1.0/g/NDEATH/n", old, 0).defects == []
    assert host.hear("spBv1.0/g/DDATA/n/d", data(2), 0).values
    this = Payload(None, None, (Metric("bdSeq", None, None, 3, INT64),))
    assert [d[0] for d in host.hear("spBv1.0/g/NDEATH/n", this, 0).defects] == ["node-dead"]
    assert host.hear("spBv1.0/g/DDATA/n/d", data(3), 0).values == []
    born(host, births=4)
    assert [d[0] for d in host.hear("spBv1.0/g/DDEATH/n/d", Payload(9, 2, ()), 0).defects] == ["device-dead"]
    heard = host.hear("spBv1.0/g/DDATA/n/d", data(3), REBIRTH_PAUSE_US)
    assert (heard.values, heard.rebirth) == ([], True)


def test_an_alias_of_before_means_nothing_after_a_new_birth():
    host = SparkplugHost()
    born(host)
    host.hear("spBv1.0/g/NBIRTH/n", Payload(1, 0, ()), 0)
    host.hear("spBv1.0/g/DBIRTH/n/d", Payload(1, 1, (Metric("Q", 8, 1, 1.0, DOUBLE),)), 0)
    heard = host.hear("spBv1.0/g/DDATA/n/d", data(2), 0)
    assert (heard.values, heard.defects[0][0], heard.rebirth) == ([], "unknown-alias", True)


def test_the_request_for_a_rebirth_is_a_command_to_the_node():
    topic, content = rebirth_request("g", "n", 7)
    assert topic == "spBv1.0/g/NCMD/n"
    (metric,) = unpacked_payload(content).metrics
    assert (metric.name, metric.value) == ("Node Control/Rebirth", True)
