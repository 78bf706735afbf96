"""Signals, environment, energy and carbon: their records, what the live log has sealed, and series by period."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _provenance() -> tuple["sa.Column[Any]", ...]:
    return (
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("source_sheet", sa.Text(), nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.Column("row_hash", sa.Text(), nullable=False),
    )


def upgrade() -> None:
    """Make the tables; a file of the series covers a month or a day from here on."""
    _alarm()
    _alarm_event()
    _incident()
    _machine_state()
    _machine_output()
    _control_run()
    _ledger_entry()
    _permit_total()
    _waste_transfer()
    _stock()
    _emergency_measure()
    _pollution_warning()
    _tariff()
    _tariff_period()
    _energy_measure()
    _emission_factor()
    _embedded_emission()
    _carbon_activity()
    op.add_column("product", sa.Column("cn_code", sa.Text(), nullable=True))
    op.add_column("product", sa.Column("cbam_route", sa.Text(), nullable=True))
    op.add_column("meter", sa.Column("tariff", sa.Text(), nullable=True))
    op.add_column("meter", sa.Column("accuracy_percent", sa.Double(), nullable=True))
    op.add_column("meter", sa.Column("purpose", sa.Text(), nullable=True))
    op.execute("ALTER TABLE series_file RENAME COLUMN month TO period")
    op.create_table(
        "live_source",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("sealed", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    message = "a plant is never taken back to an older schema; put back the copy made before"
    raise NotImplementedError(message)


def _alarm() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("tag", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("limit", sa.Double(), nullable=True),
        sa.Column("deadband", sa.Double(), nullable=True),
        sa.Column("on_delay", sa.Double(), nullable=True),
        sa.Column("off_delay", sa.Double(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("hazard", sa.Text(), nullable=True),
        sa.Column("equipment", sa.Text(), nullable=True),
        sa.Column("suppress_tag", sa.Text(), nullable=True),
        sa.Column("suppress_below", sa.Double(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("consequence", sa.Text(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("response_time", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_alarm_import_id", "alarm", ["import_id"])


def _alarm_event() -> None:
    op.create_table(
        "alarm_event",
        sa.Column("alarm", sa.Text(), primary_key=True, nullable=False),
        sa.Column("at", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("number", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("event", sa.Text(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_alarm_event_import_id", "alarm_event", ["import_id"])


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("hazard", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("equipment", sa.Text(), nullable=True),
        sa.Column("alarm", sa.Text(), nullable=True),
        sa.Column("began_at", sa.BigInteger(), nullable=True),
        sa.Column("noticed_at", sa.BigInteger(), nullable=True),
        sa.Column("handled_at", sa.BigInteger(), nullable=True),
        sa.Column("handled_by", sa.Text(), nullable=True),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("evaluation", sa.Text(), nullable=True),
        sa.Column("prevention", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_incident_import_id", "incident", ["import_id"])


def _machine_state() -> None:
    op.create_table(
        "machine_state",
        sa.Column("equipment", sa.Text(), primary_key=True, nullable=False),
        sa.Column("started_at", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_machine_state_import_id", "machine_state", ["import_id"])


def _machine_output() -> None:
    op.create_table(
        "machine_output",
        sa.Column("equipment", sa.Text(), primary_key=True, nullable=False),
        sa.Column("started_at", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("good", sa.BigInteger(), nullable=True),
        sa.Column("ideal_cycle", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_machine_output_import_id", "machine_output", ["import_id"])


def _control_run() -> None:
    op.create_table(
        "control_run",
        sa.Column("equipment", sa.Text(), primary_key=True, nullable=False),
        sa.Column("started_at", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("stack", sa.Text(), nullable=True),
        sa.Column("gas_volume_m3", sa.Double(), nullable=True),
        sa.Column("pressure_drop", sa.Double(), nullable=True),
        sa.Column("temperature_degC", sa.Double(), nullable=True),
        sa.Column("consumable", sa.Text(), nullable=True),
        sa.Column("amount", sa.Double(), nullable=True),
        sa.Column("amount_unit", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_control_run_import_id", "control_run", ["import_id"])


def _ledger_entry() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("began_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("stack", sa.Text(), nullable=True),
        sa.Column("equipment", sa.Text(), nullable=True),
        sa.Column("pollutant", sa.Text(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("limit", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("clause", sa.Text(), nullable=True),
        sa.Column("what", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_ledger_entry_import_id", "ledger_entry", ["import_id"])


def _permit_total() -> None:
    op.create_table(
        "permit_total",
        sa.Column("permit", sa.Text(), primary_key=True, nullable=False),
        sa.Column("pollutant", sa.Text(), primary_key=True, nullable=False),
        sa.Column("year", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("mass_t", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_permit_total_import_id", "permit_total", ["import_id"])


def _waste_transfer() -> None:
    op.create_table(
        "waste_transfer",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("shipped_at", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("hazardous_code", sa.Text(), nullable=True),
        sa.Column("mass_t", sa.Double(), nullable=True),
        sa.Column("transporter", sa.Text(), nullable=True),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("receiver_licence", sa.Text(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.Column("received_mass_t", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_waste_transfer_import_id", "waste_transfer", ["import_id"])


def _stock() -> None:
    op.create_table(
        "stock",
        sa.Column("month", sa.Text(), primary_key=True, nullable=False),
        sa.Column("material", sa.Text(), primary_key=True, nullable=False),
        sa.Column("mass_t", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_stock_import_id", "stock", ["import_id"])


def _emergency_measure() -> None:
    op.create_table(
        "emergency_measure",
        sa.Column("level", sa.Text(), primary_key=True, nullable=False),
        sa.Column("number", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("equipment", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("reduction_percent", sa.Double(), nullable=True),
        sa.Column("measure", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_emergency_measure_import_id", "emergency_measure", ["import_id"])


def _pollution_warning() -> None:
    op.create_table(
        "pollution_warning",
        sa.Column("level", sa.Text(), primary_key=True, nullable=False),
        sa.Column("from_time", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("until_time", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_pollution_warning_import_id", "pollution_warning", ["import_id"])


def _tariff() -> None:
    op.create_table(
        "tariff",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("valid_from", sa.Date(), primary_key=True, nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("demand_basis", sa.Text(), nullable=True),
        sa.Column("demand_price", sa.Double(), nullable=True),
        sa.Column("contracted_demand_kW", sa.Double(), nullable=True),
        sa.Column("capacity_kVA", sa.Double(), nullable=True),
        sa.Column("required_power_factor", sa.Double(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_tariff_import_id", "tariff", ["import_id"])


def _tariff_period() -> None:
    op.create_table(
        "tariff_period",
        sa.Column("tariff", sa.Text(), primary_key=True, nullable=False),
        sa.Column("valid_from", sa.Date(), primary_key=True, nullable=False),
        sa.Column("number", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("months", sa.Text(), nullable=True),
        sa.Column("starts", sa.Text(), nullable=True),
        sa.Column("ends", sa.Text(), nullable=True),
        sa.Column("price_per_kWh", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_tariff_period_import_id", "tariff_period", ["import_id"])


def _energy_measure() -> None:
    op.create_table(
        "energy_measure",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("meter", sa.Text(), nullable=True),
        sa.Column("begun_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("expected_saving_kWh", sa.Double(), nullable=True),
        sa.Column("cost", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_energy_measure_import_id", "energy_measure", ["import_id"])


def _emission_factor() -> None:
    op.create_table(
        "emission_factor",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("uncertainty_percent", sa.Double(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("restates", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_emission_factor_import_id", "emission_factor", ["import_id"])


def _embedded_emission() -> None:
    op.create_table(
        "embedded_emission",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("material", sa.Text(), nullable=True),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("direct_t_per_t", sa.Double(), nullable=True),
        sa.Column("indirect_t_per_t", sa.Double(), nullable=True),
        sa.Column("cn_code", sa.Text(), nullable=True),
        sa.Column("route", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=True),
        sa.Column("uncertainty_percent", sa.Double(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_embedded_emission_import_id", "embedded_emission", ["import_id"])


def _carbon_activity() -> None:
    op.create_table(
        "carbon_activity",
        sa.Column("month", sa.Text(), primary_key=True, nullable=False),
        sa.Column("item", sa.Text(), primary_key=True, nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("uncertainty_percent", sa.Double(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_carbon_activity_import_id", "carbon_activity", ["import_id"])
