"""Incentives in money: shares of the purchase and of input VAT by hand, ranges, and what is never summed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.rules.verdict import Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.incentives_of_plant import Benefit, Incentives, incentives_of_plant
from tests.tasks.enterprise_plant import enterprise_plant
from tests.tasks.making import made_plant

DAY = date(2026, 6, 30)


def of(plant: Path, **options: float) -> Incentives:
    with PlantFolder.open(plant) as opened:
        return incentives_of_plant(opened, at=DAY, **options)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return enterprise_plant(tmp_path_factory.mktemp("incentives"))


def benefit(found: Incentives, rule: str, holder: str = "") -> Benefit:
    (one,) = [b for b in found.benefits if b.id == rule and holder in {"", b.holder}]
    return one


def test_credit_for_special_equipment(plant: Path) -> None:
    """1,000,000 yuan in the catalogue give 100,000; what is outside gives nothing; 2026 carries to 2031."""
    found = of(plant)
    good = benefit(found, "in_special_equipment", "I1")
    assert (good.low, good.high, good.summed, good.use_by) == (100_000.0, 100_000.0, True, 2031)
    bad = benefit(found, "in_special_equipment", "I3")
    assert (bad.word, bad.low, bad.summed) == (Word.NOT_MET, None, False)
    assert not [b for b in found.benefits if b.holder == "I4"]  # bought after the day


def test_the_cap_from_memory_is_shown_and_not_summed(plant: Path) -> None:
    """600,000 yuan on an original base of 1,000,000: 10 % of the capped 500,000."""
    digital = benefit(of(plant), "in_digital")
    assert (digital.word, digital.low, digital.summed) == (Word.MET, 50_000.0, False)


def test_the_cap_confirmed_is_summed(tmp_path: Path) -> None:
    plant = enterprise_plant(tmp_path)
    (plant / "books").mkdir(exist_ok=True)
    (plant / "books" / "own.yaml").write_text(
        'overlay: {book: incentives, layer: national, title: {en: mine, zh: 自有}, version: "1"}\n'
        "limits:\n"
        "  - {requirement: in_digital_base, value: 40, clause: my copy, source: my copy, confidence: primary}\n",
        encoding="utf-8",
    )
    digital = benefit(of(plant), "in_digital")
    assert (digital.low, digital.summed) == (40_000.0, True)


def test_vat_and_interest(plant: Path) -> None:
    """5 % of 4,000,000 yuan; a loan of 8,000,000 at 3.45 % instead of 1.5 to 1.75 % saves 136,000 to 156,000."""
    found = of(plant, loan=8e6, loan_rate=0.0345)
    assert benefit(found, "in_vat").low == 200_000.0
    lent = benefit(found, "in_relending")
    assert (lent.low, lent.high) == (pytest.approx(136_000.0), pytest.approx(156_000.0))  # differences of doubles
    assert found.total == (pytest.approx(436_000.0), pytest.approx(456_000.0))


def test_without_a_loan_the_purchases_of_the_months_count(plant: Path) -> None:
    assert benefit(of(plant, loan_rate=0.03), "in_relending").base == 2_100_000.0


def test_without_a_rate_no_saving_is_told(plant: Path) -> None:
    found = of(plant)
    assert benefit(found, "in_relending").low is None
    assert any("--loan-rate" in gap.what.say("en") for gap in found.gaps)


def test_nothing_on_record_gives_nothing_and_says_so(tmp_path: Path) -> None:
    found = of(made_plant(tmp_path, {"site": "id,name\nS,Works"}), loan=1e6, loan_rate=0.03)
    assert found.total == (0.0, 0.0)
    assert {b.word for b in found.benefits} == {Word.NOT_KNOWN}
    assert [gap.record for gap in found.gaps] == ["investment", "claim"]


@pytest.mark.parametrize("options", [{"loan": -1.0}, {"loan_rate": 3.45}, {"loan_rate": 0.0}, {"loan": float("nan")}])
def test_senseless_numbers_are_refused(plant: Path, options: dict[str, float]) -> None:
    with pytest.raises(ForgecastError):
        of(plant, **options)
