"""The traced weeks of the made-up plant, paper side: decisions, shipments, reports of nonconformity, failure modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from forgecast.sample.chain_metal import Filling
from forgecast.sample.chain_pieces import MARKED, Annealing, Basket, Cast
from forgecast.sample.plan import SampleYear
from forgecast.sample.rows import YES, Rows
from forgecast.sample.table import Table


@dataclass(frozen=True, slots=True)
class Made:
    """What the traced weeks made: ladle fillings, castings, baskets and annealing lots."""

    ladles: Sequence[Filling]
    cast: Cast
    baskets: Sequence[Basket]
    annealings: Sequence[Annealing]


def paper_tables(plan: SampleYear, made: Made) -> dict[str, Table]:
    """Return decisions, shipments with their pieces, nonconformities with actions, and failure modes."""
    shipment, item = _shipments(plan, made)
    nonconformity, action = _reports(made)
    return {
        "disposition": _dispositions(made),
        "nonconformity": nonconformity,
        "action": action,
        "failure_mode": _failure_modes(plan),
        "shipment": shipment,
        "shipment_item": item,
    }


def _poor(made: Made) -> Filling:
    return next(ladle for ladle in made.ladles if ladle.poor)


def _dispositions(made: Made) -> Table:
    rows = Rows("disposition", "subject", "subject_id", "decided_at", "decision", "decided_by", "reason", "document")
    heats = {ladle.melt.id: ladle for ladle in made.ladles}
    for heat, ladle in heats.items():
        at = _morning(ladle.filled, days=2)
        if ladle.poor:
            rows.add("heat", heat, at, "block", "Q-1", "Mg 0.024 %，球化率58 % / nodularity 58 %", f"MT{heat}")
        else:
            rows.add("heat", heat, at, "release", "Q-1", None, f"MT{heat}")
    for lot in made.annealings:
        rows.add("heat_treatment", lot.id, lot.ended + timedelta(hours=4), "release", "Q-1", None, f"UT{lot.id[2:]}")
    for basket in made.baskets:
        rows.add("piece", basket.id, _morning(basket.at, days=3), "release", "Q-1", None, None)
    poor, report = _poor(made), "NC-001"
    for hours, decision in ((2, "contain"), (30, "analyse"), (54, "act"), (150, "verify"), (174, "close")):
        rows.add("nonconformity", report, _raised(poor) + timedelta(hours=hours), decision, "Q-1", None, None)
    for piece in made.cast.poor_pieces:
        rows.add("piece", piece, _raised(poor) + timedelta(hours=3), "scrap", "Q-1", "球化不良", report)
    return rows.table()


def _morning(at: datetime, *, days: int) -> datetime:
    return datetime.combine(at.date() + timedelta(days=days), time(10))


def _raised(poor: Filling) -> datetime:
    return _morning(poor.filled, days=2) + timedelta(minutes=20)


def _shipments(plan: SampleYear, made: Made) -> tuple[Table, Table]:
    shipment = Rows("shipment", "id", "customer", "shipped_at", "order", "order_item", "destination", "standard")
    item = Rows("shipment_item", "shipment", "piece")
    left = datetime.combine(plan.traced.end + timedelta(days=4), time(15, 30))
    lots = made.annealings
    for number, (some, customer) in enumerate(
        (
            (lots[:3], "示例阀门（虚构） / Sample Valves (synthetic)"),
            (lots[3:6], "Sample Pumps (synthetic) / 示例泵业（虚构）"),
        ),
        start=1,
    ):
        name = f"D{plan.year % 100}-{number:03d}"
        shipment.add(name, customer, left, f"PO-{7100 + number}", "10", MARKED, "GB/T 1348-2019 QT400-18")
        for lot in some:
            for piece in lot.pieces:
                item.add(name, piece)
    for number, product in enumerate(("C-101", "C-102"), start=3):
        name = f"D{plan.year % 100}-{number:03d}"
        grade = {"C-101": "QT450-10", "C-102": "QT500-7"}[product]
        shipment.add(
            name, "示例汽车部件（虚构） / Sample Motor Parts (synthetic)", left + timedelta(hours=1),
            f"PO-{7100 + number}", "10", product, f"GB/T 1348-2019 {grade}",
        )  # fmt: skip
        for basket in [basket for basket in made.baskets if basket.product == product][:4]:
            item.add(name, basket.id)
    return shipment.table(), item.table()


def _reports(made: Made) -> tuple[Table, Table]:
    poor = _poor(made)
    report = Rows(
        "nonconformity", "id", "raised_at", "raised_by", "stage", "product", "heat", "defect", "count", "severity",
        "description", "cause",
    )  # fmt: skip
    report.add(
        "NC-001", _raised(poor), "Q-1", "inspection", MARKED, poor.melt.id, "球化不良", len(made.cast.poor_pieces),
        "critical", "Nodularity 58 %, elongation 6 % / 球化率58 %，断后伸长率6 %",
        "Too little treatment alloy weighed in / 球化剂称量不足",
    )  # fmt: skip
    action = Rows(
        "action", "id", "nonconformity", "kind", "what", "owner", "done_at", "effect_checked_at", "effective",
        "evidence",
    )  # fmt: skip
    raised = _raised(poor)
    action.add(
        "A-001", "NC-001", "containment", "Castings of the heat put aside / 隔离该炉次铸件", "Q-2",
        raised + timedelta(hours=2), None, None, None,
    )  # fmt: skip
    action.add(
        "A-002", "NC-001", "corrective", "Scale of treatment alloy interlocked / 球化剂称量联锁", "M-1",
        raised + timedelta(hours=54), raised + timedelta(hours=150), YES, "ladle samples / 包内试样",
    )  # fmt: skip
    return report.table(), action.table()


def _failure_modes(plan: SampleYear) -> Table:
    rows = Rows(
        "failure_mode", "id", "step", "failure", "effect", "cause", "prevention", "detection_control", "severity",
        "occurrence", "detection", "defect", "reviewed_on",
    )  # fmt: skip
    reviewed = plan.days[14]
    for number, line in enumerate(
        (
            ("球化处理 / Mg treatment", "球化不良 / poor nodularity", "断裂 / fracture", "Mg衰退 / Mg fade",
             "限时浇注 / time limit", "包样、金相 / ladle sample", 9, 3, 3, "球化不良"),
            ("造型 / moulding", "砂眼 / sand inclusion", "泄漏 / leak", "型砂强度低 / weak sand",
             "型砂检测 / sand tests", "目视 / visual", 6, 5, 4, "砂眼"),
            ("浇注 / pouring", "气孔 / gas hole", "泄漏 / leak", "水分高 / moisture", "型砂水分 / sand moisture",
             "超声 / ultrasonic", 6, 4, 4, "气孔"),
            ("凝固 / solidification", "缩孔 / shrinkage", "强度低 / weak section", "补缩不足 / short feeding",
             "工艺设计 / riser design", "超声 / ultrasonic", 7, 3, 4, "缩孔"),
            ("浇注 / pouring", "冷隔 / cold shut", "外观 / looks", "浇注温度低 / cold metal", "测温 / temperature",
             "目视 / visual", 4, 2, 3, "冷隔"),
            ("浇注 / pouring", "夹渣 / slag inclusion", "机加工报废 / machining scrap", "扒渣不净 / slag left",
             "过滤网 / filter", "目视 / visual", 5, 2, 4, "夹渣"),
        ),
        start=1,
    ):  # fmt: skip
        rows.add(f"FM-{number:02d}", *line, reviewed)
    return rows.table()
