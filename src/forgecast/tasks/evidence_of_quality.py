"""Evidence of quality work: charts in use, gauges studied, traceability, certificates, containment, heats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np

from forgecast.ground.dates import HOUR_US
from forgecast.ground.texts import text
from forgecast.quality.variable_charts import individuals_and_moving_range
from forgecast.tasks.evidence_shown import MOST_ROWS, Shown, nothing, share_shown
from forgecast.tasks.plant_view import PlantView, Row

DAY_US = 24 * HOUR_US
#: Charts are drawn on the measurements of so many days; one of a characteristic needs so many points (ISO 7870-2).
CHART_DAYS, LEAST_POINTS = 90, 20
#: A signal is reacted to if a nonconformity or an action follows within so many days.
REACTION_DAYS = 7
#: What a complete record of a heat has, beside its analysis.
HEAT_FIELDS = ("alloy", "mass", "tap_temperature_degC")


def spc_in_use(view: PlantView) -> Shown:
    """Return whether control charts can be drawn, are young, and were reacted to: a third each."""
    looked = text(
        "control charts of single values on the measurements of the last {days} days, and reactions within {limit} "
        "days of a point outside",
        days=CHART_DAYS,
        limit=REACTION_DAYS,
    )
    rows = [row for row in view.rows("measurement") if np.isfinite(row.number_of("measured_at"))]
    end = view.bounds_us[1]
    rows = [row for row in rows if row.number_of("measured_at") < end]
    if not rows:
        return nothing(looked, "measurement")
    rows.sort(key=lambda row: row.number_of("measured_at"))
    newest = view.day_of(rows[-1].number_of("measured_at"))
    since = end - CHART_DAYS * DAY_US
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.number_of("measured_at") >= since:
            groups[row.text("product"), row.text("characteristic")].append(row)
    charts = [group for group in groups.values() if len(group) >= LEAST_POINTS]
    signals = [at for group in charts for at in _outside(group)]
    reactions = [
        row.number_of(field)
        for record, field in (("nonconformity", "raised_at"), ("action", "done_at"))
        for row in view.rows(record)
    ]
    reacted = sum(any(0 <= when - at <= REACTION_DAYS * DAY_US for when in reactions) for at in signals)
    # A chart without a signal needs no reaction.
    part = 1.0 if not signals else reacted / len(signals)
    figure = text(
        "{charts} charts, {signals} points outside, {reacted} reacted to",
        charts=len(charts),
        signals=len(signals),
        reacted=reacted,
    )
    degree = (2.0 + part) / 3.0 if charts else 0.0
    return Shown(degree, looked, figure, newest, tuple(row.place for row in rows[-MOST_ROWS:]), len(rows))


def _outside(group: list[Row]) -> list[float]:
    """Return the instants of the points beyond the limits of either chart."""
    pair = individuals_and_moving_range([row.number_of("value") for row in group])
    flagged = pair.location.outside | pair.spread.outside
    return [group[int(at)].number_of("measured_at") for at in np.flatnonzero(flagged)]


def gauges_studied(view: PlantView) -> Shown:
    """Return the share of gauges in use whose uncertainty is on record."""
    looked = text("gauges that measurements name, against record `measurement_uncertainty`")
    used: dict[str, Row] = {}
    for row in view.within("measurement", "measured_at"):
        if row.text("gauge"):
            used[row.text("gauge")] = row
    if not used:
        return Shown(None, looked, text("no measurement names its gauge"), None)
    studied = {row.text("instrument") for row in view.rows("measurement_uncertainty")}
    good = [row for gauge, row in used.items() if gauge in studied]
    return share_shown(view, looked, list(used.values()), good, time="measured_at")


def traceability(view: PlantView) -> Shown:
    """Return the share of shipped pieces whose record names a heat, directly or by ladle, mould or lot."""
    looked = text("shipped pieces whose heat (or melt number of the lot) the records name")
    items = view.rows("shipment_item")
    if not items:
        return nothing(looked, "shipment_item")
    pieces, moulds, ladles, lots = (view.by_id(name) for name in ("piece", "mould", "ladle", "lot"))
    shipments = view.by_id("shipment")

    def of_heat(piece: Row | None) -> bool:
        if piece is None:
            return False
        mould = moulds.get(piece.text("mould"))
        poured = [ladles.get(one.text("ladle")) for one in (piece, mould) if one is not None]
        lot = lots.get(piece.text("lot"))
        return bool(
            piece.text("heat")
            or (mould is not None and mould.text("heat"))
            or any(ladle is not None and ladle.text("heat") for ladle in poured)
            or (lot is not None and lot.text("melt_number"))
        )

    good = [row for row in items if of_heat(pieces.get(row.text("piece")))]
    shown = share_shown(view, looked, items, good)
    times = [
        shipments[row.text("shipment")].number_of("shipped_at") for row in items if row.text("shipment") in shipments
    ]
    return Shown(
        shown.degree, looked, shown.figure, view.day_of(max(times)) if times else None, shown.rows, shown.row_count
    )


def customer_certificates(view: PlantView) -> Shown:
    """Return the share of the period's shipments for which a certificate was issued."""
    looked = text("shipments of the period with a certificate on record")
    shipped = view.within("shipment", "shipped_at")
    if not shipped:
        return nothing(looked, "shipment")
    certified = {row.text("shipment") for row in view.rows("certificate") if row.text("sha256")}
    good = [row for row in shipped if row.text("id") in certified]
    return share_shown(view, looked, shipped, good, time="shipped_at")


