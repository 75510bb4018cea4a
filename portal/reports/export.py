"""Everything the portal keeps of one client, as a ZIP of CSV and JSON files for them to take away.

Only what the client may see: prices and not costs, staff by name and not by address. Each chunk is a
reading of its own in the client's scope, so nobody else's row can be among them.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from portal import contacts, identity, ledger, messaging
from portal.calls import CallFilter, CallRow
from portal.contacts import ContactCard, ContactFilter
from portal.core import clock, storage
from portal.core import scope as scopes
from portal.core.cells import UTF8_MARK, Cell, written
from portal.core.db import finish_reading
from portal.core.money import plain
from portal.core.scope import Scope
from portal.messaging import PastMessage
from portal.reports.reading import CHUNK_ROWS, chunks
from portal.reports.values import Asked, Progress, Unwanted

_Rows = Iterator[Sequence[Cell]]

NOTE = """This is everything your telephone company's portal keeps about this account.
Times are in UTC. Each list is there twice: .csv for spreadsheets, .json for programs.
"""


def write_export(asked: Asked, progress: Progress) -> Path | None:
    """Write the ZIP; its draft, or None when nobody wants it any more."""
    assert asked.client_id is not None
    scope = Scope(scopes.reseller_id(), asked.client_id)
    with_money = asked.filters.get("money") == "1"
    path = storage.draft(ending="zip")
    try:
        with scopes.bind(scope), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
            whole.writestr("README.txt", NOTE)
            lists = _lists(asked.client_id, with_money=with_money)
            for at, (name, head, rows) in enumerate(lists):
                if not progress(at, len(lists)):
                    path.unlink(missing_ok=True)
                    return None
                _add(whole, name, head, lambda rows=rows: _while_wanted(rows(), progress))  # type: ignore[misc]
    except Unwanted:
        path.unlink(missing_ok=True)
        return None
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _lists(
    client_id: int, *, with_money: bool
) -> list[tuple[str, Sequence[str], Callable[[], _Rows]]]:
    """Name, heads and rows of each list; rows are read when their turn comes."""
    money = ["rate_per_minute", "price"] if with_money else []
    found: list[tuple[str, Sequence[str], Callable[[], _Rows]]] = [
        ("profile", ["field", "value"], lambda: _profile(client_id, with_money=with_money)),
        ("people", ["name", "email", "role", "language", "time_zone", "last_login", "disabled"],
         lambda: _people(client_id)),
        ("calls", ["at", "direction", "from", "to", "name", "line", "account", "result", "seconds",
                   "billed_seconds", *money], lambda: _calls(client_id, with_money=with_money)),
        ("messages", ["at", "direction", "kind", "own_number", "contact", "text", "state",
                      *money[1:]], lambda: _messages(client_id, with_money=with_money)),
        ("contacts", ["name", "company", "email", "language", "numbers", "groups", "note", "changed"],
         lambda: _contacts(client_id)),
        ("sessions", ["name", "since", "last_used", "address", "browser", "ended"],
         lambda: _sessions(client_id)),
        ("log", ["at", "who", "viewing_staff", "what", "facts"], lambda: _log(client_id)),
    ]  # fmt: skip
    if with_money:
        found.append(
            ("transactions", ["day", "reason", "description", "items", "seconds", "amount",
                              "balance"], lambda: _transactions(client_id))
        )  # fmt: skip
    return found


def _add(whole: zipfile.ZipFile, name: str, head: Sequence[str], rows: Callable[[], _Rows]) -> None:
    """The list twice, each row held in memory once; neither file is held whole."""
    with whole.open(f"{name}.csv", "w") as file:
        _put(file, UTF8_MARK + written([head]))
        for row in rows():
            _put(file, written([row]))
    with whole.open(f"{name}.json", "w") as file:
        before = "[\n"
        for row in rows():
            _put(file, before + json.dumps(dict(zip(head, row, strict=True)), ensure_ascii=False))
            before = ",\n"
        _put(file, "[]\n" if before == "[\n" else "\n]\n")


def _while_wanted(rows: _Rows, progress: Progress) -> _Rows:
    """The rows, while whoever asks is told that the work goes on."""
    for at, row in enumerate(rows, start=1):
        if at % CHUNK_ROWS == 0 and not progress.is_wanted():
            raise Unwanted
        yield row


def _put(file: IO[bytes], text: str) -> None:
    file.write(text.encode())


def _profile(client_id: int, *, with_money: bool) -> _Rows:
    client = identity.client_facts(client_id)
    finish_reading()
    details = client.details
    yield "account", client.number
    yield "status", client.status.value
    yield "since", _moment(client.created_at)
    for field in (
        "first_name", "last_name", "company", "email", "phone", "address", "city", "state", "zip",
        "country", "language", "time_zone",
    ):  # fmt: skip
        yield field, str(getattr(details, field))
    if with_money:
        threshold = details.low_balance_threshold
        yield "low_balance_threshold", "" if threshold is None else str(threshold)
        yield "low_balance_email", details.low_balance_email


def _people(client_id: int) -> _Rows:
    people = identity.team(client_id)
    finish_reading()
    for one in people:
        yield (
            one.name, one.email, one.access.role.value if one.access else "", one.language,
            one.time_zone, _moment(one.last_login_at), _moment(one.disabled_at),
        )  # fmt: skip


def _contacts(client_id: int) -> _Rows:
    last: ContactCard | None = None
    while rows := contacts.every(client_id, ContactFilter(), after=last):
        last = rows[-1]
        finish_reading()
        for one in rows:
            yield (
                one.name, one.company, one.email, one.language,
                ", ".join(number.number for number in one.numbers),
                ", ".join(one.groups.values()), one.note, _moment(one.updated_at),
            )  # fmt: skip


def _calls(client_id: int, *, with_money: bool) -> _Rows:
    now = clock.now()
    wanted = CallFilter(
        since=datetime(2000, 1, 1, tzinfo=UTC), until=now + timedelta(days=1),
        first_day=datetime(2000, 1, 1, tzinfo=UTC).date(), last_day=now.date(), client_id=client_id,
    )  # fmt: skip
    for rows in chunks(wanted):
        for row in rows:
            yield [*_call(row), *(_call_money(row) if with_money else ())]


def _call(row: CallRow) -> tuple[Cell, ...]:
    return (
        _moment(row.started_at), row.direction, row.caller_number, row.destination, row.caller_name,
        row.line or "", row.account, row.disposition, row.seconds, row.billed_seconds,
    )  # fmt: skip


def _call_money(row: CallRow) -> tuple[Cell, Cell]:
    return (
        "" if row.rate_e8 is None else plain(row.rate_e8, 8),
        "" if row.price is None else str(row.price),
    )


def _messages(client_id: int, *, with_money: bool) -> _Rows:
    last: PastMessage | None = None
    while True:
        rows = messaging.every(client_id, after_id=last.id if last else 0, rows=CHUNK_ROWS)
        finish_reading()
        for row in rows:
            yield [
                _moment(row.at), row.direction, row.kind, row.own_number, row.contact, row.text,
                row.state, *([str(row.price)] if with_money else ()),
            ]  # fmt: skip
        if not rows:
            return
        last = rows[-1]


def _transactions(client_id: int) -> _Rows:
    cursor: str | None = None
    while True:
        page = ledger.history(client_id, cursor=cursor, page_size=CHUNK_ROWS).page
        finish_reading()
        for line in page.rows:
            yield (
                line.day.isoformat(), line.reason.value, line.description, line.items, line.seconds,
                str(line.amount), str(line.balance),
            )  # fmt: skip
        cursor = page.older
        if cursor is None:
            return


def _sessions(client_id: int) -> _Rows:
    rows = identity.sessions_of_client(client_id)
    finish_reading()
    for name, one in rows:
        yield (
            name, _moment(one.created_at), _moment(one.last_seen_at), one.address, one.browser,
            _moment(one.expires_at),
        )  # fmt: skip


def _log(client_id: int) -> _Rows:
    cursor = ""
    while True:
        found = identity.events(client_id, cursor=cursor, rows=CHUNK_ROWS)
        finish_reading()
        for one in found.rows:
            yield (
                _moment(one.at), one.person_name, "yes" if one.acting else "", one.action,
                json.dumps(one.facts, ensure_ascii=False, sort_keys=True),
            )  # fmt: skip
        if not found.older:
            return
        cursor = found.older


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
