"""How a reseller writes papers, and which clients get something else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from portal import identity
from portal.core import clock, scope
from portal.core.db import insert_once, session
from portal.core.errors import InvalidInput
from portal.core.period import local_day
from portal.identity import Visitor, one_line
from portal.invoices.models import InvoiceChoice, InvoiceSetting
from portal.invoices.values import InvoiceSettings, Mode, Wish

LONGEST_FOOTER = 500
_PREFIX = re.compile(r"[A-Za-z0-9/._-]{0,12}")


def today() -> date:
    """The reseller's day."""
    return local_day(clock.now(), ZoneInfo(identity.own_reseller().time_zone))


def settings() -> InvoiceSettings:
    """The bound reseller's; nothing is issued before they are saved."""
    row = session().scalar(select(InvoiceSetting))
    if row is None:
        return InvoiceSettings()
    return InvoiceSettings(
        Mode(row.mode),
        row.since,
        row.inclusive,
        row.invoice_prefix,
        row.receipt_prefix,
        row.credit_prefix,
        row.footer,
    )


def save_settings(wanted: InvoiceSettings, *, by: Visitor | None = None) -> None:
    """Save them; a new mode holds from this month on (receipts: from today on)."""
    before = settings()
    prefixes = {
        "invoice_prefix": wanted.invoice_prefix.strip(),
        "receipt_prefix": wanted.receipt_prefix.strip(),
        "credit_prefix": wanted.credit_prefix.strip(),
    }
    for field, prefix in prefixes.items():
        if not _PREFIX.fullmatch(prefix):
            raise InvalidInput("Use at most 12 letters, digits, and - _ . /", field=field)
    if len(set(prefixes.values())) < len(prefixes):
        raise InvalidInput("Give each kind of paper a beginning of its own.", field="credit_prefix")
    footer = "\n".join(filter(None, map(one_line, wanted.footer.splitlines())))
    if len(footer) > LONGEST_FOOTER:
        raise InvalidInput("This is too long.", field="footer")
    since = before.since if wanted.mode is before.mode else wanted.since or _begins(wanted.mode)
    values = {
        "mode": wanted.mode.value,
        "since": since,
        "inclusive": wanted.inclusive,
        "footer": footer,
        **prefixes,
    }
    row = {"reseller_id": scope.reseller_id(), **values}
    if not insert_once(InvoiceSetting, row):
        session().execute(
            update(InvoiceSetting).values(**values).execution_options(synchronize_session=False)
        )
    facts: dict[str, Any] = {"inclusive": wanted.inclusive, **prefixes}
    identity.record("invoices.settings", by=by, mode=wanted.mode.value, **facts)


def choice_of(client_id: int) -> Mode | None:
    """What this client gets instead of the reseller's usual; None when nothing else."""
    found = session().scalar(select(InvoiceChoice.mode).where(InvoiceChoice.client_id == client_id))
    return None if found is None else Mode(found)


def save_choice(
    client_id: int, mode: Mode | None, *, since: date | None = None, by: Visitor | None = None
) -> None:
    """Let a client have something else than the others, or (None) the same."""
    if mode is None:
        session().execute(delete(InvoiceChoice).where(InvoiceChoice.client_id == client_id))
    elif mode != choice_of(client_id):
        begins = since or _begins(mode)
        row = {
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "mode": mode.value,
            "since": begins,
        }
        if not insert_once(InvoiceChoice, row):
            session().execute(
                update(InvoiceChoice)
                .where(InvoiceChoice.client_id == client_id)
                .values(mode=mode.value, since=begins)
                .execution_options(synchronize_session=False)
            )
    identity.record("invoices.choice", by=by, client_id=client_id, mode=mode or "as_usual")


def wish_of(client_id: int) -> Wish:
    """What this client gets, and since when."""
    row = session().execute(
        select(InvoiceChoice.mode, InvoiceChoice.since).where(InvoiceChoice.client_id == client_id)
    ).one_or_none()  # fmt: skip
    if row is not None:
        return Wish(Mode(row.mode), row.since, own=True)
    usual = settings()
    return Wish(usual.mode, usual.since, own=False)


def wishes(client_ids: Iterable[int]) -> dict[int, Wish]:
    """The same of many: two queries."""
    usual = settings()
    rows = session().execute(
        select(InvoiceChoice.client_id, InvoiceChoice.mode, InvoiceChoice.since)
    )
    own = {row.client_id: Wish(Mode(row.mode), row.since, own=True) for row in rows}
    return {one: own.get(one, Wish(usual.mode, usual.since, own=False)) for one in client_ids}


def with_receipts() -> list[int]:
    """The clients who get a receipt for each payment."""
    every = wishes(identity.open_client_ids())
    return [client_id for client_id, wish in every.items() if wish.mode is Mode.RECEIPT]


def is_anybody_in(mode: Mode) -> bool:
    """Does any client of the bound reseller get this?"""
    own = select(InvoiceChoice.id).where(InvoiceChoice.mode == mode.value).limit(1)
    return settings().mode is mode or session().scalar(own) is not None


def _begins(mode: Mode) -> date:
    return today().replace(day=1) if mode is Mode.MONTHLY else today()
