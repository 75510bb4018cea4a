"""The database: base classes, types, the tenant filter, and the one place that commits."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    Uuid,
    any_,
    event,
    false,
    func,
    literal,
    select,
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
    return _write(_insert(model, rows, passes_by=True), rows)


def insert_all(model: type[Base], rows: Sequence[Mapping[str, Any]], /) -> None:
    """Insert very many new rows at once, without learning their keys."""
    if rows:
        _refuse_foreign(model, rows)
        _write(_insert(model, rows), rows)


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
    _write(_insert(model, ordered, keys=tuple(keys), sums=tuple(sums)), ordered)


def among(column: Any, keys: Iterable[Any]) -> ColumnElement[bool]:
    """Is a column one of these numbers or words? They are one parameter, however many there are.

    Of a list each would be a parameter of its own, to be named, bound and planned every time.
    """
    if session().get_bind().dialect.name == "postgresql":
        return cast("ColumnElement[bool]", column == any_(literal(list(keys), ARRAY(column.type))))
    listed = func.json_each(json.dumps(list(keys))).table_valued("value")
    return cast("ColumnElement[bool]", column.in_(select(listed.c.value)))


def set_each(model: type[Base], column: str, values: Iterable[tuple[int, Any]], /) -> None:
    """Set one column of many rows, given as (key, value): a statement for each different value."""
    keys_of: dict[Any, list[int]] = {}
    for key, value in values:
        keys_of.setdefault(value, []).append(key)
    table: Any = model
    for value, keys in keys_of.items():
        session().execute(
            update(model).where(among(table.id, sorted(keys))).values({column: value}),
            execution_options={"synchronize_session": False},
        )


@dataclass(frozen=True)
class _Insert:
    """How to insert rows of these columns: adding ``sums`` to what has the same ``keys``, or passing it by."""

    table: Table
    columns: tuple[str, ...]
    passes_by: bool = False
    keys: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()

    def statement(self, dialect: Dialect) -> Any:
        """Of the table, not the class: the ORM's way to many rows costs three times as much."""
        is_postgresql = dialect.name == "postgresql"
        plain: Any = (postgresql.insert if is_postgresql else sqlite.insert)(self.table)
        if self.passes_by:
            return plain.on_conflict_do_nothing()
        if not self.keys:
            return plain
        changes = {name: self.table.c[name] + plain.excluded[name] for name in self.sums}
        return plain.on_conflict_do_update(index_elements=list(self.keys), set_=changes)


class _Ready(NamedTuple):
    """A statement in the driver's words, and what makes a row's values the driver's."""

    text: str
    order: tuple[str, ...] | None  # of the marks; None where marks have names
    processors: Mapping[str, Callable[[Any], Any]]


@lru_cache(maxsize=512)
def _ready(wanted: _Insert, dialect: Dialect) -> _Ready | None:
    """Compiled once for all rows ever; None where a column that is not named has a default of ours."""
    columns = list(wanted.columns)
    compiled: Any = wanted.statement(dialect).compile(
        dialect=dialect, column_keys=columns, for_executemany=True
    )
    if compiled.insert_prefetch:
        return None
    found = {
        name: wanted.table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        for name in columns
    }
    processors = {name: process for name, process in found.items() if process is not None}
    return _Ready(
        str(compiled), tuple(compiled.positiontup) if compiled.positional else None, processors
    )


def _write(wanted: _Insert, rows: Sequence[Mapping[str, Any]]) -> int:
    """Run an insert for each row, compiled once for all of them; how many rows it touched."""
    if any(row.keys() != rows[0].keys() for row in rows):
        raise ValueError("Rows that are written together name the same columns.")
    current = session()
    current.flush()  # what these rows may refer to
    connection = current.connection()
    # Without the option psycopg's answer is gone before it is read: -1, which looks like "new".
    options = {"preserve_rowcount": True}
    ready = _ready(wanted, connection.dialect)
    if ready is None:
        statement = wanted.statement(connection.dialect)
        values = [dict(row) for row in rows]
        return connection.execute(statement, values, execution_options=options).rowcount
    written = connection.exec_driver_sql(
        ready.text, _as_the_driver_takes_them(ready, rows), execution_options=options
    )
    return written.rowcount


def _as_the_driver_takes_them(ready: _Ready, rows: Sequence[Mapping[str, Any]]) -> Any:
    """Column by column: asking for each value how it is written costs more than writing it."""
    columns = {
        name: [row[name] for row in rows]
        if (process := ready.processors.get(name)) is None
        else [process(row[name]) for row in rows]
        for name in rows[0]
    }
    if ready.order is not None:
        return list(zip(*(columns[name] for name in ready.order), strict=True))
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _insert(model: type[Base], rows: Sequence[Mapping[str, Any]], **more: Any) -> _Insert:
    table = model.metadata.tables[str(model.__tablename__)]
    return _Insert(table, tuple(rows[0]), **more)


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


def bare_rows(statement: Select[*tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
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
