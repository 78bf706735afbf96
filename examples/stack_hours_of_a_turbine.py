"""Stack hours: a gas TURBINE's NOx stands in for the stack of a gas FURNACE, and the law says three things about it.

Problem. Hourly NOx of a chimney is at hand. Does it keep GB 39726-2020? The values do not tell; the other records do.
Data. Gas Turbine CO and NOx Emission, UCI 551 (Kaya, Tufekci and Uzun, 2019), 36,733 hours of 2011 to 2015, licence
class A- (CC BY 4.0 as recalled). Real, but of no foundry: no time stamps, no oxygen, no word on the state of the gas.
What is seen:
1. As the data are: 7 rows repeat, every time is assumed. "not applicable": no limit held in those years.
2. ASSUMED: hours of 2015 put on 2024, a gas furnace alone on its stack. "not known", and what would settle it.
3. ASSUMED besides: NOx of dry gas, converted to 8 % O2. Now every hour is judged against 400 mg/m3. CO has no limit.
Reference. GB 39726-2020, Table 1 (gas-fired furnace, NOx 400 mg/m3), 4.5 Table 3 (8 % O2), 3.28 and 8.3 (1-h mean).
Run: python examples/stack_hours_of_a_turbine.py --data ../shared/data --out stack_hours
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date
from pathlib import Path

from rich.console import Console

from forgecast.app.cli.summary import show_why
from forgecast.app.report import write_report
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import LANGUAGES, bilingual, preferred_language
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment
from forgecast.tasks.find_verdict import find_verdict
from forgecast.tasks.import_files import import_files
from forgecast.tasks.new_plant import new_plant

HERE = Path(__file__).resolve().parent
NAME = "Hours of a gas turbine, UCI 551 燃气轮机小时值"
ON_2024 = ("gas_turbine_on_2024", "Asia/Shanghai", date(2024, 12, 31), f"ASSUMED gas furnace 假定的燃气炉: {NAME}")
STEPS = {  # tables of the plant; map, clock, day judged, name on the report
    "as_it_is": ("gas_turbine/*.csv", ("gas_turbine", "Europe/Istanbul", None, NAME)),
    "of_2024": ("gas_furnace_assumed/s*.csv", ON_2024),
    "assumed": ("gas_furnace_assumed/*.csv", ON_2024),
}
WHAT = bilingual("site, stack, year and gas are assumed", "厂区、排气筒、年份、烟气均为假定")
REPAIR = bilingual("conclude nothing about any plant from it", "不得据此对任何企业作出结论")
NOTE = Finding("assumed-by-example", Severity.DOUBTFUL, Place("stack_hours_of_a_turbine.py"), "", WHAT, REPAIR)


def run(data: Path, folder: Path, step: str = "assumed") -> Assessment:
    """Make the plant `folder` of the data set below `data` as one of `STEPS` has it, and assess it."""
    tables, (mapping, clock, at, name) = STEPS[step]
    if not folder.exists():  # a second run takes nothing twice
        new_plant(folder, name=name, zone_name=clock)
    with PlantFolder.open(folder) as plant:
        import_files(plant, sorted((HERE / "plants").glob(tables)))
        hours = data / "cems-gas-turbine" / "gas_turbine_co_nox_2011_2015.csv.gz"
        import_files(plant, [hours], map_path=HERE / "maps" / f"{mapping}.toml")
        found = assess_plant(plant, at=at)
    return found if step == "as_it_is" else replace(found, findings=(NOTE, *found.findings))


def main() -> None:
    """Take the three steps, show how each verdict on NOx came about, and write the reports."""
    parser = argparse.ArgumentParser(description="A gas turbine's hours, judged as if a gas furnace's.")
    for option in ("--data", "--out"):
        parser.add_argument(option, type=Path, required=True)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for step in STEPS:
        found = run(given.data, given.out / step, step)
        (verdict,) = find_verdict(found, "gb_39726_2020/nox_gas_furnace/DA-GT")
        print(f"\n{found.plant_name}")
        show_why(verdict, Console(), preferred_language(), zone=found.zone)
        for path in (given.out / f"{step}.{lang}.{end}" for lang in LANGUAGES for end in ("pdf", "html")):
            write_report(found, path, "zh" if ".zh." in path.name else "en")
            print(f"  {path}")


if __name__ == "__main__":
    main()
