"""The carrier's servers, and the names resellers give them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sip_servers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("pop", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("hostname", sa.String(length=253), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("own_name", sa.String(length=253), nullable=False),
        sa.Column("found", sa.String(length=300), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_sip_servers_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sip_servers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sip_servers_public_id")),
        sa.UniqueConstraint("reseller_id", "pop", name=op.f("uq_sip_servers_reseller_id_pop")),
    )


def downgrade() -> None:
    op.drop_table("sip_servers")
