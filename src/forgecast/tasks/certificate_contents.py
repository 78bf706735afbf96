"""Gather what an inspection document says from the records alone, or say why it may not be issued."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from forgecast.gateway.certificate_settings import CertificateSettings, read_certificate_settings
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.metal.grade import Grade, find_grade
from forgecast.quality.certificate import TYPES, Analysis, Certificate, MechanicalTest, Signer
from forgecast.quality.conformity import MET, NOT_MET, Judged, judge_grade, overall
from forgecast.quality.release import DEFAULT_RULE, DecisionRule
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.release_evidence import (
    Uncertainties,
    analyses_of,
    analyses_of_lot,
    analysis_of_sample,
    evidence_of,
    tested,
    word,
)
from forgecast.tasks.shipped_pieces import Shipped, Source, heats_of, shipped_pieces


class CertificateRefusedError(ForgecastError):
    """The records do not support the document that was asked for."""

    code = "certificate-refused"


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """What somebody asks for.

    Parameters
    ----------
    shipment : str
    type : str
        ``2.1``, ``2.2`` or ``3.1``.
    by : str
        Who issues it; for a 3.1 a representative named in `certificate.toml`.
    grade : str
        Grade to judge by; empty takes the one of the product's record.
    state : str
        Condition of the material; empty takes the one the grade's name carries.
    section_mm : float or None
        Size of section, where the grade depends on it.
    rule : DecisionRule
    number : str
        Of the certificate; empty takes shipment and type.
    own : tuple of Grade
        Grades of the plant's own tables.
    """

    shipment: str
    type: str
    by: str
    grade: str = ""
    state: str = ""
    section_mm: float | None = None
    rule: DecisionRule = DEFAULT_RULE
    number: str = ""
    own: tuple[Grade, ...] = ()


def certificate_contents(plant: PlantFolder, request: CertificateRequest, now: int) -> tuple[Certificate, ...]:
    """Return the contents of the documents for a shipment, one for each product in it.

    Parameters
    ----------
    plant : PlantFolder
    request : CertificateRequest
    now : int
        Microseconds UTC.

    Raises
    ------
    CertificateRefusedError
        If the type needs somebody outside (3.2), or the records do not support it: every reason is a finding with its
        place and repair.
    ForgecastError
        If the shipment, the grade or `certificate.toml` is missing or wrong.
    """
    _refuse_type(request.type)
    settings = read_certificate_settings(plant.path)
    shipped = shipped_pieces(plant, request.shipment)
    signer = settings.representative(request.by) if request.type == "3.1" else _signer(settings, request.by)
    head = plant.audit_head()
    made = []
    for one in shipped:
        grade, state = _grade(one, request)
        gathered = _Gathered(plant, one, grade, state, request)
        gathered.refuse()
        row = one.shipment
        product = one.product_row
        made.append(
            Certificate(
                number=_number(request, one.product, several=len(shipped) > 1),
                type=request.type,
                shipment=request.shipment,
                order=word(row["order"]),
                order_item=word(row["order_item"]),
                standard=word(row["standard"]),
                product=one.product,
                product_name="" if product is None else word(product["name"]),
                route="" if product is None else word(product["route"]),
                grade=grade,
                state=state,
                section_mm=request.section_mm,
                works=settings.works,
                customer=settings.customer(word(row["customer"])),
                originator=settings.originator,
                mark=settings.mark,
                signer=signer,
                issued_at=now,
                zone=plant.settings.zone,
                items=one.items,
                analyses=gathered.analyses,
                tests=gathered.tests,
                inspections=one.inspections if request.type == "3.1" else (),
                heat_treatments=one.heat_treatments if request.type == "3.1" else (),
                judged=tuple(gathered.judged.items()),
                rule=request.rule,
                concessions=one.concessions,
                synthetic=plant.settings.synthetic,
                plant=plant.settings.id,
                audit_head=f"{head.link} {head.hash}",
            )
        )
    return tuple(made)


def _refuse_type(asked: str) -> None:
    if asked == "3.2":
        raise CertificateRefusedError(
            text("a 3.2 cannot be issued by the manufacturer alone"),
            where="3.2",
            repair=text(
                "EN 10204 has a 3.2 validated by the buyer's or an official inspector as well: have them inspect, and "
                "issue a 3.1 from here for them to rest on"
            ),
        )
    if asked not in TYPES:
        raise CertificateRefusedError(
            text("{type} is no type of EN 10204:2004 that can be issued here", type=asked),
            where=asked,
            repair=text("use one of: {names}", names=", ".join(TYPES)),
        )


def _signer(settings: CertificateSettings, name: str) -> Signer:
    return next((one for one in settings.representatives if one.name == name), Signer(name, ""))


def _number(request: CertificateRequest, product: str, *, several: bool) -> str:
    number = request.number or f"{request.shipment}-{request.type}"
    return f"{number}-{product}" if several else number


def _grade(shipped: Shipped, request: CertificateRequest) -> tuple[Grade | None, str]:
    asked = request.grade or ("" if shipped.product_row is None else word(shipped.product_row["grade"]))
    if not asked:
        if request.type == "2.1":
            return None, request.state
        place = shipped.shipment.place() if shipped.product_row is None else shipped.product_row.place("grade")
        raise CertificateRefusedError(
            text("the grade that product {product} is ordered in is not on record", product=shipped.product),
            where=place,
            repair=text("enter it in the field grade of the record product, or give --grade"),
        )
    grade, state = find_grade(asked, request.own, standard=_standard(asked, request, shipped))
    return grade, request.state or state


def _standard(asked: str, request: CertificateRequest, shipped: Shipped) -> str:
    """Return the shipment's standard where it tells grades of one name apart."""
    named = word(shipped.shipment["standard"])
    try:
        find_grade(asked, request.own, standard=named)
    except ForgecastError:
        return ""
    return named


