"""The wire format of a Sparkplug B payload, described here field by field, and plain metrics read from and put into it.

The description holds what a host that stores numbers needs: names, aliases, times, data types, numeric values and the
property `Quality`. Other fields (templates, data sets, metadata) are skipped as the protobuf format allows. Field
numbers are those of Eclipse Tahu's public sparkplug_b.proto.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from google.protobuf import (  # type: ignore[import-untyped]
    descriptor_pb2,
    descriptor_pool,
    message,
    message_factory,
)

#: What a metric may hold.
Value: TypeAlias = "int | float | bool | str | None"

_FIELD = descriptor_pb2.FieldDescriptorProto
_KINDS = {
    "uint32": _FIELD.TYPE_UINT32,
    "uint64": _FIELD.TYPE_UINT64,
    "float": _FIELD.TYPE_FLOAT,
    "double": _FIELD.TYPE_DOUBLE,
    "bool": _FIELD.TYPE_BOOL,
    "string": _FIELD.TYPE_STRING,
    "bytes": _FIELD.TYPE_BYTES,
}
#: Message -> field -> (number, kind, many of them). A kind that is no `_KINDS` is a message.
_MESSAGES: dict[str, dict[str, tuple[int, str, bool]]] = {
    "Property": {
        "type": (1, "uint32", False),
        "is_null": (2, "bool", False),
        "int_value": (3, "uint32", False),
        "long_value": (4, "uint64", False),
        "float_value": (5, "float", False),
        "double_value": (6, "double", False),
        "boolean_value": (7, "bool", False),
        "string_value": (8, "string", False),
    },
    "Properties": {"keys": (1, "string", True), "values": (2, "Property", True)},
    "Metric": {
        "name": (1, "string", False),
        "alias": (2, "uint64", False),
        "timestamp": (3, "uint64", False),
        "datatype": (4, "uint32", False),
        "is_historical": (5, "bool", False),
        "is_transient": (6, "bool", False),
        "is_null": (7, "bool", False),
        "properties": (9, "Properties", False),
        "int_value": (10, "uint32", False),
        "long_value": (11, "uint64", False),
        "float_value": (12, "float", False),
        "double_value": (13, "double", False),
        "boolean_value": (14, "bool", False),
        "string_value": (15, "string", False),
    },
    "Payload": {
        "timestamp": (1, "uint64", False),
        "metrics": (2, "Metric", True),
        "seq": (3, "uint64", False),
    },
}
#: Bits of the signed whole numbers by data type; their values travel as unsigned ones.
_SIGNED = {1: 8, 2: 16, 3: 32, 4: 64}
_VALUES = ("int_value", "long_value", "float_value", "double_value", "boolean_value", "string_value")
#: Data types by name.
INT32, INT64, UINT64, FLOAT, DOUBLE, BOOLEAN, STRING = 3, 4, 8, 9, 10, 11, 12


class WireError(ValueError):
    """Bytes that are no payload."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of a payload.

    Parameters
    ----------
    name : str or None
    alias : int or None
    t_ms : int or None
        Milliseconds UTC.
    value : float, bool, str or None
        None where it is null, or of a kind that is no number, switch or text.
    datatype : int or None
        In births only, as a rule; needed to read negative whole numbers.
    historical, transient, null : bool
    quality : int or None
        Property `Quality`: 192 good, 500 stale, 0 bad.
    """

    name: str | None
    alias: int | None = None
    t_ms: int | None = None
    value: Value = None
    datatype: int | None = None
    historical: bool = False
    transient: bool = False
    null: bool = False
    quality: int | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload: when it was sent [ms UTC], its number 0 to 255, and its metrics."""

    t_ms: int | None
    seq: int | None
    metrics: tuple[Metric, ...]


