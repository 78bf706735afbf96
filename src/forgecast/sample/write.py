"""Writing a year of a made-up (synthetic) plant's own files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from forgecast.ground.dates import CHINA
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.sample import air, heats, months, office, running
from forgecast.sample.chain import chain_tables, write_chain
from forgecast.sample.files import LABEL, Style, write_record_parquet, write_text, write_workbook
from forgecast.sample.plan import SampleYear, Span, size_of
from forgecast.sample.readings import Readings
from forgecast.sample.series import QuarterFile, write_months, write_quarters
from forgecast.sample.table import Table, master_table
from forgecast.sample.tags import series_tags, tag_table
from forgecast.sample.trouble import SampleManifest, Where, planted

#: Scale at which `forgecast demo` makes its plant: 40 tags at ten minutes, 2.1 million readings.
DEMO_SCALE = 0.02
#: Mean dust of the monitored stacks, mg/m3, for the year's emission.
MONITORED_PM = {"DA001": 16.3, "DA010": 7.8}
_UTF8, _CHINESE = Style(), Style("zh", "gb18030", time_form="%Y/%m/%d %H:%M", date_form="%Y/%m/%d")
_WORKBOOK = Style("zh")
_MASTER = (
    "site", "stack", "equipment", "process", "measure", "alloy", "product", "meter", "permit_limit", "permit_total",
    "emergency_measure", "tariff", "tariff_period", "emission_factor", "embedded_emission",
)  # fmt: skip
_README = (
    "# {label}\n\n"
    "Everything in this folder is made up (synthetic): no such plant exists. Seed {seed}, scale {scale}.\n\n"
    "本文件夹内全部数据均为虚构，并无此企业。随机种子{seed}，规模{scale}。\n"
)


def write_sample_files(
    folder: Path,
    *,
    seed: int = 7,
    scale: float = DEMO_SCALE,
    year: int = 2025,
    zone: str = CHINA,
    progress: Callable[[float], None] | None = None,
) -> SampleManifest:
    """Write a year of files of a made-up iron foundry with a cupola and an induction line and a small forge.

    Parameters
    ----------
    folder : Path
        Made where it does not exist; must be empty.
    seed : int
        Another seed makes another plant; the same seed and scale write the same bytes.
    scale : float
        Share of 200 tags at one minute; above 0 and up to 1. Records do not depend on it.
    year : int
        From 2024 on: earlier years of the goals are 2020 and 2023.
    zone : str
        IANA zone of the plant.
    progress : callable or None
        Is told the share done, 0 to 1.

    Returns
    -------
    SampleManifest
        Files in the order in which they are best imported, and the planted troubles.

    Raises
    ------
    ForgecastError
        If the folder holds anything, or year or scale cannot be.
    """
    _check(folder, seed, year)
    tell = progress if progress is not None else _nobody
    plan = SampleYear(year, zone, seed)
    size = size_of(scale, len(plan.days))
    tags = series_tags(size)
    folder.mkdir(parents=True, exist_ok=True)
    readme = _README.format(label=LABEL, seed=seed, scale=scale)
    (folder / "README.md").write_text(readme, encoding="utf-8", newline="\n")
    made = heats.melts(plan)
    traced, chain = chain_tables(plan, made)
    pieces = heats.piece_table(plan, made, traced)
    kept = months.books(plan, made, pieces)
    coke = months.coke_used(plan, kept)
    read = months.meter_months(plan, kept, coke)
    tests = air.stack_test_table(plan)
    tables = {
        "heat": heats.heat_table(plan, made),
        "piece": pieces,
        "production": months.production_table(kept),
        "material": months.material_table(plan, kept, coke),
        "waste": months.waste_table(plan, kept),
        "water": months.water_table(read),
        "meter_reading": months.meter_reading_table(plan, read),
        "year_figure": months.year_figure_table(plan, kept, read, air.pm_emission(tests, MONITORED_PM)),
        "stack_test": tests,
        "ambient_test": air.ambient_test_table(plan),
        "permit": air.permit_table(plan),
        "tag": tag_table(tags, size),
    }
    tables |= {name: master_table(name) for name in _MASTER}
    tables |= work_tables(plan, made, tables)
    where = _spoil(plan, tables)
    files = (*_write_records(folder, plan, tables), *write_chain(folder, plan, chain))
    files += (_write_contracts(folder, tables), *_write_work(folder, plan, tables))
    tell(0.12)
    source = Readings(plan, tags, made, read)
    quarter_path = folder / f"electricity_15min_{year}.csv.gz"
    quarters = write_quarters(quarter_path, plan, source)
    tell(0.16)
    series, written = write_months(folder, plan, source, tags, size, lambda share: tell(0.16 + 0.84 * share))
    where |= _series_places(plan, quarters)
    return SampleManifest(
        folder=folder,
        files=(*files, quarter_path, *series),
        planted=planted(where, year),
        rows=_rows(tables | chain),
        readings=written + quarters.readings,
        tags=len(tags),
        interval_min=size.interval_min,
    )


def work_tables(plan: SampleYear, made: list[heats.Melt], tables: dict[str, Table]) -> dict[str, Table]:
    """Return what the works did and holds, by record, from the tables of its heats, pieces, materials and wastes."""
    return {
        "machine_state": running.machine_state_table(plan, made),
        "machine_output": running.machine_output_table(made, tables["piece"]),
        "control_run": running.control_run_table(plan),
        "stock": office.stock_table(plan, tables["material"]),
        "waste_transfer": office.waste_transfer_table(plan, tables["waste"]),
        "pollution_warning": office.warning_table(plan),
    } | office.paper_tables(plan)


def _rows(tables: dict[str, Table]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for table in tables.values():
        rows[table.record] = rows.get(table.record, 0) + len(table)
    return rows


def _nobody(_share: float) -> None:
    """Tell nobody."""


def _check(folder: Path, seed: int, year: int) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ForgecastError(
            text("the folder is not empty"), where=str(folder), repair=text("name a new or an empty folder")
        )
    if seed < 0:
        raise ForgecastError(text("the seed is {seed}", seed=seed), where="--seed", repair=text("give 0 or more"))
    if not 2024 <= year <= 2099:
        raise ForgecastError(
            text("the sample plant cannot be made for the year {year}", year=year),
            where="year",
            repair=text("give a year from 2024 to 2099"),
        )


def _spoil(plan: SampleYear, tables: dict[str, Table]) -> dict[str, Where]:
    """Plant the troubles that lie in records, and return where the ones in records lie."""
    heat = tables["heat"].columns
    furnace, temperature = heat["furnace"], heat["tap_temperature_degC"]
    induction = [at for at, name in enumerate(furnace) if str(name).startswith("IF")]
    cupola = [at for at, name in enumerate(furnace) if str(name).startswith("CU")]
    slipped = next(at for at in cupola if str(heat["tapped_at"][at]).startswith(f"{plan.year}-04"))
    temperature[slipped] = 14800.0
    unmeasured = [at for at in induction if str(heat["tapped_at"][at]).startswith(f"{plan.year}-02")][::6]
    for at in unmeasured:
        heat["pour_temperature_degC"][at] = -1.0
    waste, test = tables["waste"].columns, tables["stack_test"].columns
    lost = waste["fate"].index(None)
    sent = tables["waste_transfer"].columns
    odd = next(at for at, mass in enumerate(sent["mass_t"]) if sent["received_mass_t"][at] != mass)
    stack, _, value = air.OVER_BY_A_HAIR
    hair = next(
        at
        for at, cell in enumerate(test["concentration_mg_m3"])
        if cell == value and test["stack"][at] == stack and test["pollutant"][at] == "pm"
    )
    return {
        "decimal-slip": Where(f"id={heat['id'][slipped]}:tap_temperature_degC"),
        "sentinel-values": Where("pour_temperature_degC", count=len(unmeasured)),
        "waste-without-fate": Where(f"{lost + 2}:fate"),
        "over-by-a-hair": Where(f"{hair + 2}:concentration_mg_m3", str(test["sampled_at"][hair])),
        "day-first-dates": Where("sampled_at", count=len(test["sampled_at"])),
        "low-stack": Where("DA009"),
        "small-cupolas": Where("CU-1;CU-2", count=2),
        "tvoc-without-method": Where("DA011"),
        "yokeless-furnace": Where("IF-3"),
        "hardener-unknown": Where("P-INV"),
        "lapsed-permit": Where(air.PERMIT, end=f"{plan.year}-11-30"),
        "scrap-drift": Where("result"),
        "sand-without-record": Where(f"new_sand:{plan.sand_lost_month}"),
        "renewal-without-permit": Where("XM-01"),
        "manifest-differs": Where(f"{odd + 2}:received_mass_t"),
        "meters-do-not-balance": Where(f"E-IND:{plan.unbalanced_month}"),
    }


def _series_places(plan: SampleYear, quarters: QuarterFile) -> dict[str, Where]:
    first, last = (str(moment) for moment in plan.repeated)
    rows = "{}-{}".format(*quarters.repeated_rows)
    return {
        "over-limit-week": _stretch("DA001.pm", plan.over_limit, over_limit_hours(plan)),
        "low-coverage": _stretch("DA010.pm", plan.analyser_fault),
        "meter-gap": _stretch("E-MAIN.energy", plan.meter_gap, quarters.missing),
        "repeated-stamps": Where(rows, first, last, quarters.repeated),
        "stamps-step-back": Where(str(quarters.repeated_rows[0]), first, last, 3),
        "stuck-sensor": _stretch("CP-1.pressure", plan.stuck),
    }


def _stretch(place: str, span: Span, count: int | None = None) -> Where:
    days = (span.end - span.start).days
    return Where(place, str(span.start), str(span.end - timedelta(days=1)), days if count is None else count)


def over_limit_hours(plan: SampleYear) -> int:
    """Return how many hours of the planted week are over the limit: the cupola's, but for the calibration on Monday."""
    days = [day for day in plan.days if plan.over_limit.start <= day < plan.over_limit.end and plan.runs("cupola", day)]
    return sum(9 if day.weekday() == 0 else 10 for day in days)


