"""The first schema: the records of version 0.1, imports, findings and series files."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: Counts upwards by itself on both databases.
_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _provenance() -> tuple["sa.Column[Any]", ...]:
    return (
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("source_sheet", sa.Text(), nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.Column("row_hash", sa.Text(), nullable=False),
    )


def upgrade() -> None:
    _imports()
    _site()
    _permit()
    _permit_limit()
    _equipment()
    _process()
    _measure()
    _alloy()
    _product()
    _production()
    _heat()
    _piece()
    _shot()
    _meter()
    _meter_reading()
    _stack()
    _stack_test()
    _ambient_test()
    _material()
    _waste()
    _water()
    _year_figure()
    _tag()
    _factor()


def downgrade() -> None:
    message = "a plant is never taken back to an older schema; put back the copy made before"
    raise NotImplementedError(message)


def _imports() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", _COUNTER, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("map_sha256", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("fed", sa.Text(), nullable=False),
        sa.Column("rows_new", sa.BigInteger(), nullable=False),
        sa.Column("rows_changed", sa.BigInteger(), nullable=False),
        sa.Column("rows_same", sa.BigInteger(), nullable=False),
        sa.Column("rows_refused", sa.BigInteger(), nullable=False),
        sa.Column("readings_new", sa.BigInteger(), nullable=False),
        sa.Column("readings_changed", sa.BigInteger(), nullable=False),
        sa.Column("readings_same", sa.BigInteger(), nullable=False),
        sa.Column("superseded_by", sa.BigInteger(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_import_file_sha256", "import_file", ["sha256", "map_sha256"])
    op.create_table(
        "finding",
        sa.Column("id", _COUNTER, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("first_row", sa.BigInteger(), nullable=True),
        sa.Column("last_row", sa.BigInteger(), nullable=True),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("repair", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_finding_import_id", "finding", ["import_id"])
    op.create_table(
        "series_file",
        sa.Column("id", _COUNTER, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False, unique=True),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sqlite_autoincrement=True,
    )


def _site() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("province", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("key_region", sa.Boolean(), nullable=True),
        sa.Column("sector", sa.Text(), nullable=True),
        sa.Column("enterprise_status", sa.Text(), nullable=True),
        sa.Column("annex_a_applies", sa.Boolean(), nullable=True),
        sa.Column("makes_pig_iron", sa.Boolean(), nullable=True),
        sa.Column("lead_casting", sa.Boolean(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_site_import_id", "site", ["import_id"])


def _permit() -> None:
    op.create_table(
        "permit",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_permit_import_id", "permit", ["import_id"])


def _permit_limit() -> None:
    op.create_table(
        "permit_limit",
        sa.Column("permit", sa.Text(), primary_key=True, nullable=False),
        sa.Column("stack", sa.Text(), primary_key=True, nullable=False),
        sa.Column("pollutant", sa.Text(), primary_key=True, nullable=False),
        sa.Column("limit_mg_m3", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_permit_limit_import_id", "permit_limit", ["import_id"])


def _equipment() -> None:
    op.create_table(
        "equipment",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Double(), nullable=True),
        sa.Column("rated_power_kW", sa.Double(), nullable=True),
        sa.Column("melting_rate_t_h", sa.Double(), nullable=True),
        sa.Column("coreless", sa.Boolean(), nullable=True),
        sa.Column("supply", sa.Text(), nullable=True),
        sa.Column("aluminium_shell", sa.Boolean(), nullable=True),
        sa.Column("yoke", sa.Boolean(), nullable=True),
        sa.Column("blast_temperature_degC", sa.Double(), nullable=True),
        sa.Column("fuel", sa.Text(), nullable=True),
        sa.Column("key_process", sa.Boolean(), nullable=True),
        sa.Column("numerically_controlled", sa.Boolean(), nullable=True),
        sa.Column("in_use_from", sa.Date(), nullable=True),
        sa.Column("in_use_until", sa.Date(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_equipment_import_id", "equipment", ["import_id"])


def _process() -> None:
    op.create_table(
        "process",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("binder", sa.Text(), nullable=True),
        sa.Column("hardener", sa.Text(), nullable=True),
        sa.Column("refining_agent", sa.Text(), nullable=True),
        sa.Column("in_use_from", sa.Date(), nullable=True),
        sa.Column("in_use_until", sa.Date(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_process_import_id", "process", ["import_id"])


def _measure() -> None:
    op.create_table(
        "measure",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_measure_import_id", "measure", ["import_id"])


def _alloy() -> None:
    op.create_table(
        "alloy",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("family", sa.Text(), nullable=True),
        sa.Column("standard", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_alloy_import_id", "alloy", ["import_id"])


def _product() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("alloy", sa.Text(), nullable=True),
        sa.Column("route", sa.Text(), nullable=True),
        sa.Column("mass", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_product_import_id", "product", ["import_id"])


def _production() -> None:
    op.create_table(
        "production",
        sa.Column("month", sa.Text(), primary_key=True, nullable=False),
        sa.Column("line", sa.Text(), primary_key=True, nullable=False),
        sa.Column("route", sa.Text(), nullable=True),
        sa.Column("good_mass_t", sa.Double(), nullable=True),
        sa.Column("metal_mass_t", sa.Double(), nullable=True),
        sa.Column("scrap_mass_t", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_production_import_id", "production", ["import_id"])


def _heat() -> None:
    op.create_table(
        "heat",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("tapped_at", sa.BigInteger(), nullable=True),
        sa.Column("furnace", sa.Text(), nullable=True),
        sa.Column("alloy", sa.Text(), nullable=True),
        sa.Column("mass", sa.Double(), nullable=True),
        sa.Column("charge_mass", sa.Double(), nullable=True),
        sa.Column("tap_temperature_degC", sa.Double(), nullable=True),
        sa.Column("pour_temperature_degC", sa.Double(), nullable=True),
        sa.Column("energy_kWh", sa.Double(), nullable=True),
        sa.Column("C_percent", sa.Double(), nullable=True),
        sa.Column("Si_percent", sa.Double(), nullable=True),
        sa.Column("Mn_percent", sa.Double(), nullable=True),
        sa.Column("P_percent", sa.Double(), nullable=True),
        sa.Column("S_percent", sa.Double(), nullable=True),
        sa.Column("Mg_percent", sa.Double(), nullable=True),
        sa.Column("Cr_percent", sa.Double(), nullable=True),
        sa.Column("Mo_percent", sa.Double(), nullable=True),
        sa.Column("Ni_percent", sa.Double(), nullable=True),
        sa.Column("Cu_percent", sa.Double(), nullable=True),
        sa.Column("Sn_percent", sa.Double(), nullable=True),
        sa.Column("Al_percent", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_heat_import_id", "heat", ["import_id"])


def _piece() -> None:
    op.create_table(
        "piece",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=True),
        sa.Column("heat", sa.Text(), nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("defect", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_piece_import_id", "piece", ["import_id"])


def _shot() -> None:
    op.create_table(
        "shot",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("shot_at", sa.BigInteger(), nullable=True),
        sa.Column("die", sa.Text(), nullable=True),
        sa.Column("number_of_day", sa.BigInteger(), nullable=True),
        sa.Column("running", sa.Boolean(), nullable=True),
        sa.Column("trial", sa.Boolean(), nullable=True),
        sa.Column("melt_temperature_degC", sa.Double(), nullable=True),
        sa.Column("melt_volume_cm3", sa.Double(), nullable=True),
        sa.Column("machine_cycle", sa.Double(), nullable=True),
        sa.Column("production_cycle", sa.Double(), nullable=True),
        sa.Column("slow_speed_mm_s", sa.Double(), nullable=True),
        sa.Column("fast_speed_mm_s", sa.Double(), nullable=True),
        sa.Column("cast_pressure_bar", sa.Double(), nullable=True),
        sa.Column("biscuit_mm", sa.Double(), nullable=True),
        sa.Column("upper_die_temperature_1_degC", sa.Double(), nullable=True),
        sa.Column("upper_die_temperature_2_degC", sa.Double(), nullable=True),
        sa.Column("lower_die_temperature_1_degC", sa.Double(), nullable=True),
        sa.Column("lower_die_temperature_2_degC", sa.Double(), nullable=True),
        sa.Column("sleeve_temperature_degC", sa.Double(), nullable=True),
        sa.Column("locking_force", sa.Double(), nullable=True),
        sa.Column("coolant_temperature_degC", sa.Double(), nullable=True),
        sa.Column("stirring", sa.Double(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("data_part", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_shot_import_id", "shot", ["import_id"])


def _meter() -> None:
    op.create_table(
        "meter",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("equipment", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_meter_import_id", "meter", ["import_id"])


def _meter_reading() -> None:
    op.create_table(
        "meter_reading",
        sa.Column("meter", sa.Text(), primary_key=True, nullable=False),
        sa.Column("month", sa.Text(), primary_key=True, nullable=False),
        sa.Column("quantity", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_meter_reading_import_id", "meter_reading", ["import_id"])


def _stack() -> None:
    op.create_table(
        "stack",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("process", sa.Text(), nullable=True),
        sa.Column("equipment", sa.Text(), nullable=True),
        sa.Column("furnace", sa.Text(), nullable=True),
        sa.Column("hot_blast", sa.Boolean(), nullable=True),
        sa.Column("metal", sa.Text(), nullable=True),
        sa.Column("lead_alloy", sa.Boolean(), nullable=True),
        sa.Column("mould_process", sa.Text(), nullable=True),
        sa.Column("thermal_reclamation", sa.Boolean(), nullable=True),
        sa.Column("electric_heating", sa.Boolean(), nullable=True),
        sa.Column("vents_to_stack_alone", sa.Boolean(), nullable=True),
        sa.Column("supplementary_air", sa.Boolean(), nullable=True),
        sa.Column("voc_combustion", sa.Boolean(), nullable=True),
        sa.Column("mobile_collector", sa.Boolean(), nullable=True),
        sa.Column("low_voc_materials", sa.Boolean(), nullable=True),
        sa.Column("height", sa.Double(), nullable=True),
        sa.Column("monitored", sa.Boolean(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_stack_import_id", "stack", ["import_id"])


def _stack_test() -> None:
    op.create_table(
        "stack_test",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("stack", sa.Text(), nullable=True),
        sa.Column("sampled_at", sa.BigInteger(), nullable=True),
        sa.Column("pollutant", sa.Text(), nullable=True),
        sa.Column("concentration_mg_m3", sa.Double(), nullable=True),
        sa.Column("oxygen_percent", sa.Double(), nullable=True),
        sa.Column("flow_m3_h", sa.Double(), nullable=True),
        sa.Column("inlet_rate_kg_h", sa.Double(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_stack_test_import_id", "stack_test", ["import_id"])


def _ambient_test() -> None:
    op.create_table(
        "ambient_test",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("sampled_at", sa.BigInteger(), nullable=True),
        sa.Column("pollutant", sa.Text(), nullable=True),
        sa.Column("statistic", sa.Text(), nullable=True),
        sa.Column("concentration_mg_m3", sa.Double(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_ambient_test_import_id", "ambient_test", ["import_id"])


def _material() -> None:
    op.create_table(
        "material",
        sa.Column("month", sa.Text(), primary_key=True, nullable=False),
        sa.Column("material", sa.Text(), primary_key=True, nullable=False),
        sa.Column("direction", sa.Text(), primary_key=True, nullable=False),
        sa.Column("mass_t", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_material_import_id", "material", ["import_id"])


def _waste() -> None:
    op.create_table(
        "waste",
        sa.Column("month", sa.Text(), primary_key=True, nullable=False),
        sa.Column("kind", sa.Text(), primary_key=True, nullable=False),
        sa.Column("fate", sa.Text(), primary_key=True, nullable=False),
        sa.Column("hazardous_code", sa.Text(), nullable=True),
        sa.Column("mass_t", sa.Double(), nullable=True),
        sa.Column("receiver", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_waste_import_id", "waste", ["import_id"])


def _water() -> None:
    op.create_table(
        "water",
        sa.Column("month", sa.Text(), primary_key=True, nullable=False),
        sa.Column("source", sa.Text(), primary_key=True, nullable=False),
        sa.Column("volume_m3", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_water_import_id", "water", ["import_id"])


def _year_figure() -> None:
    op.create_table(
        "year_figure",
        sa.Column("year", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("indicator", sa.Text(), primary_key=True, nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_year_figure_import_id", "year_figure", ["import_id"])


def _tag() -> None:
    op.create_table(
        "tag",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("stack", sa.Text(), nullable=True),
        sa.Column("meter", sa.Text(), nullable=True),
        sa.Column("equipment", sa.Text(), nullable=True),
        sa.Column("interval", sa.Double(), nullable=True),
        sa.Column("reading", sa.Text(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("oxygen_corrected", sa.Boolean(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_tag_import_id", "tag", ["import_id"])


def _factor() -> None:
    op.create_table(
        "factor",
        sa.Column("kind", sa.Text(), primary_key=True, nullable=False),
        sa.Column("carrier", sa.Text(), primary_key=True, nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_factor_import_id", "factor", ["import_id"])
