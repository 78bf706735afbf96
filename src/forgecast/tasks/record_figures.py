"""Production, resource and emission figures of a plant, from its records."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.plant.record import record
from forgecast.quality.metal_yield import MetalYield, metal_yield, scrap_mass_share
from forgecast.tasks.assessment import KeyFigure
from forgecast.tasks.monthly import key_figure, lacking, month_sums, production_by_month, production_gaps, whole
from forgecast.tasks.plant_facts import WASTE_USED
from forgecast.tasks.plant_view import PlantView, short
from forgecast.tasks.stack_figures import StackFigures

PRODUCTION = text("production")
WASTE = text("waste")


def production_figures(view: PlantView) -> tuple[list[KeyFigure], list[Finding]]:
    """Return output, metal yield and scrap share of castings and of forgings."""
    figures, findings = [], _line_gaps(view)
    rows = view.of_months("production")
    names = {"casting": text("castings"), "forging": text("forgings")}
    for route in sorted({row.text("route") for row in rows}):
        name = names.get(route, Text(route, route))
        sums = {
            field: production_by_month(view, field, route=route)
            for field in ("good_mass_t", "metal_mass_t", "scrap_mass_t")
        }
        good = sums["good_mass_t"]
        basis = text("record `production`")
        title = text("Good {product}", product=name)
        why = lacking(view, good, PRODUCTION)
        figures.append(
            key_figure(
                view, f"good_{route}", "production", title, "t", good, value=whole(good), basis=basis, why_missing=why
            )
        )
        shares = (
            (f"yield_{route}", text("Metal yield, {product}", product=name), metal_yield(good, sums["metal_mass_t"])),
            (
                f"scrap_{route}",
                text("Scrap by mass, {product}", product=name),
                scrap_mass_share(sums["scrap_mass_t"], good),
            ),
        )
        for id_, title, share in shares:
            figures.append(_share_figure(view, id_, title, share, basis))
            findings += _contradictions(view, title, share)
    return figures, findings


def _line_gaps(view: PlantView) -> list[Finding]:
    return [
        Finding(
            "production-gap",
            Severity.DOUBTFUL,
            Place("production", None, None, months[0]),
            line,
            text("line {line} has no production on record for {months}", line=line, months=short(months, 12)),
            text("add the months; write 0 where the line stood still"),
            count=len(months),
        )
        for line, months in production_gaps(view).items()
    ]


def _share_figure(view: PlantView, id_: str, title: Text, share: MetalYield, basis: Text) -> KeyFigure:
    value = None if share.overall is None else 100.0 * share.overall
    return key_figure(
        view, id_, "quality", title, "%", 100.0 * share.monthly, value=value, basis=basis, why_missing=share.why_missing
    )


def _contradictions(view: PlantView, title: Text, share: MetalYield) -> list[Finding]:
    return [
        Finding(
            "more-out-than-in",
            Severity.DOUBTFUL,
            Place("production", None, None, view.months[at]),
            view.months[at],
            text("{figure}, {month}: more came out than went in", figure=title, month=view.months[at]),
            text("compare the masses of that month with the weighbridge and the heat book"),
        )
        for at in share.contradictory
    ]


def resource_figures(view: PlantView) -> list[KeyFigure]:
    """Return waste and its use, hazardous waste, water, each by month and per tonne where that tells more."""
    figures = []
    good = production_by_month(view, "good_mass_t")
    waste = view.of_months("waste")
    if waste:
        general = month_sums(view, waste, "mass_t", where=lambda row: not row.text("hazardous_code"))
        used = month_sums(
            view, waste, "mass_t", where=lambda row: not row.text("hazardous_code") and row.text("fate") in WASTE_USED
        )
        part = np.where(np.isfinite(general), np.nan_to_num(used), np.nan)
        share = np.where(general > 0, 100.0 * part / np.where(general > 0, general, 1.0), np.nan)
        overall = None if whole(general) is None or not general.sum() > 0 else float(100.0 * part.sum() / general.sum())
        why = lacking(view, general, WASTE)
        basis = text("record `waste`, general solid waste reclaimed, reused or sold")
        title = text("Use of general solid waste")
        figures.append(
            key_figure(view, "waste_use", "resources", title, "%", share, value=overall, basis=basis, why_missing=why)
        )
        hazardous = month_sums(view, waste, "mass_t", where=lambda row: bool(row.text("hazardous_code")))
        if np.isfinite(hazardous).any():
            kept = np.isfinite(month_sums(view, waste, "mass_t"))
            hazardous = np.where(kept & np.isnan(hazardous), 0.0, hazardous)
            title = text("Hazardous waste")
            basis = text(
                "record `waste`, rows with a code of the national list; a month with other waste only has none"
            )
            value, why = whole(hazardous), lacking(view, hazardous, WASTE)
            figures.append(
                key_figure(
                    view,
                    "waste_hazardous",
                    "resources",
                    title,
                    "t",
                    hazardous,
                    value=value,
                    basis=basis,
                    why_missing=why,
                )
            )
    fresh = month_sums(
        view, view.of_months("water"), "volume_m3", where=lambda row: row.text("source") != "recirculated"
    )
    if np.isfinite(fresh).any():
        both = np.isfinite(fresh) & (good > 0)
        per = np.where(both, fresh / np.where(both, good, 1.0), np.nan)
        value = float(fresh[both].sum() / good[both].sum()) if both.any() else None
        title = text("Water taken in per tonne of good product")
        basis = text("record `water` without recirculated water, over record `production`")
        figures.append(key_figure(view, "water_per_tonne", "resources", title, "m3/t", per, value=value, basis=basis))
    return figures


def emission_figures(view: PlantView, stacks: Mapping[str, StackFigures]) -> list[KeyFigure]:
    """Return the mass emitted through monitored stacks, with what part of their hours it covers."""
    names = {choice.code: choice for choice in record("stack_test").field("pollutant").choices}
    masses: dict[str, list[tuple[str, float, int, int]]] = {}
    for stack, found in stacks.items():
        for pollutant, mass in found.mass_kg.items():
            if mass.mass is not None:
                masses.setdefault(pollutant, []).append((stack, mass.mass, mass.covered_hours, mass.missing_hours))
    nothing = np.full(len(view.months), np.nan)
    figures = []
    for pollutant, parts in masses.items():
        covered, missing = sum(p[2] for p in parts), sum(p[3] for p in parts)
        title = text(
            "{pollutant} emitted through monitored stacks", pollutant=_pollutant(pollutant, names[pollutant].zh)
        )
        basis = text(
            "stacks {stacks}: hourly concentration × dry flow over {covered} hours; {missing} operating hours without "
            "a value are not filled, so it is a lower bound",
            stacks=short(p[0] for p in parts),
            covered=covered,
            missing=missing,
        )
        value = sum(p[1] for p in parts) / 1000.0
        figures.append(
            key_figure(view, f"emitted_{pollutant}", "environment", title, "t", nothing, value=value, basis=basis)
        )
    return figures


def _pollutant(code: str, zh: str) -> Text:
    written = {"pm": "PM", "so2": "SO2", "nox": "NOx", "pb": "Lead", "nmhc": "NMHC", "tvoc": "TVOC"}
    return Text(written.get(code, code.replace("_", " ")), zh)
