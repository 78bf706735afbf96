"""`forgecast melting fade`: how magnesium fades in the plant's ladles, and how long each could have waited."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_figures, show_table
from forgecast.app.cli.melting.show import echo_json, say
from forgecast.app.cli.quantity import Quantity
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.tasks.fade_of_ladles import FadeAnswer

#: Below this probability of the fit the exponential is doubted.
_POOR = 0.01


@click.command(
    cls=BilingualCommand,
    name="fade",
    sentence=text("Learn from a plant's ladles how magnesium fades after the treatment, and how long each could wait."),
    examples=(
        ("forgecast melting fade my-plant", text("rate and half-life")),
        ("forgecast melting fade my-plant --lowest 0.035% --spread 0.001%", text("and until when each may be poured")),
    ),
)
@argument("plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@option("--element", default="Mg", show_default=True, help=text("Element that fades."))
@option("--lowest", type=Quantity("share"), help=text("Content that is to be kept until the end of pouring."))
@option("--spread", type=Quantity("share"), help=text(
    "Standard deviation of the spectrometer for one sample, where none is on record."))  # fmt: skip
@option("--confidence", type=Quantity("share"), default="95%", show_default=True, help=text("With which it is kept."))
@json_option
@language_option
@click.pass_context
def fade(
    context: click.Context,
    *,
    plant: Path,
    element: str,
    lowest: float | None,
    spread: float | None,
    confidence: float,
    as_json: bool,
) -> None:
    """Learn a fading and show it."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.fade_of_ladles import fade_of_ladles  # noqa: PLC0415

    with PlantFolder.open(plant) as opened:
        answer = fade_of_ladles(opened, element, spread=spread, lowest=lowest, confidence=confidence)
    if as_json:
        echo_json(answer.as_json())
        return
    _show(answer, language_of(context))


def _show(answer: FadeAnswer, language: Language) -> None:
    found = answer.fade
    half, doubt = answer.half_life
    figures: list[tuple[Text, str]] = [
        (text("Half-life"), "∞" if math.isinf(half) else f"{half / 60.0:.1f} ± {doubt / 60.0:.1f} min"),
        (text("Ladles"), str(len(found.ladles))),
    ]
    show_figures(figures, language)
    if math.isfinite(found.fit) and found.fit < _POOR:
        say(
            text(
                "The samples scatter more than their uncertainty allows, or {element} does not fade exponentially.",
                element=answer.element,
            ),
            language,
        )
    click.echo()
    heads = [text("Ladle"), text("at the treatment [%]"), text("std. dev. [%]")]
    if answer.until:
        heads.append(text("pour before [min]"))
    rows = []
    for n, ladle in enumerate(found.ladles):
        row = [ladle, f"{100.0 * found.starts[n]:.4f}", f"{100.0 * found.start_uncertainties[n]:.4f}"]
        if answer.until:
            row.append("∞" if math.isinf(answer.until[n]) else f"{answer.until[n] / 60.0:.1f}")
        rows.append(tuple(row))
    show_table(tuple(heads), rows, language)
