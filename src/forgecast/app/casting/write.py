"""Everything a run leaves, written into its folder: whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from forgecast.app.casting.fields import write_fields
from forgecast.app.casting.outcome import Outcome
from forgecast.app.casting.pictures import draw_pictures
from forgecast.app.casting.report import write_page
from forgecast.app.casting.summary import write_summary
from forgecast.app.casting.surface import write_surface
from forgecast.app.results_folder import filled
from forgecast.ground.texts import Language

#: Every file a run may leave.
NAMES: Final = (
    "summary.json", "report.pdf", "sections.png", "hot_spots.png", "porosity.png", "fields.vti", "fields.vtr",
    "surface.glb", "surface.vtp", "risers.json", "risers.stl",
)  # fmt: skip


def write_outcome(
    outcome: Outcome,
    folder: Path,
    language: Language,
    progress: Callable[[float], None] | None = None,
    *,
    extra: Mapping[str, bytes] | None = None,
) -> tuple[Path, ...]:
    """Write fields, surface, pictures, page and summary.

    Parameters
    ----------
    outcome : Outcome
    folder : Path
        Made if it is missing; results of an earlier run in it are replaced, and only once the new ones are complete.
    language : Language
        Of pictures and page; the summary holds both.
    progress : callable or None
        Told the done share.
    extra : mapping of str to bytes or None
        Further files by their names.

    Returns
    -------
    tuple of Path
        The files, ``summary.json`` last.

    Raises
    ------
    ForgecastError
        If they cannot be written; then `folder` is as it was.
    """
    tell = progress or (lambda _: None)
    with filled(folder, NAMES) as aside:
        made = [write_fields(aside, outcome.grid, outcome.fields)]
        tell(0.2)
        made += write_surface(outcome, aside)
        tell(0.3)
        made += draw_pictures(outcome, aside, language)
        tell(0.8)
        made.append(write_page(outcome, aside, language))
        for name, content in (extra or {}).items():
            made.append(aside / name)
            made[-1].write_bytes(content)
        made.append(write_summary(outcome, aside, tuple(made)))
    tell(1.0)
    return tuple(folder / path.name for path in made)
