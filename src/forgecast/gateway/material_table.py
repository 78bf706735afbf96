"""Tables of charge materials: one row a material, units in the headers, contents by element with their spreads."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forgecast.gateway.case_file import CaseError, carbon_factor, plain, price_factor
from forgecast.gateway.delimited import read_delimited
from forgecast.gateway.header import folded
from forgecast.gateway.number import read_numbers
from forgecast.gateway.table import Batch, RawTable, as_text, whole
from forgecast.gateway.workbook import read_workbook
from forgecast.ground.errors import ForgecastError, ImportRefusedError, UnitError
from forgecast.ground.texts import text
from forgecast.ground.units import scale
from forgecast.melting.material import Content, Material

_UNIT = re.compile(r"^(?P<name>.+?)\s*[(\[{【]\s*(?P<unit>[^()\[\]{}【】]+?)\s*[)\]}】]$")
_ELEMENT = re.compile(r"^(?:w\()?(?P<element>[A-Z][a-z]?)\)?(?P<spread>\s*(?:spread|std|标准差|波动))?$")
_NAMES: dict[str, tuple[str, ...]] = {
    "name": ("name", "material", "名称", "材料", "炉料"),
    "kind": ("kind", "类别", "种类"),
    "price": ("price", "价格", "单价"),
    "yield": ("yield", "收得率", "熔化收得率"),
    "stock": ("stock", "库存", "可用量"),
    "least": ("least", "最少用量"),
    "piece": ("piece", "块重", "单块质量"),
    "carbon": ("carbon", "碳排放"),
}
_WORDS = ("name", "kind")
_NEEDED = ("name", "kind", "price", "yield", "stock")
#: As an error shows them.
_SHOWN = "name, kind, price [CNY/t], yield [%], stock [kg], C [%], C spread [%] …"
_KINDS = {"yield": ("share", "1"), "stock": ("mass", "kg"), "least": ("mass", "kg"), "piece": ("mass", "kg")}
#: Written in a cell of stock where any mass can be had.
_ANY = frozenset(("any", "不限"))


@dataclass(frozen=True, slots=True)
class ReadMaterial:
    """A material as it was read, with what was told of its spreads.

    Parameters
    ----------
    material : Material
        Contents without a told spread have a spread of 0, which nobody takes for a spread.
    place : str
        ``file:row`` or ``file:line``.
    told : frozenset of str
        Elements with a spread of their own.
    spread_share : float or None
        Spread of the others as a share of their content [1].
    """

    material: Material
    place: str
    told: frozenset[str]
    spread_share: float | None = None

    def spread_of(self, element: str, share: float | None) -> float | None:
        """Return the spread of an element [1]: its own, else by a share of the content; None where none is told."""
        content = self.material.contents[element]
        if element in self.told:
            return content.spread
        by = self.spread_share if self.spread_share is not None else share
        if by is not None:
            return by * content.mean
        return 0.0 if content.mean == 0.0 else None

    def silent(self, share: float | None, needed: Iterable[str]) -> list[str]:
        """Return the needed elements whose spread nobody has told."""
        return sorted(e for e in needed if e in self.material.contents and self.spread_of(e, share) is None)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table: what it holds, and what its numbers are multiplied by."""

    name: str
    spread: bool
    factor: float
    index: int


def read_materials(path: Path, currency: str) -> list[ReadMaterial]:
    """Read a table of materials.

    Columns: ``name``, ``kind``, ``price [CNY/t]``, ``yield [%]``, ``stock [kg]``; may be there: ``least [kg]``,
    ``piece [kg]``, ``carbon [kgCO2/kg]``; contents by element ``C [%]`` and their standard deviations
    ``C spread [%]``. An empty cell of a content means that it is not known.

    Parameters
    ----------
    path : Path
        CSV or another delimited text, or XLSX (its first sheet).
    currency : str
        Of the prices.

    Raises
    ------
    CaseError
        If a column is missing, has no unit or means nothing, or a cell is no number; with file, row and column.
    ImportRefusedError
        If the file cannot be read.
    """
    table = _opened(path)
    columns = _columns(table, currency)
    batch = whole(table)
    numbers = {key: _numbers(table, batch, column) for key, column in columns.items() if column.name not in _WORDS}
    words = {key: as_text(batch.columns[columns[key].index]).to_pylist() for key in _WORDS}
    stocks = as_text(batch.columns[columns["stock"].index]).to_pylist()
    found = []
    for n, row in enumerate(batch.rows):
        if not any(words[key][n] for key in _WORDS):
            continue
        free = (stocks[n] or "").strip() in _ANY
        found.append(_material(table, int(row), words, numbers, n, free=free))
    return found


def _opened(path: Path) -> RawTable:
    names = tuple(name for group in _NAMES.values() for name in group)
    if not path.is_file():
        raise ImportRefusedError(
            text("there is no such file"), where=str(path), repair=text("check the path and the name")
        )
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        with path.open("rb") as source:
            return read_workbook(path.name, source, names=names, header=None)[0]
    return read_delimited(path, names=names)


