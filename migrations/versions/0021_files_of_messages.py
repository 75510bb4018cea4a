"""Files of messages, and texts in several parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("part", "parts"):
        op.add_column("messages", sa.Column(name, sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("messages") as batch:
        for name in ("part", "parts"):
            batch.alter_column(name, server_default=None)
    op.create_table(
        "message_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column(
            "message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("did_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("mime", sa.String(length=60), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("stored_as", sa.String(length=60), nullable=False),
        sa.Column("thumbnail_as", sa.String(length=60), nullable=False),
        sa.Column("problem", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_message_files_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_message_files_did_id_dids")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_files_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_message_files_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_message_files_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_files")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_files_public_id")),
        sa.UniqueConstraint("message_id", "place", name=op.f("uq_message_files_message_id_place")),
    )
    op.create_index(
        "ix_message_files_stored", "message_files", ["reseller_id", "stored_as"], unique=False
    )
    op.create_index(
        "ix_message_files_uploads", "message_files", ["message_id", "created_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_message_files_uploads", table_name="message_files")
    op.drop_index("ix_message_files_stored", table_name="message_files")
    op.drop_table("message_files")
    with op.batch_alter_table("messages") as batch:
        batch.drop_column("parts")
        batch.drop_column("part")
