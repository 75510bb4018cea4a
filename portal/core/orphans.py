"""Files that no row names: a process was killed between keeping one and writing its row down.

Every column that is long enough for a stored name is asked, so a new table need not be told of here.
What is most likely to name files is asked first; the others only about what is still suspected then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, cast, or_, select

from portal.core import storage
from portal.core.db import Base, finish_reading, session
from portal.core.scope import unscoped

_USUAL = frozenset({"pdf", "report", "picture", "view", "thumb", "attached", "bill"})
_SHORTEST, _LONGEST = 46, 300  # of columns that hold names, in characters
_NEVER = frozenset({"calls"})  # millions of rows from the carrier, and no file among them
_A_QUERY, _A_CHUNK = 200, 5_000
MOST_A_RUN = 2_000


def sweep(before: datetime) -> int:
    """Delete what was kept before then and is named nowhere; how many. Outside of a transaction."""
    suspects = storage.kept_before(before)
    if not suspects:
        return 0
    columns = list(_columns())
    with unscoped("files of every reseller lie in one folder"):
        for column in (one for one in columns if _is_usual(one)):
            suspects.difference_update(_names_in(column))
        few = sorted(suspects)[:MOST_A_RUN]
        named: set[str] = set()
        for column in (one for one in columns if not _is_usual(one)):
            for some in _some(few):
                named.update(_named(column, some))
                finish_reading()
    gone = [name for name in few if name not in named]
    for name in gone:
        storage.discard(name)
    return len(gone)


def _some(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Some at a time."""
    for first in range(0, len(names), _A_QUERY):
        yield names[first : first + _A_QUERY]


def _columns() -> Iterator[Any]:
    """Every mapped column that could hold a stored name."""
    for mapper in Base.registry.mappers:
        if str(mapper.local_table) in _NEVER:
            continue
        for attribute in mapper.column_attrs:
            kind: Any = attribute.columns[0].type
            is_word = isinstance(kind, String) and not isinstance(kind, Text)
            fits = is_word and _SHORTEST <= (kind.length or 0) <= _LONGEST
            if fits or isinstance(kind, JSON):
                yield getattr(mapper.class_, attribute.key)


def _is_usual(column: Any) -> bool:
    return not isinstance(column.type, JSON) and (
        column.key in _USUAL or column.key.endswith("_as")
    )


def _names_in(column: Any) -> Iterator[str]:
    """All names in a column, read in pieces by the row's id so that no reading is long."""
    row_id, last = column.class_.id, 0
    while True:
        rows = session().execute(
            select(row_id, column).where(row_id > last).order_by(row_id).limit(_A_CHUNK)
        )
        found = list(rows)
        finish_reading()
        yield from (name for _, name in found if name)
        if len(found) < _A_CHUNK:
            return
        last = found[-1][0]


def _named(column: Any, names: Sequence[str]) -> set[str]:
    if not isinstance(column.type, JSON):
        return set(session().scalars(select(column).where(column.in_(names))))
    words = cast(column, Text)
    hits = list(
        session().scalars(select(words).where(or_(*(words.contains(one) for one in names))))
    )
    return {name for name in names if any(name in words for words in hits)}
