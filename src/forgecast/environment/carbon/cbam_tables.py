"""What the CBAM acts say of a good: its scope, default value, benchmark and the share of free allocation.

The tables are those of the package ``opencbam`` (Apache-2.0), which transcribes Regulation (EU) 2023/956 and the
Implementing Regulations (EU) 2025/2620 and 2025/2621; only this module knows it. Every number is secondary: read in a
transcription, not in the Official Journal. A test compares them with a second transcription.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

Column: TypeAlias = Literal["actual", "default"]

FIRST_YEAR, LAST_YEAR = 2026, 2034
#: Countries the table of default values writes otherwise than CLDR does.
_NAMED_OTHERWISE = {
    "BA": "Bosnia and Herzegovina",
    "CD": "Democratic Republic of the Congo",
    "CG": "Congo",
    "CI": "Côte d'Ivoire",
    "HK": "Hong Kong",
    "MM": "Myanmar/Burma",
    "TT": "Trinidad and Tobago",
}


class CbamError(ForgecastError):
    """A question about CBAM that cannot be answered as it was asked."""


class Scope(StrEnum):
    """Whether CBAM holds for a good."""

    COVERED = "covered"
    PROPOSED = "proposed"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class GoodScope:
    """Whether a good is covered today, proposed for 2028, or outside.

    Parameters
    ----------
    cn_code : str
        Digits only.
    scope : Scope
    sector : str
        ``iron_steel``, ``aluminium`` …; empty where it is not covered.
    conditional : bool
        Whether the proposal names only a part of the code.
    direct_only : bool or None
        Whether only direct emissions count (Annex II); None where the good is not covered.
    """

    cn_code: str
    scope: Scope
    sector: str
    conditional: bool
    direct_only: bool | None


@dataclass(frozen=True, slots=True)
class DefaultValue:
    """Default specific embedded emissions of a good, t CO2e/t.

    Parameters
    ----------
    base : float
        Without mark-up.
    marked_up : float
        With the mark-up of the year; this decides.
    route : str
        Letter of the production route the table gives for the country; empty where it gives none.
    listed : bool
        Whether the country is on the list; one that is not, or has no value there, takes that of the other countries.
    """

    base: float
    marked_up: float
    route: str
    listed: bool


def digits_of(cn_code: str) -> str:
    """Return the digits of a CN code.

    Raises
    ------
    CbamError
        If it has not between 4 and 12 digits, or holds anything but digits, blanks and dots.
    """
    digits = re.sub(r"[ .]", "", cn_code.strip())
    if not re.fullmatch(r"[0-9]{4,12}", digits):
        raise CbamError(
            text("{code} is no CN code", code=repr(cn_code)),
            where="cn_code",
            repair=text("give four to eight digits of the Combined Nomenclature, as 7326 19 90"),
        )
    return digits


def scope_of(cn_code: str) -> GoodScope:
    """Return whether CBAM holds for a good: Annex I of Regulation (EU) 2023/956, and the proposal COM(2025) 989."""
    from opencbam.engine import downstream_2028, goods, reference  # noqa: PLC0415  (tables load only when asked)

    digits = digits_of(cn_code)
    if goods.is_covered_cn(digits):
        sector = goods.sector_for_cn(digits) or ""
        return GoodScope(digits, Scope.COVERED, sector, conditional=False, direct_only=reference.is_annex_ii(digits))
    found = downstream_2028.check_cn_2028(digits)
    proposed = found.matched is not None or bool(found.partial_matches)
    scope = Scope.PROPOSED if proposed else Scope.OUTSIDE
    return GoodScope(digits, scope, "", conditional=bool(found.conditional), direct_only=None)


def default_value(cn_code: str, *, country: str, year: int) -> DefaultValue | None:
    """Return the default value of a good by country of origin; None where the table has none.

    Parameters
    ----------
    cn_code : str
    country : str
        Two-letter code or English name of the country of production.
    year : int
        Year of import; decides the mark-up (10 % in 2026, 20 % in 2027, 30 % from 2028 for iron, steel, aluminium).

    Raises
    ------
    CbamError
        If the code or the country is none, or the year lies before 2026.

    Notes
    -----
    Implementing Regulation (EU) 2025/2621, Annex I. A country without a row or value takes that of the other countries.
    """
    from opencbam.engine import defaults  # noqa: PLC0415

    digits, _ = digits_of(cn_code), _checked_year(year)
    name = _country_name(country)
    base = defaults.get_default_value(name, digits)
    marked = defaults.get_marked_up_default(name, digits, year)
    if base is None or marked is None:
        return None
    route = defaults.get_default_route(name, digits) or ""
    return DefaultValue(float(base), float(marked), route, listed=defaults.country_is_listed(name))


def unknown_origin_value(cn_code: str, *, year: int) -> float | None:
    """Return the default value of a precursor whose country of production nobody knows: the highest of all countries.

    Raises
    ------
    CbamError
        If the code is none, or the year lies before 2026.

    Notes
    -----
    Implementing Regulation (EU) 2025/2621, Article 1(5) and Annex IV, with the mark-up of the year.
    """
    from opencbam.engine import defaults  # noqa: PLC0415

    found = defaults.get_unknown_country_precursor_marked_up(digits_of(cn_code), _checked_year(year))
    return None if found is None else float(found)


def benchmark(cn_code: str, *, column: Column, route: str, year: int) -> float | None:
    """Return the benchmark of a good, t CO2e/t: column A for actual data, column B for default values.

    Parameters
    ----------
    cn_code : str
    column : str
        ``actual`` or ``default``.
    route : str
        Letter of the production route; empty where none is known.
    year : int
        Year of production.

    Raises
    ------
    CbamError
        If actual data need a route that was not given, or the route is no letter of the table.

    Notes
    -----
    Implementing Regulation (EU) 2025/2620, Annex, 5.1 to 5.3. Under default values without a route the highest holds.
    """
    from opencbam.engine import reference  # noqa: PLC0415
    from opencbam.engine.types import DataSource  # noqa: PLC0415

    _checked_year(year)
    letters = {one.value for one in reference.Route}
    if route and route not in letters:
        raise CbamError(
            text("{route} is no production route of the benchmarks", route=repr(route)),
            where="route",
            repair=text("use one of: {names}", names=", ".join(sorted(letters))),
        )
    source = DataSource.ACTUAL if column == "actual" else DataSource.DEFAULT
    try:
        found = reference.get_benchmark(
            digits_of(cn_code), data_source=source, route=reference.Route(route) if route else None, year=year
        )
    except ValueError:
        raise CbamError(
            text("the benchmark of {code} depends on the production route", code=cn_code),
            where="route",
            repair=text("give the letter of the route the metal was really made by (C, D, E … K, L)"),
        ) from None
    return None if found is None else float(found)


def free_share(year: int) -> float:
    """Return the share of free allocation that is kept in a year: 0.975 in 2026, 0 from 2034.

    Raises
    ------
    CbamError
        If the year lies before 2026.

    Notes
    -----
    Directive 2003/87/EC, Article 10a(1a). It is the share kept, not the share that must be paid.
    """
    from opencbam.engine import constants  # noqa: PLC0415

    return float(constants.cbam_factor(_checked_year(year)))


def correction_factor(year: int) -> float | None:
    """Return the cross-sectoral correction factor of a year, None while it is not published."""
    from opencbam.engine import cscf  # noqa: PLC0415

    value, provisional = cscf.cscf_factor(_checked_year(year))
    return None if provisional else float(value)


def describe(scope: GoodScope) -> Text:
    """Return in one sentence whether CBAM holds for the good."""
    if scope.scope is Scope.COVERED:
        return text("CN {code} is covered by CBAM today", code=scope.cn_code)
    if scope.scope is Scope.PROPOSED and scope.conditional:
        return text(
            "a part of CN {code} is proposed for 2028 (COM(2025) 989); it is not covered today", code=scope.cn_code
        )
    if scope.scope is Scope.PROPOSED:
        return text("CN {code} is proposed for 2028 (COM(2025) 989); it is not covered today", code=scope.cn_code)
    return text("CN {code} is not covered by CBAM, nor in the proposal for 2028", code=scope.cn_code)


def _country_name(country: str) -> str:
    """Return the name by which the table of default values knows a country, given its two-letter code or its name."""
    from babel import Locale  # noqa: PLC0415
    from opencbam.engine import defaults  # noqa: PLC0415

    territories = {code: name for code, name in Locale("en").territories.items() if len(code) == 2}
    given = country.strip()
    name = _NAMED_OTHERWISE.get(given.upper()) or str(territories.get(given.upper(), given))
    # A country that is not on the list takes the value of the others, so a slip of the pen must not pass for one.
    if not defaults.country_is_listed(name) and name not in territories.values():
        raise CbamError(
            text("{country} is no country", country=repr(country)),
            where="country",
            repair=text("give its two-letter code (CN, IN, TR …)"),
        )
    return name


def _checked_year(year: int) -> int:
    if year < FIRST_YEAR:
        raise CbamError(
            text("CBAM obligations begin in 2026; {year} lies before", year=year),
            where="year",
            repair=text("give the year of import, 2026 or later"),
        )
    return year
