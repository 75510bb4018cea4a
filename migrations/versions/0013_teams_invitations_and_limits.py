"""Teams: invitations, and what a client's people may see of the account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("limited", sa.Boolean(), nullable=False),
        sa.Column("sees_money", sa.Boolean(), nullable=False),
        sa.Column("sub_account_ids", sa.JSON(), nullable=False),
        sa.Column("invited_by", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_invitations_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_invitations_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitations_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index("ix_invitations_client", "invitations", ["reseller_id", "client_id", "id"])
    op.create_table(
        "person_sub_accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sub_account_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_person_sub_accounts_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_person_sub_accounts_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"],
            ["resellers.id"],
            name=op.f("fk_person_sub_accounts_reseller_id_resellers"),
        ),
        sa.ForeignKeyConstraint(
            ["sub_account_id"],
            ["sub_accounts.id"],
            name=op.f("fk_person_sub_accounts_sub_account_id_sub_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_sub_accounts")),
        sa.UniqueConstraint(
            "person_id", "sub_account_id",
            name=op.f("uq_person_sub_accounts_person_id_sub_account_id"),
        ),
    )  # fmt: skip
    op.add_column(
        "people", sa.Column("limited", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "people", sa.Column("sees_money", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    # Whoever logged in for a client until now led its account.
    op.execute("UPDATE people SET role = 'manager' WHERE client_id IS NOT NULL")


def downgrade() -> None:
    op.execute("UPDATE people SET role = '' WHERE client_id IS NOT NULL")
    op.drop_column("people", "sees_money")
    op.drop_column("people", "limited")
    op.drop_table("person_sub_accounts")
    op.drop_index("ix_invitations_client", table_name="invitations")
    op.drop_table("invitations")
