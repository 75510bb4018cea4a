"""What a row of a report leads to on screen, its icon, and the tone of its state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import url_for

from portal import identity
from portal.calls import CallRow
from portal.fax import ReportRow
from portal.messaging import LoggedText
from portal.reports import ReportKind
from portal.reports.account_report import AccountLine
from portal.reports.margin import MarginKind, MarginLine
from portal.reports.number_report import NumberLine
from portal.web.postings import links

_TONES = {
    "answered": "ok", "no_answer": "warn", "busy": "warn", "failed": "bad", "sent": "ok",
    "delivered": "ok", "received": "ok", "unknown": "warn", "queued": "info", "sending": "info",
    "preparing": "info",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looks:
    """``links`` go by the key of a column."""

    symbol: str = ""
    tone: str = ""
    links: Mapping[str, str] = field(default_factory=dict)


def looks_of(kind: ReportKind, rows: list[Any], *, client: str = "") -> Callable[[Any], Looks]:
    """How each of these rows looks; one query for the clients they name. ``client``: whose report it is."""
    if kind in {ReportKind.SUB_ACCOUNTS, ReportKind.NUMBERS}:
        return _of_account if kind is ReportKind.SUB_ACCOUNTS else _of_number
    if kind is ReportKind.FINANCIAL:
        return lambda row: _of_month(row[0], client)
    if kind is ReportKind.MARGIN:
        return _of_loss
    owners = identity.clients_by_id({row.client_id for row in rows if row.client_id})
    urls = {
        client_id: url_for("reseller.client", public_id=one.public_id)
        for client_id, one in owners.items()
    }
    if kind is ReportKind.MESSAGES:
        texts = {client_id: one.public_id for client_id, one in owners.items()}
        return lambda row: _of_text(row, urls, texts)
    names = {client_id: one.public_id for client_id, one in owners.items()}
    if kind is ReportKind.FAXES:
        posted = links.of_faxes([row.public_id for row in rows])
        return lambda row: _of_fax(row, urls, names, posted)
    return lambda row: _of_call(row, urls, names)


def _of_call(row: CallRow, urls: Mapping[int, str], names: Mapping[int, Any]) -> Looks:
    owner = row.client_id or 0
    links = {"client": urls.get(owner, "")}
    if owner in names and row.price is not None:
        links["price"] = url_for("reseller.client_call", public_id=names[owner], call=row.public_id)
    symbol = "phone-incoming" if row.direction == "in" else "phone-outgoing"
    return Looks(symbol, _TONES.get(row.disposition, ""), links)


def _of_fax(
    row: ReportRow, urls: Mapping[int, str], names: Mapping[int, Any], posted: Mapping[str, Any]
) -> Looks:
    links = {"client": urls.get(row.client_id, "")}
    posting = posted.get(str(row.public_id))
    if row.client_id in names and posting is not None:
        links["price"] = url_for(
            "reseller.client_posting", public_id=names[row.client_id], posting=posting
        )
    symbol = "printer" if row.direction == "in" else "send"
    return Looks(symbol, _TONES.get(row.state, ""), links)


def _of_text(row: LoggedText, urls: Mapping[int, str], names: Mapping[int, Any]) -> Looks:
    links = {"client": urls.get(row.client_id, "")}
    if row.client_id in names:
        links["price"] = url_for(
            "reseller.client_text", public_id=names[row.client_id], text=row.public_id
        )
    symbol = "arrow-left" if row.direction == "in" else "arrow-right"
    return Looks(symbol, _TONES.get(row.state, ""), links)


def _of_month(month: date, client: str) -> Looks:
    """Of one client: everything that was posted in the month, each line of which opens."""
    if not client:
        return Looks()
    last = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    url = url_for(
        "reseller.client_transactions", public_id=client, first=month.isoformat(),
        last=last.isoformat(), reversed="1",
    )  # fmt: skip
    return Looks(links={"month": url})


def _of_loss(line: MarginLine) -> Looks:
    if line.package is not None:
        return Looks(links={"item": url_for("reseller.package", public_id=line.package)})
    if line.client is not None:
        return Looks(links={"item": url_for("reseller.client", public_id=line.client)})
    if line.kind in {MarginKind.UNSOLD, MarginKind.NUMBER}:
        return Looks(links={"item": url_for("reseller.report", report="numbers", q=line.item)})
    return Looks()


def _of_account(line: AccountLine) -> Looks:
    links = {}
    if line.client is not None:
        links["client"] = url_for("reseller.client_accounts", public_id=line.client.public_id)
    if line.account.package_public_id is not None:
        links["package"] = url_for("reseller.package", public_id=line.account.package_public_id)
    return Looks(links=links)


def _of_number(line: NumberLine) -> Looks:
    links = {}
    if line.client is not None:
        links["client"] = url_for("reseller.client_numbers", public_id=line.client.public_id)
    if line.account is not None and line.account.package_public_id is not None:
        links["package"] = url_for("reseller.package", public_id=line.account.package_public_id)
    return Looks(links=links)
