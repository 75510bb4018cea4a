"""Faxes, what they are made of, and the folders they lie in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbound_faxes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("sender_name", sa.String(length=80), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("stored_as", sa.String(length=60), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_inbound_faxes_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_faxes")),
    )
    op.create_index(
        "ix_inbound_faxes_same", "inbound_faxes", ["reseller_id", "digest"], unique=False
    )
    op.create_table(
        "fax_documents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("quality", sa.String(length=8), nullable=False),
        sa.Column("paper", sa.String(length=6), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_fax_documents_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_fax_documents_did_id_dids")),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_fax_documents_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_documents")),
    )
    op.create_table(
        "fax_folders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("folded_name", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_fax_folders_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_fax_folders_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_folders")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fax_folders_public_id")),
        sa.UniqueConstraint(
            "reseller_id",
            "client_id",
            "folded_name",
            name=op.f("uq_fax_folders_reseller_id_client_id_folded_name"),
        ),
    )
    op.create_table(
        "fax_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("retry_minutes", sa.Integer(), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_fax_settings_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_fax_settings_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_settings")),
        sa.UniqueConstraint(
            "reseller_id", "client_id", name=op.f("uq_fax_settings_reseller_id_client_id")
        ),
    )
    op.create_table(
        "stray_faxes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("carrier_ref", sa.String(length=40), nullable=True),
        sa.Column(
            "told_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("did_number", sa.String(length=20), nullable=False),
        sa.Column("contact", sa.String(length=20), nullable=False),
        sa.Column("contact_name", sa.String(length=80), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("pdf", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_stray_faxes_reseller_id_resellers")
        ),
        sa.ForeignKeyConstraint(
            ["told_by_id"],
            ["inbound_faxes.id"],
            name=op.f("fk_stray_faxes_told_by_id_inbound_faxes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stray_faxes")),
        sa.UniqueConstraint(
            "reseller_id", "carrier_ref", name=op.f("uq_stray_faxes_reseller_id_carrier_ref")
        ),
        sa.UniqueConstraint("told_by_id", name=op.f("uq_stray_faxes_told_by_id")),
    )
    op.create_table(
        "fax_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column(
            "document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("stored_as", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_fax_files_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_fax_files_did_id_dids")),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["fax_documents.id"],
            name=op.f("fk_fax_files_document_id_fax_documents"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_fax_files_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_files")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fax_files_public_id")),
    )
    op.create_index("ix_fax_files_document", "fax_files", ["document_id"], unique=False)
    op.create_table(
        "fax_mail_wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("wish", sa.String(length=8), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_fax_mail_wishes_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_fax_mail_wishes_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_fax_mail_wishes_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_mail_wishes")),
        sa.UniqueConstraint(
            "reseller_id", "person_id", name=op.f("uq_fax_mail_wishes_reseller_id_person_id")
        ),
    )
    op.create_table(
        "faxes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("did_link_id", sa.Integer(), nullable=True),
        sa.Column(
            "document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("folder_id", sa.Integer(), nullable=True),
        sa.Column("contact", sa.String(length=20), nullable=False),
        sa.Column("contact_name", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("cover", sa.JSON(), nullable=True),
        sa.Column("recipients", sa.JSON(), nullable=True),
        sa.Column("searched", sa.String(length=400), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("pages_done", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("billed_seconds", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("rate_e8", sa.BigInteger(), nullable=False),
        sa.Column("pulse_seconds", sa.Integer(), nullable=False),
        sa.Column("package", sa.String(length=80), nullable=False),
        sa.Column("exchange_e8", sa.BigInteger(), nullable=True),
        sa.Column("carrier_cost_e8", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("worksheet", sa.Text(), nullable=False),
        sa.Column("pdf", sa.String(length=60), nullable=False),
        sa.Column("pdf_bytes", sa.Integer(), nullable=False),
        sa.Column("report", sa.String(length=60), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("carrier_ref", sa.String(length=40), nullable=True),
        sa.Column(
            "told_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("error_code", sa.String(length=40), nullable=False),
        sa.Column("error_page", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Integer(), nullable=False),
        sa.Column("lease_number", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("retries_left", sa.Integer(), nullable=False),
        sa.Column("retry_minutes", sa.Integer(), nullable=False),
        sa.Column("sent_by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("binned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_faxes_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_faxes_did_id_dids")),
        sa.ForeignKeyConstraint(
            ["did_link_id"], ["did_links.id"], name=op.f("fk_faxes_did_link_id_did_links")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["fax_documents.id"], name=op.f("fk_faxes_document_id_fax_documents")
        ),
        sa.ForeignKeyConstraint(
            ["folder_id"], ["fax_folders.id"], name=op.f("fk_faxes_folder_id_fax_folders")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_faxes_reseller_id_resellers")
        ),
        sa.ForeignKeyConstraint(
            ["sent_by_id"], ["people.id"], name=op.f("fk_faxes_sent_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["told_by_id"], ["inbound_faxes.id"], name=op.f("fk_faxes_told_by_id_inbound_faxes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faxes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_faxes_public_id")),
        sa.UniqueConstraint(
            "reseller_id",
            "client_id",
            "reference",
            name=op.f("uq_faxes_reseller_id_client_id_reference"),
        ),
        sa.UniqueConstraint(
            "reseller_id",
            "direction",
            "carrier_ref",
            name=op.f("uq_faxes_reseller_id_direction_carrier_ref"),
        ),
        sa.UniqueConstraint("told_by_id", name=op.f("uq_faxes_told_by_id")),
    )
    op.create_index(
        "ix_faxes_client_time", "faxes", ["reseller_id", "client_id", "at", "id"], unique=False
    )
    op.create_index("ix_faxes_document", "faxes", ["document_id"], unique=False)
    op.create_index("ix_faxes_reseller_time", "faxes", ["reseller_id", "at", "id"], unique=False)
    op.create_table(
        "fax_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fax_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("carrier_ref", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_fax_events_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_fax_events_did_id_dids")),
        sa.ForeignKeyConstraint(["fax_id"], ["faxes.id"], name=op.f("fk_fax_events_fax_id_faxes")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_fax_events_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_fax_events_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_events")),
    )
    op.create_index("ix_fax_events_fax", "fax_events", ["fax_id", "id"], unique=False)
    op.create_table(
        "fax_pages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column(
            "document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fax_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("picture", sa.String(length=60), nullable=False),
        sa.Column("view", sa.String(length=60), nullable=False),
        sa.Column("thumb", sa.String(length=60), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_fax_pages_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_fax_pages_did_id_dids")),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["fax_documents.id"],
            name=op.f("fk_fax_pages_document_id_fax_documents"),
        ),
        sa.ForeignKeyConstraint(["fax_id"], ["faxes.id"], name=op.f("fk_fax_pages_fax_id_faxes")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["fax_files.id"], name=op.f("fk_fax_pages_file_id_fax_files")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_fax_pages_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_pages")),
        sa.UniqueConstraint("file_id", "number", name=op.f("uq_fax_pages_file_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fax_pages_public_id")),
    )
    op.create_index("ix_fax_pages_document", "fax_pages", ["document_id", "position"], unique=False)
    op.create_index("ix_fax_pages_fax", "fax_pages", ["fax_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_fax_pages_fax", table_name="fax_pages")
    op.drop_index("ix_fax_pages_document", table_name="fax_pages")
    op.drop_table("fax_pages")
    op.drop_index("ix_fax_events_fax", table_name="fax_events")
    op.drop_table("fax_events")
    op.drop_index("ix_faxes_reseller_time", table_name="faxes")
    op.drop_index("ix_faxes_document", table_name="faxes")
    op.drop_index("ix_faxes_client_time", table_name="faxes")
    op.drop_table("faxes")
    op.drop_table("fax_mail_wishes")
    op.drop_index("ix_fax_files_document", table_name="fax_files")
    op.drop_table("fax_files")
    op.drop_table("stray_faxes")
    op.drop_table("fax_settings")
    op.drop_table("fax_folders")
    op.drop_table("fax_documents")
    op.drop_index("ix_inbound_faxes_same", table_name="inbound_faxes")
    op.drop_table("inbound_faxes")
