"""Rows of a small works: one by hand with every kind of event, and any number by hypothesis."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import strategies as st

from forgecast.gateway.epcis.export import CARRIED, EXPORTED, Export, Parent
from forgecast.gateway.epcis.naming import Naming
from forgecast.gateway.number import is_no_value
from forgecast.plant.identifier import check_digit
from forgecast.plant.record import Field, record

BASE = "https://id.foundry.example"
GTIN = "05412345000013"
GLN = "0614141073467"
ZONE = "Asia/Shanghai"
HOUR = 3_600_000_000
T = 1_741_000_000_000_000


def row(name: str, /, **values: Any) -> dict[str, Any]:
    return {field.name: None for field in record(name).fields} | values


def naming(**more: Any) -> Naming:
    return Naming(**{"base": BASE, "gln": GLN, "gtins": {"BOSS": GTIN}} | more)


def works() -> dict[str, list[dict[str, Any]]]:
    """Return a works in which everything happens once."""
    return {
        "product": [row("product", id="BOSS", gtin=GTIN, mass=12.5, name="轴承座")],
        "lot": [row("lot", id="L1", supplier="S1", material="steel_scrap", received_at=T, mass=5000.0,
                    certificate="C9", price_per_t=2600.0)],
        "heat": [row("heat", id="H1", tapped_at=T + HOUR, furnace="F1", mass=2000.0, alloy="WCB",
                     tap_temperature_degC=1610.0)],
        "charge_item": [
            row("charge_item", heat="H1", number=1, material="steel_scrap", lot="L1", mass=1000.0),
            row("charge_item", heat="H1", number=2, material="steel_scrap", lot="L1", mass=500.0),
            row("charge_item", heat="H1", number=3, material="returns", from_heat="H0", mass=500.5),
            row("charge_item", heat="H1", number=4, material="ferrosilicon", mass=12.0),
        ],
        "sample": [row("sample", id="SP1", heat="H1", taken_at=T + HOUR, stage="final", C_percent=0.22)],
        "melt_temperature": [row("melt_temperature", measured_at=T + HOUR, place="炉 1", heat="H1",
                                 temperature_degC=1605.0)],
        "ladle": [row("ladle", id="K1", heat="H1", filled_at=T + HOUR, mass=1000.0, temperature_degC=1590.0)],
        "treatment": [row("treatment", id="TR1", ladle="K1", kind="deoxidation", started_at=T + HOUR)],
        "mould": [row("mould", id="BX1", ladle="K1", poured_at=T + 2 * HOUR, pour_temperature_degC=1560.0, line="L")],
        "shot": [row("shot", id="SH1", shot_at=T + 2 * HOUR, die="D", machine="M1")],
        "piece": [
            row("piece", id="P1", product="BOSS", made_at=T + 2 * HOUR, heat="H1", mass=12.4),
            row("piece", id="P2", product="BOSS", made_at=T + 3 * HOUR),
            row("piece", id="B1", product="BOSS", made_at=T + 2 * HOUR, count=40, mass=500.0),
        ],
        "batch_step": [row("batch_step", id="X1", at=T + 3 * HOUR, kind="split", from_piece="B1", to_piece="P2",
                           count=1)],
        "operation": [row("operation", id="O1", piece="P1", kind="machining", started_at=T + 5 * HOUR, machine="M7")],
        "heat_treatment": [row("heat_treatment", id="HT1", furnace="F2", process="normalising",
                               started_at=T + 4 * HOUR, ended_at=T + 8 * HOUR)],
        "heat_treatment_load": [
            row("heat_treatment_load", heat_treatment="HT1", piece="B1", count=39),
            row("heat_treatment_load", heat_treatment="HT1", piece="P1"),
        ],
        "inspection": [
            row("inspection", id="I1", piece="P1", inspected_at=T + 9 * HOUR, kind="ultrasonic", result="good"),
            row("inspection", id="I2", piece="B1", inspected_at=T + 9 * HOUR, kind="visual", result="reject", count=39,
                count_bad=2),
        ],
        "mechanical_test": [row("mechanical_test", id="M1", heat="H1", tested_at=T + 9 * HOUR, Rm_MPa=520.0)],
        "disposition": [row("disposition", subject="heat", subject_id="H1", decided_at=T + 10 * HOUR,
                            decision="release", decided_by="QA")],
        "shipment": [row("shipment", id="S1", customer="ACME", shipped_at=T + 11 * HOUR, order="PO7")],
        "shipment_item": [
            row("shipment_item", shipment="S1", piece="P1"),
            row("shipment_item", shipment="S1", piece="B1", count=38),
        ],
        "certificate": [row("certificate", id="Z1", shipment="S1", type="3.1", issued_at=T + 11 * HOUR, issued_by="QA",
                            sha256="ab" * 32)],
    }  # fmt: skip


#: The batch is of one of two heats.
PARENTS = {"B1": (Parent("heat", "H1", 0.9, 0.88), Parent("heat", "H2", 0.1, 0.1))}


def export(rows: Any = None, **more: Any) -> Export:
    said = {"rows": works() if rows is None else rows, "naming": naming(), "zone": ZONE, "parents": PARENTS} | more
    return Export(**said)


def as_bytes(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


_LETTERS = "ABCxyz0189-_./ 炉批件号%#()&+'\"<>"
texts = st.text(_LETTERS, min_size=1, max_size=24).map(str.strip).filter(lambda one: one and not is_no_value(one))


def values(field: Field) -> st.SearchStrategy[Any]:
    """Return any value a field may hold."""
    low = field.low if field.low is not None else 0.0
    high = field.high if field.high is not None else low + 1e6
    if field.is_number:
        return st.floats(low, high, allow_nan=False).map(lambda x: x + 0.0)
    return {
        "code": st.sampled_from([choice.code for choice in field.choices] or [""]),
        "flag": st.booleans(),
        "time": st.integers(1_500_000_000_000_000, 1_760_000_000_000_000),
        "date": st.dates(date(1990, 1, 1), date(2024, 1, 1)),
        "integer": st.integers(int(low), int(high)),
    }.get(field.kind, texts)


@st.composite
def rows_of(draw: st.DrawFn, name: str, most: int = 3) -> list[dict[str, Any]]:
    """Return rows of a record with any values, their keys unlike each other."""
    kind = record(name)
    made: dict[tuple[Any, ...], dict[str, Any]] = {}
    for _ in range(draw(st.integers(0, most))):
        one = {
            field.name: draw(values(field)) if field.required or field.key else draw(st.none() | values(field))
            for field in kind.fields
        }
        if "gtin" in one:
            digits = draw(st.text("0123456789", min_size=13, max_size=13))
            one["gtin"] = draw(st.sampled_from([None, digits + check_digit(digits)]))
        made[tuple(one[part] for part in kind.key)] = one
    return list(made.values())


@st.composite
def any_works(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Return rows of every record that is told of, whatever they say and name."""
    return {name: draw(rows_of(name)) for name in (*EXPORTED, *CARRIED)}
