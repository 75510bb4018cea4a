"""Limits, costs and relays of texts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_costs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sms_in", sa.BigInteger(), nullable=False),
        sa.Column("sms_out", sa.BigInteger(), nullable=False),
        sa.Column("mms_in", sa.BigInteger(), nullable=False),
        sa.Column("mms_out", sa.BigInteger(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_text_costs_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_costs")),
        sa.UniqueConstraint(
            "reseller_id", "valid_from", name=op.f("uq_text_costs_reseller_id_valid_from")
        ),
    )
    op.create_table(
        "text_limits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("for_client", sa.Integer(), nullable=False),
        sa.Column("per_hour", sa.Integer(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.Column("per_contact", sa.Integer(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_text_limits_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_limits")),
        sa.UniqueConstraint(
            "reseller_id", "for_client", name=op.f("uq_text_limits_reseller_id_for_client")
        ),
    )
    op.create_table(
        "number_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("forward_to", sa.String(length=20), nullable=False),
        sa.Column("callback_url", sa.Text(), nullable=False),
        sa.Column("callback_form", sa.String(length=8), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("give_up_hours", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_number_texts_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_number_texts_did_id_dids")),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_number_texts_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_texts")),
        sa.UniqueConstraint(
            "reseller_id",
            "client_id",
            "did_id",
            name=op.f("uq_number_texts_reseller_id_client_id_did_id"),
        ),
    )
    op.create_table(
        "text_usages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_hour", sa.Integer(), nullable=False),
        sa.Column("day", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_day", sa.Integer(), nullable=False),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_text_usages_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_text_usages_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_usages")),
        sa.UniqueConstraint(
            "reseller_id", "client_id", name=op.f("uq_text_usages_reseller_id_client_id")
        ),
    )
    op.create_table(
        "text_relays",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column(
            "message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_number", sa.Integer(), nullable=False),
        sa.Column("last_answer", sa.String(length=200), nullable=False),
        sa.Column("tried_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_text_relays_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_text_relays_did_id_dids")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_text_relays_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_text_relays_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_relays")),
        sa.UniqueConstraint("public_id", name=op.f("uq_text_relays_public_id")),
        sa.UniqueConstraint(
            "reseller_id",
            "message_id",
            "way",
            name=op.f("uq_text_relays_reseller_id_message_id_way"),
        ),
    )
    op.create_index(
        "ix_text_relays_number",
        "text_relays",
        ["reseller_id", "client_id", "did_id", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_text_relays_number", table_name="text_relays")
    op.drop_table("text_relays")
    op.drop_table("text_usages")
    op.drop_table("number_texts")
    op.drop_table("text_limits")
    op.drop_table("text_costs")
