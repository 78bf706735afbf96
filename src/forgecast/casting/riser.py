"""Risers by the rules of the trade: modulus, volume, shape factor and Caine, compared side by side.

Every rule asks how large a riser must be for one part of a casting. They differ in what they look at (freezing
time, feed metal, both), in the alloys they were found on and in how well their constants are known; so all are
worked out, the largest of the known ones governs, and the proposal says which it was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from forgecast.casting.constant import Constant, RuleError, distinct, find, need_positive, ruled_family
from forgecast.ground.citation import Source
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual, text
from forgecast.metal.alloy import FAMILY_TEXTS, Family

Shape: TypeAlias = Literal["cylinder", "domed"]
Position: TypeAlias = Literal["top", "side"]
Rule: TypeAlias = Literal["modulus", "volume", "shape-factor", "caine"]
Sleeve: TypeAlias = Literal["none", "insulating", "exothermic"]

RULES: tuple[Rule, ...] = ("modulus", "volume", "shape-factor", "caine")
RULE_TEXTS: dict[Rule, Text] = {
    "modulus": text("modulus rule"),
    "volume": text("feed volume rule"),
    "shape-factor": text("shape factor rule (NRL/SFSA)"),
    "caine": text("Caine's rule"),
}

#: What the constants in the tables are, by their rule and parameter.
PARAMETER_TEXTS: dict[str, Text] = {
    "modulus factor": text("modulus of the riser over that of the casting"),
    "neck factor": text("modulus of the neck over that of the casting"),
    "volume contraction": text("contraction to be fed"),
    "shape-factor coefficient": text("coefficient of the shape factor rule"),
    "shape-factor exponent": text("exponent of the shape factor rule"),
    "caine a": text("a of Caine's rule"),
    "caine b": text("b of Caine's rule"),
    "caine c": text("c of Caine's rule"),
    "efficiency": text("share of the riser's metal that feeds"),
    "time_ratio": text("freezing time over that in sand"),
}


@dataclass(frozen=True, slots=True)
class Fed:
    """What a riser has to feed: a casting or the zone of one hot spot.

    Parameters
    ----------
    volume : float
        [m3].
    area : float
        Surface that cools [m2]; faces where the zone joins the rest of the casting do not count.
    shape_factor : float or None
        (length + width) / thickness [1] (`shape_factor`); None where the part is no plate or bar.
    """

    volume: float
    area: float
    shape_factor: float | None = None

    @property
    def modulus(self) -> float:
        """Return volume over cooling area [m]."""
        return self.volume / self.area


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a riser; its size is one diameter D, its volume k_V D3 and its cooling area k_A D2.

    Parameters
    ----------
    shape : {"cylinder", "domed"}
        ``domed`` is a blind riser whose top is a hemisphere; its height counts to the top of the dome.
    position : {"top", "side"}
        A top riser stands on the casting, so its base does not cool. All faces of a side riser cool; the small area
        that its neck takes away is left out, which errs to the larger riser.
    height_ratio : float
        Height over diameter [1]; at least 0.5 where domed.
    top_cooling : float
        Share of the top's area that cools as the mould does [1]: 1 in sand, 0 under a topping that lets nothing out.
        An open top without topping radiates and may cool faster than sand: more than 1.
    """

    shape: Shape = "cylinder"
    position: Position = "top"
    height_ratio: float = 1.5
    top_cooling: float = 1.0

    @property
    def volume_factor(self) -> float:
        """Return k_V, the volume of a riser of diameter one [1]."""
        if self.shape == "domed":
            return math.pi / 4.0 * (self.height_ratio - 0.5) + math.pi / 12.0
        return math.pi / 4.0 * self.height_ratio

    @property
    def area_factor(self) -> float:
        """Return k_A, the cooling area of a riser of diameter one [1]."""
        base = math.pi / 4.0 if self.position == "side" else 0.0
        if self.shape == "domed":
            return math.pi * (self.height_ratio - 0.5) + math.pi / 2.0 * self.top_cooling + base
        return math.pi * self.height_ratio + math.pi / 4.0 * self.top_cooling + base

    def modulus(self, diameter: float) -> float:
        """Return volume over cooling area of a riser of a diameter [m]."""
        return self.volume_factor / self.area_factor * diameter

    def volume(self, diameter: float) -> float:
        """Return the volume of a riser of a diameter [m3]."""
        return self.volume_factor * diameter**3

    def diameter_of_modulus(self, modulus: float) -> float:
        """Return the diameter [m] at which the modulus [m] is reached."""
        return modulus * self.area_factor / self.volume_factor

    def diameter_of_volume(self, volume: float) -> float:
        """Return the diameter [m] at which the volume [m3] is reached."""
        return math.cbrt(volume / self.volume_factor)


