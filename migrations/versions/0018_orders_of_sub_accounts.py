"""Sub-accounts on their way to the carrier."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("username", sa.String(length=20), nullable=False),
        sa.Column("sealed_password", sa.Text(), nullable=True),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("lease_number", sa.Integer(), nullable=False),
        sa.Column("ordered_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_account_orders_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_account_orders_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_orders")),
        sa.UniqueConstraint("public_id", name=op.f("uq_account_orders_public_id")),
        sa.UniqueConstraint(
            "reseller_id", "reference", name=op.f("uq_account_orders_reseller_id_reference")
        ),
    )
    op.create_index(
        "ix_account_orders_client",
        "account_orders",
        ["reseller_id", "client_id", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_account_orders_client", table_name="account_orders")
    op.drop_table("account_orders")
