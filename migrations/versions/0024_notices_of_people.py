"""Notices of people, how they want to be told, and the browsers that show them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = ("notices", "notice_wishes", "push_subscriptions")


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("did_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("text", sa.String(length=160), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("unread_key", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        *_of_a_person("notices"),
        sa.ForeignKeyConstraint(["did_id"], ["dids.id"], name=op.f("fk_notices_did_id_dids")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("public_id", name=op.f("uq_notices_public_id")),
        sa.UniqueConstraint(
            "person_id", "kind", "about", "unread_key",
            name=op.f("uq_notices_person_id_kind_about_unread_key"),
        ),
    )  # fmt: skip
    op.create_index("ix_notices_person", "notices", ["reseller_id", "person_id", "at"])
    op.create_table(
        "notice_wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Boolean(), nullable=False)
            for name in (
                "mail_texts", "mail_faxes", "push_texts", "push_faxes", "push_shows_text",
                "only_mine",
            )
        ),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        *_of_a_person("notice_wishes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_wishes")),
        sa.UniqueConstraint("person_id", name=op.f("uq_notice_wishes_person_id")),
    )  # fmt: skip
    op.create_table(
        "push_subscriptions",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("endpoint_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_key", sa.String(length=100), nullable=False),
        sa.Column("browser_secret", sa.String(length=40), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_of_a_person("push_subscriptions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_push_subscriptions_public_id")),
        sa.UniqueConstraint("endpoint_hash", name=op.f("uq_push_subscriptions_endpoint_hash")),
    )
    op.create_index("ix_push_subscriptions_person", "push_subscriptions", ["person_id"])
    op.create_table(
        "push_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sealed_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_keys")),
    )


def downgrade() -> None:
    op.drop_table("push_keys")
    op.drop_index("ix_push_subscriptions_person", table_name="push_subscriptions")
    op.drop_index("ix_notices_person", table_name="notices")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _of_a_person(table: str) -> list[sa.schema.SchemaItem]:
    """Whose row it is: a person of a client of a reseller."""
    owners = (("person_id", "people", False), ("client_id", "clients", True))
    columns: list[sa.schema.SchemaItem] = [
        sa.Column(name, sa.Integer(), nullable=nullable) for name, _, nullable in owners
    ]
    return [
        *columns,
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_{other}")
            )
            for name, other in (
                ("person_id", "people"), ("client_id", "clients"), ("reseller_id", "resellers"),
            )
        ),
    ]  # fmt: skip
