"""Consent to texts, the answers to STOP, START and HELP, and what a message cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("message", sa.Uuid(), nullable=True),
        sa.Column("person_name", sa.String(length=120), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_consent_events_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["did_id"], ["dids.id"], name=op.f("fk_consent_events_did_id_dids")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_consent_events_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_events")),
        sa.UniqueConstraint("public_id", name=op.f("uq_consent_events_public_id")),
    )
    op.create_index(
        "ix_consent_events_client",
        "consent_events",
        ["reseller_id", "client_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_consent_events_pair", "consent_events", ["did_id", "contact", "at"], unique=False
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(length=20), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("word_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_consents_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_consents_did_id_dids")),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_consents_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.UniqueConstraint(
            "reseller_id",
            "client_id",
            "did_id",
            "contact",
            name=op.f("uq_consents_reseller_id_client_id_did_id_contact"),
        ),
    )
    op.create_table(
        "text_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("staff_may_read", sa.Boolean(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_text_settings_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_text_settings_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_settings")),
        sa.UniqueConstraint(
            "reseller_id", "client_id", name=op.f("uq_text_settings_reseller_id_client_id")
        ),
    )
    op.add_column("messages", sa.Column("cost", sa.BigInteger(), nullable=True))
    op.add_column(
        "messages",
        sa.Column("consent_word", sa.String(length=8), server_default="", nullable=False),
    )
    op.create_index(
        "ix_messages_client_log", "messages", ["reseller_id", "client_id", "at", "id"], unique=False
    )
    op.create_index("ix_messages_log", "messages", ["reseller_id", "at", "id"], unique=False)

    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER consent_events_only_grows BEFORE UPDATE OR DELETE ON consent_events "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER consent_events_stays BEFORE TRUNCATE ON consent_events "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER consent_events_no_{verb.lower()} BEFORE {verb} ON consent_events BEGIN "
            "SELECT RAISE(ABORT, 'rows of consent_events are added, never changed'); END"
        )


def downgrade() -> None:
    op.drop_index("ix_messages_log", table_name="messages")
    op.drop_index("ix_messages_client_log", table_name="messages")
    op.drop_column("messages", "consent_word")
    op.drop_column("messages", "cost")
    op.drop_table("text_settings")
    op.drop_table("consents")
    op.drop_index("ix_consent_events_pair", table_name="consent_events")
    op.drop_index("ix_consent_events_client", table_name="consent_events")
    op.drop_table("consent_events")
