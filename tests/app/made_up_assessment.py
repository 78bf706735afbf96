"""A synthetic assessment: every word, every oddity a report must survive. It describes no real plant and no real law.

The numbers of limits are invented for typesetting only; nothing here may be read as a rule.
"""

# ruff: noqa: DTZ001, E501, PLR0917
from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, bilingual, verbatim
from forgecast.rules.verdict import Confidence, Exceedance, Force, Limit, TraceNode, Verdict, Word
from forgecast.tasks.assessment import Assessment, Citation, Curve, KeyFigure, Point, SourceFile

START, END, HOURS = date(2025, 1, 1), date(2026, 1, 1), 8760
ZONE = "Asia/Shanghai"
#: What a hostile or careless hand may have typed as the name of a plant or a stack.
HOSTILE = '#import "x" [*a*] <script>alert(1)</script> $x^2$ &amp; \\u{41} {curly} _under_ `code`'
BOOK = "gb-39726-2020"
GOALS = "goals-2023-258"
TABLE = bilingual("4.1, Table 1", "4.1 表1")
ANNEX = bilingual("Annex, item 7", "附件第7项")
STACKS = (
    ("DA001", "1号冲天炉排气筒", "Cupola 1"),
    ("DA002", "2号冲天炉（热风）排气筒", "Cupola 2, hot blast"),
    ("DA003", "中频炉除尘排气筒", "Induction furnaces"),
    ("DA004", "砂处理除尘排气筒", "Sand preparation"),
    ("DA005", "落砂清理排气筒", "Shakeout and cleaning"),
    ("DA006", "制芯废气排气筒", "Core making"),
    ("DA007", "浇注区排气筒", "Pouring line"),
    ("DA008", "涂装线VOCs燃烧装置排气筒", "Coating line with VOC combustion"),
    ("DA009", "热处理炉排气筒", "Heat treatment"),
    ("DA010", "锻造加热炉1号排气筒", "Forge furnace 1"),
    ("DA011", "锻造加热炉2号排气筒", "Forge furnace 2"),
    ("DA012", HOSTILE, HOSTILE),
)
POLLUTANTS = (
    ("pm", bilingual("particulate matter", "颗粒物"), 30.0, TABLE),
    ("so2", bilingual("sulphur dioxide", "二氧化硫"), 200.0, TABLE),
    ("nox", bilingual("nitrogen oxides", "氮氧化物"), 300.0, TABLE),
)
HOURLY_BASIS = bilingual(
    "hourly mean of the dry gas at 273.15 K and 101.325 kPa, converted to the reference oxygen content",
    "标准状态（273.15 K，101.325 kPa）下干烟气的小时均值，按基准氧含量折算",
)


def made_up_assessment() -> Assessment:
    """Return the synthetic assessment."""
    verdicts, curves = _stack_verdicts()
    verdicts += _state_verdicts() + _goal_verdicts()
    return Assessment(
        plant_id="DEMO-01",
        plant_name="演示铸锻厂 Demo Foundry & Forge",
        zone=ZONE,
        synthetic=True,
        at=date(2025, 12, 31),
        start=START,
        end=END,
        findings=_findings(),
        verdicts=tuple(verdicts),
        figures=_figures(),
        curves=(*curves, _month_curve()),
        files=_files(),
        citations=_citations(),
        version="0.1.0",
    )


def calm_assessment() -> Assessment:
    """Return an assessment in which nothing was found, judged or computed."""
    return replace(
        made_up_assessment(), synthetic=False, findings=(), verdicts=(), figures=(), curves=(), files=(), citations=()
    )


def _stack_verdicts() -> tuple[list[Verdict], list[Curve]]:
    verdicts, curves = [], []
    for number, (stack, zh, _en) in enumerate(STACKS):
        for place, (pollutant, name, limit, clause) in enumerate(POLLUTANTS):
            kind = (number * 3 + place) % 7
            word = {0: Word.NOT_MET, 1: Word.MET, 2: Word.MET, 3: Word.NOT_KNOWN, 4: Word.MET, 5: Word.NOT_APPLICABLE,
                    6: Word.PARTLY}[kind]  # fmt: skip
            series = _series(number * 3 + place, limit) if word is Word.NOT_MET else None
            verdict = _stack_verdict(word, stack, zh, pollutant, name, limit, clause, series)
            verdicts.append(verdict)
            if series is not None:
                curves.append(_curve(verdict, name, series, limit))
    return verdicts, curves