class _Gathered:
    """Results for one product of a shipment, and what is missing of them."""

    def __init__(
        self, plant: PlantFolder, shipped: Shipped, grade: Grade | None, state: str, request: CertificateRequest
    ) -> None:
        self.plant, self.shipped, self.grade, self.request = plant, shipped, grade, request
        self.state = state
        self.uncertainties = Uncertainties(plant)
        self.against: list[Finding] = list(shipped.against)
        self.analyses: tuple[Analysis, ...] = ()
        self.tests: tuple[MechanicalTest, ...] = ()
        self.judged: dict[str, tuple[Judged, ...]] = {}
        if not word(shipped.shipment["order"]):
            self._say(
                shipped.shipment.place("order"),
                text("the shipment does not say for which order it is"),
                text("enter the customer's order number in the record shipment"),
            )
        if request.type == "3.1":
            self._inspected()
            self._specific()
        else:
            self._contradicted()
        if request.type == "2.2":
            self._non_specific()

    def refuse(self) -> None:
        """Raise if anything stands against the document."""
        if not self.against:
            return
        raise CertificateRefusedError(
            text(
                "a {type} for {product} in shipment {shipment} is not supported by the records; reasons: {count}",
                type=self.request.type,
                product=self.shipped.product,
                shipment=self.request.shipment,
                count=len(self.against),
            ),
            where=self.shipped.shipment.place(),
            repair=self.against[0].repair,
            findings=tuple(self.against),
        )

    def _inspected(self) -> None:
        for one in self.shipped.inspections:
            if one.result != "good":
                self._say(
                    one.place,
                    text("inspection {id} of {subject} found {result}", id=one.id, subject=one.subject,
                         result=one.result),
                    text("take it out of the shipment, or record the inspection that found it good"),
                )  # fmt: skip
        for item in self.shipped.items:
            if not item.sources:
                self._say(
                    item.place,
                    text("nothing on record leads from piece {piece} to its heat", piece=item.piece),
                    text("enter its heat, ladle or mould (a forging: its lot); a 3.1 is of the very heats shipped"),
                )

    def _specific(self) -> None:
        """Take the results of the very heats, lots and loads shipped, and judge each of them."""
        for source, analyses, tests in self._of_shipped():
            judged = self._judge(analyses, tests)
            if overall(judged) != MET:
                self._refuse_judged(source, judged, ambiguous=self._ambiguous(source))
            self._keep(source, judged, analyses, tests)

    def _contradicted(self) -> None:
        """Refuse to declare compliance of what the records show not to comply, unless it was conceded."""
        if self.grade is None:
            return
        for source, analyses, tests in self._of_shipped():
            judged = [one for one in self._judge(analyses, tests) if one.word == NOT_MET]
            if source not in self.shipped.conceded and overall(judged) == NOT_MET:
                self._refuse_judged(source, judged, ambiguous=self._ambiguous(source))

    def _of_shipped(self) -> Iterator[tuple[str, list[Analysis], list[MechanicalTest]]]:
        groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for item in self.shipped.items:
            for source in item.sources:
                groups.setdefault((source, item.heat_treatments), []).append(item.piece)
        for (source, treatments), pieces in groups.items():
            origin = self._origin(pieces)
            yield source, self._analyses(source, origin, pieces), self._tests(source, treatments, pieces)

    def _origin(self, pieces: Sequence[str]) -> Source:
        merged = Source()
        for piece in pieces:
            merged.ladles |= self.shipped.sources[piece].ladles
            merged.lots |= self.shipped.sources[piece].lots
        return merged

    def _analyses(self, source: str, origin: Source, pieces: Iterable[str]) -> list[Analysis]:
        if source in origin.lots:
            found = analyses_of_lot(self.plant, source, self.uncertainties)
        else:
            found = analyses_of(self.plant, source, self.uncertainties, ladles=tuple(origin.ladles))
        products = self.plant.records.read("sample", piece=list(pieces), stage="product")
        return found + [
            analysis_of_sample(row, source, self.uncertainties) for row in products if row["valid"] is not False
        ]

    def _tests(self, source: str, treatments: tuple[str, ...], pieces: Sequence[str]) -> list[MechanicalTest]:
        """Return the tests that stand for a heat as it was treated; one of another treatment proves nothing."""
        rows = {row["id"]: row for row in self.plant.records.read("mechanical_test", heat=source)}
        rows |= {row["id"]: row for row in self.plant.records.read("mechanical_test", piece=list(pieces))}
        if treatments:
            of_load = self.plant.records.read("mechanical_test", heat_treatment=list(treatments))
            rows |= {row["id"]: row for row in of_load if not row["heat"] and not row["piece"]}
        return [
            tested(row, source, self.uncertainties)
            for row in rows.values()
            if row["heat"] in (None, source)
            and (word(row["heat_treatment"]) in treatments if treatments else not row["heat_treatment"])
        ]

    def _non_specific(self) -> None:
        """Take the latest results of the product's heats, whichever pieces they are of."""
        pieces = self.plant.records.read("piece", product=self.shipped.product)
        heats = heats_of(self.plant, pieces)
        rows = self.plant.records.read("mechanical_test", heat=list(heats)) if heats else ()
        last = max(rows, key=lambda row: int(str(row["tested_at"])), default=None)
        if last is None:
            self._say(
                self.shipped.shipment.place(),
                text("no mechanical test of any heat of product {product} is on record", product=self.shipped.product),
                text("record a test, or issue a 2.1, which gives no results"),
            )
            return
        heat = word(last["heat"])
        same = [row for row in rows if row["heat"] == heat and row["heat_treatment"] == last["heat_treatment"]]
        tests = [tested(row, heat, self.uncertainties) for row in same]
        analyses = analyses_of(self.plant, heat, self.uncertainties)
        judged = self._judge(analyses, tests)
        if overall(judged) != MET:
            self._refuse_judged(heat, judged, ambiguous=False)
        self._keep(heat, judged, analyses, tests)

    def _judge(self, analyses: list[Analysis], tests: list[MechanicalTest]) -> tuple[Judged, ...]:
        assert self.grade is not None  # noqa: S101  (asked for before)
        return judge_grade(
            self.grade,
            evidence_of(analyses, tests),
            section_mm=self.request.section_mm,
            state=self.state,
            rule=self.request.rule,
        )

    def _keep(
        self, source: str, judged: Sequence[Judged], analyses: list[Analysis], tests: list[MechanicalTest]
    ) -> None:
        known = {(one.requirement.rule, one.origin) for one in self.judged.get(source, ())}
        fresh = tuple(one for one in judged if (one.requirement.rule, one.origin) not in known)
        self.judged[source] = (*self.judged.get(source, ()), *fresh)
        self.analyses += tuple(one for one in analyses if one.origin not in {a.origin for a in self.analyses})
        seen = {(one.source, one.origin) for one in self.tests}
        self.tests += tuple(one for one in tests if (one.source, one.origin) not in seen)

    def _refuse_judged(self, source: str, judged: Sequence[Judged], *, ambiguous: bool) -> None:
        bad = [one for one in judged if one.requirement.required and one.word != MET]
        if not bad:
            self._say(
                source,
                text("no rule of {grade} could be judged for {source}", grade=_title(self.grade), source=source),
                text("tell the condition of the material (--state) or the size of section (--section)"),
            )
        for one in bad:
            told: dict[str, str | Text] = {
                "rule": one.requirement.rule,
                "grade": _title(self.grade),
                "word": _WORDS[one.word],
            }
            reason = text("{rule} of {grade} is {word}: {reason}", **told, reason=one.reason)
            if ambiguous:
                reason = text("{reason}; every heat that a piece may be from has to conform", reason=reason)
            repair = (
                text("take it out of the shipment, or record the concession and issue a 2.1 that says so")
                if one.word == NOT_MET
                else text("record the test or the uncertainty that settles it")
            )
            self._say(" ".join(filter(None, (source, one.origin))), reason, repair)

    def _ambiguous(self, source: str) -> bool:
        return any(source in item.sources and len(item.sources) > 1 for item in self.shipped.items)

    def _say(self, place: str, reason: Text, repair: Text) -> None:
        self.against.append(Finding("not-to-be-certified", Severity.REFUSED, Place(place), "", reason, repair))


_WORDS = {"met": text("met"), "not met": text("not met"), "not known": text("not known")}


def _title(grade: Grade | None) -> str:
    return "" if grade is None else grade.title
