"""Fees that fall due, add-ons, rules of billing, and what a suspension found at the carrier."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "fees",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("item", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("next_day", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_fees_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_fees_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_fees_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fees")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fees_public_id")),
        sa.UniqueConstraint(
            "reseller_id",
            "kind",
            "item",
            "first_day",
            name=op.f("uq_fees_reseller_id_kind_item_first_day"),
        ),
    )
    op.create_index("ix_fees_client", "fees", ["reseller_id", "client_id", "state", "first_day"])
    op.create_index("ix_fees_state", "fees", ["reseller_id", "state", "first_day", "public_id"])
    op.create_table(
        "add_ons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("anchor_day", sa.Integer(), nullable=False),
        sa.Column("next_billing_day", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_add_ons_costs_something")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_add_ons_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_add_ons_created_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_add_ons_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_add_ons")),
        sa.UniqueConstraint("public_id", name=op.f("uq_add_ons_public_id")),
        sa.UniqueConstraint(
            "reseller_id", "reference", name=op.f("uq_add_ons_reseller_id_reference")
        ),
    )
    op.create_index("ix_add_ons_client", "add_ons", ["reseller_id", "client_id", "id"])
    op.create_index("ix_add_ons_day", "add_ons", ["reseller_id", "next_billing_day", "public_id"])
    op.create_table(
        "billing_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("most_periods", sa.Integer(), nullable=False),
        sa.Column("keeps_inbound", sa.Boolean(), nullable=False),
        sa.Column("listed_day", sa.Date(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_billing_rules_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_rules")),
        sa.UniqueConstraint("reseller_id", name=op.f("uq_billing_rules_reseller_id")),
    )
    op.add_column(
        "clients",
        sa.Column("owes_fees", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "did_links",
        sa.Column("e911_setup", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column("did_links", sa.Column("e911_monthly", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_did_links_day", "did_links", ["reseller_id", "next_billing_day", "public_id"]
    )
    op.create_index(
        "ix_package_links_day", "package_links", ["reseller_id", "next_billing_day", "public_id"]
    )
    op.add_column(
        "dids",
        sa.Column("held_routing", sa.String(length=120), nullable=False, server_default=""),
    )
    op.add_column(
        "sub_accounts",
        sa.Column("lock_found", sa.String(length=6), nullable=False, server_default=""),
    )


def downgrade() -> None:
    op.drop_column("sub_accounts", "lock_found")
    op.drop_column("dids", "held_routing")
    op.drop_index("ix_package_links_day", table_name="package_links")
    op.drop_index("ix_did_links_day", table_name="did_links")
    op.drop_column("did_links", "e911_monthly")
    op.drop_column("did_links", "e911_setup")
    op.drop_column("clients", "owes_fees")
    op.drop_table("billing_rules")
    op.drop_table("add_ons")
    op.drop_table("fees")
