"""Tables of the server's own database: enterprises, plants, accounts, sessions, tokens, jobs, uploads, drafts."""

from __future__ import annotations

import sqlalchemy as sa

SERVER = sa.MetaData()
#: Integer keys must be plain INTEGER on SQLite to count upwards by themselves.
_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", _COUNTER, primary_key=True)


def _name() -> sa.Column[str]:
    return sa.Column("id", sa.Text(), primary_key=True, nullable=False)


ENTERPRISE = sa.Table(
    "enterprise",
    SERVER,
    _name(),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("made_us", sa.BigInteger(), nullable=False),
)

#: A plant is one site of an enterprise and one plant folder.
PLANT = sa.Table(
    "plant",
    SERVER,
    _name(),
    sa.Column("enterprise_id", sa.Text(), sa.ForeignKey("enterprise.id"), nullable=False, index=True),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("folder", sa.Text(), nullable=False),
    sa.Column("made_us", sa.BigInteger(), nullable=False),
    sa.Column("closed_us", sa.BigInteger(), nullable=True),
)

ACCOUNT = sa.Table(
    "account",
    SERVER,
    _id(),
    sa.Column("name", sa.Text(), nullable=False, unique=True),
    sa.Column("shown_name", sa.Text(), nullable=False),
    sa.Column("password_hash", sa.Text(), nullable=True),
    sa.Column("oidc_issuer", sa.Text(), nullable=True),
    sa.Column("oidc_subject", sa.Text(), nullable=True),
    sa.Column("language", sa.Text(), nullable=True),
    sa.Column("theme", sa.Text(), nullable=True),
    sa.Column("made_us", sa.BigInteger(), nullable=False),
    sa.Column("disabled_us", sa.BigInteger(), nullable=True),
    sa.UniqueConstraint("oidc_issuer", "oidc_subject", name="uq_account_oidc"),
)

#: A role for the whole server (neither enterprise nor plant), for an enterprise, or for one plant.
ROLE_GRANT = sa.Table(
    "role_grant",
    SERVER,
    _id(),
    sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("enterprise_id", sa.Text(), sa.ForeignKey("enterprise.id"), nullable=True),
    sa.Column("plant_id", sa.Text(), sa.ForeignKey("plant.id"), nullable=True),
    sa.Column("role", sa.Text(), nullable=False),
    sa.Column("granted_by", sa.Text(), nullable=False),
    sa.Column("granted_us", sa.BigInteger(), nullable=False),
)

#: A secret is never kept, only its hash.
SESSION = sa.Table(
    "session",
    SERVER,
    sa.Column("secret_hash", sa.Text(), primary_key=True, nullable=False),
    sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("csrf", sa.Text(), nullable=False),
    sa.Column("made_us", sa.BigInteger(), nullable=False),
    sa.Column("seen_us", sa.BigInteger(), nullable=False),
    sa.Column("until_us", sa.BigInteger(), nullable=False),
    sa.Column("address", sa.Text(), nullable=False),
    sa.Column("agent", sa.Text(), nullable=False),
)

TOKEN = sa.Table(
    "token",
    SERVER,
    _id(),
    sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("secret_hash", sa.Text(), nullable=False, unique=True),
    sa.Column("begins_with", sa.Text(), nullable=False),
    sa.Column("rights", sa.Text(), nullable=False),
    sa.Column("plant_id", sa.Text(), sa.ForeignKey("plant.id"), nullable=True),
    sa.Column("made_us", sa.BigInteger(), nullable=False),
    sa.Column("until_us", sa.BigInteger(), nullable=True),
    sa.Column("used_us", sa.BigInteger(), nullable=True),
    sa.Column("revoked_us", sa.BigInteger(), nullable=True),
)

#: Failed sign-ins by name and by address, for the wait between them.
SIGN_IN_FAILURE = sa.Table(
    "sign_in_failure",
    SERVER,
    _id(),
    sa.Column("who", sa.Text(), nullable=False, index=True),
    sa.Column("at_us", sa.BigInteger(), nullable=False),
)

#: What people did through the server; rows are added, never changed.
DEED = sa.Table(
    "deed",
    SERVER,
    _id(),
    sa.Column("at_us", sa.BigInteger(), nullable=False, index=True),
    sa.Column("account", sa.Text(), nullable=False),
    sa.Column("by_token", sa.Text(), nullable=False),
    sa.Column("address", sa.Text(), nullable=False),
    sa.Column("enterprise_id", sa.Text(), nullable=True, index=True),
    sa.Column("plant_id", sa.Text(), nullable=True, index=True),
    sa.Column("action", sa.Text(), nullable=False),
    sa.Column("subject", sa.Text(), nullable=False),
    sa.Column("outcome", sa.Text(), nullable=False),
    sa.Column("request_id", sa.Text(), nullable=False),
)

#: Work that takes longer than a page may wait: queued, running, done, failed, stopped.
JOB = sa.Table(
    "job",
    SERVER,
    _name(),
    sa.Column("plant_id", sa.Text(), sa.ForeignKey("plant.id"), nullable=False, index=True),
    sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("door", sa.Text(), nullable=False),
    sa.Column("asked", sa.Text(), nullable=False),
    sa.Column("answer_key", sa.Text(), nullable=False, index=True),
    sa.Column("state", sa.Text(), nullable=False, index=True),
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

UPLOAD = sa.Table(
    "upload",
    SERVER,
    _name(),
    sa.Column("plant_id", sa.Text(), sa.ForeignKey("plant.id"), nullable=False, index=True),
    sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("file_name", sa.Text(), nullable=False),
    sa.Column("size", sa.BigInteger(), nullable=False),
    sa.Column("sha256", sa.Text(), nullable=False),
    sa.Column("received_us", sa.BigInteger(), nullable=False),
)

DRAFT = sa.Table(
    "draft",
    SERVER,
    sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("plant_id", sa.Text(), sa.ForeignKey("plant.id"), primary_key=True),
    sa.Column("form", sa.Text(), primary_key=True),
    sa.Column("content", sa.Text(), nullable=False),
    sa.Column("saved_us", sa.BigInteger(), nullable=False),
)

#: Answers already given to a request that named itself, so that sending it again changes nothing twice.
SAID_BEFORE = sa.Table(
    "said_before",
    SERVER,
    sa.Column("account_id", _COUNTER, sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("request_key", sa.Text(), primary_key=True),
    sa.Column("request_hash", sa.Text(), nullable=False),
    sa.Column("status", sa.BigInteger(), nullable=True),
    sa.Column("body", sa.Text(), nullable=True),
    sa.Column("at_us", sa.BigInteger(), nullable=False),
)
