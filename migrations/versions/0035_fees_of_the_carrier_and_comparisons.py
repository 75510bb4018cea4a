"""The carrier's own bookings, and comparisons of its lists with ours."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carrier_charges",
        sa.Column("id", _big(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("carrier_key", sa.String(length=220), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("description", sa.String(length=120), nullable=False),
        sa.Column("amount_e8", sa.BigInteger(), nullable=False),
        sa.Column("exchange_e8", sa.BigInteger(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_carrier_charges_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_carrier_charges_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_charges")),
        sa.UniqueConstraint("public_id", name=op.f("uq_carrier_charges_public_id")),
        sa.UniqueConstraint(
            "reseller_id", "carrier_key", name=op.f("uq_carrier_charges_reseller_id_carrier_key")
        ),
    )
    op.create_index(
        "ix_carrier_charges_time", "carrier_charges", ["reseller_id", "at", "id"], unique=False
    )
    op.create_index(
        "ix_carrier_charges_number",
        "carrier_charges",
        ["reseller_id", "number", "at"],
        unique=False,
    )
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("done_steps", sa.Integer(), nullable=False),
        sa.Column("all_steps", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("mending", sa.Boolean(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_reconciliations_asked_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_reconciliations_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reconciliations_public_id")),
    )
    op.create_index(
        "ix_reconciliations_latest", "reconciliations", ["reseller_id", "id"], unique=False
    )
    op.create_table(
        "reconciliation_lines",
        sa.Column("id", _big(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("reconciliation_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("finding", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=220), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.String(length=120), nullable=False),
        sa.Column("theirs_e8", sa.BigInteger(), nullable=True),
        sa.Column("ours_e8", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("our_id", sa.Uuid(), nullable=True),
        sa.Column("mended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"],
            ["reconciliations.id"],
            name=op.f("fk_reconciliation_lines_reconciliation_id_reconciliations"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"],
            ["resellers.id"],
            name=op.f("fk_reconciliation_lines_reseller_id_resellers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_lines")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reconciliation_lines_public_id")),
        sa.UniqueConstraint(
            "reconciliation_id",
            "part",
            "finding",
            "key",
            name=op.f("uq_reconciliation_lines_reconciliation_id_part_finding_key"),
        ),
    )
    op.create_index(
        "ix_reconciliation_lines_list",
        "reconciliation_lines",
        ["reconciliation_id", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_reconciliation_lines_list", table_name="reconciliation_lines")
    op.drop_table("reconciliation_lines")
    op.drop_index("ix_reconciliations_latest", table_name="reconciliations")
    op.drop_table("reconciliations")
    op.drop_index("ix_carrier_charges_number", table_name="carrier_charges")
    op.drop_index("ix_carrier_charges_time", table_name="carrier_charges")
    op.drop_table("carrier_charges")


def _big() -> Any:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
