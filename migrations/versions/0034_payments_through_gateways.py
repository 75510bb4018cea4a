"""Payments through gateways, and in the same list what staff wrote down."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gateway_logins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.JSON(), nullable=False),
        sa.Column("hook_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_hook", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_gateway_logins_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_logins")),
        sa.UniqueConstraint("hook_hash", name=op.f("uq_gateway_logins_hook_hash")),
        sa.UniqueConstraint("reseller_id", "name", name=op.f("uq_gateway_logins_reseller_id_name")),
    )
    op.create_table(
        "payment_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"],
            ["resellers.id"],
            name=op.f("fk_payment_messages_reseller_id_resellers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_messages")),
    )
    op.create_index(
        op.f("ix_payment_messages_received_at"), "payment_messages", ["received_at"], unique=False
    )
    op.create_table(
        "payment_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("amounts", sa.JSON(), nullable=False),
        sa.Column("free_amount", sa.Boolean(), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("maximum", sa.BigInteger(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"],
            ["resellers.id"],
            name=op.f("fk_payment_settings_reseller_id_resellers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_settings")),
        sa.UniqueConstraint("reseller_id", name=op.f("uq_payment_settings_reseller_id")),
    )
    op.create_table(
        "practice_orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("intent", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_practice_orders_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_orders")),
        sa.UniqueConstraint("intent", name=op.f("uq_practice_orders_intent")),
        sa.UniqueConstraint("ref", name=op.f("uq_practice_orders_ref")),
    )
    op.create_table(
        "payment_intents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payee", sa.String(length=254), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("gateway_ref", sa.String(length=120), nullable=False),
        sa.Column("capture_ref", sa.String(length=120), nullable=False),
        sa.Column("redirect_url", sa.Text(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=True),
        sa.Column("taken_back", sa.BigInteger(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("transfer", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_intents_moves_money")),
        sa.CheckConstraint(
            "taken_back >= 0 AND taken_back <= amount",
            name=op.f("ck_payment_intents_no_more_than_came"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_payment_intents_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_payment_intents_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_payment_intents_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_intents")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_intents_public_id")),
    )
    op.create_index(
        "ix_payment_intents_client",
        "payment_intents",
        ["reseller_id", "client_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_payment_intents_list", "payment_intents", ["reseller_id", "id"], unique=False
    )
    op.create_index("ix_payment_intents_open", "payment_intents", ["state", "id"], unique=False)
    op.create_index(
        "ix_payment_intents_ref",
        "payment_intents",
        ["reseller_id", "gateway", "gateway_ref"],
        unique=False,
    )
    op.create_index("ix_payment_intents_transfer", "payment_intents", ["transfer"], unique=False)
    op.create_index(
        "uq_payment_intents_capture",
        "payment_intents",
        ["reseller_id", "gateway", "capture_ref"],
        unique=True,
        sqlite_where=sa.text("capture_ref <> ''"),
        postgresql_where=sa.text("capture_ref <> ''"),
    )
    op.create_table(
        "payment_facts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("intent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("capture_ref", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intent_id"],
            ["payment_intents.id"],
            name=op.f("fk_payment_facts_intent_id_payment_intents"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_payment_facts_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_facts")),
        sa.UniqueConstraint(
            "reseller_id",
            "gateway",
            "kind",
            "ref",
            name=op.f("uq_payment_facts_reseller_id_gateway_kind_ref"),
        ),
    )
    op.create_index(
        "ix_payment_facts_capture",
        "payment_facts",
        ["reseller_id", "gateway", "capture_ref"],
        unique=False,
    )
    op.create_index("ix_payment_facts_intent", "payment_facts", ["intent_id"], unique=False)
    op.create_table(
        "payment_refunds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column(
            "intent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_payment_refunds_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"],
            ["payment_intents.id"],
            name=op.f("fk_payment_refunds_intent_id_payment_intents"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_payment_refunds_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_payment_refunds_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_refunds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_refunds_public_id")),
    )
    op.create_index(
        "ix_payment_refunds_intent", "payment_refunds", ["intent_id", "id"], unique=False
    )

    _join_what_staff_wrote_down()


def downgrade() -> None:
    op.drop_index("ix_payment_refunds_intent", table_name="payment_refunds")
    op.drop_table("payment_refunds")
    op.drop_index("ix_payment_facts_intent", table_name="payment_facts")
    op.drop_index("ix_payment_facts_capture", table_name="payment_facts")
    op.drop_table("payment_facts")
    op.drop_index(
        "uq_payment_intents_capture",
        table_name="payment_intents",
        sqlite_where=sa.text("capture_ref <> ''"),
        postgresql_where=sa.text("capture_ref <> ''"),
    )
    op.drop_index("ix_payment_intents_transfer", table_name="payment_intents")
    op.drop_index("ix_payment_intents_ref", table_name="payment_intents")
    op.drop_index("ix_payment_intents_open", table_name="payment_intents")
    op.drop_index("ix_payment_intents_list", table_name="payment_intents")
    op.drop_index("ix_payment_intents_client", table_name="payment_intents")
    op.drop_table("payment_intents")
    op.drop_table("practice_orders")
    op.drop_table("payment_settings")
    op.drop_index(op.f("ix_payment_messages_received_at"), table_name="payment_messages")
    op.drop_table("payment_messages")
    op.drop_table("gateway_logins")


def _join_what_staff_wrote_down() -> None:
    """Payments by hand stand in the same list, those of before too."""
    bind = op.get_bind()
    transfers = sa.table(
        "ledger_transfers",
        *(
            sa.column(name)
            for name in ("id", "client_id", "reseller_id", "source_type", "source_id", "kind")
        ),
        sa.column("public_id", sa.Uuid()),
        sa.column("amount", sa.BigInteger()),
        sa.column("description", sa.String()),
        sa.column("posted_at", sa.DateTime(timezone=True)),
        sa.column("person_id"),
        sa.column("reverses_id"),
    )
    resellers = sa.table("resellers", sa.column("id"), sa.column("currency"))
    intents = sa.table(
        "payment_intents",
        *(
            sa.column(name)
            for name in (
                "gateway", "amount", "tax", "currency", "payee", "live", "automatic", "state",
                "gateway_ref", "capture_ref", "redirect_url", "problem", "description",
                "taken_back", "moves", "person_id", "client_id", "reseller_id",
            )
        ),
        sa.column("public_id", sa.Uuid()),
        sa.column("transfer", sa.Uuid()),
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("settled_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    undone = transfers.alias("undone")
    rows = bind.execute(
        sa.select(transfers, resellers.c.currency, undone.c.id.label("undone"))
        .join(resellers, resellers.c.id == transfers.c.reseller_id)
        .outerjoin(undone, undone.c.reverses_id == transfers.c.id)
        .where(transfers.c.source_type == "manual", transfers.c.kind == "payment")
        .order_by(transfers.c.id)
    ).all()
    for first in range(0, len(rows), 500):
        bind.execute(
            sa.insert(intents),
            [
                {
                    "public_id": uuid.uuid4(), "gateway": "manual", "amount": row.amount, "tax": 0,
                    "currency": row.currency, "payee": "", "live": True, "automatic": False,
                    "state": "paid", "gateway_ref": "", "capture_ref": row.source_id[:120],
                    "redirect_url": "", "problem": "", "description": row.description,
                    "taken_back": row.amount if row.undone else 0, "moves": 0,
                    "person_id": row.person_id, "client_id": row.client_id,
                    "reseller_id": row.reseller_id, "transfer": row.public_id,
                    "created_at": row.posted_at, "settled_at": row.posted_at,
                }
                for row in rows[first : first + 500]
            ],
        )  # fmt: skip
