"""The database: base classes, types, the tenant filter, and the one place that commits."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    Insert,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    Uuid,
    event,
    false,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.sql import Executable, Select

from portal.core import scope as scopes
from portal.core import turnstile
from portal.core.money import Money
from portal.core.scope import Everything, NoScope, Only, Scope

# SQLite numbers only plain INTEGER primary keys by itself.
BigId = BigInteger().with_variant(Integer, "sqlite")

# From these on SQLite's WAL-reset race is mended (3.7.0 to 3.51.2 may lose a commit).
_WAL_MENDED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


class MoneyType(TypeDecorator[Money]):
    """Money as a whole number of micro-units."""

    impl = BigInteger
    cache_ok = True

    class comparator_factory(BigInteger.Comparator[int]):
        """Sums and differences of money are money."""

        def _adapt_expression(self, op: Any, other_comparator: Any) -> Any:
            return op, self.type

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        return None if value is None else value.micros

    def process_result_value(self, value: Any, dialect: Dialect) -> Money | None:
        return None if value is None else Money(int(value))


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment without a zone cannot be stored.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table. Constraint names follow one convention, so migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# Not as a class attribute: Flask-SQLAlchemy derives a class of its own, which SQLAlchemy would refuse.
Base.registry.update_type_annotation_map({Money: MoneyType, datetime: UtcDateTime, uuid.UUID: Uuid})


class ResellerOwned:
    """A row of one reseller. The session filters it and stamps it."""

    reseller_id: Mapped[int] = mapped_column(ForeignKey("resellers.id"), index=False)

    @classmethod
    def limited_to(cls, only: Only) -> ColumnElement[bool] | None:
        """Which rows somebody sees who is limited to some sub-accounts; None: as everybody."""
        return None


class ClientOwned(ResellerOwned):
    """A row of one client of one reseller; without a client it is the reseller's alone.

    Somebody limited to some sub-accounts of the client sees no row of it: a table that shows them
    some says so, by one of the classes below or by its own ``limited_to``.
    """

    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"), index=False)

    @classmethod
    def limited_to(cls, only: Only) -> ColumnElement[bool] | None:
        return false()


class SharedByTeam(ClientOwned):
    """A client's row that every person of the client may see, whatever they are limited to."""

    @classmethod
    def limited_to(cls, only: Only) -> ColumnElement[bool] | None:
        return None


class SubAccountOwned(ClientOwned):
    """A client's row of one sub-account, by its column ``sub_account_id``."""

    @classmethod
    def limited_to(cls, only: Only) -> ColumnElement[bool] | None:
        column: Any = cls.sub_account_id  # type: ignore[attr-defined]
        return cast("ColumnElement[bool]", column.in_(sorted(only.sub_accounts)))


class DidOwned(ClientOwned):
    """A client's row of one number, by its column ``did_id``."""

    @classmethod
    def limited_to(cls, only: Only) -> ColumnElement[bool] | None:
        column: Any = cls.did_id  # type: ignore[attr-defined]
        return cast("ColumnElement[bool]", column.in_(sorted(only.dids)))


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=True,
    # Rows stay readable after a commit: a refresh would open a transaction behind our back.
    session_options={"expire_on_commit": False},
)

_writing: ContextVar[bool] = ContextVar("writing", default=False)


def new_public_id() -> uuid.UUID:
    """A random name for a row, the only one that leaves the server."""
    return uuid.uuid4()


def session() -> Session:
    """The session of this request or job."""
    return cast(Session, db.session())


@contextmanager
def transaction() -> Iterator[Session]:
    """One action, written whole or not at all.

    Ends the read transaction that is open and starts a writing one (``BEGIN IMMEDIATE`` on SQLite,
    where a reader cannot become a writer safely). Does not nest: one place decides.
    """
    current = session()
    if _writing.get():
        raise RuntimeError("A transaction is already open; services never open their own.")
    current.rollback()
    # What an earlier transaction of this session read may be old by now; a write must not build on it.
    current.expire_all()
    token = _writing.set(True)
    try:
        current.connection()
        yield current
        current.commit()
    except BaseException:
        current.rollback()
        raise
    finally:
        _writing.reset(token)


def finish_reading() -> None:
    """End the read transaction but keep the rows: rendering must not hold the database."""
    if not _writing.get():
        current = session()
        if current.new or current.dirty or current.deleted:
            raise RuntimeError("Rows were changed outside a transaction.")
        current.commit()


