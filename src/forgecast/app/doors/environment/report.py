"""The execution report, workbooks, and the check of captured HJ 212 telegrams: what leaves files or reads an upload."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.environment.flows import EmergencyQuestion, followed
from forgecast.app.doors.reported import GapTold, PeriodQuestion, PeriodTold, TableTold, days_asked, period_told
from forgecast.app.doors.values import FindingTold
from forgecast.environment.mass_estimate import Fill
from forgecast.environment.report_table import ReportTable
from forgecast.ground.dates import Period
from forgecast.ground.texts import Text, text
from forgecast.store.server.rights import Right

if TYPE_CHECKING:
    from forgecast.tasks.report_execution import ExecutionReport

Format = Literal["pdf", "xlsx"]


class ReportQuestion(PeriodQuestion):
    """Which days, how well masses are known, and how missing hours are filled."""

    scale_share: float = Field(gt=0.0, le=0.5, description="Standard deviation of masses of sand, as a share.")
    fill: Fill = "none"
    disclosure: bool = Field(default=False, description="Only the tables that a plant discloses.")


class FilesQuestion(ReportQuestion):
    """The report as files."""

    formats: list[Format] = Field(default=["pdf", "xlsx"], min_length=1, max_length=2)


class ReportAnswer(BaseModel):
    """The report: its first page, tables, gaps and doubts."""

    plant: str
    synthetic: bool
    title: Words
    period: PeriodTold
    first_page: list[Words]
    tables: list[TableTold]
    gaps: list[GapTold]
    findings: list[FindingTold]


class FilesAnswer(BaseModel):
    """Files that were written."""

    title: Words
    files: list[str]
    first_page: list[Words]
    gaps: int


class WorkbookQuestion(PeriodQuestion):
    """What goes into the workbook."""

    of: Literal["hours", "ledger", "mass", "waste", "sand", "emergency"]
    scale_share: float | None = Field(default=None, gt=0.0, le=0.5, description="Needed for sand.")
    fill: Fill = "none"
    stack: list[str] = Field(default_factory=list, max_length=50)


class TelegramQuestion(Question):
    """A captured stream of telegrams that was uploaded."""

    upload_id: str = Field(min_length=1, max_length=100)
    most: int = Field(default=20, ge=0, le=1000, description="How many of the first telegrams are listed.")


class CodeTold(BaseModel):
    """How often a code came from a device."""

    mn: str
    command: str
    code: str
    name: Words
    telegrams: int
    good: int


class TelegramAnswer(BaseModel):
    """What a stream holds, and in what it deviates from HJ 212."""

    bytes: int
    telegrams: int
    rejected: int
    stray_bytes: int
    sound: bool
    first: list[dict[str, Any]]
    codes: list[CodeTold]
    findings: list[FindingTold]


def _made(call: Call, question: ReportQuestion) -> ExecutionReport:
    from forgecast.tasks.report_execution import report_execution  # noqa: PLC0415  (heavy; only workers need it)

    period = days_asked(call.plant, question)
    made = report_execution(call.plant, period, relative_uncertainty=question.scale_share, fill=question.fill)
    return made.disclosed() if question.disclosure else made


def _preview(call: Call, question: ReportQuestion) -> dict[str, Any]:
    from forgecast.tasks.report_execution import report_title  # noqa: PLC0415  (heavy; only workers need it)

    made = _made(call, question)
    told: dict[str, Any] = made.as_json()
    return {**told, "title": report_title(made).as_json(), "period": period_told(made.period)}


def _files(call: Call, question: FilesQuestion) -> dict[str, Any]:
    from forgecast.app.environment.page import render_report  # noqa: PLC0415  (heavy; only workers need it)
    from forgecast.app.environment.workbook import write_workbook  # noqa: PLC0415
    from forgecast.tasks.report_execution import report_title  # noqa: PLC0415

    folder = _folder(call)
    call.progress(0.05, text("gathering records and hours"))
    made = _made(call, question)
    files = []
    stem = "disclosure" if question.disclosure else "execution-report"
    days = f"{made.period.start:%Y%m%d}-{made.period.end - timedelta(days=1):%Y%m%d}"
    for number, kind in enumerate(dict.fromkeys(question.formats)):
        call.progress(0.5 + 0.25 * number, text("writing {file}", file=kind.upper()))
        path = folder / f"{stem}-{days}.{kind}"
        if kind == "pdf":
            path.write_bytes(render_report(made, call.language))
        else:
            write_workbook(path, report_title(made), made.first_page, made.tables)
        files.append(path.name)
    call.progress(1.0)
    return {
        "title": report_title(made).as_json(),
        "files": files,
        "first_page": [line.as_json() for line in made.first_page],
        "gaps": len(made.gaps),
    }


def _folder(call: Call) -> Path:
    assert call.folder is not None  # noqa: S101  (a RUN always has one)
    return call.folder


def _workbook(call: Call, question: WorkbookQuestion) -> dict[str, Any]:
    from forgecast.app.environment.workbook import write_workbook  # noqa: PLC0415  (heavy; only workers need it)

    period = days_asked(call.plant, question)
    call.progress(0.05, text("gathering records and hours"))
    title, tables, gaps = _tables(call, question, period)
    path = _folder(call) / f"{question.of}-{period.start:%Y%m%d}.xlsx"
    call.progress(0.6, text("writing {file}", file="XLSX"))
    write_workbook(path, title, (text("Gaps: {count}", count=gaps),), tables)
    call.progress(1.0)
    return {"title": title.as_json(), "files": [path.name], "first_page": [], "gaps": gaps}


def _tables(call: Call, question: WorkbookQuestion, period: Period) -> tuple[Text, tuple[ReportTable, ...], int]:
    from forgecast.ground.errors import ForgecastError  # noqa: PLC0415  (beside the tasks it guards)
    from forgecast.tasks.balance_sand import balance_sand_of  # noqa: PLC0415
    from forgecast.tasks.check_waste import check_waste  # noqa: PLC0415
    from forgecast.tasks.estimate_emissions import estimate_emissions  # noqa: PLC0415
    from forgecast.tasks.hour_tables import hours_table, stretches_table, summary_table  # noqa: PLC0415
    from forgecast.tasks.judge_hours import judge_hours  # noqa: PLC0415
    from forgecast.tasks.keep_ledger import keep_ledger  # noqa: PLC0415

    end = period.end - timedelta(days=1)
    first, last = str(period.start), str(end)
    if question.of == "hours":
        judged = judge_hours(call.plant, period).of_stacks(question.stack)
        title = text("Hours of stacks, {start} to {end}", start=first, end=last)
        return title, (summary_table(judged), stretches_table(judged), hours_table(judged)), 0
    if question.of == "ledger":
        kept = keep_ledger(call.plant, period)
        return text("Permit ledger, {start} to {end}", start=first, end=last), kept.tables(), len(kept.gaps)
    if question.of == "mass":
        mass = estimate_emissions(call.plant, period, fill=question.fill)
        return text("Mass emitted, {start} to {end}", start=first, end=last), mass.tables(), len(mass.gaps)
    if question.of == "waste":
        waste = check_waste(call.plant, period)
        return text("Waste, {start} to {end}", start=first, end=last), waste.tables(), len(waste.gaps)
    if question.of == "emergency":
        asked = EmergencyQuestion(since_on=period.start, until_on=end)
        plan = followed(call, asked)
        return text("Emergency reduction, {start} to {end}", start=first, end=last), plan.tables(), len(plan.gaps)
    if question.scale_share is None:
        raise ForgecastError(
            text("a sand balance needs to know how well masses are known"),
            where="scale_share",
            repair=text("give the standard deviation of every mass as a share, as in 0.01"),
        )
    sand = balance_sand_of(call.plant, period, relative_uncertainty=question.scale_share)
    return text("Sand balance, {start} to {end}", start=first, end=last), sand.tables(), len(sand.gaps)


def _telegrams(call: Call, question: TelegramQuestion) -> dict[str, Any]:
    from forgecast.tasks.check_telegrams import check_telegrams  # noqa: PLC0415  (only workers need it)

    path = call.upload(question.upload_id)
    found = check_telegrams(path, most=question.most, progress=call.progress)
    return {**found.as_json(), "sound": found.sound}


DOORS: tuple[Door[Any], ...] = (
    Door("environment", "report-preview", text("The execution report on the discharge permit, to be looked at."),
         Right.SEE, Way.FIGURE, ReportQuestion, ReportAnswer, _preview),
    Door("environment", "execution-report", text("Write the execution report on the discharge permit as files."),
         Right.SEE, Way.RUN, FilesQuestion, FilesAnswer, _files),
    Door("environment", "workbook", text("Write hours, ledger, masses, waste, sand or the emergency record as XLSX."),
         Right.SEE, Way.RUN, WorkbookQuestion, FilesAnswer, _workbook),
    Door("environment", "telegrams", text("Check a captured stream of HJ 212 telegrams."), Right.RECORD, Way.RUN,
         TelegramQuestion, TelegramAnswer, _telegrams),
)  # fmt: skip
