"""The case of a correction in TOML: the bath and its sample, what may be added, how long until pouring."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from forgecast.gateway.case_file import CaseError, CaseTable, read_case
from forgecast.gateway.charge_case import contents_of, materials_of, read_limits, read_recoveries
from forgecast.gateway.material_table import ReadMaterial
from forgecast.ground.texts import text
from forgecast.melting.material import Content, Limit, Material, Recoveries

_TOP = (
    "title", "currency", "confidence", "objective", "accept_unverified", "spread_share", "materials", "bath",
    "material", "limit", "recovery", "fade", "history",
)  # fmt: skip
_BATH = (
    "mass", "capacity", "tap_most", "tap_cost", "sample_percent", "sample_spread_percent", "time_to_pouring",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StatedFade:
    """A fading that the case states: half-life and its standard deviation [s]."""

    half_life: float
    spread: float

    def kept(self, time: float) -> tuple[float, float]:
        """Return the share kept after a time and its standard deviation [1]."""
        share = math.exp(-math.log(2.0) * time / self.half_life)
        return share, share * math.log(2.0) * time * self.spread / self.half_life**2


@dataclass(frozen=True, slots=True)
class CorrectionCase:
    """A correction as a case asks for it.

    Parameters
    ----------
    path : Path
    title : str
    mass, capacity : float
        Of the bath, and the most liquid metal after the additions [kg].
    sample : mapping of str to Content
    tap_most, tap_cost : float
        [kg], [currency/kg]
    time_to_pouring : float or None
        From the sample to the end of pouring [s].
    fades : mapping of str to StatedFade
        By element.
    additions : tuple of ReadMaterial
    limits : tuple of Limit
    recoveries : Recoveries
    confidence : float
    objective : {'cost', 'mass'}
    accept_unverified : bool
    currency : str
    spread_share : float or None
    bath_mass_doubt : float or None
        Standard deviation of the bath's mass in past heats as a share of it [1]: history teaches nothing without it.
    """

    path: Path
    title: str
    mass: float
    capacity: float
    sample: Mapping[str, Content]
    tap_most: float
    tap_cost: float
    time_to_pouring: float | None
    fades: Mapping[str, StatedFade]
    additions: tuple[ReadMaterial, ...]
    limits: tuple[Limit, ...]
    recoveries: Recoveries
    confidence: float
    objective: Literal["cost", "mass"]
    accept_unverified: bool
    currency: str
    spread_share: float | None
    bath_mass_doubt: float | None

    def materials(self) -> tuple[Material, ...]:
        """Return the additions with their spreads.

        Raises
        ------
        CaseError
            If a spread that a probability rests on is not told.
        """
        limited = {element for limit in self.limits for element in limit.elements}
        needed = limited if self.confidence > 0.5 else frozenset[str]()
        return tuple(
            replace(one.material, contents=contents_of(one, self.spread_share, needed)) for one in self.additions
        )


def read_correction_case(path: Path) -> CorrectionCase:
    """Read the case of a correction.

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
    return correction_case_of(read_case(path))


def correction_case_of(top: CaseTable) -> CorrectionCase:
    """Return the case of a correction out of its outermost table.

    Raises
    ------
    CaseError, ImportRefusedError
        As `read_correction_case`.
    """
    top.only(*_TOP)
    path = top.path
    currency = top.word("currency", 'currency = "CNY"')
    materials = materials_of(top, path, currency)
    if not materials:
        top.refuse(
            "material",
            text("the case names nothing to add"),
            text("begin each addition with a line [[material]], or name a table of them"),
        )
    objective = top.word("objective") or "cost"
    if objective not in ("cost", "mass"):
        top.refuse("objective", text("{value} is not one of its words", value=objective), text("write cost or mass"))
    bath = top.table("bath", '[bath] with mass = "2400 kg" and its sample')
    bath.only(*_BATH)
    history = top.table("history", "") if top.has("history") else None
    if history is not None:
        history.only("bath_mass_doubt")
    return CorrectionCase(
        path=path,
        title=top.word("title") or path.stem,
        mass=bath.quantity("mass", "mass", "2400 kg"),
        capacity=bath.quantity("capacity", "mass", "3000 kg"),
        sample=_sample(bath),
        tap_most=bath.maybe("tap_most", "mass", "300 kg") or 0.0,
        tap_cost=bath.price("tap_cost", currency, f"400 {currency}/t") if bath.has("tap_cost") else 0.0,
        time_to_pouring=bath.maybe("time_to_pouring", "time_span", "8 min"),
        fades=_fades(top),
        additions=tuple(materials),
        limits=read_limits(top),
        recoveries=read_recoveries(top),
        confidence=top.quantity("confidence", "share", "95 %"),
        objective="mass" if objective == "mass" else "cost",
        accept_unverified=top.flag("accept_unverified"),
        currency=currency,
        spread_share=top.maybe("spread_share", "share", "5 %"),
        bath_mass_doubt=None if history is None else history.maybe("bath_mass_doubt", "share", "1 %"),
    )


def _sample(bath: CaseTable) -> dict[str, Content]:
    bath.need("sample_percent", "sample_percent = { C = 3.62, Si = 1.81 }")
    means, spreads = bath.elements("sample_percent", 0.01), bath.elements("sample_spread_percent", 0.01)
    for element in means:
        if element not in spreads:
            bath.refuse(
                "sample_spread_percent",
                text("the spectrometer's standard deviation of {element} is not told", element=element),
                text("write {example}", example="sample_spread_percent = { C = 0.03, Si = 0.02 }"),
            )
    with bath.placed("sample_percent"):
        return {element: Content(mean, spreads[element]) for element, mean in means.items()}


def _fades(top: CaseTable) -> dict[str, StatedFade]:
    found = {}
    for one in top.tables("fade"):
        one.only("element", "half_life", "half_life_spread")
        element = one.word("element", 'element = "Mg"')
        half = one.quantity("half_life", "time_span", "20 min")
        spread = one.quantity("half_life_spread", "time_span", "2 min")
        if not (half > 0.0 and spread >= 0.0):
            raise CaseError(
                text("a half-life is above 0, and its standard deviation is not below"),
                where=one.at("half_life"),
                repair=text("write a number and its unit, such as {example}", example='"20 min"'),
            )
        found[element] = StatedFade(half, spread)
    return found