def read_one_moment() -> None:
    """Let the reading that begins now see one moment, also over several questions; SQLite's always does.

    Until ``finish_reading``.
    """
    current = session()
    finish_reading()
    if current.get_bind().dialect.name == "postgresql":
        current.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def give_up() -> None:
    """Undo whatever is open, for the place that answers for an error."""
    session().rollback()


def let_go() -> None:
    """End this job's or round's session; the next use starts a new one."""
    db.session.remove()


def in_transaction() -> bool:
    """Is a writing transaction open? The outgoing HTTP door refuses to work inside one."""
    return _writing.get()


def only_one(statement: Executable) -> bool:
    """Run a conditional UPDATE; True when it touched exactly the one row it was meant for."""
    result = cast(
        "CursorResult[Any]",
        session().execute(statement, execution_options={"synchronize_session": False}),
    )
    if result.rowcount > 1:
        raise RuntimeError("A claim touched more than one row.")
    return result.rowcount == 1


def insert_once(model: type[Base], values: Mapping[str, Any], /) -> bool:
    """Insert a row unless one of its unique keys is taken; True when it is new."""
    return bool(insert_new(model, [values]))


def insert_new(model: type[Base], rows: Sequence[Mapping[str, Any]], /) -> int:
    """Insert the rows whose unique keys are free; the number that was new."""
    if not rows:
        return 0
    _refuse_foreign(model, rows)
    return _write(_on_conflict_do_nothing(_insert(model)), rows)


def insert_all(model: type[Base], rows: Sequence[Mapping[str, Any]], /) -> None:
    """Insert very many new rows at once, without learning their keys."""
    if rows:
        _refuse_foreign(model, rows)
        _write(_insert(model), rows)


def add_up(
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str],
    sums: Sequence[str],
) -> None:
    """Insert counters or add to those that are there, in key order so that writers never deadlock."""
    if not rows:
        return
    _refuse_foreign(model, rows)
    ordered = sorted(rows, key=lambda row: tuple(row[key] for key in keys))
    statement = _insert(model)
    table = _table_of(model)
    changes = {name: table.c[name] + statement.excluded[name] for name in sums}
    upsert = statement.on_conflict_do_update(index_elements=list(keys), set_=changes)
    _write(upsert, ordered)


def set_each(
    model: type[Base], column: str, values: Iterable[tuple[int, Any]], /, *, at_once: int = 500
) -> None:
    """Set one column of many rows, given as (key, value): a statement for each different value."""
    keys_of: dict[Any, list[int]] = {}
    for key, value in values:
        keys_of.setdefault(value, []).append(key)
    table: Any = model
    for value, keys in keys_of.items():
        for first in range(0, len(keys), at_once):
            session().execute(
                update(model)
                .where(table.id.in_(sorted(keys[first : first + at_once])))
                .values({column: value}),
                execution_options={"synchronize_session": False},
            )


