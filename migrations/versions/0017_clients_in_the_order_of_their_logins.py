"""Clients in the order of their logins, by an index; who never logged in has the oldest moment."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_CLIENTS = sa.table("clients", sa.column("last_login_at", sa.DateTime(timezone=True)))
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    never = _CLIENTS.c.last_login_at.is_(None)
    op.execute(sa.update(_CLIENTS).where(never).values(last_login_at=_NEVER))
    op.create_index(
        "ix_clients_by_login", "clients", ["reseller_id", "last_login_at", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_clients_by_login", table_name="clients")
    never = _CLIENTS.c.last_login_at == _NEVER
    op.execute(sa.update(_CLIENTS).where(never).values(last_login_at=None))
