"""Make a synthetic plant: write its year of files and take them in as any plant's files are taken in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text
from forgecast.sample.trouble import SampleManifest
from forgecast.sample.write import write_sample_files
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import ImportReport, import_files
from forgecast.tasks.new_plant import new_plant

#: Name in both languages, with the word that must stand wherever the plant is shown.
NAME = "Sample foundry (synthetic) 示例铸造厂（虚构）"
#: Shares of the time: writing the files, and taking them in.
_WRITING = 0.4


@dataclass(frozen=True, slots=True)
class SamplePlant:
    """A synthetic plant: its folder, the files it was fed from, what was planted, and what the imports said."""

    plant: Path
    files: Path
    manifest: SampleManifest
    report: ImportReport


def make_sample_plant(
    folder: Path, *, scale: float, seed: int = 7, progress: Callable[[float], None] | None = None
) -> SamplePlant:
    """Write the files of a synthetic plant into ``folder/files`` and make the plant ``folder/plant`` of them.

    Parameters
    ----------
    folder : Path
        Must not exist, be empty, or hold an earlier sample (which is made anew).
    scale : float
        Share of 105 million readings.
    seed : int
    progress : callable or None
        Told the fraction done.

    Raises
    ------
    PlantError
        If the folder holds something that is no earlier sample; then nothing is touched.
    """
    plant, files = folder / "plant", folder / "files"
    _clear(folder, plant, files)
    tell = progress or (lambda _done: None)
    manifest = write_sample_files(files, seed=seed, scale=scale, progress=lambda done: tell(_WRITING * done))
    new_plant(plant, name=NAME, id="sample", synthetic=True)
    addresses = resources.files("forgecast") / "sample" / "master" / "certificate.toml"
    (plant / "certificate.toml").write_text(addresses.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
    with PlantFolder.open(plant) as opened:
        report = import_files(opened, manifest.files, progress=lambda done: tell(_WRITING + (1.0 - _WRITING) * done))
    return SamplePlant(plant, files, manifest, report)


def _clear(folder: Path, plant: Path, files: Path) -> None:
    """Make room, but only where everything there came from an earlier sample."""
    if not folder.exists():
        return
    own = folder.is_dir() and all(one in (plant, files) or one.name.startswith("report.") for one in folder.iterdir())
    if own and plant.exists():
        with PlantFolder.open(plant) as opened:
            own = opened.settings.synthetic and opened.settings.id == "sample"
    if not own:
        raise PlantError(
            text("the folder is not empty, and not an earlier sample"),
            where=str(folder),
            repair=text("give a new folder"),
        )
    for one in (plant, files):
        if one.exists():
            shutil.rmtree(one)