def _write_records(folder: Path, plan: SampleYear, tables: dict[str, Table]) -> list[Path]:
    """Write all records, in the order in which they refer to one another."""
    year = plan.year
    write_text(folder / "site.csv", tables["site"], _UTF8)
    sheets = (
        ("许可证", "permit"),
        ("设备", "equipment"),
        ("在用工艺", "process"),
        ("控制措施", "measure"),
        ("排气筒", "stack"),
        ("许可限值", "permit_limit"),
    )
    write_workbook(folder / "01_基础台账.xlsx", [(name, tables[record]) for name, record in sheets], _WORKBOOK)
    for record in ("alloy", "product"):
        write_text(folder / f"{record}s.csv", tables[record], _UTF8)
    write_text(folder / "meters.tsv", tables["meter"], Style(delimiter="\t"))
    write_text(folder / "tags.csv", tables["tag"], _UTF8)
    write_text(folder / f"月产量{year}.csv", tables["production"], _CHINESE)
    heat = tables["heat"]
    induction = [at for at, name in enumerate(heat.columns["furnace"]) if str(name).startswith("IF")]
    in_tonnes = Style("zh", "gb18030", time_form=_CHINESE.time_form, units={"mass": "t"})
    write_text(folder / f"感应电炉炉次{year}.csv", heat.part(induction), in_tonnes)
    write_workbook(folder / f"冲天炉炉次{year}.xlsx", _quarters_of(heat), _WORKBOOK)
    write_text(folder / f"pieces_{year}.csv.gz", tables["piece"], _UTF8)
    write_text(folder / f"materials_{year}.csv", tables["material"], _UTF8)
    write_text(folder / f"固体废物{year}.csv", tables["waste"], _CHINESE)
    write_text(folder / f"water_{year}.tsv", tables["water"], Style(delimiter="\t"))
    write_text(folder / f"抄表记录{year}.csv", tables["meter_reading"], _CHINESE)
    laboratory = Style(delimiter=";", time_form="%d/%m/%Y %H:%M", date_form="%d/%m/%Y")
    write_text(folder / f"stack_tests_{year}.csv", tables["stack_test"], laboratory)
    write_text(folder / f"无组织监测{year}.csv", tables["ambient_test"], _CHINESE)
    write_record_parquet(folder / "year_figures.parquet", tables["year_figure"])
    order = (
        "site.csv", "01_基础台账.xlsx", "alloys.csv", "products.csv", "meters.tsv", "tags.csv", f"月产量{year}.csv",
        f"感应电炉炉次{year}.csv", f"冲天炉炉次{year}.xlsx", f"pieces_{year}.csv.gz", f"materials_{year}.csv",
        f"固体废物{year}.csv", f"water_{year}.tsv", f"抄表记录{year}.csv", f"stack_tests_{year}.csv",
        f"无组织监测{year}.csv", "year_figures.parquet",
    )  # fmt: skip
    return [folder / name for name in order]


