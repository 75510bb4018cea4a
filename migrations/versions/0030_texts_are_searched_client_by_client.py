"""Texts are searched in the order they came in, one client's alone."""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_messages_client", "messages", ["reseller_id", "client_id", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_messages_client", table_name="messages")
