"""What of a payment is which tax, and how much of it has gone after each move."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("taxes", "gone"):
        column = sa.Column(name, sa.JSON(), nullable=False, server_default="[]")
        op.add_column("payment_intents", column)
    op.add_column(
        "payment_refunds", sa.Column("tax", sa.BigInteger(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    op.drop_column("payment_refunds", "tax")
    for name in ("gone", "taxes"):
        op.drop_column("payment_intents", name)