@lru_cache(maxsize=1)
def _payload_class() -> type[Any]:
    file = descriptor_pb2.FileDescriptorProto(name="forgecast/sparkplug.proto", package="forgecast.sparkplug")
    file.syntax = "proto2"
    for name, fields in _MESSAGES.items():
        described = file.message_type.add(name=name)
        for field, (number, kind, many) in fields.items():
            one = described.field.add(name=field, number=number)
            one.label = _FIELD.LABEL_REPEATED if many else _FIELD.LABEL_OPTIONAL
            if kind in _KINDS:
                one.type = _KINDS[kind]
            else:
                one.type, one.type_name = _FIELD.TYPE_MESSAGE, f".forgecast.sparkplug.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    made: type[Any] = message_factory.GetMessageClass(pool.FindMessageTypeByName("forgecast.sparkplug.Payload"))
    return made


def signed(value: Value, datatype: int | None) -> Value:
    """Return a value whose data type is signed as what it means: it travels as an unsigned number."""
    bits = _SIGNED.get(datatype or 0)
    if bits is None or isinstance(value, bool) or not isinstance(value, int):
        return value
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def unpacked_payload(content: bytes) -> Payload:
    """Return a payload read from the wire.

    Raises
    ------
    WireError
        If the bytes are none.
    """
    read = _payload_class()()
    try:
        read.ParseFromString(content)
    except message.DecodeError as error:
        raise WireError(str(error)) from None
    return Payload(_given(read, "timestamp"), _given(read, "seq"), tuple(_metric(one) for one in read.metrics))


def _given(one: Any, name: str) -> Any:  # noqa: ANN401  (classes made at run time have no types)
    return getattr(one, name) if one.HasField(name) else None


def _value(one: Any) -> Value:  # noqa: ANN401
    # Of several the last on the wire would count; senders put one.
    for name in _VALUES:
        if one.HasField(name):
            value: Value = getattr(one, name)
            return value
    return None


def _metric(one: Any) -> Metric:  # noqa: ANN401
    quality = None
    if one.HasField("properties"):
        for key, held in zip(one.properties.keys, one.properties.values, strict=False):
            if key == "Quality":
                said = signed(_value(held), _given(held, "type"))
                quality = int(said) if isinstance(said, int | float) and math.isfinite(said) else None
    datatype = _given(one, "datatype")
    return Metric(
        _given(one, "name"),
        _given(one, "alias"),
        _given(one, "timestamp"),
        None if one.is_null else signed(_value(one), datatype),
        datatype,
        one.is_historical,
        one.is_transient,
        one.is_null,
        quality,
    )


def packed_payload(payload: Payload) -> bytes:
    """Return a payload as it goes over the wire."""
    made = _payload_class()()
    if payload.t_ms is not None:
        made.timestamp = payload.t_ms
    if payload.seq is not None:
        made.seq = payload.seq
    for metric in payload.metrics:
        _pack_metric(made.metrics.add(), metric)
    content: bytes = made.SerializeToString()
    return content


def _pack_metric(made: Any, metric: Metric) -> None:  # noqa: ANN401
    for field, given in (
        ("name", metric.name),
        ("alias", metric.alias),
        ("timestamp", metric.t_ms),
        ("datatype", metric.datatype),
        ("is_historical", metric.historical or None),
        ("is_transient", metric.transient or None),
        ("is_null", metric.null or None),
    ):
        if given is not None:
            setattr(made, field, given)
    if metric.quality is not None:
        made.properties.keys.append("Quality")
        made.properties.values.add(type=INT32, int_value=metric.quality)
    value = metric.value
    if isinstance(value, bool):
        made.boolean_value = value
    elif isinstance(value, str):
        made.string_value = value
    elif isinstance(value, int):
        if metric.datatype in (INT64, UINT64):
            made.long_value = value & (1 << 64) - 1
        else:
            made.int_value = value & (1 << 32) - 1
    elif value is not None:
        if metric.datatype == FLOAT:
            made.float_value = value
        else:
            made.double_value = value