def _series(seed: int, limit: float) -> np.ndarray:
    """Return a year of hourly means: two seasons, noise, one bad week, single spikes and gaps."""
    rng = np.random.default_rng(seed)
    hours = np.arange(HOURS)
    values = limit * (0.55 + 0.1 * np.sin(hours / HOURS * 2 * np.pi) + 0.06 * rng.standard_normal(HOURS))
    values[hours % 168 > 144] *= 0.6
    week = 1700 + 400 * (seed % 9)
    values[week : week + 60] = limit * (1.05 + 0.5 * rng.random(60))
    values[week + 90] = limit * 1.0005
    values[rng.integers(0, HOURS, 4)] = limit * 1.2
    values[5000:5190] = np.nan
    values[rng.integers(0, HOURS, 60)] = np.nan
    return np.round(values, 4)


def _stretches(series: np.ndarray, limit: float) -> tuple[Exceedance, ...]:
    over = np.nan_to_num(series) > limit
    edges = np.flatnonzero(np.diff(np.concatenate(([False], over, [False])).astype(int)))
    zero = datetime(2024, 12, 31, 16, tzinfo=UTC)
    return tuple(
        Exceedance(
            (zero + timedelta(hours=int(a))).isoformat(),
            (zero + timedelta(hours=int(b - 1))).isoformat(),
            int(b - a),
            float(np.nanmax(series[a:b])),
        )
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    )


def _curve(verdict: Verdict, name: Text, series: np.ndarray, limit: float) -> Curve:
    first = datetime(2025, 1, 1)
    return Curve(
        id=f"{verdict.subject_id}/{verdict.figure_name}",
        unit="mg/m3",
        title=bilingual(
            "{name} of stack {id}, hourly means", "{id} 排气筒{name}小时均值", name=name, id=verdict.subject_id
        ),
        t=tuple((first + timedelta(hours=h)).isoformat() for h in range(HOURS)),
        values=tuple(None if np.isnan(v) else float(v) for v in series),
        limit=limit,
        limit_title=bilingual("limit {limit} mg/m3", "限值 {limit} mg/m3", limit=f"{limit:g}"),
    )


def _stack_verdict(
    word: Word, stack: str, stack_name: str, pollutant: str, name: Text, limit: float, clause: Text,
    series: np.ndarray | None,
) -> Verdict:  # fmt: skip
    value = {Word.MET: 0.83 * limit, Word.PARTLY: 0.7 * limit}.get(word)
    stretches: tuple[Exceedance, ...] = ()
    if series is not None:
        value, stretches = float(np.nanmax(series)), _stretches(series, limit)
    unverified = word is Word.NOT_KNOWN and pollutant == "nox"
    reasons, missing = _reasons(word, stack, name, unverified=unverified)
    confidence = Confidence.UNVERIFIED if unverified else Confidence.PRIMARY
    judged = word is not Word.NOT_APPLICABLE
    return Verdict(
        id=f"{BOOK}/table-1-{pollutant}-melting-and-heat-treatment-furnaces/{stack}",
        word=word,
        force=Force.DUTY,
        book=BOOK,
        book_version="2020 (1)",
        requirement=f"table-1-{pollutant}",
        clause=clause,
        title=bilingual("Hourly emission of {name}", "{name}小时排放浓度", name=name),
        subject_kind="stack",
        subject_id=stack,
        subject_name=stack_name,
        start=START,
        end=END,
        figure_name=f"{pollutant}_converted",
        figure_value=value,
        figure_unit="mg/m3",
        limit=Limit(limit, "mg/m3", "<=", HOURLY_BASIS, "national", clause, verbatim("GB 39726-2020"), confidence)
        if judged
        else None,
        reasons=reasons,
        missing=missing,
        exceedances=stretches,
        hours_over=sum(s.hours for s in stretches) if series is not None else None,
        hours_valid=int(np.isfinite(series).sum()) if series is not None else None,
        hours_expected=HOURS if series is not None else None,
        tree=_tree(stack, pollutant, name, limit, value),
    )


