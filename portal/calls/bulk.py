"""Many rows at once: COPY on PostgreSQL, executemany on SQLite. The one place beside the ORM.

The unit of work does not see these rows, so the tenant is checked here, for each of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from portal.core import scope
from portal.core.db import Base, ResellerOwned, session
from portal.core.scope import NoScope


class LostRace(RuntimeError):
    """Somebody else wrote some of these rows meanwhile; the transaction must be done again."""


def insert(model: type[Base], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of plain values (``plain_moment`` and ``public_ids`` make the special ones).

    Raises LostRace when a unique key of one of them is taken, NoScope when one is another tenant's.
    """
    if not rows:
        return
    assert issubclass(model, ResellerOwned)
    owner = columns.index("reseller_id")
    own_id = scope.reseller_id()
    if any(row[owner] != own_id for row in rows):
        raise NoScope(f"A row of {model.__name__} belongs to another reseller.")
    connection = session().connection()
    name = str(model.__tablename__)
    if connection.dialect.name == "postgresql":
        _copy(connection, name, columns, rows)
    else:
        _execute_many(connection, name, columns, rows)


def rewrite(
    model: type[Base], columns: Sequence[str], keys: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Set columns of rows; each gives the values of the columns, then of the keys it is found by.

    Raises LostRace when one of them is not there as its keys say, or is another tenant's.
    """
    if not rows:
        return
    assert issubclass(model, ResellerOwned)
    mark = "?" if on_sqlite() else "%s"
    own = f"reseller_id = {scope.reseller_id()}"
    values = ",".join(f"{name} = {mark}" for name in columns)
    found = " AND ".join([*(f"{name} = {mark}" for name in keys), own])
    cursor = session().connection().connection.cursor()
    try:
        cursor.executemany(f"UPDATE {model.__tablename__} SET {values} WHERE {found}", rows)
        if cursor.rowcount != len(rows):
            raise LostRace(f"{len(rows) - cursor.rowcount} rows of {model.__tablename__} changed.")
    finally:
        cursor.close()


def public_ids(count: int) -> Iterator[str]:
    """Random UUIDs (version 4) as hexadecimal text, quicker than one by one."""
    noise = os.urandom(16 * count).hex()
    for start in range(0, 32 * count, 32):
        digits = noise[start : start + 32]
        yield f"{digits[:12]}4{digits[13:16]}a{digits[17:]}"


def plain_moment(at: datetime, *, sqlite: bool) -> datetime | str:
    """A moment as the driver stores it, the same way the ORM would."""
    if not sqlite:
        return at
    moment = at if at.tzinfo is UTC else at.astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def moment(plain: datetime | str) -> datetime:
    """A moment that ``bare_rows`` gave."""
    if isinstance(plain, str):
        return datetime.fromisoformat(plain).replace(tzinfo=UTC)
    return plain.astimezone(UTC)


def on_sqlite() -> bool:
    """Which of the two is it?"""
    return session().get_bind().dialect.name == "sqlite"


def _execute_many(
    connection: Connection, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    # The writing transaction is exclusive: what was looked up before is still true.
    marks = ",".join("?" * len(columns))
    connection.exec_driver_sql(
        f"INSERT INTO {name} ({','.join(columns)}) VALUES ({marks})", list(rows)
    )


def _copy(
    connection: Connection, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    listed = ",".join(columns)
    staging = f"new_{name}"
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging} ON COMMIT DELETE ROWS "
        f"AS SELECT {listed} FROM {name} WITH NO DATA"
    )
    connection.exec_driver_sql(f"TRUNCATE {staging}")
    cursor = connection.connection.cursor()
    try:
        with cursor.copy(f"COPY {staging} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO {name} ({listed}) SELECT {listed} FROM {staging} ON CONFLICT DO NOTHING"
        )
        if cursor.rowcount != len(rows):
            raise LostRace(f"{len(rows) - cursor.rowcount} rows of {name} were there already.")
    finally:
        cursor.close()
