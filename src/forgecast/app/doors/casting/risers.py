"""Doors that design risers: by rule and field until the casting is sound, and the best of many."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field as Asked

from forgecast.app.doors.casting.asked import (
    PouredAsked,
    chills_of,
    metres,
    mould_of,
    part_of,
    title_of,
)
from forgecast.app.doors.casting.run import frozen_told
from forgecast.app.doors.casting.told import FrozenTold
from forgecast.app.doors.door import Call, Door, Way
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

if TYPE_CHECKING:
    from forgecast.casting.soundness import Limits
    from forgecast.shape.read import ReadSolid
    from forgecast.tasks.design_riser import RiserDesign
    from forgecast.tasks.optimise_riser import RiserOptimum

Sleeve = Literal["none", "insulating", "exothermic"]


class DesignAsked(PouredAsked):
    """Risers to be designed; chills may stand already, risers are what is looked for."""

    position: Literal["auto", "top", "side"] = Asked(
        default="auto", description="Auto takes the top where a neck reaches the hot spot from there."
    )
    sleeve: Sleeve = "none"
    sleeve_mm: float | None = Asked(default=None, gt=0.0, description="Thickness of the sleeve.")
    most_risers: int = Asked(default=4, ge=1, le=20)
    most_rounds: int = Asked(default=12, ge=1, le=60)
    most_drained_percent: float | None = Asked(
        default=None, gt=0.0, le=100.0, description="Largest share of its metal that a riser may give."
    )
    confirm_cell_mm: float | None = Asked(
        default=None, gt=0.0, description="Freeze the answer once more in these finer cells."
    )


class OptimiseAsked(PouredAsked):
    """Risers to be searched for; what has no price or factor is no goal."""

    trials: int = Asked(default=30, ge=1, le=500)
    seed: int = Asked(default=0, ge=0, le=2**31 - 1, description="The same seed, the same trials.")
    sleeve: Sleeve = Asked(default="none", description="Sleeve that is tried beside risers without.")
    sleeve_mm: float | None = Asked(default=None, gt=0.0)
    sleeve_price: float | None = Asked(default=None, ge=0.0, description="Of one sleeve, in your currency.")
    gating_kg: float | None = Asked(default=None, ge=0.0, description="Sprue, runners and gates.")
    melt_loss_percent: float | None = Asked(default=None, ge=0.0, le=100.0)
    melt_energy_kWh_per_t: float | None = Asked(default=None, ge=0.0)
    co2_factor_kg_per_kWh: float | None = Asked(default=None, ge=0.0)
    energy_price_per_kWh: float | None = Asked(default=None, ge=0.0)
    metal_price_per_kg: float | None = Asked(default=None, ge=0.0)
    return_value_per_kg: float | None = Asked(default=None, ge=0.0)
    aids_cost: float | None = Asked(default=None, ge=0.0, description="Chills and filters of a mould.")
    most_drained_percent: float | None = Asked(default=None, gt=0.0, le=100.0)


def _limits(question: PouredAsked) -> Limits:
    from forgecast.app.casting.asked import limits_asked  # noqa: PLC0415  (loads in the worker only)

    return limits_asked(metres(question.largest_cavity_mm), _share(question.porosity_percent))


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100.0


def _told(
    call: Call, question: PouredAsked, read: ReadSolid, found: RiserDesign | RiserOptimum, made: datetime
) -> Mapping[str, Any]:
    """Write what a design or a search leaves, and return its answer."""
    from forgecast.app.casting.compose import outcome_of  # noqa: PLC0415  (loads in the worker only)
    from forgecast.app.casting.stl import risers_stl  # noqa: PLC0415
    from forgecast.app.cli.casting.part import reading_json  # noqa: PLC0415
    from forgecast.tasks.design_riser import RiserDesign  # noqa: PLC0415

    if isinstance(found, RiserDesign):
        kind, frozen, bodies = "riser", found.frozen, found.bodies
        why_not = () if found.why_not is None else (found.why_not,)
    else:
        kind, frozen, bodies, why_not = "optimise", found.best, found.best.bodies, ()
    outcome = outcome_of(
        frozen,
        title=title_of(call, question),
        made=made,
        assumed=mould_of(call, question).assumed,
        findings=read.findings,
        notes=(*why_not, *(repair.what for repair in read.repairs), *found.notes),
    )
    design = {"kind": kind, **found.as_json()}
    written = json.dumps({"ok": True, **found.as_json(), **reading_json(read)}, ensure_ascii=False, indent=1) + "\n"
    extra = {"risers.json": written.encode()}
    if (stl := risers_stl(bodies)) is not None:
        extra["risers.stl"] = stl
    return frozen_told(call, outcome, frozen.soundness.word, extra, design)


def _design(call: Call, question: DesignAsked) -> Mapping[str, Any]:
    from forgecast.app.casting.asked import bodies_of, fineness_of, pour_of  # noqa: PLC0415  (as above)
    from forgecast.tasks.design_riser import design_riser  # noqa: PLC0415
    from forgecast.tasks.riser_round import Bounds, RiserChoice  # noqa: PLC0415

    made = datetime.now(UTC).replace(microsecond=0)
    asked = mould_of(call, question)
    pour = pour_of(asked)
    call.progress(0.0, text("reading the part"))
    read = part_of(call, question)
    others = bodies_of([], chills_of(call, question), question.unit.strip() or None)
    said = text("designing risers")
    design = design_riser(
        read.solid,
        pour,
        fineness_of(asked, read.solid, others),
        _limits(question),
        choice=RiserChoice(
            position=question.position, sleeve=question.sleeve, sleeve_thickness=metres(question.sleeve_mm)
        ),
        bounds=Bounds(
            most_risers=question.most_risers,
            most_rounds=question.most_rounds,
            most_drained=_share(question.most_drained_percent),
            confirm_cell=metres(question.confirm_cell_mm),
        ),
        others=others,
        progress=lambda share: call.progress(0.02 + 0.78 * share, said),
    )
    return _told(call, question, read, design, made)


def _optimise(call: Call, question: OptimiseAsked) -> Mapping[str, Any]:
    from forgecast.app.casting.asked import bodies_of, fineness_of, pour_of  # noqa: PLC0415  (as above)
    from forgecast.casting.economics import Prices  # noqa: PLC0415
    from forgecast.tasks.optimise_riser import SleeveOption, Space, optimise_riser  # noqa: PLC0415
    from forgecast.tasks.riser_round import Bounds  # noqa: PLC0415

    made = datetime.now(UTC).replace(microsecond=0)
    asked = mould_of(call, question)
    pour = pour_of(asked)
    call.progress(0.0, text("reading the part"))
    read = part_of(call, question)
    others = bodies_of([], chills_of(call, question), question.unit.strip() or None)
    plain = SleeveOption()
    dressed = SleeveOption(question.sleeve, metres(question.sleeve_mm), question.sleeve_price)
    said = text("searching for risers")
    found = optimise_riser(
        read.solid,
        pour,
        fineness_of(asked, read.solid, others),
        _limits(question),
        space=Space(sleeves=(plain,) if question.sleeve == "none" else (plain, dressed)),
        bounds=Bounds(most_drained=_share(question.most_drained_percent)),
        others=others,
        prices=Prices(
            melt_energy_kWh_per_t=question.melt_energy_kWh_per_t,
            emission_factor=question.co2_factor_kg_per_kWh,
            energy_price=question.energy_price_per_kWh,
            metal_price=question.metal_price_per_kg,
            return_value=question.return_value_per_kg,
            melt_loss=_share(question.melt_loss_percent),
            aids_cost=question.aids_cost,
        ),
        gating_mass=question.gating_kg,
        trials=question.trials,
        seed=question.seed,
        progress=lambda share: call.progress(0.02 + 0.78 * share, said),
    )
    return _told(call, question, read, found, made)


RISER = Door(
    "casting", "riser",
    text(
        "Design the risers of a part: sized by the rules of the trade, frozen with the part, and changed until the "
        "casting is sound or it is clear why not."
    ),
    Right.ENGINEER, Way.RUN, DesignAsked, FrozenTold, _design,
)  # fmt: skip
OPTIMISE = Door(
    "casting", "optimise",
    text(
        "Search for the sound risers of a part with the best yield and, where prices are given, cost, melt energy and "
        "carbon dioxide."
    ),
    Right.ENGINEER, Way.RUN, OptimiseAsked, FrozenTold, _optimise,
)  # fmt: skip
RISER_DOORS: tuple[Door[Any], ...] = (RISER, OPTIMISE)
