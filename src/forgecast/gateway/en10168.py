"""Writes a certificate as JSON with the field codes of EN 10168.

The form is that of the open schema EN10168 v0.5.0 of the Material Identity initiative (material-identity/schemas,
S1Seven GmbH), so that software which reads certificates of that form reads these. What the form has no field for stands
in its places for supplementary information: pieces (B14 on), calculated values (C110 on), who decided by which rule,
and the head of the audit chain (Z05 on).
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from forgecast.ground.dates import local_day
from forgecast.ground.texts import Text
from forgecast.metal.grade import SPECIMEN_TEXTS
from forgecast.metal.rule_formula import PROPERTIES
from forgecast.quality.certificate import STATEMENTS, Analysis, Certificate, Inspected, MechanicalTest, Party
from forgecast.quality.conformity import Judged
from forgecast.quality.release import RULE_TEXTS, Measured

#: Identifier of the form, as its publisher writes it.
SCHEMA: Final = "https://schemas.materialidentity.org/en10168-schemas/v0.5.0/schema.json"
#: Order in which elements take the fields C71 on.
ELEMENTS: Final = (
    "C", "Si", "Mn", "P", "S", "Cr", "Ni", "Mo", "Cu", "Al", "Mg", "Sn", "Ti", "V", "Nb", "W", "Co", "N", "B",
)  # fmt: skip
_LAST_ELEMENT: Final = 109
_NDT: Final = {"radiographic": "D02", "ultrasonic": "D03", "magnetic_particle": "D04", "penetrant": "D05"}
_OTHER: Final = {"leak": "D51", "metallographic": "D52", "hardness": "D53", "other": "D54"}


def en10168_bytes(certificate: Certificate) -> bytes:
    """Return the certificate as the bytes that are hashed and signed: UTF-8 JSON, keys in the order of the form."""
    return (json.dumps(en10168(certificate), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def en10168(certificate: Certificate) -> dict[str, object]:
    """Return the certificate in the form of EN 10168."""
    body: dict[str, object] = {
        "CertificateLanguages": ["EN", "CN"],
        "CommercialTransaction": _transaction(certificate),
        "ProductDescription": _product(certificate),
    }
    inspection = _inspections(certificate)
    if inspection:
        body["Inspection"] = inspection
    other = _other_tests(certificate.inspections)
    if other:
        body["OtherTests"] = other
    body["Validation"] = _validation(certificate)
    return {"RefSchemaUrl": SCHEMA, "Certificate": body}


def _transaction(certificate: Certificate) -> dict[str, object]:
    made: dict[str, object] = {
        "A01": _company(certificate.works),
        "A02": f"EN 10204:2004 {certificate.type}",
        "A03": certificate.number,
        "A04": base64.b64encode(certificate.mark).decode("ascii"),
        "A05": certificate.originator,
        "A06": _company(certificate.customer),
        "A07": certificate.order,
        "A09": certificate.product,
        "A98": certificate.shipment,
    }
    if certificate.order_item:
        made["A97"] = certificate.order_item
    return made


def _company(party: Party) -> dict[str, object]:
    made: dict[str, object] = {
        "Name": party.name,
        "Street": list(party.street),
        "ZipCode": party.zip_code,
        "City": party.city,
        "Country": party.country,
    }
    if party.email:
        made["Email"] = party.email
    return made


def _product(certificate: Certificate) -> dict[str, object]:
    grade = certificate.grade
    norm: dict[str, object] = {}
    if certificate.standard:
        norm["ProductNorm"] = [certificate.standard]
    if grade is not None:
        norm["MaterialNorm"] = [grade.standard]
        norm["SteelDesignation"] = [grade.name]
    name = certificate.product_name or certificate.product
    made: dict[str, object] = {"B01": name, "B02": norm}
    treatments = "; ".join(_treatment(one.process, one.temperature) for one in certificate.heat_treatments)
    if certificate.state or treatments:
        made["B04"] = certificate.state or treatments
    if certificate.state and treatments:
        made["B05"] = treatments
    marks = [item.marking for item in certificate.items if item.marking]
    if marks:
        made["B06"] = ", ".join(marks)
    if certificate.sources:
        made["B07"] = ", ".join(certificate.sources)
    made["B08"] = certificate.count
    made["B09"] = {"Form": "Other", "Description": certificate.route or name}
    if certificate.mass is not None:
        made["B13"] = {"Value": _number(certificate.mass), "Unit": "kg"}
    lines = [
        f"{item.piece} × {item.count}: {' | '.join(item.sources) or '—'}"
        + (" (deduced from times)" if item.deduced else "")
        + (f" ({', '.join(item.heat_treatments)})" if item.heat_treatments else "")
        for item in certificate.items
    ]
    made["SupplementaryInformation"] = _numbered("B", 14, 99, "Pieces and their heats", lines)
    return made


def _treatment(process: str, temperature: float | None) -> str:
    return process if temperature is None else f"{process} {_plain(temperature)} °C"


def _inspections(certificate: Certificate) -> list[dict[str, object]]:
    judged = dict(certificate.judged)
    made = [_analysis(one, judged.get(one.source, ())) for one in certificate.analyses]
    return made + [_test(one, judged.get(one.source, ())) for one in certificate.tests]


def _analysis(analysis: Analysis, judged: Sequence[Judged]) -> dict[str, object]:
    limits = {one.requirement.rule: one for one in judged if one.origin == analysis.origin}
    ordered = [*(e for e in ELEMENTS if e in analysis.shares), *(e for e in analysis.shares if e not in ELEMENTS)]
    fields: dict[str, object] = {}
    for code, element in zip(range(71, _LAST_ELEMENT + 1), ordered, strict=False):
        fields[f"C{code}"] = _element(element, analysis.shares[element], limits.get(element))
    calculated = [one for one in limits.values() if one.requirement.formula.kind not in {"element", "property"}]
    if calculated:
        fields["SupplementaryInformation"] = {
            f"C{110 + at}": _key_value(one.requirement.rule, _result(one), method=one.requirement.formula.written)
            for at, one in enumerate(calculated[:11])
        }
    return {
        "C00": analysis.source,
        "C01": analysis.stage,
        "SupplementaryInformation": {"C04": _key_value("Sample", analysis.sample or "—", method=analysis.instrument)},
        "ChemicalComposition": fields,
    }


def _element(symbol: str, measured: Measured, judged: Judged | None) -> dict[str, object]:
    made: dict[str, object] = {"Symbol": symbol, "Actual": {"Value": _share(measured.value)}}
    if judged is not None and judged.requirement.lower is not None:
        made["Minimum"] = {"Value": _share(judged.requirement.lower)}
    if judged is not None and judged.requirement.upper is not None:
        made["Maximum"] = {"Value": _share(judged.requirement.upper)}
    made["Unit"] = "%"
    return made


def _test(test: MechanicalTest, judged: Sequence[Judged]) -> dict[str, object]:
    limits = {one.requirement.rule: one for one in judged if one.origin == test.origin}
    made: dict[str, object] = {"C00": test.source}
    if test.specimen:
        made["C01"] = SPECIMEN_TEXTS[test.specimen].say("en")
    if test.temperature is not None:
        made["C03"] = f"{_plain(test.temperature)} °C"
    told = [("Test", test.id), ("Laboratory", test.laboratory), ("Heat treatment", test.heat_treatment)]
    made["SupplementaryInformation"] = {
        f"C0{4 + at}": _key_value(key, value, method=test.standard if key == "Test" else "")
        for at, (key, value) in enumerate((key, value) for key, value in told if value)
    }

    def fields(codes: Mapping[str, str]) -> dict[str, object]:
        return {
            code: _measurement(name, test.values[name], limits.get(name))
            for code, name in codes.items()
            if name in test.values
        }

    if tensile := fields({"C11": "Rp0.2", "C12": "Rm", "C13": "A"}):
        if "Z" in test.values:
            tensile["SupplementaryInformation"] = {"C14": _key_value("Z", _plain(test.values["Z"].value), unit="%")}
        made["TensileTest"] = tensile
    for name, method in (("HBW", "Brinell (HBW)"), ("HRC", "Rockwell C (HRC)")):
        if name in test.values and "HardnessTest" not in made:
            made["HardnessTest"] = {"C30": method, **fields({"C32": name})}
    if impact := fields({"C43": "KV"}):
        made["NotchedBarImpactTest"] = {"C40": "V", **impact}
    others = [name for name in ("nodularity", "pearlite") if name in test.values]
    if others:
        made["OtherMechanicalTests"] = {
            f"C{50 + at}": _key_value(name, _plain(test.values[name].value), unit="%") for at, name in enumerate(others)
        }
    return made


def _measurement(name: str, measured: Measured, judged: Judged | None) -> dict[str, object]:
    made: dict[str, object] = {"Property": name, "Value": _number(measured.value)}
    if judged is not None and judged.requirement.lower is not None:
        made["Minimum"] = _number(judged.requirement.lower)
    if judged is not None and judged.requirement.upper is not None:
        made["Maximum"] = _number(judged.requirement.upper)
    unit = PROPERTIES[name][1]
    made["Unit"] = {"HBW": "HBW", "HRC": "HRC"}.get(name, unit)
    return made


def _other_tests(inspections: Iterable[Inspected]) -> dict[str, object]:
    by_kind: dict[str, list[Inspected]] = {}
    for one in inspections:
        by_kind.setdefault(one.kind, []).append(one)
    made: dict[str, object] = {}
    surface = [*by_kind.get("visual", ()), *by_kind.get("dimensional", ())]
    if surface:
        made["D01"] = "; ".join(f"{one.kind} {_outcome([one])}" for one in surface)
    for part, codes in (("NonDestructiveTests", _NDT), ("OtherProductTests", _OTHER)):
        found = {
            code: _key_value(kind, _outcome(by_kind[kind]), method=_methods(by_kind[kind]))
            for kind, code in codes.items()
            if kind in by_kind
        }
        if found:
            made[part] = found
    return made


def _outcome(inspections: Sequence[Inspected]) -> str:
    return "; ".join(
        f"{one.id} ({one.subject}): {one.result}" + ("" if one.count is None else f", {one.count} pieces")
        for one in inspections
    )


def _methods(inspections: Sequence[Inspected]) -> str:
    return ", ".join(dict.fromkeys(one.standard for one in inspections if one.standard))


def _validation(certificate: Certificate) -> dict[str, object]:
    made: dict[str, object] = {
        "Z01": _both(STATEMENTS[certificate.type]),
        "Z02": local_day(certificate.issued_at, certificate.zone).isoformat(),
    }
    if certificate.signer.title:
        made["Z03"] = {"Name": certificate.signer.name, "Title": certificate.signer.title}
    told = [("Issued by", certificate.signer.name)]
    if certificate.type != "2.1":
        told.append(("Decision rule", _both(RULE_TEXTS[certificate.rule])))
    told += [("Concession", one) for one in certificate.concessions]
    told.append(("Plant", certificate.plant))
    told.append(("Audit chain head", certificate.audit_head))
    if certificate.synthetic:
        told.append(
            ("Synthetic", "made-up data: this is no certificate of a real product / 数据为虚构，并非真实产品的证书")
        )
    kept = [(key, value) for key, value in told if value]
    made["SupplementaryInformation"] = {
        f"Z{5 + at:02d}": _key_value(key, value) for at, (key, value) in enumerate(kept)
    }
    return made


def _numbered(letter: str, first: int, last: int, key: str, lines: Sequence[str]) -> dict[str, object]:
    """Put lines into so many fields as there are, several to a field where they are more."""
    each = max(1, math.ceil(len(lines) / (last - first + 1)))
    parts = [lines[at : at + each] for at in range(0, len(lines), each)]
    return {f"{letter}{first + at:02d}": _key_value(key, "; ".join(part)) for at, part in enumerate(parts)}


def _key_value(key: str, value: str, *, unit: str = "", method: str = "") -> dict[str, object]:
    made: dict[str, object] = {"Key": key, "Value": value}
    if unit:
        made["Unit"] = unit
    if method:
        made["Method"] = method
    return made


def _result(judged: Judged) -> str:
    value = "—" if judged.measured is None else _plain(judged.measured.value)
    limits = [
        f"{sign} {_plain(limit)}"
        for sign, limit in (("≥", judged.requirement.lower), ("≤", judged.requirement.upper))
        if limit is not None
    ]
    return f"{value} ({', '.join(limits)})"


def _both(said: Text) -> str:
    return f"{said.say('en')} / {said.say('zh')}"


def _share(value: float) -> str:
    """Return a share in percent as the form wants it: up to two digits and five decimals, or 100."""
    return f"{value:.5f}".rstrip("0").rstrip(".") or "0"


def _plain(value: float) -> str:
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}"


def _number(value: float) -> float | int:
    """Return a number without the noise of conversion."""
    tidy = float(f"{value:.9g}")
    return int(tidy) if tidy == int(tidy) else tidy
