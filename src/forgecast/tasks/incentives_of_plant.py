"""What incentives are worth to a plant: eligibility by the rulebook, and the benefit of each in money of a year."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from forgecast.environment.report_table import Column, Gap, ReportTable, known
from forgecast.ground.errors import ForgecastError
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, text
from forgecast.rules.book import Book, Policy
from forgecast.rules.evaluate import evaluate
from forgecast.rules.fact import FactBase, Subject
from forgecast.rules.shelf import full_shelf
from forgecast.rules.verdict import CONFIDENCE_TEXTS, WORD_TEXTS, Confidence, Verdict, Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.enterprise_facts import last_day, last_year
from forgecast.tasks.join_record_facts import with_record_facts
from forgecast.tasks.plant_view import PlantView, Row, period_of

BOOK = "incentives"
#: `year_figure` writes money in units of ten thousand yuan.
YUAN = 1e4
SPECIAL = ("environment", "energy_water", "safety")


def rate(name: str) -> float:
    """Return a number of the table `incentive`: per cent as a share, years as years.

    Raises
    ------
    KeyError
        If the table has no such row, or no number in it.
    """
    table = read_table("incentive")
    for row in table.where(id=name):
        value = table.number(row, "value")
        if value is not None:
            return value / 100.0 if row["unit"] == "%" else value
    raise KeyError(name)


def percent(name: str) -> str:
    """Return a share of the table `incentive` in per cent, for a sentence."""
    return f"{100.0 * rate(name):g}"


@dataclass(frozen=True, slots=True)
class Benefit:
    """One incentive for one purchase, or for the enterprise.

    Parameters
    ----------
    id : str
        Requirement of the book `incentives`.
    holder : str
        Purchase, or the site.
    title : Text
    word : Word
        Whether the plant is eligible, as the book judges it.
    base : float or None
        Yuan the share is taken of.
    share : Text
        How the benefit follows from the base.
    low, high : float or None
        Yuan; equal where the benefit is one number, None where it cannot be computed.
    use_by : int or None
        Last calendar year in which it can be used.
    summed : bool
        Whether it counts in the total: eligible, computed, and resting on no number from memory.
    confidence : Confidence
    reason : Text or None
        Why it is not summed, or what else is to be known.
    """

    id: str
    holder: str
    title: Text
    word: Word
    base: float | None
    share: Text
    low: float | None
    high: float | None
    use_by: int | None
    summed: bool
    confidence: Confidence
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class Incentives:
    """The incentives of a plant as of a day.

    Parameters
    ----------
    at : date
    benefits : tuple of Benefit
    gaps : tuple of Gap
    """

    at: date
    benefits: tuple[Benefit, ...]
    gaps: tuple[Gap, ...]

    @property
    def total(self) -> tuple[float, float]:
        """Return the lowest and the highest sum of what may be summed, yuan."""
        counted = [one for one in self.benefits if one.summed]
        return math.fsum(one.low or 0.0 for one in counted), math.fsum(one.high or 0.0 for one in counted)

    def table(self) -> ReportTable:
        """Return the benefits as a table."""
        columns = (
            Column("eligible", text("eligible")),
            Column("incentive", text("incentive")),
            Column("holder", text("for")),
            Column("base", text("base"), "CNY"),
            Column("low", text("benefit, at least"), "CNY"),
            Column("high", text("at most"), "CNY"),
            Column("summed", text("summed")),
            Column("use_by", text("use by the end of")),
            Column("share", text("how")),
            Column("confidence", text("confidence")),
            Column("reason", text("remark")),
            Column("id", text("rule")),
        )
        rows = tuple(
            (
                WORD_TEXTS[one.word],
                one.title,
                one.holder,
                known(one.base),
                known(one.low),
                known(one.high),
                text("yes") if one.summed else text("no"),
                "" if one.use_by is None else str(one.use_by),
                one.share,
                CONFIDENCE_TEXTS[one.confidence],
                "" if one.reason is None else one.reason,
                f"{BOOK}/{one.id}",
            )
            for one in self.benefits
        )
        low, high = self.total
        certain = text(
            "sum of what is eligible and certain, first year: {low} to {high} yuan",
            low=f"{low:,.0f}",
            high=f"{high:,.0f}",
        )
        notes = (
            certain if high > 0.0 else text("nothing is eligible and certain yet"),
            text(
                "a credit can be used as far as the income tax of its years reaches; a number from memory is not summed"
            ),
        )
        return ReportTable("incentives", text("Incentives as of {at}", at=str(self.at)), columns, rows, notes)

    def as_json(self) -> dict[str, object]:
        """Return the incentives for another program."""
        low, high = self.total
        return {
            "at": self.at.isoformat(),
            "total": {"low": low, "high": high, "unit": "CNY"},
            "table": self.table().as_json(),
            "gaps": [gap.as_json() for gap in self.gaps],
        }


def incentives_of_plant(
    folder: PlantFolder, *, at: date | None = None, loan: float | None = None, loan_rate: float | None = None
) -> Incentives:
    """Return what the incentives on the shelf are worth to a plant.

    Parameters
    ----------
    folder : PlantFolder
    at : date or None
        Day as of which they are judged; None means the day of the plant's last record or reading.
    loan : float or None
        Yuan borrowed for the renewal of equipment; None means the purchases of the judged twelve months.
    loan_rate : float or None
        Interest of a usual loan (0.0345 for 3.45 %); without it no saving of interest can be told.

    Raises
    ------
    ForgecastError
        If the loan or its rate is no sensible number, or the plant holds nothing with a date.
    """
    _refuse(loan, "loan", top=math.inf)
    _refuse(loan_rate, "loan_rate", top=1.0)
    judged, day = period_of(folder, at)
    view = PlantView(folder, judged, day)
    (book,) = (one for one in full_shelf([folder.path / "books"]).overlaid() if one.id == BOOK)
    site = Subject("site", folder.settings.id, folder.settings.name)
    base = with_record_facts(view, FactBase(site, (), judged.start, judged.end))
    policy = Policy(minimum_coverage=folder.settings.minimum_coverage)
    verdicts = {(v.requirement, v.subject_id): v for v in evaluate(book, base, policy=policy)}
    benefits = [
        *_credits(view, book, verdicts),
        *_vat(view, verdicts, site.id),
        *_loans(view, verdicts, site.id, loan, loan_rate),
        *_deductions(view, verdicts, site.id),
    ]
    return Incentives(last_day(view), tuple(benefits), tuple(_gaps(view, loan_rate)))


def _refuse(value: float | None, name: str, *, top: float) -> None:
    if value is not None and not 0.0 < value < top:
        raise ForgecastError(
            text("{name} is {value}, which is no sensible number", name=name, value=str(value)),
            where=name,
            repair=text("give yuan above zero, and a rate like 0.0345 for 3.45 %"),
        )


def _gaps(view: PlantView, loan_rate: float | None) -> Iterable[Gap]:
    office = text("finance office")
    if not view.rows("investment"):
        yield Gap(text("no purchase of equipment is on record"), "investment", office)
    if not any(row.text("book") == BOOK for row in view.rows("claim")):
        yield Gap(text("nobody has answered whether the plant is on the lists of the incentives"), "claim", office)
    if loan_rate is None:
        yield Gap(text("the interest of a usual loan is not given (--loan-rate)"), "—", office)


Verdicts = Mapping[tuple[str, str], Verdict]


def _word(verdicts: Verdicts, requirement: str, subject: str) -> Word:
    found = verdicts.get((requirement, subject))
    return Word.NOT_KNOWN if found is None else found.word


def _credits(view: PlantView, book: Book, verdicts: Verdicts) -> Iterable[Benefit]:
    for row in view.rows("investment"):
        bought, kind = row.day("bought_on"), row.text("kind")
        if bought is None or bought > last_day(view):
            continue
        if kind in SPECIAL:
            yield _special(row, bought.year, _word(verdicts, "in_special_equipment", row.text("id")))
        elif kind == "digital":
            yield _digital(row, bought.year, book, _word(verdicts, "in_digital", row.text("id")))


def _special(row: Row, year: int, word: Word) -> Benefit:
    cost = row.number_of("cost")
    worth = rate("credit_special") * cost if word is Word.MET else None
    return Benefit(
        "in_special_equipment", row.text("id"), text("Credit for special equipment"), word, cost,
        text("{share} % of the purchase", share=percent("credit_special")), worth, worth,
        year + int(rate("carried_years")), worth is not None,
        Confidence.SECONDARY,
        None if word is Word.MET else text("only equipment of the catalogue counts"),
    )  # fmt: skip


def _digital(row: Row, year: int, book: Book, word: Word) -> Benefit:
    """Return the credit for a digital renewal; its base is capped by a share that is from memory until confirmed."""
    cap = book.requirement("in_digital_base").values[-1]
    cost, original = row.number_of("cost"), row.number_of("original_base")
    worth, reason = None, None
    if word is Word.MET and cap.value is not None and original > 0.0:
        worth = rate("credit_digital") * min(cost, cap.value / 100.0 * original)
    if word is Word.MET and not original > 0.0:
        reason = text("record `investment`, field `original_base` is empty: the cap of the base cannot be told")
    elif not cap.decides:
        reason = text("the cap of {cap} % of the original base is from memory: shown, not summed", cap=f"{cap.value:g}")
    return Benefit(
        "in_digital", row.text("id"), text("Credit for digital renewal"), word, cost,
        text("{share} % of the purchase, up to {cap} % of the original base",
             share=percent("credit_digital"), cap=f"{cap.value:g}"), worth, worth,
        year + int(rate("carried_years")), worth is not None and cap.decides, cap.confidence, reason,
    )  # fmt: skip


def _year(view: PlantView, indicator: str) -> float:
    """Return a money figure of the last year in yuan; NaN where it is not on record."""
    for row in view.rows("year_figure"):
        if row.text("indicator") == indicator and row.number_of("year") == last_year(view):
            return row.number_of("value") * YUAN
    return math.nan


def _vat(view: PlantView, verdicts: Verdicts, site: str) -> Iterable[Benefit]:
    word = _word(verdicts, "in_vat", site)
    base = _year(view, "input_vat")
    worth = rate("vat_share") * base if word is Word.MET and math.isfinite(base) else None
    reason = None
    if not math.isfinite(base):
        reason = text("record `year_figure` lacks {indicators}", indicators=f"input_vat {last_year(view)}")
    yield Benefit(
        "in_vat", site, text("VAT super-credit of advanced manufacturing"), word, known(base),
        text("{share} % of the input VAT of {year}", share=percent("vat_share"), year=last_year(view)),
        worth, worth, None, worth is not None,
        Confidence.SECONDARY, reason,
    )  # fmt: skip


def _loans(
    view: PlantView, verdicts: Verdicts, site: str, loan: float | None, usual: float | None
) -> Iterable[Benefit]:
    """Return the interest saved in a year; the quoted rate is after subsidy, so the two are never summed together."""
    bought = [
        row.number_of("cost")
        for row in view.rows("investment")
        if (day := row.day("bought_on")) is not None and day in view.period
    ]
    base = loan if loan is not None else (math.fsum(bought) if bought else None)
    lent = _word(verdicts, "in_relending", site)
    low = high = None
    reason = None
    if base is None:
        reason = text("neither a loan nor a purchase of the judged months is known")
    elif usual is None:
        reason = text("the interest of a usual loan is not given (--loan-rate)")
    elif lent is Word.MET:
        low, high = (max(base * (usual - rate(quoted)), 0.0) for quoted in ("relending_high", "relending_low"))
    yield Benefit(
        "in_relending", site, text("Interest saved by the re-lending, a year"), lent, base,
        text("loan × (usual rate − {low} to {high} %)", low=percent("relending_low"), high=percent("relending_high")),
        low, high, None, low is not None, Confidence.SECONDARY, reason,
    )  # fmt: skip
    word = _word(verdicts, "in_interest", site)
    worth = rate("interest_subsidy") * base if word is Word.MET and base is not None else None
    twice = worth is not None and low is not None
    yield Benefit(
        "in_interest", site, text("Interest subsidy for renewing equipment, a year"), word, base,
        text("{share} % of the loan", share=percent("interest_subsidy")),
        worth, worth, None, worth is not None and not twice, Confidence.SECONDARY,
        text("the quoted rate of the re-lending is after subsidy: not summed twice") if twice else None,
    )  # fmt: skip


def _deductions(view: PlantView, verdicts: Verdicts, site: str) -> Iterable[Benefit]:
    """Return what lowers taxable income: the tax it saves depends on a rate that no record tells."""
    reason = text("lowers taxable income; the tax saved depends on the rate of the enterprise, which no record tells")
    rd = _year(view, "rd_expense")
    for id_, title, share, base, confidence in (
        ("in_rd", text("R&D super deduction"), text("100 % of R&D expense on top"), rd, Confidence.UNVERIFIED),
        ("in_resource_income", text("Income from reused resources"), text("counts at 90 %"),
         math.nan, Confidence.SECONDARY),
        ("in_project_income", text("Income from environmental and energy-saving projects"),
         text("three years free, three at half"), math.nan, Confidence.SECONDARY),
    ):  # fmt: skip
        word = _word(verdicts, id_, site)
        yield Benefit(id_, site, title, word, known(base), share, None, None, None,
                      summed=False, confidence=confidence, reason=reason)  # fmt: skip
