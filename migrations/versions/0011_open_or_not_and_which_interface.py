"""Is a reseller's portal open to clients, and which version of it they see."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_open = sa.Column("is_open", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("resellers", is_open)
    interface = sa.Column("interface", sa.String(10), nullable=False, server_default="new")
    op.add_column("resellers", interface)


def downgrade() -> None:
    op.drop_column("resellers", "interface")
    op.drop_column("resellers", "is_open")
