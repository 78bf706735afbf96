"""A year of electricity: what a main meter's quarter hours tell when nobody has written anything else down.

Problem. Most plants own one file like this one: the utility's export of the main meter, a row for each quarter of an
hour. How high was the peak, how even is the load, how good the power factor, and does the year go up or down?

Data. Steel Industry Energy Consumption, UCI 851 (V E Sathishkumar et al.), 35,040 quarter hours of 2018 of a steel
plant in Gwangyang, Korea: coils and plates, no foundry. Licence class A-: CC BY 4.0 as recalled, not confirmed.
Real values; nothing here is synthetic.

What is seen. The stamps name the *end* of each quarter, and each day's last row reads 0:00 of its own date: 365 stamps
lie a day too early. They are found, moved and listed; left as they stand they would make every day overlap itself. Then
peak load (the highest quarter hour times four), load factor (mean over peak), power factor P/sqrt(P² + Q²) by month and
the trend of the months. The file has no product mass, so energy per tonne stays unknown and the report says which
record would settle it. The rulebooks are not in force in 2018: every requirement is "not applicable".

Reference. Load and power factor: `forgecast.energy.load_curve`. Coal equivalent: 0.1229 kgce/kWh, GB/T 2589-2020.

Run: python examples/a_year_of_electricity.py --data ../shared/data --out year_of_electricity
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from forgecast.app.cli.summary import show_assessment
from forgecast.app.report import write_report
from forgecast.ground.texts import LANGUAGES, preferred_language
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment
from forgecast.tasks.import_files import import_files
from forgecast.tasks.new_plant import new_plant

HERE = Path(__file__).resolve().parent
NAME = "Steel plant of the data set UCI 851, 2018 数据集UCI 851的钢铁厂（2018年）"


def run(data: Path, folder: Path) -> Assessment:
    """Make the plant `folder` of the data set below `data` and assess it.

    The plant's clock is the meter's own (Korea): in another zone the year would begin an hour late, and its last
    month would lack an hour.
    """
    if not folder.exists():  # a second run takes nothing twice
        new_plant(folder, name=NAME, zone_name="Asia/Seoul")
    with PlantFolder.open(folder) as plant:
        import_files(plant, sorted((HERE / "plants" / "steel").glob("*.csv")))
        readings = data / "steel-energy-15min" / "steel_industry_2018.csv.gz"
        import_files(plant, [readings], map_path=HERE / "maps" / "steel_energy.toml")
        return assess_plant(plant)


def main() -> None:
    """Assess the year and write its report in both languages."""
    parser = argparse.ArgumentParser(description="A year of a steel plant's electricity, assessed.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds steel-energy-15min")
    parser.add_argument("--out", type=Path, required=True, help="folder for the plant and its reports")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    assessment = run(given.data, given.out / "plant")
    show_assessment(assessment, Console(), preferred_language(), plant_path=str(given.out / "plant"))
    for language in LANGUAGES:
        for ending in ("pdf", "html"):
            write_report(assessment, given.out / f"report.{language}.{ending}", language)
            print(given.out / f"report.{language}.{ending}")


if __name__ == "__main__":
    main()
