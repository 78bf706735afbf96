"""What a messy table means, as proposed from headers, units and values: measured on tables whose meaning is known."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from forgecast.gateway.file import take
from forgecast.gateway.propose.proposal import Confidence, Role, TableProposal
from forgecast.gateway.propose.propose import propose
from forgecast.gateway.propose.vocabulary import _header_words, _rows, vocabulary
from forgecast.gateway.propose.written_map import written_map
from forgecast.gateway.read_map import map_from
from forgecast.ground.errors import ImportRefusedError
from forgecast.plant.record import records
from tests.gateway.writing import NOW, written

MESSY = Path(__file__).parent / "messy"
TRUTH = tomllib.loads((MESSY / "truth.toml").read_text(encoding="utf-8"))["table"]
ENGLISH = [table for table in TRUTH if table["file"].isascii()]
CHINESE = [table for table in TRUTH if not table["file"].isascii()]
#: Of ten columns nine have to be right: then a person mends one or two in a table, and it is worth being asked.
#: A worse wizard costs more looking than writing the map by hand.
FLOOR = 0.9


@dataclass(frozen=True)
class Said:
    """What is proposed for one column and what it means."""

    file: str
    column: str
    want: str
    got: str
    confidence: Confidence

    @property
    def right(self) -> bool:
        return self.want == self.got


def means(table: TableProposal, index: int) -> str:
    """Return what is proposed for a column, in the words of `truth.toml`."""
    (column,) = [one for one in table.columns if one.index == index]
    if column.role is Role.PART:
        return "+".join(sorted(c.chosen.field for c in table.columns if column.key in c.parts and c.chosen))
    if column.role is Role.DIMENSION:
        return "value"
    if column.role in {Role.TAG, Role.TIME}:
        return str(column.role)
    return "" if column.chosen is None else column.chosen.field


@pytest.fixture(scope="module")
def said() -> list[Said]:
    found = []
    for truth in TRUTH:
        (table,) = propose(MESSY / truth["file"])
        for index, want in enumerate(truth["columns"]):
            (column,) = [one for one in table.columns if one.index == index]
            got = means(table, index) if table.record == truth["record"] else f"{table.record}?"
            found.append(Said(truth["file"], column.key, want, got, column.confidence))
    return found


def test_the_bench_is_one(said: list[Said]) -> None:
    assert len(TRUTH) >= 12
    assert min(len(ENGLISH), len(CHINESE)) >= 6
    assert len(said) > 200
    assert {table["record"] for table in TRUTH} >= {"heat", "shot", "sample", "measurement", "series", "waste"}


def test_nine_columns_of_ten_are_proposed_rightly(said: list[Said], capsys: pytest.CaptureFixture[str]) -> None:
    held_out = {table["file"] for table in TRUTH if table.get("held_out")}
    hard = {table["file"] for table in TRUTH if table.get("hard")}
    groups = {
        "all": said,
        "English": [one for one in said if one.file.isascii()],
        "Chinese": [one for one in said if not one.file.isascii()],
        "held out": [one for one in said if one.file in held_out],
        "hard": [one for one in said if one.file in hard],
    }
    with capsys.disabled():
        for name, group in groups.items():
            right = sum(one.right for one in group)
            print(
                f"\nproposals, {name}: {right} of {len(group)} columns right ({100 * right / len(group):.1f} %)", end=""
            )
        for one in said:
            if not one.right:
                print(f"\n  {one.file}, {one.column}: {one.got or '-'} instead of {one.want or '-'}", end="")
        print()
    for name, group in groups.items():
        assert sum(one.right for one in group) / len(group) >= FLOOR, name


def test_what_is_called_sure_is_right(said: list[Said]) -> None:
    assert [one for one in said if one.confidence is Confidence.SURE and not one.right] == []
    # and the word is not kept back: most of what is right is called so
    assert sum(one.confidence is Confidence.SURE for one in said) > 0.6 * len(said)


@pytest.mark.parametrize("truth", TRUTH, ids=lambda table: table["file"])
def test_headers_and_record_are_found(truth: dict[str, object]) -> None:
    (table,) = propose(MESSY / str(truth["file"]))
    assert (table.record, table.header_row) == (truth["record"], truth["header_row"])
    open_units = [c.chosen.field for c in table.columns if c.chosen is not None and c.unit_open]
    assert open_units == truth.get("open_units", []), "a unit is asked for exactly where the table tells none"


@pytest.mark.parametrize("truth", TRUTH, ids=lambda table: table["file"])
def test_the_map_proposed_is_taken_unchanged(truth: dict[str, object]) -> None:
    path = MESSY / str(truth["file"])
    tables = propose(path)
    entry = map_from(tomllib.loads(written_map(tables)), "m").for_file(path.name)[0]
    # A measurement goes in without its product; only its limits need one.
    missing = [name for name in tables[0].missing if truth["record"] != "measurement"]
    open_needed = [
        c.key for c in tables[0].columns
        if c.chosen is not None and c.unit_open and truth["record"] == "melt_temperature"
    ]  # fmt: skip
    if missing or open_needed:
        with pytest.raises(ImportRefusedError):
            take(path, map=entry, zone="Asia/Shanghai", now=NOW)
        return
    taken = take(path, map=entry, zone="Asia/Shanghai", now=NOW)
    rows = sum(len(one) for one in taken.rows) + sum(len(one) for one in taken.readings)
    assert rows > 0
    refused = [f for f in taken.findings if f.severity == "refused" and f.code not in {"unit-missing", "unknown-code"}]
    assert refused == []


def test_stand_ins_are_found_and_taken_as_missing() -> None:
    (table,) = propose(MESSY / "DCM3_shots.csv")
    found = {column.key: column.stand_ins for column in table.columns if column.stand_ins}
    assert found == {"Fast spd (m/s)": ((65535.0, 1),), "Biscuit (mm)": ((-1.0, 2),)}
    assert '"Biscuit (mm)" = [-1]' in written_map([table])


def test_numbers_that_only_look_like_stand_ins_are_values(tmp_path: Path) -> None:
    rows = "".join(f"T{i},2025-03-01 08:{i:02d},{value}\n" for i, value in enumerate([-3, -2, -1, 0, 1, 2, -1, -4]))
    (table,) = propose(written(tmp_path, "temperature.csv", f"no,time,x\n{rows}"))
    assert all(column.stand_ins == () for column in table.columns), "-1 among other negative numbers is a number"
    rows = "".join(f"H{i},{value}\n" for i, value in enumerate([990, 995, 999, 1002, 1005, 998]))
    (table,) = propose(written(tmp_path, "heat.csv", f"id,mass (kg)\n{rows}"))
    assert all(column.stand_ins == () for column in table.columns), "999 among its like is a weight"


def test_the_day_is_read_off_the_dates_or_asked_for(tmp_path: Path) -> None:
    head = "id,tapped_at,furnace\n"
    for dates, want in (
        (("13/04/2025", "05/04/2025"), (True, False)),
        (("04/13/2025", "04/05/2025"), (False, False)),
        (("05/04/2025", "06/04/2025"), (None, True)),
        (("2025-04-13", "2025-04-05"), (None, False)),
    ):
        rows = "".join(f"H{i},{day} 08:00,F1\n" for i, day in enumerate(dates))
        (table,) = propose(written(tmp_path, "heat.csv", head + rows))
        assert (table.day_first, table.day_open) == want, dates


def test_words_are_translated_only_where_they_are_known(tmp_path: Path) -> None:
    rows = "".join(
        f"P{i},A,2025-03-01 08:00,{word},{one}\n" for i, (word, one) in enumerate([("OK", 0), ("NG", 1)] * 4)
    )
    (table,) = propose(written(tmp_path, "pieces.csv", f"piece no,product,cast date,result,marked\n{rows}"))
    by_field = {c.chosen.field: c for c in table.columns if c.chosen is not None}
    assert dict(by_field["result"].translation) == {"OK": "good", "NG": "reject"}
    assert by_field["marked"].open_words == (), "0 and 1 are words of a flag"
    rows = rows.replace("OK", "0").replace("NG", "1")
    (table,) = propose(written(tmp_path, "pieces.csv", f"piece no,product,cast date,result,marked\n{rows}"))
    (column,) = [c for c in table.columns if c.key == "result"]
    assert not column.is_taken, "whether 0 or 1 is good, nobody can know"
    assert set(column.open_words) == {"0", "1"}


def test_a_key_must_not_repeat(tmp_path: Path) -> None:
    """炉号 is a name of the heat's number and of its furnace; the values decide."""
    rows = "".join(f"3-{i:03d},{1 + i % 2}#,2025-03-01 08:{i:02d}\n" for i in range(12))
    (table,) = propose(written(tmp_path, "a.csv", f"炉次,炉号,出铁时间\n{rows}"), only="heat")
    assert [means(table, i) for i in range(3)] == ["id", "furnace", "tapped_at"]
    swapped = "".join(f"3-{i:03d},2025-03-01 08:{i:02d}\n" for i in range(12))
    (table,) = propose(written(tmp_path, "b.csv", f"炉号,出铁时间\n{swapped}"), only="heat")
    assert means(table, 0) == "id"
    repeated = "".join(f"{1 + i % 2}#,2025-03-01 08:{i:02d}\n" for i in range(12))
    (table,) = propose(written(tmp_path, "c.csv", f"炉号,出铁时间\n{repeated}"), only="heat")
    assert means(table, 0) == "furnace"


