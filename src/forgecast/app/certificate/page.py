"""The page of an inspection document: every label in both languages, with its field code of EN 10168."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

from forgecast import __version__
from forgecast.app.certificate.probability import shown_probability
from forgecast.app.report import fonts
from forgecast.app.report.numbers import ABSENT, long_day, shown
from forgecast.app.report.typeset import cleaned, compiled
from forgecast.app.report.words import CONFIDENCE_TEXTS
from forgecast.ground.dates import from_us
from forgecast.ground.texts import Text, bilingual, text
from forgecast.metal.grade import OWN, SPECIMEN_TEXTS, STATE_TEXTS
from forgecast.metal.rule_formula import PROPERTIES
from forgecast.plant.record import record
from forgecast.quality.certificate import STATEMENTS, TYPE_TEXTS, Analysis, Certificate, MechanicalTest, Party
from forgecast.quality.conformity import Judged
from forgecast.quality.release import RULE_TEXTS
from forgecast.rules.verdict import WORD_TEXTS, Word

#: A text in both languages, as the template takes it.
Both: TypeAlias = dict[str, str]
#: So many elements stand side by side.
_ELEMENTS: Final = 13

LABELS: Final[dict[str, Text]] = {
    "by": text("by EN 10204:2004"),
    "number": text("Certificate no."),
    "issued": text("Date of issue"),
    "works": text("Manufacturer"),
    "customer": text("Purchaser"),
    "originator": text("Issued by department"),
    "order": text("Order"),
    "order_item": text("Order item"),
    "shipment": text("Shipment"),
    "standard": text("Standard of the order"),
    "method": text("Standard"),
    "product": text("Product"),
    "grade": text("Grade"),
    "state": text("Condition of the material"),
    "section": text("Size of section"),
    "count": text("Number of pieces"),
    "mass": text("Mass"),
    "heats": text("Heats"),
    "pieces": text("Pieces"),
    "piece": text("Piece or batch"),
    "pieces_each": text("Count"),
    "marking": text("Marking"),
    "heat": text("Heat"),
    "heat_treatment": text("Heat treatment"),
    "composition": text("Chemical composition"),
    "sample": text("Sample"),
    "minimum": text("Minimum"),
    "maximum": text("Maximum"),
    "mechanical": text("Mechanical tests"),
    "test": text("Test"),
    "specimen": text("Specimen"),
    "required": text("Required"),
    "judgements": text("Conformity"),
    "rule": text("Rule"),
    "value": text("Value ± U (k = 2)"),
    "limits": text("Limits"),
    "probability": text("Probability of conformity [%]"),
    "word": text("Verdict"),
    "source": text("Limit from"),
    "inspections": text("Further inspections"),
    "inspection": text("Inspection"),
    "kind": text("Kind"),
    "subject": text("Of"),
    "result": text("Result"),
    "treatments": text("Heat treatments"),
    "process": text("Process"),
    "temperature": text("Temperature"),
    "soak": text("Soaking"),
    "medium": text("Cooling"),
    "statement": text("Statement"),
    "signer": text("Validated by"),
    "concessions": text("Concessions"),
    "non_specific": text("Results of non-specific inspection: they are not of the products supplied."),
    "ambiguous": text("Where several heats stand beside a piece it may be from any of them; all of them conform."),
    "deduced": text("* No record names the heat; times and order of pouring leave only those listed."),
    "synthetic": text("Made-up data: this is no certificate of a real product."),
    "guidance": text("for guidance"),
    "nodularity": text("nodularity"),
    "pearlite": text("pearlite"),
    "verify": text("Check offline: forgecast certificate verify FILE --key public.jwk"),
    "qr": text("QR code of the certificate's number and the SHA-256 of its JSON"),
    "mark": text("Mark of the manufacturer"),
    "audit": text("Head of the audit chain"),
}


def render_certificate(certificate: Certificate, sha256: str) -> bytes:
    """Return the page as PDF; the same certificate gives the same bytes.

    Parameters
    ----------
    certificate : Certificate
    sha256 : str
        Of its JSON; it stands on the page and in the QR code.

    Raises
    ------
    ForgecastError
        If a typeface is not installed.
    """
    data = cleaned(_document(certificate, sha256), fonts.legible)
    template = resources.files("forgecast.app.certificate") / "certificate.typ"
    made = from_us(certificate.issued_at).astimezone(UTC).replace(microsecond=0)
    with TemporaryDirectory() as folder:
        if certificate.mark:
            (Path(folder) / "mark.png").write_bytes(certificate.mark)
        return compiled(template.read_bytes(), data, made, pictures=Path(folder))


def qr_words(certificate: Certificate, sha256: str) -> str:
    """Return what the QR code says: number and hash, for anybody to compare."""
    return f"{certificate.number}\nsha256:{sha256}"


def _qr(words: str) -> str:
    import segno  # noqa: PLC0415  (needed for certificates only)

    out = io.BytesIO()
    segno.make(words, error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False, svgclass=None)
    return out.getvalue().decode("utf-8")


def _document(certificate: Certificate, sha256: str) -> dict[str, object]:
    moment: datetime = from_us(certificate.issued_at, certificate.zone)
    grade = certificate.grade
    return {
        "labels": {name: _both(said) for name, said in LABELS.items()},
        "version": __version__,
        "document_title": f"EN 10204 {certificate.type} · {certificate.number}",
        "made": [moment.year, moment.month, moment.day],
        "issued": {"en": long_day(moment.date(), "en"), "zh": long_day(moment.date(), "zh")},
        "type": certificate.type,
        "type_said": _both(TYPE_TEXTS[certificate.type]),
        "number": certificate.number,
        "works": _party(certificate.works),
        "customer": _party(certificate.customer),
        "mark": bool(certificate.mark),
        "deal": _pairs(
            ("A07", "order", certificate.order),
            ("A97", "order_item", certificate.order_item),
            ("A98", "shipment", certificate.shipment),
            ("B02", "standard", certificate.standard),
            ("A05", "originator", certificate.originator),
        ),
        "product": _pairs(
            ("B01", "product", " · ".join(filter(None, (certificate.product, certificate.product_name)))),
            ("B02", "grade", "" if grade is None else grade.title),
            ("B04", "state", certificate.state and _slashed(STATE_TEXTS.get(certificate.state), certificate.state)),
            ("B09", "section", "" if certificate.section_mm is None else f"{shown(certificate.section_mm)} mm"),
            ("B08", "count", str(certificate.count)),
            ("B13", "mass", "" if certificate.mass is None else f"{shown(certificate.mass)} kg"),
            ("B07", "heats", ", ".join(certificate.sources)),
        ),
        "items": [_item(certificate, at) for at in range(len(certificate.items))],
        "deduced": any(item.deduced for item in certificate.items),
        "ambiguous": any(len(item.sources) > 1 for item in certificate.items),
        "non_specific": certificate.type == "2.2",
        "compositions": _compositions(certificate),
        "mechanical": _mechanical(certificate),
        "judgements": _judgements(certificate),
        "inspections": [
            [one.id, _choice("inspection", "kind", one.kind), one.subject, one.standard or ABSENT,
             _choice("inspection", "result", one.result)]
            for one in certificate.inspections
        ],
        "treatments": [
            [one.id, _choice("heat_treatment", "process", one.process), _degrees(one.temperature),
             ABSENT if one.soak_time is None else f"{shown(one.soak_time / 60)} min",
             _choice("heat_treatment", "medium", one.medium)]
            for one in certificate.heat_treatments
        ],
        **_said(certificate),
        "sha256": sha256,
        "audit_head": certificate.audit_head,
        "qr": _qr(qr_words(certificate, sha256)),
    }  # fmt: skip


def _said(certificate: Certificate) -> dict[str, object]:
    """Return the statement, how it was judged, and who stands behind it."""
    compared = text(
        "Values are compared as measured, not rounded. Uncertainties of sums, ratios and carbon equivalents are "
        "propagated with covariances taken as zero."
    )
    judged = certificate.type != "2.1"
    return {
        "statement": _both(STATEMENTS[certificate.type]),
        "rule": _both(RULE_TEXTS[certificate.rule]) if judged else None,
        "assumption": _both(compared) if judged else None,
        "concessions": list(certificate.concessions),
        "signer": certificate.signer.name,
        "signer_title": certificate.signer.title,
        "synthetic": certificate.synthetic,
    }


def _both(said: Text) -> Both:
    return {"en": said.say("en"), "zh": said.say("zh")}


def _slashed(said: Text | None, plain: str) -> str:
    if said is None:
        return plain
    if said.say("en") == said.say("zh"):
        return said.say("en")
    return f"{said.say('en')} / {said.say('zh')}"


def _pairs(*rows: tuple[str, str, str]) -> list[dict[str, object]]:
    return [{"code": code, "label": _both(LABELS[name]), "value": value} for code, name, value in rows if value]


def _party(party: Party) -> dict[str, object]:
    lines = [*party.street, f"{party.zip_code} {party.city}", party.country, *filter(None, (party.email,))]
    return {"name": party.name, "lines": lines}


def _item(certificate: Certificate, at: int) -> list[object]:
    item = certificate.items[at]
    return [
        item.piece,
        str(item.count),
        item.marking or ABSENT,
        (" | ".join(item.sources) or ABSENT) + (" *" if item.deduced else ""),
        ", ".join(item.heat_treatments) or ABSENT,
    ]


def _degrees(temperature: float | None) -> str:
    return ABSENT if temperature is None else f"{shown(temperature)} °C"


def _choice(name: str, field: str, code: str) -> str:
    for choice in record(name).field(field).choices:
        if choice.code == code:
            return _slashed(bilingual(choice.code.replace("_", " "), choice.zh), code)
    return code or ABSENT


def _compositions(certificate: Certificate) -> list[dict[str, object]]:
    """Return tables of a dozen elements each: limits first, then one line for each analysis."""
    elements = list(dict.fromkeys(e for one in certificate.analyses for e in one.shares))
    single = {
        one.requirement.rule: one.requirement
        for _, judged in certificate.judged
        for one in judged
        if one.requirement.formula.kind == "element"
    }
    made: list[dict[str, object]] = []
    for start in range(0, len(elements), _ELEMENTS):
        part = elements[start : start + _ELEMENTS]
        lower = [_limit(single[e].lower if e in single else None) for e in part]
        upper = [_limit(single[e].upper if e in single else None) for e in part]
        made.append(
            {
                "elements": part,
                "lower": lower if any(one != "" for one in lower) else [],
                "upper": upper if any(one != "" for one in upper) else [],
                "rows": [_shares(one, part) for one in certificate.analyses],
            }
        )
    return made


def _limit(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _shares(analysis: Analysis, elements: Sequence[str]) -> dict[str, object]:
    return {
        "heat": analysis.source,
        "sample": analysis.sample or ABSENT,
        "values": [f"{analysis.shares[e].value:.6g}" if e in analysis.shares else ABSENT for e in elements],
    }


def _mechanical(certificate: Certificate) -> dict[str, object]:
    names = [name for name in PROPERTIES if any(name in one.values for one in certificate.tests)]
    limits: dict[str, list[str]] = {}
    for _, judged in certificate.judged:
        for one in judged:
            rule = one.requirement.rule
            if rule in names and one.requirement.required and one.origin:
                said = _interval(one)
                limits.setdefault(rule, [])
                if said not in limits[rule]:
                    limits[rule].append(said)
    return {
        "names": [_property(name) for name in names],
        "limits": [" / ".join(limits.get(name, ())) for name in names],
        "rows": [_test(one, names) for one in certificate.tests],
    }


def _property(name: str) -> str:
    said, unit = _slashed(LABELS.get(name), name), PROPERTIES[name][1]
    return said if unit == "1" else f"{said} [{unit}]"


def _test(test: MechanicalTest, names: Iterable[str]) -> dict[str, object]:
    kind = SPECIMEN_TEXTS.get(test.specimen)
    values = []
    for name in names:
        value = f"{test.values[name].value:.6g}" if name in test.values else ABSENT
        at = (
            f" ({shown(test.temperature)} °C)"
            if name == "KV" and test.temperature is not None and name in test.values
            else ""
        )
        values.append(value + at)
    return {
        "id": test.id,
        "heat": test.source,
        "treatment": test.heat_treatment or ABSENT,
        "specimen": ABSENT if kind is None else _slashed(kind, test.specimen),
        "values": values,
    }


def _interval(judged: Judged) -> str:
    asked = judged.requirement
    if asked.lower is not None and asked.upper is not None:
        return f"{asked.lower:.6g} – {asked.upper:.6g}"
    return f"≥ {asked.lower:.6g}" if asked.lower is not None else f"≤ {asked.upper:.6g}"


def _judgements(certificate: Certificate) -> dict[str, object]:
    """Return the verdicts, and the sources of their limits once each, with the number that stands in the verdict."""
    sources: list[dict[str, Both]] = []
    rows = []
    for heat, judged in certificate.judged:
        for one in judged:
            known = one.requirement.source.confidence
            how = text("the issuer's own copy") if known == OWN else CONFIDENCE_TEXTS[known]
            source = {"source": _both(one.requirement.source.source), "known": _both(how)}
            if source not in sources:
                sources.append(source)
            rows.append(_judgement(heat, one, sources.index(source) + 1))
    return {"rows": rows, "sources": sources}


def _judgement(heat: str, one: Judged, source: int) -> dict[str, object]:
    unit = "" if one.requirement.unit == "1" else one.requirement.unit
    name, written = one.requirement.rule, one.requirement.formula.written
    if one.requirement.formula.kind == "property":
        name = written = _slashed(LABELS.get(name), name)
    return {
        "heat": heat,
        "origin": one.origin.split(" (")[0],
        "rule": name if name == written else f"{name} = {written}",
        "required": one.requirement.required,
        "value": f"{_value(one)} {unit}".strip(),
        "limits": f"{_interval(one)} {unit}".strip(),
        "probability": shown_probability(one.probability),
        "word": one.word,
        "said": _slashed(WORD_TEXTS[Word(one.word)], one.word),
        "source": str(source),
    }


def _value(one: Judged) -> str:
    """Return value and uncertainty: what was measured as it was recorded, what was computed as far as it is known."""
    measured = one.measured
    if measured is None:
        return ABSENT
    if not measured.expanded:
        return f"{measured.value:.4g}"
    decimals = max(0, 1 - math.floor(math.log10(measured.expanded)))
    single = one.requirement.formula.kind in {"element", "property"}
    value = f"{measured.value:.6g}" if single else f"{measured.value:.{decimals}f}"
    return f"{value} ± {measured.expanded:.2g}"