def _reasons(word: Word, stack: str, name: Text, *, unverified: bool) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    oxygen = bilingual(
        "oxygen content of stack {stack} (hourly series, or with each manual test)",
        "{stack} 排气筒的氧含量（小时数据，或随每次手工监测）",
        stack=stack,
    )
    tests = bilingual("manual stack tests of the year (record stack_test)", "本年度手工监测记录（手工监测表）")
    number = bilingual(
        "the limit from your own copy of the standard, entered in the permit's own book",
        "请按手头的标准文本，将限值录入企业许可证规则",
    )
    if word is Word.NOT_MET:
        return (
            bilingual("{name} was over the limit in at least one valid hour", "{name}在有效小时内出现超标", name=name),
        ), ()
    if word is Word.PARTLY:
        return (
            bilingual("the valid hours met the limit, but only 61% of the hours due are valid",
                      "有效小时均未超标，但有效小时仅占应测小时的61%"),
        ), (oxygen,)  # fmt: skip
    if word is Word.NOT_KNOWN and unverified:
        return (bilingual("the limit is not verified", "该限值未经核实"),), (number,)
    if word is Word.NOT_KNOWN:
        return (bilingual("there is neither an hourly series nor a manual test", "既无小时数据，也无手工监测结果"),), (
            (tests,) if stack < "DA007" else (tests, oxygen)
        )
    if word is Word.NOT_APPLICABLE:
        return (bilingual("the process gives off no {name}", "该工序不产生{name}", name=name),), ()
    return (bilingual("every valid hour is within the limit", "全部有效小时均未超标"),), ()


def _tree(stack: str, pollutant: str, name: Text, limit: float, value: float | None) -> TraceNode:
    rows = tuple(
        TraceNode("row", bilingual("hour {hour}", "第 {hour} 小时", hour=h), f"{limit * 1.1:.2f} mg/m3",
                  f"cems_2025_{stack}.csv.gz:{1700 + h}:{pollutant}")
        for h in range(3)
    )  # fmt: skip
    figure = TraceNode(
        "figure", bilingual("worst hourly {name}, converted", "折算后{name}小时最大值", name=name),
        "" if value is None else f"{value:.4g} mg/m3", f"tag {stack}-{pollutant.upper()}", rows,
    )  # fmt: skip
    oxygen = TraceNode(
        "fact", bilingual("reference oxygen", "基准氧含量"), "15 %", "gb-39726-2020/limits.yaml:o2-cupola"
    )
    applies = TraceNode("applies", bilingual("the stack serves a melting furnace", "该排气筒对应熔炼炉"), "", "stacks.xlsx:4:process",
                        (TraceNode("fact", bilingual("process", "工序"), "melting", "stacks.xlsx:4:process"),))  # fmt: skip
    bound = TraceNode("limit", HOURLY_BASIS, f"<= {limit:g} mg/m3", "gb-39726-2020/limits.yaml:table-1", (oxygen,))
    return TraceNode("clause", bilingual("Table 1: limits of air pollutants", "表1 大气污染物排放限值"), "",
                     "gb-39726-2020/book.md", (applies, bound, figure))  # fmt: skip


def _state_verdicts() -> list[Verdict]:
    whole = TraceNode("clause", bilingual("prohibited equipment", "禁止使用的设备"), "", "opinion-2023/book.md")
    state = Limit(None, "", "", bilingual("must not be in use", "不得使用"), "national", ANNEX,
                  bilingual("opinion of 2023", "2023年指导意见"), Confidence.SECONDARY)  # fmt: skip
    made = []
    for number, (word, name) in enumerate((
        (Word.NOT_MET, "3号无磁轭（≥0.25 t）铝壳中频感应电炉"), (Word.MET, "1号中频感应电炉"), (Word.MET, "2号中频感应电炉"),
        (Word.NOT_KNOWN, "老式冲天炉（5 t/h，已停用待拆除，资料保存于设备科档案室二楼东侧第三排铁皮柜）"),
        (Word.PARTLY, "制芯中心酸雾净化装置"), (Word.NOT_APPLICABLE, "水爆清砂"),
    )):  # fmt: skip
        made.append(
            Verdict(
                id=f"opinion-2023-prohibited/yokeless-furnace/E{number:02d}", word=word, force=Force.DUTY,
                book="opinion-2023-prohibited", book_version="2023 (2)", requirement="yokeless-furnace",
                clause=ANNEX,
                title=bilingual(
                    "No aluminium-shell induction furnace without a magnetic yoke of 0.25 t or more is in use",
                    "不使用无磁轭（≥0.25 t）铝壳中频感应电炉",
                ),
                subject_kind="equipment", subject_id=f"E{number:02d}", subject_name=name, start=START, end=END,
                figure_name="", figure_value=None, figure_unit="", limit=state,
                reasons=(bilingual("row {row} of equipment.xlsx says so", "设备表第 {row} 行如此记载", row=number + 4),),
                missing=(bilingual("field `magnetic_yoke` of the equipment record", "设备表中的“磁轭”字段"),)
                if word in (Word.NOT_KNOWN, Word.PARTLY) else (),
                exceedances=(), hours_over=None, hours_valid=None, hours_expected=None, tree=whole,
            )
        )  # fmt: skip
    return made


