"""The performance grade: what keeps a plant from a grade is named, and what nobody knows stays not known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.performance_grade import PerformanceGrade, Reach, performance_grade
from tests.tasks.making import made_plant

SITE = "id,name,sector,makes_pig_iron\nS1,Works,{sector},no"
EQUIPMENT = "id,name,kind,fuel\nF1,Furnace,{kind},electricity"
PROCESS = "id,name,kind,automation,batch_production\nP1,Green sand,green_sand,{automation},yes"
STACK = "id,name,process,height\nD1,Shot blast,cleaning,20"
MEASURE = "id,state,value\n{rows}"
TEST = "id,stack,sampled_at,pollutant,concentration_mg_m3\nT1,D1,2025-06-01 09:00,pm,8"
OPEN = ["hpw-monitoring-a", "hpw-monitoring-b", "hpw-transport-a", "hpw-transport-b", "hpw-capture", "hpw-filter"]
#: What a reader enters who holds the guide; the numbers are invented.
OVERLAY = """overlay:
  book: performance_grading_2020
  layer: national
  title: {en: own copy, zh: 自有文本}
  version: "1"
  clause: "1"
  source: invented
  confidence: primary
limits:
  - {requirement: a_pm, value: 10}
  - {requirement: b_pm, value: 20}
  - {requirement: c_pm, value: 30}
  - {requirement: b_dust}
  - {requirement: a_monitoring}
  - {requirement: b_monitoring}
  - {requirement: a_transport, value: 80}
  - {requirement: b_transport, value: 50}
"""


def graded(
    folder: Path,
    *,
    automation: str = "automatic",
    furnace: str = "induction_furnace",
    sector: str = "C3391",
    concentration: str = "8",
    overlay: str = "",
) -> PerformanceGrade:
    rows = "\n".join(f"{name},yes,{90 if 'transport' in name else ''}" for name in OPEN)
    tables = {
        "site": SITE.format(sector=sector),
        "equipment": EQUIPMENT.format(kind=furnace),
        "process": PROCESS.format(automation=automation),
        "stack": STACK,
        "measure": MEASURE.format(rows=rows),
        "stack_test": TEST.replace(",8", f",{concentration}"),
    }
    plant = made_plant(folder, tables)
    if overlay:
        (plant / "books").mkdir(exist_ok=True)
        (plant / "books" / "own.yaml").write_text(overlay, encoding="utf-8")
    with PlantFolder.open(plant) as opened:
        return performance_grade(opened, at=date(2025, 12, 31))


def reaches(found: PerformanceGrade) -> dict[str, Reach]:
    return {one.grade: one.reach for one in found.standings}


def test_a_mechanised_line_is_b_at_best_and_nobody_knows_whether(tmp_path: Path) -> None:
    found = graded(tmp_path, automation="mechanised")
    assert (found.at_best, found.certain) == ("B", False)
    assert reaches(found) == {"A": Reach.OUT_OF_REACH, "B": Reach.NOT_KNOWN, "C": Reach.NOT_KNOWN}
    (a,) = [one for one in found.standings if one.grade == "A"]
    assert [verdict.requirement for verdict in a.hindering] == ["a_green_sand"]
    assert "B" in str(found.sentence())


def test_moulding_by_hand_leaves_c_at_best(tmp_path: Path) -> None:
    found = graded(tmp_path, automation="manual")
    assert (found.at_best, found.certain) == ("C", False)


def test_with_the_readers_own_copy_the_grade_is_certain(tmp_path: Path) -> None:
    found = graded(tmp_path / "a", overlay=OVERLAY)
    assert (found.at_best, found.certain) == ("A", True)
    dusty = graded(tmp_path / "b", overlay=OVERLAY, concentration="15")
    assert (dusty.at_best, dusty.certain) == ("B", True)
    worst = graded(tmp_path / "d", overlay=OVERLAY, concentration="31")
    assert (worst.at_best, worst.certain) == ("D", True)


def test_with_a_cupola_no_grade_is_told(tmp_path: Path) -> None:
    found = graded(tmp_path, furnace="cupola", automation="manual")
    assert found.at_best is None
    assert [verdict.requirement for verdict in found.undecided_table] == ["table_cupola"]
    assert all(not one.hindering for one in found.standings)


def test_a_forge_is_not_graded(tmp_path: Path) -> None:
    found = graded(tmp_path, sector="C3393")
    assert (found.graded, found.at_best) == (False, None)
    assert "no foundry" in str(found.sentence())


def test_a_missing_list_of_machines_leaves_the_table_open(tmp_path: Path) -> None:
    plant = made_plant(tmp_path, {"site": SITE.format(sector="C3391"), "process": PROCESS.format(automation="manual")})
    with PlantFolder.open(plant) as opened:
        found = performance_grade(opened, at=date(2025, 12, 31))
    assert found.at_best is None
    assert [verdict.requirement for verdict in found.undecided_table] == ["table_cupola"]
    assert any("whether a cupola is in use (S1)" in str(missing) for missing in found.undecided_table[0].missing)
