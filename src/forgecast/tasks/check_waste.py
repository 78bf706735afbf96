"""Check hazardous waste: codes against the list, transfers against waste records, receivers, and time in store."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from forgecast.environment.report_table import Column, Gap, ReportTable, known
from forgecast.ground.dates import DAY_US, Period, from_us
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual, text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.estimate_emissions import ENVIRONMENT_MANAGER
from forgecast.tasks.keep_ledger import choice_text
from forgecast.tasks.plant_view import PlantView, Row

#: Two weighings of one load differ by so much at most before it is told, as share of the mass sent.
WEIGHED_ALIKE = 0.02
#: A store that no transfer has emptied for so long is told [days]; see `check_waste`.
LONG_IN_STORE = 365


@dataclass(frozen=True, slots=True)
class KnownWaste:
    """A code of the national catalogue of hazardous wastes: what it is and which hazard it has."""

    code: str
    hazard: str
    what: Text
    edition: str
    confidence: str


@lru_cache(maxsize=1)
def known_wastes() -> dict[str, KnownWaste]:
    """Return the codes of the catalogue that concern foundries and forge shops and were read in it."""
    return {
        row["code"]: KnownWaste(
            row["code"], row["hazard"], bilingual(row["en"], row["zh"]), row["edition"], row["confidence"]
        )
        for row in read_table("hazardous_waste")
    }


@dataclass(frozen=True, slots=True)
class WasteLine:
    """Hazardous waste of one code: made, sent, received, still in store [t]."""

    code: str
    kind: str
    made: float
    sent: float
    received: float
    transfers: int

    @property
    def stored(self) -> float:
        """Return what was made and not sent [t]; what the sums of decimals leave below a milligram is nothing."""
        left = self.made - self.sent
        return 0.0 if abs(left) < 1e-9 else left


@dataclass(frozen=True, slots=True)
class WasteAnswer:
    """Waste of a period: by kind and fate, hazardous codes, transfers, and what is wrong with them."""

    period: Period
    general: ReportTable
    lines: tuple[WasteLine, ...]
    transfers: ReportTable
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]

    def tables(self) -> tuple[ReportTable, ...]:
        """Return waste by kind, hazardous waste by code, and transfers as tables."""
        return (self.general, _codes_table(self), self.transfers)


def check_waste(folder: PlantFolder, period: Period) -> WasteAnswer:
    """Check the waste of a stretch of days against its transfers.

    Parameters
    ----------
    folder : PlantFolder
    period : Period

    Notes
    -----
    Codes are compared with the 2021 edition of the catalogue as far as it was read here; a later edition may have
    changed one, so an unknown code is told and not refused. The limit of one year in store that Article 81 of the
    Solid Waste Law sets, as read in a text that cites it, is for those who collect or treat hazardous waste as a
    business; whether it holds for a plant that makes the waste was not verified, so a long time in store is told and
    judged by nobody.
    """
    view = PlantView(folder, period, period.end - timedelta(days=1))
    waste = view.of_months("waste")
    transfers = view.within("waste_transfer", "shipped_at")
    findings: list[Finding] = []
    gaps: list[Gap] = []
    codes = sorted({row.text("hazardous_code") for row in (*waste, *transfers) if row.text("hazardous_code")})
    lines = tuple(_line(code, waste, transfers) for code in codes)
    for row in (*waste, *transfers):
        code = row.text("hazardous_code")
        if code and code not in known_wastes():
            findings.append(_unknown_code(row, code))
    for row in transfers:
        findings += _transfer(row)
        if not math.isfinite(row.number_of("received_at")):
            what = text("when the receiver took manifest {id}", id=row.text("id"))
            gaps.append(Gap(what, "waste_transfer.received_at, received_mass_t", ENVIRONMENT_MANAGER))
    for line in lines:
        findings += _line_findings(view, line)
        if line.transfers == 0 and line.made > 0:
            what = text("transfer manifests of {code}: {made} t were made", code=line.code, made=f"{line.made:.3g}")
            gaps.append(Gap(what, "waste_transfer", ENVIRONMENT_MANAGER))
    months = {row.text("month") for row in waste}
    lacking = [month for month in view.months if month not in months]
    if lacking:
        gaps.append(Gap(text("waste of {months}", months=", ".join(lacking)), "waste", ENVIRONMENT_MANAGER))
    return WasteAnswer(
        period, _general_table(waste), lines, _transfers_table(view, transfers), tuple(findings), tuple(gaps)
    )


def _line(code: str, waste: tuple[Row, ...], transfers: tuple[Row, ...]) -> WasteLine:
    made = [row for row in waste if row.text("hazardous_code") == code]
    sent = [row for row in transfers if row.text("hazardous_code") == code]
    received = [row.number_of("received_mass_t") for row in sent]
    kinds = dict.fromkeys(row.text("kind") for row in (*made, *sent))
    return WasteLine(
        code,
        next(iter(kinds), ""),
        sum(row.number_of("mass_t") for row in made),
        sum(row.number_of("mass_t") for row in sent),
        sum(received) if received else math.nan,
        len(sent),
    )


def _unknown_code(row: Row, code: str) -> Finding:
    return Finding(
        "hazardous-code-not-known",
        Severity.DOUBTFUL,
        Place(row.file, row.number or None, None, "hazardous_code"),
        code,
        text(
            "{code} is not among the codes of the 2021 catalogue that were read for foundries and forge shops",
            code=code,
        ),
        text("compare it with the catalogue in force; a typing error is the usual cause"),
    )


def _transfer(row: Row) -> list[Finding]:
    found = []
    sent, received = row.number_of("mass_t"), row.number_of("received_mass_t")
    if math.isfinite(received) and abs(received - sent) > WEIGHED_ALIKE * sent:
        found.append(
            Finding(
                "transfer-mass-differs",
                Severity.DOUBTFUL,
                Place(row.file, row.number or None, None, "received_mass_t"),
                f"{received:g} t",
                text(
                    "manifest {id}: {sent} t were sent and {received} t received", id=row.text("id"), sent=sent,
                    received=received,
                ),
                text("settle it with the receiver before the manifest is closed"),
            )
        )  # fmt: skip
    if not row.text("receiver_licence"):
        found.append(
            Finding(
                "receiver-without-licence",
                Severity.DOUBTFUL,
                Place(row.file, row.number or None, None, "receiver_licence"),
                row.text("receiver"),
                text("manifest {id}: the licence of {receiver} is not on record", id=row.text("id"),
                     receiver=row.text("receiver") or "—"),
                text("enter the number of the receiver's licence for hazardous waste, and check what it covers"),
            )
        )  # fmt: skip
    return found


def _line_findings(view: PlantView, line: WasteLine) -> list[Finding]:
    found = []
    if line.transfers and line.sent > line.made * (1.0 + WEIGHED_ALIKE):
        found.append(
            Finding(
                "more-sent-than-made",
                Severity.NOTE,
                Place("waste_transfer", None, None, line.code),
                f"{line.sent:g} t",
                text("{code}: {sent} t were sent, {made} t made in the period", code=line.code, sent=line.sent,
                     made=line.made),
                text("older waste may have been in store; if not, a month of the record `waste` lacks"),
            )
        )  # fmt: skip
    since = _in_store_since(view, line.code)
    if since is not None and since > LONG_IN_STORE:
        found.append(
            Finding(
                "long-in-store",
                Severity.NOTE,
                Place("waste", None, None, line.code),
                f"{since} d",
                text("{code}: no transfer for {days} days while waste was made; what the law allows a plant that makes "
                     "it is not verified here", code=line.code, days=since),
                text("have it taken away, or write down why it is kept"),
            )
        )  # fmt: skip
    return found


def _in_store_since(view: PlantView, code: str) -> int | None:
    """Return for how many days waste of a code has waited: since the first made after the last transfer."""
    sent = [row.number_of("shipped_at") for row in view.rows("waste_transfer") if row.text("hazardous_code") == code]
    # A plant that keeps no manifests at all lacks a record; that is a gap and tells nothing of the store.
    if not view.rows("waste_transfer"):
        return None
    last = max(sent, default=-math.inf)
    made = [
        start
        for row in view.rows("waste")
        if row.text("hazardous_code") == code and row.number_of("mass_t") > 0
        for start in (view.month_bounds_us(row.text("month"))[0],)
        if start >= last
    ]
    return None if not made else int((view.bounds_us[1] - min(made)) // DAY_US)


def _general_table(waste: tuple[Row, ...]) -> ReportTable:
    sums: dict[tuple[str, str, str], float] = {}
    for row in waste:
        key = (row.text("kind"), row.text("fate"), row.text("hazardous_code"))
        sums[key] = sums.get(key, 0.0) + row.number_of("mass_t")
    columns = (
        Column("kind", text("waste")),
        Column("fate", text("fate")),
        Column("code", text("code")),
        Column("mass", text("mass"), "t"),
        Column("origin", text("origin")),
    )
    rows = tuple(
        (choice_text("waste", "kind", kind), choice_text("waste", "fate", fate), code, known(mass), "waste")
        for (kind, fate, code), mass in sorted(sums.items())
    )
    return ReportTable("waste", text("Waste by kind and fate"), columns, rows)


def _codes_table(answer: WasteAnswer) -> ReportTable:
    columns = (
        Column("code", text("code")),
        Column("what", text("catalogue entry")),
        Column("hazard", text("hazard")),
        Column("made", text("made"), "t"),
        Column("sent", text("sent"), "t"),
        Column("received", text("received"), "t"),
        Column("stored", text("made and not sent"), "t"),
        Column("transfers", text("manifests")),
        Column("origin", text("origin")),
    )
    rows = []
    for one in answer.lines:
        entry = known_wastes().get(one.code)
        what = text("not among the codes read") if entry is None else entry.what
        hazard = "" if entry is None else entry.hazard
        stored = known(one.stored) if one.transfers else None
        rows.append(
            (one.code, what, hazard, known(one.made), known(one.sent) if one.transfers else None, known(one.received),
             stored, one.transfers, "waste, waste_transfer")
        )  # fmt: skip
    notes = (text("catalogue of 2021, as far as read; a later edition may differ"),)
    return ReportTable("hazardous", text("Hazardous waste by code"), columns, tuple(rows), notes)


def _transfers_table(view: PlantView, transfers: tuple[Row, ...]) -> ReportTable:
    columns = (
        Column("id", text("manifest")),
        Column("shipped", text("shipped at")),
        Column("code", text("code")),
        Column("sent", text("sent"), "t"),
        Column("received", text("received"), "t"),
        Column("received_at", text("received at")),
        Column("receiver", text("receiver")),
        Column("licence", text("licence")),
        Column("origin", text("origin")),
    )
    rows = tuple(
        (
            row.text("id"),
            f"{from_us(int(row.number_of('shipped_at')), view.zone):%Y-%m-%d %H:%M}",
            row.text("hazardous_code"),
            known(row.number_of("mass_t")),
            known(row.number_of("received_mass_t")),
            None
            if not math.isfinite(row.number_of("received_at"))
            else f"{from_us(int(row.number_of('received_at')), view.zone):%Y-%m-%d %H:%M}",
            row.text("receiver") or None,
            row.text("receiver_licence") or None,
            row.place,
        )
        for row in transfers
    )
    return ReportTable("transfers", text("Transfers of hazardous waste"), columns, rows)
