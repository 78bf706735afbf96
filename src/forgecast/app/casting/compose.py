"""A frozen part put together as an outcome: what was asked, what came out, what it rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from forgecast import __version__
from forgecast.app.casting.outcome import Body, Figure, Outcome, Setting
from forgecast.app.casting.tell import cavities_of, fields_of, judgements_of, spots_of
from forgecast.app.report.numbers import shown_with_unit
from forgecast.ground.citation import Source
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Text, text, verbatim
from forgecast.metal.media import medium
from forgecast.metal.provenance import weakest
from forgecast.shape.measure import measure
from forgecast.shape.solid import Solid, joined
from forgecast.tasks.freeze_part import FrozenPart
from forgecast.tasks.mould_layout import Body as MouldBody

_ZERO = 273.15
#: At which masses are stated [K].
_ROOM = 293.15


def outcome_of(
    frozen: FrozenPart, *, title: str, made: datetime, assumed: frozenset[str] = frozenset(),
    findings: tuple[Finding, ...] = (), notes: tuple[Text, ...] = (), timings: Mapping[str, float] | None = None,
) -> Outcome:  # fmt: skip
    """Return a frozen part as pictures, summary and page show it.

    Parameters
    ----------
    frozen : FrozenPart
    title : str
        Name of the part.
    made : datetime
    assumed : frozenset of str
        Names of settings that nobody gave: they are marked.
    findings : tuple of Finding
        Of reading the part.
    notes : tuple of Text
        What a reader has to know beside what the task notes: repairs, for one.
    timings : mapping of str to float or None
        Seconds of steps before the task.
    """
    names = _names(frozen.bodies)
    settings = _settings(frozen, assumed)
    return Outcome(
        title=title,
        made=made,
        grid=frozen.freezing.grid,
        part=frozen.freezing.part,
        time_solidus=frozen.freezing.time_solidus,
        bodies=shown_bodies(frozen.casting, frozen.bodies),
        settings=settings,
        figures=_figures(frozen),
        void=frozen.shrinkage.macro,
        porosity=frozen.shrinkage.micro,
        fields=fields_of(
            frozen.freezing,
            frozen.shrinkage,
            {
                "niyama [K^0.5 s^0.5/m]": frozen.niyama.astype(np.float32),
                "feeding_zone_modulus [m]": _zone_modulus(frozen),
            },
        ),
        residuals=_residuals(frozen),
        spots=spots_of(frozen.pools, names),
        cavities=cavities_of(frozen.shrinkage, names),
        judgements=judgements_of(frozen.soundness),
        notes=(*notes, *frozen.notes),
        findings=(*findings, *frozen.findings),
        sources=frozen.sources,
        hashes={"part": frozen.casting.sha256, "settings": _settings_hash(frozen)},
        timings={**(timings or {}), **frozen.timings},
    )


def shown_bodies(casting: Solid, bodies: Sequence[MouldBody]) -> tuple[Body, ...]:
    """Return a casting and all that stands beside it in its mould as bodies with names."""
    names = _names(bodies)
    made = [Body("casting", names[1], casting.vertices, casting.faces)]
    metal = 1
    for body in bodies:
        if body.kind == "riser":
            metal += 1
        name = names[metal] if body.kind == "riser" else medium(body.medium).title
        made.append(Body(body.kind, name, body.solid.vertices, body.solid.faces))
    return tuple(made)


def _names(bodies: Sequence[MouldBody]) -> dict[int, Text]:
    """Return the names of bodies of metal, numbered as in `part`."""
    risers = [body for body in bodies if body.kind == "riser"]
    return {1: text("casting"), **{n + 2: text("riser {number}", number=n + 1) for n in range(len(risers))}}


def _zone_modulus(frozen: FrozenPart) -> NDArray[np.float32]:
    """Return for each cell of metal the modulus of the pool it freezes towards [m]; NaN outside the metal."""
    moduli = np.array([pool.modulus for pool in frozen.pools.pools] or [np.nan], dtype=np.float32)
    zone = frozen.pools.zone
    return np.where(zone >= 0, moduli[np.maximum(zone, 0)], np.float32(np.nan)).astype(np.float32)


def _degC(kelvin: float) -> Text:
    return verbatim(shown_with_unit(round(kelvin - _ZERO, 2), "degC"))


def _mm(metres: float) -> Text:
    return verbatim(shown_with_unit(round(1000 * metres, 6), "mm"))


def _settings(frozen: FrozenPart, assumed: frozenset[str]) -> tuple[Setting, ...]:
    pour, fineness = frozen.pour, frozen.fineness
    mould = medium(pour.mould)
    rows: list[tuple[str, Text, Text, tuple[Source, ...]]] = [
        ("alloy", text("Alloy"), pour.alloy.title, pour.alloy.sources),
        ("mould", text("Mould"), mould.title, mould.sources),
        ("pour", text("Poured at"), _degC(pour.temperature), ()),
        ("mould_at", text("Mould at the start"), _degC(pour.mould_temperature), ()),
        ("ambient", text("Air"), _degC(pour.ambient), ()),
        ("cell", text("Cells"), _mm(fineness.cell), ()),
        ("margin", text("Mould around the part"), _mm(fineness.margin), ()),
    ]
    for body in frozen.bodies:
        low, high = body.solid.box
        size = " × ".join(f"{1000 * side:.1f}".removesuffix(".0") for side in high - low)
        of = medium(body.medium) if body.medium else None
        said = text("{name}, {size} mm", name=of.title if of is not None else pour.alloy.title, size=size)
        title = text("Riser") if of is None else text("Chill, sleeve or core")
        rows.append((body.kind, title, said, of.sources if of is not None else ()))
    return tuple(_setting(name, title, value, sources, name in assumed) for name, title, value, sources in rows)


def _setting(name: str, title: Text, value: Text, sources: tuple[Source, ...], assumed: bool) -> Setting:  # noqa: FBT001
    if assumed or not sources:
        return Setting(name, title, value, assumed=assumed)
    _, weak = weakest(sources)
    # The weakest value decides how well the whole is known; all sources stand in the summary.
    said = text("weakest of {count} values: {source}", count=len(sources), source=weak[0].source)
    return Setting(name, title, value, replace(weak[0], source=said))


def _figures(frozen: FrozenPart) -> tuple[Figure, ...]:
    freezing, voids = frozen.freezing, frozen.shrinkage
    measures = measure(frozen.casting)
    density = float(frozen.pour.alloy.density.at(_ROOM))
    poured = float(freezing.metal_volume.sum(dtype=np.float64))
    own = freezing.part == 1
    liquid = bool(np.isnan(freezing.time_solidus[own]).any())
    note = text("some of it was still liquid at the end") if liquid else None
    last = None if liquid else float(np.max(freezing.time_solidus[own]))
    macro, micro = (sum(getattr(b, kind) for b in voids.bodies if b.body == 1) for kind in ("macro", "micro"))
    figures = [
        Figure("volume", text("Volume"), 1e6 * measures.volume, "cm3"),
        Figure("mass", text("Mass of the casting"), density * measures.volume, "kg"),
        Figure("poured_mass", text("Metal poured"), density * poured, "kg"),
        Figure("yield", text("Casting yield"), 100 * measures.volume / poured, "%"),
        Figure("modulus", text("Modulus"), 1000 * measures.modulus, "mm"),
        Figure("solid_after", text("Casting solid after"), last, "s", note),
        Figure("cavity_volume", text("Cavities in the casting"), 1e6 * macro, "cm3"),
        Figure("porosity_volume", text("Porosity in the casting"), 1e6 * micro, "cm3"),
    ]
    figures += [
        Figure(f"pipe_depth_{b.body - 1}", text("Riser {number}: depth of its pipe", number=b.body - 1),
               None if b.deepest_void is None else 1000 * b.deepest_void, "mm",
               text("of {height} mm", height=round(1000 * b.height, 1)))
        for b in voids.bodies if b.body > 1
    ]  # fmt: skip
    if frozen.error is not None:
        clear = None if frozen.error.clear else text("three grids show no order; the first order was taken")
        error = 100 * frozen.error.error_last
        figures.append(Figure("grid_error", text("Error of the last time, estimated"), error, "%", clear))
    return tuple(figures)


def _residuals(frozen: FrozenPart) -> tuple[Figure, ...]:
    freezing = frozen.freezing
    risers = [body.solid for body in frozen.bodies if body.kind == "riser"]
    metal = joined(frozen.casting, *risers) if risers else frozen.casting
    in_cells = float(freezing.metal_volume.sum(dtype=np.float64)) / measure(metal).volume - 1.0
    return (
        Figure("energy_residual", text("Energy residual"), freezing.audit.residual, "1"),
        Figure("mass_residual", text("Mass residual"), frozen.shrinkage.residual, "1"),
        Figure("volume_residual", text("Volume in cells over that of the solid, less one"), in_cells, "1"),
    )


def _settings_hash(frozen: FrozenPart) -> str:
    """Return the SHA-256 of everything a run was asked for, and of the version that ran it."""
    pour, fineness = frozen.pour, frozen.fineness
    accuracy = fineness.accuracy
    asked = {
        "forgecast": __version__,
        "alloy": pour.alloy.name,
        "alloy_sources": [source.as_json() for source in pour.alloy.sources],
        "mould": pour.mould,
        "temperatures_K": [pour.temperature, pour.mould_temperature, pour.ambient],
        "process": pour.process,
        "moisture": pour.moisture,
        "contact": None if pour.contact is None else [pour.contact.at.tolist(), pour.contact.coefficient.tolist()],
        "cell_m": fineness.cell,
        "margin_m": fineness.margin,
        "accuracy": [accuracy.tolerance, accuracy.most_stages, accuracy.growth, accuracy.feeding_fraction],
        "bodies": [[body.kind, body.medium, body.solid.sha256] for body in frozen.bodies],
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