def test_units_that_do_not_fit_rule_a_field_out(tmp_path: Path) -> None:
    rows = "".join(f"H{i},2025-03-01 08:{i:02d},F1,{900 + i}\n" for i in range(8))
    (table,) = propose(written(tmp_path, "heat.csv", f"id,tapped_at,furnace,mass (kWh)\n{rows}"))
    assert means(table, 3) != "mass"
    (table,) = propose(written(tmp_path, "heat.csv", f"id,tapped_at,furnace,mass\n{rows}"))
    (column,) = [c for c in table.columns if c.key == "mass"]
    assert column.unit_open
    assert column.chosen is not None
    assert column.chosen.units == ("kg",), "neither 900 g nor 900 t are a heat"


def test_a_file_like_nothing_gets_no_proposal(tmp_path: Path) -> None:
    (table,) = propose(written(tmp_path, "poem.csv", "alpha,beta\nroses,red\nviolets,blue\n"))
    assert table.record == ""
    assert written_map([table]).count("[[file]]") == 0
    with pytest.raises(ImportRefusedError):
        propose(tmp_path / "absent.csv")


def test_odd_headers_make_good_toml(tmp_path: Path) -> None:
    header = '"Heat ""No.""",tapped\\at,"炉子\n编号",mass (kg),mass (kg),'
    rows = "".join(f"H{i},2025-03-01 08:{i:02d},F1,900,800,x\n" for i in range(8))
    path = written(tmp_path, "heat[1]*.csv", f"{header}\n{rows}")
    tables = propose(path)
    entries = map_from(tomllib.loads(written_map(tables)), "m").for_file(path.name)
    assert entries, "the pattern fits the name it was made from"
    assert {"#4", "#5"} & {c.header for c in entries[0].columns}, "headers that repeat are named by their place"


