"""The case of a charge in TOML: what may be charged, what the metal must be, the furnace, own recoveries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forgecast.gateway.case_file import CaseError, CaseTable, carbon_factor, quantity_of, read_case, split_quantity
from forgecast.gateway.material_table import ReadMaterial, read_materials
from forgecast.ground.texts import Text, text, verbatim
from forgecast.melting.material import (
    ChargeProblem,
    Content,
    Furnace,
    Limit,
    Material,
    Recoveries,
    Recovery,
    ShareLimit,
    shipped_recoveries,
)

_TOP = (
    "title", "currency", "confidence", "joint", "carbon_price", "accept_unverified", "weighed_to", "spread_share",
    "materials", "furnace", "material", "limit", "share", "recovery", "returns", "lots",
)  # fmt: skip
_MATERIAL = (
    "name", "kind", "price", "yield", "stock", "least", "piece", "carbon", "composition_percent", "spread_percent",
    "spread_share",
)  # fmt: skip
#: Word for a material of which any mass can be had.
ANY = "any"


@dataclass(frozen=True, slots=True)
class Returns:
    """The material that is the plant's own returns, and how many generations are looked ahead."""

    material: str
    generations: int


@dataclass(frozen=True, slots=True)
class LotRules:
    """What a plant's own lots need beside what is on record of them.

    Parameters
    ----------
    metal_yield : float or None
        Of lots of a kind that has none of its own [1].
    yields, prices, spread_shares : mapping of str to float
        By kind: yield [1], price of lots without one on record [currency/kg], spread as a share of the content [1].
    place : str
        ``file:line``.
    """

    metal_yield: float | None
    yields: Mapping[str, float]
    prices: Mapping[str, float]
    spread_shares: Mapping[str, float]
    place: str


@dataclass(frozen=True, slots=True)
class ChargeCase:
    """A charge as a case asks for it.

    Parameters
    ----------
    path : Path
    title : str
    materials : tuple of ReadMaterial
        Of the case and its table; those of a plant's lots are added by the task.
    limits : tuple of Limit
    furnace : Furnace
    recoveries : Recoveries
        The case's own before the shipped ones.
    shares : tuple of ShareLimit
    confidence : float
    joint, accept_unverified : bool
    carbon_price : float
        [currency/kgCO2]
    currency : str
    spread_share : float or None
        Spread as a share of the content where a material says none [1].
    weighed_to : float or None
        Step to which everything is weighed in [kg].
    returns : Returns or None
    lots : LotRules or None
    """

    path: Path
    title: str
    materials: tuple[ReadMaterial, ...]
    limits: tuple[Limit, ...]
    furnace: Furnace
    recoveries: Recoveries
    shares: tuple[ShareLimit, ...]
    confidence: float
    joint: bool
    accept_unverified: bool
    carbon_price: float
    currency: str
    spread_share: float | None
    weighed_to: float | None
    returns: Returns | None
    lots: LotRules | None

    def problem(self, more: Sequence[ReadMaterial] = ()) -> ChargeProblem:
        """Return the case as a problem, with further materials.

        Raises
        ------
        CaseError
            If a limit is to hold with more than one chance in two and a spread is not told: it is not guessed.
        MeltingError
            If there is no material, or two have one name.
        """
        limited = {element for limit in self.limits for element in limit.elements}
        materials = []
        for one in (*self.materials, *more):
            contents = contents_of(one, self.spread_share, limited if self.confidence > 0.5 else frozenset())
            piece = one.material.piece_mass or self.weighed_to
            materials.append(replace(one.material, contents=contents, piece_mass=piece))
        return ChargeProblem(
            tuple(materials),
            self.limits,
            self.furnace,
            self.recoveries,
            self.shares,
            confidence=self.confidence,
            joint=self.joint,
            carbon_price=self.carbon_price,
            currency=self.currency,
            accept_unverified=self.accept_unverified,
        )

    def spreads_told(self, more: Sequence[ReadMaterial] = ()) -> bool:
        """Return whether every limited content has a spread, so that probabilities mean something."""
        limited = {element for limit in self.limits for element in limit.elements}
        return all(not one.silent(self.spread_share, limited) for one in (*self.materials, *more))


def contents_of(one: ReadMaterial, share: float | None, needed: frozenset[str] | set[str]) -> dict[str, Content]:
    """Return a material's contents with their spreads: its own, else by its share, else by the case's share.

    Parameters
    ----------
    one : ReadMaterial
    share : float or None
        Of the case [1].
    needed : set of str
        Elements whose spread has to be told.

    Raises
    ------
    CaseError
        If a needed spread is not told.
    """
    silent = one.silent(share, needed)
    if silent:
        raise CaseError(
            text(
                "the spread of {element} in {material} is not told, and a probability rests on it",
                element=silent[0],
                material=one.material.name,
            ),
            where=one.place,
            repair=text(
                "give spread_percent, or spread_share for a share of the content; or ask for the mean alone with "
                'confidence = "50 %"'
            ),
        )
    held = {}
    for element, content in one.material.contents.items():
        spread = one.spread_of(element, share)
        held[element] = Content(content.mean, 0.0 if spread is None else spread)
    return held


