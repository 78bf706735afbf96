"""Waste of a plant by month: no hazardous waste is a fact only where waste was recorded at all."""

from __future__ import annotations

from pathlib import Path

from tests.tasks.making import MONTHS, assessed, figure, made_plant

HEADS = "month,kind,fate,hazardous_code,mass_t (t)"


def waste(*, lacking: str = "") -> dict[str, str]:
    rows = [f"{month},waste_sand,reused,,80" for month in MONTHS if month != lacking]
    rows += [f"{month},slag,landfilled,,20" for month in MONTHS if month != lacking]
    return {"waste": "\n".join([HEADS, *rows, "2025-03,spent_oil,hazardous_transfer,900-249-08,1.5"])}


def test_a_month_with_other_waste_only_has_no_hazardous_waste(tmp_path: Path) -> None:
    assessment = assessed(made_plant(tmp_path, waste()))
    assert figure(assessment, "waste_hazardous").value == 1.5
    assert figure(assessment, "waste_use").value == 80.0


def test_a_month_without_any_waste_on_record_is_missing(tmp_path: Path) -> None:
    assessment = assessed(made_plant(tmp_path, waste(lacking="2025-07")))
    for name in ("waste_hazardous", "waste_use"):
        found = figure(assessment, name)
        assert found.value is None
        assert "2025-07" in str(found.why_missing)
