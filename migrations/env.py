"""Alembic's way into our tables."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import create_engine, pool

import portal.factory  # noqa: F401 - imports every table
from portal.core.db import Base, MoneyType, UtcDateTime


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Migrations speak plain SQLAlchemy, so that later code cannot change old ones."""
    if kind == "type" and isinstance(item, MoneyType):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Run the migrations on the database named by portal.core.schema."""
    engine = create_engine(context.config.attributes["database_url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            render_as_batch=False,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
