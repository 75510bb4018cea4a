"""The words of the reseller: one text per name and language; the welcome text moves among them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LONGEST_HEADING = 80


def upgrade() -> None:
    op.create_table(
        "wordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("delta", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_wordings_reseller_id_resellers")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["people.id"], name=op.f("fk_wordings_updated_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordings")),
        sa.UniqueConstraint(
            "reseller_id", "name", "language", name=op.f("uq_wordings_reseller_id_name_language")
        ),
    )
    op.create_table(
        "mail_switches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_mail_switches_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_switches")),
        sa.UniqueConstraint("reseller_id", "name", name=op.f("uq_mail_switches_reseller_id_name")),
    )
    op.create_table(
        "text_colours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("colours", sa.JSON(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_text_colours_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_colours")),
        sa.UniqueConstraint("reseller_id", name=op.f("uq_text_colours_reseller_id")),
    )
    _move_welcome_texts()
    with op.batch_alter_table("theme_versions") as batch:
        batch.drop_column("welcome")


def downgrade() -> None:
    with op.batch_alter_table("theme_versions") as batch:
        batch.add_column(
            sa.Column("welcome", sa.String(length=4000), nullable=False, server_default="")
        )
    with op.batch_alter_table("theme_versions") as batch:
        batch.alter_column("welcome", server_default=None)
    op.drop_table("text_colours")
    op.drop_table("mail_switches")
    op.drop_table("wordings")


def _move_welcome_texts() -> None:
    """The newest brand's plain words, in the reseller's language; a short first line is the title."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT t.reseller_id, r.language, t.welcome FROM theme_versions t "
            "JOIN resellers r ON r.id = t.reseller_id WHERE t.welcome <> '' AND t.version = "
            "(SELECT MAX(n.version) FROM theme_versions n WHERE n.reseller_id = t.reseller_id)"
        )
    ).all()
    for reseller_id, language, welcome in rows:
        title, *lines = [line.strip() for line in welcome.splitlines() if line.strip()]
        if not lines or len(title) > _LONGEST_HEADING:
            title, lines = "Welcome", [title, *lines]
        delta = {"ops": [{"insert": "".join(f"{line}\n" for line in lines)}]}
        connection.execute(
            sa.text(
                "INSERT INTO wordings (reseller_id, name, language, subject, delta, version, "
                "updated_at) VALUES (:reseller_id, 'welcome', :language, :title, :delta, 1, :at)"
            ),
            {
                "reseller_id": reseller_id,
                "language": language,
                "title": title,
                "delta": json.dumps(delta),
                "at": datetime.now(UTC),
            },
        )
