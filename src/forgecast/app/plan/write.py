"""The folder of a plan: its pictures and ``summary.json``, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from forgecast.app.plan.frontier import draw_frontier
from forgecast.app.plan.gantt import draw_gantt
from forgecast.app.plan.waterfall import draw_waterfall, shown
from forgecast.app.results_folder import with_summary
from forgecast.ground.texts import Language
from forgecast.tasks.plan_plant import PlanAnswer

Form = Literal["png", "svg"]
#: Every file such a run may leave.
NAMES: Final = (
    "summary.json",
    *(f"{name}.{form}" for name in ("gantt", "waterfall", "frontier") for form in ("png", "svg")),
)
#: Grows by one when a key changes its meaning or goes away.
JSON_VERSION: Final = 1


def write_plan(answer: PlanAnswer, folder: Path, language: Language, form: Form = "png") -> tuple[Path, ...]:
    """Write ``gantt``, ``waterfall`` (where anything changes), ``frontier`` (where traced) and ``summary.json``.

    Raises
    ------
    ForgecastError
        If they cannot be written; then `folder` is as it was.
    """

    def draw(aside: Path) -> list[Path]:
        made = [aside / f"gantt.{form}"]
        draw_gantt(answer, made[0], language)
        if shown(answer):
            made.append(aside / f"waterfall.{form}")
            draw_waterfall(answer, made[-1], language)
        if any(answer.frontiers.values()):
            made.append(aside / f"frontier.{form}")
            draw_frontier(answer, made[-1], language)
        return made

    return with_summary(answer.as_json(), draw, folder, names=NAMES, version=JSON_VERSION)
