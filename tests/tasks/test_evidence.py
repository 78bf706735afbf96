"""Evidence of small plants whose records are known to the row: what is shown, how old it is, and what claims say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.evidence_of_plant import (
    Agreement,
    Claim,
    Evidence,
    evidence_of_plant,
    reconciled,
)
from tests.tasks.small_plants import chain, plant_of

LAST = date(2025, 3, 31)


def looked_at(place: Path, at: date = LAST) -> dict[str, Evidence]:
    with PlantFolder.open(place) as folder:
        return {item.id: item for item in evidence_of_plant(folder, at=at).items}


def charted(folder: Path, *, last: float = 10.0, reacted: bool = False, claim: str = "") -> dict[str, Evidence]:
    """Return the evidence of thirty measurements, one a day up to 30 March, of which the last may be far off."""
    pieces = "\n".join(f"P{n},A,2025-03-{n:02d} 08:00" for n in range(1, 31))
    values = [10.0 + 0.1 * (n % 2) for n in range(1, 30)] + [last]
    rows = "\n".join(f"P{n},bore,2025-03-{n:02d} 09:00,A,{v},G1" for n, v in enumerate(values, start=1))
    tables = {
        "product": "id,name\nA,Valve\n",
        "piece": f"id,product,made_at\n{pieces}\n",
        "measurement": f"piece,characteristic,measured_at,product,value,gauge\n{rows}\n",
    }
    if reacted:
        tables["nonconformity"] = "id,raised_at,stage\nN1,2025-03-30 12:00,inspection\n"
    if claim:
        tables["claim"] = claim
    return looked_at(plant_of(folder, tables))


def test_charts_without_a_signal_are_in_use(tmp_path: Path) -> None:
    spc = charted(tmp_path)["spc_in_use"]
    assert (spc.degree, spc.age_days, spc.fresh, spc.shown.row_count) == (1.0, 1, True, 30)
    assert spc.shown.rows[-1] == "measurement.csv:31"


def test_a_signal_without_reaction_costs_a_third(tmp_path: Path) -> None:
    ignored = charted(tmp_path / "ignored", last=20.0)["spc_in_use"]
    answered = charted(tmp_path / "answered", last=20.0, reacted=True)["spc_in_use"]
    assert ignored.degree == pytest.approx(2 / 3)
    assert answered.degree == 1.0


@pytest.fixture(autouse=True)
def folders(tmp_path: Path) -> None:
    for name in ("ignored", "answered", "a", "b", "c"):
        (tmp_path / name).mkdir()


def test_charts_older_than_thirty_days_are_not_in_use(tmp_path: Path) -> None:
    charted(tmp_path)
    assert looked_at(tmp_path / "plant", date(2025, 4, 29))["spc_in_use"].degree == 1.0
    old = looked_at(tmp_path / "plant", date(2025, 4, 30))["spc_in_use"]
    assert (old.age_days, old.fresh, old.degree, old.agreement) == (31, False, 0.0, Agreement.NOT_SHOWN)


def test_a_gauge_is_studied_if_its_uncertainty_is_on_record(tmp_path: Path) -> None:
    assert charted(tmp_path)["gauges_studied"].degree == 0.0


def test_the_chain_is_traced_through_moulds_and_ladles(tmp_path: Path) -> None:
    found = looked_at(chain(tmp_path))
    assert found["traceability"].degree == 1.0
    assert found["traceability"].age_days == 11
    # One action came three hours after its nonconformity; no certificate was ever issued.
    assert found["contained_in_a_day"].degree == 1.0
    assert found["customer_certificates"].degree == 0.0


def test_a_piece_without_heat_is_not_traced(tmp_path: Path) -> None:
    tables = {
        "product": "id,name\nA,Valve\n",
        "heat": "id,tapped_at,furnace,alloy,mass [kg],tap_temperature_degC,C_percent [%]\n"
        "H1,2025-03-01 08:00,F1,,1000,1450,3.5\nH2,2025-03-02 08:00,F1,QT450-10,1000,1450,3.5\n",
        "piece": "id,product,made_at,heat\nP1,A,2025-03-01 09:00,H1\nP2,A,2025-03-01 09:00,\n",
        # The release gate lets a piece without a heat go only by concession.
        "disposition": "subject,subject_id,decided_at,decision,decided_by\nheat,H1,2025-03-02 08:00,release,Q\n"
        "piece,P2,2025-03-02 08:00,concession,Q\n",
        "shipment": "id,customer,shipped_at\nS1,X,2025-03-20 10:00\nS2,X,2025-03-21 10:00\n",
        "shipment_item": "shipment,piece\nS1,P1\nS1,P2\n",
        "lot": "id,material,received_at,certificate\nL1,pig_iron,2025-03-01 08:00,C1\nL2,pig_iron,2025-03-02 08:00,\n",
    }
    place = plant_of(tmp_path, tables)
    found = looked_at(place)
    assert [found[name].degree for name in ("traceability", "incoming_certificates")] == [0.5, 0.5]
    # A week after the last heat its records say nothing of today.
    assert looked_at(place, date(2025, 3, 9))["heats_digital"].degree == 0.5
    assert looked_at(place, date(2025, 3, 10))["heats_digital"].degree == 0.0


def test_metering_is_the_share_under_submeters_and_never_more_than_all(tmp_path: Path) -> None:
    meters = "id,carrier,unit,parent\nM,electricity,kWh,\nA,electricity,kWh,M\nG,natural_gas,m3,\n"
    rows = "meter,month,quantity\nM,2025-02,1000\nA,2025-02,300\nM,2025-03,1000\nA,2025-03,1500\nG,2025-03,7\n"
    found = looked_at(plant_of(tmp_path, {"meter": meters, "meter_reading": rows}))["energy_metered"]
    assert found.degree == pytest.approx((300 + 1000) / 2000)
    assert found.shown.row_count == 4


def test_maintenance_alarms_ledger_and_systems(tmp_path: Path) -> None:
    tables = {
        "equipment": "id,kind,key_process\nE1,machine_tool,yes\nE2,machine_tool,yes\nE3,machine_tool,no\n",
        "machine_state": "equipment,started_at,ended_at,state\nE1,2025-03-20 08:00,2025-03-20 09:00,maintenance\n",
        "control_run": "equipment,started_at,state\nE3,2025-03-20 08:00,running\nE3,2025-02-20 08:00,running\n",
        "tag": "id,measures,unit\nT1,temperature,°C\n",
        "alarm": "id,tag,kind,limit,priority,cause,response\n"
        "A1,T1,high,50,high,pump,switch off\nA2,T1,high_high,60,high,,\n",
        "alarm_event": "alarm,at,number,event\nA1,2025-03-20 08:00,1,raised\nA1,2025-03-20 08:05,2,acknowledged\n",
        "system_certificate": "id,standard,valid_from,valid_until\n"
        "C1,quality,2024-01-01,2025-03-31\nC2,energy,2024-01-01,2025-03-30\n",
    }
    found = looked_at(plant_of(tmp_path, tables))
    assert found["maintenance_recorded"].degree == 0.5
    assert found["ledger_kept"].degree == pytest.approx(2 / 12)
    # Half the alarms are described, the one raised was acknowledged.
    assert found["alarms_managed"].degree == 0.75
    assert found["management_systems"].degree == 0.25


def test_an_empty_record_is_not_known_and_gives_no_fact(tmp_path: Path) -> None:
    found = looked_at(plant_of(tmp_path, {"production": "month,line,route,good_mass_t\n2025-03,A,casting,10\n"}))
    assert {item.degree for item in found.values()} == {None}
    assert {item.agreement for item in found.values()} == {Agreement.NOT_KNOWN}


HEAD = "book,requirement,answered_on,degree [1],answered_by\n"


def test_the_newest_claim_by_the_day_is_set_beside_what_is_shown(tmp_path: Path) -> None:
    claim = (
        f"{HEAD}evidence,spc_in_use,2025-01-01,1,A\nevidence,spc_in_use,2025-03-01,0.5,B\n"
        "evidence,spc_in_use,2025-04-01,0,C\nevidence,gauges_studied,2025-03-01,1,B\n"
        "evidence,recall_drill,2025-03-01,0.8,B\n"
    )
    found = charted(tmp_path, claim=claim)
    assert found["spc_in_use"].claim is not None
    assert found["spc_in_use"].claim.degree == 0.5
    assert found["spc_in_use"].agreement is Agreement.SHOWN_HIGHER
    assert found["gauges_studied"].agreement is Agreement.CLAIMED_HIGHER
    assert found["recall_drill"].agreement is Agreement.ONLY_CLAIMED
    # A claim shows nothing.
    assert found["recall_drill"].degree is None


@pytest.mark.parametrize(
    ("shown", "claimed", "word"),
    [
        (0.9, 1.0, Agreement.AGREES),
        (0.89, 1.0, Agreement.CLAIMED_HIGHER),
        (0.5, 0.3, Agreement.SHOWN_HIGHER),
        (None, 0.0, Agreement.ONLY_CLAIMED),
        (0.2, None, Agreement.ONLY_SHOWN),
        (0.0, None, Agreement.NOT_SHOWN),
        (None, None, Agreement.NOT_KNOWN),
    ],
)
def test_how_a_claim_and_the_records_agree(shown: float | None, claimed: float | None, word: Agreement) -> None:
    claim = None if claimed is None else Claim(claimed, LAST, "A", "", "claim.csv:2")
    assert reconciled(shown, claim) is word
