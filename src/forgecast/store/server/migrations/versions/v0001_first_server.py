"""The first tables of the server: enterprises, plants, accounts, roles, sessions, tokens, deeds, jobs, drafts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _account()
    _deed()
    _enterprise()
    _sign_in_failure()
    _plant()
    _said_before()
    _session()
    _draft()
    _job()
    _role_grant()
    _token()
    _upload()


def downgrade() -> None:
    message = "a server is never taken back to an older schema; put back the copy made before"
    raise NotImplementedError(message)


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", _COUNTER, primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shown_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("oidc_issuer", sa.Text(), nullable=True),
        sa.Column("oidc_subject", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("theme", sa.Text(), nullable=True),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("disabled_us", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("oidc_issuer", "oidc_subject", name="uq_account_oidc"),
        sa.UniqueConstraint("name"),
    )


def _deed() -> None:
    op.create_table(
        "deed",
        sa.Column("id", _COUNTER, primary_key=True, nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("by_token", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("enterprise_id", sa.Text(), nullable=True),
        sa.Column("plant_id", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
    )
    op.create_index("ix_deed_at_us", "deed", ["at_us"])
    op.create_index("ix_deed_plant_id", "deed", ["plant_id"])
    op.create_index("ix_deed_enterprise_id", "deed", ["enterprise_id"])


def _enterprise() -> None:
    op.create_table(
        "enterprise",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
    )


def _sign_in_failure() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column("id", _COUNTER, primary_key=True, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_sign_in_failure_who", "sign_in_failure", ["who"])


def _plant() -> None:
    op.create_table(
        "plant",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("enterprise_id", sa.Text(), sa.ForeignKey("enterprise.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("closed_us", sa.BigInteger(), nullable=True),
    )
    op.create_index("ix_plant_enterprise_id", "plant", ["enterprise_id"])


def _said_before() -> None:
    op.create_table(
        "said_before",
        sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), primary_key=True, nullable=False),
        sa.Column("request_key", sa.Text(), primary_key=True, nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("secret_hash", sa.Text(), primary_key=True, nullable=False),
        sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("seen_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])


def _draft() -> None:
    op.create_table(
        "draft",
        sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), primary_key=True, nullable=False),
        sa.Column("plant_id", sa.Text(), sa.ForeignKey("plant.id"), primary_key=True, nullable=False),
        sa.Column("form", sa.Text(), primary_key=True, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("saved_us", sa.BigInteger(), nullable=False),
    )


def _job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("plant_id", sa.Text(), sa.ForeignKey("plant.id"), nullable=False),
        sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("answer_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("submitted_us", sa.BigInteger(), nullable=False),
        sa.Column("begun_us", sa.BigInteger(), nullable=True),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.Column("share_done", sa.Double(), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("beat_us", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("stop_asked_by", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
    )
    op.create_index("ix_job_plant_id", "job", ["plant_id"])
    op.create_index("ix_job_state", "job", ["state"])
    op.create_index("ix_job_answer_key", "job", ["answer_key"])
    op.create_index("ix_job_account_id", "job", ["account_id"])


def _role_grant() -> None:
    op.create_table(
        "role_grant",
        sa.Column("id", _COUNTER, primary_key=True, nullable=False),
        sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("enterprise_id", sa.Text(), sa.ForeignKey("enterprise.id"), nullable=True),
        sa.Column("plant_id", sa.Text(), sa.ForeignKey("plant.id"), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("granted_us", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_role_grant_account_id", "role_grant", ["account_id"])


def _token() -> None:
    op.create_table(
        "token",
        sa.Column("id", _COUNTER, primary_key=True, nullable=False),
        sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("begins_with", sa.Text(), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("plant_id", sa.Text(), sa.ForeignKey("plant.id"), nullable=True),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=True),
        sa.Column("used_us", sa.BigInteger(), nullable=True),
        sa.Column("revoked_us", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("secret_hash"),
    )
    op.create_index("ix_token_account_id", "token", ["account_id"])


def _upload() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("plant_id", sa.Text(), sa.ForeignKey("plant.id"), nullable=False),
        sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_upload_account_id", "upload", ["account_id"])
    op.create_index("ix_upload_plant_id", "upload", ["plant_id"])