def _write(statement: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """Run an insert for each row, compiled once for all of them; how many rows it touched."""
    if any(row.keys() != rows[0].keys() for row in rows):
        raise ValueError("Rows that are written together name the same columns.")
    current = session()
    current.flush()  # what these rows may refer to
    # Without the option psycopg's answer is gone before it is read: -1, which looks like "new".
    options = {"preserve_rowcount": True}
    written = current.connection().execute(
        statement, [dict(row) for row in rows], execution_options=options
    )
    return written.rowcount


def _insert(model: type[Base]) -> Any:
    """Of the table, not the class: the ORM's way to many rows costs three times as much."""
    table = _table_of(model)
    dialect = session().get_bind().dialect.name
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _table_of(model: type[Base]) -> Table:
    return model.metadata.tables[str(model.__tablename__)]


def _on_conflict_do_nothing(statement: Any) -> Insert:
    return cast(Insert, statement.on_conflict_do_nothing())


def _is_a_clients(model: type) -> bool:
    return issubclass(model, ClientOwned)


def _refuse_foreign(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """The tenant rule for statements that bypass the unit of work."""
    if not issubclass(model, ResellerOwned):
        return
    bound = scopes.current()
    if isinstance(bound, Everything):
        return
    for row in rows:
        if row.get("reseller_id") != bound.reseller_id:
            raise NoScope(f"A row of {model.__name__} belongs to another reseller.")
        if (
            bound.client_id is not None
            and _is_a_clients(model)
            and row.get("client_id") != bound.client_id
        ):
            raise NoScope(f"A row of {model.__name__} belongs to another client.")
        _refuse_beyond(model, row.get, bound)


def _refuse_beyond(model: type, value_of: Callable[[str], Any], bound: Scope) -> None:
    """Somebody limited to some sub-accounts writes nothing about the others."""
    if bound.only is None:
        return
    for base, column, theirs in (
        (SubAccountOwned, "sub_account_id", bound.only.sub_accounts),
        (DidOwned, "did_id", bound.only.dids),
    ):
        if issubclass(model, base) and value_of(column) not in theirs:
            raise NoScope(f"A row of {model.__name__} belongs to another sub-account.")


@event.listens_for(Session, "do_orm_execute")
def _filter_by_scope(state: ORMExecuteState) -> None:
    bound = scopes.bound()
    if state.is_insert and bound is None:
        _refuse_without_scope(state)
    if state.is_insert or state.is_column_load:
        return
    if isinstance(bound, Everything):
        return
    if bound is None:
        _refuse_without_scope(state)
        state.statement = state.statement.options(
            with_loader_criteria(ResellerOwned, lambda cls: false(), include_aliases=True)
        )
        return
    state.statement = state.statement.options(*_criteria(bound))


def bare_rows(statement: Select[Any]) -> Sequence[tuple[Any, ...]]:
    """Rows of tenants' tables as the driver gives them, for long readings: no type of ours, nothing done for each.

    They are of the bound reseller (and client, and what a limited person sees), as always.
    """
    bound = scopes.bound()
    if not isinstance(bound, Scope):
        raise NoScope("A tenant's table was touched while no reseller was bound.")
    with session().connection().execute(statement.options(*_criteria(bound))) as result:
        assert result.cursor is not None
        return result.cursor.fetchall()


def _criteria(bound: Scope) -> Iterator[Any]:
    reseller_id, client_id = bound.reseller_id, bound.client_id
    yield with_loader_criteria(
        ResellerOwned, lambda cls: cls.reseller_id == reseller_id, include_aliases=True
    )
    if client_id is not None:
        yield with_loader_criteria(
            ClientOwned, lambda cls: cls.client_id == client_id, include_aliases=True
        )
    if bound.only is not None:
        yield from _limits(bound.only)


def _limits(only: Only) -> Iterator[Any]:
    """One condition for each table that shows a limited person less than everything."""
    for mapper in Base.registry.mappers:
        if issubclass(mapper.class_, ResellerOwned):
            criterion = mapper.class_.limited_to(only)
            if criterion is not None:
                yield with_loader_criteria(mapper.class_, criterion, include_aliases=True)


def _refuse_without_scope(state: ORMExecuteState) -> None:
    mappers = state.all_mappers
    if not mappers or any(issubclass(m.class_, ResellerOwned) for m in mappers):
        raise NoScope("A tenant's table was touched while no reseller was bound.")


@event.listens_for(Session, "before_flush")
def _stamp_and_refuse_foreign_rows(current: Session, *_: object) -> None:
    bound = scopes.bound()
    for row in (*current.new, *current.dirty, *current.deleted):
        if not isinstance(row, ResellerOwned) or isinstance(bound, Everything):
            continue
        if bound is None:
            raise NoScope(f"{type(row).__name__} was written while no reseller was bound.")
        _stamp(row, bound)


def _stamp(row: ResellerOwned, bound: Scope) -> None:
    if getattr(row, "reseller_id", None) is None:
        row.reseller_id = bound.reseller_id
    if row.reseller_id != bound.reseller_id:
        raise NoScope(f"{type(row).__name__} belongs to another reseller.")
    if bound.client_id is None or not isinstance(row, ClientOwned):
        return
    if row.client_id is None:
        row.client_id = bound.client_id
    if row.client_id != bound.client_id:
        raise NoScope(f"{type(row).__name__} belongs to another client.")
    _refuse_beyond(type(row), lambda column: getattr(row, column), bound)


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Is this SQLite free of the WAL-reset race? Older libraries keep the rollback journal."""
    newest, *backports = _WAL_MENDED
    return version >= newest or any(
        version[:2] == mended[:2] and version >= mended for mended in backports
    )


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute(f"PRAGMA journal_mode = {'WAL' if wal_is_safe() else 'DELETE'}")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if not _writing.get():
        connection.exec_driver_sql("BEGIN")
        return
    with turnstile.entered(connection.engine.url.database):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
