"""The chain from charge to shipment: its records, and the fields older records need for it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Elements whose mass share in % a sample and a lot of material keep.
_ELEMENTS = [
    "C",
    "Si",
    "Mn",
    "P",
    "S",
    "Mg",
    "Cr",
    "Mo",
    "Ni",
    "Cu",
    "Sn",
    "Al",
    "Ti",
    "V",
    "Nb",
    "W",
    "Co",
    "B",
    "N",
    "O",
    "Pb",
    "Zn",
    "Fe",
    "Sb",
    "As",
    "Bi",
    "Te",
    "Ce",
    "La",
    "Sr",
    "Na",
    "Ca",
    "Zr",
]


def _provenance() -> tuple["sa.Column[Any]", ...]:
    return (
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("source_sheet", sa.Text(), nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.Column("row_hash", sa.Text(), nullable=False),
    )


def _elements() -> tuple["sa.Column[Any]", ...]:
    return tuple(sa.Column(f"{name}_percent", sa.Double(), nullable=True) for name in _ELEMENTS)


def upgrade() -> None:
    _older_records()
    _supplier()
    _characteristic()
    _measurement_uncertainty()
    _lot()
    _charge_item()
    _sample()
    _melt_temperature()
    _ladle()
    _treatment()
    _holding_fill()
    _mould()
    _batch_step()
    _blow()
    _heat_treatment()
    _heat_treatment_load()
    _operation()
    _inspection()
    _mechanical_test()
    _measurement()
    _nonconformity()
    _action()
    _failure_mode()
    _disposition()
    _shipment()
    _shipment_item()
    _certificate()


def downgrade() -> None:
    message = "a plant is never taken back to an older schema; put back the copy made before"
    raise NotImplementedError(message)


def _older_records() -> None:
    op.add_column("site", sa.Column("gs1_prefix", sa.Text(), nullable=True))
    op.add_column("site", sa.Column("gln", sa.Text(), nullable=True))
    op.add_column("site", sa.Column("identifier_prefix", sa.Text(), nullable=True))
    op.add_column("product", sa.Column("gtin", sa.Text(), nullable=True))
    op.add_column("product", sa.Column("grade", sa.Text(), nullable=True))
    op.add_column("heat", sa.Column("started_at", sa.BigInteger(), nullable=True))
    op.add_column("heat", sa.Column("heel_mass", sa.Double(), nullable=True))
    op.add_column("heat", sa.Column("slag_mass", sa.Double(), nullable=True))
    op.add_column("heat", sa.Column("pigged_mass", sa.Double(), nullable=True))
    op.add_column("heat", sa.Column("generation", sa.BigInteger(), nullable=True))
    op.add_column("heat", sa.Column("lining", sa.Text(), nullable=True))
    op.add_column("heat", sa.Column("lining_heats", sa.BigInteger(), nullable=True))
    op.add_column("piece", sa.Column("lot", sa.Text(), nullable=True))
    op.add_column("piece", sa.Column("ladle", sa.Text(), nullable=True))
    op.add_column("piece", sa.Column("mould", sa.Text(), nullable=True))
    op.add_column("piece", sa.Column("shot", sa.Text(), nullable=True))
    op.add_column("piece", sa.Column("cavity", sa.Text(), nullable=True))
    op.add_column("piece", sa.Column("marked", sa.Boolean(), nullable=True))
    op.add_column("piece", sa.Column("mark", sa.Text(), nullable=True))
    op.add_column("piece", sa.Column("mass", sa.Double(), nullable=True))
    op.add_column("shot", sa.Column("machine", sa.Text(), nullable=True))
    op.add_column("shot", sa.Column("furnace", sa.Text(), nullable=True))
    op.add_column("shot", sa.Column("shot_mass", sa.Double(), nullable=True))


def _supplier() -> None:
    op.create_table(
        "supplier",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("approved_until", sa.Date(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_supplier_import_id", "supplier", ["import_id"])


def _characteristic() -> None:
    op.create_table(
        "characteristic",
        sa.Column("product", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), primary_key=True, nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("nominal", sa.Double(), nullable=True),
        sa.Column("lower", sa.Double(), nullable=True),
        sa.Column("upper", sa.Double(), nullable=True),
        sa.Column("key_characteristic", sa.Boolean(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_characteristic_import_id", "characteristic", ["import_id"])


def _measurement_uncertainty() -> None:
    op.create_table(
        "measurement_uncertainty",
        sa.Column("quantity", sa.Text(), primary_key=True, nullable=False),
        sa.Column("instrument", sa.Text(), primary_key=True, nullable=False),
        sa.Column("expanded", sa.Double(), nullable=True),
        sa.Column("coverage_factor", sa.Double(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_measurement_uncertainty_import_id", "measurement_uncertainty", ["import_id"])


def _lot() -> None:
    op.create_table(
        "lot",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("material", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("alloy", sa.Text(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.Column("mass", sa.Double(), nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=True),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("melt_number", sa.Text(), nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=True),
        sa.Column("price_per_t", sa.Double(), nullable=True),
        *_elements(),
        *_provenance(),
    )
    op.create_index("ix_lot_import_id", "lot", ["import_id"])


def _charge_item() -> None:
    op.create_table(
        "charge_item",
        sa.Column("heat", sa.Text(), primary_key=True, nullable=False),
        sa.Column("number", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("material", sa.Text(), nullable=True),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("from_heat", sa.Text(), nullable=True),
        sa.Column("mass", sa.Double(), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_charge_item_import_id", "charge_item", ["import_id"])


def _sample() -> None:
    op.create_table(
        "sample",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("heat", sa.Text(), nullable=True),
        sa.Column("ladle", sa.Text(), nullable=True),
        sa.Column("piece", sa.Text(), nullable=True),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("instrument", sa.Text(), nullable=True),
        sa.Column("valid", sa.Boolean(), nullable=True),
        *_elements(),
        *_provenance(),
    )
    op.create_index("ix_sample_import_id", "sample", ["import_id"])


def _melt_temperature() -> None:
    op.create_table(
        "melt_temperature",
        sa.Column("measured_at", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("place", sa.Text(), primary_key=True, nullable=False),
        sa.Column("heat", sa.Text(), nullable=True),
        sa.Column("ladle", sa.Text(), nullable=True),
        sa.Column("temperature_degC", sa.Double(), nullable=True),
        sa.Column("instrument", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_melt_temperature_import_id", "melt_temperature", ["import_id"])


def _ladle() -> None:
    op.create_table(
        "ladle",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("vessel", sa.Text(), nullable=True),
        sa.Column("heat", sa.Text(), nullable=True),
        sa.Column("filled_at", sa.BigInteger(), nullable=True),
        sa.Column("emptied_at", sa.BigInteger(), nullable=True),
        sa.Column("mass", sa.Double(), nullable=True),
        sa.Column("heel_mass", sa.Double(), nullable=True),
        sa.Column("temperature_degC", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_ladle_import_id", "ladle", ["import_id"])


def _treatment() -> None:
    op.create_table(
        "treatment",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("heat", sa.Text(), nullable=True),
        sa.Column("ladle", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("mass", sa.Double(), nullable=True),
        sa.Column("temperature_degC", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_treatment_import_id", "treatment", ["import_id"])


def _holding_fill() -> None:
    op.create_table(
        "holding_fill",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("furnace", sa.Text(), nullable=True),
        sa.Column("filled_at", sa.BigInteger(), nullable=True),
        sa.Column("heat", sa.Text(), nullable=True),
        sa.Column("ladle", sa.Text(), nullable=True),
        sa.Column("mass", sa.Double(), nullable=True),
        sa.Column("held_mass", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_holding_fill_import_id", "holding_fill", ["import_id"])


def _mould() -> None:
    op.create_table(
        "mould",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=True),
        sa.Column("poured_at", sa.BigInteger(), nullable=True),
        sa.Column("order_number", sa.BigInteger(), nullable=True),
        sa.Column("ladle", sa.Text(), nullable=True),
        sa.Column("heat", sa.Text(), nullable=True),
        sa.Column("cavities", sa.BigInteger(), nullable=True),
        sa.Column("poured_mass", sa.Double(), nullable=True),
        sa.Column("pour_time", sa.Double(), nullable=True),
        sa.Column("pour_temperature_degC", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_mould_import_id", "mould", ["import_id"])


def _batch_step() -> None:
    op.create_table(
        "batch_step",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("from_piece", sa.Text(), nullable=True),
        sa.Column("to_piece", sa.Text(), nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_batch_step_import_id", "batch_step", ["import_id"])


def _blow() -> None:
    op.create_table(
        "blow",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("piece", sa.Text(), nullable=True),
        sa.Column("machine", sa.Text(), nullable=True),
        sa.Column("blow_at", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("die", sa.Text(), nullable=True),
        sa.Column("billet_temperature_degC", sa.Double(), nullable=True),
        sa.Column("energy_kJ", sa.Double(), nullable=True),
        sa.Column("load_kN", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_blow_import_id", "blow", ["import_id"])


def _heat_treatment() -> None:
    op.create_table(
        "heat_treatment",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("furnace", sa.Text(), nullable=True),
        sa.Column("process", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("set_temperature_degC", sa.Double(), nullable=True),
        sa.Column("tolerance_K", sa.Double(), nullable=True),
        sa.Column("soak_time", sa.Double(), nullable=True),
        sa.Column("medium", sa.Text(), nullable=True),
        sa.Column("chart", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_heat_treatment_import_id", "heat_treatment", ["import_id"])


def _heat_treatment_load() -> None:
    op.create_table(
        "heat_treatment_load",
        sa.Column("heat_treatment", sa.Text(), primary_key=True, nullable=False),
        sa.Column("piece", sa.Text(), primary_key=True, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_heat_treatment_load_import_id", "heat_treatment_load", ["import_id"])


def _operation() -> None:
    op.create_table(
        "operation",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("piece", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("machine", sa.Text(), nullable=True),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("count_in", sa.BigInteger(), nullable=True),
        sa.Column("count_out", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_operation_import_id", "operation", ["import_id"])


def _inspection() -> None:
    op.create_table(
        "inspection",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("piece", sa.Text(), nullable=True),
        sa.Column("heat", sa.Text(), nullable=True),
        sa.Column("heat_treatment", sa.Text(), nullable=True),
        sa.Column("inspected_at", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("standard", sa.Text(), nullable=True),
        sa.Column("inspector", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("defect", sa.Text(), nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=True),
        sa.Column("count_bad", sa.BigInteger(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_inspection_import_id", "inspection", ["import_id"])


def _mechanical_test() -> None:
    op.create_table(
        "mechanical_test",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("heat", sa.Text(), nullable=True),
        sa.Column("heat_treatment", sa.Text(), nullable=True),
        sa.Column("piece", sa.Text(), nullable=True),
        sa.Column("specimen", sa.Text(), nullable=True),
        sa.Column("tested_at", sa.BigInteger(), nullable=True),
        sa.Column("laboratory", sa.Text(), nullable=True),
        sa.Column("standard", sa.Text(), nullable=True),
        sa.Column("Rm_MPa", sa.Double(), nullable=True),
        sa.Column("Rp02_MPa", sa.Double(), nullable=True),
        sa.Column("A_percent", sa.Double(), nullable=True),
        sa.Column("Z_percent", sa.Double(), nullable=True),
        sa.Column("hardness_HBW", sa.Double(), nullable=True),
        sa.Column("hardness_HRC", sa.Double(), nullable=True),
        sa.Column("KV_J", sa.Double(), nullable=True),
        sa.Column("impact_temperature_degC", sa.Double(), nullable=True),
        sa.Column("nodularity_percent", sa.Double(), nullable=True),
        sa.Column("pearlite_percent", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_mechanical_test_import_id", "mechanical_test", ["import_id"])


def _measurement() -> None:
    op.create_table(
        "measurement",
        sa.Column("piece", sa.Text(), primary_key=True, nullable=False),
        sa.Column("characteristic", sa.Text(), primary_key=True, nullable=False),
        sa.Column("measured_at", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("gauge", sa.Text(), nullable=True),
        sa.Column("operator", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_measurement_import_id", "measurement", ["import_id"])


def _nonconformity() -> None:
    op.create_table(
        "nonconformity",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=True),
        sa.Column("raised_by", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("heat", sa.Text(), nullable=True),
        sa.Column("heat_treatment", sa.Text(), nullable=True),
        sa.Column("piece", sa.Text(), nullable=True),
        sa.Column("defect", sa.Text(), nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_nonconformity_import_id", "nonconformity", ["import_id"])


def _action() -> None:
    op.create_table(
        "action",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("nonconformity", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("what", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("effect_checked_at", sa.BigInteger(), nullable=True),
        sa.Column("effective", sa.Boolean(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_action_import_id", "action", ["import_id"])


def _failure_mode() -> None:
    op.create_table(
        "failure_mode",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("effect", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("prevention", sa.Text(), nullable=True),
        sa.Column("detection_control", sa.Text(), nullable=True),
        sa.Column("severity", sa.BigInteger(), nullable=True),
        sa.Column("occurrence", sa.BigInteger(), nullable=True),
        sa.Column("detection", sa.BigInteger(), nullable=True),
        sa.Column("defect", sa.Text(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_failure_mode_import_id", "failure_mode", ["import_id"])


def _disposition() -> None:
    op.create_table(
        "disposition",
        sa.Column("subject", sa.Text(), primary_key=True, nullable=False),
        sa.Column("subject_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("decided_at", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_disposition_import_id", "disposition", ["import_id"])


def _shipment() -> None:
    op.create_table(
        "shipment",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("shipped_at", sa.BigInteger(), nullable=True),
        sa.Column("order", sa.Text(), nullable=True),
        sa.Column("order_item", sa.Text(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("standard", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_shipment_import_id", "shipment", ["import_id"])


def _shipment_item() -> None:
    op.create_table(
        "shipment_item",
        sa.Column("shipment", sa.Text(), primary_key=True, nullable=False),
        sa.Column("piece", sa.Text(), primary_key=True, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_shipment_item_import_id", "shipment_item", ["import_id"])


def _certificate() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("shipment", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("issued_at", sa.BigInteger(), nullable=True),
        sa.Column("issued_by", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_certificate_import_id", "certificate", ["import_id"])
