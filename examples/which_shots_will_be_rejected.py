"""Which shots will be rejected: a model of one die-casting cell, scored so that nothing flatters it.

Problem. Models that "predict" scrap with 99 % accuracy are easily had: 98 % of the shots are good, trial shots carry
their verdict as a flag, and the neighbour of a tested shot was learnt from. What is left of such a model on later days,
on dies it never saw, on the day a new die comes?

Data. Die-casting set of KAMP (Korea AI Manufacturing Platform, 2019), January to March 2019, seven dies. Licence class
B: internal use only. The file stays beside the repository; no picture or report of it goes into it.

What is seen. The flag of the 1,894 trial shots is found to know the verdict and is left out, as are the trial shots.
Average precision (share of rejects among the shots inspected, the most suspect first) and rejects found when 5 % of the
shots are inspected:

    judged on                          average precision    found
    shots drawn by lot (FLATTERS)                   96 %     98 %
    later days                                      68 %     89 %
    new dies 8413 and 8576, later                   48 %     70 %

So the order of suspicion is worth having: by lot, 5 % inspected would find 5 % of the rejects. But the
promise of 90 % coverage is not kept on later days: it holds for 48 % of the good shots, partly since stirring stands
still that always ran while it learnt. It says so ("like nothing seen"), and the watch says that it should no longer be
trusted. The README of the data warns that the labels of the second part could not be checked: part of the loss may be
theirs.

Reference. Conformal answers by class: V. Vovk, Machine Learning 92 (2013) 349-376. `forgecast.quality.reject`.

Run: python examples/which_shots_will_be_rejected.py --data ../shared/data --out rejects
"""

from __future__ import annotations

import argparse
from pathlib import Path

from forgecast.app.cli.quality.rejects import show_study
from forgecast.app.quality.reject_picture import draw_rejects
from forgecast.ground.texts import LANGUAGES, preferred_language
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from forgecast.tasks.learn_rejects import RejectStudy, learn_rejects
from forgecast.tasks.new_plant import new_plant

HERE = Path(__file__).resolve().parent


def run(data: Path, folder: Path) -> RejectStudy:
    """Make the plant `folder` of the data set below `data` and learn its rejects."""
    if not folder.exists():  # a second run takes nothing twice
        new_plant(folder, name="KAMP 2019, internal 仅限内部", zone_name="Asia/Seoul")
    with PlantFolder.open(folder) as plant:
        shots = data / "hpdc-kamp" / "shots_labelled.csv.gz"
        import_files(plant, [shots], map_path=HERE / "maps" / "hpdc_kamp.toml")
        return learn_rejects(plant, "shot", by="die")


def main() -> None:
    """Learn the rejects, print what is known of them, and draw it in both languages, outside the repository."""
    parser = argparse.ArgumentParser(description="The rejects of a die-casting cell, learnt and scored honestly.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds hpdc-kamp")
    parser.add_argument("--out", type=Path, required=True, help="folder for the plant and the pictures")
    given = parser.parse_args()
    if given.out.resolve().is_relative_to(HERE.parent):
        parser.error("the data are for internal use only: give a folder outside the repository")
    given.out.mkdir(parents=True, exist_ok=True)
    study = run(given.data, given.out / "plant")
    show_study(study, preferred_language())
    for language in LANGUAGES:
        draw_rejects(study, given.out / f"rejects.{language}.png", language)
        print(given.out / f"rejects.{language}.png")


if __name__ == "__main__":
    main()
