"""The small synthetic plant of docs/how_to/release_and_certify.md, and plants that differ from it in one record."""

from __future__ import annotations

import shutil
from pathlib import Path

from forgecast.metal.grade_own import read_grades, tables_of
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings
from forgecast.tasks.certificate_contents import CertificateRequest
from forgecast.tasks.import_files import import_files

SOURCE = Path(__file__).resolve().parents[2] / "docs" / "how_to" / "release_and_certify"
#: An instant after both shipments: 2025-11-10T00:00Z.
NOW = 1_762_732_800_000_000


def make_plant(folder: Path, changed: dict[str, str] | None = None, *, left_out: tuple[str, ...] = ()) -> PlantFolder:
    """Return the plant, open; files named in `changed` have that content instead, those `left_out` are not imported."""
    files = folder / "files"
    shutil.copytree(SOURCE, files)
    for name, content in (changed or {}).items():
        (files / name).write_text(content, encoding="utf-8")
    plant = PlantFolder.create(folder / "plant", PlantSettings(id="sample", name="Sample Foundry", synthetic=True))
    shutil.copytree(files / "grades", plant.path / "grades")
    shutil.copy(files / "certificate.toml", plant.path)
    import_files(plant, [path for path in sorted(files.glob("*.csv")) if path.stem not in left_out])
    return plant


def import_later(plant: PlantFolder, changed: dict[str, str]) -> None:
    """Take in files after the others, as somebody does who corrects or adds records once the goods have left."""
    for name, content in changed.items():
        path = plant.path.parent / f"later-{name}"
        path.write_text(content, encoding="utf-8")
        import_files(plant, [path.rename(plant.path.parent / "files" / name)])


def rows(name: str, *replaced: tuple[str, str], added: str = "") -> dict[str, str]:
    """Return one file of the plant with parts of it replaced and lines added."""
    content = (SOURCE / f"{name}.csv").read_text(encoding="utf-8")
    for old, new in replaced:
        assert old in content, old
        content = content.replace(old, new)
    return {f"{name}.csv": content + added}


def request(plant: PlantFolder, shipment: str, kind: str, **told: object) -> CertificateRequest:
    """Return a request with the plant's own grades."""
    return CertificateRequest(shipment, kind, "Q-1", own=read_grades(tables_of(plant.path)), **told)  # type: ignore[arg-type]
