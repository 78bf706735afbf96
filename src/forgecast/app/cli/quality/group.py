"""The group `forgecast quality` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _chart() -> click.Command:
    from forgecast.app.cli.quality.chart import chart  # noqa: PLC0415

    return chart


def _capability() -> click.Command:
    from forgecast.app.cli.quality.capability import capability  # noqa: PLC0415

    return capability


def _gauge() -> click.Command:
    from forgecast.app.cli.quality.gauge import gauge  # noqa: PLC0415

    return gauge


def _scatter() -> click.Command:
    from forgecast.app.cli.quality.scatter import scatter  # noqa: PLC0415

    return scatter


def _sampling() -> click.Command:
    from forgecast.app.cli.quality.sampling import sampling  # noqa: PLC0415

    return sampling


def _pareto() -> click.Command:
    from forgecast.app.cli.quality.pareto import pareto  # noqa: PLC0415

    return pareto


def _fmea() -> click.Command:
    from forgecast.app.cli.quality.fmea import fmea  # noqa: PLC0415

    return fmea


def _contain() -> click.Command:
    from forgecast.app.cli.quality.contain import contain  # noqa: PLC0415

    return contain


def _tolerance() -> click.Command:
    from forgecast.app.cli.quality.tolerance import tolerance  # noqa: PLC0415

    return tolerance


def _rejects() -> click.Command:
    from forgecast.app.cli.quality.rejects import rejects  # noqa: PLC0415

    return rejects


@click.group(
    cls=BilingualGroup,
    name="quality",
    sentence=text(
        "Watch quality: control charts, capability, gauge studies, where scatter arises, sampling plans, defects, "
        "failure modes, and whether a containment worked."
    ),
    examples=(
        (
            "forgecast quality chart my-plant shot.cast_pressure_bar --by die",
            text("one control chart of single values for each die"),
        ),
        (
            "forgecast quality capability shafts.csv 'diameter [mm]' --lower 41.6 --upper 42.4",
            text("capability of a column of a file, or why it may not be told"),
        ),
        ("forgecast quality pareto my-plant --since 2025-01-01", text("which defects matter most")),
    ),
    later={
        "chart": _chart,
        "capability": _capability,
        "tolerance": _tolerance,
        "gauge": _gauge,
        "scatter": _scatter,
        "sampling": _sampling,
        "pareto": _pareto,
        "fmea": _fmea,
        "contain": _contain,
        "rejects": _rejects,
    },
)
@language_option
def quality() -> None:
    """Hold the commands of quality together."""