def test_a_long_file_is_read_only_as_far_as_it_says_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forgecast.gateway.propose.propose._MOST_ROWS", 1000)
    monkeypatch.setattr("forgecast.gateway.delimited._BLOCK", 20_000)
    rows = "".join(f"H{i},2025-03-01 08:{i % 60:02d},F1,900\n" for i in range(20_000))
    rows += "H0,2025-03-01 09:00,F1,900\n"  # a key repeated, but far behind
    (table,) = propose(written(tmp_path, "heat.csv", f"id,tapped_at,furnace,mass (kg)\n{rows}"))
    assert table.record == "heat"
    assert [str(fact) for fact in table.columns[0].facts] == ["every value occurs once"]


def test_every_word_belongs_to_a_field_that_exists() -> None:
    fields = {(name, field.field.name) for name, fields in vocabulary().items() for field in fields}
    anywhere = {name for _, name in fields}
    for record, field in _header_words():
        assert record == "*" or record in records(), record
        if field:
            assert (record, field) in fields or (record == "*" and field in anywhere), (record, field)
    codes: dict[str, set[str]] = {}
    for fields_of in vocabulary().values():
        for one in fields_of:
            codes.setdefault(one.field.name, set()).update(choice.code for choice in one.field.choices)
    for row in _rows("value_words"):
        if row["kind"] == "flag":
            assert row["code"] in {"true", "false"}
        else:
            assert row["code"] in codes[row["kind"]], row
