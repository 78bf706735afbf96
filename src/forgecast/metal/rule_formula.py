"""Formulas of release rules: `C`, `Cr+Mo+Ni`, `Mn/S`, `C+Mn/6+(Cr+Mo+V)/5+(Ni+Cu)/15`, `100-Si-Mg`, `Rp0.2/Rm`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: A value and its derivative with respect to each quantity it depends on.
Dual: TypeAlias = "tuple[float, dict[str, float]]"

#: 100 % less every share that was measured: the balance element, where nobody measures it.
REMAINDER: Final = "remainder"

#: Quantities a rule may name beside the elements -> field of the record `mechanical_test` and unit of its values.
PROPERTIES: Final[dict[str, tuple[str, str]]] = {
    "Rm": ("Rm_MPa", "MPa"),
    "Rp0.2": ("Rp02_MPa", "MPa"),
    "A": ("A_percent", "%"),
    "Z": ("Z_percent", "%"),
    "HBW": ("hardness_HBW", "1"),
    "HRC": ("hardness_HRC", "1"),
    "KV": ("KV_J", "J"),
    "nodularity": ("nodularity_percent", "%"),
    "pearlite": ("pearlite_percent", "%"),
}
#: Elements a rule may name: those a sample can hold.
ELEMENTS: Final = frozenset(
    ("C", "Si", "Mn", "P", "S", "Mg", "Cr", "Mo", "Ni", "Cu", "Sn", "Al", "Ti", "V", "Nb", "W", "Co", "B", "N", "O",
     "Pb", "Zn", "Fe", "Sb", "As", "Bi", "Te", "Ce", "La", "Sr", "Na", "Ca", "Zr")
)  # fmt: skip
_TOKEN: Final = re.compile(r"\s*(?:(Rp0\.2|[A-Za-z]+)|(\d+(?:\.\d+)?)|([-+*/()]))")


@dataclass(frozen=True, slots=True)
class Formula:
    """A rule's left-hand side.

    Parameters
    ----------
    written : str
        As it stands in the table, without blanks.
    symbols : tuple of str
        Elements and properties it needs, in the order in which they stand.
    """

    written: str
    symbols: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Return ``property``, ``element``, ``remainder``, ``sum``, ``ratio`` or ``formula``."""
        if self.symbols == (REMAINDER,):
            return "remainder"
        if len(self.symbols) == 1 and self.written == self.symbols[0]:
            return "property" if self.symbols[0] in PROPERTIES else "element"
        if re.fullmatch(r"\w+(\+\w+)+", self.written):
            return "sum"
        if re.fullmatch(r"[\w.]+/[A-Z][\w.]*", self.written):
            return "ratio"
        return "formula"

    @property
    def mechanical(self) -> bool:
        """Whether it is about mechanical tests, not about composition."""
        return any(symbol in PROPERTIES for symbol in self.symbols)

    def evaluate(self, values: Mapping[str, float]) -> Dual:
        """Return the value and its derivatives.

        Parameters
        ----------
        values : mapping of str to float
            Of every symbol; elements in percent, properties in the unit of `PROPERTIES`.

        Returns
        -------
        value : float
            NaN where it divides by zero.
        derivatives : dict of str to float
            With respect to each symbol.

        Raises
        ------
        KeyError
            If a symbol has no value.
        """
        return _Parser(self.written, values).whole()


@lru_cache(maxsize=512)
def formula(written: str) -> Formula:
    """Read a rule's left-hand side.

    Raises
    ------
    ForgecastError
        If it is no formula, or names something that is neither an element nor a property.
    """
    seen: dict[str, float] = {}

    class Asked(dict[str, float]):
        def __missing__(self, symbol: str) -> float:
            if symbol not in PROPERTIES and symbol not in ELEMENTS and symbol != REMAINDER:
                raise ForgecastError(
                    text("{symbol} is neither an element nor a property", symbol=symbol),
                    where=written,
                    repair=text(
                        "write element symbols (C, Mn), {remainder}, or one of: {names}",
                        remainder=REMAINDER,
                        names=", ".join(PROPERTIES),
                    ),
                )
            return seen.setdefault(symbol, 1.0)

    _Parser(written, Asked()).whole()
    symbols = tuple(seen)
    if not symbols or (any(s in PROPERTIES for s in symbols) and not all(s in PROPERTIES for s in symbols)):
        raise ForgecastError(
            text("the rule {rule} is about nothing that one test measures", rule=written or "—"),
            where=written,
            repair=text("name elements only, or properties of a mechanical test only"),
        )
    if REMAINDER in symbols and len(symbols) > 1:
        raise ForgecastError(
            text("{remainder} stands in a rule with other elements", remainder=REMAINDER),
            where=written,
            repair=text("give the remainder a rule of its own, or write 100-Si-Mg"),
        )
    return Formula(re.sub(r"\s+", "", written), symbols)


class _Parser:
    """Reads and evaluates at once: sums of products of signed atoms."""

    def __init__(self, written: str, values: Mapping[str, float]) -> None:
        self.written, self.values = written, values
        self.tokens: list[str] = []
        place = 0
        while written[place:].strip():
            found = _TOKEN.match(written, place)
            if found is None:
                raise self._wrong()
            self.tokens.append(found.group().strip())
            place = found.end()

    def whole(self) -> Dual:
        got = self._chain("+-", self._product)
        if self.tokens:
            raise self._wrong()
        return got

    def _product(self) -> Dual:
        return self._chain("*/", self._atom)

    def _chain(self, signs: str, part: Callable[[], Dual]) -> Dual:
        got = part()
        while self.tokens and self.tokens[0] in signs:
            sign = self.tokens.pop(0)
            got = _joined(sign, got, part())
        return got

    def _atom(self) -> Dual:
        part = self.tokens.pop(0) if self.tokens else ""
        if part == "(":
            got = self._chain("+-", self._product)
            if not self.tokens or self.tokens.pop(0) != ")":
                raise self._wrong()
            return got
        if part[:1].isdigit():
            return float(part), {}
        if part[:1].isalpha():
            return self.values[part], {part: 1.0}
        raise self._wrong()

    def _wrong(self) -> ForgecastError:
        return ForgecastError(
            text("{rule} is no rule that can be read", rule=self.written or "—"),
            where=self.written,
            repair=text("write it with + - * / and brackets: C+Mn/6, Mn/S, 100-Si-Mg"),
        )


def _joined(sign: str, left: Dual, right: Dual) -> Dual:
    a, b = left[0], right[0]
    if sign == "+":
        value, by_left, by_right = a + b, 1.0, 1.0
    elif sign == "-":
        value, by_left, by_right = a - b, 1.0, -1.0
    elif sign == "*":
        value, by_left, by_right = a * b, b, a
    elif b == 0.0:
        value = by_left = by_right = float("nan")
    else:
        value, by_left, by_right = a / b, 1.0 / b, -a / b**2
    slopes = {name: by_left * slope for name, slope in left[1].items()}
    for name, slope in right[1].items():
        slopes[name] = slopes.get(name, 0.0) + by_right * slope
    return value, slopes
