"""Texts keep what the carrier said for a date that cannot be right."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "messages", sa.Column("odd_date", sa.String(40), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("messages", "odd_date")
