"""Texts prepared ahead: templates, texts for later, and one text to many."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXT = sa.Text()


def upgrade() -> None:
    op.create_table(
        "message_templates",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        *_ending("message_templates"),
    )
    op.create_index(
        "ix_message_templates_order", "message_templates", ["reseller_id", "client_id", "position"]
    )
    op.create_table(
        "later_texts",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(length=20), nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("send_as", sa.String(length=5), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("message_id", _BIG, nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        _refers("later_texts", "did_id", "dids"),
        _refers("later_texts", "message_id", "messages"),
        _refers("later_texts", "created_by_id", "people"),
        *_ending("later_texts"),
    )
    op.create_index(
        "ix_later_texts_due", "later_texts", ["reseller_id", "client_id", "state", "due_at", "id"]
    )
    op.create_table(
        "bulk_texts",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("send_as", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("pause", sa.String(length=14), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        _refers("bulk_texts", "did_id", "dids"),
        _refers("bulk_texts", "created_by_id", "people"),
        *_ending("bulk_texts"),
    )
    op.create_index("ix_bulk_texts_latest", "bulk_texts", ["reseller_id", "client_id", "id"])
    op.create_table(
        "bulk_rows",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("bulk_id", _BIG, nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("message_id", _BIG, nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bulk_id"],
            ["bulk_texts.id"],
            name=op.f("fk_bulk_rows_bulk_id_bulk_texts"),
            ondelete="CASCADE",
        ),
        _refers("bulk_rows", "did_id", "dids"),
        _refers("bulk_rows", "message_id", "messages"),
        sa.UniqueConstraint("bulk_id", "number", name=op.f("uq_bulk_rows_bulk_id_number")),
        *_ending("bulk_rows"),
    )
    op.create_index("ix_bulk_rows_state", "bulk_rows", ["bulk_id", "state", "position"])
    op.create_index("ix_bulk_rows_queued", "bulk_rows", ["reseller_id", "queued_at"])
    op.create_table(
        "bulk_limits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("a_minute", sa.Integer(), nullable=False),
        sa.Column("a_day", sa.Integer(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        _refers("bulk_limits", "reseller_id", "resellers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_limits")),
        sa.UniqueConstraint("reseller_id", name=op.f("uq_bulk_limits_reseller_id")),
    )


def downgrade() -> None:
    for table in ("bulk_limits", "bulk_rows", "bulk_texts", "later_texts", "message_templates"):
        op.drop_table(table)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def _ending(table: str) -> tuple[sa.Column[int] | sa.Constraint, ...]:
    """Whose rows they are, and the keys that each of these tables has."""
    return (
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        _refers(table, "client_id", "clients"),
        _refers(table, "reseller_id", "resellers"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
    )
