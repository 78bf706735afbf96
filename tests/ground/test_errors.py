"""Errors and findings: what, where, repair; and one JSON shape for all doors."""

from __future__ import annotations

import inspect

import jsonschema
import pytest

from forgecast.ground import errors
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import bilingual

TEXT = {
    "type": "object",
    "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
    "required": ["en", "zh"],
    "additionalProperties": False,
}
FINDING = {
    "type": "object",
    "properties": {
        "code": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
        "severity": {"enum": ["refused", "doubtful", "note"]},
        "place": {
            "type": "object",
            "properties": {
                "file": {"type": "string"},
                "row": {"type": ["integer", "null"]},
                "last_row": {"type": ["integer", "null"]},
                "column": {"type": "string"},
            },
            "required": ["file", "row", "last_row", "column"],
            "additionalProperties": False,
        },
        "value": {"type": "string"},
        "reason": TEXT,
        "repair": TEXT,
        "count": {"type": "integer", "minimum": 1},
    },
    "required": ["code", "severity", "place", "value", "reason", "repair", "count"],
    "additionalProperties": False,
}
ERROR = {
    "type": "object",
    "properties": {
        "ok": {"const": False},
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"},
                "what": TEXT,
                "where": {"type": "string"},
                "repair": TEXT,
                "findings": {"type": "array", "items": FINDING},
            },
            "required": ["code", "what", "where", "repair", "findings"],
            "additionalProperties": False,
        },
    },
    "required": ["ok", "error"],
    "additionalProperties": False,
}

SLIP = Finding(
    code="decimal-slip",
    severity=Severity.REFUSED,
    place=Place("heats.csv", 14, None, "出炉温度"),
    value="14800",
    reason=bilingual("ten times the usual value", "约为通常值的十倍"),
    repair=bilingual("was a decimal point lost?", "请检查是否漏写小数点"),
)
FAMILY = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ForgecastError)]


@pytest.mark.parametrize("kind", FAMILY)
def test_every_error_has_the_one_shape_and_says_what_where_and_repair(kind):
    error = kind(
        bilingual("the file is empty", "文件为空"),
        where="heats.csv",
        repair=bilingual("save it with rows", "请保存含数据行的文件"),
        findings=(SLIP,),
    )
    jsonschema.validate(error.as_json(), ERROR)
    assert error.exit_code == 2
    assert error.say("en") == "heats.csv: the file is empty\n→ save it with rows"
    assert error.say("zh") == "heats.csv: 文件为空\n→ 请保存含数据行的文件"
    assert str(error) == "the file is empty"


def test_the_codes_of_errors_are_all_different():
    assert len({kind.code for kind in FAMILY}) == len(FAMILY)


def test_an_error_about_the_call_itself_names_no_place():
    error = ForgecastError(bilingual("no", "否"), repair=bilingual("ask again", "请重试"))
    assert error.say("en") == "no\n→ ask again"


def test_a_finding_shows_its_place_value_reason_and_repair_in_both_languages():
    jsonschema.validate(SLIP.as_json(), FINDING)
    assert SLIP.as_json()["place"] == {"file": "heats.csv", "row": 14, "last_row": None, "column": "出炉温度"}
    assert SLIP.as_json()["severity"] == "refused"
    assert SLIP.as_json()["reason"]["zh"] == "约为通常值的十倍"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place("heats.csv"), "heats.csv"),
        (Place("heats.csv", 14), "heats.csv:14"),
        (Place("heats.csv", 14, 14), "heats.csv:14"),
        (Place("heats.csv", 14, 20, "mass"), "heats.csv:14-20:mass"),
        (Place("heats.csv", column="mass"), "heats.csv:mass"),
    ],
)
def test_a_place_reads_like_an_address(place, said):
    assert str(place) == said
