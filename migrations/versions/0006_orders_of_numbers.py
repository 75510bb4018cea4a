"""Orders that connect numbers and let them go, fax numbers, and what is made at the carrier for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_call_targets_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_targets")),
        sa.UniqueConstraint(
            "reseller_id", "kind", "target", name=op.f("uq_call_targets_reseller_id_kind_target")
        ),
    )
    op.create_table(
        "number_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sub_account_id", sa.Integer(), nullable=True),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("sealed_pin", sa.Text(), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("problem_code", sa.String(length=60), nullable=False),
        sa.Column("lease_number", sa.Integer(), nullable=False),
        sa.Column("ordered_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_number_orders_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_number_orders_reseller_id_resellers")
        ),
        sa.ForeignKeyConstraint(
            ["sub_account_id"],
            ["sub_accounts.id"],
            name=op.f("fk_number_orders_sub_account_id_sub_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_orders")),
        sa.UniqueConstraint("public_id", name=op.f("uq_number_orders_public_id")),
        sa.UniqueConstraint(
            "reseller_id", "reference", name=op.f("uq_number_orders_reseller_id_reference")
        ),
    )
    op.create_index(
        "ix_number_orders_client", "number_orders", ["reseller_id", "client_id", "id"], unique=False
    )
    op.create_table(
        "did_reservations",
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["did_id"], ["dids.id"], name=op.f("fk_did_reservations_did_id_dids")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["number_orders.id"],
            name=op.f("fk_did_reservations_order_id_number_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"],
            ["resellers.id"],
            name=op.f("fk_did_reservations_reseller_id_resellers"),
        ),
        sa.PrimaryKeyConstraint("did_id", name=op.f("pk_did_reservations")),
    )
    op.create_index(
        op.f("ix_did_reservations_order_id"), "did_reservations", ["order_id"], unique=False
    )
    op.create_table(
        "number_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("before", sa.String(length=120), nullable=False),
        sa.Column("result", sa.String(length=120), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_number_steps_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_number_steps_did_id_dids")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["number_orders.id"], name=op.f("fk_number_steps_order_id_number_orders")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_number_steps_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_steps")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_number_steps_order_id_position")),
    )
    op.add_column(
        "did_links",
        sa.Column("made_forwarding", sa.String(length=20), nullable=False, server_default=""),
    )
    op.add_column(
        "did_links",
        sa.Column("made_mailbox", sa.String(length=20), nullable=False, server_default=""),
    )
    op.add_column(
        "dids", sa.Column("kind", sa.String(length=8), nullable=False, server_default="voice")
    )


def downgrade() -> None:
    op.drop_column("dids", "kind")
    op.drop_column("did_links", "made_mailbox")
    op.drop_column("did_links", "made_forwarding")
    op.drop_table("number_steps")
    op.drop_index(op.f("ix_did_reservations_order_id"), table_name="did_reservations")
    op.drop_table("did_reservations")
    op.drop_index("ix_number_orders_client", table_name="number_orders")
    op.drop_table("number_orders")
    op.drop_table("call_targets")
