"""The duties of a plant's permits and titles as a calendar: what is due when, what is done, what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from forgecast.environment.report_table import Column, Gap, ReportTable
from forgecast.ground.dates import Period
from forgecast.ground.texts import Text, bilingual, text
from forgecast.rules.book import Book, DatedValue
from forgecast.rules.shelf import full_shelf
from forgecast.rules.verdict import CONFIDENCE_TEXTS, Confidence
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.duty_facts import Span, proof_of, quarters_ended, years_ended
from forgecast.tasks.enterprise_facts import CHAMPION_UPDATE, GREEN_FORM, holds
from forgecast.tasks.plant_view import PlantView, Row, period_of

BOOK = "permit_duties"
#: Days after the day judged that the calendar looks ahead: a whole year, so that each yearly duty shows once.
AHEAD = 366


class DutyState(StrEnum):
    """Where a duty stands on the day judged."""

    DONE = "done"
    LATE = "done late"
    OVERDUE = "overdue"
    DUE = "due"
    OPEN = "day not known"


STATE_TEXTS: dict[DutyState, Text] = {
    DutyState.DONE: bilingual("done", "已完成"),
    DutyState.LATE: bilingual("done late", "逾期完成"),
    DutyState.OVERDUE: bilingual("overdue", "逾期"),
    DutyState.DUE: bilingual("due", "待办"),
    DutyState.OPEN: bilingual("day not known", "期限未知"),
}
_ORDER = (DutyState.OVERDUE, DutyState.DUE, DutyState.OPEN, DutyState.LATE, DutyState.DONE)


@dataclass(frozen=True, slots=True)
class DutyDay:
    """One duty for one span of days.

    Parameters
    ----------
    duty : str
        Name as the record `duty_proof` writes it.
    title : Text
    holder : str
        Permit, title or stack it is a duty of.
    span : Span
        Days it is for.
    due : date or None
        Last day; None where the number of days is open.
    done_on : date or None
        Day of the earliest proof.
    state : DutyState
    confidence : Confidence
        Of the number the last day rests on.
    source : Text
    evidence : str
        Where the proof is kept.
    """

    duty: str
    title: Text
    holder: str
    span: Span
    due: date | None
    done_on: date | None
    state: DutyState
    confidence: Confidence
    source: Text
    evidence: str


@dataclass(frozen=True, slots=True)
class PermitCalendar:
    """The duties of a stretch of days, and what has to be on record before they can be told.

    Parameters
    ----------
    at : date
        Day as of which they stand.
    period : Period
    duties : tuple of DutyDay
        Overdue first, then by last day.
    gaps : tuple of Gap
    """

    at: date
    period: Period
    duties: tuple[DutyDay, ...]
    gaps: tuple[Gap, ...]

    def count(self, state: DutyState) -> int:
        """Return how many duties stand in a state."""
        return sum(one.state is state for one in self.duties)

    def table(self) -> ReportTable:
        """Return the calendar as a table."""
        columns = (
            Column("state", text("state")),
            Column("due", text("last day")),
            Column("duty", text("duty")),
            Column("holder", text("permit, title or stack")),
            Column("span", text("for the days")),
            Column("done_on", text("proof of")),
            Column("confidence", text("the last day is")),
            Column("duty_id", text("name in `duty_proof`")),
            Column("evidence", text("proof kept at")),
            Column("origin", text("source")),
        )
        rows = tuple(
            (
                STATE_TEXTS[one.state],
                one.due,
                one.title,
                one.holder,
                f"{one.span.first} – {one.span.last}",
                one.done_on,
                CONFIDENCE_TEXTS[one.confidence],
                one.duty,
                one.evidence,
                one.source,
            )
            for one in self.duties
        )
        title = text("Duties as of {at}", at=str(self.at))
        unverified = text(
            "a last day that is not verified is told from memory and decides no verdict: enter it with "
            "`forgecast rules fill {book} PLANT`",
            book=BOOK,
        )
        weak = any(one.confidence is Confidence.UNVERIFIED for one in self.duties)
        return ReportTable("duties", title, columns, rows, (unverified,) if weak else ())

    def as_json(self) -> dict[str, object]:
        """Return the calendar for another program."""
        return {
            "at": self.at.isoformat(),
            "counts": {str(state): self.count(state) for state in DutyState},
            "table": self.table().as_json(),
            "gaps": [gap.as_json() for gap in self.gaps],
        }


def permit_calendar(folder: PlantFolder, *, at: date | None = None) -> PermitCalendar:
    """Return the duties that fall due from the beginning of the judged twelve months to a year after the day.

    Parameters
    ----------
    folder : PlantFolder
    at : date or None
        Day as of which they stand; None means the day of the plant's last record or reading.

    Raises
    ------
    ForgecastError
        If the plant holds nothing with a date and no day is given.
    """
    judged, day = period_of(folder, at)
    view = PlantView(folder, judged, day)
    window = Period(judged.start, day + timedelta(days=AHEAD))
    (book,) = (one for one in full_shelf([folder.path / "books"]).overlaid() if one.id == BOOK)
    duties = [*_of_permits(view, book, window, day), *_of_titles(view, window, day), *_of_stacks(view, book, day)]
    duties.sort(key=lambda one: (_ORDER.index(one.state), one.due or date.max, one.duty, one.holder))
    return PermitCalendar(day, window, tuple(duties), tuple(_gaps(view)))


def _gaps(view: PlantView) -> Iterable[Gap]:
    office = text("environment office")
    if not view.rows("permit"):
        yield Gap(text("no discharge permit is on record"), "permit", office)
    for row in view.rows("permit"):
        if not row.text("kind"):
            what = text(
                "the class of permit {permit} is not on record: its duties cannot be told", permit=row.text("id")
            )
            yield Gap(what, "permit: kind", office)
    if not view.rows("duty_proof"):
        yield Gap(text("no proof of any duty is on record"), "duty_proof", office)


def _days(book: Book, requirement: str) -> DatedValue:
    return book.requirement(requirement).values[-1]


def _state(due: date | None, done: date | None, day: date) -> DutyState:
    if done is not None:
        return DutyState.LATE if due is not None and done > due else DutyState.DONE
    if due is None:
        return DutyState.OPEN
    return DutyState.OVERDUE if due < day else DutyState.DUE


def _of_permits(view: PlantView, book: Book, window: Period, day: date) -> Iterable[DutyDay]:
    proofs = view.rows("duty_proof")
    for permit in view.rows("permit"):
        kind, since, until = permit.text("kind"), permit.day("valid_from"), permit.day("valid_until")
        if kind not in ("key", "simplified") or (until is not None and until < window.start):
            continue
        first = max(since or window.start, window.start)
        spans = {"annual_report": years_ended(first, window.end)}
        if kind == "key":
            spans["quarterly_report"] = quarters_ended(first, window.end)
        for duty, found in spans.items():
            # The span in which the permit ended is reported too.
            held = [span for span in found if until is None or span.first <= until]
            yield from _reports(book, duty, permit, held, proofs, day)
        year = Span(date(day.year, 1, 1), date(day.year, 12, 31))
        for duty in ("disclosure", "monitoring_plan"):
            yield _undated(book, duty, permit, year, proofs, day)
        if until is not None and until in window:
            ask = _days(book, "permit_valid")
            due = None if ask.value is None else until - timedelta(days=int(ask.value))
            title = text("Ask for the renewal of the permit")
            yield _made("renewal", title, permit, Span(until, until), due=due, proofs=proofs, day=day, limit=ask)


def _reports(
    book: Book, duty: str, permit: Row, spans: Sequence[Span], proofs: Sequence[Row], day: date
) -> Iterable[DutyDay]:
    titles = {"annual_report": text("Annual execution report"), "quarterly_report": text("Quarterly execution report")}
    limit = _days(book, duty)
    for span in spans:
        due = None if limit.value is None else span.last + timedelta(days=int(limit.value))
        yield _made(duty, titles[duty], permit, span, due=due, proofs=proofs, day=day, limit=limit)


def _made(
    duty: str,
    title: Text,
    holder: Row,
    span: Span,
    *,
    due: date | None,
    proofs: Sequence[Row],
    day: date,
    limit: DatedValue,
) -> DutyDay:
    """Return a dated duty with its proof, if there was one by the day judged."""
    proof = proof_of(proofs, duty, span)
    done = None if proof is None else proof.day("done_on")
    if done is not None and done > day:
        proof, done = None, None
    evidence = "" if proof is None else proof.text("evidence")
    state = _state(due, done, day)
    return DutyDay(
        duty, title, holder.text("id"), span, due, done, state, limit.confidence, limit.source, evidence
    )  # fmt: skip


def _undated(book: Book, duty: str, permit: Row, year: Span, proofs: Sequence[Row], day: date) -> DutyDay:
    """Return a duty whose last day no text read so far names: any proof that touches the year counts."""
    titles = {"disclosure": text("Disclosure of information"), "monitoring_plan": text("Self-monitoring plan")}
    touching = [
        row
        for row in proofs
        if row.text("duty") == duty
        and (row.day("period_from") or date.max) <= year.last
        and (row.day("period_until") or date.min) >= year.first
        and (row.day("done_on") or date.max) <= day
    ]
    done = max((on for row in touching if (on := row.day("done_on")) is not None), default=None)
    limit = _days(book, duty)
    evidence = touching[-1].text("evidence") if touching else ""
    return DutyDay(
        duty, titles[duty], permit.text("id"), year, None, done, _state(None, done, day), limit.confidence,
        limit.source, evidence,
    )  # fmt: skip


def _of_titles(view: PlantView, window: Period, day: date) -> Iterable[DutyDay]:
    """Return the yearly duties of titles held: the data of a champion, the form of a state green factory."""
    proofs = view.rows("duty_proof")
    asked = (
        ("champion", CHAMPION_UPDATE, text("Yearly update of a champion's data"),
         bilingual("MIIT Zhengfa [2023] No. 138, as reported", "工信部政法〔2023〕138号（据公开文本）")),
        ("green_factory_national", GREEN_FORM, text("Yearly form of a green factory"),
         bilingual("MIIT Jie [2024] No. 13, article 16, as reported", "工信部节〔2024〕13号第十六条（据公开文本）")),
    )  # fmt: skip
    for row in view.rows("honour"):
        for kind, (duty, month, last), title, source in asked:
            if row.text("kind") != kind:
                continue
            for year in range(window.start.year, window.end.year + 1):
                due = date(year, month, last)
                if due not in window or not holds(row, due):
                    continue
                done = min(
                    (
                        on
                        for proof in proofs
                        if proof.text("duty") == duty
                        and (on := proof.day("done_on")) is not None
                        and on.year == year
                        and on <= day
                    ),
                    default=None,
                )
                span = Span(date(year, 1, 1), date(year, 12, 31))
                yield DutyDay(
                    duty, title, row.text("id"), span, due, done, _state(due, done, day), Confidence.SECONDARY,
                    source, "",
                )  # fmt: skip


def _of_stacks(view: PlantView, book: Book, day: date) -> Iterable[DutyDay]:
    """Return for each stack with manual tests when the next one is due; open until the days are entered."""
    limit = _days(book, "monitoring_frequency")
    last: dict[str, date] = {}
    for row in view.rows("stack_test"):
        tested = view.day_of(row.number_of("sampled_at"))
        if tested <= day:
            last[row.text("stack")] = max(tested, last.get(row.text("stack"), tested))
    for stack, tested in sorted(last.items()):
        due = None if limit.value is None else tested + timedelta(days=int(limit.value))
        yield DutyDay(
            "monitoring", text("Manual test, the last on {day}", day=str(tested)), stack,
            Span(tested, due or tested), due, None, _state(due, None, day), limit.confidence, limit.source, "",
        )  # fmt: skip