def materials_of(top: CaseTable, path: Path, currency: str) -> list[ReadMaterial]:
    """Return the materials of a case: those written in it, then those of the table it names beside `path`."""
    materials = [read_material(one, currency) for one in top.tables("material")]
    if top.has("materials"):
        materials += read_materials(path.parent / top.word("materials", 'materials = "materials.csv"'), currency)
    return materials


def read_charge_case(path: Path) -> ChargeCase:
    """Read the case of a charge.

    Parameters
    ----------
    path : Path
        TOML; `docs/how_to/mix_a_charge.md` shows one.

    Raises
    ------
    CaseError
        If it cannot be read, lacks something, or says something that cannot be; with file, line and key.
    ImportRefusedError
        If the table of materials it names cannot be read.
    """
    return charge_case_of(read_case(path))


def charge_case_of(top: CaseTable) -> ChargeCase:
    """Return the case of a charge out of its outermost table.

    Raises
    ------
    CaseError, ImportRefusedError
        As `read_charge_case`.
    """
    top.only(*_TOP)
    path = top.path
    currency = top.word("currency", 'currency = "CNY"')
    materials = materials_of(top, path, currency)
    share = top.maybe("spread_share", "share", "5 %")
    with top.placed():
        _check_names(top, materials)
        return ChargeCase(
            path=path,
            title=top.word("title") or path.stem,
            materials=tuple(materials),
            limits=read_limits(top),
            furnace=_furnace(top.table("furnace", '[furnace] with liquid = ["2950 kg", "3050 kg"]')),
            recoveries=read_recoveries(top),
            shares=tuple(_share(one) for one in top.tables("share")),
            confidence=top.quantity("confidence", "share", "95 %"),
            joint=top.flag("joint"),
            accept_unverified=top.flag("accept_unverified"),
            carbon_price=top.price("carbon_price", currency, f"80 {currency}/t") if top.has("carbon_price") else 0.0,
            currency=currency,
            spread_share=share,
            weighed_to=top.maybe("weighed_to", "mass", "5 kg"),
            returns=_returns(top, materials),
            lots=_lots(top, currency),
        )


def _check_names(top: CaseTable, materials: Sequence[ReadMaterial]) -> None:
    seen: dict[str, str] = {}
    for one in materials:
        name = one.material.name
        if name in seen:
            raise CaseError(
                text("two materials are named {name}; the other stands at {place}", name=name, place=seen[name]),
                where=one.place,
                repair=text("give every material a name of its own"),
            )
        seen[name] = one.place
    if not materials and not top.has("lots"):
        raise CaseError(
            text("the case names no material"),
            where=top.at(),
            repair=text("begin each with a line [[material]], name a table of them, or take a plant's lots: [lots]"),
        )


def read_material(one: CaseTable, currency: str) -> ReadMaterial:
    """Return a material written as a table ``[[material]]``.

    Raises
    ------
    CaseError
        If something is missing or wrong.
    """
    one.only(*_MATERIAL)
    name = one.word("name", 'name = "pig iron Q10"')
    carbon = None
    if one.has("carbon"):
        number, unit = split_quantity(one.content["carbon"], one.at("carbon"), "1.9 kgCO2/kg")
        carbon = number * carbon_factor(unit, one.at("carbon"))
    stock = one.need("stock", 'stock = "2000 kg"')
    means = one.elements("composition_percent", 0.01)
    spreads = one.elements("spread_percent", 0.01)
    unknown = sorted(set(spreads) - set(means))
    if unknown:
        one.refuse(
            "spread_percent",
            text("{element} has a spread and no content", element=unknown[0]),
            text("give its content in composition_percent"),
        )
    price = one.price("price", currency, f"3100 {currency}/t")
    with one.placed():
        material = Material(
            name,
            one.word("kind", 'kind = "pig-iron"'),
            {element: Content(mean, max(spreads.get(element, 0.0), 0.0)) for element, mean in means.items()},
            price,
            one.quantity("yield", "share", "98 %"),
            math.inf if stock == ANY else one.quantity("stock", "mass", "2000 kg"),
            one.maybe("least", "mass", "100 kg") or 0.0,
            one.maybe("piece", "mass", "25 kg"),
            carbon,
        )
    return ReadMaterial(material, one.at(), frozenset(spreads), one.maybe("spread_share", "share", "5 %"))


def read_limits(top: CaseTable) -> tuple[Limit, ...]:
    """Return the limits of a case: at least one.

    Raises
    ------
    CaseError
        If there is none, or one of them is wrong.
    """
    limits = [_limit(one) for one in top.tables("limit")]
    if not limits:
        top.refuse(
            "limit",
            text("the case bounds nothing"),
            text('begin each limit with a line [[limit]]; then element = "Cu" and highest = "0.30 %"'),
        )
    names = [limit.name for limit in limits]
    for number, name in enumerate(names):
        if name in names[:number]:
            top.refuse(
                "limit",
                text("two limits are named {name}", name=name),
                text("give lowest and highest in one limit, or another name"),
            )
    return tuple(limits)


