"""Cards that clients keep, automatic top-up, and a line under a balance that is watched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_savings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=120), nullable=False),
        sa.Column("customer_ref", sa.String(length=120), nullable=False),
        sa.Column("gateway_ref", sa.String(length=120), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_card_savings_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_card_savings_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_savings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_card_savings_public_id")),
    )
    op.create_index(
        "ix_card_savings_client", "card_savings", ["reseller_id", "client_id", "id"], unique=False
    )
    op.create_index(
        "ix_card_savings_ref",
        "card_savings",
        ["reseller_id", "gateway", "gateway_ref"],
        unique=False,
    )
    op.create_table(
        "kept_cards",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=120), nullable=False),
        sa.Column("customer_ref", sa.String(length=120), nullable=False),
        sa.Column("card_ref", sa.String(length=120), nullable=False),
        sa.Column("brand", sa.String(length=20), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("expires_month", sa.Integer(), nullable=False),
        sa.Column("expires_year", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(length=60), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_kept_cards_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_kept_cards_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_cards")),
        sa.UniqueConstraint("public_id", name=op.f("uq_kept_cards_public_id")),
        sa.UniqueConstraint(
            "reseller_id",
            "gateway",
            "card_ref",
            name=op.f("uq_kept_cards_reseller_id_gateway_card_ref"),
        ),
    )
    op.create_index(
        "ix_kept_cards_client", "kept_cards", ["reseller_id", "client_id", "id"], unique=False
    )
    op.create_table(
        "top_up_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_top_up_runs_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_top_up_runs_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_top_up_runs")),
    )
    op.create_index(
        "ix_top_up_runs_client", "top_up_runs", ["reseller_id", "client_id", "id"], unique=False
    )
    op.create_index(
        "uq_top_up_runs_open",
        "top_up_runs",
        ["client_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "top_ups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("ceiling", sa.BigInteger(), nullable=False),
        sa.Column("stopped", sa.String(length=60), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_top_ups_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_top_ups_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_top_ups")),
        sa.UniqueConstraint(
            "reseller_id", "client_id", name=op.f("uq_top_ups_reseller_id_client_id")
        ),
    )
    op.create_table(
        "top_up_tries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("intent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("card_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"], ["kept_cards.id"], name=op.f("fk_top_up_tries_card_id_kept_cards")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_top_up_tries_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"],
            ["payment_intents.id"],
            name=op.f("fk_top_up_tries_intent_id_payment_intents"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_top_up_tries_reseller_id_resellers")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["top_up_runs.id"], name=op.f("fk_top_up_tries_run_id_top_up_runs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_top_up_tries")),
        sa.UniqueConstraint("run_id", "step", name=op.f("uq_top_up_tries_run_id_step")),
    )
    op.create_index(
        "ix_top_up_tries_client", "top_up_tries", ["reseller_id", "client_id", "id"], unique=False
    )
    op.add_column("ledger_balances", sa.Column("watched", sa.BigInteger(), nullable=True))
    op.add_column(
        "ledger_balances",
        sa.Column("is_above", sa.Boolean(), server_default=sa.true(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("ledger_balances", "is_above")
    op.drop_column("ledger_balances", "watched")
    op.drop_index("ix_top_up_tries_client", table_name="top_up_tries")
    op.drop_table("top_up_tries")
    op.drop_table("top_ups")
    op.drop_index(
        "uq_top_up_runs_open",
        table_name="top_up_runs",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_top_up_runs_client", table_name="top_up_runs")
    op.drop_table("top_up_runs")
    op.drop_index("ix_kept_cards_client", table_name="kept_cards")
    op.drop_table("kept_cards")
    op.drop_index("ix_card_savings_ref", table_name="card_savings")
    op.drop_index("ix_card_savings_client", table_name="card_savings")
    op.drop_table("card_savings")
