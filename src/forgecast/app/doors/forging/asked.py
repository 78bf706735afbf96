"""What a forging is asked about its metal and its air, as the tables of a case."""

from __future__ import annotations

from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Question
from forgecast.app.forging.case_text import quantity


class MetalAsked(Question):
    """The metal of a forging at forging temperature."""

    title: str = Asked(default="", max_length=120)
    metal: str = Asked(default="", max_length=80, description="Flow stress by name, as forging/metals lists them.")
    metal_file: str = Asked(default="", max_length=80, description="Upload of coefficients of your own (TOML) instead.")
    density_kg_per_m3: float = Asked(gt=0.0)
    specific_heat_J_per_kgK: float = Asked(gt=0.0)
    conductivity_W_per_mK: float = Asked(gt=0.0)


def metal_table(call: Call, question: MetalAsked) -> dict[str, str | float | None]:
    """Return the table ``[metal]``."""
    own = str(call.upload(question.metal_file)) if question.metal_file else ""
    return {
        "flow_stress": own or question.metal or None,
        "density": quantity(question.density_kg_per_m3, "kg/m3"),
        "specific_heat": quantity(question.specific_heat_J_per_kgK, "J/(kg K)"),
        "conductivity": quantity(question.conductivity_W_per_mK, "W/(m K)"),
    }


def file_of(call: Call, upload: str) -> str | None:
    """Return where an upload lies; None for none."""
    return str(call.upload(upload)) if upload else None