def _limit(one: CaseTable) -> Limit:
    one.only("name", "element", "sum", "per", "lowest", "highest")
    element = one.word("element")
    weights = {element: 1.0} if element else one.elements("sum")
    if bool(element) == one.has("sum") or not weights:
        one.refuse(
            "",
            text("a limit bounds one element or a sum"),
            text('write element = "Cu", or name = "CE" and sum = {{ C = 1, Si = 0.33 }}'),
        )
    per = one.elements("per") or None
    name = one.word("name") or element
    if not name:
        one.refuse("name", text("{key} is missing", key="name"), text("write {example}", example='name = "CE"'))
    sides: list[float | None] = []
    for side in ("lowest", "highest"):
        if not one.has(side):
            sides.append(None)
        elif per is None:
            sides.append(one.quantity(side, "share", "0.30 %"))
        else:
            value = one.content[side]
            if isinstance(value, bool) or not isinstance(value, int | float):
                one.refuse(
                    side,
                    text("the bound of a ratio is a bare number"),
                    text("write {key} = 1.5, without quotes", key=side),
                )
            sides.append(float(value))
    with one.placed():
        return Limit(name, weights, sides[0], sides[1], per)


def read_recoveries(top: CaseTable) -> Recoveries:
    """Return the recoveries of a case, the shipped ones behind them.

    Raises
    ------
    CaseError
        If one of them is wrong.
    """
    own = []
    for one in top.tables("recovery"):
        one.only("kind", "element", "mean", "spread", "source")
        source = one.word("source")
        said: Text | None = verbatim(source) if source else None
        own.append(
            Recovery(
                one.word("kind", 'kind = "ferrosilicon", or "*" for all others'),
                one.word("element", 'element = "Si"'),
                one.quantity("mean", "share", "92 %"),
                one.quantity("spread", "share", "2 %"),
                "own",
                said,
            )
        )
    return shipped_recoveries().with_own(*own)


def _furnace(one: CaseTable) -> Furnace:
    one.only("liquid", "charge_most")
    liquid = one.need("liquid", 'liquid = ["2950 kg", "3050 kg"]')
    most = one.maybe("charge_most", "mass", "3300 kg")
    if not isinstance(liquid, list) or len(liquid) != 2:
        one.refuse(
            "liquid",
            text("the least and the most liquid metal are wanted"),
            text("write {example}", example='liquid = ["2950 kg", "3050 kg"]'),
        )
    low, high = (quantity_of(side, "mass", one.at("liquid"), "2950 kg") for side in liquid)
    with one.placed():
        return Furnace(low, high, math.inf if most is None else most)


def _share(one: CaseTable) -> ShareLimit:
    one.only("name", "kinds", "lowest", "highest")
    kinds = one.words("kinds", 'kinds = ["returns"]')
    low, high = one.maybe("lowest", "share", "20 %"), one.maybe("highest", "share", "45 %")
    low, high = 0.0 if low is None else low, 1.0 if high is None else high
    if not 0.0 <= low <= high <= 1.0:
        one.refuse(
            "", text("the bounds of a share are crossed or no shares"), text("give 0 % ≤ lowest ≤ highest ≤ 100 %")
        )  # fmt: skip
    return ShareLimit(one.word("name") or ", ".join(kinds), frozenset(kinds), low, high)


def _returns(top: CaseTable, materials: Sequence[ReadMaterial]) -> Returns | None:
    if not top.has("returns"):
        return None
    one = top.table("returns", "")
    one.only("material", "generations")
    name = one.word("material", 'material = "returns"')
    names = [m.material.name for m in materials]
    if name not in names and not top.has("lots"):
        one.refuse(
            "material",
            text("there is no material named {name}", name=name),
            text("use the name of one of the materials: {names}", names=", ".join(names)),
        )
    return Returns(name, one.count("generations") or 60)


def _lots(top: CaseTable, currency: str) -> LotRules | None:
    if not top.has("lots"):
        return None
    one = top.table("lots", "")
    one.only("yield", "kind")
    yields, prices, shares = {}, {}, {}
    for kind in one.tables("kind"):
        kind.only("name", "yield", "price", "spread_share")
        name = kind.word("name", 'name = "steel-scrap"')
        if kind.has("yield"):
            yields[name] = kind.quantity("yield", "share", "96 %")
        if kind.has("price"):
            prices[name] = kind.price("price", currency, f"2600 {currency}/t")
        if kind.has("spread_share"):
            shares[name] = kind.quantity("spread_share", "share", "10 %")
    return LotRules(one.maybe("yield", "share", "98 %"), yields, prices, shares, one.at())
