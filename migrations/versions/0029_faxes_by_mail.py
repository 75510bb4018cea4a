"""Faxes that go out and in by mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fax_mail_boxes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("sealed_code", sa.Text(), nullable=False),
        sa.Column("takes_mail", sa.Boolean(), nullable=False),
        sa.Column("senders", sa.JSON(), nullable=False),
        sa.Column("code_required", sa.Boolean(), nullable=False),
        sa.Column("quality", sa.String(length=8), nullable=False),
        sa.Column("paper", sa.String(length=6), nullable=False),
        sa.Column("copies_to", sa.JSON(), nullable=False),
        sa.Column("copy_arrivals", sa.Boolean(), nullable=False),
        sa.Column("copy_results", sa.Boolean(), nullable=False),
        sa.Column("attach", sa.Boolean(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_fax_mail_boxes_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["did_id"], ["dids.id"], name=op.f("fk_fax_mail_boxes_did_id_dids")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_fax_mail_boxes_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_mail_boxes")),
        sa.UniqueConstraint("address", name=op.f("uq_fax_mail_boxes_address")),
        sa.UniqueConstraint("did_id", "client_id", name=op.f("uq_fax_mail_boxes_did_id_client_id")),
    )
    op.create_table(
        "fax_mails",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("contact", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("stored_as", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("draft", sa.Uuid(), nullable=True),
        sa.Column("fax", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_fax_mails_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_fax_mails_did_id_dids")),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_fax_mails_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_mails")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fax_mails_public_id")),
        sa.UniqueConstraint("reseller_id", "digest", name=op.f("uq_fax_mails_reseller_id_digest")),
    )
    op.create_index("ix_fax_mails_did", "fax_mails", ["did_id", "at"], unique=False)
    op.create_index("ix_fax_mails_fax", "fax_mails", ["fax"], unique=False)
    op.create_table(
        "fax_copies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("fax_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_fax_copies_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_fax_copies_did_id_dids")),
        sa.ForeignKeyConstraint(["fax_id"], ["faxes.id"], name=op.f("fk_fax_copies_fax_id_faxes")),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_fax_copies_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_copies")),
        sa.UniqueConstraint(
            "reseller_id", "fax_id", "what", name=op.f("uq_fax_copies_reseller_id_fax_id_what")
        ),
    )
    op.add_column(
        "outgoing_mails",
        sa.Column("attached", sa.String(length=60), server_default="", nullable=False),
    )
    op.add_column(
        "outgoing_mails",
        sa.Column("attached_name", sa.String(length=120), server_default="", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("outgoing_mails", "attached_name")
    op.drop_column("outgoing_mails", "attached")
    op.drop_table("fax_copies")
    op.drop_index("ix_fax_mails_fax", table_name="fax_mails")
    op.drop_index("ix_fax_mails_did", table_name="fax_mails")
    op.drop_table("fax_mails")
    op.drop_table("fax_mail_boxes")
