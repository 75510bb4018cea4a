"""A hundred invoices: issued, against bare rows in one transaction; laid out, against the bare engine."""

from __future__ import annotations

import json
import resource
from datetime import UTC, date, datetime, time
from time import process_time

from bench.rows import Row
from bench.stage import DATABASES, LONG_AGO, Servers, is_sqlite, raw_connection, staged
from portal import identity, invoices, ledger, reports
from portal.core import storage
from portal.core.db import session, transaction
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.identity import BalanceMode, ClientDetails
from portal.invoices import InvoiceSettings, Mode, PaperFilter, TaxDetails
from portal.ledger import Charge, Reason
from portal.reports.paper import Letterhead
from portal.reports.pdf import render

PAPERS = 100
_REASONS = (Reason.CALL, Reason.SMS, Reason.PACKAGE_FEE, Reason.DID_FEE, Reason.CHARGE)


def run(servers: Servers, *, quick: bool = False) -> list[Row]:
    """Issuing on each database, laying out once; by processor time, since the clock tells of other work too."""
    count = PAPERS // 5 if quick else PAPERS
    found: list[Row] = []
    for database in DATABASES:
        with (
            staged(servers, servers.url(database, "invoices")) as (_, reseller_id),
            bind(Scope(reseller_id)),
        ):
            clients, month = _fill(count)
            begun = process_time()
            for client_id in clients:
                with transaction():
                    invoices.issue_month(client_id, month)
            ours = (process_time() - begun) * 1_000 / count
            floor = _bare_rows(count) / count
            where = f"{count} invoices, {database}"
            found.append(
                Row(f"issued, {where}", floor, ours, ours / floor, "at most 40 ms", "CPU ms each")
            )
            if database == DATABASES[0]:
                found.append(_laid_out(count))
            session().rollback()
    return found


def _fill(count: int) -> tuple[list[int], date]:
    month = invoices.last_month()
    at = datetime.combine(month, time(12), UTC)
    clients = []
    with transaction():
        invoices.save_tax(TaxDetails("GST", 50_000))
        invoices.save_tax(TaxDetails("QST", 99_750))
        invoices.save_settings(InvoiceSettings(Mode.MONTHLY, since=month, inclusive=False))
        for number in range(count):
            details = ClientDetails("Ada", f"Number {number}", f"paper{number}@example.com")
            client = identity.add_client(details, since=LONG_AGO)
            ledger.open_wallet(client.id, mode=BalanceMode.SOFT)
            clients.append(client.id)
        ledger.charge_many(
            [
                Charge(
                    client_id, Money(13_800), reason, "bench", f"{client_id}-{reason}", "charge",
                    description="Office Standard", occurred_at=at, seconds=60,
                )
                for client_id in clients
                for reason in _REASONS
            ],
            posted_at=at,
        )  # fmt: skip
    return clients, month


def _bare_rows(count: int) -> float:
    """The papers' rows alone, one commit each, in milliseconds of this process's time."""
    mark = "?" if is_sqlite() else "%s"
    kept = json.dumps({"lines": ["x" * 60] * 40})
    with raw_connection() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE bare (number INTEGER PRIMARY KEY, content TEXT)")
        connection.commit()
        begun = process_time()
        for number in range(count):
            cursor.execute(f"INSERT INTO bare VALUES ({mark}, {mark})", (number, kept))
            connection.commit()
        return (process_time() - begun) * 1_000


def _laid_out(count: int) -> Row:
    """Each in a process of its own, two at a time, against the engine in this process."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    reports.preload()
    files = dict(Letterhead.own_files())

    class OnlyAssets(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: object = None) -> object:
            content, media = files[url.removeprefix("asset:")]
            return URLFetcherResponse(url, content, {"Content-Type": media})

    row = invoices.papers(PaperFilter()).rows[0]
    content = invoices.content_of(row.id)
    targets = [storage.draft(ending="pdf") for _ in range(count)]
    sheets = [reports.invoice_sheet(content, None, target) for target in targets]
    fetcher = OnlyAssets(allowed_protocols=())
    HTML(string=sheets[0].html, base_url="asset:", url_fetcher=fetcher).write_pdf()
    begun = process_time()
    for sheet in sheets[: count // 4]:
        HTML(string=sheet.html, base_url="asset:", url_fetcher=fetcher).write_pdf(
            pdf_variant="pdf/ua-1"
        )
    floor = (process_time() - begun) * 1_000 / (count // 4)
    begun = _of_children()
    for _ in render(sheets, files):
        pass
    ours = (_of_children() - begun) * 1_000 / count
    for target in targets:
        target.unlink()
    return Row(
        f"PDF of {count} invoices", floor, ours, ours / floor, "at most 150 ms", "CPU ms each"
    )


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
