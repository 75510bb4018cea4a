"""Terms that reach back, and runs over past calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backdated_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id"],
            ["packages.id"],
            name=op.f("fk_backdated_terms_package_id_packages"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_backdated_terms_reseller_id_resellers")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["people.id"], name=op.f("fk_backdated_terms_saved_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backdated_terms")),
    )
    op.create_index(
        "ix_backdated_terms_package", "backdated_terms", ["package_id", "since"], unique=False
    )
    op.create_table(
        "rating_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("for_real", sa.Boolean(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("all_calls", sa.Integer(), nullable=False),
        sa.Column("done_calls", sa.Integer(), nullable=False),
        sa.Column("done_client_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_rating_runs_asked_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["package_id"],
            ["packages.id"],
            name=op.f("fk_rating_runs_package_id_packages"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_rating_runs_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_runs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rating_runs_public_id")),
    )
    op.create_index("ix_rating_runs_package", "rating_runs", ["package_id", "id"], unique=False)
    op.create_table(
        "rating_run_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_rating_run_lines_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"],
            ["resellers.id"],
            name=op.f("fk_rating_run_lines_reseller_id_resellers"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["rating_runs.id"],
            name=op.f("fk_rating_run_lines_run_id_rating_runs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_run_lines")),
        sa.UniqueConstraint(
            "run_id", "client_id", name=op.f("uq_rating_run_lines_run_id_client_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("rating_run_lines")
    op.drop_index("ix_rating_runs_package", table_name="rating_runs")
    op.drop_table("rating_runs")
    op.drop_index("ix_backdated_terms_package", table_name="backdated_terms")
    op.drop_table("backdated_terms")
