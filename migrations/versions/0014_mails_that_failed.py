"""Mails by their state, and since when one is being tried (again)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outgoing_mails", sa.Column("tried_since", sa.DateTime(timezone=True)))
    op.create_index("ix_outgoing_mails_state", "outgoing_mails", ["reseller_id", "state"])


def downgrade() -> None:
    op.drop_index("ix_outgoing_mails_state", table_name="outgoing_mails")
    op.drop_column("outgoing_mails", "tried_since")
