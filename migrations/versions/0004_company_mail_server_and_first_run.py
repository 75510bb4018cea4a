"""What a company tells of itself, its own mail server, how long a carrier fails, the first run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COMPANY = (("address", 400), ("tax_numbers", 200), ("support_email", 254), ("website", 200))


def upgrade() -> None:
    for name, length in COMPANY:
        column = sa.Column(name, sa.String(length), nullable=False, server_default="")
        op.add_column("resellers", column)
    failures = sa.Column("failures", sa.Integer(), nullable=False, server_default="0")
    op.add_column("carrier_logins", failures)
    since = sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True)
    op.add_column("carrier_logins", since)
    op.create_table(
        "mail_servers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.String(length=8), nullable=False),
        sa.Column("username", sa.String(length=254), nullable=False),
        sa.Column("sealed_password", sa.Text(), nullable=False),
        sa.Column("sender_address", sa.String(length=254), nullable=False),
        sa.Column("sender_name", sa.String(length=120), nullable=False),
        sa.Column("last_ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=20), nullable=False),
        sa.Column("said", sa.String(length=300), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_mail_servers_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_servers")),
        sa.UniqueConstraint("reseller_id", name=op.f("uq_mail_servers_reseller_id")),
    )
    op.create_table(
        "setup_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_setup_tokens_token_hash")),
    )


def downgrade() -> None:
    op.drop_table("setup_tokens")
    op.drop_table("mail_servers")
    op.drop_column("carrier_logins", "failing_since")
    op.drop_column("carrier_logins", "failures")
    for name, _ in reversed(COMPANY):
        op.drop_column("resellers", name)
