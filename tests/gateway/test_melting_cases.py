"""Cases of melting: what they say is read in SI, and what is wrong in them is told with file, line and key."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from forgecast.gateway.case_file import CaseError, price_of, quantity_of, read_case
from forgecast.gateway.charge_case import read_charge_case
from forgecast.gateway.correction_case import read_correction_case
from forgecast.gateway.material_table import read_materials
from forgecast.gateway.stream_table import read_streams
from forgecast.ground.errors import ForgecastError, ImportRefusedError
from forgecast.melting.material import Content

ROOT = Path(__file__).parents[2]
CHARGE = ROOT / "examples" / "melting" / "ductile_iron.toml"
LADLE = ROOT / "examples" / "melting" / "ladle.toml"


def changed(tmp_path: Path, old: str, new: str, of: Path = CHARGE) -> Path:
    """Return a copy of a case with one place changed."""
    content = of.read_text(encoding="utf-8")
    assert old in content
    path = tmp_path / "case.toml"
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    return path


def line_of(path: Path, words: str) -> int:
    """Return the line in which words first stand."""
    return next(n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if words in line)


def test_a_case_is_read_in_si() -> None:
    case = read_charge_case(CHARGE)
    problem = case.problem()
    pig = problem.materials[0]
    assert (pig.price, pig.metal_yield, pig.most) == (3.3, 0.98, math.inf)
    assert pig.contents["C"].mean == 0.042
    # 2 % of the content where the material tells no spread; its own where it does.
    assert pig.contents["C"].spread == pytest.approx(0.00084, rel=1e-12)
    assert problem.materials[2].contents["Cu"] == Content(0.006, 0.0015)
    assert (problem.furnace.liquid_least, problem.furnace.liquid_most) == (2950.0, 3050.0)
    assert problem.confidence == 0.95
    assert problem.limits[4].weights == {"C": 1.0, "Si": 0.3333}
    assert problem.limits[3].highest == 0.003
    assert case.returns is not None
    assert case.returns.generations == 30
    found = problem.recoveries.find("ferrosilicon", "Si")
    assert found is not None
    assert (found.mean, found.spread, found.confidence) == (0.98, 0.01, "own")


@pytest.mark.parametrize(
    ("words", "kind", "value"),
    [("3 t", "mass", 3000.0), ("2950 kg", "mass", 2950.0), ("0.30 %", "share", 0.003), ("8 min", "time_span", 480.0)],
)
def test_a_quantity_carries_its_unit(words: str, kind: str, value: float) -> None:
    assert quantity_of(words, kind, "x", "1 kg") == value


@pytest.mark.parametrize("words", [3, "3", "", "kg", True, "3 furlongs", "3 s", None, "1e999 kg"])
def test_a_quantity_without_a_unit_or_of_another_kind_is_refused(words: object) -> None:
    with pytest.raises(CaseError):
        quantity_of(words, "mass", "x", "1 kg")


@pytest.mark.parametrize(
    ("words", "currency", "value"),
    [("3100 CNY/t", "CNY", 3.1), ("3.1 元/kg", "CNY", 3.1), ("0.31 万元/t", "CNY", 3.1), ("400 EUR/t", "EUR", 0.4)],
)
def test_a_price_is_for_a_kilogram_in_the_currency_of_the_case(words: str, currency: str, value: float) -> None:
    assert price_of(words, currency, "x") == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(("words", "currency"), [("400 EUR/t", "CNY"), ("3100 CNY/t", "EUR"), ("3100 CNY", "CNY"),
                                                 ("3100 CNY/m", "CNY"), (3100, "CNY")])  # fmt: skip
def test_a_price_of_another_currency_or_for_no_mass_is_refused(words: object, currency: str) -> None:
    with pytest.raises(CaseError):
        price_of(words, currency, "x")


@pytest.mark.parametrize(
    ("old", "new", "says", "at"),
    [
        ('price = "3300 CNY/t"', "price = 3300", "has no unit", "price = 3300"),
        ('price = "3300 CNY/t"', 'price = "3300 EUR/t"', "is no price", "EUR"),
        ('stock = "2 t"', 'stok = "2 t"', "means nothing here", "stok"),
        ("Cu = 0.01 }", "Kupfer = 0.01 }", "no symbol", "Kupfer"),
        ("Cu = 0.01 }", 'Cu = "0.01" }', "a number is wanted", 'Cu = "0.01"'),
        ('yield = "98 %"', 'yield = "198 %"', "contradict each other", "[[material]]"),
        ('highest = "0.30 %"', 'height = "0.30 %"', "means nothing here", "height"),
        ('element = "Cu"\nhighest = "0.30 %"', 'element = "Cu"', "bounds nothing", 'element = "Cu"'),
        ('liquid = ["2950 kg", "3050 kg"]', 'liquid = ["3050 kg", "2950 kg"]', "crossed", "[furnace]"),
        ('name = "returns"\nkind', 'name = "pig iron"\nkind', "two materials are named", ""),
        ('material = "returns"', 'material = "scrap"', "no material named", 'material = "scrap"'),
        ('mean = "97 %"', "mean = 0.97", "has no unit", "mean = 0.97"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, says: str, at: str) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(CaseError) as refused:
        read_charge_case(path)
    assert says in refused.value.say("en")
    assert f"{path}:" in refused.value.where
    told = int(refused.value.where.removeprefix(f"{path}:").partition(":")[0])
    if at:
        line = line_of(path, at)
        # Of a table the first line is meant; `[[limit]]` stands one line above its element.
        assert told in (line, line - 1)


def test_a_spread_that_a_probability_rests_on_is_not_guessed(tmp_path: Path) -> None:
    path = changed(tmp_path, 'spread_share = "2 %"', "")
    case = read_charge_case(path)
    with pytest.raises(CaseError, match="is not told"):
        case.problem()
    case = read_charge_case(changed(tmp_path, 'confidence = "95 %"', 'confidence = "50 %"', path))
    assert case.problem().confidence == 0.5
    assert not case.spreads_told()
    assert read_charge_case(CHARGE).spreads_told()


def test_no_toml_and_no_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("title = \n", encoding="utf-8")
    with pytest.raises(CaseError) as refused:
        read_case(path)
    assert refused.value.where == f"{path}:1"
    with pytest.raises(CaseError, match="cannot be read"):
        read_case(tmp_path / "absent.toml")


def test_materials_stand_in_a_table_too(tmp_path: Path) -> None:
    table = tmp_path / "materials.csv"
    table.write_text(
        "名称,类别,价格(元/t),收得率(%),库存(t),块重(kg),C(%),C标准差(%),Cu(%)\n"
        "Q10生铁,pig-iron,3300,98,60,25,4.2,0.05,0.01\n"
        "废钢,steel-scrap,2600,96,不限,,0.15,,\n",
        encoding="utf-8",
    )
    pig, steel = read_materials(table, "CNY")
    assert (pig.material.name, pig.material.price, pig.material.most) == ("Q10生铁", 3.3, 60_000.0)
    assert pig.material.piece_mass == 25.0
    assert (pig.spread_of("C", None), pig.spread_of("Cu", None)) == (0.0005, None)
    assert pig.spread_of("Cu", 0.1) == pytest.approx(1e-5)
    assert steel.material.most == math.inf
    # An empty cell is not known, which is another thing than zero.
    assert "Cu" not in steel.material.contents
    assert steel.place == "materials.csv:3"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name,kind,price,yield [%],stock [kg]\n", "in which unit"),
        ("name,kind,price [CNY/t],yield [%]\n", "no column stock"),
        ("name,kind,price [CNY/t],yield [%],stock [kg],colour\n", "means nothing here"),
        ("name,kind,price [CNY/t],yield [%],stock [kg],C [kg]\n", "is no unit of"),
        ("name,kind,price [CNY/t],yield [%],stock [kg],C [%],w(C) [%]\n", "two columns mean"),
        ("name,kind,price [CNY/t],yield [%],stock [kg]\na,b,cheap,98,10\n", "is no number"),
        ("name,kind,price [CNY/t],yield [%],stock [kg]\na,b,,98,10\n", "price is missing"),
        ("name,kind,price [CNY/t],yield [%],stock [kg]\na,b,10,198,10\n", "contradict each other"),
    ],
)
def test_a_table_that_leaves_something_open_is_refused(tmp_path: Path, content: str, says: str) -> None:
    table = tmp_path / "materials.csv"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(ForgecastError) as refused:
        read_materials(table, "CNY")
    assert says in refused.value.say("en")
    assert "materials.csv" in refused.value.where


def test_an_absent_table_is_told(tmp_path: Path) -> None:
    path = changed(tmp_path, 'currency = "CNY"', 'currency = "CNY"\nmaterials = "absent.csv"')
    with pytest.raises(ImportRefusedError, match="no such file"):
        read_charge_case(path)


def test_a_bath_is_read_in_si() -> None:
    case = read_correction_case(LADLE)
    assert (case.mass, case.capacity, case.time_to_pouring) == (1000.0, 1100.0, 480.0)
    assert case.sample["Mg"] == Content(0.00042, 0.00001)
    # Half of it is left after the half-life; the spread follows from d/dt: share ln2 t/h2 u.
    kept, spread = case.fades["Mg"].kept(1200.0)
    assert kept == pytest.approx(0.5)
    assert spread == pytest.approx(0.5 * math.log(2.0) * 1200.0 * 120.0 / 1200.0**2)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Mg = 0.001, Si = 0.02 }", "Mg = 0.001 }", "standard deviation of Si is not told"),
        ('half_life = "20 min"', 'half_life = "0 min"', "above 0"),
        ('mass = "1000 kg"', "mass = 1000", "has no unit"),
        ('title = "ladle 7, 1 t"', 'objective = "time"', "not one of its words"),
    ],
)
def test_a_bath_that_leaves_something_open_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(CaseError) as refused:
        read_correction_case(changed(tmp_path, old, new, LADLE))
    assert says in refused.value.say("en")


def test_streams_that_no_record_holds_are_read_by_month_and_alloy(tmp_path: Path) -> None:
    path = tmp_path / "yard.csv"
    path.write_text("month,alloy,yard_change [t],sold [kg]\n2026-01,A,1.5,\n2026-02,B,-0.5,200\n", encoding="utf-8")
    own = read_streams(path)
    assert own.mass("A", "2026-01", "yard_change") == 1500.0
    assert own.mass("A", "2026-01", "sold") is None
    assert own.mass("B", "2026-02", "sold") == 200.0
    assert own.mass("B", "2026-01", "yard_change") is None


@pytest.mark.parametrize(
    "content",
    ["month,yard_change\n2026-01,1\n", "month,yard [t]\n2026-01,1\n", "month,sold [t]\nJanuary,1\n",
     "month,sold [s]\n2026-01,1\n", "month,sold [t]\n2026-01,few\n", "sold [t]\n1\n"],
)  # fmt: skip
def test_streams_without_month_unit_or_name_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "yard.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CaseError):
        read_streams(path)
