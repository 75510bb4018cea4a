"""Host names that resellers want, and what the operator asks of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hostname_claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_hostname_claims_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hostname_claims")),
        sa.UniqueConstraint("public_id", name=op.f("uq_hostname_claims_public_id")),
        sa.UniqueConstraint("reseller_id", name=op.f("uq_hostname_claims_reseller_id")),
    )
    op.create_table(
        "operator_fees",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=253), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_operator_fees_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_fees")),
        sa.UniqueConstraint("public_id", name=op.f("uq_operator_fees_public_id")),
        sa.UniqueConstraint(
            "reseller_id", "reason", "subject",
            name=op.f("uq_operator_fees_reseller_id_reason_subject"),
        ),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("operator_fees")
    op.drop_table("hostname_claims")
