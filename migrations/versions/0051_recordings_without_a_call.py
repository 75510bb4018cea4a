"""Recordings: whether the package had them on, and those without a call that staff let rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "call_recordings",
        sa.Column("allowed", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.add_column(
        "call_recordings", sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("call_recordings", "dismissed_at")
    op.drop_column("call_recordings", "allowed")
