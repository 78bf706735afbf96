"""Coefficients of flow stress in TOML, with their convention, their validity and where they come from."""

from __future__ import annotations

import math
from pathlib import Path

from forgecast.gateway.case_file import CaseTable, quantity_of, read_case
from forgecast.ground.citation import Source
from forgecast.ground.texts import text, verbatim
from forgecast.metal.flow_metals import FlowMetal, flow_metal
from forgecast.metal.flow_stress import ZERO_DEGC, HenselSpittel, SellarsTegart, Validity

_TERMS = tuple(f"m{number}" for number in range(1, 10))
_COMMON = ("title", "form", "source", "strain", "rate", "temperature")
_FORMS = ("hensel-spittel", "sellars-tegart")


def flow_stress_toml(law: HenselSpittel | SellarsTegart, validity: Validity, *, title: str, source: str) -> str:
    """Return coefficients as a table ``[flow_stress]``, as the cases of forging take it.

    Parameters
    ----------
    law : HenselSpittel or SellarsTegart
    validity : Validity
        Written where it is known.
    title, source : str
    """
    lines = ["[flow_stress]", f"title = {_quoted(title)}"]
    if isinstance(law, HenselSpittel):
        lines += ['form = "hensel-spittel"', f'A = "{law.A / 1e6!r} MPa"']
        lines += [f"{name} = {getattr(law, name)!r}" for name in _TERMS]
        lines += [f"strain_shift = {law.strain_shift!r}", f'rate_shift = "{law.rate_shift!r} 1/s"']
    else:
        lines += ['form = "sellars-tegart"', f"alpha_per_MPa = {law.alpha * 1e6!r}", f"n = {law.n!r}",
                  f'Q = "{law.activation!r} J/mol"', f"ln_A = {law.log_A!r}"]  # fmt: skip
    if validity.known:
        lines += [
            f"strain = [{validity.strain[0]!r}, {validity.strain[1]!r}]",
            f'rate = ["{validity.rate[0]!r} 1/s", "{validity.rate[1]!r} 1/s"]',
            'temperature = ["{:.6g} degC", "{:.6g} degC"]'.format(*(t - ZERO_DEGC for t in validity.temperature)),
        ]
    lines.append(f"source = {_quoted(source)}")
    return "\n".join(lines) + "\n"


def _quoted(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def read_flow_stress(case: CaseTable) -> FlowMetal:
    """Return the flow stress a case names in ``flow_stress``: a shipped metal, a TOML file, or a table of its own.

    Raises
    ------
    CaseError
        If it is missing, or a coefficient, its unit or its convention is; no convention is taken for granted.
    """
    asked = case.need("flow_stress", 'flow_stress = "c45", or a file of coefficients: "steel.toml"')
    if isinstance(asked, str):
        if not asked.endswith(".toml"):
            with case.placed("flow_stress"):
                return flow_metal(asked)
        path = Path(asked) if Path(asked).is_absolute() else case.path.parent / asked
        return _own(read_case(path).table("flow_stress", "[flow_stress]"))
    return _own(case.table("flow_stress", "[flow_stress]"))


def _own(one: CaseTable) -> FlowMetal:
    form = one.word("form", 'form = "hensel-spittel"')
    law: HenselSpittel | SellarsTegart
    if form == "hensel-spittel":
        one.only(*_COMMON, "A", *_TERMS, "strain_shift", "rate_shift")
        law = HenselSpittel(
            one.quantity("A", "pressure", "3268 MPa"),
            **{name: _number(one, name, 0.0) for name in _TERMS},
            strain_shift=_number(one, "strain_shift", None),
            rate_shift=one.quantity("rate_shift", "strain_rate", "0.1 1/s"),
        )
    elif form == "sellars-tegart":
        one.only(*_COMMON, "alpha_per_MPa", "n", "Q", "ln_A")
        law = SellarsTegart(
            _number(one, "alpha_per_MPa", None) / 1e6,
            _number(one, "n", None),
            one.quantity("Q", "molar_energy", "145 kJ/mol"),
            _number(one, "ln_A", None),
        )
    else:
        one.refuse(
            "form",
            text("{form} is no form of flow stress that is read here", form=form),
            text("use one of: {names}", names=", ".join(_FORMS)),
        )
    title = one.word("title") or one.path.stem
    source = one.word("source") or text("{file}: coefficients of the user's own", file=one.path.name).say("en")
    return FlowMetal(
        title,
        verbatim(title),
        law,
        Validity(
            _ends(one, "strain", ""),
            _ends(one, "rate", "strain_rate", "0.1 1/s"),
            _ends(one, "temperature", "temperature", "900 degC"),
        ),
        Source(text("{metal}: flow stress", metal=title), verbatim(source), "primary"),
    )


def _number(one: CaseTable, key: str, absent: float | None) -> float:
    if key not in one.content and absent is not None:
        return absent
    value = one.need(key, f"{key} = 0.1")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        one.refuse(key, text("a number is wanted"), text("write {key} = 1.5, without quotes", key=key))
    return float(value)


def _ends(one: CaseTable, key: str, kind: str, example: str = "0.05") -> tuple[float, float]:
    """Return the two ends of a range; both NaN where the file says none."""
    if not one.has(key):
        return math.nan, math.nan
    value = one.content[key]
    shown = f'["{example}", …]' if kind else f"[{example}, 0.9]"
    if not isinstance(value, list) or len(value) != 2:
        one.refuse(key, text("the lowest and the highest value are wanted"), text("write {example}",
                                                                               example=f"{key} = {shown}"))  # fmt: skip
    low, high = (quantity_of(end, kind, one.at(key), example) if kind else _bare(one, key, end) for end in value)
    if not low <= high:
        one.refuse(key, text("the range is crossed"), text("write the lower value first"))
    return low, high


def _bare(one: CaseTable, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        one.refuse(key, text("a number is wanted"), text("write {key} = 1.5, without quotes", key=key))
    return float(value)
