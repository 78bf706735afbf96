"""`forgecast carbon cbam`: what a good costs its importer, by default values and by the plant's own records."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.carbon.words import item_text, number
from forgecast.app.cli.bilingual import BilingualCommand, argument, json_option, language_of, language_option, option
from forgecast.app.cli.casting.show import show_notes, show_table
from forgecast.app.cli.melting.show import echo_json, say
from forgecast.environment.carbon.cbam_tables import FIRST_YEAR, describe
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.tasks.cbam_good import CbamAnswer

_BASES: dict[str, Text] = {"default": text("default values"), "actual": text("own records")}


@click.command(
    cls=BilingualCommand,
    name="cbam",
    sentence=text(
        "Say whether CBAM holds for a good and what a tonne of it costs its importer: embedded emissions less free "
        "allocation, by default values and, for a product of a plant, by its own records."
    ),
    examples=(
        ("forgecast carbon cbam 73261990 --price 80", text("a die forging from China by default values")),
        ("forgecast carbon cbam 73259910", text("castings: not covered today, proposed for 2028")),
        (
            "forgecast carbon cbam --plant my-plant --product F-301 --route C --sheet cbam.xlsx",
            text("by the plant's records, with the data sheet for the importer"),
        ),
    ),
)
@argument("cn_code", required=False, help=text("Code of the Combined Nomenclature; for a product it is on record."))
@option("--plant", type=click.Path(path_type=Path), help=text("Folder of the plant."))
@option("--product", help=text("Part number; its CN code is taken from the records."))
@option("--heat", "heats", multiple=True, help=text("Only this heat; may be given again."))
@option("--country", default="CN", show_default=True, help=text("Country of production, two letters."))
@option("--year", type=click.IntRange(FIRST_YEAR, 2100), help=text("Year of import; without it this year."))
@option("--records", "records_year", type=click.IntRange(2000, 2100), help=text(
    "Calendar year of the plant's records; without it the last twelve months."))  # fmt: skip
@option("--route", default="", help=text("Letter of the production route of the benchmark (C, D, E, K, L …)."))
@option("--price", type=click.FloatRange(min=0.0), help=text("Price of a certificate, EUR per t CO2e."))
@option("--sheet", type=click.Path(path_type=Path, dir_okay=False), help=text(
    "Write the data sheet for the importer to this XLSX file."))  # fmt: skip
@json_option
@language_option
@click.pass_context
def cbam(
    context: click.Context,
    *,
    cn_code: str | None,
    plant: Path | None,
    product: str | None,
    heats: tuple[str, ...],
    country: str,
    year: int | None,
    records_year: int | None,
    route: str,
    price: float | None,
    sheet: Path | None,
    as_json: bool,
) -> int:
    """Answer for a good and show it."""
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415  (heavy libraries load only when needed)
    from forgecast.tasks.cbam_good import cbam_good, cbam_product  # noqa: PLC0415

    import_year = max(year or datetime.now(tz=UTC).year, FIRST_YEAR)
    if plant is not None and product:
        with PlantFolder.open(plant) as opened:
            answer = cbam_product(
                opened, product, import_year=import_year, country=country, route=route, price=price,
                year=records_year, heats=heats,
            )  # fmt: skip
    elif cn_code and plant is None and not product:
        answer = cbam_good(cn_code, country=country, year=import_year, route=route, price=price)
    else:
        raise ForgecastError(
            text("give a CN code, or a plant and one of its products"),
            where="carbon cbam",
            repair=text("forgecast carbon cbam 73261990, or --plant my-plant --product F-301"),
        )
    if sheet is not None:
        from forgecast.app.carbon.importer_sheet import write_importer_sheet  # noqa: PLC0415

        write_importer_sheet(answer, sheet)
    if as_json:
        echo_json(answer.as_json())
    else:
        _show(answer, language_of(context))
        if sheet is not None:
            say(text("The data sheet for the importer is in {path}", path=str(sheet)), language_of(context))
    return 0


def _show(answer: CbamAnswer, language: Language) -> None:
    say(describe(answer.scope), language, "bold")
    if answer.owed:
        heads = (
            text("by"),
            text("embedded [t CO2e/t]"),
            text("benchmark [t CO2e/t]"),
            text("free allocation [t CO2e/t]"),
            text("certificates [t CO2e/t]"),
            text("cost [EUR/t]"),
        )
        rows = [
            (
                _BASES[one.basis].say(language),
                f"{one.embedded:.3f}",
                number(answer.benchmarks.get(one.basis)),
                f"{one.free:.3f}",
                f"{one.net:.3f}",
                number(one.cost),
            )
            for one in answer.owed
        ]
        click.echo()
        show_table(heads, rows, language)
    if answer.precursors:
        _show_precursors(answer, language)
    click.echo()
    # The first note repeats the headline.
    show_notes(answer.notes[1:], language)


def _show_precursors(answer: CbamAnswer, language: Language) -> None:
    heads = (text("precursor"), text("CN code"), text("share [t/t]"), text("embedded [t CO2e/t]"), text("from"))
    rows = [
        (
            item_text(one.precursor.name).say(language),
            one.cn_code,
            number(one.precursor.mass_t),
            number(one.precursor.see),
            one.origin.say(language),
        )
        for one in answer.precursors
    ]
    click.echo()
    show_table(heads, rows, language)
