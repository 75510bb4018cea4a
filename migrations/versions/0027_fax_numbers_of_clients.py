"""Clients note something about a number, and ask for fax numbers to be brought along."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "did_links", sa.Column("note", sa.String(length=300), nullable=False, server_default="")
    )
    op.create_table(
        "fax_ports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_fax_ports_{column}_{table}")
            )
            for column, table in (("client_id", "clients"), ("reseller_id", "resellers"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_ports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fax_ports_public_id")),
        sa.UniqueConstraint(
            "reseller_id", "reference", name=op.f("uq_fax_ports_reseller_id_reference")
        ),
    )
    op.create_index("ix_fax_ports_client", "fax_ports", ["reseller_id", "client_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_fax_ports_client", table_name="fax_ports")
    op.drop_table("fax_ports")
    op.drop_column("did_links", "note")
