"""A brand has pictures, and its versions have names of their own and say who published them."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("theme_versions") as table:
        table.add_column(sa.Column("public_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("pictures", sa.JSON(), server_default="{}", nullable=False))
        table.add_column(
            sa.Column("published_by", sa.String(length=120), server_default="", nullable=False)
        )
    versions = sa.table(
        "theme_versions", sa.column("id", sa.Integer()), sa.column("public_id", sa.Uuid())
    )
    link = op.get_bind()
    for row_id in link.scalars(sa.select(versions.c.id)).all():
        link.execute(
            versions.update().where(versions.c.id == row_id).values(public_id=uuid.uuid4())
        )
    with op.batch_alter_table("theme_versions") as table:
        table.alter_column("public_id", existing_type=sa.Uuid(), nullable=False)
        table.alter_column("pictures", existing_type=sa.JSON(), server_default=None)
        table.alter_column("published_by", existing_type=sa.String(120), server_default=None)
        table.create_unique_constraint(op.f("uq_theme_versions_public_id"), ["public_id"])


def downgrade() -> None:
    with op.batch_alter_table("theme_versions") as table:
        table.drop_constraint(op.f("uq_theme_versions_public_id"), type_="unique")
        table.drop_column("published_by")
        table.drop_column("pictures")
        table.drop_column("public_id")
