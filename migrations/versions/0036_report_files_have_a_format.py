"""Report files have a format, and say what was chosen in words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("report_files") as table:
        table.add_column(sa.Column("format", sa.String(4), nullable=False, server_default="pdf"))
        table.add_column(sa.Column("said", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("report_files") as table:
        table.drop_column("said")
        table.drop_column("format")