def _goal_verdicts() -> list[Verdict]:
    goals = (
        (Word.NOT_MET, 61.3, 70.0, bilingual("Share of waste sand that is used again", "废砂再生利用率")),
        (
            Word.PARTLY,
            0.1996,
            0.2,
            bilingual("Fall of specific energy since the base year", "单位产品能耗较基准年下降率"),
        ),
        (Word.NOT_KNOWN, None, 30.0, bilingual("Share of scrap and returns in the charge", "废钢及回炉料占比")),
    )
    made = []
    for number, (word, value, limit, title) in enumerate(goals):
        made.append(
            Verdict(
                id=f"{GOALS}/goal-2025-{number}/site", word=word, force=Force.GOAL, book=GOALS, book_version="2023 (1)",
                requirement=f"goal-2025-{number}", clause=verbatim("2.1"), title=title, subject_kind="site", subject_id="HQ",
                subject_name="", start=START, end=END, figure_name="share", figure_value=value, figure_unit="%",
                limit=Limit(limit, "%", ">=", bilingual("calendar year 2025", "2025 自然年"), "national",
                            verbatim("2.1"), verbatim(GOALS), Confidence.SECONDARY),
                reasons=(bilingual("the goal is due by the end of 2025", "该目标应于2025年底前达到"),),
                missing=(bilingual("monthly material movements (record material)", "按月物料收支记录"),)
                if value is None else (),
                exceedances=(), hours_over=None, hours_valid=None, hours_expected=None,
                tree=TraceNode("clause", title, "", f"{GOALS}/book.md"),
            )
        )  # fmt: skip
    return made


def _findings() -> tuple[Finding, ...]:
    made = [
        Finding(
            "sentinel-value", Severity.REFUSED, Place(f"cems_2025_{stack}.csv.gz", 120, 4410, "SO2_mg_m3"), "-9999",
            bilingual("a sentinel stands where a value should be", "该处为占位值而非测量值"),
            bilingual("ask the system's supplier what the sentinel means; it is left out as missing",
                      "请向系统供应商确认该占位值的含义；本次按缺失处理"), 12 + 31 * number)
        for number, (stack, _, _) in enumerate(STACKS[:9])
    ]  # fmt: skip
    made += [
        Finding("decimal-slip", Severity.REFUSED, Place("heats.xlsx", 14, None, "出炉温度"), "14800",
                bilingual("14800 °C cannot be a tapping temperature; it lies between 1380 and 1620 for this iron",
                          "14800 ℃ 不可能是出炉温度；该铸铁通常在 1380～1620 ℃ 之间"),
                bilingual("was a decimal point lost? correct the row and import the file again",
                          "是否漏写小数点？请更正该行后重新导入")),
        Finding("meter-gap", Severity.DOUBTFUL, Place("series EM-7"), "",
                bilingual("the meter was silent for 11.5 days", "该电表连续11.5天无数据"),
                bilingual("enter the meter's readings before and after the gap", "请录入中断前后的抄表数"), 276),
        Finding("balance", Severity.DOUBTFUL, Place("meter_reading", None, None, "2025-07"), "",
                bilingual("the sub-meters add up to 18.4% more than the main meter", "分表之和比总表高18.4%"),
                bilingual("check the transformer ratio of meter EM-3", "请核对 EM-3 电表的互感器变比"), 4),
        Finding("midnight", Severity.NOTE, Place("heats.xlsx", 30, 61, "时间"), "24:00",
                bilingual("midnight was read as the end of the day before", "24:00 按前一日结束时刻读取"),
                bilingual("nothing, if that is what is meant", "如确系此意，无需处理"), 9),
        Finding("character", Severity.NOTE, Place("shift_book.csv", 3, None, "remark"), "班长说👍",
                bilingual("the remark {remark} was kept as it is", "备注{remark}按原样保留", remark=HOSTILE + " 👍"),
                bilingual("nothing", "无需处理")),
    ]  # fmt: skip
    return tuple(made)


