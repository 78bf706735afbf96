"""Balance a foundry's sand from its records: material, stock, waste; and say what does not close."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from forgecast.environment.report_table import Column, Gap, ReportTable, known
from forgecast.environment.sand_balance import SandBalance, SandFlows, balance_sand
from forgecast.ground.dates import Period, month_start
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.rules.verdict import WORD_TEXTS, Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.estimate_emissions import ENVIRONMENT_MANAGER
from forgecast.tasks.plant_view import PlantView

#: Binders and additives of moulding sand.
ADDITIONS: Final = ("bentonite", "coal_dust", "resin", "hardener", "coating")
#: Fates by which used sand stays in the plant's loop.
INSIDE: Final = ("reclaimed",)
WAREHOUSE = text("warehouse")
_NAN = math.nan


@dataclass(frozen=True, slots=True)
class SandAnswer:
    """The sand of a period.

    Parameters
    ----------
    period : Period
    months : tuple of str
    flows : SandFlows
        Of the whole period.
    balance : SandBalance
    monthly : tuple of (str, SandFlows)
    stock_known : bool
        Whether stocks at both ends are on record; else the sand recorded as used stands for bought and stock.
    water_per_tonne : float
        Fresh water over good product [m3/t]; NaN where a record lacks.
    findings : tuple of Finding
    gaps : tuple of Gap
    """

    period: Period
    months: tuple[str, ...]
    flows: SandFlows
    balance: SandBalance
    monthly: tuple[tuple[str, SandFlows], ...]
    stock_known: bool
    water_per_tonne: float
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]

    def tables(self) -> tuple[ReportTable, ...]:
        """Return the balance and its months as tables."""
        return (_balance_table(self), _months_table(self))


def balance_sand_of(folder: PlantFolder, period: Period, *, relative_uncertainty: float) -> SandAnswer:
    """Balance the sand of whole months.

    Parameters
    ----------
    folder : PlantFolder
    period : Period
        Plant-local days; every month it touches counts whole.
    relative_uncertainty : float
        Standard uncertainty of every mass as a share of it: what the plant says of its scales.

    Notes
    -----
    Sand kinds are those of the record `material`: new sand and reclaimed sand. Others (chromite, ceramic) are not
    told apart there, so their balance is that of all new sand.
    """
    view = PlantView(folder, period, period.end - timedelta(days=1))
    gaps: list[Gap] = []
    monthly = tuple((month, _flows(view, (month,))) for month in view.months)
    flows = _flows(view, view.months)
    stock_known = math.isfinite(flows.opening) and math.isfinite(flows.closing)
    used = _moved(view, view.months, "new_sand", "used")
    if not stock_known:
        # Without stocks the sand recorded as used stands for what came in less what was put aside.
        flows = SandFlows(0.0, 0.0, used, flows.additions, flows.dumped, flows.dust, flows.reclaimed)
        gaps.append(Gap(text("stock of new sand at the start and the end of the period"), "stock", WAREHOUSE))
    if math.isnan(flows.bought):
        gaps.append(Gap(text("new sand bought or used in every month"), "material", WAREHOUSE))
    if math.isnan(flows.dumped):
        gaps.append(Gap(text("waste sand and where it went, every month"), "waste", ENVIRONMENT_MANAGER))
    balance = balance_sand(flows, relative_uncertainty=relative_uncertainty)
    findings = [*_open_balance(view, balance), *_stock_contradictions(view, flows, used, relative_uncertainty)]
    return SandAnswer(
        period, view.months, flows, balance, monthly, stock_known, _water(view), tuple(findings), tuple(gaps)
    )


def _flows(view: PlantView, months: tuple[str, ...]) -> SandFlows:
    before = (month_start(months[0]) - timedelta(days=1)).isoformat()[:7]
    bought = _moved(view, months, "new_sand", "bought")
    for back in ("returned", "sold"):
        given = _moved(view, months, "new_sand", back, every=False)
        bought -= 0.0 if math.isnan(given) else given
    additions = [_moved(view, months, name, "used", every=False) for name in ADDITIONS]
    told = [mass for mass in additions if math.isfinite(mass)]
    return SandFlows(
        opening=_stock(view, before),
        closing=_stock(view, months[-1]),
        bought=bought,
        additions=sum(told) if told else _NAN,
        dumped=_wasted(view, months, "waste_sand", inside=False),
        dust=_wasted(view, months, "dust", inside=False),
        reclaimed=_wasted(view, months, "waste_sand", inside=True),
    )


def _moved(view: PlantView, months: tuple[str, ...], material: str, direction: str, *, every: bool = True) -> float:
    """Return a mass over months [t]; NaN where a month has no row, or (unless every month must) where none has."""
    rows = {
        row.text("month"): row.number_of("mass_t")
        for row in view.rows("material")
        if row.text("material") == material and row.text("direction") == direction and row.text("month") in months
    }
    if not rows or (every and set(rows) != set(months)):
        return _NAN
    return sum(rows.values())


def _stock(view: PlantView, month: str) -> float:
    rows = [row for row in view.rows("stock") if row.text("material") == "new_sand" and row.text("month") == month]
    return rows[0].number_of("mass_t") if rows else _NAN


def _wasted(view: PlantView, months: tuple[str, ...], kind: str, *, inside: bool) -> float:
    rows = [row for row in view.rows("waste") if row.text("kind") == kind and row.text("month") in months]
    if {row.text("month") for row in rows} != set(months):
        return _NAN
    return sum(row.number_of("mass_t") for row in rows if (row.text("fate") in INSIDE) is inside)


def _water(view: PlantView) -> float:
    fresh = [row for row in view.of_months("water") if row.text("source") != "recirculated"]
    good = view.of_months("production")
    months = set(view.months)
    if {r.text("month") for r in fresh} != months or {r.text("month") for r in good} != months:
        return _NAN
    made = sum(row.number_of("good_mass_t") for row in good)
    return sum(row.number_of("volume_m3") for row in fresh) / made if made > 0 else _NAN


def _open_balance(view: PlantView, balance: SandBalance) -> list[Finding]:
    if balance.closes is not False:
        return []
    if balance.left_over < 0.0:
        reason = text(
            "more sand and dust left than new sand and additions came in: {over} t more than scales and additions "
            "explain",
            over=f"{-balance.high:.3g}",
        )
    else:
        reason = text(
            "{over} t of new sand more than scales explain neither left as waste nor lie in stock",
            over=f"{balance.low:.3g}",
        )
    return [
        Finding(
            "sand-does-not-balance",
            Severity.DOUBTFUL,
            Place("waste", None, None, f"{view.months[0]}…{view.months[-1]}"),
            f"{balance.left_over:.4g} t",
            reason,
            text("compare weighbridge slips of sand and waste sand; ask whether the sand system was filled or emptied"),
        )
    ]


def _stock_contradictions(view: PlantView, flows: SandFlows, used: float, share: float) -> list[Finding]:
    """Find where stocks and purchases tell another consumption than the record of use."""
    from_stock = flows.opening + flows.bought - flows.closing
    if not math.isfinite(from_stock + used):
        return []
    scatter = 2.0 * share * math.sqrt(flows.opening**2 + flows.bought**2 + flows.closing**2 + used**2)
    if abs(from_stock - used) <= scatter or flows.opening == flows.closing == 0.0:
        return []
    return [
        Finding(
            "sand-use-contradicts-stock",
            Severity.DOUBTFUL,
            Place("stock", None, None, f"{view.months[0]}…{view.months[-1]}"),
            f"{from_stock:.4g} t",
            text(
                "purchases and stocks say {stock} t of new sand were used, the record of use says {used} t",
                stock=f"{from_stock:.4g}",
                used=f"{used:.4g}",
            ),
            text("count the stock again, or correct the record of use"),
        )
    ]


def _balance_table(one: SandAnswer) -> ReportTable:
    columns = (
        Column("flow", text("flow")),
        Column("value", text("value")),
        Column("unit", text("unit")),
        Column("origin", text("origin")),
    )
    f, b = one.flows, one.balance
    closes: Text = {True: text("yes"), False: text("NO"), None: WORD_TEXTS[Word.NOT_KNOWN]}[b.closes]
    rows = [
        (text("new sand in stock at the start"), known(f.opening) if one.stock_known else None, "t", "stock"),
        (text("new sand bought"), known(f.bought) if one.stock_known else None, "t", "material"),
        (text("new sand in stock at the end"), known(f.closing) if one.stock_known else None, "t", "stock"),
        (text("new sand used"), known(b.used), "t", "material" if not one.stock_known else "material, stock"),
        (text("waste sand that left or was put aside"), known(f.dumped), "t", "waste"),
        (text("dust that left"), known(f.dust), "t", "waste"),
        (text("left over: castings, air, sand system"), known(b.left_over), "t", text("used − waste sand − dust")),
        (text("expanded uncertainty of it (k = 2)"), known(b.uncertainty), "t", text("scales")),
        (text("binders and additives used"), known(f.additions), "t", "material"),
        (text("does it close?"), closes, "", text("zero within left over ± U, additions counted from none to all")),
        (text("waste sand reclaimed in the plant"), known(f.reclaimed), "t", "waste"),
        (
            text("reuse rate of used sand"),
            known(100.0 * b.reuse_rate),
            "%",
            text("reclaimed / (reclaimed + waste sand)"),
        ),
        (text("water taken in per tonne of good product"), known(one.water_per_tonne), "m3/t", "water, production"),
    ]
    notes = [text("reuse rates asked by industry rules are not verified here, so none is judged")]
    if not one.stock_known:
        notes.append(text("stocks are not on record: new sand used is the record's own figure"))
    return ReportTable("sand", text("Sand balance"), columns, tuple(rows), tuple(notes))


def _months_table(one: SandAnswer) -> ReportTable:
    columns = (
        Column("month", text("month")),
        Column("bought", text("bought"), "t"),
        Column("closing", text("stock at end"), "t"),
        Column("dumped", text("waste sand out"), "t"),
        Column("dust", text("dust out"), "t"),
        Column("reclaimed", text("reclaimed"), "t"),
        Column("additions", text("additions"), "t"),
    )
    rows = tuple(
        (month, *(known(x) for x in (f.bought, f.closing, f.dumped, f.dust, f.reclaimed, f.additions)))
        for month, f in one.monthly
    )
    return ReportTable("sand_months", text("Sand by month"), columns, rows)