def _write_contracts(folder: Path, tables: dict[str, Table]) -> Path:
    """Write tariffs, permitted masses, the emergency plan and emission factors; suppliers are on record by then."""
    sheets = (
        ("许可排放量", "permit_total"),
        ("应急减排措施", "emergency_measure"),
        ("电价合同", "tariff"),
        ("分时电价", "tariff_period"),
        ("自有碳排放因子", "emission_factor"),
        ("外购物料隐含排放", "embedded_emission"),
    )
    path = folder / "02_能源环境碳.xlsx"
    write_workbook(path, [(name, tables[record]) for name, record in sheets], _WORKBOOK)
    return path


def _write_work(folder: Path, plan: SampleYear, tables: dict[str, Table]) -> list[Path]:
    """Write the shift books as text, and what is entered by hand as a workbook."""
    sheets = (
        ("治理设施运行", "control_run"),
        ("库存", "stock"),
        ("危废转移", "waste_transfer"),
        ("重污染预警", "pollution_warning"),
        ("节能措施", "energy_measure"),
        ("安全事件", "incident"),
        ("项目", "project"),
        ("体系证书", "system_certificate"),
        ("称号", "honour"),
        ("义务证明", "duty_proof"),
        ("申报答复", "claim"),
        ("购置", "investment"),
        ("规划目标", "plan_goal"),
        ("备选措施", "plan_measure"),
    )
    states, outputs = folder / f"设备状态{plan.year}.csv", folder / f"machine_output_{plan.year}.csv"
    write_text(states, tables["machine_state"], _CHINESE)
    write_text(outputs, tables["machine_output"], _UTF8)
    book = folder / "03_运行台账.xlsx"
    write_workbook(book, [(name, tables[record]) for name, record in sheets], _WORKBOOK)
    return [states, outputs, book]


def _quarters_of(heat: Table) -> list[tuple[str, Table]]:
    """Return the cupola heats as the four sheets of a workbook."""
    sheets = []
    wanted = [name for name in heat.columns if name not in {"energy_kWh", "started_at"}]
    for quarter in (1, 2, 3, 4):
        index = []
        for at, (furnace, tapped) in enumerate(zip(heat.columns["furnace"], heat.columns["tapped_at"], strict=True)):
            assert isinstance(tapped, datetime)  # noqa: S101  (made by `heat_table`)
            if str(furnace).startswith("CU") and (tapped.month + 2) // 3 == quarter:
                index.append(at)
        part = heat.part(index)
        sheets.append((f"炉次Q{quarter}", Table("heat", {name: part.columns[name] for name in wanted})))
    return sheets