def _figures() -> tuple[KeyFigure, ...]:
    months = [f"2025-{m:02d}" for m in range(1, 13)]

    def trend(base: float, swing: float, holes: tuple[int, ...] = ()) -> tuple[Point, ...]:
        return tuple(
            Point(month, None if i in holes else round(base + swing * float(np.sin(i / 2)) - 0.02 * base * i / 12, 4))
            for i, month in enumerate(months)
        )

    basis = bilingual("metered electricity divided by good castings, records meter_reading and production",
                      "计量用电量除以合格铸件产量（抄表记录、月产量）")  # fmt: skip
    rows = (
        (
            "production",
            "good_castings",
            bilingual("Good castings and forgings", "合格铸锻件产量"),
            18_342.6,
            "t",
            trend(1528, 90),
            None,
            -120.0,
        ),
        ("quality", "scrap", bilingual("Scrap rate", "废品率"), 3.21, "%", trend(3.2, 0.4), None, -0.35),
        ("quality", "yield", bilingual("Metal yield", "工艺出品率"), 61.8, "%", trend(61.8, 0.2), None, 0.05),
        (
            "energy",
            "specific_energy",
            bilingual("Electricity per tonne of good castings", "吨合格铸件电耗"),
            612.0,
            "kWh/t",
            trend(612, 22, (6, 7)),
            None,
            -11.0,
        ),
        (
            "energy",
            "peak",
            bilingual("Highest 15-minute demand", "15分钟最大需量"),
            8_412.0,
            "kW",
            trend(8100, 250),
            None,
            310.0,
        ),
        (
            "carbon",
            "co2_specific",
            bilingual("CO2 per tonne of good castings", "吨合格铸件二氧化碳排放"),
            0.5523,
            "tCO2/t",
            trend(0.55, 0.02),
            None,
            0.011,
        ),
        (
            "environment",
            "nox_mass",
            bilingual("NOx emitted", "氮氧化物排放量"),
            None,
            "t",
            (),
            bilingual("the flow of stack DA002 is not recorded", "DA002 排气筒缺少烟气流量记录"),
            None,
        ),
        (
            "resources",
            "water",
            bilingual("Fresh water per tonne", "吨产品新水量"),
            1.87,
            "m3/t",
            trend(1.9, 0.1, (0,)),
            None,
            -0.2,
        ),
    )
    return tuple(KeyFigure(i, g, title, v, u, why, t, slope, basis) for g, i, title, v, u, t, why, slope in rows)


def _month_curve() -> Curve:
    return Curve(
        "site/electricity", "MWh", bilingual("Electricity by month", "月用电量"),
        tuple(f"2025-{m:02d}" for m in range(1, 13)),
        (930.0, 720.5, 951.0, 968.2, 940.0, 915.0, None, 1_120.0, 960.0, 931.0, 944.0, 958.0), None, None,
    )  # fmt: skip


def _files() -> tuple[SourceFile, ...]:
    names = [
        "heats.xlsx",
        "equipment.xlsx",
        "stacks.xlsx",
        "production_2025.csv",
        "电表抄表记录（2025年全年，含锻造车间分表）.xlsx",
    ]
    names += [f"cems_2025_{stack}.csv.gz" for stack, _, _ in STACKS]
    return tuple(
        SourceFile(name, hashlib.sha256(name.encode()).hexdigest(), "2026-01-04T08:15:00+00:00",
                   "heat" if "heat" in name else "meter_reading", 100 + 8_760 * ("cems" in name))
        for name in names
    )  # fmt: skip


def _citations() -> tuple[Citation, ...]:
    return (
        Citation(BOOK, bilingual("GB 39726-2020 Emission standard of air pollutants for foundry industry",
                           "GB 39726-2020 铸造工业大气污染物排放标准"), "2020 (1)",
                 bilingual("Ministry of Ecology and Environment", "生态环境部"), "primary"),
        Citation("opinion-2023-prohibited", bilingual("Opinion of 2023 on the foundry and forging industries: prohibited equipment",
                           "2023年铸造和锻压行业指导意见：禁止使用的设备"), "2023 (2)",
                 bilingual("MIIT and others, No. 40 of 2023", "工信部联通装〔2023〕40号"), "secondary"),
        Citation("grid_emission/electricity", bilingual("Grid emission factor 2023", "2023年全国电力平均二氧化碳排放因子"), "2025-12-31",
                 bilingual("Announcement No. 47 of 2025", "公告2025年第47号"), "secondary"),
        Citation("coal_equivalent/coke", bilingual("Conversion of fuels to coal equivalent", "各种能源折标准煤系数"), "GB/T 2589-2020", verbatim("GB/T 2589"), "unverified"),
    )  # fmt: skip