def incoming_certificates(view: PlantView) -> Shown:
    """Return the share of the period's lots that came with a certificate of the supplier."""
    looked = text("lots received in the period with the supplier's certificate")
    lots = view.within("lot", "received_at")
    if not lots:
        return nothing(looked, "lot")
    return share_shown(view, looked, lots, [row for row in lots if row.text("certificate")], time="received_at")


def contained_in_a_day(view: PlantView) -> Shown:
    """Return the share of nonconformities with a containment or decision done within a day of being raised."""
    looked = text("nonconformities of the period with an action done within a day")
    raised = view.within("nonconformity", "raised_at")
    if not raised:
        return nothing(looked, "nonconformity")
    done: dict[str, list[float]] = defaultdict(list)
    for row in view.rows("action"):
        if np.isfinite(row.number_of("done_at")):
            done[row.text("nonconformity")].append(row.number_of("done_at"))
    for row in view.rows("disposition"):
        if row.text("subject") == "nonconformity":
            done[row.text("subject_id")].append(row.number_of("decided_at"))
    good = [
        row for row in raised if any(0 <= when - row.number_of("raised_at") <= DAY_US for when in done[row.text("id")])
    ]
    return share_shown(view, looked, raised, good, time="raised_at")


def heats_digital(view: PlantView) -> Shown:
    """Return the share of the period's heats whose record is complete."""
    looked = text("heats of the period with alloy, mass, tapping temperature and analysis (own or of a sample)")
    heats = view.within("heat", "tapped_at")
    if not heats:
        return nothing(looked, "heat")
    sampled = {row.text("heat") for row in view.rows("sample")}

    def complete(row: Row) -> bool:
        fields = all(row.values.get(name) is not None for name in HEAT_FIELDS)
        analysed = row.text("id") in sampled or any(name.endswith("_percent") for name in row.values)
        return fields and analysed

    return share_shown(view, looked, heats, [row for row in heats if complete(row)], time="tapped_at")


GATHERERS: Mapping[str, Callable[[PlantView], Shown]] = {
    "spc_in_use": spc_in_use,
    "gauges_studied": gauges_studied,
    "traceability": traceability,
    "customer_certificates": customer_certificates,
    "incoming_certificates": incoming_certificates,
    "contained_in_a_day": contained_in_a_day,
    "heats_digital": heats_digital,
}
