"""The door of a freezing run, and what all runs leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field as Asked

from forgecast.app.doors.casting.asked import (
    PouredAsked,
    Side,
    chills_of,
    metres,
    mould_of,
    part_of,
    risers_of,
    title_of,
)
from forgecast.app.doors.casting.told import FrozenTold
from forgecast.app.doors.door import Call, Door, Way
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

if TYPE_CHECKING:
    from forgecast.app.casting.outcome import Outcome

#: A run is kept in this file while it works; a job that another worker takes over goes on from it.
KEPT: Final = "run.keep"


class FreezeAsked(PouredAsked):
    """A freezing run."""

    symmetry: list[Side] = Asked(default=[], description="Sides at which the part ends in a plane of symmetry.")
    until_s: float | None = Asked(default=None, gt=0.0, description="End at this time in any case.")
    niyama: float | None = Asked(
        default=None, gt=0.0, description="Lowest Niyama value that is allowed [K^0.5 s^0.5/mm]; none: that on record."
    )
    estimate: bool = Asked(
        default=False, description="Also freeze in two coarser grids, to tell the error of the times."
    )


def kept_folder(call: Call) -> Path:
    """Return the folder of a job that is the same for all attempts at it; whoever takes the job over finds it."""
    assert call.folder is not None  # noqa: S101  (a run has one)
    folder = call.folder.parent.parent / "_kept"
    folder.mkdir(exist_ok=True)
    return folder


def frozen_told(
    call: Call, outcome: Outcome, word: str, extra: Mapping[str, bytes], design: Mapping[str, Any] | None = None,
    *, moments: Path | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write what a run leaves and return its answer."""
    from forgecast.app.casting.model.write import write_model  # noqa: PLC0415  (loads in the worker only)
    from forgecast.app.casting.report import lead_of  # noqa: PLC0415
    from forgecast.app.casting.summary import summary_of  # noqa: PLC0415
    from forgecast.app.casting.write import write_outcome  # noqa: PLC0415

    assert call.folder is not None  # noqa: S101  (a run has one)
    writing, drawing = text("drawing and writing"), text("making the picture in three dimensions")
    files = list(
        write_outcome(
            outcome, call.folder, call.language, lambda done: call.progress(0.8 + 0.12 * done, writing), extra=extra
        )
    )
    call.progress(0.93, drawing)
    files += write_model(outcome, call.folder, moments)
    lead = lead_of(outcome)
    summary = summary_of(outcome)
    for unwanted in ("ok", "json_version", "forgecast"):
        summary.pop(unwanted)
    return {
        **summary,
        "lead": None if lead is None else lead.as_json(),
        "word": word,
        "files": [path.name for path in files],
        "design": None if design is None else dict(design),
    }


def _freeze(call: Call, question: FreezeAsked) -> Mapping[str, Any]:
    from forgecast.app.casting.asked import bodies_of, fineness_of, limits_of, pour_of  # noqa: PLC0415  (as above)
    from forgecast.app.casting.compose import outcome_of  # noqa: PLC0415
    from forgecast.app.casting.model.moments import Moments  # noqa: PLC0415
    from forgecast.tasks.freeze_part import freeze_part  # noqa: PLC0415

    assert call.folder is not None  # noqa: S101  (a run has one)
    made = datetime.now(UTC).replace(microsecond=0)
    asked = mould_of(call, question, estimate=question.estimate, symmetry=tuple(question.symmetry))
    pour = pour_of(asked)
    call.progress(0.0, text("reading the part"))
    read = part_of(call, question)
    bodies = bodies_of(risers_of(call, question), chills_of(call, question), question.unit.strip() or None)
    fineness = fineness_of(asked, read.solid, bodies)
    niyama = None if question.niyama is None else f"{question.niyama!r} K^0.5 s^0.5/mm"
    porosity = None if question.porosity_percent is None else question.porosity_percent / 100.0
    limits = limits_of(pour.alloy, metres(question.largest_cavity_mm), porosity, niyama)
    kept, said = kept_folder(call), text("freezing")
    frozen = freeze_part(
        read.solid, bodies, pour, fineness, limits=limits, until=question.until_s,
        progress=lambda share: call.progress(0.02 + 0.78 * share, said),
        checkpoint=kept / KEPT, watch=Moments(kept).look,
    )  # fmt: skip
    outcome = outcome_of(
        frozen, title=title_of(call, question), made=made, assumed=asked.assumed, findings=read.findings,
        notes=tuple(repair.what for repair in read.repairs),
    )  # fmt: skip
    return frozen_told(call, outcome, frozen.soundness.word, {}, moments=kept)


FREEZE = Door(
    "casting", "freeze",
    text("Freeze a part in its mould: when each place is solid, where it shrinks and is porous, whether it is sound."),
    Right.ENGINEER, Way.RUN, FreezeAsked, FrozenTold, _freeze,
)  # fmt: skip
