"""The summary of a run as JSON: figures with units, inputs with sources, residuals, hashes and timings."""

from __future__ import annotations

import json
import math
from pathlib import Path

from forgecast import __version__
from forgecast.app.casting.outcome import Cavity, Figure, Judgement, Outcome, Setting, Spot
from forgecast.app.results_folder import file_entry

#: Grows by one when a key changes its meaning or goes away.
JSON_VERSION = 1


def summary_of(outcome: Outcome, files: tuple[Path, ...] = ()) -> dict[str, object]:
    """Return the summary; it follows ``casting.schema.json``.

    Parameters
    ----------
    outcome : Outcome
    files : tuple of Path
        Files that belong to the run; each is named with its size and SHA-256.
    """
    grid = outcome.grid
    return {
        "ok": True,
        "json_version": JSON_VERSION,
        "forgecast": __version__,
        "part": outcome.title,
        "made": outcome.made.isoformat(),
        "hashes": {f"{name}_sha256": value for name, value in outcome.hashes.items()},
        "inputs": [_setting(setting) for setting in outcome.settings],
        "grid": {
            "cells": list(reversed(grid.shape)),
            "low_m": [float(edges[0]) for edges in (grid.x, grid.y, grid.z)],
            "high_m": [float(edges[-1]) for edges in (grid.x, grid.y, grid.z)],
            "smallest_cell_m": float(min(widths.min() for widths in grid.widths)),
        },
        "figures": [_figure(figure) for figure in outcome.figures],
        "residuals": [_figure(figure) for figure in outcome.residuals],
        "hot_spots": [_spot(spot) for spot in outcome.spots],
        "cavities": [_cavity(cavity) for cavity in outcome.cavities],
        "judgements": [_judgement(judgement) for judgement in outcome.judgements],
        "notes": [note.as_json() for note in outcome.notes],
        "findings": [finding.as_json() for finding in outcome.findings],
        "sources": [source.as_json() for source in outcome.sources],
        "timings_s": dict(outcome.timings),
        "files": [file_entry(path) for path in files],
    }


def write_summary(outcome: Outcome, folder: Path, files: tuple[Path, ...]) -> Path:
    """Write ``summary.json``."""
    path = folder / "summary.json"
    content = json.dumps(summary_of(outcome, files), ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(content + "\n", encoding="utf-8", newline="\n")
    return path


def known(value: float | None) -> float | None:
    """Return a number, or None for what is not known: JSON has no NaN."""
    return value if value is not None and math.isfinite(value) else None


def _setting(setting: Setting) -> dict[str, object]:
    return {
        "name": setting.name,
        "title": setting.title.as_json(),
        "value": setting.value.as_json(),
        "source": None if setting.source is None else setting.source.as_json(),
        "assumed": setting.assumed,
    }


def _figure(figure: Figure) -> dict[str, object]:
    return {
        "name": figure.name,
        "title": figure.title.as_json(),
        "value": known(figure.value),
        "unit": figure.unit,
        "note": None if figure.note is None else figure.note.as_json(),
    }


def _spot(spot: Spot) -> dict[str, object]:
    return {
        "number": spot.number,
        "place_m": list(spot.place),
        "solid_after_s": known(spot.time),
        "body": spot.body.as_json(),
    }


def _cavity(cavity: Cavity) -> dict[str, object]:
    return {
        "number": cavity.number,
        "place_m": list(cavity.place),
        "volume_m3": cavity.volume,
        "body": cavity.body.as_json(),
    }


def _judgement(judgement: Judgement) -> dict[str, object]:
    return {
        "criterion": judgement.criterion.as_json(),
        "word": judgement.word,
        "value": judgement.value.as_json(),
        "threshold": judgement.threshold.as_json(),
        "reason": judgement.reason.as_json(),
        "source": None if judgement.source is None else judgement.source.as_json(),
    }
