"""Rates per area can be found by name and country, and come in from files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.core.phone import country_of

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "area_rates", sa.Column("name", sa.String(length=120), nullable=False, server_default="")
    )
    op.add_column(
        "area_rates", sa.Column("country", sa.String(length=2), nullable=False, server_default="")
    )
    _fill_countries()
    op.create_index("ix_area_rates_by_rate", "area_rates", ["package_id", "rate_e8", "id"])
    op.create_index("ix_area_rates_by_name", "area_rates", ["package_id", "name", "id"])
    op.create_table(
        "rate_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("stored_as", sa.String(length=200), nullable=False),
        sa.Column("sheet", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ends_missing", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("all_rows", sa.Integer(), nullable=False),
        sa.Column("done_rows", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_rate_imports_created_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["package_id"], ["packages.id"], name=op.f("fk_rate_imports_package_id_packages")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_rate_imports_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_imports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rate_imports_public_id")),
    )
    op.create_index("ix_rate_imports_package", "rate_imports", ["package_id", "id"])
    op.create_table(
        "rate_import_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("area_kind", sa.String(length=8), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("rate_e8", sa.BigInteger(), nullable=True),
        sa.Column("old_rate_e8", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.String(length=120), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["rate_imports.id"],
            name=op.f("fk_rate_import_lines_import_id_rate_imports"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"],
            ["resellers.id"],
            name=op.f("fk_rate_import_lines_reseller_id_resellers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_import_lines")),
        sa.UniqueConstraint("import_id", "line", name=op.f("uq_rate_import_lines_import_id_line")),
    )
    op.create_index(
        "ix_rate_import_lines_outcome", "rate_import_lines", ["import_id", "outcome", "line"]
    )


def downgrade() -> None:
    op.drop_table("rate_import_lines")
    op.drop_table("rate_imports")
    op.drop_index("ix_area_rates_by_name", "area_rates")
    op.drop_index("ix_area_rates_by_rate", "area_rates")
    op.drop_column("area_rates", "country")
    op.drop_column("area_rates", "name")


def _fill_countries() -> None:
    """Where the areas lie that are there already."""
    rates = sa.table("area_rates", sa.column("area_kind"), sa.column("area"), sa.column("country"))
    connection = op.get_bind()
    known = connection.execute(sa.select(rates.c.area_kind, rates.c.area).distinct()).all()
    for kind, area in known:
        country = {"usa": "US", "canada": "CA", "country": area}.get(kind)
        country = country or country_of(f"+{area}") or ""
        connection.execute(
            sa.update(rates)
            .where(rates.c.area_kind == kind, rates.c.area == area)
            .values(country=country)
        )
