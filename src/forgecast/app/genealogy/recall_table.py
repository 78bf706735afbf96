"""The units of a recall as a table to hand on: CSV or XLSX, in either language."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text
from forgecast.tasks.recall_pieces import RecallAnswer, RecallUnit

Cell: TypeAlias = "str | int | float"

WHERE: Final[Mapping[str, Text]] = {
    "shipped": text("shipped"),
    "stock": text("in the works"),
    "gone": text("scrapped or remelted"),
}
#: An Excel sheet ends here.
_MOST_ROWS: Final = 1_048_575

_HEADS: Final[tuple[Text, ...]] = (
    text("piece or batch"),
    text("product"),
    text("mark"),
    text("pieces"),
    text("probability, best estimate"),
    text("probability, at least"),
    text("probability, at most"),
    text("affected, at least"),
    text("affected, at most"),
    text("share of the source"),
    text("in the set"),
    text("where"),
    text("shipment"),
    text("customer"),
    text("order"),
    text("shipped at"),
    text("last decision"),
)


def write_recall(answer: RecallAnswer, path: Path, language: Language, zone: str) -> None:
    """Write the units of a recall to a file; its ending says the form.

    Raises
    ------
    ForgecastError
        If the ending is neither .csv nor .xlsx, the sheet would be too long, or the place cannot be written.
    """
    heads = [head.say(language) for head in _HEADS]
    try:
        if path.suffix.lower() == ".csv":
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(heads)
                writer.writerows(_row(one, language, zone) for one in answer.units)
        elif path.suffix.lower() == ".xlsx" and len(answer.units) <= _MOST_ROWS:
            from openpyxl import Workbook  # noqa: PLC0415  (a third of a second to load)

            book = Workbook(write_only=True)
            sheet = book.create_sheet(text("recall").say(language))
            sheet.append(heads)
            for one in answer.units:
                sheet.append(_row(one, language, zone))
            book.save(path)
        else:
            raise ForgecastError(
                text("a recall is written as .csv or, up to a million rows, as .xlsx"),
                where=str(path),
                repair=text("give a file name that ends with .csv or .xlsx"),
            )
    except OSError as error:
        raise ForgecastError(
            text("the file cannot be written: {error}", error=error.strerror or str(error)),
            where=str(path),
            repair=text("choose another place"),
        ) from error


def _row(one: RecallUnit, language: Language, zone: str) -> list[Cell]:
    when = "" if one.shipped_at is None else f"{from_us(one.shipped_at, zone):%Y-%m-%d %H:%M}"
    return [
        one.piece,
        one.product,
        one.mark,
        one.count,
        round(one.probability, 6),
        round(one.low, 6),
        round(one.high, 6),
        one.least,
        one.most,
        round(one.share, 6),
        text("yes").say(language) if one.in_set else text("no").say(language),
        WHERE[one.where].say(language),
        one.shipment,
        one.customer,
        one.order,
        when,
        one.disposition,
    ]
