"""Control charts of forged shafts: three changes that nobody sees in a list of numbers, and no Cpk.

Problem. Eighty-seven shafts are forged radially over five days and measured at sixteen places. No diameter is out of
its tolerance. Was the process stable?

Data. "Sensor data set radial forging at AFRC testbed" (doi:10.5281/zenodo.2573861), coordinate measurements of
31 October to 6 November 2017. Licence class A-: CC BY 4.0 as recalled. The rows below the header of the sheet are
unlabelled; examples/maps/afrc_cmm.toml says how they are read.

What is seen. The diameter at 140 mm drifts down over the first two days, jumps up after shaft 63 and again after shaft
81, as the README of the data documents. The single values and moving ranges find all three with the rules as they are
by default. Capability is refused, though every shaft is good: what moves has no capability.

Reference. L. S. Nelson, Journal of Quality Technology 16 (1984) 237-239; `forgecast.quality.chart_rules`.

Run: python examples/control_charts_of_forgings.py --data ../shared/data --out shafts
"""

from __future__ import annotations

import argparse
from pathlib import Path

from forgecast.app.cli.quality.chart import show_chart
from forgecast.app.quality.control_chart import draw_control_chart
from forgecast.ground.texts import LANGUAGES, preferred_language
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.chart_quality import ChartPlan, QualityChart, chart_quality
from forgecast.tasks.import_files import import_files
from forgecast.tasks.judge_capability import JudgedCapability, judge_capability
from forgecast.tasks.new_plant import new_plant
from forgecast.tasks.watched import Wanted
from forgecast.tasks.watched_records import watched_in_plant

HERE = Path(__file__).resolve().parent
NAME = "Radial forging, AFRC 2017 径向锻造（AFRC，2017年）"
DIAMETER = "measurement.42 dia @140"


def run(data: Path, folder: Path) -> tuple[QualityChart, JudgedCapability]:
    """Make the plant `folder` of the data set below `data`; chart the diameter and ask for its capability."""
    if not folder.exists():  # a second run takes nothing twice
        new_plant(folder, name=NAME, zone_name="Europe/London")
    with PlantFolder.open(folder) as plant:
        sheet = data / "forge-afrc-cmm" / "CMMData.xlsx"
        import_files(plant, [sheet], map_path=HERE / "maps" / "afrc_cmm.toml")
        watched = watched_in_plant(plant, Wanted((DIAMETER,)))
        return chart_quality(watched, ChartPlan()), judge_capability(watched, None)


def main() -> None:
    """Print what signals and why there is no Cpk, and draw the chart in both languages."""
    parser = argparse.ArgumentParser(description="Control charts of forged shafts.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds forge-afrc-cmm")
    parser.add_argument("--out", type=Path, required=True, help="folder for the plant and the pictures")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    chart, judged = run(given.data, given.out / "plant")
    show_chart(chart, preferred_language())
    for reason in judged.groups[0].found.refused:
        print(f"no Cpk: {reason.say(preferred_language())}")
    for language in LANGUAGES:
        draw_control_chart(chart, given.out / f"diameter.{language}.svg", language)
        print(given.out / f"diameter.{language}.svg")


if __name__ == "__main__":
    main()