@dataclass(frozen=True, slots=True)
class RiserConstants:
    """Constants of all rules for one family of alloys and one sleeve; None where none is on record.

    Parameters
    ----------
    family : str
        Family of the alloy, as in `forgecast.metal.alloy`.
    sleeve : {"none", "insulating", "exothermic"}
    modulus_factor : Constant or None
        Modulus of the riser over that of the casting [1].
    neck_factor : Constant or None
        Modulus of the neck over that of the casting [1].
    contraction : Constant or None
        Contraction of liquid and on freezing that the riser has to feed, over the volume [1].
    efficiency : Constant or None
        Share of the riser's volume that can flow into the casting [1].
    extension : Constant or None
        Modulus extension factor of the sleeve [1]; None without a sleeve.
    shape_factor : (Constant, Constant) or None
        Coefficient and exponent of the shape factor rule [1].
    caine : (Constant, Constant, Constant) or None
        a, b and c of Caine's rule [1].
    notes : tuple of Text
        What a proposal made with them has to say.
    """

    family: Family
    sleeve: Sleeve = "none"
    modulus_factor: Constant | None = None
    neck_factor: Constant | None = None
    contraction: Constant | None = None
    efficiency: Constant | None = None
    extension: Constant | None = None
    shape_factor: tuple[Constant, Constant] | None = None
    caine: tuple[Constant, Constant, Constant] | None = None
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Sizing:
    """The answer of one rule.

    Parameters
    ----------
    rule : str
        One of `RULES`.
    diameter : float or None
        [m]; None where the rule has no answer.
    why_missing : Text or None
    notes : tuple of Text
        Where the rule is used outside what it was found for.
    sources : tuple of Source
    """

    rule: Rule
    diameter: float | None
    why_missing: Text | None = None
    notes: tuple[Text, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def usable(self) -> bool:
        """Tell whether the answer may govern: there is one, and none of its constants is from memory only."""
        return self.diameter is not None and all(s.confidence != "unverified" for s in self.sources)

    def as_json(self) -> dict[str, object]:
        """Return the answer with units in the names."""
        return {
            "rule": self.rule,
            "diameter_m": self.diameter,
            "usable": self.usable,
            "why_missing": None if self.why_missing is None else self.why_missing.as_json(),
            "notes": [note.as_json() for note in self.notes],
            "sources": [source.as_json() for source in self.sources],
        }


@dataclass(frozen=True, slots=True)
class Riser:
    """A proposal for one riser.

    Parameters
    ----------
    form : Form
    sleeve : {"none", "insulating", "exothermic"}
    diameter, height : float
        Of the metal [m].
    volume : float
        [m3].
    modulus : float
        Volume over cooling area, the sleeve left out [m].
    effective_modulus : float
        Modulus of the riser in sand that would freeze as late [m].
    neck_modulus, neck_diameter : float or None
        Modulus of the neck and the diameter of a round one [m]; None where no rule is on record.
    governing : str
        Rule that sized it.
    notes : tuple of Text
    sources : tuple of Source
        Of the governing rule and the neck.
    compared : tuple of Sizing
        What every rule says.
    """

    form: Form
    sleeve: Sleeve
    diameter: float
    height: float
    volume: float
    modulus: float
    effective_modulus: float
    neck_modulus: float | None
    neck_diameter: float | None
    governing: Rule
    notes: tuple[Text, ...]
    sources: tuple[Source, ...]
    compared: tuple[Sizing, ...]

    def as_json(self) -> dict[str, object]:
        """Return the proposal with units in the names."""
        return {
            "shape": self.form.shape,
            "position": self.form.position,
            "sleeve": self.sleeve,
            "diameter_m": self.diameter,
            "height_m": self.height,
            "volume_m3": self.volume,
            "modulus_m": self.modulus,
            "effective_modulus_m": self.effective_modulus,
            "neck_modulus_m": self.neck_modulus,
            "neck_diameter_m": self.neck_diameter,
            "governing": self.governing,
            "notes": [note.as_json() for note in self.notes],
            "sources": [source.as_json() for source in self.sources],
            "compared": [sizing.as_json() for sizing in self.compared],
        }


def shape_factor(length: float, width: float, thickness: float) -> float:
    """Return (length + width) / thickness of a plate or bar [1]; lengths in m."""
    need_positive(length=length, width=width, thickness=thickness)
    return (length + width) / thickness


def shipped_constants(family: Family, sleeve: Sleeve = "none") -> RiserConstants:
    """Return the constants on record for a family of alloys and a sleeve.

    The modulus extension of a sleeve is the square root of the measured ratio of freezing times: by Chvorinov's rule
    time goes with the modulus squared.

    Raises
    ------
    MaterialError
        If the family is unknown.
    RuleError
        If the sleeve is unknown.
    """
    ruled, notes = ruled_family(family)
    title, sleeve_title = FAMILY_TEXTS[ruled], _sleeve_title(sleeve)

    def get(rule: str, parameter: str) -> Constant | None:
        what = text("{thing}: {quantity}", thing=title, quantity=PARAMETER_TEXTS[f"{rule} {parameter}"])
        return find("riser_rule", what, family=ruled, rule=rule, parameter=parameter)

    def of_sleeve(parameter: str) -> Constant | None:
        what = text("{thing}: {quantity}", thing=sleeve_title, quantity=PARAMETER_TEXTS[parameter])
        return find("riser_sleeve", what, sleeve=sleeve, parameter=parameter)

    time_ratio = of_sleeve("time_ratio")
    coefficient, exponent = get("shape-factor", "coefficient"), get("shape-factor", "exponent")
    a, b, c = (get("caine", letter) for letter in "abc")
    return RiserConstants(
        family,
        sleeve,
        modulus_factor=get("modulus", "factor"),
        neck_factor=get("neck", "factor"),
        contraction=get("volume", "contraction"),
        efficiency=of_sleeve("efficiency"),
        extension=None if time_ratio is None else replace(time_ratio, value=math.sqrt(time_ratio.value)),
        shape_factor=(coefficient, exponent) if coefficient and exponent else None,
        caine=(a, b, c) if a and b and c else None,
        notes=notes,
    )


def by_modulus(fed: Fed, form: Form, constants: RiserConstants) -> Sizing:
    """Size a riser that freezes later than what it feeds: M_r = f M_c, the sleeve counted in.

    Source: Chvorinov's rule; Wlodawer, Directional solidification of steel castings (the factor: its table row).
    Validity: equal mould material around casting and riser. Freezing times of plate, bar and sphere of one modulus
    differ by up to 40 %, which no modulus rule sees; freeze the result.
    """
    factor = constants.modulus_factor
    if factor is None:
        return _missing("modulus", constants)
    extension = constants.extension
    diameter = form.diameter_of_modulus(factor.value * fed.modulus / _value_or_one(extension))
    sources = [factor.source, *([extension.source] if extension else [])]
    return Sizing("modulus", diameter, notes=_sleeve_note(constants, diameter), sources=tuple(sources))


def by_volume(fed: Fed, form: Form, constants: RiserConstants) -> Sizing:
    """Size a riser that holds the feed metal of the casting and of itself.

    eta V_r = beta (V_c + V_r), so V_r = beta V_c / (eta - beta).

    Validity: efficiency above contraction; else no riser of that kind is large enough.
    """
    contraction, efficiency = constants.contraction, constants.efficiency
    if contraction is None or efficiency is None:
        return _missing("volume", constants)
    sources = (contraction.source, efficiency.source)
    if efficiency.value <= contraction.value:
        why = text(
            "a riser that gives {efficiency} of its metal cannot feed a contraction of {contraction}",
            efficiency=efficiency.value,
            contraction=contraction.value,
        )
        return Sizing("volume", None, why, sources=sources)
    volume = contraction.value * fed.volume / (efficiency.value - contraction.value)
    return Sizing("volume", form.diameter_of_volume(volume), sources=sources)


def by_shape_factor(fed: Fed, form: Form, constants: RiserConstants) -> Sizing:
    """Size a riser by the shape of what it feeds: V_r = 2.51 V_c SF^-0.74, SF = (L + W) / T.

    Source: Naval Research Laboratory, taken over by the Steel Founders' Society of America (table row).
    Validity: steel in sand without sleeve.
    """
    if constants.shape_factor is None:
        return _missing("shape-factor", constants)
    coefficient, exponent = constants.shape_factor
    sources = distinct((coefficient.source, exponent.source))
    if fed.shape_factor is None:
        why = text("the rule needs length, width and thickness of a plate or bar")
        return Sizing("shape-factor", None, why, sources=sources)
    volume = coefficient.value * fed.volume * fed.shape_factor**exponent.value
    return Sizing("shape-factor", form.diameter_of_volume(volume), notes=_without_sleeve(constants), sources=sources)


def by_caine(fed: Fed, form: Form, constants: RiserConstants) -> Sizing:
    """Size a riser by Caine's hyperbola X = a / (Y - b) + c.

    X = (A/V)_c / (A/V)_r is how much later the riser freezes, Y = V_r / V_c how much larger it is. X rises and the
    hyperbola falls with the diameter, so there is one diameter above the pole Y = b where they meet.

    Validity: sand mould without sleeve.
    """
    if constants.caine is None:
        return _missing("caine", constants)
    a, b, c = (constant.value for constant in constants.caine)

    def lacking(diameter: float) -> float:
        x = form.modulus(diameter) / fed.modulus
        y = form.volume(diameter) / fed.volume
        return (a / (y - b) + c - x) * (y - b)

    low = form.diameter_of_volume(b * fed.volume)
    high = 2.0 * low
    while lacking(high) > 0.0:
        high *= 2.0
    for _ in range(200):  # halving ends at neighbouring floats long before
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if lacking(middle) > 0.0 else (low, middle)
    sources = distinct(constant.source for constant in constants.caine)
    return Sizing("caine", high, notes=_without_sleeve(constants), sources=sources)


def compare_rules(fed: Fed, form: Form, constants: RiserConstants) -> tuple[Sizing, ...]:
    """Return what every rule says, in the order of `RULES`.

    Raises
    ------
    RuleError
        If a volume, area or ratio is not above zero.
    """
    need_positive(volume=fed.volume, area=fed.area, height_ratio=form.height_ratio)
    if form.shape == "domed" and form.height_ratio < 0.5:
        raise RuleError(
            text("a domed riser of {ratio} diameters is lower than its dome", ratio=form.height_ratio),
            where="height_ratio",
            repair=text("give a ratio of height to diameter of at least 0.5"),
        )
    answers = (by_modulus, by_volume, by_shape_factor, by_caine)
    return tuple(answer(fed, form, constants) for answer in answers)


def propose_riser(
    fed: Fed, form: Form, constants: RiserConstants, *, rule: Rule | Literal["largest"] = "largest"
) -> Riser:
    """Propose a riser for what it has to feed.

    Parameters
    ----------
    fed : Fed
    form : Form
    constants : RiserConstants
        From `shipped_constants`, or a user's own.
    rule : str
        ``largest`` takes the largest answer of the rules whose constants were read in a source; a rule's name takes
        its answer, a remembered one too.

    Raises
    ------
    RuleError
        If no rule, or the one asked for, has an answer.
    """
    compared = compare_rules(fed, form, constants)
    chosen = _largest(compared, constants) if rule == "largest" else _asked(compared, rule)
    assert chosen.diameter is not None  # noqa: S101  (both choose among answers)
    diameter = chosen.diameter
    notes, sources = [*constants.notes, *chosen.notes], list(chosen.sources)
    if not chosen.usable:
        notes.append(text("the constants of this rule are from memory and were not read in a source"))
    neck = None if constants.neck_factor is None else constants.neck_factor.value * fed.modulus
    if constants.neck_factor is None:
        notes.append(text("no rule for the neck is on record for {family}", family=FAMILY_TEXTS[constants.family]))
    else:
        sources.append(constants.neck_factor.source)
        if round_neck(constants.neck_factor.value * fed.modulus) > diameter:
            notes.append(text("the neck would be wider than the riser: join them over the riser's whole section"))
    modulus = form.modulus(diameter)
    return Riser(
        form=form,
        sleeve=constants.sleeve,
        diameter=diameter,
        height=form.height_ratio * diameter,
        volume=form.volume(diameter),
        modulus=modulus,
        effective_modulus=modulus * _value_or_one(constants.extension),
        neck_modulus=neck,
        neck_diameter=None if neck is None else min(round_neck(neck), diameter),
        governing=chosen.rule,
        notes=tuple(notes),
        sources=distinct(sources),
        compared=compared,
    )


def round_neck(modulus: float) -> float:
    """Return the diameter of a round neck of a modulus [m]: M = d/4 of a bar.

    Validity: a neck longer than wide. A short one is kept hot from both sides and may be narrower.
    """
    return 4.0 * modulus


def rectangular_neck(modulus: float, ratio: float = 1.0) -> tuple[float, float]:
    """Return the sides of a rectangular neck of a modulus [m], the longer `ratio` times the shorter: M = ab/2(a+b)."""
    need_positive(modulus=modulus, ratio=ratio)
    short = 2.0 * modulus * (1.0 + ratio) / ratio
    return short, ratio * short


def _largest(compared: tuple[Sizing, ...], constants: RiserConstants) -> Sizing:
    usable = [sizing for sizing in compared if sizing.usable]
    if not usable:
        raise RuleError(
            text(
                "no rule for a riser with constants read in a source is on record for {family}",
                family=FAMILY_TEXTS[constants.family],
            ),
            repair=text("give the constants of a rule from your own copy, or name a rule"),
        )
    return max(usable, key=lambda sizing: sizing.diameter or 0.0)


def _asked(compared: tuple[Sizing, ...], rule: Rule) -> Sizing:
    for sizing in compared:
        if sizing.rule == rule:
            if sizing.diameter is None:
                assert sizing.why_missing is not None  # noqa: S101  (a sizing has one or the other)
                raise RuleError(
                    text("{rule} has no answer: {why}", rule=RULE_TEXTS[rule], why=sizing.why_missing),
                    repair=text("give what is missing, or take another rule"),
                )
            return sizing
    raise RuleError(
        text("there is no riser rule named {name}", name=rule),
        repair=text("use one of: {names}", names=", ".join(RULES)),
    )


def _missing(rule: Rule, constants: RiserConstants) -> Sizing:
    title = FAMILY_TEXTS[constants.family]
    return Sizing(rule, None, text("no constants of this rule are on record for {family}", family=title))


def _sleeve_title(sleeve: Sleeve) -> Text:
    for row in read_table("riser_sleeve").where(sleeve=sleeve):
        return bilingual(row["en"], row["zh"])
    raise RuleError(
        text("there is no riser sleeve named {name}", name=sleeve),
        repair=text("use one of: {names}", names="none, insulating, exothermic"),
    )


def _value_or_one(constant: Constant | None) -> float:
    return 1.0 if constant is None else constant.value


def _sleeve_note(constants: RiserConstants, diameter: float) -> tuple[Text, ...]:
    if constants.extension is None:
        return ()
    return (
        text(
            "the sleeve's modulus extension was measured on: {valid}; here the diameter is {diameter_mm} mm",
            valid=constants.extension.valid,
            diameter_mm=round(diameter * 1000.0),
        ),
    )


def _without_sleeve(constants: RiserConstants) -> tuple[Text, ...]:
    if constants.sleeve == "none":
        return ()
    return (text("the rule was found without sleeves and gives the size of a riser in sand"),)
