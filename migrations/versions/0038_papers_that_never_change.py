"""Invoices, receipts and credit notes: issued once, never changed; taxes, numbers and settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TABLES = ("papers", "paper_logos")


def upgrade() -> None:
    op.create_table(
        "invoice_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("inclusive", sa.Boolean(), nullable=False),
        sa.Column("invoice_prefix", sa.String(length=12), nullable=False),
        sa.Column("receipt_prefix", sa.String(length=12), nullable=False),
        sa.Column("credit_prefix", sa.String(length=12), nullable=False),
        sa.Column("footer", sa.String(length=500), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"],
            ["resellers.id"],
            name=op.f("fk_invoice_settings_reseller_id_resellers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_settings")),
        sa.UniqueConstraint("reseller_id", name=op.f("uq_invoice_settings_reseller_id")),
    )
    op.create_table(
        "paper_counters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_paper_counters_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_counters")),
        sa.UniqueConstraint(
            "reseller_id", "kind", "year", name=op.f("uq_paper_counters_reseller_id_kind_year")
        ),
    )
    op.create_table(
        "paper_logos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_paper_logos_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_logos")),
        sa.UniqueConstraint(
            "reseller_id", "digest", name=op.f("uq_paper_logos_reseller_id_digest")
        ),
    )
    op.create_table(
        "tax_rates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("percent_e4", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_tax_rates_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rates")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tax_rates_public_id")),
    )
    op.create_index("ix_tax_rates_of_reseller", "tax_rates", ["reseller_id", "id"], unique=False)
    op.create_table(
        "invoice_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_invoice_choices_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_invoice_choices_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_choices")),
        sa.UniqueConstraint(
            "reseller_id", "client_id", name=op.f("uq_invoice_choices_reseller_id_client_id")
        ),
    )
    op.create_table(
        "papers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=130), nullable=False),
        sa.Column("search_words", sa.String(length=200), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_day", sa.Date(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("basis", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column(
            "credits_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_papers_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["credits_id"], ["papers.id"], name=op.f("fk_papers_credits_id_papers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_papers_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_papers_public_id")),
        sa.UniqueConstraint(
            "reseller_id",
            "kind",
            "year",
            "serial",
            name=op.f("uq_papers_reseller_id_kind_year_serial"),
        ),
        sa.UniqueConstraint("reseller_id", "source", name=op.f("uq_papers_reseller_id_source")),
    )
    op.create_index("ix_papers_credits", "papers", ["credits_id"], unique=False)
    op.create_index("ix_papers_latest", "papers", ["reseller_id", "id"], unique=False)
    op.create_index(
        "ix_papers_of_client", "papers", ["reseller_id", "client_id", "id"], unique=False
    )
    op.create_table(
        "tax_exemptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("tax_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_tax_exemptions_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_tax_exemptions_reseller_id_resellers")
        ),
        sa.ForeignKeyConstraint(
            ["tax_id"],
            ["tax_rates.id"],
            name=op.f("fk_tax_exemptions_tax_id_tax_rates"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_exemptions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tax_exemptions_public_id")),
    )
    op.create_index(
        "ix_tax_exemptions_of_client", "tax_exemptions", ["reseller_id", "client_id"], unique=False
    )
    op.create_table(
        "invoice_months",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_invoice_months_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_invoice_months_paper_id_papers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_invoice_months_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_months")),
        sa.UniqueConstraint(
            "reseller_id",
            "client_id",
            "month",
            name=op.f("uq_invoice_months_reseller_id_client_id_month"),
        ),
    )
    op.create_table(
        "paper_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stored_as", sa.String(length=60), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("wants_mail", sa.Boolean(), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_paper_files_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_paper_files_paper_id_papers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_paper_files_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_files")),
        sa.UniqueConstraint("paper_id", name=op.f("uq_paper_files_paper_id")),
    )
    for table in TABLES:
        _guard(table)


def downgrade() -> None:
    op.drop_table("paper_files")
    op.drop_table("invoice_months")
    op.drop_index("ix_tax_exemptions_of_client", table_name="tax_exemptions")
    op.drop_table("tax_exemptions")
    op.drop_index("ix_papers_of_client", table_name="papers")
    op.drop_index("ix_papers_latest", table_name="papers")
    op.drop_index("ix_papers_credits", table_name="papers")
    op.drop_table("papers")
    op.drop_table("invoice_choices")
    op.drop_index("ix_tax_rates_of_reseller", table_name="tax_rates")
    op.drop_table("tax_rates")
    op.drop_table("paper_logos")
    op.drop_table("paper_counters")
    op.drop_table("invoice_settings")


def _guard(table: str) -> None:
    """The database itself refuses to change or remove what was issued, as it does for the books."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
            f"SELECT RAISE(ABORT, 'rows of {table} are added, never changed'); END"
        )
