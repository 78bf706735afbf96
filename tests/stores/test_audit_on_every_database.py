"""The audit trail and the life cycles do not depend on where the records are."""

from __future__ import annotations

import numpy as np
import pytest
import sqlalchemy as sa

from forgecast.plant.record import records
from forgecast.plant.rows import RecordRows
from forgecast.store.entry import EntryRefusedError
from forgecast.store.importing import Source
from forgecast.tasks.record_entry import record_entries
from tests.stores.test_records_on_every_database import _rows

T = 1_735_689_600_000_000


def test_a_trail_over_every_kind_of_field_is_whole_and_finds_meddling(new_plant):
    plant = new_plant()
    for number in range(2):
        with plant.importing(Source("all.xlsx", "all.xlsx", f"{number}", 1), by="王工") as entry:
            for kind in records().values():
                entry.put_rows(_rows(kind, range(number, number + 2), "表1"))
    assert record_entries(plant, "heat", [{"id": "键1", "mass": -0.0 + 2.5}], by="Anna").changed == 1
    found = plant.verify(noted=plant.audit_head().hash)
    assert found.breaks == []
    assert found.links == 4
    assert [one.by for one in plant.history("heat", ["键1"])] == ["王工", "Anna"]
    with plant._database.begin() as connection:
        connection.execute(sa.text("update piece set mass = mass + 1 where id = '键1'"))
    (broken,) = plant.verify().breaks
    assert (broken.record, broken.key) == ("piece", '["键1"]')


def test_a_correction_keeps_what_was_there_whatever_its_kind(new_plant):
    """Every field of every record is taken away; the trail still tells what each row held."""
    plant = new_plant()
    kinds = [kind for kind in records().values() if kind.name not in {"disposition", "shipment_item"}]
    with plant.importing(Source("a", "a", "0", 1)) as entry:
        for kind in kinds:
            entry.put_rows(_rows(kind, [0]))
    written = {kind.name: dict(plant.records.read(kind.name)[0].values) for kind in kinds}
    with plant.importing(Source("b", "b", "1", 1)) as entry:
        for kind in kinds:
            empty = {f.name: [written[kind.name][f.name] if f.key else None] for f in kind.fields}
            entry.put_rows(RecordRows(kind.name, empty, np.array([2])))
    for kind in kinds:
        first = plant.history(kind.name, [written[kind.name][name] for name in kind.key])[0]
        assert dict(first.values) == {n: v for n, v in written[kind.name].items() if v is not None}, kind.name
    assert plant.verify().breaks == []


def test_a_piece_leaves_after_its_heat_is_released(new_plant):
    plant = new_plant()
    heat = {"id": "H1", "tapped_at": T, "furnace": "F1", "alloy": "A"}
    record_entries(plant, "heat", [heat])
    record_entries(plant, "piece", [{"id": "A", "product": "P", "made_at": T + 1, "heat": "H1"}])
    record_entries(plant, "shipment", [{"id": "S", "customer": "C", "shipped_at": T + 9}])
    with pytest.raises(EntryRefusedError, match="heat H1 is not released"):
        record_entries(plant, "shipment_item", [{"shipment": "S", "piece": "A"}])
    decision = {"subject": "heat", "subject_id": "H1", "decided_at": T + 5, "decision": "release", "decided_by": "QA"}
    record_entries(plant, "disposition", [decision])
    assert record_entries(plant, "shipment_item", [{"shipment": "S", "piece": "A"}]).new == 1
    late = decision | {"decided_at": T + 7, "decision": "block"}
    assert [f.code for f in record_entries(plant, "disposition", [late]).findings] == ["shipment-now-doubtful"]
    assert plant.verify().breaks == []
