"""Hosts that do not answer are left alone, and a client's callbacks stand in one line."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "slow_hosts",
        sa.Column("id", big_id, nullable=False),
        sa.Column("owner_key", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_slow_hosts_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_slow_hosts_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slow_hosts")),
        sa.UniqueConstraint(
            "reseller_id", "owner_key", "host",
            name=op.f("uq_slow_hosts_reseller_id_owner_key_host"),
        ),
    )  # fmt: skip
    op.create_table(
        "callback_lines",
        sa.Column("id", big_id, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_callback_lines_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_callback_lines_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_lines")),
        sa.UniqueConstraint(
            "reseller_id", "client_id", name=op.f("uq_callback_lines_reseller_id_client_id")
        ),
    )
    op.add_column("text_relays", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    relays = sa.table(
        "text_relays", sa.column("due_at"), sa.column("tried_since"), sa.column("state")
    )
    # What waits has a task that finds its line; whatever it was due at, it may be tried now.
    op.execute(
        relays.update().where(relays.c.state == "waiting").values(due_at=relays.c.tried_since)
    )
    op.create_index("ix_text_relays_due", "text_relays", ["client_id", "state", "due_at"])


def downgrade() -> None:
    relays = sa.table("text_relays", sa.column("state"))
    op.execute(
        relays.update().where(relays.c.state.in_(["trying", "unwanted"])).values(state="failed")
    )
    op.drop_index("ix_text_relays_due", table_name="text_relays")
    op.drop_column("text_relays", "due_at")
    op.drop_table("callback_lines")
    op.drop_table("slow_hosts")
