"""Limits on what calls cost: when they were set, so that they judge no earlier day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("exposure_limits", sa.Column("set_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("exposure_limits", "set_at")
