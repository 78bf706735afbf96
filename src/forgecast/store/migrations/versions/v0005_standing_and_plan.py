"""Where the plant stands and what it plans: rights, titles, claims, duties, projects, measures and goals."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
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
    """Make the tables."""
    _intellectual_property()
    _honour()
    _system_certificate()
    _claim()
    _duty_proof()
    _project()
    _investment()
    _plan_measure()
    _plan_goal()
    op.add_column("site", sa.Column("air_zone", sa.Text(), nullable=True))
    op.add_column("process", sa.Column("automation", sa.Text(), nullable=True))
    op.add_column("process", sa.Column("batch_production", sa.Boolean(), nullable=True))
    op.add_column("process", sa.Column("voc_treatment", sa.Text(), nullable=True))


def downgrade() -> None:
    message = "a plant is never taken back to an older schema; put back the copy made before"
    raise NotImplementedError(message)


def _intellectual_property() -> None:
    op.create_table(
        "intellectual_property",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("class_one", sa.Boolean(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("transferred", sa.Boolean(), nullable=True),
        sa.Column("owner_rank", sa.BigInteger(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_intellectual_property_import_id", "intellectual_property", ["import_id"])


def _honour() -> None:
    op.create_table(
        "honour",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("awarded_by", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_honour_import_id", "honour", ["import_id"])


def _system_certificate() -> None:
    op.create_table(
        "system_certificate",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("standard", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_system_certificate_import_id", "system_certificate", ["import_id"])


def _claim() -> None:
    op.create_table(
        "claim",
        sa.Column("book", sa.Text(), primary_key=True, nullable=False),
        sa.Column("requirement", sa.Text(), primary_key=True, nullable=False),
        sa.Column("answered_on", sa.Date(), primary_key=True, nullable=False),
        sa.Column("degree", sa.Double(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_claim_import_id", "claim", ["import_id"])


def _duty_proof() -> None:
    op.create_table(
        "duty_proof",
        sa.Column("duty", sa.Text(), primary_key=True, nullable=False),
        sa.Column("period_from", sa.Date(), primary_key=True, nullable=False),
        sa.Column("period_until", sa.Date(), nullable=True),
        sa.Column("stack", sa.Text(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_duty_proof_import_id", "duty_proof", ["import_id"])


def _project() -> None:
    op.create_table(
        "project",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("route", sa.Text(), nullable=True),
        sa.Column("metal", sa.Text(), nullable=True),
        sa.Column("makes_steel", sa.Boolean(), nullable=True),
        sa.Column("capacity_t", sa.Double(), nullable=True),
        sa.Column("furnace", sa.Text(), nullable=True),
        sa.Column("energy_tce", sa.Double(), nullable=True),
        sa.Column("electricity_kWh", sa.Double(), nullable=True),
        sa.Column("pm_t", sa.Double(), nullable=True),
        sa.Column("so2_t", sa.Double(), nullable=True),
        sa.Column("nox_t", sa.Double(), nullable=True),
        sa.Column("voc_t", sa.Double(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("eia_kind", sa.Text(), nullable=True),
        sa.Column("eia_approved_on", sa.Date(), nullable=True),
        sa.Column("energy_review_on", sa.Date(), nullable=True),
        sa.Column("safety_review_on", sa.Date(), nullable=True),
        sa.Column("emission_budget", sa.Text(), nullable=True),
        sa.Column("permit_on", sa.Date(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_project_import_id", "project", ["import_id"])


def _investment() -> None:
    op.create_table(
        "investment",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("in_catalogue", sa.Boolean(), nullable=True),
        sa.Column("equipment", sa.Text(), nullable=True),
        sa.Column("cost", sa.Double(), nullable=True),
        sa.Column("original_base", sa.Double(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_investment_import_id", "investment", ["import_id"])


def _plan_measure() -> None:
    op.create_table(
        "plan_measure",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("equipment", sa.Text(), nullable=True),
        sa.Column("stack", sa.Text(), nullable=True),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("cost", sa.Double(), nullable=True),
        sa.Column("yearly_cost", sa.Double(), nullable=True),
        sa.Column("lifetime", sa.Double(), nullable=True),
        sa.Column("earliest", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_plan_measure_import_id", "plan_measure", ["import_id"])


def _plan_goal() -> None:
    op.create_table(
        "plan_goal",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("indicator", sa.Text(), nullable=True),
        sa.Column("year", sa.BigInteger(), nullable=True),
        sa.Column("change_percent", sa.Double(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("base_year", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        *_provenance(),
    )
    op.create_index("ix_plan_goal_import_id", "plan_goal", ["import_id"])
