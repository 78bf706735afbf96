"""Tables: a row without a source, or not what it says it is, does not come in."""

from __future__ import annotations

from importlib import resources

import pytest

from forgecast.ground.errors import TableError
from forgecast.ground.tables import CONFIDENCES, parse_table, read_table

GOOD = """carrier,value,unit,source,source_zh,confidence
coke,28.4,MJ/kg,a guide,某指南,secondary
gas,,MJ/m3,a guide,某指南,unverified
"""


def _names() -> list[str]:
    folder = resources.files("forgecast") / "tables"
    return sorted(place.name.removesuffix(".csv") for place in folder.iterdir() if place.name.endswith(".csv"))


def test_a_good_table_is_read_and_an_empty_cell_is_not_known():
    table = parse_table("fuel", GOOD)
    coke, gas = table
    assert table.number(coke, "value") == 28.4
    assert table.number(gas, "value") is None
    assert table.where(carrier="gas") == (gas,)
    assert table.where(carrier="gas", unit="MJ/kg") == ()


def test_the_mark_that_spreadsheets_put_first_is_no_part_of_a_name():
    assert parse_table("fuel", "\ufeff" + GOOD).columns[0] == "carrier"


@pytest.mark.parametrize(
    ("content", "where", "says"),
    [
        ("", "fuel.csv:1", "no column `source`"),
        ("carrier,source\ncoke,a guide\n", "fuel.csv:1", "no column `source_zh`"),
        ("carrier,source,source_zh\ncoke,a guide,某指南\n", "fuel.csv:1", "no column `confidence`"),
        (GOOD.replace("28.4,MJ/kg,a guide", "28.4,MJ/kg, "), "fuel.csv:2", "no source"),
        (GOOD.replace("a guide,某指南,secondary", "a guide,,secondary"), "fuel.csv:2", "in English only"),
        (GOOD.replace("unverified", "certain"), "fuel.csv:3", "certain"),
        (GOOD.replace("unverified", ""), "fuel.csv:3", "—"),
        (GOOD.replace("gas,,", "gas,"), "fuel.csv:3", "5 cells and the header 6"),
        (GOOD.replace("gas,,", "gas,,,"), "fuel.csv:3", "7 cells and the header 6"),
        (GOOD.replace("\ngas", "\n\ngas"), "fuel.csv:3", "0 cells"),
        (GOOD.replace("carrier", "unit"), "fuel.csv:1", "one name"),
    ],
)
def test_a_table_that_breaks_the_rules_is_refused_with_its_row(content, where, says):
    with pytest.raises(TableError) as caught:
        parse_table("fuel", content)
    assert caught.value.where == where
    assert says in caught.value.what.say("en")
    assert caught.value.repair.say("en")


@pytest.mark.parametrize("cell", ["about 28", "nan", "inf", "28,4"])
def test_a_cell_that_is_no_number_is_refused_with_its_row(cell):
    table = parse_table("fuel", GOOD.replace("28.4", f'"{cell}"'))
    with pytest.raises(TableError) as caught:
        table.number(table.rows[0], "value")
    assert caught.value.where == "fuel.csv:2"
    assert cell in caught.value.what.say("en")


def test_a_table_that_is_not_there_is_an_error():
    with pytest.raises(TableError, match="philosophers_stone"):
        read_table("philosophers_stone")


@pytest.mark.parametrize("name", _names())
def test_every_shipped_table_is_sourced_and_its_values_are_numbers(name):
    table = read_table(name)
    assert table.rows
    for row in table:
        assert row["confidence"] in CONFIDENCES
        if "value" in table.columns:
            table.number(row, "value")
            assert row["unit"], f"a value without a unit: {dict(row)}"