def _columns(table: RawTable, currency: str) -> dict[str, _Column]:
    """Return the columns by name; contents by ``C``, their spreads by ``C spread``."""
    known = {folded(word): key for key, group in _NAMES.items() for word in group}
    found: dict[str, _Column] = {}
    for index, header in enumerate(table.header):
        if not header.strip():
            continue
        plain = unicodedata.normalize("NFKC", header).strip()
        match = _UNIT.match(plain)
        name, unit = (match["name"], match["unit"]) if match else (plain, "")
        where = f"{table.name}: {header}"
        element = _ELEMENT.match(name)
        key = known.get(folded(name), "")
        if key:
            factor = 1.0 if key in _WORDS else _factor(key, unit, currency, where)
            column = _Column(key, spread=False, factor=factor, index=index)
        elif element is not None:
            key = element["element"] + (" spread" if element["spread"] else "")
            factor = _factor("content", unit, currency, where)
            column = _Column(element["element"], spread=bool(element["spread"]), factor=factor, index=index)
        else:
            raise CaseError(
                text("the column {header} means nothing here", header=header),
                where=where,
                repair=text(
                    "its columns are: {columns}",
                    columns=_SHOWN,
                ),
            )
        if key in found:
            raise CaseError(
                text("two columns mean {name}", name=key), where=where, repair=text("keep one of them")
            )  # fmt: skip
        found[key] = column
    missing = [key for key in _NEEDED if key not in found]
    if missing:
        raise CaseError(
            text("the table has no column {columns}", columns=", ".join(missing)),
            where=table.name,
            repair=text("its columns are: {columns}", columns=_SHOWN),
        )
    return found


def _factor(key: str, unit: str, currency: str, where: str) -> float:
    """Return what the numbers of a column are multiplied by to be SI."""
    if not unit:
        raise CaseError(
            text("nothing says in which unit this column is written"),
            where=where,
            repair=text("write the unit into the header: {example}", example="price [CNY/t], stock [kg], C [%]"),
        )
    if key == "price":
        return price_factor(unit, currency, where)
    if key == "carbon":
        return carbon_factor(unit, where)
    kind, target = _KINDS.get(key, ("share", "1"))
    try:
        return scale(kind, unit, target)[0]
    except UnitError as error:
        raise CaseError(error.what, where=where, repair=error.repair) from None


def _numbers(table: RawTable, batch: Batch, column: _Column) -> np.ndarray:
    raw = batch.columns[column.index]
    got = read_numbers(raw)
    wrong = got.wrong.copy()
    if column.name == "stock":
        wrong &= np.array([(word or "").strip() not in _ANY for word in as_text(raw).to_pylist()], dtype=np.bool_)
    bad = np.flatnonzero(wrong)
    if bad.size:
        raise CaseError(
            text("{word} is no number", word=str(as_text(raw)[int(bad[0])].as_py())),
            where=f"{table.name}:{int(batch.rows[bad[0]])}: {table.header[column.index]}",
            repair=text("write a plain number, or leave the cell empty where it is not known"),
        )
    return np.array([plain(v) for v in np.asarray(got.value) * column.factor])


def _material(
    table: RawTable,
    row: int,
    words: dict[str, list[str | None]],
    numbers: dict[str, np.ndarray],
    n: int,
    *,
    free: bool,
) -> ReadMaterial:
    place = f"{table.name}:{row}"
    for key in _NEEDED:
        lacks = not (words[key][n] or "").strip() if key in _WORDS else math.isnan(numbers[key][n])
        if lacks and not (key == "stock" and free):
            raise CaseError(
                text("{key} is missing", key=key),
                where=place,
                repair=text("fill the cell; where any mass can be had, the stock is `any`"),
            )

    def maybe(key: str) -> float | None:
        value = float(numbers[key][n]) if key in numbers else math.nan
        return None if math.isnan(value) else value

    means = {key: maybe(key) for key in numbers if _ELEMENT.fullmatch(key) and not key.endswith(" spread")}
    contents = {e: mean for e, mean in means.items() if mean is not None}
    spreads = {e: maybe(f"{e} spread") for e in contents}
    try:
        material = Material(
            (words["name"][n] or "").strip(),
            (words["kind"][n] or "").strip(),
            {e: Content(mean, spreads[e] or 0.0) for e, mean in contents.items()},
            float(numbers["price"][n]),
            float(numbers["yield"][n]),
            math.inf if free else float(numbers["stock"][n]),
            maybe("least") or 0.0,
            maybe("piece"),
            maybe("carbon"),
        )
    except ForgecastError as error:
        raise CaseError(error.what, where=place, repair=error.repair) from error
    return ReadMaterial(material, place, frozenset(e for e, s in spreads.items() if s is not None))
