"""Recordings of calls: which the carrier lists, whose call each is, and what it cost.

Nobody is charged for recordings of before the upgrade but those of the last three days.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_recordings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("carrier_ref", sa.String(length=255), nullable=False),
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("fee_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worksheet", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_call_recordings_call_id_calls")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_call_recordings_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_call_recordings_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_recordings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_call_recordings_public_id")),
        sa.UniqueConstraint(
            "reseller_id", "carrier_ref", name=op.f("uq_call_recordings_reseller_id_carrier_ref")
        ),
    )
    op.create_index(
        "ix_call_recordings_call", "call_recordings", ["reseller_id", "call_id", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_call_recordings_call", table_name="call_recordings")
    op.drop_table("call_recordings")
