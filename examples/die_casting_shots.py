"""Die-casting shots: 90,177 cycles of one cell, what is wrong with them, and what share was scrap.

Problem. A die-casting machine logs every shot: temperatures, speeds, pressure, good or reject. Before anybody learns
from such a log, two questions come first: which of its values are no measurements at all, and which shots were never
meant to be good?

Data. Die-casting set of KAMP (Korea AI Manufacturing Platform, 2019), January to March 2019, seven moulds. Licence
class B: internal use only. The file stays beside the repository; no picture or report of it goes into it.

What is seen. Every defect that the data's README states is found and counted: -1 for "not measured" in half of the
volumes, 65534 (0xFFFE) for a speed, slipped decimal points (a die at 1449 °C), a locking force of 0, times that
repeat. A refused value becomes missing; its shot is kept. All 1,894 trial shots are labelled reject, so counting them
would make the cell look twice as bad as it is: they are left out, and the figure says so. Printed units that look wrong
are kept as labels; see examples/maps/hpdc_kamp.toml.

Reference. Scrap rate with its 95 % interval (Wilson, JASA 22, 1927, 209-212): `forgecast.quality.scrap`. The README of
the data warns that the labels of its second part could not be checked: do not read the fall in March as quality gained.

Run: python examples/die_casting_shots.py --data ../shared/data --out shots
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
NAME = "Die-casting cell of the data set KAMP 2019, internal 压铸单元（KAMP 2019数据集，仅限内部）"


def run(data: Path, folder: Path) -> Assessment:
    """Make the plant `folder` of the data set below `data` and assess it."""
    if not folder.exists():  # a second run takes nothing twice
        new_plant(folder, name=NAME, zone_name="Asia/Seoul")
    with PlantFolder.open(folder) as plant:
        import_files(plant, sorted((HERE / "plants" / "hpdc").glob("*.csv")))
        shots = data / "hpdc-kamp" / "shots_labelled.csv.gz"
        import_files(plant, [shots], map_path=HERE / "maps" / "hpdc_kamp.toml")
        return assess_plant(plant)


def main() -> None:
    """Assess the shots and write the report in both languages, outside the repository."""
    parser = argparse.ArgumentParser(description="The shots of a die-casting cell, assessed.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds hpdc-kamp")
    parser.add_argument("--out", type=Path, required=True, help="folder for the plant and its reports")
    given = parser.parse_args()
    if given.out.resolve().is_relative_to(HERE.parent):
        parser.error("the data are for internal use only: give a folder outside the repository")
    given.out.mkdir(parents=True, exist_ok=True)
    assessment = run(given.data, given.out / "plant")
    show_assessment(assessment, Console(), preferred_language(), plant_path=str(given.out / "plant"))
    for language in LANGUAGES:
        for ending in ("pdf", "html"):
            write_report(assessment, given.out / f"report.{language}.{ending}", language)
            print(given.out / f"report.{language}.{ending}")


if __name__ == "__main__":
    main()
