"""Maps: what they may say, and how they are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forgecast.gateway.mapping import TimeMap
from forgecast.gateway.read_map import MapError, map_from, read_map
from forgecast.ground.errors import ForgecastError
from tests.gateway.writing import taken, written

SERIES = {"columns": {"v": {"tag": "V", "unit": "kWh"}}}


@pytest.mark.parametrize(
    ("entry", "place", "word"),
    [
        ({"record": "heat"}, "match", "which files"),
        ({"match": "*"}, "record", "0 of record, series and long"),
        ({"match": "*", "record": "heat", "series": SERIES}, "record", "2 of record"),
        ({"match": "*", "record": "heats"}, "record", "did you mean heat"),
        ({"match": "*", "recrod": "heat"}, "recrod", "did you mean record"),
        ({"match": "*", "record": "heat", "columns": {"T": "tap_temp"}}, "columns.T", "mean tap_temperature_degC"),
        ({"match": "*", "record": "heat", "columns": {"m": {"field": "mass", "unit": "tonn"}}}, "m.unit", "not known"),
        ({"match": "*", "record": "heat", "columns": {"m": {"field": "mass", "unit": "kWh"}}}, "m.unit", "no unit of"),
        ({"match": "*", "record": "heat", "columns": {"a": "id", "b": "炉号"}}, "columns.b", "two columns"),
        ({"match": "*", "record": "heat", "columns": {"a": 3}}, "columns.a", "a table is wanted"),
        ({"match": "*", "record": "piece", "values": {"result": {"1": "god"}}}, "result.1", "did you mean good"),
        ({"match": "*", "record": "heat", "constants": {"furnase": "F"}}, "constants.furnase", "did you mean furnace"),
        ({"match": "*", "record": "heat", "time": {"day_first": "yes"}}, "time.day_first", "true or false"),
        ({"match": "*", "record": "heat", "time": {"zone": "Asia/Peking"}}, "time.zone", "no time zone"),
        ({"match": "*", "record": "heat", "time": {"format": "%Q"}}, "time.format", "not understood"),
        ({"match": "*", "record": "heat", "time": {"format": "%H:%M"}}, "time.format", "not understood"),
        ({"match": "*", "series": SERIES, "time": {"label": "start"}}, "time.interval", "need its length"),
        ({"match": "*", "series": SERIES, "time": {"label": "beginning"}}, "time.label", "start, end, instant"),
        ({"match": "*", "series": SERIES, "time": {"interval": "a while"}}, "time.interval", "no span"),
        ({"match": "*", "series": {"columns": {}}}, "series.columns", "no columns"),
        ({"match": "*", "series": {"columns": {"v": {"unit": "kg"}}}}, "v.tag", "names no tag"),
        ({"match": "*", "series": {"columns": {"v": {"tag": "V", "measures": "nix"}}}}, "v.measures", "mean nox"),
        ({"match": "*", "series": {"columns": {"v": {"tag": "V", "low": 2, "high": 1}}}}, "v.high", "below low"),
        ({"match": "*", "series": {"columns": {"v": "V", "w": "V"}}}, "series.columns", "one tag"),
        ({"match": "*", "series": SERIES, "axis": {"start": "2025-01-01"}}, "axis.start", "start and step"),
        ({"match": "*", "long": {"tag": "t"}}, "long.value", "value column"),
        ({"match": "*", "long": {"tag": "t", "value": "v"}, "flags": {"M": "bad"}}, "flags.M", "good, doubtful"),
        ({"match": "*", "record": "heat", "delimiter": ";;"}, "delimiter", "one plain character"),
        ({"match": "*", "record": "heat", "encoding": "gb2313"}, "encoding", "not known"),
        ({"match": "*", "record": "heat", "decimal": "'"}, "decimal", "not one of its words"),
        ({"match": "*", "record": "heat", "header_row": 0}, "header_row", "row number"),
        ({"match": "*", "record": "heat", "missing": {"a": [True]}}, "missing.a", "numbers or words"),
        ({"match": "*", "record": "heat", "ignore": "a"}, "ignore", "list of texts"),
    ],
)  # fmt: skip
def test_a_wrong_map_says_what_where_and_the_repair(entry: dict[str, object], place: str, word: str) -> None:
    with pytest.raises(MapError) as caught:
        map_from({"file": [{"match": "x", "record": "heat"}, entry]}, "plant.toml")
    assert caught.value.where.startswith("plant.toml: file[2].")
    assert caught.value.where.endswith(place)
    assert word in caught.value.say("en")


def test_toml_that_is_none_names_the_line(tmp_path: Path) -> None:
    path = written(tmp_path, "plant.toml", '[[file]]\nmatch = "*"\nrecord = heat\n')
    with pytest.raises(MapError) as caught:
        read_map(path)
    assert caught.value.where == "plant.toml:3"
    with pytest.raises(MapError, match="no entry"):
        read_map(written(tmp_path, "empty.toml", ""))
    with pytest.raises(MapError, match="cannot be read"):
        read_map(tmp_path / "absent.toml")


def test_entries_are_found_by_file_name() -> None:
    entries = map_from(
        {
            "zone": "Asia/Seoul",
            "file": [{"match": "Heat*.csv*", "record": "heat"}, {"match": "*.csv", "record": "piece"}],
        },
        "m",
    )
    assert [entry.record for entry in entries.for_file("heats_2025.CSV")] == ["heat", "piece"]
    assert [entry.record for entry in entries.for_file("heats.csv.gz")] == ["heat"]
    assert entries.for_file("x.xlsx") == ()
    assert entries.files[0].time == TimeMap(zone="Asia/Seoul", label="instant")


def test_a_header_of_the_map_that_the_file_lacks(tmp_path: Path) -> None:
    content = {"file": [{"match": "*", "record": "heat", "columns": {"Ofen": "furnace"}}]}
    entry = map_from(content, "plant.toml").files[0]
    with pytest.raises(ForgecastError) as caught:
        taken(written(tmp_path, "heat.csv", "id,tapped_at,Offen\nH,2025-01-01,F\n"), entry)
    assert "plant.toml: file[1].columns" in caught.value.say("en")
    assert "Offen" in caught.value.repair.say("en")


KEYS = st.sampled_from(
    ["match", "record", "columns", "series", "long", "time", "axis", "flags", "missing", "values", "where", "ignore",
     "tag", "value", "unit", "field", "start", "step", "interval", "label", "zone", "heat", "mass", "v", "*"]
)  # fmt: skip
LEAVES = st.one_of(
    st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.dates(), st.times(), st.datetimes(),
    st.sampled_from(["heat", "1h", "kWh", "*", "%Y-%m-%d", "mass"]),
)  # fmt: skip
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(KEYS, TREES, max_size=6))
@example({"record": ""})
@settings(max_examples=300)
def test_no_map_breaks_the_reader(entry: dict[str, object]) -> None:
    for content in ({"file": [{"match": "*", "record": "heat", **entry}]}, {"file": [entry]}, {"file": entry}, entry):
        refusal: ForgecastError | None = None
        try:
            map_from(content, "m.toml")
        except ForgecastError as error:
            refusal = error
        assert refusal is None or refusal.where.startswith("m.toml")


def test_the_shipped_maps_are_good(root: Path) -> None:
    maps = sorted((root / "examples" / "maps").glob("*.toml"))
    assert len(maps) >= 3
    for path in maps:
        assert read_map(path).files


def test_the_tables_of_the_example_plants_are_taken_whole(root: Path) -> None:
    tables = sorted((root / "examples" / "plants").rglob("*.csv"))
    assert len(tables) >= 5
    for path in tables:
        result = taken(path)
        assert result.findings == (), path.name
        assert len(result.rows[0]) >= 1
