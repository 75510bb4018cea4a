"""Fax numbers that are brought along are handed to the carrier, with the bill."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("bill", sa.String(length=60), nullable=False, server_default=""),
        sa.Column("bill_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_number", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("carrier_port", sa.String(length=20), nullable=False, server_default=""),
        sa.Column("carrier_state", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("carrier_notes", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("problem", sa.String(length=300), nullable=False, server_default=""),
    ):
        op.add_column("fax_ports", column)


def downgrade() -> None:
    for name in (
        "problem", "carrier_notes", "carrier_state", "carrier_port", "lease_number", "handed_at",
        "bill_sent_at", "bill",
    ):  # fmt: skip
        op.drop_column("fax_ports", name)
